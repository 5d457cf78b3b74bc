//! IPv4 (RFC 791).

use etherparse::Ipv4HeaderSlice;

use super::{Addresses, Fragment, Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The Internet Protocol, version 4.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ip", "Internet Protocol Version 4", Class::Network, "RFC 791, section 3.1"),
    fields: FIELDS,
    under: &[Under::EtherType(0x0800), Under::Ip(4), Under::Sap(0x06), Under::Ppp(0x0021), Under::Link(228)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 791, section 3.1";
    VERSION: Number "ip.version" "Version";
    HEADER_LENGTH: Number "ip.hdr_len" "Header Length";
    DS_FIELD: Hex(2) "ip.dsfield" "Differentiated Services Field", "RFC 2474, section 3";
    DSCP: Number "ip.dsfield.dscp" "Differentiated Services Codepoint", "RFC 2474, section 3";
    ECN: Number "ip.dsfield.ecn" "Explicit Congestion Notification", "RFC 3168, section 5";
    TOTAL_LENGTH: Number "ip.len" "Total Length";
    ID: Hex(4) "ip.id" "Identification";
    FLAGS: Hex(2) "ip.flags" "Flags";
    DF: Flag "ip.flags.df" "Don't fragment";
    MF: Flag "ip.flags.mf" "More fragments";
    FRAGMENT_OFFSET: Number "ip.frag_offset" "Fragment Offset";
    TTL: Number "ip.ttl" "Time to Live";
    PROTO: Number "ip.proto" "Protocol";
    CHECKSUM: Hex(4) "ip.checksum" "Header Checksum";
    SOURCE: Ipv4 "ip.src" "Source Address";
    DESTINATION: Ipv4 "ip.dst" "Destination Address";
    OPTIONS: Bytes "ip.options" "Options";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let ip = c.header(|bytes| Ipv4HeaderSlice::from_slice(bytes).ok().map(|ip| (ip.slice().len(), ip)), notes)?;
    let number = ip.protocol().0;
    outline.network(Addresses::V4(ip.source(), ip.destination()), number);
    match usize::from(ip.total_len()).checked_sub(ip.slice().len()) {
        Some(length) => outline.missing = c.narrow(length) as u32,
        // Segmentation offload hands packets to the capture before the length is filled in.
        None => c.remark("the total length is shorter than the header: not filled in (offload) or wrong"),
    }
    if ip.is_fragmenting_payload() {
        outline.fragment = Some(Fragment {
            id: ip.identification().into(),
            offset: u32::from(ip.fragments_offset().value()) << 3,
            more: ip.more_fragments(),
            next: number,
        });
        return Ok(Next::Fragment);
    }
    Ok(Next::Ip(number))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let first = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&VERSION, first, 4, 0xf);
    c.part(&HEADER_LENGTH, crate::bytes::Value::Number(u64::from(first & 0xf) << 2));
    let ds = c.u8(&DS_FIELD)?;
    c.bits(&DSCP, ds, 2, 0x3f);
    c.bits(&ECN, ds, 0, 3);
    c.u16(&TOTAL_LENGTH)?;
    c.u16(&ID)?;
    let flags = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    c.bits(&FLAGS, flags, 13, 7);
    c.bits(&DF, flags, 14, 1);
    c.bits(&MF, flags, 13, 1);
    c.part(&FRAGMENT_OFFSET, crate::bytes::Value::Number(u64::from(flags & 0x1fff) << 3));
    c.u8(&TTL)?;
    c.u8(&PROTO)?;
    c.u16(&CHECKSUM)?;
    c.ipv4(&SOURCE)?;
    c.ipv4(&DESTINATION)?;
    if !c.is_empty() {
        c.bytes(&OPTIONS, c.remaining())?;
    }
    Ok(())
}
