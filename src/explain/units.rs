//! The ladder of units: a message, the records, segments, IP packets and frames that carried it; and the other way round.

use std::io;
use std::ops::ControlFlow;

use super::{Follower, Passage, follow};
use crate::bytes::Piece;
use crate::capture::Fetch;
use crate::flow::MessageRow;
use crate::protocols::Side;
use crate::trace::Trace;

/// Ladders, parts of one, and pieces of a message that is not whole yet: more are left out.
const MOST: usize = 1 << 16;

/// Which messages are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All messages of the flow.
    All,
    /// The one with this number.
    Message(u32),
    /// Those that this packet carried a byte of.
    Carried(u32),
}

/// A part of a message that one frame carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The packet (frame) that carried it.
    pub packet: u32,
    /// First byte of the part in the packet; unknown for bytes that came again.
    pub at: Option<u32>,
    /// First byte of the part in the message.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// Whether these bytes had come before: a retransmission.
    pub again: bool,
}

/// A message and what carried it.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Its number within the flow.
    pub number: u32,
    /// The message.
    pub message: MessageRow,
    /// What it is about.
    pub subject: String,
    /// What carried it, in the order of the bytes; those that came again behind.
    pub parts: Vec<Part>,
    /// Transport segments (or datagrams) that brought it first. Each is one IP packet.
    pub segments: usize,
    /// Frames that brought it first: more than segments if IP packets came in fragments.
    pub frames: usize,
}

/// Reads flow `flow` again and builds the ladders of the messages `wanted`. `None` if there is no such flow.
///
/// # Errors
/// What reading the capture again says.
pub fn units(trace: &Trace, fetch: &Fetch, flow: u32, wanted: Wanted) -> io::Result<Option<Vec<Ladder>>> {
    let mut builder = Builder { wanted, begun: Default::default(), ladders: Vec::new() };
    if !follow(trace, fetch, flow, &mut builder)? {
        return Ok(None);
    }
    let mut ladders = builder.ladders;
    if let Wanted::Carried(packet) = wanted {
        ladders.retain(|ladder| ladder.is_carried_by(packet));
    }
    Ok(Some(ladders))
}

#[derive(Default)]
struct Begun {
    /// What carried the beginning of a message that comes in several passages, by stream offset.
    pieces: Vec<Piece>,
    /// The segments, by the packets that completed them.
    segments: Vec<(u64, u32)>,
}

struct Builder {
    wanted: Wanted,
    begun: [Begun; 2],
    ladders: Vec<Ladder>,
}

impl Builder {
    fn is_wanted(&self, number: u32, message: &MessageRow) -> bool {
        match self.wanted {
            Wanted::All => true,
            Wanted::Message(wanted) => wanted == number,
            // A packet that brings bytes again may come after the message was read.
            Wanted::Carried(packet) => message.first <= packet,
        }
    }
}

impl Follower for Builder {
    fn passage(&mut self, passage: Passage) -> ControlFlow<()> {
        let Some(begun) = self.begun.get_mut(passage.side.index()) else { return ControlFlow::Continue(()) };
        if begun.pieces.len() >= MOST {
            *begun = Begun::default();
        }
        let moved = |piece: &Piece| Piece { offset: piece.offset + passage.offset, ..*piece };
        begun.pieces.extend(passage.origins.iter().map(moved));
        begun.segments.extend(passage.segments.iter().map(|(start, packet)| (start + passage.offset, *packet)));
        let Some((number, message, subject)) = passage.message else { return ControlFlow::Continue(()) };
        let Begun { pieces, segments } = std::mem::take(begun);
        if let Wanted::Carried(packet) = self.wanted
            && self.ladders.len() >= MOST
        {
            // What a packet brings again came shortly before: of the others the old ones can go.
            self.ladders.retain(|ladder| ladder.is_carried_by(packet));
        }
        if self.is_wanted(number, &message) && self.ladders.len() < MOST {
            self.ladders.push(Ladder::new(number, message, subject, &pieces, &segments));
        }
        ControlFlow::Continue(())
    }

    fn again(&mut self, side: Side, offset: u64, length: u64, packet: u32) {
        for ladder in self.ladders.iter_mut().filter(|ladder| ladder.message.side == side) {
            let (start, end) = ladder.range();
            let (from, to) = (offset.max(start), (offset + length).min(end));
            if from < to && ladder.parts.len() < MOST {
                let (offset, length) = (from - start, to - from);
                ladder.parts.push(Part { packet, at: None, offset, length, again: true });
            }
        }
    }
}

impl Ladder {
    fn new(number: u32, message: MessageRow, subject: String, pieces: &[Piece], segments: &[(u64, u32)]) -> Ladder {
        let mut ladder = Ladder { number, message, subject, parts: Vec::new(), segments: 0, frames: 0 };
        let (start, end) = ladder.range();
        for piece in pieces.iter().filter_map(|piece| piece.within(start, end)) {
            let (offset, length) = (piece.offset - start, piece.length.into());
            ladder.parts.push(Part { packet: piece.packet, at: Some(piece.at), offset, length, again: false });
        }
        // A segment reaches to the next one.
        let ends = segments.iter().skip(1).map(|(next, _)| *next).chain([u64::MAX]);
        let carrying = segments.iter().zip(ends).filter(|((from, _), to)| *from < end && start < *to);
        ladder.segments = distinct(carrying.map(|((_, packet), _)| *packet));
        ladder.frames = distinct(ladder.parts.iter().map(|part| part.packet));
        ladder
    }

    fn is_carried_by(&self, packet: u32) -> bool {
        self.parts.iter().any(|part| part.packet == packet)
    }

    /// Where the message stands in its side's stream.
    fn range(&self) -> (u64, u64) {
        (self.message.offset, self.message.offset + u64::from(self.message.length))
    }
}

fn distinct(packets: impl Iterator<Item = u32>) -> usize {
    let mut packets: Vec<u32> = packets.collect();
    packets.sort_unstable();
    packets.dedup();
    packets.len()
}
