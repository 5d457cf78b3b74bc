//! The routing header of IPv6 (RFC 8200, section 4.4): source routes (type 0, deprecated), mobile IPv6 (type 2),
//! RPL (type 3), segment routing (type 4), compressed routing (types 5 and 6).

use super::ipv6_hopopts::extension_rest;
use super::words::ip_number_name;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop};
use crate::fields;

/// The routing header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ipv6.routing", "Routing Header for IPv6", Class::Network, "RFC 8200, section 4.4"),
    fields: FIELDS,
    under: &[Under::Ip(43)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 8200, section 4.4";
    NEXT_HEADER: Number "ipv6.routing.nxt" "Next Header", names ip_number_name;
    LENGTH: Number "ipv6.routing.len" "Length";
    OCTETS: Number "ipv6.routing.len_oct" "Length (octets)";
    TYPE: Number "ipv6.routing.type" "Type", names type_name;
    SEGMENTS_LEFT: Number "ipv6.routing.segleft" "Segments Left";
    DATA: Bytes "ipv6.routing.unknown_data" "Type-Specific Data";
    SOURCE_RESERVED: Bytes "ipv6.routing.src.reserved" "Reserved", "RFC 2460, section 4.4";
    SOURCE_ADDRESS: Ipv6 "ipv6.routing.src.addr" "Address", "RFC 2460, section 4.4";
    MOBILE_RESERVED: Bytes "ipv6.routing.mipv6.reserved" "Reserved", "RFC 6275, section 6.4.1";
    MOBILE_HOME: Ipv6 "ipv6.routing.mipv6.home_address" "Home Address", "RFC 6275, section 6.4.1";
    RPL_CMPR_I: Number "ipv6.routing.rpl.cmprI" "Compressed Internal Octets (CmprI)", "RFC 6554, section 3";
    RPL_CMPR_E: Number "ipv6.routing.rpl.cmprE" "Compressed Final Octets (CmprE)", "RFC 6554, section 3";
    RPL_PAD: Number "ipv6.routing.rpl.pad" "Padding Bytes", "RFC 6554, section 3";
    RPL_RESERVED: Number "ipv6.routing.rpl.reserved" "Reserved", "RFC 6554, section 3";
    RPL_ADDRESS: Bytes "ipv6.routing.rpl.address" "Address", "RFC 6554, section 3";
    SRH_LAST: Number "ipv6.routing.srh.last_entry" "Last Entry", "RFC 8754, section 2";
    SRH_FLAGS: Hex(2) "ipv6.routing.srh.flags" "Flags", "RFC 8754, section 2";
    SRH_TAG: Bytes "ipv6.routing.srh.tag" "Tag", "RFC 8754, section 2";
    SRH_ADDRESS: Ipv6 "ipv6.routing.srh.addr" "Address", "RFC 8754, section 2";
    SRH_TLV: Bytes "husk.ipv6.routing.srh.tlv" "TLV objects", "RFC 8754, section 2.1";
    CRH16_SID: Number "ipv6.routing.crh16.sid" "Segment ID", "RFC 9631, section 5";
    CRH32_SID: Number "ipv6.routing.crh32.sid" "Segment ID", "RFC 9631, section 5";
}

const ADDRESS: usize = 16;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let number = c.u8(&NEXT_HEADER)?;
    outline.carries(number);
    let rest = extension_rest(c, &LENGTH, &OCTETS)?;
    c.inside(rest, |c| {
        let kind = c.u8(&TYPE)?;
        c.u8(&SEGMENTS_LEFT)?;
        body(c, kind)?;
        if c.is_empty() { Ok(()) } else { c.bytes(&DATA, c.remaining()).map(drop) }
    })?;
    Ok(Next::Ip(number))
}

fn body(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    match kind {
        0 => {
            c.bytes(&SOURCE_RESERVED, 4)?;
            addresses(c, &SOURCE_ADDRESS, usize::MAX)
        }
        2 => {
            c.bytes(&MOBILE_RESERVED, 4)?;
            c.ipv6(&MOBILE_HOME).map(drop)
        }
        3 => rpl(c),
        4 => {
            let last = usize::from(c.u8(&SRH_LAST)?);
            c.u8(&SRH_FLAGS)?;
            c.bytes(&SRH_TAG, 2)?;
            addresses(c, &SRH_ADDRESS, last.saturating_add(1))?;
            if c.is_empty() { Ok(()) } else { c.bytes(&SRH_TLV, c.remaining()).map(drop) }
        }
        5 => segments(c, &CRH16_SID, 2),
        6 => segments(c, &CRH32_SID, 4),
        _ => Ok(()),
    }
}

fn addresses(c: &mut Cursor<'_>, field: &'static Field, most: usize) -> Result<(), Stop> {
    let mut read = 0usize;
    while c.remaining() >= ADDRESS && read < most {
        c.ipv6(field)?;
        read = read.saturating_add(1);
    }
    Ok(())
}

fn segments(c: &mut Cursor<'_>, field: &'static Field, size: usize) -> Result<(), Stop> {
    while c.remaining() >= size {
        c.number(field, size)?;
    }
    Ok(())
}

/// Addresses that share a prefix with the destination: all but the last lack CmprI bytes, the last lacks CmprE.
fn rpl(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let word = c.pass(4)?.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
    let [internal, last, pad] = [28, 24, 20].map(|shift| (word >> shift & 0xf) as usize);
    c.bits(&RPL_CMPR_I, word, 28, 0xf);
    c.bits(&RPL_CMPR_E, word, 24, 0xf);
    c.bits(&RPL_PAD, word, 20, 0xf);
    c.bits(&RPL_RESERVED, word, 0, 0xf_ffff);
    let (internal, last) = (ADDRESS.saturating_sub(internal), ADDRESS.saturating_sub(last));
    while c.remaining() >= internal.saturating_add(last).saturating_add(pad) {
        c.bytes(&RPL_ADDRESS, internal)?;
    }
    if c.remaining() >= last.saturating_add(pad) {
        c.bytes(&RPL_ADDRESS, last)?;
    }
    Ok(())
}

fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Source Route (deprecated)",
        1 => "Nimrod (deprecated)",
        2 => "Type 2 (Mobile IPv6)",
        3 => "RPL Source Route",
        4 => "Segment Routing",
        5 => "CRH-16",
        6 => "CRH-32",
        253 | 254 => "RFC 3692-style Experiment",
        _ => return None,
    })
}
