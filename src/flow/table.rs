//! The flow table, and what happens to a packet in it.

mod datagrams;

use std::net::IpAddr;

use super::fragments::{Carrier, Fragments};
use super::index::Index;
use super::limits::{self, Dropped};
use super::segment::Segment;
use super::speech::{Behind, Reader, Recognised, Spoken, recognise};
use super::tcp::{Arrived, Tcp};
use super::{Books, MessageRow};
use crate::bytes::{Class, Cursor, Findings, Ledger, Piece, Tree, Value};
use crate::protocols::{
    self, Endpoints, Message, Outline, Protocol, Side, Start, TcpOutline, Transport, Under, tcp, udp,
};

/// What tells flows apart: both endpoints (the lower first, so that both directions are one flow) and all
/// encapsulation that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    low: (IpAddr, u16),
    high: (IpAddr, u16),
    ip_number: u8,
    context: u64,
}

impl FlowKey {
    /// The key of these endpoints, and whether the source is the lower one.
    pub fn new(ends: &Endpoints) -> (FlowKey, bool) {
        let ports = ends.ports.unwrap_or((0, 0));
        let source = (ends.addresses.source(), ports.0);
        let destination = (ends.addresses.destination(), ports.1);
        let forward = source <= destination;
        let (low, high) = if forward { (source, destination) } else { (destination, source) };
        (FlowKey { low, high, ip_number: ends.ip_number, context: ends.context }, forward)
    }

    /// The same endpoints in another encapsulation.
    pub(super) fn within(&self, context: u64) -> FlowKey {
        FlowKey { context, ..*self }
    }
}

/// Two endpoints talking.
#[derive(Clone)]
pub struct Flow {
    /// What tells it apart.
    pub key: FlowKey,
    /// Number, from 0, over all flows.
    pub number: u32,
    /// Number among the flows of its transport: `tcp.stream`, `udp.stream`.
    pub stream: u32,
    /// Transport, if it has ports.
    pub transport: Option<Transport>,
    /// IP protocol number.
    pub ip_number: u8,
    /// Whether the lower endpoint is the client.
    client_is_low: bool,
    /// The encapsulation in which the other side answers, if it is another one.
    answer: Option<u64>,
    /// The flow around it, if it runs in a tunnel.
    pub parent: Option<u32>,
    /// First packet.
    pub first: u32,
    /// Last packet.
    pub last: u32,
    /// Time of the first packet, nanoseconds since 1970.
    pub first_time: i64,
    /// Time of the last packet.
    pub last_time: i64,
    /// Packets by side.
    pub packets: [u32; 2],
    /// Bytes by class, of the packets that belong to this flow (those of flows within it are not counted here).
    pub ledger: Ledger,
    tcp: Option<Box<Tcp>>,
    spoken: Spoken,
}

impl Flow {
    /// The key by which the side is found that answers in another encapsulation.
    pub(super) fn answer_key(&self) -> Option<FlowKey> {
        self.answer.map(|context| self.key.within(context))
    }

    /// The other side answers in the encapsulation of `key`.
    pub(super) fn answers_in(&mut self, key: &FlowKey) {
        self.answer = Some(key.context);
    }

    /// Who sent a packet: `forward` if its source is the lower endpoint.
    fn sender(&self, forward: bool) -> Side {
        if self.client_is_low == forward { Side::Client } else { Side::Server }
    }

    /// Address and port of a side; port 0 where the transport has none.
    pub fn endpoint(&self, side: Side) -> (IpAddr, u16) {
        if self.client_is_low == (side == Side::Client) { self.key.low } else { self.key.high }
    }

    /// What is spoken, outermost first: `["tcp", "tls1.3", "h2"]`.
    pub fn stack(&self) -> Vec<&'static str> {
        let mut stack = match self.transport {
            Some(Transport::Tcp) => vec!["tcp"],
            Some(Transport::Udp) => vec!["udp"],
            Some(Transport::Sctp) => vec!["sctp"],
            None => {
                let place = protocols::finder().place(Under::Ip(self.ip_number));
                protocols::at(place).map(Protocol::name).into_iter().collect()
            }
        };
        if let Spoken::Dialogue(_, dialogue) = &self.spoken {
            stack.extend(dialogue.stack());
        }
        stack
    }

    /// Where a message or passage stands, counted from the first byte of its side that was captured.
    pub fn place(&self, side: Side, offset: u64) -> u64 {
        offset.saturating_sub(self.tcp().map_or(0, |tcp| tcp.begin(side)))
    }

    /// The TCP state, if the flow is one.
    pub fn tcp(&self) -> Option<&Tcp> {
        self.tcp.as_deref()
    }

    /// The protocol spoken above the transport, as its place in THE LIST; [`protocols::NONE`] if it is not known.
    pub fn protocol(&self) -> u8 {
        self.spoken.place()
    }
}

/// What all flows share while packets are read.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) findings: Findings,
    pub(super) moved: Ledger,
    /// Bytes held of all flows: before messages use them and beyond holes.
    pub(super) held: usize,
    /// Which packets carried the message that is being read; here so that its memory is kept.
    pub(super) origins: Vec<Piece>,
    pub(super) dropped: Dropped,
    /// Whether the bytes of skipped messages are kept too, because a tree will show them.
    pub(super) gather: bool,
    /// Depth at which messages stand in the tree.
    pub(super) depth: u8,
}

impl Desk {
    /// A desk with nothing on it.
    pub(super) fn new() -> Desk {
        Desk {
            findings: Findings::keeping(),
            moved: Ledger::default(),
            held: 0,
            origins: Vec::new(),
            dropped: Dropped::default(),
            gather: false,
            depth: 0,
        }
    }

    /// The bytes of `piece`, until now Unknown, are of `class`.
    #[inline]
    pub(super) fn settle<B: Books>(&mut self, books: &mut B, piece: &Piece, class: Class) {
        if class != Class::Unknown {
            books.settle(piece.packet, piece.at, piece.length, class);
            self.moved.add(class, u64::from(piece.length));
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
            desk: Desk { gather, ..Desk::new() },
        }
    }

    /// All flows, in the order of their numbers (when reading from the start of a capture).
    pub fn all(&self) -> &[Flow] {
        &self.flows
    }

    /// The flow of `key` that packet `packet` belongs to or begins: the latest that had begun by then.
    pub fn at(&self, key: &FlowKey, packet: u32) -> Option<&Flow> {
        let is_it = |flow: &&Flow| flow.key == *key && flow.first <= packet;
        let latest = self.index.find(key, &self.flows).and_then(|index| self.flows.get(index));
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
        size_of::<Flows>() + flows + self.desk.held + self.fragments.held()
    }

    /// Puts a packet to its flow and reads what its payload completes. Its row must be in the books,
    /// with its payload as Unknown.
    pub fn packet<B: Books>(
        &mut self,
        seen: Seen<'_>,
        outline: &mut Outline,
        books: &mut B,
        mut tree: Option<&mut Tree>,
    ) {
        if outline.fragment.is_some() {
            self.fragment(seen, outline, books, tree.as_deref_mut());
            return self.hear_of(&seen, outline, books, tree);
        }
        let bytes = seen.bytes.get(outline.payload.start as usize..outline.payload.end as usize).unwrap_or(&[]);
        self.desk.depth = outline.layers.len() as u8;
        let payload = Payload { bytes, at: outline.payload.start, source: 0, origins: &[], carriers: &[] };
        self.deliver(seen, outline, payload, books, tree.as_deref_mut());
        self.hear_of(&seen, outline, books, tree);
    }

    /// An ICMP error speaks of a flow, which may be one that has no packet of its own here; tshark numbers it, too.
    fn hear_of<B: Books>(&mut self, seen: &Seen<'_>, outline: &Outline, books: &B, tree: Option<&mut Tree>) {
        let Some(quoted) = outline.quoted.filter(|quoted| quoted.ports.is_some()) else { return };
        let (index, _) = self.find(&quoted, None, seen, None, books);
        if let Some(tree) = tree {
            self.note_stream(index, tree);
        }
    }

    /// Finds the flow of the outline's endpoints and gives it the payload. Returns the flow's index and who sent.
    fn deliver<B: Books>(
        &mut self,
        seen: Seen<'_>,
        outline: &Outline,
        payload: Payload<'_>,
        books: &mut B,
        mut tree: Option<&mut Tree>,
    ) -> Option<(usize, Side)> {
        let mut parent = None;
        for outer in &outline.outer {
            let (index, _) = self.find(outer, None, &seen, parent, books);
            if let Some(tree) = tree.as_deref_mut() {
                self.note_stream(index, tree);
            }
            parent = Some(index);
        }
        let ends = outline.endpoints.as_ref()?;
        let (index, side) = self.find(ends, outline.tcp.as_ref(), &seen, parent, books);
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
        desk.moved = Ledger::default();
        let Payload { bytes, at, source, origins, .. } = payload;
        let cut = outline.payload_length.saturating_sub(bytes.len() as u32);
        let segment = Segment { offset: 0, bytes, cut, packet: seen.number, at, source, origins };
        match (flow.transport, outline.tcp) {
            (Some(Transport::Tcp), Some(header)) => {
                let arrived = Arrived { header: &header, time: seen.time, begin: flow.first_time };
                if let (Some(tcp), mut reader) = flow.reader(side, seen.number, books, desk, tree) {
                    tcp.arrive(&arrived, segment, &mut reader);
                }
            }
            (Some(Transport::Udp), _) => {
                books.in_order(flow.number, side, 0, bytes, &mut segment.pieces());
                flow.datagram(side, segment, books, desk, tree);
            }
            _ => {}
        }
        for (class, bytes) in desk.moved.iter() {
            flow.ledger.shift(Class::Unknown, class, bytes);
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
    fn find<B: Books>(
        &mut self,
        ends: &Endpoints,
        header: Option<&TcpOutline>,
        seen: &Seen<'_>,
        parent: Option<usize>,
        books: &B,
    ) -> (usize, Side) {
        let (key, forward) = FlowKey::new(ends);
        let found = self.index.find(&key, &self.flows).or_else(|| self.answered(&key, forward, header));
        if let Some((index, flow)) = found.and_then(|index| Some((index, self.flows.get(index)?))) {
            let side = flow.sender(forward);
            if !header.is_some_and(|header| flow.begins_anew(side, header)) {
                return (index, side);
            }
        }
        self.over = found;
        let index = self.flows.len();
        let mut flow = self.begin(key, forward, ends, header, seen, parent);
        if let Some((number, stream)) = books.numbers(&key, seen.number) {
            (flow.number, flow.stream) = (number, stream);
        }
        if found.is_some()
            && let Some(tcp) = &mut flow.tcp
        {
            tcp.reuse_ports();
        }
        let side = flow.sender(forward);
        self.flows.push(flow);
        self.index.enter(&mut self.flows);
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
            ledger: Ledger::default(),
            tcp: (transport == Some(Transport::Tcp)).then(Box::default),
            spoken: Spoken::Undecided(0),
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
        self.desk.moved = Ledger::default();
        flow.finish(books, &mut self.desk);
        for (class, bytes) in self.desk.moved.iter() {
            flow.ledger.shift(Class::Unknown, class, bytes);
        }
    }
}

/// Whether the sender of a flow's first packet opened it.
fn source_is_client(ends: &Endpoints, header: Option<&TcpOutline>) -> bool {
    const WELL_KNOWN: u16 = 1024;
    if header.is_some_and(|header| header.has(TcpOutline::SYN)) {
        return !header.is_some_and(|header| header.has(TcpOutline::ACK));
    }
    // In the middle of a flow: a well-known port is a server's.
    !ends.ports.is_some_and(|(source, destination)| source < WELL_KNOWN && destination >= WELL_KNOWN)
}

impl Flow {
    /// A packet belongs to this flow.
    fn enter<B: Books>(&mut self, side: Side, carrier: Carrier, books: &mut B) {
        self.first = self.first.min(carrier.packet);
        self.first_time = self.first_time.min(carrier.time);
        self.last = self.last.max(carrier.packet);
        self.last_time = self.last_time.max(carrier.time);
        if let Some(count) = self.packets.get_mut(side.index()) {
            *count += 1;
        }
        self.ledger += books.assign(carrier.packet, self.number, side);
    }

    fn begins_anew(&self, side: Side, header: &TcpOutline) -> bool {
        self.tcp.as_ref().is_some_and(|tcp| tcp.begins_anew(side, header))
    }

    fn start(&self) -> Start {
        Start {
            transport: self.transport.unwrap_or(Transport::Udp),
            client_port: self.endpoint(Side::Client).1,
            server_port: self.endpoint(Side::Server).1,
        }
    }

    /// Everything that reading this flow needs, and its TCP state.
    fn reader<'r, B: Books>(
        &'r mut self,
        side: Side,
        packet: u32,
        books: &'r mut B,
        desk: &'r mut Desk,
        tree: Option<&'r mut Tree>,
    ) -> (Option<&'r mut Tcp>, Reader<'r, B>) {
        let (start, flow) = (self.start(), self.number);
        let spoken = &mut self.spoken;
        let reader = Reader {
            spoken,
            start,
            side,
            flow,
            packet,
            books,
            desk,
            tree,
            turn: false,
            other_waits: false,
            turned: false,
        };
        (self.tcp.as_deref_mut(), reader)
    }

    /// Tries to tell from a datagram what is spoken.
    fn decide(&mut self, side: Side, first: &[u8]) {
        let start = self.start();
        self.spoken = match recognise(&start, side, first, Behind::More) {
            Recognised::As(place, new) => Spoken::Dialogue(place, new(&start)),
            Recognised::Unsure | Recognised::Not => match &self.spoken {
                Spoken::Undecided(seen) if *seen + 1 < limits::PROBE_DATAGRAMS => Spoken::Undecided(*seen + 1),
                _ => Spoken::Nothing,
            },
        };
    }

    /// Reads a datagram: it is one message.
    fn datagram<B: Books>(
        &mut self,
        side: Side,
        segment: Segment<'_>,
        books: &mut B,
        desk: &mut Desk,
        tree: Option<&mut Tree>,
    ) {
        if segment.bytes.is_empty() {
            return;
        }
        if matches!(self.spoken, Spoken::Undecided(_)) {
            self.decide(side, segment.bytes);
        }
        let (flow, number) = (self.number, segment.packet);
        let Spoken::Dialogue(protocol, dialogue) = &mut self.spoken else { return };
        desk.findings.clear();
        let mut c =
            Cursor::new(segment.bytes, segment.at, segment.source, &mut desk.findings, tree).with_depth(desk.depth);
        let message = match dialogue.read(side, &mut c) {
            Ok(message) => message,
            Err(stop) => {
                c.stopped(&stop);
                Message::new("malformed")
            }
        };
        let findings = std::mem::take(&mut desk.findings);
        let whole =
            [Piece { offset: segment.at.into(), length: segment.bytes.len() as u32, packet: number, at: segment.at }];
        let pieces = if segment.origins.is_empty() { &whole } else { segment.origins };
        for claim in findings.claims.ranges() {
            let parts = pieces.iter().filter_map(|piece| piece.within(claim.start.into(), claim.end.into()));
            parts.for_each(|piece| desk.settle(books, &piece, claim.class));
        }
        let row = MessageRow {
            flow,
            first: pieces.iter().map(|piece| piece.packet).min().unwrap_or(number),
            last: number,
            offset: 0,
            length: segment.bytes.len() as u32,
            side,
            protocol: *protocol,
            what: message.what,
            subject: MessageRow::NOTHING,
        };
        books.message(row, &findings.subject);
        desk.findings = findings;
        for fact in desk.findings.facts.drain(..) {
            let at = fact.start..fact.end;
            books.fact(flow, number, at, fact);
        }
    }

    fn finish<B: Books>(&mut self, books: &mut B, desk: &mut Desk) {
        if let (Some(tcp), mut reader) = self.reader(Side::Client, self.last, books, desk, None) {
            tcp.finish(&mut reader);
        }
    }
}
