//! BSD loopback: four bytes that name an address family, in the byte order of whoever captured.
//!
//! LINKTYPE_NULL is in the order of the capturing host, which nothing tells; LINKTYPE_LOOP (OpenBSD) is
//! big-endian, but is written in the other order by some. Families are small, so the order shows.

use super::{Next, Outline, Protocol, Read, Under, ethernet, heading, named};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Null/Loopback.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("null", "Null/Loopback", Class::Link, "LINKTYPE_NULL"),
    fields: FIELDS,
    under: &[Under::Link(0), Under::Link(108)],
    read: Read::Header(read),
};

fields! { class Link, "LINKTYPE_NULL";
    FAMILY: Number "null.family" "Family";
    TYPE: Hex(4) "null.type" "Type";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    // Where PPP was captured on such an interface, its framing is all there is.
    if c.ahead(0, 2) == Some(0xff03) {
        return Ok(Next::Link(50));
    }
    let number = ordered((c.octets(4)? as u32).swap_bytes());
    if number > ethernet::LARGEST_LENGTH.into() {
        c.part(&TYPE, Value::Number(u64::from(number & 0xffff)));
        return Ok(Next::EtherType(number as u16));
    }
    c.part(&FAMILY, Value::Number(number.into()));
    Ok(match number {
        2 => Next::EtherType(0x0800),
        // Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS.
        10 | 23 | 24 | 28 | 30 if c.ahead(0, 1).is_some_and(|first| first >> 4 == 6) => Next::EtherType(0x86dd),
        24 | 28 | 30 => Next::EtherType(0x86dd),
        7 => Next::Protocol(&named::OSI),
        23 => Next::Protocol(&named::IPX),
        _ => Next::End,
    })
}

/// The number in the order in which it is small. Some systems (IRIX, UNICOS) write two bytes and leave the other two.
fn ordered(little: u32) -> u32 {
    const HIGHEST: u32 = 0x600;
    match little {
        0x1_0000.. if little >> 16 < HIGHEST >> 8 => little >> 16,
        0x1_0000.. => little.swap_bytes(),
        1..HIGHEST if little.trailing_zeros() >= 8 => little >> 8,
        _ => little,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_shows_where_the_family_is_small() {
        for (bytes, number) in [
            ([2, 0, 0, 0], 2),
            ([0, 0, 0, 2], 2),
            ([0, 0, 0, 30], 30),
            ([24, 0, 0, 0], 24),
            ([0, 2, 0, 0], 2),       // IRIX, big-endian
            ([0, 0, 2, 0], 2),       // and little-endian
            ([0, 0, 0x08, 0], 0x0800), // an Ethernet type
            ([0, 0x08, 0, 0], 0x0800),
        ] {
            assert_eq!(ordered(u32::from_le_bytes(bytes)), number, "{bytes:?}");
        }
    }
}
