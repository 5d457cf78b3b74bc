//! IPv4 (RFC 791): the header and its options.
//!
//! The header checksum is not verified: offload leaves it unfilled in local captures.

pub mod options;

use etherparse::Ipv4HeaderSlice;

use super::words::{ip_number_name, join};
use super::{Addresses, Fragment, Next, Outline, Protocol, Read, Reassembly, Under, checksum, heading, ipv6};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Internet Protocol, version 4.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ip", "Internet Protocol Version 4", Class::Network, "RFC 791, section 3.1"),
    fields: &ALL,
    under: &[Under::EtherType(0x0800), Under::Ip(4), Under::Sap(0x06), Under::Ppp(0x0021), Under::Link(228)],
    read: Read::Header(read),
};

static ALL: [&Field; FIELDS.len() + options::FIELDS.len()] = join(FIELDS, options::FIELDS);

fields! { class Network, "RFC 791, section 3.1";
    VERSION: Number "ip.version" "Version";
    HEADER_LENGTH: Number "ip.hdr_len" "Header Length";
    DS_FIELD: Hex(2) "ip.dsfield" "Differentiated Services Field", "RFC 2474, section 3";
    DSCP: Number "ip.dsfield.dscp" "Differentiated Services Codepoint", "RFC 2474, section 3", names dscp_name;
    ECN: Number "ip.dsfield.ecn" "Explicit Congestion Notification", "RFC 3168, section 5", names ecn_name;
    TOTAL_LENGTH: Number "ip.len" "Total Length";
    ID: Hex(4) "ip.id" "Identification";
    FLAGS: Hex(2) "ip.flags" "Flags";
    RESERVED_BIT: Flag "ip.flags.rb" "Reserved bit";
    DF: Flag "ip.flags.df" "Don't fragment";
    MF: Flag "ip.flags.mf" "More fragments";
    FRAGMENT_OFFSET: Number "ip.frag_offset" "Fragment Offset (8 bytes)";
    TTL: Number "ip.ttl" "Time to Live";
    PROTO: Number "ip.proto" "Protocol", names ip_number_name;
    CHECKSUM: Hex(4) "ip.checksum" "Header Checksum";
    CHECKSUM_VERDICT: Text "husk.ip.checksum.verdict" "Checksum verdict";
    SOURCE: Ipv4 "ip.src" "Source Address";
    DESTINATION: Ipv4 "ip.dst" "Destination Address";
    FRAGMENT: Number "ip.fragment" "IPv4 Fragment", "RFC 791, section 3.2";
    FRAGMENT_ERROR: Number "ip.fragment.error" "Defragmentation error", "RFC 791, section 3.2";
    FRAGMENT_OVERLAP: Flag "ip.fragment.overlap" "Fragment overlap", "RFC 791, section 3.2";
    FRAGMENT_CONFLICT: Flag "ip.fragment.overlap.conflict" "Conflicting data in fragment overlap", "RFC 791, section 3.2";
    FRAGMENT_COUNT: Number "ip.fragment.count" "Fragment count", "RFC 791, section 3.2";
    REASSEMBLED_LENGTH: Number "ip.reassembled.length" "Reassembled IPv4 length", "RFC 791, section 3.2";
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

/// The shortest header.
pub(crate) const HEADER: usize = 20;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    match c.peek(1).first().map(|first| (first >> 4, usize::from(first & 0xf) << 2)) {
        Some((4, HEADER..)) | None => {}
        // Some captures and tunnels name version 4 and carry version 6.
        Some((6, _)) => return Ok(Next::Protocol(&ipv6::PROTOCOL)),
        Some((4, _)) => return contradiction(c, true, "the header length is less than 20 bytes"),
        Some(_) => return contradiction(c, false, "the version is neither 4 nor 6"),
    }
    if c.wants(&CHECKSUM_VERDICT) {
        let length = usize::from(c.peek(1).first().map_or(0, |first| first & 0xf)) << 2;
        let verdict = c.rest().get(..length).and_then(checksum::of_header);
        checksum::note(c, &CHECKSUM_VERDICT, checksum::IP_PLACE, verdict);
    }
    let ip = c.header(|bytes| Ipv4HeaderSlice::from_slice(bytes).ok().map(|ip| (ip.slice().len(), ip)), notes)?;
    let number = ip.protocol().0;
    outline.network(Addresses::V4(ip.source(), ip.destination()), number);
    match usize::from(ip.total_len()).checked_sub(ip.slice().len()) {
        Some(length) => outline.missing = c.narrow(length) as u32,
        // Segmentation offload hands packets to the capture before the length is filled in.
        None if ip.total_len() == 0 => c.remark("the total length is zero: not filled in (segmentation offload)"),
        None => return Err(c.malformed("the total length is less than the header length")),
    }
    if !ip.is_fragmenting_payload() {
        return Ok(Next::Ip(number));
    }
    let offset = u32::from(ip.fragments_offset().value()) << 3;
    // A fragment that was cut when captured never makes a whole datagram: the first one is read as far as it goes.
    if outline.missing > 0 || c.is_empty() {
        return Ok(if offset == 0 { Next::Ip(number) } else { Next::End });
    }
    let id = ip.identification().into();
    outline.fragment = Some(Fragment { id, offset, more: ip.more_fragments(), next: number });
    Ok(Next::Fragment)
}

/// Shows the first byte of what is no IPv4 header; nothing behind it can be trusted.
fn contradiction(c: &mut Cursor<'_>, has_length: bool, what: &'static str) -> Result<Next, Stop> {
    let stop = c.malformed(what);
    let first = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&VERSION, first, 4, 0xf);
    if has_length {
        c.part(&HEADER_LENGTH, Value::Number(u64::from(first & 0xf) << 2));
    }
    Err(stop)
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let first = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&VERSION, first, 4, 0xf);
    c.part(&HEADER_LENGTH, Value::Number(u64::from(first & 0xf) << 2));
    let ds = c.u8(&DS_FIELD)?;
    c.bits(&DSCP, ds, 2, 0x3f);
    c.bits(&ECN, ds, 0, 3);
    c.u16(&TOTAL_LENGTH)?;
    c.u16(&ID)?;
    let flags = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    c.bits(&FLAGS, flags, 13, 7);
    c.bits(&RESERVED_BIT, flags, 15, 1);
    c.bits(&DF, flags, 14, 1);
    c.bits(&MF, flags, 13, 1);
    c.bits(&FRAGMENT_OFFSET, flags, 0, 0x1fff);
    c.u8(&TTL)?;
    c.u8(&PROTO)?;
    c.u16(&CHECKSUM)?;
    c.ipv4(&SOURCE)?;
    c.ipv4(&DESTINATION)?;
    options::notes(c)
}

/// The name of a differentiated services codepoint (IANA, DSCP registry).
pub(super) fn dscp_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "CS0 (default)",
        1 => "LE (lower effort)",
        8 => "CS1",
        10 => "AF11",
        12 => "AF12",
        14 => "AF13",
        16 => "CS2",
        18 => "AF21",
        20 => "AF22",
        22 => "AF23",
        24 => "CS3",
        26 => "AF31",
        28 => "AF32",
        30 => "AF33",
        32 => "CS4",
        34 => "AF41",
        36 => "AF42",
        38 => "AF43",
        40 => "CS5",
        44 => "VOICE-ADMIT",
        45 => "NQB",
        46 => "EF (expedited forwarding)",
        48 => "CS6",
        56 => "CS7",
        _ => return None,
    })
}

/// The name of an ECN codepoint (RFC 3168, section 5).
pub(super) fn ecn_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Not-ECT",
        1 => "ECT(1)",
        2 => "ECT(0)",
        3 => "CE (congestion experienced)",
        _ => return None,
    })
}
