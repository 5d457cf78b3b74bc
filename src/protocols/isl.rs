//! Cisco Inter-Switch Link: a whole Ethernet frame behind a header of 26 bytes.

use super::{Next, Outline, Protocol, Read, ethernet, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Cisco ISL.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("isl", "Cisco Inter-Switch Link", Class::Link, "Cisco ISL frame format"),
    fields: FIELDS,
    under: &[],
    read: Read::Header(read),
};

fields! { class Link, "Cisco ISL frame format";
    DESTINATION: Bytes "husk.isl.dst" "Destination, upper 40 bits";
    TYPE: Number "isl.type" "Type";
    USER: Hex(2) "isl.user" "User";
    SOURCE: Mac "isl.src" "Source";
    LENGTH: Number "isl.len" "Length";
    LLC: Hex(6) "husk.isl.llc" "DSAP, SSAP and control";
    HSA: Hex(6) "isl.hsa" "High bits of the source address";
    VLAN: Number "isl.vlan_id" "VLAN ID";
    BPDU: Flag "isl.bpdu" "BPDU";
    INDEX: Number "isl.index" "Index";
    RESERVED: Hex(4) "husk.isl.reserved" "Reserved";
}

/// Bytes behind the length field that it counts, before the frame inside.
const COUNTED: usize = 12;

/// Whether what looks like an 802.3 frame is one: by its multicast address, and a length where a type could be.
pub(crate) fn accepts(bytes: &[u8]) -> bool {
    match bytes {
        [0x01 | 0x03, 0x00, 0x0c, 0x00, 0x00, _, _, _, _, _, _, _, high, low, ..] => {
            (1..=ethernet::LARGEST_LENGTH).contains(&u16::from_be_bytes([*high, *low]))
        }
        _ => false,
    }
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    c.bytes(&DESTINATION, 5)?;
    let kind = c.octets(1)?;
    c.bits(&TYPE, kind, 4, 0xf);
    c.bits(&USER, kind, 0, 0xf);
    c.mac(&SOURCE)?;
    let length = usize::from(c.u16(&LENGTH)?);
    c.u24(&LLC)?;
    c.u24(&HSA)?;
    let vlan = c.octets(2)?;
    c.bits(&VLAN, vlan, 1, 0x7fff);
    c.part(&BPDU, Value::Number(vlan & 1));
    outline.tells_apart(&VLAN, vlan >> 1);
    c.u16(&INDEX)?;
    c.u16(&RESERVED)?;
    c.narrow(length.saturating_sub(COUNTED));
    Ok(Next::Protocol(&ethernet::PROTOCOL))
}
