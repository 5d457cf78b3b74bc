//! WireGuard (the protocol's paper, section 5.4; <https://www.wireguard.com/protocol/>).
//!
//! ```text
//! type | 000000 | sender   | ephemeral | static, sealed | timestamp, sealed | mac1 | mac2      1: handshake initiation
//! type | 000000 | sender   | receiver | ephemeral | nothing, sealed | mac1 | mac2              2: handshake response
//! type | 000000 | receiver | nonce | cookie, sealed                                            3: cookie reply
//! type | 000000 | receiver | counter | packet, sealed                                          4: transport data
//! ```

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, heading};
use super::base64;
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// WireGuard.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("wg", "WireGuard Protocol", Class::Metadata, "WireGuard, section 5.4"),
    fields: FIELDS,
    under: &[],
    read: Read::Dialogue { new: |_| Box::new(WireGuard), probe: Some(probe) },
};

fields! { class Metadata, "WireGuard, section 5.4";
    TYPE: Number "wg.type" "Type", names message;
    RESERVED: Bytes "wg.reserved" "Reserved";
    SENDER: Hex(8) "wg.sender" "Sender", "WireGuard, section 5.4.2";
    RECEIVER: Hex(8) "wg.receiver" "Receiver", "WireGuard, section 5.4.3";
    EPHEMERAL: Text "wg.ephemeral" "Ephemeral", "WireGuard, section 5.4.2";
    STATIC: Bytes "husk.wg.static" "Static public key, encrypted", "WireGuard, section 5.4.2", class Sealed;
    TIMESTAMP: Bytes "husk.wg.timestamp" "Timestamp, encrypted", "WireGuard, section 5.4.2", class Sealed;
    EMPTY: Bytes "husk.wg.empty" "Nothing, encrypted", "WireGuard, section 5.4.3", class Sealed;
    MAC1: Bytes "wg.mac1" "mac1", "WireGuard, section 5.4.4", class Tag;
    MAC2: Bytes "wg.mac2" "mac2", "WireGuard, section 5.4.4", class Tag;
    NONCE: Bytes "wg.nonce" "Nonce", "WireGuard, section 5.4.7";
    COOKIE: Bytes "wg.encrypted_cookie" "Encrypted Cookie", "WireGuard, section 5.4.7";
    COUNTER: Number "wg.counter" "Counter", "WireGuard, section 5.4.6";
    PACKET: Bytes "husk.wg.packet" "Encrypted Packet", "WireGuard, section 5.4.6", class Sealed;
    TAG: Bytes "husk.wg.tag" "Authentication tag", "RFC 8439, section 2.8", class Tag;
}

const INITIATION: u8 = 1;
const RESPONSE: u8 = 2;
const COOKIE_REPLY: u8 = 3;
const DATA: u8 = 4;

const TAG_LENGTH: usize = 16;

fn message(number: u64) -> Option<&'static str> {
    Some(match u8::try_from(number).ok()? {
        INITIATION => "Handshake Initiation",
        RESPONSE => "Handshake Response",
        COOKIE_REPLY => "Cookie Reply",
        DATA => "Transport Data",
        _ => return None,
    })
}

/// By content on any port: a type, three zeros, and the one length that the type has. Data is padded to a multiple of
/// 16 bytes; as it tells less than the others, its counter must be one that a connection reaches.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    /// Packets in a second for a year: keys do not last for minutes.
    const FARTHEST: u64 = 1 << 40;
    let is_one = match (first, first.len()) {
        ([INITIATION, 0, 0, 0, ..], 148) | ([RESPONSE, 0, 0, 0, ..], 92) | ([COOKIE_REPLY, 0, 0, 0, ..], 64) => true,
        ([DATA, 0, 0, 0, _, _, _, _, counter @ ..], 32..) if first.len().is_multiple_of(16) => {
            let counter = counter.get(..8).unwrap_or(&[]);
            counter.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)) < FARTHEST
        }
        _ => false,
    };
    if start.transport == Transport::Udp && is_one { Answer::Yes } else { Answer::No }
}

/// WireGuard between two ends. Each message says all of itself.
#[derive(Clone, Copy, Debug)]
struct WireGuard;

fn read(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    const KEY: usize = 32;
    const TAI64N: usize = 12;
    const NONCE_LENGTH: usize = 24;
    const COOKIE_LENGTH: usize = 16;
    let kind = c.u8(&TYPE)?;
    c.bytes(&RESERVED, 3)?;
    match kind {
        INITIATION => {
            c.number_le(&SENDER, 4)?;
            ephemeral(c, KEY)?;
            sealed(c, &STATIC, KEY)?;
            sealed(c, &TIMESTAMP, TAI64N)?;
            macs(c)?;
            Ok(Message::new("handshake initiation"))
        }
        RESPONSE => {
            c.number_le(&SENDER, 4)?;
            c.number_le(&RECEIVER, 4)?;
            ephemeral(c, KEY)?;
            sealed(c, &EMPTY, 0)?;
            macs(c)?;
            Ok(Message::new("handshake response"))
        }
        COOKIE_REPLY => {
            c.number_le(&RECEIVER, 4)?;
            c.bytes(&NONCE, NONCE_LENGTH)?;
            let heading = c.open(&COOKIE);
            c.class(Class::Sealed);
            c.pass(COOKIE_LENGTH)?;
            c.class(Class::Tag);
            c.pass(TAG_LENGTH)?;
            c.close(heading);
            Ok(Message::new("cookie reply"))
        }
        DATA => {
            c.number_le(&RECEIVER, 4)?;
            c.number_le(&COUNTER, 8)?;
            let packet = c.remaining().saturating_sub(TAG_LENGTH);
            sealed(c, &PACKET, packet)?;
            Ok(Message::new(if packet == 0 { "keep-alive" } else { "sealed" }))
        }
        _ => Ok(Message::new("other")),
    }
}

/// A public key, as it is written everywhere.
fn ephemeral(c: &mut Cursor<'_>, length: usize) -> Result<(), Stop> {
    let key = c.pass(length)?;
    if c.listens() {
        c.part(&EPHEMERAL, Value::Text(base64::encode(key).into()));
    }
    Ok(())
}

/// Ciphertext of so many bytes, and its tag.
fn sealed(c: &mut Cursor<'_>, field: &'static Field, length: usize) -> Result<(), Stop> {
    if length > 0 {
        c.skim(field, length, Class::Sealed)?;
    }
    c.skim(&TAG, TAG_LENGTH, Class::Tag)
}

fn macs(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const MAC: usize = 16;
    let class = c.class(Class::Tag);
    c.bytes(&MAC1, MAC)?;
    c.bytes(&MAC2, MAC)?;
    c.class(class);
    Ok(())
}

impl Dialogue for WireGuard {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, read)
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["wg"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn message(kind: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![kind, 0, 0, 0, 0x78, 0x56, 0x34, 0x12];
        bytes.resize(length, 0);
        bytes
    }

    fn is_wireguard(bytes: &[u8]) -> bool {
        let start = Start { transport: Transport::Udp, client_port: 1, server_port: 51820 };
        probe(&start, Side::Client, bytes) == Answer::Yes
    }

    #[test]
    fn it_is_told_by_type_and_length() {
        assert!(is_wireguard(&message(INITIATION, 148)) && !is_wireguard(&message(INITIATION, 149)));
        assert!(is_wireguard(&message(RESPONSE, 92)) && is_wireguard(&message(COOKIE_REPLY, 64)));
        assert!(is_wireguard(&message(DATA, 32)) && !is_wireguard(&message(DATA, 40)));
        let mut far = message(DATA, 48);
        far[15] = 1;
        assert!(!is_wireguard(&far));
    }

    #[test]
    fn numbers_are_little_endian_and_the_rest_is_sealed() {
        let bytes = message(DATA, 48);
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let mut c = Cursor::new(&bytes, 0, 0, &mut findings, Some(&mut tree));
        assert_eq!(WireGuard.read(Side::Client, &mut c).unwrap().what, "sealed");
        let receiver = tree.nodes().iter().find(|node| node.field.name == "wg.receiver").unwrap();
        assert_eq!(tree.cell(receiver, &bytes), "0x12345678");
        let of = |class| findings.claims.ledger.of(class);
        assert_eq!([of(Class::Metadata), of(Class::Sealed), of(Class::Tag)], [16, 16, 16]);
    }

    #[test]
    fn a_handshake_shows_no_static_key() {
        let bytes = message(INITIATION, 148);
        let mut findings = Findings::keeping();
        WireGuard.read(Side::Client, &mut Cursor::new(&bytes, 0, 0, &mut findings, None)).unwrap();
        let of = |class| findings.claims.ledger.of(class);
        assert_eq!([of(Class::Metadata), of(Class::Sealed), of(Class::Tag)], [40, 44, 64]);
        for cut in 0..bytes.len() {
            let _ = WireGuard.read(Side::Client, &mut Cursor::new(&bytes[..cut], 0, 0, &mut findings, None));
        }
    }
}
