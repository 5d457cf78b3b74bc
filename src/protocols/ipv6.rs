//! IPv6 (RFC 8200) and its extension headers.

use etherparse::Ipv6HeaderSlice;

use super::{Addresses, Fragment, Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// The Internet Protocol, version 6.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ipv6", "Internet Protocol Version 6", Class::Network, "RFC 8200, section 3"),
    fields: FIELDS,
    under: &[Under::EtherType(0x86dd), Under::Ip(41), Under::Ppp(0x0057), Under::Link(229)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 8200, section 3";
    VERSION: Number "ipv6.version" "Version";
    TRAFFIC_CLASS: Hex(8) "ipv6.tclass" "Traffic Class";
    FLOW_LABEL: Hex(6) "ipv6.flow" "Flow Label", "RFC 6437";
    PAYLOAD_LENGTH: Number "ipv6.plen" "Payload Length";
    NEXT_HEADER: Number "ipv6.nxt" "Next Header";
    HOP_LIMIT: Number "ipv6.hlim" "Hop Limit";
    SOURCE: Ipv6 "ipv6.src" "Source Address";
    DESTINATION: Ipv6 "ipv6.dst" "Destination Address";
    FRAGMENT: Group "ipv6.fraghdr" "Fragment Header", "RFC 8200, section 4.5";
    FRAGMENT_NEXT: Number "ipv6.fraghdr.nxt" "Next header", "RFC 8200, section 4.5";
    FRAGMENT_RESERVED: Hex(2) "ipv6.fraghdr.reserved_octet" "Reserved octet", "RFC 8200, section 4.5";
    FRAGMENT_OFFSET: Number "ipv6.fraghdr.offset" "Offset", "RFC 8200, section 4.5";
    FRAGMENT_MORE: Flag "ipv6.fraghdr.more" "More Fragments", "RFC 8200, section 4.5";
    FRAGMENT_ID: Hex(8) "ipv6.fraghdr.ident" "Identification", "RFC 8200, section 4.5";
}

const HEADER: usize = 40;
/// Extension headers in one packet; the longest sensible chain has six.
const MOST_EXTENSIONS: usize = 16;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let ip = c.header(|bytes| Ipv6HeaderSlice::from_slice(bytes).ok().map(|ip| (HEADER, ip)), notes)?;
    let mut number = ip.next_header().0;
    outline.network(Addresses::V6(ip.source(), ip.destination()), number);
    match usize::from(ip.payload_length()) {
        0 => c.remark("the payload length is zero: a jumbogram, or not filled in (offload)"),
        length => outline.missing = c.narrow(length) as u32,
    }
    for _ in 0..MOST_EXTENSIONS {
        match number {
            44 => {
                let fragment = fragment(c)?;
                number = fragment.next;
                if fragment.offset > 0 || fragment.more {
                    outline.fragment = Some(fragment);
                }
            }
            _ => break,
        }
    }
    if let Some(endpoints) = &mut outline.endpoints {
        endpoints.ip_number = number;
    }
    if outline.fragment.is_some() {
        return Ok(Next::Fragment);
    }
    Ok(Next::Ip(number))
}

fn fragment(c: &mut Cursor<'_>) -> Result<Fragment, Stop> {
    c.group(&FRAGMENT, |c| {
        let next = c.u8(&FRAGMENT_NEXT)?;
        c.u8(&FRAGMENT_RESERVED)?;
        let offset = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
        c.bits(&FRAGMENT_OFFSET, offset, 3, 0x1fff);
        c.bits(&FRAGMENT_MORE, offset, 0, 1);
        let id = c.u32(&FRAGMENT_ID)?;
        Ok(Fragment { id, offset: u32::from(offset & 0xfff8), more: offset & 1 == 1, next })
    })
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let first = c.pass(4)?.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
    c.bits(&VERSION, first, 28, 0xf);
    c.bits(&TRAFFIC_CLASS, first, 20, 0xff);
    c.part(&FLOW_LABEL, Value::Number(u64::from(first & 0xf_ffff)));
    c.u16(&PAYLOAD_LENGTH)?;
    c.u8(&NEXT_HEADER)?;
    c.u8(&HOP_LIMIT)?;
    c.ipv6(&SOURCE)?;
    c.ipv6(&DESTINATION).map(drop)
}
