//! What headers tell: link addresses, network addresses and ports, each host once; when and how much, each site once.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

use super::{Context, Evidence, Found, Leaks, kind, site_of};
use crate::bytes::{Confidence, Field, Findings, Tree, hexadecimal};
use crate::capture::Fetch;
use crate::exposure::Names;
use crate::flow::Flow;
use crate::protocols::{Side, Transport, ethernet, ipv4, ipv6, tcp, udp};
use crate::trace::Trace;

/// Flows of one address whose hop limits are compared: more say no more.
const COMPARED: usize = 64;

/// The headers of one packet, read again.
struct Headers {
    tree: Tree,
    bytes: Vec<u8>,
    packet: u32,
}

impl Headers {
    fn read(trace: &Trace, fetch: &Fetch, packet: u32) -> io::Result<Option<Headers>> {
        let Some(row) = trace.row(packet) else { return Ok(None) };
        let mut bytes = Vec::new();
        fetch.read(row.position, row.captured, &mut bytes)?;
        let mut tree = Tree::only(vec![
            &ethernet::SOURCE,
            &ipv4::SOURCE,
            &ipv4::DESTINATION,
            &ipv4::TTL,
            &ipv6::SOURCE,
            &ipv6::DESTINATION,
            &ipv6::HOP_LIMIT,
            &tcp::SRC_PORT,
            &tcp::DST_PORT,
            &udp::SRC_PORT,
            &udp::DST_PORT,
        ]);
        trace.walk(packet, &row, &bytes, &mut Findings::counting(), Some(&mut tree));
        Ok(Some(Headers { tree, bytes, packet }))
    }

    /// Where one of these fields has this value; the innermost, if there are several.
    fn find(&self, fields: &[&'static Field], value: &[u8]) -> Option<Evidence> {
        let nodes = self.tree.nodes().iter().rev().filter(|node| node.source == 0 && fields.contains(&node.field));
        let mut found = nodes.filter(|node| self.tree.bytes_of(node, &self.bytes) == value);
        found.next().map(|node| Evidence { packet: self.packet, from: node.start, to: node.end })
    }

    /// The outermost link address of the sender.
    fn link_address(&self) -> Option<([u8; 6], Evidence)> {
        let node = self.tree.nodes().iter().find(|node| node.field == &ethernet::SOURCE && node.source == 0)?;
        let address = self.tree.bytes_of(node, &self.bytes).try_into().ok()?;
        Some((address, Evidence { packet: self.packet, from: node.start, to: node.end }))
    }

    /// The hop limit of the innermost network header.
    fn hops(&self) -> Option<(u8, Evidence)> {
        let limits = [&ipv4::TTL, &ipv6::HOP_LIMIT];
        let node = self.tree.nodes().iter().rev().find(|node| node.source == 0 && limits.contains(&node.field))?;
        let hops = self.tree.bytes_of(node, &self.bytes).first().copied()?;
        Some((hops, Evidence { packet: self.packet, from: node.start, to: node.end }))
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

/// Whether an address is somebody's: not a group, not everybody, not nobody.
fn is_somebody(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    !(broadcast || address.is_multicast() || address.is_unspecified())
}

impl Leaks {
    /// Addresses and ports of flows. Of a host that was told before nothing is read again.
    pub(super) fn headers(
        &mut self,
        trace: &Trace,
        names: &Names,
        fetch: &Fetch,
        context: &Context,
    ) -> io::Result<()> {
        let mut hops: BTreeMap<IpAddr, Vec<(u8, Evidence, u32)>> = BTreeMap::new();
        for flow in trace.flows().all() {
            let Some(first) = trace.row(flow.first).filter(|row| row.flow == flow.number) else { continue };
            let site = site_of(trace, names, flow.number);
            let (client, server) = (flow.endpoint(Side::Client), flow.endpoint(Side::Server));
            let told = Told { client: client.0, server, site: site.as_deref(), flow };
            let seen = hops.get(&client.0).map_or(0, Vec::len);
            let compare = first.side() == Side::Client && seen < COMPARED && is_somebody(client.0);
            if self.knows_ends(&told) && !compare {
                self.count_ends(&told);
                continue;
            }
            let Some(headers) = Headers::read(trace, fetch, flow.first)? else { continue };
            self.ends(trace, &told, &headers);
            let (local, sender) = (flow.endpoint(context.local.side(flow)).0, flow.endpoint(first.side()).0);
            if sender == local {
                self.link(trace, flow, &headers, context);
            }
            if let Some((limit, at)) = headers.hops().filter(|_| compare) {
                hops.entry(client.0).or_default().push((limit, at, flow.number));
            }
        }
        for (address, seen) in hops {
            self.devices(trace, address, &seen);
        }
        self.traffic(trace, names);
        Ok(())
    }

    fn ends(&mut self, trace: &Trace, told: &Told<'_>, headers: &Headers) {
        let sources: [&'static Field; 2] = [&ipv4::SOURCE, &ipv6::SOURCE];
        let destinations: [&'static Field; 2] = [&ipv4::DESTINATION, &ipv6::DESTINATION];
        let any: Vec<&'static Field> = [sources, destinations].concat();
        for (kind, value, site) in told.addresses() {
            let Ok(address) = value.parse::<IpAddr>() else { continue };
            let Some(at) = headers.find(&any, &octets(address)) else { continue };
            self.tell_header(trace, told, kind, (&value, Confidence::Certain), site, at);
            if let Some(mac) = hidden_in(address) {
                let value = format!("{address} {}", hexadecimal(&mac, ":"));
                self.tell_header(trace, told, "ip.eui64", (&value, Confidence::Inferred), site, at);
            }
        }
        if let Some(value) = told.port() {
            let ports: [&'static Field; 4] = [&tcp::SRC_PORT, &tcp::DST_PORT, &udp::SRC_PORT, &udp::DST_PORT];
            let at = headers.find(&ports, &told.server.1.to_be_bytes());
            if let Some(at) = at {
                self.tell_header(trace, told, "ip.port", (&value, Confidence::Certain), told.site, at);
            }
        }
    }

    fn tell_header(
        &mut self,
        trace: &Trace,
        told: &Told<'_>,
        name: &str,
        (value, confidence): (&str, Confidence),
        site: Option<&[u8]>,
        at: Evidence,
    ) {
        let Some(kind) = kind(name) else { return };
        let site = if kind.subject == super::Subject::Local { None } else { site };
        let flow = Some(told.flow.number);
        self.tell(trace, &Found { kind, value: value.as_bytes(), site, confidence, evidence: &[at], flow });
    }

    fn knows_ends(&self, told: &Told<'_>) -> bool {
        let port = told.port().is_none_or(|port| self.place("ip.port", port.as_bytes(), told.site).is_some());
        port && told.addresses().iter().all(|(kind, value, site)| self.place(kind, value.as_bytes(), *site).is_some())
    }

    fn count_ends(&mut self, told: &Told<'_>) {
        let port = told.port().and_then(|port| self.place("ip.port", port.as_bytes(), told.site));
        let addresses = told.addresses();
        let known = addresses.iter().filter_map(|(kind, value, site)| self.place(kind, value.as_bytes(), *site));
        let known: Vec<usize> = known.chain(port).collect();
        for at in known {
            if let Some(leak) = self.all.get_mut(at) {
                leak.times = leak.times.saturating_add(1);
            }
            if let Some(tellings) = &mut self.tellings {
                tellings.push(super::Telling { leak: at as u32, flow: told.flow.number, packet: told.flow.first });
            }
        }
    }

    /// The link address of the local side.
    fn link(&mut self, trace: &Trace, flow: &Flow, headers: &Headers, context: &Context) {
        const GROUP: u8 = 1;
        const OWN: u8 = 2;
        let Some((mac, at)) = headers.link_address() else { return };
        let [first, ..] = mac;
        if mac == [0; 6] || first & GROUP != 0 {
            return;
        }
        let text = hexadecimal(&mac, ":");
        let mut tell = |name: &str, value: &str, confidence| {
            let Some(kind) = kind(name) else { return };
            let (evidence, flow) = (&[at], Some(flow.number));
            self.tell(trace, &Found { kind, value: value.as_bytes(), site: None, confidence, evidence, flow });
        };
        tell("link.mac", &text, Confidence::Certain);
        if first & OWN != 0 {
            // Virtual machines and containers do the same.
            tell("link.randomised", &text, Confidence::Inferred);
        } else if let Some(maker) = context.vendors.of(mac) {
            tell("link.vendor", &format!("{text} {maker}"), Confidence::Inferred);
        }
    }

    /// Packets of one address that began with different hop limits come from different systems.
    fn devices(&mut self, trace: &Trace, address: IpAddr, seen: &[(u8, Evidence, u32)]) {
        /// Systems begin with one of these.
        const BEGIN: [u8; 4] = [32, 64, 128, 255];
        let begin = |limit: u8| BEGIN.into_iter().find(|begin| limit <= *begin).unwrap_or(u8::MAX);
        let mut kinds: BTreeMap<u8, (Evidence, u32)> = BTreeMap::new();
        for (limit, at, flow) in seen.iter().filter(|(limit, ..)| *limit > 1 && *limit < 255) {
            kinds.entry(begin(*limit)).or_insert((*at, *flow));
        }
        let Some(kind) = kind("ip.devices").filter(|_| kinds.len() > 1) else { return };
        let limits: Vec<String> = kinds.keys().map(u8::to_string).collect();
        let value = format!(
            "packets of {address} began with hop limits of {}: perhaps {} systems share it",
            limits.join(" and "),
            kinds.len()
        );
        let evidence: Vec<Evidence> = kinds.values().map(|(at, _)| *at).collect();
        let flow = kinds.values().next().map(|(_, flow)| *flow);
        let confidence = Confidence::Guess;
        self.tell(trace, &Found { kind, value: value.as_bytes(), site: None, confidence, evidence: &evidence, flow });
    }

    /// When somebody was at a site, and how much was sent: that hides no encryption.
    fn traffic(&mut self, trace: &Trace, names: &Names) {
        let mut sizes = vec![[0u64; 2]; trace.flows().all().len()];
        for row in trace.rows() {
            let side = row.side().index();
            if let Some(bytes) = sizes.get_mut(row.flow as usize).and_then(|sides| sides.get_mut(side)) {
                *bytes += u64::from(row.length);
            }
        }
        let mut sites: Vec<(Vec<u8>, Visits)> = Vec::new();
        let mut places: hashbrown::HashMap<Vec<u8>, usize> = hashbrown::HashMap::new();
        for (flow, bytes) in trace.flows().all().iter().zip(sizes) {
            let server = flow.endpoint(Side::Server).0;
            let carried = trace.row(flow.first).is_some_and(|row| row.flow == flow.number);
            if !carried || !is_somebody(server) || flow.transport.is_none() {
                continue;
            }
            let Some(site) = site_of(trace, names, flow.number) else { continue };
            let at = *places.entry(site.to_vec()).or_insert(sites.len());
            if at == sites.len() {
                sites.push((site.into_owned(), Visits::begin(flow)));
            }
            if let Some((_, visits)) = sites.get_mut(at) {
                visits.add(flow, bytes);
            }
        }
        for (site, visits) in &sites {
            for (name, value) in [("traffic.time", visits.when()), ("traffic.size", visits.how_much())] {
                let Some(kind) = kind(name) else { continue };
                let whole =
                    |packet| Evidence { packet, from: 0, to: trace.row(packet).map_or(0, |row| row.captured) };
                let mut evidence = vec![whole(visits.first), whole(visits.last)];
                evidence.dedup();
                let (site, flow) = (Some(site.as_slice()), Some(visits.flow));
                let found = Found {
                    kind,
                    value: value.as_bytes(),
                    site,
                    confidence: Confidence::Certain,
                    evidence: &evidence,
                    flow,
                };
                self.tell(trace, &found);
            }
        }
    }
}

/// The ends of a flow, as they are told.
struct Told<'a> {
    client: IpAddr,
    server: (IpAddr, u16),
    site: Option<&'a [u8]>,
    flow: &'a Flow,
}

impl<'a> Told<'a> {
    /// Kind, value and site of the addresses that are somebody's.
    fn addresses(&self) -> Vec<(&'static str, String, Option<&'a [u8]>)> {
        let ends = [("ip.client", self.client, None), ("ip.server", self.server.0, self.site)];
        let somebody = ends.into_iter().filter(|(_, address, _)| is_somebody(*address));
        somebody.map(|(kind, address, site)| (kind, address.to_string(), site)).collect()
    }

    /// The port that is served, where there are ports and somebody who serves.
    fn port(&self) -> Option<String> {
        let transport = match self.flow.transport {
            Some(Transport::Tcp) => "tcp",
            Some(Transport::Udp) => "udp",
            _ => return None,
        };
        is_somebody(self.server.0).then(|| format!("{}/{transport}", self.server.1))
    }
}

/// The link address from which an IPv6 address was made (RFC 4291, appendix A).
fn hidden_in(address: IpAddr) -> Option<[u8; 6]> {
    const UNIVERSAL: u8 = 2;
    let IpAddr::V6(v6) = address else { return None };
    let [.., first, second, third, 0xff, 0xfe, fourth, fifth, sixth] = v6.octets() else { return None };
    (first & UNIVERSAL != 0).then_some([first ^ UNIVERSAL, second, third, fourth, fifth, sixth])
}

/// What was to be seen at a site from afar.
struct Visits {
    flow: u32,
    flows: u32,
    first: u32,
    last: u32,
    begin: i64,
    end: i64,
    /// On the wire, by side.
    bytes: [u64; 2],
    packets: u64,
}

impl Visits {
    fn begin(flow: &Flow) -> Visits {
        Visits {
            flow: flow.number,
            flows: 0,
            first: flow.first,
            last: flow.last,
            begin: flow.first_time,
            end: flow.last_time,
            bytes: [0; 2],
            packets: 0,
        }
    }

    fn add(&mut self, flow: &Flow, [client, server]: [u64; 2]) {
        self.flows += 1;
        self.first = self.first.min(flow.first);
        if flow.last_time > self.end {
            (self.end, self.last) = (flow.last_time, flow.last);
        }
        self.begin = self.begin.min(flow.first_time);
        self.packets += flow.packets.iter().map(|packets| u64::from(*packets)).sum::<u64>();
        let [to, from] = &mut self.bytes;
        (*to, *from) = (*to + client, *from + server);
    }

    fn when(&self) -> String {
        let begin = jiff::Timestamp::from_nanosecond(self.begin.into())
            .map_or_else(|_| self.begin.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
        let lasted = self.end.saturating_sub(self.begin).max(0);
        let flows = if self.flows == 1 { "1 flow".to_owned() } else { format!("{} flows", self.flows) };
        format!("{flows} from {begin} on, for {}.{:03} s", lasted / 1_000_000_000, lasted / 1_000_000 % 1000)
    }

    fn how_much(&self) -> String {
        let [to, from] = self.bytes;
        format!("{to} bytes were sent and {from} came back, in {} packets", self.packets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_address_shows_in_an_address_that_was_made_from_it() {
        let of = |text: &str| hidden_in(text.parse().unwrap());
        assert_eq!(of("2001:db8::200:5eff:fe00:5323"), Some([0, 0, 0x5e, 0, 0x53, 0x23]));
        assert_eq!(of("2001:db8::5eff:fe00:5323"), None, "not universal");
        assert_eq!(of("2001:db8::1"), None);
        assert_eq!(of("192.0.2.1"), None);
    }
}
