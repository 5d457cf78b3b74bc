//! The outer tag of a provider network (IEEE 802.1Q, section 9.5; once 802.1ad).

use etherparse::SingleVlanHeaderSlice;

use super::ethernet::type_or_length;
use super::{Framing, Next, Outline, Protocol, Read, Under, heading, ieee8021ah, vlan};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// A service tag.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ieee8021ad", "802.1ad Service Tag", Class::Link, "IEEE 802.1Q, section 9.5"),
    fields: FIELDS,
    under: &[Under::EtherType(0x88a8)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.1Q, section 9.5";
    PRIORITY: Number "ieee8021ad.priority" "Priority";
    DEI: Number "ieee8021ad.dei" "Drop eligible";
    ID: Number "ieee8021ad.id" "ID";
}

const TAG: usize = 4;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let tag = c.header(|bytes| SingleVlanHeaderSlice::from_slice(bytes).ok().map(|tag| (TAG, tag)), notes)?;
    // Some switches write the inner tag with this type too: the ids must tell apart alike.
    outline.tells_apart(&vlan::ID, tag.vlan_identifier().value().into());
    outline.framing = Some(Framing { fcs_length: Some(0), trailer: &vlan::TRAILER, depth: c.depth() });
    Ok(type_or_length(c, tag.ether_type().0))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let control = c.octets(2)?;
    c.bits(&PRIORITY, control, 13, 7);
    c.bits(&DEI, control, 12, 1);
    c.bits(&ID, control, 0, 0xfff);
    c.u16(&ieee8021ah::TYPE).map(drop)
}
