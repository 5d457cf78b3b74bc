//! The fragment header of IPv6 (RFC 8200, section 4.5). Datagrams are put together by the flow layer.

use super::words::ip_number_name;
use super::{Fragment, Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The fragment header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ipv6.fraghdr", "Fragment Header for IPv6", Class::Network, "RFC 8200, section 4.5"),
    fields: FIELDS,
    under: &[Under::Ip(44)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 8200, section 4.5";
    NEXT_HEADER: Number "ipv6.fraghdr.nxt" "Next header", names ip_number_name;
    RESERVED: Hex(2) "ipv6.fraghdr.reserved_octet" "Reserved octet";
    OFFSET: Number "ipv6.fraghdr.offset" "Offset (8 octets)";
    RESERVED_BITS: Number "ipv6.fraghdr.reserved_bits" "Reserved bits";
    MORE: Flag "ipv6.fraghdr.more" "More Fragments";
    ID: Hex(8) "ipv6.fraghdr.ident" "Identification";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let next = c.u8(&NEXT_HEADER)?;
    outline.carries(next);
    c.u8(&RESERVED)?;
    let word = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    let (offset, more) = (u32::from(word & 0xfff8), word & 1 == 1);
    c.bits(&OFFSET, word, 3, 0x1fff);
    c.bits(&RESERVED_BITS, word, 1, 3);
    c.bits(&MORE, word, 0, 1);
    let id = c.u32(&ID)?;
    // An atomic fragment is a whole datagram (RFC 6946).
    if offset == 0 && !more {
        return Ok(Next::Ip(next));
    }
    // A fragment that was cut when captured never makes a whole datagram: the first one is read as far as it goes.
    if outline.missing > 0 || c.is_empty() {
        return Ok(if offset == 0 { Next::Ip(next) } else { Next::End });
    }
    outline.fragment = Some(Fragment { id, offset, more, next });
    Ok(Next::Fragment)
}
