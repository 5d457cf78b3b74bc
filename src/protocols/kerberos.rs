//! Kerberos (RFC 4120), recognised: who asks for a ticket to which service stands in clear. What is encrypted within
//! the messages is not told apart; only their beginning is read.

use super::ber::{self, SEQUENCE};
use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop};
use crate::fields;

/// Kerberos.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("kerberos", "Kerberos", Class::Metadata, "RFC 4120"),
    fields: FIELDS,
    under: &[Under::Tcp(88), Under::Udp(88)],
    read: Read::Dialogue {
        new: |start| Box::new(Exchange { stream: start.is_stream() }),
        probe: Some(probe),
    },
};

fields! { class Metadata, "RFC 4120, section 5.4.1";
    RECORD: Number "husk.kerberos.length" "Record length", "RFC 4120, section 7.2.2";
    VERSION: Signed "husk.kerberos.version" "Protocol version";
    TYPE: Signed "husk.kerberos.message" "Message type";
    CLIENT: Text "husk.kerberos.client" "Client";
    REALM: Text "husk.kerberos.realm" "Realm";
    SERVICE: Text "husk.kerberos.service" "Service";
    REST: Bytes "husk.kerberos.rest" "What was not read";
}

/// Octets of the length before each message in a stream.
const RECORD_LENGTH: usize = 4;

/// What a message is, by its tag: of class application, constructed (RFC 4120, section 5.10).
fn message_name(tag: u8) -> Option<&'static str> {
    Some(match tag {
        0x6a => "AS-REQ",
        0x6b => "AS-REP",
        0x6c => "TGS-REQ",
        0x6d => "TGS-REP",
        0x6e => "AP-REQ",
        0x6f => "AP-REP",
        0x74 => "KRB-SAFE",
        0x75 => "KRB-PRIV",
        0x76 => "KRB-CRED",
        0x7e => "KRB-ERROR",
        _ => return None,
    })
}

/// By the tag and the sequence in it, whose lengths agree with each other and with what is around them.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    let message = match (start.transport, first) {
        (Transport::Udp, message) => message,
        (_, [0 | 1, _, _, _, message @ ..]) => message,
        (_, [0 | 1, ..]) => return Answer::More,
        _ => return Answer::No,
    };
    let begins = |bytes: &[u8]| bytes.first().is_none_or(|tag| message_name(*tag).is_some());
    if !begins(message) {
        return Answer::No;
    }
    // A tag and a sequence have at most six octets each before their values.
    let more = if message.len() < 12 && start.is_stream() { Answer::More } else { Answer::No };
    let Some(outer) = ber::head(message) else { return more };
    let Some(inner) = message.get(outer.size..).and_then(ber::head) else { return more };
    let nested = inner.tag == SEQUENCE && inner.size.saturating_add(inner.length) == outer.length;
    let whole = outer.size.saturating_add(outer.length);
    let fits = match first {
        [a, b, d, e, ..] if start.is_stream() => {
            u32::from_be_bytes([*a, *b, *d, *e]) as usize == whole
        }
        _ => message.len() == whole,
    };
    if nested && fits { Answer::Yes } else { Answer::No }
}

/// Kerberos within one flow: each message stands for itself.
#[derive(Clone, Debug)]
struct Exchange {
    stream: bool,
}

impl Dialogue for Exchange {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        let [a, b, d, e, ..] = arrived else { return Extent::Needs(RECORD_LENGTH) };
        // The uppermost bit is reserved.
        let length = (u32::from_be_bytes([*a, *b, *d, *e]) & 0x7fff_ffff) as usize;
        Extent::Whole(length.saturating_add(RECORD_LENGTH))
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, |c| {
            if self.stream {
                c.u32(&RECORD)?;
            }
            let tag = c.peek(1).first().copied().unwrap_or(0);
            let read = ber::enter(c, |c, _| ber::within(c, SEQUENCE, |c| fields_of(c, tag)));
            if let Err(stop) = read {
                c.stopped(&stop);
            }
            Ok(Message::new(message_name(tag).unwrap_or("other message")))
        })
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

/// The fields of a message, each in a tag with its number; of requests also those of the body.
fn fields_of(c: &mut Cursor<'_>, tag: u8) -> Result<(), Stop> {
    let (request, reply, error) = (matches!(tag, 0x6a | 0x6c), matches!(tag, 0x6b | 0x6d), tag == 0x7e);
    while !c.is_empty() {
        ber::enter(c, |c, number| {
            match number & 0x1f {
                0 if !request => ber::integer(c, &VERSION).map(drop),
                1 if !request => ber::integer(c, &TYPE).map(drop),
                1 if request => ber::integer(c, &VERSION).map(drop),
                2 if request => ber::integer(c, &TYPE).map(drop),
                4 if request => ber::within(c, SEQUENCE, body),
                3 if reply => text(c, &REALM),
                4 if reply => name(c, &CLIENT),
                7 if error => text(c, &REALM),
                8 if error => name(c, &CLIENT),
                9 if error => text(c, &REALM),
                10 if error => name(c, &SERVICE),
                _ => rest(c),
            }
        })?;
    }
    Ok(())
}

/// The body of a request (RFC 4120, section 5.4.1).
fn body(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        ber::enter(c, |c, number| match number & 0x1f {
            1 => name(c, &CLIENT),
            2 => text(c, &REALM),
            3 => name(c, &SERVICE),
            _ => rest(c),
        })?;
    }
    Ok(())
}

fn rest(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.skim(&REST, c.remaining(), Class::Unknown) }
}

/// A string: its kind is GeneralString, which holds ASCII (RFC 4120, section 5.2.1).
fn text(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    ber::enter(c, |c, _| {
        let text = c.bytes(field, c.remaining())?;
        c.fact(field, text);
        Ok(())
    })
}

/// The parts of a name (RFC 4120, section 5.2.2), written with strokes between.
fn name(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    const MOST_PARTS: usize = 8;
    let place = c.open(field);
    let start = c.offset();
    let mut rest = c.rest();
    let mut parts = Vec::new();
    // { [0] type, [1] { part, part ... } }
    if let Some((inner, _)) = ber::value(rest, SEQUENCE)
        && let Some((_, behind)) = ber::value(inner, 0xa0)
        && let Some((strings, _)) = ber::value(behind, 0xa1)
        && let Some((strings, _)) = ber::value(strings, SEQUENCE)
    {
        rest = strings;
        while let Some(head) = ber::head(rest).filter(|_| parts.len() < MOST_PARTS) {
            let Some((part, behind)) = ber::value(rest, head.tag) else { break };
            parts.push(String::from_utf8_lossy(part));
            rest = behind;
        }
    }
    c.pass(c.remaining())?;
    c.close(place);
    if !parts.is_empty() {
        let name = parts.join("/");
        c.fact_at(field, name.as_bytes(), start, c.offset(), crate::bytes::Confidence::Certain);
        c.subject(&name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    const INTEGER: u8 = ber::INTEGER;

    fn element(tag: u8, value: &[u8]) -> Vec<u8> {
        [&[tag, value.len() as u8][..], value].concat()
    }

    fn request() -> Vec<u8> {
        let part = |text: &[u8]| element(0x1b, text);
        let names = |strings: Vec<u8>| {
            let kind = element(0xa0, &element(INTEGER, &[1]));
            element(SEQUENCE, &[kind, element(0xa1, &element(SEQUENCE, &strings))].concat())
        };
        let service = [part(b"krbtgt"), part(b"EXAMPLE")].concat();
        let body = [
            element(0xa1, &names(part(b"alice"))),
            element(0xa2, &part(b"EXAMPLE")),
            element(0xa3, &names(service)),
        ];
        let fields = [
            element(0xa1, &element(INTEGER, &[5])),
            element(0xa2, &element(INTEGER, &[10])),
            element(0xa4, &element(SEQUENCE, &body.concat())),
        ];
        element(0x6a, &element(SEQUENCE, &fields.concat()))
    }

    #[test]
    fn a_request_tells_who_wants_what() {
        let (message, findings, _) = read_alone(&mut Exchange { stream: false }, Side::Client, &request());
        assert_eq!((message.what, findings.subject.as_str()), ("AS-REQ", "alice krbtgt/EXAMPLE"));
        assert_eq!(findings.facts.len(), 3);
    }

    #[test]
    fn found_by_lengths_that_agree() {
        let start = |transport| Start { transport, client_port: 1, server_port: 88 };
        let message = request();
        assert_eq!(probe(&start(Transport::Udp), Side::Client, &message), Answer::Yes);
        assert_eq!(probe(&start(Transport::Udp), Side::Client, &message[..20]), Answer::No);
        let stream = [&(message.len() as u32).to_be_bytes()[..], &message].concat();
        let whole = probe(&start(Transport::Tcp), Side::Client, &stream);
        assert_eq!(whole, Answer::Yes);
        for cut in 1..stream.len() {
            let early = probe(&start(Transport::Tcp), Side::Client, &stream[..cut]);
            assert!(early == whole || early == Answer::More);
        }
    }

    #[test]
    fn lengths_that_lie_stop_it() {
        let whole = request();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] = 0x7f;
            let (_, findings, _) = read_alone(&mut Exchange { stream: false }, Side::Client, &bytes);
            assert!(findings.claims.ledger.total() <= bytes.len() as u64);
        }
    }
}
