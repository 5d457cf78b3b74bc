//! What flows are sorted by.

use super::{FlowColumn, Known, name, round_trip};
use crate::bytes::Split;
use crate::flow::Flow;
use crate::protocols::Side;
use crate::report::processes;
use crate::trace::Trace;
use crate::tui::order::{Key, Order, sorted};

/// Which way a column is sorted when it is chosen: of amounts one wants to see the largest.
pub(super) fn largest_first(column: FlowColumn) -> bool {
    use FlowColumn as C;
    matches!(column, C::Packets | C::Bytes | C::Split | C::Stage | C::RoundTrip | C::Duration)
}

/// The numbers of all flows, sorted.
pub(super) fn flows(trace: &Trace, known: &Known, order: Order<FlowColumn>) -> Vec<u32> {
    let all = trace.flows().all().iter();
    sorted(all.map(|flow| (key(trace, flow, known, order.column), flow.number)).collect(), order.down)
}

fn key(trace: &Trace, flow: &Flow, known: &Known, column: FlowColumn) -> Key {
    let at = flow.number as usize;
    match column {
        FlowColumn::Number => Key::number(flow.number.into()),
        FlowColumn::Spoken => Key::text(&flow.stack().join(" ")),
        FlowColumn::Ends => Key::address(flow.endpoint(Side::Client).0),
        FlowColumn::Packets => Key::number(flow.packets.iter().copied().map(u64::from).sum()),
        FlowColumn::Bytes => Key::number(flow.ledger().total()),
        // By what nobody can read; a long flow does not outdo a short one.
        FlowColumn::Split => {
            let ledger = flow.ledger();
            let share = ledger.split(Split::Encrypted) << 16;
            Key::number(share.checked_div(ledger.total()).unwrap_or(0))
        }
        FlowColumn::Stage => known.stages.get(at).map_or(Key::NOTHING, |stage| Key::number(*stage as u64)),
        FlowColumn::RoundTrip => round_trip(trace, flow).map_or(Key::NOTHING, Key::time),
        FlowColumn::Duration => Key::time(flow.last_time.saturating_sub(flow.first_time)),
        FlowColumn::Process => Key::text(&processes(&trace.owners(flow.number))),
        FlowColumn::Name => Key::text(&name(known, flow.number).unwrap_or_default()),
    }
}
