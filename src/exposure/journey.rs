//! What happened on the way to each site, in time: names, connections, keys, requests as far as they can be told
//! without keys.
//!
//! ```text
//! name       A? AAAA?   ▒▒▒▒▒
//! connect    v6              ░░░░░░░░░  no answer
//! connect    v4                   ░░░
//! TLS 1.3    hello                   ▒▒▒
//! burst 1    0.4 kB out, 10.3 kB in     ████
//! ```

use std::collections::BTreeMap;

use super::bursts::{self, Talk};
use super::{Lookup, Names, lookups};
use crate::bytes::Class;
use crate::flow::Flow;
use crate::protocols::{Side, Transport};
use crate::trace::Trace;

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A name is asked for.
    Name,
    /// A connection is opened.
    Connect,
    /// Keys are negotiated.
    Secure,
    /// Something is asked for and answered, in the clear.
    Exchange,
    /// Something sealed goes there, something sealed comes back.
    Burst,
}

impl Kind {
    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Name => "name",
            Kind::Connect => "connect",
            Kind::Secure => "secure",
            Kind::Exchange => "exchange",
            Kind::Burst => "burst",
        }
    }

    /// The class that stands for it in drawings.
    pub const fn class(self) -> Class {
        match self {
            Kind::Connect => Class::Transport,
            Kind::Name | Kind::Secure => Class::Metadata,
            Kind::Exchange => Class::Content,
            Kind::Burst => Class::Sealed,
        }
    }
}

/// One step of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub kind: Kind,
    /// In a few words, escaped.
    pub what: String,
    /// How it went, if that is remarkable.
    pub outcome: Option<&'static str>,
    /// When it began, nanoseconds since 1970.
    pub start: i64,
    /// When it was over.
    pub end: i64,
    /// The flow.
    pub flow: u32,
    /// The packet that begins it.
    pub packet: u32,
    /// Payload bytes of the client and of the server, as far as they count here.
    pub bytes: [u64; 2],
}

/// What happened on the way to one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The site's name, escaped.
    pub name: String,
    /// Its steps, by time.
    pub steps: Vec<Step>,
}

impl Visit {
    /// When it began.
    pub fn start(&self) -> i64 {
        self.steps.iter().map(|step| step.start).min().unwrap_or(0)
    }

    /// When it was over.
    pub fn end(&self) -> i64 {
        self.steps.iter().map(|step| step.end).max().unwrap_or(0)
    }

    /// Payload bytes of both sides.
    pub fn bytes(&self) -> [u64; 2] {
        self.steps.iter().fold([0; 2], |[out, back], step| [out + step.bytes[0], back + step.bytes[1]])
    }
}

/// The visits of a capture, in the order in which they began. Flows without a name belong to none.
pub fn journey(trace: &Trace) -> Vec<Visit> {
    let (names, lookups) = (Names::new(trace), lookups(trace));
    let mut visits: BTreeMap<String, Vec<Step>> = BTreeMap::new();
    let firsts = first_packets(trace);
    let talks = bursts::talks(trace);
    for flow in trace.flows().all() {
        let Some((name, _)) = names.of_flow(flow.number) else { continue };
        let name = names.text(name).into_owned();
        let steps = visits.entry(name).or_default();
        let first = firsts.get(flow.number as usize).copied().unwrap_or_default();
        steps.extend(connect(trace, flow, first));
        if let Some(talk) = talks.get(flow.number as usize) {
            steps.extend(secure(flow, talk));
            steps.extend(talk.steps(flow.number));
        }
    }
    for lookup in &lookups {
        if let Some(steps) = visits.get_mut(&lookup.name) {
            steps.push(ask(lookup));
        }
    }
    let mut visits: Vec<Visit> = visits.into_iter().map(|(name, steps)| Visit { name, steps }).collect();
    for visit in &mut visits {
        visit.steps.sort_by_key(|step| (step.start, step.kind));
        judge_race(&mut visit.steps);
    }
    visits.sort_by_key(Visit::start);
    visits
}

fn ask(lookup: &Lookup) -> Step {
    Step {
        kind: Kind::Name,
        what: format!("{}? {}", lookup.kind, lookup.name),
        outcome: lookup.answer.is_none().then_some("no answer"),
        start: lookup.time,
        end: lookup.time.saturating_add(lookup.after.unwrap_or(0)),
        flow: lookup.flow,
        packet: lookup.question,
        bytes: [0; 2],
    }
}

/// The first packet of each side of each flow, and its time.
fn first_packets(trace: &Trace) -> Vec<[Option<(u32, i64)>; 2]> {
    let mut firsts = vec![[None; 2]; trace.flows().all().len()];
    for (row, number) in trace.rows().iter().zip(1..) {
        let slot = firsts.get_mut(row.flow as usize).and_then(|sides| sides.get_mut(row.side().index()));
        if let Some(slot) = slot {
            slot.get_or_insert((number, row.time));
        }
    }
    firsts
}

/// A TCP connection is opened: from the first packet of the client to the first of the server.
fn connect(trace: &Trace, flow: &Flow, [client, server]: [Option<(u32, i64)>; 2]) -> Option<Step> {
    if flow.transport != Some(Transport::Tcp) {
        return None;
    }
    let (packet, start) = client.filter(|client| server.is_none_or(|server| client.0 < server.0))?;
    let (address, port) = flow.endpoint(Side::Server);
    let end = server.map_or(flow.last_time, |(_, time)| time);
    let place = if address.is_ipv6() { format!("[{address}]:{port}") } else { format!("{address}:{port}") };
    // A server that only refuses never sends payload.
    let refused = server.is_some() && flow.packets == [1, 1] && trace.messages_of(flow.last).is_empty();
    Some(Step {
        kind: Kind::Connect,
        what: format!("{} {place}", if address.is_ipv6() { "v6" } else { "v4" }),
        outcome: if server.is_none() { Some("no answer") } else { refused.then_some("refused") },
        start,
        end,
        flow: flow.number,
        packet,
        bytes: [0; 2],
    })
}

/// Keys are negotiated: from the first hello to the client's first sealed message.
fn secure(flow: &Flow, talk: &Talk) -> Option<Step> {
    let (packet, start) = talk.hello?;
    let stack = flow.stack();
    let version = stack.iter().find_map(|name| name.strip_prefix("tls")).filter(|version| !version.is_empty());
    let what = match (version, stack.contains(&"quic")) {
        (_, true) => "QUIC".to_owned(),
        (Some(version), _) => format!("TLS {version}"),
        (None, _) => "TLS".to_owned(),
    };
    let trips =
        if talk.round_trips == 1 { "1 round trip".to_owned() } else { format!("{} round trips", talk.round_trips) };
    Some(Step {
        kind: Kind::Secure,
        what: if talk.secured.is_some() { format!("{what}, {trips}") } else { what },
        outcome: talk.secured.is_none().then_some("not finished"),
        start,
        end: talk.secured.unwrap_or(flow.last_time),
        flow: flow.number,
        packet,
        bytes: [0; 2],
    })
}

/// Several connections that were opened at the same time raced: the first that was answered won (RFC 8305).
fn judge_race(steps: &mut [Step]) {
    let connects = || steps.iter().enumerate().filter(|(_, step)| step.kind == Kind::Connect);
    let mut outcomes = Vec::new();
    for (at, lost) in connects().filter(|(_, step)| step.outcome == Some("no answer")) {
        let next = connects().find(|(_, other)| other.start > lost.start && other.outcome.is_none());
        if let Some((_, winner)) = next {
            let end = winner.end.max(lost.end);
            outcomes.push((
                at,
                if winner.what.starts_with("v4") { "no answer: v4 won" } else { "no answer: v6 won" },
                end,
            ));
        }
    }
    for (at, outcome, end) in outcomes {
        if let Some(step) = steps.get_mut(at) {
            (step.outcome, step.end) = (Some(outcome), end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::tests::trace_of;

    type Told = (&'static str, String, Option<&'static str>);

    fn told(fixture: &str) -> Vec<(String, Vec<Told>)> {
        let (_, trace) = trace_of(fixture);
        let visits = journey(&trace).into_iter();
        visits.map(|v| (v.name, v.steps.into_iter().map(|s| (s.kind.name(), s.what, s.outcome)).collect())).collect()
    }

    #[test]
    fn a_race_of_two_families_has_a_winner() {
        let [(name, steps)] = &told("happy-eyeballs.pcap")[..] else { panic!("one site") };
        assert_eq!(name, "six.example");
        let connects: Vec<_> = steps.iter().filter(|(kind, ..)| *kind == "connect").collect();
        assert_eq!(connects[0].2, Some("no answer: v4 won"));
        assert_eq!((connects[1].1.as_str(), connects[1].2), ("v4 203.0.113.7:80", None));
        assert!(steps.iter().any(|(kind, what, _)| *kind == "exchange" && what == "GET /"), "{steps:?}");
    }

    #[test]
    fn a_page_is_a_name_a_connection_keys_and_bursts() {
        let visits = told("demo.pcapng");
        let (_, steps) = visits.iter().find(|(name, _)| name == "shop.example").expect("the site");
        let kinds: Vec<_> = steps.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds[..5], ["name", "name", "name", "connect", "secure"]);
        assert!(kinds[5..].iter().all(|kind| *kind == "burst") && kinds.len() > 5, "{steps:?}");
        assert_eq!(steps[4].1, "TLS 1.3, 1 round trip");
    }
}
