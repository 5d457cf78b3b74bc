//! Shim6, multihoming for IPv6 (RFC 5533, section 5): the header, and control messages by name.

use super::ipv6_hopopts::extension_rest;
use super::words::ip_number_name;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The multihoming shim.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("shim6", "SHIM6", Class::Network, "RFC 5533, section 5"),
    fields: FIELDS,
    under: &[Under::Ip(140)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 5533, section 5";
    NEXT_HEADER: Number "shim6.nxt" "Next Header", names ip_number_name;
    LENGTH: Number "shim6.len" "Length";
    OCTETS: Number "shim6.len_oct" "Length (octets)";
    PAYLOAD: Flag "shim6.p" "P bit", "RFC 5533, section 5.2";
    TYPE: Number "shim6.type" "Message Type", "RFC 5533, section 5.3", names type_name;
    DATA: Bytes "husk.shim6.data" "Message Data", "RFC 5533, section 5.3";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let number = c.u8(&NEXT_HEADER)?;
    let rest = extension_rest(c, &LENGTH, &OCTETS)?;
    let first = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&PAYLOAD, first, 7, 1);
    let carries_payload = first & 0x80 != 0;
    if !carries_payload {
        c.bits(&TYPE, first, 0, 0x7f);
    }
    c.inside(rest.saturating_sub(1), |c| c.bytes(&DATA, c.remaining()))?;
    // Control messages carry nothing: their next header is IPv6-NoNxt.
    if !carries_payload {
        return Ok(Next::End);
    }
    outline.carries(number);
    Ok(Next::Ip(number))
}

/// The name of a control message (IANA, Shim6 message types).
fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "I1",
        2 => "R1",
        3 => "I2",
        4 => "R2",
        5 => "R1bis",
        6 => "I2bis",
        64 => "Update Request",
        65 => "Update Acknowledgement",
        66 => "Keepalive",
        67 => "Probe",
        68 => "Error",
        _ => return None,
    })
}
