//! JSON lines: one struct a kind, fields in the order in which they are written (docs/json.md).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use super::{messages, table};
use crate::bytes::{Class, Kind, Ledger, Node, Split, escape, escape_bytes};
use crate::capture::Source;
use crate::capture::owners::Process;
use crate::explain::Explained;
use crate::exposure::{Book, Exchange, Id, Names, Outcome, Seen, Stage};
use crate::filter::Told;
use crate::flow::{Flow, MessageRow, NO_FLOW};
use crate::protocols::{self, Side};
use crate::trace::Trace;

mod fields;
mod leaks;
mod said;
pub use fields::{AboutLine, FieldLine, WordLine};
pub use leaks::{Known, LeakLine};
pub use said::{Passage, Units};

/// The version of these lines: a field that goes or changes its meaning makes it 2; fields may be added.
pub(super) const VERSION: u32 = 1;

/// Bytes by class; classes with no bytes are left out.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(pub Ledger);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (class, bytes) in self.0.iter().filter(|(_, bytes)| *bytes > 0) {
            map.serialize_entry(class.name(), &bytes)?;
        }
        map.end()
    }
}

/// The sum of a ledger, its classes, and the split.
#[derive(Debug, Serialize)]
struct Sums {
    captured: u64,
    bytes: Bytes,
    visible: u64,
    encrypted: u64,
    neither: u64,
    missing: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dark: Option<u64>,
}

/// A packet (`list`).
#[derive(Debug, Serialize)]
#[allow(clippy::struct_field_names, reason = "the number's key is its kind")]
pub struct Packet<'a> {
    v: u32,
    kind: &'static str,
    packet: u32,
    time: Option<String>,
    interface: u16,
    captured: u32,
    length: u32,
    flow: Option<u32>,
    side: Option<&'static str>,
    layers: &'a [&'static str],
    info: &'a str,
    bytes: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    dark: Option<u64>,
}

impl<'a> Packet<'a> {
    /// The line of a packet; `info` must have been escaped.
    pub fn new(trace: &Trace, number: u32, layers: &'a [&'static str], info: &'a str) -> Option<Packet<'a>> {
        let row = trace.row(number)?;
        let flow = (row.flow != NO_FLOW).then_some(row.flow);
        Some(Packet {
            v: VERSION,
            kind: "packet",
            packet: number,
            time: row.timed().then(|| table::seconds(row.time)),
            interface: row.interface,
            captured: row.captured,
            length: row.length,
            flow,
            side: flow.map(|_| row.side().name()),
            layers,
            info,
            bytes: Bytes(trace.ledger(number)),
            dark: trace.is_narrowed().then(|| trace.dark(number)),
        })
    }
}

/// A number for each side.
#[derive(Debug, Serialize)]
struct BySide {
    client: u32,
    server: u32,
}

/// A process that had a socket.
#[derive(Debug, Serialize)]
struct ProcessOf {
    id: u32,
    name: String,
}

/// The processes of a flow, as far as the capture tells them.
#[derive(Debug, Serialize)]
struct Processes {
    client: Option<ProcessOf>,
    server: Option<ProcessOf>,
}

impl Processes {
    fn new(owners: [Option<Arc<Process>>; 2]) -> Processes {
        let told = |process: Arc<Process>| ProcessOf { id: process.id, name: escape(&process.name).into_owned() };
        let [client, server] = owners.map(|process| process.map(told));
        Processes { client, server }
    }
}

/// A flow (`flows`).
#[derive(Debug, Serialize)]
pub struct FlowLine {
    v: u32,
    kind: &'static str,
    flow: u32,
    stack: Vec<&'static str>,
    client: String,
    server: String,
    name: Option<String>,
    name_source: Option<&'static str>,
    packets: BySide,
    stage: &'static str,
    bytes: Bytes,
    icmp: Vec<String>,
    remarks: Vec<String>,
    outcome: &'static str,
    processes: Processes,
    names_there: usize,
    nameless: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dark: Option<u64>,
}

impl FlowLine {
    /// The line of a flow, of which so many bytes are dark to the observer, if there is one.
    pub fn new(
        trace: &Trace,
        flow: &Flow,
        names: &Names,
        stage: Stage,
        icmp: Vec<String>,
        dark: Option<u64>,
    ) -> FlowLine {
        let named = names.of_flow(flow.number);
        let [client, server] = flow.packets;
        FlowLine {
            v: VERSION,
            kind: "flow",
            flow: flow.number,
            stack: flow.stack(),
            client: endpoint(flow, Side::Client),
            server: endpoint(flow, Side::Server),
            name: named.map(|(name, _)| names.text(name).into_owned()),
            name_source: named.map(|(_, source)| source.name()),
            packets: BySide { client, server },
            stage: stage.name(),
            bytes: Bytes(flow.ledger()),
            outcome: Outcome::of(flow, stage, !icmp.is_empty()).name(),
            icmp,
            remarks: flow.remarks(),
            processes: Processes::new(trace.owners(flow.number)),
            names_there: names.on(flow.endpoint(Side::Server).0).count(),
            nameless: named.is_none().then(|| names.nameless(trace, flow.number).text()),
            dark,
        }
    }
}

/// An end of a flow: address and port, the address alone where there are no ports.
pub fn endpoint(flow: &Flow, side: Side) -> String {
    let (address, port) = flow.endpoint(side);
    match flow.transport {
        Some(_) => std::net::SocketAddr::new(address, port).to_string(),
        None => address.to_string(),
    }
}

/// A message (`messages`).
#[derive(Debug, Serialize)]
#[allow(clippy::struct_field_names, reason = "the number's key is its kind")]
pub struct Message<'a> {
    v: u32,
    kind: &'static str,
    message: String,
    flow: Option<u32>,
    side: &'static str,
    first: u32,
    packet: u32,
    protocol: &'static str,
    what: &'a str,
    subject: Option<String>,
    offset: u64,
    length: u32,
    answered: Option<bool>,
    answers: Option<String>,
    after: Option<String>,
}

impl<'a> Message<'a> {
    /// The line of message `number` of its flow.
    pub fn new(trace: &Trace, row: &'a MessageRow, number: u32, exchange: Exchange) -> Message<'a> {
        let (answered, answers, after) = match exchange {
            Exchange::None => (None, None, None),
            Exchange::Asks { answered } => (Some(answered), None, None),
            Exchange::Answers { question, after, answered } => (answered, Some(question), Some(after)),
        };
        let subject = trace.subject(row);
        Message {
            v: VERSION,
            kind: "message",
            message: messages::name(row.flow, number),
            flow: (row.flow != NO_FLOW).then_some(row.flow),
            side: row.side.name(),
            first: row.first,
            packet: row.last,
            protocol: protocols::at(row.protocol).map_or("", |protocol| protocol.name()),
            what: row.what,
            subject: (!subject.is_empty()).then(|| escape_bytes(subject).into_owned()),
            offset: place(trace, row.flow, row.side, row.offset),
            length: row.length,
            answered,
            answers: answers.map(|(flow, number)| messages::name(flow, number)),
            after: after.map(table::seconds),
        }
    }
}

/// Where something stands in a flow, counted from the first byte of its side.
fn place(trace: &Trace, flow: u32, side: Side, offset: u64) -> u64 {
    trace.flows().all().get(flow as usize).map_or(offset, |flow| flow.place(side, offset))
}

/// The bytes of a scope (`exposure`).
#[derive(Debug, Serialize)]
pub struct Exposure {
    v: u32,
    kind: &'static str,
    scope: &'static str,
    id: serde_json::Value,
    #[serde(flatten)]
    sums: Sums,
}

impl Exposure {
    /// The line of a book.
    pub fn new(trace: &Trace, names: &Names, book: &Book) -> Exposure {
        Exposure {
            v: VERSION,
            kind: "exposure",
            scope: book.scope.name(),
            id: match &book.id {
                Id::None => serde_json::Value::Null,
                Id::Flow(number) => (*number).into(),
                Id::Host(address) => address.to_string().into(),
                Id::Pair(ends) => ends.map(|address| address.to_string()).to_vec().into(),
                Id::Name(name) => names.text(*name).into(),
                Id::Protocol(path) => path.clone().into(),
                Id::Time(begins) => super::table::seconds(*begins).into(),
            },
            sums: Sums {
                captured: book.captured(),
                bytes: Bytes(book.ledger),
                visible: book.ledger.split(Split::Visible),
                encrypted: book.ledger.split(Split::Encrypted),
                neither: book.ledger.split(Split::Neither),
                missing: book.missing,
                dark: trace.is_narrowed().then_some(book.dark),
            },
        }
    }
}

/// A field that was found (`show`).
#[derive(Debug, Serialize)]
pub struct NodeLine {
    v: u32,
    kind: &'static str,
    packet: u32,
    depth: u8,
    name: &'static str,
    label: &'static str,
    value: Option<String>,
    source: u8,
    from: u32,
    to: u32,
}

impl NodeLine {
    /// The line of a node in an explained packet.
    pub fn new(explained: &Explained, node: &Node) -> NodeLine {
        NodeLine {
            v: VERSION,
            kind: "node",
            packet: explained.number,
            depth: node.depth,
            name: node.field.name,
            label: node.field.label,
            value: (node.field.kind != Kind::Group).then(|| explained.tree.cell(node, &explained.bytes)),
            source: node.source,
            from: node.start,
            to: node.end,
        }
    }
}

/// A run of bytes of one class (`show`).
#[derive(Debug, Serialize)]
pub struct Run {
    v: u32,
    kind: &'static str,
    packet: u32,
    from: usize,
    to: usize,
    class: &'static str,
    hex: String,
}

impl Run {
    /// The lines of an explained packet's bytes.
    pub fn all(trace: &Trace, explained: &Explained) -> Vec<Run> {
        let mut from = 0;
        let shown = |class: &Class| Some(*class).filter(|class| trace.sees(*class));
        let runs = explained.classes.chunk_by(|a, b| shown(a) == shown(b));
        runs.map(|run| {
            let to = from + run.len();
            let bytes = explained.bytes.get(from..to).unwrap_or_default();
            let line = Run {
                v: VERSION,
                kind: "run",
                packet: explained.number,
                from,
                to,
                class: run.first().and_then(shown).map_or("dark", Class::name),
                hex: if run.first().and_then(shown).is_some() { hex(bytes) } else { String::new() },
            };
            from = to;
            line
        })
        .collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// A kind of values, for people and scripts.
pub const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Group => "group",
        Kind::Number => "number",
        Kind::Signed => "signed",
        Kind::Hex(_) => "hex",
        Kind::Flag => "flag",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
        Kind::Mac => "mac",
        Kind::Ipv4 => "ipv4",
        Kind::Ipv6 => "ipv6",
        Kind::Time | Kind::Date => "time",
        Kind::Duration => "duration",
        Kind::Oid => "oid",
        Kind::Ratio => "ratio",
    }
}

/// An interface of this machine (`interfaces`).
#[cfg(all(feature = "live", unix))]
#[derive(Debug, Serialize)]
pub struct InterfaceLine {
    v: u32,
    kind: &'static str,
    name: String,
    r#type: String,
    link_type: Option<u32>,
    state: String,
    mac: Option<String>,
    addresses: Vec<std::net::IpAddr>,
    description: Option<String>,
}

#[cfg(all(feature = "live", unix))]
impl InterfaceLine {
    /// The line of an interface.
    pub fn new(device: &crate::capture::interfaces::Device) -> InterfaceLine {
        InterfaceLine {
            v: VERSION,
            kind: "interface",
            name: escape(&device.name).into_owned(),
            r#type: device.kind.to_string(),
            link_type: device.link_type,
            state: device.state.to_string(),
            mac: device.mac.clone(),
            addresses: device.addresses.clone(),
            description: device.description.as_deref().map(|text| escape(text).into_owned()),
        }
    }
}

/// The fields asked for of one packet (`fields -e`).
#[derive(Debug, Serialize)]
pub struct Cells<'a> {
    v: u32,
    kind: &'static str,
    packet: u32,
    fields: BTreeMap<&'a str, Vec<String>>,
}

impl<'a> Cells<'a> {
    /// The line of a packet: those columns that have a value.
    pub fn new(packet: u32, fields: BTreeMap<&'a str, Vec<String>>) -> Cells<'a> {
        Cells { v: VERSION, kind: "fields", packet, fields }
    }
}

/// What a capture is (the summary).
#[derive(Debug, Serialize)]
pub struct Capture {
    v: u32,
    kind: &'static str,
    file: String,
    format: String,
    link_types: Vec<u32>,
    packets: usize,
    captured: u64,
    length: u64,
    first: Option<String>,
    last: Option<String>,
    flows: usize,
    damage: Option<String>,
    dropped: Vec<String>,
    offload: Offload,
}

/// What network cards did with packets, or were still to do.
#[derive(Debug, Serialize)]
struct Offload {
    packets: u64,
    frames: u64,
    checksums: u64,
}

impl Capture {
    /// The line of a capture that was read.
    pub fn new(source: &Source, trace: &Trace) -> Capture {
        let mut link_types: Vec<u32> = source.interfaces().iter().map(|interface| interface.link_type).collect();
        link_types.sort_unstable();
        link_types.dedup();
        Capture {
            v: VERSION,
            kind: "capture",
            file: escape(source.name()).into_owned(),
            format: source.format(),
            link_types,
            packets: trace.rows().len(),
            captured: trace.total().total(),
            length: trace.on_wire(),
            first: trace.times().map(|(first, _)| table::seconds(first)),
            last: trace.times().map(|(_, last)| table::seconds(last)),
            flows: trace.flows().all().len(),
            dropped: table::dropped(&trace.flows().dropped()),
            damage: source.damage().map(ToString::to_string),
            offload: {
                let totals = trace.offload();
                Offload { packets: totals.packets, frames: totals.frames, checksums: totals.unfinished }
            },
        }
    }
}

/// A name seen in the capture (the summary).
#[derive(Debug, Serialize)]
pub struct NameLine {
    v: u32,
    kind: &'static str,
    name: String,
    name_source: &'static str,
    packet: u32,
    times: u32,
}

impl NameLine {
    /// The line of a name.
    pub fn new(names: &Names, seen: &Seen) -> NameLine {
        NameLine {
            v: VERSION,
            kind: "name",
            name: names.text(seen.name).into_owned(),
            name_source: seen.source.name(),
            packet: seen.packet,
            times: seen.times,
        }
    }
}

/// What came of an expression (`assert`).
#[derive(Debug, Serialize)]
pub struct Assertion {
    v: u32,
    kind: &'static str,
    expression: String,
    holds: bool,
    tests: Vec<TestLine>,
}

/// What came of one of its tests.
#[derive(Debug, Serialize)]
struct TestLine {
    test: String,
    holds: bool,
    found: Vec<String>,
    more: u64,
}

impl Assertion {
    /// The line of an expression.
    pub fn new(expression: &str, holds: bool, told: &[Told]) -> Assertion {
        let line = |told: &Told| TestLine {
            test: told.test.clone(),
            holds: told.holds,
            found: told.found.clone(),
            more: told.more,
        };
        Assertion {
            v: VERSION,
            kind: "assert",
            expression: escape(expression).into_owned(),
            holds,
            tests: told.iter().map(line).collect(),
        }
    }
}
