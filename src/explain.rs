//! Any packet again, in full: its tree, and the class of every byte.
//!
//! The packet's flow is replayed quietly from its start, the packet is read with a tree, and the replay
//! goes on until all its bytes are classed, for a message may be completed by later packets.

use crate::bytes::{Claim, Class, Fact, Findings, Ledger, Tree};
use crate::capture::{Fetch, Interface};
use crate::flow::{Books, FlowKey, Flows, MessageRow, NO_FLOW, Seen};
use crate::packet::{self, Frame};
use crate::protocols::{Outline, Side, frame};
use crate::trace::{Row, Trace};

mod stream;
pub use stream::{Conflict, Gap, SideStream, stream};

/// Packets of the flow that are read behind the one that is explained, to learn its classes.
const LOOK_AHEAD: usize = 512;

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
}

/// Books for one packet: which class each of its bytes is of.
struct Watch {
    packet: u32,
    classes: Vec<Class>,
}

impl Watch {
    fn fill(&mut self, claim: &Claim) {
        if let Some(range) = self.classes.get_mut(claim.start as usize..claim.end as usize) {
            range.fill(claim.class);
        }
    }
}

impl Books for Watch {
    fn settle(&mut self, packet: u32, at: u32, length: u32, class: Class) {
        if packet == self.packet {
            self.fill(&Claim { start: at, end: at.saturating_add(length), class });
        }
    }

    fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
        Ledger::default()
    }

    fn message(&mut self, _message: MessageRow, _subject: &str) {}

    fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: Fact) {}
}

/// Reads packet `number` (from 1) again, in full. `None` if there is no such packet.
///
/// # Errors
/// What reading the capture again says.
pub fn explain(
    trace: &Trace,
    interfaces: &[Interface],
    fetch: &Fetch,
    number: u32,
) -> std::io::Result<Option<Explained>> {
    let Some(row) = trace.row(number) else { return Ok(None) };
    let numbering = |key: &FlowKey, packet: u32| {
        let known = trace.flows().all().iter().rev().find(|flow| flow.key == *key && flow.first <= packet)?;
        Some((known.number, known.stream))
    };
    let mut replay = Replay {
        interfaces,
        flows: Flows::new(true, Some(&numbering)),
        watch: Watch { packet: number, classes: vec![Class::Unknown; row.captured as usize] },
        bytes: Vec::new(),
    };
    for (before, row) in of_flow(trace, row.flow, number, true) {
        replay.read(fetch, before, row, None)?;
    }
    let mut tree = Tree::new();
    let outline = replay.read(fetch, number, row, Some(&mut tree))?;
    let bytes = replay.bytes.clone();
    let mut open = replay.unknown();
    for (after, row) in of_flow(trace, row.flow, number, false).take(LOOK_AHEAD) {
        if !open {
            break;
        }
        replay.read(fetch, after, row, None)?;
        open = replay.unknown();
    }
    replay.flows.finish(&mut replay.watch);
    Ok(Some(Explained { number, bytes, classes: replay.watch.classes, tree, outline }))
}

/// The packets of a flow before or behind `number`, in order.
fn of_flow(trace: &Trace, flow: u32, number: u32, before: bool) -> impl Iterator<Item = (u32, &Row)> + '_ {
    let first = match (trace.flows().all().get(flow as usize), before) {
        (Some(flow), true) => flow.first,
        (Some(_), false) => number.saturating_add(1),
        (None, _) => u32::MAX,
    };
    let range = if before { first.min(number)..number } else { first..trace.rows().len() as u32 + 1 };
    range
        .filter_map(move |n| trace.row(n).map(|row| (n, row)))
        .filter(move |(_, row)| row.flow == flow && flow != NO_FLOW)
}

struct Replay<'a> {
    interfaces: &'a [Interface],
    flows: Flows<'a>,
    watch: Watch,
    bytes: Vec<u8>,
}

impl Replay<'_> {
    fn unknown(&self) -> bool {
        self.watch.classes.contains(&Class::Unknown)
    }

    fn read(
        &mut self,
        fetch: &Fetch,
        number: u32,
        row: &Row,
        mut tree: Option<&mut Tree>,
    ) -> std::io::Result<Outline> {
        fetch.read(row.position, row.captured, &mut self.bytes)?;
        let interface = self.interfaces.get(usize::from(row.interface));
        let mut findings = Findings::keeping();
        if let Some(tree) = tree.as_deref_mut() {
            let of = frame::Circumstances {
                number,
                time: row.timed().then_some(row.time),
                length: row.length,
                captured: row.captured,
                interface: interface.and_then(|interface| interface.number),
            };
            frame::note(tree, &of);
        }
        let mut outline =
            packet::walk(Frame::on(interface, row.length), &self.bytes, &mut findings, tree.as_deref_mut());
        if number == self.watch.packet {
            findings.claims.ranges().iter().for_each(|claim| self.watch.fill(claim));
        }
        let seen = Seen { number, time: row.time, bytes: &self.bytes };
        self.flows.packet(seen, &mut outline, &mut self.watch, tree);
        Ok(outline)
    }
}
