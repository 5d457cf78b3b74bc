//! What hellos tell when they are read again: fingerprints taken apart, encrypted hellos, tickets that link
//! connections, connection ids of QUIC. The pass keeps none of it, for it is computed when somebody asks.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use smallvec::SmallVec;

use super::ech::{self, Case, Keys, Known, Offer};
use super::{Context, Detail, Evidence, Found, Leaks, kind, site_of};
use crate::bytes::{Confidence, Field, Findings, Node, Tree, Value, hexadecimal};
use crate::capture::{Fetch, Secret};
use crate::explain::Explainer;
use crate::exposure::Names;
use crate::flow::Flow;
use crate::protocols::tls::fields as tls;
use crate::protocols::tls::fingerprint::{self, Carrier, Fingerprint};
use crate::protocols::{Transport, quic};
use crate::trace::Trace;

/// Hellos that are read again: what more of them tell is told by these, as a rule.
const MOST: usize = 200_000;

/// A packet that brought hellos, read again.
struct Reread {
    packet: u32,
    bytes: Vec<u8>,
    tree: Tree,
}

/// The fields that are needed.
fn wanted() -> Vec<&'static Field> {
    let plain = [
        &tls::JA3,
        &tls::JA3S,
        &tls::RANDOM,
        &tls::SERVER_NAME,
        &tls::EXTENSION_TYPE,
        &tls::EXTENSION_DATA,
        &tls::PSK_IDENTITY,
        &tls::TICKET,
    ];
    let of_datagrams = plain.map(tls::of_datagrams);
    let quic = [&quic::fields::DCID, &quic::fields::SCID];
    plain.into_iter().chain(of_datagrams).chain(quic).collect()
}

fn is(node: &Node, field: &'static Field) -> bool {
    node.field == field || node.field == tls::of_datagrams(field)
}

fn number(node: &Node) -> u64 {
    match node.value {
        Value::Number(number) => number,
        _ => 0,
    }
}

impl Reread {
    /// Where bytes `range` of a node's source came from.
    fn places(&self, source: u8, range: Range<u32>) -> SmallVec<[Evidence; 1]> {
        let Some(derived) = usize::from(source).checked_sub(1).and_then(|at| self.tree.derived().get(at)) else {
            return smallvec::smallvec![Evidence { packet: self.packet, from: range.start, to: range.end }];
        };
        let pieces = derived.origins.iter().filter_map(|piece| piece.within(range.start.into(), range.end.into()));
        let mut places: SmallVec<[Evidence; 1]> = pieces
            .map(|piece| Evidence { packet: piece.packet, from: piece.at, to: piece.at.saturating_add(piece.length) })
            .collect();
        places.dedup();
        places
    }

    fn at(&self, node: &Node) -> SmallVec<[Evidence; 1]> {
        self.places(node.source, node.start..node.end)
    }

    fn bytes(&self, node: &Node) -> &[u8] {
        self.tree.bytes_of(node, &self.bytes)
    }
}

/// Values that link connections: what was seen of each, and in which flow.
#[derive(Default)]
struct Seen(hashbrown::HashMap<Vec<u8>, (u32, SmallVec<[Evidence; 1]>), foldhash::fast::RandomState>);

/// What is gathered on the way over all hellos.
#[derive(Default)]
struct Gathered {
    tickets: Seen,
    offers: BTreeMap<u32, (Vec<Offer>, Vec<Vec<u8>>)>,
    /// Flows in which a HelloRetryRequest came behind the first offer: a second hello may also be a repetition.
    retried: std::collections::BTreeSet<u32>,
    ids: Seen,
}

impl Leaks {
    /// Reads hellos again and tells what they tell.
    pub(super) fn hellos(
        &mut self,
        trace: &Trace,
        names: &Names,
        fetch: &Fetch,
        context: &Context,
    ) -> io::Result<()> {
        let mut explainer = Explainer::default();
        let mut gathered = Gathered::default();
        let mut last = 0;
        let hellos = trace
            .messages()
            .iter()
            .filter(|message| message.what.contains("Hello") || message.what.contains("NewSessionTicket"));
        for message in hellos.take(MOST) {
            if std::mem::replace(&mut last, message.last) == message.last {
                continue;
            }
            let Some(flow) = trace.flows().all().get(message.flow as usize) else { continue };
            let mut tree = Tree::only(wanted());
            let Some(bytes) = explainer.reread(trace, fetch, message.last, &mut tree)? else { continue };
            let reread = Reread { packet: message.last, bytes, tree };
            let site = site_of(trace, names, flow.number);
            let told = Hello { trace, flow, site: site.as_deref(), reread: &reread };
            self.hello(&told, &mut gathered);
        }
        self.encrypted_hellos(trace, names, &gathered, &context.secrets);
        self.moved(trace, names, fetch, &gathered)
    }

    fn hello(&mut self, told: &Hello<'_>, gathered: &mut Gathered) {
        const SESSION_TICKET: u64 = 35;
        let nodes = told.reread.tree.nodes();
        let mut kind = 0;
        for (at, node) in nodes.iter().enumerate() {
            if is(node, &tls::EXTENSION_TYPE) {
                kind = number(node);
            } else if is(node, &tls::JA3) {
                self.client_hello(told, node, gathered);
                // Everything up to the next hello belongs to this one.
                let behind = nodes.get(at + 1..).unwrap_or_default();
                let end = behind.iter().position(|node| is(node, &tls::JA3) || is(node, &tls::JA3S));
                offer(told, behind.get(..end.unwrap_or(behind.len())).unwrap_or_default(), gathered);
            } else if is(node, &tls::JA3S) {
                let body = told.reread.bytes(node);
                let offered = gathered.offers.get(&told.flow.number).map_or(0, |(offers, _)| offers.len());
                if fingerprint::is_retry(body) && offered == 1 {
                    gathered.retried.insert(told.flow.number);
                }
                if !fingerprint::is_retry(body)
                    && let Some(ja3s) = fingerprint::of_server(body)
                {
                    self.fingerprint(told, "tls.ja3s", &ja3s, node);
                }
            } else if is(node, &tls::PSK_IDENTITY)
                || is(node, &tls::TICKET)
                || is(node, &tls::EXTENSION_DATA) && kind == SESSION_TICKET
            {
                self.ticket(told, node, &mut gathered.tickets);
            } else if node.field == &quic::fields::DCID || node.field == &quic::fields::SCID {
                self.connection_id(told, node, &mut gathered.ids);
            }
        }
    }

    fn client_hello(&mut self, told: &Hello<'_>, node: &Node, gathered: &mut Gathered) {
        // Of a client that was sent back the first hello is its own (the second was asked for).
        let (_, hellos) = gathered.offers.entry(told.flow.number).or_default();
        let body = told.reread.bytes(node);
        let is_first = hellos.is_empty();
        hellos.push(body.get(2..34).unwrap_or_default().to_vec());
        if !is_first {
            return;
        }
        let carrier = match told.flow.transport {
            Some(Transport::Udp) if node.field == &tls::JA3 => Carrier::Quic,
            Some(Transport::Udp) => Carrier::Datagrams,
            _ => Carrier::Tcp,
        };
        let Some(of) = fingerprint::of_client(body, carrier) else { return };
        self.fingerprint(told, "tls.ja3", &of.ja3, node);
        self.fingerprint(told, "tls.ja4", &of.ja4, node);
    }

    /// A fingerprint, with its parts and the bytes that made each.
    fn fingerprint(&mut self, told: &Hello<'_>, name: &str, of: &Fingerprint, hello: &Node) {
        let Some(at) = self.tell_hello(told, name, of.value.as_bytes(), Confidence::Certain, &told.reread.at(hello))
        else {
            return;
        };
        let place = |range: &Range<u32>| {
            let from = hello.start.saturating_add(range.start);
            told.reread.places(hello.source, from..hello.start.saturating_add(range.end))
        };
        let parts = of.parts.iter().map(|part| Detail {
            what: part.what.to_owned(),
            text: part.text.clone(),
            evidence: part.bytes.iter().flat_map(place).collect(),
        });
        self.details.entry(at).or_insert_with(|| parts.collect());
    }

    /// Tells something that is not about the site alone. Returns the leak's place if it is new.
    fn tell_hello(
        &mut self,
        told: &Hello<'_>,
        name: &str,
        value: &[u8],
        confidence: Confidence,
        evidence: &[Evidence],
    ) -> Option<u32> {
        let kind = kind(name).filter(|_| !evidence.is_empty())?;
        let before = self.all.len();
        let flow = Some(told.flow.number);
        self.tell(told.trace, &Found { kind, value, site: told.site, confidence, evidence, flow });
        (self.all.len() > before).then_some(before as u32)
    }

    /// A ticket that was seen in another flow before links the two.
    fn ticket(&mut self, told: &Hello<'_>, node: &Node, tickets: &mut Seen) {
        /// Shorter ones may be alike by chance.
        const SHORTEST: usize = 16;
        let (bytes, at) = (told.reread.bytes(node), told.reread.at(node));
        if bytes.len() < SHORTEST || bytes.iter().all(|byte| *byte == 0) || at.is_empty() {
            return;
        }
        let Some((flow, before)) = tickets.0.get(bytes) else {
            tickets.0.insert(bytes.to_vec(), (told.flow.number, at));
            return;
        };
        if *flow != told.flow.number {
            let value = format!("flows {flow} and {}", told.flow.number);
            let evidence: Vec<Evidence> = before.iter().chain(&at).copied().collect();
            // That both show it is certain; that nobody else had it is not.
            self.tell_hello(told, "tls.ticket", value.as_bytes(), Confidence::Inferred, &evidence);
        }
    }

    fn connection_id(&mut self, told: &Hello<'_>, node: &Node, ids: &mut Seen) {
        let (bytes, at) = (told.reread.bytes(node), told.reread.at(node));
        // Of a short one many connections have the same.
        if bytes.len() < SHORTEST_ID {
            return;
        }
        ids.0.entry(bytes.to_vec()).or_insert_with(|| (told.flow.number, at.clone()));
        self.tell_hello(told, "quic.connection_id", hexadecimal(bytes, "").as_bytes(), Confidence::Certain, &at);
    }

    fn encrypted_hellos(&mut self, trace: &Trace, names: &Names, gathered: &Gathered, secrets: &[Secret]) {
        let known = known(trace);
        let mut versions = BTreeMap::new();
        for fact in trace.facts().iter().filter(|fact| fact.field == &tls::VERSION_CHOSEN) {
            let at = Evidence { packet: fact.packet, from: fact.start, to: fact.end };
            versions.entry(fact.flow).or_insert((fact.value, at));
        }
        let outer: hashbrown::HashSet<&[u8]> =
            gathered.offers.values().flat_map(|(_, randoms)| randoms.iter().map(Vec::as_slice)).collect();
        for (flow, (offers, randoms)) in &gathered.offers {
            if offers.is_empty() {
                continue;
            }
            let version = versions.get(flow).map(|(value, at)| (trace.words().at(*value), *at));
            let retried = gathered.retried.contains(flow);
            let case = Case { offers, retried, version, keys: keys(randoms, &outer, secrets) };
            let reasons = ech::judge(&case, &known);
            let Some((verdict, _, evidence)) = reasons.first() else { continue };
            let (Some(kind), site) = (kind("tls.ech"), site_of(trace, names, *flow)) else { continue };
            let before = self.all.len();
            let found = Found {
                kind,
                value: verdict.name().as_bytes(),
                site: site.as_deref(),
                confidence: verdict.confidence(),
                evidence,
                flow: Some(*flow),
            };
            self.tell(trace, &found);
            if self.all.len() == before {
                continue;
            }
            let mut details: Vec<Detail> = reasons
                .into_iter()
                .map(|(verdict, why, evidence)| Detail { what: verdict.name().to_owned(), text: why, evidence })
                .collect();
            if let Some((offer, length)) = offers.first().and_then(|offer| Some((offer, offer.payload()?))) {
                let text = format!("{length} bytes, which a fake and a real one may both have");
                details.push(Detail { what: "ciphertext".to_owned(), text, evidence: offer.at.clone() });
            }
            if case.keys.of_outer {
                let text = "the keys beside the capture belong to the hello in clear: no other one was accepted";
                let evidence = offers.first().map(|offer| offer.at.clone()).unwrap_or_default();
                details.push(Detail { what: "keys".to_owned(), text: text.to_owned(), evidence });
            }
            self.details.insert(before as u32, details);
        }
    }

    /// Flows that nobody could read and that begin with a connection id of another flow: the connection moved.
    fn moved(&mut self, trace: &Trace, names: &Names, fetch: &Fetch, gathered: &Gathered) -> io::Result<()> {
        const SHORT: u8 = 0x40;
        if gathered.ids.0.is_empty() {
            return Ok(());
        }
        let lengths: std::collections::BTreeSet<usize> = gathered.ids.0.keys().map(Vec::len).collect();
        let unread =
            |flow: &&Flow| flow.transport == Some(Transport::Udp) && flow.protocol() == crate::protocols::NONE;
        let mut bytes = Vec::new();
        for flow in trace.flows().all().iter().filter(unread).take(MOST) {
            let Some(row) = trace.row(flow.first).filter(|row| row.flow == flow.number) else { continue };
            fetch.read(row.position, row.captured, &mut bytes)?;
            let mut findings = Findings::counting();
            let outline = trace.walk(flow.first, &row, &bytes, &mut findings, None);
            let (start, end) = (outline.payload.start as usize, outline.payload.end as usize);
            let Some([first, rest @ ..]) = bytes.get(start..end) else { continue };
            if first & 0xc0 != SHORT {
                continue;
            }
            let known = lengths.iter().filter_map(|length| rest.get(..*length)).find_map(|id| {
                let (before, at) = gathered.ids.0.get(id)?;
                Some((id.len(), *before, at.clone()))
            });
            let (Some((length, before, at)), Some(kind)) = (known, kind("quic.migration")) else { continue };
            let from = outline.payload.start + 1;
            let here = Evidence { packet: flow.first, from, to: from + length as u32 };
            let evidence: Vec<Evidence> = at.into_iter().chain([here]).collect();
            let value = format!("flows {before} and {}", flow.number);
            let site = site_of(trace, names, before);
            let confidence = Confidence::Inferred;
            let flow = Some(flow.number);
            let (value, site, evidence) = (value.as_bytes(), site.as_deref(), evidence.as_slice());
            self.tell(trace, &Found { kind, value, site, confidence, evidence, flow });
        }
        Ok(())
    }
}

/// Connection ids from so many bytes on are one connection's: 2^64 of them are enough not to meet by chance.
const SHORTEST_ID: usize = 8;

/// A hello that is told.
struct Hello<'a> {
    trace: &'a Trace,
    flow: &'a Flow,
    site: Option<&'a [u8]>,
    reread: &'a Reread,
}

/// Keeps a hello's encrypted hello, if it has one.
fn offer(told: &Hello<'_>, nodes: &[Node], gathered: &mut Gathered) {
    const ENCRYPTED_HELLO: u64 = 65037;
    let mut kind = 0;
    let mut name = None;
    for node in nodes {
        if is(node, &tls::EXTENSION_TYPE) {
            kind = number(node);
        } else if is(node, &tls::SERVER_NAME) {
            name = Some(told.reread.bytes(node).to_ascii_lowercase());
        } else if is(node, &tls::EXTENSION_DATA) && kind == ENCRYPTED_HELLO {
            let body = told.reread.bytes(node).to_vec();
            let at = told.reread.at(node).to_vec();
            let (offers, _) = gathered.offers.entry(told.flow.number).or_default();
            // Outer ones only: an inner one is never in clear (RFC 9849, section 5).
            if body.first() == Some(&0) && !at.is_empty() {
                offers.push(Offer { body, at, name: None });
            }
        }
    }
    // The name may stand behind it: browsers shuffle extensions.
    if let Some((offers, _)) = gathered.offers.get_mut(&told.flow.number)
        && let Some(last) = offers.last_mut().filter(|offer| offer.name.is_none())
    {
        last.name = name;
    }
}

/// What DNS in this capture tells of keys.
fn known(trace: &Trace) -> Known {
    let mut known = Known::default();
    for fact in trace.facts() {
        let value = trace.words().at(fact.value);
        let at = Evidence { packet: fact.packet, from: fact.start, to: fact.end };
        let space = value.iter().position(|byte| *byte == b' ');
        let owner = || {
            super::super::names::unescape(value.get(..space.unwrap_or(0)).unwrap_or_default()).to_ascii_lowercase()
        };
        match fact.field.name {
            "dns.qry.name" => drop(known.asked.entry(value.to_ascii_lowercase()).or_insert(at)),
            "dns.svcb.targetname" => drop(known.bound.entry(owner()).or_insert(at)),
            "dns.svcb.svcparam.echconfig" => {
                let list = space.and_then(|space| value.get(space + 1..)).unwrap_or_default();
                known.configs.extend(ech::configs(list).into_iter().map(|config| (config, at)));
                known.keyed.push(owner());
            }
            _ => {}
        }
    }
    known
}

/// What the secrets tell of the hellos of one flow. Secrets of a hello that nobody saw may be another connection's:
/// they say something only if the log names the key with which this one's inner hello was sealed.
fn keys(randoms: &[Vec<u8>], outer: &hashbrown::HashSet<&[u8]>, secrets: &[Secret]) -> Keys {
    let mine = |secret: &&Secret| randoms.contains(&secret.client_random);
    let sealed = |secret: &Secret| secret.label.starts_with("ECH_");
    let of_outer = secrets.iter().filter(mine).any(|secret| !sealed(secret));
    let named = secrets.iter().filter(mine).any(sealed);
    let unseen = secrets.iter().any(|secret| !sealed(secret) && !outer.contains(secret.client_random.as_slice()));
    Keys { of_outer, of_inner: named && unseen }
}
