//! Which packets the list shows and in which order, which one is selected, and whether it follows a growing capture.

use std::sync::Arc;

use super::config::Column;
use super::eyes::Eyes;
use super::order::Order;
use super::ranks::{self, Listed};
use super::search::Search;
use super::study::{Of, Study};
use crate::capture::Fetch;
use crate::trace::Trace;

/// Why not all packets are shown.
enum Only {
    /// They are.
    All,
    /// One flow's. So many rows were looked through.
    Flow(u32, usize),
    /// Those that a filter lets pass; whether the whole capture was there when the search began.
    Found { text: String, search: Search, whole: bool },
}

/// The list of packets.
pub(super) struct Listing {
    only: Only,
    /// Their numbers as captured, unless all are shown.
    packets: Vec<u32>,
    /// What they are sorted by, if not as captured.
    order: Option<Order<Column>>,
    /// Their numbers as sorted; what has come since stands behind them.
    ranks: Arc<Vec<u32>>,
    sorting: Study<Arc<Vec<u32>>>,
    /// Grows with every change of what is sorted or by what.
    course: u32,
    /// The order was chosen just now: when it is there, its first packet is selected.
    fresh: bool,
    /// How many packets there are in all.
    count: usize,
    /// Which is selected, counted in what is shown.
    pub(super) selected: usize,
    /// The first visible one.
    pub(super) top: usize,
    /// The selection stays on the newest packet.
    follows: bool,
    /// The packet to select when it comes into the list.
    wish: Option<u32>,
}

impl Listing {
    /// Rows looked through at a time, so that a key never waits.
    const AT_ONCE: usize = 1 << 20;

    /// All packets; a growing capture is followed.
    pub(super) fn new(growing: bool) -> Listing {
        Listing {
            only: Only::All,
            packets: Vec::new(),
            order: None,
            ranks: Arc::default(),
            sorting: Study::default(),
            course: 0,
            fresh: false,
            count: 0,
            selected: 0,
            top: 0,
            follows: growing,
            wish: None,
        }
    }

    /// How many are shown.
    pub(super) fn len(&self) -> usize {
        match self.only {
            Only::All => self.count,
            _ => self.packets.len(),
        }
    }

    /// The number of the packet at a place of the list.
    pub(super) fn number(&self, at: usize) -> Option<u32> {
        self.ranks.get(at).copied().or_else(|| self.captured(at))
    }

    /// The number of the packet at a place, as captured.
    fn captured(&self, at: usize) -> Option<u32> {
        match self.only {
            Only::All => (at < self.count).then_some(at as u32 + 1),
            _ => self.packets.get(at).copied(),
        }
    }

    /// The place of a packet in the list, if it is shown.
    fn place(&self, number: u32) -> Option<usize> {
        let captured = match self.only {
            Only::All => (number as usize).checked_sub(1).filter(|at| *at < self.count),
            _ => self.packets.binary_search(&number).ok(),
        };
        captured.map(|at| self.ranks.iter().position(|ranked| *ranked == number).unwrap_or(at))
    }

    /// The packets that are shown, as captured; none if all are.
    pub(super) fn shown(&self) -> Option<&[u32]> {
        match self.only {
            Only::All => None,
            _ => Some(&self.packets),
        }
    }

    /// All packets that are shown, beginning behind the selected one, once around; or before it, backwards.
    pub(super) fn around(&self, forward: bool) -> impl Iterator<Item = u32> + Send + 'static {
        let count = self.len();
        let numbers: Option<Vec<u32>> = self.shown().map(<[u32]>::to_vec);
        let ranks = Arc::clone(&self.ranks);
        let start = self.selected;
        (1..=count).filter_map(move |n| {
            let at = if forward { start + n } else { start + count - n } % count;
            if let Some(number) = ranks.get(at) {
                return Some(*number);
            }
            match &numbers {
                Some(numbers) => numbers.get(at).copied(),
                None => Some(at as u32 + 1),
            }
        })
    }

    /// The selected packet.
    pub(super) fn packet(&self) -> Option<u32> {
        self.number(self.selected)
    }

    /// Whether the selection stays on the newest packet.
    pub(super) fn follows(&self) -> bool {
        self.follows
    }

    /// Stays on the newest packet from here on.
    pub(super) fn follow(&mut self) {
        self.follows = true;
    }

    /// Selects a place.
    pub(super) fn select(&mut self, at: usize) {
        if at < self.len() {
            self.selected = at;
            self.follows = false;
            self.wish = None;
        }
    }

    /// Selects `by` further down or up.
    pub(super) fn step(&mut self, by: isize) {
        self.select(self.selected.saturating_add_signed(by).min(self.len().saturating_sub(1)));
    }

    /// Selects a packet by its number, if it is shown.
    pub(super) fn select_packet(&mut self, number: u32) -> bool {
        let at = self.place(number);
        if let Some(at) = at {
            self.select(at);
        }
        at.is_some()
    }

    /// Shows all packets; the selected one stays so.
    pub(super) fn show_all(&mut self) {
        let packet = self.packet();
        let screen_row = self.selected.saturating_sub(self.top);
        self.only = Only::All;
        self.packets = Vec::new();
        self.sort_anew();
        if let Some(packet) = packet.or(self.wish) {
            self.selected = (packet as usize).saturating_sub(1);
            self.top = self.selected.saturating_sub(screen_row);
        }
        self.wish = None;
    }

    /// What the list is sorted by, if not as captured.
    pub(super) fn order(&self) -> Option<Order<Column>> {
        self.order
    }

    /// Sorts by a column, the other way, or as captured. Then the selected packet stays selected, among its neighbours.
    pub(super) fn sort(&mut self, column: Column) {
        let packet = self.packet();
        self.order = Order::chosen(self.order, column, ranks::largest_first(column));
        self.sort_anew();
        (self.fresh, self.follows) = (self.order.is_some(), false);
        if let Some(at) = packet.and_then(|packet| self.place(packet)) {
            self.selected = at;
        }
    }

    fn sort_anew(&mut self) {
        self.course = self.course.wrapping_add(1);
        self.ranks = Arc::default();
    }

    /// Takes in what sorting has come to. `whole` says whether the capture was read to its end.
    pub(super) fn look_at_order(&mut self, whole: bool, eyes: &Eyes, fetch: &Fetch) -> std::io::Result<()> {
        let Some(order) = self.order else { return Ok(()) };
        let searched = !matches!(&self.only, Only::Found { search, .. } if !search.is_done());
        let of = Of { packets: self.len(), whole: whole && searched, which: self.course, who: eyes.who };
        let fresh = self.sorting.take(of);
        if self.sorting.is_due(of) {
            let listed = match self.only {
                Only::All => Listed::All(self.count as u32),
                _ => Listed::These(self.packets.clone()),
            };
            let fetch = fetch.clone();
            self.sorting.start(of, eyes, move |eyes| ranks::packets(listed, order, fetch, eyes))?;
        }
        if !fresh {
            return Ok(());
        }
        let packet = self.packet();
        self.ranks = self.sorting.get().cloned().unwrap_or_default();
        if std::mem::take(&mut self.fresh) {
            (self.selected, self.top) = (0, 0);
        } else if let Some(at) = packet.and_then(|packet| self.place(packet)) {
            self.selected = at;
        }
        Ok(())
    }

    /// Shows one flow's packets.
    pub(super) fn show_flow(&mut self, flow: u32) {
        self.begin(Only::Flow(flow, 0));
    }

    /// Shows what a search finds.
    pub(super) fn show_found(&mut self, text: String, search: Search, whole: bool) {
        self.begin(Only::Found { text, search, whole });
    }

    fn begin(&mut self, only: Only) {
        self.wish = self.packet().or(self.wish);
        self.only = only;
        self.packets.clear();
        self.sort_anew();
        (self.selected, self.top, self.follows) = (0, 0, false);
    }

    /// The flow that is shown alone.
    pub(super) fn flow(&self) -> Option<u32> {
        match self.only {
            Only::Flow(flow, _) => Some(flow),
            _ => None,
        }
    }

    /// The filter that is applied.
    pub(super) fn filter(&self) -> Option<&str> {
        match &self.only {
            Only::Found { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The filter, if it was applied before all packets had been read.
    pub(super) fn unfinished_filter(&self) -> Option<String> {
        match &self.only {
            Only::Found { text, whole: false, .. } => Some(text.clone()),
            _ => None,
        }
    }

    /// Whether more may come into the list without a key.
    pub(super) fn is_busy(&self) -> bool {
        let sorts = self.order.is_some() && self.sorting.is_busy();
        sorts
            || match &self.only {
                Only::All => false,
                Only::Flow(_, seen) => *seen < self.count,
                Only::Found { search, .. } => !search.is_done(),
            }
    }

    /// Takes in what the trace has now.
    pub(super) fn look(&mut self, trace: &Trace) {
        let rows = trace.rows();
        self.count = rows.len();
        match &mut self.only {
            Only::All => {}
            Only::Flow(flow, seen) => {
                // Before its first packet there is nothing to look for.
                let first = trace.flows().all().get(*flow as usize).map_or(0, |flow| flow.first.saturating_sub(1));
                let from = (*seen).max(first as usize).min(rows.len());
                let to = from.saturating_add(Listing::AT_ONCE).min(rows.len());
                let new = rows.within(from..to).zip(from as u32 + 1..);
                self.packets.extend(new.filter(|(row, _)| row.flow == *flow).map(|(_, number)| number));
                *seen = to;
            }
            Only::Found { search, .. } => search.take(&mut self.packets),
        }
        if let Some(wish) = self.wish {
            let at = self.packets.partition_point(|number| *number < wish);
            if at < self.packets.len() {
                (self.selected, self.wish) = (at, None);
            } else {
                self.selected = at.saturating_sub(1);
            }
        }
        let last = self.len().saturating_sub(1);
        if self.follows || self.selected > last {
            self.selected = last;
        }
    }
}
