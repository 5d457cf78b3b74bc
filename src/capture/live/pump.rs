//! The capture thread: moves packets from the kernel to the spool, and does nothing else.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ::pcap::{Active, Capture, Packet};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{NANOSECONDS, Settings, Shared, plain};
use crate::capture::Nanos;
use crate::capture::pcapng::{Counters, PacketInfo, Writer};
use crate::capture::source::Growing;

/// How long the capture thread waits at most before it looks at its switch again.
const POLL_BOUND: Duration = Duration::from_millis(100);

/// How often the counters are read, and how long a packet may lie in the writer's buffer.
const TICK: Duration = Duration::from_millis(50);

/// Packets to take from the kernel before looking at the stop switch.
const BATCH: usize = 4096;

/// What the thread has.
pub(super) struct Pump {
    capture: Capture<Active>,
    writer: Writer<File>,
    shared: Arc<Shared>,
    left: u64,
    deadline: Option<Instant>,
    began: Nanos,
    seen: Seen,
}

/// Counters as libpcap gave them last: 32 bits, which wrap.
#[derive(Default)]
struct Seen {
    received: u32,
    dropped: u32,
    dropped_by_interface: u32,
}

impl Pump {
    pub(super) fn new(
        capture: Capture<Active>,
        writer: Writer<File>,
        shared: Arc<Shared>,
        settings: &Settings,
    ) -> Pump {
        Pump {
            capture,
            writer,
            shared,
            left: settings.packets.unwrap_or(u64::MAX),
            deadline: settings.duration.and_then(|duration| Instant::now().checked_add(duration)),
            began: now(),
            seen: Seen::default(),
        }
    }

    pub(super) fn run(mut self, growing: &Growing) {
        let done = self.pump().and_then(|()| self.close());
        if let Err(reason) = done {
            *self.shared.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        }
        growing.stop();
        self.shared.running.store(false, Ordering::Release);
    }

    /// Until told to stop, or enough.
    fn pump(&mut self) -> Result<(), String> {
        let mut ticked = Instant::now();
        while self.left > 0 && !self.shared.stop.load(Ordering::Acquire) {
            let got = self.take()?;
            let idle = got == 0;
            if idle || ticked.elapsed() >= TICK {
                ticked = Instant::now();
                self.writer.flush().map_err(|error| write_error(&error))?;
                self.count();
            }
            let until_end = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match until_end {
                Some(Duration::ZERO) => return Ok(()),
                _ if idle => self.wait(until_end.unwrap_or(POLL_BOUND).min(POLL_BOUND))?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Moves what the kernel has: how many packets.
    fn take(&mut self) -> Result<usize, String> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(BATCH);
        let mut written = 0;
        let mut failure = None;
        let writer = &mut self.writer;
        let took = self.capture.dispatch(Some(most), |packet| {
            if failure.is_none() {
                match write(writer, &packet) {
                    Ok(()) => written += 1,
                    Err(error) => failure = Some(error),
                }
            }
        });
        self.left -= written;
        self.shared.packets.fetch_add(written, Ordering::Relaxed);
        match (failure, took) {
            (Some(error), _) => Err(write_error(&error)),
            (None, Ok(count)) => Ok(count),
            (None, Err(::pcap::Error::TimeoutExpired | ::pcap::Error::NoMorePackets)) => Ok(0),
            (None, Err(error)) => Err(plain(&error)),
        }
    }

    /// Waits until there are packets, but not long.
    fn wait(&self, bound: Duration) -> Result<(), String> {
        let bound = Timespec { tv_sec: 0, tv_nsec: bound.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&self.capture, PollFlags::IN)], Some(&bound)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(format!("waiting for packets failed: {error}")),
        }
    }

    /// Shows the kernel's counters to everybody.
    fn count(&mut self) {
        let Ok(stat) = self.capture.stats() else {
            return;
        };
        let add = |total: &AtomicU64, seen: &mut u32, now: u32| {
            total.fetch_add(u64::from(now.wrapping_sub(*seen)), Ordering::Relaxed);
            *seen = now;
        };
        add(&self.shared.received, &mut self.seen.received, stat.received);
        add(&self.shared.dropped_by_kernel, &mut self.seen.dropped, stat.dropped);
        add(&self.shared.dropped_by_interface, &mut self.seen.dropped_by_interface, stat.if_dropped);
    }

    /// Writes the totals and what is still in the buffer.
    fn close(&mut self) -> Result<(), String> {
        self.count();
        let counts = self.shared.counts();
        let counters = Counters {
            began: Some(self.began),
            ended: Some(now()),
            received: Some(counts.received),
            dropped: Some(counts.dropped_by_interface),
            dropped_by_system: Some(counts.dropped_by_kernel),
            delivered: Some(counts.packets),
        };
        self.writer.statistics(0, &counters).and_then(|()| self.writer.flush()).map_err(|error| write_error(&error))
    }
}

fn write_error(error: &io::Error) -> String {
    format!("writing the captured packets failed: {error}")
}

#[allow(clippy::useless_conversion, reason = "the system's time fields are 32 bits on some systems")]
fn write(writer: &mut Writer<File>, packet: &Packet<'_>) -> io::Result<()> {
    let unit = if NANOSECONDS { 1 } else { 1000 };
    let header = packet.header;
    let time = i64::from(header.ts.tv_sec)
        .saturating_mul(1_000_000_000)
        .saturating_add(i64::from(header.ts.tv_usec).saturating_mul(unit));
    let info = PacketInfo { interface: 0, time, length: header.len, ..PacketInfo::default() };
    writer.packet(&info, packet.data)
}

/// Now, by the system's clock: when a capture began and ended.
fn now() -> Nanos {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Nanos::try_from(since.as_nanos()).unwrap_or(Nanos::MAX)
}
