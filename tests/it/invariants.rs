//! What holds on every input: the books balance, and looking changes nothing.

use husk::bytes::{Class, Ledger, Tree};
use husk::capture::Source;
use husk::flow::MessageRow;
use husk::trace::{Heard, Listener, Pass, Trace};
use proptest::prelude::*;

use crate::fixtures::captures;
use crate::picture::Read;

/// The books balance: each packet's classes sum to its captured length, all packets to the total, flows
/// and packets without a flow to the total.
pub(crate) fn check_sums(trace: &Trace) {
    let mut all = Ledger::default();
    let mut homeless = Ledger::default();
    for (row, number) in trace.rows().iter().zip(1..) {
        let ledger = trace.ledger(number);
        assert_eq!(ledger.total(), u64::from(row.captured), "packet {number}");
        all += ledger;
        if row.flow == husk::flow::NO_FLOW {
            homeless += ledger;
        }
    }
    assert_eq!(all, trace.total(), "packets against the total");
    let flows = trace.flows().all().iter().fold(homeless, |sum, flow| sum + flow.ledger);
    assert_eq!(flows, trace.total(), "flows and packets without one against the total");
}

/// Hears everything and keeps only what must not depend on being heard.
struct Ear {
    packets: u32,
    nodes: usize,
}

impl Listener for Ear {
    fn tree(&self) -> Tree {
        Tree::new()
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        self.packets += 1;
        assert_eq!(heard.number, self.packets);
        self.nodes += heard.tree.nodes().len();
        for node in heard.tree.nodes() {
            assert!(node.start <= node.end, "{}", node.field.name);
            if node.source == 0 {
                assert!(node.end as usize <= heard.bytes.len(), "{} ends at {}", node.field.name, node.end);
            }
            let _ = heard.tree.text(node, heard.bytes);
        }
        true
    }
}

fn message(m: MessageRow) -> (u32, u32, u32, u64, u32, &'static str) {
    (m.flow, m.first, m.last, m.offset, m.length, m.what)
}

/// A quiet and a listening pass leave the same behind.
pub(crate) fn check_looking_changes_nothing(quiet: &Trace, source: Source) {
    let mut ear = Ear { packets: 0, nodes: 0 };
    let heard = Pass::new(source).with_listener(&mut ear).run();
    assert_eq!(quiet.rows().len(), heard.rows().len());
    for number in 1..=quiet.rows().len() as u32 {
        assert_eq!(quiet.ledger(number), heard.ledger(number), "packet {number}");
        assert_eq!(quiet.row(number).unwrap().flow, heard.row(number).unwrap().flow, "packet {number}");
    }
    assert!(quiet.messages().iter().map(message).eq(heard.messages().iter().map(message)));
    let fact = |trace: &Trace| {
        let words = |value| trace.words().at(value).to_vec();
        trace
            .facts()
            .iter()
            .map(|f| (f.field.name, f.flow, f.packet, f.start, f.end, words(f.value)))
            .collect::<Vec<_>>()
    };
    assert_eq!(fact(quiet), fact(&heard));
}

#[test]
fn the_books_balance_and_looking_changes_nothing_on_every_fixture() {
    for path in captures() {
        let read = Read::open(&path);
        check_sums(&read.trace);
        check_looking_changes_nothing(&read.trace, Source::open(&path).unwrap());
    }
}

#[test]
fn explaining_a_packet_agrees_with_the_pass() {
    for path in captures() {
        let read = Read::open(&path);
        for number in 1..=read.trace.rows().len() as u32 {
            let explained = read.explain(number);
            let (quiet, full) = (read.trace.ledger(number), explained.ledger());
            assert_eq!(quiet, full, "{} packet {number}", path.display());
        }
    }
}

/// Leaves of a header's tree cover its bytes: nothing is passed without being shown.
#[test]
fn what_was_claimed_is_shown() {
    for path in captures() {
        let read = Read::open(&path);
        for number in 1..=read.trace.rows().len() as u32 {
            let explained = read.explain(number);
            if explained.outline.fragment.is_some() {
                continue; // its bytes are shown with the packet that completes the datagram
            }
            let mut shown = vec![false; explained.bytes.len()];
            for piece in explained.tree.derived().iter().flat_map(|derived| &derived.origins) {
                if piece.packet == number {
                    shown[piece.at as usize..(piece.at + piece.length) as usize].fill(true);
                }
            }
            for node in explained.tree.nodes().iter().filter(|node| node.source == 0) {
                if node.field.kind != husk::bytes::Kind::Group {
                    shown[node.start as usize..node.end as usize].fill(true);
                }
            }
            let headers = [Class::Link, Class::Network, Class::Transport];
            for (at, class) in explained.classes.iter().enumerate() {
                let hidden = headers.contains(class) && !shown[at];
                assert!(!hidden, "{} packet {number}: byte {at} ({class:?}) is in no field", path.display());
            }
        }
    }
}

/// One fixture's bytes, and where to cut and what to change in them.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<Vec<u8>> = captures().iter().map(|path| std::fs::read(path).unwrap()).collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24);
    (prop::sample::select(files), any::<prop::sample::Index>(), changes).prop_map(|(mut bytes, cut, changes)| {
        let keep = 24 + cut.index(bytes.len() - 24);
        bytes.truncate(keep);
        for (at, value) in changes {
            let at = 24 + at.index(bytes.len().max(25) - 24);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn damaged_captures_balance_too(bytes in damaged()) {
        if let Ok(source) = Source::from_bytes(bytes.clone()) {
            let read = Read::new(source);
            check_sums(&read.trace);
            check_looking_changes_nothing(&read.trace, Source::from_bytes(bytes).unwrap());
        }
    }
}
