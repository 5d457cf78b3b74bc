//! Whether a connection speaks HTTP/2, and where its frames go on behind missing bytes.

use super::super::{Answer, Side, Start};
use super::frames::Frame;

/// What a client begins with (section 3.4).
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Frame headers that must follow each other to be believed behind a gap.
const EVIDENCE: usize = 3;

/// A client begins with its preface, a server with its settings: both are certain.
pub(super) fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if !start.is_stream() {
        return Answer::No;
    }
    match begins_with_preface(first) {
        Answer::No => begins_with_settings(first),
        answer => answer,
    }
}

pub(super) fn begins_with_preface(bytes: &[u8]) -> Answer {
    if bytes.starts_with(PREFACE) {
        Answer::Yes
    } else if PREFACE.starts_with(bytes) {
        Answer::More
    } else {
        Answer::No
    }
}

/// Settings of which the first one is known, or none and a frame behind them.
fn begins_with_settings(bytes: &[u8]) -> Answer {
    const SETTINGS: [u8; Frame::SIZE] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let alike = bytes.iter().zip(SETTINGS).enumerate().all(|(at, (byte, expected))| match at {
        2 => byte % 6 == 0,
        _ => *byte == expected,
    });
    let length = bytes.get(2).copied().unwrap_or(0);
    match (alike, bytes.get(Frame::SIZE..)) {
        (false, _) => Answer::No,
        (true, None) => Answer::More,
        (true, Some(behind)) if length > 0 => match behind {
            [0, 1..=6 | 8 | 9, ..] => Answer::Yes,
            [] | [0] => Answer::More,
            _ => Answer::No,
        },
        (true, Some(behind)) => match Frame::read(behind) {
            Some(frame) if frame.is_plausible() => Answer::Yes,
            Some(_) => Answer::No,
            None => Answer::More,
        },
    }
}

/// Whether frames follow each other from here on.
pub(super) enum Chain {
    Yes,
    No,
    /// When so many bytes are here it can be told.
    Needs(usize),
}

/// Looks at frame headers one behind the other; `ends` if nothing follows these bytes.
pub(super) fn chain(bytes: &[u8], ends: bool) -> Chain {
    let mut at = 0usize;
    for found in 0..EVIDENCE {
        let behind = bytes.get(at..).unwrap_or(&[]);
        match Frame::read(behind) {
            Some(frame) if frame.is_plausible() => at = at.saturating_add(frame.size()),
            Some(_) => return Chain::No,
            None if ends && found > 0 && at == bytes.len() => return Chain::Yes,
            None if ends => return Chain::No,
            None => return Chain::Needs(at.saturating_add(Frame::SIZE)),
        }
    }
    Chain::Yes
}
