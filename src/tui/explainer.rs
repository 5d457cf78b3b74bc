//! The thread that explains the selected packet: it may have to replay a long flow. The newest wish wins.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::worker::{self, Shared};
use crate::capture::Fetch;
use crate::explain::{Explained, explain};

/// An answer: the packet in full, or why it cannot be read again.
pub(super) type Answer = Result<Explained, String>;

#[derive(Default)]
struct Desk {
    wish: Option<u32>,
    working: Option<u32>,
    answer: Option<(u32, Answer)>,
    stop: bool,
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
        self.office.desk().wish = Some(number);
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
        let interfaces = shared.status().interfaces;
        let answer = match explain(&shared.trace(), &interfaces, fetch, number) {
            Ok(Some(explained)) => Ok(explained),
            Ok(None) => Err(format!("there is no packet {number}")),
            Err(error) => Err(format!("packet {number} cannot be read again: {error}")),
        };
        let mut desk = office.desk();
        desk.working = None;
        desk.answer = Some((number, answer));
        drop(desk);
        office.bell.notify_all();
        shared.changed();
    }
}
