//! Where packets come from: capture files, pipes, and live interfaces.
//!
//! ```text
//!            open / from_bytes                 next_block                    fetch
//! path ─────────────────────────► Source ───────────────────► Block ─┐   position, captured
//! "-", FIFO, *.gz *.zst *.lz4        │                         │ Head │ ◄── Fetch (any thread,
//! live interface ─► spool file ──────┘                         │ Head │      any time later)
//!                                                              └─ bytes
//! ```
//!
//! ```
//! # use husk::capture::{Block, Progress, Source};
//! # fn count(path: &std::path::Path) -> Result<usize, husk::capture::OpenError> {
//! let mut source = Source::open(path)?;
//! let mut block = Block::new();
//! let mut bytes = 0;
//! while source.next_block(&mut block) == Progress::Packets {
//!     for (_head, packet) in block.packets() {
//!         bytes += packet.len();
//!     }
//! }
//! # Ok(bytes)
//! # }
//! ```
//!
//! - [`Source`] reads forward, a block of many packets at a time, into a buffer that is used again.
//!   It never fails once it is open: on damage it hands out what came before, remembers where and
//!   what ([`Damage`]), and ends. It answers packets, waiting, or end, and a caller who asks again
//!   after the end is told the end again, so no file can make a pass hang.
//! - [`Fetch`] reads any packet again by its position. What cannot be read twice (pipes, compressed
//!   files) is written to an unlinked private file while it is read the first time.
//! - Formats are pure functions over bytes (`pcap.rs`, [`pcapng`]); only [`Source`] does input.
//! - What a capture says besides packets (comments, names, secrets, counters) is kept under limits
//!   in [`Notes`]; what a limit drops is counted.
//!
//! Specifications: [draft-ietf-opsawg-pcap], [draft-ietf-opsawg-pcapng].
//!
//! [draft-ietf-opsawg-pcap]: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
//! [draft-ietf-opsawg-pcapng]: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/

mod block;
#[cfg_attr(not(all(feature = "live", unix)), allow(dead_code, reason = "only live captures write chains"))]
mod chain;
mod damage;
mod fetch;
mod input;
#[cfg(all(feature = "live", unix))]
pub mod interfaces;
pub mod kernel_filter;
pub mod link_type;
#[cfg(all(feature = "live", unix))]
pub mod live;
mod notes;
pub mod owners;
mod pcap;
pub mod pcapng;
pub mod secrets;
mod source;
mod unpack;
mod words;

pub use block::{Block, Head};
pub use damage::{Damage, DamageKind, OpenError, Part};
pub use fetch::Fetch;
pub use notes::{About, Address, Comment, Interface, MAX_INTERFACES, MAX_REMEMBERED, Name, Notes, Section};
pub use secrets::{KeyLog, Secret, SecretsBlock};
pub use source::{Growing, Options, Progress, Source};

/// Time of a packet: nanoseconds since 1970-01-01T00:00:00Z. Saturates in the years 1677 and 2262.
pub type Nanos = i64;

/// The most bytes that one packet may have. Wireshark's limit for most link types; a greater number
/// in a record header is taken for a lie, so that a wrong length does not swallow the rest of a file.
pub const MAX_PACKET: u32 = 262_144;

/// The most bytes that one packet may have on link types that carry whole transfers (USB, D-Bus),
/// or where the capture itself announces a snap length beyond [`MAX_PACKET`].
pub const MAX_LARGE_PACKET: u32 = 128 << 20;

/// How many bytes are read at once, unless [`Options`] say otherwise: large enough to make system
/// calls rare, small enough to stay in a processor's second cache.
pub const BLOCK_SIZE: usize = 256 << 10;

/// The largest packet to believe for a link type and an announced snap length (0: not announced).
pub(crate) fn largest_packet(link_type: u32, snap_length: u32) -> u32 {
    const LINUX_USB: u32 = 189;
    const LINUX_USB_MMAPPED: u32 = 220;
    const DBUS: u32 = 231;
    const USBPCAP: u32 = 249;
    const EBHSCR: u32 = 279;
    match link_type {
        LINUX_USB | LINUX_USB_MMAPPED | DBUS | USBPCAP | EBHSCR => MAX_LARGE_PACKET,
        _ => snap_length.clamp(MAX_PACKET, MAX_LARGE_PACKET),
    }
}
