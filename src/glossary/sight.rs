//! Who can see a field, why it is visible, and what would hide it: by the part of a protocol that it belongs to, else by
//! the class of its bytes.

use crate::bytes::{Class, Field, Split};

/// Why something is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Without it the bytes would not arrive.
    Delivery,
    /// Both ends have to agree before they can encrypt.
    Negotiation,
    /// It comes from a time when nobody thought of hiding it.
    Legacy,
    /// It could be hidden today, with what is there.
    Avoidable,
    /// It is not visible.
    Sealed,
}

impl Why {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Why::Delivery => "delivery",
            Why::Negotiation => "negotiation",
            Why::Legacy => "legacy",
            Why::Avoidable => "avoidable",
            Why::Sealed => "sealed",
        }
    }

    /// In a few words.
    pub const fn label(self) -> &'static str {
        match self {
            Why::Delivery => "needed to deliver it",
            Why::Negotiation => "both ends have to agree on it first",
            Why::Legacy => "the protocol does not encrypt",
            Why::Avoidable => "it need not have been sent in clear",
            Why::Sealed => "it is not visible",
        }
    }

    /// What the word means.
    pub const fn sentence(self) -> &'static str {
        match self {
            Why::Delivery => "It is visible because somebody on the way needs it to deliver the bytes.",
            Why::Negotiation => "It is visible because both ends have to agree on it before they can encrypt.",
            Why::Legacy => "It is visible because the protocol is from a time when hiding it was nobody's worry.",
            Why::Avoidable => "It is visible although it need not be: what would hide it is in use today.",
            Why::Sealed => "It is not visible: only its length and its time are.",
        }
    }
}

/// Who can see something, and what would hide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Why it is visible.
    pub why: Why,
    /// Who sees it, as the end of a sentence that begins with "Seen by".
    pub seen_by: &'static str,
    /// What would hide it, or why nothing does.
    pub hidden_by: &'static str,
}

const fn sight_of(why: Why, seen_by: &'static str, hidden_by: &'static str) -> Sight {
    Sight { why, seen_by, hidden_by }
}

const ON_THE_PATH: &str = "everybody on the way: the Wi-Fi if it is open or its key is known, the router, the \
                           provider, every network in between, and the other end";
const ON_THE_LINK: &str = "machines on the same link, and the router; it goes no further";

/// Parts of protocols that are seen otherwise than the class of their bytes tells; the longest name that fits counts.
#[rustfmt::skip]
const PARTS: &[(&str, Sight)] = &[
    ("eth.src", sight_of(Why::Delivery, ON_THE_LINK, "a random address for each network, as phones use it")),
    ("frame", sight_of(Why::Delivery, "whoever captures: it is the capture's own note, and was never sent", "nothing: times and sizes are seen by everybody on the way")),
    ("offload", sight_of(Why::Delivery, "whoever captures: it is the capture's own note, and was never sent", "nothing: what is on the wire is the frames that the card makes")),
    ("arp", sight_of(Why::Delivery, "every machine of the local network, for questions go to all", "nothing: the answer is needed to deliver the first frame")),
    ("lldp", sight_of(Why::Avoidable, ON_THE_LINK, "switching it off towards ports where users are")),
    ("ipv6.src_slaac_mac", sight_of(Why::Legacy, ON_THE_PATH, "temporary addresses (RFC 8981) or stable opaque ones (RFC 7217)")),
    ("ipv6.dst_slaac_mac", sight_of(Why::Legacy, ON_THE_PATH, "temporary addresses (RFC 8981) or stable opaque ones (RFC 7217) at the other end")),
    ("icmpv6.nd", sight_of(Why::Delivery, ON_THE_LINK, "nothing: neighbours must find each other")),
    ("icmpv6.opt", sight_of(Why::Delivery, ON_THE_LINK, "nothing: neighbours must find each other")),
    ("tcp.options.timestamp", sight_of(Why::Legacy, ON_THE_PATH, "a random offset for each connection, as today's kernels add")),
    ("dns", sight_of(Why::Avoidable, "everybody between here and the resolver, and the resolver itself", "encrypted DNS (DoT, DoH, DoQ): then only the resolver reads it")),
    ("mdns", sight_of(Why::Avoidable, "every machine of the local network: it goes to all", "announcing less, or nothing, on networks of others")),
    ("llmnr", sight_of(Why::Legacy, "every machine of the local network: it goes to all", "switching LLMNR off")),
    ("nbns", sight_of(Why::Legacy, "every machine of the local network: it goes to all", "switching NetBIOS off")),
    ("dhcp", sight_of(Why::Legacy, "every machine of the local network, for it is asked before there is an address", "the anonymity profile (RFC 7844): no name, no vendor, few options")),
    ("dhcpv6", sight_of(Why::Legacy, "every machine of the local network, for the question goes to all", "the anonymity profile (RFC 7844): no name, no vendor, few options")),
    ("tls.record", sight_of(Why::Delivery, ON_THE_PATH, "nothing: the receiver needs it to cut the stream; padding would blur the length")),
    ("tls.alert_message", sight_of(Why::Negotiation, ON_THE_PATH, "nothing before there are keys; later alerts are encrypted")),
    ("tls.handshake.extensions_server_name", sight_of(Why::Avoidable, ON_THE_PATH, "Encrypted Client Hello (ECH), together with encrypted DNS")),
    ("tls.handshake.extensions_alpn", sight_of(Why::Negotiation, ON_THE_PATH, "Encrypted Client Hello (ECH) hides the offer; the answer is encrypted since TLS 1.3")),
    ("tls.esni", sight_of(Why::Negotiation, ON_THE_PATH, "it is what hides: its content is encrypted to the server")),
    ("tls.ech", sight_of(Why::Negotiation, ON_THE_PATH, "it is what hides: its content is encrypted to the server")),
    ("tls.handshake.certificate", sight_of(Why::Avoidable, ON_THE_PATH, "TLS 1.3: it sends certificates encrypted")),
    ("tls.handshake", sight_of(Why::Negotiation, ON_THE_PATH, "Encrypted Client Hello hides parts of the first message; TLS 1.3 encrypts all behind the ServerHello")),
    ("tls", sight_of(Why::Negotiation, ON_THE_PATH, "Encrypted Client Hello hides parts of the first message; TLS 1.3 encrypts all behind the ServerHello")),
    ("x509", sight_of(Why::Avoidable, ON_THE_PATH, "TLS 1.3: it sends certificates encrypted")),
    ("x509if", sight_of(Why::Avoidable, ON_THE_PATH, "TLS 1.3: it sends certificates encrypted")),
    ("x509af", sight_of(Why::Avoidable, ON_THE_PATH, "TLS 1.3: it sends certificates encrypted")),
    ("x509ce", sight_of(Why::Avoidable, ON_THE_PATH, "TLS 1.3: it sends certificates encrypted")),
    ("x509sat", sight_of(Why::Avoidable, ON_THE_PATH, "TLS 1.3: it sends certificates encrypted")),
    ("ocsp", sight_of(Why::Avoidable, ON_THE_PATH, "stapling: the server brings the answer itself; or revocation lists")),
    ("http", sight_of(Why::Avoidable, ON_THE_PATH, "HTTPS: then only the two ends of TLS read it")),
    ("http2", sight_of(Why::Avoidable, ON_THE_PATH, "TLS, as browsers demand it for HTTP/2")),
    ("ssh", sight_of(Why::Negotiation, ON_THE_PATH, "nothing: both ends agree on algorithms before there are keys")),
    ("ntp", sight_of(Why::Legacy, ON_THE_PATH, "nothing hides it; Network Time Security (RFC 8915) protects it from forgery")),
];

/// Who can see a field.
pub fn sight(field: &Field) -> Sight {
    if !matches!(field.class.split(), Split::Visible) {
        return class_sight(field.class);
    }
    // DTLS has each field of TLS once more, with one letter in front.
    let name = field.name.strip_prefix('d').filter(|name| name.starts_with("tls")).unwrap_or(field.name);
    let name = name.strip_prefix("husk.").unwrap_or(name);
    let fits =
        |part: &str| name.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_']));
    let part = PARTS.iter().filter(|(part, _)| fits(part)).max_by_key(|(part, _)| part.len());
    part.map_or_else(|| class_sight(field.class), |(_, sight)| *sight)
}

/// Who can see bytes of a class.
pub const fn class_sight(class: Class) -> Sight {
    match class {
        Class::Link => {
            sight_of(Why::Delivery, ON_THE_LINK, "nothing on the link itself; the next hop writes a new one")
        }
        Class::Network => sight_of(
            Why::Delivery,
            ON_THE_PATH,
            "a tunnel (VPN, Tor): then those before its end see only the tunnel's addresses",
        ),
        Class::Transport => {
            sight_of(Why::Delivery, ON_THE_PATH, "a tunnel (VPN, Tor); QUIC encrypts most of what TCP leaves open")
        }
        Class::Metadata => sight_of(Why::Legacy, ON_THE_PATH, "the same protocol inside TLS, or a tunnel"),
        Class::Content => sight_of(Why::Avoidable, ON_THE_PATH, "TLS: then only its two ends read it"),
        Class::Veiled => sight_of(
            Why::Negotiation,
            "everybody on the way who takes the trouble: the key follows from the packet",
            "Encrypted Client Hello for the names in it; a tunnel for the rest",
        ),
        Class::Sealed => sight_of(
            Why::Sealed,
            "nobody but the two ends; others see that it is there, its length and its time",
            "it is hidden; padding would hide its length too",
        ),
        Class::Tag => sight_of(
            Why::Sealed,
            "everybody on the way, who learns nothing from it but which kind of encryption it is",
            "nothing has to: it holds nothing of the message",
        ),
        Class::Padding => sight_of(Why::Delivery, ON_THE_PATH, "nothing has to: it means nothing"),
        Class::Unknown => sight_of(Why::Legacy, "perhaps everybody on the way: husk does not know", "not known"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Kind;

    fn field(name: &'static str, class: Class) -> Field {
        Field { name, label: "", kind: Kind::Text, class, source: "", names: None }
    }

    #[test]
    fn the_longest_part_that_fits_counts_and_then_the_class() {
        let sni = sight(&field("tls.handshake.extensions_server_name", Class::Metadata));
        assert!(sni.hidden_by.contains("ECH"), "{sni:?}");
        assert_eq!(sight(&field("dtls.handshake.extensions_server_name", Class::Metadata)), sni);
        assert_eq!(sight(&field("tls.handshake.random", Class::Metadata)).why, Why::Negotiation);
        assert_eq!(sight(&field("ip.src", Class::Network)), class_sight(Class::Network));
        assert_eq!(sight(&field("dnsx.name", Class::Metadata)), class_sight(Class::Metadata), "no part of DNS");
    }
}
