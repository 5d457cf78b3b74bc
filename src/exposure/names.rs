//! Names that stand readable in the capture, and the flows they name.

use std::borrow::Cow;
use std::net::IpAddr;

use super::dictionary::Dictionary;
use crate::bytes::{Field, escape_bytes};
use crate::protocols::{Side, dns, http, http2, tls, x509};
use crate::trace::{Row, Trace};

/// How a name was learned, the surest way to name a flow first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameSource {
    /// TLS server name indication: the client said whom it wants (RFC 6066, section 3).
    Sni,
    /// The Host field of an HTTP request (RFC 9110, section 7.2).
    Host,
    /// A DNS answer gave the server's address for this name, or a DNS question asked for it.
    Dns,
    /// The server's certificate in clear is for this name (TLS 1.2 and before).
    Certificate,
    /// The same as by DNS, by multicast DNS on the link (RFC 6762).
    Mdns,
}

impl NameSource {
    /// How many there are.
    const ALL: usize = 5;

    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            NameSource::Sni => "sni",
            NameSource::Host => "host",
            NameSource::Dns => "dns",
            NameSource::Certificate => "certificate",
            NameSource::Mdns => "mdns",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            NameSource::Sni => "SNI",
            NameSource::Host => "HTTP Host",
            NameSource::Dns => "DNS",
            NameSource::Certificate => "certificate",
            NameSource::Mdns => "mDNS",
        }
    }
}

/// A name seen in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The name's number: [`Names::text`].
    pub name: u32,
    /// How it was learned.
    pub source: NameSource,
    /// The packet that showed it first.
    pub packet: u32,
    /// How many times it was shown.
    pub times: u32,
}

/// How a flow came by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The name's number: [`Names::text`].
    pub name: u32,
    /// How it was learned.
    pub source: NameSource,
    /// The packet that told it.
    pub packet: u32,
    /// Of a name from an answer: nanoseconds from the answer to the flow's first packet.
    pub before: Option<i64>,
}

/// Why a flow has no name, as far as the capture can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nameless {
    /// Names were asked for under encryption before it began.
    EncryptedDns,
    /// Nobody asked in this capture: the answer was cached, or the address was given as it is.
    NotAsked,
}

impl Nameless {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Nameless::EncryptedDns => "encrypted DNS was in use",
            Nameless::NotAsked => "not asked for in this capture: cached, or a literal address",
        }
    }
}

/// All names of a capture.
#[derive(Default)]
pub struct Names {
    words: Dictionary,
    seen: Vec<Seen>,
    flows: Vec<Option<Naming>>,
    /// Addresses and the names that were seen on them, in order, each pair once.
    on: Vec<(IpAddr, u32)>,
    /// The first packet in which names were asked for under encryption.
    encrypted_since: Option<u32>,
}

/// An address, the packet of the DNS answer that gave it, the name that it was given for, and whether by multicast.
type Answer = (IpAddr, u32, u32, bool);

/// Addresses, each once.
type Addresses = hashbrown::HashSet<IpAddr, foldhash::fast::RandomState>;

impl Names {
    /// Collects the names from the facts of a trace.
    pub fn new(trace: &Trace) -> Names {
        let mut names = Names { flows: vec![None; trace.flows().all().len()], ..Names::default() };
        let mut answers = names.collect(trace, Some(&servers(trace)));
        answers.sort_unstable();
        names.name_by_answers(trace, &answers);
        names.on = answers.iter().map(|(address, _, name, _)| (*address, *name)).collect();
        let named = trace.flows().all().iter().zip(&names.flows);
        let named = named.filter_map(|(flow, naming)| Some((flow.endpoint(Side::Server).0, naming.as_ref()?.name)));
        names.on.extend(named);
        names.on.sort_unstable();
        names.on.dedup();
        names
    }

    /// The same without telling which flows they name: only what was [`seen`](Names::seen).
    pub fn seen_in(trace: &Trace) -> Names {
        let mut names = Names::default();
        names.collect(trace, None);
        names
    }

    /// Collects the names seen, and the answers that gave an address of one of these servers.
    fn collect(&mut self, trace: &Trace, servers: Option<&Addresses>) -> Vec<Answer> {
        let names = self;
        // Where in `seen` a name stands, by source.
        let mut places: Vec<[u32; NameSource::ALL]> = Vec::new();
        let mut answers: Vec<Answer> = Vec::new();
        for fact in trace.facts() {
            let Some(told) = Told::by(fact.field) else { continue };
            let value = trace.words().at(fact.value);
            let source = match told {
                Told::Name(source) => source,
                Told::Address => {
                    if let Some((name, address)) = servers.and_then(|servers| answer(value, servers)) {
                        let multicast = is_multicast(trace, fact.flow);
                        answers.push((address, fact.packet, names.words.enter(&name), multicast));
                    }
                    continue;
                }
                Told::Hidden => {
                    names.encrypted_since.get_or_insert(fact.packet);
                    continue;
                }
            };
            let Some(value) = name_in(source, value).filter(|value| !value.is_empty()) else { continue };
            let asked = source == NameSource::Dns;
            let source = if asked && is_multicast(trace, fact.flow) { NameSource::Mdns } else { source };
            let name = names.words.enter(value);
            // A client's certificate names the client.
            let of_client = source == NameSource::Certificate
                && trace.row(fact.packet).is_some_and(|row| row.side() == Side::Client);
            if !asked && !of_client {
                names.name_flow(fact.flow, Naming { name, source, packet: fact.packet, before: None });
            }
            if places.len() <= name as usize {
                places.resize(name as usize + 1, [u32::MAX; NameSource::ALL]);
            }
            let Some(place) = places.get_mut(name as usize).and_then(|of| of.get_mut(source as usize)) else {
                continue;
            };
            if let Some(seen) = names.seen.get_mut(*place as usize) {
                seen.times += 1;
            } else {
                *place = names.seen.len() as u32;
                names.seen.push(Seen { name, source, packet: fact.packet, times: 1 });
            }
        }
        answers
    }

    /// The surest source names the flow; of one source the first name does.
    fn name_flow(&mut self, flow: u32, naming: Naming) {
        let Some(slot) = self.flows.get_mut(flow as usize) else { return };
        if slot.is_none_or(|known| naming.source < known.source) {
            *slot = Some(naming);
        }
    }

    /// Flows without a name of their own get the last one that an answer gave for the server's address before they
    /// began.
    fn name_by_answers(&mut self, trace: &Trace, answers: &[Answer]) {
        let flows = if answers.is_empty() { &[] } else { trace.flows().all() };
        for flow in flows.iter().filter(|flow| !flow.is_gone()) {
            let (server, _) = flow.endpoint(Side::Server);
            let until = answers.partition_point(|(address, packet, ..)| (*address, *packet) <= (server, flow.first));
            let last = until.checked_sub(1).and_then(|at| answers.get(at));
            if let Some((_, packet, name, multicast)) = last.filter(|(address, ..)| *address == server) {
                let source = if *multicast { NameSource::Mdns } else { NameSource::Dns };
                let told = trace.row(*packet).filter(Row::timed).map(|row| row.time);
                let before = told.map(|told| flow.first_time.saturating_sub(told));
                self.name_flow(flow.number, Naming { name: *name, source, packet: *packet, before });
            }
        }
    }

    /// The number of a flow's name, and how it was learned.
    pub fn of_flow(&self, flow: u32) -> Option<(u32, NameSource)> {
        self.naming(flow).map(|naming| (naming.name, naming.source))
    }

    /// How a flow came by its name.
    pub fn naming(&self, flow: u32) -> Option<Naming> {
        self.flows.get(flow as usize).copied().flatten()
    }

    /// Why a flow that has no name has none.
    pub fn nameless(&self, trace: &Trace, flow: u32) -> Nameless {
        let first = trace.flows().all().get(flow as usize).map_or(0, |flow| flow.first);
        match self.encrypted_since {
            Some(since) if since <= first => Nameless::EncryptedDns,
            _ => Nameless::NotAsked,
        }
    }

    /// The names that were seen on an address: among so many it hides who asks for one of them.
    pub fn on(&self, address: IpAddr) -> impl Iterator<Item = u32> + '_ {
        let from = self.on.partition_point(|(on, _)| *on < address);
        let here = self.on.get(from..).unwrap_or(&[]).iter().take_while(move |(on, _)| *on == address);
        here.map(|(_, name)| *name)
    }

    /// Every name seen, in the order of the packets that showed it first.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// A name by its number, as it stood in the capture (not escaped).
    pub fn raw(&self, name: u32) -> &[u8] {
        self.words.at(name)
    }

    /// How many different names there are: their numbers are less.
    pub fn count(&self) -> usize {
        self.words.len()
    }

    /// A name by its number, escaped.
    pub fn text(&self, name: u32) -> Cow<'_, str> {
        escape_bytes(self.words.at(name))
    }
}

/// The name in a fact's value: of a Host field without the port. An address is no name.
fn name_in(source: NameSource, value: &[u8]) -> Option<&[u8]> {
    match source {
        NameSource::Host => {}
        // A pattern names nobody.
        NameSource::Certificate if value.contains(&b'*') => return None,
        _ => return Some(value),
    }
    let host = match value.iter().rposition(|byte| *byte == b':') {
        Some(colon) if !value.ends_with(b"]") => value.get(..colon)?,
        _ => value,
    };
    let bare = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host);
    let is_address = std::str::from_utf8(bare).is_ok_and(|bare| bare.parse::<IpAddr>().is_ok());
    (!is_address && !host.is_empty()).then_some(host)
}

/// What a fact tells of names.
#[derive(Clone, Copy)]
enum Told {
    /// A name.
    Name(NameSource),
    /// An address of a name.
    Address,
    /// That names are asked for under encryption.
    Hidden,
}

impl Told {
    fn by(field: &'static Field) -> Option<Told> {
        let told: [(&Field, Told); 8] = [
            (&dns::fields::QRY_NAME, Told::Name(NameSource::Dns)),
            (&dns::fields::A, Told::Address),
            (&dns::fields::AAAA, Told::Address),
            (&tls::fields::SERVER_NAME, Told::Name(NameSource::Sni)),
            (&http::fields::HOST, Told::Name(NameSource::Host)),
            (&http2::fields::HEADERS_AUTHORITY, Told::Name(NameSource::Host)),
            (&x509::fields::DNS_NAME, Told::Name(NameSource::Certificate)),
            (&tls::fields::ENCRYPTED_DNS, Told::Hidden),
        ];
        told.into_iter().find(|(of, _)| *of == field).map(|(_, told)| told)
    }
}

/// Whether a flow is of DNS by multicast on the link.
fn is_multicast(trace: &Trace, flow: u32) -> bool {
    let flow = trace.flows().all().get(flow as usize);
    let protocol = flow.and_then(|flow| crate::protocols::at(flow.protocol()));
    protocol.is_some_and(|protocol| ["mdns", "llmnr"].contains(&protocol.name()))
}

/// The servers of all flows: no other address can name one.
fn servers(trace: &Trace) -> Addresses {
    let mut servers = Addresses::default();
    let mut last = None;
    for flow in trace.flows().all() {
        let (server, _) = flow.endpoint(Side::Server);
        if last.replace(server) != Some(server) {
            servers.insert(server);
        }
    }
    servers
}

/// The name and the address that the fact of a DNS answer holds, if it is one of these: the name, a space, the address.
/// Within the name a space is written `\032` and a backslash twice.
fn answer(value: &[u8], servers: &Addresses) -> Option<(Vec<u8>, IpAddr)> {
    let (name, address) = name_and_address(value)?;
    servers.contains(&address).then(|| (unescape(name), address))
}

/// The same of any address; the name as it is written in the fact.
pub(super) fn name_and_address(value: &[u8]) -> Option<(&[u8], IpAddr)> {
    let space = value.iter().rposition(|byte| *byte == b' ')?;
    let (name, address) = (value.get(..space)?, value.get(space + 1..)?);
    Some((name, std::str::from_utf8(address).ok()?.parse().ok()?))
}

/// Undoes that.
pub(super) fn unescape(mut name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    loop {
        name = match name {
            [b'\\', b'0', b'3', b'2', rest @ ..] => {
                out.push(b' ');
                rest
            }
            [b'\\', b'\\', rest @ ..] => {
                out.push(b'\\');
                rest
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
            [] => return out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_without_its_port_and_an_address_is_no_name() {
        let name = |value| name_in(NameSource::Host, value);
        assert_eq!(name(b"shop.example:8080"), Some(&b"shop.example"[..]));
        for address in [&b"192.0.2.1"[..], b"192.0.2.1:80", b"[2001:db8::1]", b"[2001:db8::1]:80", b":80"] {
            assert_eq!(name(address), None, "{}", address.escape_ascii());
        }
    }

    #[test]
    fn the_space_and_the_backslash_in_a_name_are_kept() {
        assert_eq!(unescape(br"a\032b\\032c"), br"a b\032c");
    }
}
