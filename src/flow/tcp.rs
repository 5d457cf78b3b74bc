//! TCP within a flow: where a segment's bytes stand in its side's stream, and what is noted of it.
//!
//! What a receiver refuses and a passive reader can tell that it does:
//!
//! - A segment whose timestamp is far older than the latest one of its side is not read (RFC 7323, section 5.3):
//!   the receiver drops it, and whoever sends one means to deceive a reader.
//! - A segment farther from what is expected than any window is not read.
//!
//! What a passive reader cannot tell, and how it is read:
//!
//! - Checksums are not verified: a capture on the sending host holds unfinished ones, and it would read every payload.
//!   A segment that the receiver drops for its checksum, or that never reaches it (a low TTL), is read if it comes
//!   first; the real one is then counted as a conflict. Whoever has the stream put together again gets the real
//!   one ([`crate::explain::stream`]), for there both packets can be looked at.
//! - Urgent data is part of the stream (RFC 6093, section 3.1). Data of a SYN is part of the stream (RFC 7413).
//! - A reset ends a connection if its number is exactly the one expected (RFC 5961, section 3.2). What comes
//!   later reaches nobody, so it is no part of the stream put together again; but whoever listens sees it,
//!   so it is still read and classed. If the side that sent the reset goes on, the reset was not its own.
//!   Data of a reset says why, to people (RFC 9293, section 3.5.3); it is no part of the stream.

use super::analysis::{Analysis, Judged};
use super::segment::Segment;
use super::sides::Sides;
use super::speech::Reader;
use super::stream::Stream;
use super::{Books, limits, note};
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
    /// Stream offset of its FIN.
    fin: Option<u64>,
    /// The latest timestamp of what came in order.
    recent: Option<u32>,
    /// What it acknowledged last.
    acknowledged: Option<u32>,
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
    sides: Sides,
    /// Time of the packet before; none before the first.
    previous: Option<i64>,
    course: u8,
    /// What the numbers tell of the network; only where a tree may show it.
    analysis: Option<Box<Analysis>>,
    /// Whether an earlier connection had the same ports.
    reuses_ports: bool,
    /// Which side reset the connection.
    reset_by: Option<Side>,
}

/// A header that arrived, and when.
pub(super) struct Arrived<'a> {
    pub(super) header: &'a TcpOutline,
    pub(super) time: i64,
    /// Time of the flow's first packet.
    pub(super) begin: i64,
}

impl Tcp {
    /// Looks at what every segment changes, only to have it near. What comes of it means nothing.
    #[inline]
    pub(super) fn touch(&self) -> u64 {
        let [client, server] = self.sides.both();
        let [one, other] = &self.numbers;
        let numbers = one.acknowledged.unwrap_or(0) ^ other.acknowledged.unwrap_or(0);
        client.next() ^ server.next() ^ u64::from(numbers) ^ u64::from(self.course)
    }

    /// An earlier connection had the same ports: this one began with a SYN.
    pub(super) fn reuse_ports(&mut self) {
        self.course = course::SYN;
        self.reuses_ports = true;
    }

    /// Whether the connection was open, as far as was seen: the client acknowledged the answer to its SYN, or bytes
    /// flowed, or it was open before the capture began.
    pub fn is_open(&self) -> bool {
        let seen = |flags: u8| self.course & flags == flags;
        seen(course::DATA)
            || seen(course::SYN | course::SYN_ACK | course::ACK)
            || !seen(course::SYN) && seen(course::ACK)
    }

    /// Whether a side reset it, or refused to open it.
    pub fn was_reset(&self) -> bool {
        self.course & course::RST != 0
    }

    /// Whether the other side acknowledged bytes of `side`: they arrived at its TCP.
    pub fn was_heard(&self, side: Side) -> bool {
        let [client, server] = &self.numbers;
        let (mine, theirs) = if side == Side::Client { (client, server) } else { (server, client) };
        let behind = mine.first.zip(theirs.acknowledged).map(|(first, ack)| ack.wrapping_sub(first));
        behind.is_some_and(|behind| behind > 0 && behind < 1 << 31)
    }

    /// The stream of `side` and the other one.
    pub(super) fn streams(&mut self, side: Side) -> (&mut Stream, &mut Stream) {
        self.sides.of(side)
    }

    fn numbers(&mut self, side: Side) -> (&mut Numbers, &mut Numbers) {
        let [client, server] = &mut self.numbers;
        match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        }
    }

    /// Offset of the first byte of a side's stream, as messages count.
    pub fn begin(&self, side: Side) -> u64 {
        self.sides.both().get(side.index()).map_or(0, Stream::begin)
    }

    /// Segments that arrived again with another content, as far as the first bytes were still kept. Where
    /// segments were [repeated](Tcp::repeated), [`crate::explain::stream`] compares all of them.
    pub fn conflicts(&self) -> u32 {
        self.sides.both().iter().map(|stream| stream.conflicts).fold(0, u32::saturating_add)
    }

    /// Segments that arrived again, in whole or in part.
    pub fn repeated(&self) -> u32 {
        self.sides.both().iter().map(|stream| stream.repeated).fold(0, u32::saturating_add)
    }

    /// Bytes known to be missing, of both sides.
    pub fn missing(&self) -> u64 {
        self.sides.both().iter().map(|stream| stream.missing).sum()
    }

    /// About how many bytes of memory it takes, beside the bytes of the stream that are held.
    pub(super) fn weight(&self) -> usize {
        let remembered: usize = self.sides.both().iter().map(Stream::weight).sum();
        size_of::<Tcp>() + remembered + self.analysis.as_ref().map_or(0, |analysis| analysis.weight())
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

    /// Takes a segment: notes what follows from its numbers, reads what is new of it.
    pub(super) fn arrive<B: Books>(&mut self, arrived: &Arrived<'_>, segment: Segment<'_>, r: &mut Reader<'_, B>) {
        let (side, header) = (r.side, arrived.header);
        let begins_anew = self.find_bases(side, header);
        if let Some(tree) = r.tree.as_deref_mut() {
            self.note_numbers(arrived, side, r.desk.depth, tree);
        }
        if r.desk.gather {
            self.judge(arrived, &segment, begins_anew, r);
        }
        self.move_on(header);
        self.previous = Some(arrived.time);
        self.negotiate_scale(side, header);
        if header.sack_blocks > 0
            && let Some(tree) = r.tree.as_deref_mut()
        {
            self.note_sack(side, header, r.desk.depth, tree);
        }
        let Some((offset, length)) = self.offset(side, header).zip(header.length) else { return };
        if !self.is_recent(side, header, offset) {
            return;
        }
        if header.has(TcpOutline::RST) {
            self.reset(offset, r);
            return;
        }
        if self.reset_by == Some(side) {
            self.reset_by = None;
            r.books.resumed(r.flow);
        }
        self.hear_of_other(side, header);
        let cut = length.saturating_sub(segment.bytes.len() as u32);
        self.sides.arrive(&Segment { offset, cut, ..segment }, r);
        self.acknowledge(header, r);
        if header.has(TcpOutline::FIN) {
            self.numbers(side).0.fin = Some(offset + u64::from(length));
        }
        if let Some(end) = self.numbers(side).0.fin {
            self.sides.on(side, r, |stream, r| stream.close(end, r));
        }
    }

    /// What a side acknowledges the other one has said, captured or not: then it is this side's turn.
    fn hear_of_other(&mut self, side: Side, header: &TcpOutline) {
        let (mine, theirs) = self.numbers(side);
        let Some(first) = theirs.first.filter(|_| header.has(TcpOutline::ACK)) else { return };
        let anew = mine.acknowledged != Some(header.ack);
        mine.acknowledged = Some(header.ack);
        let next = self.streams(side).1.next();
        if anew && nearest(next, first, header.ack) > next {
            self.sides.has_spoken(side.other());
        }
    }

    /// A reset whose number is the one expected ends the connection.
    fn reset<B: Books>(&mut self, offset: u64, r: &mut Reader<'_, B>) {
        // A FIN takes a number.
        let behind_fin = self.numbers(r.side).0.fin.map(|fin| fin + 1);
        if offset == self.streams(r.side).0.next() || Some(offset) == behind_fin {
            self.reset_by = Some(r.side);
            r.books.reset(r.flow);
        }
    }

    /// Asks what the numbers tell of the network.
    fn judge<B: Books>(&mut self, arrived: &Arrived<'_>, segment: &Segment<'_>, anew: bool, r: &mut Reader<'_, B>) {
        let Some(length) = arrived.header.length else { return };
        let shift = match self.numbers(r.side).1.scale {
            Scale::Unknown => None,
            Scale::Unused => Some(0),
            Scale::Shift(shift) => Some(shift),
        };
        let judged = Judged {
            side: r.side,
            header: arrived.header,
            length,
            packet: segment.packet,
            time: arrived.time,
            shift,
            reuses_ports: anew || self.reuses_ports && self.previous.is_none(),
        };
        self.analysis.get_or_insert_default().judge(&judged, r.desk.depth, r.tree.as_deref_mut());
    }

    /// What the receiver acknowledges and the capture does not hold was not captured.
    fn acknowledge<B: Books>(&mut self, header: &TcpOutline, r: &mut Reader<'_, B>) {
        let (_, numbers) = self.numbers(r.side);
        if header.has(TcpOutline::ACK)
            && let Some(first) = numbers.first
        {
            let (_, theirs) = self.streams(r.side);
            if !theirs.has_hole() {
                return;
            }
            let offset = nearest(theirs.next(), first, header.ack);
            self.sides.on(r.side.other(), r, |stream, r| stream.acknowledged(offset, r));
        }
    }

    /// No more packets will come.
    pub(super) fn finish<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        for side in [Side::Client, Side::Server] {
            r.side = side;
            let end = self.numbers(side).0.fin;
            self.streams(side).0.finish(end, r);
        }
    }

    /// Finds the numbers that are called 0, as tshark does: the SYN's; one before the first byte seen of a side
    /// whose SYN was not seen; one before what the other side acknowledges. A SYN/ACK with another number wins.
    /// Returns whether one did.
    fn find_bases(&mut self, side: Side, header: &TcpOutline) -> bool {
        let (mine, theirs) = self.numbers(side);
        let other = mine.base.is_some_and(|base| base != header.seq);
        let anew = header.has(TcpOutline::SYN | TcpOutline::ACK) && other;
        if anew {
            mine.base = Some(header.seq);
        }
        if header.length.is_none() {
            return anew;
        }
        let syn = header.has(TcpOutline::SYN);
        mine.base.get_or_insert(if syn { header.seq } else { header.seq.wrapping_sub(1) });
        if header.has(TcpOutline::ACK) {
            theirs.base.get_or_insert(header.ack.wrapping_sub(1));
        }
        anew
    }

    fn note_numbers(&mut self, seen: &Arrived<'_>, side: Side, depth: u8, tree: &mut Tree) {
        let header = seen.header;
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
        let after = |a: u32, b: u32| a.wrapping_sub(b).cast_signed();
        let [(left, right), (second_left, second_right), ..] = header.sack;
        let within = header.sack_blocks > 1 && after(second_left, right) < 0 && after(second_right, right) >= 0;
        if after(right, header.ack) <= 0 || within {
            note(tree, depth, &options::DSACK_LEFT, Value::Number(left.wrapping_sub(base).into()));
            note(tree, depth, &options::DSACK_RIGHT, Value::Number(right.wrapping_sub(base).into()));
        }
    }

    /// The stream offset of a segment's payload. A reset does not tell where a side stands.
    fn offset(&mut self, side: Side, header: &TcpOutline) -> Option<u64> {
        let (mine, _) = self.numbers(side);
        let syn = header.has(TcpOutline::SYN);
        // A SYN takes the number before the first byte.
        let seq = header.seq.wrapping_add(u32::from(syn));
        if mine.first.is_none() && header.has(TcpOutline::RST) {
            return None;
        }
        let known = *mine.first.get_or_insert(seq);
        let data = header.length.is_some_and(|length| length > 0);
        let (stream, _) = self.streams(side);
        if stream.next() == 0 {
            stream.begin_at(ORIGIN);
        }
        let began = stream.began;
        stream.began |= syn;
        // In the middle of a connection, its first data tells best where a side stands: an acknowledgment may
        // be a keep-alive's. Of two SYNs the later one tells where what comes behind it stands.
        let anew = syn && known != seq || data && !began && stream.is_empty();
        let first = if anew { seq.wrapping_sub(stream.next().wrapping_sub(ORIGIN) as u32) } else { known };
        let offset = nearest(stream.next(), first, seq);
        self.numbers(side).0.first = Some(first);
        Some(offset)
    }

    /// Whether a segment's timestamp is one that the receiver takes (RFC 7323, section 5.3).
    fn is_recent(&mut self, side: Side, header: &TcpOutline, offset: u64) -> bool {
        let next = self.streams(side).0.next();
        let (mine, _) = self.numbers(side);
        let Some((value, _)) = header.timestamps else { return true };
        if header.flags & (TcpOutline::SYN | TcpOutline::RST) != 0 {
            mine.recent = Some(value);
            return true;
        }
        let newer = mine.recent.map_or(1, |recent| value.wrapping_sub(recent).cast_signed());
        if newer > 0 && offset <= next {
            mine.recent = Some(value);
        }
        newer >= -limits::OLD_TICKS
    }
}

/// The stream offset of sequence number `seq`, if `first` is that of [`ORIGIN`]: the one nearest to what is
/// expected `next`, for sequence numbers wrap.
fn nearest(next: u64, first: u32, seq: u32) -> u64 {
    let expected = first.wrapping_add(next.wrapping_sub(ORIGIN) as u32);
    next.saturating_add_signed(i64::from(seq.wrapping_sub(expected).cast_signed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_that_is_over_costs_little() {
        // A million flows are to be expected.
        assert!(size_of::<Tcp>() <= 512, "{}", size_of::<Tcp>());
    }

    #[test]
    fn the_offset_is_the_one_nearest_to_what_is_expected() {
        let first = u32::MAX - 9;
        assert_eq!(nearest(ORIGIN, first, first), ORIGIN);
        assert_eq!(nearest(ORIGIN + 20, first, 10), ORIGIN + 20);
        assert_eq!(nearest(ORIGIN + 20, first, u32::MAX), ORIGIN + 9);
        assert_eq!(nearest(ORIGIN + (1 << 32) + 5, 0, 7), ORIGIN + (1 << 32) + 7);
    }
}
