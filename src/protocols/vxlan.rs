//! VXLAN (RFC 7348), with the Group Policy and Generic Protocol Extensions.

use super::{Next, Outline, Protocol, Read, Under, ethernet, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Virtual eXtensible Local Area Network. 8472 was Linux' port before there was one, 4790 is that of the Generic
/// Protocol Extension.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("vxlan", "Virtual eXtensible Local Area Network", Class::Network, "RFC 7348, section 5"),
    fields: FIELDS,
    under: &[Under::Udp(4789), Under::Udp(4790), Under::Udp(8472)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "RFC 7348, section 5";
    FLAGS: Hex(4) "vxlan.flags" "Flags";
    EXTENDED_FLAGS: Hex(2) "husk.vxlan.gpe_flags" "Flags", "draft-ietf-nvo3-vxlan-gpe, section 3.1";
    GROUP_EXTENSION: Flag "vxlan.flag_g" "GBP Extension", "draft-smith-vxlan-group-policy, section 2.1";
    HAS_NETWORK: Flag "vxlan.flag_i" "VXLAN Network ID (VNI)";
    DONT_LEARN: Flag "vxlan.flag_d" "Don't Learn", "draft-smith-vxlan-group-policy, section 2.1";
    APPLIED: Flag "vxlan.flag_a" "Policy Applied", "draft-smith-vxlan-group-policy, section 2.1";
    GROUP: Number "vxlan.gbp" "Group Policy ID", "draft-smith-vxlan-group-policy, section 2.1";
    NETWORK: Number "vxlan.vni" "VXLAN Network Identifier (VNI)";
    RESERVED: Number "vxlan.reserved8" "Reserved";
    NEXT: Number "vxlan.next_proto" "Next Protocol", "draft-ietf-nvo3-vxlan-gpe, section 3.1";
}

const HEADER: usize = 8;
const PORT: u16 = 4789;
const EXTENSION_PORT: u16 = 4790;

fn accepts(bytes: &[u8]) -> bool {
    // The VNI must be there: without its bit a packet is none of ours.
    bytes.len() >= HEADER && bytes.first().is_some_and(|flags| flags & 0x08 != 0)
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let (source, to) = outline.endpoints.and_then(|endpoints| endpoints.ports).unwrap_or_default();
    let extended = (source == EXTENSION_PORT || to == EXTENSION_PORT) && source != PORT && to != PORT;
    let next = if extended { extended_flags(c)? } else { flags(c)? };
    let network = c.u24(&NETWORK)?;
    outline.tells_apart(&NETWORK, network.into());
    c.u8(&RESERVED)?;
    Ok(next)
}

fn flags(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    let flags = c.octets(2)?;
    c.part(&FLAGS, Value::Number(flags));
    c.bits(&GROUP_EXTENSION, flags, 15, 1);
    c.bits(&HAS_NETWORK, flags, 11, 1);
    c.bits(&DONT_LEARN, flags, 6, 1);
    c.bits(&APPLIED, flags, 3, 1);
    c.u16(&GROUP)?;
    Ok(Next::Protocol(&ethernet::PROTOCOL))
}

fn extended_flags(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    let flags = c.octets(3)?;
    c.part(&EXTENDED_FLAGS, Value::Number(flags >> 16));
    let next = c.u8(&NEXT)?;
    Ok(match next {
        1 => Next::EtherType(0x0800),
        2 => Next::EtherType(0x86dd),
        // Nothing said: as without the extension. The bit that says so is not always set.
        0 | 3 => Next::Protocol(&ethernet::PROTOCOL),
        4 => Next::EtherType(0x894f),
        5 => Next::EtherType(0x8847),
        _ => Next::End,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_without_the_network_bit_is_none() {
        assert!(accepts(&[8, 0, 0, 0, 0, 0, 1, 0]));
        assert!(!accepts(&[0, 0, 0, 0, 0, 0, 1, 0]));
        assert!(!accepts(&[8, 0, 0, 0, 0, 0, 1]));
    }
}
