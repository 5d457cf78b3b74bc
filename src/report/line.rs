//! One packet of `list`: number, time, who to whom, protocol, length, split, and what it is about.

use std::fmt::Write as _;

use super::info::Described;
use super::table::{self, Align, Bars};
use super::{Out, json};
use crate::bytes::Tree;
use crate::flow::NO_FLOW;
use crate::protocols::{self, NONE, Outline, Protocol, Side};
use crate::trace::{Heard, Trace};

/// What is told of one packet.
#[derive(Debug)]
pub struct Line {
    /// Its number.
    pub number: u32,
    /// Who sent it: an address of the innermost network, or of the link.
    pub source: String,
    /// Who should get it.
    pub destination: String,
    /// The uppermost protocol.
    pub protocol: String,
    /// All protocols, outermost first.
    pub layers: Vec<&'static str>,
    /// What it is about, escaped.
    pub info: String,
}

impl Line {
    /// Describes a packet that is heard. `trace` knows its flow, messages and classes: the one of an earlier pass knows
    /// also what later packets tell.
    pub fn new(heard: &Heard<'_>, trace: &Trace) -> Line {
        Line::of(heard.number, heard.outline, heard.tree, heard.bytes, trace)
    }

    /// Describes packet `number` from what was read of it; the tree must keep [`super::wanted_fields`].
    pub fn of(number: u32, outline: &Outline, tree: &Tree, bytes: &[u8], trace: &Trace) -> Line {
        let described = Described { number, outline, tree, bytes, trace };
        let (source, destination) = ends(&described);
        let mut layers: Vec<&'static str> =
            outline.layers.iter().filter_map(|place| protocols::at(*place)).map(Protocol::name).collect();
        for message in trace.messages_of(number) {
            if let Some(name) = protocols::at(message.protocol).map(Protocol::name)
                && !layers.contains(&name)
            {
                layers.push(name);
            }
        }
        Line { number, source, destination, protocol: protocol(number, trace), layers, info: described.info() }
    }
}

fn ends(described: &Described<'_>) -> (String, String) {
    if let Some(ends) = &described.outline.endpoints {
        return (ends.addresses.source().to_string(), ends.addresses.destination().to_string());
    }
    let first = |names: &[&str]| names.iter().find_map(|name| described.text(name)).unwrap_or_default();
    (first(&["eth.src", "wlan.sa", "sll.src.eth"]), first(&["eth.dst", "wlan.da"]))
}

/// The uppermost protocol's name, as people write it.
fn protocol(number: u32, trace: &Trace) -> String {
    let Some(row) = trace.row(number).filter(|row| row.protocol != NONE) else { return "?".to_owned() };
    let name = protocols::at(row.protocol).map_or("?", Protocol::name);
    let spoken = |start: &str| {
        let flow = trace.flows().all().get(row.flow as usize)?;
        flow.stack().into_iter().find(|name| name.starts_with(start))
    };
    match name {
        "eth" => "Ethernet".to_owned(),
        "ip" => "IPv4".to_owned(),
        "ipv6" => "IPv6".to_owned(),
        "icmpv6" => "ICMPv6".to_owned(),
        // The version is the flow's: the first messages do not tell it themselves.
        "tls" => {
            spoken("tls").map_or("TLS".to_owned(), |version| format!("TLSv{}", version.trim_start_matches("tls")))
        }
        name => name.to_uppercase(),
    }
}

/// Prints lines of packets.
#[derive(Clone, Debug)]
pub struct Lines {
    address_width: usize,
    /// Digits of a second's fraction.
    digits: usize,
    start: Option<i64>,
    bars: Bars,
    /// Memory for the line that is put together.
    text: String,
}

impl Lines {
    /// Columns as wide as this capture needs; `nanoseconds` if its times have them.
    pub fn new(trace: &Trace, nanoseconds: bool) -> Lines {
        let flows = trace.flows().all().iter();
        let addresses = flows.flat_map(|flow| [Side::Client, Side::Server].map(|side| flow.endpoint(side).0));
        let without_flow = trace.rows().iter().any(|row| row.flow == NO_FLOW);
        let least = if without_flow { "00:00:00:00:00:00".len() } else { "192.0.2.1".len() };
        let address_width = addresses.map(|address| address.to_string().len()).max().unwrap_or(0).max(least);
        Lines::of(address_width, if nanoseconds { 9 } else { 6 })
    }

    fn of(address_width: usize, digits: usize) -> Lines {
        Lines { address_width, digits, start: None, bars: Bars::default(), text: String::new() }
    }

    /// Columns for packets that are still to come.
    pub fn live() -> Lines {
        Lines::of("255.255.255.255".len(), 6)
    }

    /// The time at which the first packet was captured.
    pub fn begin(&mut self, time: i64) {
        self.start.get_or_insert(time);
    }

    /// One line of text.
    pub fn print(&mut self, out: &mut Out, line: &Line, trace: &Trace) -> std::io::Result<()> {
        let Some(row) = trace.row(line.number) else { return Ok(()) };
        let time = if row.timed() { self.time(row.time) } else { String::new() };
        let Lines { text, bars, address_width, digits, .. } = self;
        text.clear();
        // Writing to a string cannot fail.
        let _ = write!(text, "{:>5} ", line.number);
        table::pad_onto(text, &time, *digits + 5, Align::Right);
        text.push(' ');
        table::pad_onto(text, &line.source, *address_width, Align::Right);
        text.push_str(" → ");
        table::pad_onto(text, &line.destination, *address_width, Align::Left);
        text.push(' ');
        table::pad_onto(text, &line.protocol, 8, Align::Left);
        let _ = write!(text, " {:>5} ", row.length);
        text.push_str(bars.bar(&trace.ledger(line.number), trace.dark(line.number), 8, out.style));
        text.push(' ');
        text.push_str(&line.info);
        out.line(text.trim_end())
    }

    /// Seconds since the first packet.
    fn time(&self, time: i64) -> String {
        let mut text = table::seconds(time.saturating_sub(self.start.unwrap_or(time)));
        text.truncate(text.len() - (9 - self.digits));
        text
    }

    /// One JSON line.
    pub fn json(&self, out: &mut Out, line: &Line, trace: &Trace) -> std::io::Result<()> {
        match json::Packet::new(trace, line.number, &line.layers, &line.info) {
            Some(packet) => out.json(&packet),
            None => Ok(()),
        }
    }
}
