//! What to capture, where it is kept, and when to stop.

use std::path::PathBuf;
use std::time::Duration;

use crate::capture::MAX_PACKET;

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The interfaces.
    pub taps: Vec<Tap>,
    /// The most bytes to keep of a packet.
    pub snap_length: u32,
    /// Whether to ask for packets that are for others.
    pub promiscuous: bool,
    /// Bytes of the kernel's buffer, for each interface.
    pub buffer: u32,
    /// Hand over each packet at once: for low rates only, since it costs the sender too.
    pub immediate: bool,
    /// When to stop without being told.
    pub stop: Stop,
    /// Where to keep what is captured; else it goes to the spool, which is removed at the end.
    pub keep: Option<Keep>,
    /// The folder of the spool, instead of [`super::spool_folder`].
    pub spool: Option<PathBuf>,
    /// Comments on the whole capture.
    pub comments: Vec<String>,
    /// Where a command that runs meanwhile writes its keys: what has this in [`super::KEY_LOG_VARIABLE`] is the
    /// command's. It is removed at the end, with the spool.
    pub key_log: Option<PathBuf>,
}

/// An interface to capture on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Its name, such as `eth0`, or `any` on Linux.
    pub name: String,
    /// A filter for the kernel, in libpcap's language, with numeric addresses only.
    pub filter: Option<String>,
}

/// When a capture stops without being told. Whatever comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// After so many packets.
    pub packets: Option<u64>,
    /// After so long.
    pub duration: Option<Duration>,
    /// After so many bytes were written.
    pub bytes: Option<u64>,
    /// After so many files were written.
    pub files: Option<u32>,
}

/// Files that stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The file; of a ring, what its files' names are made of.
    pub path: PathBuf,
    /// When the next file begins.
    pub ring: Ring,
}

/// When the next file begins, and how many are kept. Without any limit all goes into one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    /// After so many bytes.
    pub bytes: Option<u64>,
    /// After so long.
    pub duration: Option<Duration>,
    /// After so many packets.
    pub packets: Option<u64>,
    /// The oldest file is deleted when there would be more than so many.
    pub files: Option<u32>,
}

impl Ring {
    /// Whether there is ever a next file.
    pub fn turns(&self) -> bool {
        self.bytes.is_some() || self.duration.is_some() || self.packets.is_some()
    }
}

impl Tap {
    /// Everything on an interface.
    pub fn new(name: impl Into<String>) -> Tap {
        Tap { name: name.into(), filter: None }
    }
}

impl Settings {
    /// Everything on some interfaces, with a buffer that holds a burst.
    pub fn new(taps: Vec<Tap>) -> Settings {
        Settings {
            taps,
            snap_length: MAX_PACKET,
            promiscuous: true,
            buffer: 64 << 20,
            immediate: false,
            stop: Stop::default(),
            keep: None,
            spool: None,
            comments: Vec::new(),
            key_log: None,
        }
    }

    /// Everything on one interface.
    pub fn on(interface: impl Into<String>) -> Settings {
        Settings::new(vec![Tap::new(interface)])
    }

    /// The interfaces' names, for people.
    pub fn title(&self) -> String {
        let names: Vec<&str> = self.taps.iter().map(|tap| tap.name.as_str()).collect();
        names.join(", ")
    }
}
