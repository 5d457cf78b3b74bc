//! What the numbers of a TCP connection tell of the network: loss, reordering, round-trip times, windows.
//!
//! The same questions are asked in the same order as by tshark 4.0 (`tcp.analysis.*`), so that both give the same
//! answers; where a sender's or a receiver's mind would have to be known (a retransmission, an out-of-order
//! segment), they are judgments, by the time and the acknowledgments before.

use super::note;
use crate::bytes::{Field, Tree, Value};
use crate::protocols::tcp::analysis as fields;
use crate::protocols::{Side, TcpOutline};

/// Segments remembered of one side until they are acknowledged; as many as tshark remembers.
const MOST_UNACKED: usize = 10_000;
/// Behind the highest segment by less than this, a segment is out of order rather than sent again, as long as
/// no round-trip time is known (nanoseconds).
const REORDERED: i64 = 3_000_000;
/// A segment that is sent again so soon behind the second duplicate acknowledgment is a fast retransmission.
const FAST: i64 = 20_000_000;

/// What was found of a segment; several may hold.
mod found {
    pub(super) const RETRANSMISSION: u32 = 1;
    pub(super) const FAST: u32 = 1 << 1;
    pub(super) const SPURIOUS: u32 = 1 << 2;
    pub(super) const OUT_OF_ORDER: u32 = 1 << 3;
    pub(super) const REUSED_PORTS: u32 = 1 << 4;
    pub(super) const LOST: u32 = 1 << 5;
    pub(super) const ACKED_LOST: u32 = 1 << 6;
    pub(super) const WINDOW_UPDATE: u32 = 1 << 7;
    pub(super) const WINDOW_FULL: u32 = 1 << 8;
    pub(super) const KEEP_ALIVE: u32 = 1 << 9;
    pub(super) const KEEP_ALIVE_ACK: u32 = 1 << 10;
    pub(super) const ZERO_WINDOW: u32 = 1 << 11;
    pub(super) const ZERO_WINDOW_PROBE: u32 = 1 << 12;
    pub(super) const ZERO_WINDOW_PROBE_ACK: u32 = 1 << 13;
    pub(super) const DUPLICATE_ACK: u32 = 1 << 14;
}

/// A segment that was not acknowledged yet.
#[derive(Clone, Copy, Debug)]
struct Unacked {
    seq: u32,
    next: u32,
    packet: u32,
    time: i64,
}

/// One direction.
#[derive(Clone, Debug)]
struct Way {
    /// Oldest first.
    unacked: Vec<Unacked>,
    /// Behind the highest byte seen; 0 before the first.
    next: u32,
    next_packet: u32,
    next_time: i64,
    /// Up to here an acknowledgment tells nothing new of what is missing.
    ackable: u32,
    last_ack: u32,
    last_ack_time: i64,
    /// The packet that acknowledged `last_ack` first.
    first_ack_packet: u32,
    /// Duplicate acknowledgments since; -1 after an acknowledgment of bytes not seen.
    duplicates: i32,
    window: Option<u16>,
    /// What was found of the last segment.
    last: u32,
    /// Whether bytes in flight can be told: not between a loss and the next acknowledgment.
    in_flight_known: bool,
    /// Bytes that the last segment reported as received beyond a hole.
    sacked: u32,
    pushed: u32,
    push_ended: bool,
    /// Whether the next window is the first behind the SYN: it is not scaled yet.
    first_window: bool,
}

impl Default for Way {
    fn default() -> Way {
        Way {
            unacked: Vec::new(),
            next: 0,
            next_packet: 0,
            next_time: 0,
            ackable: 0,
            last_ack: 0,
            last_ack_time: 0,
            first_ack_packet: 0,
            duplicates: 0,
            window: None,
            last: 0,
            in_flight_known: true,
            sacked: 0,
            pushed: 0,
            push_ended: false,
            first_window: false,
        }
    }
}

/// Both directions of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Analysis {
    ways: [Way; 2],
    syn_time: Option<i64>,
    initial_rtt: Option<i64>,
}

/// A segment, as it is judged.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) side: Side,
    pub(super) header: &'a TcpOutline,
    pub(super) length: u32,
    pub(super) packet: u32,
    pub(super) time: i64,
    /// The shift of the other side's windows, if the handshake tells.
    pub(super) shift: Option<u8>,
    /// Whether this begins a connection on the ports of another.
    pub(super) reuses_ports: bool,
}

impl Judged<'_> {
    fn seq(&self) -> u32 {
        self.header.seq
    }

    fn ack(&self) -> u32 {
        self.header.ack
    }

    fn is_plain(&self) -> bool {
        self.header.flags & (TcpOutline::SYN | TcpOutline::FIN | TcpOutline::RST) == 0
    }

    /// SYN and FIN take a number.
    fn takes_number(&self) -> bool {
        self.header.flags & (TcpOutline::SYN | TcpOutline::FIN) != 0
    }

    fn end(&self) -> u32 {
        self.seq().wrapping_add(self.length)
    }

    /// An empty segment that repeats number and acknowledgment of the one before.
    fn repeats(&self, way: &Way) -> bool {
        self.length == 0 && self.seq() == way.next && self.ack() == way.last_ack && self.is_plain()
    }
}

/// What is said of a segment.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    found: u32,
    /// Whether there is anything to say, be it only how long the handshake took.
    touched: bool,
    duplicate: i32,
    duplicate_of: u32,
    acks: Option<(u32, i64)>,
    timeout: Option<(u32, i64)>,
    in_flight: Option<u32>,
    pushed: u32,
}

/// How far `a` is behind `b`: numbers wrap.
fn behind(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b).cast_signed()
}

impl Analysis {
    /// Bytes of memory that it takes.
    pub(super) fn weight(&self) -> usize {
        let unacked: usize = self.ways.iter().map(|way| way.unacked.len()).sum();
        size_of::<Analysis>() + unacked * size_of::<Unacked>()
    }

    /// Judges a segment, and notes what is found.
    pub(super) fn judge(&mut self, of: &Judged<'_>, depth: u8, tree: Option<&mut Tree>) {
        let [client, server] = &mut self.ways;
        let (mine, theirs) = match of.side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        };
        mine.sacked = 0;
        let mut verdict = Verdict::default();
        let syn_alone = of.header.flags & (TcpOutline::SYN | TcpOutline::ACK) == TcpOutline::SYN;
        verdict.found |= if of.reuses_ports { found::REUSED_PORTS } else { 0 };
        if syn_alone && mine.next != 0 {
            // A reset may have moved what is expected.
            mine.next = mine.ackable;
        }
        if of.header.has(TcpOutline::ACK) {
            theirs.in_flight_known = true;
        }
        mine.judge_windows(theirs, of, &mut verdict);
        mine.judge_acknowledgment(theirs, of, &mut verdict);
        mine.judge_repetition(theirs, of, self.initial_rtt, &mut verdict);
        mine.remember(of, verdict.found);
        verdict.acks = theirs.acknowledged(of);
        mine.count_in_flight(theirs, of, &mut verdict);
        if of.header.has(TcpOutline::SYN) {
            mine.first_window = true;
            self.syn_time = if syn_alone { Some(of.time) } else { self.syn_time };
        } else if of.header.has(TcpOutline::ACK) {
            mine.first_window = false;
            // A time of 0 is none: that of a packet whose capture tells no time.
            let syn_time = self.syn_time.filter(|time| *time != 0);
            self.initial_rtt = self.initial_rtt.or(syn_time.map(|time| of.time - time).filter(|rtt| *rtt != 0));
        }
        mine.sacked = of
            .header
            .sack
            .iter()
            .take(of.header.sack_blocks.min(3).into())
            .fold(0, |sum, (left, right)| sum.wrapping_add(right.wrapping_sub(*left)));
        if let Some(tree) = tree {
            verdict.note(self.initial_rtt, depth, tree);
        }
    }
}

impl Way {
    /// Keep-alives, probes, windows, duplicate acknowledgments.
    fn judge_windows(&mut self, theirs: &Way, of: &Judged<'_>, verdict: &mut Verdict) {
        let window = of.header.window;
        if of.length == 1 && of.seq() == self.next && theirs.window == Some(0) {
            verdict.found |= found::ZERO_WINDOW_PROBE;
            return;
        }
        if window == 0 && of.is_plain() {
            verdict.found |= found::ZERO_WINDOW;
        }
        if self.next != 0 && behind(of.seq(), self.next) > 0 && !of.header.has(TcpOutline::RST) {
            verdict.found |= found::LOST;
            self.in_flight_known = false;
        }
        if of.length <= 1 && of.seq() == self.next.wrapping_sub(1) && of.is_plain() {
            verdict.found |= found::KEEP_ALIVE;
        }
        let repeats = of.repeats(self);
        if repeats && window != 0 && Some(window) != self.window {
            verdict.found |= found::WINDOW_UPDATE;
        }
        if let (Some(shift), Some(window)) = (of.shift, theirs.window)
            && of.length > 0
            && of.is_plain()
        {
            let shift = if theirs.first_window { 0 } else { shift };
            let edge = theirs.last_ack.wrapping_add(u32::from(window) << shift);
            verdict.found |= if of.end() == edge { found::WINDOW_FULL } else { 0 };
        }
        if !repeats || Some(window) != self.window {
            return;
        }
        if window != 0 && theirs.last & found::KEEP_ALIVE != 0 {
            verdict.found |= found::KEEP_ALIVE_ACK;
        } else if window == 0 && theirs.last & found::ZERO_WINDOW_PROBE != 0 {
            verdict.found |= found::ZERO_WINDOW_PROBE_ACK;
        } else if window != 0 {
            self.duplicates = if self.duplicates == -1 { 1 } else { self.duplicates + 1 };
            verdict.found |= found::DUPLICATE_ACK;
            verdict.duplicate = self.duplicates;
            verdict.duplicate_of = self.first_ack_packet;
        }
    }

    /// Whether bytes are acknowledged that were not seen.
    fn judge_acknowledgment(&mut self, theirs: &mut Way, of: &Judged<'_>, verdict: &mut Verdict) {
        if of.ack() != self.last_ack {
            self.first_ack_packet = of.packet;
            self.duplicates = 0;
        }
        if theirs.ackable == 0 || behind(of.ack(), theirs.ackable) <= 0 || !of.header.has(TcpOutline::ACK) {
            return;
        }
        verdict.touched = true;
        // Told once for each loss: what is beyond counts as acknowledged from here on.
        if behind(theirs.ackable, theirs.next) < 0 {
            theirs.ackable = theirs.next;
            verdict.found |= found::ACKED_LOST;
        } else {
            verdict.found |= if theirs.duplicates == 0 { found::ACKED_LOST } else { 0 };
            theirs.duplicates = -1;
        }
    }

    /// Whether a segment was sent again, or came out of order.
    fn judge_repetition(&mut self, theirs: &Way, of: &Judged<'_>, rtt: Option<i64>, verdict: &mut Verdict) {
        if of.length == 0 && !of.takes_number() || verdict.found & found::KEEP_ALIVE != 0 {
            return;
        }
        // One byte before what is expected, and more behind it: a probe was sent before.
        let probed = of.length > 1 && self.next.wrapping_sub(1) == of.seq();
        let advances = self.next == 0 || behind(of.seq(), self.next) >= 0 || probed;
        if of.length > 0 && theirs.last_ack != 0 && behind(of.end(), theirs.last_ack) <= 0 {
            verdict.found |= found::SPURIOUS;
            return;
        }
        if advances {
            return;
        }
        let asked_for = theirs.duplicates >= 2 && theirs.last_ack == of.seq();
        if asked_for && (0..FAST).contains(&(of.time - theirs.last_ack_time)) {
            verdict.found |= found::FAST;
            return;
        }
        let ends = self.next == of.end().wrapping_add(u32::from(of.takes_number()));
        let soon = 0..rtt.unwrap_or(REORDERED);
        if soon.contains(&(of.time - self.next_time)) && !ends {
            verdict.found |= found::OUT_OF_ORDER;
            return;
        }
        verdict.found |= found::RETRANSMISSION;
        // The timer runs from the oldest segment that is not acknowledged (RFC 6298, section 5).
        let first = self.unacked.first();
        let (packet, time) = first.map_or((self.next_packet, self.next_time), |first| (first.packet, first.time));
        verdict.timeout = Some((packet, of.time - time)).filter(|(_, delta)| *delta != 0);
    }

    /// Remembers a segment for the ones to come.
    fn remember(&mut self, of: &Judged<'_>, found: u32) {
        let mut next = of.end();
        if (of.length > 0 || of.takes_number()) && self.unacked.len() < MOST_UNACKED {
            next = next.wrapping_add(u32::from(of.takes_number()));
            self.unacked.push(Unacked { seq: of.seq(), next, packet: of.packet, time: of.time });
        }
        let probe = found & found::ZERO_WINDOW_PROBE != 0;
        if (self.next == 0 || behind(next, self.next) > 0) && !probe {
            self.next = next;
            self.next_packet = of.packet;
            self.next_time = of.time;
        }
        if (self.ackable == 0 || of.seq() == self.ackable) && !probe {
            self.ackable = self.next;
        }
        self.window = Some(of.header.window);
        self.last_ack = of.ack();
        self.last_ack_time = of.time;
        self.last = found;
    }

    /// Lets go of what a segment of the other side acknowledges; returns the packet whose last byte it is, and how
    /// long that took.
    fn acknowledged(&mut self, of: &Judged<'_>) -> Option<(u32, i64)> {
        let ack = of.ack();
        let exact = self.unacked.iter().find(|segment| segment.next == ack);
        let acks = exact.map(|segment| (segment.packet, of.time - segment.time));
        self.unacked.retain_mut(|segment| {
            if segment.next != ack && behind(ack, segment.seq) > 0 && behind(ack, segment.next) <= 0 {
                segment.seq = ack;
            }
            segment.next != ack && behind(segment.next, ack) > 0
        });
        acks
    }

    /// Bytes sent and not acknowledged, and bytes since the last push.
    fn count_in_flight(&mut self, theirs: &Way, of: &Judged<'_>, verdict: &mut Verdict) {
        if of.length == 0 || self.unacked.is_empty() || !self.in_flight_known {
            return;
        }
        let base = self.unacked.first().map_or(0, |segment| segment.seq);
        let lowest = self.unacked.iter().map(|segment| behind(segment.seq, base)).min().unwrap_or(0);
        let highest = self.unacked.iter().map(|segment| behind(segment.next, base)).max().unwrap_or(0);
        let in_flight = highest.wrapping_sub(lowest).wrapping_sub(theirs.sacked.cast_signed());
        let in_flight = u32::try_from(in_flight).unwrap_or(0);
        // SYN and FIN are no bytes.
        verdict.in_flight = Some(in_flight.saturating_sub(u32::from(of.takes_number())));
        let push = of.header.has(TcpOutline::PSH);
        self.pushed = if self.push_ended { of.length } else { self.pushed.wrapping_add(of.length) };
        self.push_ended = push;
        verdict.pushed = self.pushed;
    }
}

impl Verdict {
    fn note(&self, initial_rtt: Option<i64>, depth: u8, tree: &mut Tree) {
        if self.found == 0 && !self.touched && self.acks.is_none() && self.in_flight.is_none() {
            return;
        }
        let mut number = |field: &'static Field, value: u32| note(tree, depth, field, Value::Number(value.into()));
        if let Some((packet, _)) = self.acks {
            number(&fields::ACKS_FRAME, packet);
        }
        if let Some(in_flight) = self.in_flight.filter(|bytes| *bytes > 0) {
            number(&fields::BYTES_IN_FLIGHT, in_flight);
            number(&fields::PUSH_BYTES_SENT, self.pushed);
        }
        for (bits, field) in NAMED {
            if self.found & bits != 0 {
                number(field, 1);
            }
        }
        if self.duplicate != 0 {
            number(&fields::DUPLICATE_ACK_NUMBER, self.duplicate.cast_unsigned());
            number(&fields::DUPLICATE_ACK_FRAME, self.duplicate_of);
        }
        if let Some((packet, _)) = self.timeout {
            number(&fields::RTO_FRAME, packet);
        }
        let durations = [
            (&fields::ACK_RTT, self.acks.map(|(_, rtt)| rtt).filter(|rtt| *rtt != 0)),
            (&fields::INITIAL_RTT, initial_rtt),
            (&fields::RTO, self.timeout.map(|(_, delta)| delta)),
        ];
        for (field, duration) in durations {
            if let Some(duration) = duration {
                note(tree, depth, field, Value::Signed(duration));
            }
        }
    }
}

/// What is noted for what is found. A duplicate acknowledgment is noted twice, as tshark does: as a field and as a
/// finding; a fast or spurious retransmission is a retransmission, too.
const NAMED: [(u32, &Field); 16] = [
    (found::REUSED_PORTS, &fields::REUSED_PORTS),
    (found::RETRANSMISSION | found::FAST | found::SPURIOUS, &fields::RETRANSMISSION),
    (found::FAST, &fields::FAST_RETRANSMISSION),
    (found::SPURIOUS, &fields::SPURIOUS_RETRANSMISSION),
    (found::OUT_OF_ORDER, &fields::OUT_OF_ORDER),
    (found::LOST, &fields::LOST_SEGMENT),
    (found::ACKED_LOST, &fields::ACK_LOST_SEGMENT),
    (found::WINDOW_UPDATE, &fields::WINDOW_UPDATE),
    (found::WINDOW_FULL, &fields::WINDOW_FULL),
    (found::KEEP_ALIVE, &fields::KEEP_ALIVE),
    (found::KEEP_ALIVE_ACK, &fields::KEEP_ALIVE_ACK),
    (found::ZERO_WINDOW_PROBE, &fields::ZERO_WINDOW_PROBE),
    (found::ZERO_WINDOW, &fields::ZERO_WINDOW),
    (found::ZERO_WINDOW_PROBE_ACK, &fields::ZERO_WINDOW_PROBE_ACK),
    (found::DUPLICATE_ACK, &fields::DUPLICATE_ACK),
    (found::DUPLICATE_ACK, &fields::DUPLICATE_ACK),
];

#[cfg(test)]
mod tests;
