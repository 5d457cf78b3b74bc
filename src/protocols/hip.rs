//! The Host Identity Protocol (RFC 7401, section 5.1): the header, and packets by name.

use super::words::ip_number_name;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The Host Identity Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("hip", "Host Identity Protocol", Class::Network, "RFC 7401, section 5.1"),
    fields: FIELDS,
    under: &[Under::Ip(139)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 7401, section 5.1";
    PAYLOAD: Number "hip.proto" "Payload Protocol", names ip_number_name;
    LENGTH: Number "hip.hdr_len" "Header Length (8 octets, less the first)";
    TYPE: Number "hip.packet_type" "Packet Type", names type_name;
    VERSION: Number "hip.version" "Version";
    CHECKSUM: Hex(4) "hip.checksum" "Checksum", "RFC 7401, section 5.1.1";
    CONTROLS: Hex(4) "hip.controls" "HIP Controls", "RFC 7401, section 5.1.2";
    SENDER: Bytes "hip.hit_sndr" "Sender's HIT";
    RECEIVER: Bytes "hip.hit_rcvr" "Receiver's HIT";
    PARAMETERS: Bytes "husk.hip.parameters" "Parameters", "RFC 7401, section 5.2";
}

/// A host identity tag.
const TAG: usize = 16;
/// IPv6-NoNxt: nothing follows.
const NOTHING: u8 = 59;

fn read(c: &mut Cursor<'_>, _: &mut Outline) -> Result<Next, Stop> {
    let payload = c.u8(&PAYLOAD)?;
    let length = usize::from(c.u8(&LENGTH)?).saturating_add(1).saturating_mul(8);
    // The fixed bits beside type and version keep HIP and Shim6 apart.
    let kind = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&TYPE, kind, 0, 0x7f);
    let version = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&VERSION, version, 4, 0xf);
    c.u16(&CHECKSUM)?;
    c.u16(&CONTROLS)?;
    c.bytes(&SENDER, TAG)?;
    c.bytes(&RECEIVER, TAG)?;
    if let Some(parameters) = length.checked_sub(40).filter(|length| *length > 0) {
        c.inside(parameters, |c| c.bytes(&PARAMETERS, c.remaining()))?;
    }
    Ok(if payload == NOTHING { Next::End } else { Next::Ip(payload) })
}

/// The name of a packet type (IANA, HIP packet types).
fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "I1 (initiator)",
        2 => "R1 (responder)",
        3 => "I2 (second initiator)",
        4 => "R2 (second responder)",
        16 => "UPDATE",
        17 => "NOTIFY",
        18 => "CLOSE",
        19 => "CLOSE_ACK",
        20 => "HDRR (distributed hash table record)",
        32 => "HIP_DATA",
        _ => return None,
    })
}
