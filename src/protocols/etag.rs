//! E-TAG of a bridge port extender (IEEE 802.1BR, section 7.5).

use super::ethernet::type_or_length;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// E-TAG.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("etag", "802.1BR E-TAG", Class::Link, "IEEE 802.1BR, section 7.5"),
    fields: FIELDS,
    under: &[Under::EtherType(0x893f)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.1BR, section 7.5";
    PRIORITY: Number "etag.pcp" "Priority";
    DEI: Number "etag.dei" "Drop eligible";
    INGRESS_BASE: Hex(4) "etag.iecid_base" "Ingress channel";
    RESERVED: Number "etag.resv" "Reserved";
    GROUP: Number "etag.group" "Group";
    BASE: Hex(4) "etag.ecid_base" "Channel";
    INGRESS_EXTENSION: Hex(2) "etag.iecid_ext" "Ingress channel extension";
    EXTENSION: Hex(2) "etag.ecid_ext" "Channel extension";
    TYPE: Hex(4) "etag.etype" "Type";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let first = c.octets(2)?;
    c.bits(&PRIORITY, first, 13, 7);
    c.bits(&DEI, first, 12, 1);
    c.bits(&INGRESS_BASE, first, 0, 0xfff);
    let second = c.octets(2)?;
    c.bits(&RESERVED, second, 14, 3);
    c.bits(&GROUP, second, 12, 3);
    c.bits(&BASE, second, 0, 0xfff);
    c.u8(&INGRESS_EXTENSION)?;
    c.u8(&EXTENSION)?;
    let number = c.u16(&TYPE)?;
    Ok(type_or_length(c, number))
}
