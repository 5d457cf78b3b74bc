//! Flows: who talks with whom, in order, and what they say.
//!
//! ```text
//! outline ─► key ─► flow ─► (TCP: order) ─► bytes of a side ─► dialogue ─► messages, classes, facts
//! ```
//!
//! Memory is bounded by the limits in [`limits`]; time is that of the packets.

mod ahead;
mod analysis;
mod expected;
mod fragments;
mod history;
mod index;
pub mod limits;
mod parts;
mod pairs;
mod sctp;
mod segment;
mod sides;
mod speech;
mod stream;
mod table;
mod tcp;
mod unread;

pub use pairs::{Pair, Question};
pub use table::{Flow, FlowKey, Flows, Seen};
pub use tcp::Tcp;

use crate::bytes::{Class, Fact, Field, Ledger, Node, Piece, Tree, Value};
use crate::protocols::{self, Side};

/// No flow: for packets that belong to none.
pub const NO_FLOW: u32 = u32::MAX;

/// One message that was read: a row of what a pass leaves behind.
#[derive(Clone, Copy, Debug)]
pub struct MessageRow {
    /// The flow's number.
    pub flow: u32,
    /// The first packet that carried a byte of it.
    pub first: u32,
    /// The packet that completed it; its fields belong to that packet.
    pub last: u32,
    /// Its first byte: its place in its side's stream (see [`Flow::place`]), or in its packet's payload (datagrams).
    pub offset: u64,
    /// Its length in bytes.
    pub length: u32,
    /// Who sent it.
    pub side: Side,
    /// Its protocol's place in THE LIST.
    pub protocol: u8,
    /// What it is: `ClientHello`, `query`, `sealed`.
    pub what: &'static str,
    /// What it is about, interned; [`MessageRow::NOTHING`] if nothing was said.
    pub subject: u32,
    /// Whether it asks, or what it answers.
    pub pair: Pair,
}

impl MessageRow {
    /// The subject of a message that is about nothing in particular.
    pub const NOTHING: u32 = u32::MAX;
}

/// Whoever keeps the books: flows tell it what they learn.
pub trait Books {
    /// `length` bytes at offset `at` of packet `packet`, until now Unknown, are of `class`.
    fn settle(&mut self, packet: u32, at: u32, length: u32, class: Class);
    /// Packet `packet` belongs to `flow` and was sent by `side`; returns the packet's ledger.
    fn assign(&mut self, packet: u32, flow: u32, side: Side) -> Ledger;
    /// A message was read; `subject` says what it is about (not escaped).
    fn message(&mut self, message: MessageRow, subject: &str);
    /// A fact was stated, with its evidence: bytes `at.start..at.end` of `packet`.
    fn fact(&mut self, flow: u32, packet: u32, at: std::ops::Range<u32>, fact: &Fact);

    /// The evidence of the fact that was told last goes on in these bytes of `packet`.
    fn fact_goes_on(&mut self, _packet: u32, _at: std::ops::Range<u32>) {}

    /// The number of the flow that begins with packet `packet`, and its number among those of its transport: for
    /// books of a part of a capture that is read again. Without them flows are counted.
    fn numbers(&self, _key: &FlowKey, _packet: u32) -> Option<(u32, u32)> {
        None
    }

    /// What was announced that flow `flow` speaks, for books of a part of a capture that is read again.
    fn announced(&self, _flow: u32) -> u8 {
        protocols::NONE
    }

    /// How the message that packet `packet` completes belongs to one of another flow, and when that came, in nanoseconds
    /// since 1970: for books of a part of a capture that is read again.
    fn paired(&self, _packet: u32) -> Option<(Pair, i64)> {
        None
    }

    /// What the content of the message that is told next is when it is decoded. Only told where a tree listens.
    fn decoded(&mut self, _flow: u32, _content: &[u8]) {}

    /// Bytes of a TCP side came in order; they stand at `offset` of its stream, and `origins` (by stream offset)
    /// tell which packets brought them. Offsets grow, but for a capture that begins in the middle of a
    /// connection with segments out of order. A datagram comes as it is, at offset 0.
    fn in_order(
        &mut self,
        _flow: u32,
        _side: Side,
        _offset: u64,
        _bytes: &[u8],
        _origins: &mut dyn Iterator<Item = Piece>,
    ) {
    }

    /// `length` bytes of a TCP side, at `offset` of its stream, were not captured.
    fn missing(&mut self, _flow: u32, _side: Side, _offset: u64, _length: u64) {}

    /// The TCP connection was reset: what comes later reaches nobody.
    fn reset(&mut self, _flow: u32) {}

    /// The TCP connection goes on: the reset was forged, or came too early to have an effect.
    fn resumed(&mut self, _flow: u32) {}

    /// Packet `packet` brought bytes of a TCP side that had come before, some of them perhaps beyond a hole.
    fn again(&mut self, _flow: u32, _side: Side, _offset: u64, _bytes: &[u8], _packet: u32) {}
}

/// Notes something that a flow knows of the packet; it stands in no byte.
fn note(tree: &mut Tree, depth: u8, field: &'static Field, value: Value) {
    tree.push(Node { field, value, start: 0, end: 0, source: 0, depth });
}
