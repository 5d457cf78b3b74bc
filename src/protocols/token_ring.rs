//! Token Ring (IEEE 802.5), with source routing.

use super::{Next, Outline, Protocol, Read, Under, heading, llc};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Token-Ring.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("tr", "Token-Ring", Class::Link, "IEEE 802.5, section 3"),
    fields: FIELDS,
    under: &[Under::Link(6)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.5, section 3";
    ACCESS: Hex(2) "tr.ac" "Access Control";
    CONTROL: Hex(2) "tr.fc" "Frame Control";
    DESTINATION: Mac "tr.dst" "Destination";
    SOURCE: Mac "tr.src" "Source";
    ROUTING: Bytes "husk.tr.rif" "Routing information", "IEEE 802.5, section 9";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.u8(&ACCESS)?;
    let control = c.u8(&CONTROL)?;
    c.mac(&DESTINATION)?;
    // The group bit of a source says that it knows a route.
    let mut source = <[u8; 6]>::try_from(c.pass(6)?).unwrap_or_default();
    let routed = source.first().is_some_and(|first| first & 0x80 != 0);
    if let Some(first) = source.first_mut() {
        *first &= 0x7f;
    }
    c.part(&SOURCE, Value::Mac(source));
    if routed {
        // The length counts the two bytes it stands in.
        let length = c.ahead(0, 1).unwrap_or(0) & 0x1f;
        c.bytes(&ROUTING, (length as usize).max(2))?;
    }
    Ok(if control >> 6 == 1 { Next::Protocol(&llc::PROTOCOL) } else { Next::End })
}
