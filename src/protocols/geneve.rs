//! Geneve (RFC 8926).

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Generic Network Virtualization Encapsulation.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("geneve", "Generic Network Virtualization Encapsulation", Class::Network, "RFC 8926, section 3.4"),
    fields: FIELDS,
    under: &[Under::Udp(6081)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "RFC 8926, section 3.4";
    VERSION: Number "geneve.version" "Version";
    FLAGS: Hex(2) "geneve.flags" "Flags";
    OAM: Flag "geneve.flags.oam" "Operations, Administration and Management Frame";
    CRITICAL: Flag "geneve.flags.critical" "Critical Options Present";
    TYPE: Hex(4) "geneve.proto_type" "Protocol Type";
    NETWORK: Hex(6) "geneve.vni" "Virtual Network Identifier (VNI)";
    RESERVED: Hex(2) "geneve.reserved" "Reserved";
    OPTION_CLASS: Hex(4) "geneve.option.class" "Class", "RFC 8926, section 3.5";
    OPTION_TYPE: Hex(2) "geneve.option.type" "Type", "RFC 8926, section 3.5";
    OPTION_LENGTH: Number "geneve.option.length" "Length of all options, then of each", "RFC 8926, section 3.5";
    OPTION_DATA: Bytes "husk.geneve.option.data" "Data", "RFC 8926, section 3.5";
}

const HEADER: usize = 8;
/// Options in one header: there is room for 63 of four bytes.
const MOST_OPTIONS: usize = 63;

fn accepts(bytes: &[u8]) -> bool {
    // Version 0, the only one.
    bytes.len() >= HEADER && bytes.first().is_some_and(|first| first >> 6 == 0)
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let first = c.octets(1)?;
    c.bits(&VERSION, first, 6, 3);
    let flags = c.u8(&FLAGS)?;
    c.bits(&OAM, flags, 7, 1);
    c.bits(&CRITICAL, flags, 6, 1);
    let number = c.u16(&TYPE)?;
    let network = c.u24(&NETWORK)?;
    outline.tells_apart(&NETWORK, network.into());
    c.u8(&RESERVED)?;
    let length = (first as usize & 0x3f).saturating_mul(4);
    c.part(&OPTION_LENGTH, Value::Number(length as u64));
    if length > 0 {
        c.inside(length, options)?;
    }
    Ok(Next::EtherType(number))
}

fn options(c: &mut Cursor<'_>) -> Result<(), Stop> {
    for _ in 0..MOST_OPTIONS {
        if c.is_empty() {
            break;
        }
        c.u16(&OPTION_CLASS)?;
        c.u8(&OPTION_TYPE)?;
        let last = c.octets(1)?;
        let length = (last as usize & 0x1f).saturating_mul(4);
        c.part(&OPTION_LENGTH, Value::Number(length.saturating_add(4) as u64));
        if length > 0 {
            c.bytes(&OPTION_DATA, length)?;
        }
    }
    Ok(())
}
