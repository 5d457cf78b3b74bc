//! What a flow speaks: recognised by port, then by content; and everything that reading it needs.

use std::sync::LazyLock;

use smallvec::SmallVec;

use super::Books;
use super::limits;
use super::pairs::{Answered, Now, Pair, Pairs};
use super::table::Desk;
use crate::bytes::{Fact, Piece, Tree};
use crate::protocols::{self, Answer, Dialogue, Extent, Probe, Protocol, Read, Side, Start, Transport, Under};

/// What a flow speaks, as far as is known.
pub(super) enum Spoken {
    /// Not known yet; so many datagrams have been looked at.
    Undecided(u32),
    /// A protocol (its place in THE LIST) and its state.
    Dialogue(u8, Box<dyn Dialogue>),
    /// Nothing that husk reads, unless it turns to something (see [`limits::OPENING`]).
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

impl Spoken {
    /// Not known yet; it is another connection, which has not said anything. (Streams count no datagrams.)
    pub(super) const CARRIED: Spoken = Spoken::Undecided(u32::MAX);

    /// The protocol's place in THE LIST; [`protocols::NONE`] if it is not known.
    pub(super) fn place(&self) -> u8 {
        match self {
            Spoken::Dialogue(place, _) => *place,
            Spoken::Undecided(_) | Spoken::Nothing => protocols::NONE,
        }
    }
}

/// Everything that reading a side's bytes needs besides the bytes.
pub(super) struct Reader<'r, B: Books> {
    pub(super) spoken: &'r mut Spoken,
    /// What was spoken before one side strayed from it, until the other one has answered.
    pub(super) former: &'r mut Option<Box<Spoken>>,
    /// Questions that wait.
    pub(super) pairs: &'r mut Pairs,
    pub(super) start: Start,
    pub(super) side: Side,
    pub(super) flow: u32,
    /// The packet that is being read: what it completes is its.
    pub(super) packet: u32,
    pub(super) books: &'r mut B,
    pub(super) desk: &'r mut Desk,
    pub(super) tree: Option<&'r mut Tree>,
    /// Whether the other side was the last to speak, so that the next bytes begin this side's turn.
    pub(super) turn: bool,
    /// Whether the other side has bytes that wait for what is spoken, or for more of them.
    pub(super) other_waits: bool,
    /// What is spoken has just changed, and the other side waits: its bytes came first, so they are read before this
    /// side goes on.
    pub(super) turned: bool,
}

impl<B: Books> Reader<'_, B> {
    /// Tries to tell from the `first` bytes of a side what is spoken; `ends` if there will not be more of them.
    /// Returns whether it is decided.
    pub(super) fn decide(&mut self, first: &[u8], ends: bool) -> bool {
        if matches!(self.spoken, Spoken::Undecided(u32::MAX)) {
            *self.spoken = Spoken::Undecided(0);
            self.desk.carried += 1;
        }
        let behind = match ends {
            true if first.len() <= limits::PROBE => Behind::End,
            _ if first.len() >= limits::PROBE => Behind::TooMany,
            _ => Behind::More,
        };
        let first = first.get(..limits::PROBE).unwrap_or(first);
        let spoken = match recognise(&self.start, self.side, first, behind) {
            Recognised::As(place, new) => Spoken::Dialogue(place, new(&self.start)),
            Recognised::Unsure => return false,
            Recognised::Not => Spoken::Nothing,
        };
        self.turn_to(spoken);
        true
    }

    /// From here on something else is spoken.
    pub(super) fn turn_to(&mut self, spoken: Spoken) {
        *self.spoken = spoken;
        self.turned = self.other_waits;
    }

    /// One side speaks `protocol` where something else is spoken.
    pub(super) fn stray_to(&mut self, protocol: &'static Protocol) {
        *self.former = Some(Box::new(self.spoken.clone()));
        self.turn_to_protocol(protocol);
    }

    /// The other side has not followed where one strayed: goes on with what was spoken before. Returns whether it does.
    pub(super) fn turn_back(&mut self) -> bool {
        let Some(former) = self.former.take() else { return false };
        self.turn_to(*former);
        true
    }

    /// From here on `protocol` is spoken, if it is one that speaks in messages.
    pub(super) fn turn_to_protocol(&mut self, protocol: &'static Protocol) {
        if let Read::Dialogue { new, .. } = protocol.read {
            self.turn_to(Spoken::Dialogue(protocols::place(protocol), new(&self.start)));
        }
    }

    /// Counts the message that was read last, and says how it belongs to others.
    pub(super) fn pair(&mut self) -> (Pair, Option<Answered>) {
        let Desk { findings, calls, dropped, time, .. } = &mut *self.desk;
        // Over a stream nobody asks everybody.
        let now = Now {
            side: self.side,
            packet: self.packet,
            time: *time,
            protocol: self.spoken.place(),
            link: 0,
            known: None,
        };
        self.pairs.enter(&now, findings.pairing, calls, dropped)
    }

    /// Notes which question the message answers that this packet completes.
    pub(super) fn note_answered(&mut self, answered: &Answered) {
        if let Some(tree) = self.tree.as_deref_mut() {
            answered.note(self.desk.depth.saturating_add(1), self.desk.time, tree);
        }
    }

    /// States the facts of the message that was read last, each with the packet that carried its first byte.
    /// `origins` count from the message's first byte, spans from `base`.
    pub(super) fn state_facts(&mut self, origins: &[Piece], base: u32) {
        self.desk.hear_announced(self.side);
        let mut facts = std::mem::take(&mut self.desk.findings.facts);
        for fact in &facts {
            let from = u64::from(fact.start.saturating_sub(base));
            let to = u64::from(fact.end.saturating_sub(base));
            let own: SmallVec<[Piece; 2]> = if fact.origins.is_empty() {
                // Most lie within one packet.
                if let [piece] = origins
                    && from < to
                    && (piece.offset..=piece.end()).contains(&from)
                    && to <= piece.end()
                {
                    let at = piece.at.saturating_add((from - piece.offset) as u32);
                    self.books.fact(self.flow, piece.packet, at..at.saturating_add((to - from) as u32), fact);
                    continue;
                }
                // What is empty stands before a byte.
                let place = |piece: &Piece| piece.within(from, to.max(from + 1));
                origins.iter().filter_map(place).collect()
            } else {
                fact.origins.as_slice().into()
            };
            let length = if fact.origins.is_empty() { to.saturating_sub(from) } else { u64::MAX };
            tell(self.books, (self.flow, self.packet), &own, length, fact);
        }
        facts.clear();
        self.desk.findings.facts = facts;
    }
}

/// Tells a fact whose evidence is at most `length` bytes long and was carried by `origins`: of packets that carried the same
/// bytes, the first. Without origins `packet` carried it.
pub(super) fn tell<B: Books>(books: &mut B, (flow, packet): (u32, u32), origins: &[Piece], length: u64, fact: &Fact) {
    let at = |piece: &Piece| {
        let length = u64::from(piece.length).min(length) as u32;
        piece.at..piece.at.saturating_add(length)
    };
    let Some(first) = origins.iter().min_by_key(|piece| (piece.offset, piece.packet)) else {
        let here = fact.start..fact.end;
        return books.fact(flow, packet, here, fact);
    };
    books.fact(flow, first.packet, at(first), fact);
    let mut next = first.end();
    while let Some(piece) = origins
        .iter()
        .filter(|piece| piece.offset <= next && piece.end() > next)
        .min_by_key(|piece| (piece.offset < next, piece.packet))
    {
        if let Some(rest) = piece.within(next, u64::MAX) {
            books.fact_goes_on(rest.packet, at(&rest));
        }
        next = piece.end();
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

/// A protocol that is asked whether it is spoken.
#[derive(Clone, Copy)]
struct Candidate {
    place: u8,
    new: fn(&Start) -> Box<dyn Dialogue>,
    probe: Option<Probe>,
    /// Whether the port is its own.
    by_port: bool,
}

impl Candidate {
    fn of(place: u8, protocol: &Protocol, by_port: bool) -> Option<Candidate> {
        match protocol.read {
            Read::Dialogue { new, probe } => Some(Candidate { place, new, probe, by_port }),
            _ => None,
        }
    }

    fn answer(&self, start: &Start, side: Side, first: &[u8]) -> Answer {
        match self.probe {
            Some(probe) => probe(start, side, first),
            None if self.by_port => Answer::Yes,
            None => Answer::No,
        }
    }

    /// The least number of `first`'s bytes from which it knew that it is spoken: it knows from all of them.
    fn known_from(&self, start: &Start, side: Side, first: &[u8]) -> usize {
        let (mut no, mut yes) = (0, first.len());
        while no < yes {
            let middle = no + (yes - no) / 2;
            match self.answer(start, side, first.get(..middle).unwrap_or(first)) {
                Answer::Yes => yes = middle,
                Answer::More | Answer::No => no = middle + 1,
            }
        }
        yes
    }
}

/// Every protocol that speaks in messages, in the order of THE LIST.
static DIALOGUES: LazyLock<Vec<Candidate>> = LazyLock::new(|| {
    (0..).zip(protocols::LIST).filter_map(|(place, protocol)| Candidate::of(place, protocol, false)).collect()
});

/// Who is asked: the protocols of the ports (the lower one first, as the well-known one), then all.
fn candidates(start: &Start) -> impl Iterator<Item = Candidate> {
    let under = |port| match start.transport {
        Transport::Tcp | Transport::Sctp => Under::Tcp(port),
        Transport::Udp => Under::Udp(port),
    };
    let finder = protocols::finder();
    let (low, high) = (start.client_port.min(start.server_port), start.client_port.max(start.server_port));
    let by_port = [finder.place(under(low)), finder.place(under(high))];
    let ported = by_port.into_iter().filter_map(|place| Candidate::of(place, protocols::at(place)?, true));
    ported.chain(DIALOGUES.iter().copied())
}

/// What may follow the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// More bytes.
    More,
    /// More bytes, which are not looked at.
    TooMany,
    /// Nothing: the stream ends, or a gap follows.
    End,
}

/// Whether what arrived, and all that will, begins with a whole message.
fn shows_whole(mut dialogue: Box<dyn Dialogue>, side: Side, arrived: &[u8]) -> bool {
    match dialogue.extent_at_end(side, arrived) {
        Extent::Whole(total) | Extent::Skip { total, .. } => total <= arrived.len(),
        Extent::Part(_) | Extent::Needs(_) | Extent::Pass { .. } | Extent::Lost(_) => false,
    }
}

/// Whether the first bytes are, or may be, what stands before the protocol of the port.
fn preface(start: &Start, side: Side, first: &[u8], last: bool) -> Option<Recognised> {
    protocols::PREFACES.iter().find_map(|protocol| {
        let Read::Dialogue { new, probe: Some(probe) } = protocol.read else { return None };
        match probe(start, side, first) {
            Answer::Yes => Some(Recognised::As(protocols::place(protocol), new)),
            Answer::More if !last => Some(Recognised::Unsure),
            _ => None,
        }
    })
}

/// What the first bytes of a side tell. If several protocols claim a stream, it is the one that needed the fewest
/// bytes to know, then the one that was asked first: so it does not matter how many bytes came at once. (Of a
/// datagram all did.) Of those that would have waited for more, the first is taken if these bytes are the last to
/// judge by and the port is its own, or if the stream ended and a whole message of it is there.
pub(super) fn recognise(start: &Start, side: Side, first: &[u8], behind: Behind) -> Recognised {
    let (last, ended) = (behind != Behind::More, behind == Behind::End);
    if let Some(recognised) = preface(start, side, first, last) {
        return recognised;
    }
    let (mut claims, mut unsure) = (None::<Candidate>, None::<Candidate>);
    for candidate in candidates(start) {
        match (candidate.answer(start, side, first), claims) {
            (Answer::Yes, None) => claims = Some(candidate),
            (Answer::Yes, Some(before)) if before.place != candidate.place => {
                let known = |candidate: &Candidate| candidate.known_from(start, side, first);
                if known(&candidate) < known(&before) {
                    claims = Some(candidate);
                }
            }
            (Answer::More, _) => unsure = unsure.or(Some(candidate)),
            _ => {}
        }
        if claims.is_some() && !start.is_stream() {
            break;
        }
    }
    match (claims, unsure) {
        (Some(Candidate { place, new, .. }), _) => Recognised::As(place, new),
        (None, Some(Candidate { place, new, by_port: true, .. })) if last => Recognised::As(place, new),
        (None, Some(Candidate { place, new, .. })) if ended && shows_whole(new(start), side, first) => {
            Recognised::As(place, new)
        }
        (None, Some(_)) if !last => Recognised::Unsure,
        _ => Recognised::Not,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_more_bytes_would_tell_is_given_up_where_no_more_are_shown() {
        let start = Start { transport: Transport::Tcp, client_port: 40_000, server_port: 4444 };
        let of = |behind| recognise(&start, Side::Server, b"SS", behind);
        assert!(matches!(of(Behind::More), Recognised::Unsure));
        assert!(matches!(of(Behind::TooMany), Recognised::Not));
        assert!(matches!(recognise(&start, Side::Server, b"SSH-2.0-a\r\n", Behind::TooMany), Recognised::As(..)));
    }
}
