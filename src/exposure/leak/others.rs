//! What whole flows tell: tunnels, and how much was said under encryption.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Detail, Evidence, Found, Leaks, kind, site_of};
use crate::bytes::Confidence;
use crate::exposure::Names;
use crate::exposure::sizes::{ASSUMPTION, Burst, bursts};
use crate::protocols::Side;
use crate::trace::Trace;

/// Protocols that carry others under encryption, as people call them, and how sure it is where they are seen:
/// WireGuard's handshake and IKE's messages have a shape of their own, the others are little more than a port or a length.
const TUNNELS: [(&str, &str, Confidence); 4] = [
    ("wireguard", "WireGuard", Confidence::Certain),
    ("isakmp", "IPsec (its key exchange)", Confidence::Certain),
    ("esp", "IPsec (ESP)", Confidence::Certain),
    ("openvpn", "OpenVPN", Confidence::Inferred),
];

/// Turns of a flow that are told: more say no more, and are in the books.
const TURNS: usize = 8;

impl Leaks {
    /// Tunnels in use.
    pub(super) fn tunnels(&mut self, trace: &Trace, names: &Names) {
        let Some(kind) = kind("vpn.tunnel") else { return };
        let handshakes: std::collections::BTreeSet<u32> = trace
            .messages()
            .iter()
            .filter(|message| message.what.starts_with("handshake"))
            .map(|message| message.flow)
            .collect();
        for flow in trace.flows().all() {
            let Some(row) = trace.row(flow.first).filter(|row| row.flow == flow.number) else { continue };
            let stack = flow.stack();
            let found = TUNNELS.iter().find(|(protocol, ..)| stack.contains(protocol));
            let Some((protocol, name, confidence)) = found else { continue };
            let weak = match *protocol {
                "wireguard" => !handshakes.contains(&flow.number),
                "esp" => flow.transport.is_some(),
                _ => false,
            };
            let confidence = if weak { Confidence::Inferred } else { *confidence };
            let site = site_of(trace, names, flow.number);
            let evidence = &[Evidence { packet: flow.first, from: 0, to: row.captured }];
            self.tell(
                trace,
                &Found {
                    kind,
                    value: name.as_bytes(),
                    site: site.as_deref(),
                    confidence,
                    evidence,
                    flow: Some(flow.number),
                },
            );
        }
    }

    /// Beside addresses of servers: which names this capture saw there, for among them hides who asks for one; or why
    /// there is none.
    pub(super) fn names_there(&mut self, trace: &Trace, names: &Names) {
        /// More names say no more.
        const MOST: usize = 8;
        for (leak, place) in self.all.iter().zip(0..).filter(|(leak, _)| leak.kind.name == "ip.server") {
            let address = std::str::from_utf8(self.raw(leak)).ok().and_then(|text| text.parse().ok());
            let Some(address) = address else { continue };
            let all: Vec<u32> = names.on(address).collect();
            let (what, text) = if all.is_empty() {
                let why = leak.flow.map_or("", |flow| names.nameless(trace, flow).text());
                ("no name", why.to_owned())
            } else {
                let shown = all.iter().take(MOST).map(|name| String::from_utf8_lossy(names.raw(*name)).into_owned());
                let more = all.len().checked_sub(MOST).filter(|more| *more > 0).map(|more| format!("{more} more"));
                let listed = shown.chain(more).collect::<Vec<_>>().join(", ");
                ("names seen at this address", format!("{}: {listed}", all.len()))
            };
            let detail = Detail { what: what.to_owned(), text, evidence: Vec::new() };
            self.details.insert(place, vec![detail]);
        }
    }

    /// How much was asked and answered under encryption.
    pub(super) fn plaintexts(&mut self, trace: &Trace, names: &Names) {
        let Some(kind) = kind("tls.plaintext") else { return };
        for (flow, bursts) in (0..).zip(bursts(trace)) {
            let Some((first, last)) = bursts.first().zip(bursts.last()) else { continue };
            let value = turns(&bursts);
            let whole = |packet| Evidence { packet, from: 0, to: trace.row(packet).map_or(0, |row| row.captured) };
            let mut evidence = vec![whole(first.first), whole(last.last)];
            evidence.dedup();
            let site = site_of(trace, names, flow);
            self.tell(
                trace,
                &Found {
                    kind,
                    value: value.as_bytes(),
                    site: site.as_deref(),
                    confidence: Confidence::Inferred,
                    evidence: &evidence,
                    flow: Some(flow),
                },
            );
        }
    }
}

/// Systems, as programs name them to sites: a word that stands in the name, and what people call the system. Who comes
/// first is more special: an Android is a Linux, too.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows NT", "Windows"),
    ("Macintosh", "Mac"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("X11; Linux", "Linux"),
];

impl Leaks {
    /// Programs of one address that name several systems: perhaps several devices share it.
    pub(super) fn programs(&mut self, trace: &Trace) {
        let Some(kind) = kind("ip.devices") else { return };
        let mut seen: BTreeMap<IpAddr, BTreeMap<&str, (Evidence, u32)>> = BTreeMap::new();
        for fact in trace.facts() {
            if !matches!(fact.field.name, "http.user_agent" | "http2.headers.user_agent") {
                continue;
            }
            let program = String::from_utf8_lossy(trace.words().at(fact.value));
            let system = SYSTEMS.iter().find(|(word, _)| program.contains(word)).map(|(_, name)| *name);
            let (Some(system), Some(flow)) = (system, trace.flows().all().get(fact.flow as usize)) else { continue };
            let at = Evidence { packet: fact.packet, from: fact.start, to: fact.end };
            let of = seen.entry(flow.endpoint(Side::Client).0).or_default();
            of.entry(system).or_insert((at, fact.flow));
        }
        for (address, systems) in seen.iter().filter(|(_, systems)| systems.len() > 1) {
            let names: Vec<&str> = systems.keys().copied().collect();
            let value = format!(
                "programs at {address} named the systems {}: perhaps {} devices share it",
                names.join(" and "),
                systems.len()
            );
            let evidence: Vec<Evidence> = systems.values().map(|(at, _)| *at).collect();
            let flow = systems.values().next().map(|(_, flow)| *flow);
            let (value, confidence) = (value.as_bytes(), Confidence::Guess);
            self.tell(trace, &Found { kind, value, site: None, confidence, evidence: &evidence, flow });
        }
    }
}

/// `118 bytes were asked and 1,306 answered; ...`
fn turns(bursts: &[Burst]) -> String {
    let told = bursts.iter().take(TURNS).map(|burst| {
        let did = if burst.side == Side::Client { "asked with" } else { "answered with" };
        format!("{did} {} bytes", burst.plaintext.text())
    });
    let more = bursts.len().checked_sub(TURNS).filter(|more| *more > 0);
    let more = more.map(|more| format!("and {more} turns more"));
    let text = told.chain(more).collect::<Vec<_>>().join(", ");
    format!("{text} ({ASSUMPTION})")
}
