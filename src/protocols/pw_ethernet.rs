//! The control word of an Ethernet pseudowire (RFC 4448, section 4.6).

use super::{Next, Outline, Protocol, Read, ethernet, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// PW Ethernet Control Word.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("pwethcw", "PW Ethernet Control Word", Class::Link, "RFC 4448, section 4.6"),
    fields: FIELDS,
    under: &[],
    read: Read::Header(read),
};

fields! { class Link, "RFC 4448, section 4.6";
    RESERVED: Hex(4) "husk.pwethcw.reserved" "Reserved";
    SEQUENCE: Number "pweth.cw.sequence_number" "Sequence Number";
}

/// Bytes of the control word.
pub(super) const CONTROL_WORD: usize = 4;

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.u16(&RESERVED)?;
    c.u16(&SEQUENCE)?;
    Ok(Next::Protocol(&ethernet::PROTOCOL))
}
