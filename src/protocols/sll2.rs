//! Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2): with the interface.

use super::sll::{self, ADDRESS_LENGTH, HARDWARE, INTERFACE, LINUX_TYPE, PACKET_TYPE, TRAILER, TYPE};
use super::{Framing, Next, Outline, Protocol, Read, Under, ethernet, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Linux cooked capture, version 2.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("sll2", "Linux cooked-mode capture v2", Class::Link, "LINKTYPE_LINUX_SLL2"),
    fields: FIELDS,
    under: &[Under::Link(276)],
    read: Read::Header(read),
};

fields! { class Link, "LINKTYPE_LINUX_SLL2";
    RESERVED: Hex(4) "husk.sll2.reserved" "Reserved";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let number = c.ahead(0, 2).unwrap_or(0) as u16;
    c.u16(if number <= ethernet::LARGEST_LENGTH { &LINUX_TYPE } else { &TYPE })?;
    c.u16(&RESERVED)?;
    c.u32(&INTERFACE)?;
    let hardware = c.u16(&HARDWARE)?;
    c.u8(&PACKET_TYPE)?;
    let length = c.u8(&ADDRESS_LENGTH)?;
    sll::address(c, length.into())?;
    outline.framing = Some(Framing { fcs_length: Some(0), trailer: &TRAILER, depth: c.depth() });
    Ok(sll::next(hardware, number))
}
