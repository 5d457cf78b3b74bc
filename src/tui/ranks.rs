//! What packets are sorted by: keys from their rows where these tell it, from their text where nothing else does.

use std::sync::Arc;

use super::config::Column;
use super::eyes::Eyes;
use super::lines::Scribe;
use super::order::{Key, Order, sorted};
use crate::bytes::Split;
use crate::capture::Fetch;
use crate::flow::NO_FLOW;
use crate::protocols::{self, Protocol};
use crate::trace::{Row, Trace};

/// Packets that are looked at in one go: then whoever else wants the trace has their turn.
const AT_ONCE: usize = 1 << 12;

/// The packets that are listed.
#[derive(Clone, Debug)]
pub(super) enum Listed {
    /// So many, from the first.
    All(u32),
    /// These.
    These(Vec<u32>),
}

/// Which way a column is sorted when it is chosen: of sizes one wants to see the largest.
pub(super) fn largest_first(column: Column) -> bool {
    matches!(column, Column::Length | Column::Split)
}

/// The packets that are listed, sorted.
pub(super) fn packets(listed: Listed, order: Order<Column>, fetch: Fetch, eyes: &Eyes) -> Arc<Vec<u32>> {
    let numbers = match listed {
        Listed::All(count) => (1..=count).collect(),
        Listed::These(these) => these,
    };
    let mut scribe = Scribe::new(fetch);
    let mut keys = Vec::with_capacity(numbers.len());
    for some in numbers.chunks(AT_ONCE) {
        let trace = eyes.trace();
        keys.extend(some.iter().map(|number| (key(&trace, *number, order.column, &mut scribe), *number)));
    }
    Arc::new(sorted(keys, order.down))
}

fn key(trace: &Trace, number: u32, column: Column, scribe: &mut Scribe) -> Key {
    let Some(row) = trace.row(number) else { return Key::NOTHING };
    match column {
        Column::Number => Key::number(number.into()),
        Column::Time if row.timed() => Key::time(row.time),
        Column::Time => Key::NOTHING,
        Column::Flow if row.flow == NO_FLOW => Key::NOTHING,
        Column::Flow => Key::number(row.flow.into()),
        Column::Source | Column::Ends => end(trace, number, &row, true, scribe),
        Column::Destination => end(trace, number, &row, false, scribe),
        Column::Protocol => Key::text(protocols::at(row.protocol).map_or("", Protocol::name)),
        Column::Length => Key::number(row.length.into()),
        // By what nobody can read; a long packet does not outdo a short one.
        Column::Split => {
            let ledger = trace.ledger(number);
            let share = ledger.split(Split::Encrypted) << 16;
            Key::number(share.checked_div(ledger.total()).unwrap_or(0))
        }
        Column::What => Key::text(&scribe.line(trace, number).map(|line| line.what).unwrap_or_default()),
    }
}

/// Who sent a packet, or who should get it. Its flow tells without reading the packet again.
fn end(trace: &Trace, number: u32, row: &Row, source: bool, scribe: &mut Scribe) -> Key {
    if let Some(flow) = trace.flows().all().get(row.flow as usize) {
        let side = if source { row.side() } else { row.side().other() };
        return Key::address(flow.endpoint(side).0);
    }
    let Some(line) = scribe.line(trace, number) else { return Key::NOTHING };
    let text = if source { line.source } else { line.destination };
    text.parse().map_or_else(|_| Key::text(&text), Key::address)
}
