//! Lines about what is said in one flow: passages (`follow`) and ladders of units (`units`).

use serde::Serialize;

use super::{Bytes, VERSION, place};
use crate::bytes::{Class, Ledger, escape_bytes, hexadecimal};
use crate::explain::{self, Ladder, Part};
use crate::protocols;
use crate::trace::Trace;

/// Something that one side said (`follow`).
#[derive(Debug, Serialize)]
pub struct Passage {
    v: u32,
    kind: &'static str,
    flow: u32,
    side: &'static str,
    message: Option<String>,
    what: Option<&'static str>,
    subject: Option<String>,
    offset: u64,
    length: usize,
    missing: u64,
    packets: Vec<u32>,
    bytes: Bytes,
    data: String,
    decoded: Option<String>,
}

impl Passage {
    /// The line of a passage of flow `flow`.
    pub fn new(trace: &Trace, flow: u32, passage: &explain::Passage) -> Passage {
        let subject = |subject: &String| escape_bytes(subject.as_bytes()).into_owned();
        let message = passage.message.as_ref();
        Passage {
            v: VERSION,
            kind: "passage",
            flow,
            side: passage.side.name(),
            message: message.map(|(number, _, _)| format!("{flow}.{number}")),
            what: message.map(|(_, message, _)| message.what),
            subject: message.map(|(_, _, text)| subject(text)).filter(|subject| !subject.is_empty()),
            offset: place(trace, flow, passage.side, passage.offset),
            length: passage.bytes.len(),
            missing: passage.missing,
            packets: passage.packets(),
            bytes: Bytes(seen(trace, passage.ledger())),
            data: data(trace, passage),
            decoded: passage.decoded.as_deref().map(|bytes| hexadecimal(bytes, "")),
        }
    }
}

/// The classes of a ledger that whose trace it is sees.
fn seen(trace: &Trace, all: Ledger) -> Ledger {
    let mut seen = Ledger::default();
    all.iter().filter(|(class, _)| trace.sees(*class)).for_each(|(class, bytes)| seen.add(class, bytes));
    seen
}

/// The bytes as hexadecimal digits; dots for those that are dark.
fn data(trace: &Trace, passage: &explain::Passage) -> String {
    let run = |(range, class): (std::ops::Range<usize>, Class)| match passage.bytes.get(range.clone()) {
        Some(bytes) if trace.sees(class) => hexadecimal(bytes, ""),
        _ => "..".repeat(range.len()),
    };
    passage.runs().into_iter().map(run).collect()
}

/// A message and what carried it (`units`).
#[derive(Debug, Serialize)]
pub struct Units {
    v: u32,
    kind: &'static str,
    message: String,
    flow: u32,
    side: &'static str,
    protocol: &'static str,
    what: &'static str,
    subject: Option<String>,
    offset: u64,
    length: u32,
    segments: usize,
    packets: usize,
    frames: usize,
    parts: Vec<PartLine>,
}

#[derive(Debug, Serialize)]
struct PartLine {
    packet: u32,
    at: Option<u32>,
    offset: u64,
    length: u64,
    again: bool,
}

impl From<&Part> for PartLine {
    fn from(part: &Part) -> PartLine {
        let Part { packet, at, offset, length, again } = *part;
        PartLine { packet, at, offset, length, again }
    }
}

impl Units {
    /// The line of a ladder.
    pub fn new(trace: &Trace, ladder: &Ladder) -> Units {
        let message = &ladder.message;
        let subject = escape_bytes(ladder.subject.as_bytes()).into_owned();
        Units {
            v: VERSION,
            kind: "units",
            message: format!("{}.{}", message.flow, ladder.number),
            flow: message.flow,
            side: message.side.name(),
            protocol: protocols::at(message.protocol).map_or("", |protocol| protocol.name()),
            what: message.what,
            subject: Some(subject).filter(|subject| !subject.is_empty()),
            offset: place(trace, message.flow, message.side, message.offset),
            length: message.length,
            segments: ladder.segments,
            packets: ladder.segments,
            frames: ladder.frames,
            parts: ladder.parts.iter().map(PartLine::from).collect(),
        }
    }
}
