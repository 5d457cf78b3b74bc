//! Per-Packet Information (CACE): measurements, and the packet on its own link type.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// PPI Packet Header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ppi", "PPI Packet Header", Class::Link, "CACE PPI 1.0.10, section 3"),
    fields: FIELDS,
    under: &[Under::Link(192)],
    read: Read::Header(read),
};

fields! { class Link, "CACE PPI 1.0.10, section 3";
    VERSION: Number "ppi.version" "Version";
    FLAGS: Hex(2) "ppi.flags" "Flags";
    LENGTH: Number "ppi.length" "Header length";
    LINK_TYPE: Number "ppi.dlt" "DLT";
    DATA: Bytes "husk.ppi.data" "Measurements";
}

const HEADER: usize = 8;
/// Common 802.11 measurements, whose flags say whether the check sequence was captured.
const COMMON: u64 = 2;
/// Where in them the flags stand, behind the type, the length and the time.
const COMMON_FLAGS: usize = 12;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    c.u8(&VERSION)?;
    c.u8(&FLAGS)?;
    let length = c.number_le(&LENGTH, 2)? as usize;
    let link_type = c.number_le(&LINK_TYPE, 4)? as u32;
    let little = |at| c.ahead(at, 2).map_or(0, |number| u64::from((number as u16).swap_bytes()));
    let fcs = little(0) == COMMON && little(COMMON_FLAGS) & 1 == 1;
    outline.fcs_length = Some(if fcs { 4 } else { 0 });
    if length > HEADER {
        c.bytes(&DATA, length.saturating_sub(HEADER))?;
    }
    Ok(Next::Link(link_type))
}
