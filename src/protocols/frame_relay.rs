//! Frame Relay with multiprotocol encapsulation (RFC 2427), or with Cisco's.

use super::{Next, Outline, Protocol, Read, Under, heading, named};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Frame Relay.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("fr", "Frame Relay", Class::Link, "RFC 2427, section 3"),
    fields: FIELDS,
    under: &[Under::Link(107)],
    read: Read::Header(read),
};

fields! { class Link, "RFC 2427, section 3";
    ADDRESS: Bytes "husk.fr.address" "Address";
    DLCI: Number "fr.dlci" "DLCI";
    CONTROL: Hex(2) "fr.control" "Control field";
    NLPID: Hex(2) "fr.nlpid" "NLPID";
    OUI: Number "fr.snap.oui" "Organization Code", "RFC 2427, section 4";
    PID: Hex(4) "fr.snap.pid" "Protocol ID", "RFC 2427, section 4";
    SNAP_TYPE: Hex(4) "fr.snaptype" "Type", "RFC 2427, section 4";
    TYPE: Hex(4) "fr.chdlctype" "Type", "Cisco Frame Relay";
}

/// Addresses are two to four bytes; the last bit of the last one is set.
const LONGEST_ADDRESS: usize = 4;
const UNNUMBERED_INFORMATION: u64 = 0x03;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let bytes = c.peek(LONGEST_ADDRESS);
    let length = bytes.iter().take_while(|byte| **byte & 1 == 0).count().saturating_add(1).clamp(2, LONGEST_ADDRESS);
    let address = c.bytes(&ADDRESS, length)?;
    let dlci = identifier(address);
    c.part(&DLCI, Value::Number(dlci));
    outline.tells_apart(&DLCI, dlci);
    if c.ahead(0, 1) != Some(UNNUMBERED_INFORMATION) {
        // Cisco's encapsulation has an Ethernet type right here.
        return Ok(Next::EtherType(c.u16(&TYPE)?));
    }
    c.u8(&CONTROL)?;
    if c.ahead(0, 1) == Some(0) {
        // One byte of padding, so that what follows is even.
        c.pass(1)?;
    }
    Ok(match c.u8(&NLPID)? {
        0xcc => Next::EtherType(0x0800),
        0x8e => Next::EtherType(0x86dd),
        0xcf => Next::Link(50),
        0x81..=0x83 => Next::Protocol(&named::OSI),
        0x80 => {
            let oui = c.u24(&OUI)?;
            if oui == 0 {
                Next::EtherType(c.u16(&SNAP_TYPE)?)
            } else {
                match (oui, c.u16(&PID)?) {
                    (0x00_80c2, 0x0001 | 0x0007) => Next::Link(1),
                    _ => Next::End,
                }
            }
        }
        _ => Next::End,
    })
}

/// The data link connection identifier: the upper six bits of the first byte, four of the second, and what
/// longer addresses add.
fn identifier(address: &[u8]) -> u64 {
    let bits = |at: usize, shift: u32, mask: u64| address.get(at).map_or(0, |byte| u64::from(*byte) >> shift & mask);
    let short = bits(0, 2, 0x3f) << 4 | bits(1, 4, 0xf);
    match address.len() {
        3 => short << 6 | bits(2, 2, 0x3f),
        4 => (short << 7 | bits(2, 1, 0x7f)) << 6 | bits(3, 2, 0x3f),
        _ => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_put_together_from_two_three_or_four_bytes() {
        assert_eq!(identifier(&[0x18, 0x41]), 100);
        assert_eq!(identifier(&[0x18, 0x40, 0x05]), 100 << 6 | 1);
        assert_eq!(identifier(&[0x18, 0x40, 0x02, 0x05]), (100 << 7 | 1) << 6 | 1);
    }
}
