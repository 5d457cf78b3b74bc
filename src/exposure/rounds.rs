//! Rounds: a question that goes to everybody on the link, and all that follows from it. ARP's request and reply, a
//! solicitation and its advertisements, DHCP's discover, offer, request and acknowledgment.
//!
//! Which message answers which is found where messages are read; here they are strung together.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::bytes::escape_bytes;
use crate::flow::{MessageRow, Pair, Question};
use crate::protocols::{self, Protocol, arp, dhcp, dhcpv6, icmpv6};
use crate::trace::Trace;

/// The protocols by which machines on a link find each other and get their addresses.
static OF_THE_LINK: [&Protocol; 4] = [&arp::PROTOCOL, &icmpv6::PROTOCOL, &dhcp::PROTOCOL, &dhcpv6::PROTOCOL];

/// A message of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The packet that completed it.
    pub packet: u32,
    /// What it is: `discover`.
    pub what: &'static str,
    /// Nanoseconds since 1970.
    pub time: i64,
}

/// A question and all that follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The protocol's name.
    pub protocol: &'static str,
    /// What it is about: the address that was given; else what the question, or its answer, is about. Escaped.
    pub about: String,
    /// Its messages, in order.
    pub turns: Vec<Turn>,
    /// Whether the question that was asked last was answered.
    pub answered: bool,
}

impl Round {
    /// Nanoseconds from the question to the last message.
    pub fn length(&self) -> i64 {
        match self.turns.as_slice() {
            [first, .., last] => last.time.saturating_sub(first.time),
            _ => 0,
        }
    }
}

/// All rounds of a trace, in the order of their questions.
pub fn rounds(trace: &Trace) -> Vec<Round> {
    let places = OF_THE_LINK.map(protocols::place);
    let given = given_addresses(trace);
    let mut rounds: Vec<Round> = Vec::new();
    let mut of_packet: BTreeMap<u32, usize> = BTreeMap::new();
    for message in trace.messages().iter().filter(|message| places.contains(&message.protocol)) {
        let time = trace.row(message.last).map_or(0, |row| row.time);
        let turn = Turn { packet: message.last, what: message.what, time };
        let begun = match message.pair {
            Pair::None => continue,
            Pair::Asks => None,
            Pair::Repeats(question) | Pair::Answers { question, .. } => match question {
                Question::InPacket(packet) => of_packet.get(&packet).copied(),
                Question::Here(_) => None,
            },
        };
        let at = begun.unwrap_or(rounds.len());
        if at == rounds.len() {
            rounds.push(Round {
                protocol: protocols::at(message.protocol).map_or("", Protocol::name),
                about: subject(trace, &message),
                turns: Vec::new(),
                answered: false,
            });
        }
        of_packet.insert(message.last, at);
        if let Some(round) = rounds.get_mut(at) {
            round.turns.push(turn);
            // Of several offers all but one stay without an answer: what came of the round is what its last message is.
            round.answered = matches!(message.pair, Pair::Answers { asks: false, .. });
            if let Some(address) = given.get(&message.last) {
                round.about = address.to_string();
            } else if round.about.is_empty() {
                round.about = subject(trace, &message);
            }
        }
    }
    rounds
}

/// The addresses that DHCP gives, by the packet that does.
fn given_addresses(trace: &Trace) -> BTreeMap<u32, IpAddr> {
    let given = trace.facts().iter().filter(|fact| fact.field.name == "dhcp.ip.your");
    let address = |value: &[u8]| std::str::from_utf8(value).ok()?.parse().ok();
    given.filter_map(|fact| Some((fact.packet, address(trace.words().at(fact.value))?))).collect()
}

fn subject(trace: &Trace, message: &MessageRow) -> String {
    escape_bytes(trace.subject(message)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::tests::trace_of;

    /// Protocol, about, packets and whether it was answered, of those that `is` chooses.
    fn told(capture: &str, is: impl Fn(&Round) -> bool) -> Vec<(&'static str, String, Vec<u32>, bool)> {
        let rounds = rounds(&trace_of(capture).1);
        let packets = |round: &Round| round.turns.iter().map(|turn| turn.packet).collect();
        let chosen = rounds.iter().filter(|round| is(round));
        chosen.map(|round| (round.protocol, round.about.clone(), packets(round), round.answered)).collect()
    }

    #[test]
    fn dhcp_is_one_round_from_discover_to_acknowledgment() {
        let address = || "192.168.1.135".to_owned();
        let expected = [
            ("dhcp", address(), vec![1, 2, 3, 4], true),
            ("dhcp", address(), vec![7, 8], true),
            ("dhcp", address(), vec![12, 13, 14, 15], true),
        ];
        assert_eq!(told("dhcp.pcap", |round| round.protocol == "dhcp"), expected);
        let expected = [("dhcpv6", "2001:db8:1::15a".to_owned(), vec![1, 6, 7, 8], true)];
        assert_eq!(told("dhcpv6.pcap", |round| round.protocol == "dhcpv6"), expected);
    }

    #[test]
    fn who_is_asked_for_again_and_does_not_answer_is_one_round() {
        let expected = [("arp", "192.168.1.99".to_owned(), vec![34, 37, 39], false)];
        assert_eq!(told("arp-nd.pcap", |round| round.about == "192.168.1.99"), expected);
        let expected = [("icmpv6", "2001:db8:1::1".to_owned(), vec![28, 29], true)];
        assert_eq!(told("arp-nd.pcap", |round| round.about == "2001:db8:1::1"), expected);
    }
}
