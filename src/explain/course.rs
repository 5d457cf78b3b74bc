//! The course of a flow, packet by packet: who sent what when, and what the numbers tell of the network.
//!
//! ```text
//! client                      server
//!    │── SYN ──────────────────►│
//!    │◄───────────── SYN ACK ───│   17 ms
//!    │── 517 B ────────────────►│
//!    │── 517 B ── again ───────►│   retransmission
//! ```

use std::io;
use std::ops::Range;

use super::again::Again;
use super::{numbers, of_flow};
use crate::bytes::{Class, Fact, Field, Findings, Ledger, Tree, Value};
use crate::capture::Fetch;
use crate::flow::{Books, FlowKey, Flows, MessageRow, Seen};
use crate::protocols::{self, Side};
use crate::trace::Trace;

/// What the course tells of one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The packet.
    pub packet: u32,
    /// Nanoseconds since 1970.
    pub time: i64,
    /// Who sent it.
    pub side: Side,
    /// TCP's flags, if it is a segment.
    pub flags: Option<u16>,
    /// Payload bytes.
    pub payload: u32,
    /// Bytes that its sender is ready to receive, if the capture tells.
    pub window: Option<u32>,
    /// What the numbers tell: `tcp.analysis.retransmission`.
    pub notes: Vec<&'static Field>,
}

/// What is told of packets of the network: the fields that are flags of TCP's analysis.
const NOTES: [&str; 14] = [
    "tcp.analysis.retransmission",
    "tcp.analysis.fast_retransmission",
    "tcp.analysis.spurious_retransmission",
    "tcp.analysis.out_of_order",
    "tcp.analysis.lost_segment",
    "tcp.analysis.ack_lost_segment",
    "tcp.analysis.duplicate_ack",
    "tcp.analysis.zero_window",
    "tcp.analysis.zero_window_probe",
    "tcp.analysis.zero_window_probe_ack",
    "tcp.analysis.window_full",
    "tcp.analysis.window_update",
    "tcp.analysis.keep_alive",
    "tcp.analysis.reused_ports",
];

const WINDOW: &str = "tcp.window_size";

/// Reads flow `flow` again and tells of its packets, in order: of the first `most`. `None` if there is no such flow.
///
/// # Errors
/// What reading the capture again says.
pub fn course(trace: &Trace, fetch: &Fetch, flow: u32, most: usize) -> io::Result<Option<Vec<Moment>>> {
    let Some(of) = trace.flows().all().get(flow as usize) else { return Ok(None) };
    let notes: Vec<&'static Field> = NOTES.iter().filter_map(|name| protocols::field(name)).collect();
    let mut wanted = notes.clone();
    wanted.extend(protocols::field(WINDOW));
    let (mut tree, mut findings) = (Tree::only(wanted), Findings::counting());
    let (mut flows, mut again) = (Flows::new(true), Again::new(fetch));
    let mut books = Quiet { trace, flow };
    let mut moments = Vec::new();
    for (number, row) in of_flow(trace, flow, of.first..of.last.saturating_add(1)).take(most) {
        let bytes = again.packet(&row)?;
        findings.clear();
        tree.clear();
        let mut outline = trace.walk(number, &row, bytes, &mut findings, Some(&mut tree));
        let payload = outline.payload.len() as u32;
        let tcp = outline.tcp.as_ref().map(|tcp| tcp.flags);
        flows.packet(Seen { number, time: row.time, bytes }, &mut outline, &mut books, Some(&mut tree));
        let nodes = tree.nodes();
        let window = nodes.iter().rev().find(|node| node.field.name == WINDOW);
        moments.push(Moment {
            packet: number,
            time: row.time,
            side: row.side(),
            flags: tcp,
            payload,
            window: window.and_then(|node| match node.value {
                Value::Number(bytes) => u32::try_from(bytes).ok(),
                _ => None,
            }),
            notes: notes.iter().copied().filter(|note| nodes.iter().any(|node| node.field == *note)).collect(),
        });
    }
    Ok(Some(moments))
}

/// Books that keep nothing: what is told of the flow stands in the trace already.
struct Quiet<'a> {
    trace: &'a Trace,
    flow: u32,
}

impl Books for Quiet<'_> {
    fn settle(&mut self, _packet: u32, _at: u32, _length: u32, _class: Class) {}

    fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
        Ledger::default()
    }

    fn message(&mut self, _message: MessageRow, _subject: &str) {}

    fn fact(&mut self, _flow: u32, _packet: u32, _at: Range<u32>, _fact: &Fact) {}

    fn numbers(&self, key: &FlowKey, packet: u32) -> Option<(u32, u32)> {
        numbers(self.trace, self.flow, key, packet)
    }
}
