//! VN-Tag of a network interface virtualizer (Cisco, the forerunner of 802.1BR).

use super::ethernet::type_or_length;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// VN-Tag.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("vntag", "VN-Tag", Class::Link, "Cisco VN-Tag"),
    fields: FIELDS,
    under: &[Under::EtherType(0x8926)],
    read: Read::Header(read),
};

fields! { class Link, "Cisco VN-Tag";
    DIRECTION: Flag "vntag.dir" "Direction";
    POINTER: Flag "vntag.ptr" "Pointer";
    DESTINATION: Number "vntag.dst" "Destination";
    LOOPED: Flag "vntag.looped" "Looped";
    VERSION: Number "vntag.version" "Version";
    SOURCE: Number "vntag.src" "Source";
    TYPE: Hex(4) "vntag.etype" "Type";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let tag = c.octets(4)?;
    c.bits(&DIRECTION, tag, 31, 1);
    c.bits(&POINTER, tag, 30, 1);
    c.bits(&DESTINATION, tag, 16, 0x3fff);
    c.bits(&LOOPED, tag, 15, 1);
    c.bits(&VERSION, tag, 12, 3);
    c.bits(&SOURCE, tag, 0, 0xfff);
    let number = c.u16(&TYPE)?;
    Ok(type_or_length(c, number))
}
