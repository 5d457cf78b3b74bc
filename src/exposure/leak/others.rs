//! What whole flows tell: tunnels, and how much was said under encryption.

use super::{Evidence, Found, Leaks, kind, site_of};
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
