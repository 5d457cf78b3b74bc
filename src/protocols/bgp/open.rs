//! The first message of a session (RFC 4271, section 4.2), and what its sender is able to do (RFC 5492).

use super::fields::*;
use crate::bytes::{Cursor, Stop};

/// Reads an OPEN behind its header.
pub(super) fn read(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&OPEN_VERSION)?;
    let number = c.u16(&OPEN_MY_AS)?.to_string();
    c.fact(&OPEN_MY_AS, number.as_bytes());
    c.subject(&format!("AS {number}"));
    c.u16(&OPEN_HOLD_TIME)?;
    let identifier = std::net::Ipv4Addr::from(c.ipv4(&OPEN_IDENTIFIER)?).to_string();
    c.fact(&OPEN_IDENTIFIER, identifier.as_bytes());
    c.subject(&identifier);
    parameters(c)
}

/// RFC 9072, section 2: 255 as length and as first type say that both lengths take two octets.
fn parameters(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const EXTENDED: u8 = 255;
    let mut length = usize::from(c.u8(&OPEN_PARAMETERS_LENGTH)?);
    let extended = length > 0 && c.peek(1) == [EXTENDED];
    if extended {
        c.u8(&EXTENDED_TYPE)?;
        length = usize::from(c.u16(&EXTENDED_LENGTH)?);
    }
    c.inside(length, |c| {
        while !c.is_empty() {
            c.group(&PARAMETER, |c| parameter(c, extended))?;
        }
        Ok(())
    })
}

fn parameter(c: &mut Cursor<'_>, extended: bool) -> Result<(), Stop> {
    const AUTHENTICATION: u8 = 1;
    const CAPABILITIES: u8 = 2;
    let kind = c.u8(&PARAMETER_TYPE)?;
    let length = c.number(&PARAMETER_LENGTH, if extended { 2 } else { 1 })? as usize;
    c.inside(length, |c| match kind {
        CAPABILITIES => {
            while !c.is_empty() {
                c.group(&CAPABILITY, capability)?;
            }
            Ok(())
        }
        AUTHENTICATION => c.bytes(&PARAMETER_AUTHENTICATION, c.remaining()).map(drop),
        _ => c.bytes(&PARAMETER_UNKNOWN, c.remaining()).map(drop),
    })
}

fn capability(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = c.u8(&CAPABILITY_TYPE)?;
    let length = usize::from(c.u8(&CAPABILITY_LENGTH)?);
    let here = length <= c.remaining();
    match c.inside(length, |c| value(c, kind)) {
        // What is wrong within one does not concern the next.
        Err(stop) if here => {
            c.stopped(&stop);
            Ok(())
        }
        read => read,
    }
}

fn value(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    match kind {
        1 => {
            c.u16(&MULTIPROTOCOL_AFI)?;
            c.bytes(&CAPABILITY_RESERVED, 1)?;
            c.u8(&MULTIPROTOCOL_SAFI)?;
        }
        7 => {
            let flags = c.u8(&BGPSEC_FLAGS)?;
            c.bits(&BGPSEC_VERSION, flags, 4, 0xf);
            c.bits(&BGPSEC_DIRECTION, flags, 3, 1);
            c.bits(&BGPSEC_RESERVED, flags, 0, 7);
            c.u16(&BGPSEC_AFI)?;
        }
        64 => graceful_restart(c)?,
        65 => {
            let number = c.u32(&FOUR_OCTET_AS)?.to_string();
            c.fact(&FOUR_OCTET_AS, number.as_bytes());
        }
        69 => {
            while !c.is_empty() {
                c.u16(&ADD_PATH_AFI)?;
                c.u8(&ADD_PATH_SAFI)?;
                c.u8(&ADD_PATH_DIRECTION)?;
            }
        }
        73 => {
            let length = c.u8(&HOST_NAME_LENGTH)?;
            let name = c.bytes(&HOST_NAME, length.into())?;
            c.fact(&HOST_NAME, name);
            let length = c.u8(&DOMAIN_NAME_LENGTH)?;
            if length > 0 {
                let name = c.bytes(&DOMAIN_NAME, length.into())?;
                c.fact(&DOMAIN_NAME, name);
            }
        }
        _ => {}
    }
    if c.is_empty() { Ok(()) } else { c.bytes(&CAPABILITY_UNKNOWN, c.remaining()).map(drop) }
}

/// RFC 4724, section 3.
fn graceful_restart(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let timers = c.u16(&RESTART_TIMERS)?;
    c.bits(&RESTART_FLAG, timers, 15, 1);
    c.bits(&RESTART_NOTIFICATION, timers, 14, 1);
    c.bits(&RESTART_TIME, timers, 0, 0xfff);
    while !c.is_empty() {
        c.u16(&RESTART_AFI)?;
        c.u8(&RESTART_SAFI)?;
        let flags = c.u8(&RESTART_FAMILY_FLAGS)?;
        c.bits(&RESTART_PRESERVED, flags, 7, 1);
    }
    Ok(())
}
