//! The flow table, and what happens to a packet in it.

mod datagrams;
mod flow;

use super::expected::Expected;
use super::fragments::{Carrier, Fragments};
use super::index::{Index, Sought};
use super::limits::Dropped;
use super::pairs::{Calls, Now, Pairs};
use super::sctp::Association;
use super::segment::Segment;
use super::speech::Spoken;
use super::tcp::{Arrived, Tcp};
use super::{Books, MessageRow, NO_FLOW};
use crate::bytes::{Announced, Class, Confidence, Fact, Findings, Ledger, Piece, Tally, Tree, Value, make_room};
use crate::protocols::{self, Endpoints, Outline, Said, Side, TcpOutline, Transport, tcp, udp};
use flow::source_is_client;
pub use flow::{Flow, FlowKey};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// What all flows share while packets are read.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) findings: Findings,
    /// Bytes of the flow that is being read that were Unknown and are not any more.
    moved: Ledger,
    has_moved: bool,
    /// Bytes held of all flows: before messages use them and beyond holes.
    pub(super) held: usize,
    /// Memory for bytes that wait, of sides that need none now.
    pub(super) spare: Vec<Vec<u8>>,
    /// Which packets carried the message that is being read; here so that its memory is kept.
    pub(super) origins: Vec<Piece>,
    /// Questions whose answers may come in other flows.
    pub(super) calls: Calls,
    pub(super) dropped: Dropped,
    /// Whether the bytes of skipped messages are kept too, because a tree will show them.
    pub(super) gather: bool,
    /// Depth at which messages stand in the tree.
    pub(super) depth: u8,
    /// Time of the packet that is being read, nanoseconds since 1970.
    pub(super) time: i64,
    /// Connections that others carry and that began to speak since they were counted last.
    pub(super) carried: u32,
    /// Conversations that messages of this packet announced, each with who said so.
    announced: Vec<(Side, Announced)>,
}

impl Desk {
    /// A desk with nothing on it.
    pub(super) fn new() -> Desk {
        Desk {
            findings: Findings::keeping(),
            moved: Ledger::NOTHING,
            has_moved: false,
            held: 0,
            spare: Vec::new(),
            origins: Vec::new(),
            calls: Calls::default(),
            dropped: Dropped::default(),
            gather: false,
            depth: 0,
            time: 0,
            carried: 0,
            announced: Vec::new(),
        }
    }

    /// Keeps memory for whoever needs some next; not much of it.
    pub(super) fn give_back(&mut self, spare: Vec<u8>) {
        const MOST: usize = 32;
        const LARGEST: usize = 64 << 10;
        if self.spare.len() < MOST && spare.capacity() <= LARGEST {
            self.spare.push(spare);
        }
    }

    /// Keeps what the message that `side` sent last announces.
    #[inline]
    pub(super) fn hear_announced(&mut self, side: Side) {
        if !self.findings.announced.is_empty() {
            self.announced.extend(self.findings.announced.drain(..).map(|announced| (side, announced)));
        }
    }

    /// The bytes of `piece`, until now Unknown, are of `class`.
    #[inline]
    pub(super) fn settle<B: Books>(&mut self, books: &mut B, piece: &Piece, class: Class) {
        if class != Class::Unknown {
            books.settle(piece.packet, piece.at, piece.length, class);
            self.moved.add(class, u64::from(piece.length));
            self.has_moved = true;
        }
    }

    /// Books in the flow's ledger what has got a class since this was done last.
    #[inline]
    fn book(&mut self, tally: &mut Tally) {
        if std::mem::take(&mut self.has_moved) {
            let moved = std::mem::replace(&mut self.moved, Ledger::NOTHING);
            let moved = moved.iter().filter(|(_, bytes)| *bytes > 0);
            moved.for_each(|(class, bytes)| tally.shift(Class::Unknown, class, bytes));
        }
    }
}

/// All flows of a capture, and the state by which the next packet is read. A copy goes on from here another time.
#[derive(Clone)]
pub struct Flows {
    flows: Vec<Flow>,
    index: Index,
    /// The flow whose ports a new connection has just taken over.
    over: Option<usize>,
    streams: [u32; 3],
    fragments: Fragments,
    /// SCTP's numbers and streams, by the flow's place.
    associations: HashMap<usize, Association, RandomState>,
    expected: Expected,
    /// Messages of packets that belong to no flow.
    apart: Pairs,
    desk: Desk,
}

/// What a packet, or the datagram that it completes, carries for its flow.
#[derive(Clone, Copy)]
struct Payload<'a> {
    bytes: &'a [u8],
    /// Offset of the first byte in its source: the packet (0) or derived bytes.
    at: u32,
    source: u8,
    /// Which packets carried derived bytes.
    origins: &'a [Piece],
    carriers: &'a [Carrier],
}

/// A packet as flows see it.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// Its number.
    pub number: u32,
    /// Its time, nanoseconds since 1970.
    pub time: i64,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl Default for Flows {
    fn default() -> Self {
        Flows::new(false)
    }
}

impl Flows {
    /// No flows yet. `gather` keeps the bytes of sealed messages, and what TCP's numbers tell, for a tree that shows
    /// them.
    pub fn new(gather: bool) -> Flows {
        Flows {
            flows: Vec::new(),
            index: Index::default(),
            over: None,
            streams: [0; 3],
            fragments: Fragments::default(),
            associations: HashMap::default(),
            expected: Expected::default(),
            apart: Pairs::default(),
            desk: Desk { gather, ..Desk::new() },
        }
    }

    /// All flows, in the order of their numbers (when reading from the start of a capture).
    pub fn all(&self) -> &[Flow] {
        &self.flows
    }

    /// Forgets which packets flows have, to count them anew.
    pub fn empty(&mut self) {
        self.flows.iter_mut().filter(|flow| flow.packets != [0, 0]).for_each(Flow::empty);
    }

    /// Counts a packet of flow `flow`, with its number and time, in order.
    pub fn count(&mut self, flow: u32, side: Side, packet: (u32, i64), ledger: &Ledger) {
        if let Some(flow) = self.flows.get_mut(flow as usize) {
            flow.count(side, packet, ledger);
        }
    }

    /// The flow of `key` that packet `packet` belongs to or begins: the latest that had begun by then.
    pub fn at(&self, key: &FlowKey, packet: u32) -> Option<&Flow> {
        let is_it = |flow: &&Flow| flow.key == *key && flow.first <= packet;
        let latest = self.index.find(&self.index.seek(*key), &self.flows).and_then(|index| self.flows.get(index));
        latest.filter(is_it).or_else(|| self.flows.iter().rev().find(is_it))
    }

    /// What limits dropped.
    pub fn dropped(&self) -> Dropped {
        self.desk.dropped
    }

    /// The first packet of which it is not known yet to which flow it belongs: a fragment that waits.
    pub fn first_waiting(&self) -> Option<u32> {
        self.fragments.first_waiting()
    }

    /// About how many bytes of memory a copy takes.
    pub fn weight(&self) -> usize {
        let flow = |flow: &Flow| size_of::<Flow>() + flow.tcp.as_ref().map_or(0, |tcp| tcp.weight());
        let flows: usize = self.flows.iter().map(flow).sum();
        let associations = self.associations.len() * size_of::<Association>();
        size_of::<Flows>() + flows + associations + self.desk.held + self.fragments.held()
    }

    /// Fetches into the processor's cache what [`Flows::packet`] will look at first. Where there are many flows that is
    /// what a packet costs, and several wait at the same time. Returns their keys' hashes, for [`Flows::packet`].
    #[inline]
    pub fn touch(&self, outlines: &[Outline]) -> [u32; Flows::TOUCHED] {
        let mut flows = [usize::MAX; Flows::TOUCHED];
        let mut hashes = [0; Flows::TOUCHED];
        for ((outline, flow), hash) in outlines.iter().zip(&mut flows).zip(&mut hashes) {
            let Some(ends) = &outline.endpoints else { continue };
            *hash = self.index.hash(&FlowKey::new(ends).0);
            *flow = self.index.near(*hash).unwrap_or(usize::MAX);
        }
        // First what is met first; then, when that has come, what it leads to.
        let near = || flows.iter().filter_map(|index| self.flows.get(*index));
        std::hint::black_box(near().fold(0, |sum, flow| flow.touch() ^ sum));
        std::hint::black_box(near().fold(0, |sum, flow| flow.tcp().map_or(0, Tcp::touch) ^ sum));
        hashes
    }

    /// Packets that may be touched at a time.
    pub const TOUCHED: usize = 32;

    /// Puts a packet to its flow and reads what its payload completes. Its row must be in the books,
    /// with its payload as Unknown.
    #[inline]
    pub fn packet<B: Books>(
        &mut self,
        seen: Seen<'_>,
        outline: &mut Outline,
        books: &mut B,
        tree: Option<&mut Tree>,
    ) {
        let hash = outline.endpoints.as_ref().map_or(0, |ends| self.index.hash(&FlowKey::new(ends).0));
        self.hashed_packet(seen, outline, hash, books, tree);
    }

    /// The same of a packet whose key's hash [`Flows::touch`] has told.
    pub fn hashed_packet<B: Books>(
        &mut self,
        seen: Seen<'_>,
        outline: &mut Outline,
        hash: u32,
        books: &mut B,
        mut tree: Option<&mut Tree>,
    ) {
        self.desk.time = seen.time;
        if outline.fragment.is_some() {
            self.fragment(seen, outline, books, tree.as_deref_mut());
            return self.hear_of(&seen, outline, books, tree);
        }
        let bytes = seen.bytes.get(outline.payload.start as usize..outline.payload.end as usize).unwrap_or(&[]);
        self.desk.depth = outline.layers.len() as u8;
        let payload = Payload { bytes, at: outline.payload.start, source: 0, origins: &[], carriers: &[] };
        let whose = self.deliver(seen, outline, Some(hash), payload, books, tree.as_deref_mut());
        if let Some(said) = &outline.said {
            self.hear(seen, outline, said, whose, books, tree.as_deref_mut());
        }
        self.hear_of(&seen, outline, books, tree);
    }

    /// Enters a message that the last header is. Where there is no flow it belongs to none.
    fn hear<B: Books>(
        &mut self,
        seen: Seen<'_>,
        outline: &Outline,
        said: &Said,
        whose: Option<(usize, Side)>,
        books: &mut B,
        tree: Option<&mut Tree>,
    ) {
        let (index, side) = whose.map_or((None, Side::Client), |(index, side)| (Some(index), side));
        let flow = index.and_then(|index| self.flows.get_mut(index));
        let (number, pairs) = match flow {
            Some(flow) => (flow.number, &mut flow.pairs),
            None => (NO_FLOW, &mut self.apart),
        };
        let Desk { calls, dropped, findings, depth, .. } = &mut self.desk;
        let now = Now {
            side,
            packet: seen.number,
            time: seen.time,
            protocol: outline.layers.last().copied().unwrap_or(protocols::NONE),
            link: outline.context,
            known: books.paired(seen.number),
        };
        let (pair, answered) = pairs.enter(&now, said.pairing, calls, dropped);
        if let (Some(answered), Some(tree)) = (answered, tree) {
            answered.note(*depth, seen.time, tree);
        }
        let (start, end) = said.place;
        let bytes = seen.bytes.get(start as usize..end as usize).unwrap_or(&[]);
        let length = bytes.len() as u32;
        let whole = Piece { offset: 0, length, packet: seen.number, at: start };
        books.in_order(number, side, 0, bytes, &mut std::iter::once(whole));
        findings.subject.clear();
        said.tell(&mut findings.subject);
        let row = MessageRow {
            flow: number,
            first: seen.number,
            last: seen.number,
            offset: 0,
            length,
            side,
            protocol: now.protocol,
            what: said.what,
            subject: MessageRow::NOTHING,
            pair,
        };
        books.message(row, &findings.subject);
    }

    /// An ICMP error speaks of a flow, which may be one that has no packet of its own here; tshark numbers it, too.
    #[inline]
    fn hear_of<B: Books>(&mut self, seen: &Seen<'_>, outline: &Outline, books: &mut B, tree: Option<&mut Tree>) {
        if let Some(quoted) = outline.quoted.as_ref().filter(|quoted| quoted.ports.is_some()) {
            self.hear_of_flow(quoted, seen, outline, books, tree);
        }
    }

    fn hear_of_flow<B: Books>(
        &mut self,
        quoted: &Endpoints,
        seen: &Seen<'_>,
        outline: &Outline,
        books: &mut B,
        tree: Option<&mut Tree>,
    ) {
        let (index, _) = self.find(quoted, None, None, seen, None, books);
        if let Some(tree) = tree {
            self.note_stream(index, tree);
        }
        if let (Some(flow), Some(complaint)) = (self.flows.get(index), outline.complaint) {
            let (start, end) = complaint.at;
            let (value, confidence) = (complaint.what.as_bytes().into(), Confidence::Certain);
            let fact = Fact { field: complaint.field, value, start, end, confidence, origins: Vec::new() };
            books.fact(flow.number, seen.number, start..end, &fact);
        }
    }

    /// Finds the flow of the outline's endpoints (by its key's hash, if that is known) and gives it the payload. Returns
    /// the flow's index and who sent.
    fn deliver<B: Books>(
        &mut self,
        seen: Seen<'_>,
        outline: &Outline,
        hash: Option<u32>,
        payload: Payload<'_>,
        books: &mut B,
        mut tree: Option<&mut Tree>,
    ) -> Option<(usize, Side)> {
        let mut parent = None;
        for outer in &outline.outer {
            let (index, _) = self.find(outer, None, None, &seen, parent, books);
            if let Some(tree) = tree.as_deref_mut() {
                self.note_stream(index, tree);
            }
            parent = Some(index);
        }
        let ends = outline.endpoints.as_ref()?;
        let (index, side) = self.find(ends, hash, outline.tcp.as_ref(), &seen, parent, books);
        if let Some(over) = self.over.take() {
            self.finish_flow(over, books);
        }
        // A header that is cut before its numbers is not counted as part of a stream.
        let counted = outline.tcp.is_some() || outline.transport != Some(Transport::Tcp);
        if let Some(tree) = tree.as_deref_mut().filter(|_| counted) {
            self.note_stream(index, tree);
        }
        let (flow, desk) = (self.flows.get_mut(index)?, &mut self.desk);
        // The packets that carried the earlier fragments come first: their bytes are about to get classes, too.
        for carrier in payload.carriers.iter().filter(|carrier| carrier.packet != seen.number) {
            flow.enter(side, *carrier, books);
        }
        flow.enter(side, Carrier { packet: seen.number, time: seen.time }, books);
        let Payload { bytes, at, source, origins, .. } = payload;
        let cut = outline.payload_length.saturating_sub(bytes.len() as u32);
        let segment = Segment { offset: 0, bytes, cut, packet: seen.number, at, source, origins };
        match (flow.transport, &outline.tcp) {
            (Some(Transport::Tcp), Some(header)) => {
                let arrived = Arrived { header, time: seen.time, begin: flow.first_time };
                if let (Some(tcp), mut reader) = flow.reader(side, seen.number, books, desk, tree) {
                    tcp.arrive(&arrived, segment, &mut reader);
                }
            }
            (Some(Transport::Udp), _) => {
                books.in_order(flow.number, side, 0, bytes, &mut segment.pieces());
                flow.datagram(side, segment, books, desk, tree);
            }
            (Some(Transport::Sctp), _) if !outline.user_data.is_empty() => {
                let association = self.associations.entry(index).or_default();
                association.arrive(
                    &outline.user_data,
                    &segment,
                    &mut flow.reader(side, seen.number, books, desk, tree).1,
                );
            }
            _ => {}
        }
        desk.book(&mut flow.tally);
        // As in tshark, a connection that another one carries takes a number of its own; it has no packets.
        let [tcp, ..] = &mut self.streams;
        *tcp += std::mem::take(&mut desk.carried);
        if !desk.announced.is_empty() {
            for (side, announced) in desk.announced.drain(..) {
                self.expected.enter(&announced, side, flow, &mut desk.dropped);
            }
        }
        Some((index, side))
    }

    fn note_stream(&self, index: usize, tree: &mut Tree) {
        let Some(flow) = self.flows.get(index) else { return };
        let field = match flow.transport {
            Some(Transport::Tcp) => &tcp::analysis::STREAM,
            Some(Transport::Udp) => &udp::STREAM,
            _ => return,
        };
        crate::flow::note(tree, self.desk.depth, field, Value::Number(flow.stream.into()));
    }

    /// The flow of these endpoints, made if it is new, and which side sent.
    #[inline]
    fn find<B: Books>(
        &mut self,
        ends: &Endpoints,
        hash: Option<u32>,
        header: Option<&TcpOutline>,
        seen: &Seen<'_>,
        parent: Option<usize>,
        books: &B,
    ) -> (usize, Side) {
        let (key, forward) = FlowKey::new(ends);
        let sought = hash.map_or_else(|| self.index.seek(key), |hash| Sought { key, hash });
        let found = self.index.find(&sought, &self.flows).or_else(|| self.answered(&key, forward, header));
        if let Some((index, flow)) = found.and_then(|index| Some((index, self.flows.get(index)?))) {
            let side = flow.sender(forward);
            if !header.is_some_and(|header| flow.begins_anew(side, header)) {
                return (index, side);
            }
        }
        self.open(&sought, forward, ends, header, seen, parent, found, books)
    }

    /// Makes the flow of these endpoints; it takes the place of the one that was `found`.
    #[allow(clippy::too_many_arguments)] // what `find` knows
    fn open<B: Books>(
        &mut self,
        sought: &Sought,
        forward: bool,
        ends: &Endpoints,
        header: Option<&TcpOutline>,
        seen: &Seen<'_>,
        parent: Option<usize>,
        found: Option<usize>,
        books: &B,
    ) -> (usize, Side) {
        let key = sought.key;
        self.over = found;
        let index = self.flows.len();
        let mut flow = self.begin(key, forward, ends, header, seen, parent);
        if let Some((number, stream)) = books.numbers(&key, seen.number) {
            (flow.number, flow.stream) = (number, stream);
            flow.speak(books.announced(number));
        } else if !self.expected.is_empty() {
            flow.speak(self.expected.take(&flow));
        }
        if found.is_some()
            && let Some(tcp) = &mut flow.tcp
        {
            tcp.reuse_ports();
        }
        let side = flow.sender(forward);
        make_room(&mut self.flows, 1);
        self.flows.push(flow);
        self.index.enter(sought, &mut self.flows);
        (index, side)
    }

    /// The flow that a packet without one answers, in an encapsulation of its own: this side of it was never heard.
    fn answered(&mut self, key: &FlowKey, forward: bool, header: Option<&TcpOutline>) -> Option<usize> {
        let index = self.index.latest(key, &self.flows)?;
        let flow = self.flows.get(index)?;
        let side = flow.sender(forward);
        let heard = |side: Side| flow.packets.get(side.index()).is_some_and(|packets| *packets > 0);
        let opens = header.is_some_and(|header| header.has(TcpOutline::SYN) && !header.has(TcpOutline::ACK));
        if flow.transport.is_none() || heard(side) || !heard(side.other()) || opens {
            return None;
        }
        self.index.answer(index, key, &mut self.flows);
        Some(index)
    }

    fn begin(
        &mut self,
        key: FlowKey,
        forward: bool,
        ends: &Endpoints,
        header: Option<&TcpOutline>,
        seen: &Seen<'_>,
        parent: Option<usize>,
    ) -> Flow {
        let transport = ends.ports.and(match ends.ip_number {
            6 => Some(Transport::Tcp),
            17 | 136 => Some(Transport::Udp),
            132 => Some(Transport::Sctp),
            _ => None,
        });
        let stream = transport.map_or(0, |transport| {
            let counter = self.streams.get_mut(transport as usize);
            counter.map_or(0, |counter| std::mem::replace(counter, *counter + 1))
        });
        let parent = parent.and_then(|index| self.flows.get(index)).map(|flow| flow.number);
        Flow {
            key,
            number: self.flows.len() as u32,
            stream,
            transport,
            ip_number: ends.ip_number,
            client_is_low: forward == source_is_client(ends, header),
            answer: None,
            parent,
            first: seen.number,
            last: seen.number,
            first_time: seen.time,
            last_time: seen.time,
            packets: [0; 2],
            tally: Tally::default(),
            tcp: (transport == Some(Transport::Tcp)).then(Box::default),
            announced: protocols::NONE,
            spoken: Spoken::Undecided(0),
            former: None,
            pairs: Pairs::default(),
        }
    }

    /// No more packets will come: reads what waits, as far as it goes, and closes all holes.
    pub fn finish<B: Books>(&mut self, books: &mut B) {
        for given_up in self.fragments.finish(&mut self.desk.dropped) {
            self.give_to_hosts(&given_up, books);
        }
        (0..self.flows.len()).for_each(|index| self.finish_flow(index, books));
    }

    /// A flow gets no more packets: reads what waits of it, and gives its memory back.
    fn finish_flow<B: Books>(&mut self, index: usize, books: &mut B) {
        let Some(flow) = self.flows.get_mut(index) else { return };
        if flow.tcp().is_none() && self.associations.is_empty() {
            return;
        }
        flow.finish(books, &mut self.desk);
        if let Some(mut association) = self.associations.remove(&index) {
            association.finish(&mut flow.reader(Side::Client, flow.last, books, &mut self.desk, None).1);
        }
        self.desk.book(&mut flow.tally);
    }
}
