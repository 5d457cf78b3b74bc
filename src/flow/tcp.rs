//! TCP within a flow: where a segment's bytes stand in its side's stream, and what is noted of it.

use super::note;
use super::stream::Stream;
use crate::bytes::{Tree, Value};
use crate::protocols::{Side, TcpOutline, tcp as fields};

/// Offset at which a side's stream begins: room before it for what was sent before the capture began.
const ORIGIN: u64 = 1 << 32;

/// One side's numbers.
#[derive(Clone, Debug, Default)]
struct Numbers {
    /// The sequence number that tshark calls 0: of the SYN, or of the first byte seen.
    base: Option<u32>,
    /// Sequence number of stream offset [`ORIGIN`].
    first: Option<u32>,
    /// Window scale of the SYN.
    scale: Option<u8>,
    /// Whether the SYN was seen.
    syn: bool,
}

/// Both sides of a TCP flow.
#[derive(Clone, Debug, Default)]
pub struct Tcp {
    numbers: [Numbers; 2],
    streams: [Stream; 2],
}

impl Tcp {
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

    /// Whether this header opens another connection between the same ports.
    pub(super) fn begins_anew(&self, side: Side, header: &TcpOutline) -> bool {
        let numbers = match (&self.numbers, side) {
            ([client, _], Side::Client) => client,
            ([_, server], Side::Server) => server,
        };
        header.flags & (TcpOutline::SYN | TcpOutline::ACK) == TcpOutline::SYN
            && numbers.base.is_some_and(|base| base != header.seq)
    }

    /// Takes note of a header; returns the stream offset of its payload.
    pub(super) fn observe(
        &mut self,
        side: Side,
        header: &TcpOutline,
        length: u32,
        depth: u8,
        tree: Option<&mut Tree>,
    ) -> u64 {
        let syn = header.has(TcpOutline::SYN);
        let (mine, theirs) = self.numbers(side);
        let first = header.seq.wrapping_add(u32::from(syn));
        if mine.base.is_none() {
            mine.base = Some(header.seq);
            mine.first = Some(first);
        }
        if syn {
            mine.syn = true;
            mine.scale = header.window_scale;
        }
        if theirs.base.is_none() && header.has(TcpOutline::ACK) {
            theirs.base = Some(header.ack);
        }
        let origin = *mine.first.get_or_insert(first);
        if let Some(tree) = tree {
            let base = mine.base.unwrap_or(0);
            note(tree, depth, &fields::LENGTH, Value::Number(length.into()));
            note(tree, depth, &fields::SEQ, Value::Number(header.seq.wrapping_sub(base).into()));
            let acknowledged = theirs.base.unwrap_or(0);
            note(tree, depth, &fields::ACKNOWLEDGMENT, Value::Number(header.ack.wrapping_sub(acknowledged).into()));
        }
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
