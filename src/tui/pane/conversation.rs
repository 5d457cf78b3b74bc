//! What was said in a flow, as lines: text or hexadecimal digits, of both sides or of one.

use std::ops::{ControlFlow, Range};

use crate::bytes::{Class, Split};
use crate::capture::Fetch;
use crate::explain::{Follower, Passage, follow};
use crate::protocols::Side;
use crate::tui::eyes::Eyes;

/// Bytes of a conversation that are kept for the screen. `husk follow` prints all of it.
const MOST: usize = 8 << 20;

/// Bytes a row of hexadecimal digits.
pub(in crate::tui) const PER_ROW: usize = 16;

/// How bytes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum Form {
    /// Readable text; of everything else its size.
    #[default]
    Text,
    /// Hexadecimal digits.
    Hex,
}

/// One line: text is made of it when it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) enum SpokenRow {
    /// Who said what in which packets.
    Heading(usize),
    /// A line of readable text, of the passage's bytes.
    Text(usize, Range<u32>),
    /// A line of the passage's decoded content.
    Decoded(usize, Range<u32>),
    /// Bytes that are no text: how many of which class.
    Sizes(usize, Range<u32>),
    /// Hexadecimal digits from here on.
    Hex(usize, u32),
}

impl SpokenRow {
    /// The passage that it is of.
    pub(in crate::tui) fn passage(&self) -> usize {
        match self {
            SpokenRow::Heading(at)
            | SpokenRow::Text(at, _)
            | SpokenRow::Decoded(at, _)
            | SpokenRow::Sizes(at, _)
            | SpokenRow::Hex(at, _) => *at,
        }
    }
}

/// A conversation.
pub(in crate::tui) struct Conversation {
    pub(in crate::tui) passages: Vec<Passage>,
    /// Whether not all of it was kept.
    pub(in crate::tui) cut: bool,
}

struct Collector {
    passages: Vec<Passage>,
    kept: usize,
    cut: bool,
}

impl Follower for Collector {
    fn passage(&mut self, passage: Passage) -> ControlFlow<()> {
        self.kept += passage.bytes.len() + passage.decoded.as_ref().map_or(0, Vec::len) + size_of::<Passage>();
        if self.kept > MOST {
            self.cut = true;
            return ControlFlow::Break(());
        }
        self.passages.push(passage);
        ControlFlow::Continue(())
    }
}

impl Conversation {
    /// Reads a flow again.
    pub(in crate::tui) fn read(eyes: &Eyes, fetch: &Fetch, flow: u32) -> Result<Conversation, String> {
        let mut collector = Collector { passages: Vec::new(), kept: 0, cut: false };
        match follow(&eyes.trace(), fetch, flow, &mut collector) {
            Ok(true) => Ok(Conversation { passages: collector.passages, cut: collector.cut }),
            Ok(false) => Err(format!("there is no flow {flow}")),
            Err(error) => Err(format!("flow {flow} cannot be read again: {error}")),
        }
    }

    /// Its lines.
    pub(in crate::tui) fn rows(&self, form: Form, only: Option<Side>) -> Vec<SpokenRow> {
        let mut rows = Vec::new();
        for (at, passage) in self.passages.iter().enumerate() {
            if only.is_some_and(|only| only != passage.side) {
                continue;
            }
            rows.push(SpokenRow::Heading(at));
            match (form, &passage.decoded) {
                (Form::Hex, _) => {
                    rows.extend(
                        (0..passage.bytes.len()).step_by(PER_ROW).map(|from| SpokenRow::Hex(at, from as u32)),
                    );
                }
                (Form::Text, Some(decoded)) if is_text(decoded) => {
                    rows.extend(lines(decoded, 0).map(|line| SpokenRow::Decoded(at, line)));
                }
                (Form::Text, _) => text_rows(at, passage, &mut rows),
            }
        }
        rows
    }
}

/// Readable text as it is, everything else as its size.
fn text_rows(at: usize, passage: &Passage, rows: &mut Vec<SpokenRow>) {
    let mut untold: Option<Range<u32>> = None;
    for (range, class) in passage.runs() {
        let bytes = passage.bytes.get(range.clone()).unwrap_or_default();
        let (start, end) = (range.start as u32, range.end as u32);
        if (class.split() == Split::Visible || class == Class::Unknown) && is_text(bytes) {
            rows.extend(untold.take().map(|range| SpokenRow::Sizes(at, range)));
            rows.extend(lines(bytes, start).map(|line| SpokenRow::Text(at, line)));
        } else {
            untold = Some(untold.map_or(start, |untold| untold.start)..end);
        }
    }
    rows.extend(untold.map(|range| SpokenRow::Sizes(at, range)));
}

/// The lines of a text, without their ends, as ranges that count from `base`.
fn lines(text: &[u8], base: u32) -> impl Iterator<Item = Range<u32>> + '_ {
    let whole = text.strip_suffix(b"\n").unwrap_or(text);
    let mut at = base;
    whole.split(|byte| *byte == b'\n').map(move |line| {
        let start = at;
        at += line.len() as u32 + 1;
        start..start + line.strip_suffix(b"\r").unwrap_or(line).len() as u32
    })
}

fn is_text(bytes: &[u8]) -> bool {
    crate::report::is_text(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_ranges_without_their_ends() {
        let all: Vec<_> = lines(b"GET /\r\nHost: a\n\n", 10).collect();
        assert_eq!(all, [10..15, 17..24, 25..25]);
    }
}
