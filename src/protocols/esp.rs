//! The IP Encapsulating Security Payload (RFC 4303).
//!
//! How long the initialization vector and the check value are, only the two ends know: all is Sealed.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Encapsulating Security Payload.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("esp", "Encapsulating Security Payload", Class::Network, "RFC 4303, section 2"),
    fields: FIELDS,
    under: &[Under::Ip(50)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 4303, section 2";
    SPI: Hex(8) "esp.spi" "ESP SPI";
    SEQUENCE: Number "esp.sequence" "ESP Sequence";
    SEALED: Bytes "husk.esp.sealed" "Sealed payload", class Sealed;
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.u32(&SPI)?;
    c.u32(&SEQUENCE)?;
    c.skim(&SEALED, c.remaining(), Class::Sealed)?;
    Ok(Next::End)
}
