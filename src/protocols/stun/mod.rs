//! STUN (RFC 8489) and TURN (RFC 8656): two that are behind address translation find out how the other side sees
//! them. What a server answers is the client's public address; what is sent between candidates of a call (RFC 8445)
//! tells addresses of the local network too.
//!
//! ```text
//! type, 2 | length, 2 | cookie, 4 | transaction, 12 | attribute: type, 2 | length, 2 | value, padded to 4 ...
//! channel, 2 | length, 2 | data ...                      (TURN, once a channel is bound)
//! ```
//!
//! A transport that is shared with other protocols tells them by the first octet (RFC 7983): DTLS is read, and what
//! else there is, such as the media of a call, is left Unknown.

// The fields are the vocabulary of every file here.
#![allow(clippy::wildcard_imports)]

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Under, dtls, heading};
use crate::bytes::{Class, Cursor, Stop};

mod attributes;
pub mod fields;

#[cfg(test)]
mod tests;

use fields::*;

/// Session Traversal Utilities for NAT.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("stun", "Session Traversal Utilities for NAT", Class::Metadata, "RFC 8489"),
    fields: FIELDS,
    under: &[Under::Udp(3478), Under::Tcp(3478)],
    read: Read::Dialogue {
        new: |start| Box::new(Session::new(start)),
        probe: Some(probe),
    },
};

const COOKIE_VALUE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const HEADER: usize = 20;
const CHANNEL_HEADER: usize = 4;

/// By content: two zero bits, a length in whole words, and the cookie (RFC 8489, section 5).
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    match *first {
        [kind, _, _, low, a, b, c, d, ..] => {
            let yes = kind < 0x40 && low.is_multiple_of(4) && [a, b, c, d] == COOKIE_VALUE;
            if yes { Answer::Yes } else { Answer::No }
        }
        // Over UDP no more will come of it.
        [kind, ..] if kind < 0x40 && start.is_stream() => Answer::More,
        _ => Answer::No,
    }
}

/// STUN within one flow: each message stands for itself.
struct Session {
    start: Start,
    stream: bool,
    /// What shares the transport and has a state.
    dtls: Option<Box<dyn Dialogue>>,
}

impl Session {
    fn new(start: &Start) -> Session {
        Session { start: *start, stream: start.is_stream(), dtls: None }
    }

    /// RFC 7983, section 7.
    fn other(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        match (c.peek(1), dtls::PROTOCOL.read) {
            ([20..=63], Read::Dialogue { new, .. }) if !self.stream => {
                self.dtls.get_or_insert_with(|| new(&self.start)).read(side, c)
            }
            _ => Ok(Message::new("other")),
        }
    }
}

/// What begins here.
enum Unit {
    Message,
    Channel,
    Other,
}

fn unit(bytes: &[u8]) -> Unit {
    match *bytes {
        [0x40..=0x4f, ..] => Unit::Channel,
        [0..=0x3f, _, _, _, a, b, c, d, ..] if [a, b, c, d] == COOKIE_VALUE => Unit::Message,
        _ => Unit::Other,
    }
}

impl Dialogue for Session {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        let [first, _, high, low, behind @ ..] = arrived else { return Extent::Needs(CHANNEL_HEADER) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match unit(arrived) {
            // Over a stream channel data is padded too (RFC 8656, section 12.5).
            Unit::Channel => Extent::Whole(length.next_multiple_of(4).saturating_add(CHANNEL_HEADER)),
            Unit::Message => Extent::Whole(length.saturating_add(HEADER)),
            Unit::Other if *first < 0x40 && behind.len() < COOKIE_VALUE.len() => Extent::Needs(HEADER),
            Unit::Other => Extent::Lost(1),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        match unit(c.rest()) {
            Unit::Message => c.group(&PROTOCOL.heading, message),
            Unit::Channel => c.group(&PROTOCOL.heading, |c| channel(c, self.stream)),
            Unit::Other => self.other(side, c),
        }
    }

    fn stack(&self) -> Vec<&'static str> {
        let inner = self.dtls.as_ref().map_or_else(Vec::new, |dtls| dtls.stack());
        std::iter::once(PROTOCOL.name()).chain(inner).collect()
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        let dtls = self.dtls.as_ref().map(|dtls| dtls.fork());
        Box::new(Session { start: self.start, stream: self.stream, dtls })
    }
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let kind = c.u16(&TYPE)?;
    // The class's two bits stand apart, among those of the method (RFC 8489, section 5).
    c.bits(&TYPE_CLASS, kind & 0x0110, 4, 0x11);
    c.bits(&TYPE_METHOD, kind, 0, 0x3eef);
    c.bits(&TYPE_ASSIGNMENT, kind, 13, 1);
    let length = usize::from(c.u16(&LENGTH)?);
    let start = c.position();
    c.bytes(&COOKIE, 4)?;
    c.bytes(&TRANSACTION, 12)?;
    // What addresses are mixed with.
    let mask = c.whole().get(start..start.saturating_add(16)).unwrap_or(&[]);
    if let Err(stop) = c.inside(length, |c| attributes::read(c, mask)) {
        c.stopped(&stop);
    }
    Ok(Message::new(message_name(kind)))
}

/// RFC 8656, section 12.4: what the peers say to each other, with four octets before it.
fn channel(c: &mut Cursor<'_>, stream: bool) -> Result<Message, Stop> {
    c.u16(&CHANNEL)?;
    let length = usize::from(c.u16(&CHANNEL_LENGTH)?);
    c.skim(&CHANNEL_DATA, length, Class::Unknown)?;
    if stream && !c.is_empty() {
        c.pass_rest(Class::Padding);
    }
    Ok(Message::new("channel data"))
}
