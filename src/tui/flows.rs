//! The list of flows: its order, which is selected, and the visible ones as text.

mod ranks;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::eyes::Eyes;
use super::order::Order;
use super::roll::Roll;
use super::study::{Of, Study};
use crate::bytes::Ledger;
use crate::exposure::{Names, Stage};
use crate::flow::Flow;
use crate::protocols::Side;
use crate::report::json::endpoint;
use crate::report::processes;
use crate::trace::Trace;

/// A column of the list of flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlowColumn {
    /// Its number.
    Number,
    /// What is spoken, outermost first.
    Spoken,
    /// Who opened it, and the other one.
    Ends,
    /// Packets each way.
    Packets,
    /// Bytes on the wire.
    Bytes,
    /// Its bytes by class, to scale.
    Split,
    /// How far it got.
    Stage,
    /// From the first packet to the first of the other side.
    RoundTrip,
    /// From its first packet to its last.
    Duration,
    /// Which processes had its sockets.
    Process,
    /// Its name, and how that was learned.
    Name,
}

impl FlowColumn {
    /// All columns, from left to right.
    pub(super) const ALL: [FlowColumn; 11] = [
        FlowColumn::Number,
        FlowColumn::Spoken,
        FlowColumn::Ends,
        FlowColumn::Packets,
        FlowColumn::Bytes,
        FlowColumn::Split,
        FlowColumn::Stage,
        FlowColumn::RoundTrip,
        FlowColumn::Duration,
        FlowColumn::Process,
        FlowColumn::Name,
    ];

    /// Whether its cells are numbers, which stand at its right end.
    pub(super) const fn is_number(self) -> bool {
        matches!(
            self,
            FlowColumn::Number
                | FlowColumn::Packets
                | FlowColumn::Bytes
                | FlowColumn::RoundTrip
                | FlowColumn::Duration
        )
    }
}

/// A flow's cells.
#[derive(Clone, Debug)]
pub(super) struct FlowLine {
    /// Its number.
    pub(super) number: u32,
    /// What is spoken, outermost first.
    pub(super) stack: Vec<&'static str>,
    /// Who opened it.
    pub(super) client: String,
    /// Its address alone.
    pub(super) client_address: String,
    /// The other one.
    pub(super) server: String,
    /// Packets each way.
    pub(super) packets: [u32; 2],
    /// Bytes each way, on the wire; none while they are being counted.
    pub(super) bytes: Option<[u64; 2]>,
    /// Its bytes by class.
    pub(super) ledger: Ledger,
    /// Its name, escaped, and how that was learned.
    pub(super) name: Option<(String, &'static str)>,
    /// Which processes had its sockets, escaped; empty if nobody told.
    pub(super) processes: String,
    /// How far it got.
    pub(super) stage: Option<Stage>,
    /// What is remarkable of the conversation, escaped.
    pub(super) remarks: Vec<String>,
    /// Nanoseconds from the first packet to the first of the other side.
    pub(super) round_trip: Option<i64>,
    /// From its first packet to its last, nanoseconds.
    pub(super) duration: i64,
    /// First and last packet.
    pub(super) span: (u32, u32),
    /// Payload bytes known to be missing from its streams.
    pub(super) missing: u64,
    /// Whether any of its packets passes whoever looks.
    pub(super) passes: bool,
}

/// What is known of all flows together.
struct Known {
    names: Names,
    stages: Vec<Stage>,
    bytes: Vec<[u64; 2]>,
}

/// The list.
#[derive(Default)]
pub(super) struct FlowList {
    pub(super) roll: Roll,
    /// The visible ones.
    pub(super) lines: Vec<FlowLine>,
    known: Study<Arc<Known>>,
    /// What it is sorted by, if not by number.
    order: Option<Order<FlowColumn>>,
    /// Numbers of flows as sorted; what has come since stands behind them.
    ranks: Vec<u32>,
    sorting: Study<Vec<u32>>,
    /// Grows with every change of the order.
    course: u32,
    /// Answers that were found, by flow.
    round_trips: BTreeMap<u32, i64>,
    /// With whose eyes they were found.
    who: u32,
}

impl FlowList {
    /// The selected flow, of `count`.
    pub(super) fn selected_flow(&self, count: usize) -> Option<u32> {
        (self.roll.selected < count).then(|| self.number(self.roll.selected))
    }

    /// The flow at a place of the list.
    fn number(&self, at: usize) -> u32 {
        self.ranks.get(at).copied().unwrap_or(at as u32)
    }

    /// Selects a flow by its number.
    pub(super) fn select(&mut self, flow: u32) {
        self.roll.selected = self.ranks.iter().position(|ranked| *ranked == flow).unwrap_or(flow as usize);
    }

    /// What it is sorted by, if not by number.
    pub(super) fn order(&self) -> Option<Order<FlowColumn>> {
        self.order
    }

    /// Sorts by a column, the other way, or by number. Then the selected flow stays selected.
    pub(super) fn sort(&mut self, column: FlowColumn) {
        let flow = self.number(self.roll.selected);
        self.order = Order::chosen(self.order, column, ranks::largest_first(column));
        (self.course, self.ranks) = (self.course.wrapping_add(1), Vec::new());
        self.select(flow);
    }

    /// Sorts what is there now.
    fn look_at_order(&mut self, of: Of, eyes: &Eyes) -> std::io::Result<()> {
        // What is not known of all flows yet cannot be sorted by.
        let (Some(order), Some(known)) = (self.order, self.known.get().cloned()) else { return Ok(()) };
        let of = Of { packets: known.bytes.len(), which: self.course, ..of };
        let first = self.ranks.is_empty();
        if self.sorting.look(of, eyes, move |eyes| ranks::flows(&eyes.trace(), &known, order))? {
            let flow = self.number(self.roll.selected);
            self.ranks = self.sorting.get().cloned().unwrap_or_default();
            // The first time one wants to see what comes first.
            if first { self.roll = Roll::default() } else { self.select(flow) }
        }
        Ok(())
    }

    /// The selected one, if it is visible.
    pub(super) fn selected_line(&self) -> Option<&FlowLine> {
        self.lines.get(self.roll.selected.checked_sub(self.roll.top)?)
    }

    /// Whether names and stages are being looked for.
    pub(super) fn is_busy(&self) -> bool {
        self.known.is_busy() || self.order.is_some() && self.sorting.is_busy()
    }

    /// Writes what is visible of the trace's flows.
    pub(super) fn look(&mut self, of: Of, eyes: &Eyes, height: usize) -> std::io::Result<()> {
        if std::mem::replace(&mut self.who, eyes.who) != eyes.who {
            (self.ranks, self.course) = (Vec::new(), self.course.wrapping_add(1));
            self.round_trips.clear();
        }
        self.known.look(of, eyes, |eyes| {
            let trace = eyes.trace();
            let (names, stages) = (Names::new(&trace), Stage::of_flows(&trace));
            Arc::new(Known { names, stages, bytes: bytes_each_way(&trace) })
        })?;
        self.look_at_order(of, eyes)?;
        if !eyes.open {
            self.lines.clear();
            return Ok(());
        }
        let trace = eyes.trace();
        let all = trace.flows().all();
        self.roll.scroll(height, all.len());
        let known = self.known.get();
        let mut lines = Vec::with_capacity(height);
        for at in self.roll.visible(height, all.len()) {
            let Some(flow) = all.get(self.number(at) as usize) else { continue };
            let round_trip = match self.round_trips.get(&flow.number) {
                Some(known) => Some(*known),
                None => round_trip(&trace, flow),
            };
            if let Some(round_trip) = round_trip {
                self.round_trips.insert(flow.number, round_trip);
            }
            lines.push(line(&trace, flow, known.map(Arc::as_ref), round_trip));
        }
        self.lines = lines;
        Ok(())
    }
}

fn bytes_each_way(trace: &Trace) -> Vec<[u64; 2]> {
    let mut bytes = vec![[0; 2]; trace.flows().all().len()];
    for row in trace.rows() {
        if let Some(sum) = bytes.get_mut(row.flow as usize).and_then(|sides| sides.get_mut(row.side().index())) {
            *sum += u64::from(row.length);
        }
    }
    bytes
}

/// Nanoseconds from a flow's first packet to the first of the other side.
fn round_trip(trace: &Trace, flow: &Flow) -> Option<i64> {
    /// Packets that are looked at: an answer comes soon, and a busy capture has many packets between.
    const NEAR: u32 = 1 << 14;
    let first = trace.row(flow.first)?;
    let last = flow.last.min(flow.first.saturating_add(NEAR));
    let rows = (flow.first..=last).filter_map(|number| trace.row(number));
    let answer = rows.into_iter().find(|row| row.flow == flow.number && row.side() != first.side())?;
    Some(answer.time.saturating_sub(first.time))
}

/// What a flow is called, escaped.
fn name(known: &Known, flow: u32) -> Option<String> {
    let (name, _) = known.names.of_flow(flow)?;
    Some(known.names.text(name).into_owned())
}

fn line(trace: &Trace, flow: &Flow, known: Option<&Known>, round_trip: Option<i64>) -> FlowLine {
    let name = known.and_then(|known| {
        let (_, source) = known.names.of_flow(flow.number)?;
        Some((name(known, flow.number)?, source.label()))
    });
    let at = flow.number as usize;
    FlowLine {
        number: flow.number,
        stack: flow.stack(),
        client: endpoint(flow, Side::Client),
        client_address: flow.endpoint(Side::Client).0.to_string(),
        server: endpoint(flow, Side::Server),
        packets: flow.packets,
        bytes: known.and_then(|known| known.bytes.get(at).copied()),
        ledger: flow.ledger(),
        name,
        processes: processes(&trace.owners(flow.number)),
        stage: known.and_then(|known| known.stages.get(at).copied()),
        remarks: flow.remarks().iter().map(|remark| crate::bytes::escape(remark).into_owned()).collect(),
        round_trip,
        duration: flow.last_time.saturating_sub(flow.first_time),
        span: (flow.first, flow.last),
        missing: flow.tcp().map_or(0, crate::flow::Tcp::missing),
        passes: flow.packets != [0, 0],
    }
}
