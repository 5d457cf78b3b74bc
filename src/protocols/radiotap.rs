//! Radiotap: what the radio says of a Wi-Fi frame (radiotap.org).

use super::{Next, Outline, Protocol, Read, Under, heading, wlan};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// 802.11 radio information.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("radiotap", "802.11 radio information", Class::Link, "radiotap.org"),
    fields: FIELDS,
    under: &[Under::Link(127)],
    read: Read::Header(read),
};

fields! { class Link, "radiotap.org";
    VERSION: Number "radiotap.version" "Header revision";
    PAD: Number "radiotap.pad" "Header pad";
    LENGTH: Number "radiotap.length" "Header length";
    PRESENT: Hex(8) "husk.radiotap.present" "Present flags";
    DATA: Bytes "husk.radiotap.data" "Measurements";
}

/// Present bits: what stands in the header, in this order.
const TIME: u64 = 1;
const FLAGS: u64 = 1 << 1;
const MORE: u64 = 1 << 31;
/// What the flags say of the frame.
const FCS_AT_END: u64 = 0x10;
const ALIGNED: u64 = 0x20;
/// Words of present bits; real headers have one for each antenna.
const MOST_WORDS: usize = 32;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let start = c.position();
    c.u8(&VERSION)?;
    c.u8(&PAD)?;
    let length = c.number_le(&LENGTH, 2)? as usize;
    let first = c.number_le(&PRESENT, 4)?;
    let mut present = first;
    for _ in 1..MOST_WORDS {
        if present & MORE == 0 {
            break;
        }
        present = c.number_le(&PRESENT, 4)?;
    }
    let passed = c.position().saturating_sub(start);
    let Some(data) = length.checked_sub(passed) else {
        return Err(c.malformed("the length is shorter than the header"));
    };
    let flags = flags(c, first, passed);
    if data > 0 {
        c.bytes(&DATA, data)?;
    }
    outline.fcs_length = Some(if flags & FCS_AT_END != 0 { 4 } else { 0 });
    outline.aligned = flags & ALIGNED != 0;
    Ok(Next::Protocol(&wlan::PROTOCOL))
}

/// The flags, if they are there: only the time stands before them, aligned to eight bytes.
fn flags(c: &Cursor<'_>, present: u64, passed: usize) -> u64 {
    if present & FLAGS == 0 {
        return 0;
    }
    let at = if present & TIME == 0 { 0 } else { passed.next_multiple_of(8).saturating_sub(passed).saturating_add(8) };
    c.ahead(at, 1).unwrap_or(0)
}
