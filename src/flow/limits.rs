//! Every limit of this room, with its reason. What a limit drops is counted in [`Dropped`] and shown.

/// Bytes kept of one side that no message has used yet. The longest message that must be seen whole (a DNS message
/// over TCP is 64 KiB, an HTTP head a quarter of a megabyte in the worst servers).
pub const TAIL: usize = 1 << 20;

/// Bytes kept of one side beyond a hole: a large window's worth.
pub const AHEAD: usize = 4 << 20;

/// Bytes kept beyond holes in all flows together.
pub const AHEAD_TOTAL: usize = 256 << 20;

/// Segments kept of one side beyond a hole.
pub const AHEAD_PIECES: usize = 4096;

/// Runs of classes remembered of one side, so that a retransmission gets the class of the original: some
/// 1,300 TLS records, more than any window holds.
pub const HISTORY: usize = 4096;

/// Bytes of a side by which a protocol must have been recognised.
pub const PROBE: usize = 4096;

/// Datagrams of a flow by which a protocol must have been recognised.
pub const PROBE_DATAGRAMS: u32 = 4;

/// What limits dropped; counted so that it can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Bytes beyond a hole that were let go.
    pub ahead: u64,
    /// Bytes of messages longer than [`TAIL`].
    pub tail: u64,
    /// Fragments that were let go before their datagram was whole.
    pub fragments: u64,
}
