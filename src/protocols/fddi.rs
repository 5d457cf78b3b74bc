//! FDDI (ANSI X3.139).

use super::{Next, Outline, Protocol, Read, Under, heading, llc};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Fiber Distributed Data Interface.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("fddi", "Fiber Distributed Data Interface", Class::Link, "ANSI X3.139, section 7"),
    fields: FIELDS,
    under: &[Under::Link(10)],
    read: Read::Header(read),
};

fields! { class Link, "ANSI X3.139, section 7";
    CONTROL: Hex(2) "fddi.fc" "Frame Control";
    DESTINATION: Mac "fddi.dst" "Destination";
    SOURCE: Mac "fddi.src" "Source";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let control = c.u8(&CONTROL)?;
    c.mac(&DESTINATION)?;
    c.mac(&SOURCE)?;
    // Asynchronous frames of the LLC, of any priority; others are of the ring itself.
    Ok(if control & 0xf8 == 0x50 { Next::Protocol(&llc::PROTOCOL) } else { Next::End })
}
