//! Attributes (RFC 8489, section 14; RFC 8656, section 18): a type, a length, a value, and padding to four octets.

use std::net::IpAddr;

use super::fields::*;
use crate::bytes::{Class, Cursor, Field, Stop, Value};

/// Reads attributes to the end of the window; addresses are mixed with `mask`.
pub(super) fn read(c: &mut Cursor<'_>, mask: &[u8]) -> Result<(), Stop> {
    while !c.is_empty() {
        c.group(&ONE, |c| attribute(c, mask))?;
    }
    Ok(())
}

fn attribute(c: &mut Cursor<'_>, mask: &[u8]) -> Result<(), Stop> {
    let kind = c.u16(&ATTRIBUTE)?;
    c.bits(&ATTRIBUTE_TYPE, kind, 0, 0xffff);
    c.bits(&ATTRIBUTE_COMPREHENSION, kind, 15, 1);
    c.bits(&ATTRIBUTE_ASSIGNMENT, kind, 14, 1);
    let length = usize::from(c.u16(&ATTRIBUTE_LENGTH)?);
    let here = length <= c.remaining();
    match c.inside(length, |c| value(c, kind, mask)) {
        // What is wrong within one does not concern the next.
        Err(stop) if here => c.stopped(&stop),
        read => read?,
    }
    let padding = length.next_multiple_of(4).saturating_sub(length).min(c.remaining());
    if padding > 0 {
        let before = c.class(Class::Padding);
        let passed = c.pass(padding);
        c.class(before);
        passed?;
        c.part(&PADDING, Value::Number(padding as u64));
    }
    Ok(())
}

fn value(c: &mut Cursor<'_>, kind: u16, mask: &[u8]) -> Result<(), Stop> {
    match kind {
        0x0001 | 0x8023 | 0x802b | 0x802c => address(c, &[])?,
        0x0012 | 0x0016 | 0x0020 => address(c, mask)?,
        0x0003 => {
            let flags = c.octets(4)?;
            c.bits(&CHANGE_IP, flags, 2, 1);
            c.bits(&CHANGE_PORT, flags, 1, 1);
        }
        0x0006 => tell(c, &USERNAME)?,
        0x0008 => c.bytes(&INTEGRITY, c.remaining()).map(drop)?,
        0x0009 => error(c)?,
        0x000a => {
            while !c.is_empty() {
                c.u16(&UNKNOWN_ATTRIBUTE)?;
            }
        }
        0x000c => {
            c.u16(&CHANNEL_NUMBER)?;
            c.bytes(&RESERVED, 2)?;
        }
        0x000d => c.u32(&LIFETIME).map(drop)?,
        // What the peers say to each other.
        0x0013 => return c.skim(&VALUE, c.remaining(), Class::Unknown),
        0x0014 => tell(c, &REALM)?,
        0x0015 => c.bytes(&NONCE, c.remaining()).map(drop)?,
        0x0019 => {
            c.u8(&TRANSPORT)?;
            c.bytes(&RESERVED, 3)?;
        }
        0x0024 => c.u32(&PRIORITY).map(drop)?,
        0x8022 => tell(c, &SOFTWARE)?,
        0x8028 => c.u32(&FINGERPRINT).map(drop)?,
        0x8029 | 0x802a => c.bytes(&TIE_BREAKER, 8).map(drop)?,
        _ => {}
    }
    if c.is_empty() { Ok(()) } else { c.bytes(&VALUE, c.remaining()).map(drop) }
}

/// Text that says something of who speaks.
fn tell(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    if c.is_empty() {
        return Ok(());
    }
    let text = c.bytes(field, c.remaining())?;
    c.fact(field, text);
    Ok(())
}

/// RFC 8489, sections 14.1 and 14.2: so that no gateway rewrites it, an address is mixed with the header.
fn address(c: &mut Cursor<'_>, mask: &[u8]) -> Result<(), Stop> {
    c.bytes(&RESERVED, 1)?;
    let family = c.u8(&FAMILY)?;
    let mixed = !mask.is_empty();
    let port = c.octets(2)?;
    let port = if mixed {
        c.part(&PORT_MIXED, Value::Span);
        let key = mask.iter().take(2).fold(0_u64, |key, byte| key << 8 | u64::from(*byte));
        port ^ key
    } else {
        port
    };
    c.part(&PORT, Value::Number(port));
    let (plain, address) = match family {
        1 => {
            let address = unmixed::<4>(c, mask, &IPV4_MIXED)?;
            c.part(&IPV4, Value::Ipv4(address));
            (&IPV4, IpAddr::from(address))
        }
        2 => {
            let address = unmixed::<16>(c, mask, &IPV6_MIXED)?;
            c.part(&IPV6, Value::Ipv6(address));
            (&IPV6, IpAddr::from(address))
        }
        _ => return Ok(()),
    };
    let text = std::net::SocketAddr::new(address, port as u16).to_string();
    c.fact(plain, text.as_bytes());
    c.subject(&text);
    Ok(())
}

fn unmixed<const N: usize>(c: &mut Cursor<'_>, mask: &[u8], field: &'static Field) -> Result<[u8; N], Stop> {
    let octets = c.pass(N)?;
    if !mask.is_empty() {
        c.part(field, Value::Span);
    }
    let mut address = [0; N];
    let keys = mask.iter().copied().chain(std::iter::repeat(0));
    for ((to, from), key) in address.iter_mut().zip(octets).zip(keys) {
        *to = from ^ key;
    }
    Ok(address)
}

/// RFC 8489, section 14.8.
fn error(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.bytes(&RESERVED, 2)?;
    let class = c.u8(&ERROR_CLASS)?;
    let code = c.u8(&ERROR_CODE)?;
    let number = u16::from(class & 7).saturating_mul(100).saturating_add(code.into());
    c.subject(&number.to_string());
    if c.is_empty() { Ok(()) } else { c.bytes(&ERROR_REASON, c.remaining()).map(drop) }
}
