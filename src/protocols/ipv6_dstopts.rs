//! The destination options header of IPv6 (RFC 8200, section 4.6).

use super::words::ip_number_name;
use super::{Next, Outline, Protocol, Read, Under, heading, ipv6_hopopts};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The destination options header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ipv6.dstopts", "Destination Options for IPv6", Class::Network, "RFC 8200, section 4.6"),
    fields: FIELDS,
    under: &[Under::Ip(60)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 8200, section 4.6";
    NEXT_HEADER: Number "ipv6.dstopts.nxt" "Next Header", names ip_number_name;
    LENGTH: Number "ipv6.dstopts.len" "Length";
    OCTETS: Number "ipv6.dstopts.len_oct" "Length (octets)";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    ipv6_hopopts::options(c, outline, [&NEXT_HEADER, &LENGTH, &OCTETS])
}
