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
use std::io;

use smallvec::SmallVec;

use super::Names;
use super::dictionary::Dictionary;
use super::observer::Local;
use crate::bytes::{Confidence, Field, escape_bytes};
use crate::capture::{Fetch, Secret};
use crate::flow::NO_FLOW;
use crate::protocols::{self, Side};
use crate::trace::{Place, Trace};

mod ech;
mod headers;
mod hellos;
mod kind;
mod others;
pub mod vendors;

pub use ech::{Config, Verdict};
pub use kind::{LEAKS, LeakKind, NO_LEAKS, Subject, Why, kind};
pub use vendors::Vendors;

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
    /// Whether it is a client's private address, which is translated on the way.
    pub is_private: bool,
    value: u32,
    site: u32,
}

/// All leaks of a capture, in the order in which they were first told.
#[derive(Default)]
pub struct Leaks {
    words: Dictionary,
    all: Vec<Leak>,
    places: hashbrown::HashMap<(u16, u32, u32), u32, foldhash::fast::RandomState>,
    details: hashbrown::HashMap<u32, Vec<Detail>, foldhash::fast::RandomState>,
    /// Every telling, if that is asked for.
    tellings: Option<Vec<Telling>>,
}

/// One of the times that a leak was told: filters ask which packets and flows tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Its place among all leaks.
    pub leak: u32,
    /// The flow, or [`NO_FLOW`].
    pub flow: u32,
    /// A packet of its evidence.
    pub packet: u32,
}

/// A part of what was learned, and the bytes that made it: a part of a fingerprint, a reason for a verdict.
#[derive(Clone, Debug)]
pub struct Detail {
    /// What it is.
    pub what: String,
    /// What it says (not escaped).
    pub text: String,
    /// The bytes that made it.
    pub evidence: Vec<Evidence>,
}

/// What is known besides the capture.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Which addresses are on this side of the router.
    pub local: Local,
    /// Who made network interfaces.
    pub vendors: Vendors,
    /// Secrets beside the capture: they tell whether an encrypted hello was accepted.
    pub secrets: Vec<Secret>,
    /// Whether every telling of a leak is kept, for [`Leaks::tellings`]: memory then grows with packets.
    pub tellings: bool,
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
    /// What protocols stated in the pass, with every telling: the leaks of a trace as far as nothing is read again.
    pub fn new(trace: &Trace, names: &Names) -> Leaks {
        let mut leaks = Leaks { tellings: Some(Vec::new()), ..Leaks::default() };
        leaks.facts(trace, names);
        leaks
    }

    /// All leaks of a trace: also what headers and hellos tell, which are read again by `fetch`.
    ///
    /// # Errors
    /// What reading the capture again says.
    pub fn of(trace: &Trace, names: &Names, fetch: &Fetch, context: &Context) -> io::Result<Leaks> {
        let mut leaks = Leaks { tellings: context.tellings.then(Vec::new), ..Leaks::default() };
        leaks.facts(trace, names);
        leaks.headers(trace, names, fetch, context)?;
        leaks.hellos(trace, names, fetch, context)?;
        leaks.tunnels(trace, names);
        leaks.plaintexts(trace, names);
        leaks.programs(trace);
        leaks.names_there(trace, names);
        Ok(leaks)
    }

    /// Every telling, in no order; of [`Leaks::of`] none if [`Context::tellings`] did not ask for them.
    pub fn tellings(&self) -> &[Telling] {
        self.tellings.as_deref().unwrap_or_default()
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
        let (first, second) = match raw.iter().position(|byte| *byte == b' ').filter(|_| leak.kind.has_parts()) {
            Some(space) => (raw.get(..space).unwrap_or(&[]), raw.get(space + 1..).unwrap_or(&[])),
            None => (raw, &[][..]),
        };
        let part = |part: &[u8]| {
            if leak.kind.has_parts() {
                escape_bytes(&unescaped(part)).into_owned()
            } else {
                escape_bytes(part).into_owned()
            }
        };
        // What was captured may hold braces: it is not looked at again.
        let mut sentence = String::new();
        let mut rest = leak.kind.says;
        while let Some((before, behind)) = rest.split_once('{')
            && let Some((which, behind)) = behind.split_once('}')
        {
            sentence.push_str(before);
            sentence.push_str(&part(if which == "2" { second } else { first }));
            rest = behind;
        }
        sentence.push_str(rest);
        sentence
    }

    /// What it is made of, or rests on; empty for most kinds.
    pub fn details(&self, leak: &Leak) -> &[Detail] {
        let place = self.places.get(&(leak.kind.place() as u16, leak.value, leak.site));
        place.and_then(|place| self.details.get(place)).map_or(&[][..], Vec::as_slice)
    }

    /// The place of what was told before.
    fn place(&self, kind: &str, value: &[u8], site: Option<&[u8]>) -> Option<usize> {
        let kind = LEAKS.iter().position(|of| of.name == kind)?;
        let local = LEAKS.get(kind)?.subject == Subject::Local;
        let site = match site.filter(|_| !local) {
            Some(site) => self.words.find(site)?,
            None => LOCAL,
        };
        self.places.get(&(kind as u16, self.words.find(value)?, site)).map(|place| *place as usize)
    }

    /// Counts what was found; it becomes a leak if it is new.
    pub(super) fn tell(&mut self, trace: &Trace, found: &Found<'_>) {
        let value = self.words.enter(found.value);
        let site = found.site.map_or(LOCAL, |site| self.words.enter(site));
        let kind = LEAKS.iter().position(|kind| kind == found.kind).unwrap_or(0) as u16;
        let next = self.all.len() as u32;
        let at = *self.places.entry((kind, value, site)).or_insert(next);
        if let Some(tellings) = &mut self.tellings {
            let flow = found.flow.unwrap_or(NO_FLOW);
            tellings.extend(found.evidence.iter().map(|at_packet| Telling {
                leak: at,
                flow,
                packet: at_packet.packet,
            }));
        }
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
            is_private: found.kind.name == "ip.client" && is_private_text(found.value),
            value,
            site,
        });
    }

    /// What protocols stated.
    fn facts(&mut self, trace: &Trace, names: &Names) {
        let kinds = Kinds::new();
        for (place, fact) in trace.facts().iter().enumerate() {
            let flow = trace.flows().all().get(fact.flow as usize);
            let protocol = flow.and_then(|flow| protocols::at(flow.protocol())).map_or("", |of| of.name());
            let Some(kind) = kinds.of(fact.field, protocol) else { continue };
            let value = trace.words().at(fact.value);
            let value = match kind.name {
                // The key itself is for whoever opens the hello, and no text.
                "dns.ech_config" => first_part(value),
                _ => value,
            };
            let evidence: SmallVec<[Evidence; 1]> = trace.evidence(place).map(Evidence::from).collect();
            let site = site(trace, names, kind, fact.flow, value);
            let flow = (fact.flow != NO_FLOW).then_some(fact.flow);
            let found =
                Found { kind, value, site: site.as_deref(), confidence: fact.confidence, evidence: &evidence, flow };
            self.tell(trace, &found);
        }
    }
}

fn is_private_text(address: &[u8]) -> bool {
    let address = std::str::from_utf8(address).ok().and_then(|text| text.parse().ok());
    address.is_some_and(super::observer::is_private)
}

fn time(trace: &Trace, evidence: &[Evidence]) -> Option<i64> {
    let row = evidence.first().and_then(|evidence| trace.row(evidence.packet))?;
    row.timed().then_some(row.time)
}

impl From<Place> for Evidence {
    fn from(Place { packet, start, end }: Place) -> Evidence {
        Evidence { packet, from: start, to: end }
    }
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
