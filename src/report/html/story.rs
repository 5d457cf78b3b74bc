//! Who talked with whom, what for, and what could be read of it: flow by flow, in order.

use std::collections::BTreeMap;

use super::bar::Bar;
use super::leaks::{self, Told};
use super::{Telling, cut, left_out};
use crate::bytes::{Class, Ledger, Split, escape_bytes};
use crate::exposure::Stage;
use crate::flow::Flow;
use crate::protocols::{Side, Transport};
use crate::report::json;
use crate::report::table::{self, counted, percent};

/// Flows of which the story is told.
const MOST_SCENES: usize = 80;

/// Things that are named as readable of one flow.
const MOST_SEEN: usize = 6;

/// A flow in the story.
pub(super) struct Scene {
    pub(super) flow: u32,
    pub(super) when: String,
    pub(super) title: String,
    pub(super) outcome: String,
    pub(super) seen: Vec<Seen>,
    pub(super) more: Option<String>,
    pub(super) bar: Bar,
    pub(super) bytes: String,
}

/// Something that could be read.
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) says: String,
}

/// The story.
pub(super) fn scenes(telling: &Telling<'_>, told: &[Told<'_>]) -> (Vec<Scene>, Option<String>) {
    let stages = Stage::of_flows(telling.trace);
    let mut flows: Vec<(&Flow, Stage)> = telling.trace.flows().all().iter().zip(stages).collect();
    flows.retain(|(flow, _)| telling.shows_flow(flow.number));
    flows.sort_by_key(|(flow, _)| flow.first);
    let all = flows.len();
    flows.truncate(MOST_SCENES);
    let asked = Asked::new(telling, &flows);
    let scenes = flows.into_iter().map(|(flow, stage)| scene(telling, told, &asked, flow, stage));
    let scenes: Vec<Scene> = scenes.collect();
    let left_out = left_out(all, scenes.len(), "more flow");
    (scenes, left_out)
}

/// What clients asked for in clear, by flow.
struct Asked<'t>(BTreeMap<u32, Vec<&'t [u8]>>);

impl<'t> Asked<'t> {
    /// Things that are named of one flow.
    const MOST: usize = 3;

    fn new(telling: &Telling<'t>, flows: &[(&Flow, Stage)]) -> Asked<'t> {
        let mut asked: BTreeMap<u32, Vec<&[u8]>> = flows.iter().map(|(flow, _)| (flow.number, Vec::new())).collect();
        let can_read = telling.seen_by.is_none_or(|view| view.sees(Class::Metadata));
        for message in telling.trace.messages().iter().filter(|of| can_read && of.side == Side::Client) {
            let subject = telling.trace.subject(&message);
            if let Some(of) = asked.get_mut(&message.flow)
                && !subject.is_empty()
                && of.len() <= Asked::MOST
                && !of.contains(&subject)
            {
                of.push(subject);
            }
        }
        Asked(asked)
    }

    /// `shop.example, static.example and more`.
    fn of(&self, flow: u32) -> Option<String> {
        let all = self.0.get(&flow).filter(|all| !all.is_empty())?;
        let words: Vec<String> = all.iter().take(Asked::MOST).map(|one| cut(&escape_bytes(one), 80)).collect();
        Some(format!("{}{}", words.join(", "), if all.len() > Asked::MOST { " and more" } else { "" }))
    }
}

fn scene(telling: &Telling<'_>, told: &[Told<'_>], asked: &Asked<'_>, flow: &Flow, stage: Stage) -> Scene {
    let of_flow: Vec<&Told<'_>> = told.iter().filter(|one| one.leak.flow == Some(flow.number)).collect();
    let seen: Vec<Seen> = of_flow
        .iter()
        .take(MOST_SEEN)
        .map(|one| Seen { id: one.id(), says: cut(&leaks::sentence(telling, one.leak), 160) })
        .collect();
    let more = of_flow.len().saturating_sub(seen.len());
    let ledger = flow.ledger();
    Scene {
        flow: flow.number,
        when: when(telling, flow),
        title: title(telling, asked, flow, stage),
        outcome: outcome(flow, stage),
        seen,
        more: (more > 0).then(|| format!("and {} below", counted(more as u64, "more thing"))),
        bar: Bar::new(&ledger, "bar"),
        bytes: bytes(flow, &ledger),
    }
}

fn when(telling: &Telling<'_>, flow: &Flow) -> String {
    let (Some(first), Some(row)) = (telling.trace.row(1), telling.trace.row(flow.first)) else {
        return String::new();
    };
    if !first.timed() || !row.timed() {
        return format!("packet {}", flow.first);
    }
    format!("+{}", table::delay(row.time.saturating_sub(first.time)))
}

/// `192.0.2.10 talked with shop.example (203.0.113.7:443), encrypted by TLS 1.3`.
fn title(telling: &Telling<'_>, asked: &Asked<'_>, flow: &Flow, stage: Stage) -> String {
    let client = flow.endpoint(Side::Client).0;
    let server = json::endpoint(flow, Side::Server);
    let whom = match telling.names.of_flow(flow.number) {
        Some((name, _)) => format!("{} ({server})", cut(&telling.names.text(name), 100)),
        None => server,
    };
    let stack = flow.stack();
    let speaks = |name: &str| stack.iter().any(|one| one.starts_with(name));
    let spoken = stack.iter().find(|one| one.starts_with("tls") || one.starts_with("dtls"));
    let spoken = spoken.map_or("", |name| name);
    let version = spoken.trim_start_matches("dtls").trim_start_matches("tls");
    let asks = asked.of(flow.number);
    match () {
        () if matches!(stage, Stage::Syn | Stage::Tcp) && asks.is_none() && stack.len() == 1 => {
            format!("{client} opened a way to {whom} and said nothing on it")
        }
        () if speaks("mdns") || speaks("llmnr") => format!("{client} asked everybody near, or told them"),
        () if speaks("dns") && spoken.is_empty() && !speaks("quic") => {
            format!("{client} asked {whom} in clear about {}", asks.unwrap_or_else(|| "names".to_owned()))
        }
        () if !spoken.is_empty() => format!("{client} talked with {whom}, encrypted by TLS {version}"),
        () if speaks("quic") => format!("{client} talked with {whom}, encrypted by QUIC"),
        () if speaks("ssh") => format!("{client} talked with {whom}, encrypted by SSH"),
        () if speaks("wg") => format!("{client} talked with {whom} through a WireGuard tunnel"),
        () if speaks("http") => {
            format!("{client} asked {whom} in clear for {}", asks.unwrap_or_else(|| "web pages".to_owned()))
        }
        () if speaks("icmp") => format!("{client} and {whom} told each other whether they can be reached"),
        () => format!("{client} talked with {whom}: {}", what_is_spoken(flow, &stack)),
    }
}

fn what_is_spoken(flow: &Flow, stack: &[&str]) -> String {
    match (stack.last(), flow.transport) {
        (Some(&("tcp" | "udp" | "sctp")), Some(Transport::Tcp | Transport::Udp | Transport::Sctp)) => {
            "what they speak is not known".to_owned()
        }
        (Some(top), _) => (*top).to_owned(),
        (None, _) => format!("IP protocol {}", flow.ip_number),
    }
}

fn outcome(flow: &Flow, stage: Stage) -> String {
    let what = match stage {
        Stage::Name => "No packet of it is in this capture.",
        Stage::Syn => "The connection was not made, as far as this capture shows.",
        Stage::Tcp => "The connection was made; nothing was asked.",
        Stage::Tls => "They negotiated keys; nothing was asked.",
        Stage::Request => "Something was asked; no answer is in this capture.",
        Stage::Response => "The other side answered.",
    };
    let remarks = flow.remarks();
    if remarks.is_empty() {
        what.to_owned()
    } else {
        format!("{what} Remarkable: {}.", crate::bytes::escape(&remarks.join("; ")))
    }
}

fn bytes(flow: &Flow, ledger: &Ledger) -> String {
    let packets: u64 = flow.packets.iter().map(|packets| u64::from(*packets)).sum();
    let size = format!("{}, {}", counted(packets, "packet"), counted(ledger.total(), "byte"));
    match (ledger.split(Split::Visible), ledger.split(Split::Encrypted)) {
        (0, 0) => size,
        (_, 0) => format!("{size}; nothing of it is sealed"),
        (visible, sealed) => {
            let part = |bytes| percent(bytes, ledger.total());
            format!("{size}: {} can be read, {} is sealed", part(visible), part(sealed))
        }
    }
}
