//! Names that stand readable in the capture, and the flows they name.

use std::net::IpAddr;

use crate::bytes::Field;
use crate::protocols::Side;
use crate::trace::{FactRow, Trace};

/// How a name was learned, the surest way to name a flow first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameSource {
    /// TLS server name indication: the client said whom it wants (RFC 6066, section 3).
    Sni,
    /// The Host field of an HTTP request (RFC 9110, section 7.2).
    Host,
    /// A DNS answer gave the server's address for this name, or a DNS question asked for it.
    Dns,
}

impl NameSource {
    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            NameSource::Sni => "sni",
            NameSource::Host => "host",
            NameSource::Dns => "dns",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            NameSource::Sni => "SNI",
            NameSource::Host => "HTTP Host",
            NameSource::Dns => "DNS",
        }
    }

    fn of(field: &Field) -> Option<NameSource> {
        match field.name {
            "tls.handshake.extensions_server_name" => Some(NameSource::Sni),
            "http.host" => Some(NameSource::Host),
            "dns.qry.name" | "mdns.qry.name" => Some(NameSource::Dns),
            _ => None,
        }
    }
}

/// A name seen in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The name: a word of [`Trace::words`].
    pub name: u32,
    /// How it was learned.
    pub source: NameSource,
    /// The packet that showed it first.
    pub packet: u32,
    /// How many times it was shown.
    pub times: u32,
}

/// All names of a capture.
#[derive(Debug, Default)]
pub struct Names {
    seen: Vec<Seen>,
    flows: Vec<Option<(u32, NameSource)>>,
}

/// An address and the name that a DNS answer in `packet` gave for it.
type Answer = (IpAddr, u32, u32);

impl Names {
    /// Collects the names from the facts of a trace.
    pub fn new(trace: &Trace) -> Names {
        let mut names = Names { seen: Vec::new(), flows: vec![None; trace.flows().all().len()] };
        let mut known: hashbrown::HashMap<(u32, u8), usize, foldhash::fast::RandomState> =
            hashbrown::HashMap::default();
        let mut answers: Vec<Answer> = Vec::new();
        let mut asked: Option<(u32, u32)> = None;
        for fact in trace.facts() {
            if let Some(address) = address(fact, trace) {
                if let Some((packet, name)) = asked
                    && packet == fact.packet
                {
                    answers.push((address, packet, name));
                }
                continue;
            }
            let Some(source) = NameSource::of(fact.field).filter(|_| !trace.words().at(fact.value).is_empty()) else {
                continue;
            };
            if source == NameSource::Dns {
                asked = Some((fact.packet, fact.value));
            } else {
                names.name_flow(fact.flow, fact.value, source);
            }
            let at = *known.entry((fact.value, source as u8)).or_insert(names.seen.len());
            match names.seen.get_mut(at) {
                Some(seen) => seen.times += 1,
                None => names.seen.push(Seen { name: fact.value, source, packet: fact.packet, times: 1 }),
            }
        }
        answers.sort_unstable();
        names.name_by_answers(trace, &answers);
        names
    }

    /// The surest source names the flow; of one source the first name does.
    fn name_flow(&mut self, flow: u32, name: u32, source: NameSource) {
        let Some(slot) = self.flows.get_mut(flow as usize) else { return };
        if slot.is_none_or(|(_, before)| source < before) {
            *slot = Some((name, source));
        }
    }

    /// Flows without a name of their own get the last one that an answer gave for the server's address before they
    /// began.
    fn name_by_answers(&mut self, trace: &Trace, answers: &[Answer]) {
        for flow in trace.flows().all() {
            let (server, _) = flow.endpoint(Side::Server);
            let until = answers.partition_point(|(address, packet, _)| (*address, *packet) <= (server, flow.first));
            let last = until.checked_sub(1).and_then(|at| answers.get(at));
            if let Some((_, _, name)) = last.filter(|(address, _, _)| *address == server) {
                self.name_flow(flow.number, *name, NameSource::Dns);
            }
        }
    }

    /// The name of a flow, a word of [`Trace::words`], and how it was learned.
    pub fn of_flow(&self, flow: u32) -> Option<(u32, NameSource)> {
        self.flows.get(flow as usize).copied().flatten()
    }

    /// Every name seen, in the order of the packets that showed it first.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }
}

/// The address that a DNS answer's fact gives.
fn address(fact: &FactRow, trace: &Trace) -> Option<IpAddr> {
    if !matches!(fact.field.name, "dns.a" | "dns.aaaa") {
        return None;
    }
    let value = trace.words().at(fact.value);
    if let Ok(four) = <[u8; 4]>::try_from(value) {
        return Some(four.into());
    }
    if let Ok(sixteen) = <[u8; 16]>::try_from(value) {
        return Some(sixteen.into());
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}
