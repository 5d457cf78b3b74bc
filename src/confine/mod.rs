//! Shuts the process in before the first packet is dissected: whoever writes packets must not gain by a mistake in
//! reading them.
//!
//! | layer | takes away |
//! |---|---|
//! | privileges ([`give_up`]) | root, groups, capabilities, and that a started program could have more |
//! | Landlock | every file that is not in [`Needs`], connecting and listening over TCP, signals to others |
//! | seccomp | every system call that reading packets does not need: starting programs, sockets, sending, debugging |
//!
//! All three hold for the calling thread and the threads that it starts later: so this comes before any thread. None
//! of them can be taken back. What the kernel does not offer is told in [`Protection`], not passed over.
//!
//! On systems other than Linux nothing of this exists, and [`Protection`] says so.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;
#[cfg(all(feature = "live", target_os = "linux"))]
mod privileges;

use std::fmt;
use std::path::PathBuf;

#[cfg(all(feature = "live", target_os = "linux"))]
pub use privileges::{Now, give_up, invoker};

/// What the process needs from here on.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Files and folders that may be read.
    pub read: Vec<PathBuf>,
    /// Folders in which files may be made, written, read and deleted.
    pub write: Vec<PathBuf>,
    /// Sockets that only receive: nothing may be written to them.
    pub mute: Vec<i32>,
    /// Whether messages may be sent over sockets that are open, and the system's tables read: the broker's part.
    pub broker: bool,
}

/// How far the process may touch files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landlock {
    /// Only what it needs.
    Full,
    /// The same, but this kernel cannot hold back some other things (TCP before Linux 6.7, signals before 6.12).
    Partial,
    /// The kernel has no Landlock, or it is switched off.
    None,
}

/// What protects the machine from a mistake in reading packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Files.
    pub landlock: Landlock,
    /// System calls; or why they are not filtered.
    pub calls: Result<(), String>,
}

impl Protection {
    /// Whether anything is missing.
    pub fn is_whole(&self) -> bool {
        self.landlock != Landlock::None && self.calls.is_ok()
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.landlock {
            Landlock::Full => "files by Landlock",
            Landlock::Partial => "files by Landlock (an older one)",
            Landlock::None => "files not: this kernel has no Landlock",
        })?;
        match &self.calls {
            Ok(()) => f.write_str(", system calls by seccomp"),
            Err(why) => write!(f, ", system calls not: {why}"),
        }
    }
}

/// Shuts the calling thread, and those that it starts later, in.
#[cfg(target_os = "linux")]
pub fn enter(needs: &Needs) -> Protection {
    Protection { landlock: files::restrict(needs), calls: calls::filter(needs) }
}

/// Only filters system calls: for a thread that must see other processes, which Landlock would hide.
#[cfg(target_os = "linux")]
pub fn enter_calls(needs: &Needs) -> Result<(), String> {
    calls::filter(needs)
}

/// Shuts nothing in: there is nothing to do it with.
#[cfg(not(target_os = "linux"))]
pub fn enter(_needs: &Needs) -> Protection {
    Protection { landlock: Landlock::None, calls: Err("only Linux can filter them".to_owned()) }
}
