//! A capture file: no panic, the books balance, looking and explaining change nothing.
#![no_main]

use husk::bytes::{Ledger, Tree};
use husk::capture::Source;
use husk::explain::{Explainer, explain};
use husk::trace::{Heard, Listener, Pass};
use libfuzzer_sys::fuzz_target;

struct Ear;

impl Listener for Ear {
    fn tree(&self) -> Tree {
        Tree::new()
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        for node in heard.tree.nodes() {
            let _ = heard.tree.text(node, heard.bytes);
        }
        true
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(source) = Source::from_bytes(data.to_vec()) else { return };
    let mut pass = Pass::new(source);
    let trace = pass.run();
    let mut all = Ledger::default();
    for (row, number) in trace.rows().iter().zip(1..) {
        let ledger = trace.ledger(number);
        assert_eq!(ledger.total(), u64::from(row.captured));
        all += ledger;
    }
    assert_eq!(all, trace.total());
    let Ok(source) = Source::from_bytes(data.to_vec()) else { return };
    let heard = Pass::new(source).with_listener(&mut Ear).run();
    assert_eq!(trace.total(), heard.total());
    assert_eq!(trace.messages().len(), heard.messages().len());
    assert_eq!(trace.facts().len(), heard.facts().len());
    let fetch = pass.source().fetch();
    let mut explainer = Explainer::default();
    for number in 1..=trace.rows().len().min(8) as u32 {
        if let Ok(Some(explained)) = explain(&trace, &fetch, number) {
            assert_eq!(explained.ledger().total(), trace.ledger(number).total());
            // From where the explanation before left off it is the same.
            let again = explainer.explain(&fetch, number, || Some(&trace)).ok().flatten();
            let again = again.expect("it could be read a moment ago");
            assert_eq!(again.classes, explained.classes);
            assert_eq!(again.tree.nodes().len(), explained.tree.nodes().len());
        }
    }
});
