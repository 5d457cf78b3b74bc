//! PPP over Ethernet (RFC 2516): sessions and their discovery.

use super::{Next, Outline, Protocol, Read, Under, heading, ppp};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// PPP-over-Ethernet.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("pppoe", "PPP-over-Ethernet", Class::Link, "RFC 2516, section 4"),
    fields: FIELDS,
    under: &[Under::EtherType(0x8863), Under::EtherType(0x8864), Under::Link(51)],
    read: Read::Header(read),
};

fields! { class Link, "RFC 2516, section 4";
    VERSION: Number "pppoe.version" "Version";
    TYPE: Number "pppoe.type" "Type";
    CODE: Hex(2) "pppoe.code" "Code";
    SESSION: Hex(4) "pppoe.session_id" "Session ID";
    LENGTH: Number "pppoe.payload_length" "Payload Length";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let first = c.octets(1)?;
    c.bits(&VERSION, first, 4, 0xf);
    c.bits(&TYPE, first, 0, 0xf);
    let code = c.u8(&CODE)?;
    let session = c.u16(&SESSION)?;
    outline.tells_apart(&SESSION, session.into());
    let length = c.u16(&LENGTH)?;
    // What fills the frame up behind a session is padding, and no trailer of anybody's.
    c.framed(false);
    c.narrow(length.into());
    // Only sessions have code 0; the others are discovery, whose tags are left unread.
    Ok(if code == 0 { Next::Protocol(&ppp::PROTOCOL) } else { Next::End })
}
