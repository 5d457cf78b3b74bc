//! OpenVPN (OpenVPN's `ssl_pkt.h`; draft-openvpn-wire-protocol), over UDP and TCP.
//!
//! ```text
//! (length, over TCP) opcode, key id | session id | (HMAC, or all encrypted) | acknowledgements | TLS     control
//! (length, over TCP) opcode, key id | (peer id) | packet                                                 data
//! ```
//!
//! Whether a control packet is authenticated (tls-auth) or encrypted (tls-crypt) by a key that both ends hold, no packet
//! says: what stands behind the session id is Unknown.

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// OpenVPN.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("openvpn", "OpenVPN Protocol", Class::Metadata, "draft-openvpn-wire-protocol"),
    fields: FIELDS,
    under: &[Under::Udp(PORT), Under::Tcp(PORT)],
    read: Read::Dialogue {
        new: |start| Box::new(OpenVpn { stream: start.is_stream() }),
        probe: Some(probe),
    },
};

const PORT: u16 = 1194;

fields! { class Metadata, "draft-openvpn-wire-protocol, section 4";
    LENGTH: Number "openvpn.plen" "Plen";
    TYPE: Hex(2) "openvpn.type" "Type";
    OPCODE: Hex(2) "openvpn.opcode" "Opcode", names opcode;
    KEY_ID: Number "openvpn.keyid" "Key ID";
    PEER_ID: Number "openvpn.peerid" "Peer ID";
    SESSION_ID: Number "openvpn.sessionid" "Session ID";
    CONTROL: Bytes "husk.openvpn.control" "Control packet, authenticated or encrypted";
    PACKET: Bytes "husk.openvpn.packet" "Encrypted packet", class Sealed;
}

const HARD_RESET_CLIENT_V1: u8 = 1;
const DATA_V1: u8 = 6;
const HARD_RESET_CLIENT_V2: u8 = 7;
const HARD_RESET_SERVER_V2: u8 = 8;
const DATA_V2: u8 = 9;
const HARD_RESET_CLIENT_V3: u8 = 10;
const WKC_V1: u8 = 11;

fn opcode(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "P_CONTROL_HARD_RESET_CLIENT_V1",
        2 => "P_CONTROL_HARD_RESET_SERVER_V1",
        3 => "P_CONTROL_SOFT_RESET_V1",
        4 => "P_CONTROL_V1",
        5 => "P_ACK_V1",
        6 => "P_DATA_V1",
        7 => "P_CONTROL_HARD_RESET_CLIENT_V2",
        8 => "P_CONTROL_HARD_RESET_SERVER_V2",
        9 => "P_DATA_V2",
        10 => "P_CONTROL_HARD_RESET_CLIENT_V3",
        11 => "P_CONTROL_WKC_V1",
        _ => return None,
    })
}

/// The shortest packet that opens a session: type, session id, no acknowledgements, number 0.
const SHORTEST: usize = 14;

/// By content: a client's first packet, which acknowledges nothing and has the number 0. On the port of OpenVPN a
/// packet that opens a session is believed without, for it may be encrypted.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    /// The longest HMAC has 64 bytes; a wrapped client key may follow on port 1194.
    const LONGEST: usize = SHORTEST + 64 + 8;
    /// What opens a session, with the key 0.
    const OPENERS: [u8; 4] = [HARD_RESET_CLIENT_V1, HARD_RESET_CLIENT_V2, HARD_RESET_SERVER_V2, HARD_RESET_CLIENT_V3];
    let ported = start.client_port == PORT || start.server_port == PORT;
    let (packet, length) = match (start.transport, first) {
        (Transport::Udp, packet) => (packet, packet.len()),
        (_, [high, low, packet @ ..]) => (packet, usize::from(u16::from_be_bytes([*high, *low]))),
        (_, [] | [_]) => return Answer::More,
    };
    let opens = |kind: u8| OPENERS.map(|opcode| opcode << 3).contains(&kind);
    match packet.first() {
        None if start.is_stream() && length >= SHORTEST => Answer::More,
        Some(kind) if opens(*kind) && length >= SHORTEST => match packet.get(..length) {
            _ if ported => Answer::Yes,
            _ if length > LONGEST || *kind != HARD_RESET_CLIENT_V2 << 3 => Answer::No,
            Some(packet) if packet.ends_with(&[0; 5]) => Answer::Yes,
            None if start.is_stream() => Answer::More,
            _ => Answer::No,
        },
        _ => Answer::No,
    }
}

/// OpenVPN within one flow.
#[derive(Clone, Copy, Debug)]
struct OpenVpn {
    /// Whether packets follow each other in a stream, each behind its length.
    stream: bool,
}

impl OpenVpn {
    fn packet(self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if self.stream {
            c.u16(&LENGTH)?;
        }
        let kind = c.u8(&TYPE)?;
        c.bits(&OPCODE, kind, 3, 0x1f);
        c.bits(&KEY_ID, kind, 0, 7);
        match kind >> 3 {
            data @ (DATA_V1 | DATA_V2) => {
                if data == DATA_V2 {
                    c.u24(&PEER_ID)?;
                }
                c.skim(&PACKET, c.remaining(), Class::Sealed)?;
                Ok(Message::new("sealed"))
            }
            code @ HARD_RESET_CLIENT_V1..=WKC_V1 => {
                c.u64(&SESSION_ID)?;
                c.class(Class::Unknown);
                if !c.is_empty() {
                    c.bytes(&CONTROL, c.remaining())?;
                }
                Ok(Message::new(match code {
                    5 => "acknowledgement",
                    4 => "control",
                    _ => "reset",
                }))
            }
            _ => Ok(Message::new("other")),
        }
    }
}

impl Dialogue for OpenVpn {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        match arrived {
            [high, low, ..] => Extent::Whole(usize::from(u16::from_be_bytes([*high, *low])).saturating_add(2)),
            _ => Extent::Needs(2),
        }
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let openvpn = *self;
        c.group(&PROTOCOL.heading, |c| openvpn.packet(c))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["openvpn"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Findings;

    fn reset() -> Vec<u8> {
        let mut packet = vec![HARD_RESET_CLIENT_V2 << 3];
        packet.extend([7; 8 + 20 + 8]);
        packet.extend([0; 5]);
        packet
    }

    #[test]
    fn a_client_that_opens_a_session_is_known_anywhere() {
        let start = Start { transport: Transport::Udp, client_port: 1, server_port: 443 };
        let of = |start: &Start, bytes: &[u8]| probe(start, Side::Client, bytes);
        assert_eq!(of(&start, &reset()), Answer::Yes);
        assert_eq!(of(&start, &[&reset()[..], &[1]].concat()), Answer::No);
        assert_eq!(of(&Start { server_port: PORT, ..start }, &[&reset()[..], &[1]].concat()), Answer::Yes);
        let stream = Start { transport: Transport::Tcp, ..start };
        let framed = [&[0, reset().len() as u8], &reset()[..]].concat();
        assert_eq!(of(&stream, &framed), Answer::Yes);
        for cut in 0..framed.len() {
            assert_eq!(of(&stream, &framed[..cut]), Answer::More, "cut at {cut}");
        }
        assert_eq!(of(&stream, b"GET / HTTP/1.1\r\n"), Answer::No);
    }

    #[test]
    fn data_is_sealed_and_control_not_known() {
        let class = |bytes: &[u8]| {
            let mut findings = Findings::keeping();
            let mut c = Cursor::new(bytes, 0, 0, &mut findings, None);
            OpenVpn { stream: false }.read(Side::Client, &mut c).unwrap();
            [Class::Metadata, Class::Sealed, Class::Unknown].map(|class| findings.claims.ledger.of(class))
        };
        assert_eq!(class(&[DATA_V2 << 3, 0, 0, 1, 9, 9, 9]), [4, 3, 0]);
        assert_eq!(class(&[DATA_V1 << 3 | 1, 9, 9, 9]), [1, 3, 0]);
        assert_eq!(class(&reset()), [9, 0, 33]);
    }
}
