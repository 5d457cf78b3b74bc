//! Display filters: the packets that pass, against those that tshark lets pass.
//!
//! Each filter is held against one capture; with `HUSK_ORACLE=full` against all of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use husk::bytes::Tree;
use husk::capture::Source;
use husk::filter::Filter;
use husk::trace::{Heard, Listener, Pass};

use super::{corpus, for_each};

/// Captures of the corpus, by the letter that stands before a filter.
const CAPTURES: &[(char, &str)] = &[
    ('w', "ws2013/docbook/examples/test.cap"),
    ('s', "suricata-verify/tests/ethernet-eve/test.pcap"),
    ('t', "zeek/testing/btest/Traces/tunnels/Teredo.pcap"),
    ('g', "own-torture/gre-key-seq-csum.pcap"),
];

/// Filters that tshark 4.0 understands, and a capture in which they tell packets apart.
const FILTERS: &str = r#"
w tcp
w !tcp && !udp
w not (tcp or udp) or dns
w tcp.port == 80
w tcp.port != 80
w not tcp.port == 80
w tcp.port !== 80
w udp.port === 137
w udp.port all_eq 137
w tcp.port any_ne 80
w tcp.port ~= 80
w all tcp.port > 100
w any tcp.port > 2000
w all tcp.port != 80
w tcp.port in {80, 4000..5000}
w tcp.port not in {80}
w udp.port in {0x35}
w ip.addr == 192.168.0.0/24
w ip.addr != 192.168.0.1
w any ip.addr != 192.168.0.2
w ip.src == 192.168.0.2 and ip.dst != 192.168.0.1
w ip.src < ip.dst
w ip.src in {192.168.0.1 .. 192.168.0.9}
w ip.src[0:2] == c0:a8
w ip.dst[3] == 01
w ip.ttl == '@'
w ip.ttl < 0200 && ip.ttl > 0b1
w ip.ttl & 0x40
w ip.ttl & 0x40 == 0x40
w {ip.ttl & 0x3f} == 0
w tcp.flags & 2
w tcp.flags.syn == True
w tcp.flags.syn == 1 or tcp.flags.fin == TRUE
w tcp.flags.syn == 2
w tcp.flags.syn
w tcp.flags.syn == "Set"
w tcp.len > 0 and tcp.len <= 1000
w tcp.srcport > tcp.dstport
w tcp.srcport + tcp.dstport > 3000
w tcp.srcport - 80 == 0
w -tcp.port < -100
w tcp.dstport % 10 == 0
w tcp.port * 2 == 160
w tcp.dstport / 2 == 40
w abs(tcp.srcport) == 80
w max(tcp.srcport, tcp.dstport) > 4000
w min(tcp.srcport, tcp.dstport) == 80
w count(ip.addr) == 2
w count(udp.port) == 2
w len(udp) == 8
w len(tcp) > 20
w len(ip) == 20
w len(frame) > 100
w len(http.request.method) == 4
w len(eth.src) == 6
w frame.len == len(frame)
w frame.number in {3..7, 9}
w frame.cap_len < 60
w frame.time_epoch < 1087927370
w frame.time > "2004-06-22 18:02:50.1"
w frame.time < "Jun 22, 2004 18:02:50"
w string(frame.number) matches "[13579]$"
w string(ip.src) contains "192.168"
w string(tcp.port) matches "^8"
w http
w http contains "HTTP"
w http matches r"http/1\.[01] 200"
w http.request.method == "POST"
w http.request.method == POST
w http.request.method != "GET"
w http.request.method in {"POST", "HEAD"}
w http.request.method < "P"
w http.request.method matches "^p"
w http.request.method matches "(?-i)^P"
w http.request.method[0:2] == "PO"
w http.request.method[-1] == "T"
w http.request.method[1:] == 4f:53:54
w http.host contains "192"
w http.host == "192.168.0.1"
w upper(http.request.method) == "POST"
w lower(http.request.method) contains "po"
w http.user_agent
w eth.addr[0:3] == 00:0b:5d
w eth.dst == ff:ff:ff:ff:ff:ff
w eth.src == 00.0b.5d.20.cd.02
w eth.dst[0] & 1
w frame contains "\r\n\r\n"
w frame contains 0d:0a:0d:0a
w frame contains 'z'
w frame contains "\x50\117ST"
w frame matches "(?i)soap"
w frame[0:6] == ff:ff:ff:ff:ff:ff
w frame[12:2] == 08:06
w frame[-4:] contains 00
w frame[0:2,12-13] == ff:ff:08:06
w frame[9999]
w frame[9999:2] != 00:00
w frame[0]
w tcp[0:2] == 00:50
w tcp[13] & 2
w tcp[13] == 18
w tcp contains "SUBSCRIBE"
w ip contains "192.168.0.1"
w eth[12:2] == 08:00
w udp[0:2] != 00:89
w udp.length > 50
w dns.qry.name contains "proxyconf"
w dns.flags.response == 0
w dns.flags & 0x0100
w dns.qry.name == dns.qry.name
w tcp || udp && udp.port == 53
w (tcp || udp) && udp.port == 53
w tcp and not tcp.port == 80 and ip
w ip.src == 192.168.0.2 and (tcp or udp) and not dns
w ip.proto == 6 or ip.proto == 0x11
w ip.flags.df == 1
w ip.id > 100
w ip.checksum != 0
w arp
w arp.opcode == 1
w arp.src.proto_ipv4 == 192.168.0.2
w icmp
w igmp or icmp
s tls.record.version
s tls.handshake.type == 1
s tls.handshake.type in {1, 2}
s tls.handshake.type != 1
s any tls.handshake.type != 11
w http.request.uri
s http.host contains "."
s http.host matches r"\.com$"
s len(http.host) > 10
s tls.record.content_type == 23
s tls.record.content_type === 22
s tls.record.version == 0x0303
s tls contains 16:03
s count(tls.record.content_type) > 1
s max(tls.record.length) > 1000
s tls.handshake.ciphersuite == 0xc02f
s tls.handshake.cipher_suites_length > 20 && tls.handshake.version < 0x0304
s dns
s dns.a
s dns.a in {10.0.0.0 .. 255.255.255.255}
s dns.qry.type == 1
s dns.count.answers > 1
s dns.resp.ttl < 100
s dns.resp.ttl > 100
s all dns.resp.ttl > 100
s udp.srcport == udp.dstport
s ip.addr == ip.dst
s ip.ttl > 64 and tcp.flags.ack == 1
s tcp.flags == 0x018
s tcp.window_size_value - 100 > 1000
s tcp.seq == 0
s tcp.ack > 1000
s tcp.stream == 0
s eth.addr == eth.dst
s http.request or http.response
s mdns
s arp.opcode == 2 || arp.dst.proto_ipv4 == 10.0.0.0/8
t udp#1
t ip.src#1
t ip.addr#[1-2] == 65.55.0.0/16
g ip#2
t ipv6
t ipv6.src
t ipv6.addr == fe80::/10
t ipv6.src != ::
t ipv6.dst[0] == 0xff
t icmpv6.type == 133
t teredo
g count(ip.src) == 2
t ip.len > 100 && udp
t ipv6.hlim > 100
g ip.src#2 == ip.src#2
g ip.dst#[1-2] == 10.0.0.0/8
g ip.ttl#1 == 64
g count(ip) == 2
g gre
g gre.key
g gre contains "GET"
g ip contains "HTTP"
g tcp contains "HTTP"
g http.response.code == 200
g http.response.code < 300
g http.content_type[0:4] == "text"
"#;

struct Sieve<'a> {
    filters: &'a [(&'static str, Filter)],
    found: Vec<Vec<u32>>,
}

impl Listener for Sieve<'_> {
    fn tree(&self) -> Tree {
        Tree::only(self.filters.iter().flat_map(|(_, filter)| filter.fields()).collect())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        for ((_, filter), found) in self.filters.iter().zip(&mut self.found) {
            if filter.matches(heard.tree, heard.bytes) {
                found.push(heard.number);
            }
        }
        true
    }
}

/// The packets that tshark lets pass.
fn tshark(capture: &Path, filter: &str) -> Vec<u32> {
    let mut command = Command::new("tshark");
    command.args([
        "-n",
        "-o",
        "tcp.reassemble_out_of_order:TRUE",
        "-Y",
        filter,
        "-T",
        "fields",
        "-e",
        "frame.number",
    ]);
    // Dates without a zone are UTC here, local time there.
    let output = command.env("TZ", "UTC").arg("-r").arg(capture).output().unwrap();
    assert!(output.status.success(), "{filter}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn filters() {
    let Some(corpus) = corpus() else { return };
    if Command::new("tshark").arg("--version").output().is_err() {
        println!("skipped: there is no tshark here");
        return;
    }
    let all = std::env::var("HUSK_ORACLE").as_deref() == Ok("full");
    let mut chosen: BTreeMap<&str, Vec<(&'static str, Filter)>> = BTreeMap::new();
    for line in FILTERS.lines().filter(|line| !line.is_empty()) {
        let (letter, filter) = line.split_at(2);
        let understood = || Filter::parse(filter).unwrap_or_else(|error| panic!("{error}"));
        for (_, capture) in CAPTURES.iter().filter(|(of, _)| all || letter.starts_with(*of)) {
            chosen.entry(capture).or_default().push((filter, understood()));
        }
    }
    let mut work = Vec::new();
    for (capture, filters) in &chosen {
        let path = corpus.join(capture);
        let mut sieve = Sieve { filters, found: vec![Vec::new(); filters.len()] };
        Pass::new(Source::open(&path).unwrap()).with_listener(&mut sieve).run();
        work.extend(filters.iter().zip(sieve.found).map(|((filter, _), found)| (path.clone(), *filter, found)));
    }
    let wrong = Mutex::new(Vec::new());
    for_each(&work, |(path, filter, found)| {
        let theirs = tshark(path, filter);
        if theirs != *found {
            let only = |a: &[u32], b: &[u32]| a.iter().filter(|n| !b.contains(n)).copied().collect::<Vec<_>>();
            let (missed, more) = (only(&theirs, found), only(found, &theirs));
            wrong.lock().unwrap().push(format!("{}: {filter}: missed {missed:?}, too many {more:?}", path.display()));
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!("filters: {} of {} let the same packets pass", work.len() - wrong.len(), work.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
