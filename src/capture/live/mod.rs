//! Captures from an interface, through libpcap.
//!
//! ```text
//! kernel ring ──► one thread, which only moves bytes ──► spool (pcapng, 0600, unlinked) ──► Source
//! 64 MiB          poll for 100 ms at most, look at         or the file asked for           as any file
//!                 the stop switch, go on
//! ```
//!
//! Tools that dissect while they capture lose packets; this thread never waits for a reader. A
//! time-out is "nothing yet" and never the end.

mod pump;

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ::pcap::{Active, Capture, Linktype, Precision};

use self::pump::Pump;
use super::kernel_filter::host_name;
use super::pcapng::Writer;
use super::{Interface, MAX_PACKET, Options, Section, Source};

/// How long the kernel may hold back packets to hand over many at once, in milliseconds.
const KERNEL_DELAY_MS: i32 = 20;

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The interface's name, such as `eth0`, or `any` on Linux.
    pub interface: String,
    /// A filter for the kernel, in libpcap's language, with numeric addresses only.
    pub filter: Option<String>,
    /// The most bytes to keep of a packet.
    pub snap_length: u32,
    /// Whether to ask for packets that are for others.
    pub promiscuous: bool,
    /// Bytes of the kernel's buffer.
    pub buffer: u32,
    /// Stop after so many packets.
    pub packets: Option<u64>,
    /// Stop after so long.
    pub duration: Option<Duration>,
    /// Keep what is captured in this file, instead of a temporary one that nobody sees.
    pub keep: Option<PathBuf>,
    /// Hand over each packet at once: for low rates only, since it costs the sender too.
    pub immediate: bool,
}

impl Settings {
    /// Everything on an interface, with a buffer that holds a burst.
    pub fn new(interface: impl Into<String>) -> Settings {
        Settings {
            interface: interface.into(),
            filter: None,
            snap_length: MAX_PACKET,
            promiscuous: true,
            buffer: 64 << 20,
            packets: None,
            duration: None,
            keep: None,
            immediate: false,
        }
    }
}

/// Why a live capture could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// There is no such interface.
    #[error("{interface}: there is no such interface; `husk interfaces` lists them{known}")]
    NoSuchInterface {
        /// The name asked for.
        interface: String,
        /// The names that there are, for people.
        known: String,
    },
    /// The system does not allow it.
    #[error("{interface}: capturing needs a privilege. Give it to this program once:\n  sudo {setcap}")]
    NoPrivilege {
        /// The interface asked for.
        interface: String,
        /// The command that gives it.
        setcap: String,
    },
    /// The filter has a name in it that would be looked up over the network.
    #[error(
        "the filter has the name \"{name}\", which would have to be looked up over the network; write its address instead (filter: {filter})"
    )]
    FilterName {
        /// The filter.
        filter: String,
        /// The name in it.
        name: String,
    },
    /// The filter is wrong.
    #[error("the filter \"{filter}\" is wrong: {reason}")]
    Filter {
        /// The filter.
        filter: String,
        /// What libpcap says.
        reason: String,
    },
    /// The file for the packets cannot be made.
    #[error("{name}: {source}")]
    Spool {
        /// The file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// Something else went wrong.
    #[error("{interface}: {reason}")]
    Other {
        /// The interface asked for.
        interface: String,
        /// What libpcap or the system says.
        reason: String,
    },
}

/// How a live capture is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets written to the spool.
    pub packets: u64,
    /// Packets that the kernel's filter let through. On the loopback each counts twice.
    pub received: u64,
    /// Packets that the kernel dropped, because its buffer was full.
    pub dropped_by_kernel: u64,
    /// Packets that the interface or its driver dropped.
    pub dropped_by_interface: u64,
}

/// A live capture. Stops when it is dropped.
#[derive(Debug)]
pub struct Live {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    running: AtomicBool,
    packets: AtomicU64,
    received: AtomicU64,
    dropped_by_kernel: AtomicU64,
    dropped_by_interface: AtomicU64,
    error: Mutex<Option<String>>,
}

impl Live {
    /// Opens the interface and begins. The source has the packets as they come:
    /// [`super::Progress::Waiting`] means that none is there now.
    pub fn start(settings: &Settings) -> Result<(Live, Source), LiveError> {
        if let Some((filter, name)) = settings.filter.as_deref().and_then(|filter| Some((filter, host_name(filter)?)))
        {
            return Err(LiveError::FilterName { filter: filter.to_owned(), name: name.to_owned() });
        }
        let capture = open(settings)?;
        let spool_error = |source| LiveError::Spool { name: spool_name(settings), source };
        let spool = spool(settings).map_err(spool_error)?;
        let reader = spool.try_clone().map_err(spool_error)?;
        let mut writer = begin(spool, settings, &capture).map_err(spool_error)?;
        writer.flush().map_err(spool_error)?;
        let options = Options { tail: true, ..Options::default() };
        let source = Source::from_file(reader, settings.interface.clone(), options)
            .map_err(|error| LiveError::Other { interface: settings.interface.clone(), reason: error.to_string() })?;
        let shared = Arc::new(Shared { running: AtomicBool::new(true), ..Shared::default() });
        let pump = Pump::new(capture, writer, Arc::clone(&shared), settings);
        let growing = source.growing();
        let thread = std::thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || pump.run(&growing))
            .map_err(|error| LiveError::Other { interface: settings.interface.clone(), reason: error.to_string() })?;
        Ok((Live { shared, thread: Some(thread) }, source))
    }

    /// Tells the capture to stop. It does within 200 ms; then the source comes to its end.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
    }

    /// Whether it still captures.
    pub fn is_running(&self) -> bool {
        self.shared.running.load(Ordering::Acquire)
    }

    /// How it is going.
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Why it ended before it was told to: the disk is full, the interface is gone.
    pub fn error(&self) -> Option<String> {
        self.shared.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic there has been printed, and there is nothing to add
        }
    }
}

impl Shared {
    fn counts(&self) -> Counts {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            packets: get(&self.packets),
            received: get(&self.received),
            dropped_by_kernel: get(&self.dropped_by_kernel),
            dropped_by_interface: get(&self.dropped_by_interface),
        }
    }
}

/// Opens the interface, in the mode in which reading never waits.
fn open(settings: &Settings) -> Result<Capture<Active>, LiveError> {
    let failed = |error: ::pcap::Error| open_error(&settings.interface, &error);
    let device = ::pcap::Device::from(settings.interface.as_str());
    let mut capture = Capture::from_device(device)
        .map_err(failed)?
        .snaplen(i32::try_from(settings.snap_length.clamp(1, MAX_PACKET)).unwrap_or(i32::MAX))
        .promisc(settings.promiscuous)
        .buffer_size(i32::try_from(settings.buffer).unwrap_or(i32::MAX))
        .timeout(KERNEL_DELAY_MS)
        .immediate_mode(settings.immediate)
        .precision(if NANOSECONDS { Precision::Nano } else { Precision::Micro })
        .open()
        .map_err(failed)?;
    if settings.interface == "any" && capture.list_datalinks().is_ok_and(|links| links.contains(&SLL2)) {
        capture.set_datalink(SLL2).map_err(failed)?;
    }
    if let Some(filter) = &settings.filter {
        capture
            .filter(filter, true)
            .map_err(|error| LiveError::Filter { filter: filter.clone(), reason: plain(&error) })?;
    }
    capture.setnonblock().map_err(failed)
}

/// Linux cooked v2, which says from which interface each packet of `any` is.
const SLL2: Linktype = Linktype(276);

/// Whether libpcap gives nanoseconds when asked; it says so only where it always does.
const NANOSECONDS: bool = cfg!(target_os = "linux");

fn open_error(interface: &str, error: &::pcap::Error) -> LiveError {
    let reason = plain(error);
    let lower = reason.to_lowercase();
    let interface = interface.to_owned();
    if lower.contains("permission") || lower.contains("not permitted") || lower.contains("cap_net_raw") {
        return LiveError::NoPrivilege { interface, setcap: setcap() };
    }
    if lower.contains("no such device") {
        let names: Vec<String> =
            ::pcap::Device::list().unwrap_or_default().into_iter().map(|device| device.name).collect();
        let known = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        return LiveError::NoSuchInterface { interface, known };
    }
    LiveError::Other { interface, reason }
}

/// An error's text without the crate's prefix.
fn plain(error: &::pcap::Error) -> String {
    match error {
        ::pcap::Error::PcapError(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// The command that lets this program capture without being root.
pub fn setcap() -> String {
    let path = std::env::current_exe().map_or_else(|_| "husk".to_owned(), |path| path.display().to_string());
    let simple = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    let path = if simple { path } else { format!("'{}'", path.replace('\'', r"'\''")) };
    format!("setcap cap_net_raw,cap_net_admin=eip {path}")
}

fn spool_name(settings: &Settings) -> String {
    settings.keep.as_ref().map_or_else(|| "a temporary file".to_owned(), |path| path.display().to_string())
}

/// The file that is written: nobody else may read it.
fn spool(settings: &Settings) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    match &settings.keep {
        Some(path) => File::options().read(true).write(true).create(true).truncate(true).mode(0o600).open(path),
        None => tempfile::tempfile(),
    }
}

fn begin(spool: File, settings: &Settings, capture: &Capture<Active>) -> io::Result<Writer<File>> {
    let section = Section {
        hardware: Some(std::env::consts::ARCH.to_owned()),
        os: Some(std::env::consts::OS.to_owned()),
        application: Some(concat!("husk ", env!("CARGO_PKG_VERSION")).to_owned()),
        ..Section::default()
    };
    let mut writer = Writer::new(spool, &section)?;
    writer.interface(&Interface {
        name: Some(settings.interface.clone()),
        link_type: link_type(capture.get_datalink()),
        snap_length: settings.snap_length,
        filter: settings.filter.clone(),
        ..Interface::default()
    })?;
    Ok(writer)
}

/// The number in files for libpcap's own number, which differs between systems for a few.
fn link_type(datalink: Linktype) -> u32 {
    match datalink.0 {
        11 => 100,      // ATM RFC 1483
        12 | 14 => 101, // raw IP
        other => u32::try_from(other).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_filter_is_refused_before_anything_is_opened() {
        let settings = Settings { filter: Some("host example.org".into()), ..Settings::new("no-such-interface") };
        let error = Live::start(&settings).expect_err("refused");
        assert!(matches!(error, LiveError::FilterName { .. }));
        assert!(error.to_string().contains("example.org"));
    }

    #[test]
    fn a_missing_privilege_gives_the_line_to_type() {
        let error = open_error("eth0", &::pcap::Error::PcapError("socket: Operation not permitted".into()));
        let path = std::env::current_exe().expect("this program");
        assert!(
            error.to_string().ends_with(&format!("sudo setcap cap_net_raw,cap_net_admin=eip {}", path.display())),
            "{error}"
        );
    }
}
