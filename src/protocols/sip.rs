//! SIP (RFC 3261): who calls whom, with which program, from which address. Messages are heads in text with a body,
//! which mostly describes the media ([`super::sdp`]): that is Content.

use super::head;
use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Under, heading, sdp};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Session Initiation Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("sip", "Session Initiation Protocol", Class::Metadata, "RFC 3261"),
    fields: FIELDS,
    under: &[Under::Udp(5060), Under::Tcp(5060)],
    read: Read::Dialogue { new: |_| Box::new(Session), probe: Some(probe) },
};

fields! { class Metadata, "RFC 3261, section 20";
    REQUEST_LINE: Text "sip.Request-Line" "Request-Line", "RFC 3261, section 7.1";
    METHOD: Text "sip.Method" "Method", "RFC 3261, section 7.1";
    REQUEST_URI: Text "sip.r-uri" "Request-URI", "RFC 3261, section 7.1";
    STATUS_LINE: Text "sip.Status-Line" "Status-Line", "RFC 3261, section 7.2";
    STATUS_CODE: Number "sip.Status-Code" "Status-Code", "RFC 3261, section 7.2";
    HEADER: Text "husk.sip.header" "Header", "RFC 3261, section 7.3";
    ALLOW: Text "sip.Allow" "Allow";
    AUTHORIZATION: Text "husk.sip.authorization" "Authorization";
    PROXY_AUTHORIZATION: Text "husk.sip.proxy_authorization" "Proxy-Authorization";
    CALL_ID: Text "sip.Call-ID" "Call-ID";
    CONTACT: Text "sip.Contact" "Contact";
    CONTENT_LENGTH: Number "sip.Content-Length" "Content-Length";
    CONTENT_TYPE: Text "sip.Content-Type" "Content-Type";
    CSEQ: Text "sip.CSeq" "CSeq";
    CSEQ_NUMBER: Number "sip.CSeq.seq" "Sequence Number";
    CSEQ_METHOD: Text "sip.CSeq.method" "CSeq method";
    EXPIRES: Number "sip.Expires" "Expires";
    FROM: Text "sip.From" "From";
    MAX_FORWARDS: Number "sip.Max-Forwards" "Max-Forwards";
    IDENTITY: Text "sip.P-Asserted-Identity" "P-Asserted-Identity", "RFC 3325, section 9.1";
    SERVER: Text "sip.Server" "Server";
    SUBJECT: Text "sip.Subject" "Subject";
    TO: Text "sip.To" "To";
    USER_AGENT: Text "sip.User-Agent" "User-Agent";
    VIA: Text "sip.Via" "Via";
    BODY: Bytes "husk.sip.body" "Message Body", "RFC 3261, section 7.4", class Content;
}

/// The requests that there are (RFC 3261, section 7.1, and later documents).
const METHODS: [&str; 14] = [
    "ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER",
    "SUBSCRIBE", "UPDATE",
];
const SCHEMES: [&[u8]; 5] = [b"sip:", b"sips:", b"tel:", b"urn:", b"im:"];
const VERSION: &[u8] = b"SIP/2.0";
const SDP: &[u8] = b"application/sdp";
const LENGTH_NAMES: [&str; 2] = ["Content-Length", "l"];

/// By content, on its own ports too: the version, or a method before an address of a telephone.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if VERSION.starts_with(first) || first.starts_with(VERSION) {
        return if first.len() > VERSION.len() { Answer::Yes } else { Answer::More };
    }
    // Over a stream, empty lines keep a connection alive (RFC 5626, section 3.5.1).
    let stream = start.is_stream();
    let first = if stream { first.trim_ascii_start() } else { first };
    let Some(space) = first.iter().position(|byte| *byte == b' ') else {
        let begun = METHODS.iter().any(|method| method.as_bytes().starts_with(first));
        return if begun && stream { Answer::More } else { Answer::No };
    };
    let (method, address) = first.split_at_checked(space).unwrap_or((first, &[]));
    let address = address.get(1..).unwrap_or(&[]);
    let known = METHODS.iter().any(|known| known.as_bytes() == method);
    if known && SCHEMES.iter().any(|scheme| address.starts_with(scheme)) {
        Answer::Yes
    } else if known && stream && SCHEMES.iter().any(|scheme| scheme.starts_with(address)) {
        Answer::More
    } else {
        Answer::No
    }
}

/// Whether a first line is one of SIP. Methods are not a closed list.
fn begins(line: &[u8]) -> bool {
    line.starts_with(VERSION) || line.ends_with(VERSION)
}

/// SIP within one flow: each message stands for itself.
struct Session;

impl Dialogue for Session {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        head::extent(arrived, begins, &LENGTH_NAMES)
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, message)
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Session)
    }
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let start = c.rest();
    // Empty lines, or the zeros that keep a way through address translation open.
    if start.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        c.pass(start.len())?;
        return Ok(Message::new("keep-alive"));
    }
    let line = head::line(start).unwrap_or(head::Line { text: start.len(), whole: start.len() });
    let what = first_line(c, line.text)?;
    c.pass(line.whole.saturating_sub(line.text))?;
    let Some(what) = what else { return Ok(Message::new("other")) };
    head::read_fields(c, &HEADER, field)?;
    let length = head::number(start, &LENGTH_NAMES).unwrap_or(usize::MAX).min(c.remaining());
    if length > 0 && describes_media(start) {
        c.inside(length, sdp::read)?;
    } else if length > 0 {
        c.skim(&BODY, length, Class::Content)?;
    }
    Ok(Message::new(what))
}

/// Whether the body is a description of media.
fn describes_media(start: &[u8]) -> bool {
    let head = start.get(..head::length(start).unwrap_or(start.len())).unwrap_or(start);
    head::fields(head).any(|(name, value)| {
        (name.eq_ignore_ascii_case(b"Content-Type") || name.eq_ignore_ascii_case(b"c"))
            && value.get(..SDP.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(SDP))
    })
}

/// Passes the first line, without its end; returns what message it begins, if it begins one.
fn first_line(c: &mut Cursor<'_>, length: usize) -> Result<Option<&'static str>, Stop> {
    let line = c.peek(length);
    let heading = match line {
        _ if line.starts_with(VERSION) => &STATUS_LINE,
        _ if line.ends_with(VERSION) => &REQUEST_LINE,
        _ => return Ok(None),
    };
    let (place, begin) = (c.open(heading), c.position());
    let what = if line.starts_with(VERSION) { status(c, line)? } else { request(c, line)? };
    c.pass(length.saturating_sub(c.position().saturating_sub(begin)))?;
    c.close(place);
    Ok(Some(what))
}

fn status(c: &mut Cursor<'_>, line: &[u8]) -> Result<&'static str, Stop> {
    let begin = VERSION.len().saturating_add(1);
    let code = line.get(begin..begin.saturating_add(3)).and_then(|digits| std::str::from_utf8(digits).ok());
    if let Some(Ok(number)) = code.map(str::parse::<u16>) {
        c.pass(begin)?;
        c.pass(3)?;
        c.part(&STATUS_CODE, Value::Number(number.into()));
        c.subject(code.unwrap_or_default());
    }
    Ok("response")
}

fn request(c: &mut Cursor<'_>, line: &[u8]) -> Result<&'static str, Stop> {
    let mut words = line.split(|byte| *byte == b' ');
    let (method, uri) = (words.next().unwrap_or(&[]), words.next().unwrap_or(&[]));
    c.bytes(&METHOD, method.len())?;
    if !uri.is_empty() && uri != VERSION {
        c.pass(1)?;
        c.bytes(&REQUEST_URI, uri.len())?;
        c.fact(&REQUEST_URI, uri);
        c.subject(&String::from_utf8_lossy(uri));
    }
    Ok(METHODS.iter().copied().find(|known| known.as_bytes() == method).unwrap_or("request"))
}

/// One header field, by its name or the letter that stands for it (RFC 3261, section 7.3.3).
fn field(c: &mut Cursor<'_>, name: &[u8], length: usize) -> Result<(), Stop> {
    let name = name.to_ascii_lowercase();
    let (field, told): (&'static Field, bool) = match name.as_slice() {
        b"cseq" => return sequence(c, length),
        b"content-length" | b"l" => return number(c, &CONTENT_LENGTH, length),
        b"expires" => return number(c, &EXPIRES, length),
        b"max-forwards" => return number(c, &MAX_FORWARDS, length),
        b"allow" => (&ALLOW, false),
        b"authorization" => (&AUTHORIZATION, true),
        b"proxy-authorization" => (&PROXY_AUTHORIZATION, true),
        b"call-id" | b"i" => (&CALL_ID, false),
        b"contact" | b"m" => (&CONTACT, true),
        b"content-type" | b"c" => (&CONTENT_TYPE, false),
        b"from" | b"f" => (&FROM, true),
        b"p-asserted-identity" => (&IDENTITY, true),
        b"server" => (&SERVER, true),
        b"subject" | b"s" => (&SUBJECT, true),
        b"to" | b"t" => (&TO, true),
        b"user-agent" => (&USER_AGENT, true),
        b"via" | b"v" => (&VIA, false),
        _ => return c.pass(length).map(drop),
    };
    let value = c.bytes(field, length)?;
    if told {
        c.fact(field, value);
    }
    Ok(())
}

/// A field that is a number; what is none stays without a note.
fn number(c: &mut Cursor<'_>, field: &'static Field, length: usize) -> Result<(), Stop> {
    let text = c.pass(length)?;
    if let Some(number) = std::str::from_utf8(text).ok().and_then(|text| text.parse::<u32>().ok()) {
        c.part(field, Value::Number(number.into()));
    }
    Ok(())
}

/// RFC 3261, section 20.16: a number, and the method that is answered.
fn sequence(c: &mut Cursor<'_>, length: usize) -> Result<(), Stop> {
    let place = c.open(&CSEQ);
    let text = c.peek(length);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    number(c, &CSEQ_NUMBER, digits)?;
    let behind = text.get(digits..).unwrap_or(&[]);
    let blank = behind.len().saturating_sub(behind.trim_ascii_start().len());
    c.pass(blank)?;
    let method = length.saturating_sub(digits).saturating_sub(blank);
    if method > 0 {
        c.bytes(&CSEQ_METHOD, method)?;
    }
    c.close(place);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::super::Transport;
    use super::*;

    const INVITE: &[u8] = b"INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\
f: \"Alice\" <sip:alice@example.org>;tag=1\r\nSubject: lunch\r\n  today\r\nCSeq: 7 INVITE\r\nl: 4\r\n\r\nv=0\nrest";

    #[test]
    fn a_request_tells_who_calls_whom() {
        let (message, findings, tree) = read_alone(&mut Session, Side::Client, INVITE);
        assert_eq!((message.what, findings.subject.as_str()), ("INVITE", "sip:bob@example.com"));
        let told: Vec<&[u8]> = findings.facts.iter().map(|fact| &*fact.value).collect();
        let from = &b"\"Alice\" <sip:alice@example.org>;tag=1"[..];
        assert_eq!(told, [b"sip:bob@example.com", from, b"lunch\r\n  today"]);
        assert_eq!(findings.claims.ledger.of(Class::Content), 4);
        assert!(tree.nodes().iter().any(|node| node.field == &CSEQ_METHOD));
    }

    #[test]
    fn a_status_without_a_number_and_a_field_without_a_colon_are_passed() {
        let (message, ..) = read_alone(&mut Session, Side::Server, b"SIP/2.0 \r\nnothing\r\n\r\n");
        assert_eq!(message.what, "response");
        let (message, findings, _) = read_alone(&mut Session, Side::Server, b"SIP/2.0 200");
        assert_eq!((message.what, findings.subject.as_str()), ("response", "200"));
        let (message, ..) = read_alone(&mut Session, Side::Server, b"\r\n\r\n");
        assert_eq!(message.what, "keep-alive");
    }

    #[test]
    fn found_by_content_and_stable_as_more_arrives() {
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 2 };
        for stream in [&INVITE[..30], b"SIP/2.0 200 OK\r\n", b"OPTIONS rtsp://x", b"OPTIONS * HTTP/1.1", b"GET /"] {
            let whole = probe(&start, Side::Client, stream);
            assert_ne!(whole, Answer::More);
            for cut in 1..stream.len() {
                let early = probe(&start, Side::Client, &stream[..cut]);
                assert!(early == whole || early == Answer::More);
            }
        }
        assert_eq!(probe(&start, Side::Client, &INVITE[..11]), Answer::Yes);
        assert_eq!(probe(&start, Side::Client, b"OPTIONS rtsp://x"), Answer::No);
    }
}
