//! What of a trace reaches somebody: packets that do not pass him vanish, and bytes whose class he cannot see are dark.
//!
//! Numbers stay: packet 7 is packet 7, also if 1 to 6 are gone. A packet that is gone leaves an empty row; a flow of
//! which no packet passes leaves its number. Whatever is derived from the trace then rests on what he sees.

use hashbrown::HashMap;

use super::journal::Journal;
use super::rows::{PackedRow, Row};
use super::{Heard, Listener, Trace};
use crate::bytes::{Class, Field, Ledger, Tree};
use crate::flow::NO_FLOW;
use crate::protocols::{self, NONE, Outline, Under, frame};

/// Which classes are dark, in the order of [`Class::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dark([bool; 10]);

impl Dark {
    fn is(self, class: Class) -> bool {
        self.0.get(class as usize).copied().unwrap_or(false)
    }

    pub(super) fn is_any(self) -> bool {
        self.0.contains(&true)
    }

    /// Whether flows can be told apart: by addresses and ports.
    fn hides_flows(self) -> bool {
        self.is(Class::Network) || self.is(Class::Transport)
    }

    fn of(self, ledger: Ledger) -> Ledger {
        let mut seen = Ledger::NOTHING;
        ledger.iter().filter(|(class, _)| !self.is(*class)).for_each(|(class, bytes)| seen.add(class, bytes));
        seen
    }
}

impl Trace {
    /// Leaves what reaches somebody whom the packets pass that `passes` tells, in order, and who sees the classes that
    /// `sees` tells.
    #[must_use]
    pub fn narrowed(mut self, passes: &[bool], sees: impl Fn(Class) -> bool) -> Trace {
        self.dark = Dark(Class::ALL.map(|class| !sees(class)));
        let talk = !self.dark.hides_flows() && sees(Class::Metadata);
        let dark = self.dark;
        let passes = |number: u32| (number as usize).checked_sub(1).and_then(|at| passes.get(at)) == Some(&true);
        self.books.narrow_messages(|packet| talk && passes(packet));
        self.books.narrow_facts(&passes, |class| !dark.hides_flows() && !dark.is(class));
        self.narrow_rows(&passes);
        self.count_anew();
        self
    }

    /// Whether bytes of a class are seen.
    pub fn sees(&self, class: Class) -> bool {
        !self.dark.is(class)
    }

    /// How many bytes of packet `number` are there and cannot be seen.
    pub fn dark(&self, number: u32) -> u64 {
        self.row(number).map_or(0, |row| u64::from(row.captured).saturating_sub(self.ledger(number).total()))
    }

    /// Whether anything of the capture does not reach who looks.
    pub fn is_narrowed(&self) -> bool {
        self.narrowed
    }

    fn narrow_rows(&mut self, passes: &dyn Fn(u32) -> bool) {
        self.narrowed = true;
        for number in 1..=self.books.rows.len() as u32 {
            let uppermost = self.uppermost_seen(number);
            let (dark, at) = (self.dark, number as usize - 1);
            let ledger = if passes(number) { dark.of(self.books.ledger(number)) } else { Ledger::NOTHING };
            let Some(row) = self.books.rows.get_mut(at) else { continue };
            if passes(number) {
                if dark.hides_flows() {
                    (row.flow, row.flags) = (NO_FLOW, row.flags & !Row::SERVER);
                }
                row.protocol = uppermost;
            } else {
                let (captured, flow, flags) = (0, NO_FLOW, Row::GONE);
                *row = PackedRow { time: 0, captured, flow, protocol: NONE, flags, ..*row };
                if let Some(length) = self.books.lengths.get_mut(at) {
                    *length = 0;
                }
            }
            self.books.set_ledger(number, &ledger);
        }
    }

    /// The uppermost protocol of a packet whose header can be seen.
    fn uppermost_seen(&self, number: u32) -> u8 {
        let Some(row) = self.row(number) else { return NONE };
        let is_seen = |place: u8| protocols::at(place).is_none_or(|of| self.sees(of.heading.class));
        if is_seen(row.protocol) {
            return row.protocol;
        }
        let link = protocols::finder().place(Under::Link(self.frame(&row).link_type));
        if is_seen(link) { link } else { NONE }
    }

    /// Sums of what is left.
    fn count_anew(&mut self) {
        (self.books.total, self.books.on_wire, self.books.missing) = (Ledger::NOTHING, 0, 0);
        self.books.times = None;
        self.flows.empty();
        for number in 1..=self.rows().len() as u32 {
            let Some(row) = self.row(number).filter(|row| !row.is_gone()) else { continue };
            let ledger = self.ledger(number);
            self.books.total += ledger;
            self.books.on_wire += u64::from(row.length);
            self.books.missing += u64::from(row.length.saturating_sub(row.captured));
            if row.timed() {
                let (first, last) = self.books.times.unwrap_or((row.time, row.time));
                self.books.times = Some((first.min(row.time), last.max(row.time)));
            }
            self.flows.count(row.flow, row.side(), (number, row.time), &ledger);
        }
    }
}

impl Journal {
    /// Keeps the messages that `keeps` the packets complete that completed them, with the numbers that they had.
    fn narrow_messages(&mut self, keeps: impl Fn(u32) -> bool) {
        let mut next: HashMap<u32, u32, foldhash::fast::RandomState> = HashMap::default();
        let messages = std::mem::take(&mut self.messages);
        for message in messages {
            let last = message.last;
            let number = next.entry(self.flow_of(last)).or_default();
            if keeps(last) {
                self.messages.push(message);
                self.numbers.push(*number);
            }
            *number += 1;
        }
    }

    /// Keeps the facts all of whose packets pass, and whose bytes are seen.
    fn narrow_facts(&mut self, passes: &dyn Fn(u32) -> bool, sees: impl Fn(Class) -> bool) {
        let (facts, more) = (std::mem::take(&mut self.facts), std::mem::take(&mut self.more));
        let astray = std::mem::take(&mut self.astray);
        let mut more = more.into_iter().peekable();
        for (fact, place) in facts.into_iter().zip(0..) {
            let mut goes_on = Vec::new();
            while let Some((_, place)) = more.next_if(|(of, _)| *of == place) {
                goes_on.push(place);
            }
            let is_seen = self.fields.at(fact.field).is_some_and(|field| sees(field.class));
            let comes = passes(fact.packet) && goes_on.iter().all(|place| passes(place.packet));
            if !is_seen || !comes {
                continue;
            }
            let at = self.facts.len() as u32;
            self.more.extend(goes_on.into_iter().map(|place| (at, place)));
            self.astray.extend(astray.get(&place).map(|flow| (at, *flow)));
            self.facts.push(fact);
        }
    }
}

/// Lets a listener hear what reaches somebody: of a pass over the capture of which `known` is left.
pub struct Narrowed<'a> {
    listener: &'a mut dyn Listener,
    known: &'a Trace,
}

impl<'a> Narrowed<'a> {
    /// `listener` hears of the packets of which something is left in `known`.
    pub fn new(listener: &'a mut dyn Listener, known: &'a Trace) -> Narrowed<'a> {
        Narrowed { listener, known }
    }
}

impl Listener for Narrowed<'_> {
    fn tree(&self) -> Tree {
        self.listener.tree()
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        let trace = self.known;
        if trace.row(heard.number).is_none_or(|row| row.is_gone()) {
            return true;
        }
        if !trace.dark.is_any() {
            return self.listener.packet(&Heard { trace, ..*heard });
        }
        let mut tree = heard.tree.clone();
        tree.retain(|node| trace.sees_field(node.field));
        let outline = trace.outline(heard.outline);
        self.listener.packet(&Heard { outline: &outline, tree: &tree, trace, ..*heard })
    }

    fn pause(&mut self) {
        self.listener.pause();
    }
}

impl Trace {
    /// Whether a field is seen. What the capture says of a packet stands in none of its bytes, and is.
    pub(crate) fn sees_field(&self, field: &Field) -> bool {
        self.sees(field.class) || frame::PROTOCOL.fields.iter().any(|of| **of == *field)
    }

    /// What of an outline is seen.
    pub(crate) fn outline(&self, of: &Outline) -> Outline {
        let mut outline = of.clone();
        if self.dark.hides_flows() {
            outline.layers.retain(|place| protocols::at(*place).is_some_and(|of| self.sees(of.heading.class)));
            outline.outer.clear();
            (outline.endpoints, outline.transport, outline.tcp) = (None, None, None);
            (outline.quoted, outline.complaint, outline.stop) = (None, None, None);
        }
        outline
    }
}
