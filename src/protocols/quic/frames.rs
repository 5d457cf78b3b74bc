//! Frames of Initial packets (RFC 9000, section 12.4 and 19).

use super::crypto::Crypto;
use super::fields as f;
use crate::bytes::{Class, Cursor, Piece, Stop, Value};
use crate::protocols::tls::handshake;
use crate::protocols::tls::session::Session;
use crate::protocols::tls::transport_parameters::variable;

const PADDING: u8 = 0x00;

/// What a frame is called.
pub(super) fn name(kind: u64) -> Option<&'static str> {
    Some(match kind {
        0x00 => "PADDING",
        0x01 => "PING",
        0x02 => "ACK",
        0x03 => "ACK with ECN",
        0x06 => "CRYPTO",
        0x1c => "CONNECTION_CLOSE",
        0x1d => "CONNECTION_CLOSE (application)",
        _ => return None,
    })
}

/// Whether a payload begins like the frames of an Initial packet: a frame that may stand in one, and what must
/// follow it.
pub(super) fn begins(plain: &[u8]) -> bool {
    let allowed = |kind: u8| name(kind.into()).is_some();
    match plain {
        // A hello does not reach 16 KiB, so its offset has one or two bytes.
        [0x06, offset, ..] => *offset < 0x80,
        [0x00 | 0x01, next, ..] => allowed(*next),
        [kind, _, ..] => allowed(*kind),
        _ => false,
    }
}

/// Reads all frames of an opened Initial payload. Returns the first handshake message that they completed.
pub(super) fn read(
    c: &mut Cursor<'_>,
    crypto: &mut Crypto,
    session: &mut Session,
) -> Result<Option<&'static str>, Stop> {
    let mut what = None;
    while !c.is_empty() {
        let heading = c.open(&f::FRAME);
        let read = frame(c, crypto, session);
        c.close(heading);
        what = what.or(read?);
    }
    Ok(what)
}

fn frame(c: &mut Cursor<'_>, crypto: &mut Crypto, session: &mut Session) -> Result<Option<&'static str>, Stop> {
    if c.peek(1) == [PADDING] {
        padding(c)?;
        return Ok(None);
    }
    match variable(c, &f::FRAME_TYPE)? {
        0x01 => {}
        kind @ (0x02 | 0x03) => acknowledgment(c, kind == 0x03)?,
        0x06 => return self::crypto(c, crypto, session),
        kind @ (0x1c | 0x1d) => close(c, kind == 0x1c)?,
        _ => return Err(c.malformed("a frame that an Initial packet may not hold")),
    }
    Ok(None)
}

/// PADDING (section 19.1): a run of zeros is one.
fn padding(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let run = c.rest().iter().take_while(|byte| **byte == PADDING).count();
    let class = c.class(Class::Padding);
    let passed = c.pass(run);
    c.class(class);
    passed?;
    c.part(&f::FRAME_TYPE, Value::Number(PADDING.into()));
    c.part(&f::PADDING_LENGTH, Value::Number(run as u64));
    Ok(())
}

/// ACK (section 19.3).
fn acknowledgment(c: &mut Cursor<'_>, with_ecn: bool) -> Result<(), Stop> {
    variable(c, &f::ACK_LARGEST)?;
    variable(c, &f::ACK_DELAY)?;
    let ranges = variable(c, &f::ACK_RANGES)?;
    variable(c, &f::ACK_FIRST)?;
    // Each takes two bytes at least, so the payload's end bounds this.
    for _ in 0..ranges {
        variable(c, &f::ACK_GAP)?;
        variable(c, &f::ACK_RANGE)?;
    }
    if with_ecn {
        variable(c, &f::ACK_ECT0)?;
        variable(c, &f::ACK_ECT1)?;
        variable(c, &f::ACK_CE)?;
    }
    Ok(())
}

/// CRYPTO (section 19.6): a part of the handshake. Reads the messages that it completes.
fn crypto(c: &mut Cursor<'_>, crypto: &mut Crypto, session: &mut Session) -> Result<Option<&'static str>, Stop> {
    let offset = variable(c, &f::CRYPTO_OFFSET)?;
    let length = variable(c, &f::CRYPTO_LENGTH)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let cut = length > c.remaining();
    let from = c.position();
    let bytes = c.bytes(&f::CRYPTO_DATA, length.min(c.remaining()))?;
    let moved = |piece: Piece| Piece { offset: piece.offset.saturating_sub(from as u64), ..piece };
    let origins: Vec<Piece> = c.origins(from, c.position()).into_iter().map(moved).collect();
    crypto.add(offset, bytes, &origins);
    let mut what = None;
    while let Some((message, origins)) = crypto.message() {
        let read = c.derived("CRYPTO stream", &message, &origins, |c| handshake::message(c, session))?;
        what = what.or(Some(read));
    }
    // The rest of a frame that the capture cut will not come: its message is read as far as it goes.
    if cut && let Some((message, origins)) = crypto.unfinished() {
        let read = c.derived("CRYPTO stream", message, &origins, |c| handshake::message(c, session))?;
        what = what.or(Some(read));
    }
    Ok(what)
}

/// CONNECTION_CLOSE (section 19.19).
fn close(c: &mut Cursor<'_>, of_transport: bool) -> Result<(), Stop> {
    variable(c, &f::CLOSE_ERROR)?;
    if of_transport {
        variable(c, &f::CLOSE_FRAME)?;
    }
    let length = variable(c, &f::CLOSE_REASON_LENGTH)?;
    if length > 0 {
        c.bytes(&f::CLOSE_REASON, usize::try_from(length).unwrap_or(usize::MAX))?;
    }
    Ok(())
}
