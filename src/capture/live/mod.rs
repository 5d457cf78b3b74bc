//! Captures from interfaces, through libpcap.
//!
//! ```text
//! kernel ring ──► one thread, which only moves bytes ──► spool, or the files to keep ──► Source
//! 64 MiB each     poll for 100 ms at most, look at        pcapng, 0600, one behind        as any file
//!                 the stop switch, go on                  another in a Chain
//! ```
//!
//! Tools that dissect while they capture lose packets; this thread never waits for a reader. A
//! time-out is "nothing yet" and never the end.
//!
//! A capture begins in two steps, so that a program may give up its privileges between them: [`Opened::open`] opens
//! the interfaces, [`Opened::start`] starts the thread.

#[cfg(target_os = "linux")]
pub mod broker;
mod counts;
mod device;
mod embed;
mod error;
mod files;
mod output;
mod pump;
mod settings;
mod twins;
mod watch;

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use self::counts::Counts;
pub use self::embed::{Embedded, embed};
pub use self::error::{LiveError, setcap};
pub use self::files::{KEY_LOG_VARIABLE, spool_folder};
pub use self::settings::{Keep, Ring, Settings, Stop, Tap};

use self::counts::Tally;
use self::device::Device;
use self::files::Files;
use self::output::{Output, Shelf};
use self::pump::Pump;
use super::owners::Owned;
#[cfg(target_os = "linux")]
use super::owners::{Carrier, MOST_SOCKETS};
use super::{Nanos, Source};
use crate::confine::Needs;

/// Owners of sockets that are written at once, so that packets never wait for them.
const OWNERS_AT_ONCE: usize = 64;

/// Events remembered: a link that flaps all night must not fill the memory.
const MOST_EVENTS: usize = 1000;

/// Interfaces that are opened, but not yet captured from. What they receive waits in the kernel's buffer.
pub struct Opened {
    devices: Vec<Device>,
    settings: Settings,
    #[cfg(target_os = "linux")]
    broker: Option<(broker::Client, broker::Telling)>,
}

/// A live capture. Stops when it is dropped.
#[derive(Debug)]
pub struct Live {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Box<dyn Shelf>>>,
}

/// Something that happened to an interface or to the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub time: Nanos,
    /// What, in words.
    pub what: String,
}

/// What the capture thread shares with everybody.
#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    halted: AtomicBool,
    running: AtomicBool,
    tallies: Vec<Tally>,
    /// For numbers beyond the interfaces; there are none.
    nobody: Tally,
    events: Mutex<Vec<Event>>,
    owned: Mutex<Learnt>,
    error: Mutex<Option<String>>,
    /// The file that is written.
    path: Mutex<PathBuf>,
    /// Whether packets of the machine to itself are captured.
    sees_loopback: bool,
}

/// What was learnt of sockets' owners.
#[derive(Debug, Default)]
struct Learnt {
    /// What is not in the file yet.
    new: VecDeque<Owned>,
    /// Processes that are the command's.
    ours: HashSet<u32>,
}

impl Opened {
    /// Opens the interfaces. This needs a privilege; nothing later does.
    pub fn open(settings: &Settings) -> Result<Opened, LiveError> {
        let devices = settings.taps.iter().map(|tap| Device::open(tap, settings)).collect::<Result<_, _>>()?;
        Ok(Opened {
            devices,
            settings: settings.clone(),
            #[cfg(target_os = "linux")]
            broker: None,
        })
    }

    /// Lets a second process make the files and look for sockets' owners: this one may then give up everything.
    #[cfg(target_os = "linux")]
    pub fn split_off_broker(&mut self) -> Result<(), LiveError> {
        let files = Files::new(&self.settings);
        let started = broker::Client::start(&files);
        self.broker = Some(started.map_err(|source| LiveError::Spool { name: files.name(), source })?);
        Ok(())
    }

    /// What capturing needs of the system from here on.
    pub fn needs(&self) -> Needs {
        Needs {
            read: self.devices.iter().filter_map(Device::counters).collect(),
            mute: self.devices.iter().map(Device::socket).collect(),
            ..Needs::default()
        }
    }

    /// Begins. The source has the packets as they come: [`super::Progress::Waiting`] means that none is there now.
    pub fn start(self) -> Result<(Live, Source), LiveError> {
        let files = Files::new(&self.settings);
        let name = files.name();
        #[cfg(target_os = "linux")]
        let (mut this, name) = (self, name);
        #[cfg(target_os = "linux")]
        if let Some((client, telling)) = this.broker.take() {
            let (live, source) = this.start_with(Box::new(client), name)?;
            telling.listen(Arc::clone(&live.shared));
            return Ok((live, source));
        }
        #[cfg(not(target_os = "linux"))]
        let this = self;
        this.start_with(Box::new(files), name)
    }

    fn start_with(self, shelf: Box<dyn Shelf>, name: String) -> Result<(Live, Source), LiveError> {
        let (devices, settings) = (self.devices, self.settings);
        let title = settings.title();
        let other = |reason: String| LiveError::Other { interface: title.clone(), reason };
        let ring = settings.keep.as_ref().map_or_else(Ring::default, |keep| keep.ring);
        let described =
            devices.iter().map(|device| (device.interface.clone(), device.comment.clone())).collect::<Vec<_>>();
        let output = Output::begin(shelf, ring, settings.comments.clone(), described)
            .map_err(|source| LiveError::Spool { name, source })?;
        let source =
            Source::from_chain(output.chain(), settings.title()).map_err(|error| other(error.to_string()))?;
        let shared = Arc::new(Shared {
            running: AtomicBool::new(true),
            tallies: devices.iter().map(|_| Tally::default()).collect(),
            path: Mutex::new(output.path().to_owned()),
            sees_loopback: settings.taps.iter().any(|tap| tap.name == "any" || tap.name.starts_with("lo")),
            ..Shared::default()
        });
        let pump = Pump::new(devices, output, Arc::clone(&shared), settings.stop);
        let growing = source.growing();
        let thread = std::thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || pump.run(&growing))
            .map_err(|error| other(error.to_string()))?;
        Ok((Live { shared, thread: Some(thread) }, source))
    }
}

impl Live {
    /// Opens the interfaces and begins.
    pub fn start(settings: &Settings) -> Result<(Live, Source), LiveError> {
        Opened::open(settings)?.start()
    }

    /// Tells the capture to stop. It does within half a second; then the source comes to its end.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
    }

    /// Halts the capture, or lets it go on. What comes meanwhile is counted and not captured.
    pub fn halt(&self, halted: bool) {
        self.shared.halted.store(halted, Ordering::Release);
    }

    /// Whether it is halted.
    pub fn is_halted(&self) -> bool {
        self.shared.halted.load(Ordering::Acquire)
    }

    /// Whether it still captures.
    pub fn is_running(&self) -> bool {
        self.shared.running.load(Ordering::Acquire)
    }

    /// How it is going, in all.
    pub fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        self.shared.tallies.iter().for_each(|tally| sum += tally.counts());
        sum
    }

    /// How it is going on each interface, in the order of the settings.
    pub fn counts_by_interface(&self) -> Vec<Counts> {
        self.shared.each()
    }

    /// What happened to the interfaces and the machine, from the event at `from` on.
    pub fn events(&self, from: usize) -> Vec<Event> {
        let events = self.shared.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.get(from..).unwrap_or_default().to_vec()
    }

    /// The processes that are the command's for which the capture goes on, as far as they had sockets.
    pub fn of_the_command(&self) -> HashSet<u32> {
        self.shared.owned.lock().unwrap_or_else(PoisonError::into_inner).ours.clone()
    }

    /// The file that is written, or was written last. A spool is removed when the capture is dropped, unless there
    /// was an error.
    pub fn path(&self) -> PathBuf {
        self.shared.path.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why it ended before it was told to: the disk is full, the interface is gone.
    pub fn error(&self) -> Option<String> {
        self.shared.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop();
        // A panic there has been printed, and there is nothing to add.
        let Some(Ok(mut shelf)) = self.thread.take().map(JoinHandle::join) else { return };
        if self.error().is_none() {
            let _ = shelf.done(); // a spool that cannot be removed stays, as documented
        }
    }
}

impl Shared {
    /// The numbers of an interface.
    fn tally(&self, number: usize) -> &Tally {
        self.tallies.get(number).unwrap_or(&self.nobody)
    }

    /// The numbers of each.
    fn each(&self) -> Vec<Counts> {
        self.tallies.iter().map(Tally::counts).collect()
    }

    /// Something happened.
    fn say(&self, what: String) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() < MOST_EVENTS {
            events.push(Event { time: pump::now(), what });
        }
    }

    /// An owner was found; whether it is the command's.
    #[cfg(target_os = "linux")]
    fn learn(&self, owned: Owned, ours: bool) {
        let mut learnt = self.owned.lock().unwrap_or_else(PoisonError::into_inner);
        if ours && learnt.ours.len() < MOST_SOCKETS {
            learnt.ours.insert(owned.process.id);
        }
        // A listening socket has others for its connections.
        let tells = owned.socket.carrier == Carrier::Udp || owned.socket.other.is_some();
        let comes_by = self.sees_loopback || !owned.socket.own.ip().is_loopback();
        if tells && comes_by && learnt.new.len() < MOST_SOCKETS {
            learnt.new.push_back(owned);
        }
    }

    /// Some of the owners that are not in the file yet.
    fn learnt(&self) -> Vec<Owned> {
        let mut learnt = self.owned.lock().unwrap_or_else(PoisonError::into_inner);
        let some = learnt.new.len().min(OWNERS_AT_ONCE);
        learnt.new.drain(..some).collect()
    }

    /// Another file is written.
    fn turn(&self, path: &Path) {
        path.clone_into(&mut self.path.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The capture ended before it was told to.
    fn fail(&self, reason: String) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_filter_is_refused_before_anything_is_opened() {
        let tap = Tap { name: "no-such-interface".into(), filter: Some("host example.org".into()) };
        let error = Live::start(&Settings::new(vec![tap])).expect_err("refused");
        assert!(matches!(error, LiveError::FilterName { .. }));
        assert!(error.to_string().contains("example.org"));
    }
}
