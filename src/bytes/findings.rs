//! What reading leaves behind, tree or no tree: classes claimed and facts stated.

use smallvec::SmallVec;

use super::assembly::Piece;
use super::class::{Class, Ledger};
use super::field::Field;

/// A range of bytes that was claimed for a class; offsets within what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What the bytes are.
    pub class: Class,
}

/// The classes of what was read: always counted, kept as ranges where somebody needs to know which bytes.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Bytes by class.
    pub ledger: Ledger,
    ranges: Vec<Claim>,
    keep: bool,
}

impl Claims {
    /// Claims that only count.
    pub fn counting() -> Claims {
        Claims::default()
    }

    /// Claims that remember which bytes.
    pub fn keeping() -> Claims {
        Claims { keep: true, ..Claims::default() }
    }

    /// Forgets everything; the memory is kept.
    pub fn clear(&mut self) {
        self.ledger = Ledger::default();
        self.ranges.clear();
    }

    /// The ranges, in the order of claiming; empty unless [`Claims::keeping`].
    pub fn ranges(&self) -> &[Claim] {
        &self.ranges
    }

    /// Puts the ranges in the order of their offsets: a window that is narrowed claims its padding first.
    pub fn sort(&mut self) {
        if !self.ranges.is_sorted_by_key(|claim| claim.start) {
            self.ranges.sort_unstable_by_key(|claim| claim.start);
        }
    }

    /// Claims bytes `start..end`.
    #[inline]
    pub fn claim(&mut self, start: u32, end: u32, class: Class) {
        if start >= end {
            return;
        }
        self.ledger.add(class, u64::from(end - start));
        if self.keep {
            match self.ranges.last_mut() {
                Some(last) if last.end == start && last.class == class => last.end = end,
                _ => self.ranges.push(Claim { start, end, class }),
            }
        }
    }
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// It stands in the bytes.
    Certain,
    /// It follows from the bytes under a stated assumption.
    Inferred,
    /// It is likely.
    Guess,
}

/// Something that an observer learns, as the protocol that read it states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The field it came from.
    pub field: &'static Field,
    /// What was learned, as it stands in the packet (not escaped).
    pub value: SmallVec<[u8; 64]>,
    /// First byte of the evidence, within what was read.
    pub start: u32,
    /// One past the last byte of the evidence.
    pub end: u32,
    /// How sure it is.
    pub confidence: Confidence,
    /// Which packets carried the evidence, if it was put together from others than the message that is read: then
    /// the range says only where it was completed.
    pub origins: Vec<Piece>,
}

/// Which question an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Answers come in the order of the questions.
    InOrder,
    /// The number that both carry, within their flow.
    Id(u64),
    /// The same between all flows of the same link: who answers may have another address than the one that was asked,
    /// for that was everybody's.
    Shared(u64),
}

/// That a message answers what was asked, that it asks something, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// What it answers.
    pub answers: Option<Answering>,
    /// What it asks.
    pub asks: Option<Key>,
}

/// That a message answers what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answering {
    /// The question's key.
    pub key: Key,
    /// The field that says which packet asked.
    pub request_in: &'static Field,
    /// The field that says how long ago that was.
    pub time_since: &'static Field,
}

impl Pairing {
    /// It wants an answer with this key.
    pub const fn asks(key: Key) -> Pairing {
        Pairing { answers: None, asks: Some(key) }
    }

    /// It answers a question with this key, which two fields tell: the packet that asked, and how long ago that was.
    pub const fn answers(key: Key, request_in: &'static Field, time_since: &'static Field) -> Pairing {
        Pairing { answers: Some(Answering { key, request_in, time_since }), asks: None }
    }

    /// The same, and it wants an answer with this key.
    #[must_use]
    pub const fn and_asks(self, key: Key) -> Pairing {
        Pairing { asks: Some(key), ..self }
    }
}

/// Whose address an announced endpoint has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This one.
    Address(std::net::IpAddr),
    /// That of the side that announces it.
    Sender,
    /// That of the other side.
    Receiver,
}

/// That another conversation is to come: where, and what it will speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The address of the endpoint.
    pub address: Whose,
    /// Its port.
    pub port: u16,
    /// IP protocol number of the transport.
    pub ip_number: u8,
    /// The heading of the protocol.
    pub heading: &'static Field,
}

/// All that one read leaves behind.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Classes of the bytes passed.
    pub claims: Claims,
    /// Facts stated, in order.
    pub facts: Vec<Fact>,
    /// What the message is about, in a few words (a name, a path); not escaped.
    pub subject: String,
    /// What the message's content is when it is decoded; only made where a tree listens.
    pub decoded: Option<Vec<u8>>,
    /// Whether the message asks or answers.
    pub pairing: Option<Pairing>,
    /// Conversations that the message announces.
    pub announced: Vec<Announced>,
    /// Memory in which values of facts are put together; what is in it means nothing.
    pub scratch: Vec<u8>,
}

impl Findings {
    /// Findings whose claims only count.
    pub fn counting() -> Findings {
        Findings { claims: Claims::counting(), ..Findings::default() }
    }

    /// Findings whose claims remember which bytes.
    pub fn keeping() -> Findings {
        Findings { claims: Claims::keeping(), ..Findings::default() }
    }

    /// Forgets everything; the memory is kept.
    pub fn clear(&mut self) {
        self.claims.clear();
        self.facts.clear();
        self.subject.clear();
        self.decoded = None;
        self.pairing = None;
        self.announced.clear();
    }
}
