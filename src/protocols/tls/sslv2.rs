//! The ClientHello of SSLv2, as clients sent it to reach servers of every version (RFC 5246, section E.2).
//!
//! ```text
//! +--------+--------+------+---------+----------+------------+-----------+-------+------------+-----------+
//! | 1 | length (15) | type | version | specs len | session len| chall. len| specs | session id | challenge |
//! +--------+--------+------+---------+----------+------------+-----------+-------+------------+-----------+
//! ```

use super::fields as f;
use super::session::Session;
use crate::bytes::{Cursor, Stop, Value};

/// Bytes before the cipher specs.
pub(super) const FIXED: usize = 11;
const CLIENT_HELLO: u8 = 1;

/// The whole length of the hello at the start of `bytes`, if it is one: all its lengths must agree.
pub(super) fn is_hello(bytes: &[u8]) -> Option<usize> {
    let [high @ 0x80..=0xff, low, CLIENT_HELLO, major, minor, s1, s2, i1, i2, c1, c2, ..] = bytes else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high & 0x7f, *low]));
    let [specs, id, challenge] = [[*s1, *s2], [*i1, *i2], [*c1, *c2]].map(|two| usize::from(u16::from_be_bytes(two)));
    let sum = FIXED.saturating_sub(2).saturating_add(specs).saturating_add(id).saturating_add(challenge);
    let agree = sum == length
        && specs > 0
        && specs.checked_rem(3) == Some(0)
        && matches!(id, 0 | 16)
        && matches!(challenge, 16..=32)
        && matches!((*major, *minor), (0, 2) | (3, 0..=4));
    agree.then_some(length.saturating_add(2))
}

/// Whether fewer bytes than tell could be the start of a hello.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    bytes.len() < FIXED
        && bytes.first().is_none_or(|high| *high >= 0x80)
        && bytes.get(2).is_none_or(|kind| *kind == CLIENT_HELLO)
        && bytes.get(3).is_none_or(|major| matches!(*major, 0 | 3))
}

/// Reads the hello.
pub(super) fn read(c: &mut Cursor<'_>, session: &mut Session) -> Result<&'static str, Stop> {
    let first = c.pass(2)?.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    c.part(&f::RECORD_LENGTH, Value::Number(first & 0x7fff));
    // The record is of SSLv2, whatever version the hello within it offers.
    c.part(&f::RECORD_VERSION, Value::Number(2));
    let heading = c.open(&f::HANDSHAKE);
    c.u8(&f::HANDSHAKE_TYPE)?;
    session.spoken = c.u16(&f::VERSION)?;
    let specs = c.u16(&f::V2_SPECS_LENGTH)?;
    let id = c.u16(&f::SESSION_ID_LENGTH)?;
    let challenge = c.u16(&f::V2_CHALLENGE_LENGTH)?;
    c.inside(specs.into(), |c| {
        while !c.is_empty() {
            c.u24(&f::V2_SPEC)?;
        }
        Ok(())
    })?;
    if id > 0 {
        c.bytes(&f::SESSION_ID, id.into())?;
    }
    c.bytes(&f::V2_CHALLENGE, challenge.into())?;
    c.close(heading);
    Ok("ClientHello")
}
