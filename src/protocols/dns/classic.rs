//! The data of the older record types: RFC 1035, RFC 1183 and what is made the same way.

use super::Reading;
use super::fields::*;
use crate::bytes::{Class, Cursor, Field, Stop, Value};

/// All that is left, as one field.
pub(super) fn rest(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    c.bytes(field, c.remaining()).map(drop)
}

/// Names, one behind the other.
pub(super) fn names(m: &Reading, c: &mut Cursor<'_>, fields: &[&'static Field]) -> Result<(), Stop> {
    fields.iter().try_for_each(|field| m.name(c, field).map(drop))
}

/// A number, mostly a preference, and a name.
pub(super) fn preferred(
    m: &Reading,
    c: &mut Cursor<'_>,
    number: &'static Field,
    name: &'static Field,
) -> Result<(), Stop> {
    c.u16(number)?;
    m.name(c, name).map(drop)
}

/// A number and 64 bits.
pub(super) fn locator(c: &mut Cursor<'_>, number: &'static Field, value: &'static Field) -> Result<(), Stop> {
    c.u16(number)?;
    c.bytes(value, 8).map(drop)
}

/// A character-string (RFC 1035, section 3.3).
fn string(c: &mut Cursor<'_>, length: &'static Field, text: &'static Field) -> Result<(), Stop> {
    let n = c.u8(length)?;
    c.bytes(text, n.into()).map(drop)
}

/// Character-strings, each with fields of its own.
pub(super) fn strings(c: &mut Cursor<'_>, fields: &[(&'static Field, &'static Field)]) -> Result<(), Stop> {
    fields.iter().try_for_each(|(length, text)| string(c, length, text))
}

/// Character-strings to the end (TXT, SPF).
pub(super) fn text(c: &mut Cursor<'_>, length: &'static Field, text: &'static Field) -> Result<(), Stop> {
    while !c.is_empty() {
        string(c, length, text)?;
    }
    Ok(())
}

/// SOA (RFC 1035, section 3.3.13).
pub(super) fn start_of_authority(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    names(m, c, &[&SOA_MNAME, &SOA_RNAME])?;
    [&SOA_SERIAL_NUMBER, &SOA_REFRESH_INTERVAL, &SOA_RETRY_INTERVAL, &SOA_EXPIRE_LIMIT, &SOA_MINIMUM_TTL]
        .into_iter()
        .try_for_each(|field| c.u32(field).map(drop))
}

/// WKS (RFC 1035, section 3.4.2); only octets with a bit set are shown.
pub(super) fn well_known_services(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.ipv4(&WKS_ADDRESS)?;
    c.u8(&WKS_PROTOCOL)?;
    while let [bits, ..] = c.rest() {
        c.pass(1)?;
        if *bits != 0 {
            c.part(&WKS_BITS, Value::Number((*bits).into()));
        }
    }
    Ok(())
}

/// ISDN (RFC 1183, section 3.2); the sub-address is optional.
pub(super) fn isdn(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    string(c, &IDSN_LENGTH, &IDSN_ADDRESS)?;
    if c.remaining() > 1 { string(c, &IDSN_SA_LENGTH, &IDSN_SA_ADDRESS) } else { Ok(()) }
}

/// PX (RFC 2163, section 4).
pub(super) fn mail_mapping(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&PX_PREFERENCE)?;
    names(m, c, &[&PX_MAP822, &PX_MAP400])
}

/// GPOS (RFC 1712, section 3).
pub(super) fn position(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let fields = [
        (&GPOS_LONGITUDE_LENGTH, &GPOS_LONGITUDE),
        (&GPOS_LATITUDE_LENGTH, &GPOS_LATITUDE),
        (&GPOS_ALTITUDE_LENGTH, &GPOS_ALTITUDE),
    ];
    fields.into_iter().try_for_each(|(length, text)| string(c, length, text))
}

/// LOC (RFC 1876, section 2).
pub(super) fn location(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.u8(&LOC_VERSION)? != 0 {
        return rest(c, &LOC_UNKNOWN_DATA);
    }
    c.u8(&LOC_SIZE)?;
    c.u8(&LOC_HORIZONTAL_PRECISION)?;
    c.u8(&LOC_VERTICAL_PRECISION)?;
    [&LOC_LATITUDE, &LOC_LONGITUDE, &LOC_ALTITUDE].into_iter().try_for_each(|field| c.u32(field).map(drop))
}

/// SRV (RFC 2782).
pub(super) fn service(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&SRV_PRIORITY)?;
    c.u16(&SRV_WEIGHT)?;
    c.u16(&SRV_PORT)?;
    m.name(c, &SRV_TARGET).map(drop)
}

/// NAPTR (RFC 3403, section 4.1).
pub(super) fn naming_authority(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&NAPTR_ORDER)?;
    c.u16(&NAPTR_PREFERENCE)?;
    string(c, &NAPTR_FLAGS_LENGTH, &NAPTR_FLAGS)?;
    string(c, &NAPTR_SERVICE_LENGTH, &NAPTR_SERVICE)?;
    string(c, &NAPTR_REGEX_LENGTH, &NAPTR_REGEX)?;
    let name = m.name(c, &NAPTR_REPLACEMENT)?;
    if c.listens() {
        c.part(&NAPTR_REPLACEMENT_LENGTH, Value::Number(name.text().len() as u64));
    }
    Ok(())
}

/// A6 (RFC 2874, section 3.1): as many octets of an address as the prefix leaves, and who has the prefix.
pub(super) fn address_with_prefix(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let prefix = c.u8(&A6_PREFIX_LEN)?;
    let octets = usize::from(128_u8.saturating_sub(prefix).div_ceil(8));
    let suffix = c.pass(octets)?;
    if octets > 0 {
        c.part(&A6_ADDRESS_SUFFIX, Value::Ipv6(ending(suffix)));
    }
    if prefix > 0 {
        m.name(c, &A6_PREFIX_NAME)?;
    }
    Ok(())
}

/// An address that ends with these octets.
fn ending(octets: &[u8]) -> [u8; 16] {
    let mut address = [0; 16];
    address.iter_mut().rev().zip(octets.iter().rev()).for_each(|(to, from)| *to = *from);
    address
}

/// An address that begins with these octets.
pub(super) fn beginning<const N: usize>(octets: &[u8]) -> [u8; N] {
    let mut address = [0; N];
    address.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
    address
}

/// APL (RFC 3123, section 4).
pub(super) fn address_prefixes(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    while c.remaining() > 1 {
        let family = c.u16(&APL_ADDRESS_FAMILY)?;
        c.u8(&APL_CODED_PREFIX)?;
        let both = match c.pass(1)? {
            [both] => *both,
            _ => 0,
        };
        c.bits(&APL_NEGATION, both, 7, 1);
        c.bits(&APL_AFDLENGTH, both, 0, 0x7f);
        let octets = c.pass(usize::from(both & 0x7f))?;
        match (family, octets.len()) {
            (1, ..=4) => c.part(&APL_AFDPART_IPV4, Value::Ipv4(beginning(octets))),
            (2, ..=16) => c.part(&APL_AFDPART_IPV6, Value::Ipv6(beginning(octets))),
            _ => c.part(&APL_AFDPART_DATA, Value::Span),
        }
    }
    Ok(())
}

/// WINS (MS-DNSP, section 2.2.2.2.4).
pub(super) fn wins(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    wins_head(c, &[&WINS_LOOKUP_TIMEOUT, &WINS_CACHE_TIMEOUT], &WINS_LOCAL_FLAG)?;
    let servers = c.u32(&WINS_NB_WINS_SERVERS)?;
    for _ in 0..servers {
        if c.is_empty() {
            break;
        }
        c.ipv4(&WINS_WINS_SERVER)?;
    }
    Ok(())
}

/// WINS-R (MS-DNSP, section 2.2.2.2.4).
pub(super) fn wins_reverse(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    wins_head(c, &[&WINSR_LOOKUP_TIMEOUT, &WINSR_CACHE_TIMEOUT], &WINSR_LOCAL_FLAG)?;
    m.name(c, &WINSR_NAME_RESULT_DOMAIN).map(drop)
}

fn wins_head(c: &mut Cursor<'_>, times: &[&'static Field], local: &'static Field) -> Result<(), Stop> {
    let low = c.pass(4)?.last().copied().unwrap_or(0);
    c.bits(local, low, 0, 1);
    times.iter().try_for_each(|field| c.u32(field).map(drop))
}

/// XPF (draft-bellis-dnsop-xpf, section 4): for whom a proxy asks.
pub(super) fn forwarded(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    match c.u8(&XPF_IP_VERSION)? & 0xf {
        4 => {
            c.u8(&XPF_PROTOCOL)?;
            c.ipv4(&XPF_SOURCE_IPV4)?;
            c.ipv4(&XPF_DESTINATION_IPV4)?;
        }
        6 => {
            c.u8(&XPF_PROTOCOL)?;
            c.ipv6(&XPF_SOURCE_IPV6)?;
            c.ipv6(&XPF_DESTINATION_IPV6)?;
        }
        _ => {
            c.pass_rest(Class::Unknown);
            return Ok(());
        }
    }
    c.u16(&XPF_SPORT)?;
    c.u16(&XPF_DPORT).map(drop)
}
