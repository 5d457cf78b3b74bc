//! Who is on the link: link addresses with the network addresses that stand behind them, as ARP (RFC 826), neighbour
//! discovery (RFC 4861), DHCP and the frames themselves tell; and who forwards for others.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr};

use crate::bytes::{Field, Findings, Tree, Value, escape_bytes};
use crate::capture::Fetch;
use crate::protocols;
use crate::trace::{Row, Trace};

/// Packets that are read again: of each flow the first of each side, and of ARP and neighbour discovery so many.
/// A home network has a few hundred; what is left out is counted.
const READ: usize = 1 << 16;

/// Addresses that are kept for one link address: a gateway forwards for any number.
const ADDRESSES: usize = 64;

/// How it is known that an address stands behind a link address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// ARP said so.
    Arp,
    /// Neighbour discovery said so.
    Discovery,
    /// DHCP gave it.
    Dhcp,
    /// Frames with this address came from there or went there.
    Traffic,
}

impl How {
    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            How::Arp => "arp",
            How::Discovery => "nd",
            How::Dhcp => "dhcp",
            How::Traffic => "traffic",
        }
    }
}

/// A network address behind a link address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The address.
    pub address: IpAddr,
    /// How that is known, by the surest witness.
    pub how: How,
    /// The packet that showed it.
    pub packet: u32,
}

/// Somebody on the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its link address.
    pub link: [u8; 6],
    /// Its own addresses.
    pub own: Vec<Behind>,
    /// Addresses beyond the link that it forwards for.
    pub forwards: Vec<Behind>,
    /// How many more of those there are.
    pub more: u32,
    /// The packet in which it said that it is a router (RFC 4861, section 6.2.3).
    pub router: Option<u32>,
    /// The name that it gave DHCP, escaped.
    pub name: Option<String>,
}

impl Neighbour {
    /// Whether what goes beyond the link goes through it.
    pub fn is_gateway(&self) -> bool {
        self.router.is_some() || !self.forwards.is_empty()
    }
}

/// Everybody on the link.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    /// The gateways first, then in the order of their first frame.
    pub all: Vec<Neighbour>,
    /// Packets that could have told more and were not read.
    pub left_out: u64,
}

impl Neighbours {
    /// The gateway through which an address is reached; none if it is on the link or was not seen.
    pub fn gateway_to(&self, address: IpAddr) -> Option<&Neighbour> {
        self.all.iter().find(|neighbour| neighbour.forwards.iter().any(|behind| behind.address == address))
    }

    /// Whoever has an address on the link.
    pub fn owner_of(&self, address: IpAddr) -> Option<&Neighbour> {
        self.all.iter().find(|neighbour| neighbour.own.iter().any(|behind| behind.address == address))
    }
}

/// Finds who is on the link.
///
/// # Errors
/// What reading the capture again says.
pub fn neighbours(trace: &Trace, fetch: &Fetch) -> io::Result<Neighbours> {
    let (packets, left_out) = telling(trace);
    let mut reader = Reader::new(trace, fetch);
    let mut links = Links::default();
    for number in packets {
        if let Some(row) = trace.row(number) {
            reader.read(number, &row, &mut links)?;
        }
    }
    links.enter_dhcp(trace);
    Ok(Neighbours { all: links.settle(), left_out })
}

/// The packets that tell: link protocols, neighbour discovery, and the first packet of each side of each flow.
fn telling(trace: &Trace) -> (Vec<u32>, u64) {
    let place = |name: &str| protocols::LIST.iter().position(|protocol| protocol.name() == name);
    let link_protocols = [place("arp"), place("icmpv6")];
    let mut spoke = vec![[false; 2]; trace.flows().all().len()];
    let (mut packets, mut left_out) = (Vec::new(), 0);
    for (row, number) in trace.rows().iter().zip(1..) {
        let first = spoke
            .get_mut(row.flow as usize)
            .and_then(|sides| sides.get_mut(row.side().index()))
            .is_some_and(|spoke| !std::mem::replace(spoke, true));
        if first || link_protocols.contains(&Some(row.protocol.into())) {
            if packets.len() < READ { packets.push(number) } else { left_out += 1 }
        }
    }
    (packets, left_out)
}

struct Reader<'a> {
    trace: &'a Trace,
    fetch: &'a Fetch,
    tree: Tree,
    findings: Findings,
    bytes: Vec<u8>,
}

const FIELDS: [&str; 11] = [
    "eth.dst",
    "eth.src",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "arp.src.hw_mac",
    "arp.src.proto_ipv4",
    "icmpv6.type",
    "icmpv6.nd.na.target_address",
    "icmpv6.opt.linkaddr",
];

impl<'a> Reader<'a> {
    fn new(trace: &'a Trace, fetch: &'a Fetch) -> Reader<'a> {
        let fields: Vec<&'static Field> = FIELDS.iter().filter_map(|name| protocols::field(name)).collect();
        Reader { trace, fetch, tree: Tree::only(fields), findings: Findings::counting(), bytes: Vec::new() }
    }

    fn read(&mut self, number: u32, row: &Row, links: &mut Links) -> io::Result<()> {
        self.fetch.read(row.position, row.captured, &mut self.bytes)?;
        self.tree.clear();
        self.findings.clear();
        self.trace.walk(number, row, &self.bytes, &mut self.findings, Some(&mut self.tree));
        let (source, destination) = (self.mac("eth.src"), self.mac("eth.dst"));
        if let Some(address) = self.address("arp.src.proto_ipv4").filter(|address| !address.is_unspecified()) {
            links.says(self.mac("arp.src.hw_mac").or(source), address, How::Arp, number);
            return Ok(());
        }
        self.discovery(number, source, links);
        let either = |v4, v6| self.address(v4).or_else(|| self.address(v6));
        // Of several encapsulated networks the outermost one is the link's.
        if let Some(from) = either("ip.src", "ipv6.src") {
            links.says(source, from, How::Traffic, number);
        }
        if let Some(to) = either("ip.dst", "ipv6.dst") {
            links.says(destination, to, How::Traffic, number);
        }
        Ok(())
    }

    fn discovery(&self, number: u32, source: Option<[u8; 6]>, links: &mut Links) {
        const ROUTER_ADVERTISEMENT: u64 = 134;
        const SOLICITATION: u64 = 135;
        const ADVERTISEMENT: u64 = 136;
        let kind = self.value("icmpv6.type").and_then(|value| match value {
            Value::Number(kind) => Some(*kind),
            _ => None,
        });
        let told = self.mac("icmpv6.opt.linkaddr");
        match kind {
            Some(ROUTER_ADVERTISEMENT) => {
                let router = told.or(source);
                links.is_router(router, number);
                if let Some(address) = self.address("ipv6.src") {
                    links.says(router, address, How::Discovery, number);
                }
            }
            Some(ADVERTISEMENT) => {
                if let Some(address) = self.address("icmpv6.nd.na.target_address") {
                    links.says(told.or(source), address, How::Discovery, number);
                }
            }
            Some(SOLICITATION) => {
                if let (Some(told), Some(address)) = (told, self.address("ipv6.src")) {
                    links.says(Some(told), address, How::Discovery, number);
                }
            }
            _ => {}
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.tree.nodes().iter().find(|node| node.field.name == name).map(|node| &node.value)
    }

    fn mac(&self, name: &str) -> Option<[u8; 6]> {
        match self.value(name)? {
            Value::Mac(mac) => Some(*mac),
            _ => None,
        }
    }

    fn address(&self, name: &str) -> Option<IpAddr> {
        match self.value(name)? {
            Value::Ipv4(address) => Some(IpAddr::from(*address)),
            Value::Ipv6(address) => Some(IpAddr::from(*address)),
            _ => None,
        }
    }
}

/// What one DHCP message tells: whom it is about, the address given, the name.
type Lease = (Option<[u8; 6]>, Option<IpAddr>, Option<String>);

/// What is known of one link address while packets are read.
#[derive(Default)]
struct Known {
    behind: BTreeMap<IpAddr, (How, u32)>,
    more: u32,
    router: Option<u32>,
    name: Option<String>,
    first: u32,
}

#[derive(Default)]
struct Links {
    all: BTreeMap<[u8; 6], Known>,
}

impl Links {
    fn at(&mut self, link: Option<[u8; 6]>, packet: u32) -> Option<&mut Known> {
        // A group is nobody (IEEE 802, the lowest bit of the first octet).
        let link = link.filter(|link| link[0] & 1 == 0 && *link != [0; 6])?;
        Some(self.all.entry(link).or_insert_with(|| Known { first: packet, ..Known::default() }))
    }

    fn says(&mut self, link: Option<[u8; 6]>, address: IpAddr, how: How, packet: u32) {
        if address.is_unspecified() || address.is_multicast() {
            return;
        }
        let Some(known) = self.at(link, packet) else { return };
        if known.behind.len() >= ADDRESSES && !known.behind.contains_key(&address) {
            known.more += 1;
            return;
        }
        let entry = known.behind.entry(address).or_insert((how, packet));
        if how < entry.0 {
            *entry = (how, packet);
        }
    }

    fn is_router(&mut self, link: Option<[u8; 6]>, packet: u32) {
        if let Some(known) = self.at(link, packet) {
            known.router.get_or_insert(packet);
        }
    }

    /// What DHCP clients said of themselves, and were given.
    fn enter_dhcp(&mut self, trace: &Trace) {
        let mut of_packet: BTreeMap<u32, Lease> = BTreeMap::new();
        for fact in trace.facts() {
            let value = trace.words().at(fact.value);
            let text = || std::str::from_utf8(value).ok();
            let told = of_packet.entry(fact.packet);
            match fact.field.name {
                "dhcp.hw.mac_addr" => told.or_default().0 = text().and_then(parse_mac),
                "dhcp.ip.your" => told.or_default().1 = text().and_then(|text| text.parse().ok()),
                "dhcp.option.hostname" => told.or_default().2 = Some(escape_bytes(value).into_owned()),
                _ => {}
            }
        }
        for (packet, (mac, address, name)) in of_packet {
            if let Some(address) = address {
                self.says(mac, address, How::Dhcp, packet);
            }
            if let (Some(known), Some(name)) = (self.at(mac, packet), name) {
                known.name = Some(name);
            }
        }
    }

    /// Tells own addresses from those that are forwarded for. Whoever announces addresses has them and no others of that
    /// family; of one that announced none, several addresses are not its own.
    fn settle(self) -> Vec<Neighbour> {
        let mut all: Vec<(u32, Neighbour)> = Vec::new();
        for (link, known) in self.all {
            let certain = |address: IpAddr, how: How| how < How::Traffic || is_of_the_link(address);
            let alike = |address: IpAddr, sure: bool| {
                let others = known.behind.iter().filter(|(other, _)| other.is_ipv4() == address.is_ipv4());
                others
                    .filter(|(other, _)| !is_of_the_link(**other))
                    .filter(|(_, (how, _))| !sure || *how < How::Traffic)
                    .count()
            };
            let (own, forwards) = known
                .behind
                .iter()
                .map(|(address, (how, packet))| Behind { address: *address, how: *how, packet: *packet })
                .partition(|behind: &Behind| {
                    let only = alike(behind.address, true) == 0 && alike(behind.address, false) == 1;
                    certain(behind.address, behind.how) || only && known.more == 0
                });
            let (more, router, name) = (known.more, known.router, known.name.clone());
            all.push((known.first, Neighbour { link, own, forwards, more, router, name }));
        }
        all.sort_by_key(|(first, neighbour)| (!neighbour.is_gateway(), *first));
        all.into_iter().map(|(_, neighbour)| neighbour).collect()
    }
}

/// Whether an address never leaves its link (RFC 3927, section 2.7; RFC 4291, section 2.5.6).
fn is_of_the_link(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => Ipv6Addr::is_unicast_link_local(&address),
    }
}

fn parse_mac(text: &str) -> Option<[u8; 6]> {
    let mut mac = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut mac {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::tests::trace_of;

    #[test]
    fn the_gateway_is_told_from_whoever_is_on_the_link() {
        let (fetch, trace) = trace_of("demo.pcapng");
        let found = neighbours(&trace, &fetch).expect("a fixture can be read again");
        let gateway = &found.all[0];
        assert!(gateway.is_gateway(), "{found:?}");
        assert_eq!(gateway.link, [0, 0, 0x5e, 0, 0x53, 1]);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(found.owner_of(address("192.168.1.1")).map(|n| n.link), Some(gateway.link));
        assert_eq!(found.gateway_to(address("203.0.113.8")).map(|n| n.link), Some(gateway.link));
        assert_eq!(found.gateway_to(address("192.168.1.23")), None);
        assert!(found.all[1..].iter().all(|neighbour| !neighbour.is_gateway()), "{found:?}");
    }

    #[test]
    fn dhcp_names_a_neighbour() {
        let (fetch, trace) = trace_of("dhcp.pcap");
        let found = neighbours(&trace, &fetch).expect("a fixture can be read again");
        assert!(found.all.iter().any(|neighbour| neighbour.name.as_deref() == Some("annas-laptop")), "{found:?}");
    }

    #[test]
    fn a_link_address_is_six_bytes() {
        assert_eq!(parse_mac("00:00:5e:00:53:01"), Some([0, 0, 0x5e, 0, 0x53, 1]));
        for wrong in ["", "00:00:5e:00:53", "00:00:5e:00:53:01:02", "00:00:5e:00:53:zz"] {
            assert_eq!(parse_mac(wrong), None, "{wrong}");
        }
    }
}
