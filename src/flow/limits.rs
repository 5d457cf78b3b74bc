//! Every limit of this room, with its reason. What a limit drops is counted in [`Dropped`] and shown.

/// Bytes kept of one side that no message has used yet, and the most that a dialogue is shown at once. The longest
/// message that must be seen whole (a DNS message over TCP is 64 KiB, an HTTP head a quarter of a megabyte in the
/// worst servers). Of a longer one so many bytes stay Unknown, and its dialogue is told that it lost the thread.
pub const TAIL: usize = 1 << 20;

/// Bytes kept of a message that is read in parts, for a tree: bodies that are looked at are rarely longer, and a pass
/// without a tree keeps none.
pub const PARTS: usize = 4 << 20;

/// Beyond so many unread bytes a dialogue is asked again only when there is an eighth more: a message that grows
/// by a byte a packet would otherwise be looked through from its start each time. It is asked in any case when the
/// other side speaks, which may be the answer.
pub const EAGER: usize = 16 << 10;

/// Bytes kept of one side beyond a hole: a large window's worth.
pub const AHEAD: usize = 4 << 20;

/// Segments kept of one side beyond a hole: a large window's worth of full ones, twice over.
pub const AHEAD_PIECES: usize = 4096;

/// How far beyond what is expected a segment may lie. No window is larger (RFC 7323, section 2.3).
pub const FARTHEST: u64 = 1 << 30;

/// Bytes kept in all flows together, before messages use them and beyond holes.
pub const HELD: usize = 512 << 20;

/// Pieces remembered of the unread bytes of one side: a megabyte of segments of 64 bytes.
pub const PIECES: usize = 16 << 10;

/// Ticks by which a timestamp may lie behind the latest one of its side before its segment counts as one that
/// the receiver refuses (RFC 7323, section 5). Ten seconds of the usual clock: a capture may mix up the
/// order of packets, but not by so much.
pub const OLD_TICKS: i32 = 10_000;

/// Runs of classes remembered of one side, so that a retransmission gets the class of the original: some
/// 1,300 TLS records, more than any window holds.
pub const HISTORY: usize = 4096;

/// Bytes of a side by which a protocol must have been recognised; probes are shown no more.
pub const PROBE: usize = 4096;

/// Bytes from the start of a side in which the opening of another protocol is looked for, if nobody reads what is
/// spoken (STARTTLS and its like, a proxy's prelude). Whoever agrees on another protocol does so before the work
/// begins: greetings, capabilities and an exchange or two, of which the longest are some kilobytes. Behind it bytes
/// that nobody reads cost nothing.
pub const OPENING: u64 = 16 << 10;

/// Datagrams of a flow by which a protocol must have been recognised.
pub const PROBE_DATAGRAMS: u32 = 4;

/// Datagrams that wait for fragments at the same time: Linux keeps about as many in its 4 MiB.
pub const FRAGMENT_DATAGRAMS: usize = 4096;

/// Bytes that wait in fragments, of all datagrams together.
pub const FRAGMENT_BYTES: usize = 16 << 20;

/// Packets that carry one datagram: 65,535 bytes in fragments of 8 bytes, the smallest that there are.
pub const FRAGMENTS: usize = 8192;

/// How long a datagram waits, in nanoseconds: RFC 8200, section 4.5 says 60 seconds, RFC 1122, section 3.3.2 at least 60.
pub const FRAGMENT_TIME: i64 = 60_000_000_000;

/// Datagrams put together within one packet: fragments within fragments, as tunnels make them.
pub const NESTED_DATAGRAMS: usize = 8;

/// Questions of a flow that wait for an answer. HTTP/1.1 clients pipeline a handful; a resolver behind one port asks
/// some hundreds at a time.
pub const QUESTIONS: usize = 1024;

/// Questions to everybody (ARP, DHCP and their like) that are remembered, of all flows together: a sweep over 16,384
/// addresses within the time that an answer takes.
pub const CALLS: usize = 16 << 10;

/// Endpoints that were announced (files over FTP, media over SIP) and have not spoken yet: a busy exchange's calls.
pub const ANNOUNCED: usize = 4096;

/// What limits dropped; counted so that it can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Bytes beyond a hole that were let go.
    pub ahead: u64,
    /// Bytes of segments farther from what was expected than any window ([`FARTHEST`]).
    pub astray: u64,
    /// Bytes whose packet could not be remembered ([`PIECES`]).
    pub pieces: u64,
    /// Bytes of messages longer than [`TAIL`].
    pub tail: u64,
    /// Packets whose fragments were let go before their datagram was whole.
    pub fragments: u64,
    /// Questions that were forgotten before an answer came ([`QUESTIONS`], [`CALLS`]).
    pub questions: u64,
    /// Endpoints that were announced and forgotten ([`ANNOUNCED`]).
    pub announced: u64,
}

impl Dropped {
    /// Whether nothing was dropped.
    pub fn is_nothing(&self) -> bool {
        *self == Dropped::default()
    }
}
