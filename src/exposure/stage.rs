//! How far a flow got, and what its client can know of the rest: sent is never handled.

use super::secured::Secured;
use crate::flow::{Flow, MessageRow};
use crate::protocols::tls::fields as tls;
use crate::protocols::{self, Side, Transport};
use crate::trace::Trace;

/// The furthest that a flow got, as far as the capture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing of it was captured: it is only spoken of.
    Name,
    /// The client knocked: a SYN, and no connection.
    Syn,
    /// The connection is open; the client asked nothing.
    Tcp,
    /// Keys are negotiated; the client asked nothing yet.
    Tls,
    /// The client sent payload of its own.
    Request,
    /// The server sent payload after that.
    Response,
}

impl Stage {
    /// All stages, from the first to the last.
    pub const ALL: [Stage; 6] = [Stage::Name, Stage::Syn, Stage::Tcp, Stage::Tls, Stage::Request, Stage::Response];

    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Name => "name",
            Stage::Syn => "syn",
            Stage::Tcp => "tcp",
            Stage::Tls => "tls",
            Stage::Request => "request",
            Stage::Response => "response",
        }
    }

    /// The stage of every flow, by its number.
    pub fn of_flows(trace: &Trace) -> Vec<Stage> {
        let flows = trace.flows().all();
        let mut talks = vec![Talk::default(); flows.len()];
        for (row, number) in trace.rows().iter().zip(1..) {
            if let Some(talk) = talks.get_mut(row.flow as usize) {
                talk.packet(row.side(), number, || has_payload(trace, number));
            }
        }
        for message in trace.messages() {
            if let Some(talk) = talks.get_mut(message.flow as usize) {
                let protocol = protocols::at(message.protocol).map_or("", |protocol| protocol.name());
                talk.message(message.side, protocol, &message);
            }
        }
        for fact in trace.facts().iter().filter(|fact| fact.field == &tls::ALPN_NAME) {
            let talk = talks.get_mut(fact.flow as usize);
            if let Some(secured) = talk.and_then(|talk| talk.secured.as_mut())
                && trace.words().at(fact.value) == b"h2"
            {
                secured.settles = true;
            }
        }
        flows.iter().zip(talks).map(|(flow, talk)| talk.stage(flow)).collect()
    }
}

/// What both sides of a flow sent, in packet numbers; 0 for never.
#[derive(Clone, Default)]
struct Talk {
    packets: [u32; 2],
    /// The client's first payload.
    asked: u32,
    /// The server's last payload.
    answered: u32,
    /// What is said under encryption counts, once there is some.
    secured: Option<Secured>,
}

impl Talk {
    fn packet(&mut self, side: Side, number: u32, has_payload: impl Fn() -> bool) {
        if let Some(packets) = self.packets.get_mut(side.index()) {
            *packets += 1;
        }
        match side {
            Side::Client if self.asked == 0 && has_payload() => self.asked = number,
            Side::Server if has_payload() => self.answered = number,
            _ => {}
        }
    }

    fn message(&mut self, side: Side, protocol: &str, message: &MessageRow) {
        let (what, packet) = (message.what, message.last);
        match (protocol, what) {
            ("tls" | "dtls" | "quic", "ClientHello") => drop(self.secured.get_or_insert(Secured::after_hello())),
            ("tls" | "dtls", "sealed handshake") => self.secured.get_or_insert_default().negotiates_in_turn(),
            ("ssh", _) => {
                let secured = self.secured.get_or_insert_default();
                if what.starts_with("sealed") {
                    secured.say(side, packet);
                }
            }
            ("tls" | "dtls", "sealed") => self.secured.get_or_insert_default().record(side, packet, message.length),
            ("quic", "1-RTT") => self.secured.get_or_insert_default().quic(side, packet, message.length),
            _ => {}
        }
    }

    fn stage(&self, flow: &Flow) -> Stage {
        let [client, server] = self.packets;
        let (asked, answers) = match self.secured {
            Some(secured) => (secured.asked, secured.answers()),
            None => (self.asked, self.answered > self.asked),
        };
        match () {
            () if client == 0 && server == 0 => Stage::Name,
            () if asked > 0 && answers => Stage::Response,
            () if asked > 0 => Stage::Request,
            () if self.secured.is_some() => Stage::Tls,
            // A server that speaks first (a greeting) answers nothing.
            () if self.answered > 0 => Stage::Tcp,
            () if flow.transport == Some(Transport::Tcp) => {
                if flow.tcp().is_some_and(crate::flow::Tcp::is_open) {
                    Stage::Tcp
                } else {
                    Stage::Syn
                }
            }
            // Without payload of its own (ICMP) an answer is a packet.
            () if flow.transport.is_none() && server > 0 => Stage::Response,
            () => Stage::Request,
        }
    }
}

fn has_payload(trace: &Trace, number: u32) -> bool {
    use crate::bytes::Class;
    let wrapper = [Class::Link, Class::Network, Class::Transport, Class::Padding];
    trace.ledger(number).iter().any(|(class, bytes)| bytes > 0 && !wrapper.contains(&class))
}

/// What the client can know of how its flow ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing came back: dropped in silence, or lost, or nobody is there.
    Silence,
    /// The server, or somebody in its name, refused the connection with a reset.
    Refused,
    /// A router or the host said by ICMP that it will not be.
    Prohibited,
    /// An alert of TLS ended it before anything was asked.
    Alert,
    /// The request was acknowledged, and nothing that came back is surely an answer (a server that has just been
    /// greeted sends session tickets by itself): it arrived, and nobody can tell what became of it.
    Acknowledged,
    /// The request was sent, and nothing says that it arrived.
    Sent,
    /// An answer came.
    Answered,
    /// The client asked nothing.
    Idle,
}

impl Outcome {
    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Silence => "silence",
            Outcome::Refused => "refused",
            Outcome::Prohibited => "prohibited",
            Outcome::Alert => "alert",
            Outcome::Acknowledged => "acknowledged",
            Outcome::Sent => "sent",
            Outcome::Answered => "answered",
            Outcome::Idle => "idle",
        }
    }

    /// What the client can know, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Outcome::Silence => "nothing came back: it was dropped in silence, or lost, or nobody is there",
            Outcome::Refused => "the connection was reset: nobody listens there, or somebody on the way refuses it",
            Outcome::Prohibited => "a router or the host said that it will not be delivered",
            Outcome::Alert => "TLS ended with an alert before anything was asked",
            Outcome::Acknowledged => {
                "the request arrived at the other end's TCP, and nothing that came back is surely an answer: what became \
                 of it cannot be known"
            }
            Outcome::Sent => "the request was sent; nothing says that it arrived",
            Outcome::Answered => "an answer came",
            Outcome::Idle => "nothing was asked",
        }
    }

    /// What can be known of a flow that got to `stage`, of which ICMP `complained`.
    pub fn of(flow: &Flow, stage: Stage, complained: bool) -> Outcome {
        let server = flow.packets.get(Side::Server.index()).copied().unwrap_or(0);
        let tcp = flow.tcp();
        let reset = tcp.is_some_and(crate::flow::Tcp::was_reset);
        match stage {
            Stage::Response => Outcome::Answered,
            _ if complained => Outcome::Prohibited,
            Stage::Tls if flow.remarks().iter().any(|remark| remark.starts_with("alert ")) => Outcome::Alert,
            Stage::Syn if reset => Outcome::Refused,
            Stage::Name | Stage::Syn if server == 0 => Outcome::Silence,
            Stage::Request if tcp.is_some_and(|tcp| tcp.was_heard(Side::Client)) => Outcome::Acknowledged,
            Stage::Request if tcp.is_some() => Outcome::Sent,
            Stage::Request if server == 0 => Outcome::Silence,
            Stage::Request => Outcome::Sent,
            Stage::Name | Stage::Syn | Stage::Tcp | Stage::Tls => Outcome::Idle,
        }
    }
}
