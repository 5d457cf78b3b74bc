//! VLAN tags (IEEE 802.1Q, section 9.6), any number of them.

use etherparse::SingleVlanHeaderSlice;

use super::ethernet::{LARGEST_LENGTH, type_or_length};
use super::{Framing, Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// A VLAN tag; 0x9100 is how double tags were written before 802.1ad.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("vlan", "802.1Q Virtual LAN", Class::Link, "IEEE 802.1Q, section 9.6"),
    fields: FIELDS,
    under: &[Under::EtherType(0x8100), Under::EtherType(0x9100)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.1Q, section 9.6";
    PRIORITY: Number "vlan.priority" "Priority";
    DEI: Flag "vlan.dei" "Drop eligible";
    ID: Number "vlan.id" "ID";
    TYPE: Hex(4) "vlan.etype" "Type";
    LENGTH: Number "vlan.len" "Length";
    TRAILER: Bytes "vlan.trailer" "Trailer", class Padding;
}

const TAG: usize = 4;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let tag = c.header(|bytes| SingleVlanHeaderSlice::from_slice(bytes).ok().map(|tag| (TAG, tag)), notes)?;
    outline.tells_apart(&ID, tag.vlan_identifier().value().into());
    // Where nothing says that there is a check sequence, a tagged frame's is taken for a trailer: bridges drop it.
    let fcs_length = if outline.layers.len() == 2 { outline.fcs_length.or(Some(0)) } else { Some(0) };
    outline.framing = Some(Framing { fcs_length, trailer: &TRAILER, depth: c.depth() });
    Ok(type_or_length(c, tag.ether_type().0))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let control = c.octets(2)?;
    c.bits(&PRIORITY, control, 13, 7);
    c.bits(&DEI, control, 12, 1);
    c.bits(&ID, control, 0, 0xfff);
    match c.ahead(0, 2) {
        Some(length) if length <= LARGEST_LENGTH.into() => c.u16(&LENGTH),
        _ => c.u16(&TYPE),
    }
    .map(drop)
}
