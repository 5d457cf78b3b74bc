//! Any packet again, in full: its tree, and the class of every byte.
//!
//! ```text
//!  flow:  ●───────────●───────────●─ ─ ─ ─►│packet│─ ─ ─ ─►│ all its bytes are classed
//!         start   checkpoints     └ quietly        quietly
//! ```
//!
//! The packet's flow is replayed from the last checkpoint before it, the packet is read with a tree, and the replay
//! goes on until the packet's bytes are classed as the pass classed them, for a message may be completed by later
//! packets. Checkpoints are made on the way: an [`Explainer`] that has been somewhere is soon there again.

use std::io;
use std::ops::{Deref, Range};

use crate::bytes::{Claim, Class, Fact, Findings, Ledger, Tree};
use crate::capture::Fetch;
use crate::flow::{Books, Flow, FlowKey, MessageRow, NO_FLOW, Pair, Question, Seen};
use crate::protocols::{NONE, Outline, Side};
use crate::trace::{Row, Trace};

mod again;
mod checkpoints;
mod copies;
mod course;
mod follow;
mod narrow;
mod stream;
mod units;

use again::Again;
use checkpoints::{Checkpoints, State};
pub use course::{Moment, course};
pub use follow::{Follower, Passage, follow};
pub use stream::{Conflict, Gap, SideStream, stream};
pub use units::{Ladder, Part, Wanted, units};

/// Packets of the flow that are read behind the one that is explained, to learn its classes: those of a message as
/// long as any that is kept ([`crate::flow::limits::TAIL`]), in segments of 256 bytes.
const LOOK_AHEAD: usize = 4096;

/// Packets that are replayed between two looks at the trace: about a millisecond, so that whoever fills the trace
/// waits no longer, and a replay that nobody wants any more ends soon.
const PACKETS: usize = 1024;

/// Rows that are looked through for packets of the flow between two looks at the trace; about a millisecond, too.
const ROWS: u32 = 1 << 17;

/// A packet, read in full.
#[derive(Debug)]
pub struct Explained {
    /// Its number, from 1.
    pub number: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The class of each byte.
    pub classes: Vec<Class>,
    /// The fields found in it and in the messages that it completed.
    pub tree: Tree,
    /// What its headers handed upwards.
    pub outline: Outline,
}

impl Explained {
    /// Its bytes by class.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        self.classes.iter().for_each(|class| ledger.add(*class, 1));
        ledger
    }

    fn unknown(&self) -> u64 {
        self.classes.iter().filter(|class| **class == Class::Unknown).count() as u64
    }
}

/// Reads packet `number` (from 1) again, in full. `None` if there is no such packet. Who wants many had better keep an
/// [`Explainer`].
///
/// # Errors
/// What reading the capture again says.
pub fn explain(trace: &Trace, fetch: &Fetch, number: u32) -> io::Result<Option<Explained>> {
    Explainer::default().explain(fetch, number, || Some(trace))
}

/// Explains packets of one trace, and remembers the way.
#[derive(Default)]
pub struct Explainer {
    checkpoints: Checkpoints,
}

impl Explainer {
    /// Reads packet `number` (from 1) again, in full. `None` if there is no such packet, or if it was told to stop.
    ///
    /// The trace may grow meanwhile: it is looked at again and again, each time for about a millisecond. When `look`
    /// gives `None`, the replay ends there; another one goes on from that place.
    ///
    /// # Errors
    /// What reading the capture again says.
    pub fn explain<T: Deref<Target = Trace>>(
        &mut self,
        fetch: &Fetch,
        number: u32,
        mut look: impl FnMut() -> Option<T>,
    ) -> io::Result<Option<Explained>> {
        let begun = look().and_then(|trace| self.begin(&trace, fetch, number));
        let Some(mut replay) = begun else { return Ok(None) };
        while replay.state.next < number {
            let Some(trace) = look() else {
                self.remember(&replay);
                return Ok(None);
            };
            replay.approach(&trace, number, &mut self.checkpoints)?;
        }
        let Some(trace) = look() else { return Ok(None) };
        self.remember(&replay);
        let Some(mut explained) = replay.read_in_full(&trace, number)? else { return Ok(None) };
        drop(trace);
        let mut left = LOOK_AHEAD;
        loop {
            let Some(trace) = look() else { return Ok(None) };
            if replay.look_ahead(&trace, &mut explained, &mut left)? {
                return Ok(Some(if trace.is_narrowed() { explained.narrow(&trace) } else { explained }));
            }
        }
    }

    /// Reads packet `number` (from 1) again with a tree that keeps what it wants, as it is known when the packet has been
    /// read: what later packets tell of it is left out. Returns its bytes; `None` if there is no such packet.
    ///
    /// # Errors
    /// What reading the capture again says.
    pub fn reread(
        &mut self,
        trace: &Trace,
        fetch: &Fetch,
        number: u32,
        tree: &mut Tree,
    ) -> io::Result<Option<Vec<u8>>> {
        let Some(mut replay) = self.begin(trace, fetch, number) else { return Ok(None) };
        while replay.state.next < number {
            replay.approach(trace, number, &mut self.checkpoints)?;
        }
        self.remember(&replay);
        let Some(row) = trace.row(number) else { return Ok(None) };
        let mut books = Watch { trace, flow: replay.flow, packet: 0, classes: &mut [] };
        replay.read(&mut books, number, &row, Some(tree))?;
        Ok(Some(replay.again.packet(&row)?.to_vec()))
    }

    /// The replay that leads to a packet, at the last checkpoint before it.
    fn begin<'f>(&mut self, trace: &Trace, fetch: &'f Fetch, number: u32) -> Option<Replay<'f>> {
        let flow = trace.row(number)?.flow;
        let start = trace.flows().all().get(flow as usize).map_or(number, |flow| flow.first.min(number));
        let state = self.checkpoints.last_before(flow, number).unwrap_or_else(|| State::at(start));
        let settled = flow != NO_FLOW && is_settled(trace, state.next);
        Some(Replay { flow, state, settled, again: Again::new(fetch), findings: Findings::keeping() })
    }

    /// Keeps the state of a replay, for the next one.
    fn remember(&mut self, replay: &Replay<'_>) {
        if replay.settled {
            self.checkpoints.keep_latest(replay.flow, replay.state.clone());
        }
    }
}

/// Whether it is known of all packets before `number` which flow they belong to: a fragment's is when its datagram is
/// whole or given up. A state that lacks one cannot be kept.
fn is_settled(trace: &Trace, number: u32) -> bool {
    trace.flows().first_waiting().is_none_or(|waiting| number <= waiting)
}

/// The packets of a flow among `range`, in order.
fn of_flow(trace: &Trace, flow: u32, range: Range<u32>) -> impl Iterator<Item = (u32, Row)> + '_ {
    let place = |number: u32| (number as usize).saturating_sub(1);
    let rows = trace.rows().within(place(range.start)..place(range.end));
    rows.zip(range.start..).filter(move |(row, _)| row.flow == flow).map(|(row, number)| (number, row))
}

/// A flow that is read again.
struct Replay<'f> {
    flow: u32,
    state: State,
    /// Whether the state can be kept.
    settled: bool,
    again: Again<'f>,
    findings: Findings,
}

impl Replay<'_> {
    /// Reads packets of the flow before `number`: as many as may be read at a time.
    fn approach(&mut self, trace: &Trace, number: u32, checkpoints: &mut Checkpoints) -> io::Result<()> {
        let mut books = Watch { trace, flow: self.flow, packet: 0, classes: &mut [] };
        let end = self.state.next.saturating_add(ROWS).min(number);
        let mut packets = of_flow(trace, self.flow, self.state.next..end);
        for (packet, row) in packets.by_ref().take(PACKETS) {
            if checkpoints.is_due(self.flow, &self.state) && is_settled(trace, packet) {
                checkpoints.keep(self.flow, self.state.clone());
            }
            self.read(&mut books, packet, &row, None)?;
            self.state.pass(packet);
        }
        self.state.next = packets.next().map_or(end, |(packet, _)| packet);
        self.settled = is_settled(trace, self.state.next);
        Ok(())
    }

    /// Reads the packet that is to be explained, with a tree.
    fn read_in_full(&mut self, trace: &Trace, number: u32) -> io::Result<Option<Explained>> {
        let Some(row) = trace.row(number) else { return Ok(None) };
        let mut tree = Tree::new();
        let mut classes = vec![Class::Unknown; row.captured as usize];
        let mut books = Watch { trace, flow: self.flow, packet: number, classes: &mut classes };
        let outline = self.read(&mut books, number, &row, Some(&mut tree))?;
        self.state.pass(number);
        let bytes = self.again.packet(&row)?.to_vec();
        Ok(Some(Explained { number, bytes, classes, tree, outline }))
    }

    /// Reads packets behind the one that is explained until its bytes are classed as the pass classed them: as many
    /// as may be read at a time, of those that are `left`. Returns whether that was all.
    fn look_ahead(&mut self, trace: &Trace, explained: &mut Explained, left: &mut usize) -> io::Result<bool> {
        let stays_unknown = trace.ledger(explained.number).of(Class::Unknown);
        if explained.unknown() <= stays_unknown {
            return Ok(true);
        }
        let last = trace.flows().all().get(self.flow as usize).map_or(0, |flow| flow.last);
        let end = self.state.next.saturating_add(ROWS).min(last.saturating_add(1));
        let at_a_time = PACKETS.min(*left);
        let mut packets = of_flow(trace, self.flow, self.state.next..end);
        for (packet, row) in packets.by_ref().take(at_a_time) {
            let (number, classes) = (explained.number, &mut explained.classes);
            let mut books = Watch { trace, flow: self.flow, packet: number, classes };
            self.read(&mut books, packet, &row, None)?;
            self.state.pass(packet);
            *left -= 1;
            if explained.unknown() <= stays_unknown {
                return Ok(true);
            }
        }
        self.state.next = packets.next().map_or(end, |(packet, _)| packet);
        if self.state.next > last || *left == 0 {
            let mut books =
                Watch { trace, flow: self.flow, packet: explained.number, classes: &mut explained.classes };
            self.state.flows.finish(&mut books);
            return Ok(true);
        }
        Ok(false)
    }

    fn read(
        &mut self,
        books: &mut Watch<'_>,
        number: u32,
        row: &Row,
        mut tree: Option<&mut Tree>,
    ) -> io::Result<Outline> {
        let bytes = self.again.packet(row)?;
        self.findings.clear();
        let mut outline = books.trace.walk(number, row, bytes, &mut self.findings, tree.as_deref_mut());
        if number == books.packet {
            self.findings.claims.ranges().iter().for_each(|claim| books.fill(claim));
        }
        let seen = Seen { number, time: row.time, bytes };
        self.state.flows.packet(seen, &mut outline, books, tree);
        Ok(outline)
    }
}

/// Books for one packet: which class each of its bytes is of.
struct Watch<'a> {
    trace: &'a Trace,
    /// The flow that is replayed.
    flow: u32,
    packet: u32,
    classes: &'a mut [Class],
}

impl Watch<'_> {
    fn fill(&mut self, claim: &Claim) {
        if let Some(range) = self.classes.get_mut(claim.start as usize..claim.end as usize) {
            range.fill(claim.class);
        }
    }
}

impl Books for Watch<'_> {
    fn settle(&mut self, packet: u32, at: u32, length: u32, class: Class) {
        if packet == self.packet {
            self.fill(&Claim { start: at, end: at.saturating_add(length), class });
        }
    }

    fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
        Ledger::default()
    }

    fn message(&mut self, _message: MessageRow, _subject: &str) {}

    fn fact(&mut self, _flow: u32, _packet: u32, _at: Range<u32>, _fact: &Fact) {}

    fn numbers(&self, key: &FlowKey, packet: u32) -> Option<(u32, u32)> {
        numbers(self.trace, self.flow, key, packet)
    }

    fn announced(&self, flow: u32) -> u8 {
        announced(self.trace, flow)
    }

    fn paired(&self, packet: u32) -> Option<(Pair, i64)> {
        paired(self.trace, packet)
    }
}

/// What was announced that a flow speaks: the flow that announced it is not replayed.
fn announced(trace: &Trace, flow: u32) -> u8 {
    trace.flows().all().get(flow as usize).map_or(NONE, Flow::announced)
}

/// How the message that a packet completes belongs to one of another flow, which is not replayed.
fn paired(trace: &Trace, packet: u32) -> Option<(Pair, i64)> {
    let pair = trace.messages_of(packet).next_back()?.pair;
    let asked = match pair {
        Pair::Answers { question: Question::InPacket(asked), .. } => trace.row(asked).map_or(0, |row| row.time),
        _ => 0,
    };
    Some((pair, asked))
}

/// The numbers of a flow that begins while `flow` is replayed: it is that one, one around it, or one that is spoken of.
fn numbers(trace: &Trace, flow: u32, key: &FlowKey, packet: u32) -> Option<(u32, u32)> {
    let flows = trace.flows();
    let around = std::iter::successors(flows.all().get(flow as usize), |of| flows.all().get(of.parent? as usize));
    let known = around.into_iter().find(|of| of.key == *key && of.first <= packet);
    known.or_else(|| flows.at(key, packet)).map(|of| (of.number, of.stream))
}

#[cfg(test)]
mod tests;
