//! Mac-in-mac: the service instance tag of a backbone (IEEE 802.1Q, section 9.7; once 802.1ah).

use super::ethernet::type_or_length;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// A backbone service instance tag, and the customer's addresses behind it.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ieee8021ah", "802.1ah Service Instance Tag", Class::Link, "IEEE 802.1Q, section 9.7"),
    fields: FIELDS,
    under: &[Under::EtherType(0x88e7)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.1Q, section 9.7";
    PRIORITY: Number "ieee8021ah.priority" "Priority";
    DROP: Number "ieee8021ah.drop" "Drop eligible";
    NCA: Number "ieee8021ah.nca" "No customer addresses";
    RESERVED_1: Number "ieee8021ah.res1" "Reserved 1";
    RESERVED_2: Number "ieee8021ah.res2" "Reserved 2";
    INSTANCE: Number "ieee8021ah.isid" "Service instance";
    DESTINATION: Mac "ieee8021ah.cdst" "Customer destination";
    SOURCE: Mac "ieee8021ah.csrc" "Customer source";
    TYPE: Hex(4) "ieee8021ah.etype" "Type";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let tag = c.octets(4)?;
    c.bits(&PRIORITY, tag, 29, 7);
    c.bits(&DROP, tag, 28, 1);
    c.bits(&NCA, tag, 27, 1);
    c.bits(&RESERVED_1, tag, 26, 1);
    c.bits(&RESERVED_2, tag, 24, 3);
    c.bits(&INSTANCE, tag, 0, 0xff_ffff);
    outline.tells_apart(&INSTANCE, tag & 0xff_ffff);
    c.mac(&DESTINATION)?;
    c.mac(&SOURCE)?;
    let number = c.u16(&TYPE)?;
    Ok(type_or_length(c, number))
}
