//! With whose eyes the views look: all of the trace, or what of it an observer sees.

use std::ops::Deref;
use std::sync::{Arc, RwLockReadGuard};

use super::worker::Shared;
use crate::trace::Trace;

/// Who looks.
#[derive(Clone)]
pub(super) struct Eyes {
    shared: Arc<Shared>,
    /// What an observer sees; `None` if somebody looks who sees everything.
    theirs: Option<Arc<Trace>>,
    /// The observer's place among all.
    pub(super) who: u32,
    /// Whether what they see is known.
    pub(super) open: bool,
}

/// A trace that is looked at.
pub(super) enum Seen<'a> {
    /// All of it, as far as it was read.
    All(RwLockReadGuard<'a, Trace>),
    /// What an observer sees of it.
    Theirs(&'a Trace),
}

impl Deref for Seen<'_> {
    type Target = Trace;

    fn deref(&self) -> &Trace {
        match self {
            Seen::All(trace) => trace,
            Seen::Theirs(trace) => trace,
        }
    }
}

impl Eyes {
    /// Those of somebody who sees everything.
    pub(super) fn of_all(shared: &Arc<Shared>) -> Eyes {
        Eyes { shared: Arc::clone(shared), theirs: None, who: 0, open: true }
    }

    /// Those of an observer; without what they see nothing can be looked at yet.
    pub(super) fn of(shared: &Arc<Shared>, who: u32, theirs: Option<Arc<Trace>>) -> Eyes {
        Eyes { shared: Arc::clone(shared), open: theirs.is_some(), theirs, who }
    }

    /// Looks.
    pub(super) fn trace(&self) -> Seen<'_> {
        match &self.theirs {
            Some(trace) => Seen::Theirs(trace),
            None => Seen::All(self.shared.trace()),
        }
    }

    /// How many packets what they see was made of; `now` if it is looked at as it is read.
    pub(super) fn packets(&self, now: usize) -> usize {
        self.theirs.as_ref().map_or(now, |trace| trace.rows().len())
    }

    /// What the threads share.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}
