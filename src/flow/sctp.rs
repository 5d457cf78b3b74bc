//! SCTP within a flow (RFC 9260): the user data of a side's DATA chunks, in the order of their numbers.
//!
//! It is read as a stream. Where a user message is cut into several chunks their numbers follow each other
//! (section 6.9), and the protocols that run over SCTP as over TCP say themselves where a message of theirs ends: so
//! the bounds of user messages need not be known. How many bytes a lost chunk had nobody knows: the hole stands for
//! one.

use super::Books;
use super::segment::{EARLIER, Segment};
use super::sides::Sides;
use super::speech::Reader;
use crate::protocols::{Side, UserData};

/// Chunks behind a hole by which it is clear that nothing fills it (RFC 9260, section 7.2.4: a chunk that was missed
/// three times is sent again).
const PATIENCE: usize = 3;

/// Both sides of an association.
#[derive(Clone, Debug, Default)]
pub(super) struct Association {
    sides: Sides,
    expected: [Expected; 2],
}

/// What comes next of one side.
#[derive(Clone, Debug, Default)]
struct Expected {
    /// The number of the next chunk, once one was seen.
    tsn: Option<u32>,
    /// Chunks behind a hole, in the order of their numbers.
    waiting: Vec<Early>,
}

/// A chunk that came before its turn.
#[derive(Clone, Debug)]
struct Early {
    tsn: u32,
    bytes: Box<[u8]>,
    cut: u32,
    packet: u32,
    at: u32,
}

/// Whether number `one` comes before `other` (RFC 1982).
fn is_before(one: u32, other: u32) -> bool {
    one.wrapping_sub(other).cast_signed() < 0
}

impl Association {
    /// Takes the chunks of a packet, whose payload is `segment`.
    pub(super) fn arrive<B: Books>(&mut self, chunks: &[UserData], segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        for chunk in chunks {
            let bytes = segment.bytes.get(chunk.start as usize..chunk.end as usize).unwrap_or(&[]);
            let at = segment.at.saturating_add(chunk.start);
            self.chunk(chunk.tsn, Segment { bytes, at, cut: chunk.cut, ..*segment }, r);
        }
    }

    fn expected(&mut self, side: Side) -> &mut Expected {
        let [client, server] = &mut self.expected;
        match side {
            Side::Client => client,
            Side::Server => server,
        }
    }

    fn chunk<B: Books>(&mut self, tsn: u32, segment: Segment<'_>, r: &mut Reader<'_, B>) {
        let expected = self.expected(r.side);
        let next = *expected.tsn.get_or_insert(tsn);
        if is_before(tsn, next) {
            return;
        }
        if tsn != next {
            // A chunk of a datagram that was put together stands in several packets: it cannot be kept as one.
            if segment.origins.is_empty() {
                expected.keep(tsn, &segment);
            } else {
                r.desk.dropped.ahead += segment.bytes.len() as u64;
            }
            if expected.waiting.len() >= PATIENCE {
                self.give_up_hole(r);
            }
            return;
        }
        self.read(segment, r);
        self.go_on(r);
    }

    /// Reads the chunk that comes next.
    fn read<B: Books>(&mut self, segment: Segment<'_>, r: &mut Reader<'_, B>) {
        let expected = self.expected(r.side);
        expected.tsn = expected.tsn.map(|tsn| tsn.wrapping_add(1));
        let offset = self.sides.of(r.side).0.next();
        self.sides.arrive(&Segment { offset, ..segment }, r);
    }

    /// Reads the chunks that waited for the one that was read last.
    fn go_on<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        while let Some(early) = self.expected(r.side).take_next() {
            let Early { bytes, cut, packet, at, .. } = &early;
            let segment =
                Segment { offset: 0, bytes, cut: *cut, packet: *packet, at: *at, source: EARLIER, origins: &[] };
            self.read(segment, r);
        }
    }

    /// The chunks before the first that waits will not come.
    fn give_up_hole<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        let expected = self.expected(r.side);
        let Some(first) = expected.waiting.first().map(|early| early.tsn) else { return };
        expected.tsn = Some(first);
        self.sides.on(r.side, r, |stream, r| stream.gap(stream.next() + 1, r));
        self.go_on(r);
    }

    /// No more packets will come.
    pub(super) fn finish<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        for side in [Side::Client, Side::Server] {
            r.side = side;
            while !self.expected(side).waiting.is_empty() {
                self.give_up_hole(r);
            }
            self.sides.of(side).0.finish(None, r);
        }
    }
}

impl Expected {
    /// Keeps a chunk behind a hole. There are never more than [`PATIENCE`], so memory is that of some packets.
    fn keep(&mut self, tsn: u32, segment: &Segment<'_>) {
        let place = self.waiting.partition_point(|early| is_before(early.tsn, tsn));
        if self.waiting.get(place).is_some_and(|early| early.tsn == tsn) {
            return;
        }
        let &Segment { bytes, cut, packet, at, .. } = segment;
        self.waiting.insert(place, Early { tsn, bytes: bytes.into(), cut, packet, at });
    }

    /// Takes the first chunk that waits, if it is the next one.
    fn take_next(&mut self) -> Option<Early> {
        let first = self.waiting.first()?;
        (Some(first.tsn) == self.tsn).then(|| self.waiting.remove(0))
    }
}
