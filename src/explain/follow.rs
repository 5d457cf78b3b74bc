//! What was said in a flow, in the order in which it was understood: message by message where somebody reads them,
//! else as the bytes came.
//!
//! ```text
//! bytes of a side in order ─► pending ─┬─ a message was read ─► the passage that is it
//!                                      └─ a gap, too much, nobody reads them ─► a passage without one
//! ```

use std::io;
use std::ops::{ControlFlow, Range};

use smallvec::SmallVec;

use super::again::Again;
use super::{announced, numbers, of_flow, paired};
use crate::bytes::{Claim, Class, Fact, Findings, Ledger, Piece, Tree};
use crate::capture::Fetch;
use crate::flow::{Books, FlowKey, Flows, MessageRow, Pair, Seen};
use crate::protocols::{Side, Transport};
use crate::trace::Trace;

/// Bytes that wait for their message: a longer one comes in several passages.
const LONGEST: usize = 1 << 20;

/// Something that one side said.
#[derive(Clone, Debug)]
pub struct Passage {
    /// Who said it.
    pub side: Side,
    /// Where it stands in the side's stream; 0 in a datagram.
    pub offset: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their classes, as far as they are known; ranges of `bytes`, in order.
    pub classes: Vec<Claim>,
    /// Which packets brought them; offsets count in `bytes`.
    pub origins: Vec<Piece>,
    /// The segments (or the datagram) that brought them: where each begins in `bytes`, and the packet that completed
    /// it. One that came in IP fragments has several origins.
    pub segments: Vec<(u64, u32)>,
    /// The message that it is, or whose end it is: its number within the flow, and what it is about.
    pub message: Option<(u32, MessageRow, String)>,
    /// What its content is without transfer and content coding, if it has some.
    pub decoded: Option<Vec<u8>>,
    /// Bytes before it that were not captured.
    pub missing: u64,
}

impl Passage {
    /// Its bytes by class.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        let mut classed = 0;
        for claim in &self.classes {
            ledger.add(claim.class, u64::from(claim.end - claim.start));
            classed += u64::from(claim.end - claim.start);
        }
        ledger.add(Class::Unknown, (self.bytes.len() as u64).saturating_sub(classed));
        ledger
    }

    /// Its bytes in runs of one class; what nobody has classed is Unknown.
    pub fn runs(&self) -> Vec<(Range<usize>, Class)> {
        let mut runs: Vec<(Range<usize>, Class)> = Vec::new();
        let mut add = |start: usize, end: usize, class: Class| match runs.last_mut() {
            Some((last, of)) if *of == class && last.end == start => last.end = end,
            _ if start < end => runs.push((start..end, class)),
            _ => {}
        };
        let mut at = 0;
        for claim in &self.classes {
            let (start, end) = ((claim.start as usize).max(at), (claim.end as usize).min(self.bytes.len()));
            add(at, start.min(self.bytes.len()), Class::Unknown);
            add(start, end, claim.class);
            at = at.max(end);
        }
        add(at, self.bytes.len(), Class::Unknown);
        runs
    }

    /// The packets that brought it, in order, each once.
    pub fn packets(&self) -> Vec<u32> {
        let mut packets: Vec<u32> = self.origins.iter().map(|piece| piece.packet).collect();
        packets.sort_unstable();
        packets.dedup();
        packets
    }
}

/// Whoever wants to hear what is said in a flow.
pub trait Follower {
    /// A side said something. Breaks if nothing more is wanted.
    fn passage(&mut self, passage: Passage) -> ControlFlow<()>;

    /// Packet `packet` brought bytes `offset..offset + length` of a side again.
    fn again(&mut self, _side: Side, _offset: u64, _length: u64, _packet: u32) {}
}

/// Reads flow `flow` again and tells what was said in it. Returns whether there is such a flow.
///
/// # Errors
/// What reading the capture again says.
pub fn follow(trace: &Trace, fetch: &Fetch, flow: u32, follower: &mut dyn Follower) -> io::Result<bool> {
    let Some(of) = trace.flows().all().get(flow as usize) else { return Ok(false) };
    let mut teller = Teller {
        trace,
        flow,
        datagrams: of.transport != Some(Transport::Tcp),
        is_read: of.protocol() != crate::protocols::NONE,
        sides: Default::default(),
        messages: 0,
        decoded: None,
        wanted: ControlFlow::Continue(()),
        follower,
    };
    let (mut flows, mut again, mut findings) = (Flows::new(true), Again::new(fetch), Findings::counting());
    // Content is decoded where a tree listens; of its fields none is wanted.
    let mut tree = Tree::only(Vec::new());
    for (number, row) in of_flow(trace, flow, of.first..of.last.saturating_add(1)) {
        let bytes = again.packet(&row)?;
        findings.clear();
        tree.clear();
        let mut outline = trace.walk(number, &row, bytes, &mut findings, None);
        flows.packet(Seen { number, time: row.time, bytes }, &mut outline, &mut teller, Some(&mut tree));
        if teller.wanted.is_break() {
            return Ok(true);
        }
    }
    flows.finish(&mut teller);
    for side in [Side::Client, Side::Server] {
        teller.tell_rest(side);
    }
    Ok(true)
}

/// What a side said and nobody has read yet.
#[derive(Default)]
struct Pending {
    offset: u64,
    bytes: Vec<u8>,
    classes: Vec<Claim>,
    /// Offsets count in the stream.
    origins: Vec<Piece>,
    /// Whether an earlier packet stands behind a later one: segments came out of order.
    mixed: bool,
    segments: Vec<(u64, u32)>,
    missing: u64,
}

impl Pending {
    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// What a packet brought of it.
    fn brought_by(&self, packet: u32) -> impl Iterator<Item = &Piece> {
        let (from, to) = if self.mixed {
            (0, self.origins.len())
        } else {
            let before = |piece: &Piece| piece.packet < packet;
            (self.origins.partition_point(before), self.origins.partition_point(|piece| piece.packet <= packet))
        };
        let pieces = self.origins.get(from..to).unwrap_or(&[]).iter();
        pieces.filter(move |piece| piece.packet == packet)
    }

    /// Takes out what stands before `end`.
    fn take(&mut self, side: Side, end: u64) -> Passage {
        let length = end.clamp(self.offset, self.end()) - self.offset;
        let (offset, middle) = (self.offset, self.offset + length);
        let rest = self.bytes.split_off(length as usize);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let moved = |piece: Piece| Piece { offset: piece.offset - offset, ..piece };
        let origins = self.origins.iter().filter_map(|piece| piece.within(offset, middle)).map(moved).collect();
        self.origins.retain(|piece| piece.end() > middle);
        let begun = self.segments.partition_point(|(start, _)| *start < middle);
        // The last one goes on behind the cut.
        let segments =
            self.segments.iter().take(begun).map(|(start, packet)| (start.saturating_sub(offset), *packet));
        let segments = segments.collect();
        self.segments.drain(..begun.saturating_sub(1));
        self.classes.sort_by_key(|claim| claim.start);
        let cut = length as u32;
        let within = |claim: &Claim| claim.start < cut;
        let classes = self
            .classes
            .iter()
            .filter(|claim| within(claim))
            .map(|claim| Claim { end: claim.end.min(cut), ..*claim });
        let classes = classes.collect();
        self.classes.retain_mut(|claim| {
            (claim.start, claim.end) = (claim.start.saturating_sub(cut), claim.end.saturating_sub(cut));
            claim.start < claim.end
        });
        self.offset = middle;
        let missing = std::mem::take(&mut self.missing);
        Passage { side, offset, bytes, classes, origins, segments, message: None, decoded: None, missing }
    }
}

/// Books that tell a follower what is said.
struct Teller<'a> {
    trace: &'a Trace,
    flow: u32,
    datagrams: bool,
    /// Whether there is somebody who reads messages in this flow.
    is_read: bool,
    sides: [Pending; 2],
    /// Messages that were read.
    messages: u32,
    /// The content of the message that is told next.
    decoded: Option<Vec<u8>>,
    wanted: ControlFlow<()>,
    follower: &'a mut dyn Follower,
}

impl Teller<'_> {
    fn side(&mut self, side: Side) -> &mut Pending {
        let [client, server] = &mut self.sides;
        match side {
            Side::Client => client,
            Side::Server => server,
        }
    }

    fn tell(&mut self, passage: Passage) {
        if self.wanted.is_continue() {
            let passage = if self.trace.is_narrowed() { passage.narrow(self.trace) } else { passage };
            self.wanted = self.follower.passage(passage);
        }
    }

    /// Tells what stands before `end` and is no message.
    fn tell_before(&mut self, side: Side, end: u64) {
        let pending = self.side(side);
        if pending.offset < end && !pending.bytes.is_empty() {
            let passage = pending.take(side, end);
            self.tell(passage);
        }
    }

    /// Tells everything that waits, also that bytes are missing at the end.
    fn tell_rest(&mut self, side: Side) {
        let pending = self.side(side);
        if !pending.bytes.is_empty() || pending.missing > 0 {
            let passage = pending.take(side, u64::MAX);
            self.tell(passage);
        }
    }
}

impl Books for Teller<'_> {
    fn settle(&mut self, packet: u32, at: u32, length: u32, class: Class) {
        for pending in &mut self.sides {
            let offset = pending.offset;
            let claim = |piece: &Piece| {
                let (from, to) =
                    (at.max(piece.at), at.saturating_add(length).min(piece.at.saturating_add(piece.length)));
                let start = (piece.offset + u64::from(from - piece.at)).checked_sub(offset)? as u32;
                (from < to).then(|| Claim { start, end: start + (to - from), class })
            };
            let claims: SmallVec<[Claim; 2]> = pending.brought_by(packet).filter_map(claim).collect();
            pending.classes.extend(claims);
        }
    }

    fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
        Ledger::default()
    }

    fn message(&mut self, message: MessageRow, subject: &str) {
        if message.flow != self.flow {
            return;
        }
        let number = self.messages;
        self.messages += 1;
        let (side, start) = (message.side, message.offset);
        self.tell_before(side, start);
        let mut passage = self.side(side).take(side, start + u64::from(message.length));
        passage.decoded = self.decoded.take();
        passage.message = Some((number, message, subject.to_owned()));
        self.tell(passage);
    }

    fn decoded(&mut self, flow: u32, content: &[u8]) {
        if flow == self.flow {
            self.decoded = Some(content.to_vec());
        }
    }

    fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: &Fact) {}

    fn numbers(&self, key: &FlowKey, packet: u32) -> Option<(u32, u32)> {
        numbers(self.trace, self.flow, key, packet)
    }

    fn announced(&self, flow: u32) -> u8 {
        announced(self.trace, flow)
    }

    fn paired(&self, packet: u32) -> Option<(Pair, i64)> {
        paired(self.trace, packet)
    }

    fn in_order(
        &mut self,
        flow: u32,
        side: Side,
        offset: u64,
        bytes: &[u8],
        origins: &mut dyn Iterator<Item = Piece>,
    ) {
        if flow != self.flow {
            return;
        }
        if !self.is_read {
            self.tell_rest(side.other());
        }
        let (datagrams, is_read) = (self.datagrams, self.is_read);
        let pending = self.side(side);
        if datagrams || !is_read || offset != pending.end() || pending.bytes.len() + bytes.len() > LONGEST {
            self.tell_before(side, u64::MAX);
        }
        let pending = self.side(side);
        if pending.bytes.is_empty() {
            pending.offset = offset;
            pending.origins.clear();
            pending.mixed = false;
            pending.segments.clear();
            pending.classes.clear();
        }
        pending.bytes.extend_from_slice(bytes);
        let from = pending.origins.len();
        pending.origins.extend(origins);
        let new = pending.origins.get(from.saturating_sub(1)..).unwrap_or(&[]);
        pending.mixed |= !new.is_sorted_by_key(|piece| piece.packet);
        let completed_by = pending.origins.iter().skip(from).map(|piece| piece.packet).max();
        pending.segments.extend(completed_by.map(|packet| (offset, packet)));
    }

    fn missing(&mut self, flow: u32, side: Side, _offset: u64, length: u64) {
        if flow == self.flow {
            self.tell_before(side, u64::MAX);
            self.side(side).missing += length;
        }
    }

    fn again(&mut self, flow: u32, side: Side, offset: u64, bytes: &[u8], packet: u32) {
        if flow == self.flow {
            self.follower.again(side, offset, bytes.len() as u64, packet);
        }
    }
}
