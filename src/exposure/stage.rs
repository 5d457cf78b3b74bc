//! How far a flow got.

use crate::bytes::Class;
use crate::protocols::Side;
use crate::trace::Trace;

/// The furthest that a flow got, as far as the capture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Only one side sent anything.
    Unanswered,
    /// Both sides sent packets, neither sent payload: opened and closed again, or refused.
    Silent,
    /// Only the client sent payload.
    Request,
    /// Keys are negotiated; nothing sealed was sent yet.
    Negotiation,
    /// The server sent payload.
    Response,
}

impl Stage {
    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Unanswered => "unanswered",
            Stage::Silent => "silent",
            Stage::Request => "request",
            Stage::Negotiation => "negotiation",
            Stage::Response => "response",
        }
    }

    /// The stage of every flow, by its number.
    pub fn of_flows(trace: &Trace) -> Vec<Stage> {
        let flows = trace.flows().all();
        let mut spoke = vec![[false; 2]; flows.len()];
        for (row, number) in trace.rows().iter().zip(1..) {
            if let Some(side) = spoke.get_mut(row.flow as usize).and_then(|sides| sides.get_mut(row.side().index())) {
                *side = *side || has_payload(trace, number);
            }
        }
        let stages = flows.iter().zip(spoke).map(|(flow, [client, server])| {
            let secured =
                flow.stack().iter().any(|name| name.starts_with("tls") || *name == "quic" || *name == "ssh");
            let answered = flow.packets.get(Side::Server.index()).is_some_and(|packets| *packets > 0);
            match (client, server) {
                // Without payload of its own (ICMP) an answer is a packet.
                _ if flow.transport.is_none() && answered => Stage::Response,
                _ if !answered => Stage::Unanswered,
                (_, true) if secured && flow.ledger.of(Class::Sealed) == 0 => Stage::Negotiation,
                (_, true) => Stage::Response,
                (true, false) => Stage::Request,
                (false, false) => Stage::Silent,
            }
        });
        stages.collect()
    }
}

fn has_payload(trace: &Trace, number: u32) -> bool {
    let wrapper = [Class::Link, Class::Network, Class::Transport, Class::Padding];
    trace.ledger(number).iter().any(|(class, bytes)| bytes > 0 && !wrapper.contains(&class))
}
