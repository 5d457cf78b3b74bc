//! Extensions: the options of an OPT record (RFC 6891), and stateful operations (RFC 8490).

use super::Reading;
use super::classic::{beginning, rest};
use super::fields::*;
use crate::bytes::{Class, Cursor, Field, Stop, Value};

/// Codes of options (IANA registry "DNS EDNS0 Option Codes").
mod option {
    pub(super) const DAU: u16 = 5;
    pub(super) const DHU: u16 = 6;
    pub(super) const N3U: u16 = 7;
    pub(super) const CLIENT_SUBNET: u16 = 8;
    pub(super) const COOKIE: u16 = 10;
    pub(super) const TCP_KEEPALIVE: u16 = 11;
    pub(super) const PADDING: u16 = 12;
    pub(super) const CHAIN: u16 = 13;
    pub(super) const EXTENDED_ERROR: u16 = 15;
    pub(super) const CLIENT_SUBNET_EXPERIMENTAL: u16 = 20730;
}

/// The options, one behind the other (RFC 6891, section 6.1.2).
pub(super) fn options(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        c.group(&OPT, |c| {
            let code = c.u16(&OPT_CODE)?;
            let length = usize::from(c.u16(&OPT_LEN)?);
            if length <= c.remaining() {
                let start = c.offset();
                c.note(&OPT_DATA, Value::Span, start, start.saturating_add(length as u32));
            }
            c.inside(length, |c| value(code, c))
        })?;
    }
    Ok(())
}

fn value(code: u16, c: &mut Cursor<'_>) -> Result<(), Stop> {
    match code {
        option::DAU => numbers(c, &OPT_DAU),
        option::DHU => numbers(c, &OPT_DHU),
        option::N3U => numbers(c, &OPT_N3U),
        option::CLIENT_SUBNET | option::CLIENT_SUBNET_EXPERIMENTAL => client_subnet(c),
        option::COOKIE => {
            c.bytes(&OPT_COOKIE_CLIENT, 8)?;
            rest(c, &OPT_COOKIE_SERVER)
        }
        option::TCP_KEEPALIVE if c.remaining() == 2 => c.u16(&OPT_EDNS_TCP_KEEPALIVE_TIMEOUT).map(drop),
        option::PADDING => padding(c, &OPT_PADDING),
        option::CHAIN if !c.is_empty() => rest(c, &OPT_CHAIN_FQDN),
        option::EXTENDED_ERROR if c.remaining() >= 2 => {
            c.u16(&OPT_EXT_ERROR_INFO_CODE)?;
            if c.is_empty() { Ok(()) } else { rest(c, &OPT_EXT_ERROR_EXTRA_TEXT) }
        }
        // Noted as data; what it means its code tells.
        _ => c.pass(c.remaining()).map(drop),
    }
}

/// Carried so that the length tells less (RFC 7830, section 3): it means nothing.
fn padding(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let before = c.class(Class::Padding);
    let read = rest(c, field);
    c.class(before);
    read
}

fn numbers(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    while !c.is_empty() {
        c.u8(field)?;
    }
    Ok(())
}

/// RFC 7871, section 6: for whom a resolver asks.
fn client_subnet(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const IPV4: u16 = 1;
    const IPV6: u16 = 2;
    let family = c.u16(&OPT_CLIENT_FAMILY)?;
    let prefix = c.u8(&OPT_CLIENT_NETMASK)?;
    c.u8(&OPT_CLIENT_SCOPE)?;
    let octets = c.pass(c.remaining())?;
    let (field, value, address) = match family {
        IPV4 => {
            let address = beginning(octets);
            (&OPT_CLIENT_ADDR4, Value::Ipv4(address), std::net::IpAddr::from(address))
        }
        IPV6 => {
            let address = beginning::<16>(octets);
            (&OPT_CLIENT_ADDR6, Value::Ipv6(address), std::net::IpAddr::from(address))
        }
        _ => {
            c.part(&OPT_CLIENT_ADDR, Value::Span);
            return Ok(());
        }
    };
    c.part(field, value);
    if prefix > 0 {
        c.fact(field, format!("{address}/{prefix}").as_bytes());
    }
    Ok(())
}

/// A stateful operation: types, lengths, values behind the header (RFC 8490, section 5.4).
pub(super) fn stateful(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const KEEPALIVE: u16 = 1;
    const RETRY_DELAY: u16 = 2;
    const ENCRYPTION_PADDING: u16 = 3;
    c.group(&DSO, |c| {
        while c.remaining() >= 4 {
            c.group(&DSO_TLV, |c| {
                let kind = c.u16(&DSO_TLV_TYPE)?;
                let length = usize::from(c.u16(&DSO_TLV_LENGTH)?);
                c.inside(length, |c| match kind {
                    KEEPALIVE => {
                        c.u32(&DSO_TLV_KEEPALIVE_INACTIVITY)?;
                        c.u32(&DSO_TLV_KEEPALIVE_INTERVAL).map(drop)
                    }
                    RETRY_DELAY => c.u32(&DSO_TLV_RETRYDELAY_RETRYDELAY).map(drop),
                    _ if c.is_empty() => Ok(()),
                    ENCRYPTION_PADDING => padding(c, &DSO_TLV_ENCPAD_PADDING),
                    _ => rest(c, &DSO_TLV_DATA),
                })
            })?;
        }
        Ok(())
    })
}
