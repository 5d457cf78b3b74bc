//! The capture's bytes shared out: over the hierarchy of protocols, and over time.

use std::collections::BTreeMap;

use crate::bytes::{Class, Ledger};
use crate::protocols::{self, Protocol};
use crate::trace::{Row, Trace};

/// What one protocol, with all that it carries, has of the capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The protocol, behind those that carry it, outermost first.
    pub path: Vec<&'static str>,
    /// What it has.
    pub sum: Sum,
}

impl Share {
    /// How deep it stands in the hierarchy.
    pub fn depth(&self) -> usize {
        self.path.len().saturating_sub(1)
    }

    /// The protocol.
    pub fn protocol(&self) -> &'static str {
        self.path.last().copied().unwrap_or("unknown")
    }
}

/// Packets and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Packets.
    pub packets: u64,
    /// Their bytes by class.
    pub ledger: Ledger,
    /// Bytes that were on the wire and not captured.
    pub missing: u64,
    /// Bytes that were captured and that whose trace this is cannot see.
    pub dark: u64,
}

impl Sum {
    fn of(trace: &Trace, number: u32, row: &Row) -> Sum {
        let missing = u64::from(row.length.saturating_sub(row.captured));
        let dark = if trace.is_narrowed() { trace.dark(number) } else { 0 };
        Sum { packets: 1, ledger: trace.ledger(number), missing, dark }
    }

    fn join(&mut self, more: &Sum) {
        self.packets += more.packets;
        self.ledger += more.ledger;
        self.missing += more.missing;
        self.dark += more.dark;
    }
}

/// Protocols, outermost first.
type Path = Vec<&'static str>;

/// The packets `only`, if packets are given, by their numbers in order; else all that are there.
fn chosen<'t>(trace: &'t Trace, only: Option<&'t [u32]>) -> impl Iterator<Item = (Row, u32)> + 't {
    let has = move |number: &u32| only.is_none_or(|only| only.binary_search(number).is_ok());
    trace.rows().iter().zip(1..).filter(move |(row, number)| !row.is_gone() && has(number))
}

/// The hierarchy: what is spoken in which packets. Packets of a flow stand below what the flow speaks, others below
/// their uppermost protocol. Each line holds all lines below it; those of one depth are ordered by size.
pub fn hierarchy(trace: &Trace, only: Option<&[u32]>) -> Vec<Share> {
    let flows = trace.flows().all();
    let mut sums: BTreeMap<Path, Sum> = BTreeMap::new();
    let mut by_flow = vec![Sum::default(); flows.len()];
    for (row, number) in chosen(trace, only) {
        let sum = if let Some(sum) = by_flow.get_mut(row.flow as usize) {
            sum
        } else {
            let name = protocols::at(row.protocol).map_or("unknown", Protocol::name);
            sums.entry(vec![name]).or_default()
        };
        sum.join(&Sum::of(trace, number, &row));
    }
    for (flow, sum) in flows.iter().zip(by_flow).filter(|(_, sum)| sum.packets > 0) {
        let stack = flow.stack();
        let longest = if stack.is_empty() { &["unknown"][..] } else { &stack };
        for depth in 1..=longest.len() {
            sums.entry(longest.iter().take(depth).copied().collect()).or_default().join(&sum);
        }
    }
    let mut shares = Vec::new();
    below(&sums, &[], &mut shares);
    shares
}

/// Enters what stands right below `path`, the largest first, each with what stands below it.
fn below(sums: &BTreeMap<Path, Sum>, path: &[&'static str], shares: &mut Vec<Share>) {
    let depth = path.len();
    let mut here: Vec<_> = sums.iter().filter(|(of, _)| of.len() == depth + 1 && of.starts_with(path)).collect();
    here.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.ledger.total()));
    for (of, sum) in here {
        shares.push(Share { path: of.clone(), sum: *sum });
        below(sums, of, shares);
    }
}

/// The bytes of each of `slots` equal spans of time, from the first packet to the last; when the first span begins,
/// nanoseconds since 1970, and how long each is. Packets without a time are left out.
pub fn over_time(trace: &Trace, slots: usize, only: Option<&[u32]>) -> (Vec<Sum>, i64, i64) {
    let (first, last) = trace.times().unwrap_or((0, 0));
    let slots = slots.max(1);
    let span = last.saturating_sub(first) / i64::try_from(slots).unwrap_or(i64::MAX) + 1;
    let mut sums = vec![Sum::default(); slots];
    for (row, number) in chosen(trace, only).filter(|(row, _)| row.timed()) {
        let at = usize::try_from(row.time.saturating_sub(first) / span).unwrap_or(0);
        if let Some(sum) = sums.get_mut(at) {
            sum.join(&Sum::of(trace, number, &row));
        }
    }
    (sums, first, span)
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
        let shares = hierarchy(&trace, None);
        let top = shares.iter().filter(|share| share.depth() == 0);
        assert_eq!(top.map(|share| share.sum.ledger.total()).sum::<u64>(), total.total());
        let (slots, _, span) = over_time(&trace, 7, None);
        assert_eq!(slots.iter().map(|sum| sum.ledger.total()).sum::<u64>(), total.total());
        assert!(span > 0);
        assert_eq!(Matter::ALL.iter().map(|matter| matter.of(&total)).sum::<u64>(), total.total());
    }

    #[test]
    fn what_carries_stands_above_what_is_carried() {
        let (_, trace) = trace_of("https-tls13.pcapng");
        let told: Vec<_> = hierarchy(&trace, None).iter().map(|share| (share.depth(), share.protocol())).collect();
        assert_eq!(told, [(0, "tcp"), (1, "tls1.3"), (0, "arp")]);
    }
}
