//! RTSP (RFC 2326, RFC 7826), recognised: what is asked for and what is answered. Media that run within the
//! connection are Content.

use super::head;
use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Under, heading, sdp};
use crate::bytes::{Class, Cursor, Field, Stop, Value, Whose};
use crate::fields;

/// The Real Time Streaming Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("rtsp", "Real Time Streaming Protocol", Class::Metadata, "RFC 2326"),
    fields: FIELDS,
    under: &[Under::Tcp(554), Under::Tcp(8554)],
    read: Read::Dialogue { new: |_| Box::new(Session), probe: Some(probe) },
};

fields! { class Metadata, "RFC 2326, section 12";
    REQUEST: Text "husk.rtsp.request_line" "Request line", "RFC 2326, section 6.1";
    METHOD: Text "rtsp.method" "Method", "RFC 2326, section 6.1";
    URL: Text "rtsp.url" "URL", "RFC 2326, section 6.1";
    STATUS_LINE: Text "husk.rtsp.status_line" "Status line", "RFC 2326, section 7.1";
    STATUS: Number "rtsp.status" "Status", "RFC 2326, section 7.1";
    HEADER: Text "husk.rtsp.header" "Header";
    AGENT: Text "husk.rtsp.user_agent" "User-Agent", "RFC 2326, section 12.41";
    AUTHORIZATION: Text "husk.rtsp.authorization" "Authorization", "RFC 2326, section 12.5";
    TRANSPORT: Text "rtsp.transport" "Transport", "RFC 2326, section 12.39";
    BODY: Bytes "husk.rtsp.body" "Body", "RFC 2326, section 4.3", class Content;
    MAGIC: Hex(2) "rtsp.magic" "Magic", "RFC 2326, section 10.12";
    CHANNEL: Hex(2) "rtsp.channel" "Channel", "RFC 2326, section 10.12";
    LENGTH: Number "rtsp.length" "Length", "RFC 2326, section 10.12";
    MEDIA: Bytes "husk.rtsp.media" "Media", "RFC 2326, section 10.12";
}

const METHODS: [&str; 11] = [
    "ANNOUNCE", "DESCRIBE", "GET_PARAMETER", "OPTIONS", "PAUSE", "PLAY", "RECORD", "REDIRECT", "SETUP",
    "SET_PARAMETER", "TEARDOWN",
];
const VERSION: &[u8] = b"RTSP/";
const SCHEME: &[u8] = b"rtsp";
const LENGTH_NAMES: [&str; 1] = ["Content-Length"];
const INTERLEAVED: u8 = b'$';

/// By content: the version, or a method before an address that is one of RTSP.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if !start.is_stream() {
        return Answer::No;
    }
    if VERSION.starts_with(first) || first.starts_with(VERSION) {
        return if first.len() < VERSION.len() { Answer::More } else { Answer::Yes };
    }
    let Some(space) = first.iter().position(|byte| *byte == b' ') else {
        let begun = METHODS.iter().any(|method| method.as_bytes().starts_with(first));
        return if begun { Answer::More } else { Answer::No };
    };
    let (method, url) = first.split_at_checked(space).unwrap_or((first, &[]));
    let url = url.get(1..).unwrap_or(&[]);
    let known = METHODS.iter().any(|known| known.as_bytes() == method);
    if known && url.starts_with(SCHEME) {
        Answer::Yes
    } else if known && SCHEME.starts_with(url) {
        Answer::More
    } else {
        Answer::No
    }
}

fn begins(line: &[u8]) -> bool {
    line.starts_with(VERSION) || line.rsplit(|byte| *byte == b' ').next().is_some_and(|end| end.starts_with(VERSION))
}

/// RTSP within one connection: each message stands for itself.
struct Session;

impl Dialogue for Session {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        const HEADER: usize = 4;
        match *arrived {
            [INTERLEAVED, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([high, low])).saturating_add(HEADER);
                Extent::Skip { head: HEADER, total: length }
            }
            [INTERLEAVED, ..] => Extent::Needs(HEADER),
            _ => head::extent(arrived, begins, &LENGTH_NAMES),
        }
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, |c| match c.rest() {
            [INTERLEAVED, ..] => media(c),
            _ => message(c),
        })
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Session)
    }
}

/// RFC 2326, section 10.12: media within the connection, by channel.
fn media(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    c.u8(&MAGIC)?;
    c.u8(&CHANNEL)?;
    let length = c.u16(&LENGTH)?;
    c.skim(&MEDIA, length.into(), Class::Content)?;
    Ok(Message::new("media"))
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let start = c.rest();
    let line = head::line(start).unwrap_or(head::Line { text: start.len(), whole: start.len() });
    if line.text == 0 {
        c.pass(line.whole)?;
        return Ok(Message::new("empty line"));
    }
    let what = if start.starts_with(VERSION) { status(c, line.text)? } else { request(c, line.text)? };
    c.pass(line.whole.saturating_sub(line.text))?;
    head::read_fields(c, &HEADER, field)?;
    if !c.is_empty() {
        c.skim(&BODY, c.remaining(), Class::Content)?;
    }
    Ok(Message::new(what))
}

fn request(c: &mut Cursor<'_>, length: usize) -> Result<&'static str, Stop> {
    let (place, begin) = (c.open(&REQUEST), c.position());
    let mut words = c.peek(length).split(|byte| *byte == b' ');
    let (method, url) = (words.next().unwrap_or(&[]), words.next().unwrap_or(&[]));
    c.bytes(&METHOD, method.len())?;
    if !url.is_empty() {
        c.pass(1)?;
        c.bytes(&URL, url.len())?;
        c.fact(&URL, url);
        c.subject(&String::from_utf8_lossy(url));
    }
    c.pass(length.saturating_sub(c.position().saturating_sub(begin)))?;
    c.close(place);
    Ok(METHODS.iter().copied().find(|known| known.as_bytes() == method).unwrap_or("request"))
}

fn status(c: &mut Cursor<'_>, length: usize) -> Result<&'static str, Stop> {
    let (place, begin) = (c.open(&STATUS_LINE), c.position());
    let mut words = c.peek(length).split(|byte| *byte == b' ');
    let version = words.next().unwrap_or(&[]);
    let code = words.next().and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
    if let Ok(number) = code.parse::<u16>() {
        c.pass(version.len().saturating_add(1))?;
        c.pass(code.len())?;
        c.part(&STATUS, Value::Number(number.into()));
        c.subject(code);
    }
    c.pass(length.saturating_sub(c.position().saturating_sub(begin)))?;
    c.close(place);
    Ok("response")
}

fn field(c: &mut Cursor<'_>, name: &[u8], length: usize) -> Result<(), Stop> {
    let (field, told): (&'static Field, bool) = match name.to_ascii_lowercase().as_slice() {
        b"authorization" => (&AUTHORIZATION, true),
        b"transport" => {
            let value = c.bytes(&TRANSPORT, length)?;
            transport(c, value);
            return Ok(());
        }
        b"user-agent" => (&AGENT, true),
        _ => return c.pass(length).map(drop),
    };
    let value = c.bytes(field, length)?;
    if told {
        c.fact(field, value);
    }
    Ok(())
}

/// `RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257`, in what the server answers (RFC 2326, section 12.39).
fn transport(c: &mut Cursor<'_>, value: &[u8]) {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let ports = |name: &str| {
        let value = text.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
        let mut ports = value.split('-').map(|port| port.parse().ok());
        Some((ports.next()??, ports.next().flatten()))
    };
    // Only an answer names the server's ports.
    let Some((port, reports)) = ports("server_port") else { return };
    sdp::announce(c, Whose::Sender, port, reports);
    if let Some((port, reports)) = ports("client_port") {
        sdp::announce(c, Whose::Receiver, port, reports);
    }
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    #[test]
    fn a_request_tells_what_is_asked_for() {
        let bytes = b"SETUP rtsp://example.com/a RTSP/1.0\r\nUser-Agent: player\r\n\r\n";
        let (message, findings, _) = read_alone(&mut Session, Side::Client, bytes);
        assert_eq!((message.what, findings.subject.as_str()), ("SETUP", "rtsp://example.com/a"));
        assert_eq!(&*findings.facts[1].value, b"player");
    }

    #[test]
    fn an_answer_says_where_media_go() {
        let bytes = b"RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257\r\n\r\n";
        let (_, findings, _) = read_alone(&mut Session, Side::Server, bytes);
        let said: Vec<_> = findings.announced.iter().map(|one| (one.address, one.port, one.heading.name)).collect();
        let (server, client) = (Whose::Sender, Whose::Receiver);
        assert_eq!(said, [(server, 6256, "rtp"), (server, 6257, "rtcp"), (client, 4588, "rtp"), (client, 4589, "rtcp")]);
    }

    #[test]
    fn status_lines_without_numbers_are_passed() {
        for line in ["RTSP/1.0 500 Internal\r\n\r\n", "RTSP/1.0\r\n", "RTSP/1.0 ", "RTSP/1.0 99999999"] {
            let (message, ..) = read_alone(&mut Session, Side::Server, line.as_bytes());
            assert_eq!(message.what, "response");
        }
    }

    #[test]
    fn media_within_the_connection_are_content() {
        let bytes = [b'$', 0, 0, 3, 1, 2, 3];
        assert_eq!(Session.extent(Side::Server, &bytes), Extent::Skip { head: 4, total: 7 });
        let (message, findings, _) = read_alone(&mut Session, Side::Server, &bytes);
        assert_eq!(message.what, "media");
        assert_eq!(findings.claims.ledger.of(Class::Content), 3);
    }
}
