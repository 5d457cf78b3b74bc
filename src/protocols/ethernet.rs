//! Ethernet II and IEEE 802.3.

use etherparse::Ethernet2HeaderSlice;

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Ethernet.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("eth", "Ethernet", Class::Link, "IEEE 802.3, section 3.2"),
    fields: FIELDS,
    under: &[Under::Link(1), Under::EtherType(0x6558)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.3, section 3.2";
    DESTINATION: Mac "eth.dst" "Destination";
    SOURCE: Mac "eth.src" "Source";
    TYPE: Hex(4) "eth.type" "Type";
    LENGTH: Number "eth.len" "Length";
}

const HEADER: usize = 14;
/// Below this the two bytes are the length of an 802.3 frame.
const SMALLEST_TYPE: u16 = 0x0600;

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let header = c.header(
        |bytes| Ethernet2HeaderSlice::from_slice(bytes).ok().map(|header| (HEADER, header)),
        notes,
    )?;
    Ok(Next::EtherType(header.ether_type().0))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.mac(&DESTINATION)?;
    c.mac(&SOURCE)?;
    let next = c.peek(2).iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    if next < SMALLEST_TYPE { c.u16(&LENGTH) } else { c.u16(&TYPE) }.map(drop)
}
