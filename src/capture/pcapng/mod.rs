//! The pcapng format (draft-ietf-opsawg-pcapng): a reader of every block type, and a writer.
//!
//! ```text
//! │ type 4 │ total length 4 │ fixed fields │ data, options (padded to 4) │ total length 4 │
//! ```
//!
//! A file is a sequence of sections, each with its own byte order and interfaces. Blocks that hold
//! nothing for us are jumped over by their length, however long they are.

mod clock;
mod options;
mod read;
mod write;

pub(crate) use read::{Pcapng, recognises};
pub use write::{Counters, PacketInfo, Writer, comment_block, secrets_block};

/// Section header block (4.1); reads the same in both byte orders.
pub(crate) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
/// Interface description block (4.2).
pub(crate) const INTERFACE_DESCRIPTION: u32 = 1;
/// Packet block (appendix A), obsolete.
const PACKET: u32 = 2;
/// Simple packet block (4.4).
const SIMPLE_PACKET: u32 = 3;
/// Name resolution block (4.5).
const NAME_RESOLUTION: u32 = 4;
/// Interface statistics block (4.6).
const INTERFACE_STATISTICS: u32 = 5;
/// Enhanced packet block (4.3).
const ENHANCED_PACKET: u32 = 6;
/// Decryption secrets block (4.7).
const DECRYPTION_SECRETS: u32 = 10;

/// The byte-order mark in a section header.
const BYTE_ORDER_MARK: u32 = 0x1a2b_3c4d;

/// The most bytes of a block without packets that is read as a whole (names, secrets, descriptions);
/// longer ones are an error. Wireshark's limit.
const MAX_BLOCK: u32 = 16 << 20;

/// `length` rounded up to whole 32-bit words.
const fn padded(length: usize) -> usize {
    length.saturating_add(3) & !3
}
