//! HTTP/1 (RFC 9110, RFC 9112).
//!
//! ```text
//! bytes of a side ─► head (head.rs) ─► body: nothing, a length, chunks, until close (framing.rs) ─► next head
//!                      │                 bytes pass as they come; only a tree keeps them (body.rs)
//!                      └─► a tunnel or an upgrade: another protocol from here on
//! ```
//!
//! A message has two rows: its head, and its body if it has one. What is noted of both belongs to the packet that
//! completes the message. Requests that wait for their response are remembered, for the response's body depends on the
//! method.

// The fields are the vocabulary of every file here.
#![allow(clippy::wildcard_imports)]

use std::collections::VecDeque;

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Transport, Under, heading, ocsp};
use crate::bytes::{Class, Cursor, Key, Pairing, Stop, Value};

mod body;
pub mod fields;
mod framing;
mod head;
pub(super) mod lines;

#[cfg(test)]
mod tests;

use fields::*;
pub(super) use body::inflate;
pub(super) use head::Exchanges;

use framing::{About, Asked, Framing, Switch};
use lines::{Found, Kind};

/// The Hypertext Transfer Protocol, version 1.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("http", "Hypertext Transfer Protocol", Class::Metadata, "RFC 9112"),
    fields: FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |start| Box::new(Conversation::over(start.transport)), probe: Some(probe) },
};

/// Ports on which HTTP is expected.
const PORTS: [Under; 16] = [
    Under::Tcp(80),
    Under::Tcp(81),
    Under::Tcp(591),
    Under::Tcp(2710),
    Under::Tcp(2869),
    Under::Tcp(3128),
    Under::Tcp(3132),
    Under::Tcp(5985),
    Under::Tcp(8000),
    Under::Tcp(8008),
    Under::Tcp(8080),
    Under::Tcp(8081),
    Under::Tcp(8088),
    Under::Tcp(8888),
    Under::Tcp(9080),
    Under::Tcp(11371),
];

/// The longest head that is read: servers refuse what is longer than 8 KiB to 64 KiB, the most patient one 256 KiB.
const HEAD: usize = 256 << 10;

/// Responses come in the order of the requests (RFC 9112, section 9.3.2).
const IN_ORDER: Key = Key::InOrder;

/// The longest line of a chunk: a size of 16 digits, and an extension that nobody uses.
const CHUNK_LINE: usize = 4 << 10;

/// The longest message of OCSP that is read: a request has a hundred bytes, an answer with its chain a few thousand.
const OCSP: u64 = 16 << 10;

/// Requests that may wait for their response on one connection: browsers send one, tests a few hundred.
const OUTSTANDING: usize = 1024;

/// By content alone: every HTTP message begins with a line that says so.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if start.is_stream() { lines::judge(first) } else { Answer::No }
}

/// Whether a side begins its turn with a status line: its version, a space and three digits say so (RFC 9112, section 4).
pub(super) fn find_answer(said: &[u8]) -> super::Found {
    const SHAPE: &[u8] = b"HTTP/0.0 000";
    let fits = |(byte, shape): (&u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    if !said.iter().zip(SHAPE).all(fits) {
        return super::Found::Nowhere;
    }
    if said.len() < SHAPE.len() { super::Found::Maybe } else { super::Found::At(0) }
}

/// Reads a head that stands alone in a datagram; returns what it is.
pub(super) fn datagram(c: &mut Cursor<'_>, exchanges: &mut Exchanges) -> Result<&'static str, Stop> {
    let head = head::read(c, exchanges)?;
    Ok(name(head.kind))
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "request",
        Kind::Notification => "notification",
        Kind::Response => "response",
    }
}

/// What the next bytes of a side are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    /// Nobody knows: a head has to be found.
    #[default]
    Unknown,
    /// A head; the first line tells.
    Head,
    /// A body of so many bytes.
    Body(u64),
    /// The line before a chunk.
    ChunkLine,
    /// So many bytes of a chunk.
    Chunk(u64),
    /// The end of line behind a chunk.
    Boundary,
    /// What follows the last chunk, to the empty line.
    Trailers,
    /// Whatever the response decides: a tunnel was asked for.
    Tunnel,
}

/// One side's state.
#[derive(Clone, Debug, Default)]
struct Half {
    next: Next,
    /// What the last head said of its body.
    about: About,
    /// Bytes of content of the body so far, without chunks' lines.
    content: u64,
}

/// HTTP/1 within one connection.
#[derive(Clone, Debug)]
struct Conversation {
    client: Half,
    server: Half,
    /// What the requests asked that have no response yet.
    asked: VecDeque<Asked>,
    exchanges: Exchanges,
    /// A head stands alone, although a body follows: SCTP hands over user messages as they come, and does not wait for
    /// what belongs to them (RFC 9260, section 1.5.5).
    by_user_message: bool,
}

impl Conversation {
    fn over(transport: Transport) -> Conversation {
        let half = || Half { next: Next::Head, ..Half::default() };
        let (client, server, exchanges) = (half(), half(), Exchanges::default());
        let by_user_message = transport == Transport::Sctp;
        Conversation { client, server, asked: VecDeque::new(), exchanges, by_user_message }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// What follows a head, which is whole.
    fn framing(&self, head: &[u8], about: &About) -> Framing {
        match Kind::of(head) {
            Kind::Response => about.of_response(self.asked.front().copied().unwrap_or_default()),
            Kind::Request | Kind::Notification => about.of_request(),
        }
    }

    fn head_extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        match arrived {
            // An empty line before a request (RFC 9112, section 2.2).
            [b'\r', b'\n', ..] => return Extent::Pass { class: Class::Metadata, length: 2, ends: false },
            [b'\n', ..] => return Extent::Pass { class: Class::Metadata, length: 1, ends: false },
            [b'\r'] => return Extent::Needs(2),
            _ => {}
        }
        match lines::judge(arrived) {
            Answer::Yes => {}
            Answer::More if arrived.len() < HEAD => return Extent::Needs(arrived.len().saturating_add(1)),
            Answer::No | Answer::More => return self.astray(side),
        }
        match lines::head_length(arrived) {
            Some(length) if length <= HEAD => {
                let head = arrived.get(..length).unwrap_or(arrived);
                let about = About::read(head);
                match self.framing(head, &about) {
                    _ if self.by_user_message || about.stands_alone() => Extent::Whole(length),
                    Framing::None | Framing::Switch(_) => Extent::Whole(length),
                    Framing::Length(_) | Framing::Chunked | Framing::UntilClose => Extent::Part(length),
                }
            }
            None if arrived.len() <= HEAD => Extent::Needs(arrived.len().saturating_add(1)),
            _ => self.astray(side),
        }
    }

    /// This is no head: what follows is unknown until one is found.
    fn astray(&mut self, side: Side) -> Extent {
        self.half(side).next = Next::Unknown;
        Extent::Lost(1)
    }

    fn find_head(&mut self, side: Side, arrived: &[u8]) -> Extent {
        match lines::find(arrived, side == Side::Client) {
            Found::At(0) => {
                self.half(side).next = Next::Head;
                self.head_extent(side, arrived)
            }
            Found::Maybe(0) => Extent::Needs(arrived.len().saturating_add(1)),
            Found::At(at) | Found::Maybe(at) => Extent::Lost(at),
        }
    }

    fn chunk_line_extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        match lines::line(arrived, 0) {
            Some(line) if line.next <= CHUNK_LINE => {
                match lines::chunk_size(arrived.get(..line.text).unwrap_or(&[])) {
                    Some(_) => Extent::Part(line.next),
                    None => self.astray(side),
                }
            }
            None if arrived.len() <= CHUNK_LINE => Extent::Needs(arrived.len().saturating_add(1)),
            _ => self.astray(side),
        }
    }

    fn head(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let bytes = c.rest();
        let about = About::read(bytes);
        let framing = self.framing(bytes, &about);
        let half = self.half(side);
        // The bytes that follow are known whatever becomes of the notes.
        half.next = match framing {
            Framing::None | Framing::Switch(_) => Next::Head,
            Framing::Length(length) => Next::Body(length),
            Framing::Chunked => Next::ChunkLine,
            Framing::UntilClose => Next::Body(u64::MAX),
        };
        half.content = 0;
        let kind = Kind::of(bytes);
        let asked = about.asked;
        let status = about.status;
        let media = about.media.clone();
        let ambiguous = about.is_ambiguous();
        half.about = about;
        if kind == Kind::Response {
            // An interim response is not the last one to its request (RFC 9110, section 15.2).
            if status >= 200 || status == 101 {
                self.asked.pop_front();
                c.pairing(Pairing::answers(IN_ORDER, &REQUEST_IN, &TIME));
            }
        } else {
            if self.asked.len() < OUTSTANDING {
                self.asked.push_back(asked);
            }
            c.pairing(Pairing::asks(IN_ORDER));
            if asked == Asked::Connect {
                self.half(side).next = Next::Tunnel;
            }
        }
        let exchanges = &mut self.exchanges;
        c.group(&PROTOCOL.heading, |c| {
            head::read(c, exchanges)?;
            if ambiguous {
                c.remark("two lengths that contradict each other: servers may disagree where this message ends");
            }
            Ok(())
        })?;
        // In a request it is worth a word if it says that this is DNS over HTTPS (RFC 8484, section 6).
        if !media.is_empty() && (kind == Kind::Response || media.as_slice() == b"application/dns-message") {
            c.subject(&String::from_utf8_lossy(&media));
        }
        let then = match framing {
            Framing::Switch(Switch::WebSocket) => Then::Protocol(&super::websocket::PROTOCOL),
            Framing::Switch(Switch::Http2) => Then::Protocol(&super::http2::PROTOCOL),
            Framing::Switch(Switch::Anything) => Then::Anew,
            _ => Then::Same,
        };
        Ok(Message { what: name(kind), then })
    }

    fn chunk_line(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.deeper();
        let place = c.open(&CHUNK);
        let line = lines::line(c.rest(), 0).map_or(c.remaining(), |line| line.text);
        let size = lines::chunk_size(c.peek(line)).unwrap_or(0);
        c.pass(line)?;
        c.part(&CHUNK_SIZE, Value::Number(size));
        c.pass(c.remaining())?;
        c.close(place);
        let half = self.half(side);
        half.content = half.content.saturating_add(size);
        half.next = if size == 0 { Next::Trailers } else { Next::Chunk(size) };
        Ok(Message::PART)
    }

    fn boundary(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.deeper();
        c.bytes(&CHUNK_BOUNDARY, c.remaining())?;
        self.half(side).next = Next::ChunkLine;
        Ok(Message::PART)
    }

    /// What follows the last chunk ends the message.
    fn trailers(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let half = self.half(side);
        half.next = Next::Head;
        c.deeper();
        while let Some(line) = lines::line(c.rest(), 0) {
            if line.text == 0 {
                c.pass(line.next)?;
                break;
            }
            c.bytes(&CHUNKED_TRAILER_PART, line.next)?;
        }
        body::note(c, &half.about, half.content);
        tell(c, &half.about);
        Ok(Message::new("body"))
    }

    /// A request of OCSP, or its answer, whose bytes are all here.
    fn ocsp(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let half = self.half(side);
        half.next = Next::Head;
        c.deeper();
        if c.listens() {
            c.decoded(c.rest().to_vec());
        }
        c.class(Class::Content);
        let asks = half.about.media.ends_with(b"request");
        if asks { ocsp::request(c) } else { ocsp::response(c) }?;
        c.pass(c.remaining())?;
        Ok(Message::new(if asks { "OCSP request" } else { "OCSP response" }))
    }

    /// A body whose length was known, or that the close ended. It has passed.
    fn end(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let half = self.half(side);
        let next = std::mem::replace(&mut half.next, Next::Head);
        let length = c.remaining();
        c.deeper();
        if length > 0 {
            c.skim(&BODY_BYTES, length, Class::Content)?;
            body::note(c, &half.about, length as u64);
        }
        tell(c, &half.about);
        if let Next::Body(expected) = next
            && expected != u64::MAX
            && expected > length as u64
        {
            return Err(c.short(expected as usize, Some(&BODY_BYTES)));
        }
        // Nothing came before the close: there is no body to tell of.
        Ok(if length == 0 { Message::PART } else { Message::new("body") })
    }
}

/// Says what a body is.
fn tell(c: &mut Cursor<'_>, about: &About) {
    if !about.media.is_empty() {
        c.subject(&String::from_utf8_lossy(&about.media));
    }
    about.codings.iter().for_each(|coding| c.subject(body::coding_name(*coding)));
}

impl Dialogue for Conversation {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        let half = self.half(side);
        match half.next {
            Next::Unknown => self.find_head(side, arrived),
            Next::Head => self.head_extent(side, arrived),
            Next::Body(length @ 1..=OCSP) if half.about.is_ocsp() => Extent::Whole(length as usize),
            Next::Body(length) => Extent::Pass { class: Class::Content, length, ends: true },
            Next::ChunkLine => self.chunk_line_extent(side, arrived),
            Next::Chunk(length) => {
                half.next = Next::Boundary;
                Extent::Pass { class: Class::Content, length, ends: false }
            }
            Next::Boundary => match arrived {
                [b'\r', b'\n', ..] => Extent::Part(2),
                [b'\n', ..] => Extent::Part(1),
                [b'\r'] => Extent::Needs(2),
                _ => self.astray(side),
            },
            Next::Trailers => match lines::head_length(arrived) {
                Some(length) if length <= HEAD => Extent::Whole(length),
                None if arrived.len() <= HEAD => Extent::Needs(arrived.len().saturating_add(1)),
                _ => self.astray(side),
            },
            Next::Tunnel => Extent::Needs(arrived.len().saturating_mul(2)),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let half = self.half(side);
        match half.next {
            Next::Body(1..=OCSP) if half.about.is_ocsp() => self.ocsp(side, c),
            Next::Body(_) => self.end(side, c),
            Next::ChunkLine => self.chunk_line(side, c),
            Next::Boundary => self.boundary(side, c),
            Next::Trailers => self.trailers(side, c),
            Next::Unknown | Next::Head | Next::Chunk(_) => self.head(side, c),
            Next::Tunnel => Err(c.malformed("bytes of a tunnel that was not granted")),
        }
    }

    fn lost(&mut self, side: Side) {
        self.half(side).next = Next::Unknown;
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["http"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}
