//! The capture's bytes shared out: over the hierarchy of protocols, and over time.

use std::collections::BTreeMap;

use crate::bytes::{Class, Ledger};
use crate::protocols::{self, Protocol};
use crate::trace::Trace;

/// What one protocol, with all that it carries, has of the capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// How deep it stands in the hierarchy.
    pub depth: usize,
    /// The protocol.
    pub protocol: &'static str,
    /// Packets.
    pub packets: u64,
    /// Their bytes by class.
    pub ledger: Ledger,
}

type Path = Vec<&'static str>;

/// The hierarchy: what is spoken in which packets. Packets of a flow stand below what the flow speaks, others below
/// their uppermost protocol. Each line holds all lines below it; those of one depth are ordered by size.
pub fn hierarchy(trace: &Trace) -> Vec<Share> {
    let flows = trace.flows().all();
    let mut sums: BTreeMap<Path, (u64, Ledger)> = BTreeMap::new();
    let stacks: Vec<Path> = flows.iter().map(crate::flow::Flow::stack).collect();
    let mut by_flow: Vec<(u64, Ledger)> = vec![(0, Ledger::NOTHING); flows.len()];
    for (row, number) in trace.rows().iter().zip(1..).filter(|(row, _)| !row.is_gone()) {
        let ledger = trace.ledger(number);
        let sum = if let Some(sum) = by_flow.get_mut(row.flow as usize) {
            sum
        } else {
            let name = protocols::at(row.protocol).map_or("unknown", Protocol::name);
            sums.entry(vec![name]).or_default()
        };
        sum.0 += 1;
        sum.1 += ledger;
    }
    let there = stacks.iter().zip(by_flow).zip(flows).filter(|(_, flow)| !flow.is_gone());
    for ((stack, (packets, ledger)), _) in there {
        let longest = if stack.is_empty() { &["unknown"][..] } else { stack };
        for depth in 1..=longest.len() {
            let sum = sums.entry(longest.iter().take(depth).copied().collect()).or_default();
            sum.0 += packets;
            sum.1 += ledger;
        }
    }
    let mut shares = Vec::new();
    below(&sums, &[], &mut shares);
    shares
}

/// Enters what stands right below `path`, the largest first, each with what stands below it.
fn below(sums: &BTreeMap<Path, (u64, Ledger)>, path: &[&'static str], shares: &mut Vec<Share>) {
    let depth = path.len();
    let mut here: Vec<_> = sums.iter().filter(|(of, _)| of.len() == depth + 1 && of.starts_with(path)).collect();
    here.sort_by_key(|(_, (_, ledger))| std::cmp::Reverse(ledger.total()));
    for (of, (packets, ledger)) in here {
        let Some(protocol) = of.last() else { continue };
        shares.push(Share { depth, protocol, packets: *packets, ledger: *ledger });
        below(sums, of, shares);
    }
}

/// The bytes of each of `slots` equal spans of time, from the first packet to the last; and how long a span is, in
/// nanoseconds. Packets without a time are left out.
pub fn over_time(trace: &Trace, slots: usize) -> (Vec<Ledger>, i64) {
    let timed = || trace.rows().iter().zip(1..).filter(|(row, _)| row.timed());
    let (first, last) = trace.times().unwrap_or((0, 0));
    let slots = slots.max(1);
    let span = last.saturating_sub(first) / i64::try_from(slots).unwrap_or(i64::MAX) + 1;
    let mut ledgers = vec![Ledger::NOTHING; slots];
    for (row, number) in timed() {
        let at = usize::try_from(row.time.saturating_sub(first) / span).unwrap_or(0);
        if let Some(ledger) = ledgers.get_mut(at) {
            *ledger += trace.ledger(number);
        }
    }
    (ledgers, span)
}

/// The four parts that the ledger is drawn in: how a letter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Addresses, ports, order: what every hop must read.
    Wrapper,
    /// Words and content that anybody on the path can read.
    Readable,
    /// What encryption itself takes: tags, nonces.
    Locks,
    /// Ciphertext.
    Sealed,
    /// Padding, and what husk does not know.
    Rest,
}

impl Matter {
    /// All of them, from the outside in.
    pub const ALL: [Matter; 5] = [Matter::Wrapper, Matter::Readable, Matter::Locks, Matter::Sealed, Matter::Rest];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Matter::Wrapper => "wrapper",
            Matter::Readable => "readable",
            Matter::Locks => "locks",
            Matter::Sealed => "sealed",
            Matter::Rest => "neither",
        }
    }

    /// What it is, in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Matter::Wrapper => "addresses, ports, order: what the way needs",
            Matter::Readable => "names, handshakes, heads, content: anybody on the way reads it",
            Matter::Locks => "tags and nonces that encryption adds",
            Matter::Sealed => "ciphertext: only that it is there, and how much",
            Matter::Rest => "padding, and what is not known",
        }
    }

    /// The classes that it is made of.
    pub const fn classes(self) -> &'static [Class] {
        match self {
            Matter::Wrapper => &[Class::Link, Class::Network, Class::Transport],
            Matter::Readable => &[Class::Metadata, Class::Content, Class::Veiled],
            Matter::Locks => &[Class::Tag],
            Matter::Sealed => &[Class::Sealed],
            Matter::Rest => &[Class::Padding, Class::Unknown],
        }
    }

    /// Its bytes in a ledger.
    pub fn of(self, ledger: &Ledger) -> u64 {
        self.classes().iter().map(|class| ledger.of(*class)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::tests::trace_of;

    #[test]
    fn the_hierarchy_and_the_hours_sum_to_the_capture() {
        let (_, trace) = trace_of("demo.pcapng");
        let total = trace.total();
        let shares = hierarchy(&trace);
        let top = shares.iter().filter(|share| share.depth == 0);
        assert_eq!(top.map(|share| share.ledger.total()).sum::<u64>(), total.total());
        let (slots, span) = over_time(&trace, 7);
        assert_eq!(slots.iter().map(Ledger::total).sum::<u64>(), total.total());
        assert!(span > 0);
        assert_eq!(Matter::ALL.iter().map(|matter| matter.of(&total)).sum::<u64>(), total.total());
    }

    #[test]
    fn what_carries_stands_above_what_is_carried() {
        let (_, trace) = trace_of("https-tls13.pcapng");
        let told: Vec<_> = hierarchy(&trace).iter().map(|share| (share.depth, share.protocol)).collect();
        assert_eq!(told, [(0, "tcp"), (1, "tls1.3"), (0, "arp")]);
    }
}
