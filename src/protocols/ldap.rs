//! LDAP (RFC 4511), recognised: which operation a message is, who binds, where is searched, and whether TLS is
//! spoken from there on. A simple bind shows its password.

use super::ber::{self, INTEGER, OCTET_STRING, SEQUENCE};
use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, heading, tls};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Lightweight Directory Access Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ldap", "Lightweight Directory Access Protocol", Class::Metadata, "RFC 4511"),
    fields: FIELDS,
    under: &[Under::Tcp(389), Under::Tcp(3268), Under::Udp(389)],
    read: Read::Dialogue { new: |_| Box::new(Session::default()), probe: Some(probe) },
};

fields! { class Metadata, "RFC 4511, section 4.1.1";
    MESSAGE_ID: Signed "husk.ldap.message_id" "messageID";
    OPERATION: Number "husk.ldap.operation" "protocolOp", names operation_name;
    VERSION: Signed "ldap.version" "version", "RFC 4511, section 4.2";
    NAME: Text "ldap.name" "name", "RFC 4511, section 4.2";
    PASSWORD: Text "ldap.simple" "simple", "RFC 4511, section 4.2";
    MECHANISM: Text "ldap.mechanism" "mechanism", "RFC 4511, section 4.2";
    BASE: Text "husk.ldap.base" "baseObject", "RFC 4511, section 4.5.1";
    RESULT: Signed "husk.ldap.result" "resultCode", "RFC 4511, section 4.1.9", names result_name;
    EXTENSION: Text "ldap.requestName" "requestName", "RFC 4511, section 4.12";
    CONTENT: Bytes "husk.ldap.content" "What was not read";
    BUFFER: Bytes "husk.ldap.sasl_buffer" "SASL buffer", "RFC 4422, section 3.7";
}

/// The operations in the order of RFC 4511, section 4.1.1, each with its tag.
const OPERATIONS: [(u8, &str); 21] = [
    (0x60, "bind request"),
    (0x61, "bind response"),
    (0x42, "unbind request"),
    (0x63, "search request"),
    (0x64, "search result entry"),
    (0x65, "search result done"),
    (0x73, "search result reference"),
    (0x66, "modify request"),
    (0x67, "modify response"),
    (0x68, "add request"),
    (0x69, "add response"),
    (0x4a, "delete request"),
    (0x6b, "delete response"),
    (0x6c, "rename request"),
    (0x6d, "rename response"),
    (0x6e, "compare request"),
    (0x6f, "compare response"),
    (0x50, "abandon request"),
    (0x77, "extended request"),
    (0x78, "extended response"),
    (0x79, "intermediate response"),
];
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
/// Octets of the length before a SASL buffer (RFC 4422, section 3.7).
const BUFFER_LENGTH: usize = 4;

fn operation_name(number: u64) -> Option<&'static str> {
    OPERATIONS.get(usize::try_from(number).ok()?).map(|(_, name)| *name)
}

fn result_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "success",
        1 => "operations error",
        2 => "protocol error",
        8 => "stronger authentication required",
        10 => "referral",
        14 => "SASL bind in progress",
        32 => "no such object",
        49 => "invalid credentials",
        50 => "insufficient access rights",
        _ => return None,
    })
}

/// By a sequence that begins with a number and goes on with one of the operations.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    /// What the heads of the sequence and of the number take at most.
    const ENOUGH: usize = 13;
    match first {
        [SEQUENCE, ..] => {}
        _ => return Answer::No,
    }
    let more = if first.len() < ENOUGH && start.is_stream() { Answer::More } else { Answer::No };
    let Some(outer) = ber::head(first) else { return more };
    let inner = first.get(outer.size..).unwrap_or(&[]);
    match inner {
        [INTEGER, 1..=4, ..] => {}
        [INTEGER] | [] => return more,
        _ => return Answer::No,
    }
    let Some((_, behind)) = ber::value(inner, INTEGER) else { return more };
    let Some(tag) = behind.first() else { return more };
    let fits = start.is_stream() || outer.size.saturating_add(outer.length) == first.len();
    if fits && OPERATIONS.iter().any(|(known, _)| known == tag) { Answer::Yes } else { Answer::No }
}

/// LDAP within one flow.
#[derive(Clone, Debug, Default)]
struct Session {
    /// Whether the client asked for TLS.
    tls_asked: bool,
    /// Whether a SASL bind succeeded: then messages may come in buffers, protected.
    sasl: bool,
}

impl Dialogue for Session {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        /// The longest head of an element.
        const LONGEST_HEAD: usize = 6;
        match arrived {
            [0, a, b, d, ..] if self.sasl => {
                let total = (u32::from_be_bytes([0, *a, *b, *d]) as usize).saturating_add(BUFFER_LENGTH);
                Extent::Skip { head: BUFFER_LENGTH, total }
            }
            [0, ..] if self.sasl => Extent::Needs(BUFFER_LENGTH),
            [SEQUENCE, ..] => match ber::head(arrived) {
                Some(head) => Extent::Whole(head.size.saturating_add(head.length)),
                None if arrived.len() < LONGEST_HEAD => Extent::Needs(arrived.len().saturating_add(1)),
                None => Extent::Lost(1),
            },
            _ => Extent::Lost(1),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, |c| {
            if let [0, ..] = c.rest() {
                c.pass(BUFFER_LENGTH)?;
                // Protected for integrity alone or encrypted: the octets do not tell.
                c.skim(&BUFFER, c.remaining(), Class::Unknown)?;
                return Ok(Message::new("SASL buffer"));
            }
            let mut message = Message::new("message");
            if let Err(stop) = ber::within(c, SEQUENCE, |c| self.message(side, c, &mut message)) {
                c.stopped(&stop);
            }
            Ok(message)
        })
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

impl Session {
    fn message(&mut self, side: Side, c: &mut Cursor<'_>, message: &mut Message) -> Result<(), Stop> {
        ber::integer(c, &MESSAGE_ID)?;
        ber::enter(c, |c, tag| {
            let place = OPERATIONS.iter().position(|(known, _)| *known == tag);
            if let Some(place) = place {
                c.say(&OPERATION, Value::Number(place as u64));
                message.what = operation_name(place as u64).unwrap_or(message.what);
            }
            match tag {
                0x60 => bind(c)?,
                0x63 => tell(c, &BASE)?,
                0x77 => {
                    let name = ber::within(c, 0x80, |c| c.bytes(&EXTENSION, c.remaining()))?;
                    self.tls_asked |= name == START_TLS && side == Side::Client;
                }
                0x61 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78 => {
                    let result = ber::within(c, 0x0a, |c| ber::number(c, &RESULT))?;
                    self.sasl |= tag == 0x61 && result == 0;
                    if tag == 0x78 && result == 0 && std::mem::take(&mut self.tls_asked) {
                        message.then = Then::Protocol(&tls::PROTOCOL);
                    }
                }
                _ => {}
            }
            // What is searched, found, changed and compared is what is said; the rest is talk about it.
            rest(c, if matches!(tag & 0x1f, 3..=20) { Class::Content } else { Class::Metadata })
        })?;
        rest(c, Class::Metadata)
    }
}

/// RFC 4511, section 4.2: a name, and a password in clear or a mechanism.
fn bind(c: &mut Cursor<'_>) -> Result<(), Stop> {
    ber::integer(c, &VERSION)?;
    tell(c, &NAME)?;
    ber::enter(c, |c, tag| match tag {
        _ if c.is_empty() => Ok(()),
        0x80 => {
            let password = c.bytes(&PASSWORD, c.remaining())?;
            c.fact(&PASSWORD, password);
            Ok(())
        }
        0xa3 => {
            ber::octets(c, &MECHANISM)?;
            rest(c, Class::Metadata)
        }
        _ => rest(c, Class::Metadata),
    })
}

/// A string of octets that says who or where.
fn tell(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let text = ber::within(c, OCTET_STRING, |c| c.bytes(field, c.remaining()))?;
    if !text.is_empty() {
        c.fact(field, text);
        c.subject(&String::from_utf8_lossy(text));
    }
    Ok(())
}

fn rest(c: &mut Cursor<'_>, class: Class) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.skim(&CONTENT, c.remaining(), class) }
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::super::Transport;
    use super::*;

    const BIND: &[u8] = b"\x30\x16\x02\x01\x01\x60\x11\x02\x01\x03\x04\x04cn=a\x80\x06secret";

    #[test]
    fn a_simple_bind_shows_its_password() {
        let (message, findings, _) = read_alone(&mut Session::default(), Side::Client, BIND);
        assert_eq!((message.what, findings.subject.as_str()), ("bind request", "cn=a"));
        assert_eq!(&*findings.facts[1].value, b"secret");
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 2 };
        assert_eq!(probe(&start, Side::Client, BIND), Answer::Yes);
        for cut in 1..BIND.len() {
            assert_ne!(probe(&start, Side::Client, &BIND[..cut]), Answer::No);
        }
    }

    #[test]
    fn tls_follows_when_both_agree() {
        let mut session = Session::default();
        let asked = [&b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16"[..], START_TLS].concat();
        read_alone(&mut session, Side::Client, &asked);
        let (message, ..) = read_alone(&mut session, Side::Server, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0");
        assert_eq!(message.then, Then::Protocol(&tls::PROTOCOL));
    }

    #[test]
    fn lengths_that_lie_stop_it() {
        for at in [1, 3, 6, 8, 11, 17] {
            let mut bytes = BIND.to_vec();
            bytes[at] = 0x7f;
            let (_, _, tree) = read_alone(&mut Session::default(), Side::Client, &bytes);
            assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"), "{at}");
        }
    }
}
