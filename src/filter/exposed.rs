//! Fields that stand in no packet: what a capture gives away of it, its flow, or all of it.
//!
//! What they speak of is the command's scope: a packet for `list`, a flow for `flows`, the whole capture for `assert`.

use std::sync::LazyLock;

use smallvec::SmallVec;

use super::evaluate::Values;
use super::syntax::Named;
use super::value::{Item, Type};
use crate::bytes::{Class, Field, Kind, Ledger, Split, escape};
use crate::exposure::leak::{LEAKS, LeakKind};
use crate::exposure::{self, Book, Complaints, Leaks, NameSource, Names, Outcome, Stage};
use crate::flow::{Flow, NO_FLOW};
use crate::protocols::frame;
use crate::trace::Trace;

/// What the fields of a filter that stand in no packet speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A packet, by its number.
    Packet(u32),
    /// A flow, by its number.
    Flow(u32),
    /// The whole capture.
    Capture,
}

/// What is derived from a trace for filters, once for all packets and flows.
pub struct Known {
    names: Names,
    stages: Vec<Stage>,
    outcomes: Vec<Outcome>,
    flows: Vec<Book>,
    leaks: Leaks,
    /// Packets, and the places of the leaks that they tell, in order.
    packets: Vec<(u32, u32)>,
    /// The same of flows.
    told_in: Vec<(u32, u32)>,
}

impl Known {
    /// What a trace tells, and what is given away by it.
    pub fn new(trace: &Trace, leaks: Leaks) -> Known {
        let names = Names::new(trace);
        let flows = exposure::books(trace, &names, exposure::Scope::Flow);
        let packets = in_order(leaks.tellings().iter().map(|told| (told.packet, told.leak)));
        let told_in = in_order(leaks.tellings().iter().map(|told| (told.flow, told.leak)));
        let (stages, complaints) = (Stage::of_flows(trace), Complaints::new(trace));
        let all = trace.flows().all().iter().zip(&stages);
        let outcome = |(flow, stage): (&Flow, &Stage)| {
            Outcome::of(flow, *stage, complaints.of(trace, flow.number).next().is_some())
        };
        let outcomes = all.map(outcome).collect();
        Known { names, stages, outcomes, flows, leaks, packets, told_in }
    }
}

fn in_order(pairs: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = pairs.collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The places that stand beside `of`.
fn beside(pairs: &[(u32, u32)], of: u32) -> impl Iterator<Item = u32> + '_ {
    let from = pairs.partition_point(|(one, _)| *one < of);
    pairs.get(from..).unwrap_or_default().iter().take_while(move |(one, _)| *one == of).map(|(_, place)| *place)
}

/// What is known without reading a packet again.
#[derive(Clone, Copy)]
pub struct Exposed<'a> {
    /// The capture.
    pub trace: &'a Trace,
    /// What is derived from it. Without it only what the trace has at hand is known.
    pub known: Option<&'a Known>,
    /// What is spoken of.
    pub scope: Scope,
}

/// A field and what it counts.
struct Count {
    field: Field,
    of: Counted,
    ratio: bool,
}

#[derive(Clone, Copy)]
enum Counted {
    Class(Class),
    Split(Split),
    Captured,
    Missing,
}

const SOURCE: &str = "docs/filters.md";

const fn field(name: &'static str, label: &'static str, kind: Kind, class: Class) -> Field {
    Field { name, label, kind, class, source: SOURCE, names: None }
}

macro_rules! counts {
    ($($name:literal $label:literal $class:ident $of:expr;)*) => {
        static COUNTS: &[Count] = &[$(
            Count {
                field: field(concat!($name, ".bytes"), concat!("Bytes ", $label), Kind::Number, Class::$class),
                of: $of,
                ratio: false,
            },
            Count {
                field: field(concat!($name, ".ratio"), concat!("Part of the captured bytes ", $label), Kind::Ratio, Class::$class),
                of: $of,
                ratio: true,
            },
        )*];
    };
}

counts! {
    "visible" "that an observer reads" Metadata Counted::Split(Split::Visible);
    "encrypted" "that an observer cannot read" Sealed Counted::Split(Split::Encrypted);
    "neither" "that mean nothing, or nobody knows" Unknown Counted::Split(Split::Neither);
    "link" "of class Link" Link Counted::Class(Class::Link);
    "network" "of class Network" Network Counted::Class(Class::Network);
    "transport" "of class Transport" Transport Counted::Class(Class::Transport);
    "metadata" "of class Metadata" Metadata Counted::Class(Class::Metadata);
    "content" "of class Content" Content Counted::Class(Class::Content);
    "veiled" "of class Veiled" Veiled Counted::Class(Class::Veiled);
    "sealed" "of class Sealed" Sealed Counted::Class(Class::Sealed);
    "tag" "of class Tag" Tag Counted::Class(Class::Tag);
    "padding" "of class Padding" Padding Counted::Class(Class::Padding);
    "unknown" "of class Unknown" Unknown Counted::Class(Class::Unknown);
}

static CAPTURED: Count = Count {
    field: field("captured.bytes", "Bytes captured", Kind::Number, Class::Link),
    of: Counted::Captured,
    ratio: false,
};
static MISSING: Count = Count {
    field: field("missing.bytes", "Bytes that were on the wire and not captured", Kind::Number, Class::Unknown),
    of: Counted::Missing,
    ratio: false,
};
static FLOW_NUMBER: Field = field("flow.number", "Number of the flow", Kind::Number, Class::Transport);
static FLOW_SIDE: Field = field("flow.side", "Side of the flow that sent the packet", Kind::Text, Class::Transport);
static FLOW_STAGE: Field = field("flow.stage", "How far the flow got", Kind::Text, Class::Transport);
static FLOW_OUTCOME: Field =
    field("flow.outcome", "What the client can know of how the flow ended", Kind::Text, Class::Transport);
static FLOW_NAME: Field = field("flow.name", "Name of the flow", Kind::Text, Class::Metadata);
static FLOW_NAME_SOURCE: Field =
    field("flow.name_source", "How the flow's name was learned", Kind::Text, Class::Metadata);

static FIELDS: LazyLock<Vec<&'static Field>> = LazyLock::new(|| {
    let counts = COUNTS.iter().chain([&CAPTURED, &MISSING]).map(|count| &count.field);
    let flows = [&FLOW_NUMBER, &FLOW_SIDE, &FLOW_STAGE, &FLOW_OUTCOME, &FLOW_NAME, &FLOW_NAME_SOURCE, &ECH_VERDICT];
    counts.chain(flows).chain(LEAK_FIELDS.iter().map(|(field, _)| *field)).collect()
});

/// The same as `leak.tls.ech`, by the name that people know.
static ECH_VERDICT: Field =
    field("ech.verdict", "Whether an encrypted hello (ECH) was a real one", Kind::Text, Class::Metadata);

/// A field for each kind of leak: `leak.tls.sni`. They are made once.
static LEAK_FIELDS: LazyLock<Vec<(&'static Field, &'static LeakKind)>> = LazyLock::new(|| {
    let made = |kind: &'static LeakKind| {
        let name: &'static str = Box::leak(format!("leak.{}", kind.name).into_boxed_str());
        (&*Box::leak(Box::new(field(name, kind.label, Kind::Text, kind.class))), kind)
    };
    LEAKS.iter().map(made).collect()
});

/// The fields that a short name stands for: `leak` for every leak, `leak.sni` for all kinds that end so.
pub(super) fn short(name: &str) -> Vec<&'static Field> {
    let Some(last) = name.strip_prefix("leak") else { return Vec::new() };
    let ends = |field: &Field| last.is_empty() || (last.starts_with('.') && field.name.ends_with(last));
    LEAK_FIELDS.iter().map(|(field, _)| *field).filter(|field| ends(field)).collect()
}

/// Every field that stands in no packet.
pub fn fields() -> &'static [&'static Field] {
    &FIELDS
}

/// Whether a field is one of them.
pub fn is_exposed(field: &Field) -> bool {
    field.source == SOURCE
}

/// Whether a field says what is given away.
pub fn is_leak(field: &Field) -> bool {
    leak_of(field).is_some()
}

/// The kind of leak that a field tells.
fn leak_of(field: &Field) -> Option<&'static LeakKind> {
    if *field == ECH_VERDICT {
        return exposure::leak::kind("tls.ech");
    }
    LEAK_FIELDS.iter().find(|(one, _)| *one == field).map(|(_, kind)| *kind)
}

impl<'a> Exposed<'a> {
    /// Whether a field is there, as far as it is known.
    pub(super) fn has(&self, named: &Named) -> Option<bool> {
        if named.fields.iter().all(|field| is_exposed(field)) {
            return self.values(named).map(|values| !values.is_empty());
        }
        // The uppermost protocol of a packet is there; of others nobody knows.
        let Scope::Packet(number) = self.scope else { return None };
        let top = crate::protocols::at(self.trace.row(number)?.protocol)?;
        let [field] = named.fields.as_slice() else { return None };
        (top.heading == **field || field.name == "frame").then_some(true)
    }

    /// The values of a field that needs no packet; `None` if it needs one.
    pub(super) fn values(&self, named: &Named) -> Option<Values<'a>> {
        let mut all = Values::new();
        for field in &named.fields {
            all.extend(if is_exposed(field) { self.of(field)? } else { self.column(field)? });
        }
        Some(all)
    }

    /// The values of a field that stands in no packet, as cells have them (escaped).
    pub fn cells(&self, field: &Field) -> Vec<String> {
        let kind = Type::of(field.kind);
        let values = self.of(field).unwrap_or_default();
        values.iter().map(|value| escape(&value.text(kind)).into_owned()).collect()
    }

    fn of(&self, field: &Field) -> Option<Values<'a>> {
        if let Some(count) = COUNTS.iter().chain([&CAPTURED, &MISSING]).find(|count| count.field == *field) {
            let (ledger, missing) = self.ledger()?;
            return Some(SmallVec::from_iter([Item::Number(count.of(&ledger, missing))]));
        }
        match leak_of(field) {
            Some(kind) => self.leaks(kind),
            None => self.of_flows(field),
        }
    }

    /// What was learned of a kind: from the packet, in the flow, or at all.
    fn leaks(&self, kind: &LeakKind) -> Option<Values<'a>> {
        let known = self.known?;
        let all = known.leaks.all();
        let value = |leak: &'a exposure::Leak| Item::Bytes(known.leaks.raw(leak).into());
        let these = |places: &mut dyn Iterator<Item = u32>| -> Values<'a> {
            places.filter_map(|place| all.get(place as usize)).filter(|leak| leak.kind == kind).map(value).collect()
        };
        let values = match self.scope {
            Scope::Packet(number) => these(&mut beside(&known.packets, number)),
            Scope::Flow(flow) => these(&mut beside(&known.told_in, flow)),
            Scope::Capture => all.iter().filter(|leak| leak.kind == kind).map(value).collect(),
        };
        Some(values)
    }

    /// What the packet's row says.
    fn column(&self, field: &Field) -> Option<Values<'a>> {
        let Scope::Packet(number) = self.scope else { return None };
        let row = self.trace.row(number)?;
        let value = match field {
            field if *field == frame::NUMBER => i128::from(number),
            field if *field == frame::LENGTH => row.length.into(),
            field if *field == frame::CAPTURED => row.captured.into(),
            field if *field == frame::TIME_EPOCH && row.timed() => row.time.into(),
            field if *field == frame::TIME_EPOCH => return Some(Values::new()),
            _ => return None,
        };
        Some(SmallVec::from_iter([Item::Number(value)]))
    }

    /// Bytes by class, and those that are missing.
    fn ledger(&self) -> Option<(Ledger, u64)> {
        match self.scope {
            Scope::Packet(number) => {
                let row = self.trace.row(number)?;
                Some((self.trace.ledger(number), row.length.saturating_sub(row.captured).into()))
            }
            Scope::Flow(number) => {
                let book = self.known?.flows.get(number as usize)?;
                Some((book.ledger, book.missing))
            }
            Scope::Capture => Some((self.trace.total(), self.trace.missing())),
        }
    }

    fn of_flows(&self, field: &Field) -> Option<Values<'a>> {
        let all = self.trace.flows().all();
        let flows = match self.scope {
            Scope::Packet(number) => match self.trace.row(number)?.flow {
                NO_FLOW => 0..0,
                flow => flow..flow.saturating_add(1),
            },
            Scope::Flow(number) => number..number.saturating_add(1),
            Scope::Capture => 0..all.len() as u32,
        };
        if *field == FLOW_NUMBER {
            return Some(flows.map(|flow| Item::Number(flow.into())).collect());
        }
        if *field == FLOW_SIDE {
            let Scope::Packet(number) = self.scope else { return Some(Values::new()) };
            let side = self.trace.row(number)?.side().name();
            return Some(flows.map(|_| text(side)).collect());
        }
        let known = self.known?;
        let name = |flow| known.names.of_flow(flow);
        match field {
            field if *field == FLOW_STAGE => Some(
                flows.filter_map(|flow| known.stages.get(flow as usize)).map(|stage| text(stage.name())).collect(),
            ),
            field if *field == FLOW_OUTCOME => {
                Some(flows.filter_map(|flow| known.outcomes.get(flow as usize)).map(|one| text(one.name())).collect())
            }
            field if *field == FLOW_NAME => {
                let words = flows.filter_map(name).map(|(word, _)| Item::Bytes(known.names.raw(word).into()));
                Some(words.collect())
            }
            field if *field == FLOW_NAME_SOURCE => {
                Some(flows.filter_map(name).map(|(_, source)| text(NameSource::name(source))).collect())
            }
            _ => Some(Values::new()),
        }
    }
}

fn text(words: &'static str) -> Item<'static> {
    Item::Bytes(words.as_bytes().into())
}

impl Count {
    /// The number, or the part of what was captured in billionths.
    fn of(&self, ledger: &Ledger, missing: u64) -> i128 {
        let bytes = i128::from(match self.of {
            Counted::Class(class) => ledger.of(class),
            Counted::Split(split) => ledger.split(split),
            Counted::Captured => ledger.total(),
            Counted::Missing => missing,
        });
        if self.ratio { (bytes * 1_000_000_000).checked_div(ledger.total().into()).unwrap_or(0) } else { bytes }
    }
}
