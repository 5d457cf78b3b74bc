//! DHCP for IPv4 (RFC 2131, RFC 2132), and BOOTP, whose message it is.
//!
//! ```text
//! operation .. addresses | hardware address | server name | boot file | cookie | code, length, value ... end
//! ```
//!
//! A client that joins a network tells everybody on the link who it is: its link address, its name, who made
//! it, what it asks for. These are the facts; `dhcp.option.request_list_item` is stated as numbers with commas
//! between, in the order of asking, by which systems are known.

// The fields are the vocabulary of every file here.
#![allow(clippy::wildcard_imports)]

use super::{Dialogue, Extent, Message, Protocol, Read, Side, Under, heading};
use crate::bytes::{Class, Confidence, Cursor, Field, Key, Pairing, Stop, Value, hexadecimal};

pub mod fields;
mod options;

#[cfg(test)]
mod tests;

use fields::*;

/// The Dynamic Host Configuration Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("dhcp", "Dynamic Host Configuration Protocol", Class::Metadata, "RFC 2131"),
    fields: FIELDS,
    under: &[Under::Udp(67), Under::Udp(68), Under::Udp(4011)],
    read: Read::Dialogue { new: |_| Box::new(Messages), probe: None },
};

/// DHCP within one flow: each message stands for itself.
struct Messages;

impl Dialogue for Messages {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, message)
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Messages)
    }
}

/// "99.130.83.99": what follows are options (RFC 2131, section 3).
const MAGIC: [u8; 4] = [99, 130, 83, 99];
const SERVER_NAME: usize = 64;
const BOOT_FILE: usize = 128;

/// What the options said that matters beyond them.
#[derive(Default)]
struct Told {
    message_type: Option<u8>,
    /// The server that an offer comes from, or whose offer is taken.
    server: Option<[u8; 4]>,
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let mut told = Told::default();
    let (operation, transaction) = head(c)?;
    let overload = options::overload(c.rest().get(SERVER_NAME.saturating_add(BOOT_FILE)..).unwrap_or(&[]));
    name_or_options(c, SERVER_NAME, overload & 2 != 0, &SERVER, &mut told)?;
    name_or_options(c, BOOT_FILE, overload & 1 != 0, &FILE, &mut told)?;
    if c.peek(MAGIC.len()) == MAGIC {
        c.ipv4(&COOKIE)?;
        options::read(c, &mut told, true)?;
    } else if !c.is_empty() {
        // RFC 1497: what a vendor put there, nobody else knows.
        c.bytes(&VENDOR_SPECIFIC_OPTIONS, c.remaining().min(64))?;
    }
    if let Some(pairing) = pairing(operation, transaction, &told) {
        c.pairing(pairing);
    }
    Ok(Message::new(fields::what(told.message_type)))
}

/// What asks for what (RFC 2131, section 3.1): discover, offer, request, acknowledgment, each of which the next one
/// answers. The offer that is taken is told by its server (section 4.3.2).
fn pairing(operation: u8, transaction: u32, told: &Told) -> Option<Pairing> {
    const REQUEST: u8 = 1;
    const REPLY: u8 = 2;
    let key = |about: u32| Key::Shared(u64::from(transaction) << 32 | u64::from(about));
    let offer = told.server.map(|server| key(u32::from_be_bytes(server)));
    // No server has one of these addresses.
    let (discover, request) = (key(0), key(u32::MAX));
    let answers = |key| Pairing::answers(key, &REQUEST_IN, &TIME);
    let (offered, taken) = (answers(discover), Pairing::asks(request));
    Some(match (operation, told.message_type) {
        (REQUEST, Some(1)) => Pairing::asks(discover),
        (_, Some(2)) => offer.map_or(offered, |offer| offered.and_asks(offer)),
        (_, Some(3)) => offer.map_or(taken, |offer| answers(offer).and_asks(request)),
        (_, Some(8 | 10)) | (REQUEST, None) => Pairing::asks(request),
        (_, Some(5 | 6 | 11 | 12 | 13)) | (REPLY, None) => answers(request),
        _ => return None,
    })
}

/// Returns the operation and the transaction's number.
fn head(c: &mut Cursor<'_>) -> Result<(u8, u32), Stop> {
    const ETHERNET: [u8; 2] = [1, 6];
    const HARDWARE_ADDRESS: usize = 16;
    let operation = c.u8(&TYPE)?;
    let kind = c.u8(&HW_TYPE)?;
    let length = usize::from(c.u8(&HW_LEN)?);
    c.u8(&HOPS)?;
    let transaction = c.u32(&ID)?;
    c.u16(&SECS)?;
    let flags = c.u16(&FLAGS)?;
    c.bits(&FLAGS_BC, flags, 15, 1);
    c.bits(&FLAGS_RESERVED, flags, 0, 0x7fff);
    c.ipv4(&IP_CLIENT)?;
    let your = c.ipv4(&IP_YOUR)?;
    if your != [0; 4] {
        c.fact(&IP_YOUR, std::net::Ipv4Addr::from(your).to_string().as_bytes());
    }
    c.ipv4(&IP_SERVER)?;
    c.ipv4(&IP_RELAY)?;
    if length == 6 && ETHERNET.contains(&kind) {
        hardware_address(c)?;
    } else if (1..=HARDWARE_ADDRESS).contains(&length) {
        c.bytes(&HW_ADDR, length)?;
    }
    match HARDWARE_ADDRESS.checked_sub(length) {
        None => c.pass(HARDWARE_ADDRESS).map(drop)?,
        Some(0) => {}
        Some(unused) => {
            c.class(Class::Padding);
            let read = c.bytes(&HW_ADDR_PADDING, unused).map(drop);
            c.class(Class::Metadata);
            read?;
        }
    }
    Ok((operation, transaction))
}

/// The client's link address.
fn hardware_address(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let text = hexadecimal(&c.mac(&HW_MAC_ADDR)?, ":");
    c.fact(&HW_MAC_ADDR, text.as_bytes());
    Ok(())
}

/// A name that fills a field of fixed size, or, if the options say so, more options (RFC 2131, section 4.1).
fn name_or_options(
    c: &mut Cursor<'_>,
    size: usize,
    overloaded: bool,
    field: &'static Field,
    told: &mut Told,
) -> Result<(), Stop> {
    if overloaded {
        return c.inside(size, |c| options::read(c, told, false));
    }
    let start = c.offset();
    let name = until_zero(c.pass(size)?);
    if !name.is_empty() {
        c.note(field, Value::Span, start, start.saturating_add(name.len() as u32));
        c.fact_at(field, name, start, start.saturating_add(name.len() as u32), Confidence::Certain);
    }
    Ok(())
}

/// Text that a zero ends, or the end.
fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or(&[])
}
