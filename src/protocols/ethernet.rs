//! Ethernet II and IEEE 802.3.
//!
//! ```text
//! │ destination 6 │ source 6 │ type or length 2 │ payload │ padding to 60 │ trailer │ check sequence 4 │
//!                                               └ how long it is, an 802.3 length says, or the payload itself
//! ```
//!
//! Most captures hold no check sequence, and few say so: see `trailer`.

use etherparse::Ethernet2HeaderSlice;

use super::{Framing, Next, Outline, Protocol, Read, Under, fabricpath, heading, isl, llc, named};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Ethernet.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("eth", "Ethernet", Class::Link, "IEEE 802.3, section 3.2"),
    fields: FIELDS,
    under: &[Under::Link(1), Under::EtherType(0x6558), Under::Ip(143)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.3, section 3.2";
    DESTINATION: Mac "eth.dst" "Destination";
    SOURCE: Mac "eth.src" "Source";
    TYPE: Hex(4) "eth.type" "Type";
    LENGTH: Number "eth.len" "Length";
    INVALID: Hex(4) "eth.invalid_lentype" "Neither type nor length";
    PADDING: Bytes "eth.padding" "Padding", class Padding;
    TRAILER: Bytes "eth.trailer" "Trailer", class Padding;
    FCS: Hex(8) "eth.fcs" "Frame check sequence";
}

/// Addresses and type.
pub(crate) const HEADER: usize = 14;
/// Up to this the two bytes behind the addresses are the length of an 802.3 frame.
pub(super) const LARGEST_LENGTH: u16 = 1500;
/// From this on they are a type.
pub(super) const SMALLEST_TYPE: u16 = 0x0600;
/// The shortest frame without its check sequence.
const SHORTEST: u32 = 60;
/// Bytes of a check sequence (CRC-32).
const FCS_LENGTH: usize = 4;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    if outline.layers.len() == 1 {
        // Two of Cisco's encapsulations begin as Ethernet does, with addresses that are none.
        if isl::accepts(c.rest()) {
            return Ok(Next::Protocol(&isl::PROTOCOL));
        }
        if fabricpath::accepts(c.rest()) {
            return Ok(Next::Protocol(&fabricpath::PROTOCOL));
        }
    }
    let header = c.header(
        |bytes| Ethernet2HeaderSlice::from_slice(bytes).ok().map(|header| (HEADER, header)),
        notes,
    )?;
    // A frame inside another packet was taken from its own wire: it has no check sequence any more.
    let fcs_length = if outline.layers.len() == 1 { outline.fcs_length } else { Some(0) };
    outline.framing = Some(Framing { fcs_length, trailer: &TRAILER, depth: c.depth() });
    Ok(type_or_length(c, header.ether_type().0))
}

/// What a type names, or the 802.3 frame of that length (which is narrowed to it). Zero is a type: Cisco's MDS
/// switches carry Fibre Channel under it.
pub(super) fn type_or_length(c: &mut Cursor<'_>, number: u16) -> Next {
    match number {
        1..=LARGEST_LENGTH => {
            c.framed(true);
            c.narrow(usize::from(number));
            // Novell's "raw" frames have no LLC header, but IPX, which begins with a checksum of all ones.
            if c.ahead(0, 2) == Some(0xffff) { Next::Protocol(&named::IPX) } else { Next::Protocol(&llc::PROTOCOL) }
        }
        0 | SMALLEST_TYPE.. => Next::EtherType(number),
        _ => Next::End,
    }
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.mac(&DESTINATION)?;
    c.mac(&SOURCE)?;
    let next = c.ahead(0, 2).unwrap_or(0) as u16;
    match next {
        1..=LARGEST_LENGTH => c.u16(&LENGTH),
        0 | SMALLEST_TYPE.. => c.u16(&TYPE),
        _ => c.u16(&INVALID),
    }
    .map(drop)
}

/// Reads what lies behind the payload: zeros that fill the frame up to 60 bytes are padding. If the capture says
/// that frames have a check sequence, the last four bytes are one; if it does not say, they are taken for one where
/// a frame that long needs no filling up. What is between is a trailer (of a switch, a tap), and means nothing to us.
pub(crate) fn trailer(c: &mut Cursor<'_>, framing: &Framing, wire_length: u32) {
    let length = c.remaining();
    let without = wire_length.saturating_sub(length as u32);
    let captured = c.whole().len();
    let ends_here = c.position().saturating_add(length) == captured;
    if ends_here && (captured as u64) < u64::from(wire_length) {
        // The snap length cut it, and with it what would tell the parts from one another.
        return;
    }
    if let Some(fill) = SHORTEST.checked_sub(without).map(|fill| fill as usize)
        && fill > 0
        && fill <= length
        && c.peek(fill).iter().all(|byte| *byte == 0)
    {
        c.class(Class::Padding);
        // What was asked for is there.
        let _ = c.bytes(&PADDING, fill);
    }
    let fcs = match framing.fcs_length {
        Some(fcs_length) => usize::from(fcs_length) == FCS_LENGTH,
        None => wire_length >= SHORTEST.saturating_add(FCS_LENGTH as u32),
    };
    let fcs = if fcs && c.remaining() >= FCS_LENGTH { FCS_LENGTH } else { 0 };
    let between = c.remaining().saturating_sub(fcs);
    if between > 0 {
        c.class(Class::Padding);
        let _ = c.bytes(framing.trailer, between);
    }
    if fcs > 0 {
        c.class(Class::Link);
        let _ = c.u32(&FCS);
    }
}
