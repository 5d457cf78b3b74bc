//! Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL): what `-i any` writes.
//!
//! The header is read by hand: etherparse knows no loopback, tun or PPP interfaces, which are most of `any`.

use super::{Framing, Next, Outline, Protocol, Read, Under, ethernet, gre, heading, llc, named, radiotap};
use crate::bytes::{Class, Cursor, Field, Stop};
use crate::fields;

/// Linux cooked-mode capture.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("sll", "Linux cooked-mode capture", Class::Link, "LINKTYPE_LINUX_SLL"),
    fields: FIELDS,
    under: &[Under::Link(113)],
    read: Read::Header(read),
};

fields! { class Link, "LINKTYPE_LINUX_SLL";
    PACKET_TYPE: Number "sll.pkttype" "Packet type";
    HARDWARE: Number "sll.hatype" "Link-layer address type";
    ADDRESS_LENGTH: Number "sll.halen" "Link-layer address length";
    SOURCE: Mac "sll.src.eth" "Source";
    SOURCE_IPV4: Ipv4 "sll.src.ipv4" "Source";
    SOURCE_OTHER: Bytes "sll.src.other" "Source";
    UNUSED: Bytes "sll.unused" "Unused";
    TYPE: Hex(4) "sll.etype" "Protocol";
    LINUX_TYPE: Hex(4) "sll.ltype" "Protocol";
    GRE_TYPE: Hex(4) "sll.gretype" "Protocol";
    INTERFACE: Number "sll.ifindex" "Interface index", "LINKTYPE_LINUX_SLL2";
    TRAILER: Bytes "sll.trailer" "Trailer";
}

/// Room for an address.
const ADDRESS: usize = 8;

/// Kinds of interface (ARPHRD_) whose protocol number is none of Ethernet's.
mod hardware {
    pub(super) const FRAME_RELAY: u16 = 770;
    pub(super) const GRE: u16 = 778;
    pub(super) const RADIOTAP: u16 = 803;
    pub(super) const NETLINK: u16 = 824;
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    c.u16(&PACKET_TYPE)?;
    let hardware = c.u16(&HARDWARE)?;
    let length = c.u16(&ADDRESS_LENGTH)?;
    address(c, length)?;
    protocol(c, hardware)
        .inspect(|_| outline.framing = Some(Framing { fcs_length: Some(0), trailer: &TRAILER, depth: c.depth() }))
}

/// The sender's address in its room of eight bytes.
pub(super) fn address(c: &mut Cursor<'_>, length: u16) -> Result<(), Stop> {
    let length = usize::from(length).min(ADDRESS);
    match length {
        0 => {}
        4 => drop(c.ipv4(&SOURCE_IPV4)?),
        6 => drop(c.mac(&SOURCE)?),
        _ => drop(c.bytes(&SOURCE_OTHER, length)?),
    }
    match ADDRESS.saturating_sub(length) {
        0 => Ok(()),
        unused => c.bytes(&UNUSED, unused).map(drop),
    }
}

/// The protocol number, whose meaning depends on the kind of interface.
pub(super) fn protocol(c: &mut Cursor<'_>, hardware: u16) -> Result<Next, Stop> {
    let number = c.ahead(0, 2).unwrap_or(0) as u16;
    let field: &'static Field = match hardware {
        hardware::GRE => &GRE_TYPE,
        _ if number <= ethernet::LARGEST_LENGTH => &LINUX_TYPE,
        _ => &TYPE,
    };
    c.u16(field)?;
    Ok(next(hardware, number))
}

/// What an interface of this kind carries under this number.
pub(super) fn next(hardware: u16, number: u16) -> Next {
    match (hardware, number) {
        (hardware::GRE, _) => gre::payload(number),
        (hardware::NETLINK, _) => Next::End,
        (hardware::RADIOTAP, _) => Next::Protocol(&radiotap::PROTOCOL),
        (hardware::FRAME_RELAY, _) => Next::Link(107),
        // Numbers of the Linux kernel below those of Ethernet.
        (_, 0x0001) => Next::Protocol(&named::IPX),
        (_, 0x0004) => Next::Protocol(&llc::PROTOCOL),
        (_, 0x0007) => Next::Link(50),
        (_, 0..=ethernet::LARGEST_LENGTH) => Next::End,
        _ => Next::EtherType(number),
    }
}
