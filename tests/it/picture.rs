//! A capture as text made for reading: what snapshots hold.

use std::fmt::Write as _;
use std::path::Path;

use husk::bytes::{Class, Ledger, Split, Tree, escape_bytes};
use husk::capture::Source;
use husk::explain::{Explained, explain};
use husk::protocols::{self, Side};
use husk::trace::{Pass, Trace};

/// A capture that was read.
pub(crate) struct Read {
    pub(crate) trace: Trace,
    pub(crate) fetch: husk::capture::Fetch,
    pub(crate) damage: Option<String>,
}

impl Read {
    pub(crate) fn open(path: &Path) -> Read {
        Read::new(Source::open(path).unwrap())
    }

    pub(crate) fn new(source: Source) -> Read {
        let mut pass = Pass::new(source);
        let trace = pass.run();
        let source = pass.source();
        Read { trace, fetch: source.fetch(), damage: source.damage().map(ToString::to_string) }
    }

    pub(crate) fn explain(&self, number: u32) -> Explained {
        explain(&self.trace, &self.fetch, number).unwrap().unwrap()
    }
}

/// Bytes by class: `L14 N20 T32 M285`.
pub(crate) fn letters(ledger: &Ledger) -> String {
    let some = ledger.iter().filter(|(_, bytes)| *bytes > 0);
    some.map(|(class, bytes)| format!("{}{bytes}", class.letter())).collect::<Vec<_>>().join(" ")
}

/// Classes in the order of the bytes: `L14 N20 T32 M285`, but a class may come again.
fn runs(classes: &[Class]) -> String {
    let run = |run: &[Class]| format!("{}{}", run[0].letter(), run.len());
    classes.chunk_by(|a, b| a == b).map(run).collect::<Vec<_>>().join(" ")
}

/// The tree, indented, a line a field: label, value, span.
pub(crate) fn tree(tree: &Tree, bytes: &[u8]) -> String {
    let mut out = String::new();
    for node in tree.nodes() {
        let indent = "  ".repeat(usize::from(node.depth));
        let value = tree.text(node, bytes);
        let short: String = value.chars().take(72).collect();
        let more = if short.len() < value.len() { "…" } else { "" };
        let source = if node.source > 0 { format!("{}:", node.source) } else { String::new() };
        let span =
            if node.start < node.end { format!("  [{source}{}..{}]", node.start, node.end) } else { String::new() };
        let gap = if short.is_empty() { "" } else { " = " };
        writeln!(out, "{indent}{}{gap}{short}{more}{span}", node.field.name).unwrap();
    }
    out
}

/// Packets that a picture lists; the longest fixture would fill a screen for an hour.
const LISTED: usize = 60;

/// The whole capture: flows, packets, messages, and one tree of each kind of packet.
pub(crate) fn capture(read: &Read) -> String {
    let trace = &read.trace;
    let mut out = String::new();
    let total = trace.total();
    writeln!(out, "packets {}  bytes {}  missing {}", trace.rows().len(), total.total(), trace.missing()).unwrap();
    writeln!(out, "classes {}", letters(&total)).unwrap();
    let split = [Split::Visible, Split::Encrypted, Split::Neither].map(|side| total.split(side));
    writeln!(out, "visible {}  encrypted {}  neither {}", split[0], split[1], split[2]).unwrap();
    if let Some(damage) = &read.damage {
        writeln!(out, "damage {damage}").unwrap();
    }
    flows(trace, &mut out);
    facts(trace, &mut out);
    packets(read, &mut out);
    out
}

fn flows(trace: &Trace, out: &mut String) {
    out.push_str("\n== flows\n");
    for flow in trace.flows().all() {
        let [(client, client_port), (server, server_port)] =
            [Side::Client, Side::Server].map(|side| flow.endpoint(side));
        let [sent, received] = flow.packets;
        let stack = flow.stack().join(" › ");
        let within = flow.parent.map_or_else(String::new, |parent| format!("  in {parent}"));
        writeln!(
            out,
            "{} {stack}  {client} {client_port} → {server} {server_port}  {sent}+{received}  {}{within}",
            flow.number,
            letters(&flow.ledger())
        )
        .unwrap();
    }
}

fn facts(trace: &Trace, out: &mut String) {
    out.push_str("\n== facts\n");
    for fact in trace.facts().iter().take(LISTED) {
        let value: String = escape_bytes(trace.words().at(fact.value)).chars().take(80).collect();
        writeln!(out, "{} {} [{}..{}] {value}", fact.packet, fact.field.name, fact.start, fact.end).unwrap();
    }
}

fn packets(read: &Read, out: &mut String) {
    out.push_str("\n== packets\n");
    let mut trees = String::new();
    let mut kinds = std::collections::BTreeSet::new();
    for number in 1..=read.trace.rows().len() as u32 {
        let explained = read.explain(number);
        let layers = explained.outline.layers.iter().filter_map(|place| protocols::at(*place));
        let layers = layers.map(husk::protocols::Protocol::name).collect::<Vec<_>>().join(":");
        let messages = read.trace.messages_of(number).iter();
        let messages: Vec<&str> = messages.map(|message| message.what).collect();
        if (number as usize) <= LISTED {
            let said = read
                .trace
                .messages_of(number)
                .iter()
                .map(|message| format!("  {} {}", message.what, escape_bytes(read.trace.subject(&message))));
            let said = said.collect::<String>();
            writeln!(out, "{number} {layers}  {}{}", runs(&explained.classes), said.trim_end()).unwrap();
        }
        if kinds.insert((layers, messages.join(" "))) {
            writeln!(trees, "\n-- packet {number}").unwrap();
            trees.push_str(&tree(&explained.tree, &explained.bytes));
        }
    }
    out.push_str("\n== one packet of each kind\n");
    out.push_str(&trees);
}
