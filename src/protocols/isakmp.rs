//! IKE, versions 1 and 2 (RFC 2408, RFC 7296): the header, and the payloads that are in clear.
//!
//! ```text
//! (0000, beside ESP on port 4500) SPI of both | next payload | version | exchange | flags | message id | length
//! payloads: next payload | flags | length | body
//! ```

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, Under, heading, x509};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Internet Security Association and Key Management Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("isakmp", "Internet Security Association and Key Management Protocol", Class::Metadata, "RFC 7296, section 3.1"),
    fields: FIELDS,
    under: &[Under::Udp(IKE), Under::Udp(BESIDE_ESP)],
    read: Read::Dialogue {
        new: |start| Box::new(Isakmp { beside_esp: is_beside_esp(start) }),
        probe: Some(probe),
    },
};

const IKE: u16 = 500;
/// RFC 3948, section 2.2.
const BESIDE_ESP: u16 = 4500;

fields! { class Metadata, "RFC 7296, section 3.1";
    MARKER: Bytes "husk.isakmp.non_esp_marker" "Non-ESP Marker", "RFC 3948, section 2.2";
    INITIATOR: Bytes "isakmp.ispi" "Initiator SPI";
    RESPONDER: Bytes "isakmp.rspi" "Responder SPI";
    NEXT: Number "husk.isakmp.next_payload" "Next payload", names payload;
    VERSION: Hex(2) "isakmp.version" "Version";
    MAJOR: Hex(2) "isakmp.mjver" "MjVer";
    MINOR: Hex(2) "isakmp.mnver" "MnVer";
    EXCHANGE: Number "isakmp.exchangetype" "Exchange type", names exchange;
    FLAGS: Hex(2) "isakmp.flags" "Flags";
    ENCRYPTED: Flag "isakmp.flag_e" "Encryption", "RFC 2408, section 3.1";
    COMMIT: Flag "isakmp.flag_c" "Commit", "RFC 2408, section 3.1";
    AUTHENTICATION: Flag "isakmp.flag_a" "Authentication", "RFC 2408, section 3.1";
    FROM_INITIATOR: Flag "isakmp.flag_i" "Initiator";
    HIGHER_VERSION: Flag "isakmp.flag_v" "Version";
    IS_RESPONSE: Flag "isakmp.flag_r" "Response";
    MESSAGE_ID: Hex(8) "isakmp.messageid" "Message ID";
    LENGTH: Number "isakmp.length" "Length";
    PAYLOAD: Group "husk.isakmp.payload" "Payload", "RFC 7296, section 3.2";
    PAYLOAD_FLAGS: Hex(2) "husk.isakmp.payload.flags" "Payload flags", "RFC 7296, section 3.2";
    PAYLOAD_LENGTH: Number "husk.isakmp.payload.length" "Payload length", "RFC 7296, section 3.2";
    PAYLOAD_BODY: Bytes "husk.isakmp.payload.body" "Payload body", "RFC 7296, section 3.2";
    CERTIFICATE_ENCODING: Number "husk.isakmp.certificate_encoding" "Certificate encoding", "RFC 7296, section 3.6";
    SEALED: Bytes "husk.isakmp.sealed" "Encrypted payloads", "RFC 7296, section 3.14", class Sealed;
}

/// Both SPIs, and what follows to the length.
const HEADER: usize = 28;

/// Encrypted payloads of version 2 (RFC 7296, section 3.14; fragments: RFC 7383, section 2.5).
const ENCRYPTED_PAYLOAD: u8 = 46;
const ENCRYPTED_FRAGMENT: u8 = 53;
/// Certificates, by version.
const CERTIFICATE: u8 = 37;
const CERTIFICATE_OF_FIRST: u8 = 6;

fn exchange(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "Base",
        2 => "Identity Protection (Main Mode)",
        4 => "Aggressive",
        5 => "Informational",
        32 => "Quick Mode",
        33 => "New Group Mode",
        34 => "IKE_SA_INIT",
        35 => "IKE_AUTH",
        36 => "CREATE_CHILD_SA",
        37 => "INFORMATIONAL",
        _ => return None,
    })
}

fn payload(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "none",
        1 | 33 => "Security Association",
        4 | 34 => "Key Exchange",
        5 | 35 => "Identification",
        36 => "Identification - Responder",
        6 | 37 => "Certificate",
        7 | 38 => "Certificate Request",
        8 => "Hash",
        9 => "Signature",
        39 => "Authentication",
        10 | 40 => "Nonce",
        11 | 41 => "Notify",
        12 | 42 => "Delete",
        13 | 43 => "Vendor ID",
        46 => "Encrypted and Authenticated",
        53 => "Encrypted and Authenticated Fragment",
        _ => return None,
    })
}

/// On its ports, by a version that there is, and a length that the datagram bears out.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    let message = match first {
        [0, 0, 0, 0, behind @ ..] if is_beside_esp(start) => behind,
        _ if start.client_port == IKE || start.server_port == IKE => first,
        _ => return Answer::No,
    };
    let version = message.get(17).copied().unwrap_or(0);
    let length = message.get(24..HEADER).map_or(0, |length| length.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)));
    let fits = start.transport == Transport::Udp && matches!(version >> 4, 1 | 2) && length >= HEADER;
    if fits { Answer::Yes } else { Answer::No }
}

/// IKE between two hosts. Each message says all of itself.
#[derive(Clone, Copy, Debug)]
struct Isakmp {
    /// Whether a marker tells its messages from ESP.
    beside_esp: bool,
}

fn is_beside_esp(start: &Start) -> bool {
    start.client_port == BESIDE_ESP || start.server_port == BESIDE_ESP
}

fn read(c: &mut Cursor<'_>, beside_esp: bool) -> Result<Message, Stop> {
    const SPI: usize = 8;
    if beside_esp && c.peek(4) == [0; 4] {
        c.bytes(&MARKER, 4)?;
    }
    c.bytes(&INITIATOR, SPI)?;
    c.bytes(&RESPONDER, SPI)?;
    let first = c.u8(&NEXT)?;
    let version = c.u8(&VERSION)?;
    c.bits(&MAJOR, version, 4, 0xf);
    c.bits(&MINOR, version, 0, 0xf);
    let exchange_type = c.u8(&EXCHANGE)?;
    let flags = c.u8(&FLAGS)?;
    let is_second = version >> 4 >= 2;
    let bits = if is_second {
        [(&FROM_INITIATOR, 3), (&HIGHER_VERSION, 4), (&IS_RESPONSE, 5)]
    } else {
        [(&ENCRYPTED, 0), (&COMMIT, 1), (&AUTHENTICATION, 2)]
    };
    for (field, shift) in bits {
        c.bits(field, flags, shift, 1);
    }
    c.u32(&MESSAGE_ID)?;
    let length = c.u32(&LENGTH)? as usize;
    c.narrow(length.saturating_sub(HEADER));
    if let Some(name) = exchange(exchange_type.into()) {
        c.subject(name);
    }
    if !is_second && flags & 1 != 0 {
        c.skim(&SEALED, c.remaining(), Class::Sealed)?;
        return Ok(Message::new("sealed"));
    }
    payloads(c, first).map(|sealed| Message::new(if sealed { "sealed" } else { "message" }))
}

/// All payloads; returns whether the last one is encrypted. Each turn passes at least four bytes.
fn payloads(c: &mut Cursor<'_>, first: u8) -> Result<bool, Stop> {
    const GENERIC: usize = 4;
    let mut kind = first;
    while kind != 0 && !c.is_empty() {
        let heading = c.open(&PAYLOAD);
        let next = c.u8(&NEXT)?;
        c.u8(&PAYLOAD_FLAGS)?;
        let body = usize::from(c.u16(&PAYLOAD_LENGTH)?).saturating_sub(GENERIC);
        if matches!(kind, ENCRYPTED_PAYLOAD | ENCRYPTED_FRAGMENT) {
            // What stands in `next payload` is within (RFC 7296, section 3.14).
            c.skim(&SEALED, body, Class::Sealed)?;
            c.close(heading);
            return Ok(true);
        }
        match kind {
            CERTIFICATE | CERTIFICATE_OF_FIRST if body > 0 => c.inside(body, certificate)?,
            _ if body > 0 => drop(c.bytes(&PAYLOAD_BODY, body)?),
            _ => {}
        }
        c.close(heading);
        kind = next;
    }
    Ok(false)
}

/// A certificate (RFC 7296, section 3.6), if it is one of X.509 for signatures.
fn certificate(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const X509_SIGNATURE: u8 = 4;
    let encoding = c.u8(&CERTIFICATE_ENCODING)?;
    let heading = c.open(&PAYLOAD_BODY);
    let read = match encoding {
        X509_SIGNATURE => x509::read(c, true, |c| c.pass(c.remaining()).map(drop)),
        _ => c.pass(c.remaining()).map(drop),
    };
    c.close(heading);
    read
}

impl Dialogue for Isakmp {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let beside_esp = self.beside_esp;
        c.group(&PROTOCOL.heading, |c| read(c, beside_esp))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["isakmp"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Findings;

    fn message(version: u8, first: u8, flags: u8, payloads: &[u8]) -> Vec<u8> {
        let mut bytes = vec![1; 8];
        bytes.extend([2; 8]);
        bytes.extend([first, version, 34, flags, 0, 0, 0, 0]);
        bytes.extend((HEADER.saturating_add(payloads.len()) as u32).to_be_bytes());
        bytes.extend(payloads);
        bytes
    }

    fn classes(bytes: &[u8]) -> [u64; 3] {
        let mut findings = Findings::keeping();
        let _ = Isakmp { beside_esp: true }.read(Side::Client, &mut Cursor::new(bytes, 0, 0, &mut findings, None));
        [Class::Metadata, Class::Sealed, Class::Unknown].map(|class| findings.claims.ledger.of(class))
    }

    #[test]
    fn what_is_encrypted_is_sealed() {
        assert_eq!(classes(&message(0x10, 5, 1, &[9; 20])), [28, 20, 0]);
        assert_eq!(classes(&message(0x20, 40, 8, &[46, 0, 0, 6, 1, 1, 35, 0, 0, 9, 7, 7, 7, 7, 7])), [28 + 6 + 4, 5, 0]);
    }

    #[test]
    fn the_marker_beside_esp_is_passed() {
        let bytes = [&[0; 4], &message(0x20, 0, 8, &[])[..]].concat();
        assert_eq!(classes(&bytes), [32, 0, 0]);
        let start = Start { transport: Transport::Udp, client_port: 4500, server_port: 4500 };
        assert_eq!(probe(&start, Side::Client, &bytes), Answer::Yes);
        assert_eq!(probe(&Start { client_port: 1, server_port: 2, ..start }, Side::Client, &bytes), Answer::No);
    }

    #[test]
    fn lengths_that_lie_end_reading() {
        assert_eq!(classes(&message(0x20, 40, 8, &[40, 0, 0, 0, 40, 0, 0, 0]))[0], 36);
        assert_eq!(classes(&message(0x20, 40, 8, &[40, 0, 0xff, 0xff, 1]))[0], 32);
    }
}
