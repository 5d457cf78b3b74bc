//! The books of a pass: who keeps rows, messages, facts and totals while packets are read.

use super::rows::{Numbered, PackedFact, PackedMessage, PackedRow, Place, Row};
use super::words::Words;
use crate::bytes::{Class, Fact, Field, Ledger, make_room};
use crate::flow::{Books, MessageRow, NO_FLOW};
use crate::protocols::{NONE, Outline, Side};

/// The books of a pass.
#[derive(Clone, Default)]
pub struct Journal {
    pub(super) rows: Vec<PackedRow>,
    /// Lengths on the wire; none as long as they are the captured ones.
    pub(super) lengths: Vec<u32>,
    /// Ledgers of packets too long for a row's.
    wide: hashbrown::HashMap<u32, Ledger, foldhash::fast::RandomState>,
    pub(super) messages: Vec<PackedMessage>,
    /// The messages' numbers within their flows, where some are left out; else none.
    pub(super) numbers: Vec<u32>,
    pub(super) facts: Vec<PackedFact>,
    /// Where the evidence of a fact (its place among them) goes on, in the order of the facts.
    pub(super) more: Vec<(u32, Place)>,
    /// Flows of facts that another flow's packet tells, by the fact's place.
    pub(super) astray: hashbrown::HashMap<u32, u32, foldhash::fast::RandomState>,
    pub(super) fields: Numbered<Field>,
    pub(super) whats: Numbered<str>,
    pub(super) words: Words,
    pub(super) total: Ledger,
    /// Bytes on the wire.
    pub(super) on_wire: u64,
    /// The earliest and the latest time of a packet.
    pub(super) times: Option<(i64, i64)>,
    pub(super) missing: u64,
}

impl Journal {
    /// The row of packet `number`, as it is kept.
    #[inline]
    fn kept(&self, number: u32) -> Option<&PackedRow> {
        self.rows.get((number as usize).checked_sub(1)?)
    }

    /// The flow that packet `number` belongs to.
    #[inline]
    pub(super) fn flow_of(&self, number: u32) -> u32 {
        self.kept(number).map_or(NO_FLOW, |row| row.flow)
    }

    /// The bytes of packet `number` by class.
    pub(super) fn ledger(&self, number: u32) -> Ledger {
        match self.kept(number) {
            None => Ledger::NOTHING,
            Some(row) if row.flags & Row::WIDE != 0 => self.wide.get(&number).copied().unwrap_or_default(),
            Some(row) => Ledger::of_counts(&row.ledger),
        }
    }

    /// Replaces the ledger of packet `number`.
    pub(super) fn set_ledger(&mut self, number: u32, ledger: &Ledger) {
        let Some(row) = (number as usize).checked_sub(1).and_then(|at| self.rows.get_mut(at)) else { return };
        if row.flags & Row::WIDE != 0 {
            self.wide.insert(number, *ledger);
        } else {
            row.ledger = ledger.counts();
        }
    }

    /// Enters a packet, whose number is one more than that of the last one.
    #[inline]
    pub(super) fn push(&mut self, row: &Row, outline: &Outline, ledger: &Ledger) {
        let mut packed = PackedRow {
            time: row.time,
            position: row.position,
            captured: row.captured,
            flow: row.flow,
            ledger: [0; 10],
            interface: row.interface,
            protocol: outline.layers.last().copied().unwrap_or(NONE),
            flags: row.flags | if outline.stop.is_some() { Row::STOPPED } else { 0 },
        };
        if row.captured > u16::MAX.into() {
            packed.flags |= Row::WIDE;
            self.wide.insert(self.rows.len() as u32 + 1, *ledger);
        } else {
            packed.ledger = ledger.counts();
        }
        self.total += *ledger;
        self.on_wire += u64::from(row.length);
        if row.timed() {
            let (first, last) = self.times.unwrap_or((row.time, row.time));
            self.times = Some((first.min(row.time), last.max(row.time)));
        }
        self.missing += u64::from(row.length.saturating_sub(row.captured));
        if row.length != row.captured || !self.lengths.is_empty() {
            self.enter_length(row.length);
        }
        make_room(&mut self.rows, 1);
        self.rows.push(packed);
    }

    #[cold]
    fn enter_length(&mut self, length: u32) {
        if self.lengths.is_empty() {
            self.lengths.extend(self.rows.iter().map(|row| row.captured));
        }
        self.lengths.push(length);
    }
}

impl Books for Journal {
    #[inline]
    fn settle(&mut self, packet: u32, _at: u32, length: u32, class: Class) {
        let Some(row) = (packet as usize).checked_sub(1).and_then(|at| self.rows.get_mut(at)) else { return };
        let moved = if row.flags & Row::WIDE != 0 {
            let Some(ledger) = self.wide.get_mut(&packet) else { return };
            let before = ledger.of(Class::Unknown);
            ledger.shift(Class::Unknown, class, length.into());
            before - ledger.of(Class::Unknown)
        } else {
            let [.., unknown] = &mut row.ledger;
            let moved = length.min(u32::from(*unknown)) as u16;
            *unknown -= moved;
            if let Some(slot) = row.ledger.get_mut(class as usize) {
                *slot += moved;
            }
            moved.into()
        };
        self.total.shift(Class::Unknown, class, moved);
    }

    #[inline]
    fn assign(&mut self, packet: u32, flow: u32, side: Side) -> Ledger {
        let Some(row) = (packet as usize).checked_sub(1).and_then(|at| self.rows.get_mut(at)) else {
            return Ledger::default();
        };
        row.flow = flow;
        if side == Side::Server {
            row.flags |= Row::SERVER;
        }
        self.ledger(packet)
    }

    fn message(&mut self, mut message: MessageRow, subject: &str) {
        if !subject.is_empty() {
            message.subject = self.words.enter(subject.as_bytes());
        }
        if let Some(row) = (message.last as usize).checked_sub(1).and_then(|at| self.rows.get_mut(at)) {
            row.protocol = message.protocol;
        }
        let what = self.whats.number(message.what);
        make_room(&mut self.messages, 1);
        self.messages.push(PackedMessage::new(&message, what));
    }

    fn fact(&mut self, flow: u32, packet: u32, at: std::ops::Range<u32>, fact: &Fact) {
        let astray = self.flow_of(packet) != flow;
        if astray {
            self.astray.insert(self.facts.len() as u32, flow);
        }
        make_room(&mut self.facts, 1);
        self.facts.push(PackedFact {
            packet,
            start: at.start,
            end: at.end,
            value: self.words.enter(&fact.value),
            field: self.fields.number(fact.field),
            confidence: fact.confidence,
            astray,
        });
    }

    fn fact_goes_on(&mut self, packet: u32, at: std::ops::Range<u32>) {
        let of = (self.facts.len() as u32).saturating_sub(1);
        self.more.push((of, Place { packet, start: at.start, end: at.end }));
    }
}
