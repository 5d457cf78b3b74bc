//! Transport parameters of QUIC (RFC 9000, section 18), in extension 57 of a hello.

use super::fields as f;
use crate::bytes::{Cursor, Field, Stop, Value};

/// Reads all parameters, to the end of the extension.
pub(super) fn read(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        let heading = c.open(&f::PARAMETER);
        let kind = variable(c, &f::PARAMETER_TYPE)?;
        let length = variable(c, &f::PARAMETER_LENGTH)?;
        let value = c.open(&f::PARAMETER_VALUE);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let read = c.inside(length, |c| {
            let read = self::value(c, kind);
            c.pass(c.remaining())?;
            read
        });
        c.close(value);
        c.close(heading);
        if let Err(stop) = read {
            c.stopped(&stop);
        }
    }
    Ok(())
}

fn value(c: &mut Cursor<'_>, kind: u64) -> Result<(), Stop> {
    let number: &'static Field = match kind {
        0x01 => &f::MAX_IDLE_TIMEOUT,
        0x03 => &f::MAX_UDP_PAYLOAD,
        0x04 => &f::MAX_DATA,
        0x05 => &f::MAX_BIDI_LOCAL,
        0x06 => &f::MAX_BIDI_REMOTE,
        0x07 => &f::MAX_UNI,
        0x08 => &f::MAX_STREAMS_BIDI,
        0x09 => &f::MAX_STREAMS_UNI,
        0x0a => &f::ACK_DELAY_EXPONENT,
        0x0b => &f::MAX_ACK_DELAY,
        0x0e => &f::ACTIVE_CID_LIMIT,
        0x20 => &f::MAX_DATAGRAM,
        0x1057 => &f::LOSS_BITS,
        0x3127 => &f::GOOGLE_RTT,
        0x7158 => &f::TIME_STAMP,
        0xde1a | 0xff03_de1a | 0xff04_de1b => &f::MIN_ACK_DELAY,
        _ => return bytes(c, kind),
    };
    variable(c, number).map(drop)
}

fn bytes(c: &mut Cursor<'_>, kind: u64) -> Result<(), Stop> {
    let field: &'static Field = match kind {
        0x00 => &f::ORIGINAL_DCID,
        0x02 => &f::RESET_TOKEN,
        0x0f => &f::INITIAL_SCID,
        0x10 => &f::RETRY_SCID,
        0x3128 => &f::GOOGLE_OPTIONS,
        0x3129 => &f::GOOGLE_USER_AGENT,
        0x4752 => return c.u32(&f::GOOGLE_VERSION).map(drop),
        // RFC 9368, section 3.
        0x11 => {
            c.u32(&f::CHOSEN_VERSION)?;
            while c.remaining() > 0 {
                c.u32(&f::OTHER_VERSION)?;
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    c.bytes(field, c.remaining()).map(drop)
}

/// A variable-length integer (RFC 9000, section 16): the two highest bits of the first byte tell its length.
pub(crate) fn variable(c: &mut Cursor<'_>, field: &'static Field) -> Result<u64, Stop> {
    let Some(first) = c.peek(1).first() else { return Err(c.short(1, Some(field))) };
    let bytes = c.pass(1usize << (first >> 6))?;
    let marked = bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let bits = (bytes.len() as u32).saturating_mul(8).saturating_sub(2);
    let value = marked & 1u64.checked_shl(bits).map_or(u64::MAX, |above| above.wrapping_sub(1));
    c.part(field, Value::Number(value));
    Ok(value)
}
