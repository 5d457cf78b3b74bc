//! POP3 (RFC 1939), its capabilities (RFC 2449), authentication (RFC 5034) and STLS (RFC 2595).

use std::collections::VecDeque;

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, heading, lines, tls};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Post Office Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("pop", "Post Office Protocol", Class::Metadata, "RFC 1939"),
    fields: FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |_| Box::new(Pop::default()), probe: Some(probe) },
};

const PORTS: [Under; 1] = [Under::Tcp(110)];

/// Commands that may wait for their answer (RFC 2449, section 6.6).
const MOST_ASKED: usize = 1024;

fields! { class Metadata, "RFC 1939, section 3";
    COMMAND: Text "pop.request.command" "Request command";
    PARAMETER: Text "pop.request.parameter" "Request parameter";
    DATA: Text "pop.request.data" "Request data", "RFC 5034, section 4";
    INDICATOR: Text "pop.response.indicator" "Response indicator";
    DESCRIPTION: Text "pop.response.description" "Response description";
    LISTING: Text "husk.pop.listing" "Listing", "RFC 1939, section 5";
    CONTENT: Text "husk.pop.content" "Mail", "RFC 1939, section 5", class Content;
    GREETING: Text "husk.pop.greeting" "How the server greets", "RFC 1939, section 4";
    USER: Text "husk.pop.user" "User who logs in", "RFC 1939, section 7";
    PASSWORD: Text "husk.pop.password" "Password", "RFC 1939, section 7";
}

/// What follows a positive answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    Nothing,
    /// Lines about mails, to a dot.
    Listing,
    /// A mail, to a dot.
    Mail,
    /// TLS.
    Tls,
    /// A line of the client's.
    Plain,
}

/// POP3 over one connection.
#[derive(Clone, Debug, Default)]
struct Pop {
    asked: VecDeque<Follows>,
    greeted: bool,
    /// What the server is in the middle of.
    within: Option<Follows>,
    /// Whether the client answers a challenge.
    challenged: bool,
}

fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    lines::probe(start, &PORTS, first, |line| line.starts_with(b"+OK") && lines::says(line, b"POP"))
}

impl Pop {
    fn command(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if std::mem::take(&mut self.challenged) {
            let text = lines::pass_text(c, &DATA)?;
            plain(c, text);
            lines::pass_end(c)?;
            return Ok(Message::new("authentication"));
        }
        let command = lines::pass_word(c, &COMMAND)?;
        let parameter = lines::pass_text(c, &PARAMETER)?;
        let (what, follows) = match command.to_ascii_uppercase().as_slice() {
            b"USER" => {
                c.fact(&USER, parameter);
                c.subject(&String::from_utf8_lossy(parameter));
                ("USER", Follows::Nothing)
            }
            b"PASS" => {
                c.fact(&PASSWORD, parameter);
                ("PASS", Follows::Nothing)
            }
            b"APOP" => {
                c.fact(&USER, lines::word(parameter).0);
                ("APOP", Follows::Nothing)
            }
            b"AUTH" => {
                let (mechanism, initial) = lines::word(parameter);
                plain(c, initial);
                let follows = if mechanism.eq_ignore_ascii_case(b"PLAIN") { Follows::Plain } else { Follows::Nothing };
                ("AUTH", if initial.is_empty() { follows } else { Follows::Nothing })
            }
            b"RETR" => ("RETR", Follows::Mail),
            b"TOP" => ("TOP", Follows::Mail),
            b"CAPA" => ("CAPA", Follows::Listing),
            b"LIST" | b"UIDL" if parameter.is_empty() => ("LIST", Follows::Listing),
            b"STLS" => ("STLS", Follows::Tls),
            _ => ("command", Follows::Nothing),
        };
        if self.asked.len() < MOST_ASKED {
            self.asked.push_back(follows);
        }
        lines::pass_end(c)?;
        Ok(Message::new(what))
    }

    fn answer(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if let Some(within) = self.within {
            let (field, what) = if within == Follows::Mail { (&CONTENT, "mail") } else { (&LISTING, "listing") };
            if !lines::text_until_dot(c, field)? {
                return Ok(Message::PART);
            }
            self.within = None;
            return Ok(Message::new(what));
        }
        let indicator = lines::pass_word(c, &INDICATOR)?;
        let description = lines::pass_text(c, &DESCRIPTION)?;
        if !std::mem::replace(&mut self.greeted, true) && self.asked.is_empty() {
            c.fact(&GREETING, description);
            lines::pass_end(c)?;
            return Ok(Message::new("greeting"));
        }
        lines::pass_end(c)?;
        if indicator == b"+" {
            self.challenged = self.asked.front() == Some(&Follows::Plain);
            return Ok(Message::new("challenge"));
        }
        let follows = self.asked.pop_front().filter(|_| indicator == b"+OK").unwrap_or(Follows::Nothing);
        Ok(match follows {
            Follows::Tls => Message { what: "ready for TLS", then: Then::Protocol(&tls::PROTOCOL) },
            Follows::Mail | Follows::Listing => {
                self.within = Some(follows);
                Message::new("answer")
            }
            _ => Message::new("answer"),
        })
    }
}

/// States what AUTH PLAIN says (RFC 4616, section 2).
fn plain(c: &mut Cursor<'_>, text: &[u8]) {
    if let Some((user, password)) = lines::plain(text) {
        c.fact(&USER, &user);
        c.fact(&PASSWORD, &password);
    }
}

impl Dialogue for Pop {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        match (side, self.within) {
            (Side::Server, Some(_)) => lines::until_dot(arrived),
            _ => lines::extent(arrived),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = match side {
            Side::Client => self.command(c),
            Side::Server => self.answer(c),
        };
        c.close(heading);
        read
    }

    fn lost(&mut self, _: Side) {
        // Which answer is which can no longer be told.
        *self = Pop { greeted: true, ..Pop::default() };
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["pop"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Findings;

    fn say(pop: &mut Pop, side: Side, mut bytes: &[u8]) -> (Vec<&'static str>, Vec<String>, Then) {
        let (mut said, mut facts, mut then) = (Vec::new(), Vec::new(), Then::Same);
        while !bytes.is_empty() {
            let Extent::Whole(n) = pop.extent(side, bytes) else { panic!("{bytes:?}") };
            let mut findings = Findings::keeping();
            let mut c = Cursor::new(&bytes[..n], 0, 0, &mut findings, None);
            let message = pop.read(side, &mut c).unwrap();
            assert!(c.is_empty());
            said.push(message.what);
            facts.extend(findings.facts.iter().map(|fact| String::from_utf8_lossy(&fact.value).into_owned()));
            then = message.then;
            bytes = &bytes[n..];
        }
        (said, facts, then)
    }

    #[test]
    fn answers_belong_to_commands_in_their_order() {
        let mut pop = Pop::default();
        assert_eq!(say(&mut pop, Side::Server, b"+OK POP3 ready\r\n").0, ["greeting"]);
        let (_, facts, _) = say(&mut pop, Side::Client, b"USER ann\r\nPASS secret word\r\nRETR 1\r\nLIST 2\r\nLIST\r\n");
        assert_eq!(facts, ["ann", "secret word"]);
        let answers = b"+OK\r\n+OK\r\n+OK 4 octets\r\na\r\n+OK\r\n.\r\n-ERR no\r\n+OK 1\r\n1 4\r\n.\r\n";
        let (said, _, _) = say(&mut pop, Side::Server, answers);
        assert_eq!(said, ["answer", "answer", "answer", "mail", "answer", "answer", "listing"]);
    }

    #[test]
    fn a_challenge_is_answered_with_a_name_and_a_password() {
        let mut pop = Pop::default();
        say(&mut pop, Side::Client, b"AUTH PLAIN\r\n");
        say(&mut pop, Side::Server, b"+ \r\n");
        assert_eq!(say(&mut pop, Side::Client, b"AGFubgBzZWNyZXQ=\r\n").1, ["ann", "secret"]);
    }

    #[test]
    fn tls_follows_when_it_was_agreed() {
        let mut pop = Pop::default();
        say(&mut pop, Side::Client, b"STLS\r\nSTLS\r\n");
        assert_eq!(say(&mut pop, Side::Server, b"-ERR\r\n").2, Then::Same);
        assert_eq!(say(&mut pop, Side::Server, b"+OK\r\n").2, Then::Protocol(&tls::PROTOCOL));
    }
}
