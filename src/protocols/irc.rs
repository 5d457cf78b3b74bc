//! IRC (RFC 1459, RFC 2812), as far as it tells who somebody is, and its STARTTLS.

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, heading, lines, tls};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Internet Relay Chat.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("irc", "Internet Relay Chat", Class::Metadata, "RFC 2812"),
    fields: FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |_| Box::new(Irc), probe: Some(probe) },
};

const PORTS: [Under; 2] = [Under::Tcp(6667), Under::Tcp(6666)];

fields! { class Metadata, "RFC 2812, section 2.3";
    LINE: Text "husk.irc.line" "Line";
    PREFIX: Text "husk.irc.prefix" "Prefix";
    COMMAND: Text "husk.irc.command" "Command";
    PARAMETERS: Text "husk.irc.parameters" "Parameters";
    CONTENT: Text "husk.irc.content" "Message", "RFC 2812, section 3.3.1", class Content;
    NICK: Text "husk.irc.nick" "Nickname", "RFC 2812, section 3.1.2";
    USER: Text "husk.irc.user" "User", "RFC 2812, section 3.1.3";
    PASSWORD: Text "husk.irc.password" "Password", "RFC 2812, section 3.1.1";
    CHANNEL: Text "husk.irc.channel" "Channel", "RFC 2812, section 3.2.1";
}

/// The server's answer that TLS may begin.
const READY_FOR_TLS: &[u8] = b"670";

fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    lines::probe(start, &PORTS, first, |_| false)
}

/// IRC over one connection: each line says all of itself.
#[derive(Clone, Copy, Debug)]
struct Irc;

fn read(side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let heading = c.open(&LINE);
    if c.peek(1) == *b":" {
        lines::pass_word(c, &PREFIX)?;
    }
    let command = lines::pass_word(c, &COMMAND)?;
    let is_talk = matches!(command, b"PRIVMSG" | b"NOTICE");
    if is_talk {
        lines::pass_word(c, &PARAMETERS)?;
        c.class(Class::Content);
        lines::pass_text(c, &CONTENT)?;
        c.class(Class::Metadata);
    } else {
        let parameters = lines::pass_text(c, &PARAMETERS)?;
        let (first, _) = lines::word(parameters);
        let fact = match (side, command.to_ascii_uppercase().as_slice()) {
            (Side::Client, b"NICK") => Some((&NICK, first)),
            (Side::Client, b"USER") => Some((&USER, parameters)),
            (Side::Client, b"PASS") => Some((&PASSWORD, parameters.strip_prefix(b":").unwrap_or(parameters))),
            (Side::Client, b"JOIN") => Some((&CHANNEL, first)),
            _ => None,
        };
        if let Some((field, value)) = fact.filter(|(_, value)| !value.is_empty()) {
            c.fact(field, value);
        }
    }
    c.subject(&String::from_utf8_lossy(command));
    lines::pass_end(c)?;
    c.close(heading);
    Ok(match (side, command) {
        (Side::Server, READY_FOR_TLS) => Message { what: "ready for TLS", then: Then::Protocol(&tls::PROTOCOL) },
        _ if is_talk => Message::new("talk"),
        (Side::Client, _) => Message::new("command"),
        (Side::Server, _) => Message::new("answer"),
    })
}

impl Dialogue for Irc {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        lines::extent(arrived)
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, |c| read(side, c))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["irc"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Findings;

    fn say(side: Side, line: &[u8]) -> (Message, Vec<String>, u64) {
        let mut findings = Findings::keeping();
        let mut c = Cursor::new(line, 0, 0, &mut findings, None);
        let message = Irc.read(side, &mut c).unwrap();
        assert!(c.is_empty());
        let facts = findings.facts.iter().map(|fact| String::from_utf8_lossy(&fact.value).into_owned());
        (message, facts.collect(), findings.claims.ledger.of(Class::Content))
    }

    #[test]
    fn who_talks_where_is_told_and_what_is_content() {
        assert_eq!(say(Side::Client, b"NICK ann\r\n").1, ["ann"]);
        assert_eq!(say(Side::Client, b"PASS :secret\r\n").1, ["secret"]);
        let (message, facts, content) = say(Side::Client, b"PRIVMSG #tea :hello\r\n");
        assert_eq!((message.what, facts.len(), content), ("talk", 0, 6));
    }

    #[test]
    fn tls_follows_when_the_server_is_ready() {
        assert_eq!(say(Side::Server, b":s 691 ann :no\r\n").0.then, Then::Same);
        assert_eq!(say(Side::Server, b":s 670 ann :go\r\n").0.then, Then::Protocol(&tls::PROTOCOL));
    }
}
