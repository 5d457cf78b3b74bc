//! A TLS session as both hellos tell it: what the client offered, what the server chose, and who it says it is.

use std::io;

use crate::bytes::{Node, Tree};
use crate::capture::Fetch;
use crate::explain::{Explained, Explainer};
use crate::protocols::tls::fingerprint::{self, Carrier, Fingerprint};
use crate::protocols::{Side, Transport};
use crate::trace::Trace;

/// Handshake messages of one flow that are looked at: both hellos, again after a retry, and certificates.
const MESSAGES: usize = 16;

/// Something that one side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The value, escaped.
    pub text: String,
    /// The packet that completed the message.
    pub packet: u32,
    /// Whether the other side said the same: the choice among what was offered.
    pub agreed: bool,
}

/// What both sides said about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What it is about.
    pub what: &'static str,
    /// What the client said.
    pub client: Vec<Said>,
    /// What the server said.
    pub server: Vec<Said>,
}

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Hello beside hello.
    pub topics: Vec<Topic>,
    /// The certificates that could be read: a value with its label, the server's own first.
    pub certificate: Vec<(&'static str, Said)>,
    /// Fingerprints of the hellos.
    pub fingerprints: Vec<Mark>,
}

/// A fingerprint of a hello, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is called.
    pub label: &'static str,
    /// Whose hello it is of.
    pub side: Side,
    /// The fingerprint.
    pub said: Said,
    /// Its parts, in order: what each is, and its text before the digest.
    pub parts: Vec<(&'static str, String)>,
}

/// What is compared: what it is called, and the fields that say it.
const TOPICS: [(&str, &[&str]); 8] = [
    ("server name", &["tls.handshake.extensions_server_name"]),
    ("version", &["tls.handshake.extensions.supported_version", "tls.handshake.version"]),
    ("application protocol", &["tls.handshake.extensions_alpn_str"]),
    ("cipher suite", &["tls.handshake.ciphersuite"]),
    ("key share", &["tls.handshake.extensions_key_share_group", "tls.handshake.server_named_curve"]),
    ("group", &["tls.handshake.extensions_supported_group"]),
    ("signature", &["tls.handshake.sig_hash_alg"]),
    ("extension", &["tls.handshake.extension.type"]),
];

const CERTIFICATE: [&str; 12] = [
    "x509sat.uTF8String",
    "x509sat.printableString",
    "x509ce.dNSName",
    "x509ce.iPAddress",
    "x509af.utcTime",
    "x509af.generalizedTime",
    "x509af.notBefore",
    "x509af.notAfter",
    "x509af.serialNumber",
    "x509af.issuer",
    "x509af.subject",
    "x509af.algorithm.id",
];

/// Reads the hellos and certificates of a flow again. `None` if the flow has none.
///
/// # Errors
/// What reading the capture again says.
pub fn session(trace: &Trace, fetch: &Fetch, flow: u32) -> io::Result<Option<Session>> {
    let mut explainer = Explainer::default();
    let mut session = Session::default();
    let (mut topics, mut done) = (Vec::new(), Vec::new());
    let of_flow = trace.messages().iter().filter(|message| message.flow == flow);
    let telling = |what: &str| matches!(what, "ClientHello" | "ServerHello" | "Certificate" | "HelloRetryRequest");
    for message in of_flow.filter(|message| telling(message.what)).take(MESSAGES) {
        let (packet, side) = (message.last, message.side);
        if done.contains(&packet) {
            continue;
        }
        done.push(packet);
        let Some(explained) = explainer.explain(fetch, packet, || Some(trace))? else { continue };
        enter(&explained, side, &mut topics);
        session.certificate.extend(certificate(&explained));
        let carrier = carrier(trace, flow, &explained);
        session.fingerprints.extend(fingerprints(&explained, carrier));
    }
    if done.is_empty() {
        return Ok(None);
    }
    for topic in &mut topics {
        agree(topic);
    }
    session.topics = topics;
    Ok(Some(session))
}

fn enter(explained: &Explained, side: Side, topics: &mut Vec<Topic>) {
    for (what, fields) in TOPICS {
        // The more telling field speaks for the other.
        let said: Vec<Said> = fields
            .iter()
            .map(|field| values(explained, &[field]).map(|(_, said)| said).collect::<Vec<_>>())
            .find(|said| !said.is_empty())
            .unwrap_or_default();
        if said.is_empty() {
            continue;
        }
        let known = topics.iter().position(|topic| topic.what == what);
        let at = known.unwrap_or(topics.len());
        if known.is_none() {
            topics.push(Topic { what, client: Vec::new(), server: Vec::new() });
        }
        let Some(topic) = topics.get_mut(at) else { return };
        let list = if side == Side::Client { &mut topic.client } else { &mut topic.server };
        for said in said {
            if !list.iter().any(|before| before.text == said.text) {
                list.push(said);
            }
        }
    }
}

fn agree(topic: &mut Topic) {
    let has = |list: &[Said], text: &str| list.iter().any(|said| said.text == text);
    for said in &mut topic.client {
        said.agreed = has(&topic.server, &said.text);
    }
    for said in &mut topic.server {
        said.agreed = has(&topic.client, &said.text);
    }
}

/// What carries the hellos of a flow.
fn carrier(trace: &Trace, flow: u32, explained: &Explained) -> Carrier {
    let transport = trace.flows().all().get(flow as usize).and_then(|flow| flow.transport);
    let datagrams = explained.tree.nodes().iter().any(|node| node.field.name == "dtls.handshake.ja3");
    match transport {
        Some(Transport::Udp) if datagrams => Carrier::Datagrams,
        Some(Transport::Udp) => Carrier::Quic,
        _ => Carrier::Tcp,
    }
}

/// The fingerprints of the hellos in an explained packet. They stand over the bodies that they are made of.
fn fingerprints(explained: &Explained, carrier: Carrier) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut tell = |label, side, of: Fingerprint| {
        let said = Said { text: of.value, packet: explained.number, agreed: false };
        let parts = of.parts.into_iter().map(|part| (part.what, part.text)).collect();
        marks.push(Mark { label, side, said, parts });
    };
    for node in explained.tree.nodes() {
        let body = explained.tree.bytes_of(node, &explained.bytes);
        match spoken(node) {
            "tls.handshake.ja3" => {
                if let Some(of) = fingerprint::of_client(body, carrier) {
                    tell("JA4", Side::Client, of.ja4);
                    tell("JA3", Side::Client, of.ja3);
                }
            }
            "tls.handshake.ja3s" => {
                if let Some(ja3s) = fingerprint::of_server(body) {
                    tell("JA3S", Side::Server, ja3s);
                }
            }
            _ => {}
        }
    }
    marks
}

/// The name of a node's field in TLS; DTLS has the same names with a letter in front.
fn spoken(node: &Node) -> &'static str {
    let name = node.field.name;
    name.strip_prefix('d').filter(|name| name.starts_with("tls.")).unwrap_or(name)
}

/// The values of fields in an explained packet.
fn values<'a>(explained: &'a Explained, fields: &'a [&str]) -> impl Iterator<Item = (&'static str, Said)> + 'a {
    let nodes = explained.tree.nodes().iter().filter(|node| fields.contains(&spoken(node)));
    nodes.map(|node| (node.field.label, said(&explained.tree, node, explained)))
}

fn said(tree: &Tree, node: &Node, explained: &Explained) -> Said {
    Said { text: tree.text(node, &explained.bytes), packet: explained.number, agreed: false }
}

fn certificate(explained: &Explained) -> impl Iterator<Item = (&'static str, Said)> + '_ {
    values(explained, &CERTIFICATE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::tests::trace_of;

    fn session_of(fixture: &str, flow: u32) -> Session {
        let (fetch, trace) = trace_of(fixture);
        session(&trace, &fetch, flow).expect("a fixture can be read again").expect("a session")
    }

    #[test]
    fn what_the_server_chose_is_among_what_the_client_offered() {
        let session = session_of("demo.pcapng", 10);
        let topic = |what| session.topics.iter().find(|topic| topic.what == what).expect("the topic");
        let suites = topic("cipher suite");
        assert!(suites.client.len() > 10 && suites.server.len() == 1);
        assert!(suites.server[0].agreed && suites.server[0].text.contains("TLS_AES_128_GCM_SHA256"), "{suites:?}");
        assert_eq!(suites.client.iter().filter(|said| said.agreed).count(), 1);
        assert_eq!(topic("server name").client[0].text, "shop.example");
    }

    #[test]
    fn a_certificate_is_read_where_it_stands_in_the_clear() {
        let session = session_of("https-tls12.pcap", 0);
        assert!(session.certificate.iter().any(|(_, said)| said.text.contains("shop.example")), "{session:?}");
        assert!(session_of("demo.pcapng", 10).certificate.is_empty());
    }

    #[test]
    fn fingerprints_are_taken_apart_and_their_parts_make_them() {
        let session = session_of("demo.pcapng", 10);
        let mark = |label| session.fingerprints.iter().find(|mark| mark.label == label).expect("the fingerprint");
        let ja3 = mark("JA3");
        assert_eq!(ja3.said.text, "b21a2468e801feb0ee956a1ad70ef2ac");
        let parts: Vec<&str> = ja3.parts.iter().map(|(what, _)| *what).collect();
        assert_eq!(parts, ["version", "cipher suites", "extensions", "groups", "point formats"]);
        let ja4 = mark("JA4");
        assert!(ja4.parts.iter().any(|(what, text)| what.starts_with("cipher suites") && text.contains("1301")));
        assert_eq!((mark("JA3S").side, mark("JA3S").said.packet), (Side::Server, 37));
    }

    #[test]
    fn hellos_over_datagrams_are_compared_as_well() {
        let session = session_of("dtls.pcap", 0);
        assert!(session.topics.iter().any(|topic| topic.what == "cipher suite" && !topic.server.is_empty()));
        assert!(session.fingerprints.iter().any(|mark| mark.said.text.starts_with('d')), "{session:?}");
    }

    #[test]
    fn a_flow_without_hellos_has_no_session() {
        let (fetch, trace) = trace_of("http-page.pcap");
        assert_eq!(session(&trace, &fetch, 0).expect("a fixture can be read again"), None);
    }
}
