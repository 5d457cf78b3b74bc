//! Where explaining has been: states of flows, from which a replay can go on.
//!
//! ```text
//! flow 7:  ├──1024──┼──1024──┼──1024──┼─ ─        along: every so many packets of the flow
//!                                  ▲ latest       where the last explanation was: the next is often near
//! ```
//!
//! They are made by replays and not by the pass, for a quiet pass does not keep what only a tree shows: the bytes of
//! sealed messages, and what TCP's numbers tell of the network.

use std::collections::BTreeMap;

use crate::flow::Flows;

/// Packets of a flow between two checkpoints. So many are read again in half a millisecond.
const EVERY: u32 = 1024;

/// Checkpoints kept in all. In the longest flow that a capture can have, four billion packets, they are 16 million
/// packets apart; in one of a million, 4,096.
const MOST: usize = 256;

/// Bytes that they may take together. A state takes 5 to 200 KiB as a rule, in the worst case some 30 MiB.
const MOST_BYTES: usize = 64 << 20;

/// What is known of a flow before packet `next`.
#[derive(Clone)]
pub(super) struct State {
    /// All packets of the flow before this one have been read.
    pub(super) next: u32,
    /// How many those were.
    count: u32,
    pub(super) flows: Flows,
}

impl State {
    /// A flow of which no packet comes before `next`.
    pub(super) fn at(next: u32) -> State {
        State { next, count: 0, flows: Flows::new(true) }
    }

    /// Packet `number` has been read.
    pub(super) fn pass(&mut self, number: u32) {
        self.next = number.saturating_add(1);
        self.count = self.count.saturating_add(1);
    }
}

/// The states of one flow.
struct Route {
    /// Packets between two states of `along`, at least.
    interval: u32,
    /// In the order of their packets.
    along: Vec<State>,
    latest: Option<State>,
    /// When it was used last.
    used: u64,
}

impl Route {
    fn states(&self) -> impl Iterator<Item = &State> {
        self.along.iter().chain(&self.latest)
    }
}

/// States of flows, under limits.
pub(super) struct Checkpoints {
    every: u32,
    most: usize,
    /// By the flow's number.
    routes: BTreeMap<u32, Route>,
    /// Grows with every use.
    clock: u64,
}

impl Default for Checkpoints {
    fn default() -> Checkpoints {
        Checkpoints::new(EVERY, MOST)
    }
}

impl Checkpoints {
    /// No checkpoints yet; one `every` so many packets of a flow, and at `most` so many in all.
    pub(super) fn new(every: u32, most: usize) -> Checkpoints {
        Checkpoints { every, most, routes: BTreeMap::new(), clock: 0 }
    }

    /// The last state of `flow` before packet `number` is read.
    pub(super) fn last_before(&self, flow: u32, number: u32) -> Option<State> {
        let states = self.routes.get(&flow)?.states().filter(|state| state.next <= number);
        states.max_by_key(|state| state.next).cloned()
    }

    /// Whether `state` is to be kept: enough packets have passed since the last one.
    pub(super) fn is_due(&self, flow: u32, state: &State) -> bool {
        if state.count == 0 || !state.count.is_multiple_of(self.every) {
            return false;
        }
        self.routes.get(&flow).is_none_or(|route| {
            state.count.is_multiple_of(route.interval)
                && route.along.binary_search_by_key(&state.count, |kept| kept.count).is_err()
        })
    }

    /// Keeps a state along the flow.
    pub(super) fn keep(&mut self, flow: u32, state: State) {
        let along = &mut self.route(flow).along;
        let at = along.partition_point(|kept| kept.count < state.count);
        along.insert(at, state);
        self.make_room();
    }

    /// Keeps the state in which an explanation began or was broken off, instead of the one before.
    pub(super) fn keep_latest(&mut self, flow: u32, state: State) {
        self.route(flow).latest = Some(state);
        self.make_room();
    }

    fn route(&mut self, flow: u32) -> &mut Route {
        self.clock += 1;
        let new = || Route { interval: self.every, along: Vec::new(), latest: None, used: 0 };
        let route = self.routes.entry(flow).or_insert_with(new);
        route.used = self.clock;
        route
    }

    /// Lets go of the flow that was not used for longest; of one flow alone, of every other state.
    fn make_room(&mut self) {
        while self.is_full() {
            let oldest = self.routes.iter().min_by_key(|(_, route)| route.used).map(|(flow, _)| *flow);
            let mut routes = self.routes.values_mut();
            match (routes.next(), routes.next()) {
                (Some(only), None) if !only.along.is_empty() => {
                    only.interval = only.interval.saturating_mul(2);
                    only.along.retain(|state| state.count.is_multiple_of(only.interval));
                }
                _ => self.routes.retain(|flow, _| Some(*flow) != oldest),
            }
        }
    }

    fn is_full(&self) -> bool {
        self.len() > self.most || self.weight() > MOST_BYTES
    }

    /// How many states are kept.
    pub(super) fn len(&self) -> usize {
        self.routes.values().flat_map(Route::states).count()
    }

    fn weight(&self) -> usize {
        self.routes.values().flat_map(Route::states).map(|state| state.flows.weight()).sum()
    }
}
