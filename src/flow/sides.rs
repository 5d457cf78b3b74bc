//! Both sides of a conversation over streams, and whose turn it is to speak.

use super::Books;
use super::segment::Segment;
use super::speech::Reader;
use super::stream::Stream;
use crate::protocols::Side;

/// The streams of both sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    streams: [Stream; 2],
}

impl Sides {
    /// Client's and server's.
    pub(super) fn both(&self) -> &[Stream; 2] {
        &self.streams
    }

    /// The stream of `side` and the other one.
    pub(super) fn of(&mut self, side: Side) -> (&mut Stream, &mut Stream) {
        let [client, server] = &mut self.streams;
        match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        }
    }

    /// `side` was the last to speak.
    pub(super) fn has_spoken(&mut self, side: Side) {
        let (mine, theirs) = self.of(side);
        (mine.spoke_last, theirs.spoke_last) = (true, false);
    }

    /// Does something with the stream of `side`. If that changes what is spoken, the bytes of the other side that
    /// wait are read next, for they came before those of `side` that are left.
    pub(super) fn on<B: Books>(
        &mut self,
        side: Side,
        r: &mut Reader<'_, B>,
        act: impl FnOnce(&mut Stream, &mut Reader<'_, B>),
    ) {
        let sender = std::mem::replace(&mut r.side, side);
        let (mine, theirs) = self.of(side);
        let next = mine.next();
        (r.turn, r.other_waits) = (!mine.spoke_last, theirs.waits());
        act(mine, r);
        if mine.next() != next {
            self.has_spoken(side);
        }
        let mut turner = side;
        while std::mem::take(&mut r.turned) {
            for side in [turner.other(), turner] {
                let (mine, theirs) = self.of(side);
                (r.side, r.other_waits) = (side, theirs.waits());
                mine.wake(r);
                if r.turned {
                    turner = side;
                    break;
                }
            }
        }
        (r.turn, r.other_waits) = (false, false);
        r.side = sender;
    }

    /// Takes what the sender of `r` says next.
    pub(super) fn arrive<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        if segment.is_nothing() {
            return;
        }
        if !segment.bytes.is_empty() && self.of(r.side).1.is_behind() {
            self.on(r.side.other(), r, Stream::catch_up);
        }
        self.on(r.side, r, |stream, r| stream.arrive(segment, r));
    }
}
