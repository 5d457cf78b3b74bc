//! One side of a flow over a stream: its bytes put in order, and handed on as they come.
//!
//! What a passive reader does that a receiver does (RFC 9293, section 3.10.7.4), and what it cannot know:
//!
//! - The first bytes win: what arrives again is compared as long as the bytes are kept, a difference is
//!   counted as a conflict, and nothing is read twice. A receiver may keep the other copy.
//! - A hole is closed by what fills it. It is given up when the receiver has acknowledged what lies beyond
//!   and nothing came, when too much waits beyond it, or at the end.
//! - Bytes that the snap length cut are missing at once: nothing can bring them.
//! - A segment that arrives again gives its packet the classes of the original.

use super::Books;
use super::ahead::Ahead;
use super::limits;
use super::segment::Segment;
use super::speech::Reader;
use super::unread::Unread;

/// Full segments beyond a hole, or acknowledgments of them, by which it is clear that the hole was not captured:
/// the three by which a sender concludes that a segment was lost (RFC 5681, section 3.2).
const PATIENCE: usize = 3;

/// One side of a flow.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    /// Offset of the first byte.
    begin: u64,
    /// Offset up to which bytes have come in order, or are known to be missing.
    next: u64,
    unread: Unread,
    ahead: Option<Box<Ahead>>,
    /// Whether the SYN was seen: nothing comes before the first byte.
    pub(super) began: bool,
    /// Whether it was the last of the two to speak.
    pub(super) spoke_last: bool,
    /// Segments that arrived again with another content: the first bytes count.
    pub(super) conflicts: u32,
    /// Segments that arrived again, in whole or in part.
    pub(super) repeated: u32,
    /// Bytes known to be missing.
    pub(super) missing: u64,
}

impl Stream {
    /// Offset up to which bytes have come in order.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Offset of the first byte.
    pub(super) fn begin(&self) -> u64 {
        self.begin
    }

    /// Whether no byte has come yet.
    pub(super) fn is_empty(&self) -> bool {
        self.next == self.begin && self.ahead.is_none()
    }

    /// About how many bytes of memory it takes, beside those of the stream that are held.
    pub(super) fn weight(&self) -> usize {
        self.unread.history_weight()
    }

    /// Where bytes begin to be counted, before any arrived.
    pub(super) fn begin_at(&mut self, offset: u64) {
        self.begin = offset;
        self.next = offset;
        self.unread.begin_at(offset);
    }

    /// Takes a segment; whatever is new and in order is read.
    pub(super) fn arrive<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        if segment.offset == self.next && segment.cut == 0 && self.ahead.is_none() {
            // It is what is expected: most are.
            self.unread.enter(segment, r);
            return self.advance(segment, r);
        }
        if segment.offset < self.begin && segment.end() >= self.begin && !self.began && !segment.bytes.is_empty() {
            self.begin_earlier(&segment.until(self.begin), r);
        }
        let old = segment.from(self.begin).until(self.next);
        if !old.bytes.is_empty() {
            self.again(&old, r);
        }
        let new = segment.from(self.next);
        if new.is_nothing() {
            return;
        }
        if new.offset > self.next {
            self.keep_ahead(&new, r);
        } else {
            if let Some(ahead) = &self.ahead
                && ahead.contradicts(&new)
            {
                self.conflicts = self.conflicts.saturating_add(1);
                r.books.again(r.flow, r.side, new.offset, new.bytes, r.packet);
            }
            // It shares the class of every byte that it carried, of those too that another packet brought first.
            self.unread.enter(&new, r);
            self.go_on(Some(&new), r);
        }
    }

    /// The receiver acknowledged everything before `offset`.
    pub(super) fn acknowledged<B: Books>(&mut self, offset: u64, r: &mut Reader<'_, B>) {
        let Some(ahead) = &mut self.ahead else { return };
        if ahead.first().is_none_or(|first| offset < first) {
            return;
        }
        ahead.acknowledged = ahead.acknowledged.saturating_add(1);
        if ahead.len() >= PATIENCE || usize::from(ahead.acknowledged) >= PATIENCE {
            self.give_up_hole(r);
        }
    }

    /// Whether bytes wait for being read.
    pub(super) fn waits(&self) -> bool {
        self.unread.waits()
    }

    /// What this side waits with is read, now that something else is spoken.
    pub(super) fn wake<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        self.unread.wake(self.next, r);
    }

    /// The side has sent everything: it ended at `end`.
    pub(super) fn close<B: Books>(&mut self, end: u64, r: &mut Reader<'_, B>) {
        if self.next == end {
            self.unread.close(end, r);
        }
    }

    /// Whether a message of this side may have been whole before it was looked for again.
    #[inline]
    pub(super) fn is_behind(&self) -> bool {
        self.unread.is_behind()
    }

    /// The other side speaks: looks again for a message of this one.
    pub(super) fn catch_up<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        self.wake(r);
    }

    /// Whether bytes wait beyond a hole.
    #[inline]
    pub(super) fn has_hole(&self) -> bool {
        self.ahead.is_some()
    }

    /// No more bytes will come: all holes are given up, also the one before `end`, if that is known.
    pub(super) fn finish<B: Books>(&mut self, end: Option<u64>, r: &mut Reader<'_, B>) {
        while self.give_up_hole(r) {}
        if let Some(end) = end.filter(|end| *end > self.next && *end - self.next < limits::FARTHEST) {
            self.gap(end, r);
        }
        self.unread.finish(self.next, r);
    }

    /// Moves on as far as bytes are there: those that waited, and those of `new`. First bytes win, so those that
    /// waited come first.
    fn go_on<B: Books>(&mut self, new: Option<&Segment<'_>>, r: &mut Reader<'_, B>) {
        // Up to here bytes are known to have been sent, captured or not.
        let mut sent = new.map_or(0, Segment::wire_end);
        loop {
            if let Some((offset, early)) = self.ahead.as_mut().and_then(|ahead| ahead.pop(self.next)) {
                r.desk.held = r.desk.held.saturating_sub(early.cost());
                let segment = early.segment(offset);
                sent = sent.max(segment.wire_end());
                self.advance(&segment.from(self.next), r);
                continue;
            }
            let beyond = self.ahead.as_ref().and_then(|ahead| ahead.first()).unwrap_or(u64::MAX);
            let fresh = new.map(|new| new.from(self.next).until(beyond)).filter(|new| !new.bytes.is_empty());
            match fresh {
                Some(new) => self.advance(&new, r),
                None if sent.min(beyond) > self.next => self.gap(sent.min(beyond), r),
                None => break,
            }
        }
        if self.ahead.as_ref().is_some_and(|ahead| ahead.len() == 0) {
            self.ahead = None;
        }
    }

    /// Hands on bytes that are next.
    fn advance<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        if segment.bytes.is_empty() {
            return;
        }
        if std::mem::take(&mut r.turn) {
            self.unread.takes_turn(segment.offset);
        }
        self.next = segment.end();
        r.books.in_order(r.flow, r.side, segment.offset, segment.bytes, &mut segment.pieces());
        self.unread.take(segment, r);
    }

    /// Bytes up to `until` are missing.
    pub(super) fn gap<B: Books>(&mut self, until: u64, r: &mut Reader<'_, B>) {
        self.missing += until - self.next;
        r.books.missing(r.flow, r.side, self.next, until - self.next);
        let from = std::mem::replace(&mut self.next, until);
        self.unread.pass_gap(from, until, r);
    }

    /// Bytes that arrived before.
    fn again<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        self.repeated = self.repeated.saturating_add(1);
        r.books.again(r.flow, r.side, segment.offset, segment.bytes, r.packet);
        // The byte of a keep-alive stands in for the last one and means nothing (RFC 9293, section 3.8.4).
        let keep_alive = segment.bytes.len() == 1 && segment.end() == self.next;
        if self.unread.again(segment, r) && !keep_alive {
            self.conflicts = self.conflicts.saturating_add(1);
        }
    }

    /// Keeps a segment beyond a hole. If there is no room, the hole is given up.
    fn keep_ahead<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        if segment.offset - self.next > limits::FARTHEST {
            r.desk.dropped.astray += segment.bytes.len() as u64;
            return;
        }
        if self.is_full(segment, r) {
            while self.is_full(segment, r) && self.give_up_hole(r) {}
            if self.is_full(segment, r) {
                r.desk.dropped.ahead += segment.bytes.len() as u64;
            } else {
                self.arrive(segment, r);
            }
            return;
        }
        let ahead = self.ahead.get_or_insert_default();
        if ahead.contradicts(segment) {
            self.conflicts = self.conflicts.saturating_add(1);
            r.books.again(r.flow, r.side, segment.offset, segment.bytes, r.packet);
        }
        r.desk.held += ahead.keep(segment);
        self.unread.enter(segment, r);
    }

    fn is_full<B: Books>(&self, segment: &Segment<'_>, r: &Reader<'_, B>) -> bool {
        let (bytes, pieces) = self.ahead.as_ref().map_or((0, 0), |ahead| (ahead.bytes(), ahead.len()));
        bytes + segment.bytes.len() > limits::AHEAD
            || pieces >= limits::AHEAD_PIECES
            || r.desk.held + segment.bytes.len() > limits::HELD
    }

    /// The bytes up to the first that waits beyond the hole will not come. Returns whether there was a hole.
    fn give_up_hole<B: Books>(&mut self, r: &mut Reader<'_, B>) -> bool {
        let Some(first) = self.ahead.as_ref().and_then(|ahead| ahead.first()) else { return false };
        if first > self.next {
            self.gap(first, r);
        }
        self.go_on(None, r);
        true
    }

    /// Bytes that stand before the first one seen, and reach it: the capture begins in the middle of a connection, and
    /// its first segments came out of order. They are read if nothing was read yet.
    fn begin_earlier<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        let may = self.unread.may_begin_earlier(self.begin, r.spoken);
        r.books.in_order(r.flow, r.side, segment.offset, segment.bytes, &mut segment.pieces());
        self.begin = segment.offset;
        if may {
            self.unread.enter(segment, r);
            self.unread.begin_earlier(segment);
            self.unread.wake(self.next, r);
        }
    }
}

#[cfg(test)]
mod tests;
