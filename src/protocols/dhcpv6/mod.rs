//! DHCP for IPv6 (RFC 8415): who a client is, what it asks for, and which addresses it gets.
//!
//! ```text
//! type, 1 | transaction, 3                                    | option: code, 2 | length, 2 | value ...
//! type, 1 | hops, 1 | link address, 16 | peer address, 16     | ... (relayed, around another message)
//! ```

use super::{Dialogue, Extent, Message, Protocol, Read, Side, Under, heading};
use crate::bytes::{Class, Cursor, Field, Key, Pairing, Stop, Value};

pub mod fields;
mod options;

#[cfg(test)]
mod tests;

use fields::{HOPS, LINK_ADDRESS, MESSAGE_TYPE, PEER_ADDRESS, REQUEST_IN, TIME, TRANSACTION, message_type};

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
        let transaction = c.u24(&TRANSACTION)?;
        if let Some(pairing) = pairing(kind, transaction, c.rest()).filter(|_| depth == 0) {
            c.pairing(pairing);
        }
    }
    options::read(c, kind, depth)
}

/// What asks for what (RFC 8415, section 5): each exchange has a transaction of its own. A request takes up the
/// advertisement of the server that it names.
fn pairing(kind: u8, transaction: u32, options: &[u8]) -> Option<Pairing> {
    const ADVERTISE: u8 = 2;
    const REQUEST: u8 = 3;
    let own = Key::Shared(transaction.into());
    let answers = |key| Pairing::answers(key, &REQUEST_IN, &TIME);
    let pairing = match kind {
        ADVERTISE | 7 => answers(own),
        1 | REQUEST..=6 | 8 | 9 | 11 | 14 => Pairing::asks(own),
        15 => answers(own),
        _ => return None,
    };
    let advertised = match kind {
        ADVERTISE | REQUEST => between(options),
        _ => None,
    };
    Some(match advertised {
        Some(advertised) if kind == ADVERTISE => pairing.and_asks(advertised),
        Some(advertised) => answers(advertised).and_asks(own),
        None => pairing,
    })
}

/// The key of a client and a server, by their identifiers (RFC 8415, sections 21.2 and 21.3).
fn between(options: &[u8]) -> Option<Key> {
    let (mut client, mut server, mut rest) = (None, None, options);
    while let [high, low, length_high, length_low, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let (value, next) = behind.split_at_checked(length)?;
        match u16::from_be_bytes([*high, *low]) {
            1 => client = Some(value),
            2 => server = Some(value),
            _ => {}
        }
        rest = next;
    }
    // FNV-1a: the same identifiers give the same key, which is above those of transactions.
    let byte = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = client?.iter().chain(server?).fold(0xcbf2_9ce4_8422_2325, byte);
    Some(Key::Shared(hash | 1 << 63))
}

/// Notes a value that was put together from bytes passed last, if anybody listens.
fn note_text(c: &mut Cursor<'_>, field: &'static Field, text: Vec<u8>) {
    if c.listens() {
        c.part(field, Value::Bytes(text.into()));
    }
}
