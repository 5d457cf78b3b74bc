//! PIM, version 2 (RFC 7761): its Register message carries a multicast packet to the rendezvous point.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Protocol Independent Multicast.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("pim", "Protocol Independent Multicast", Class::Network, "RFC 7761, section 4.9"),
    fields: FIELDS,
    under: &[Under::Ip(103)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 7761, section 4.9";
    VERSION: Number "pim.version" "Version";
    TYPE: Number "pim.type" "Type";
    RESERVED: Hex(2) "husk.pim.reserved" "Reserved";
    CHECKSUM: Hex(4) "pim.cksum" "Checksum";
    REGISTER_FLAGS: Hex(8) "pim.register_flag" "Flags", "RFC 7761, section 4.9.3";
    NULL_REGISTER: Flag "pim.register_flag.null_register" "Null-Register", "RFC 7761, section 4.9.3";
}

const REGISTER: u64 = 1;

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let first = c.octets(1)?;
    c.bits(&VERSION, first, 4, 0xf);
    c.bits(&TYPE, first, 0, 0xf);
    c.u8(&RESERVED)?;
    c.u16(&CHECKSUM)?;
    if first != 0x20 | REGISTER {
        return Ok(Next::End);
    }
    let flags = c.u32(&REGISTER_FLAGS)?;
    c.bits(&NULL_REGISTER, flags, 30, 1);
    Ok(match c.ahead(0, 1).map(|first| first >> 4) {
        Some(4) => Next::EtherType(0x0800),
        Some(6) => Next::EtherType(0x86dd),
        _ => Next::End,
    })
}
