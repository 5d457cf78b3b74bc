//! XMPP (RFC 6120) up to its STARTTLS: tags are talk, what stands between them is content.

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, heading, tls};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Extensible Messaging and Presence Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("xmpp", "XMPP Protocol", Class::Metadata, "RFC 6120"),
    fields: FIELDS,
    under: &[Under::Tcp(5222), Under::Tcp(5269)],
    read: Read::Dialogue { new: |_| Box::new(Xmpp::default()), probe: Some(probe) },
};

fields! { class Metadata, "RFC 6120, section 4";
    TAG: Text "husk.xmpp.tag" "Tag";
    TEXT: Text "husk.xmpp.text" "Text";
    TO: Text "husk.xmpp.to" "Host that is asked for", "RFC 6120, section 4.7.2";
    FROM: Text "husk.xmpp.from" "Who asks", "RFC 6120, section 4.7.1";
}

/// The longest tag or text that is gathered; stanzas of more are refused by most servers (RFC 6120, section 13.12).
const LONGEST: usize = 64 << 10;

/// XMPP over one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Xmpp {
    /// Whether the client asked for TLS.
    upgrading: bool,
}

/// A stream that opens, wherever it stands.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    const NEAR: usize = 256;
    const OPENINGS: [&[u8]; 2] = [b"<?xml ", b"<stream:stream"];
    if !start.is_stream() {
        return Answer::No;
    }
    let near = first.get(..NEAR).unwrap_or(first);
    if !OPENINGS.iter().any(|opening| near.starts_with(opening) || opening.starts_with(near)) {
        return Answer::No;
    }
    match near.windows(14).any(|window| window == b"<stream:stream") {
        true => Answer::Yes,
        false if near.len() < NEAR => Answer::More,
        false => Answer::No,
    }
}

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = tag.windows(name.len().max(1)).position(|window| window == name)?;
    let (quote, rest) = tag.get(at.saturating_add(name.len())..)?.split_first()?;
    rest.split(|byte| byte == quote).next().filter(|_| matches!(quote, b'"' | b'\''))
}

impl Xmpp {
    fn tag(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let tag = c.bytes(&TAG, c.remaining())?;
        let inside = tag.strip_prefix(b"<").unwrap_or(tag);
        let end = inside.iter().position(|byte| matches!(byte, b' ' | b'>' | b'\n' | b'\r' | b'\t'));
        let name = inside.get(..end.unwrap_or(inside.len())).unwrap_or(inside);
        c.subject(&String::from_utf8_lossy(name));
        match (side, name.strip_suffix(b"/").unwrap_or(name)) {
            (_, b"stream:stream") => {
                for (field, name) in [(&TO, &b" to="[..]), (&FROM, b" from=")] {
                    if let Some(value) = attribute(tag, name).filter(|_| side == Side::Client) {
                        c.fact(field, value);
                    }
                }
                Ok(Message::new("stream"))
            }
            (Side::Client, b"starttls") => {
                self.upgrading = true;
                Ok(Message::new("starttls"))
            }
            (Side::Server, b"proceed") if self.upgrading && tag.ends_with(b"/>") => {
                Ok(Message { what: "ready for TLS", then: Then::Protocol(&tls::PROTOCOL) })
            }
            (Side::Server, b"/proceed") if self.upgrading => {
                Ok(Message { what: "ready for TLS", then: Then::Protocol(&tls::PROTOCOL) })
            }
            _ => Ok(Message::new("tag")),
        }
    }
}

impl Dialogue for Xmpp {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        let (end, extra) = if arrived.first() == Some(&b'<') { (b'>', 1) } else { (b'<', 0) };
        let within = arrived.get(..LONGEST).unwrap_or(arrived);
        match within.iter().position(|byte| *byte == end) {
            Some(at) => Extent::Whole(at.saturating_add(extra)),
            None if within.len() < LONGEST => Extent::Needs(within.len().saturating_add(1)),
            None => Extent::Part(LONGEST),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = if c.peek(1) == *b"<" {
            self.tag(side, c)
        } else {
            c.class(if c.rest().trim_ascii().is_empty() { Class::Metadata } else { Class::Content });
            c.bytes(&TEXT, c.remaining()).map(|_| Message::new("text"))
        };
        c.close(heading);
        read
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["xmpp"]
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

    fn say(xmpp: &mut Xmpp, side: Side, mut bytes: &[u8]) -> (Vec<&'static str>, Vec<String>, Then) {
        let (mut said, mut facts, mut then) = (Vec::new(), Vec::new(), Then::Same);
        while let Extent::Whole(n) = if bytes.is_empty() { Extent::Needs(1) } else { xmpp.extent(side, bytes) } {
            let mut findings = Findings::keeping();
            let message = xmpp.read(side, &mut Cursor::new(&bytes[..n], 0, 0, &mut findings, None)).unwrap();
            said.push(message.what);
            facts.extend(findings.facts.iter().map(|fact| String::from_utf8_lossy(&fact.value).into_owned()));
            then = message.then;
            bytes = &bytes[n..];
        }
        (said, facts, then)
    }

    #[test]
    fn the_host_is_a_fact_and_tls_follows() {
        let mut xmpp = Xmpp::default();
        let opening = b"<?xml version='1.0'?><stream:stream from='a@b.example' to='b.example' version='1.0'>";
        let (said, facts, _) = say(&mut xmpp, Side::Client, opening);
        assert_eq!((said, facts), (vec!["tag", "stream"], vec!["b.example".to_owned(), "a@b.example".to_owned()]));
        assert_eq!(say(&mut xmpp, Side::Client, b"<starttls xmlns='urn:x'/>").0, ["starttls"]);
        assert_eq!(say(&mut xmpp, Side::Server, b"<proceed xmlns='urn:x'/>").2, Then::Protocol(&tls::PROTOCOL));
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 2 };
        for cut in 0..=opening.len() {
            let expected = if cut < 35 { Answer::More } else { Answer::Yes };
            assert_eq!(probe(&start, Side::Client, &opening[..cut]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn what_stands_between_tags_is_content() {
        let mut findings = Findings::keeping();
        Xmpp::default().read(Side::Client, &mut Cursor::new(b"hello", 0, 0, &mut findings, None)).unwrap();
        assert_eq!(findings.claims.ledger.of(Class::Content), 5);
    }
}
