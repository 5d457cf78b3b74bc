//! LLDP (IEEE 802.1AB): what a device tells its neighbours about itself, item by item.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Link Layer Discovery Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("lldp", "Link Layer Discovery Protocol", Class::Link, "IEEE 802.1AB, section 8"),
    fields: FIELDS,
    under: &[Under::EtherType(0x88cc)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.1AB, section 8.4";
    TYPE: Number "lldp.tlv.type" "TLV Type", names type_name;
    LENGTH: Number "lldp.tlv.len" "TLV Length";
    VALUE: Bytes "husk.lldp.value" "Value";
}

/// Items in one frame; real ones have about twenty.
const MOST_ITEMS: usize = 512;
const END: u64 = 0;

fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "end",
        1 => "chassis id",
        2 => "port id",
        3 => "time to live",
        4 => "port description",
        5 => "system name",
        6 => "system description",
        7 => "system capabilities",
        8 => "management address",
        127 => "organization specific",
        _ => return None,
    })
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    for _ in 0..MOST_ITEMS {
        if c.is_empty() {
            break;
        }
        let head = c.octets(2)?;
        c.bits(&TYPE, head, 9, 0x7f);
        c.bits(&LENGTH, head, 0, 0x1ff);
        let length = (head & 0x1ff) as usize;
        if length > 0 {
            c.bytes(&VALUE, length)?;
        }
        if head >> 9 == END {
            c.narrow(0);
            break;
        }
    }
    Ok(Next::End)
}
