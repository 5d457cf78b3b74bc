//! IPv6 (RFC 8200): the header. Each extension header is a protocol of its own.

pub mod options;

use etherparse::Ipv6HeaderSlice;

use super::words::{ip_number_name, join};
use super::{Reassembly, Addresses, Next, Outline, Protocol, Read, Under, heading, ipv4};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Internet Protocol, version 6.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ipv6", "Internet Protocol Version 6", Class::Network, "RFC 8200, section 3"),
    fields: &ALL,
    under: &[Under::EtherType(0x86dd), Under::Ip(41), Under::Ppp(0x0057), Under::Link(229)],
    read: Read::Header(read),
};

static ALL: [&Field; FIELDS.len() + options::FIELDS.len()] = join(FIELDS, options::FIELDS);

fields! { class Network, "RFC 8200, section 3";
    VERSION: Number "ipv6.version" "Version";
    TRAFFIC_CLASS: Hex(8) "ipv6.tclass" "Traffic Class";
    DSCP: Number "ipv6.tclass.dscp" "Differentiated Services Codepoint", "RFC 2474, section 3", names ipv4::dscp_name;
    ECN: Number "ipv6.tclass.ecn" "Explicit Congestion Notification", "RFC 3168, section 5", names ipv4::ecn_name;
    FLOW_LABEL: Hex(6) "ipv6.flow" "Flow Label", "RFC 6437";
    PAYLOAD_LENGTH: Number "ipv6.plen" "Payload Length";
    NEXT_HEADER: Number "ipv6.nxt" "Next Header", names ip_number_name;
    HOP_LIMIT: Number "ipv6.hlim" "Hop Limit";
    SOURCE: Ipv6 "ipv6.src" "Source Address";
    SOURCE_MAC: Mac "ipv6.src_slaac_mac" "Source SLAAC MAC", "RFC 4291, appendix A";
    DESTINATION: Ipv6 "ipv6.dst" "Destination Address";
    DESTINATION_MAC: Mac "ipv6.dst_slaac_mac" "Destination SLAAC MAC", "RFC 4291, appendix A";
    FRAGMENT: Number "ipv6.fragment" "IPv6 Fragment", "RFC 8200, section 4.5";
    FRAGMENT_ERROR: Number "ipv6.fragment.error" "Defragmentation error", "RFC 8200, section 4.5";
    FRAGMENT_OVERLAP: Flag "ipv6.fragment.overlap" "Fragment overlap", "RFC 8200, section 4.5";
    FRAGMENT_CONFLICT: Flag "ipv6.fragment.overlap.conflict" "Conflicting data in fragment overlap", "RFC 8200, section 4.5";
    FRAGMENT_COUNT: Number "ipv6.fragment.count" "Fragment count", "RFC 8200, section 4.5";
    REASSEMBLED_LENGTH: Number "ipv6.reassembled.length" "Reassembled IPv6 length", "RFC 8200, section 4.5";
}

/// What is said of a datagram that came in fragments.
pub(crate) static REASSEMBLY: Reassembly = Reassembly {
    fragment: &FRAGMENT,
    error: &FRAGMENT_ERROR,
    overlap: &FRAGMENT_OVERLAP,
    conflict: &FRAGMENT_CONFLICT,
    count: &FRAGMENT_COUNT,
    length: &REASSEMBLED_LENGTH,
};

/// The header, without extension headers.
pub(crate) const HEADER: usize = 40;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    if let Some(first) = c.peek(1).first().filter(|first| *first >> 4 != 6) {
        let stop = c.malformed("the version is not 6");
        let version = u64::from(*first >> 4);
        c.pass(1)?;
        c.part(&VERSION, Value::Number(version));
        c.part(&ipv4::VERSION, Value::Number(version));
        return Err(stop);
    }
    let ip = c.header(|bytes| Ipv6HeaderSlice::from_slice(bytes).ok().map(|ip| (HEADER, ip)), notes)?;
    let number = ip.next_header().0;
    outline.network(Addresses::V6(ip.source(), ip.destination()), number);
    match usize::from(ip.payload_length()) {
        // The jumbo payload option says how long, or segmentation offload has not filled it in.
        0 => {}
        length => outline.missing = c.narrow(length) as u32,
    }
    Ok(Next::Ip(number))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let first = c.pass(4)?.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
    c.bits(&VERSION, first, 28, 0xf);
    c.bits(&ipv4::VERSION, first, 28, 0xf);
    c.bits(&TRAFFIC_CLASS, first, 20, 0xff);
    c.bits(&DSCP, first, 22, 0x3f);
    c.bits(&ECN, first, 20, 3);
    c.part(&FLOW_LABEL, Value::Number(u64::from(first & 0xf_ffff)));
    c.u16(&PAYLOAD_LENGTH)?;
    c.u8(&NEXT_HEADER)?;
    c.u8(&HOP_LIMIT)?;
    let source = c.ipv6(&SOURCE)?;
    note_mac(c, &SOURCE_MAC, source);
    let destination = c.ipv6(&DESTINATION)?;
    note_mac(c, &DESTINATION_MAC, destination);
    Ok(())
}

/// An interface identifier made from a link address gives that address away.
fn note_mac(c: &mut Cursor<'_>, field: &'static Field, address: [u8; 16]) {
    if let Some(mac) = embedded_mac(address) {
        c.part(field, Value::Mac(mac));
    }
}

/// The link address from which the interface identifier was made (modified EUI-64), if it was.
pub fn embedded_mac(address: [u8; 16]) -> Option<[u8; 6]> {
    let [prefix, _, _, _, _, _, _, _, first, two, three, 0xff, 0xfe, four, five, six] = address else { return None };
    // The universal bit is inverted; multicast groups (ff00::/8) have no interface identifier.
    (prefix != 0xff && first & 2 != 0).then_some([first ^ 2, two, three, four, five, six])
}
