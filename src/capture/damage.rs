//! What can be wrong with a capture, said so that somebody can act on it.

use std::io;
use std::path::PathBuf;

use crate::bytes::escape;

/// Something wrong in a capture. Everything before it was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {what}")]
pub struct Damage {
    /// Offset in the uncompressed capture of the record or block that is wrong.
    pub offset: u64,
    /// What is wrong there.
    pub what: DamageKind,
}

/// The piece of a capture that was being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The header of the whole file (pcap) or its first block (pcapng).
    FileHeader,
    /// The header before a packet (pcap).
    RecordHeader,
    /// A packet's bytes (pcap).
    Packet,
    /// The type and length of a block (pcapng).
    BlockHeader,
    /// A block's body and trailing length (pcapng).
    Block,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Part::FileHeader => "the file's header",
            Part::RecordHeader => "a packet's header",
            Part::Packet => "a packet",
            Part::BlockHeader => "a block's header",
            Part::Block => "a block",
        })
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DamageKind {
    /// The capture ends in the middle of something.
    #[error("the capture ends within {part}: {there} of {needed} bytes are there")]
    Cut {
        /// What was being read.
        part: Part,
        /// Bytes it should have.
        needed: u64,
        /// Bytes that are there.
        there: u64,
    },
    /// A record's length is beyond what a packet can have.
    #[error("a packet claims {captured} captured bytes, more than the limit of {limit}")]
    PacketTooLong {
        /// What the record says.
        captured: u32,
        /// The most that is believed.
        limit: u32,
    },
    /// A block's total length cannot be true.
    #[error(
        "a block of type 0x{block_type:08x} claims a total length of {length} bytes, less than the {least} it needs"
    )]
    BlockTooShort {
        /// The block's type.
        block_type: u32,
        /// What it says.
        length: u32,
        /// What its fixed fields need.
        least: u32,
    },
    /// A block that must be read as a whole is beyond the limit.
    #[error("a block of type 0x{block_type:08x} claims {length} bytes, more than the limit of {limit}")]
    BlockTooLong {
        /// The block's type.
        block_type: u32,
        /// What it says.
        length: u32,
        /// The most that is believed.
        limit: u32,
    },
    /// The length at a block's end differs from the one at its start.
    #[error(
        "a block of type 0x{block_type:08x} gives its length as {leading} at its start and as {trailing} at its end"
    )]
    LengthsDiffer {
        /// The block's type.
        block_type: u32,
        /// The length at its start.
        leading: u32,
        /// The length at its end.
        trailing: u32,
    },
    /// A packet block's captured length is beyond its block.
    #[error("a packet claims {captured} captured bytes, but its block has room for {room}")]
    PacketBeyondBlock {
        /// What the block says.
        captured: u32,
        /// What there is room for.
        room: u32,
    },
    /// A section does not say its byte order.
    #[error("a section header has the byte-order mark 0x{mark:08x}, which is none")]
    ByteOrder {
        /// The word in the mark's place.
        mark: u32,
    },
    /// A packet refers to an interface that its section did not describe.
    #[error("a packet was captured on interface {interface}, but its section describes {described}")]
    NoSuchInterface {
        /// The interface's number in its section.
        interface: u32,
        /// How many there are.
        described: u32,
    },
    /// More interfaces than the limit.
    #[error("more than {limit} interfaces")]
    TooManyInterfaces {
        /// The limit.
        limit: u32,
    },
    /// What came in a growing or compressed input is not a capture.
    #[error("this is not a capture: {0}")]
    NotACapture(String),
    /// The file became shorter while it was read.
    #[error("the file became shorter while it was read: it now has {length} bytes")]
    Shrunk {
        /// Its length now.
        length: u64,
    },
    /// The compressed data are wrong.
    #[error("the {format} data cannot be unpacked further: {reason}")]
    Unpack {
        /// The compression's name.
        format: &'static str,
        /// What the unpacker says.
        reason: String,
    },
    /// The compressed data become too much.
    #[error(
        "the {format} data unpack to more than {times} times their size, as no capture does: the rest is left out"
    )]
    Bomb {
        /// The compression's name.
        format: &'static str,
        /// The most times that are believed.
        times: u64,
    },
    /// Reading failed.
    #[error("reading failed: {0}")]
    Read(String),
    /// What was read could not be kept for reading it again.
    #[error("writing the temporary copy failed: {0}")]
    Spool(String),
}

/// Why a capture could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file.
    #[error("{}: there is no such file", escape(&.0.to_string_lossy()))]
    NotFound(PathBuf),
    /// It is a directory.
    #[error("{}: this is a directory", escape(&.0.to_string_lossy()))]
    Directory(PathBuf),
    /// It has no bytes.
    #[error("{}: empty, not even a capture's header is there", escape(.name))]
    Empty {
        /// The file's name.
        name: String,
    },
    /// It is something else.
    #[error("{}: not a capture that husk can read: {looks}", escape(.name))]
    NotACapture {
        /// The file's name.
        name: String,
        /// What it looks like, with its first bytes.
        looks: String,
    },
    /// It begins as a capture and ends within its header.
    #[error("{}: cut off within the file's header: {there} bytes are there", escape(.name))]
    Cut {
        /// The file's name.
        name: String,
        /// Bytes that are there.
        there: usize,
    },
    /// It is compressed, and what it holds could not be unpacked at all.
    #[error("{}: the {format} data cannot be unpacked: {reason}", escape(.name))]
    Unpack {
        /// The file's name.
        name: String,
        /// The compression's name.
        format: &'static str,
        /// What the unpacker says.
        reason: String,
    },
    /// Opening or reading failed.
    #[error("{}: {source}", escape(.name))]
    Io {
        /// The file's name.
        name: String,
        /// What the system says.
        source: io::Error,
    },
}

/// Says what the first bytes of a file that is no capture look like.
pub(crate) fn looks_like(first: &[u8]) -> String {
    let known: &[(&[u8], &str)] = &[
        (b"snoop\0\0\0", "a Solaris snoop capture; convert it with `editcap -F pcapng`"),
        (b"GMBU", "a Microsoft Network Monitor capture; convert it with `editcap -F pcapng`"),
        (b"RTSS", "a Microsoft Network Monitor 1 capture; convert it with `editcap -F pcapng`"),
        (b"TRSNIFF data", "a Sniffer capture; convert it with `editcap -F pcapng`"),
        (b"btsnoop\0", "a Bluetooth snoop log; convert it with `editcap -F pcapng`"),
        (b"\xfd7zXZ\0", "xz-compressed; unpack it first with `xz -d`"),
        (b"BZh", "bzip2-compressed; unpack it first with `bzip2 -d`"),
        (b"PK\x03\x04", "a zip archive; unpack it first"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
        (b"\x7fELF", "a program (ELF)"),
        (b"\x89PNG", "a picture (PNG)"),
        (b"%PDF", "a PDF document"),
        (b"CLIENT_", "a TLS key log; give it with --keylog"),
        (b"# SSL/TLS secrets", "a TLS key log; give it with --keylog"),
    ];
    if let Some((_, what)) = known.iter().find(|(magic, _)| first.starts_with(magic)) {
        return (*what).to_owned();
    }
    let head = first.get(..first.len().min(16)).unwrap_or_default();
    let hex: Vec<String> = head.iter().map(|b| format!("{b:02x}")).collect();
    let text = !head.is_empty() && head.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    if text {
        let shown: String = head.iter().map(|&b| if b < b' ' { ' ' } else { char::from(b) }).collect();
        format!("it begins with the text \"{}\"", shown.trim())
    } else {
        format!("it begins with {}", hex.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_are_named_or_shown() {
        assert!(looks_like(b"\x7fELF\x02").contains("ELF"));
        assert_eq!(looks_like(b"Hello, world\n"), "it begins with the text \"Hello, world\"");
        assert_eq!(looks_like(&[0, 1, 0x1b]), "it begins with 00 01 1b");
    }

    #[test]
    fn damage_says_where_and_what() {
        let damage = Damage { offset: 40, what: DamageKind::Cut { part: Part::Packet, needed: 60, there: 12 } };
        assert_eq!(damage.to_string(), "at byte 40: the capture ends within a packet: 12 of 60 bytes are there");
    }
}
