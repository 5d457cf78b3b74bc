//! The Network Service Header (RFC 8300).

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Network Service Header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("nsh", "Network Service Header", Class::Network, "RFC 8300, section 2"),
    fields: FIELDS,
    under: &[Under::EtherType(0x894f)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 8300, section 2";
    VERSION: Number "nsh.version" "Version";
    OAM: Number "nsh.Obit" "OAM bit";
    TTL: Hex(4) "nsh.ttl" "Time to live";
    LENGTH: Number "nsh.length" "Length";
    METADATA_TYPE: Number "nsh.mdtype" "Metadata type";
    NEXT: Number "nsh.nextproto" "Next protocol";
    PATH: Number "nsh.spi" "Service path identifier";
    INDEX: Number "nsh.si" "Service index";
    CONTEXT: Bytes "husk.nsh.context" "Context headers";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    const FIXED: usize = 8;
    let base = c.octets(2)?;
    c.bits(&VERSION, base, 14, 3);
    c.bits(&OAM, base, 13, 1);
    c.bits(&TTL, base, 6, 0x3f);
    let words = base & 0x3f;
    c.part(&LENGTH, Value::Number(words));
    c.u8(&METADATA_TYPE)?;
    let next = c.u8(&NEXT)?;
    c.u24(&PATH)?;
    c.u8(&INDEX)?;
    match (words as usize).saturating_mul(4).checked_sub(FIXED) {
        Some(0) => {}
        Some(context) => drop(c.bytes(&CONTEXT, context)?),
        None => return Err(c.malformed("the length is shorter than the header")),
    }
    Ok(match next {
        1 => Next::EtherType(0x0800),
        2 => Next::EtherType(0x86dd),
        3 => Next::EtherType(0x6558),
        4 => Next::Protocol(&PROTOCOL),
        5 => Next::EtherType(0x8847),
        _ => Next::End,
    })
}
