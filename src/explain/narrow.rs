//! What of an explained packet or passage is seen by whose trace it is ([`Trace::narrowed`]): fields in dark bytes go,
//! and dark bytes become zeros, so that nobody can print them.

use super::{Explained, Passage};
use crate::trace::Trace;

impl Explained {
    /// Leaves what is seen.
    pub(super) fn narrow(mut self, trace: &Trace) -> Explained {
        let classes = &self.classes;
        self.tree.retain(|node| {
            let bytes = classes.get(node.start as usize..node.end as usize).filter(|bytes| !bytes.is_empty());
            match bytes.filter(|_| node.source == 0) {
                Some(bytes) => bytes.iter().any(|class| trace.sees(*class)),
                None => trace.sees_field(node.field),
            }
        });
        for (byte, class) in self.bytes.iter_mut().zip(classes) {
            if !trace.sees(*class) {
                *byte = 0;
            }
        }
        self.outline = trace.outline(&self.outline);
        self
    }
}

impl Passage {
    /// Leaves what is seen.
    pub(super) fn narrow(mut self, trace: &Trace) -> Passage {
        let runs = self.runs();
        let is_dark = |class| !trace.sees(class);
        for (range, _) in runs.iter().filter(|(_, class)| is_dark(*class)) {
            self.bytes.get_mut(range.clone()).into_iter().flatten().for_each(|byte| *byte = 0);
        }
        if is_dark(crate::bytes::Class::Metadata) {
            self.message = None;
        }
        if runs.iter().any(|(_, class)| is_dark(*class)) {
            self.decoded = None;
        }
        self
    }
}
