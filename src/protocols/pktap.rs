//! Apple's packet tap: which process sent a packet, and the packet on its own link type.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// PKTAP packet header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("pktap", "PKTAP packet header", Class::Link, "LINKTYPE_PKTAP"),
    fields: FIELDS,
    under: &[Under::Link(258), Under::Link(149)],
    read: Read::Header(read),
};

fields! { class Link, "LINKTYPE_PKTAP";
    LENGTH: Number "pktap.hdrlen" "Header Length";
    RECORD: Number "pktap.rectype" "Record Type";
    LINK_TYPE: Number "pktap.dlt" "DLT";
    INTERFACE: Text "pktap.ifname" "Interface Name";
    REST: Bytes "husk.pktap.rest" "Flags, process, interface";
}

/// The first version of the header.
const SHORTEST: usize = 36;

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    const RECORD_PACKET: u64 = 1;
    let length = c.number_le(&LENGTH, 4)? as usize;
    let record = c.number_le(&RECORD, 4)?;
    let link_type = c.number_le(&LINK_TYPE, 4)? as u32;
    if length < SHORTEST || record != RECORD_PACKET {
        return Ok(Next::End);
    }
    let name = c.peek(24).iter().take_while(|byte| **byte != 0).count();
    c.bytes(&INTERFACE, name)?;
    let rest = length.saturating_sub(c.position());
    c.bytes(&REST, rest)?;
    Ok(Next::Link(link_type))
}
