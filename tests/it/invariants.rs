//! What holds on every input: the books balance, and looking changes nothing.

use husk::bytes::{Field, Tree};
use husk::capture::Source;
use husk::protocols;
use husk::trace::{Heard, Listener, Pass};
use proptest::prelude::*;

use crate::fixtures::captures;
use crate::holds;
use crate::picture::Read;

#[test]
fn the_books_balance_and_looking_changes_nothing_on_every_fixture() {
    for path in captures() {
        let read = Read::open(&path);
        holds::sums(&read.trace);
        holds::looking_changes_nothing(&read.trace, Source::open(&path).unwrap());
    }
}

#[test]
fn explaining_and_following_agree_with_the_pass_and_all_of_it_can_be_told() {
    for path in captures() {
        let bytes = std::fs::read(&path).unwrap();
        let (source, trace) = holds::read(&bytes).unwrap();
        let (fetch, packets, flows) = (source.fetch(), trace.rows().len() as u32, trace.flows().all().len() as u32);
        // Of long captures some: each packet is explained, too, where its headers are looked at.
        holds::explaining_agrees(&trace, &fetch, (1..=packets).step_by(1 + packets as usize / 40));
        (0..flows).step_by(1 + flows as usize / 10).for_each(|flow| holds::following_agrees(&trace, &fetch, flow));
        holds::telling_is_tame(&source, &trace);
    }
}

/// Leaves of a header's tree cover its bytes: nothing is passed without being shown.
#[test]
fn what_was_claimed_is_shown() {
    for path in captures() {
        let read = Read::open(&path);
        for number in 1..=read.trace.rows().len() as u32 {
            let explained = read.explain(number);
            assert_eq!(explained.ledger(), read.trace.ledger(number), "{} packet {number}", path.display());
            holds::headers_are_shown(&explained);
        }
    }
}

/// What a tree noted of each packet, of the fields that are told apart.
struct Noted {
    fields: Vec<&'static Field>,
    told: fn(&Field) -> bool,
    lines: Vec<String>,
}

impl Listener for Noted {
    fn tree(&self) -> Tree {
        Tree::only(self.fields.clone())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        let nodes = heard.tree.nodes().iter().filter(|node| (self.told)(node.field));
        let cells =
            nodes.map(|node| format!("{}={} {}", node.field.name, heard.tree.cell(node, heard.bytes), node.depth));
        self.lines.push(format!("{} {}", heard.number, cells.collect::<Vec<_>>().join(" ")));
        true
    }
}

/// Headers for which nobody listens are read another way, and that changes nothing of what is noted above them.
#[test]
fn a_tree_that_keeps_nothing_of_headers_keeps_the_rest_as_it_is() {
    let told = |field: &Field| {
        let headers = ["eth", "ip", "ipv6", "tcp", "mptcp", "udp"];
        let protocol = field.name.split('.').next().unwrap_or_default();
        !headers.contains(&protocol) && field.name != "husk.stopped" && field.name != "husk.remark"
    };
    for path in captures() {
        let of = |fields| {
            let mut noted = Noted { fields, told, lines: Vec::new() };
            Pass::new(Source::open(&path).unwrap()).with_listener(&mut noted).run();
            noted.lines
        };
        let all = of(protocols::fields().collect());
        let some = of(protocols::fields().filter(|field| told(field)).collect());
        assert_eq!(all.len(), some.len());
        for (all, some) in all.iter().zip(&some) {
            assert_eq!(all, some, "{}", path.display());
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
            holds::sums(&read.trace);
            holds::looking_changes_nothing(&read.trace, Source::from_bytes(bytes).unwrap());
        }
    }
}
