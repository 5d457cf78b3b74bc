//! The capture thread: moves packets from the kernel to the file, and does nothing else.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use ::pcap::Packet;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::counts::{Number, Tally};
use super::device::{Behind, Device, NANOSECONDS};
use super::error::plain;
use super::output::{Output, Shelf};
use super::twins::Twins;
use super::watch::Sleep;
use super::{Shared, Stop};
use crate::capture::pcapng::PacketInfo;
use crate::capture::{Growing, Interface, Nanos};

/// How long the capture thread waits at most before it looks at its switches again.
const POLL_BOUND: Duration = Duration::from_millis(100);

/// How often the counters are read, and how long a packet may lie in the writer's buffer.
const TICK: Duration = Duration::from_millis(50);

/// How often the interfaces are looked after.
const LOOK: Duration = Duration::from_millis(500);

/// Packets to take from the kernel before looking at the switches and the other interfaces.
const BATCH: u64 = 4096;

/// How long the kernel needs at most to hand over packets that it holds back.
const HANDING_OVER: Duration = Duration::from_millis(50);

/// How long the kernel is given, after a stop, to hand over what it has received by then.
const LAST_WAIT: Duration = Duration::from_millis(200);

/// What the thread has.
pub(super) struct Pump {
    lanes: Vec<Lane>,
    desk: Desk,
    stop: Stop,
    deadline: Option<Instant>,
}

/// One interface.
struct Lane {
    device: Device,
    seen: Seen,
    open: bool,
}

/// Counters as libpcap gave them last: 32 bits, which wrap.
#[derive(Default)]
struct Seen {
    received: u32,
    dropped: u32,
    dropped_by_interface: u32,
}

/// Where the packets of all interfaces go.
struct Desk {
    output: Output,
    shared: Arc<Shared>,
    /// Looks for packets that come on several interfaces, if there are several.
    twins: Option<Twins>,
    captured: u64,
    /// After this nothing more is written.
    failure: Option<io::Error>,
    /// Why the interface that was lost last was lost.
    farewell: String,
}

impl Pump {
    pub(super) fn new(devices: Vec<Device>, output: Output, shared: Arc<Shared>, stop: Stop) -> Pump {
        let several = devices.len() > 1 || devices.iter().any(|device| device.behind.is_any());
        let lanes = devices.into_iter().map(|device| Lane { device, seen: Seen::default(), open: true });
        Pump {
            lanes: lanes.collect(),
            desk: Desk {
                output,
                shared,
                twins: several.then(Twins::default),
                captured: 0,
                failure: None,
                farewell: String::new(),
            },
            stop,
            deadline: stop.duration.and_then(|duration| Instant::now().checked_add(duration)),
        }
    }

    /// Until told to stop, or enough. Gives back what makes the files.
    pub(super) fn run(mut self, growing: &Growing) -> Box<dyn Shelf> {
        let done = self.pump().and_then(|()| self.close());
        let shared = Arc::clone(&self.desk.shared);
        if let Err(reason) = done {
            self.desk.salvage();
            self.give_up();
            shared.fail(reason);
        }
        growing.stop();
        shared.running.store(false, Ordering::Release);
        self.desk.output.into_shelf()
    }

    fn pump(&mut self) -> Result<(), String> {
        let (mut ticked, mut looked, mut sleep) = (Instant::now(), Instant::now(), Sleep::new());
        while !self.is_enough() {
            let mut got = 0;
            for (number, lane) in (0u32..).zip(&mut self.lanes) {
                got += lane.take(number, &mut self.desk, self.stop)?;
            }
            if self.lanes.iter().all(|lane| !lane.open) {
                self.close()?;
                return Err(self.desk.farewell.clone());
            }
            let idle = got == 0;
            if idle || ticked.elapsed() >= TICK {
                ticked = Instant::now();
                let owners = self.desk.shared.learnt();
                let written = self.desk.output.owners(&owners).and_then(|()| self.desk.output.flush());
                written.map_err(|error| write_error(&error))?;
                self.count();
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                self.look(&mut sleep)?;
            }
            if idle {
                let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                self.wait(left.unwrap_or(POLL_BOUND).min(POLL_BOUND))?;
            }
        }
        if self.desk.shared.stop.load(Ordering::Acquire) { self.take_the_rest() } else { Ok(()) }
    }

    fn is_enough(&self) -> bool {
        let stop = self.stop;
        self.desk.shared.stop.load(Ordering::Acquire)
            || stop.packets.is_some_and(|most| self.desk.captured >= most)
            || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
            || stop.bytes.is_some_and(|most| self.desk.output.bytes() >= most)
            || stop.files.is_some_and(|most| self.desk.output.files() >= most && self.desk.output.is_full())
    }

    /// Takes what the kernel had received when the capture was stopped, so that the counters add up.
    fn take_the_rest(&mut self) -> Result<(), String> {
        self.count();
        let until = Instant::now() + LAST_WAIT;
        let shared = Arc::clone(&self.desk.shared);
        for number in 0..self.lanes.len() {
            let tally = shared.tally(number);
            let due = tally.counts();
            let due = due.received.saturating_sub(due.dropped_by_kernel);
            while Instant::now() < until {
                let now = tally.counts();
                if now.captured + now.passed_over + now.dropped_by_husk >= due {
                    break;
                }
                let Some(lane) = self.lanes.get_mut(number).filter(|lane| lane.open) else { break };
                if lane.take(number as u32, &mut self.desk, Stop::default())? == 0 {
                    self.wait(Duration::from_millis(5))?;
                }
            }
        }
        Ok(())
    }

    /// Nothing more can be written: what the kernel has received by now is lost.
    fn give_up(&mut self) {
        self.count();
        let until = Instant::now() + LAST_WAIT;
        for (number, lane) in self.lanes.iter_mut().enumerate().filter(|(_, lane)| lane.open) {
            let tally = self.desk.shared.tally(number);
            while let left @ 1.. = tally.counts().unaccounted().min(BATCH)
                && let Ok(lost) = lane.device.capture.dispatch(Some(left as usize), |_| tally.dropped_by_husk.add(1))
                && Instant::now() < until
            {
                if lost == 0 {
                    std::thread::sleep(Duration::from_millis(5)); // it holds them back to hand over many at once
                }
            }
        }
    }

    /// Waits until there are packets, but not long.
    fn wait(&self, bound: Duration) -> Result<(), String> {
        let bound = Timespec { tv_sec: 0, tv_nsec: bound.subsec_nanos().into() };
        let open = self.lanes.iter().filter(|lane| lane.open);
        let mut waited: Vec<PollFd<'_>> = open.map(|lane| PollFd::new(&lane.device.capture, PollFlags::IN)).collect();
        match poll(&mut waited, Some(&bound)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(format!("waiting for packets failed: {error}")),
        }
        // An interface whose link is down has nothing but this to say, and says it at once.
        let troubled = waited.iter().any(|fd| fd.revents().contains(PollFlags::ERR));
        if troubled {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Shows the kernel's counters to everybody.
    fn count(&mut self) {
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            lane.count(self.desk.shared.tally(number));
        }
    }

    /// Looks after the interfaces and the machine, and says what happened to them.
    fn look(&mut self, sleep: &mut Sleep) -> Result<(), String> {
        if let Some(nap) = sleep.look() {
            let nap = format!("the machine slept for {} s; what came meanwhile was not captured", nap.as_secs());
            self.desk.tell(0, nap)?;
        }
        for (number, lane) in (0u32..).zip(&mut self.lanes).filter(|(_, lane)| lane.open) {
            let said = lane.device.watch.look(&lane.device.capture);
            if lane.device.watch.is_gone() {
                // The kernel still has what came before.
                std::thread::sleep(HANDING_OVER);
                while lane.open && lane.take(number, &mut self.desk, self.stop)? > 0 {}
                lane.count(self.desk.shared.tally(number as usize));
                lane.open = false;
            }
            said.into_iter().try_for_each(|word| self.desk.tell(number, word))?;
        }
        Ok(())
    }

    /// Writes the totals and what is still in the buffer.
    fn close(&mut self) -> Result<(), String> {
        self.count();
        let counts = self.desk.shared.each();
        let output = &mut self.desk.output;
        output.statistics(&counts, None).and_then(|()| output.flush()).map_err(|error| write_error(&error))
    }
}

impl Lane {
    /// Moves what the kernel has: how many packets.
    fn take(&mut self, number: u32, desk: &mut Desk, stop: Stop) -> Result<usize, String> {
        if !self.open {
            return Ok(0);
        }
        let shared = Arc::clone(&desk.shared);
        let tally = shared.tally(number as usize);
        if desk.output.is_full() {
            desk.output.turn(&shared.each()).map_err(|error| write_error(&error))?;
            shared.turn(desk.output.path());
        }
        let (most, halted) = (desk.most(stop), shared.halted.load(Ordering::Acquire));
        let (any, behind) = (&self.device.interface, &mut self.device.behind);
        let took = self.device.capture.dispatch(Some(most), |packet| {
            if halted {
                return tally.passed_over.add(1);
            }
            let interface = desk.interface(behind, any, packet.data, number);
            desk.enter(&packet, number, (interface, any.link_type), tally);
        });
        match (desk.failure.take(), took) {
            (Some(error), _) => Err(write_error(&error)),
            (None, Ok(count)) => Ok(count),
            (None, Err(::pcap::Error::TimeoutExpired | ::pcap::Error::NoMorePackets)) => Ok(0),
            (None, Err(error)) => self.trouble(number, &error, desk),
        }
    }

    /// libpcap cannot go on with this interface; others may.
    fn trouble(&mut self, number: u32, error: &::pcap::Error, desk: &mut Desk) -> Result<usize, String> {
        self.open = false;
        let said = self.device.watch.look(&self.device.capture);
        said.into_iter().try_for_each(|word| desk.tell(number, word))?;
        if !self.device.watch.is_gone() {
            let name = self.device.interface.name.as_deref().unwrap_or_default();
            desk.tell(number, format!("{name} is not captured any more: {}", plain(error)))?;
        }
        Ok(0)
    }

    fn count(&mut self, tally: &Tally) {
        let Ok(stat) = self.device.capture.stats() else { return };
        let add = |total: &Number, seen: &mut u32, now: u32| {
            total.add(u64::from(now.wrapping_sub(*seen)));
            *seen = now;
        };
        add(&tally.received, &mut self.seen.received, stat.received);
        add(&tally.dropped_by_kernel, &mut self.seen.dropped, stat.dropped);
        add(&tally.dropped_by_interface, &mut self.seen.dropped_by_interface, stat.if_dropped);
    }
}

impl Desk {
    /// Packets that may be taken at once without going beyond a limit.
    fn most(&self, stop: Stop) -> usize {
        const LARGEST: u64 = 1 << 18; // bytes of a packet in a file
        let (packets, bytes) = self.output.room();
        let packets = stop.packets.map_or(packets, |most| packets.min(most.saturating_sub(self.captured)));
        let bytes = stop.bytes.map_or(bytes, |most| bytes.min(most.saturating_sub(self.output.bytes())));
        usize::try_from(BATCH.min(packets).min(bytes / LARGEST).max(1)).unwrap_or(1)
    }

    /// The number in the file of the interface that a packet came from.
    fn interface(&mut self, behind: &mut Behind, any: &Interface, packet: &[u8], own: u32) -> u32 {
        let Some(index) = behind.unknown(packet) else { return behind.number(packet, own) };
        let (interface, comment) = behind.describe(any, index);
        match self.output.interface(interface, comment) {
            Ok(number) => behind.name(index, number),
            Err(error) => self.failure = Some(error),
        }
        behind.number(packet, own)
    }

    /// Writes a packet that was taken from a lane and came from an interface with a link type.
    fn enter(&mut self, packet: &Packet<'_>, lane: u32, (interface, link_type): (u32, u32), tally: &Tally) {
        if self.failure.is_some() {
            return tally.dropped_by_husk.add(1);
        }
        let time = time(packet);
        let again = self.twins.as_mut().and_then(|twins| twins.meet(link_type, packet.data, interface, time));
        let comment = again.map(|(other, nanos)| {
            tally.duplicates.add(1);
            format!("the same packet was captured on interface {other}, {} µs before", nanos / 1000)
        });
        let comments = comment.as_deref();
        let info = PacketInfo { interface, time, length: packet.header.len, flags: 0, comments: comments.as_slice() };
        match self.output.packet(lane, &info, packet.data) {
            Ok(()) => {
                self.captured += 1;
                tally.captured.add(1);
                tally.cut.add(u64::from(packet.header.len.saturating_sub(packet.header.caplen)));
            }
            Err(error) => {
                tally.dropped_by_husk.add(1);
                self.failure = Some(error);
            }
        }
    }
}

impl Desk {
    /// Says what happened to an interface, also in the file.
    fn tell(&mut self, number: u32, what: String) -> Result<(), String> {
        let counts = self.shared.each();
        self.output.statistics(&counts, Some((number, &what))).map_err(|error| write_error(&error))?;
        self.farewell.clone_from(&what);
        self.shared.say(what);
        Ok(())
    }

    /// After a write that failed: what is not on the disk was not captured.
    fn salvage(&mut self) {
        for lane in self.output.salvage() {
            let tally = self.shared.tally(lane as usize);
            tally.captured.take_back(1);
            tally.dropped_by_husk.add(1);
        }
    }
}

fn write_error(error: &io::Error) -> String {
    format!("writing the captured packets failed: {error}")
}

#[allow(clippy::useless_conversion, reason = "the system's time fields are 32 bits on some systems")]
fn time(packet: &Packet<'_>) -> Nanos {
    let unit = if NANOSECONDS { 1 } else { 1000 };
    let stamp = packet.header.ts;
    i64::from(stamp.tv_sec)
        .saturating_mul(1_000_000_000)
        .saturating_add(i64::from(stamp.tv_usec).saturating_mul(unit))
}

/// Now, by the system's clock: when a capture began and ended.
pub(super) fn now() -> Nanos {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Nanos::try_from(since.as_nanos()).unwrap_or(Nanos::MAX)
}
