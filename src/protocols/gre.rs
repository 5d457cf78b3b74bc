//! Generic Routing Encapsulation (RFC 2784, RFC 2890), and its version 1 for PPTP (RFC 2637).
//!
//! ```text
//! │ C R K S s recursion A reserved version 2 │ protocol 2 │ checksum 2, offset 2 │ key 4 │ sequence 4 │ ack 4 │
//!                                                          └ if C or R            └ K     └ S          └ A, version 1
//! ```

use super::{Next, Outline, Protocol, Read, Under, erspan, ethernet, heading, named, ppp};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Generic Routing Encapsulation; over UDP it is RFC 8086.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("gre", "Generic Routing Encapsulation", Class::Network, "RFC 2784, section 2"),
    fields: FIELDS,
    under: &[Under::Ip(47), Under::Udp(4754)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "RFC 2784, section 2";
    FLAGS: Hex(4) "gre.flags_and_version" "Flags and Version";
    HAS_CHECKSUM: Flag "gre.flags.checksum" "Checksum Bit";
    HAS_ROUTING: Flag "gre.flags.routing" "Routing Bit", "RFC 1701";
    HAS_KEY: Flag "gre.flags.key" "Key Bit", "RFC 2890, section 2";
    HAS_SEQUENCE: Flag "gre.flags.sequence_number" "Sequence Number Bit", "RFC 2890, section 2";
    STRICT_ROUTE: Flag "gre.flags.strict_source_route" "Strict Source Route Bit", "RFC 1701";
    RECURSION: Number "gre.flags.recursion_control" "Recursion control", "RFC 1701";
    HAS_ACKNOWLEDGMENT: Flag "gre.flags.ack" "Acknowledgment", "RFC 2637, section 4.1";
    VERSION: Number "gre.flags.version" "Version";
    PROTOCOL_TYPE: Hex(4) "gre.proto" "Protocol Type";
    CHECKSUM: Hex(4) "gre.checksum" "Checksum";
    OFFSET: Number "gre.offset" "Offset", "RFC 1701";
    KEY: Hex(8) "gre.key" "Key", "RFC 2890, section 2";
    PAYLOAD_LENGTH: Number "gre.key.payload_length" "Payload length", "RFC 2637, section 4.1";
    CALL: Number "gre.key.call_id" "Call ID", "RFC 2637, section 4.1";
    SEQUENCE: Number "gre.sequence_number" "Sequence Number", "RFC 2890, section 2";
    ACKNOWLEDGMENT: Number "gre.ack_number" "Acknowledgment Number", "RFC 2637, section 4.1";
    ROUTE_FAMILY: Number "gre.routing.address_family" "Address Family", "RFC 1701";
    ROUTE_OFFSET: Number "gre.routing.sre_offset" "SRE Offset", "RFC 1701";
    ROUTE_LENGTH: Number "gre.routing.src_length" "SRE Length", "RFC 1701";
    ROUTE: Bytes "gre.routing.information" "Routing Information", "RFC 1701";
    REDIRECT: Hex(8) "husk.gre.redirect" "WCCP redirect header", "draft-mclaggan-wccp-v2rev1, section 4.12.2";
}

const CHECKSUM_BIT: u64 = 0x8000;
const ROUTING_BIT: u64 = 0x4000;
const KEY_BIT: u64 = 0x2000;
const SEQUENCE_BIT: u64 = 0x1000;
const ACKNOWLEDGMENT_BIT: u64 = 0x0080;
/// Source route entries; a real one has a few.
const MOST_ROUTES: usize = 32;
/// Web caches: redirected packets, in some versions behind a header of four bytes.
const WCCP: u16 = 0x883e;

/// Over UDP only version 0, with bits as RFC 2890 has them (RFC 8086, section 3.2).
fn accepts(bytes: &[u8]) -> bool {
    matches!(bytes, [first, 0, _, _, ..] if first & 0x4f == 0)
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let flags = flags(c)?;
    let number = c.u16(&PROTOCOL_TYPE)?;
    if flags & (CHECKSUM_BIT | ROUTING_BIT) != 0 {
        c.u16(&CHECKSUM)?;
        c.u16(&OFFSET)?;
    }
    if flags & KEY_BIT != 0 {
        key(c, outline, flags & 7 == 1)?;
    }
    if flags & SEQUENCE_BIT != 0 {
        c.u32(&SEQUENCE)?;
    }
    if flags & ACKNOWLEDGMENT_BIT != 0 && flags & 7 == 1 {
        c.u32(&ACKNOWLEDGMENT)?;
    }
    if flags & ROUTING_BIT != 0 {
        routes(c)?;
    }
    if number == WCCP {
        // The header begins with bits that no IPv4 packet begins with.
        if c.ahead(0, 1).is_some_and(|first| first >> 4 != 4) {
            c.u32(&REDIRECT)?;
        }
        return Ok(Next::EtherType(0x0800));
    }
    Ok(match number {
        // Type I of ERSPAN has no header, and says so by having no sequence number.
        erspan::TYPE_II if flags & SEQUENCE_BIT == 0 => Next::Protocol(&ethernet::PROTOCOL),
        number => payload(number),
    })
}

/// What a tunnel carries under this protocol type.
pub(super) fn payload(number: u16) -> Next {
    match number {
        0x880b => Next::Protocol(&ppp::PROTOCOL),
        erspan::TYPE_II | erspan::TYPE_III => Next::Protocol(&erspan::PROTOCOL),
        0x00fe => Next::Protocol(&named::OSI),
        _ => Next::EtherType(number),
    }
}

fn flags(c: &mut Cursor<'_>) -> Result<u64, Stop> {
    let flags = c.octets(2)?;
    c.part(&FLAGS, Value::Number(flags));
    c.bits(&HAS_CHECKSUM, flags, 15, 1);
    c.bits(&HAS_ROUTING, flags, 14, 1);
    c.bits(&HAS_KEY, flags, 13, 1);
    c.bits(&HAS_SEQUENCE, flags, 12, 1);
    c.bits(&STRICT_ROUTE, flags, 11, 1);
    c.bits(&RECURSION, flags, 8, 7);
    if flags & 7 == 1 {
        c.bits(&HAS_ACKNOWLEDGMENT, flags, 7, 1);
    }
    c.bits(&VERSION, flags, 0, 7);
    Ok(flags)
}

fn key(c: &mut Cursor<'_>, outline: &mut Outline, pptp: bool) -> Result<(), Stop> {
    if pptp {
        // A call id is the receiver's: each direction has its own, so it does not tell flows apart.
        c.u16(&PAYLOAD_LENGTH)?;
        return c.u16(&CALL).map(drop);
    }
    let key = c.u32(&KEY)?;
    outline.tells_apart(&KEY, key.into());
    Ok(())
}

fn routes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    for _ in 0..MOST_ROUTES {
        let family = c.u16(&ROUTE_FAMILY)?;
        c.u8(&ROUTE_OFFSET)?;
        let length = c.u8(&ROUTE_LENGTH)?;
        if (family, length) == (0, 0) {
            break;
        }
        c.bytes(&ROUTE, length.into())?;
    }
    Ok(())
}
