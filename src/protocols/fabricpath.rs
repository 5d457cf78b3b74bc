//! Cisco FabricPath: an Ethernet frame behind an outer header of 16 bytes, recognised by its type.

use super::{Next, Outline, Protocol, Read, ethernet, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Cisco FabricPath.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("cfp", "Cisco FabricPath", Class::Link, "Cisco FabricPath"),
    fields: FIELDS,
    under: &[],
    read: Read::Header(read),
};

fields! { class Link, "Cisco FabricPath";
    DESTINATION: Mac "husk.cfp.destination" "Outer destination";
    SOURCE: Mac "husk.cfp.source" "Outer source";
    TYPE: Hex(4) "cfp.etype" "Type";
    TREE: Number "cfp.ftag" "Forwarding tag";
    TTL: Number "cfp.ttl" "Time to live";
}

/// Data Center Ethernet.
const DCE: [u8; 2] = [0x89, 0x03];

/// Whether what looks like an Ethernet frame is one of these.
pub(crate) fn accepts(bytes: &[u8]) -> bool {
    bytes.get(12..14) == Some(&DCE)
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.mac(&DESTINATION)?;
    c.mac(&SOURCE)?;
    c.u16(&TYPE)?;
    let tag = c.octets(2)?;
    c.bits(&TREE, tag, 6, 0x3ff);
    c.bits(&TTL, tag, 0, 0x3f);
    Ok(Next::Protocol(&ethernet::PROTOCOL))
}
