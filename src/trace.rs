//! The one pass over a capture, and what it leaves behind: rows, flows, messages, facts, totals.
//!
//! What is left is small and indexed; text is made later, for what is visible. A [`Listener`] gets each
//! packet as it is read, with a tree; without one the pass is quiet and notes nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::bytes::{Findings, Ledger, Tree};
use crate::capture::owners::{Carrier, Owners, Process};
use crate::capture::{Block, Head, Interface, Progress, Source};
use crate::flow::{Flows, MessageRow, Seen};
use crate::packet::{self, Frame};
use crate::protocols::{Outline, Side, TcpOutline, Transport, frame, offload};

mod journal;
mod narrow;
mod rows;
mod words;
use journal::Journal;
use narrow::Dark;
pub use narrow::Narrowed;
use rows::PackedMessage;
pub use rows::{FactRow, Place, Row, Rows};
pub use words::Words;

/// What one pass leaves behind.
#[derive(Clone, Default)]
pub struct Trace {
    links: Vec<Link>,
    books: Journal,
    flows: Flows,
    /// What somebody does not see whose trace this is.
    dark: Dark,
    narrowed: bool,
    /// Where the messages stand that were asked for last: whoever asks next asks near it.
    asked: Asked,
    owners: Owners,
    offload: offload::Totals,
}

/// A place that was asked for last: a guess that changes nothing but how soon the next one is found.
#[derive(Default)]
struct Asked(AtomicUsize);

impl Clone for Asked {
    fn clone(&self) -> Asked {
        Asked::default()
    }
}

/// What reading a packet needs of the interface that it was captured on.
#[derive(Clone)]
struct Link {
    frame: Frame,
    number: Option<u32>,
    mtu: Option<u32>,
    /// Bytes beyond which a packet may be larger than the MTU.
    suspicious: u32,
}

impl Link {
    fn of(interface: &Interface) -> Link {
        let header = offload::link_header(interface.link_type);
        Link {
            frame: Frame::on(Some(interface), 0),
            number: interface.number,
            mtu: interface.mtu,
            suspicious: interface.mtu.zip(header).map_or(u32::MAX, |(mtu, header)| mtu.saturating_add(header)),
        }
    }
}

impl Trace {
    /// All packets, in order; packet `n` is at `n - 1`.
    pub fn rows(&self) -> Rows<'_, Row> {
        Rows::of(&self.books)
    }

    /// The row of packet `number` (from 1).
    pub fn row(&self, number: u32) -> Option<Row> {
        self.rows().get((number as usize).checked_sub(1)?)
    }

    /// The bytes of packet `number` by class; they sum to its captured length.
    pub fn ledger(&self, number: u32) -> Ledger {
        self.books.ledger(number)
    }

    /// All flows.
    pub fn flows(&self) -> &Flows {
        &self.flows
    }

    /// The processes that had a flow's sockets on the machine that captured, as far as it told: the client's, the
    /// server's.
    pub fn owners(&self, flow: u32) -> [Option<Arc<Process>>; 2] {
        // Nobody else sees them.
        let Some(flow) = self.flows.all().get(flow as usize).filter(|_| !self.narrowed) else { return [None, None] };
        let carrier = match flow.transport {
            Some(Transport::Tcp) => Carrier::Tcp,
            Some(Transport::Udp) => Carrier::Udp,
            _ => return [None, None],
        };
        let [client, server] = [Side::Client, Side::Server].map(|side| SocketAddr::from(flow.endpoint(side)));
        [self.owners.of(carrier, client, server), self.owners.of(carrier, server, client)]
    }

    /// What network cards did with packets, or were still to do.
    pub fn offload(&self) -> offload::Totals {
        self.offload
    }

    /// Whether the capture tells any process.
    pub fn tells_owners(&self) -> bool {
        !self.narrowed && !self.owners.is_empty()
    }

    /// All messages, in the order of the packets that completed them.
    pub fn messages(&self) -> Rows<'_, MessageRow> {
        Rows::of(&self.books)
    }

    /// The number within its flow of the message at this place among all, where some are left out.
    pub fn number_kept(&self, place: usize) -> Option<u32> {
        self.books.numbers.get(place).copied()
    }

    /// The messages that packet `number` completed.
    pub fn messages_of(&self, number: u32) -> Rows<'_, MessageRow> {
        /// Farther than so many messages it is sooner sought.
        const NEAR: usize = 16;
        let all = &self.books.messages;
        let before = |message: &PackedMessage| message.last < number;
        let asked = self.asked.0.load(Ordering::Relaxed);
        let near = all.get(asked..).unwrap_or(&[]).iter().take(NEAR).take_while(|message| before(message)).count();
        let start = asked + near;
        let is_it = start.checked_sub(1).is_none_or(|at| all.get(at).is_some_and(before))
            && all.get(start).is_none_or(|message| !before(message));
        let start = if is_it { start } else { all.partition_point(before) };
        self.asked.0.store(start, Ordering::Relaxed);
        let these = all.get(start..).unwrap_or(&[]).iter().take_while(|message| message.last == number).count();
        self.messages().within(start..start + these)
    }

    /// All facts, in the order in which they were stated.
    pub fn facts(&self) -> Rows<'_, FactRow> {
        Rows::of(&self.books)
    }

    /// Where the evidence of a fact stands, which has this place among all of them: in several packets if it crosses
    /// them.
    pub fn evidence(&self, place: usize) -> impl Iterator<Item = Place> + '_ {
        let first =
            self.facts().get(place).map(|fact| Place { packet: fact.packet, start: fact.start, end: fact.end });
        let more = &self.books.more;
        let from = more.partition_point(|(of, _)| (*of as usize) < place);
        let goes_on = more.get(from..).unwrap_or(&[]).iter().take_while(move |(of, _)| *of as usize == place);
        first.into_iter().chain(goes_on.map(|(_, place)| *place))
    }

    /// The words that messages and facts point to.
    pub fn words(&self) -> &Words {
        &self.books.words
    }

    /// All bytes by class: sums to all captured bytes.
    pub fn total(&self) -> Ledger {
        self.books.total
    }

    /// Bytes that were on the wire and not captured (snap length).
    pub fn missing(&self) -> u64 {
        self.books.missing
    }

    /// Bytes that were on the wire.
    pub fn on_wire(&self) -> u64 {
        self.books.on_wire
    }

    /// The earliest and the latest time of a packet, nanoseconds since 1970.
    pub fn times(&self) -> Option<(i64, i64)> {
        self.books.times
    }

    /// What a message is about (not escaped); empty if nothing was said.
    pub fn subject(&self, message: &MessageRow) -> &[u8] {
        self.books.words.at(message.subject)
    }
}

/// What a listener gets of each packet: everything that is known when it has been read.
pub struct Heard<'a> {
    /// Its number, from 1.
    pub number: u32,
    /// Its place and circumstances.
    pub head: &'a Head,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What its headers handed upwards.
    pub outline: &'a Outline,
    /// The fields found in it and in the messages that it completed.
    pub tree: &'a Tree,
    /// Everything read so far.
    pub trace: &'a Trace,
}

/// Somebody who hears each packet as the pass reads it, in order.
pub trait Listener {
    /// The tree to note fields in: it is asked for once.
    fn tree(&self) -> Tree;
    /// A packet was read. `false` ends the pass.
    fn packet(&mut self, heard: &Heard<'_>) -> bool;
    /// All packets that are there now were heard; more may come.
    fn pause(&mut self) {}
}

/// The pass: reads blocks of packets into a trace.
pub struct Pass<'l> {
    source: Source,
    block: Block,
    findings: Findings,
    /// Of the packets that are read together.
    outlines: Vec<Outline>,
    listener: Option<(&'l mut dyn Listener, Tree)>,
    ended: bool,
}

impl<'l> Pass<'l> {
    /// A quiet pass over `source`.
    pub fn new(source: Source) -> Pass<'l> {
        Pass {
            source,
            block: Block::new(),
            findings: Findings::counting(),
            outlines: Vec::new(),
            listener: None,
            ended: false,
        }
    }

    /// Lets `listener` hear each packet. The trace must be [`Pass::trace`]'s.
    #[must_use]
    pub fn with_listener(mut self, listener: &'l mut dyn Listener) -> Pass<'l> {
        let tree = listener.tree();
        self.listener = Some((listener, tree));
        self
    }

    /// An empty trace, as this pass needs it.
    pub fn trace(&self) -> Trace {
        Trace { flows: Flows::new(self.listener.is_some()), ..Trace::default() }
    }

    /// What is read.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What was read, when the pass is over.
    pub fn into_source(self) -> Source {
        self.source
    }

    /// Reads one block of packets into `trace`.
    pub fn step(&mut self, trace: &mut Trace) -> Progress {
        let progress = self.fill();
        self.enter(trace, progress)
    }

    /// Reads the next block of packets, for [`Pass::enter`]. It may wait for input; no trace need be locked for it.
    pub fn fill(&mut self) -> Progress {
        if self.ended { Progress::End } else { self.source.next_block(&mut self.block) }
    }

    /// Puts the packets of the block that was filled last into `trace`.
    pub fn enter(&mut self, trace: &mut Trace, progress: Progress) -> Progress {
        if self.ended {
            return Progress::End;
        }
        trace.owners.clone_from(self.source.owners());
        let new = self.source.interfaces().get(trace.links.len()..).unwrap_or_default();
        trace.links.extend(new.iter().map(Link::of));
        match &mut self.listener {
            None => trace.read_quietly(&self.block, &mut self.findings, &mut self.outlines),
            Some((listener, tree)) => {
                for (head, bytes) in self.block.packets() {
                    let number = trace.books.rows.len() as u32 + 1;
                    self.findings.clear();
                    tree.clear();
                    let outline = trace.read(number, head, bytes, &mut self.findings, tree);
                    if !listener.packet(&Heard { number, head, bytes, outline: &outline, tree, trace }) {
                        self.ended = true;
                        return Progress::End;
                    }
                }
            }
        }
        if let Some((listener, _)) = &mut self.listener {
            listener.pause();
        }
        if progress == Progress::End {
            self.ended = true;
            trace.finish();
        }
        progress
    }

    /// Reads everything that is there; a growing source is read to its end, waiting when nothing is new.
    pub fn run(&mut self) -> Trace {
        const PATIENCE: Duration = Duration::from_millis(20);
        let mut trace = self.trace();
        loop {
            match self.step(&mut trace) {
                Progress::Packets => {}
                Progress::Waiting => std::thread::sleep(PATIENCE),
                Progress::End => return trace,
            }
        }
    }
}

impl Trace {
    /// Reads the headers of packet `number` from its bytes, and notes what the capture says of it.
    pub fn walk(
        &self,
        number: u32,
        row: &Row,
        bytes: &[u8],
        findings: &mut Findings,
        mut tree: Option<&mut Tree>,
    ) -> Outline {
        if let Some(tree) = tree.as_deref_mut() {
            let link = self.links.get(usize::from(row.interface));
            let of = frame::Circumstances {
                number,
                time: row.timed().then_some(row.time),
                length: row.length,
                captured: row.captured,
                interface: link.and_then(|link| link.number),
            };
            frame::note(tree, &of);
            // What stands in no byte stands before the layers; only a large packet is worth to be looked at twice.
            if let Some(mtu) = link.filter(|link| row.length > link.suspicious).and_then(|link| link.mtu) {
                let outline = packet::walk(self.frame(row), bytes, &mut Findings::counting(), None);
                offload::note(tree, &outline, mtu);
            }
        }
        let outline = packet::walk(self.frame(row), bytes, findings, tree.as_deref_mut());
        if !self.dark.is_any() {
            return outline;
        }
        if let Some(tree) = tree {
            tree.retain(|node| self.sees_field(node.field));
        }
        self.outline(&outline)
    }

    /// Counts what a network card did. Only large packets and the first ones of connections are looked at.
    #[inline]
    fn count_offload(&mut self, row: &Row, outline: &Outline, bytes: &[u8]) {
        let link = self.links.get(usize::from(row.interface));
        let begins = outline.tcp.is_some_and(|tcp| tcp.has(TcpOutline::SYN));
        if begins || link.is_some_and(|link| row.length > link.suspicious) {
            self.offload.count(outline, bytes, link.and_then(|link| link.mtu));
        }
    }

    /// What the capture says of a packet's frame.
    #[inline]
    fn frame(&self, row: &Row) -> Frame {
        let link = self.links.get(usize::from(row.interface));
        let frame = link.map_or_else(|| Frame::on(None, 0), |link| link.frame);
        Frame { length: row.length, ..frame }
    }

    /// Reads a packet with a tree.
    fn read(&mut self, number: u32, head: &Head, bytes: &[u8], findings: &mut Findings, tree: &mut Tree) -> Outline {
        let row = Row::new(head);
        let mut outline = self.walk(number, &row, bytes, findings, Some(tree));
        self.count_offload(&row, &outline, bytes);
        self.books.push(&row, &outline, &findings.claims.ledger);
        let seen = Seen { number, time: head.time, bytes };
        self.flows.packet(seen, &mut outline, &mut self.books, Some(tree));
        outline
    }

    /// Reads the packets of a block without a tree, some at a time: first their headers, then what is known of their
    /// flows, then what they say.
    fn read_quietly(&mut self, block: &Block, findings: &mut Findings, outlines: &mut Vec<Outline>) {
        for heads in block.heads().chunks(Flows::TOUCHED) {
            let before = self.books.rows.len() as u32;
            outlines.resize_with(Flows::TOUCHED, Outline::default);
            for (head, outline) in heads.iter().zip(outlines.iter_mut()) {
                let row = Row::new(head);
                findings.clear();
                packet::walk_into(outline, self.frame(&row), block.bytes_of(head), findings, None);
                self.count_offload(&row, outline, block.bytes_of(head));
                self.books.push(&row, outline, &findings.claims.ledger);
            }
            let hashes = self.flows.touch(outlines.get(..heads.len()).unwrap_or(outlines));
            for (((head, outline), hash), number) in
                heads.iter().zip(outlines.iter_mut()).zip(hashes).zip(before + 1..)
            {
                let seen = Seen { number, time: head.time, bytes: block.bytes_of(head) };
                self.flows.hashed_packet(seen, outline, hash, &mut self.books, None);
            }
        }
    }

    fn finish(&mut self) {
        self.flows.finish(&mut self.books);
        self.books.messages.sort_by_key(|message| message.last);
    }
}
