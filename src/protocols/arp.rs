//! Address resolution (RFC 826) and its reverse (RFC 903).

use etherparse::ArpPacketSlice;

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop};
use crate::fields;

/// Address Resolution Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("arp", "Address Resolution Protocol", Class::Link, "RFC 826"),
    fields: FIELDS,
    under: &[Under::EtherType(0x0806), Under::EtherType(0x8035)],
    read: Read::Header(read),
};

fields! { class Link, "RFC 826";
    HARDWARE: Number "arp.hw.type" "Hardware type";
    NETWORK: Hex(4) "arp.proto.type" "Protocol type";
    HARDWARE_SIZE: Number "arp.hw.size" "Hardware size";
    NETWORK_SIZE: Number "arp.proto.size" "Protocol size";
    OPCODE: Number "arp.opcode" "Opcode", names opcode_name;
    SENDER: Bytes "arp.src.hw" "Sender hardware address";
    SENDER_MAC: Mac "arp.src.hw_mac" "Sender MAC address";
    SENDER_NETWORK: Bytes "arp.src.proto" "Sender protocol address";
    SENDER_IPV4: Ipv4 "arp.src.proto_ipv4" "Sender IP address";
    TARGET: Bytes "arp.dst.hw" "Target hardware address";
    TARGET_MAC: Mac "arp.dst.hw_mac" "Target MAC address";
    TARGET_NETWORK: Bytes "arp.dst.proto" "Target protocol address";
    TARGET_IPV4: Ipv4 "arp.dst.proto_ipv4" "Target IP address";
}

fn opcode_name(opcode: u64) -> Option<&'static str> {
    Some(match opcode {
        1 => "request",
        2 => "reply",
        3 => "reverse request",
        4 => "reverse reply",
        8 => "inverse request",
        9 => "inverse reply",
        _ => return None,
    })
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.header(|bytes| ArpPacketSlice::from_slice(bytes).ok().map(|arp| (arp.slice().len(), ())), notes)?;
    c.narrow(0);
    Ok(Next::End)
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let hardware = c.u16(&HARDWARE)?;
    let network = c.u16(&NETWORK)?;
    let hardware_size = c.u8(&HARDWARE_SIZE)?;
    let network_size = c.u8(&NETWORK_SIZE)?;
    c.u16(&OPCODE)?;
    // Ethernet, and the 802 networks that share its addresses.
    let mac = matches!(hardware, 1 | 6) && hardware_size == 6;
    let ipv4 = network == 0x0800 && network_size == 4;
    for (field_mac, field_hardware, field_ipv4, field_network) in [
        (&SENDER_MAC, &SENDER, &SENDER_IPV4, &SENDER_NETWORK),
        (&TARGET_MAC, &TARGET, &TARGET_IPV4, &TARGET_NETWORK),
    ] {
        if mac { c.mac(field_mac).map(drop) } else { other(c, field_hardware, hardware_size) }?;
        if ipv4 { c.ipv4(field_ipv4).map(drop) } else { other(c, field_network, network_size) }?;
    }
    Ok(())
}

fn other(c: &mut Cursor<'_>, field: &'static Field, size: u8) -> Result<(), Stop> {
    if size > 0 {
        c.bytes(field, size.into())?;
    }
    Ok(())
}
