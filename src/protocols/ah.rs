//! The IP Authentication Header (RFC 4302): it signs and hides nothing.

use etherparse::IpAuthHeaderSlice;

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Authentication Header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ah", "Authentication Header", Class::Network, "RFC 4302, section 2"),
    fields: FIELDS,
    under: &[Under::Ip(51)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 4302, section 2";
    NEXT_HEADER: Number "ah.next_header" "Next header";
    LENGTH: Number "ah.length" "Length";
    RESERVED: Bytes "ah.reserved" "Reserved";
    SPI: Hex(8) "ah.spi" "AH SPI";
    SEQUENCE: Number "ah.sequence" "AH Sequence";
    ICV: Bytes "ah.icv" "AH ICV";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let ah = c.header(|bytes| IpAuthHeaderSlice::from_slice(bytes).ok().map(|ah| (ah.slice().len(), ah)), notes)?;
    let number = ah.next_header().0;
    if let Some(endpoints) = &mut outline.endpoints {
        endpoints.ip_number = number;
    }
    Ok(Next::Ip(number))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&NEXT_HEADER)?;
    c.u8(&LENGTH)?;
    c.bytes(&RESERVED, 2)?;
    c.u32(&SPI)?;
    c.u32(&SEQUENCE)?;
    match c.remaining() {
        0 => Ok(()),
        icv => c.bytes(&ICV, icv).map(drop),
    }
}
