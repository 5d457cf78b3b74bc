//! The options of hop-by-hop and destination options headers (RFC 8200, section 4.2; IANA, destination options
//! and hop-by-hop options).

use crate::bytes::{Cursor, Field, Stop, Value};
use crate::fields;

fields! { class Network, "RFC 8200, section 4.2";
    OPTION: Group "ipv6.opt" "IPv6 Option";
    TYPE: Hex(2) "ipv6.opt.type" "Type", names name;
    TYPE_ACTION: Number "ipv6.opt.type.action" "Action", names action_name;
    TYPE_CHANGE: Flag "ipv6.opt.type.change" "May Change";
    TYPE_REST: Hex(2) "ipv6.opt.type.rest" "Low-Order Bits";
    LENGTH: Number "ipv6.opt.length" "Length";
    PAD_N: Bytes "ipv6.opt.padn" "PadN";
    ROUTER_ALERT: Number "ipv6.opt.router_alert" "Router Alert", "RFC 2711, section 2.1", names alert_name;
    TUNNEL_LIMIT: Number "ipv6.opt.tel" "Tunnel Encapsulation Limit", "RFC 2473, section 4.1.1";
    JUMBO: Number "ipv6.opt.jumbo" "Payload Length", "RFC 2675, section 2";
    PMTU_MINIMUM: Number "ipv6.opt.pmtu.min" "Minimum Reported PMTU", "RFC 9268, section 5";
    PMTU_RETURN: Number "ipv6.opt.pmtu.rtn" "Return Minimum PMTU", "RFC 9268, section 5";
    PMTU_R_FLAG: Flag "ipv6.opt.pmtu.r_flag" "Return Flag", "RFC 9268, section 5";
    CALIPSO_DOI: Number "ipv6.opt.calipso.doi" "CALIPSO Domain of Interpretation", "RFC 5570, section 5.1";
    CALIPSO_LENGTH: Number "ipv6.opt.calipso.cmpt.length" "Compartment Length", "RFC 5570, section 5.1";
    CALIPSO_LEVEL: Number "ipv6.opt.calipso.sens_level" "Sensitivity Level", "RFC 5570, section 5.1";
    CALIPSO_CHECKSUM: Hex(4) "ipv6.opt.calipso.checksum" "Checksum", "RFC 5570, section 5.1";
    CALIPSO_BITMAP: Bytes "ipv6.opt.calipso.cmpt_bitmap" "Compartment Bitmap", "RFC 5570, section 5.1";
    PDM_SCALE_RECEIVED: Number "ipv6.opt.pdm.scale_dtlr" "Scale DTLR", "RFC 8250, section 3.1";
    PDM_SCALE_SENT: Number "ipv6.opt.pdm.scale_dtls" "Scale DTLS", "RFC 8250, section 3.1";
    PDM_THIS: Number "ipv6.opt.pdm.psn_this_pkt" "PSN This Packet", "RFC 8250, section 3.1";
    PDM_LAST: Number "ipv6.opt.pdm.psn_last_recv" "PSN Last Received", "RFC 8250, section 3.1";
    PDM_DELTA_RECEIVED: Number "ipv6.opt.pdm.delta_last_recv" "Delta Time Last Received", "RFC 8250, section 3.1";
    PDM_DELTA_SENT: Number "ipv6.opt.pdm.delta_last_sent" "Delta Time Last Sent", "RFC 8250, section 3.1";
    QS_FUNCTION: Number "ipv6.opt.qs_func" "Function", "RFC 4782, section 3.2";
    QS_RATE: Number "ipv6.opt.qs_rate" "Rate", "RFC 4782, section 3.2";
    QS_TTL: Number "ipv6.opt.qs_ttl" "QS TTL", "RFC 4782, section 3.2";
    QS_NONCE: Hex(8) "ipv6.opt.qs_nonce" "QS Nonce", "RFC 4782, section 3.2";
    QS_RESERVED: Hex(8) "ipv6.opt.qs_reserved" "Reserved", "RFC 4782, section 3.2";
    HOME_ADDRESS: Ipv6 "ipv6.opt.mipv6.home_address" "MIPv6 Home Address", "RFC 6275, section 6.3";
    RPL_FLAG: Hex(2) "ipv6.opt.rpl.flag" "Flag", "RFC 6553, section 3";
    RPL_INSTANCE: Hex(2) "ipv6.opt.rpl.instance_id" "RPLInstanceID", "RFC 6553, section 3";
    RPL_RANK: Hex(4) "ipv6.opt.rpl.sender_rank" "Sender Rank", "RFC 6553, section 3";
    ILNP_NONCE: Bytes "ipv6.opt.ilnp_nonce" "ILNP Nonce", "RFC 6744, section 2";
    LINE_ID_LENGTH: Number "ipv6.opt.lio.length" "LineIDLen", "RFC 6788, section 9";
    LINE_ID: Text "ipv6.opt.lio.line_id" "Line ID", "RFC 6788, section 9";
    EXPERIMENTAL: Bytes "ipv6.opt.experimental" "Experimental Option", "RFC 4727, section 3.5";
    UNKNOWN: Bytes "ipv6.opt.unknown" "Unknown Option Payload";
}

/// Reads options up to the end of the window.
pub(in crate::protocols) fn read(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while let Some(kind) = c.peek(1).first().copied() {
        // Pad1 has neither length nor data.
        if kind == 0 {
            option_type(c)?;
            continue;
        }
        c.group(&OPTION, option)?;
    }
    Ok(())
}

fn option_type(c: &mut Cursor<'_>) -> Result<u8, Stop> {
    let kind = c.u8(&TYPE)?;
    c.bits(&TYPE_ACTION, kind, 6, 3);
    c.bits(&TYPE_CHANGE, kind, 5, 1);
    c.bits(&TYPE_REST, kind, 0, 0x1f);
    Ok(kind)
}

fn option(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = option_type(c)?;
    let length = c.u8(&LENGTH)?;
    c.inside(usize::from(length), |c| {
        body(c, kind)?;
        rest(c, &UNKNOWN)
    })
}

fn body(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    match kind {
        0x01 => {
            if c.is_empty() && c.listens() {
                c.say(&PAD_N, Value::Text("<none>".into()));
            }
            rest(c, &PAD_N)
        }
        0x04 => c.u8(&TUNNEL_LIMIT).map(drop),
        0x05 => c.u16(&ROUTER_ALERT).map(drop),
        0x07 => calipso(c),
        0x0f => performance(c),
        0x23 | 0x63 => {
            c.u8(&RPL_FLAG)?;
            c.u8(&RPL_INSTANCE)?;
            c.u16(&RPL_RANK).map(drop)
        }
        0x26 => quick_start(c),
        0x30 => {
            c.u16(&PMTU_MINIMUM)?;
            let returned = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
            // The lowest bit is the flag; the value is always even.
            c.bits(&PMTU_RETURN, returned & 0xfffe, 0, 0xffff);
            c.bits(&PMTU_R_FLAG, returned, 0, 1);
            Ok(())
        }
        0x8b => rest(c, &ILNP_NONCE),
        0x8c => {
            let length = usize::from(c.u8(&LINE_ID_LENGTH)?);
            c.bytes(&LINE_ID, length).map(drop)
        }
        0xc2 => c.u32(&JUMBO).map(drop),
        0xc9 => c.ipv6(&HOME_ADDRESS).map(drop),
        0x1e | 0x3e | 0x5e | 0x7e | 0x9e | 0xbe | 0xde | 0xfe => rest(c, &EXPERIMENTAL),
        _ => Ok(()),
    }
}

fn rest(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.bytes(field, c.remaining()).map(drop) }
}

fn calipso(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u32(&CALIPSO_DOI)?;
    let words = usize::from(c.u8(&CALIPSO_LENGTH)?);
    c.u8(&CALIPSO_LEVEL)?;
    c.u16(&CALIPSO_CHECKSUM)?;
    if words > 0 {
        c.bytes(&CALIPSO_BITMAP, words.saturating_mul(4))?;
    }
    Ok(())
}

fn performance(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&PDM_SCALE_RECEIVED)?;
    c.u8(&PDM_SCALE_SENT)?;
    c.u16(&PDM_THIS)?;
    c.u16(&PDM_LAST)?;
    c.u16(&PDM_DELTA_RECEIVED)?;
    c.u16(&PDM_DELTA_SENT).map(drop)
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

/// What a node does that does not know the option (RFC 8200, section 4.2).
fn action_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Skip and continue",
        1 => "Discard",
        2 => "Discard and send ICMP Parameter Problem",
        3 => "Discard and send ICMP Parameter Problem if the destination is not multicast",
        _ => return None,
    })
}

fn alert_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "MLD",
        1 => "RSVP",
        2 => "Active Networks",
        4..=35 => "Aggregated Reservation Nesting Level",
        36..=67 => "QoS NSLP Aggregation Level",
        68 => "NSIS NATFW NSLP",
        69 => "MPLS OAM",
        _ => return None,
    })
}

/// The name of an option (IANA, destination options and hop-by-hop options).
fn name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x00 => "Pad1",
        0x01 => "PadN",
        0x04 => "Tunnel Encapsulation Limit",
        0x05 => "Router Alert",
        0x07 => "CALIPSO",
        0x08 => "SMF_DPD",
        0x0f => "Performance and Diagnostic Metrics",
        0x11 | 0x31 => "IOAM",
        0x12 => "Alternate Marking",
        0x23 => "RPL Option",
        0x26 => "Quick-Start",
        0x30 => "Minimum Path MTU",
        0x4d | 0xad => "Deprecated",
        0x63 => "RPL Option (deprecated)",
        0x6d => "MPL Option",
        0x8a => "Endpoint Identification (deprecated)",
        0x8b => "ILNP Nonce",
        0x8c => "Line-Identification",
        0xc2 => "Jumbo Payload",
        0xc9 => "Home Address",
        0xee => "IPv6 DFF Header",
        0x1e | 0x3e | 0x5e | 0x7e | 0x9e | 0xbe | 0xde | 0xfe => "RFC 3692-style Experiment",
        _ => return None,
    })
}
