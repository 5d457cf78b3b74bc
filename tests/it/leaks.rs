//! Leaks: every one has evidence that reading the packet again confirms, and nobody is shown what is dark to him.

use std::path::Path;

use base64::Engine as _;
use husk::bytes::{Class, escape_bytes};
use husk::capture::{Fetch, Source};
use husk::explain::{Explained, Explainer};
use husk::exposure::leak::{Context, LEAKS, NO_LEAKS};
use husk::exposure::observer::{Local, Sight, View};
use husk::exposure::{Evidence, Leak, Leaks, Names, Observers};
use husk::protocols;
use husk::trace::{Pass, Trace};

use crate::fixtures;

/// A capture and what it gives away.
struct Told {
    trace: Trace,
    fetch: Fetch,
    leaks: Leaks,
}

fn told(path: &Path) -> Told {
    let source = Source::open(path).unwrap();
    let fetch = source.fetch();
    let mut pass = Pass::new(source);
    let trace = pass.run();
    let secrets = pass.into_source().secrets().to_vec();
    let context = Context { secrets, ..Context::default() };
    let leaks = Leaks::of(&trace, &Names::new(&trace), &fetch, &context).unwrap();
    Told { trace, fetch, leaks }
}

fn of(name: &str) -> Told {
    let captures = fixtures::captures();
    told(captures.iter().find(|path| path.ends_with(name)).unwrap())
}

impl Told {
    fn find(&self, kind: &str, site: &str) -> Vec<&Leak> {
        let all = self.leaks.all().iter().filter(|leak| leak.kind.name == kind);
        all.filter(|leak| self.leaks.site(leak).as_deref() == Some(site)).collect()
    }

    /// The packets of a leak's evidence, explained. A message is explained with the packet that completes it: in QUIC one
    /// of the datagrams that follow.
    fn around(&self, leak: &Leak, explainer: &mut Explainer) -> Vec<Explained> {
        let first = leak.evidence[0].packet;
        let of_flow = self.trace.messages().iter().filter(|message| Some(message.flow) == leak.flow);
        let completed = of_flow.filter(|message| message.last > first).take(3);
        let mut packets: Vec<u32> = leak.evidence.iter().map(|at| at.packet).collect();
        packets.extend(completed.map(|message| message.last));
        packets.sort_unstable();
        packets.dedup();
        let explain = |packet| explainer.explain(&self.fetch, packet, || Some(&self.trace)).unwrap().unwrap();
        packets.into_iter().map(explain).collect()
    }

    fn values(&self, kind: &str, site: &str) -> Vec<String> {
        self.find(kind, site).into_iter().map(|leak| self.leaks.value(leak).into_owned()).collect()
    }
}

/// Whether what is read at the evidence says the value: its bytes hold it, or a field that stands there says it.
fn confirms(explained: &[Explained], evidence: &[Evidence], value: &[u8]) -> bool {
    let bytes_at = |at: &Evidence| {
        let packet = explained.iter().find(|packet| packet.number == at.packet).unwrap();
        packet.bytes[at.from as usize..at.to as usize].to_vec()
    };
    let bytes: Vec<u8> = evidence.iter().flat_map(bytes_at).collect();
    if value.is_empty() || bytes.windows(value.len()).any(|window| window == value) {
        return true;
    }
    // Credentials are often wrapped so that they are no text (RFC 4616).
    let unwrapped = |word: &[u8]| base64::engine::general_purpose::STANDARD.decode(word).unwrap_or_default();
    let mut words = bytes.split(|byte| *byte == b' ').map(unwrapped);
    if words.any(|word| word.windows(value.len()).any(|window| window == value)) {
        return true;
    }
    let value = escape_bytes(value).to_lowercase();
    let overlaps = |packet: u32, start: u32, end: u32| {
        evidence.iter().any(|at| at.packet == packet && start <= at.to && at.from <= end)
    };
    explained.iter().any(|packet| {
        packet.tree.nodes().iter().any(|node| {
            let stands_there = match packet.tree.derived().get(usize::from(node.source).wrapping_sub(1)) {
                None => overlaps(packet.number, node.start, node.end),
                Some(derived) => {
                    let (start, end) = (node.start.into(), node.end.max(node.start + 1).into());
                    let mut pieces = derived.origins.iter().filter_map(|piece| piece.within(start, end));
                    derived.origins.is_empty()
                        || pieces.any(|piece| overlaps(piece.packet, piece.at, piece.at + piece.length))
                }
            };
            let cell = packet.tree.cell(node, &packet.bytes).to_lowercase();
            // A port may stand behind an address, a value may be the beginning of a field.
            let says = !cell.is_empty()
                && (cell.starts_with(&value)
                    || [':', '/'].iter().any(|end| value.starts_with(&format!("{cell}{end}"))));
            stands_there && says
        })
    })
}

/// The leaks of a capture whose evidence does not say their value, in words; how many there are, and how many were read
/// again. Of each kind at most `most` are.
pub(crate) fn unconfirmed(path: &Path, most: usize) -> (Vec<String>, usize, usize) {
    let told = told(path);
    let (mut wrong, mut read) = (Vec::new(), std::collections::BTreeMap::new());
    let mut explainer = Explainer::default();
    for leak in told.leaks.all() {
        let what = format!("{}: {} {:?}", path.display(), leak.kind.name, told.leaks.value(leak));
        if leak.evidence.is_empty() {
            wrong.push(format!("{what}: no evidence"));
        }
        let within =
            |at: &Evidence| told.trace.row(at.packet).is_some_and(|row| at.from <= at.to && at.to <= row.captured);
        if !leak.evidence.iter().all(within) {
            wrong.push(format!("{what}: {:?} is not within its packets", leak.evidence));
            continue;
        }
        let times: &mut usize = read.entry(leak.kind.name).or_default();
        if leak.kind.derived || *times >= most {
            continue;
        }
        *times += 1;
        let raw = told.leaks.raw(leak);
        let part = match raw.iter().position(|byte| *byte == b' ').filter(|_| leak.kind.has_parts()) {
            Some(space) => &raw[space + 1..],
            None => raw,
        };
        if !confirms(&told.around(leak, &mut explainer), &leak.evidence, part) {
            wrong.push(format!("{what}: not at {:?}", leak.evidence));
        }
    }
    (wrong, told.leaks.all().len(), read.values().sum())
}

#[test]
fn every_leak_has_evidence_that_reading_again_confirms() {
    let (mut wrong, mut all, mut read) = (Vec::new(), 0, 0);
    for path in fixtures::captures() {
        let (not, leaks, again) = unconfirmed(&path, usize::MAX);
        wrong.extend(not);
        (all, read) = (all + leaks, read + again);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all > 300 && read > 200, "{all} leaks, {read} of them read again");
}

#[test]
fn the_browser_s_site_is_named_by_each_of_its_sources() {
    let told = of("browser-h2.pcapng");
    let site = "shop.example";
    for kind in ["dns.question", "dns.answer", "tls.sni"] {
        assert!(!told.find(kind, site).is_empty(), "{kind} does not name {site}");
    }
    assert_eq!(told.values("tls.sni", site), [site]);
    assert_eq!(told.values("tls.ech", site), ["GREASE, likely"]);
    let ech = told.find("tls.ech", site)[0];
    assert_eq!(ech.confidence, husk::bytes::Confidence::Inferred);
    let reasons: Vec<&str> = told.leaks.details(ech).iter().map(|detail| detail.what.as_str()).collect();
    assert_eq!(reasons, ["GREASE, likely", "ciphertext", "keys"]);
    assert_eq!(told.values("tls.ja4", site).len(), 1, "one browser, whatever order it shuffles its extensions into");
}

#[test]
fn a_hello_that_is_repeated_byte_for_byte_was_a_fake() {
    let told = of("browser-hrr.pcapng");
    assert_eq!(told.values("tls.ech", "shop.example"), ["GREASE"]);
    assert_eq!(told.find("tls.ech", "shop.example")[0].confidence, husk::bytes::Confidence::Certain);
}

#[test]
fn a_ticket_links_two_connections_and_a_serial_number_names_a_certificate() {
    let told = of("tls-resumption.pcapng");
    assert!(!told.find("tls.ticket", "shop.example").is_empty());
    let told = of("ocsp.pcap");
    let serials: Vec<_> = told.leaks.all().iter().filter(|leak| leak.kind.name == "ocsp.serial").collect();
    assert_eq!(serials.len(), 1);
    assert_eq!(told.leaks.value(serials[0]), "5a17c0ffee");
}

/// What an observer is shown stands in bytes that reach it; `you` are shown everything.
#[test]
fn nobody_is_shown_what_is_dark_to_him() {
    let observers = Observers::known().unwrap();
    for path in fixtures::captures() {
        let told = told(&path);
        for observer in observers.all() {
            let view = View::new(&told.trace, &told.fetch, observer, &Local::default());
            let shown = |leak: &&Leak| view.leak(&told.trace, leak).is_some();
            for leak in told.leaks.all().iter().filter(shown) {
                let what = format!("{}: {} {}", path.display(), observer.name, leak.kind.name);
                assert!(leak.evidence.iter().all(|at| view.packet(&told.trace, at.packet)), "{what}");
                let through_the_air = view.leak(&told.trace, leak) == Some(Sight::Partly);
                assert!(view.sees(leak.kind.class) || through_the_air, "{what} is dark");
            }
            for number in 1..=told.trace.rows().len() as u32 {
                let Some((seen, dark)) = view.ledger(&told.trace, number) else { continue };
                assert_eq!(seen.total() + dark, told.trace.ledger(number).total());
                let hidden = Class::ALL.into_iter().filter(|class| !view.sees(*class));
                assert_eq!(hidden.map(|class| seen.of(class)).sum::<u64>(), 0);
            }
        }
        let you = View::new(&told.trace, &told.fetch, observers.find("you").unwrap(), &Local::default());
        assert!(told.leaks.all().iter().all(|leak| you.leak(&told.trace, leak) == Some(Sight::Sees)));
        assert!((1..=told.trace.rows().len() as u32).all(|number| you.packet(&told.trace, number)));
    }
}

#[test]
fn the_provider_sees_no_link_and_the_resolver_only_questions() {
    let told = of("demo.pcapng");
    let observers = Observers::known().unwrap();
    let view = |name: &str| View::new(&told.trace, &told.fetch, observers.find(name).unwrap(), &Local::default());
    let sees = |name: &str, kind: &str| {
        let view = view(name);
        told.leaks.all().iter().any(|leak| leak.kind.name == kind && view.leak(&told.trace, leak).is_some())
    };
    assert!(sees("router", "link.mac") && !sees("isp", "link.mac"));
    // The resolver is the router: questions to it do not leave the home.
    assert!(sees("isp", "tls.sni") && sees("isp", "http.cookie") && !sees("isp", "dns.question"));
    assert!(sees("router", "dns.question"));
    assert!(sees("resolver", "dns.question") && !sees("resolver", "tls.sni"));
    assert!(sees("cdn", "tls.sni") && !sees("cdn", "dns.question"));
    assert!(!sees("origin", "tls.sni") && !sees("lan", "tls.sni") && !sees("wifi", "tls.sni"));
    assert!(sees("wifi", "link.mac") && sees("wifi", "traffic.size"));
}

/// A protocol that states a fact tells a kind of leak, or stands on the list of those that do not.
#[test]
fn every_fact_tells_a_leak() {
    let mut silent = std::collections::BTreeSet::new();
    let told: Vec<&str> = LEAKS.iter().flat_map(|kind| kind.fields).copied().collect();
    for path in fixtures::captures() {
        let trace = Pass::new(Source::open(&path).unwrap()).run();
        for fact in trace.facts() {
            let name = fact.field.name;
            if !told.contains(&name) && !NO_LEAKS.contains(&name) {
                silent.insert(name);
            }
        }
    }
    assert!(silent.is_empty(), "these tell no leak: {silent:?}");
    assert!(told.iter().all(|name| protocols::field(name).is_some()));
}
