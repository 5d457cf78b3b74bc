//! The options of the IPv4 header (RFC 791, section 3.1; IANA, IP option numbers).

use crate::bytes::{Cursor, Field, Stop};
use crate::fields;

fields! { class Network, "RFC 791, section 3.1";
    OPTION: Group "ip.opt" "IP Option";
    TYPE: Number "ip.opt.type" "Type", names name;
    TYPE_COPY: Flag "ip.opt.type.copy" "Copy on fragmentation";
    TYPE_CLASS: Number "ip.opt.type.class" "Class", names class_name;
    TYPE_NUMBER: Number "ip.opt.type.number" "Number";
    LENGTH: Number "ip.opt.len" "Length";
    POINTER: Number "ip.opt.ptr" "Pointer";
    RECORDED_ROUTE: Ipv4 "ip.rec_rt" "Recorded Route";
    SOURCE_ROUTE: Ipv4 "husk.ip.src_rt" "Source Route, to come";
    EMPTY_ROUTE: Ipv4 "ip.empty_rt" "Empty Route";
    STREAM_ID: Number "ip.opt.sid" "Stream Identifier";
    OVERFLOW: Number "ip.opt.overflow" "Overflow";
    FLAG: Hex(2) "ip.opt.flag" "Flag", names timestamp_flag_name;
    TIME_STAMP: Number "ip.opt.time_stamp" "Time stamp";
    TIME_STAMP_ADDRESS: Ipv4 "ip.opt.time_stamp_addr" "Address";
    SECURITY: Hex(4) "ip.opt.sec_rfc791_sec" "Security";
    COMPARTMENTS: Number "ip.opt.sec_rfc791_comp" "Compartments";
    HANDLING: Bytes "husk.ip.opt.sec_rfc791_hr" "Handling Restrictions";
    TRANSMISSION: Text "ip.opt.sec_rfc791_tcc" "Transmission Control Code";
    CLASSIFICATION: Hex(2) "ip.opt.sec_cl" "Classification Level", "RFC 1108, section 2.3", names classification_name;
    AUTHORITY: Hex(2) "ip.opt.sec_prot_auth_flags" "Protection Authority Flags", "RFC 1108, section 2.4";
    EXTENDED_FORMAT: Hex(2) "ip.opt.ext_sec_add_sec_info_format_code" "Additional Security Info Format Code",
        "RFC 1108, section 3.3";
    EXTENDED_INFO: Bytes "ip.opt.ext_sec_add_sec_info" "Additional Security Info", "RFC 1108, section 3.4";
    ROUTER_ALERT: Number "ip.opt.ra" "Router Alert", "RFC 2113, section 2.1";
    MTU: Number "ip.opt.mtu" "MTU", "RFC 1063, section 3.1";
    TRACE_ID: Number "ip.opt.id_number" "ID Number", "RFC 1393, section 2.2";
    OUTBOUND_HOPS: Number "ip.opt.ohc" "Outbound Hop Count", "RFC 1393, section 2.2";
    RETURN_HOPS: Number "ip.opt.rhc" "Return Hop Count", "RFC 1393, section 2.2";
    ORIGINATOR: Ipv4 "ip.opt.originator" "Originator IP Address", "RFC 1393, section 2.2";
    ADDRESS: Ipv4 "ip.opt.addr" "IP Address", "RFC 1770, section 2";
    QS_FUNCTION: Number "ip.opt.qs_func" "Function", "RFC 4782, section 3.1";
    QS_RATE: Number "ip.opt.qs_rate" "Rate", "RFC 4782, section 3.1";
    QS_TTL: Number "ip.opt.qs_ttl" "QS TTL", "RFC 4782, section 3.1";
    QS_NONCE: Hex(8) "ip.opt.qs_nonce" "QS Nonce", "RFC 4782, section 3.1";
    QS_RESERVED: Hex(8) "ip.opt.qs_reserved" "Reserved", "RFC 4782, section 3.1";
    CIPSO_DOI: Number "ip.cipso.doi" "DOI", "FIPS 188, section 4";
    CIPSO_TAG: Number "ip.cipso.tag_type" "Tag Type", "FIPS 188, section 4";
    CIPSO_LEVEL: Number "ip.cipso.sensitivity_level" "Sensitivity Level", "FIPS 188, section 4";
    CIPSO_DATA: Bytes "husk.ip.cipso.data" "Tag contents", "FIPS 188, section 4";
    DATA: Bytes "husk.ip.opt.data" "Option Data";
    END: Bytes "husk.ip.opt.padding" "Padding";
}

/// Notes the options up to the end of the header.
pub(super) fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while let Some(kind) = c.peek(1).first().copied() {
        // End of option list: what follows only fills the header up to a multiple of four bytes.
        if kind == 0 {
            option_type(c)?;
            if !c.is_empty() {
                c.bytes(&END, c.remaining())?;
            }
            return Ok(());
        }
        if kind == 1 {
            option_type(c)?;
            continue;
        }
        c.group(&OPTION, option)?;
    }
    Ok(())
}

fn option_type(c: &mut Cursor<'_>) -> Result<u8, Stop> {
    let kind = c.u8(&TYPE)?;
    c.bits(&TYPE_COPY, kind, 7, 1);
    c.bits(&TYPE_CLASS, kind, 5, 3);
    c.bits(&TYPE_NUMBER, kind, 0, 0x1f);
    Ok(kind)
}

fn option(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = option_type(c)?;
    let length = c.u8(&LENGTH)?;
    let Some(length) = usize::from(length).checked_sub(2) else {
        return Err(c.malformed("an option is shorter than its own type and length"));
    };
    c.inside(length, |c| body(c, kind))
}

fn body(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    match kind {
        7 => route(c, &EMPTY_ROUTE),
        131 | 137 => route(c, &SOURCE_ROUTE),
        68 => timestamps(c),
        130 => security(c),
        133 => {
            c.u8(&EXTENDED_FORMAT)?;
            rest(c, &EXTENDED_INFO)
        }
        134 => cipso(c),
        136 => c.u16(&STREAM_ID).map(drop),
        148 => c.u16(&ROUTER_ALERT).map(drop),
        11 | 12 => c.u16(&MTU).map(drop),
        82 => {
            c.u16(&TRACE_ID)?;
            c.u16(&OUTBOUND_HOPS)?;
            c.u16(&RETURN_HOPS)?;
            c.ipv4(&ORIGINATOR).map(drop)
        }
        149 => addresses(c, &ADDRESS),
        25 => quick_start(c),
        _ => rest(c, &DATA),
    }
}

fn rest(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.bytes(field, c.remaining()).map(drop) }
}

fn addresses(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    while c.remaining() >= 4 {
        c.ipv4(field)?;
    }
    rest(c, &DATA)
}

/// Addresses before the pointer were recorded on the way; `ahead` says what those behind it are.
fn route(c: &mut Cursor<'_>, ahead: &'static Field) -> Result<(), Stop> {
    // The pointer counts from 1 at the option's type.
    const FIRST: u8 = 4;
    let pointer = c.u8(&POINTER)?;
    let mut at = FIRST;
    while c.remaining() >= 4 {
        c.ipv4(if at < pointer { &RECORDED_ROUTE } else { ahead })?;
        at = at.saturating_add(4);
    }
    rest(c, &DATA)
}

fn timestamps(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&POINTER)?;
    let flag = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&OVERFLOW, flag, 4, 0xf);
    c.bits(&FLAG, flag, 0, 0xf);
    let with_addresses = matches!(flag & 0xf, 1 | 3);
    while c.remaining() >= if with_addresses { 8 } else { 4 } {
        if with_addresses {
            c.ipv4(&TIME_STAMP_ADDRESS)?;
        }
        c.u32(&TIME_STAMP)?;
    }
    rest(c, &DATA)
}

/// RFC 791's option has 11 bytes, RFC 1108's is of any length.
fn security(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.remaining() == 9 {
        c.u16(&SECURITY)?;
        c.u16(&COMPARTMENTS)?;
        c.bytes(&HANDLING, 2)?;
        return c.bytes(&TRANSMISSION, 3).map(drop);
    }
    c.u8(&CLASSIFICATION)?;
    while !c.is_empty() {
        c.u8(&AUTHORITY)?;
    }
    Ok(())
}

fn cipso(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u32(&CIPSO_DOI)?;
    while !c.is_empty() {
        let kind = c.u8(&CIPSO_TAG)?;
        let length = c.pass(1)?.first().map_or(0, |length| usize::from(*length)).saturating_sub(2);
        c.inside(length.min(c.remaining()), |c| {
            // Bit map, enumerated categories and ranges begin alike; free-form tags (128 and up) do not.
            if matches!(kind, 1 | 2 | 5) && c.remaining() >= 2 {
                c.pass(1)?;
                c.u8(&CIPSO_LEVEL)?;
            }
            rest(c, &CIPSO_DATA)
        })?;
    }
    Ok(())
}

fn quick_start(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let first = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&QS_FUNCTION, first, 4, 0xf);
    c.bits(&QS_RATE, first, 0, 0xf);
    c.u8(&QS_TTL)?;
    let nonce = c.pass(4)?.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
    c.bits(&QS_NONCE, nonce, 2, 0x3fff_ffff);
    c.bits(&QS_RESERVED, nonce, 0, 3);
    Ok(())
}

fn class_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Control",
        1 => "Reserved",
        2 => "Debugging and measurement",
        3 => "Reserved",
        _ => return None,
    })
}

fn timestamp_flag_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Time stamps only",
        1 => "Time stamp and address",
        3 => "Time stamps for prespecified addresses",
        _ => return None,
    })
}

fn classification_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x3d => "Top Secret",
        0x5a => "Secret",
        0x96 => "Confidential",
        0xab => "Unclassified",
        _ => return None,
    })
}

/// The name of an option kind (IANA, IP option numbers).
fn name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "End of Options List",
        1 => "No Operation",
        7 => "Record Route",
        10 => "Experimental Measurement",
        11 => "MTU Probe",
        12 => "MTU Reply",
        15 => "ENCODE",
        25 => "Quick-Start",
        30 | 94 | 158 | 222 => "RFC 3692-style Experiment",
        68 => "Time Stamp",
        82 => "Traceroute",
        130 => "Security",
        131 => "Loose Source Route",
        133 => "Extended Security",
        134 => "Commercial Security",
        136 => "Stream ID",
        137 => "Strict Source Route",
        142 => "Experimental Access Control",
        144 => "IMI Traffic Descriptor",
        145 => "Extended Internet Protocol",
        147 => "Address Extension",
        148 => "Router Alert",
        149 => "Selective Directed Broadcast",
        151 => "Dynamic Packet State",
        152 => "Upstream Multicast Packet",
        205 => "Experimental Flow Control",
        _ => return None,
    })
}
