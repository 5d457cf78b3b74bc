//! Refuses capture filters that would make libpcap ask the network.
//!
//! `host example.org` in a filter is resolved by libpcap when the filter is compiled: everybody on
//! the way learns what is about to be watched. So every word of a filter must be a number, an
//! address, a word of the filter language (pcap-filter(7)), or the name of a port or protocol, which
//! is found in files of this machine.

/// Words of the filter language, sorted. A word that is none of them is a host's name to libpcap.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "aarp", "action", "addr1", "addr2", "addr3", "addr4", "address1", "address2", "address3",
    "address4", "ah", "and", "arp", "atalk", "bcc", "broadcast", "byte", "carp", "clnp",
    "connectmsg", "csnp", "decnet", "dir", "direction", "dpc", "dst", "es-is", "esis", "esp",
    "ether", "fddi", "fisu", "gateway", "geneve", "greater", "hdpc", "hfisu", "hlssu", "hmsu",
    "hopc", "host", "hsio", "hsls", "icmp", "icmp-echo", "icmp-echoreply", "icmp-ireq",
    "icmp-ireqreply", "icmp-maskreply", "icmp-maskreq", "icmp-paramprob", "icmp-redirect",
    "icmp-routeradvert", "icmp-routersolicit", "icmp-sourcequench", "icmp-timxceed", "icmp-tstamp",
    "icmp-tstampreply", "icmp-unreach", "icmp6", "icmp6-destinationunreach", "icmp6-echo",
    "icmp6-echoreply", "icmp6-haadiscoveryreply", "icmp6-haadiscoveryrequest",
    "icmp6-homeagentdiscoveryreply", "icmp6-homeagentdiscoveryrequest", "icmp6-ineighboradvert",
    "icmp6-ineighborsolicit", "icmp6-inversenbradvert", "icmp6-inversenbrsolicit",
    "icmp6-mobileprefixadvert", "icmp6-mobileprefixsolicit", "icmp6-multicastlistenerdone",
    "icmp6-multicastlistenerquery", "icmp6-multicastlistenerreportv1",
    "icmp6-multicastlistenerreportv2", "icmp6-multicastrouteradvert",
    "icmp6-multicastroutersolicit", "icmp6-multicastrouterterm", "icmp6-neighboradvert",
    "icmp6-neighborsolicit", "icmp6-nodeinformationquery", "icmp6-nodeinformationresponse",
    "icmp6-packettoobig", "icmp6-parameterproblem", "icmp6-redirect", "icmp6-routeradvert",
    "icmp6-routerrenum", "icmp6-routersolicit", "icmp6-timeexceeded", "icmp6code", "icmp6type",
    "icmpcode", "icmptype", "ifindex", "ifname", "igmp", "igrp", "ih", "iih", "ilmic", "inbound",
    "ip", "ip6", "ipx", "is-is", "isis", "iso", "l1", "l2", "lane", "lat", "len", "length", "less",
    "link", "llc", "lsp", "lssu", "lsu", "mask", "metac", "metaconnect", "mopdl", "moprc", "mpls",
    "msu", "multicast", "net", "netbeui", "not", "oam", "oamf4", "oamf4ec", "oamf4sc", "on", "opc",
    "or", "outbound", "pim", "port", "portrange", "ppp", "pppoed", "pppoes", "proto", "protochain",
    "psnp", "ra", "radio", "rarp", "reason", "rnr", "rset", "rulenum", "rulenumber", "ruleset",
    "sc", "sca", "sctp", "sio", "slip", "sls", "snp", "src", "srnr", "stp", "subrulenum", "subtype",
    "ta", "tcp", "tcp-ack", "tcp-cwr", "tcp-ece", "tcp-fin", "tcp-push", "tcp-rst", "tcp-syn",
    "tcp-urg", "tcpflags", "tr", "type", "udp", "vci", "vlan", "vpi", "vrrp", "vxlan", "wlan",
];

/// After these words comes a name that is looked up in this machine's files or in a fixed list.
const NAME_FOLLOWS: &[&str] = &[
    "action",
    "dir",
    "direction",
    "ifname",
    "llc",
    "on",
    "port",
    "portrange",
    "proto",
    "protochain",
    "reason",
    "rset",
    "ruleset",
    "subtype",
    "type",
];

/// The first word of a filter that libpcap would look up as a host or network; `None` if there is none.
pub fn host_name(filter: &str) -> Option<&str> {
    let mut before = "";
    let mut brackets = 0u32;
    let mut rest = filter;
    while let Some(first) = rest.chars().next() {
        let (word, after) = rest.split_at(rest.find(|c| !in_word(c, brackets > 0)).unwrap_or(rest.len()));
        if word.is_empty() {
            match first {
                '[' => brackets += 1,
                ']' => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            if !first.is_whitespace() && first != '\\' {
                before = "";
            }
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        if !NAME_FOLLOWS.contains(&before) && !harmless(word) {
            return Some(word);
        }
        before = word;
        rest = after;
    }
    None
}

/// Within brackets (`tcp[2:2]`) a colon separates numbers; elsewhere it belongs to an address.
fn in_word(c: char, in_brackets: bool) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-') || (c == ':' && !in_brackets) || !c.is_ascii()
}

/// A number, an address, or a word of the language.
fn harmless(word: &str) -> bool {
    let made_of = |marks: &str, digits: fn(char) -> bool| word.chars().all(|c| digits(c) || marks.contains(c));
    let decimal = made_of(".-", |c| c.is_ascii_digit()); // also ranges, and differences within brackets
    let hexadecimal = |c: char| c.is_ascii_hexdigit();
    let colons = word.contains(':') && (made_of(":.", hexadecimal));
    let number =
        word.strip_prefix("0x").or(word.strip_prefix("0X")).is_some_and(|n| n.chars().all(|c| c.is_ascii_hexdigit()));
    let mac = |mark: char, groups: usize, digits: usize| {
        let mut parts = word.split(mark);
        parts.clone().count() == groups
            && parts.all(|p| (1..=digits).contains(&p.len()) && p.chars().all(|c| c.is_ascii_hexdigit()))
    };
    decimal
        || colons
        || number
        || mac('-', 6, 2)
        || mac('.', 3, 4) && word.len() == 14
        || mac('.', 6, 2)
        || WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn addresses_ports_and_the_language_pass() {
        for filter in [
            "",
            "tcp",
            "tcp port 443 or udp port 53",
            "host 192.0.2.1",
            "net 10.0.0.0/8",
            "net 192.168",
            "ip6 net 2001:db8::/32",
            "host ::1",
            "host ::ffff:192.0.2.1",
            "ether host 00:11:22:aa:bb:cc",
            "ether host 00-11-22-aa-bb-cc",
            "ether host 0011.22aa.bbcc",
            "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
            "tcp[13] & 0x12 = 18",
            "ip[2:2] > 576",
            "(port http or port https) and not host 127.0.0.1",
            "ip proto \\tcp",
            "portrange 1000-2000",
            "src host 192.0.2.1&&dst port 22",
            "vlan 7 and icmp6",
            "wlan type mgt subtype beacon",
            "ether proto 0x888e",
            "less 100",
            "!arp",
            "len - 14 > 100",
        ] {
            assert_eq!(host_name(filter), None, "{filter}");
        }
    }

    #[test]
    fn names_that_would_be_looked_up_are_found() {
        for (filter, name) in [
            ("host example.org", "example.org"),
            ("tcp and dst example.org", "example.org"),
            ("port 80 or router", "router"),
            ("net corp-net", "corp-net"),
            ("gateway gw", "gw"),
            ("host face.de", "face.de"),
            ("host cafe", "cafe"),
            ("ether host printer", "printer"),
            ("port (80 or example)", "example"),
            ("host 1e100.net", "1e100.net"),
            ("host bücher.example", "bücher.example"),
            ("HOST 1.2.3.4", "HOST"),
            ("tcp[example.org]", "example.org"),
        ] {
            assert_eq!(host_name(filter), Some(name), "{filter}");
        }
    }
}
