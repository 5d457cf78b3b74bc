//! ARCNET (ANSI/ATA 878.1), with the encapsulations of RFC 1201 and RFC 1051.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// ARCNET, as BSD and as Linux capture it.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("arcnet", "ARCNET", Class::Link, "RFC 1201, section 2"),
    fields: FIELDS,
    under: &[Under::Link(7), Under::Link(129)],
    read: Read::Header(read),
};

fields! { class Link, "RFC 1201, section 2";
    SOURCE: Hex(2) "arcnet.src" "Source";
    DESTINATION: Hex(2) "arcnet.dst" "Dest";
    OFFSET: Bytes "arcnet.offset" "Offset", "LINKTYPE_ARCNET_LINUX";
    TYPE: Number "husk.arcnet.protocol" "Protocol";
    SPLIT: Number "arcnet.split_flag" "Split Flag";
    EXCEPTION: Hex(2) "arcnet.exception_flag" "Exception Flag";
    PADDING: Hex(4) "arcnet.padding" "Padding";
    SEQUENCE: Number "arcnet.sequence" "Sequence";
}

/// Linux gives two bytes more than BSD: where in the card's memory the packet lay.
const LINUX: u32 = 129;

const EXCEPTION_FLAG: u64 = 0xff;
/// Numbers of RFC 1051, which has no splitting.
const OLD_IP: u8 = 240;
const OLD_ARP: u8 = 241;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    c.u8(&SOURCE)?;
    c.u8(&DESTINATION)?;
    if outline.link_type == LINUX {
        c.bytes(&OFFSET, 2)?;
    }
    let number = c.u8(&TYPE)?;
    match number {
        OLD_IP => return Ok(Next::EtherType(0x0800)),
        OLD_ARP => return Ok(Next::EtherType(0x0806)),
        212..=214 | 196 => {}
        _ => return Ok(Next::End),
    }
    // Packets of a length that the hardware cannot send are filled up by four bytes.
    if c.ahead(0, 1) == Some(EXCEPTION_FLAG) {
        c.u8(&EXCEPTION)?;
        c.u16(&PADDING)?;
    }
    let split = c.u8(&SPLIT)?;
    c.u16(&SEQUENCE)?;
    if split > 0 {
        return Ok(Next::End);
    }
    Ok(match number {
        212 => Next::EtherType(0x0800),
        213 => Next::EtherType(0x0806),
        214 => Next::EtherType(0x8035),
        _ => Next::EtherType(0x86dd),
    })
}
