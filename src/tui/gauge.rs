//! How a live capture is doing, for the status line, and the switch that halts it.

#[cfg(all(feature = "live", unix))]
use crate::capture::live::Live;

/// How a live capture is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pulse {
    /// Packets that the kernel received and its filter let through.
    pub(super) received: u64,
    /// Packets that the kernel dropped.
    pub(super) by_kernel: u64,
    /// Packets that an interface dropped.
    pub(super) by_interface: u64,
    /// Packets that could not be written.
    pub(super) by_husk: u64,
    /// Bytes that the snap length cut off.
    pub(super) cut: u64,
    /// Whether it is halted.
    pub(super) halted: bool,
    /// Why it ended before it was told to.
    pub(super) error: Option<String>,
}

impl Pulse {
    /// Packets that are missing.
    pub(super) fn dropped(&self) -> u64 {
        self.by_kernel + self.by_interface + self.by_husk
    }
}

/// A live capture, to be watched and halted.
pub(super) trait Gauge {
    /// How it is doing.
    fn pulse(&self) -> Pulse;
    /// What happened to interfaces and machine, from the event at `from` on.
    fn events(&self, from: usize) -> Vec<String>;
    /// Halts it, or lets it go on.
    fn halt(&self, halted: bool);
}

#[cfg(all(feature = "live", unix))]
impl Gauge for Live {
    fn pulse(&self) -> Pulse {
        let counts = self.counts();
        Pulse {
            received: counts.received,
            by_kernel: counts.dropped_by_kernel,
            by_interface: counts.dropped_by_interface,
            by_husk: counts.dropped_by_husk,
            cut: counts.cut,
            halted: self.is_halted(),
            error: self.error(),
        }
    }

    fn events(&self, from: usize) -> Vec<String> {
        Live::events(self, from).into_iter().map(|event| event.what).collect()
    }

    fn halt(&self, halted: bool) {
        Live::halt(self, halted);
    }
}
