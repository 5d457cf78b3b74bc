//! The Prism and AVS headers of old Wi-Fi drivers.

use super::{Next, Outline, Protocol, Read, Under, heading, wlan};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Prism capture header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("prism", "Prism capture header", Class::Link, "LINKTYPE_IEEE802_11_PRISM"),
    fields: FIELDS,
    under: &[Under::Link(119), Under::Link(163)],
    read: Read::Header(read),
};

fields! { class Link, "LINKTYPE_IEEE802_11_PRISM";
    DATA: Bytes "husk.prism.header" "Measurements";
}

/// The AVS header begins with its version, big-endian, and its length.
const AVS: u64 = 0x8021_1000;
const PRISM_LENGTH: usize = 144;

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let length = match c.ahead(0, 4) {
        Some(version) if version & 0xffff_f000 == AVS => c.ahead(4, 4).unwrap_or(0) as usize,
        _ => PRISM_LENGTH,
    };
    c.bytes(&DATA, length)?;
    Ok(Next::Protocol(&wlan::PROTOCOL))
}
