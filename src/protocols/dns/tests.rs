//! Messages put together by hand: one test for each thing that a library or a sender could spoil.

use super::*;
use crate::bytes::{Findings, Ledger, Tree};

fn start(transport: Transport, client_port: u16, server_port: u16) -> Start {
    Start { transport, client_port, server_port }
}

/// What reading one datagram leaves behind.
struct Outcome {
    what: &'static str,
    subject: String,
    facts: Vec<(&'static str, String)>,
    ledger: Ledger,
    findings: Findings,
}

fn read_as(variant: Variant, bytes: &[u8], tree: Option<&mut Tree>) -> Outcome {
    let mut dialogue = conversation(variant, &start(Transport::Udp, 40000, 53));
    let mut findings = Findings::keeping();
    let mut c = Cursor::new(bytes, 0, 0, &mut findings, tree);
    let what = dialogue.read(Side::Client, &mut c).map_or("malformed", |message| message.what);
    let facts = findings
        .facts
        .iter()
        .map(|fact| (fact.field.name, String::from_utf8_lossy(&fact.value).into_owned()))
        .collect();
    Outcome { what, subject: findings.subject.clone(), facts, ledger: findings.claims.ledger, findings }
}

fn read(bytes: &[u8]) -> Outcome {
    read_as(Variant::Unicast, bytes, None)
}

/// The cells of a field, as `husk fields` writes them.
fn cells(variant: Variant, bytes: &[u8], field: &str) -> Vec<String> {
    let mut tree = Tree::new();
    read_as(variant, bytes, Some(&mut tree));
    tree.nodes().iter().filter(|node| node.field.name == field).map(|node| tree.cell(node, bytes)).collect()
}

fn header(flags: u16, counts: [u16; 4]) -> Vec<u8> {
    let mut message = vec![0x12, 0x34];
    message.extend(flags.to_be_bytes());
    for count in counts {
        message.extend(count.to_be_bytes());
    }
    message
}

fn name(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in text.split('.').filter(|label| !label.is_empty()) {
        out.push(label.len() as u8);
        out.extend(label.bytes());
    }
    out.push(0);
    out
}

fn question(message: &mut Vec<u8>, of: &str, kind: u16) {
    message.extend(name(of));
    message.extend(kind.to_be_bytes());
    message.extend([0, 1]);
}

fn record(message: &mut Vec<u8>, of: &[u8], kind: u16, data: &[u8]) {
    message.extend(of);
    message.extend(kind.to_be_bytes());
    message.extend([0, 1, 0, 0, 1, 0x2c]);
    message.extend((data.len() as u16).to_be_bytes());
    message.extend(data);
}

fn response(answers: u16) -> Vec<u8> {
    let mut message = header(0x8180, [1, answers, 0, 0]);
    question(&mut message, "shop.example", 1);
    message
}

const ASKED: [u8; 2] = [0xc0, 12];

/// An answer with an alias, an address, an HTTPS record with `ech`, and EDNS with cookie and padding.
fn rich() -> Vec<u8> {
    let mut message = header(0x8180, [1, 3, 0, 1]);
    question(&mut message, "shop.example", 1);
    record(&mut message, &ASKED, 5, &name("cdn.example"));
    record(&mut message, &name("CDN.example"), 1, &[203, 0, 113, 7]);
    let mut https = vec![0, 1, 0];
    https.extend([0, 1, 0, 3, 2, b'h', b'2']);
    https.extend([0, 5, 0, 4, 0xfe, 0x0d, 0, 0]);
    record(&mut message, &ASKED, 65, &https);
    message.extend([0, 0, 41, 4, 0xd0, 0, 0, 0x80, 0, 0, 22]);
    message.extend([0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
    message.extend([0, 12, 0, 6, 0, 0, 0, 0, 0, 0]);
    message
}

#[test]
fn a_query_tells_the_name_asked_for() {
    let mut message = header(0x0100, [1, 0, 0, 0]);
    question(&mut message, "shop.example", 1);
    let read = read(&message);
    assert_eq!((read.what, &read.subject[..]), ("query", "A? shop.example"));
    assert_eq!(read.facts, [("dns.qry.name", "shop.example".into())]);
    assert_eq!((read.findings.facts[0].start, read.findings.facts[0].end), (12, 26));
    assert_eq!(read.ledger.of(Class::Metadata), message.len() as u64);
}

#[test]
fn an_address_belongs_to_the_name_asked_for_through_aliases() {
    let read = read(&rich());
    assert_eq!(read.subject, "CNAME cdn.example A 203.0.113.7 HTTPS with ech");
    assert_eq!(
        read.facts,
        [
            ("dns.qry.name", "shop.example".into()),
            ("dns.cname", "shop.example cdn.example".into()),
            ("dns.a", "shop.example 203.0.113.7".into()),
            ("dns.svcb.targetname", "shop.example <Root>".into()),
            ("dns.svcb.svcparam.echconfig", "shop.example \u{fffd}\r\0\0".into()),
        ]
    );
}

#[test]
fn what_a_query_asked_is_not_told_again_by_its_response() {
    let mut query = header(0x0100, [1, 0, 0, 0]);
    question(&mut query, "shop.example", 1);
    let mut dialogue = conversation(Variant::Unicast, &start(Transport::Udp, 40000, 53));
    let mut findings = Findings::keeping();
    for message in [&query, &rich()] {
        dialogue.read(Side::Client, &mut Cursor::new(message, 0, 0, &mut findings, None)).unwrap();
    }
    assert_eq!(findings.facts.iter().filter(|fact| fact.field == &QRY_NAME).count(), 1);
}

#[test]
fn padding_means_nothing_and_all_else_is_metadata() {
    let message = rich();
    let ledger = read(&message).ledger;
    assert_eq!(ledger.of(Class::Padding), 6);
    assert_eq!(ledger.of(Class::Metadata), message.len() as u64 - 6);
    assert_eq!(cells(Variant::Unicast, &message, "dns.opt.cookie.server"), ["<MISSING>"]);
}

#[test]
fn what_lies_behind_the_last_record_is_unknown() {
    let mut message = rich();
    message.extend([1, 2, 3]);
    assert_eq!(read(&message).ledger.of(Class::Unknown), 3);
    assert_eq!(cells(Variant::Unicast, &message, "dns.extraneous.length"), ["3"]);
}

/// dns-parser loses the whole message for a type that it does not know.
#[test]
fn unknown_types_cost_nothing_else() {
    let mut message = header(0x8180, [1, 2, 0, 0]);
    question(&mut message, "shop.example", 65400);
    record(&mut message, &ASKED, 65400, &[1, 2, 3]);
    record(&mut message, &ASKED, 1, &[192, 0, 2, 1]);
    let read = read(&message);
    assert_eq!(read.subject, "TYPE65400 A 192.0.2.1");
    assert_eq!(read.facts[1], ("dns.a", "shop.example 192.0.2.1".into()));
    assert_eq!(cells(Variant::Unicast, &message, "dns.data"), ["010203"]);
}

/// dns-parser refuses labels that are not ASCII, which mDNS is full of.
#[test]
fn names_in_utf_8_are_read() {
    let mut message = header(0x8400, [0, 2, 0, 0]);
    record(&mut message, &name("_airplay._tcp.local"), 12, &name("Jane’s Mac._airplay._tcp.local"));
    let mut service = vec![0, 0, 0, 0, 0x1b, 0x58];
    service.extend(name("Jane’s-Mac.local"));
    record(&mut message, &name("Jane’s Mac._airplay._tcp.local"), 33, &service);
    let read = read_as(Variant::Multicast, &message, None);
    assert_eq!(
        read.facts,
        [
            ("dns.ptr.domain_name", "_airplay._tcp.local Jane’s Mac._airplay._tcp.local".into()),
            ("dns.srv.target", "Jane’s\\032Mac._airplay._tcp.local Jane’s-Mac.local:7000".into()),
        ]
    );
    assert_eq!(cells(Variant::Multicast, &message, "dns.srv.service"), ["Jane’s Mac"]);
}

/// dns-parser refuses a message whose reserved bit is set.
#[test]
fn the_reserved_bit_is_shown_not_refused() {
    let mut message = header(0x0140, [1, 0, 0, 0]);
    question(&mut message, "shop.example", 1);
    assert_eq!(read(&message).subject, "A? shop.example");
    assert_eq!(cells(Variant::Unicast, &message, "dns.flags.z"), ["1"]);
}

/// dns-parser makes 0 of a time to live with the uppermost bit set.
#[test]
fn long_times_to_live_are_shown_as_they_are() {
    let mut message = response(1);
    record(&mut message, &ASKED, 1, &[192, 0, 2, 1]);
    let at = message.len() - 10;
    message[at] = 0xff;
    assert_eq!(cells(Variant::Unicast, &message, "dns.resp.ttl"), [format!("{}", 0xff00_012c_u32)]);
}

/// dns-parser reserves memory for as many records as the header promises.
#[test]
fn counts_are_only_promises() {
    let message = [header(0x8180, [u16::MAX; 4]), vec![0]].concat();
    let read = read(&message);
    assert_eq!(read.what, "response");
    assert!(read.facts.is_empty());
}

/// dns-parser's names overflow the stack over a chain of pointers.
#[test]
fn a_chain_of_pointers_in_a_record_ends() {
    let mut message = header(0x8180, [0, 2, 0, 0]);
    message.push(0);
    message.extend([0, 10, 0, 1, 0, 0, 0, 0]);
    let links = 8000_u16;
    message.extend((links * 2).to_be_bytes());
    let first = message.len() as u16;
    message.extend([0xc0, 12]);
    for n in 1..links {
        message.extend((0xc000 | (first + (n - 1) * 2)).to_be_bytes());
    }
    let end = (0xc000 | (first + (links - 1) * 2)).to_be_bytes();
    record(&mut message, &end, 5, &end);
    assert_eq!(read(&message).what, "response");
    assert_eq!(cells(Variant::Unicast, &message, "dns.cname"), ["<Name contains a pointer that loops>"]);
}

#[test]
fn names_do_not_reach_the_terminal_as_they_are() {
    let mut message = header(0x0100, [1, 0, 0, 0]);
    message.extend(b"\x05\x1b[31m\x03\xff.\x9b\0\0\x01\0\x01");
    assert_eq!(cells(Variant::Unicast, &message, "dns.qry.name"), ["\\x1b[31m.\\xff.\\x9b"]);
}

#[test]
fn what_is_wrong_in_one_record_does_not_concern_the_next() {
    let mut message = response(3);
    record(&mut message, &ASKED, 1, &[192, 0, 2]);
    record(&mut message, &ASKED, 5, b"\x09short");
    record(&mut message, &ASKED, 1, &[192, 0, 2, 1]);
    assert_eq!(cells(Variant::Unicast, &message, "dns.a"), ["192.0.2.1"]);
    assert_eq!(read(&message).ledger.of(Class::Unknown), 3 + 6);
}

#[test]
fn multicast_splits_the_flag_from_the_class() {
    let mut message = header(0, [1, 0, 0, 0]);
    message.extend(name("host.local"));
    message.extend([0, 1, 0x80, 1]);
    assert_eq!(cells(Variant::Multicast, &message, "dns.qry.class"), ["0x0001"]);
    assert_eq!(cells(Variant::Multicast, &message, "dns.qry.qu"), ["1"]);
    assert_eq!(cells(Variant::Unicast, &message, "dns.qry.class"), ["0x8001"]);
}

#[test]
fn updates_name_their_sections() {
    let mut message = header(0x2800, [1, 0, 0, 0]);
    question(&mut message, "example", 6);
    assert_eq!(read(&message).what, "update");
    assert_eq!(cells(Variant::Unicast, &message, "dns.count.zones"), ["1"]);
    assert_eq!(cells(Variant::Unicast, &message, "dns.count.queries").len(), 0);
}

#[test]
fn signatures_and_hashes_are_taken_apart() {
    let mut message = header(0x8400, [0, 2, 0, 0]);
    let mut signature = vec![0, 1, 8, 2, 0, 0, 1, 0x2c, 0x54, 6, 9, 0x82, 0, 0, 0, 0, 1, 2];
    signature.extend(name("example"));
    signature.extend([0xaa, 0xbb]);
    record(&mut message, &[0], 46, &signature);
    record(&mut message, &[0], 47, b"\x01b\0\x00\x01\x40\x01\x01\x40");
    assert_eq!(
        cells(Variant::Unicast, &message, "dns.rrsig.signature_expiration"),
        ["Sep  2, 2014 18:16:34.000000000 UTC"]
    );
    assert_eq!(cells(Variant::Unicast, &message, "dns.resp.type"), ["46", "47", "1", "257"]);
}

#[test]
fn streams_are_cut_by_their_lengths() {
    let mut dialogue = conversation(Variant::Unicast, &start(Transport::Tcp, 40000, 53));
    assert_eq!(dialogue.extent(Side::Client, &[1]), Extent::Needs(2));
    assert_eq!(dialogue.extent(Side::Client, &[1, 2, 3]), Extent::Whole(0x104));
    let mut query = header(0x0100, [1, 0, 0, 0]);
    question(&mut query, "shop.example", 1);
    let message = [(query.len() as u16).to_be_bytes().to_vec(), query].concat();
    let mut findings = Findings::keeping();
    dialogue.read(Side::Client, &mut Cursor::new(&message, 0, 0, &mut findings, None)).unwrap();
    assert_eq!(findings.subject, "A? shop.example");
    assert_eq!(findings.facts[0].start, 14);
}

#[test]
fn what_is_certainly_no_dns_is_left_to_others() {
    let tcp = start(Transport::Tcp, 40000, 53);
    assert_eq!(probe(&tcp, Side::Client, b"\0\x1c\x12\x34\x01\0"), Answer::Yes);
    assert_eq!(probe(&tcp, Side::Client, b"\x16\x03\x01\x02\0\x01\0\x01\xfc"), Answer::No);
    assert_eq!(probe(&tcp, Side::Client, b"GET / HTTP/1.1"), Answer::No);
    assert_eq!(probe(&start(Transport::Udp, 40000, 443), Side::Client, b"\0\x1c\x12\x34\x01\0"), Answer::No);
}

#[test]
fn dns_on_other_ports_has_to_be_certain() {
    let other = start(Transport::Udp, 40000, 5300);
    let mut query = header(0x0100, [1, 0, 0, 0]);
    question(&mut query, "shop.example", 1);
    assert_eq!(probe(&other, Side::Client, &query), Answer::Yes);
    assert_eq!(probe(&other, Side::Server, &rich()), Answer::Yes);
    for longer_or_shorter in [&[&query[..], &[0]].concat()[..], &query[..query.len() - 1], b"\0\0"] {
        assert_eq!(probe(&other, Side::Client, longer_or_shorter), Answer::No);
    }
    assert_eq!(probe(&start(Transport::Udp, 137, 137), Side::Client, &query), Answer::No);
    let framed = [(query.len() as u16).to_be_bytes().to_vec(), query].concat();
    assert_eq!(probe(&start(Transport::Tcp, 40000, 5300), Side::Client, &framed), Answer::Yes);
}

#[test]
fn a_record_that_is_cut_is_not_shown() {
    let mut message = response(2);
    record(&mut message, &ASKED, 1, &[192, 0, 2, 1]);
    record(&mut message, &ASKED, 1, &[192, 0, 2, 2]);
    message.truncate(message.len() - 1);
    assert_eq!(cells(Variant::Unicast, &message, "dns.a"), ["192.0.2.1"]);
    assert_eq!(cells(Variant::Unicast, &message, "dns.resp.type"), ["1"]);
}

/// Every prefix, and thousands of spoilt messages: nothing panics, no byte is claimed twice, and a tree
/// changes nothing.
#[test]
fn spoilt_messages_read_the_same_with_and_without_a_tree() {
    let whole = rich();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    let prefixes = (0..whole.len()).map(|n| whole[..n].to_vec()).collect::<Vec<_>>();
    let spoilt = (0..6000).map(|_| {
        let mut message = whole.clone();
        for _ in 0..=next() % 4 {
            let at = next() % message.len();
            message[at] = next() as u8;
        }
        // Every type gets its turn.
        let at = 12 + 14 + 4 + 2;
        message[at..at + 2].copy_from_slice(&((next() % 264) as u16).to_be_bytes());
        message
    });
    for message in prefixes.into_iter().chain(spoilt) {
        for variant in [Variant::Unicast, Variant::Multicast, Variant::LinkLocal] {
            let quiet = read_as(variant, &message, None);
            let mut tree = Tree::new();
            let heard = read_as(variant, &message, Some(&mut tree));
            assert_eq!((quiet.what, &quiet.subject, &quiet.facts), (heard.what, &heard.subject, &heard.facts));
            assert_eq!(quiet.findings.claims.ranges(), heard.findings.claims.ranges());
            assert!(quiet.ledger.total() <= message.len() as u64);
            tree.nodes().iter().for_each(|node| drop(tree.cell(node, &message)));
        }
    }
}

#[test]
fn what_one_asks_by_multicast_is_answered_by_who_tells_it() {
    let query = |text: &str, kind: u16, counts| {
        let mut message = header(0, counts);
        message.extend(name(text));
        message.extend([kind.to_be_bytes(), [0, 1]].concat());
        read_as(Variant::Multicast, &message, None).findings.pairing
    };
    let mut response = header(0x8400, [0, 1, 0, 0]);
    record(&mut response, &name("Printer.local"), 1, &[192, 0, 2, 1]);
    let answer = read_as(Variant::Multicast, &response, None).findings.pairing.unwrap();
    let asked = query("printer.LOCAL", 1, [1, 0, 0, 0]).unwrap().asks;
    assert!(matches!(asked, Some(Key::Shared(_))));
    assert_eq!(answer.answers.map(|answering| answering.key), asked);
    assert_ne!(query("printer.local", 28, [1, 0, 0, 0]).unwrap().asks, asked, "another type");
    assert_eq!(query("printer.local", 255, [1, 0, 0, 0]), None, "anything");
    assert_eq!(query("printer.local", 1, [1, 0, 1, 0]), None, "whether it is free");
    let unicast = |id: u8| {
        let mut message = header(0, [0; 4]);
        message[1] = id;
        read_as(Variant::LinkLocal, &message, None).findings.pairing.unwrap().asks
    };
    assert_eq!(unicast(7), Some(Key::Shared(0x1207)));
}
