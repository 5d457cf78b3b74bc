//! Signals that end the program: the terminal is given back before they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::process::{Signal, getpid, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Whether a signal has come that ends the program.
pub(super) struct Ending {
    signal: Arc<AtomicI32>,
}

impl Ending {
    /// Listens to signals in a thread. The second one ends the program at once.
    pub(super) fn listen() -> std::io::Result<Ending> {
        let signal = Arc::new(AtomicI32::new(0));
        let mine = Arc::clone(&signal);
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        std::thread::Builder::new().name("husk-signals".to_owned()).spawn(move || {
            for came in signals.forever() {
                if mine.swap(came, Ordering::AcqRel) != 0 {
                    let _ = emulate_default_handler(came); // it ends here
                }
                // The loop sleeps until the terminal tells something: as if its size had changed.
                let _ = kill_process(getpid(), Signal::WINCH);
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
