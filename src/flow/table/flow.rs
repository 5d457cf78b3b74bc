//! One flow: who talks with whom, and what a packet of it tells.

use std::net::IpAddr;

use smallvec::SmallVec;

use super::Desk;
use crate::bytes::{Cursor, Ledger, Piece, Tally, Tree};
use crate::flow::fragments::Carrier;
use crate::flow::pairs::{Now, Pairs};
use crate::flow::segment::Segment;
use crate::flow::speech::{Behind, Reader, Recognised, Spoken, recognise, tell};
use crate::flow::tcp::Tcp;
use crate::flow::{Books, MessageRow, limits};
use crate::protocols::{
    self, Addresses, Endpoints, Message, Protocol, Read, Side, Start, TcpOutline, Transport, Under,
};

/// What tells flows apart: both endpoints (the lower first, so that both directions are one flow) and all
/// encapsulation that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowKey {
    /// Addresses as two numbers each; the first is 0 for IPv4.
    low: [u64; 2],
    high: [u64; 2],
    context: u64,
    ports: [u16; 2],
    ip_number: u8,
    is_v6: bool,
}

impl std::hash::Hash for FlowKey {
    #[inline]
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let [[low_first, low], [high_first, high]] = [self.low, self.high];
        let [low_port, high_port] = self.ports.map(u64::from);
        if self.is_v6 {
            for part in [low_first, low, high_first, high] {
                state.write_u64(part);
            }
        } else {
            state.write_u64(low << 32 | high);
        }
        state.write_u64(low_port << 24 | high_port << 8 | u64::from(self.ip_number) | u64::from(self.is_v6) << 40);
        if self.context != 0 {
            state.write_u64(self.context);
        }
    }
}

impl FlowKey {
    /// The key of these endpoints, and whether the source is the lower one.
    #[inline]
    pub fn new(ends: &Endpoints) -> (FlowKey, bool) {
        let ports = ends.ports.unwrap_or((0, 0));
        let (source, destination, is_v6) = match ends.addresses {
            Addresses::V4(source, destination) => {
                let number = |address| [0, u64::from(u32::from_be_bytes(address))];
                (number(source), number(destination), false)
            }
            Addresses::V6(source, destination) => {
                let halves = |address| {
                    let whole = u128::from_be_bytes(address);
                    [(whole >> 64) as u64, whole as u64]
                };
                (halves(source), halves(destination), true)
            }
        };
        let forward = (source, ports.0) <= (destination, ports.1);
        let (low, high) = if forward { (source, destination) } else { (destination, source) };
        let ports = if forward { [ports.0, ports.1] } else { [ports.1, ports.0] };
        (FlowKey { low, high, context: ends.context, ports, ip_number: ends.ip_number, is_v6 }, forward)
    }

    /// Address and port of the lower endpoint, or of the higher one.
    fn endpoint(&self, low: bool) -> (IpAddr, u16) {
        let [first, second] = if low { self.low } else { self.high };
        let address = if self.is_v6 {
            IpAddr::from((u128::from(first) << 64 | u128::from(second)).to_be_bytes())
        } else {
            IpAddr::from((second as u32).to_be_bytes())
        };
        (address, self.port(low))
    }

    /// The port of the lower endpoint, or of the higher one.
    #[inline]
    fn port(&self, low: bool) -> u16 {
        let [low_port, high_port] = self.ports;
        if low { low_port } else { high_port }
    }

    /// The encapsulation.
    pub(in crate::flow) fn context(&self) -> u64 {
        self.context
    }

    /// The same endpoints in another encapsulation.
    pub(in crate::flow) fn within(&self, context: u64) -> FlowKey {
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
    pub(super) client_is_low: bool,
    /// The encapsulation in which the other side answers, if it is another one.
    pub(super) answer: Option<u64>,
    /// The flow around it, if it runs in a tunnel.
    pub parent: Option<u32>,
    /// First packet; 0 if none of its packets reaches whose flow this is ([`Flow::is_gone`]).
    pub first: u32,
    /// Last packet.
    pub last: u32,
    /// Time of the first packet, nanoseconds since 1970.
    pub first_time: i64,
    /// Time of the last packet.
    pub last_time: i64,
    /// Packets by side.
    pub packets: [u32; 2],
    pub(super) tally: Tally,
    pub(super) tcp: Option<Box<Tcp>>,
    /// What another flow announced that this one would speak, as its place in THE LIST.
    pub(in crate::flow) announced: u8,
    pub(super) spoken: Spoken,
    pub(super) former: Option<Box<Spoken>>,
    pub(super) pairs: Pairs,
}

impl Flow {
    /// The key by which the side is found that answers in another encapsulation.
    pub(in crate::flow) fn answer_key(&self) -> Option<FlowKey> {
        self.answer.map(|context| self.key.within(context))
    }

    /// The other side answers in the encapsulation of `key`.
    pub(in crate::flow) fn answers_in(&mut self, key: &FlowKey) {
        self.answer = Some(key.context);
    }

    /// Who sent a packet: `forward` if its source is the lower endpoint.
    pub(super) fn sender(&self, forward: bool) -> Side {
        if self.client_is_low == forward { Side::Client } else { Side::Server }
    }

    /// Address and port of a side; port 0 where the transport has none.
    pub fn endpoint(&self, side: Side) -> (IpAddr, u16) {
        self.key.endpoint(self.client_is_low == (side == Side::Client))
    }

    /// Bytes by class, of the packets that belong to this flow (those of flows within it are not counted here).
    pub fn ledger(&self) -> Ledger {
        self.tally.ledger()
    }

    /// What is spoken, outermost first: `["tcp", "tls1.3", "h2"]`.
    pub fn stack(&self) -> Vec<&'static str> {
        const MOST: usize = 6;
        let mut stack = Vec::with_capacity(MOST);
        stack.extend(match self.transport {
            Some(Transport::Tcp) => Some("tcp"),
            Some(Transport::Udp) => Some("udp"),
            Some(Transport::Sctp) => Some("sctp"),
            None => protocols::at(protocols::finder().place(Under::Ip(self.ip_number))).map(Protocol::name),
        });
        if let Spoken::Dialogue(_, dialogue) = &self.spoken {
            stack.extend(dialogue.stack());
        }
        stack
    }

    /// Where a message or passage stands, counted from the first byte of its side that was captured.
    pub fn place(&self, side: Side, offset: u64) -> u64 {
        offset.saturating_sub(self.tcp().map_or(0, |tcp| tcp.begin(side)))
    }

    /// What is remarkable of the conversation as a whole, in words (not escaped).
    pub fn remarks(&self) -> Vec<String> {
        match &self.spoken {
            Spoken::Dialogue(_, dialogue) => dialogue.remarks(),
            _ => Vec::new(),
        }
    }

    /// What another flow announced that this one would speak, as its place in THE LIST; [`protocols::NONE`] if none did.
    pub fn announced(&self) -> u8 {
        self.announced
    }

    /// Begins to speak what was announced, if something was.
    pub(in crate::flow) fn speak(&mut self, place: u8) {
        if let Some(Read::Dialogue { new, .. }) = protocols::at(place).map(|protocol| protocol.read) {
            self.announced = place;
            self.spoken = Spoken::Dialogue(place, new(&self.start()));
        }
    }

    /// The TCP state, if the flow is one.
    pub fn tcp(&self) -> Option<&Tcp> {
        self.tcp.as_deref()
    }

    /// The protocol spoken above the transport, as its place in THE LIST; [`protocols::NONE`] if it is not known.
    pub fn protocol(&self) -> u8 {
        self.spoken.place()
    }

    /// Looks at every part of it that a packet changes, only to have them near. What comes of it means nothing.
    #[inline]
    pub(super) fn touch(&self) -> u64 {
        let [packets, _] = self.packets;
        let [first, _] = self.key.low;
        first ^ u64::from(packets ^ self.last) ^ self.tally.touch()
    }

    /// A packet belongs to this flow.
    #[inline]
    pub(super) fn enter<B: Books>(&mut self, side: Side, carrier: Carrier, books: &mut B) {
        self.first = self.first.min(carrier.packet);
        self.first_time = self.first_time.min(carrier.time);
        self.last = self.last.max(carrier.packet);
        self.last_time = self.last_time.max(carrier.time);
        if let Some(count) = self.packets.get_mut(side.index()) {
            *count += 1;
        }
        self.tally.add(&books.assign(carrier.packet, self.number, side));
    }

    /// Forgets its packets.
    pub(super) fn empty(&mut self) {
        (self.first, self.last, self.packets, self.tally) = (0, 0, [0; 2], Tally::default());
    }

    /// Counts a packet anew.
    pub(super) fn count(&mut self, side: Side, (number, time): (u32, i64), ledger: &Ledger) {
        if self.is_gone() {
            (self.first, self.first_time, self.last_time) = (number, time, time);
        }
        self.last = number;
        self.first_time = self.first_time.min(time);
        self.last_time = self.last_time.max(time);
        if let Some(count) = self.packets.get_mut(side.index()) {
            *count += 1;
        }
        self.tally.add(ledger);
    }

    /// Whether none of its packets reaches whose flow this is.
    pub fn is_gone(&self) -> bool {
        self.first == 0
    }

    pub(super) fn begins_anew(&self, side: Side, header: &TcpOutline) -> bool {
        self.tcp.as_ref().is_some_and(|tcp| tcp.begins_anew(side, header))
    }

    pub(super) fn start(&self) -> Start {
        let transport = self.transport.unwrap_or(Transport::Udp);
        let (low, high) = (self.client_is_low, !self.client_is_low);
        Start { transport, client_port: self.key.port(low), server_port: self.key.port(high) }
    }

    /// Everything that reading this flow needs, and its TCP state.
    pub(super) fn reader<'r, B: Books>(
        &'r mut self,
        side: Side,
        packet: u32,
        books: &'r mut B,
        desk: &'r mut Desk,
        tree: Option<&'r mut Tree>,
    ) -> (Option<&'r mut Tcp>, Reader<'r, B>) {
        let (start, flow) = (self.start(), self.number);
        let reader = Reader {
            spoken: &mut self.spoken,
            former: &mut self.former,
            pairs: &mut self.pairs,
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
    pub(super) fn datagram<B: Books>(
        &mut self,
        side: Side,
        segment: Segment<'_>,
        books: &mut B,
        desk: &mut Desk,
        mut tree: Option<&mut Tree>,
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
        let length = segment.bytes.len() as u32;
        let whole = [Piece { offset: segment.at.into(), length, packet: number, at: segment.at }];
        let pieces = if segment.origins.is_empty() { &whole } else { segment.origins };
        let mut origins: SmallVec<[Piece; 1]> = SmallVec::from_slice(pieces);
        origins.iter_mut().for_each(|piece| piece.offset = piece.offset.saturating_sub(segment.at.into()));
        let mut c = Cursor::new(segment.bytes, segment.at, segment.source, &mut desk.findings, tree.as_deref_mut())
            .with_origins(&origins)
            .with_depth(desk.depth);
        let message = match dialogue.read(side, &mut c) {
            Ok(message) => message,
            Err(stop) => {
                c.stopped(&stop);
                Message::new("malformed")
            }
        };
        desk.hear_announced(side);
        let now = Now {
            side,
            packet: number,
            time: desk.time,
            protocol: *protocol,
            link: self.key.context(),
            known: books.paired(number),
        };
        let (pair, answered) = self.pairs.enter(&now, desk.findings.pairing, &mut desk.calls, &mut desk.dropped);
        if let (Some(answered), Some(tree)) = (answered, tree) {
            answered.note(desk.depth.saturating_add(1), desk.time, tree);
        }
        let mut n = 0;
        while let Some(claim) = desk.findings.claims.ranges().get(n).copied() {
            let parts = pieces.iter().filter_map(|piece| piece.within(claim.start.into(), claim.end.into()));
            parts.for_each(|piece| desk.settle(books, &piece, claim.class));
            n += 1;
        }
        let row = MessageRow {
            flow,
            first: pieces.iter().map(|piece| piece.packet).min().unwrap_or(number),
            last: number,
            offset: 0,
            length,
            side,
            protocol: *protocol,
            what: message.what,
            subject: MessageRow::NOTHING,
            pair,
        };
        books.message(row, &desk.findings.subject);
        for fact in &desk.findings.facts {
            let (from, to) = (u64::from(fact.start), u64::from(fact.end));
            let own: SmallVec<[Piece; 2]> = if fact.origins.is_empty() {
                // Most lie within the packet.
                let here = u64::from(segment.at)..=u64::from(segment.at) + u64::from(length);
                if segment.origins.is_empty() && from < to && here.contains(&from) && here.contains(&to) {
                    books.fact(flow, number, fact.start..fact.end, fact);
                    continue;
                }
                pieces.iter().filter_map(|piece| piece.within(from, to.max(from + 1))).collect()
            } else {
                fact.origins.as_slice().into()
            };
            let length = if fact.origins.is_empty() { to.saturating_sub(from) } else { u64::MAX };
            tell(books, (flow, number), &own, length, fact);
        }
        desk.findings.facts.clear();
    }

    pub(super) fn finish<B: Books>(&mut self, books: &mut B, desk: &mut Desk) {
        if let (Some(tcp), mut reader) = self.reader(Side::Client, self.last, books, desk, None) {
            tcp.finish(&mut reader);
        }
    }
}

/// Whether the sender of a flow's first packet opened it.
pub(super) fn source_is_client(ends: &Endpoints, header: Option<&TcpOutline>) -> bool {
    const WELL_KNOWN: u16 = 1024;
    if header.is_some_and(|header| header.has(TcpOutline::SYN)) {
        return !header.is_some_and(|header| header.has(TcpOutline::ACK));
    }
    // In the middle of a flow: a well-known port is a server's.
    !ends.ports.is_some_and(|(source, destination)| source < WELL_KNOWN && destination >= WELL_KNOWN)
}
