//! Arista's vendor-specific EtherType: a timestamp between the addresses and the type.

use super::ethernet::type_or_length;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Arista vendor-specific protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("avsp", "Arista Vendor Specific Protocol", Class::Link, "Arista timestamp header"),
    fields: FIELDS,
    under: &[Under::EtherType(0xd28b)],
    read: Read::Header(read),
};

fields! { class Link, "Arista timestamp header";
    SUBTYPE: Number "avsp.sub_type" "Subtype";
    VERSION: Hex(4) "avsp.ver" "Version";
    SECONDS_64: Number "avsp.64sec" "Seconds";
    NANOSECONDS_64: Number "avsp.64ns" "Nanoseconds";
    SECONDS_48: Number "avsp.48sec" "Seconds (low 16 bits)";
    NANOSECONDS_48: Number "avsp.48ns" "Nanoseconds";
    TYPE: Hex(4) "avsp.etype" "Type";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    const TIMESTAMP: u16 = 1;
    let subtype = c.u16(&SUBTYPE)?;
    let version = c.u16(&VERSION)?;
    // The version's second byte: 0x10 a timestamp of 64 bits, 0x20 of 48.
    match (subtype, version & 0xff) {
        (TIMESTAMP, 0x10) => {
            c.u32(&SECONDS_64)?;
            c.u32(&NANOSECONDS_64)?;
        }
        (TIMESTAMP, 0x20) => {
            c.u16(&SECONDS_48)?;
            c.u32(&NANOSECONDS_48)?;
        }
        _ => return Ok(Next::End),
    }
    let number = c.u16(&TYPE)?;
    Ok(type_or_length(c, number))
}
