//! The broker: a second process of husk that keeps what the first gives up, and does two things with it.
//!
//! ```text
//! husk ── "next" ─────────────► broker     makes the next file of the spool or ring, deletes the oldest
//!      ◄─ "0 PATH" + the file ──           (as the user who called sudo, if one did)
//!      ── "done" ─────────────►            removes the spool
//!      ◄──────────────────────── owners    which process a socket belongs to, as they come (owners.rs)
//! ```
//!
//! It is started before husk shuts itself in, reads no packet, and understands two words. When husk ends, its socket
//! closes and the broker ends too; a spool of a husk that was killed stays.

mod client;
mod owners;
mod server;

pub(super) use client::Client;
pub(super) use owners::Telling;
pub use server::serve;

use std::path::PathBuf;

use super::files::Files;

/// The hidden command that makes husk a broker.
pub const COMMAND: &str = "__broker";

/// The longest message: a word, and a path.
const LONGEST: usize = 8192;

const NEXT: &[u8] = b"next";
const DONE: &[u8] = b"done";

/// Folders that the broker may read: processes and their sockets, and what names of days need.
fn readable() -> Vec<PathBuf> {
    ["/proc", "/etc/localtime", "/usr/share/zoneinfo"].map(PathBuf::from).to_vec()
}

/// What the broker is told of the files when it starts: six words.
fn words(files: &Files) -> [std::ffi::OsString; 6] {
    files.words()
}
