//! BGP-4 (RFC 4271): how networks tell each other which addresses are reached through them, and along which way.
//!
//! ```text
//! marker, 16 x ff | length, 2 | type, 1 | open, update, notification, keepalive, route refresh
//! ```
//!
//! It is spoken between routers, so it never shows up in what an end host sends. Facts are who speaks
//! (`bgp.open.myas`, `bgp.open.identifier`), and of each update its routes: `bgp.nlri_prefix` and its like are
//! stated once a message, as prefixes with spaces between, and `bgp.update.path_attribute.as_path_segment` as
//! numbers with spaces between.

// The fields are the vocabulary of every file here.
#![allow(clippy::wildcard_imports)]

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Under, heading};
use crate::bytes::{Class, Cursor, Stop};

mod attributes;
pub mod fields;
mod open;
mod routes;

#[cfg(test)]
mod tests;

use fields::*;

/// The Border Gateway Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("bgp", "Border Gateway Protocol", Class::Metadata, "RFC 4271"),
    fields: FIELDS,
    under: &[Under::Tcp(PORT)],
    read: Read::Dialogue { new: |_| Box::new(Session), probe: Some(probe) },
};

const PORT: u16 = 179;
const MARKER_LENGTH: usize = 16;
/// Marker, length and type.
const HEADER: usize = 19;

const OPEN: u8 = 1;
const UPDATE: u8 = 2;
const NOTIFICATION: u8 = 3;
const KEEPALIVE: u8 = 4;
const ROUTE_REFRESH: u8 = 5;
const ROUTE_REFRESH_CISCO: u8 = 128;

/// By port, or by a header with its marker: 128 bits that nothing else has.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if !start.is_stream() {
        return Answer::No;
    }
    let ported = [start.client_port, start.server_port].contains(&PORT);
    let marker = first.iter().take(MARKER_LENGTH).all(|byte| *byte == 0xff);
    match *first {
        _ if ported => Answer::Yes,
        _ if !marker => Answer::No,
        _ if first.len() < HEADER => Answer::More,
        _ => match first.get(MARKER_LENGTH..HEADER) {
            Some([high, low, OPEN..=ROUTE_REFRESH])
                if usize::from(u16::from_be_bytes([*high, *low])) >= HEADER =>
            {
                Answer::Yes
            }
            _ => Answer::No,
        },
    }
}

/// BGP within one flow: each message says by itself how it is to be read, as far as it can be told.
struct Session;

impl Dialogue for Session {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        // A stream that is joined in its midst goes on at the next marker.
        let marker = arrived.iter().take(MARKER_LENGTH).position(|byte| *byte != 0xff);
        match (marker, arrived.get(MARKER_LENGTH..)) {
            (Some(at), _) => Extent::Lost(at.saturating_add(1)),
            (None, Some([high, low, ..])) => match usize::from(u16::from_be_bytes([*high, *low])) {
                length if length < HEADER => Extent::Lost(1),
                length => Extent::Whole(length),
            },
            (None, _) => Extent::Needs(HEADER),
        }
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
    c.bytes(&MARKER, MARKER_LENGTH)?;
    c.u16(&LENGTH)?;
    let kind = c.u8(&TYPE)?;
    let read = match kind {
        OPEN => open::read(c),
        UPDATE => update(c),
        NOTIFICATION => notification(c),
        ROUTE_REFRESH | ROUTE_REFRESH_CISCO => route_refresh(c),
        KEEPALIVE => Ok(()),
        _ => Ok(()),
    };
    if let Err(stop) = read {
        c.stopped(&stop);
    }
    Ok(Message::new(message_type(kind.into()).unwrap_or("unknown type")))
}

/// RFC 4271, section 4.3.
fn update(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let withdrawn = usize::from(c.u16(&WITHDRAWN_LENGTH)?);
    if withdrawn > 0 {
        c.inside(withdrawn, |c| c.group(&WITHDRAWN, |c| routes::read(c, &routes::WITHDRAWN_IPV4)))?;
    }
    let attributes = usize::from(c.u16(&ATTRIBUTES_LENGTH)?);
    if attributes > 0 {
        c.inside(attributes, |c| c.group(&ATTRIBUTES, attributes::read))?;
    }
    if !c.is_empty() {
        c.group(&REACHABLE, |c| routes::read(c, &routes::REACHABLE_IPV4))?;
    }
    Ok(())
}

/// RFC 4271, section 4.5; a cease may bring words (RFC 9003).
fn notification(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const CEASE: u8 = 6;
    const SHUTDOWN: u8 = 2;
    const RESET: u8 = 4;
    let major = c.u8(&MAJOR_ERROR)?;
    let minor = c.u8(match major {
        1 => &MINOR_HEADER,
        2 => &MINOR_OPEN,
        3 => &MINOR_UPDATE,
        4 => &MINOR_EXPIRED,
        5 => &MINOR_STATE,
        CEASE => &MINOR_CEASE,
        _ => &MINOR_UNKNOWN,
    })?;
    c.subject(error(major.into()).unwrap_or("unknown error"));
    if let Some(reason) = cease(minor.into()).filter(|_| major == CEASE) {
        c.subject(reason);
    }
    if c.is_empty() {
        return Ok(());
    }
    let words = matches!((major, minor), (CEASE, SHUTDOWN | RESET))
        && c.peek(1).first().is_some_and(|length| usize::from(*length).saturating_add(1) == c.remaining());
    if words {
        let length = c.u8(&COMMUNICATION_LENGTH)?;
        let words = c.bytes(&COMMUNICATION, length.into())?;
        c.fact(&COMMUNICATION, words);
        return Ok(());
    }
    c.bytes(&MINOR_DATA, c.remaining()).map(drop)
}

/// RFC 2918, section 3; with filters, RFC 5291.
fn route_refresh(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&REFRESH_AFI)?;
    c.u8(&REFRESH_SUBTYPE)?;
    c.u8(&REFRESH_SAFI)?;
    if !c.is_empty() {
        c.bytes(&REFRESH_FILTERS, c.remaining())?;
    }
    Ok(())
}
