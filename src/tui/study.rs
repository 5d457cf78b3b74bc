//! Something that is worked out of the whole trace, in a thread: anew when the trace has grown, but only so often.
//! The newest study wins; one that nobody wants any more is forgotten when it is done.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::eyes::Eyes;
use super::worker;

/// The least time between the end of a study and the start of the next, while the trace grows.
const SELDOM: Duration = Duration::from_millis(400);

/// And so many times as long as the last one took: studies take a small part of the time.
const TIMES: u32 = 8;

/// What a study is of: how many packets there were, and which thing was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Of {
    /// Packets that were read.
    pub(super) packets: usize,
    /// Whether these are all.
    pub(super) whole: bool,
    /// What was looked at, if there is a choice: a flow.
    pub(super) which: u32,
    /// With whose eyes.
    pub(super) who: u32,
}

impl Of {
    fn is_other(self, of: Of) -> bool {
        (self.which, self.who) != (of.which, of.who)
    }
}

struct Running<T> {
    of: Of,
    began: Instant,
    result: Arc<Mutex<Option<T>>>,
}

/// A study, and what came out of the last one.
pub(super) struct Study<T> {
    running: Option<Running<T>>,
    done: Option<(Of, T)>,
    next: Option<Instant>,
}

impl<T> Default for Study<T> {
    fn default() -> Study<T> {
        Study { running: None, done: None, next: None }
    }
}

impl<T: Send + 'static> Study<T> {
    /// Sees to it that the study is of what is there now. Returns whether there is a new result.
    pub(super) fn look(
        &mut self,
        of: Of,
        eyes: &Eyes,
        work: impl FnOnce(&Eyes) -> T + Send + 'static,
    ) -> std::io::Result<bool> {
        let of = Of { who: eyes.who, ..of };
        let fresh = self.take(of);
        if eyes.open && self.is_due(of) {
            self.start(of, eyes, work)?;
        }
        Ok(fresh)
    }

    /// Takes in what is done, and forgets what is of something else. Returns whether there is a new result.
    pub(super) fn take(&mut self, of: Of) -> bool {
        let finished = self
            .running
            .as_ref()
            .and_then(|running| running.result.lock().unwrap_or_else(PoisonError::into_inner).take());
        let fresh = finished.is_some();
        if let (Some(result), Some(running)) = (finished, self.running.take_if(|_| fresh)) {
            self.next = Some(Instant::now() + SELDOM.max(running.began.elapsed() * TIMES));
            self.done = Some((running.of, result));
        }
        if self.done.as_ref().is_some_and(|(known, _)| known.is_other(of)) {
            (self.done, self.next) = (None, None);
        }
        if self.running.as_ref().is_some_and(|running| running.of.is_other(of)) {
            self.running = None;
        }
        fresh && self.done.is_some()
    }

    /// Whether a study of this should begin.
    pub(super) fn is_due(&self, of: Of) -> bool {
        let known = self.done.as_ref().is_some_and(|(known, _)| *known == of);
        let early = !of.whole && self.next.is_some_and(|next| Instant::now() < next);
        self.running.is_none() && !known && !early
    }

    /// Begins it.
    pub(super) fn start(
        &mut self,
        of: Of,
        eyes: &Eyes,
        work: impl FnOnce(&Eyes) -> T + Send + 'static,
    ) -> std::io::Result<()> {
        let result = Arc::new(Mutex::new(None));
        let (mine, eyes) = (Arc::clone(&result), eyes.clone());
        worker::spawn("studying", Arc::clone(eyes.shared()), move || {
            let found = work(&eyes);
            *mine.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            eyes.shared().changed();
        })?;
        self.running = Some(Running { of, began: Instant::now(), result });
        Ok(())
    }

    /// What came out of the last study.
    pub(super) fn get(&self) -> Option<&T> {
        self.done.as_ref().map(|(_, result)| result)
    }

    /// Whether a study is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::worker::Shared;

    fn of(packets: usize, which: u32) -> Of {
        Of { packets, whole: true, which, who: 0 }
    }

    /// Looks until there is a result.
    fn settle(study: &mut Study<u32>, of: Of, shared: &Arc<Shared>, result: u32) {
        while !study.look(of, &Eyes::of_all(shared), move |_| result).expect("a thread") {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_study_is_made_once_of_the_same_thing_and_anew_of_another() {
        let shared = Arc::new(Shared::default());
        let mut study = Study::default();
        settle(&mut study, of(1, 0), &shared, 10);
        assert!(!study.look(of(1, 0), &Eyes::of_all(&shared), |_| 11).expect("no thread"));
        assert!(!study.is_busy());
        assert_eq!(study.get(), Some(&10));
        // What is known of one flow is not shown for another.
        study.look(of(1, 7), &Eyes::of_all(&shared), |_| 12).expect("a thread");
        assert_eq!(study.get(), None);
        settle(&mut study, of(1, 7), &shared, 12);
        assert_eq!(study.get(), Some(&12));
    }
}
