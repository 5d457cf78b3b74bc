//! A filter held against a whole capture.
//!
//! Each test is held against all packets: it holds if it holds of **some** packet, or, where every value must satisfy it
//! (`!=`, `===`, `all`), of **every** packet that has the fields. What stands in no packet is the capture's.

use super::evaluate::{Outcome, Values};
use super::syntax::{Operand, Test};
use super::value::Type;
use super::{Exposed, Filter, Subject};
use crate::bytes::escape;

/// What is known of a filter while a capture is read.
pub struct Verdict<'f> {
    filter: &'f Filter,
    tests: Vec<Seen<'f>>,
}

/// What came of one test.
struct Seen<'f> {
    test: &'f Test,
    /// Whether it needs packets.
    packets: bool,
    holds: bool,
    fails: bool,
    found: Vec<String>,
    more: u64,
}

/// What is told of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The test, as it was understood.
    pub test: String,
    /// Whether it holds.
    pub holds: bool,
    /// Values of its left side, each once, escaped; at most [`Verdict::MOST_FOUND`].
    pub found: Vec<String>,
    /// Values beyond those, repeated ones counted again.
    pub more: u64,
}

impl<'f> Verdict<'f> {
    /// Values that are kept of a test's left side.
    pub const MOST_FOUND: usize = 12;

    /// Nothing was read yet; the tests that need no packet are held against the capture at once.
    pub fn new(filter: &'f Filter, exposed: Exposed<'_>) -> Verdict<'f> {
        let mut tests = Vec::new();
        filter.expression.tests(&mut |test| {
            tests.push(Seen { test, packets: true, holds: false, fails: false, found: Vec::new(), more: 0 });
        });
        for seen in &mut tests {
            let subject = Subject { packet: None, exposed: Some(exposed) };
            seen.packets = seen.test.outcome(&subject).is_none();
            if !seen.packets {
                seen.look(&subject);
            }
        }
        Verdict { filter, tests }
    }

    /// Whether packets must be read at all.
    pub fn needs_packets(&self) -> bool {
        self.tests.iter().any(|seen| seen.packets)
    }

    /// Holds a packet against the tests that need one.
    pub fn packet(&mut self, subject: &Subject<'_>) {
        self.tests.iter_mut().filter(|seen| seen.packets).for_each(|seen| seen.look(subject));
    }

    /// Whether the filter holds of what was read.
    pub fn holds(&self) -> bool {
        let of = |test: &Test| self.tests.iter().find(|seen| std::ptr::eq(seen.test, test)).map(Seen::holds);
        self.filter.expression.holds(&mut |test| of(test)).unwrap_or(false)
    }

    /// What came of each test.
    pub fn told(&self) -> Vec<Told> {
        let told = |seen: &Seen<'_>| Told {
            test: seen.test.to_string(),
            holds: seen.holds(),
            found: seen.found.clone(),
            more: seen.more,
        };
        self.tests.iter().map(told).collect()
    }
}

impl Seen<'_> {
    fn holds(&self) -> bool {
        self.holds && !(self.test.is_of_all() && self.fails)
    }

    fn look(&mut self, subject: &Subject<'_>) {
        match self.test.outcome(subject) {
            Some(Outcome::Holds) => self.holds = true,
            Some(Outcome::Fails) => self.fails = true,
            Some(Outcome::Absent) | None => {}
        }
        let left = self.test.left();
        let kind = left.kind();
        let Some(values) = left.values(subject) else { return };
        self.keep(left, kind, &values);
    }

    fn keep(&mut self, left: &Operand, kind: Type, values: &Values<'_>) {
        for item in values {
            let text = match (left, kind) {
                // The bytes of a protocol are no answer to anything; that it is there is.
                (Operand::Field(_), Type::Protocol) => format!("{left}, {} bytes", item.bytes(kind).len()),
                _ => escape(&item.text(kind)).into_owned(),
            };
            if self.found.contains(&text) {
                continue;
            }
            if self.found.len() < Verdict::MOST_FOUND {
                self.found.push(text);
            } else {
                self.more += 1;
            }
        }
    }
}
