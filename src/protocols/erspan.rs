//! Frames that a Cisco switch mirrors to somewhere else (draft-foschiano-erspan).

use super::{Next, Outline, Protocol, Read, ethernet, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Encapsulated Remote Switch Packet ANalysis.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("erspan", "Encapsulated Remote Switch Packet ANalysis", Class::Network, "draft-foschiano-erspan-03, section 4"),
    fields: FIELDS,
    under: &[],
    read: Read::Header(read),
};

fields! { class Network, "draft-foschiano-erspan-03, section 4";
    VERSION: Number "erspan.version" "Version";
    VLAN: Number "erspan.vlan" "Vlan";
    COS: Number "erspan.cos" "COS";
    ENCAPSULATION: Number "erspan.encap" "Encap";
    BSO: Number "erspan.bso" "Bad/Short/Oversized";
    TRUNCATED: Number "erspan.truncated" "Truncated";
    SESSION: Number "erspan.spanid" "SpanID";
    RESERVED: Number "erspan.reserved" "Reserved";
    INDEX: Number "erspan.index" "Index";
    TIMESTAMP: Number "erspan.timestamp" "Timestamp";
    GROUP: Number "erspan.sgt" "Security Group Tag";
    PDU: Number "erspan.p" "Has Ethernet PDU";
    FRAME_TYPE: Number "erspan.ft" "Frame Type";
    HARDWARE: Number "erspan.hw" "Hardware ID";
    GRANULARITY: Number "erspan.gra" "Timestamp granularity";
    DIRECTION: Flag "erspan.direction" "Direction";
    OPTIONAL: Number "erspan.o" "Optional Sub headers";
    PLATFORM: Bytes "husk.erspan.platform" "Platform specific subheader";
}

/// GRE protocol types.
pub(super) const TYPE_II: u16 = 0x88be;
pub(super) const TYPE_III: u16 = 0x22eb;

const VERSION_II: u64 = 1;
const VERSION_III: u64 = 2;

/// The session tells no flows apart: some mirror each direction of a link in a session of its own.
fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let first = c.octets(2)?;
    let version = first >> 12;
    c.bits(&VERSION, first, 12, 0xf);
    if !matches!(version, VERSION_II | VERSION_III) {
        return Ok(Next::End);
    }
    c.bits(&VLAN, first, 0, 0xfff);
    let second = c.octets(2)?;
    c.bits(&COS, second, 13, 7);
    c.bits(if version == VERSION_II { &ENCAPSULATION } else { &BSO }, second, 11, 3);
    c.bits(&TRUNCATED, second, 10, 1);
    c.bits(&SESSION, second, 0, 0x3ff);
    if version == VERSION_II {
        let index = c.octets(4)?;
        c.bits(&RESERVED, index, 20, 0xfff);
        c.bits(&INDEX, index, 0, 0xf_ffff);
        return Ok(Next::Protocol(&ethernet::PROTOCOL));
    }
    c.u32(&TIMESTAMP)?;
    c.u16(&GROUP)?;
    let third = c.octets(2)?;
    c.bits(&PDU, third, 15, 1);
    c.bits(&FRAME_TYPE, third, 10, 0x1f);
    c.bits(&HARDWARE, third, 4, 0x3f);
    c.bits(&DIRECTION, third, 3, 1);
    c.bits(&GRANULARITY, third, 1, 3);
    c.bits(&OPTIONAL, third, 0, 1);
    if third & 1 == 1 {
        c.bytes(&PLATFORM, 8)?;
    }
    // Frame type 0 is Ethernet, 2 is IP.
    Ok(match third >> 10 & 0x1f {
        0 => Next::Protocol(&ethernet::PROTOCOL),
        2 => Next::EtherType(if c.ahead(0, 1).is_some_and(|first| first >> 4 == 6) { 0x86dd } else { 0x0800 }),
        _ => Next::End,
    })
}
