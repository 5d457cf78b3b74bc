//! The list of flows: which is selected, and the visible ones as text.

use crate::bytes::Ledger;
use crate::exposure::Names;
use crate::flow::Flow;
use crate::protocols::Side;
use crate::report::json::endpoint;
use crate::trace::Trace;

use super::detail::scrolled;

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
    /// Its bytes by class.
    pub(super) ledger: Ledger,
    /// Its name, escaped, and how that was learned.
    pub(super) name: Option<(String, &'static str)>,
    /// From its first packet to its last, nanoseconds.
    pub(super) duration: i64,
    /// First and last packet.
    pub(super) span: (u32, u32),
    /// Payload bytes known to be missing from its streams.
    pub(super) missing: u64,
}

/// The list.
#[derive(Default)]
pub(super) struct FlowList {
    /// Which is selected.
    pub(super) selected: usize,
    /// The first visible one.
    pub(super) top: usize,
    /// The visible ones.
    pub(super) lines: Vec<FlowLine>,
    names: Option<(u64, Names)>,
}

impl FlowList {
    /// Selects a flow.
    pub(super) fn select(&mut self, at: usize, count: usize) {
        self.selected = at.min(count.saturating_sub(1));
    }

    /// The selected one, if it is visible.
    pub(super) fn selected_line(&self) -> Option<&FlowLine> {
        self.lines.get(self.selected.checked_sub(self.top)?)
    }

    /// Writes what is visible of the trace's flows.
    pub(super) fn look(&mut self, trace: &Trace, height: usize, revision: u64) {
        /// While a capture is read, names are gathered anew only so often: it takes a look at every fact.
        const SELDOM: u64 = 64;
        let all = trace.flows().all();
        self.top = scrolled(self.top, self.selected, height, all.len());
        let old = self.names.as_ref().is_none_or(|(of, _)| {
            *of != revision && (revision.saturating_sub(*of) >= SELDOM || trace.facts().len() < 100_000)
        });
        if old {
            self.names = Some((revision, Names::new(trace)));
        }
        let names = self.names.as_ref().map(|(_, names)| names);
        let visible = all.iter().skip(self.top).take(height);
        self.lines = visible.map(|flow| line(flow, names)).collect();
    }
}

fn line(flow: &Flow, names: Option<&Names>) -> FlowLine {
    let name = names.and_then(|names| {
        let (name, source) = names.of_flow(flow.number)?;
        Some((names.text(name).into_owned(), source.label()))
    });
    FlowLine {
        number: flow.number,
        stack: flow.stack(),
        client: endpoint(flow, Side::Client),
        client_address: flow.endpoint(Side::Client).0.to_string(),
        server: endpoint(flow, Side::Server),
        packets: flow.packets,
        ledger: flow.ledger,
        name,
        duration: flow.last_time.saturating_sub(flow.first_time),
        span: (flow.first, flow.last),
        missing: flow.tcp().map_or(0, crate::flow::Tcp::missing),
    }
}
