//! Cisco HDLC.

use super::{Next, Outline, Protocol, Read, Under, heading, named};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Cisco HDLC.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("chdlc", "Cisco HDLC", Class::Link, "Cisco HDLC"),
    fields: FIELDS,
    under: &[Under::Link(104)],
    read: Read::Header(read),
};

fields! { class Link, "Cisco HDLC";
    ADDRESS: Hex(2) "chdlc.address" "Address";
    CONTROL: Hex(2) "chdlc.control" "Control";
    TYPE: Hex(4) "chdlc.protocol" "Protocol";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.u8(&ADDRESS)?;
    c.u8(&CONTROL)?;
    Ok(match c.u16(&TYPE)? {
        0x8035 => Next::Protocol(&named::SLARP),
        0x2000 => Next::Protocol(&named::CDP),
        0xfefe => Next::Protocol(&named::OSI),
        number => Next::EtherType(number),
    })
}
