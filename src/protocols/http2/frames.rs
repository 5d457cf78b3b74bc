//! Frames (RFC 9113, section 4.1), and what each of them carries but for fields and data.
//!
//! ```text
//! length (24 bits) | type (8) | flags (8) | R (1) stream identifier (31) | payload
//! ```

use super::fields::*;
use super::names;
use crate::bytes::{Class, Cursor, Field, Stop, Value};

pub(super) const END_HEADERS: u8 = 0x04;
pub(super) const PADDED: u8 = 0x08;
pub(super) const PRIORITY_FLAG: u8 = 0x20;
const ACK: u8 = 0x01;

/// The types of frames that are read by more than their payload.
pub(super) mod kind {
    pub(in super::super) const DATA: u8 = 0;
    pub(in super::super) const HEADERS: u8 = 1;
    pub(in super::super) const PUSH_PROMISE: u8 = 5;
    pub(in super::super) const CONTINUATION: u8 = 9;
}

/// The longest frame that a peer may send without asking (RFC 9113, section 4.2); hardly any sends longer ones.
const USUAL: usize = 1 << 14;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    reserved: bool,
}

impl Frame {
    /// Bytes of the header.
    pub(super) const SIZE: usize = 9;

    /// The header that `bytes` begin with.
    pub(super) fn read(bytes: &[u8]) -> Option<Frame> {
        let &[length @ .., kind, flags, _, _, _, _] = bytes.first_chunk::<{ Frame::SIZE }>()?;
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let word = u32::from_be_bytes(*bytes.get(5..)?.first_chunk()?);
        Some(Frame { length, kind, flags, stream: word & 0x7fff_ffff, reserved: word >> 31 != 0 })
    }

    /// Bytes of the whole frame.
    pub(super) fn size(&self) -> usize {
        self.length.saturating_add(Frame::SIZE)
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// What it is called.
    pub(super) fn name(&self) -> &'static str {
        names::frame_type(self.kind.into()).unwrap_or("unknown frame")
    }

    /// Whether a frame may look like this: what some bytes must pass that are found and not followed to.
    pub(super) fn is_plausible(&self) -> bool {
        let (length, own) = (self.length, self.stream != 0);
        let (flags, fits) = match self.kind {
            0 => (0x09, own),
            1 => (0x2d, own && length > 0),
            2 => (0, own && length == 5),
            3 => (0, own && length == 4),
            4 => (ACK, !own && length % 6 == 0 && (!self.has(ACK) || length == 0)),
            5 => (0x0c, own && length > 4),
            6 => (ACK, !own && length == 8),
            7 => (0, !own && length >= 8),
            8 => (0, length == 4),
            9 => (END_HEADERS, own && length > 0),
            10 => (0, length >= 2),
            12 => (0, !own),
            16 => (0, !own && length >= 4),
            _ => return false,
        };
        fits && !self.reserved && self.flags & !flags == 0 && length <= USUAL
    }
}

/// Reads a frame's header, with its flags.
pub(super) fn header(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u24(&LENGTH)?;
    let kind = c.u8(&TYPE)?;
    let flags = c.octets(1)?;
    c.part(&FLAGS, Value::Number(flags));
    bits_of_flags(kind, flags, c);
    let word = c.octets(4)?;
    c.bits(&RESERVED, word, 31, 1);
    c.bits(&STREAM_ID, word, 0, 0x7fff_ffff);
    Ok(())
}

/// Notes which flags a frame of this type has, and the bits that are none.
fn bits_of_flags(kind: u8, flags: u64, c: &mut Cursor<'_>) {
    let mut bits = |field, shift, mask| c.bits(field, flags, shift, mask);
    match kind {
        0 => bits(&FLAGS_UNUSED_DATA, 1, 0x7b),
        1 => bits(&FLAGS_UNUSED_HEADERS, 1, 0x69),
        4 => bits(&FLAGS_UNUSED_SETTINGS, 1, 0x7f),
        5 => bits(&FLAGS_UNUSED_PUSH_PROMISE, 0, 0xf3),
        6 => bits(&FLAGS_UNUSED_PING, 1, 0x7f),
        9 => bits(&FLAGS_UNUSED_CONTINUATION, 0, 0xf3),
        _ => bits(&FLAGS_UNUSED, 0, 0xff),
    }
    if kind == 1 {
        bits(&FLAGS_PRIORITY, 5, 1);
    }
    if matches!(kind, 0 | 1 | 5 | 9) {
        bits(&FLAGS_PADDED, 3, 1);
    }
    if matches!(kind, 1 | 5 | 9) {
        bits(&FLAGS_END_HEADERS, 2, 1);
    }
    match kind {
        0 | 1 => bits(&FLAGS_END_STREAM, 0, 1),
        4 => bits(&FLAGS_ACK_SETTINGS, 0, 1),
        6 => bits(&FLAGS_ACK_PING, 0, 1),
        _ => {}
    }
}

/// Reads the pad length, if there is one, and makes the window end before the padding.
pub(super) fn padding(frame: &Frame, field: &'static Field, whole: bool, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let padding = pad_length(frame, c)?;
    match c.remaining().checked_sub(padding) {
        Some(length) if whole => c.narrow_to(length, field, Class::Padding),
        None if whole => return Err(c.malformed("more padding than the frame has bytes")),
        // The padding is at the end, which did not come.
        _ => {}
    }
    Ok(())
}

/// Reads the pad length, if there is one.
pub(super) fn pad_length(frame: &Frame, c: &mut Cursor<'_>) -> Result<usize, Stop> {
    if !frame.has(PADDED) || c.is_empty() {
        c.say(&PAD_LENGTH, Value::Number(0));
        return Ok(0);
    }
    let padding = c.u8(&PADDING)?;
    c.part(&PAD_LENGTH, Value::Number(padding.into()));
    Ok(padding.into())
}

/// Dependency and weight (section 5.3, which deprecates them).
pub(super) fn priority(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let word = c.octets(4)?;
    c.bits(&EXCLUSIVE, word, 31, 1);
    c.bits(&STREAM_DEPENDENCY, word, 0, 0x7fff_ffff);
    let weight = c.u8(&WEIGHT)?;
    c.part(&WEIGHT_REAL, Value::Number(u64::from(weight).saturating_add(1)));
    Ok(())
}

/// A stream number with a reserved bit before it.
pub(super) fn stream(reserved: &'static Field, field: &'static Field, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let word = c.octets(4)?;
    c.bits(reserved, word, 31, 1);
    c.bits(field, word, 0, 0x7fff_ffff);
    Ok(())
}

/// Reads the payload of any other frame.
pub(super) fn payload(frame: &Frame, c: &mut Cursor<'_>) -> Result<(), Stop> {
    match frame.kind {
        2 => priority(c),
        3 => {
            let error = c.u32(&RST_STREAM_ERROR)?;
            tell_error(error, c);
            Ok(())
        }
        4 => {
            if frame.has(ACK) {
                c.subject("ACK");
            }
            settings(c)
        }
        6 => {
            if frame.has(ACK) {
                c.subject("ACK");
            }
            c.bytes(if frame.has(ACK) { &PONG } else { &PING }, 8).map(drop)
        }
        7 => goaway(c),
        8 => stream(&WINDOW_RESERVED, &WINDOW_INCREMENT, c),
        10 => {
            let length = c.u16(&ALTSVC_ORIGIN_LENGTH)?;
            if length > 0 {
                c.bytes(&ALTSVC_ORIGIN, length.into())?;
            }
            c.bytes(&ALTSVC_VALUE, c.remaining()).map(drop)
        }
        12 => {
            while !c.is_empty() {
                c.group(&ORIGIN, |c| {
                    let length = c.u16(&ORIGIN_LENGTH)?;
                    c.bytes(&ORIGIN_ORIGIN, length.into())
                })?;
            }
            Ok(())
        }
        16 => {
            let word = c.octets(4)?;
            c.bits(&PRIORITY_UPDATE_STREAM, word, 0, 0x7fff_ffff);
            c.bytes(&PRIORITY_UPDATE_VALUE, c.remaining()).map(drop)
        }
        _ => {
            let before = c.class(Class::Unknown);
            if !c.is_empty() {
                c.bytes(&UNKNOWN, c.remaining())?;
            }
            c.class(before);
            Ok(())
        }
    }
}

fn goaway(c: &mut Cursor<'_>) -> Result<(), Stop> {
    stream(&GOAWAY_RESERVED, &GOAWAY_LAST_STREAM_ID, c)?;
    let error = c.u32(&GOAWAY_ERROR)?;
    tell_error(error, c);
    if !c.is_empty() {
        c.bytes(&GOAWAY_DEBUG, c.remaining())?;
    }
    Ok(())
}

fn tell_error(error: u32, c: &mut Cursor<'_>) {
    if let Some(name) = names::error(error.into()) {
        c.subject(name);
    }
}

/// Reads settings to the end of the window: a frame's, or those that a request to upgrade carries (RFC 7540,
/// section 3.2.1).
pub(in super::super) fn settings(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        c.group(&SETTINGS, |c| {
            let field = match c.u16(&SETTINGS_ID)? {
                1 => &SETTINGS_HEADER_TABLE_SIZE,
                2 => &SETTINGS_ENABLE_PUSH,
                3 => &SETTINGS_MAX_STREAMS,
                4 => &SETTINGS_WINDOW,
                5 => &SETTINGS_MAX_FRAME,
                6 => &SETTINGS_MAX_HEADERS,
                8 => &SETTINGS_CONNECT,
                _ => &SETTINGS_UNKNOWN,
            };
            c.u32(field)
        })?;
    }
    Ok(())
}
