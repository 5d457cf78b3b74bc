//! How a live capture is going: numbers that the capture thread keeps and everybody may read.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a live capture is going.
///
/// When it was stopped by hand: received = captured + dropped by the kernel + dropped by husk + passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets written.
    pub captured: u64,
    /// Packets that the kernel's filter let through, those that it dropped afterwards among them.
    pub received: u64,
    /// Packets that the kernel dropped, because its buffer was full.
    pub dropped_by_kernel: u64,
    /// Packets that the interface or its driver dropped.
    pub dropped_by_interface: u64,
    /// Packets that were taken from the kernel and could not be written.
    pub dropped_by_husk: u64,
    /// Packets that came while the capture was halted.
    pub passed_over: u64,
    /// Bytes that the snap length cut off.
    pub cut: u64,
    /// Packets that were captured on another interface right before.
    pub duplicates: u64,
}

impl Counts {
    /// Packets that were received and are neither captured nor lost yet: the kernel still has them. (Of the loopback it
    /// counts each twice and hands over one.)
    pub(super) fn unaccounted(&self) -> u64 {
        let accounted = self.captured + self.dropped_by_kernel + self.dropped_by_husk + self.passed_over;
        self.received.saturating_sub(accounted)
    }

    /// Packets that are missing.
    pub fn dropped(&self) -> u64 {
        self.dropped_by_kernel + self.dropped_by_interface + self.dropped_by_husk
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.captured += other.captured;
        self.received += other.received;
        self.dropped_by_kernel += other.dropped_by_kernel;
        self.dropped_by_interface += other.dropped_by_interface;
        self.dropped_by_husk += other.dropped_by_husk;
        self.passed_over += other.passed_over;
        self.cut += other.cut;
        self.duplicates += other.duplicates;
    }
}

/// The same, written by the capture thread alone.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) captured: Number,
    pub(super) received: Number,
    pub(super) dropped_by_kernel: Number,
    pub(super) dropped_by_interface: Number,
    pub(super) dropped_by_husk: Number,
    pub(super) passed_over: Number,
    pub(super) cut: Number,
    pub(super) duplicates: Number,
}

impl Tally {
    pub(super) fn counts(&self) -> Counts {
        Counts {
            captured: self.captured.is(),
            received: self.received.is(),
            dropped_by_kernel: self.dropped_by_kernel.is(),
            dropped_by_interface: self.dropped_by_interface.is(),
            dropped_by_husk: self.dropped_by_husk.is(),
            passed_over: self.passed_over.is(),
            cut: self.cut.is(),
            duplicates: self.duplicates.is(),
        }
    }
}

/// A number that one thread adds to and others read.
#[derive(Debug, Default)]
pub(super) struct Number(AtomicU64);

impl Number {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn take_back(&self, less: u64) {
        self.0.fetch_sub(less, Ordering::Relaxed);
    }

    pub(super) fn is(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
