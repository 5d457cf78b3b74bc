//! NTP (RFC 5905): the time, and with it how somebody's clock runs. Control messages (RFC 9327) and the
//! private ones of ntpd are shown as far as their headers go.

use super::{Dialogue, Extent, Message, Protocol, Read, Side, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Network Time Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ntp", "Network Time Protocol", Class::Metadata, "RFC 5905"),
    fields: FIELDS,
    under: &[Under::Udp(123)],
    read: Read::Dialogue { new: |_| Box::new(Messages), probe: None },
};

fields! { class Metadata, "RFC 5905, section 7.3";
    FLAGS: Hex(2) "ntp.flags" "Flags";
    LEAP: Number "ntp.flags.li" "Leap Indicator", names leap;
    VERSION: Number "ntp.flags.vn" "Version number";
    MODE: Number "ntp.flags.mode" "Mode", names mode;
    STRATUM: Number "ntp.stratum" "Peer Clock Stratum";
    POLL: Number "ntp.ppoll" "Peer Polling Interval";
    PRECISION: Number "ntp.precision" "Peer Clock Precision";
    ROOT_DELAY: Number "ntp.rootdelay" "Root Delay";
    ROOT_DISPERSION: Number "ntp.rootdispersion" "Root Dispersion";
    REFERENCE_ID: Bytes "ntp.refid" "Reference ID";
    REFERENCE_TIME: Date "ntp.reftime" "Reference Timestamp";
    ORIGIN_TIME: Date "ntp.org" "Origin Timestamp";
    RECEIVE_TIME: Date "ntp.rec" "Receive Timestamp";
    TRANSMIT_TIME: Date "ntp.xmt" "Transmit Timestamp";
    EXTENSION: Group "ntp.ext" "Extension", "RFC 7822, section 7.5";
    EXTENSION_TYPE: Hex(4) "ntp.ext.type" "Field Type", "RFC 7822, section 7.5";
    EXTENSION_LENGTH: Number "ntp.ext.length" "Length", "RFC 7822, section 7.5";
    EXTENSION_VALUE: Bytes "ntp.ext.value" "Value", "RFC 7822, section 7.5";
    KEY_ID: Bytes "ntp.keyid" "Key ID";
    MAC: Bytes "ntp.mac" "Message Authentication Code";
    CONTROL_FLAGS: Hex(2) "ntp.ctrl.flags2" "Flags 2", "RFC 9327, section 2";
    CONTROL_RESPONSE: Number "ntp.ctrl.flags2.r" "Response bit", "RFC 9327, section 2";
    CONTROL_ERROR: Number "ntp.ctrl.flags2.error" "Error bit", "RFC 9327, section 2";
    CONTROL_MORE: Number "ntp.ctrl.flags2.more" "More bit", "RFC 9327, section 2";
    CONTROL_OPCODE: Number "ntp.ctrl.flags2.opcode" "Opcode", "RFC 9327, section 2";
    CONTROL_SEQUENCE: Number "ntp.ctrl.sequence" "Sequence", "RFC 9327, section 2";
    CONTROL_STATUS: Hex(4) "ntp.ctrl.status" "Status", "RFC 9327, section 2";
    CONTROL_ASSOCIATION: Number "ntp.ctrl.associd" "Association ID", "RFC 9327, section 2";
    CONTROL_OFFSET: Number "ntp.ctrl.offset" "Offset", "RFC 9327, section 2";
    CONTROL_COUNT: Number "ntp.ctrl.count" "Count", "RFC 9327, section 2";
    CONTROL_DATA: Text "husk.ntp.ctrl.data" "Data", "RFC 9327, section 2";
    PRIVATE_RESPONSE: Number "ntp.priv.flags.r" "Response bit", "ntpd, ntp_request.h";
    PRIVATE_MORE: Number "ntp.priv.flags.more" "More bit", "ntpd, ntp_request.h";
    PRIVATE_AUTH_SEQUENCE: Number "ntp.priv.auth_seq" "Authentication, sequence", "ntpd, ntp_request.h";
    PRIVATE_AUTH: Number "ntp.priv.auth" "Authentication bit", "ntpd, ntp_request.h";
    PRIVATE_SEQUENCE: Number "ntp.priv.seq" "Sequence number", "ntpd, ntp_request.h";
    PRIVATE_IMPLEMENTATION: Number "ntp.priv.impl" "Implementation", "ntpd, ntp_request.h";
    PRIVATE_REQUEST: Number "ntp.priv.reqcode" "Request code", "ntpd, ntp_request.h";
    PRIVATE_ERROR: Hex(2) "ntp.priv.err" "Error", "ntpd, ntp_request.h";
    PRIVATE_ITEMS: Number "ntp.priv.numitems" "Number of data items", "ntpd, ntp_request.h";
    PRIVATE_RESERVED: Hex(2) "ntp.priv.reserved" "Reserved", "ntpd, ntp_request.h";
    PRIVATE_ITEM_SIZE: Number "ntp.priv.itemsize" "Size of data item", "ntpd, ntp_request.h";
    PEER: Group "husk.ntp.priv.peer" "Peer", "ntpd, ntp_request.h";
    PEER_DESTINATION: Ipv4 "ntp.priv.mode7.dstaddress" "Destination address", "ntpd, ntp_request.h";
    PEER_SOURCE: Ipv4 "ntp.priv.mode7.srcaddress" "Source address", "ntpd, ntp_request.h";
    PEER_PORT: Number "ntp.priv.mode7.srcport" "Source port", "ntpd, ntp_request.h";
    PEER_HOST_POLL: Number "ntp.priv.mode7.hpoll" "Host polling interval", "ntpd, ntp_request.h";
    PEER_REACH: Number "ntp.priv.mode7.reach" "Reach", "ntpd, ntp_request.h";
    PEER_FLAGS: Hex(2) "ntp.priv.mode7.peer.flags" "Flags", "ntpd, ntp_request.h";
    PEER_HOST_MODE: Number "ntp.priv.mode7.hmode" "Host mode", "ntpd, ntp_request.h", names mode;
    PRIVATE_DATA: Bytes "husk.ntp.priv.data" "Data", "ntpd, ntp_request.h";
}

fn leap(number: u64) -> Option<&'static str> {
    ["no warning", "last minute has 61 seconds", "last minute has 59 seconds", "not synchronized"]
        .get(usize::try_from(number).ok()?)
        .copied()
}

const MODES: [&str; 8] =
    ["reserved", "symmetric active", "symmetric passive", "client", "server", "broadcast", "control", "private"];

fn mode(number: u64) -> Option<&'static str> {
    MODES.get(usize::try_from(number).ok()?).copied()
}

/// NTP within one flow: each message stands for itself.
struct Messages;

impl Dialogue for Messages {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, message)
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Messages)
    }
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    const CONTROL: u8 = 6;
    const PRIVATE: u8 = 7;
    let flags = c.u8(&FLAGS)?;
    let number = flags & 7;
    if number == PRIVATE {
        c.bits(&PRIVATE_RESPONSE, flags, 7, 1);
        c.bits(&PRIVATE_MORE, flags, 6, 1);
    } else {
        c.bits(&LEAP, flags, 6, 3);
    }
    c.bits(&VERSION, flags, 3, 7);
    c.bits(&MODE, flags, 0, 7);
    let read = match number {
        CONTROL => control(c),
        PRIVATE => private(c, flags),
        _ => time(c),
    };
    if let Err(stop) = read {
        c.stopped(&stop);
    }
    Ok(Message::new(mode(number.into()).unwrap_or("message")))
}

/// RFC 5905, section 7.3.
fn time(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let stratum = c.u8(&STRATUM)?;
    if stratum > 0 {
        c.subject(&format!("stratum {stratum}"));
    }
    c.u8(&POLL)?;
    c.u8(&PRECISION)?;
    c.u32(&ROOT_DELAY)?;
    c.u32(&ROOT_DISPERSION)?;
    c.bytes(&REFERENCE_ID, 4)?;
    [&REFERENCE_TIME, &ORIGIN_TIME, &RECEIVE_TIME, &TRANSMIT_TIME]
        .into_iter()
        .try_for_each(|field| timestamp(c, field))?;
    behind_the_header(c)
}

/// Seconds since 1900, or since 2036 in the next era, and a fraction of 2^-32 (RFC 5905, section 6). Zero
/// says that the time is not known.
fn timestamp(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    const FROM_1900_TO_1970: i64 = 2_208_988_800;
    const ERA: i64 = 1 << 32;
    let both = c.pass(8)?.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    if both == 0 {
        c.part(field, Value::Text("NULL".into()));
        return Ok(());
    }
    let (seconds, fraction) = ((both >> 32) as u32, both & 0xffff_ffff);
    let era = if seconds & 0x8000_0000 == 0 { ERA } else { 0 };
    let since_1970 = i64::from(seconds).saturating_add(era).saturating_sub(FROM_1900_TO_1970);
    let nanos = fraction.saturating_mul(1_000_000_000) >> 32;
    let value = since_1970.saturating_mul(1_000_000_000).saturating_add(i64::try_from(nanos).unwrap_or(0));
    c.part(field, Value::Signed(value));
    Ok(())
}

/// Extensions, and a key with the code made with it. What is no longer than the longest code is one
/// (RFC 7822, section 7.5.1).
fn behind_the_header(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const LONGEST_MAC: usize = 24;
    const SHORTEST_EXTENSION: usize = 8;
    while c.remaining() > LONGEST_MAC {
        c.group(&EXTENSION, |c| {
            c.u16(&EXTENSION_TYPE)?;
            let length = usize::from(c.u16(&EXTENSION_LENGTH)?);
            if length < SHORTEST_EXTENSION {
                return Err(c.malformed("the extension is shorter than its header"));
            }
            c.bytes(&EXTENSION_VALUE, length.saturating_sub(4)).map(drop)
        })?;
    }
    if c.remaining() >= 4 {
        c.bytes(&KEY_ID, 4)?;
    }
    if !c.is_empty() {
        c.bytes(&MAC, c.remaining())?;
    }
    Ok(())
}

/// RFC 9327, section 2.
fn control(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const RESPONSE: u8 = 0x80;
    const READ_STATUS: u8 = 1;
    let flags = c.u8(&CONTROL_FLAGS)?;
    c.bits(&CONTROL_RESPONSE, flags, 7, 1);
    c.bits(&CONTROL_ERROR, flags, 6, 1);
    c.bits(&CONTROL_MORE, flags, 5, 1);
    c.bits(&CONTROL_OPCODE, flags, 0, 0x1f);
    c.u16(&CONTROL_SEQUENCE)?;
    c.u16(&CONTROL_STATUS)?;
    let association = c.u16(&CONTROL_ASSOCIATION)?;
    c.u16(&CONTROL_OFFSET)?;
    let count = usize::from(c.u16(&CONTROL_COUNT)?).min(c.remaining());
    if flags & 0x9f == RESPONSE | READ_STATUS && association == 0 {
        for _ in 0..count / 4 {
            c.u16(&CONTROL_ASSOCIATION)?;
            c.u16(&CONTROL_STATUS)?;
        }
    } else if count > 0 {
        c.bytes(&CONTROL_DATA, count)?;
    }
    Ok(())
}

/// The header of ntpd's private messages, and whom a server that is asked for its peers names.
fn private(c: &mut Cursor<'_>, flags: u8) -> Result<(), Stop> {
    const RESPONSE: u8 = 0x80;
    const PEER_LIST_SUMMARY: u8 = 1;
    let sequence = c.u8(&PRIVATE_AUTH_SEQUENCE)?;
    c.bits(&PRIVATE_AUTH, sequence, 7, 1);
    c.bits(&PRIVATE_SEQUENCE, sequence, 0, 0x7f);
    c.u8(&PRIVATE_IMPLEMENTATION)?;
    let request = c.u8(&PRIVATE_REQUEST)?;
    let items = split(c, &PRIVATE_ERROR, &PRIVATE_ITEMS)?;
    let size = usize::from(split(c, &PRIVATE_RESERVED, &PRIVATE_ITEM_SIZE)?);
    if flags & RESPONSE != 0 && request == PEER_LIST_SUMMARY {
        for _ in 0..items {
            c.group(&PEER, |c| c.inside(size, peer))?;
        }
    }
    if c.is_empty() { Ok(()) } else { c.bytes(&PRIVATE_DATA, c.remaining()).map(drop) }
}

fn peer(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.ipv4(&PEER_DESTINATION)?;
    c.ipv4(&PEER_SOURCE)?;
    c.u16(&PEER_PORT)?;
    c.u8(&STRATUM)?;
    c.u8(&PEER_HOST_POLL)?;
    c.u8(&POLL)?;
    c.u8(&PEER_REACH)?;
    c.u8(&PEER_FLAGS)?;
    c.u8(&PEER_HOST_MODE)?;
    c.bytes(&PRIVATE_DATA, c.remaining()).map(drop)
}

/// Four bits and twelve.
fn split(c: &mut Cursor<'_>, high: &'static Field, low: &'static Field) -> Result<u16, Stop> {
    let both = c.pass(2)?.iter().fold(0_u16, |value, byte| value << 8 | u16::from(*byte));
    c.bits(high, both, 12, 0xf);
    c.bits(low, both, 0, 0xfff);
    Ok(both & 0xfff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn cells(bytes: &[u8], field: &str) -> Vec<String> {
        let (mut findings, mut tree) = (Findings::counting(), Tree::new());
        Messages.read(Side::Client, &mut Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree))).unwrap();
        assert_eq!(findings.claims.ledger.total(), bytes.len() as u64);
        tree.nodes().iter().filter(|node| node.field.name == field).map(|node| tree.cell(node, bytes)).collect()
    }

    fn client(transmit: [u8; 8]) -> Vec<u8> {
        [vec![0x23], vec![0; 39], transmit.to_vec()].concat()
    }

    #[test]
    fn times_are_dates_and_zero_is_none() {
        let message = client([0xe0, 0x9a, 0x77, 0x86, 0x07, 0x05, 0x00, 0x00]);
        assert_eq!(cells(&message, "ntp.xmt"), ["May 30, 2019 15:38:46.027420043 UTC"]);
        assert_eq!(cells(&message, "ntp.org"), ["NULL"]);
        assert_eq!(cells(&client([0, 0, 0, 1, 0, 0, 0, 0]), "ntp.xmt"), ["Feb  7, 2036 06:28:17.000000000 UTC"]);
    }

    #[test]
    fn a_code_follows_extensions() {
        let mut message = client([0; 8]);
        message.extend([0, 4, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8]);
        message.extend([0, 0, 0, 1]);
        message.extend([0xaa; 16]);
        assert_eq!(cells(&message, "ntp.ext.value"), ["0102030405060708"]);
        assert_eq!(cells(&message, "ntp.keyid"), ["00000001"]);
        assert_eq!(cells(&message, "ntp.mac"), ["aa".repeat(16)]);
    }

    #[test]
    fn an_extension_of_no_length_ends_reading() {
        let message = [client([0; 8]), vec![0; 32]].concat();
        let mut findings = Findings::counting();
        let read = Messages.read(Side::Client, &mut Cursor::new(&message, 0, 0, &mut findings, None)).unwrap();
        assert_eq!(read.what, "client");
        assert_eq!(findings.claims.ledger.total(), 52);
    }
}
