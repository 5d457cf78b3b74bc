//! The thread that explains the selected packet: it may have to replay a long flow. The newest wish wins: it ends the
//! replay for the one before, which has not been in vain, for the next one goes on from where it came to.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::worker::{self, Shared};
use crate::capture::Fetch;
use crate::explain::{self, Explained};

/// An answer: the packet in full, or why it cannot be read again.
pub(super) type Answer = Result<Explained, String>;

#[derive(Default)]
struct Desk {
    wish: Option<u32>,
    working: Option<u32>,
    answer: Option<(u32, Answer)>,
    stop: bool,
}

impl Desk {
    /// Whether the thread is wanted for something else.
    fn is_called(&self) -> bool {
        self.stop || self.wish.is_some()
    }
}

#[derive(Default)]
struct Office {
    desk: Mutex<Desk>,
    bell: Condvar,
}

impl Office {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_called(&self) -> bool {
        self.desk().is_called()
    }
}

/// Explains packets, one at a time.
pub(super) struct Explainer {
    office: Arc<Office>,
}

impl Explainer {
    /// Starts the thread.
    pub(super) fn start(shared: &Arc<Shared>, fetch: Fetch) -> std::io::Result<Explainer> {
        let office = Arc::new(Office::default());
        let (mine, trace) = (Arc::clone(&office), Arc::clone(shared));
        worker::spawn("explaining", Arc::clone(shared), move || work(&mine, &trace, &fetch))?;
        Ok(Explainer { office })
    }

    /// Wishes for packet `number`; what was wished for before is forgotten.
    pub(super) fn ask(&self, number: u32) {
        let mut desk = self.office.desk();
        desk.wish = Some(number);
        desk.answer = None;
        drop(desk);
        self.office.bell.notify_all();
    }

    /// The answer, if there is one; waits for it no longer than `patience`.
    pub(super) fn answer(&self, patience: Duration) -> Option<(u32, Answer)> {
        let until = Instant::now() + patience;
        let mut desk = self.office.desk();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let newer = desk.wish.is_some();
            if let Some(answer) = desk.answer.take_if(|_| !newer) {
                return Some(answer);
            }
            if left.is_zero() || (desk.wish.is_none() && desk.working.is_none()) {
                return None;
            }
            desk = self.office.bell.wait_timeout(desk, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Explainer {
    fn drop(&mut self) {
        self.office.desk().stop = true;
        self.office.bell.notify_all();
    }
}

fn work(office: &Office, shared: &Shared, fetch: &Fetch) {
    let mut explainer = explain::Explainer::default();
    loop {
        let mut desk = office.desk();
        let number = loop {
            if desk.stop {
                return;
            }
            if let Some(number) = desk.wish.take() {
                break number;
            }
            desk = office.bell.wait(desk).unwrap_or_else(PoisonError::into_inner);
        };
        desk.working = Some(number);
        drop(desk);
        // A newer wish ends the replay for the older one.
        let look = || (!office.is_called()).then(|| shared.trace());
        let answer = match explainer.explain(fetch, number, look) {
            Ok(Some(explained)) => Ok(explained),
            Ok(None) => Err(format!("there is no packet {number}")),
            Err(error) => Err(format!("packet {number} cannot be read again: {error}")),
        };
        let mut desk = office.desk();
        desk.working = None;
        if !desk.is_called() {
            desk.answer = Some((number, answer));
        }
        drop(desk);
        office.bell.notify_all();
        shared.changed();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::capture::Source;
    use crate::tui::worker::Reading;

    #[test]
    fn only_the_newest_wish_is_answered() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/http-page.pcap");
        let source = Source::open(&path).expect("a fixture");
        let shared = Arc::new(Shared::default());
        let explainer = Explainer::start(&shared, source.fetch()).expect("a thread");
        worker::start(source, &shared).expect("a thread");
        while shared.status().reading != Reading::Done {
            std::thread::yield_now();
        }
        let last = shared.trace().rows().len() as u32;
        (1..=last).for_each(|number| explainer.ask(number));
        let (number, answer) = explainer.answer(Duration::from_secs(20)).expect("an answer");
        assert_eq!((number, answer.expect("an explanation").number), (last, last));
        assert!(explainer.answer(Duration::ZERO).is_none());
        explainer.ask(last + 1);
        let (_, answer) = explainer.answer(Duration::from_secs(20)).expect("an answer");
        assert_eq!(answer.expect_err("no packet"), format!("there is no packet {}", last + 1));
    }
}
