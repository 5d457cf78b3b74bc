//! Cells and rows that say nothing of who is right: by rules, each with its reason, and by no capture's name.
//!
//! What husk says more than tshark is counted apart (`More`). Where a protocol's own words decide that tshark reads what
//! does not stand there, the cells are left out (`Ruled`). `docs/oracle.md` has the same list, with the sentences.

use std::collections::{BTreeMap, BTreeSet};

/// How two cells compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same values, in the same order.
    Agree,
    /// husk says all that tshark says, and then more.
    More,
    /// They differ for a reason that is none of a dissector's mistakes: the rule's place in [`RULES`].
    Ruled(usize),
    /// tshark says more: what it opened with secrets that the capture carries.
    Opened,
    /// They differ.
    Differ,
}

/// A reason to leave cells out.
pub(super) struct Rule {
    /// What stands in the packet, and the document that decides.
    pub(super) reason: &'static str,
    /// How the names of the fields begin that it is about.
    fields: &'static [&'static str],
    /// Whether it holds for a packet; for a whole TCP connection if it holds for one packet of it, and `connection` says so.
    holds: fn(&Packet<'_>) -> bool,
    connection: bool,
}

/// What both say of one packet, by field.
pub(super) struct Packet<'a> {
    pub(super) husk: &'a dyn Fn(&str) -> String,
    pub(super) tshark: &'a dyn Fn(&str) -> String,
}

impl Packet<'_> {
    /// Whether one of them says something of `field` that `is` so.
    fn either(&self, field: &str, is: fn(&str) -> bool) -> bool {
        [(self.husk)(field), (self.tshark)(field)].iter().any(|cell| !cell.is_empty() && is(cell))
    }

    /// Pairs of values of two fields, as husk says them.
    fn pairs(&self, one: &str, other: &str) -> Vec<(u64, u64)> {
        let numbers = |field: &str| -> Vec<u64> {
            (self.husk)(field).split(',').filter_map(|number| number.parse().ok()).collect()
        };
        numbers(one).into_iter().zip(numbers(other)).collect()
    }
}

/// Fields that the rules look at.
pub(super) const EVIDENCE: &[&str] = &[
    "tcp.stream",
    "tls.handshake.type",
    "tls.handshake.length",
    "tls.handshake.version",
    "tls.handshake.extension.type",
    "tls.handshake.extension.len",
    "x509ce.dNSName",
    "http.request.version",
    "http.response.version",
    "http.response.code",
    "http.response.line",
    "http.request.line",
    "http.response.phrase",
    "http.transfer_encoding",
    "http.content_length_header",
];

/// The rule that [`Holding`] finds by itself.
const NETWORKS: usize = 0;

pub(super) const RULES: &[Rule] = &[
    Rule {
        reason: "the same addresses and ports in several VLANs or tunnels (IEEE 802.1Q, section 4: networks of their own)",
        fields: &["tcp.analysis.", "tcp.completeness", "tcp.time_", "tcp.stream", "http."],
        holds: |_| false,
        connection: true,
    },
    Rule {
        reason: "TLS 1.3 drafts before 22: their ServerHello has no session id, as their section 4.1.3 says",
        fields: &["tls."],
        holds: |packet| {
            packet
                .either("tls.handshake.version", |versions| versions.contains("0x7f") || versions.contains("0x0304"))
        },
        connection: false,
    },
    Rule {
        reason: "a hello of fewer bytes than it needs (RFC 8446, section 4: the length counts the bytes of the message)",
        fields: &["tls."],
        holds: |packet| {
            let short = |(kind, length): &(u64, u64)| matches!(kind, 1 | 2) && *length < SHORTEST_HELLO;
            packet.pairs("tls.handshake.type", "tls.handshake.length").iter().any(short)
        },
        connection: false,
    },
    Rule {
        reason: "an empty extension that has to hold something (RFC 8446, section 4.2: its data ends with its length)",
        fields: &["tls."],
        holds: |packet| {
            let empty = |(kind, length): &(u64, u64)| *length == 0 && matches!(kind, 1 | 9 | 11 | 13 | 15 | 41 | 43);
            packet.pairs("tls.handshake.extension.type", "tls.handshake.extension.len").iter().any(empty)
        },
        connection: false,
    },
    Rule {
        reason: "a zero byte within a name (RFC 5280, section 7.2: names are compared whole); tshark ends it there",
        fields: &["x509ce.dNSName"],
        holds: |packet| packet.either("x509ce.dNSName", |names| names.contains("\\x00")),
        connection: false,
    },
    Rule {
        reason: "transfer codings that do not end with chunked (RFC 9112, section 6.3: the body ends with the close)",
        fields: &["http."],
        holds: |packet| packet.either("http.transfer_encoding", |coding| !coding.eq_ignore_ascii_case("chunked")),
        connection: true,
    },
    Rule {
        reason: "a length that is no number, or needs more than 31 bits (RFC 9110, section 8.6)",
        fields: &["http."],
        holds: |packet| packet.either("http.content_length_header", |cell| !cell.split(',').all(is_length)),
        connection: true,
    },
    Rule {
        reason: "CR without LF within a head (RFC 9112, section 2.2: it ends no line)",
        fields: &["http."],
        holds: |packet| {
            let lines = ["http.response.line", "http.request.line", "http.response.phrase"];
            lines.iter().any(|field| packet.either(field, has_bare_cr))
        },
        connection: true,
    },
    Rule {
        reason: "a status of other than three digits, a version that is none (RFC 9112, sections 4 and 2.3)",
        fields: &["http."],
        holds: |packet| {
            packet.either("http.response.code", |codes| codes.split(',').any(|code| code.len() != 3))
                || packet.either("http.response.version", |versions| !versions.split(',').all(is_version))
                || packet.either("http.request.version", |versions| !versions.split(',').all(is_version))
        },
        connection: true,
    },
];

/// Bytes of a hello without a session id, cipher suites and extensions (RFC 8446, section 4.1.2).
const SHORTEST_HELLO: u64 = 38;

fn is_length(text: &str) -> bool {
    text.trim().parse::<i32>().is_ok_and(|length| length >= 0)
}

fn is_version(version: &str) -> bool {
    matches!(version.as_bytes(), [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']) || version == "ICY"
}

/// Whether text with its control bytes escaped has a CR that no LF follows.
fn has_bare_cr(text: &str) -> bool {
    text.match_indices("\\r").any(|(at, _)| !text[at + 2..].starts_with("\\n"))
}

/// The rules that hold: for packets, and for connections.
#[derive(Default)]
pub(super) struct Holding {
    packets: BTreeMap<usize, BTreeSet<usize>>,
    connections: BTreeMap<String, BTreeSet<usize>>,
    /// The connections into which husk divides what is one to tshark.
    divided: BTreeMap<String, BTreeSet<String>>,
}

impl Holding {
    /// Looks at packet `number`.
    pub(super) fn look(&mut self, number: usize, packet: &Packet<'_>) {
        let (ours, theirs) = ((packet.husk)("tcp.stream"), (packet.tshark)("tcp.stream"));
        // Of a packet within others the streams are told one after the other.
        if !ours.is_empty() && !theirs.is_empty() && !ours.contains(',') && !theirs.contains(',') {
            let divided = self.divided.entry(theirs).or_default();
            divided.insert(ours);
            if divided.len() > 1 {
                for stream in divided.iter() {
                    self.connections.entry(stream.clone()).or_default().insert(NETWORKS);
                }
            }
        }
        for (place, rule) in RULES.iter().enumerate().filter(|(_, rule)| (rule.holds)(packet)) {
            self.packets.entry(number).or_default().insert(place);
            let stream = (packet.husk)("tcp.stream");
            if rule.connection && !stream.is_empty() {
                self.connections.entry(stream).or_default().insert(place);
            }
        }
    }

    /// How `husk` and `tshark`, cells of packet `number` and connection `stream`, compare; `between` separates values.
    pub(super) fn compare(
        &self,
        (number, stream): (usize, &str),
        field: &str,
        (husk, tshark): (&str, &str),
        between: char,
    ) -> Verdict {
        if husk == tshark || bare(husk) == bare(tshark) {
            return Verdict::Agree;
        }
        let here = self.packets.get(&number).into_iter().chain(self.connections.get(stream)).flatten();
        let about = |rule: &usize| RULES[*rule].fields.iter().any(|begin| field.starts_with(begin));
        if let Some(rule) = here.copied().find(about) {
            return Verdict::Ruled(rule);
        }
        let behind = husk.strip_prefix(tshark);
        let more = behind.is_some_and(|behind| tshark.is_empty() || behind.starts_with(between));
        if more { Verdict::More } else { Verdict::Differ }
    }
}

/// A cell with its escapes resolved: both write control bytes, and bytes that are no text, in ways of their own.
fn bare(cell: &str) -> String {
    let mut plain = String::new();
    let mut rest = cell;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let code = escape.strip_prefix('x').and_then(|digits| u8::from_str_radix(digits.get(..2)?, 16).ok());
        let (shown, length) = match (escape.chars().next(), code) {
            (_, Some(0x80..)) => (char::REPLACEMENT_CHARACTER, 3),
            (_, Some(byte)) => (char::from(byte), 3),
            (Some('f'), _) => ('\x0c', 1),
            (Some('v'), _) => ('\x0b', 1),
            (Some('a'), _) => ('\x07', 1),
            (Some('b'), _) => ('\x08', 1),
            (Some('t'), _) => ('\t', 1),
            (Some('r'), _) => ('\r', 1),
            (Some('n'), _) => ('\n', 1),
            (Some(other), _) => (other, other.len_utf8()),
            (None, _) => ('\\', 0),
        };
        plain.push(shown);
        rest = escape.get(length..).unwrap_or("");
    }
    plain + rest
}

#[test]
fn rules_are_about_what_stands_in_the_packet() {
    let said = |field: &str, value: &'static str| {
        let field = field.to_owned();
        move |asked: &str| if asked == field { value.to_owned() } else { String::new() }
    };
    let nothing = |_: &str| String::new();
    let mut holding = Holding::default();
    let coding = said("http.transfer_encoding", "chunkedx");
    holding.look(4, &Packet { husk: &nothing, tshark: &coding });
    let chunked = said("http.transfer_encoding", "chunked");
    holding.look(5, &Packet { husk: &chunked, tshark: &chunked });
    let of = |number, field: &str, cells| holding.compare((number, "7"), field, cells, ',');
    assert!(matches!(of(4, "http.response.code", ("", "200")), Verdict::Ruled(_)));
    assert_eq!(of(5, "http.response.code", ("", "200")), Verdict::Differ);
    assert_eq!(of(4, "tcp.port", ("1", "2")), Verdict::Differ);
    assert_eq!(of(5, "http.host", ("a,b", "a")), Verdict::More);
    assert_eq!(of(5, "http.host", ("ab", "a")), Verdict::Differ);
    assert_eq!(of(5, "http.host", ("\\x0c\\xa0", "\\f\u{fffd}")), Verdict::Agree);
    assert!(has_bare_cr("a\\r,b") && !has_bare_cr("a\\r\\n"));
}
