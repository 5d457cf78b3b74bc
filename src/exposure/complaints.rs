//! What ICMP errors said of each flow: why an answer did not come.

use crate::bytes::Field;
use crate::protocols::{icmp, icmpv6};
use crate::trace::Trace;

/// By flow, what was said of it and how often, in the order in which it was first said.
#[derive(Debug)]
pub struct Complaints(hashbrown::HashMap<u32, Vec<(u32, u32)>, foldhash::fast::RandomState>);

impl Complaints {
    /// Those of a trace.
    pub fn new(trace: &Trace) -> Complaints {
        let mut complaints = Complaints(hashbrown::HashMap::default());
        let said = |field: &'static Field| [&icmp::MEANING, &icmpv6::MEANING].contains(&field);
        for fact in trace.facts().iter().filter(|fact| said(fact.field)) {
            let of = complaints.0.entry(fact.flow).or_default();
            match of.iter_mut().find(|(what, _)| trace.words().at(*what) == trace.words().at(fact.value)) {
                Some((_, times)) => *times += 1,
                None => of.push((fact.value, 1)),
            }
        }
        complaints
    }

    /// What was said of a flow (escaped), and how often.
    pub fn of<'a>(&'a self, trace: &'a Trace, flow: u32) -> impl Iterator<Item = (String, u32)> + 'a {
        let said = self.0.get(&flow).map_or(&[][..], Vec::as_slice);
        said.iter().map(|(what, times)| (crate::bytes::escape_bytes(trace.words().at(*what)).into_owned(), *times))
    }
}
