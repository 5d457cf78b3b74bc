//! The rows that a pass leaves behind, and how they are kept: in as few bytes as they need.
//!
//! | row | bytes | what is not kept with it |
//! |---|---|---|
//! | [`Row`] | 48 | its length on the wire, as long as no packet was cut |
//! | [`MessageRow`] | 32 | its flow: it is that of the packet that completes it |
//! | [`FactRow`] | 20 | its flow, unless another one's packet tells of it (an ICMP error) |
//!
//! [`Rows`] hands them out by value.

use std::marker::PhantomData;
use std::ops::Range;

use super::journal::Journal;
use crate::bytes::{Confidence, Field};
use crate::capture::Head;
use crate::flow::{MessageRow, NO_FLOW, Pair, Question};
use crate::protocols::{NONE, Side};

/// One packet: where it lies and whose it is. Its bytes by class tells [`super::Trace::ledger`].
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Nanoseconds since 1970.
    pub time: i64,
    /// Offset of its first byte in the (uncompressed) capture.
    pub position: u64,
    /// Bytes captured.
    pub captured: u32,
    /// Bytes on the wire.
    pub length: u32,
    /// The flow that it belongs to, or [`NO_FLOW`].
    pub flow: u32,
    /// Interface, counted over all sections.
    pub interface: u16,
    /// The uppermost protocol that was recognised, as its place in THE LIST.
    pub protocol: u8,
    pub(super) flags: u8,
}

impl Row {
    pub(super) const SERVER: u8 = 1;
    pub(super) const TIMED: u8 = 2;
    pub(super) const STOPPED: u8 = 4;
    pub(super) const WIDE: u8 = 8;
    pub(super) const GONE: u8 = 16;

    /// The row of a packet of which no more is known than what the capture says.
    #[inline]
    pub(super) fn new(head: &Head) -> Row {
        Row {
            time: head.time,
            position: head.position,
            captured: head.captured,
            length: head.length,
            flow: NO_FLOW,
            interface: head.interface.min(u16::MAX.into()) as u16,
            protocol: NONE,
            flags: if head.timed { Row::TIMED } else { 0 },
        }
    }

    /// Who sent it, within its flow.
    pub fn side(&self) -> Side {
        if self.flags & Row::SERVER == 0 { Side::Client } else { Side::Server }
    }

    /// Whether the capture tells its time.
    pub fn timed(&self) -> bool {
        self.flags & Row::TIMED != 0
    }

    /// Whether the packet does not reach whose trace this is: nothing else of the row tells anything then.
    pub fn is_gone(&self) -> bool {
        self.flags & Row::GONE != 0
    }

    /// Whether reading its headers stopped before their end.
    pub fn stopped(&self) -> bool {
        self.flags & Row::STOPPED != 0
    }
}

/// A fact with its evidence.
#[derive(Clone, Copy, Debug)]
pub struct FactRow {
    /// The field it came from.
    pub field: &'static Field,
    /// The flow.
    pub flow: u32,
    /// The packet that holds the evidence (its beginning, if it crosses packets).
    pub packet: u32,
    /// First byte of the evidence in that packet.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What was learned: a word of [`super::Trace::words`]. Equal words may have several numbers.
    pub value: u32,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Bytes of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The packet, from 1.
    pub packet: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A [`Row`] as it is kept.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
pub(super) struct PackedRow {
    pub(super) time: i64,
    pub(super) position: u64,
    pub(super) captured: u32,
    pub(super) flow: u32,
    pub(super) ledger: [u16; 10],
    pub(super) interface: u16,
    pub(super) protocol: u8,
    pub(super) flags: u8,
}

/// A [`MessageRow`] as it is kept.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
pub(super) struct PackedMessage {
    offset: u64,
    first: u32,
    pub(super) last: u32,
    length: u32,
    subject: u32,
    pair: u32,
    what: u16,
    protocol: u8,
    /// The side in bit 0, the pair above it.
    flags: u8,
}

impl PackedMessage {
    const REPEATS: u8 = 1 << 1;
    const ANSWERS: u8 = 2 << 1;
    const ASKS: u8 = 3 << 1;
    const KIND: u8 = 3 << 1;
    /// The question is told by its packet.
    const IN_PACKET: u8 = 1 << 3;
    /// An answer that asks itself.
    const ASKS_TOO: u8 = 1 << 4;

    pub(super) fn new(message: &MessageRow, what: u16) -> PackedMessage {
        let packed = |kind, question| match question {
            Question::Here(number) => (kind, number),
            Question::InPacket(packet) => (kind | PackedMessage::IN_PACKET, packet),
        };
        let (kind, pair) = match message.pair {
            Pair::None => (0, 0),
            Pair::Asks => (PackedMessage::ASKS, 0),
            Pair::Repeats(question) => packed(PackedMessage::REPEATS, question),
            Pair::Answers { question, asks: false } => packed(PackedMessage::ANSWERS, question),
            Pair::Answers { question, asks: true } => {
                packed(PackedMessage::ANSWERS | PackedMessage::ASKS_TOO, question)
            }
        };
        PackedMessage {
            offset: message.offset,
            first: message.first,
            last: message.last,
            length: message.length,
            subject: message.subject,
            pair,
            what,
            protocol: message.protocol,
            flags: kind | message.side as u8,
        }
    }

    fn pair(&self) -> Pair {
        let in_packet = self.flags & PackedMessage::IN_PACKET != 0;
        let question = if in_packet { Question::InPacket(self.pair) } else { Question::Here(self.pair) };
        match self.flags & PackedMessage::KIND {
            PackedMessage::ASKS => Pair::Asks,
            PackedMessage::REPEATS => Pair::Repeats(question),
            PackedMessage::ANSWERS => Pair::Answers { question, asks: self.flags & PackedMessage::ASKS_TOO != 0 },
            _ => Pair::None,
        }
    }

    fn unpack(&self, books: &Journal) -> MessageRow {
        MessageRow {
            flow: books.flow_of(self.last),
            first: self.first,
            last: self.last,
            offset: self.offset,
            length: self.length,
            side: if self.flags & 1 == 0 { Side::Client } else { Side::Server },
            protocol: self.protocol,
            what: books.whats.at(self.what).unwrap_or_default(),
            subject: self.subject,
            pair: self.pair(),
        }
    }
}

/// A [`FactRow`] as it is kept.
#[derive(Clone, Copy)]
pub(super) struct PackedFact {
    pub(super) packet: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) value: u32,
    pub(super) field: u16,
    pub(super) confidence: Confidence,
    /// Whether its flow is another one than the packet's.
    pub(super) astray: bool,
}

/// What rows point to that exists once in the program: fields, and names of messages, numbered as they come.
pub(super) struct Numbered<T: ?Sized + 'static> {
    things: Vec<&'static T>,
    numbers: hashbrown::HashMap<usize, u16, foldhash::fast::RandomState>,
    /// The thing that was asked for last of those that share a place, and its number.
    recent: [(usize, u16); RECENT],
}

/// Things that are found again without a look into the table.
const RECENT: usize = 64;

impl<T: ?Sized> Clone for Numbered<T> {
    fn clone(&self) -> Numbered<T> {
        Numbered { things: self.things.clone(), numbers: self.numbers.clone(), recent: self.recent }
    }
}

impl<T: ?Sized> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered { things: Vec::new(), numbers: hashbrown::HashMap::default(), recent: [(0, 0); RECENT] }
    }
}

impl<T: ?Sized> Numbered<T> {
    /// The number of a thing. The program has far fewer than would fit.
    #[inline]
    pub(super) fn number(&mut self, thing: &'static T) -> u16 {
        let place = std::ptr::from_ref(thing).cast::<u8>().addr();
        match self.recent.get((place >> 3) % RECENT) {
            Some((known, number)) if *known == place => *number,
            _ => self.look_up(thing, place),
        }
    }

    fn look_up(&mut self, thing: &'static T, place: usize) -> u16 {
        let things = &mut self.things;
        let number = *self.numbers.entry(place).or_insert_with(|| {
            things.push(thing);
            (things.len() - 1) as u16
        });
        if let Some(recent) = self.recent.get_mut((place >> 3) % RECENT) {
            *recent = (place, number);
        }
        number
    }

    pub(super) fn at(&self, number: u16) -> Option<&'static T> {
        self.things.get(usize::from(number)).copied()
    }
}

/// A kind of rows: how one is found in the books.
pub trait Kept: Sized {
    #[doc(hidden)]
    fn count(books: &Journal) -> usize;
    #[doc(hidden)]
    fn find(books: &Journal, at: usize) -> Option<Self>;
}

impl Kept for Row {
    fn count(books: &Journal) -> usize {
        books.rows.len()
    }

    #[inline]
    fn find(books: &Journal, at: usize) -> Option<Row> {
        let row = books.rows.get(at)?;
        Some(Row {
            time: row.time,
            position: row.position,
            captured: row.captured,
            length: if books.lengths.is_empty() { row.captured } else { *books.lengths.get(at)? },
            flow: row.flow,
            interface: row.interface,
            protocol: row.protocol,
            flags: row.flags,
        })
    }
}

impl Kept for MessageRow {
    fn count(books: &Journal) -> usize {
        books.messages.len()
    }

    fn find(books: &Journal, at: usize) -> Option<MessageRow> {
        Some(books.messages.get(at)?.unpack(books))
    }
}

impl Kept for FactRow {
    fn count(books: &Journal) -> usize {
        books.facts.len()
    }

    fn find(books: &Journal, at: usize) -> Option<FactRow> {
        let fact = books.facts.get(at)?;
        let flow = if fact.astray { books.astray.get(&(at as u32)).copied() } else { None };
        Some(FactRow {
            field: books.fields.at(fact.field)?,
            flow: flow.unwrap_or_else(|| books.flow_of(fact.packet)),
            packet: fact.packet,
            start: fact.start,
            end: fact.end,
            value: fact.value,
            confidence: fact.confidence,
        })
    }
}

/// Rows of one kind, in order; each is unpacked as it is asked for.
pub struct Rows<'t, R> {
    books: &'t Journal,
    range: Range<usize>,
    kind: PhantomData<fn() -> R>,
}

impl<R> Clone for Rows<'_, R> {
    fn clone(&self) -> Self {
        Rows { books: self.books, range: self.range.clone(), kind: PhantomData }
    }
}

impl<'t, R: Kept> Rows<'t, R> {
    pub(super) fn of(books: &'t Journal) -> Rows<'t, R> {
        Rows { books, range: 0..R::count(books), kind: PhantomData }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The row at place `at`, from 0.
    #[inline]
    pub fn get(&self, at: usize) -> Option<R> {
        let at = self.range.start.checked_add(at).filter(|at| *at < self.range.end)?;
        R::find(self.books, at)
    }

    /// The rows of these places, as far as there are some.
    #[must_use]
    pub fn within(&self, places: Range<usize>) -> Rows<'t, R> {
        let place = |at: usize| self.range.start.saturating_add(at).min(self.range.end);
        Rows {
            books: self.books,
            range: place(places.start)..place(places.end).max(place(places.start)),
            kind: PhantomData,
        }
    }

    /// The first place whose row does not satisfy `before`; all that do stand before those that do not.
    pub fn partition_point(&self, mut before: impl FnMut(&R) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle) {
                Some(row) if before(&row) => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// All of them, in order.
    #[must_use]
    pub fn iter(&self) -> Rows<'t, R> {
        self.clone()
    }
}

impl<'t, R: Kept> IntoIterator for &Rows<'t, R> {
    type Item = R;
    type IntoIter = Rows<'t, R>;

    fn into_iter(self) -> Rows<'t, R> {
        self.iter()
    }
}

impl<R: Kept> Iterator for Rows<'_, R> {
    type Item = R;

    #[inline]
    fn next(&mut self) -> Option<R> {
        R::find(self.books, self.range.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl<R: Kept> DoubleEndedIterator for Rows<'_, R> {
    fn next_back(&mut self) -> Option<R> {
        R::find(self.books, self.range.next_back()?)
    }
}

impl<R: Kept> ExactSizeIterator for Rows<'_, R> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_take_as_many_bytes_as_is_written_above() {
        let sizes = [size_of::<PackedRow>(), size_of::<PackedMessage>(), size_of::<PackedFact>()];
        assert_eq!(sizes, [48, 32, 20]);
    }

    #[test]
    fn a_message_comes_back_as_it_was() {
        let pairs = [
            Pair::None,
            Pair::Asks,
            Pair::Repeats(Question::Here(7)),
            Pair::Repeats(Question::InPacket(7)),
            Pair::Answers { question: Question::Here(u32::MAX), asks: false },
            Pair::Answers { question: Question::InPacket(u32::MAX), asks: true },
        ];
        let mut books = Journal::default();
        for (pair, side) in pairs.into_iter().zip([Side::Client, Side::Server].into_iter().cycle()) {
            let message = MessageRow {
                flow: NO_FLOW,
                first: 3,
                last: 9,
                offset: u64::MAX,
                length: 5,
                side,
                protocol: 17,
                what: "sealed",
                subject: MessageRow::NOTHING,
                pair,
            };
            let packed = PackedMessage::new(&message, books.whats.number("sealed"));
            assert_eq!(format!("{:?}", packed.unpack(&books)), format!("{message:?}"));
        }
    }
}
