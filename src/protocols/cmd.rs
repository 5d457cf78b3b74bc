//! Cisco MetaData: a security group tag between the addresses and the type.

use super::ethernet::type_or_length;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Cisco MetaData.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("cmd", "Cisco MetaData", Class::Link, "draft-smith-kandula-sxp, section 2"),
    fields: FIELDS,
    under: &[Under::EtherType(0x8909)],
    read: Read::Header(read),
};

fields! { class Link, "draft-smith-kandula-sxp, section 2";
    VERSION: Number "cmd.version" "Version";
    LENGTH: Number "cmd.length" "Length";
    OPTIONS: Hex(4) "cmd.options" "Option";
    GROUP: Number "cmd.sgt" "Security group tag";
    TYPE: Hex(4) "cmd.type" "Type";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.u8(&VERSION)?;
    c.u8(&LENGTH)?;
    c.u16(&OPTIONS)?;
    c.u16(&GROUP)?;
    let number = c.u16(&TYPE)?;
    Ok(type_or_length(c, number))
}
