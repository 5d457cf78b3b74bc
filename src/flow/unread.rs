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
use crate::protocols::{self, Extent, Found, Opening, Protocol};

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

/// So many bytes a side may keep memory for while it needs none: most heads of what is skipped are shorter.
const LITTLE: usize = 64;

/// No offset: what the turn began with has been looked at, and decided what is spoken. Nobody decides that twice.
const TAKEN: u64 = u64::MAX;

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
    /// Where the side began to speak after the other one had spoken, the last time.
    turn: u64,
    /// Offset before which an opening is looked for if nobody reads what is spoken.
    openings_end: u64,
    /// What was last said of the memory held.
    told: usize,
}

impl Default for Unread {
    fn default() -> Unread {
        let (tail, assembly) = (Vec::new(), Assembly::new());
        Unread {
            read: 0,
            tail,
            awaiting: ANY,
            parts: None,
            assembly,
            history: None,
            turn: 0,
            openings_end: 0,
            told: 0,
        }
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
        self.openings_end = offset + limits::OPENING;
    }

    /// The side begins to speak at `offset`, after the other one has spoken.
    pub(super) fn takes_turn(&mut self, offset: u64) {
        self.turn = offset;
    }

    /// Whether bytes wait for being read, and could be if something else were spoken.
    pub(super) fn waits(&self) -> bool {
        !self.tail.is_empty() && matches!(self.awaiting, Awaiting::Message(_))
    }

    /// Whether the dialogue has not been asked since the last bytes came ([`limits::EAGER`]).
    pub(super) fn is_behind(&self) -> bool {
        self.tail.len() >= limits::EAGER
            && matches!(self.awaiting, Awaiting::Message(needed) if needed > self.tail.len())
    }

    /// Whether nothing will be read of this side any more.
    fn is_idle<B: Books>(&self, r: &Reader<'_, B>) -> bool {
        matches!(r.spoken, Spoken::Nothing) && self.read >= self.openings_end
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
        if !self.is_idle(r) {
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
        if matches!(r.spoken, Spoken::Dialogue(..)) {
            self.read_segment(*segment, r);
        } else if !self.is_idle(r) {
            self.take_unknown(segment, r);
        }
        self.recognise_anew(r);
        self.settle_up(segment.end(), r);
    }

    /// Takes a segment of which it is not known what is spoken.
    fn take_unknown<B: Books>(&mut self, segment: &Segment<'_>, r: &mut Reader<'_, B>) {
        let mut segment = *segment;
        if self.tail.is_empty() {
            // What tells is mostly in one segment: it is read from the packet.
            let begin = self.read;
            self.tell(segment.bytes, r);
            segment = segment.from(segment.offset + (self.read - begin));
            if matches!(r.spoken, Spoken::Dialogue(..)) {
                return self.read_segment(segment, r);
            }
            self.keep(segment.bytes, r);
        } else {
            self.keep(segment.bytes, r);
            self.read_tail(r);
        }
    }

    /// Tries to tell what is spoken, from `bytes`, which wait. What nobody reads is left Unknown, but for what may
    /// become an opening.
    fn tell<B: Books>(&mut self, bytes: &[u8], r: &mut Reader<'_, B>) {
        let turn = self.turn.checked_sub(self.read).filter(|_| self.turn < self.openings_end);
        let turn = turn.and_then(|turn| usize::try_from(turn).ok()).filter(|turn| *turn <= bytes.len());
        let said = turn.and_then(|turn| bytes.get(turn..)).unwrap_or(&[]);
        let opening = if said.is_empty() { None } else { find_opening(said) };
        if matches!(r.spoken, Spoken::Undecided(_)) {
            // What is known from fewer bytes counts.
            let until = opening.map_or(bytes.len(), |opening| turn.unwrap_or(0) + opening.known);
            let decided = r.decide(bytes.get(..until).unwrap_or(bytes), false);
            if !decided && opening.is_none() || r.turned {
                return;
            }
        }
        match (opening, turn) {
            _ if matches!(r.spoken, Spoken::Dialogue(..)) => {}
            (Some(Opened { protocol, at, .. }), Some(turn)) => {
                self.give_up(turn + at);
                r.turn_to_protocol(protocol);
            }
            (None, Some(turn)) if may_open(said) => drop(self.give_up(turn)),
            _ => drop(self.give_up(bytes.len())),
        }
    }

    /// Reads what waits, now that something else is spoken.
    pub(super) fn wake<B: Books>(&mut self, next: u64, r: &mut Reader<'_, B>) {
        if matches!(self.awaiting, Awaiting::Message(_)) {
            self.awaiting = ANY;
            self.read_tail(r);
        }
        self.recognise_anew(r);
        self.settle_up(next, r);
    }

    /// As long as a message says that what follows it is something else: tries to tell from what waits what it is.
    fn recognise_anew<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        let mut asked = None;
        while matches!(r.spoken, Spoken::Undecided(_))
            && !self.tail.is_empty()
            && !r.turned
            && asked != Some(self.read)
        {
            asked = Some(self.read);
            self.read_tail(r);
        }
    }

    /// The side has said that no more bytes will come: what goes on until then is over, and what is not whole stays so.
    pub(super) fn close<B: Books>(&mut self, next: u64, r: &mut Reader<'_, B>) {
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
        } else if matches!(r.spoken, Spoken::Dialogue(..)) && (self.parts.is_some() || !self.tail.is_empty()) {
            self.finish(next, r);
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
        // This side cannot wait for the other one: that one is woken when all is read here.
        let turned = std::mem::take(&mut r.turned);
        let other_waits = std::mem::take(&mut r.other_waits);
        let spoken = r.spoken.place();
        if matches!((self.awaiting, &r.spoken), (Awaiting::Message(_), Spoken::Dialogue(..))) {
            self.awaiting = ANY;
            self.read_to_end(r);
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
        r.other_waits = other_waits;
        r.turned = other_waits && (turned || r.spoken.place() != spoken);
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
        if self.is_idle(r) {
            self.forget(next);
            self.tail = Vec::new();
            self.assembly = Assembly::new();
        }
        // Of all flows together too much waits.
        if r.desk.held > limits::HELD && self.waits() {
            r.desk.dropped.tail += self.tail.len() as u64;
            self.forget(next);
            if let Spoken::Dialogue(_, dialogue) = r.spoken {
                dialogue.lost(r.side);
            }
        }
        if self.tail.is_empty() && self.tail.capacity() > LITTLE {
            r.desk.give_back(std::mem::take(&mut self.tail));
        }
        self.assembly.forget_before(self.read);
        if let (Some(parts), Some(tree)) = (&mut self.parts, r.tree.as_deref_mut())
            && tree.keeps_all()
        {
            // Whoever looks at all of it sees the head before its body has come.
            parts.put(r.packet, tree);
        }
        let parts = self.parts.as_ref().map_or(0, |parts| parts.held());
        let held = self.tail.len() + size_of_val(self.assembly.pieces()) + parts;
        r.desk.held = (r.desk.held + held).saturating_sub(self.told);
        self.told = held;
    }

    /// Reads as many messages as the tail allows.
    fn read_tail<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        self.use_tail(r, |unread, bytes, r| {
            let begin = unread.read;
            if !matches!(r.spoken, Spoken::Dialogue(..)) {
                unread.tell(bytes, r);
            }
            let told = (unread.read - begin) as usize;
            told + unread.read_from(bytes.get(told..).unwrap_or(&[]), None, r)
        });
    }

    /// Reads as many messages as the tail allows, of which no more will come.
    fn read_to_end<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        self.use_tail(r, |unread, bytes, r| unread.cut(bytes, None, true, r));
    }

    /// Keeps bytes behind those that wait. Few bytes have memory of their own; for more there is some that was used
    /// before.
    #[inline]
    fn keep<B: Books>(&mut self, bytes: &[u8], r: &mut Reader<'_, B>) {
        if self.tail.capacity() == 0 && bytes.len() > LITTLE {
            self.tail = r.desk.spare.pop().unwrap_or_default();
        }
        self.tail.extend_from_slice(bytes);
    }

    /// Lets `read` use bytes of the tail: it returns how many.
    fn use_tail<B: Books>(
        &mut self,
        r: &mut Reader<'_, B>,
        read: impl FnOnce(&mut Unread, &[u8], &mut Reader<'_, B>) -> usize,
    ) {
        if self.tail.is_empty() {
            return;
        }
        let mut joined = std::mem::take(&mut self.tail);
        let used = read(self, &joined, r);
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
        while !segment.bytes.is_empty() {
            if r.turned {
                self.keep(segment.bytes, r);
                return;
            }
            if let Awaiting::Skipped { head, total, seen } = self.awaiting {
                segment = self.skip_on(&segment, (head, total, seen), r);
                continue;
            }
            if !self.tail.is_empty() {
                // The message crosses packets.
                self.keep(segment.bytes, r);
                self.read_tail(r);
                return;
            }
            let used = self.read_from(segment.bytes, Some(&segment), r);
            let rest = segment.from(segment.offset + used as u64);
            let keep = match self.awaiting {
                Awaiting::Skipped { head, .. } if !r.desk.gather => head.min(rest.bytes.len()),
                _ => rest.bytes.len(),
            };
            self.keep(rest.bytes.get(..keep).unwrap_or(&[]), r);
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
        self.keep(segment.bytes.get(..keep).unwrap_or(&[]), r);
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
        self.cut(bytes, here, false, r)
    }

    /// The same; `ends` if no more bytes will come.
    fn cut<B: Books>(
        &mut self,
        bytes: &[u8],
        here: Option<&Segment<'_>>,
        ends: bool,
        r: &mut Reader<'_, B>,
    ) -> usize {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty() && !r.turned) {
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
            if self.read == self.turn {
                match stray(rest, r.spoken) {
                    Stray::Is(protocol) => {
                        self.turn = TAKEN;
                        r.stray_to(protocol);
                        continue;
                    }
                    Stray::MayBe if !ends => {
                        self.wait_for(0, rest.len() + 1);
                        break;
                    }
                    Stray::MayBe | Stray::None => {}
                }
            }
            let Spoken::Dialogue(_, dialogue) = r.spoken else { break };
            let shown = rest.get(..limits::TAIL).unwrap_or(rest);
            let extent = if ends { dialogue.extent_at_end(r.side, shown) } else { dialogue.extent(r.side, shown) };
            match extent {
                extent @ (Extent::Whole(n) | Extent::Part(n) | Extent::Skip { total: n, .. })
                    if n > 0 && (n <= shown.len() || n <= rest.len() && matches!(extent, Extent::Skip { .. })) =>
                {
                    let here = here.map(|segment| segment.from(segment.offset + used as u64));
                    let part = matches!(extent, Extent::Part(_));
                    let whole = Bytes::of(rest.get(..n).unwrap_or(rest), n as u64);
                    self.read_one(&Bytes { here: here.as_ref(), part, ..whole }, r);
                    used += n;
                }
                Extent::Skip { head, total } if total > rest.len() && head <= rest.len() => {
                    self.awaiting = Awaiting::Skipped { head, total: total as u64, seen: rest.len() as u64 };
                }
                Extent::Pass { class, length, ends } if length > 0 => {
                    self.awaiting = Awaiting::Passed { class, start: self.read, left: length, ends };
                }
                Extent::Lost(_) if self.read == self.turn && r.turn_back() => self.turn = TAKEN,
                // It would have to be kept, and is too long.
                Extent::Whole(_) | Extent::Part(_) | Extent::Needs(_) | Extent::Skip { .. }
                    if shown.len() == limits::TAIL =>
                {
                    r.desk.dropped.tail += shown.len() as u64;
                    if let Spoken::Dialogue(_, dialogue) = r.spoken {
                        dialogue.lost(r.side);
                    }
                    self.give_up_parts(r);
                    used += self.give_up(shown.len());
                }
                Extent::Whole(n) | Extent::Part(n) | Extent::Skip { head: n, .. } => self.wait_for(n, rest.len() + 1),
                Extent::Needs(n) => self.wait_for(n, more_than(rest.len())),
                extent => {
                    // A body that is none would change nothing: a byte is given up, so that reading goes on.
                    let n = if let Extent::Lost(n) = extent { n.clamp(1, shown.len()) } else { 1 };
                    self.give_up_parts(r);
                    used += self.give_up(n);
                }
            }
        }
        used
    }

    /// Asks again when `n` bytes are there, and not before there are `least`.
    fn wait_for(&mut self, n: usize, least: usize) {
        self.awaiting = Awaiting::Message(n.max(least).min(limits::TAIL));
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

/// What a turn opens with.
#[derive(Clone, Copy)]
struct Opened {
    protocol: &'static Protocol,
    /// Where it begins in the turn.
    at: usize,
    /// How many bytes of the turn tell.
    known: usize,
}

fn find_opening(said: &[u8]) -> Option<Opened> {
    protocols::OPENINGS.iter().find_map(|Opening { protocol, find }| {
        let Found::At(at) = find(said) else { return None };
        let tells = |n: &usize| said.get(..*n).is_some_and(|said| find(said) == Found::At(at));
        Some(Opened { protocol, at, known: (at..said.len()).find(tells).unwrap_or(said.len()) })
    })
}

/// Whether a turn begins with something else than what is spoken.
enum Stray {
    None,
    /// More bytes will tell.
    MayBe,
    Is(&'static Protocol),
}

/// Looks at what a side begins its turn with.
fn stray(said: &[u8], spoken: &Spoken) -> Stray {
    for stray in protocols::STRAYS {
        match (stray.find)(said) {
            Found::Nowhere => {}
            _ if spoken.place() == protocols::place(stray.protocol) => {}
            Found::At(_) => return Stray::Is(stray.protocol),
            Found::Maybe => return Stray::MayBe,
        }
    }
    Stray::None
}

/// Whether more bytes may make an opening of these.
fn may_open(said: &[u8]) -> bool {
    protocols::OPENINGS.iter().any(|opening| (opening.find)(said) == Found::Maybe)
}

/// How many bytes must be there before a dialogue is asked again that could not tell from `length`.
fn more_than(length: usize) -> usize {
    if length < limits::EAGER { length + 1 } else { length + length / 8 }
}
