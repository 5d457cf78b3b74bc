//! The Point-to-Point Protocol (RFC 1661), with or without the framing of HDLC (RFC 1662).

use super::{Next, Outline, Protocol, Read, Under, chdlc, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Point-to-Point Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ppp", "Point-to-Point Protocol", Class::Link, "RFC 1661, section 2"),
    fields: FIELDS,
    under: &[Under::Link(9), Under::Link(50)],
    read: Read::Header(read),
};

fields! { class Link, "RFC 1661, section 2";
    DIRECTION: Number "ppp.direction" "Direction", "LINKTYPE_PPP_WITH_DIR";
    ADDRESS: Hex(2) "ppp.address" "Address", "RFC 1662, section 3.1";
    CONTROL: Hex(2) "ppp.control" "Control", "RFC 1662, section 3.1";
    PROTOCOL_NUMBER: Hex(4) "ppp.protocol" "Protocol";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    match c.ahead(0, 1) {
        // Cisco's framing begins with these addresses, where PPP has all stations.
        Some(0x0f | 0x8f) => return Ok(Next::Protocol(&chdlc::PROTOCOL)),
        Some(0xff) => {
            c.u8(&ADDRESS)?;
            c.u8(&CONTROL)?;
        }
        _ => {}
    }
    // A protocol number is odd in its last byte and even in its first, so that the first may be left out.
    let length = if c.ahead(0, 1).is_some_and(|first| first & 1 == 1) { 1 } else { 2 };
    Ok(Next::Ppp(c.number(&PROTOCOL_NUMBER, length)? as u16))
}
