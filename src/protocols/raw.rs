//! Raw IP: packets with no link header at all.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};

/// Raw IP. 101 is the number in files; 12 and 14 are what systems called it before, 106 is classical IP over ATM.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("raw", "Raw packet data", Class::Link, "LINKTYPE_RAW"),
    fields: &[],
    under: &[Under::Link(101), Under::Link(12), Under::Link(14), Under::Link(106)],
    read: Read::Header(read),
};

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    // Old PPP drivers of Linux left their framing in front.
    if c.ahead(0, 2) == Some(0xff03) {
        return Ok(Next::Link(50));
    }
    let first = c.ahead(0, 1).ok_or_else(|| c.short(1, None))?;
    Ok(match first >> 4 {
        4 => Next::EtherType(0x0800),
        6 => Next::EtherType(0x86dd),
        _ => Next::End,
    })
}
