//! Neighbour discovery (RFC 4861) and its options (IANA, IPv6 neighbor discovery option formats).

use std::net::Ipv6Addr;

use super::super::{Addresses, Endpoints, Next, Said};
use super::{ETHER_TYPE_IPV6, REQUEST_IN, RESERVED, TIME, names};
use crate::bytes::{Class, Cursor, Field, Key, Pairing, Stop, Value, hexadecimal};
use crate::fields;

fields! { class Network, "RFC 4861, section 4";
    HOP_LIMIT: Number "icmpv6.nd.ra.cur_hop_limit" "Cur hop limit", "RFC 4861, section 4.2";
    RA_FLAG: Hex(2) "icmpv6.nd.ra.flag" "Flags", "RFC 4861, section 4.2";
    RA_MANAGED: Flag "icmpv6.nd.ra.flag.m" "Managed address configuration", "RFC 4861, section 4.2";
    RA_OTHER: Flag "icmpv6.nd.ra.flag.o" "Other configuration", "RFC 4861, section 4.2";
    RA_HOME: Flag "icmpv6.nd.ra.flag.h" "Home Agent", "RFC 6275, section 7.1";
    RA_PREFERENCE: Number "icmpv6.nd.ra.flag.prf" "Default Router Preference", "RFC 4191, section 2.2",
        names preference_name;
    RA_PROXY: Flag "icmpv6.nd.ra.flag.p" "Proxy", "RFC 4389, section 4.1.3.3";
    RA_RESERVED: Number "icmpv6.nd.ra.flag.rsv" "Reserved", "RFC 4861, section 4.2";
    ROUTER_LIFETIME: Number "icmpv6.nd.ra.router_lifetime" "Router lifetime (s)", "RFC 4861, section 4.2";
    REACHABLE_TIME: Number "icmpv6.nd.ra.reachable_time" "Reachable time (ms)", "RFC 4861, section 4.2";
    RETRANS_TIMER: Number "icmpv6.nd.ra.retrans_timer" "Retrans timer (ms)", "RFC 4861, section 4.2";
    NS_TARGET: Ipv6 "icmpv6.nd.ns.target_address" "Target Address", "RFC 4861, section 4.3";
    NA_FLAG: Hex(8) "icmpv6.nd.na.flag" "Flags", "RFC 4861, section 4.4";
    NA_ROUTER: Flag "icmpv6.nd.na.flag.r" "Router", "RFC 4861, section 4.4";
    NA_SOLICITED: Flag "icmpv6.nd.na.flag.s" "Solicited", "RFC 4861, section 4.4";
    NA_OVERRIDE: Flag "icmpv6.nd.na.flag.o" "Override", "RFC 4861, section 4.4";
    NA_RESERVED: Number "icmpv6.nd.na.flag.rsv" "Reserved", "RFC 4861, section 4.4";
    NA_TARGET: Ipv6 "icmpv6.nd.na.target_address" "Target Address", "RFC 4861, section 4.4";
    RD_TARGET: Ipv6 "icmpv6.nd.rd.target_address" "Target Address", "RFC 4861, section 4.5";
    RD_DESTINATION: Ipv6 "icmpv6.rd.na.destination_address" "Destination Address", "RFC 4861, section 4.5";
    OPTION: Group "icmpv6.opt" "ICMPv6 Option", "RFC 4861, section 4.6";
    TYPE: Number "icmpv6.opt.type" "Type", "RFC 4861, section 4.6", names option_name;
    LENGTH: Number "icmpv6.opt.length" "Length (8 bytes)", "RFC 4861, section 4.6";
    LINK_ADDRESS: Mac "icmpv6.opt.linkaddr" "Link-layer address", "RFC 4861, section 4.6.1";
    SOURCE_LINK_ADDRESS: Mac "icmpv6.opt.src_linkaddr" "Source Link-layer address", "RFC 4861, section 4.6.1";
    TARGET_LINK_ADDRESS: Mac "icmpv6.opt.target_linkaddr" "Target Link-layer address", "RFC 4861, section 4.6.1";
    OPTION_RESERVED: Bytes "icmpv6.opt.reserved" "Reserved", "RFC 4861, section 4.6";
    PREFIX_LENGTH: Number "icmpv6.opt.prefix.length" "Prefix Length", "RFC 4861, section 4.6.2";
    PREFIX_FLAG: Hex(2) "icmpv6.opt.prefix.flag" "Flag", "RFC 4861, section 4.6.2";
    PREFIX_ON_LINK: Flag "icmpv6.opt.prefix.flag.l" "On-link flag (L)", "RFC 4861, section 4.6.2";
    PREFIX_AUTONOMOUS: Flag "icmpv6.opt.prefix.flag.a" "Autonomous address-configuration flag (A)",
        "RFC 4861, section 4.6.2";
    PREFIX_ROUTER: Flag "icmpv6.opt.prefix.flag.r" "Router address flag (R)", "RFC 6275, section 7.2";
    PREFIX_RESERVED: Number "icmpv6.opt.prefix.flag.reserved" "Reserved", "RFC 4861, section 4.6.2";
    VALID_LIFETIME: Number "icmpv6.opt.prefix.valid_lifetime" "Valid Lifetime", "RFC 4861, section 4.6.2";
    PREFERRED_LIFETIME: Number "icmpv6.opt.prefix.preferred_lifetime" "Preferred Lifetime", "RFC 4861, section 4.6.2";
    PREFIX: Ipv6 "icmpv6.opt.prefix" "Prefix", "RFC 4861, section 4.6.2";
    MTU: Number "icmpv6.opt.mtu" "MTU", "RFC 4861, section 4.6.4";
    ADVERTISEMENT_INTERVAL: Number "icmpv6.opt.advertisement_interval" "Advertisement Interval",
        "RFC 6275, section 7.3";
    HOME_PREFERENCE: Number "icmpv6.opt.home_agent_preference" "Home Agent Preference", "RFC 6275, section 7.4";
    HOME_LIFETIME: Number "icmpv6.opt.home_agent_lifetime" "Home Agent Lifetime", "RFC 6275, section 7.4";
    NONCE: Bytes "icmpv6.opt.nonce" "Nonce", "RFC 3971, section 5.3.2";
    ROUTE_FLAG: Hex(2) "icmpv6.opt.route_info.flag" "Flag", "RFC 4191, section 2.3";
    ROUTE_PREFERENCE: Number "icmpv6.opt.route_info.flag.route_preference" "Route Preference",
        "RFC 4191, section 2.3", names preference_name;
    ROUTE_RESERVED: Number "icmpv6.opt.route_info.flag.reserved" "Reserved", "RFC 4191, section 2.3";
    ROUTE_LIFETIME: Number "icmpv6.opt.route_lifetime" "Route Lifetime", "RFC 4191, section 2.3";
    RDNSS_LIFETIME: Number "icmpv6.opt.rdnss.lifetime" "Lifetime", "RFC 8106, section 5.1";
    RDNSS: Ipv6 "icmpv6.opt.rdnss" "Recursive DNS Servers", "RFC 8106, section 5.1";
    DNSSL_LIFETIME: Number "icmpv6.opt.dnssl.lifetime" "Lifetime", "RFC 8106, section 5.2";
    DNSSL: Text "icmpv6.opt.dnssl" "Domain Names", "RFC 8106, section 5.2";
    CAPTIVE_PORTAL: Text "icmpv6.opt.captive_portal" "Captive Portal", "RFC 8910, section 2.3";
    PREF64_LIFETIME: Number "icmpv6.opt.pref64.scaled_lifetime" "Scaled Lifetime", "RFC 8781, section 4";
    PREF64_CODE: Hex(4) "icmpv6.opt.pref64.plc" "Prefix Length Code", "RFC 8781, section 4";
    PREF64_PREFIX: Ipv6 "icmpv6.opt.pref64.prefix" "Prefix", "RFC 8781, section 4";
    DATA: Bytes "husk.icmpv6.opt.data" "Option Data", "RFC 4861, section 4.6";
}

/// The option that tells the link address behind the target.
const TARGET_LINK: u8 = 2;
/// A redirect quotes the packet that it answers in an option of this type.
const REDIRECTED: u8 = 4;
/// A label of a domain name (RFC 1035, section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// What solicitations and advertisements say, by what stands behind the checksum. Who has no address yet tries whether
/// one is free (RFC 4862, section 5.4).
pub(super) fn said(kind: u8, body: &[u8], ends: Option<&Endpoints>) -> Option<Said> {
    /// Routers have no target: all of them are asked.
    const ROUTERS: Key = Key::Shared(0);
    const RESERVED_OR_FLAGS: usize = 4;
    const ADDRESS: usize = 16;
    let Addresses::V6(from, _) = ends?.addresses else { return None };
    let (target, options) = match body.get(RESERVED_OR_FLAGS..).unwrap_or(&[]).split_at_checked(ADDRESS) {
        Some((target, options)) if matches!(kind, 135 | 136) => (<[u8; ADDRESS]>::try_from(target).ok(), options),
        _ => (None, [].as_slice()),
    };
    let key = |address: [u8; ADDRESS]| {
        let whole = u128::from_be_bytes(address);
        Key::Shared((whole >> 64) as u64 ^ (whole as u64).rotate_left(1))
    };
    let what = names::type_name(kind.into())?;
    let (what, pairing, about) = match kind {
        133 => (what, Pairing::asks(ROUTERS), None),
        134 => (what, Pairing::answers(ROUTERS, &REQUEST_IN, &TIME), Some(from)),
        135 if from == [0; ADDRESS] => ("probe", Pairing::asks(key(target?)), target),
        135 => (what, Pairing::asks(key(target?)), target),
        136 => (what, Pairing::answers(key(target?), &REQUEST_IN, &TIME), target),
        _ => return None,
    };
    let at = match options {
        [TARGET_LINK, 1, address @ ..] if kind == 136 => address.first_chunk().copied(),
        _ => None,
    };
    let about = about.map(|address| Ipv6Addr::from(address).into());
    Some(Said { what, pairing: Some(pairing), about, at, place: (0, 0) })
}

/// Reads a message behind its checksum.
pub(super) fn read(c: &mut Cursor<'_>, kind: u8) -> Result<Next, Stop> {
    match kind {
        134 => router_advertisement(c)?,
        135 => {
            c.bytes(&RESERVED, 4)?;
            c.ipv6(&NS_TARGET)?;
        }
        136 => {
            let flags = c.u32(&NA_FLAG)?;
            c.bits(&NA_ROUTER, flags, 31, 1);
            c.bits(&NA_SOLICITED, flags, 30, 1);
            c.bits(&NA_OVERRIDE, flags, 29, 1);
            c.bits(&NA_RESERVED, flags, 0, 0x1fff_ffff);
            c.ipv6(&NA_TARGET)?;
        }
        137 => {
            c.bytes(&RESERVED, 4)?;
            c.ipv6(&RD_TARGET)?;
            c.ipv6(&RD_DESTINATION)?;
        }
        _ => {
            c.bytes(&RESERVED, 4)?;
        }
    }
    options(c)
}

fn router_advertisement(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&HOP_LIMIT)?;
    let flags = c.u8(&RA_FLAG)?;
    c.bits(&RA_MANAGED, flags, 7, 1);
    c.bits(&RA_OTHER, flags, 6, 1);
    c.bits(&RA_HOME, flags, 5, 1);
    c.bits(&RA_PREFERENCE, flags, 3, 3);
    c.bits(&RA_PROXY, flags, 2, 1);
    c.bits(&RA_RESERVED, flags, 0, 3);
    c.u16(&ROUTER_LIFETIME)?;
    c.u32(&REACHABLE_TIME)?;
    c.u32(&RETRANS_TIMER).map(drop)
}

/// Reads options up to the end of the window; a quoted packet that comes last is the next layer.
pub(super) fn options(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    while !c.is_empty() {
        let whole = match c.peek(2) {
            [REDIRECTED, units] => usize::from(*units).saturating_mul(8),
            _ => 0,
        };
        if whole > 8 && c.remaining() <= whole {
            c.u8(&TYPE)?;
            c.u8(&LENGTH)?;
            c.bytes(&OPTION_RESERVED, 6)?;
            return Ok(Next::Quoted(ETHER_TYPE_IPV6));
        }
        c.group(&OPTION, option)?;
    }
    Ok(Next::End)
}

fn option(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = c.u8(&TYPE)?;
    let units = usize::from(c.u8(&LENGTH)?);
    let Some(length) = units.saturating_mul(8).checked_sub(2) else {
        return Err(c.malformed("the length of an option is zero"));
    };
    c.inside(length, |c| {
        body(c, kind, units)?;
        rest(c, &DATA)
    })
}

fn rest(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.bytes(field, c.remaining()).map(drop) }
}

fn body(c: &mut Cursor<'_>, kind: u8, units: usize) -> Result<(), Stop> {
    match kind {
        1 => link_address(c, &SOURCE_LINK_ADDRESS),
        2 => link_address(c, &TARGET_LINK_ADDRESS),
        3 => prefix_information(c),
        REDIRECTED => c.bytes(&OPTION_RESERVED, 6).map(drop),
        5 => {
            c.bytes(&OPTION_RESERVED, 2)?;
            c.u32(&MTU).map(drop)
        }
        7 => {
            c.bytes(&OPTION_RESERVED, 2)?;
            c.u32(&ADVERTISEMENT_INTERVAL).map(drop)
        }
        8 => {
            c.bytes(&OPTION_RESERVED, 2)?;
            c.u16(&HOME_PREFERENCE)?;
            c.u16(&HOME_LIFETIME).map(drop)
        }
        14 => rest(c, &NONCE),
        24 => route_information(c, units),
        25 => {
            c.bytes(&OPTION_RESERVED, 2)?;
            c.u32(&RDNSS_LIFETIME)?;
            while c.remaining() >= 16 {
                c.ipv6(&RDNSS)?;
            }
            Ok(())
        }
        31 => {
            c.bytes(&OPTION_RESERVED, 2)?;
            c.u32(&DNSSL_LIFETIME)?;
            search_list(c)
        }
        37 => {
            let text = c.rest().iter().take_while(|byte| **byte != 0).count();
            c.bytes(&CAPTIVE_PORTAL, text)?;
            c.pass_rest(Class::Padding);
            Ok(())
        }
        38 => pref64(c),
        _ => Ok(()),
    }
}

/// Ethernet's addresses have six bytes and fill their option; other links' are shown as they stand.
fn link_address(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let bytes = c.pass(c.remaining())?;
    if c.listens() {
        let value = match bytes.try_into() {
            Ok(address) => Value::Mac(address),
            Err(_) => Value::Text(hexadecimal(bytes, "").into()),
        };
        c.part(&LINK_ADDRESS, value.clone());
        c.part(field, value);
    }
    Ok(())
}

fn prefix_information(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&PREFIX_LENGTH)?;
    let flags = c.u8(&PREFIX_FLAG)?;
    c.bits(&PREFIX_ON_LINK, flags, 7, 1);
    c.bits(&PREFIX_AUTONOMOUS, flags, 6, 1);
    c.bits(&PREFIX_ROUTER, flags, 5, 1);
    c.bits(&PREFIX_RESERVED, flags, 0, 0x1f);
    c.u32(&VALID_LIFETIME)?;
    c.u32(&PREFERRED_LIFETIME)?;
    c.bytes(&OPTION_RESERVED, 4)?;
    c.ipv6(&PREFIX).map(drop)
}

/// The prefix has 0, 8 or 16 bytes, as the option's length says.
fn route_information(c: &mut Cursor<'_>, units: usize) -> Result<(), Stop> {
    c.u8(&PREFIX_LENGTH)?;
    let flags = c.u8(&ROUTE_FLAG)?;
    c.bits(&ROUTE_PREFERENCE, flags, 3, 3);
    c.bits(&ROUTE_RESERVED, flags, 0, 0xe7);
    c.u32(&ROUTE_LIFETIME)?;
    if units > 1 { short_prefix(c, &PREFIX) } else { Ok(()) }
}

/// The first bytes of an address; those that are left out are zero.
fn short_prefix(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let mut address = [0; 16];
    let bytes = c.pass(c.remaining().min(16))?;
    address.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    c.part(field, Value::Ipv6(address));
    Ok(())
}

fn pref64(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let word = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    c.bits(&PREF64_LIFETIME, word, 3, 0x1fff);
    c.bits(&PREF64_CODE, word, 0, 7);
    short_prefix(c, &PREF64_PREFIX)
}

/// Names as in DNS (RFC 1035, section 3.1), without compression; zeros fill the option.
fn search_list(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while c.peek(1).first().is_some_and(|length| *length != 0) {
        let mut name = String::new();
        let start = c.offset();
        loop {
            let length = usize::from(c.pass(1)?.first().copied().unwrap_or(0));
            if length == 0 {
                break;
            }
            if length > LONGEST_LABEL {
                return Err(c.malformed("a label is longer than 63 bytes"));
            }
            let label = c.pass(length)?;
            if c.listens() {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(label));
            }
        }
        if c.listens() {
            let end = c.offset();
            c.note(&DNSSL, Value::Text(name.into()), start, end);
        }
    }
    c.pass_rest(Class::Padding);
    Ok(())
}

/// RFC 4191, section 2.1.
fn preference_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Medium",
        1 => "High",
        2 => "Reserved",
        3 => "Low",
        _ => return None,
    })
}

fn option_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "Source link-layer address",
        2 => "Target link-layer address",
        3 => "Prefix information",
        4 => "Redirected header",
        5 => "MTU",
        6 => "NBMA shortcut limit",
        7 => "Advertisement interval",
        8 => "Home agent information",
        9 => "Source address list",
        10 => "Target address list",
        11 => "CGA",
        12 => "RSA signature",
        13 => "Timestamp",
        14 => "Nonce",
        15 => "Trust anchor",
        16 => "Certificate",
        17 => "IP address and prefix",
        18 => "New router prefix information",
        19 => "Link-layer address",
        20 => "Neighbor advertisement acknowledgment",
        23 => "MAP",
        24 => "Route information",
        25 => "Recursive DNS server",
        26 => "Flags extension",
        27 => "Handover key request",
        28 => "Handover key reply",
        29 => "Handover assist information",
        30 => "Mobile node identifier",
        31 => "DNS search list",
        32 => "Proxy signature",
        33 => "Address registration",
        34 => "6LoWPAN context",
        35 => "Authoritative border router",
        36 => "6LoWPAN capability indication",
        37 => "DHCP captive portal",
        38 => "PREF64",
        39 => "Crypto-ID parameters",
        40 => "NDP signature",
        138 => "CARD request",
        139 => "CARD reply",
        253 | 254 => "RFC 3692-style experiment",
        _ => return None,
    })
}
