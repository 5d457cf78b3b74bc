//! The bytes of one side that no message has used yet: cut into messages and read.
//!
//! Bytes are borrowed from the packet where a message lies within it; what no message has used yet is
//! kept (`tail`), and of a message that is being skipped only its head. Who carried what is an
//! [`Assembly`]; when a message was read, its classes go to all packets that carried its bytes.
//!
//! ```text
//!       read                next
//! ───────┼───────────────────┼────────►  offset
//!        │ tail (or head of  │ the segment that has just come in order
//!        │ what is skipped)  │
//! ```

use super::Books;
use super::history::History;
use super::limits;
use super::parts::Parts;
use super::segment::Segment;
use super::speech::{Reader, Spoken};
use crate::bytes::{Assembly, Class};
use crate::protocols::Extent;

mod reading;

use reading::Bytes;

/// What the next bytes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaiting {
    /// The dialogue has to be asked, when at least so many bytes are there.
    Message(usize),
    /// A message of `total` bytes of which `seen` have passed; its first `head` bytes are, or will be, in the tail.
    Skipped { head: usize, total: u64, seen: u64 },
    /// Bytes of a class, the first of which stands at `start`, that nobody has to see. If a message `ends` with them, it
    /// is read then.
    Passed { class: Class, start: u64, left: u64, ends: bool },
}

/// The next message, whatever it is.
const ANY: Awaiting = Awaiting::Message(1);

/// Bytes of one side that wait for being read, and what is remembered of those that were.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    /// Offset up to which bytes have been read into messages.
    read: u64,
    tail: Vec<u8>,
    awaiting: Awaiting,
    /// The message of which parts were read.
    parts: Option<Box<Parts>>,
    assembly: Assembly,
    history: Option<Box<History>>,
    /// What was last said of the memory held.
    told: usize,
}

impl Default for Unread {
    fn default() -> Unread {
        let (tail, assembly) = (Vec::new(), Assembly::new());
        Unread { read: 0, tail, awaiting: ANY, parts: None, assembly, history: None, told: 0 }
    }
}

impl Unread {
    /// Bytes of memory that what is remembered takes.
    pub(super) fn history_weight(&self) -> usize {
        self.history.as_ref().map_or(0, |history| history.weight())
    }

    /// Where bytes begin to be counted, before any arrived.
    pub(super) fn begin_at(&mut self, offset: u64) {
        self.read = offset;
    }

    /// Whether bytes before `begin` may still be put in front: nothing was read, and nobody was asked who
    /// remembers the answer.
    pub(super) fn may_begin_earlier(&self, begin: u64, spoken: &Spoken) -> bool {
        self.read == begin && matches!(spoken, Spoken::Undecided(_)) && matches!(self.awaiting, Awaiting::Message(_))
    }

    /// Puts bytes in front of those that wait.
    pub(super) fn begin_earlier(&mut self, segment: &Segment<'_>) {
        self.tail.splice(..0, segment.bytes.iter().copied());
        self.read = segment.offset;
    }

    /// The packets of a segment share the classes of its bytes when they are read.
    pub(super) fn enter<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        if !matches!(r.spoken, Spoken::Nothing) {
            r.desk.dropped.pieces += segment.enter(&mut self.assembly, limits::PIECES);
        }
    }

    /// Bytes that arrived before: their packet shares the class of the original. Returns whether they are
    /// known to differ from it.
    pub(super) fn again<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) -> bool {
        let old = segment.until(self.read);
        if let Some(history) = &self.history {
            for (start, end, class) in history.classes(old.offset, old.end()) {
                let parts = old.pieces().filter_map(|piece| piece.within(start, end));
                parts.for_each(|piece| r.desk.settle(r.books, &piece, class));
            }
        }
        let unread = segment.from(self.read);
        if unread.bytes.is_empty() {
            return false;
        }
        self.enter(&unread, r);
        let kept = usize::try_from(unread.offset - self.read).ok().and_then(|from| self.tail.get(from..));
        kept.is_some_and(|kept| kept.iter().zip(unread.bytes).any(|(first, again)| first != again))
    }

    /// Reads what has just come in order: `segment` continues what is unread.
    pub(super) fn take<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        if matches!(r.spoken, Spoken::Undecided(_)) && !self.tail.is_empty() && r.turns_to_tls(segment.bytes) {
            self.forget(segment.offset);
        }
        if matches!(r.spoken, Spoken::Undecided(_)) {
            let first = if self.tail.is_empty() {
                r.decide(segment.bytes, false)
            } else {
                self.tail.extend_from_slice(segment.bytes);
                r.decide(&self.tail, false)
            };
            if !first {
                if self.tail.is_empty() {
                    self.tail.extend_from_slice(segment.bytes);
                }
            } else if self.tail.is_empty() {
                self.read_segment(*segment, r);
            } else {
                self.read_anew(r);
            }
        } else {
            self.read_segment(*segment, r);
        }
        self.recognise_anew(r);
        self.settle_up(segment.end(), r);
    }

    /// Reads what waits, now that it is known what is spoken.
    pub(super) fn wake<B: Books>(&mut self, next: u64, r: &mut Reader<'_, B>) {
        if !matches!(r.spoken, Spoken::Undecided(_)) {
            self.read_anew(r);
        }
        self.recognise_anew(r);
        self.settle_up(next, r);
    }

    /// Reads what waits, whatever it was asked to wait for.
    fn read_anew<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        if matches!(self.awaiting, Awaiting::Message(_)) {
            self.awaiting = ANY;
        }
        self.read_tail(r);
    }

    /// As long as a message says that what follows it is something else: tries to tell from what waits what it is.
    fn recognise_anew<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        while matches!(r.spoken, Spoken::Undecided(_)) && !self.tail.is_empty() && r.decide(&self.tail, false) {
            self.read_anew(r);
        }
    }

    /// The side has said that no more bytes will come: what goes on until then is over.
    pub(super) fn close<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        if self.awaiting == ANY
            && self.parts.is_some()
            && let Spoken::Dialogue(_, dialogue) = r.spoken
            && let Extent::Pass { class, length: u64::MAX, ends } = dialogue.extent(r.side, &[])
        {
            self.awaiting = Awaiting::Passed { class, start: self.read, left: u64::MAX, ends };
        }
        if let Awaiting::Passed { start, left: u64::MAX, ends: true, .. } = self.awaiting {
            self.read_passed(start, u64::MAX, r);
            self.settle_up(self.read, r);
        }
    }

    /// Bytes from `from` to `until` are missing. A message that is being skipped goes on behind them; any other
    /// is read as far as it goes, and its dialogue is told that it lost the thread.
    pub(super) fn pass_gap<B: Books>(&mut self, from: u64, until: u64, r: &mut Reader<'_, B>) {
        let gap = until - from;
        match &mut self.awaiting {
            Awaiting::Passed { start, left, ends, .. } if *left >= gap => {
                // A length without end stays one.
                *left = if *left == u64::MAX { u64::MAX } else { *left - gap };
                let (start, left, ends) = (*start, *left, *ends);
                self.read = until;
                if left == 0 && ends {
                    self.read_passed(start, 0, r);
                } else if left == 0 {
                    self.awaiting = ANY;
                }
            }
            Awaiting::Skipped { head, total, seen } if self.tail.len() >= *head && *total - *seen >= gap => {
                *seen += gap;
                if seen == total {
                    self.read_skipped(r);
                }
            }
            _ => {
                self.read_rest(r);
                self.forget(until);
                if let Spoken::Dialogue(_, dialogue) = r.spoken {
                    dialogue.lost(r.side);
                }
            }
        }
        self.settle_up(until, r);
    }

    /// No more bytes will come: what waits is read as far as it goes.
    pub(super) fn finish<B: Books>(&mut self, next: u64, r: &mut Reader<'_, B>) {
        self.read_rest(r);
        self.forget(next);
        self.tail = Vec::new();
        self.settle_up(next, r);
    }

    /// Reads messages that are whole, then the one that is not, as far as it goes.
    fn read_rest<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        if matches!(r.spoken, Spoken::Undecided(_)) && !self.tail.is_empty() {
            r.decide(&self.tail, true);
            // What stands behind a gap may tell more.
            if matches!(r.spoken, Spoken::Nothing) {
                *r.spoken = Spoken::Undecided(0);
            }
        }
        // It may have been asked to wait for more than it needs.
        if matches!(self.awaiting, Awaiting::Message(_)) {
            self.awaiting = ANY;
            self.read_tail(r);
        }
        let length = match self.awaiting {
            Awaiting::Skipped { seen, .. } => seen,
            Awaiting::Message(_) => self.tail.len() as u64,
            Awaiting::Passed { start, left, ends: true, .. } => {
                self.read_passed(start, left, r);
                0
            }
            Awaiting::Passed { .. } => 0,
        };
        if length > 0 && matches!(r.spoken, Spoken::Dialogue(..)) {
            let kept = std::mem::take(&mut self.tail);
            self.read_one(&Bytes { cut: true, ..Bytes::of(&kept, length) }, r);
            self.tail = kept;
        }
        self.give_up_parts(r);
        self.tail.clear();
        self.awaiting = ANY;
    }

    /// What is before `offset` and unread stays Unknown.
    fn forget(&mut self, offset: u64) {
        if let Some(history) = &mut self.history {
            history.push(self.read, offset, Class::Unknown);
        }
        self.tail.clear();
        self.parts = None;
        self.read = offset;
        self.awaiting = ANY;
    }

    /// After bytes were taken: `next` is the offset behind them.
    fn settle_up<B: Books>(&mut self, next: u64, r: &mut Reader<'_, B>) {
        const SPARE: usize = 64 << 10;
        if matches!(r.spoken, Spoken::Nothing) {
            self.forget(next);
            self.tail = Vec::new();
            self.assembly = Assembly::new();
        }
        let full = self.tail.len() > limits::TAIL || r.desk.held > limits::HELD && !self.tail.is_empty();
        if full && !matches!(self.awaiting, Awaiting::Skipped { .. }) {
            r.desk.dropped.tail += self.tail.len() as u64;
            self.forget(next);
            if let Spoken::Dialogue(_, dialogue) = r.spoken {
                dialogue.lost(r.side);
            }
        }
        if self.tail.is_empty() && self.tail.capacity() > SPARE {
            self.tail = Vec::new();
        }
        self.assembly.forget_before(self.read);
        if let (Some(parts), Some(tree)) = (&mut self.parts, r.tree.as_deref_mut())
            && tree.keeps_all()
        {
            // Whoever looks at all of it sees the head before its body has come.
            parts.show(r.packet, tree);
        }
        let parts = self.parts.as_ref().map_or(0, |parts| parts.held());
        let held = self.tail.len() + size_of_val(self.assembly.pieces()) + parts;
        r.desk.held = (r.desk.held + held).saturating_sub(self.told);
        self.told = held;
    }

    /// Reads as many messages as the tail allows.
    fn read_tail<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        if self.tail.is_empty() || !matches!(r.spoken, Spoken::Dialogue(..)) {
            return;
        }
        let mut joined = std::mem::take(&mut self.tail);
        let used = self.read_from(&joined, None, r);
        joined.drain(..used);
        if let Awaiting::Skipped { head, .. } = self.awaiting
            && !r.desk.gather
        {
            joined.truncate(head);
        }
        self.tail = joined;
    }

    /// Reads as many messages as a segment allows, together with what waited.
    fn read_segment<B: Books>(&mut self, segment: Segment<'_>, r: &mut Reader<'_, B>) {
        let mut segment = segment;
        while !segment.bytes.is_empty() && matches!(r.spoken, Spoken::Dialogue(..)) {
            if let Awaiting::Skipped { head, total, seen } = self.awaiting {
                segment = self.skip_on(&segment, (head, total, seen), r);
                continue;
            }
            if !self.tail.is_empty() {
                // The message crosses packets.
                self.tail.extend_from_slice(segment.bytes);
                self.read_tail(r);
                return;
            }
            let used = self.read_from(segment.bytes, Some(&segment), r);
            let rest = segment.from(segment.offset + used as u64);
            let keep = match self.awaiting {
                Awaiting::Skipped { head, .. } if !r.desk.gather => head.min(rest.bytes.len()),
                _ => rest.bytes.len(),
            };
            self.tail.extend_from_slice(rest.bytes.get(..keep).unwrap_or(&[]));
            return;
        }
    }

    /// Lets bytes of a skipped message pass; reads the message when its last byte has. Returns what is left.
    fn skip_on<'s, B: Books>(
        &mut self,
        segment: &Segment<'s>,
        (head, total, seen): (usize, u64, u64),
        r: &mut Reader<'_, B>,
    ) -> Segment<'s> {
        let now = (segment.bytes.len() as u64).min(total - seen);
        // The tail is the beginning of the message, without a gap.
        let unbroken = self.tail.len() as u64 == seen;
        let wanted = if r.desk.gather && unbroken { usize::MAX } else { head.saturating_sub(self.tail.len()) };
        let keep = wanted.min(now as usize).min(limits::TAIL.saturating_sub(self.tail.len()));
        self.tail.extend_from_slice(segment.bytes.get(..keep).unwrap_or(&[]));
        self.awaiting = Awaiting::Skipped { head, total, seen: seen + now };
        if seen + now == total {
            self.read_skipped(r);
        }
        segment.from(segment.offset + now)
    }

    /// Reads a skipped message whose last byte has passed.
    fn read_skipped<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        let Awaiting::Skipped { total, .. } = self.awaiting else { return };
        let mut kept = std::mem::take(&mut self.tail);
        self.awaiting = ANY;
        self.read_one(&Bytes::of(&kept, total), r);
        kept.clear();
        self.tail = kept;
    }

    /// Reads messages from `bytes`, which begin at offset `read`; `here` is the segment that they are, if they
    /// are one. Returns how many bytes were used. Of a message that is skipped none is: its head is to be kept.
    fn read_from<B: Books>(&mut self, bytes: &[u8], here: Option<&Segment<'_>>, r: &mut Reader<'_, B>) -> usize {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            match self.awaiting {
                Awaiting::Passed { class, start, left, ends } => {
                    let now = left.min(rest.len() as u64);
                    self.pass_on(rest.get(..now as usize).unwrap_or(rest), class, r);
                    used += now as usize;
                    match left {
                        u64::MAX => {}
                        left if left > now => {
                            self.awaiting = Awaiting::Passed { class, start, left: left - now, ends };
                        }
                        _ if ends => self.read_passed(start, 0, r),
                        _ => self.awaiting = ANY,
                    }
                    continue;
                }
                Awaiting::Message(needed) if rest.len() < needed => break,
                Awaiting::Message(_) => self.awaiting = ANY,
                Awaiting::Skipped { .. } => break,
            }
            let Spoken::Dialogue(_, dialogue) = r.spoken else { break };
            match dialogue.extent(r.side, rest) {
                extent @ (Extent::Whole(n) | Extent::Part(n) | Extent::Skip { total: n, .. })
                    if n > 0 && n <= rest.len() =>
                {
                    let here = here.map(|segment| segment.from(segment.offset + used as u64));
                    let part = matches!(extent, Extent::Part(_));
                    let whole = Bytes::of(rest.get(..n).unwrap_or(rest), n as u64);
                    self.read_one(&Bytes { here: here.as_ref(), part, ..whole }, r);
                    used += n;
                }
                Extent::Whole(n) | Extent::Part(n) => self.awaiting = Awaiting::Message(n.max(rest.len() + 1)),
                Extent::Needs(n) => self.awaiting = Awaiting::Message(n.max(more_than(rest.len()))),
                Extent::Skip { head, total } if total > 0 && head <= rest.len() => {
                    self.awaiting = Awaiting::Skipped { head, total: total as u64, seen: rest.len() as u64 };
                }
                Extent::Skip { head, .. } => self.awaiting = Awaiting::Message(head.max(rest.len() + 1)),
                Extent::Pass { class, length, ends } if length > 0 => {
                    self.awaiting = Awaiting::Passed { class, start: self.read, left: length, ends };
                }
                extent => {
                    // A body that is none would change nothing: a byte is given up, so that reading goes on.
                    let n = if let Extent::Lost(n) = extent { n.clamp(1, rest.len()) } else { 1 };
                    self.give_up_parts(r);
                    used += self.give_up(n);
                }
            }
        }
        used
    }

    /// Leaves the next `n` bytes Unknown.
    fn give_up(&mut self, n: usize) -> usize {
        if let Some(history) = &mut self.history {
            history.push(self.read, self.read + n as u64, Class::Unknown);
        }
        self.read += n as u64;
        n
    }
}

/// How many bytes must be there before a dialogue is asked again that could not tell from `length`.
fn more_than(length: usize) -> usize {
    if length < limits::EAGER { length + 1 } else { length + length / 8 }
}
