//! ESP in UDP (RFC 3948): how IPsec passes address translators.

use super::{Next, Outline, Protocol, Read, Under, esp, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// UDP Encapsulation of IPsec Packets.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("udpencap", "UDP Encapsulation of IPsec Packets", Class::Network, "RFC 3948, section 2"),
    fields: FIELDS,
    under: &[Under::Udp(4500)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "RFC 3948, section 2";
    KEEPALIVE: Hex(2) "udpencap.nat_keepalive" "NAT-keepalive packet";
}

/// SPI and sequence number.
const SMALLEST_ESP: usize = 8;

/// Four zeros are where a key exchange (IKE) tells itself from ESP, whose SPI is never zero.
fn accepts(bytes: &[u8]) -> bool {
    match bytes {
        [0xff] => true,
        [0, 0, 0, 0, ..] => false,
        _ => bytes.len() > SMALLEST_ESP,
    }
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    if c.remaining() == 1 {
        c.u8(&KEEPALIVE)?;
        return Ok(Next::End);
    }
    Ok(Next::Protocol(&esp::PROTOCOL))
}
