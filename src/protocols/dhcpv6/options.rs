//! The options (RFC 8415, section 21, and later documents): a code, a length, a value.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

// The fields are the vocabulary of every file here.
#[allow(clippy::wildcard_imports)]
use super::fields::*;
use super::{DEEPEST, message, note_text};
use crate::bytes::{self, Cursor, Field, Stop, Value};

/// Reads options to the end of the window. `kind` is the message's, in which some flags mean something else.
pub(super) fn read(c: &mut Cursor<'_>, kind: u8, depth: u8) -> Result<(), Stop> {
    if depth > DEEPEST {
        return Err(c.malformed("options within options go too deep"));
    }
    while !c.is_empty() {
        c.group(&OPTION, |c| option(c, kind, depth))?;
    }
    Ok(())
}

fn option(c: &mut Cursor<'_>, kind: u8, depth: u8) -> Result<(), Stop> {
    let code = c.u16(&OPTION_TYPE)?;
    let length = usize::from(c.u16(&OPTION_LENGTH)?);
    let here = length <= c.remaining();
    match c.inside(length, |c| value(c, code, (kind, depth))) {
        // What is wrong within one option does not concern the next.
        Err(stop) if here => {
            c.stopped(&stop);
            Ok(())
        }
        read => read,
    }
}

fn value(c: &mut Cursor<'_>, code: u16, (kind, depth): (u8, u8)) -> Result<(), Stop> {
    let deeper = depth.saturating_add(1);
    match code {
        1 | 2 => unique_identifier(c, code == 1)?,
        3 | 25 => {
            hexadecimal(c, &IAID)?;
            c.u32(&IA_T1)?;
            c.u32(&IA_T2)?;
            read(c, kind, deeper)?;
        }
        4 => {
            hexadecimal(c, &IA_TEMPORARY)?;
            read(c, kind, deeper)?;
        }
        5 => {
            let address = Ipv6Addr::from(c.ipv6(&ADDRESS)?).to_string();
            tell(c, &ADDRESS, address.as_bytes());
            c.u32(&ADDRESS_PREFERRED)?;
            c.u32(&ADDRESS_VALID)?;
            read(c, kind, deeper)?;
        }
        6 => requested(c)?,
        9 => c.group(&RELAYED, |c| message(c, deeper))?,
        11 => {
            c.u8(&AUTH_PROTOCOL)?;
            c.u8(&AUTH_ALGORITHM)?;
            c.u8(&AUTH_METHOD)?;
            c.bytes(&AUTH_REPLAY, 8)?;
            rest(c, &AUTH_INFORMATION)?;
        }
        13 => {
            c.u16(&STATUS)?;
            rest(c, &STATUS_MESSAGE)?;
        }
        15 => repeat(c, |c| {
            let length = c.u16(&USER_CLASS_LENGTH)?;
            c.bytes(&USER_CLASS, length.into()).map(drop)
        })?,
        16 => vendor_class(c)?,
        17 => vendor_options(c)?,
        26 => prefix(c, kind, deeper)?,
        37 => {
            c.u32(&REMOTE_ENTERPRISE)?;
            rest(c, &REMOTE)?;
        }
        39 => client_name(c, kind)?,
        56 => repeat(c, time_server)?,
        _ => plain(c, code)?,
    }
    rest(c, &OPTION_VALUE)
}

/// Options that are numbers, addresses, names or text.
fn plain(c: &mut Cursor<'_>, code: u16) -> Result<(), Stop> {
    const MILLISECONDS: u64 = 10;
    match code {
        7 => c.u8(&PREFERENCE).map(drop),
        8 => {
            let hundredths = c.octets(2)?;
            c.part(&ELAPSED, Value::Number(hundredths.saturating_mul(MILLISECONDS)));
            Ok(())
        }
        12 => c.ipv6(&UNICAST).map(drop),
        18 => rest(c, &INTERFACE),
        19 => c.u8(&RECONFIGURE).map(drop),
        21 => repeat(c, |c| name(c, &SIP_DOMAIN).map(drop)),
        22 => repeat(c, |c| c.ipv6(&SIP_ADDRESS).map(drop)),
        23 => repeat(c, |c| c.ipv6(&DNS_SERVER).map(drop)),
        24 => repeat(c, |c| name(c, &SEARCH).map(drop)),
        31 => repeat(c, |c| c.ipv6(&SNTP_SERVER).map(drop)),
        32 => c.u32(&LIFETIME).map(drop),
        38 => rest(c, &SUBSCRIBER),
        41 => rest(c, &TIME_ZONE),
        42 => rest(c, &TIME_ZONE_NAME),
        59 => rest(c, &BOOT_FILE),
        64 => name(c, &TUNNEL_NAME).map(drop),
        103 => rest(c, &CAPTIVE_PORTAL),
        112 => rest(c, &MUD_URL),
        _ => Ok(()),
    }
}

/// Each turn passes a byte or stops.
fn repeat(c: &mut Cursor<'_>, mut one: impl FnMut(&mut Cursor<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
    while !c.is_empty() {
        one(c)?;
    }
    Ok(())
}

fn rest(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.bytes(field, c.remaining()).map(drop) }
}

/// A fact that is also what the message is about.
fn tell(c: &mut Cursor<'_>, field: &'static Field, value: &[u8]) {
    c.fact(field, value);
    c.subject(&String::from_utf8_lossy(value));
}

fn hexadecimal(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let number = c.octets(4)?;
    c.part(field, Value::Text(format!("{number:08x}").into()));
    Ok(())
}

/// RFC 8415, section 11: made once from a link-layer address, it names the client for ever after.
fn unique_identifier(c: &mut Cursor<'_>, client: bool) -> Result<(), Stop> {
    /// From 1970 to 2000, from which these seconds are counted.
    const EPOCH: i64 = 946_684_800;
    let place = c.open(&DUID);
    let kind = c.u16(&DUID_TYPE)?;
    match kind {
        1 => {
            c.u16(&DUID_LLT_HARDWARE)?;
            let seconds = i64::try_from(c.octets(4)?).unwrap_or(0);
            let nanoseconds = seconds.saturating_add(EPOCH).saturating_mul(1_000_000_000);
            c.part(&DUID_LLT_TIME, Value::Signed(nanoseconds));
            link_layer_address(c, &DUID_LLT_ADDRESS, client)?;
        }
        2 => {
            c.u32(&DUID_EN_ENTERPRISE)?;
            rest(c, &DUID_EN_IDENTIFIER)?;
        }
        3 => {
            c.u16(&DUID_LL_HARDWARE)?;
            link_layer_address(c, &DUID_LL_ADDRESS, client)?;
        }
        4 => rest(c, &DUID_UUID)?,
        _ => drop(c.pass(c.remaining())?),
    }
    c.close(place);
    Ok(())
}

fn link_layer_address(c: &mut Cursor<'_>, field: &'static Field, client: bool) -> Result<(), Stop> {
    let octets = c.pass(c.remaining())?;
    let text = bytes::hexadecimal(octets, ":");
    if text.is_empty() {
        return Ok(());
    }
    if client {
        c.fact(field, text.as_bytes());
    }
    c.part(field, Value::Text(text.into()));
    Ok(())
}

/// RFC 8415, section 21.7. What a client asks for, and in which order, tells its system.
fn requested(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let (start, mut list) = (c.offset(), String::new());
    let read = repeat(c, |c| {
        let code = c.u16(&REQUESTED)?;
        // Writing to a String cannot fail.
        let _ = write!(list, "{}{code}", if list.is_empty() { "" } else { "," });
        Ok(())
    });
    if !list.is_empty() {
        c.fact_at(&REQUESTED, list.as_bytes(), start, c.offset(), crate::bytes::Confidence::Certain);
    }
    read
}

fn vendor_class(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u32(&VENDOR_CLASS_ENTERPRISE)?;
    repeat(c, |c| {
        let length = c.u16(&VENDOR_CLASS_LENGTH)?;
        let class = c.bytes(&VENDOR_CLASS, length.into())?;
        c.fact(&VENDOR_CLASS, class);
        Ok(())
    })
}

/// Only the enterprise's own documents say what the options of CableLabs hold; of others their form is given.
fn vendor_options(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const CABLE_LABS: u32 = 4491;
    if c.u32(&VENDOR_ENTERPRISE)? == CABLE_LABS {
        return Ok(());
    }
    repeat(c, |c| {
        c.u16(&VENDOR_CODE)?;
        let length = c.u16(&VENDOR_LENGTH)?;
        c.bytes(&VENDOR_DATA, length.into()).map(drop)
    })
}

fn prefix(c: &mut Cursor<'_>, kind: u8, deeper: u8) -> Result<(), Stop> {
    c.u32(&PREFIX_PREFERRED)?;
    c.u32(&PREFIX_VALID)?;
    let length = c.u8(&PREFIX_LENGTH)?;
    let prefix = Ipv6Addr::from(c.ipv6(&PREFIX)?);
    tell(c, &PREFIX, format!("{prefix}/{length}").as_bytes());
    read(c, kind, deeper)
}

/// RFC 4704, section 4. What the flags mean depends on who says it.
fn client_name(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    let flags = c.u8(&FQDN_FLAGS)?;
    match kind {
        1 | 3 | 5 | 6 => {
            c.bits(&FQDN_CLIENT_N, flags, 2, 1);
            c.bits(&FQDN_CLIENT_S, flags, 0, 1);
        }
        2 | 7 => {
            c.bits(&FQDN_SERVER_N, flags, 2, 1);
            c.bits(&FQDN_SERVER_O, flags, 1, 1);
            c.bits(&FQDN_SERVER_S, flags, 0, 1);
        }
        _ => {}
    }
    if c.is_empty() {
        return Ok(());
    }
    let text = name(c, &CLIENT_NAME)?;
    tell(c, &CLIENT_NAME, &text);
    Ok(())
}

/// A name as DNS writes it, without pointers (RFC 8415, section 10); one that is not complete has no empty label
/// at its end, and no dot in its text.
fn name(c: &mut Cursor<'_>, field: &'static Field) -> Result<Vec<u8>, Stop> {
    const LONGEST_LABEL: u8 = 63;
    let mut text = Vec::new();
    let (mut passed, mut rest) = (0_usize, c.rest());
    while let Some((length, behind)) = rest.split_first() {
        passed = passed.saturating_add(1);
        if *length > LONGEST_LABEL {
            return Err(c.malformed("a label of the name is longer than 63 octets"));
        }
        if !text.is_empty() {
            text.push(b'.');
        }
        if *length == 0 {
            break;
        }
        let Some((label, behind)) = behind.split_at_checked(usize::from(*length)) else {
            return Err(c.malformed("the name goes on behind the option"));
        };
        text.extend_from_slice(label);
        passed = passed.saturating_add(label.len());
        rest = behind;
    }
    c.pass(passed)?;
    note_text(c, field, text.clone());
    Ok(text)
}

fn time_server(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = c.u16(&NTP_TYPE)?;
    let length = c.u16(&NTP_LENGTH)?;
    c.inside(length.into(), |c| match kind {
        1 => c.ipv6(&NTP_ADDRESS).map(drop),
        2 => c.ipv6(&NTP_MULTICAST).map(drop),
        3 => name(c, &NTP_NAME).map(drop),
        _ => Ok(()),
    })
}
