//! Bytes that arrived beyond a hole, in the order of their offsets; no two pieces overlap.

use std::collections::BTreeMap;

use super::segment::{EARLIER, Segment};
use crate::bytes::Piece;

/// What a piece costs beside its bytes.
const OVERHEAD: usize = 128;

/// A segment, or the part of it that was new, kept until the hole before it closes.
#[derive(Clone, Debug)]
pub(super) struct Early {
    bytes: Box<[u8]>,
    cut: u32,
    packet: u32,
    at: u32,
    origins: Box<[Piece]>,
}

impl Early {
    /// The segment as it was, but for its source: it stands in an earlier packet.
    pub(super) fn segment(&self, offset: u64) -> Segment<'_> {
        Segment {
            offset,
            bytes: &self.bytes,
            cut: self.cut,
            packet: self.packet,
            at: self.at,
            source: EARLIER,
            origins: &self.origins,
        }
    }

    /// What it costs to keep.
    pub(super) fn cost(&self) -> usize {
        self.bytes.len() + self.origins.len() * size_of::<Piece>() + OVERHEAD
    }
}

/// The pieces beyond a side's first hole.
#[derive(Clone, Debug, Default)]
pub(super) struct Ahead {
    pieces: BTreeMap<u64, Early>,
    bytes: usize,
    /// How often the receiver has acknowledged bytes beyond the hole.
    pub(super) acknowledged: u8,
}

impl Ahead {
    /// Offset of the first byte beyond the hole.
    pub(super) fn first(&self) -> Option<u64> {
        self.pieces.first_key_value().map(|(offset, _)| *offset)
    }

    /// Pieces kept.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Bytes kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes out the first piece if it begins at or before `next`.
    pub(super) fn pop(&mut self, next: u64) -> Option<(u64, Early)> {
        let first = self.pieces.first_entry().filter(|first| *first.key() <= next)?;
        let (offset, early) = first.remove_entry();
        self.bytes -= early.bytes.len();
        self.acknowledged = 0;
        Some((offset, early))
    }

    /// Keeps what no piece holds yet of a segment; returns what that costs.
    pub(super) fn keep(&mut self, segment: &Segment<'_>) -> usize {
        let mut cost = 0;
        let mut rest = *segment;
        while !rest.is_nothing() {
            // The piece that covers the first byte, or the next one behind it.
            let before = self.pieces.range(..=rest.offset).next_back();
            let covering =
                before.map(|(offset, early)| early.segment(*offset).end()).filter(|end| *end > rest.offset);
            if let Some(end) = covering {
                rest = rest.from(end);
                continue;
            }
            let next = self.pieces.range(rest.offset + 1..).next().map(|(offset, _)| *offset);
            let new = next.map_or(rest, |next| rest.until(next));
            cost += self.insert(&new);
            rest = match next {
                Some(next) => rest.from(next),
                None => break,
            };
        }
        cost
    }

    fn insert(&mut self, new: &Segment<'_>) -> usize {
        // An empty piece may stand here already, of a packet that was cut before its payload.
        let empty = self.pieces.remove(&new.offset);
        let sent = empty.as_ref().map_or(0, |empty| empty.segment(new.offset).wire_end()).max(new.wire_end());
        let early = Early {
            bytes: new.bytes.into(),
            cut: (sent - new.end()) as u32,
            packet: new.packet,
            at: new.at,
            origins: new.origins.into(),
        };
        let cost = early.cost();
        self.bytes += early.bytes.len();
        self.pieces.insert(new.offset, early);
        cost.saturating_sub(empty.map_or(0, |empty| empty.cost()))
    }

    /// Whether a segment brings other bytes than those kept, where both have some.
    pub(super) fn contradicts(&self, new: &Segment<'_>) -> bool {
        let before = self.pieces.range(..=new.offset).next_back();
        let behind = self.pieces.range(new.offset + 1..).take_while(|(offset, _)| **offset < new.end());
        before.into_iter().chain(behind).any(|(offset, early)| {
            let kept = early.segment(*offset).from(new.offset);
            let again = new.from(*offset).until(kept.end());
            kept.offset == again.offset && kept.bytes.iter().zip(again.bytes).any(|(first, second)| first != second)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(offset: u64, bytes: &[u8]) -> Segment<'_> {
        Segment { offset, bytes, cut: 0, packet: 1, at: 54, source: 0, origins: &[] }
    }

    #[test]
    fn first_bytes_win_and_gaps_between_pieces_are_filled() {
        let mut ahead = Ahead::default();
        ahead.keep(&segment(10, b"AA"));
        ahead.keep(&segment(15, b"BB"));
        assert!(ahead.contradicts(&segment(8, b"xxxxxxxxxx")));
        assert!(!ahead.contradicts(&segment(8, b"xxAAxxxBBx")));
        assert!(!ahead.contradicts(&segment(12, b"xxx")));
        ahead.keep(&segment(8, b"0123456789"));
        assert_eq!((ahead.first(), ahead.bytes(), ahead.len()), (Some(8), 10, 5));
        let mut joined = Vec::new();
        while let Some((offset, early)) = ahead.pop(100) {
            assert_eq!(offset, 8 + joined.len() as u64);
            joined.extend_from_slice(early.segment(offset).bytes);
        }
        assert_eq!(joined, b"01AA456BB9");
        assert_eq!(ahead.bytes(), 0);
    }

    #[test]
    fn only_what_begins_at_or_before_the_next_byte_comes_out() {
        let mut ahead = Ahead::default();
        ahead.keep(&segment(10, b"AA"));
        assert!(ahead.pop(9).is_none());
        assert!(ahead.pop(10).is_some());
        assert!(ahead.pop(10).is_none());
    }
}
