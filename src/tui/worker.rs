//! The thread that reads the capture into the trace, block by block, while the screen looks at it.
//!
//! ```text
//! source ─► fill (may wait: no lock) ─► enter (one block: write lock) ─► revision + 1 ─► the screen looks
//! ```
//!
//! The screen must never wait long: the lock is held for one block at a time, whoever wants to look goes
//! first, and this thread never queues for the lock (a queued writer would keep new readers out).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, TryLockError};
use std::time::Duration;

use crate::capture::{Progress, Source};
use crate::trace::{Pass, Trace};

/// How long to sleep while a growing source has nothing new.
const PAUSE: Duration = Duration::from_millis(30);

/// How far reading has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// Still reading what is there.
    #[default]
    Busy,
    /// All that is there was read; more may come.
    Waiting,
    /// Everything was read.
    Done,
    /// The thread panicked; with these words.
    Failed(String),
}

/// What the reading thread tells beside the trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Status {
    /// How far it has come.
    pub(super) reading: Reading,
    /// Bytes of the input that were read.
    pub(super) taken: u64,
    /// Bytes of the input, if that is known.
    pub(super) size: Option<u64>,
    /// What was wrong with the capture.
    pub(super) damage: Option<String>,
}

/// What the threads share.
#[derive(Default)]
pub(super) struct Shared {
    trace: RwLock<Trace>,
    status: Mutex<Status>,
    /// Somebody waits to look.
    wanted: AtomicUsize,
    /// Grows with every change that could be seen.
    revision: AtomicU64,
    stop: AtomicBool,
}

impl Shared {
    /// Looks at the trace.
    pub(super) fn trace(&self) -> RwLockReadGuard<'_, Trace> {
        self.wanted.fetch_add(1, Ordering::AcqRel);
        let guard = self.trace.read().unwrap_or_else(PoisonError::into_inner);
        self.wanted.fetch_sub(1, Ordering::AcqRel);
        guard
    }

    /// What the reading thread tells.
    pub(super) fn status(&self) -> Status {
        self.lock_status().clone()
    }

    fn lock_status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Grows with every change.
    pub(super) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Something changed.
    pub(super) fn changed(&self) {
        self.revision.fetch_add(1, Ordering::AcqRel);
    }

    /// Asks the reading thread to end.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Puts a block into the trace when nobody looks at it.
    fn enter(&self, pass: &mut Pass<'_>, progress: Progress) -> Progress {
        loop {
            if self.stop.load(Ordering::Acquire) {
                return Progress::End;
            }
            if self.wanted.load(Ordering::Acquire) == 0 {
                match self.trace.try_write() {
                    Ok(mut trace) => return pass.enter(&mut trace, progress),
                    Err(TryLockError::Poisoned(poisoned)) => return pass.enter(&mut poisoned.into_inner(), progress),
                    Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(200)),
                }
            }
            std::thread::yield_now();
        }
    }

    fn tell(&self, source: &Source, reading: Reading) {
        let mut status = self.lock_status();
        status.taken = source.taken();
        status.size = source.size();
        status.damage = source.damage().map(ToString::to_string);
        status.reading = reading;
        drop(status);
        self.changed();
    }
}

/// Reads `source` in a thread of its own until it ends or is told to stop.
pub(super) fn start(source: Source, shared: &Arc<Shared>) -> std::io::Result<()> {
    let mine = Arc::clone(shared);
    // What can be seen at once should be known at once: the first row's link type.
    mine.tell(&source, Reading::Busy);
    spawn("reading", Arc::clone(shared), move || read(source, &mine))
}

/// Runs `work` in a thread whose panics reach the status line instead of the screen.
pub(super) fn spawn(
    name: &'static str,
    shared: Arc<Shared>,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    std::thread::Builder::new().name(format!("husk-{name}")).spawn(move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            let words = panic
                .downcast_ref::<&str>()
                .map(|words| (*words).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "for an unknown reason".to_owned());
            shared.lock_status().reading = Reading::Failed(format!("{name} stopped: {words}"));
            shared.changed();
        }
    })?;
    Ok(())
}

/// Whether the current thread is one of ours whose panics are told in the status line.
pub(super) fn is_worker() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with("husk-"))
}

fn read(source: Source, shared: &Shared) {
    let mut pass = Pass::new(source);
    let mut waiting = false;
    while !shared.stop.load(Ordering::Acquire) {
        let filled = pass.fill();
        match shared.enter(&mut pass, filled) {
            Progress::Packets => {
                waiting = false;
                shared.tell(pass.source(), Reading::Busy);
            }
            Progress::Waiting => {
                if !std::mem::replace(&mut waiting, true) {
                    shared.tell(pass.source(), Reading::Waiting);
                }
                std::thread::sleep(PAUSE);
            }
            Progress::End => {
                shared.tell(pass.source(), Reading::Done);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_thread_is_told() {
        let shared = Arc::new(Shared::default());
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        spawn("testing", Arc::clone(&shared), || panic!("a number was odd")).expect("a thread");
        while shared.revision() == 0 {
            std::thread::yield_now();
        }
        std::panic::set_hook(hook);
        assert_eq!(shared.status().reading, Reading::Failed("testing stopped: a number was odd".into()));
    }
}
