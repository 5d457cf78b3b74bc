//! SVCB and HTTPS records: how to reach a service (RFC 9460).

use super::Reading;
use super::fields::*;
use crate::bytes::{Cursor, Stop};

/// Keys of parameters (RFC 9460, section 14.3).
mod key {
    pub(super) const MANDATORY: u16 = 0;
    pub(super) const ALPN: u16 = 1;
    pub(super) const PORT: u16 = 3;
    pub(super) const IPV4_HINT: u16 = 4;
    pub(super) const ECH: u16 = 5;
    pub(super) const IPV6_HINT: u16 = 6;
    pub(super) const ODOH: u16 = 32769;
}

/// Priority, target, parameters (RFC 9460, section 2.2).
pub(super) fn binding(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&SVCB_SVCPRIORITY)?;
    m.name(c, &SVCB_TARGETNAME)?;
    while !c.is_empty() {
        c.group(&SVCB_SVCPARAM, parameter)?;
    }
    Ok(())
}

fn parameter(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let key = c.u16(&SVCB_SVCPARAM_KEY)?;
    let length = usize::from(c.u16(&SVCB_SVCPARAM_VALUE_LENGTH)?);
    c.inside(length, |c| value(key, c))
}

fn value(key: u16, c: &mut Cursor<'_>) -> Result<(), Stop> {
    match key {
        key::ECH => return c.bytes(&SVCB_SVCPARAM_ECHCONFIG, c.remaining()).map(drop),
        key::ODOH => return c.bytes(&SVCB_SVCPARAM_ODOHCONFIG, c.remaining()).map(drop),
        _ => {}
    }
    while !c.is_empty() {
        match key {
            key::MANDATORY => c.u16(&SVCB_SVCPARAM_MANDATORY_KEY).map(drop)?,
            key::ALPN => {
                let n = c.u8(&SVCB_SVCPARAM_ALPN_LENGTH)?;
                c.bytes(&SVCB_SVCPARAM_ALPN, n.into())?;
            }
            // One number; what lies behind it is nobody's.
            key::PORT => return c.u16(&SVCB_SVCPARAM_PORT).map(drop),
            key::IPV4_HINT => c.ipv4(&SVCB_SVCPARAM_IPV4HINT_IP).map(drop)?,
            key::IPV6_HINT => c.ipv6(&SVCB_SVCPARAM_IPV6HINT_IP).map(drop)?,
            _ => c.bytes(&SVCB_SVCPARAM_VALUE, c.remaining()).map(drop)?,
        }
    }
    Ok(())
}
