//! Logical Link Control (IEEE 802.2) and SNAP.
//!
//! ```text
//! │ DSAP 1 │ SSAP 1 │ control 1 or 2 │ payload
//! │  0xaa  │  0xaa  │       3        │ OUI 3 │ protocol 2 │ payload
//! ```

use super::{Next, Outline, Protocol, Read, Under, ethernet, heading, named};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Logical-Link Control.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("llc", "Logical-Link Control", Class::Link, "IEEE 802.2, section 3"),
    fields: FIELDS,
    under: &[Under::EtherType(0x8870)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.2, section 3";
    DSAP: Hex(2) "llc.dsap" "DSAP";
    SSAP: Hex(2) "llc.ssap" "SSAP";
    CONTROL: Hex(4) "llc.control" "Control", "IEEE 802.2, section 5.2";
    OUI: Number "llc.oui" "Organization Code", "IEEE 802, section 10";
    TYPE: Hex(4) "llc.type" "Type", "IEEE 802, section 10";
    PID: Hex(4) "llc.pid" "Protocol ID", "RFC 2684, section 5";
    OTHER_PID: Hex(4) "husk.llc.pid" "Protocol ID", "IEEE 802, section 10";
    CISCO_PID: Hex(4) "llc.cisco_pid" "PID", "IEEE 802, section 10";
}

const SNAP: u8 = 0xaa;
/// An unnumbered frame that carries information.
const UNNUMBERED_INFORMATION: u16 = 3;

/// Encapsulated Ethernet (RFC 1042), and Cisco's own number for it (AppleTalk bridges).
const ENCAPSULATED_ETHERNET: u32 = 0x00_0000;
const CISCO_90: u32 = 0x00_00f8;
const APPLE: u32 = 0x08_0007;
const CISCO: u32 = 0x00_000c;
/// Bridged frames of the 802.1 committee (RFC 2684).
const COMMITTEE_802_1: u32 = 0x00_80c2;

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let dsap = c.u8(&DSAP)?;
    let ssap = c.u8(&SSAP)?;
    let control = control(c)?;
    if (dsap, ssap) == (SNAP, SNAP) {
        return snap(c);
    }
    // Only these carry something for the one above; the others keep the link going.
    let information = control & 1 == 0;
    Ok(if information || control & 0xef == UNNUMBERED_INFORMATION { Next::Sap(dsap) } else { Next::End })
}

/// Unnumbered frames have one byte of control, all others two, the low one first.
fn control(c: &mut Cursor<'_>) -> Result<u16, Stop> {
    let first = c.ahead(0, 1).unwrap_or(0);
    let length = if first & 3 == 3 { 1 } else { 2 };
    c.number_le(&CONTROL, length).map(|control| control as u16)
}

fn snap(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    let oui = c.u24(&OUI)?;
    match oui {
        ENCAPSULATED_ETHERNET | CISCO_90 | APPLE => Ok(Next::EtherType(c.u16(&TYPE)?)),
        CISCO => Ok(match c.u16(&CISCO_PID)? {
            0x2000 => Next::Protocol(&named::CDP),
            0x0111 => Next::Protocol(&named::UDLD),
            0x2004 => Next::Protocol(&named::DTP),
            0x2003 => Next::Protocol(&named::VTP),
            0x010b => Next::Protocol(&named::STP),
            _ => Next::End,
        }),
        COMMITTEE_802_1 => Ok(match c.u16(&PID)? {
            // Ethernet with and without its check sequence.
            0x0001 | 0x0007 => Next::Protocol(&ethernet::PROTOCOL),
            0x000e => Next::Protocol(&named::STP),
            _ => Next::End,
        }),
        _ => {
            c.u16(&OTHER_PID)?;
            Ok(Next::End)
        }
    }
}
