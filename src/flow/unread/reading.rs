//! Messages, and parts of them, as they are read: by their dialogue, into rows, classes, facts and notes.

use super::super::history::History;
use super::super::pairs::Answered;
use super::super::parts::Parts;
use super::super::segment::{EARLIER, Segment};
use super::super::speech::{Reader, Spoken};
use super::super::{Books, MessageRow, limits};
use super::{ANY, Awaiting, Unread};
use crate::bytes::{Claim, Class, Cursor, Derived, Piece, Tree};
use crate::protocols::{Message, Then};

/// A message, or a part of one, as it is to be read.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    /// What is here of it.
    pub(super) bytes: &'a [u8],
    /// How long it is.
    pub(super) length: u64,
    /// The segment that it lies in, if it lies in one.
    pub(super) here: Option<&'a Segment<'a>>,
    /// The rest of it will not come.
    pub(super) cut: bool,
    /// The message goes on behind it.
    pub(super) part: bool,
    /// Its bytes passed before, and have their class.
    pub(super) passed: bool,
}

impl<'a> Bytes<'a> {
    pub(super) fn of(bytes: &'a [u8], length: u64) -> Bytes<'a> {
        Bytes { bytes, length, here: None, cut: false, part: false, passed: false }
    }
}

/// What becomes a row of messages.
struct Row {
    start: u64,
    end: u64,
    first: u32,
    protocol: u8,
    what: &'static str,
}

/// Enters a row. Returns the question that it answers.
fn enter_row<B: Books>(row: &Row, r: &mut Reader<'_, B>) -> Option<Answered> {
    let (pair, answered) = r.pair();
    let entered = MessageRow {
        flow: r.flow,
        first: row.first,
        last: r.packet,
        offset: row.start,
        length: (row.end - row.start).min(u32::MAX.into()) as u32,
        side: r.side,
        protocol: row.protocol,
        what: row.what,
        subject: MessageRow::NOTHING,
        pair,
    };
    if let Some(decoded) = &r.desk.findings.decoded {
        r.books.decoded(r.flow, decoded);
    }
    r.books.message(entered, &r.desk.findings.subject);
    answered
}

impl Unread {
    /// Bytes of a body pass: they get their class, and are kept if a tree may listen.
    pub(super) fn pass_on<B: Books>(&mut self, bytes: &[u8], class: Class, r: &mut Reader<'_, B>) {
        let (start, end) = (self.read, self.read + bytes.len() as u64);
        let gather = r.desk.gather && r.desk.held <= limits::HELD;
        if matches!(self.awaiting, Awaiting::Passed { ends: true, .. }) && self.parts.is_none() {
            self.parts = Some(Box::new(Parts::new(start, gather)));
        }
        if let Some(parts) = &mut self.parts {
            parts.keep(start, bytes.len() as u64, bytes, self.assembly.origins(start, end), true);
            let first = self.assembly.origins(start, end).map(|piece| piece.packet).min();
            parts.first = parts.first.min(first.unwrap_or(r.packet));
        }
        self.settle_range(start, end, class, r);
        self.read = end;
    }

    /// Reads the message that ended with the bytes from `start` on, which have passed; `left` of them did not come.
    pub(super) fn read_passed<B: Books>(&mut self, start: u64, left: u64, r: &mut Reader<'_, B>) {
        self.awaiting = ANY;
        let length = self.read - start;
        self.read = start;
        self.read_one(&Bytes { cut: left > 0, passed: true, ..Bytes::of(&[], length) }, r);
    }

    /// Reads the message, or the part of one, that begins at offset `read`.
    pub(super) fn read_one<B: Books>(&mut self, of: &Bytes<'_>, r: &mut Reader<'_, B>) {
        let Spoken::Dialogue(protocol, dialogue) = r.spoken else { return };
        let (start, end, protocol) = (self.read, self.read + of.length, *protocol);
        let mut origins = std::mem::take(&mut r.desk.origins);
        let moved = |piece: Piece| Piece { offset: piece.offset - start, ..piece };
        origins.extend(self.assembly.origins(start, end).map(moved));
        if of.part && self.parts.is_none() {
            self.parts = Some(Box::new(Parts::new(start, r.desk.gather && r.desk.held <= limits::HELD)));
        }
        let mut parts = self.parts.take();
        let mut whole = None;
        if let Some(parts) = &mut parts {
            if !of.passed {
                parts.keep(start, of.length, of.bytes, self.assembly.origins(start, end), false);
            }
            if !of.part {
                whole = parts.passed();
            }
        }
        let begin = parts.as_ref().map_or(0, |parts| parts.start);
        let noted = parts.as_mut().and_then(|parts| parts.notes(start, of.length));
        let (bytes, base, source, tree) = if let Some((tree, source, bytes)) = noted {
            // What passed is not looked at again, whoever listens: a dialogue must not read more than in a quiet pass.
            (if of.passed { of.bytes } else { bytes }, (start - begin) as u32, source, Some(tree))
        } else {
            let (base, source) = match of.here.filter(|segment| segment.source != EARLIER) {
                Some(segment) => (segment.at, segment.source),
                None => (0, derive(of.bytes, &origins, r.tree.as_deref_mut())),
            };
            (of.bytes, base, source, r.tree.as_deref_mut())
        };
        r.desk.findings.clear();
        let mut c = Cursor::new(bytes, base, source, &mut r.desk.findings, tree)
            .with_origins(&origins)
            .with_length(usize::try_from(of.length).unwrap_or(usize::MAX))
            .with_passed(whole.as_deref())
            .with_depth(r.desk.depth);
        let message = dialogue.read(r.side, &mut c).unwrap_or_else(|stop| {
            c.stopped(&stop);
            Message::new(if of.cut { "cut" } else { "malformed" })
        });
        let first = origins.iter().map(|piece| piece.packet).min().unwrap_or(r.packet);
        if !of.passed {
            self.settle_claims((start, end), base, &origins, r);
        }
        r.state_facts(&origins, base);
        origins.clear();
        r.desk.origins = origins;
        self.read = end;
        let row = Row { start, end, first, protocol, what: message.what };
        match parts {
            None => {
                if let Some(answered) = enter_row(&row, r) {
                    r.note_answered(&answered);
                }
            }
            Some(mut parts) => {
                parts.first = parts.first.min(first);
                if !row.what.is_empty() {
                    parts.asks |= r.desk.findings.pairing.is_some_and(|pairing| pairing.asks.is_some());
                    let answered = enter_row(&Row { start: parts.row, first: parts.first, ..row }, r);
                    parts.answered = parts.answered.or(answered);
                    (parts.row, parts.first) = (end, u32::MAX);
                }
                if of.part {
                    self.parts = Some(parts);
                } else {
                    if parts.asks {
                        r.pairs.completed(r.side, r.packet, r.desk.time);
                    }
                    parts.show(r);
                }
            }
        }
        match message.then {
            Then::Same => {}
            Then::Anew => r.turn_to(Spoken::Undecided(0)),
            Then::Carried => r.turn_to(Spoken::CARRIED),
            Then::Protocol(protocol) => r.turn_to_protocol(protocol),
        }
    }

    /// The message that was read in parts will not be completed.
    pub(super) fn give_up_parts<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        let Some(mut parts) = self.parts.take() else { return };
        if let Spoken::Dialogue(protocol, _) = r.spoken
            && parts.row < self.read
        {
            let row = Row {
                start: parts.row,
                end: self.read,
                first: parts.first.min(r.packet),
                protocol: *protocol,
                what: "cut",
            };
            r.desk.findings.clear();
            enter_row(&row, r);
        }
        parts.show(r);
    }

    /// The claims of the message `start..end` go to all packets that carried its bytes: `origins` count from its first.
    fn settle_claims<B: Books>(
        &mut self,
        (start, end): (u64, u64),
        base: u32,
        origins: &[Piece],
        r: &mut Reader<'_, B>,
    ) {
        let mut claimed = start;
        let mut n = 0;
        r.desk.findings.claims.sort();
        while let Some(Claim { start: from, end: to, class }) = r.desk.findings.claims.ranges().get(n).copied() {
            let (from, to) = (u64::from(from.saturating_sub(base)), u64::from(to.saturating_sub(base)));
            let until = to.min(end - start);
            for piece in origins.iter().filter_map(|piece| piece.within(from, until)) {
                r.desk.settle(r.books, &piece, class);
            }
            self.remember(start + from, start + until, class);
            claimed = claimed.max(start + to);
            n += 1;
        }
        self.remember(claimed, end, Class::Unknown);
    }

    /// The bytes `start..end` of the stream are of `class`: tells every packet that carried them.
    pub(super) fn settle_range<B: Books>(&mut self, start: u64, end: u64, class: Class, r: &mut Reader<'_, B>) {
        for piece in self.assembly.origins(start, end) {
            r.desk.settle(r.books, &piece, class);
        }
        self.remember(start, end, class);
    }

    pub(super) fn remember(&mut self, start: u64, end: u64, class: Class) {
        if start < end {
            self.history.get_or_insert_with(|| Box::new(History::begun())).push(start, end, class);
        }
    }
}

/// Makes the bytes of a message that crosses packets a source of the tree.
fn derive(bytes: &[u8], origins: &[Piece], tree: Option<&mut Tree>) -> u8 {
    tree.map_or(0, |tree| {
        tree.derive(Derived { label: "reassembled", bytes: bytes.to_vec(), origins: origins.to_vec() })
    })
}
