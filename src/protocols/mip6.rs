//! The mobility header of IPv6 (RFC 6275, section 6.1): the header, and messages by name.

use super::words::ip_number_name;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The mobility header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("mip6", "Mobile IPv6", Class::Network, "RFC 6275, section 6.1"),
    fields: FIELDS,
    under: &[Under::Ip(135)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 6275, section 6.1.1";
    PAYLOAD: Number "mip6.proto" "Payload protocol", names ip_number_name;
    LENGTH: Number "mip6.hlen" "Header length (8 octets, less the first)";
    TYPE: Number "mip6.mhtype" "Mobility Header Type", names type_name;
    RESERVED: Hex(2) "mip6.reserved" "Reserved";
    CHECKSUM: Hex(4) "mip6.csum" "Checksum";
    DATA: Bytes "husk.mip6.data" "Message Data";
}

/// IPv6-NoNxt: nothing follows.
const NOTHING: u8 = 59;

fn read(c: &mut Cursor<'_>, _: &mut Outline) -> Result<Next, Stop> {
    let payload = c.u8(&PAYLOAD)?;
    let length = usize::from(c.u8(&LENGTH)?).saturating_add(1).saturating_mul(8);
    c.u8(&TYPE)?;
    c.u8(&RESERVED)?;
    c.u16(&CHECKSUM)?;
    c.inside(length.saturating_sub(6), |c| c.bytes(&DATA, c.remaining()))?;
    Ok(if payload == NOTHING { Next::End } else { Next::Ip(payload) })
}

/// The name of a message (IANA, mobility header types).
fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Binding Refresh Request",
        1 => "Home Test Init",
        2 => "Care-of Test Init",
        3 => "Home Test",
        4 => "Care-of Test",
        5 => "Binding Update",
        6 => "Binding Acknowledgement",
        7 => "Binding Error",
        8 => "Fast Binding Update",
        9 => "Fast Binding Acknowledgement",
        10 => "Fast Neighbor Advertisement (deprecated)",
        11 => "Experimental Mobility Header",
        12 => "Home Agent Switch",
        13 => "Heartbeat",
        14 => "Handover Initiate",
        15 => "Handover Acknowledge",
        16 => "Binding Revocation",
        17 => "Localized Routing Initiation",
        18 => "Localized Routing Acknowledgment",
        19 => "Update Notification",
        20 => "Update Notification Acknowledgement",
        21 => "Flow Binding",
        22 => "Subscription Query",
        23 => "Subscription Response",
        _ => return None,
    })
}
