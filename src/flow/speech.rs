//! What a flow speaks: recognised by port, then by content; and everything that reading it needs.

use super::Books;
use super::limits;
use super::table::Desk;
use crate::bytes::{Piece, Tree};
use crate::protocols::{self, Answer, Dialogue, Read, Side, Start, Transport, Under};

/// What a flow speaks, as far as is known.
pub(super) enum Spoken {
    /// Not known yet; so many datagrams have been looked at.
    Undecided(u32),
    /// A protocol (its place in THE LIST) and its state.
    Dialogue(u8, Box<dyn Dialogue>),
    /// Nothing that husk reads.
    Nothing,
}

impl Clone for Spoken {
    fn clone(&self) -> Spoken {
        match self {
            Spoken::Undecided(seen) => Spoken::Undecided(*seen),
            Spoken::Dialogue(place, dialogue) => Spoken::Dialogue(*place, dialogue.fork()),
            Spoken::Nothing => Spoken::Nothing,
        }
    }
}

/// Everything that reading a side's bytes needs besides the bytes.
pub(super) struct Reader<'r, B: Books> {
    pub(super) spoken: &'r mut Spoken,
    pub(super) start: Start,
    pub(super) side: Side,
    pub(super) flow: u32,
    /// The packet that is being read: what it completes is its.
    pub(super) packet: u32,
    pub(super) books: &'r mut B,
    pub(super) desk: &'r mut Desk,
    pub(super) tree: Option<&'r mut Tree>,
}

impl<B: Books> Reader<'_, B> {
    /// Tries to tell from the `first` bytes of a side what is spoken. `last` if there will not be more of them.
    /// Returns whether it is decided.
    pub(super) fn decide(&mut self, first: &[u8], last: bool) -> bool {
        let last = last || first.len() >= limits::PROBE;
        *self.spoken = match recognise(&self.start, self.side, first, last) {
            Recognised::As(place, new) => Spoken::Dialogue(place, new(&self.start)),
            Recognised::Unsure => return false,
            Recognised::Not => Spoken::Nothing,
        };
        true
    }

    /// Whether TLS begins here, in the midst of a conversation that nobody reads (STARTTLS and its like in
    /// protocols that are not known here): a hello at the start of a segment is certain. If so, it is spoken now.
    pub(super) fn turns_to_tls(&mut self, segment: &[u8]) -> bool {
        let begins = self.start.transport == Transport::Tcp && protocols::tls::begins(segment);
        if begins && let Read::Dialogue { new, .. } = protocols::tls::PROTOCOL.read {
            *self.spoken = Spoken::Dialogue(protocols::place(&protocols::tls::PROTOCOL), new(&self.start));
        }
        begins
    }

    /// States the facts of the message that was read last, each with the packet that carried its first byte.
    /// `origins` count from the message's first byte, spans from `base`.
    pub(super) fn state_facts(&mut self, origins: &[Piece], base: u32) {
        let mut facts = std::mem::take(&mut self.desk.findings.facts);
        for fact in facts.drain(..) {
            let from = u64::from(fact.start.saturating_sub(base));
            let to = u64::from(fact.end.saturating_sub(base));
            // Of several packets that carried it, the first.
            let carriers = origins.iter().filter_map(|piece| piece.within(from, to));
            let first = carriers.min_by_key(|piece| (piece.offset, piece.packet));
            let (packet, at) = first.map_or((self.packet, fact.start..fact.end), |piece| {
                (piece.packet, piece.at..piece.at.saturating_add(piece.length))
            });
            self.books.fact(self.flow, packet, at, fact);
        }
        self.desk.findings.facts = facts;
    }
}

/// What the first bytes of a flow tell.
pub(super) enum Recognised {
    /// A protocol: its place in THE LIST, and what makes its state.
    As(u8, fn(&Start) -> Box<dyn Dialogue>),
    /// More bytes will tell.
    Unsure,
    /// Nothing that husk reads.
    Not,
}

/// By port first (the lower one first, as the well-known one), then by content. If these bytes are the `last`
/// to judge by, the first protocol that would have waited for more is taken if the port is its own.
pub(super) fn recognise(start: &Start, side: Side, first: &[u8], last: bool) -> Recognised {
    let under = |port| match start.transport {
        Transport::Tcp => Under::Tcp(port),
        Transport::Udp => Under::Udp(port),
        Transport::Sctp => Under::Sctp(port),
    };
    let finder = protocols::finder();
    let (low, high) = (start.client_port.min(start.server_port), start.client_port.max(start.server_port));
    let by_port = [finder.place(under(low)), finder.place(under(high))];
    let ported =
        by_port.into_iter().filter_map(|place| protocols::at(place).map(|protocol| (place as usize, protocol)));
    let all = protocols::LIST.iter().enumerate().map(|(place, protocol)| (place, *protocol));
    let mut unsure = None;
    for (by_port, (place, protocol)) in ported.map(|p| (true, p)).chain(all.map(|p| (false, p))) {
        let Read::Dialogue { new, probe } = protocol.read else { continue };
        let answer = match probe {
            Some(probe) => probe(start, side, first),
            None if by_port => Answer::Yes,
            None => Answer::No,
        };
        match answer {
            Answer::Yes => return Recognised::As(place as u8, new),
            Answer::More => unsure = unsure.or(Some((by_port, place, new))),
            Answer::No => {}
        }
    }
    match unsure {
        Some((true, place, new)) if last => Recognised::As(place as u8, new),
        Some(_) if !last => Recognised::Unsure,
        _ => Recognised::Not,
    }
}
