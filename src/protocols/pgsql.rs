//! PostgreSQL (its documentation, chapter "Frontend/Backend Protocol"), and its turn to TLS.
//!
//! ```text
//! client: length | 1234.5679                      server: S ─► TLS from here on, N ─► in clear
//! client: length | 3.0 | user, database, ...      then both: type | length | body
//! ```

use super::{
    Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, heading, strings, tls,
};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// PostgreSQL.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("pgsql", "PostgreSQL", Class::Metadata, "PostgreSQL, section 55.7"),
    fields: FIELDS,
    under: &[Under::Tcp(PORT)],
    read: Read::Dialogue { new: |_| Box::new(Pgsql::default()), probe: Some(probe) },
};

const PORT: u16 = 5432;

fields! { class Metadata, "PostgreSQL, section 55.7";
    LENGTH: Number "pgsql.length" "Length";
    REQUEST: Hex(8) "husk.pgsql.request" "Protocol version or request", names request;
    TYPE: Text "husk.pgsql.type" "Type of the message";
    ANSWER: Text "husk.pgsql.tls_answer" "Whether TLS follows";
    NAME: Text "pgsql.parameter_name" "Parameter name";
    VALUE: Text "pgsql.parameter_value" "Parameter value";
    PASSWORD: Text "pgsql.password" "Password";
    QUERY: Text "pgsql.query" "Query";
    BODY: Bytes "husk.pgsql.body" "Body";
    USER: Text "husk.pgsql.user" "User who logs in";
    DATABASE: Text "husk.pgsql.database" "Database";
}

const SSL_REQUEST: u64 = 80_877_103;
const GSS_REQUEST: u64 = 80_877_104;
const CANCEL_REQUEST: u64 = 80_877_102;
const VERSION_3: u64 = 3 << 16;

fn request(number: u64) -> Option<&'static str> {
    Some(match number {
        SSL_REQUEST => "SSLRequest",
        GSS_REQUEST => "GSSENCRequest",
        CANCEL_REQUEST => "CancelRequest",
        VERSION_3 => "StartupMessage, version 3.0",
        _ => return None,
    })
}

/// PostgreSQL over one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Pgsql {
    /// Whether the client has said who it is.
    started: bool,
    /// Whether it asked for TLS, and waits for one byte.
    asked: bool,
}

/// By the client's first packet, which is one of a few on any port.
fn probe(start: &Start, side: Side, first: &[u8]) -> Answer {
    if !start.is_stream() || side == Side::Server {
        return Answer::No;
    }
    match first {
        [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f | 0x30, ..] => Answer::Yes,
        [0, 0, high, low, 0, 3, 0, 0, b'a'..=b'z', ..] if [*high, *low] >= [0, 9] => Answer::Yes,
        [0, 0, 0, 8] | [0, 0, 0, 8, 0x04] | [0, 0, 0, 8, 0x04, 0xd2] | [0, 0, 0, 8, 0x04, 0xd2, 0x16] => Answer::More,
        [] | [0] | [0, 0] | [0, 0, _] | [0, 0, _, _] | [0, 0, _, _, 0] => Answer::More,
        [0, 0, _, _, 0, 3] | [0, 0, _, _, 0, 3, 0] | [0, 0, _, _, 0, 3, 0, 0] => Answer::More,
        _ => Answer::No,
    }
}

impl Pgsql {
    /// A packet without a type: what a client says first.
    fn first(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.u32(&LENGTH)?;
        let asked = u64::from(c.u32(&REQUEST)?);
        match asked {
            SSL_REQUEST | GSS_REQUEST => {
                self.asked = true;
                Ok(Message::new("TLS request"))
            }
            CANCEL_REQUEST => strings::rest(c, &BODY).map(|()| Message::new("cancel")),
            _ => {
                self.started = true;
                parameters(c)?;
                Ok(Message::new("startup"))
            }
        }
    }
}

/// What the client says of itself: names with values.
fn parameters(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while c.remaining() > 1 {
        let name = strings::zero_ended(c, &NAME)?;
        let value = strings::zero_ended(c, &VALUE)?;
        match name {
            b"user" => {
                c.fact(&USER, value);
                c.subject(&String::from_utf8_lossy(value));
            }
            b"database" => c.fact(&DATABASE, value),
            _ => {}
        }
    }
    c.pass(c.remaining()).map(drop)
}

/// A packet with a type.
fn message(side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
    const LENGTH_ITSELF: usize = 4;
    let kind = c.bytes(&TYPE, 1)?.first().copied().unwrap_or(0);
    let length = (c.u32(&LENGTH)? as usize).saturating_sub(LENGTH_ITSELF);
    c.inside(length, |c| match (side, kind) {
        (Side::Client, b'p') => {
            let password = strings::zero_ended(c, &PASSWORD)?;
            c.fact(&PASSWORD, password);
            strings::rest(c, &BODY).map(|()| Message::new("password"))
        }
        (Side::Client, b'Q') => {
            c.class(Class::Content);
            strings::zero_ended(c, &QUERY).map(|_| Message::new("query"))
        }
        (Side::Server, b'S') => {
            strings::zero_ended(c, &NAME)?;
            strings::zero_ended(c, &VALUE).map(|_| Message::new("parameter"))
        }
        (Side::Server, b'R') => strings::rest(c, &BODY).map(|()| Message::new("authentication")),
        _ => {
            c.class(Class::Content);
            strings::rest(c, &BODY).map(|()| Message::new("message"))
        }
    })
}

impl Dialogue for Pgsql {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        /// Longer messages are data: passed without being gathered.
        const LONGEST: usize = 256 << 10;
        if side == Side::Server && self.asked {
            return Extent::Whole(1);
        }
        let at = usize::from(self.started || side == Side::Server);
        let Some(&[a, b, c, d]) = arrived.get(at..at.saturating_add(4)) else {
            return Extent::Needs(at.saturating_add(4));
        };
        let total = (u32::from_be_bytes([a, b, c, d]) as usize).max(4).saturating_add(at);
        if total > LONGEST {
            return Extent::Pass { class: Class::Content, length: total as u64, ends: false };
        }
        Extent::Whole(total)
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = if side == Side::Server && std::mem::take(&mut self.asked) {
            c.bytes(&ANSWER, 1).map(|answer| match answer {
                b"S" => Message { what: "ready for TLS", then: Then::Protocol(&tls::PROTOCOL) },
                _ => Message::new("no TLS"),
            })
        } else if side == Side::Client && !self.started {
            self.first(c)
        } else {
            message(side, c)
        };
        c.close(heading);
        read
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["pgsql"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Transport;
    use super::*;
    use crate::bytes::Findings;

    fn say(pgsql: &mut Pgsql, side: Side, bytes: &[u8]) -> (Message, Vec<String>) {
        assert_eq!(pgsql.extent(side, bytes), Extent::Whole(bytes.len()));
        let mut findings = Findings::keeping();
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, None);
        let message = pgsql.read(side, &mut c).unwrap();
        assert!(c.is_empty());
        let facts = findings.facts.iter().map(|fact| String::from_utf8_lossy(&fact.value).into_owned());
        (message, facts.collect())
    }

    const ASKS: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

    #[test]
    fn one_byte_decides_on_tls() {
        let mut pgsql = Pgsql::default();
        say(&mut pgsql, Side::Client, ASKS);
        assert_eq!(say(&mut pgsql, Side::Server, b"N").0.then, Then::Same);
        say(&mut pgsql, Side::Client, ASKS);
        assert_eq!(say(&mut pgsql, Side::Server, b"S").0.then, Then::Protocol(&tls::PROTOCOL));
    }

    #[test]
    fn names_and_passwords_in_clear_are_facts() {
        let mut pgsql = Pgsql::default();
        let startup = b"\0\0\0\x1c\0\x03\0\0user\0ann\0database\0x\0\0";
        let startup = [&(startup.len() as u32).to_be_bytes()[..], &startup[4..]].concat();
        assert_eq!(say(&mut pgsql, Side::Client, &startup).1, ["ann", "x"]);
        assert_eq!(say(&mut pgsql, Side::Client, b"p\0\0\0\x0bsecret\0").1, ["secret"]);
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 2 };
        for (first, length) in [(ASKS, 8), (&startup[..], 9)] {
            for cut in 0..first.len() {
                let expected = if cut < length { Answer::More } else { Answer::Yes };
                assert_eq!(probe(&start, Side::Client, &first[..cut]), expected, "cut at {cut}");
            }
        }
    }
}
