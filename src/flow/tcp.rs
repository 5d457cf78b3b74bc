//! TCP within a flow: where a segment's bytes stand in its side's stream, and what is noted of it.

use super::note;
use super::stream::Stream;
use crate::bytes::{Tree, Value};
use crate::protocols::tcp::{analysis as fields, options};
use crate::protocols::{Side, TcpOutline};

/// Offset at which a side's stream begins: room before it for what was sent before the capture began.
pub(super) const ORIGIN: u64 = 1 << 32;

/// What the window of a side is to be multiplied with (RFC 7323, section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Scale {
    /// The handshake was not seen.
    #[default]
    Unknown,
    /// One of the two did not offer it.
    Unused,
    /// Windows are shifted by so many bits.
    Shift(u8),
}

impl Scale {
    /// As the field says it: -1 unknown, -2 not used, else the factor.
    fn factor(self) -> i64 {
        match self {
            Scale::Unknown => -1,
            Scale::Unused => -2,
            Scale::Shift(shift) => 1 << shift,
        }
    }
}

/// One side's numbers.
#[derive(Clone, Debug, Default)]
struct Numbers {
    /// The sequence number that is called 0: of the SYN, or one before the first byte seen or acknowledged.
    base: Option<u32>,
    /// Sequence number of stream offset [`ORIGIN`].
    first: Option<u32>,
    scale: Scale,
}

/// What was seen of a connection's course: the bits of `tcp.completeness`.
mod course {
    pub(super) const SYN: u8 = 1;
    pub(super) const SYN_ACK: u8 = 2;
    pub(super) const ACK: u8 = 4;
    pub(super) const DATA: u8 = 8;
    pub(super) const FIN: u8 = 16;
    pub(super) const RST: u8 = 32;
}

/// Both sides of a TCP flow.
#[derive(Clone, Debug, Default)]
pub struct Tcp {
    numbers: [Numbers; 2],
    streams: [Stream; 2],
    /// Time of the packet before; none before the first.
    previous: Option<i64>,
    course: u8,
}

/// A header as the flow sees it: who sent it, when, and where its tree is.
pub(super) struct Observed<'a> {
    pub(super) side: Side,
    pub(super) header: &'a TcpOutline,
    pub(super) time: i64,
    /// Time of the flow's first packet.
    pub(super) begin: i64,
    pub(super) depth: u8,
}

impl Tcp {
    /// An earlier connection had the same ports: this one began with a SYN.
    pub(super) fn reuse_ports(&mut self) {
        self.course = course::SYN;
    }

    /// The stream of `side` and the other one.
    pub(super) fn streams(&mut self, side: Side) -> (&mut Stream, &mut Stream) {
        let [client, server] = &mut self.streams;
        match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        }
    }

    fn numbers(&mut self, side: Side) -> (&mut Numbers, &mut Numbers) {
        let [client, server] = &mut self.numbers;
        match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        }
    }

    /// Bytes that arrived again with another content.
    pub fn conflicts(&self) -> u32 {
        self.streams.iter().map(|stream| stream.conflicts).sum()
    }

    /// Bytes known to be missing, of both sides.
    pub fn missing(&self) -> u64 {
        self.streams.iter().map(|stream| stream.missing).sum()
    }

    /// Whether this header opens another connection between the same ports: a SYN whose number is not that
    /// of the connection known.
    pub(super) fn begins_anew(&self, side: Side, header: &TcpOutline) -> bool {
        let numbers = match (&self.numbers, side) {
            ([client, _], Side::Client) => client,
            ([_, server], Side::Server) => server,
        };
        header.flags & (TcpOutline::SYN | TcpOutline::ACK) == TcpOutline::SYN
            && numbers.base.is_some_and(|base| base != header.seq)
    }

    /// Takes note of a header; returns the stream offset of its payload.
    pub(super) fn observe(&mut self, seen: &Observed<'_>, mut tree: Option<&mut Tree>) -> u64 {
        let Observed { side, header, depth, .. } = *seen;
        self.find_bases(side, header);
        if let Some(tree) = tree.as_deref_mut() {
            self.note_numbers(seen, tree);
        }
        self.move_on(header);
        self.previous = Some(seen.time);
        self.negotiate_scale(side, header);
        if header.sack_blocks > 0
            && let Some(tree) = tree
        {
            self.note_sack(side, header, depth, tree);
        }
        self.offset(side, header)
    }

    /// Finds the numbers that are called 0, as tshark does: the SYN's; one before the first byte seen of a side
    /// whose SYN was not seen; one before what the other side acknowledges. A SYN/ACK with another number wins.
    fn find_bases(&mut self, side: Side, header: &TcpOutline) {
        let (mine, theirs) = self.numbers(side);
        if header.has(TcpOutline::SYN | TcpOutline::ACK) && mine.base.is_some() {
            mine.base = Some(header.seq);
        }
        if header.length.is_none() {
            return;
        }
        let syn = header.has(TcpOutline::SYN);
        mine.base.get_or_insert(if syn { header.seq } else { header.seq.wrapping_sub(1) });
        if header.has(TcpOutline::ACK) {
            theirs.base.get_or_insert(header.ack.wrapping_sub(1));
        }
    }

    fn note_numbers(&mut self, seen: &Observed<'_>, tree: &mut Tree) {
        let Observed { side, header, depth, .. } = *seen;
        let course = self.course;
        let previous = self.previous.unwrap_or(seen.time);
        let (mine, theirs) = self.numbers(side);
        let mut say = |field, value| note(tree, depth, field, Value::Number(value));
        say(&fields::COMPLETENESS, course.into());
        // Without a length nothing is known of where the segment stands: the numbers stay as they are.
        let known = header.length.is_some();
        let seq = header.seq.wrapping_sub(mine.base.filter(|_| known).unwrap_or(0));
        let ack = match theirs.base {
            Some(base) if known && header.has(TcpOutline::ACK) => header.ack.wrapping_sub(base),
            _ => header.ack,
        };
        say(&fields::SEQ, seq.into());
        if let Some(length) = header.length {
            let counted = u32::from(header.flags & (TcpOutline::SYN | TcpOutline::FIN) != 0);
            say(&fields::LENGTH, length.into());
            say(&fields::NEXT_SEQ, seq.wrapping_add(length).wrapping_add(counted).into());
        }
        say(&fields::ACKNOWLEDGMENT, ack.into());
        let syn = header.has(TcpOutline::SYN);
        let window = match mine.scale {
            // The window of a SYN is never scaled (RFC 7323, section 2.2).
            Scale::Shift(shift) if known && !syn => u64::from(header.window) << shift,
            _ => header.window.into(),
        };
        say(&fields::WINDOW_SCALED, window);
        if !syn {
            note(tree, depth, &fields::SCALE_FACTOR, Value::Signed(mine.scale.factor()));
        }
        note(tree, depth, &fields::TIME_RELATIVE, Value::Signed(seen.time - seen.begin));
        note(tree, depth, &fields::TIME_DELTA, Value::Signed(seen.time - previous));
    }

    /// Moves the connection's course on.
    fn move_on(&mut self, header: &TcpOutline) {
        let data = header.length.is_some_and(|length| length > 0);
        let flags = header.flags;
        let (syn, ack) = (flags & TcpOutline::SYN != 0, flags & TcpOutline::ACK != 0);
        let is_first = self.previous.is_none();
        self.course |= match (syn, ack, is_first) {
            (true, false, true) => course::SYN | if data { course::DATA } else { 0 },
            (true, true, false) => course::SYN_ACK,
            (false, true, false) if data => course::DATA,
            (false, true, false) => course::ACK,
            _ => 0,
        };
        if !is_first && header.has(TcpOutline::FIN | TcpOutline::ACK) {
            self.course |= course::FIN;
        }
        if !is_first && header.has(TcpOutline::RST) {
            self.course |= course::RST;
        }
    }

    /// Window scaling is in use only if both SYNs offer it (RFC 7323, section 2.2).
    fn negotiate_scale(&mut self, side: Side, header: &TcpOutline) {
        let (mine, theirs) = self.numbers(side);
        if let Some(shift) = header.window_scale {
            mine.scale = Scale::Shift(shift);
        }
        if !header.has(TcpOutline::SYN) {
            return;
        }
        if mine.scale == Scale::Unknown {
            mine.scale = Scale::Unused;
            theirs.scale = Scale::Unused;
        } else if header.has(TcpOutline::ACK) && theirs.scale == Scale::Unused {
            mine.scale = Scale::Unused;
        }
    }

    /// SACK edges are noted by the header as they stand; here they become relative. A first block that lies
    /// below what is acknowledged, or within the second, reports a duplicate (RFC 2883, section 4).
    fn note_sack(&mut self, side: Side, header: &TcpOutline, depth: u8, tree: &mut Tree) {
        let base = self.numbers(side).1.base.unwrap_or(0);
        tree.make_relative(&options::SACK_LEFT, base);
        tree.make_relative(&options::SACK_RIGHT, base);
        let after = |a: u32, b: u32| a.wrapping_sub(b) as i32;
        let [(left, right), (second_left, second_right), ..] = header.sack;
        let within = header.sack_blocks > 1 && after(second_left, right) < 0 && after(second_right, right) >= 0;
        if after(right, header.ack) <= 0 || within {
            note(tree, depth, &options::DSACK_LEFT, Value::Number(left.wrapping_sub(base).into()));
            note(tree, depth, &options::DSACK_RIGHT, Value::Number(right.wrapping_sub(base).into()));
        }
    }

    /// The stream offset of a segment's payload.
    fn offset(&mut self, side: Side, header: &TcpOutline) -> u64 {
        let (mine, _) = self.numbers(side);
        // A SYN takes the number before the first byte.
        let first = header.seq.wrapping_add(u32::from(header.has(TcpOutline::SYN)));
        let origin = *mine.first.get_or_insert(first);
        let (stream, _) = self.streams(side);
        if stream.next() == 0 {
            stream.begin_at(ORIGIN);
        }
        // The offset nearest to what is expected: sequence numbers wrap.
        let expected = stream.next();
        let expected_seq = origin.wrapping_add((expected - ORIGIN) as u32);
        let distance = i64::from(first.wrapping_sub(expected_seq) as i32);
        expected.saturating_add_signed(distance)
    }

    /// Whether `header`, sent by `side`, acknowledges bytes beyond a hole of the other side.
    pub(super) fn acknowledged_beyond_hole(&mut self, side: Side, header: &TcpOutline, segments: usize) -> bool {
        const PATIENCE: usize = 3;
        let origin = self.numbers(side).1.first.unwrap_or(0);
        let (_, theirs) = self.streams(side);
        let expected_seq = origin.wrapping_add((theirs.next().saturating_sub(ORIGIN)) as u32);
        (header.ack.wrapping_sub(expected_seq) as i32) > 0 && segments >= PATIENCE
    }
}
