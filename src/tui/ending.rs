//! What ends the program from outside: signals, before which the terminal is given back, and a terminal that is gone.

use std::io::IsTerminal as _;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getpid, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// How long the loop may take to give the terminal back.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether a signal has come that ends the program.
pub(super) struct Ending {
    signal: Arc<AtomicI32>,
}

/// Waits until the terminal that keys come from is gone; nothing if there is none to watch.
fn until_hung_up() -> Option<rustix::io::Result<usize>> {
    // Without a wish for events only the end is told.
    let wait = |terminal: &dyn AsFd| poll(&mut [PollFd::new(&terminal.as_fd(), PollFlags::empty())], None);
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Some(wait(&stdin));
    }
    std::fs::File::open("/dev/tty").ok().map(|terminal| wait(&terminal))
}

impl Ending {
    /// Listens to signals in a thread, and watches over the terminal in another.
    pub(super) fn listen() -> std::io::Result<Ending> {
        let signal = Arc::new(AtomicI32::new(0));
        let mine = Arc::clone(&signal);
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        std::thread::Builder::new().name("husk-signals".to_owned()).spawn(move || {
            for came in signals.forever() {
                mine.store(came, Ordering::Release);
                // The loop sleeps until the terminal tells something: as if its size had changed. Without a terminal
                // there is nothing to give back.
                if came != SIGHUP && kill_process(getpid(), Signal::WINCH).is_ok() {
                    std::thread::sleep(PATIENCE);
                }
                let _ = emulate_default_handler(came); // it ends here
            }
        })?;
        std::thread::Builder::new().name("husk-terminal".to_owned()).spawn(|| {
            // Who reads from a terminal that is gone reads for ever.
            if until_hung_up().is_some_and(|told| told.is_ok_and(|count| count > 0)) {
                let _ = emulate_default_handler(SIGHUP); // it ends here
            }
        })?;
        Ok(Ending { signal })
    }

    /// Whether one has come.
    pub(super) fn has_come(&self) -> bool {
        self.signal.load(Ordering::Acquire) != 0
    }

    /// Ends the program as the signal would have, if one has come: whoever sent it sees that.
    pub(super) fn follow(&self) {
        let signal = self.signal.load(Ordering::Acquire);
        if signal != 0 {
            let _ = emulate_default_handler(signal); // it ends here
        }
    }
}
