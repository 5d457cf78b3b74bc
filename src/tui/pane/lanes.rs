//! The ladder of a flow: client on the left, server on the right, time downwards.

use crate::bytes::Class;
use crate::capture::Fetch;
use crate::explain::{Moment, course};
use crate::report::moment_in_words;
use crate::trace::Trace;
use crate::tui::eyes::Eyes;

/// Packets of one flow that are shown: more than anybody scrolls through. What is beyond is counted.
const MOST: usize = 100_000;

/// A silence that is shown as such.
const SILENCE: i64 = 200_000_000;

/// A rung of the ladder.
#[derive(Clone, Debug)]
pub(in crate::tui) enum LaneRow {
    /// A packet.
    Packet {
        moment: Moment,
        /// What it carries or is, escaped.
        what: String,
        /// What most of its payload is, if it has one.
        class: Option<Class>,
        /// Nanoseconds since the flow began.
        since: i64,
    },
    /// Nobody said anything for so long, in nanoseconds; whether a receiver had asked for that.
    Silence { length: i64, stalled: bool },
}

/// The ladder.
pub(in crate::tui) struct Lanes {
    pub(in crate::tui) rows: Vec<LaneRow>,
    /// Packets that are not shown.
    pub(in crate::tui) more: usize,
    /// Nanoseconds from the first packet to the first of the other side.
    pub(in crate::tui) round_trip: Option<i64>,
}

impl Lanes {
    /// Reads a flow again.
    pub(in crate::tui) fn read(eyes: &Eyes, fetch: &Fetch, flow: u32) -> Result<Lanes, String> {
        let trace = eyes.trace();
        let moments = course(&trace, fetch, flow, MOST)
            .map_err(|error| format!("flow {flow} cannot be read again: {error}"))?;
        let moments = moments.ok_or_else(|| format!("there is no flow {flow}"))?;
        let of = trace.flows().all().get(flow as usize);
        let all = of.map_or(0, |flow| flow.packets.iter().sum::<u32>()) as usize;
        let more = all.saturating_sub(moments.len());
        let (first, side) = moments.first().map_or((0, None), |moment| (moment.time, Some(moment.side)));
        let answer = moments.iter().find(|moment| Some(moment.side) != side);
        let round_trip = answer.map(|answer| answer.time.saturating_sub(first));
        Ok(Lanes { rows: rows(&trace, moments, first), more, round_trip })
    }
}

fn rows(trace: &Trace, moments: Vec<Moment>, first: i64) -> Vec<LaneRow> {
    let mut rows = Vec::with_capacity(moments.len());
    let mut before: Option<i64> = None;
    // Whether each side's receiver has closed its window; whether the last packet filled the other's.
    let (mut closed, mut full) = ([false; 2], false);
    for moment in moments {
        let length = before.map_or(0, |before| moment.time.saturating_sub(before));
        if length >= SILENCE {
            rows.push(LaneRow::Silence { length, stalled: full || closed.contains(&true) });
        }
        before = Some(moment.time);
        full = moment.notes.iter().any(|note| note.name.contains("window_full"));
        if let (Some(closed), Some(window)) = (closed.get_mut(moment.side.index()), moment.window) {
            *closed = window == 0;
        }
        let (what, class) = (moment_in_words(trace, &moment), class(trace, &moment));
        let since = moment.time.saturating_sub(first);
        rows.push(LaneRow::Packet { moment, what, class, since });
    }
    rows
}

/// The class that most of a packet's payload is of.
fn class(trace: &Trace, moment: &Moment) -> Option<Class> {
    let ledger = trace.ledger(moment.packet);
    let wrapper = [Class::Link, Class::Network, Class::Transport, Class::Padding];
    let payload = ledger.iter().filter(|(class, bytes)| *bytes > 0 && !wrapper.contains(class));
    payload.max_by_key(|(_, bytes)| *bytes).map(|(class, _)| class)
}
