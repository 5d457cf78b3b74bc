//! What the capture gives away: every fact with its evidence, each told once.
//!
//! ```text
//! facts of the pass ─┐
//! rows and flows ────┼─► one leak for each (kind, value, whom it is about): first evidence, how often
//! headers read again ┘
//! ```
//!
//! A leak that is told many times is kept once: memory grows with what there is to learn, not with packets.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Names, dictionary::Dictionary};
use crate::bytes::{Confidence, Field, escape_bytes};
use crate::flow::NO_FLOW;
use crate::protocols::{self, Side};
use crate::trace::{FactRow, Trace};

mod kind;

pub use kind::{LEAKS, LeakKind, NO_LEAKS, Subject, Why, kind};

/// Bytes that tell a leak: `from..to` of packet `packet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Evidence {
    /// The packet, from 1.
    pub packet: u32,
    /// Its first byte.
    pub from: u32,
    /// One past its last byte.
    pub to: u32,
}

/// Something that somebody learns.
#[derive(Clone, Debug)]
pub struct Leak {
    /// What.
    pub kind: &'static LeakKind,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it stood first; several ranges if it crosses packets, or needs several to be seen.
    pub evidence: SmallVec<[Evidence; 1]>,
    /// When that was, nanoseconds since 1970, if the capture tells.
    pub time: Option<i64>,
    /// The flow in which that was, if it was in one.
    pub flow: Option<u32>,
    /// How many times it was told.
    pub times: u32,
    value: u32,
    site: u32,
}

/// All leaks of a capture, in the order in which they were first told.
#[derive(Default)]
pub struct Leaks {
    words: Dictionary,
    all: Vec<Leak>,
    places: hashbrown::HashMap<(u16, u32, u32), u32, foldhash::fast::RandomState>,
}

/// Of a leak that is about no site, but about the local network.
const LOCAL: u32 = u32::MAX;

/// What is found, before it is known whether it is new.
pub(super) struct Found<'a> {
    pub(super) kind: &'static LeakKind,
    pub(super) value: &'a [u8],
    /// Whom it is about; nothing for the local network.
    pub(super) site: Option<&'a [u8]>,
    pub(super) confidence: Confidence,
    pub(super) evidence: &'a [Evidence],
    pub(super) flow: Option<u32>,
}

impl Leaks {
    /// The leaks of a trace.
    pub fn new(trace: &Trace, names: &Names) -> Leaks {
        let mut leaks = Leaks::default();
        leaks.facts(trace, names);
        leaks
    }

    /// All of them.
    pub fn all(&self) -> &[Leak] {
        &self.all
    }

    /// What was learned, as it stood in the capture (not escaped).
    pub fn raw(&self, leak: &Leak) -> &[u8] {
        self.words.at(leak.value)
    }

    /// What was learned, escaped.
    pub fn value(&self, leak: &Leak) -> Cow<'_, str> {
        escape_bytes(self.raw(leak))
    }

    /// The site that it is about, by name or address, escaped; `None` if it is about the local network.
    pub fn site(&self, leak: &Leak) -> Option<Cow<'_, str>> {
        (leak.site != LOCAL).then(|| escape_bytes(self.words.at(leak.site)))
    }

    /// The sentence that tells it, escaped.
    pub fn sentence(&self, leak: &Leak) -> String {
        let raw = self.raw(leak);
        if !leak.kind.has_parts() {
            return leak.kind.says.replace("{}", &escape_bytes(raw));
        }
        let mut parts = raw.splitn(2, |byte| *byte == b' ');
        let part = |bytes: Option<&[u8]>| escape_bytes(&unescaped(bytes.unwrap_or(&[]))).into_owned();
        let (first, second) = (part(parts.next()), part(parts.next()));
        leak.kind.says.replace("{1}", &first).replace("{2}", &second)
    }

    /// Counts what was found; it becomes a leak if it is new.
    pub(super) fn tell(&mut self, trace: &Trace, found: &Found<'_>) {
        let value = self.words.enter(found.value);
        let site = found.site.map_or(LOCAL, |site| self.words.enter(site));
        let kind = LEAKS.iter().position(|kind| kind == found.kind).unwrap_or(0) as u16;
        let next = self.all.len() as u32;
        let at = *self.places.entry((kind, value, site)).or_insert(next);
        if let Some(leak) = self.all.get_mut(at as usize) {
            leak.times = leak.times.saturating_add(1);
            // What was told more surely is known more surely, and that is its evidence.
            if found.confidence < leak.confidence {
                leak.confidence = found.confidence;
                leak.evidence = found.evidence.into();
                (leak.flow, leak.time) = (found.flow, time(trace, found.evidence));
            }
            return;
        }
        self.all.push(Leak {
            kind: found.kind,
            confidence: found.confidence,
            evidence: found.evidence.into(),
            time: time(trace, found.evidence),
            flow: found.flow,
            times: 1,
            value,
            site,
        });
    }

    /// What protocols stated.
    fn facts(&mut self, trace: &Trace, names: &Names) {
        let kinds = Kinds::new();
        for fact in trace.facts() {
            let flow = trace.flows().all().get(fact.flow as usize);
            let protocol = flow.and_then(|flow| protocols::at(flow.protocol())).map_or("", |of| of.name());
            let Some(kind) = kinds.of(fact.field, protocol) else { continue };
            let value = trace.words().at(fact.value);
            let value = match kind.name {
                // The key itself is for whoever opens the hello, and no text.
                "dns.ech_config" => first_part(value),
                _ => value,
            };
            let evidence = evidence(&fact);
            let site = site(trace, names, kind, fact.flow, value);
            let flow = (fact.flow != NO_FLOW).then_some(fact.flow);
            let found =
                Found { kind, value, site: site.as_deref(), confidence: fact.confidence, evidence: &evidence, flow };
            self.tell(trace, &found);
        }
    }
}

fn time(trace: &Trace, evidence: &[Evidence]) -> Option<i64> {
    let row = evidence.first().and_then(|evidence| trace.row(evidence.packet))?;
    row.timed().then_some(row.time)
}

fn evidence(fact: &FactRow) -> [Evidence; 1] {
    [Evidence { packet: fact.packet, from: fact.start, to: fact.end }]
}

/// Whom a leak of this kind is about: a name, an address in words, or nobody but the local network.
fn site<'a>(trace: &Trace, names: &'a Names, kind: &LeakKind, flow: u32, value: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    match kind.subject {
        Subject::Local => None,
        Subject::Named if kind.has_parts() => Some(unescaped(first_part(value)).into()),
        Subject::Named => Some(value.into()),
        Subject::Site => site_of(trace, names, flow),
    }
}

/// The site of a flow: its name, else the server's address.
pub(super) fn site_of<'a>(trace: &Trace, names: &'a Names, flow: u32) -> Option<Cow<'a, [u8]>> {
    if let Some((name, _)) = names.of_flow(flow) {
        return Some(names.raw(name).into());
    }
    let flow = trace.flows().all().get(flow as usize)?;
    Some(flow.endpoint(Side::Server).0.to_string().into_bytes().into())
}

fn first_part(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == b' ').next().unwrap_or(&[])
}

/// A part of a value in which a space is written `\032` and a backslash twice.
fn unescaped(part: &[u8]) -> Vec<u8> {
    super::names::unescape(part)
}

/// The flows in which a protocol states a leak of one of these kinds.
pub(super) fn flows_that_tell(trace: &Trace, wanted: impl Fn(&LeakKind) -> bool) -> hashbrown::HashSet<u32> {
    let fields = LEAKS.iter().filter(|kind| wanted(kind)).flat_map(|kind| kind.fields);
    let fields: Vec<&'static Field> = fields.filter_map(|name| protocols::field(name)).collect();
    trace.facts().iter().filter(|fact| fields.contains(&fact.field)).map(|fact| fact.flow).collect()
}

/// Which kind a fact tells, by its field and the protocol of its flow.
struct Kinds(hashbrown::HashMap<*const Field, Vec<&'static LeakKind>, foldhash::fast::RandomState>);

impl Kinds {
    fn new() -> Kinds {
        let mut kinds = Kinds(hashbrown::HashMap::default());
        for kind in LEAKS {
            for field in kind.fields.iter().filter_map(|name| protocols::field(name)) {
                kinds.0.entry(std::ptr::from_ref(field)).or_default().push(kind);
            }
        }
        // Whoever names a protocol goes first.
        kinds.0.values_mut().for_each(|kinds| kinds.sort_by_key(|kind| kind.under.is_empty()));
        kinds
    }

    fn of(&self, field: &'static Field, protocol: &str) -> Option<&'static LeakKind> {
        let kinds = self.0.get(&std::ptr::from_ref(field))?;
        kinds.iter().copied().find(|kind| kind.under.is_empty() || kind.under.contains(&protocol))
    }
}
