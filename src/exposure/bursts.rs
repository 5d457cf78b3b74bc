//! What is said within a flow, as far as it can be told without keys: hello and keys, exchanges in the clear, and
//! bursts of sealed messages.
//!
//! ```text
//! client  hello           sealed      sealed
//! server        hello sealed    sealed       sealed
//!         └── keys ───────┘└ burst 1 ┘└ burst 2 ┘
//! ```

use super::journey::{Kind, Step};
use super::{Exchange, Exchanges};
use crate::bytes::escape_bytes;
use crate::flow::MessageRow;
use crate::protocols::{self, Protocol, Side};
use crate::trace::Trace;

/// Steps that are told of one flow: more would say no more. What follows is counted in the last one.
const STEPS: usize = 64;

/// What was said in one flow.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    /// The packet and the time of the first hello.
    pub(super) hello: Option<(u32, i64)>,
    /// When the client sent its first sealed message.
    pub(super) secured: Option<i64>,
    /// How often the client had to wait for the server until then.
    pub(super) round_trips: u32,
    last_side: Option<Side>,
    /// Bursts and exchanges.
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    kind: Kind,
    /// What is asked for, in the clear.
    what: String,
    start: i64,
    end: i64,
    packet: u32,
    bytes: [u64; 2],
    answered: bool,
}

/// What was said in each flow, by its number.
pub(super) fn talks(trace: &Trace) -> Vec<Talk> {
    let mut talks = vec![Talk::default(); trace.flows().all().len()];
    let exchanges = Exchanges::new(trace);
    for (message, number) in trace.messages().iter().zip(exchanges.numbers()) {
        let Some(talk) = talks.get_mut(message.flow as usize) else { continue };
        let name = protocols::at(message.protocol).map_or("", Protocol::name);
        if matches!(name, "tls" | "quic" | "dtls") {
            talk.sealed(trace, &message);
        } else {
            talk.clear(trace, &message, exchanges.of(trace, &message, *number));
        }
    }
    talks
}

impl Talk {
    fn sealed(&mut self, trace: &Trace, message: &MessageRow) {
        let time = |packet| trace.row(packet).map_or(0, |row| row.time);
        let (start, end) = (time(message.first), time(message.last));
        if self.hello.is_none() {
            self.hello = Some((message.first, start));
        }
        let is_sealed = matches!(message.what, "sealed" | "1-RTT");
        if self.secured.is_none() {
            if message.side == Side::Client && self.last_side == Some(Side::Server) {
                self.round_trips += 1;
            }
            self.last_side = Some(message.side);
            if is_sealed && message.side == Side::Client {
                self.secured = Some(end);
            }
            return;
        }
        if !is_sealed {
            return;
        }
        // Whatever the client says after the server has spoken begins something new.
        let begins = match self.parts.last() {
            None => true,
            Some(part) => message.side == Side::Client && part.bytes[1] > 0 && self.parts.len() < STEPS,
        };
        if begins {
            let (kind, what, packet) = (Kind::Burst, String::new(), message.first);
            self.parts.push(Part { kind, what, start, end, packet, bytes: [0; 2], answered: true });
        }
        self.grow(message, end);
    }

    fn clear(&mut self, trace: &Trace, message: &MessageRow, exchange: Exchange) {
        let time = |packet| trace.row(packet).map_or(0, |row| row.time);
        let (start, end) = (time(message.first), time(message.last));
        match exchange {
            Exchange::Asks { answered } if self.parts.len() < STEPS => {
                let subject = escape_bytes(trace.subject(message)).into_owned();
                let what = if subject.is_empty() { message.what.to_owned() } else { subject };
                let (kind, packet) = (Kind::Exchange, message.first);
                self.parts.push(Part { kind, what, start, end, packet, bytes: [0; 2], answered });
            }
            _ => {}
        }
        self.grow(message, end);
    }

    /// A message belongs to the part that is under way.
    fn grow(&mut self, message: &MessageRow, end: i64) {
        if let Some(part) = self.parts.last_mut() {
            part.end = part.end.max(end);
            if let Some(bytes) = part.bytes.get_mut(message.side.index()) {
                *bytes += u64::from(message.length);
            }
        }
    }

    /// Its bursts and exchanges as steps.
    pub(super) fn steps(&self, flow: u32) -> impl Iterator<Item = Step> + '_ {
        self.parts.iter().zip(1..).map(move |(part, n)| Step {
            kind: part.kind,
            what: if part.kind == Kind::Burst { format!("burst {n}") } else { part.what.clone() },
            outcome: (!part.answered).then_some("no answer"),
            start: part.start,
            end: part.end,
            flow,
            packet: part.packet,
            bytes: part.bytes,
        })
    }
}
