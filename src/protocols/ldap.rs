//! LDAP (RFC 4511): the envelope of each message, who binds, and StartTLS.
//!
//! ```text
//! SEQUENCE { messageID, one of: 0 bind, 1 bind response, 3 search, ... 23 extended, 24 extended response }
//! ```

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Transport, Under, heading, tls};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Lightweight Directory Access Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ldap", "Lightweight Directory Access Protocol", Class::Metadata, "RFC 4511"),
    fields: FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |_| Box::new(Ldap::default()), probe: Some(probe) },
};

const PORTS: [Under; 2] = [Under::Tcp(389), Under::Tcp(3268)];

/// The longest message that is gathered; longer ones are results.
const LONGEST: usize = 256 << 10;

fields! { class Metadata, "RFC 4511, section 4.1.1";
    MESSAGE_ID: Number "husk.ldap.message_id" "messageID";
    OPERATION: Number "husk.ldap.operation" "protocolOp", names operation;
    BODY: Bytes "husk.ldap.body" "Body";
    NAME: Text "husk.ldap.bind_name" "Name that binds", "RFC 4511, section 4.2";
    PASSWORD: Text "husk.ldap.password" "Password", "RFC 4511, section 4.2";
}

/// 1.3.6.1.4.1.1466.20037 (RFC 4511, section 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

const BIND: u8 = 0;
const EXTENDED: u8 = 23;
const EXTENDED_RESPONSE: u8 = 24;

fn operation(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "bindRequest",
        1 => "bindResponse",
        2 => "unbindRequest",
        3 => "searchRequest",
        4 => "searchResultEntry",
        5 => "searchResultDone",
        6 => "modifyRequest",
        7 => "modifyResponse",
        8 => "addRequest",
        9 => "addResponse",
        10 => "delRequest",
        11 => "delResponse",
        12 => "modDNRequest",
        13 => "modDNResponse",
        14 => "compareRequest",
        15 => "compareResponse",
        16 => "abandonRequest",
        19 => "searchResultReference",
        23 => "extendedRequest",
        24 => "extendedResponse",
        25 => "intermediateResponse",
        _ => return None,
    })
}

/// The header of an element of BER: tag, and how many bytes header and value take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Element {
    tag: u8,
    header: usize,
    length: usize,
}

impl Element {
    /// The element at the start of `bytes`; `None` if more bytes are needed, or it has no length of its own.
    fn read(bytes: &[u8]) -> Option<Element> {
        let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
        let more = usize::from(first & 0x7f);
        match first {
            0..=0x7f => Some(Element { tag, header: 2, length: first.into() }),
            0x81..=0x84 => {
                let header = more.saturating_add(2);
                let length = bytes.get(2..header)?.iter().fold(0usize, |n, byte| n << 8 | usize::from(*byte));
                Some(Element { tag, header, length })
            }
            _ => None,
        }
    }
}

/// On its ports, by a SEQUENCE that begins with a number and goes on with an operation.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let ported = PORTS.iter().any(|port| [start.client_port, start.server_port].map(Under::Tcp).contains(port));
    if start.transport != Transport::Tcp || !ported || first.first().is_some_and(|tag| *tag != SEQUENCE) {
        return Answer::No;
    }
    let Some(outer) = Element::read(first) else {
        return if first.len() < 6 && first.get(1).is_none_or(|n| matches!(n, 0x81..=0x84)) { Answer::More } else { Answer::No };
    };
    match first.get(outer.header) {
        None => Answer::More,
        Some(tag) if *tag == INTEGER => Answer::Yes,
        Some(_) => Answer::No,
    }
}

/// LDAP over one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Ldap {
    /// Whether StartTLS waits for its answer.
    upgrading: bool,
}

impl Ldap {
    fn message(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        enter(c)?;
        let id = enter(c)?;
        c.number(&MESSAGE_ID, id.length.min(8))?;
        let operation = enter(c)?;
        let number = operation.tag & 0x1f;
        c.part(&OPERATION, crate::bytes::Value::Number(number.into()));
        let what = self::operation(number.into()).unwrap_or("message");
        let body = c.peek(operation.length);
        let mut then = Then::Same;
        match (side, number) {
            (Side::Client, BIND) => bind(c)?,
            (Side::Client, EXTENDED) => {
                let named = Element::read(body).and_then(|name| body.get(name.header..)?.get(..name.length));
                self.upgrading = named == Some(START_TLS);
            }
            (Side::Server, EXTENDED_RESPONSE) if std::mem::take(&mut self.upgrading) && body.starts_with(&[0x0a, 1, 0]) => {
                then = Then::Protocol(&tls::PROTOCOL);
            }
            _ => {}
        }
        c.class(if matches!(number, 3..=19) { Class::Content } else { Class::Metadata });
        if !c.is_empty() {
            c.bytes(&BODY, c.remaining())?;
        }
        Ok(Message { what: if then == Then::Same { what } else { "ready for TLS" }, then })
    }
}

/// Passes the header of an element.
fn enter(c: &mut Cursor<'_>) -> Result<Element, Stop> {
    let element = Element::read(c.rest()).ok_or_else(|| c.malformed("not an element of BER"))?;
    c.pass(element.header)?;
    Ok(element)
}

/// A simple bind (RFC 4511, section 4.2): version, name, password in clear.
fn bind(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const SIMPLE: u8 = 0x80;
    let version = enter(c)?;
    c.pass(version.length)?;
    let name = enter(c)?;
    let value = c.bytes(&NAME, name.length)?;
    if !value.is_empty() {
        c.fact(&NAME, value);
        c.subject(&String::from_utf8_lossy(value));
    }
    let authentication = enter(c)?;
    if authentication.tag == SIMPLE && authentication.length > 0 {
        let password = c.bytes(&PASSWORD, authentication.length)?;
        c.fact(&PASSWORD, password);
    }
    Ok(())
}

impl Dialogue for Ldap {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        const LONGEST_HEADER: usize = 6;
        match Element::read(arrived) {
            Some(element) => match element.header.saturating_add(element.length) {
                total if total > LONGEST => {
                    Extent::Pass { class: Class::Content, length: total as u64, ends: false }
                }
                total => Extent::Whole(total),
            },
            None if arrived.len() < LONGEST_HEADER => Extent::Needs(arrived.len().saturating_add(1)),
            // Protected by SASL, or no LDAP.
            None => Extent::Pass { class: Class::Unknown, length: u64::MAX, ends: false },
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = self.message(side, c);
        c.close(heading);
        read
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["ldap"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Findings;

    fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        [&[tag, value.len() as u8], &value[..]].concat()
    }

    fn message(operation: &[u8]) -> Vec<u8> {
        element(0x30, &[&element(2, &[&[1]]), operation])
    }

    fn say(ldap: &mut Ldap, side: Side, bytes: &[u8]) -> (Message, Vec<String>) {
        assert_eq!(ldap.extent(side, bytes), Extent::Whole(bytes.len()));
        let mut findings = Findings::keeping();
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, None);
        let message = ldap.read(side, &mut c).unwrap();
        assert!(c.is_empty());
        let facts = findings.facts.iter().map(|fact| String::from_utf8_lossy(&fact.value).into_owned());
        (message, facts.collect())
    }

    #[test]
    fn a_simple_bind_shows_name_and_password() {
        let bind = element(0x60, &[&element(2, &[&[3]]), &element(4, &[b"cn=ann"]), &element(0x80, &[b"secret"])]);
        let (message, facts) = say(&mut Ldap::default(), Side::Client, &message(&bind));
        assert_eq!((message.what, facts), ("bindRequest", vec!["cn=ann".to_owned(), "secret".to_owned()]));
    }

    #[test]
    fn tls_follows_if_the_server_says_success() {
        let mut ldap = Ldap::default();
        let start = message(&element(0x77, &[&element(0x80, &[START_TLS])]));
        let answer = |code| message(&element(0x78, &[&[0x0a, 1, code], &[4, 0], &[4, 0]]));
        say(&mut ldap, Side::Client, &start);
        assert_eq!(say(&mut ldap, Side::Server, &answer(2)).0.then, Then::Same);
        say(&mut ldap, Side::Client, &start);
        assert_eq!(say(&mut ldap, Side::Server, &answer(0)).0.then, Then::Protocol(&tls::PROTOCOL));
    }

    #[test]
    fn it_is_believed_on_its_ports_by_its_envelope() {
        let start = Start { transport: Transport::Tcp, client_port: 40_000, server_port: 389 };
        let of = |first: &[u8]| probe(&start, Side::Client, first);
        let bind = message(&element(0x60, &[]));
        assert_eq!([of(&bind[..1]), of(&bind[..2]), of(&bind[..3])], [Answer::More, Answer::More, Answer::Yes]);
        assert_eq!(of(&[0x16, 3, 1]), Answer::No);
        assert_eq!(of(&[0x30, 0x80, 2]), Answer::No);
    }
}
