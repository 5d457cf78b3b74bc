//! One side of a flow: its bytes in order, cut into messages and read.
//!
//! Bytes are borrowed from the packet where a message lies within it; what no message has used yet is
//! kept (`tail`), and of a message that is being skipped only its head. Who carried what is an
//! [`Assembly`]; when a message was read, its classes go to all packets that carried its bytes.

use super::history::History;
use super::limits::{self, Dropped};
use super::table::Desk;
use super::{Books, MessageRow};
use crate::bytes::{Assembly, Claim, Class, Cursor, Derived, Piece, Tree};
use crate::protocols::{Dialogue, Extent, Message, Side};

/// What the next bytes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaiting {
    /// The dialogue has to be asked, when at least so many bytes are there.
    Message(usize),
    /// A message of `total` bytes whose first `head` bytes are (or will be) in the tail; `seen` have passed.
    Skipped { head: usize, total: usize, seen: usize },
    /// Bytes of a class that are no message.
    Passed { class: Class, left: u64 },
}

/// Bytes that arrived beyond a hole.
#[derive(Clone, Debug)]
struct Ahead {
    offset: u64,
    bytes: Box<[u8]>,
}

/// One side of a flow.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    /// Offset up to which bytes have been read into messages.
    read: u64,
    /// Offset up to which bytes have arrived in order.
    next: u64,
    tail: Vec<u8>,
    ahead: Vec<Ahead>,
    ahead_bytes: usize,
    assembly: Assembly,
    awaiting: Awaiting,
    history: History,
    /// Bytes that arrived again with another content: the first ones count.
    pub(super) conflicts: u32,
    /// Bytes known to be missing.
    pub(super) missing: u64,
}

impl Default for Stream {
    fn default() -> Stream {
        Stream {
            read: 0,
            next: 0,
            tail: Vec::new(),
            ahead: Vec::new(),
            ahead_bytes: 0,
            assembly: Assembly::new(),
            awaiting: Awaiting::Message(1),
            history: History::default(),
            conflicts: 0,
            missing: 0,
        }
    }
}

/// A segment's bytes, where they stand in the stream and in the packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// Offset in the side's stream.
    pub(super) offset: u64,
    /// The bytes.
    pub(super) bytes: &'a [u8],
    /// The packet's number.
    pub(super) packet: u32,
    /// Offset of the bytes in the packet (or in derived source `source`).
    pub(super) at: u32,
    /// 0 if `at` counts within the packet; [`EARLIER`] if the bytes stand in an earlier packet.
    pub(super) source: u8,
    /// Which packets carried a derived source; empty for the packet itself.
    pub(super) origins: &'a [Piece],
}

/// The source of bytes that waited beyond a hole: they stand in an earlier packet.
const EARLIER: u8 = u8::MAX;

impl<'a> Segment<'a> {
    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// What is left of the segment from stream offset `offset` on.
    fn from(&self, offset: u64) -> Segment<'a> {
        let skip = offset.saturating_sub(self.offset).min(self.bytes.len() as u64);
        Segment {
            offset: self.offset + skip,
            bytes: self.bytes.get(skip as usize..).unwrap_or(&[]),
            at: self.at + skip as u32,
            ..*self
        }
    }

    /// What is left of the segment up to stream offset `offset`.
    fn until(&self, offset: u64) -> Segment<'a> {
        let keep = offset.saturating_sub(self.offset).min(self.bytes.len() as u64);
        Segment { bytes: self.bytes.get(..keep as usize).unwrap_or(&[]), ..*self }
    }

    /// Which packets carried the segment: itself, or the fragments that it was put together from.
    fn pieces(&self) -> impl Iterator<Item = Piece> + '_ {
        let length = self.bytes.len() as u32;
        let whole = Piece { offset: self.offset, length, packet: self.packet, at: self.at };
        let (start, end) = (u64::from(self.at), u64::from(self.at) + u64::from(length));
        let parts = self.origins.iter().filter_map(move |piece| piece.within(start, end));
        let moved = parts.map(move |piece| Piece { offset: self.offset + (piece.offset - start), ..piece });
        self.origins.is_empty().then_some(whole).into_iter().chain(moved)
    }

    fn enter(&self, assembly: &mut Assembly) {
        self.pieces().for_each(|piece| assembly.add(piece));
    }
}

/// Everything that reading a message needs besides the stream itself.
pub(super) struct Reader<'r, B: Books> {
    pub(super) dialogue: &'r mut dyn Dialogue,
    pub(super) protocol: u8,
    pub(super) side: Side,
    pub(super) flow: u32,
    pub(super) books: &'r mut B,
    pub(super) desk: &'r mut Desk,
    pub(super) tree: Option<&'r mut Tree>,
    /// What the dialogue asked to be spoken from here on.
    pub(super) then: Option<&'static crate::protocols::Protocol>,
}

impl Stream {
    /// Offset up to which bytes have arrived in order.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Whether bytes wait beyond a hole.
    pub(super) fn has_hole(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Bytes and segments that wait beyond the hole.
    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.ahead_bytes, self.ahead.len())
    }

    /// Offset of the first byte beyond the hole.
    fn beyond(&self) -> Option<u64> {
        self.ahead.iter().map(|ahead| ahead.offset).min()
    }

    /// The bytes that no message has used yet.
    pub(super) fn unread(&self) -> &[u8] {
        &self.tail
    }

    /// Nobody reads this side: its bytes stay Unknown and are not kept.
    pub(super) fn ignore(&mut self, segment: &Segment<'_>) {
        self.tail = Vec::new();
        self.read = segment.end();
        self.assembly.clear();
    }

    /// It is not known yet what is spoken: the bytes wait.
    pub(super) fn wait(&mut self, segment: &Segment<'_>) {
        self.tail.extend_from_slice(segment.bytes);
    }

    /// Another dialogue reads from here on; it is asked about what waits.
    pub(super) fn ask_again(&mut self) {
        self.awaiting = Awaiting::Message(1);
    }

    /// Where bytes begin to be counted, before any arrived.
    pub(super) fn begin_at(&mut self, offset: u64) {
        self.read = offset;
        self.next = offset;
    }

    /// Takes a segment; whatever is new and in order is read by `reader`. Without a reader bytes wait.
    pub(super) fn arrive<B: Books>(
        &mut self,
        segment: Segment<'_>,
        books: &mut B,
        desk: &mut Desk,
        mut read: impl FnMut(&mut Stream, Segment<'_>, &mut B, &mut Desk),
    ) {
        if segment.bytes.is_empty() {
            return;
        }
        if segment.offset < self.next {
            self.again(&segment.until(self.next), books, desk);
        }
        if segment.end() <= self.next {
            return;
        }
        let new = segment.from(self.next);
        if new.offset > self.next {
            self.keep_ahead(&new, desk);
            return;
        }
        // First bytes win: what waits beyond the hole came earlier than this segment.
        let new = match self.beyond() {
            Some(beyond) if beyond < new.end() => {
                self.compare_ahead(&new);
                new.from(beyond).enter(&mut self.assembly);
                new.until(beyond)
            }
            _ => new,
        };
        self.next = new.end();
        new.enter(&mut self.assembly);
        read(self, new, books, desk);
        self.catch_up(new.packet, books, desk, &mut read);
    }

    /// Reads what waited beyond a hole that has closed.
    fn catch_up<B: Books>(
        &mut self,
        packet: u32,
        books: &mut B,
        desk: &mut Desk,
        read: &mut impl FnMut(&mut Stream, Segment<'_>, &mut B, &mut Desk),
    ) {
        while let Some(at) = self.ahead.iter().position(|ahead| ahead.offset <= self.next) {
            let ahead = self.ahead.swap_remove(at);
            self.ahead_bytes = self.ahead_bytes.saturating_sub(ahead.bytes.len());
            desk.ahead_bytes = desk.ahead_bytes.saturating_sub(ahead.bytes.len());
            // Its bytes stand in an earlier packet: they are read from here as derived ones.
            let segment =
                Segment { offset: ahead.offset, bytes: &ahead.bytes, packet, at: 0, source: EARLIER, origins: &[] };
            let new = segment.from(self.next);
            if !new.bytes.is_empty() {
                self.next = new.end();
                read(self, new, books, desk);
            }
        }
    }

    /// Bytes that arrived before: their packet shares the class of the original.
    fn again<B: Books>(&mut self, segment: &Segment<'_>, books: &mut B, desk: &mut Desk) {
        let old = segment.until(self.read);
        for (start, end, class) in self.history.classes(old.offset, old.end()) {
            if class != Class::Unknown {
                let parts = old.pieces().filter_map(|piece| piece.within(start, end));
                parts.for_each(|piece| desk.settle(books, &piece, class));
            }
        }
        let unread = segment.from(self.read);
        if unread.bytes.is_empty() {
            return;
        }
        unread.enter(&mut self.assembly);
        let kept = self.tail.get((unread.offset - self.read) as usize..).unwrap_or(&[]);
        if kept.iter().zip(unread.bytes).any(|(first, again)| first != again) {
            self.conflicts = self.conflicts.saturating_add(1);
        }
    }

    fn compare_ahead(&mut self, new: &Segment<'_>) {
        let conflict = self.ahead.iter().any(|ahead| {
            let common = new.from(ahead.offset).until(ahead.offset + ahead.bytes.len() as u64);
            let from = common.offset.saturating_sub(ahead.offset) as usize;
            let kept = ahead.bytes.get(from..).unwrap_or(&[]);
            common.offset >= ahead.offset && kept.iter().zip(common.bytes).any(|(first, again)| first != again)
        });
        if conflict {
            self.conflicts = self.conflicts.saturating_add(1);
        }
    }

    /// Keeps a segment beyond a hole: only what is not kept already.
    fn keep_ahead(&mut self, segment: &Segment<'_>, desk: &mut Desk) {
        self.compare_ahead(segment);
        let mut rest = *segment;
        while !rest.bytes.is_empty() {
            let covering = self
                .ahead
                .iter()
                .filter(|kept| kept.offset < rest.end() && rest.offset < kept.offset + kept.bytes.len() as u64)
                .min_by_key(|kept| kept.offset)
                .map(|kept| (kept.offset, kept.offset + kept.bytes.len() as u64));
            let (new, after) = match covering {
                None => (rest, rest.end()),
                Some((start, end)) => (rest.until(start), end),
            };
            let full = self.ahead_bytes + new.bytes.len() > limits::AHEAD
                || desk.ahead_bytes + new.bytes.len() > limits::AHEAD_TOTAL
                || self.ahead.len() >= limits::AHEAD_PIECES;
            if full {
                desk.dropped.ahead += new.bytes.len() as u64;
            } else if !new.bytes.is_empty() {
                self.ahead_bytes += new.bytes.len();
                desk.ahead_bytes += new.bytes.len();
                self.ahead.push(Ahead { offset: new.offset, bytes: new.bytes.into() });
            }
            rest = rest.from(after);
        }
        segment.enter(&mut self.assembly);
    }

    /// The bytes up to the first that waits beyond the hole will not come. Returns how many are missing.
    pub(super) fn give_up_hole<B: Books>(
        &mut self,
        packet: u32,
        books: &mut B,
        desk: &mut Desk,
        lost: impl FnOnce(),
        mut read: impl FnMut(&mut Stream, Segment<'_>, &mut B, &mut Desk),
    ) -> u64 {
        let Some(beyond) = self.beyond().filter(|beyond| *beyond > self.next) else { return 0 };
        self.pass_hole(beyond, lost);
        let gap = beyond - self.next;
        self.next = beyond;
        self.catch_up(packet, books, desk, &mut read);
        gap
    }

    /// Bytes from `next` to `offset` are missing: a message that is being skipped goes on behind them.
    fn pass_hole(&mut self, offset: u64, lost: impl FnOnce()) {
        let gap = offset - self.next;
        self.missing += gap;
        match &mut self.awaiting {
            Awaiting::Passed { left, .. } if *left > gap => {
                *left -= gap;
                self.read += gap;
            }
            Awaiting::Skipped { head, total, seen } if self.tail.len() >= *head && (*total - *seen) as u64 > gap => {
                *seen += gap as usize;
            }
            _ => {
                self.tail.clear();
                self.read = offset;
                self.awaiting = Awaiting::Message(1);
                lost();
            }
        }
    }

    /// No more bytes will come: what waits is read as far as it goes. Returns whether something was read.
    pub(super) fn finish<B: Books>(&mut self, packet: u32, r: &mut Reader<'_, B>) -> bool {
        let length = match self.awaiting {
            Awaiting::Skipped { seen, .. } => seen,
            Awaiting::Message(_) => self.tail.len(),
            Awaiting::Passed { .. } => 0,
        };
        if length == 0 {
            return false;
        }
        self.awaiting = Awaiting::Message(1);
        let kept = std::mem::take(&mut self.tail);
        self.read_one(&kept, length, None, packet, r);
        self.assembly.forget_before(self.read);
        true
    }

    /// Reads as many messages as the bytes allow. `segment` is what has just arrived, at the end of what
    /// is in order.
    pub(super) fn read_messages<B: Books>(&mut self, segment: Segment<'_>, r: &mut Reader<'_, B>) {
        let mut segment = segment;
        if !self.tail.is_empty() && !matches!(self.awaiting, Awaiting::Skipped { .. }) {
            // Join what waited with what came; the message crosses packets.
            let mut joined = std::mem::take(&mut self.tail);
            joined.extend_from_slice(segment.bytes);
            let left = self.read_from(&joined, None, &segment, r);
            let used = joined.len() - left;
            // Of a message that is being skipped, the tail holds the head already.
            if !matches!(self.awaiting, Awaiting::Skipped { .. }) {
                joined.drain(..used);
                self.tail = joined;
            }
        } else {
            loop {
                let before = segment.bytes.len();
                if let Awaiting::Skipped { head, total, seen } = self.awaiting {
                    segment = self.skip_on(segment, (head, total, seen), r);
                }
                if segment.bytes.is_empty() {
                    break;
                }
                let left = self.read_from(segment.bytes, Some(&segment), &segment, r);
                segment = segment.from(segment.end() - left as u64);
                if matches!(self.awaiting, Awaiting::Skipped { .. }) && segment.bytes.len() < before {
                    continue;
                }
                self.tail.extend_from_slice(segment.bytes);
                break;
            }
        }
        if self.tail.len() > limits::TAIL && !matches!(self.awaiting, Awaiting::Skipped { .. }) {
            r.desk.dropped.tail += self.tail.len() as u64;
            self.read += self.tail.len() as u64;
            self.tail.clear();
            self.awaiting = Awaiting::Message(1);
            r.dialogue.lost(r.side);
        }
        self.assembly.forget_before(self.read);
    }

    /// Lets bytes of a skipped message pass; reads the message when its last byte has. Returns what is left.
    fn skip_on<'s, B: Books>(
        &mut self,
        segment: Segment<'s>,
        (head, total, seen): (usize, usize, usize),
        r: &mut Reader<'_, B>,
    ) -> Segment<'s> {
        let now = segment.bytes.len().min(total - seen);
        let keep = if r.desk.gather { now } else { now.min(head.saturating_sub(self.tail.len())) };
        self.tail.extend_from_slice(segment.bytes.get(..keep).unwrap_or(&[]));
        let left = segment.from(segment.offset + now as u64);
        if seen + now < total {
            self.awaiting = Awaiting::Skipped { head, total, seen: seen + now };
            return left;
        }
        let kept = std::mem::take(&mut self.tail);
        self.awaiting = Awaiting::Message(1);
        self.read_one(&kept, total, None, segment.packet, r);
        self.tail = kept;
        self.tail.clear();
        left
    }

    /// Reads messages from `bytes`, which begin at offset `read`. Returns how many bytes were left.
    fn read_from<B: Books>(
        &mut self,
        bytes: &[u8],
        here: Option<&Segment<'_>>,
        last: &Segment<'_>,
        r: &mut Reader<'_, B>,
    ) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() && r.then.is_none() {
            match self.awaiting {
                Awaiting::Passed { class, left } => {
                    let now = left.min(rest.len() as u64);
                    self.settle_range(self.read, self.read + now, class, r);
                    self.read += now;
                    rest = rest.get(now as usize..).unwrap_or(&[]);
                    self.awaiting = match left - now {
                        0 => Awaiting::Message(1),
                        left => Awaiting::Passed { class, left },
                    };
                }
                Awaiting::Message(needed) if rest.len() < needed => break,
                Awaiting::Message(_) => match r.dialogue.extent(r.side, rest) {
                    Extent::Whole(n) | Extent::Skip { total: n, .. } if n > 0 && n <= rest.len() => {
                        let message = rest.get(..n).unwrap_or(rest);
                        let at = bytes.len() - rest.len();
                        self.awaiting = Awaiting::Message(1);
                        self.read_one(message, n, here.map(|segment| (segment, at)), last.packet, r);
                        rest = rest.get(n..).unwrap_or(&[]);
                    }
                    Extent::Whole(n) | Extent::Needs(n) => {
                        self.awaiting = Awaiting::Message(n.max(rest.len() + 1));
                        break;
                    }
                    Extent::Skip { head, total } if total > 0 && head <= rest.len() => {
                        // The tail holds the head; the body passes.
                        let keep = if r.desk.gather { rest.len() } else { head };
                        self.tail.clear();
                        self.tail.extend_from_slice(rest.get(..keep).unwrap_or(rest));
                        self.awaiting = Awaiting::Skipped { head, total, seen: rest.len() };
                        return 0;
                    }
                    Extent::Skip { head, .. } => {
                        self.awaiting = Awaiting::Message(head.max(rest.len() + 1));
                        break;
                    }
                    Extent::Pass { class, length } if length > 0 => {
                        self.awaiting = Awaiting::Passed { class, left: length };
                    }
                    Extent::Lost(n) => {
                        let n = n.clamp(1, rest.len());
                        self.history.push(self.read, self.read + n as u64, Class::Unknown);
                        self.read += n as u64;
                        rest = rest.get(n..).unwrap_or(&[]);
                    }
                    Extent::Pass { .. } => {
                        self.read += 1;
                        rest = rest.get(1..).unwrap_or(&[]);
                    }
                },
                Awaiting::Skipped { .. } => break,
            }
        }
        rest.len()
    }

    /// Reads the message of `length` bytes that begins at offset `read`.
    fn read_one<B: Books>(
        &mut self,
        bytes: &[u8],
        length: usize,
        here: Option<(&Segment<'_>, usize)>,
        packet: u32,
        r: &mut Reader<'_, B>,
    ) {
        let (start, end) = (self.read, self.read + length as u64);
        let in_packet = here.filter(|(segment, _)| segment.source != EARLIER);
        let (base, source) = match in_packet {
            Some((segment, at)) => (segment.at + at as u32, segment.source),
            None => (0, self.derive(bytes, r.tree.as_deref_mut())),
        };
        let origins: Vec<Piece> = if r.tree.is_some() || in_packet.is_none() {
            self.assembly.origins(start, end).map(|piece| Piece { offset: piece.offset - start, ..piece }).collect()
        } else {
            Vec::new()
        };
        let depth = r.desk.depth;
        r.desk.findings.clear();
        let mut c = Cursor::new(bytes, base, source, &mut r.desk.findings, r.tree.as_deref_mut())
            .with_origins(&origins)
            .with_length(length)
            .with_depth(depth);
        let message = match r.dialogue.read(r.side, &mut c) {
            Ok(message) => message,
            Err(stop) => {
                c.stopped(&stop);
                Message::new("malformed")
            }
        };
        r.then = message.then;
        let mut claimed = start;
        for n in 0..r.desk.findings.claims.ranges().len() {
            let Some(Claim { start: from, end: to, class }) = r.desk.findings.claims.ranges().get(n).copied() else {
                break;
            };
            let (from, to) = (start + u64::from(from - base), start + u64::from(to - base));
            self.settle_range(from, to, class, r);
            claimed = claimed.max(to);
        }
        self.history.push(claimed, end, Class::Unknown);
        let first = self.assembly.origins(start, end).map(|piece| piece.packet).min().unwrap_or(packet);
        r.state_facts(&self.assembly, start, base, packet);
        let row = MessageRow {
            flow: r.flow,
            first,
            last: packet,
            offset: start,
            length: length as u32,
            side: r.side,
            protocol: r.protocol,
            what: message.what,
            subject: MessageRow::NOTHING,
        };
        r.books.message(row, &r.desk.findings.subject);
        self.read = end;
    }

    /// The bytes `start..end` of the stream are of `class`: tells every packet that carried them.
    fn settle_range<B: Books>(&mut self, start: u64, end: u64, class: Class, r: &mut Reader<'_, B>) {
        for piece in self.assembly.origins(start, end) {
            r.desk.settle(r.books, &piece, class);
        }
        self.history.push(start, end, class);
    }

    fn derive(&self, bytes: &[u8], tree: Option<&mut Tree>) -> u8 {
        tree.map_or(0, |tree| {
            let end = self.read + bytes.len() as u64;
            let origins = self
                .assembly
                .origins(self.read, end)
                .map(|piece| Piece { offset: piece.offset - self.read, ..piece })
                .collect();
            tree.derive(Derived { label: "reassembled", bytes: bytes.to_vec(), origins })
        })
    }
}

impl<B: Books> Reader<'_, B> {
    fn state_facts(&mut self, assembly: &Assembly, start: u64, base: u32, packet: u32) {
        for fact in std::mem::take(&mut self.desk.findings.facts) {
            let from = start + u64::from(fact.start.saturating_sub(base));
            let to = start + u64::from(fact.end.saturating_sub(base));
            let first = assembly.origins(from, to).next();
            let (packet, at) = first
                .map_or((packet, fact.start..fact.end), |piece| (piece.packet, piece.at..piece.at + piece.length));
            self.books.fact(self.flow, packet, at, fact);
        }
    }
}

impl Dropped {
    /// Whether nothing was dropped.
    pub fn is_nothing(&self) -> bool {
        *self == Dropped::default()
    }
}
