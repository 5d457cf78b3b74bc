//! DHCP for IPv6 (RFC 8415): who a client is, what it asks for, and which addresses it gets.
//!
//! ```text
//! type, 1 | transaction, 3                                    | option: code, 2 | length, 2 | value ...
//! type, 1 | hops, 1 | link address, 16 | peer address, 16     | ... (relayed, around another message)
//! ```

use super::{Dialogue, Extent, Message, Protocol, Read, Side, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};

pub mod fields;
mod options;

#[cfg(test)]
mod tests;

use fields::{HOPS, LINK_ADDRESS, MESSAGE_TYPE, PEER_ADDRESS, TRANSACTION, message_type};

/// The Dynamic Host Configuration Protocol for IPv6.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("dhcpv6", "DHCPv6", Class::Metadata, "RFC 8415"),
    fields: fields::FIELDS,
    under: &[Under::Udp(546), Under::Udp(547)],
    read: Read::Dialogue { new: |_| Box::new(Messages), probe: None },
};

/// DHCPv6 within one flow: each message stands for itself.
struct Messages;

impl Dialogue for Messages {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let kind = c.peek(1).first().copied();
        if let Err(stop) = c.group(&PROTOCOL.heading, |c| message(c, 0)) {
            c.stopped(&stop);
        }
        Ok(Message::new(kind.and_then(|kind| message_type(kind.into())).unwrap_or("unknown type")))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Messages)
    }
}

/// Relays wrap messages, and options hold options: no deeper than this. RFC 8415, section 7.6 lets a message pass
/// eight relays, each of which adds an option and a message.
const DEEPEST: u8 = 20;

/// RFC 8415, sections 8 and 9.
fn message(c: &mut Cursor<'_>, depth: u8) -> Result<(), Stop> {
    const RELAY_FORWARD: u8 = 12;
    const RELAY_REPLY: u8 = 13;
    let kind = c.u8(&MESSAGE_TYPE)?;
    if matches!(kind, RELAY_FORWARD | RELAY_REPLY) {
        c.u8(&HOPS)?;
        c.ipv6(&LINK_ADDRESS)?;
        c.ipv6(&PEER_ADDRESS)?;
    } else {
        c.u24(&TRANSACTION)?;
    }
    options::read(c, kind, depth)
}

/// Notes a value that was put together from bytes passed last, if anybody listens.
fn note_text(c: &mut Cursor<'_>, field: &'static Field, text: Vec<u8>) {
    if c.listens() {
        c.part(field, Value::Bytes(text.into()));
    }
}
