//! Teredo (RFC 4380): IPv6 over UDP, through address translators.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Teredo IPv6 over UDP tunneling.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("teredo", "Teredo IPv6 over UDP tunneling", Class::Network, "RFC 4380, section 5.1.1"),
    fields: FIELDS,
    under: &[Under::Udp(3544)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "RFC 4380, section 5.1.1";
    AUTHENTICATION: Bytes "husk.teredo.authentication" "Authentication";
    INDICATION: Hex(4) "husk.teredo.indication" "Indication";
    ORIGIN_PORT: Number "teredo.orig.port" "Origin UDP port";
    ORIGIN_ADDRESS: Ipv4 "teredo.orig.addr" "Origin IPv4 address";
}

const AUTHENTICATED: u64 = 1;
const ORIGIN: u64 = 0;

fn accepts(bytes: &[u8]) -> bool {
    match bytes {
        [0, 0 | 1, ..] => bytes.len() >= 8,
        [first, ..] => first >> 4 == 6,
        [] => false,
    }
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    if c.ahead(0, 2) == Some(AUTHENTICATED) {
        // Identifier and value of lengths given, nonce and confirmation of nine bytes.
        let length = |at| c.ahead(at, 1).unwrap_or(0) as usize;
        let length = length(2).saturating_add(length(3)).saturating_add(13);
        c.bytes(&AUTHENTICATION, length)?;
    }
    if c.ahead(0, 2) == Some(ORIGIN) {
        // Port and address are written inverted, so that no translator mends them.
        c.u16(&INDICATION)?;
        let port = c.octets(2)? as u16;
        c.part(&ORIGIN_PORT, Value::Number((!port).into()));
        let address = c.octets(4)? as u32;
        c.part(&ORIGIN_ADDRESS, Value::Ipv4((!address).to_be_bytes()));
    }
    Ok(match c.ahead(0, 1).map(|first| first >> 4) {
        Some(6) => Next::EtherType(0x86dd),
        _ => Next::End,
    })
}
