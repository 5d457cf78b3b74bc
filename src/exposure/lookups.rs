//! DNS transactions: who asked for which name, what was answered, and which flows went to the addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::names::name_and_address;
use super::{Exchange, Exchanges, Names};
use crate::bytes::escape_bytes;
use crate::protocols::{self, Protocol, Side};
use crate::trace::Trace;

/// A question and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The flow.
    pub flow: u32,
    /// The packet that asked.
    pub question: u32,
    /// The packet that answered.
    pub answer: Option<u32>,
    /// The name, escaped.
    pub name: String,
    /// The type asked for: `A`, `HTTPS`.
    pub kind: String,
    /// When it was asked, nanoseconds since 1970.
    pub time: i64,
    /// Nanoseconds from question to answer.
    pub after: Option<i64>,
    /// What the answer is about, escaped.
    pub told: String,
    /// The addresses that were given for the name.
    pub addresses: Vec<IpAddr>,
}

/// Whether a message is a question for a name or an answer to one.
fn is_dns(place: u8) -> bool {
    matches!(protocols::at(place).map(Protocol::name), Some("dns" | "mdns" | "llmnr"))
}

/// The transactions of a trace, in the order of their questions.
pub fn lookups(trace: &Trace) -> Vec<Lookup> {
    let exchanges = Exchanges::new(trace);
    let given = addresses_by_packet(trace);
    let mut lookups: Vec<Lookup> = Vec::new();
    let mut open: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    let messages = trace.messages().iter().zip(exchanges.numbers());
    for (message, number) in messages.filter(|(message, _)| is_dns(message.protocol)) {
        let subject = escape_bytes(trace.subject(&message)).into_owned();
        match exchanges.of(trace, &message, *number) {
            Exchange::Asks { .. } => {
                let (kind, name) = subject.split_once("? ").unwrap_or(("", &subject));
                open.insert((message.flow, *number), lookups.len());
                lookups.push(Lookup {
                    flow: message.flow,
                    question: message.last,
                    answer: None,
                    name: name.to_owned(),
                    kind: kind.to_owned(),
                    time: trace.row(message.last).map_or(0, |row| row.time),
                    after: None,
                    told: String::new(),
                    addresses: Vec::new(),
                });
            }
            Exchange::Answers { question, after, .. } => {
                let asked = open.get(&question).and_then(|at| lookups.get_mut(*at));
                let Some(lookup) = asked.filter(|lookup| lookup.answer.is_none()) else { continue };
                lookup.answer = Some(message.last);
                lookup.after = Some(after);
                lookup.told = subject;
                lookup.addresses = given.get(&message.last).cloned().unwrap_or_default();
            }
            Exchange::None => {}
        }
    }
    lookups
}

fn addresses_by_packet(trace: &Trace) -> BTreeMap<u32, Vec<IpAddr>> {
    let mut given: BTreeMap<u32, Vec<IpAddr>> = BTreeMap::new();
    for fact in trace.facts().iter().filter(|fact| matches!(fact.field.name, "dns.a" | "dns.aaaa")) {
        if let Some((_, address)) = name_and_address(trace.words().at(fact.value)) {
            let addresses = given.entry(fact.packet).or_default();
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    given
}

/// A name, the addresses that stand behind it, and the flows that went there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The name, escaped.
    pub name: String,
    /// The address; none where the name was asked for and nothing came of it.
    pub address: Option<IpAddr>,
    /// The packet whose answer gave it.
    pub given: Option<u32>,
    /// The flows that bear this name and go to this address.
    pub flows: Vec<u32>,
    /// How many names this capture saw on the address: among so many hides who asks for one of them.
    pub names_there: usize,
}

/// Names, their addresses, and the flows that went to them: in the order in which names came up.
pub fn destinations(trace: &Trace, names: &Names, lookups: &[Lookup]) -> Vec<Destination> {
    let mut found: Vec<Destination> = Vec::new();
    let mut places: BTreeMap<(String, Option<IpAddr>), usize> = BTreeMap::new();
    let mut enter = |name: &str, address: Option<IpAddr>, given: Option<u32>, flow: Option<u32>| {
        let at = *places.entry((name.to_owned(), address)).or_insert(found.len());
        if at == found.len() {
            let names_there = address.map_or(0, |address| names.on(address).count());
            found.push(Destination { name: name.to_owned(), address, given: None, flows: Vec::new(), names_there });
        }
        if let Some(destination) = found.get_mut(at) {
            destination.given = destination.given.or(given);
            destination.flows.extend(flow);
        }
    };
    let answered: std::collections::BTreeSet<&str> =
        lookups.iter().filter(|lookup| !lookup.addresses.is_empty()).map(|lookup| lookup.name.as_str()).collect();
    for lookup in lookups {
        lookup.addresses.iter().for_each(|address| enter(&lookup.name, Some(*address), lookup.answer, None));
        if !answered.contains(lookup.name.as_str()) {
            enter(&lookup.name, None, None, None);
        }
    }
    for flow in trace.flows().all() {
        if let Some((name, _)) = names.of_flow(flow.number) {
            enter(&names.text(name), Some(flow.endpoint(Side::Server).0), None, Some(flow.number));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::tests::trace_of;

    #[test]
    fn a_question_has_its_answer_and_its_flows() {
        let (_, trace) = trace_of("happy-eyeballs.pcap");
        let lookups = lookups(&trace);
        let told: Vec<_> = lookups.iter().map(|l| (l.kind.as_str(), l.name.as_str(), l.question, l.answer)).collect();
        assert_eq!(told, [("A", "six.example", 3, Some(5)), ("AAAA", "six.example", 4, Some(6))]);
        assert_eq!(lookups[0].addresses, ["203.0.113.7".parse::<IpAddr>().unwrap()]);
        assert!(lookups[0].after.is_some_and(|after| (17_000_000..18_000_000).contains(&after)));
        let found = destinations(&trace, &Names::new(&trace), &lookups);
        let told: Vec<_> = found.iter().map(|d| (d.address.map(|a| a.is_ipv6()), d.flows.as_slice())).collect();
        assert_eq!(told, [(Some(false), &[4][..]), (Some(true), &[3][..])]);
    }
}
