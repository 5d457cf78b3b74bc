//! Address resolution (RFC 826) and its reverse (RFC 903).

use etherparse::{ArpPacketSlice, EtherType};

use super::{Next, Outline, Protocol, Read, Said, Under, heading};
use crate::bytes::{Class, Cursor, Field, Key, Pairing, Stop};
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
    REQUEST_IN: Number "husk.arp.request_in" "Request in";
    TIME: Duration "husk.arp.time" "Time from request";
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

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let start = c.offset();
    let decode = |bytes| ArpPacketSlice::from_slice(bytes).ok().map(|arp| (arp.slice().len(), said(&arp)));
    let said = c.header(decode, notes)?;
    outline.said = said.map(|said| Said { place: (start, c.offset()), ..said });
    c.narrow(0);
    Ok(Next::End)
}

/// What a message about IPv4 addresses behind MAC addresses says. Who asks for his own address announces it, who
/// has none yet tries whether it is free (RFC 5227, section 1.1).
fn said(arp: &ArpPacketSlice<'_>) -> Option<Said> {
    const NOBODY: [u8; 4] = [0; 4];
    // Ethernet, and the 802 networks that share its addresses.
    if !matches!(arp.hw_addr_type().0, 1 | 6) || arp.proto_addr_type() != EtherType::IPV4 {
        return None;
    }
    let opcode = arp.operation().0;
    let mac = |bytes: &[u8]| <[u8; 6]>::try_from(bytes).ok();
    let (asking, asked): ([u8; 4], [u8; 4]) =
        (arp.sender_protocol_addr().try_into().ok()?, arp.target_protocol_addr().try_into().ok()?);
    let key = |address: [u8; 4]| Key::Shared(u32::from_be_bytes(address).into());
    let asks = |address| Some(Pairing::asks(key(address)));
    let (what, pairing, about, at) = match opcode {
        1 if asking == asked => ("announcement", None, asking, mac(arp.sender_hw_addr())),
        1 if asking == NOBODY => ("probe", asks(asked), asked, None),
        1 => ("request", asks(asked), asked, None),
        2 => {
            let answers = Pairing::answers(key(asking), &REQUEST_IN, &TIME);
            ("reply", Some(answers), asking, mac(arp.sender_hw_addr()))
        }
        _ => return None,
    };
    Some(Said { what, pairing, about: Some(std::net::IpAddr::from(about)), at, place: (0, 0) })
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
