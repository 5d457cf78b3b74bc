//! One packet of the list, as text: made only for the rows that are visible.

use std::fmt::Write as _;

use super::clock::When;
use super::detail;
use crate::bytes::{Ledger, Tree};
use crate::capture::Fetch;
use crate::flow::{MessageRow, NO_FLOW};
use crate::protocols::TcpOutline;
use crate::report::table::grouped;
use crate::report::{Line, wanted_fields};
use crate::trace::{Row, Trace};

/// A packet's cells.
#[derive(Clone, Debug, Default)]
pub(super) struct PacketLine {
    /// Its number.
    pub(super) number: u32,
    /// Its flow, or [`NO_FLOW`].
    pub(super) flow: u32,
    /// When it was captured, if the capture tells.
    pub(super) when: Option<When>,
    /// Who sent it.
    pub(super) source: String,
    /// Who should get it.
    pub(super) destination: String,
    /// The uppermost protocol.
    pub(super) protocol: String,
    /// Bytes on the wire.
    pub(super) length: u32,
    /// Its bytes by class.
    pub(super) ledger: Ledger,
    /// What it is about, escaped.
    pub(super) what: String,
    /// Whether it passes whoever looks.
    pub(super) passes: bool,
}

/// Makes lines. It keeps what each line needs, so that scrolling allocates little.
pub(super) struct Scribe {
    fetch: Fetch,
    tree: Tree,
    bytes: Vec<u8>,
}

impl Scribe {
    /// A scribe that reads packets through `fetch`.
    pub(super) fn new(fetch: Fetch) -> Scribe {
        Scribe { fetch, tree: Tree::only(wanted_fields()), bytes: Vec::new() }
    }

    /// Reads packets again.
    pub(super) fn fetch(&self) -> &Fetch {
        &self.fetch
    }

    /// The line of packet `number`.
    pub(super) fn line(&mut self, trace: &Trace, number: u32) -> Option<PacketLine> {
        let row = trace.row(number)?;
        let first = trace.row(1).filter(Row::timed);
        let mut line = PacketLine {
            number,
            flow: row.flow,
            when: first.filter(|_| row.timed()).map(|first| When { time: row.time, first: first.time, before: None }),
            length: row.length,
            ledger: trace.ledger(number),
            passes: true,
            ..PacketLine::default()
        };
        if let Err(error) = self.fetch.read(row.position, row.captured, &mut self.bytes) {
            line.what = format!("cannot be read again: {error}");
            return Some(line);
        }
        self.tree.clear();
        let outline = detail::headers(trace, number, &row, &self.bytes, &mut self.tree).1;
        let text = Line::of(number, &outline, &self.tree, &self.bytes, trace);
        line.source = text.source;
        line.destination = text.destination;
        line.protocol = text.protocol;
        line.what = match outline.tcp {
            Some(tcp) if trace.messages_of(number).is_empty() => {
                segment(trace, &row, number, tcp, outline.payload.len())
            }
            _ => text.info,
        };
        Some(line)
    }
}

/// What a segment is that completes no message: its flags, and the message that it is a part of.
fn segment(trace: &Trace, row: &Row, number: u32, tcp: TcpOutline, payload: usize) -> String {
    if payload > 0
        && let Some(message) = continues(trace, row, number)
    {
        return format!("… {}, whole in {}", message.what, message.last);
    }
    let mut what = TcpOutline::flag_names(tcp.flags).collect::<Vec<_>>().join(" ");
    if payload > 0 {
        // Writing to a String cannot fail.
        let _ = write!(what, " · {} B", grouped(payload as u64));
    }
    what
}

/// The message that begins in packet `number` or before it, and is completed later.
fn continues(trace: &Trace, row: &Row, number: u32) -> Option<MessageRow> {
    /// Messages of other flows to look through: more than complete while one message of some packets arrives.
    const NEAR: usize = 4096;
    let all = trace.messages();
    let from = all.partition_point(|message| message.last <= number);
    let next = all
        .within(from..all.len())
        .take(NEAR)
        .find(|message| message.flow == row.flow && message.side == row.side() && message.flow != NO_FLOW)?;
    (next.first <= number).then_some(next)
}
