//! The hop-by-hop options header of IPv6 (RFC 8200, section 4.3).

use super::words::ip_number_name;
use super::{Next, Outline, Protocol, Read, Under, heading, ipv6};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The hop-by-hop options header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ipv6.hopopts", "IPv6 Hop-by-Hop Option", Class::Network, "RFC 8200, section 4.3"),
    fields: FIELDS,
    under: &[Under::Ip(0)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 8200, section 4.3";
    NEXT_HEADER: Number "ipv6.hopopts.nxt" "Next Header", names ip_number_name;
    LENGTH: Number "ipv6.hopopts.len" "Length";
    OCTETS: Number "ipv6.hopopts.len_oct" "Length (octets)";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    options(c, outline, [&NEXT_HEADER, &LENGTH, &OCTETS])
}

/// Reads a header that consists of options: both kinds are built alike.
pub(super) fn options(
    c: &mut Cursor<'_>,
    outline: &mut Outline,
    [next, length, octets]: [&'static Field; 3],
) -> Result<Next, Stop> {
    let number = c.u8(next)?;
    outline.carries(number);
    let rest = extension_rest(c, length, octets)?;
    c.inside(rest, ipv6::options::read)?;
    Ok(Next::Ip(number))
}

/// Reads an extension header's length, in units of 8 octets without the first 8; returns how many bytes follow it.
pub(super) fn extension_rest(
    c: &mut Cursor<'_>,
    length: &'static Field,
    octets: &'static Field,
) -> Result<usize, Stop> {
    let units = usize::from(c.u8(length)?);
    let total = units.saturating_add(1).saturating_mul(8);
    c.part(octets, Value::Number(total as u64));
    Ok(total.saturating_sub(2))
}
