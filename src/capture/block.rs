//! Many packets at once, in a buffer that is used again.

use super::Nanos;

/// One packet's place and circumstances. Its bytes are in the [`Block`] that it came with, and
/// later wherever [`super::Fetch`] finds them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// When it was captured; 0 if the capture does not say ([`Head::timed`]).
    pub time: Nanos,
    /// Offset of the packet's first byte in the uncompressed capture: what [`super::Fetch`] wants.
    pub position: u64,
    /// Offset of the packet's first byte in its block.
    pub start: u32,
    /// Bytes that were captured.
    pub captured: u32,
    /// Bytes that the packet had on the wire. Some writers give less than was captured; then it is
    /// shown as it is.
    pub length: u32,
    /// Index into [`super::Source::interfaces`], over all sections of the capture.
    pub interface: u32,
    /// The link layer's flags as pcapng's epb_flags has them (direction in bits 0-1, reception
    /// type in 2-4, FCS length in 5-8, link errors in 16-31); 0 if not given.
    pub flags: u32,
    /// Whether the capture gives a time (pcapng's simple packet block does not).
    pub timed: bool,
}

impl Head {
    /// Bytes that were on the wire but not captured.
    pub fn missing(&self) -> u32 {
        self.length.saturating_sub(self.captured)
    }
}

/// Packets of one read, and the bytes they lie in.
///
/// ```text
/// bytes: │ header │ packet 1 │ header │ packet 2 │ ... │ header │ pack (the rest is in the next block)
///                 └ heads[0].start    └ heads[1].start
/// ```
#[derive(Debug, Default)]
pub struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) heads: Vec<Head>,
}

impl Block {
    /// An empty block; its buffer grows to the source's block size when it is first filled.
    pub fn new() -> Block {
        Block::default()
    }

    /// The packets, in the order of the capture.
    pub fn packets(&self) -> impl Iterator<Item = (&Head, &[u8])> + '_ {
        self.heads.iter().map(|head| (head, self.bytes_of(head)))
    }

    /// The packets' heads, in the order of the capture.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The bytes of a packet of this block; empty for a head that is not from this block.
    pub fn bytes_of(&self, head: &Head) -> &[u8] {
        let start = head.start as usize;
        self.bytes.get(start..start.saturating_add(head.captured as usize)).unwrap_or_default()
    }

    /// How many packets there are.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there is no packet.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }
}
