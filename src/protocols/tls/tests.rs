//! The dialogue as a whole, and the traps of the library.

use super::*;
use crate::bytes::{Findings, Tree};

/// A dialogue, driven record by record.
struct Talk {
    tls: Tls,
    findings: Findings,
    tree: Tree,
}

impl Talk {
    fn new() -> Talk {
        Talk { tls: Tls::default(), findings: Findings::keeping(), tree: Tree::new() }
    }

    /// Lets a side say one whole record, after asking for its extent.
    fn says(&mut self, side: Side, record: &[u8]) -> Result<&'static str, Stop> {
        self.findings.clear();
        self.tree.clear();
        let extent = self.tls.extent(side, record);
        assert!(
            matches!(extent, Extent::Whole(n) | Extent::Skip { total: n, .. } if n == record.len()),
            "{extent:?}"
        );
        let mut c = Cursor::new(record, 0, 0, &mut self.findings, Some(&mut self.tree));
        self.tls.read(side, &mut c).map(|message| message.what)
    }

    /// What the tree says of a field, joined as a cell is.
    fn cell(&self, field: &str, record: &[u8]) -> String {
        let nodes = self.tree.nodes().iter().filter(|node| node.field.name == field);
        nodes.map(|node| self.tree.cell(node, record)).collect::<Vec<_>>().join(",")
    }

    fn class(&self, class: Class) -> u64 {
        self.findings.claims.ledger.of(class)
    }
}

fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("short").to_be_bytes();
    [&[kind, 3, 3], &length[..], payload].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn extensions(all: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, body) in all {
        bytes.extend(kind.to_be_bytes());
        bytes.extend(u16::try_from(body.len()).expect("short").to_be_bytes());
        bytes.extend_from_slice(body);
    }
    [&u16::try_from(bytes.len()).expect("short").to_be_bytes()[..], &bytes].concat()
}

fn client_hello(all: &[(u16, &[u8])]) -> Vec<u8> {
    message(1, &[&[3, 3], &[7; 32][..], &[0, 0, 2, 0x13, 0x01, 1, 0], &extensions(all)].concat())
}

fn server_hello(random: [u8; 32], suite: [u8; 2], all: &[(u16, &[u8])]) -> Vec<u8> {
    message(2, &[&[3, 3], &random[..], &[0], &suite, &[0], &extensions(all)].concat())
}

const SNI: &[u8] = &[0, 8, 0, 0, 5, b'a', b'.', b'o', b'r', b'g'];
const VERSION_13: &[u8] = &[3, 4];

#[test]
fn a_hello_over_two_records_is_read_when_it_is_whole() {
    let hello = client_hello(&[(0, SNI)]);
    let (one, two) = hello.split_at(20);
    let mut talk = Talk::new();
    assert_eq!(talk.says(Side::Client, &record(22, one)), Ok("handshake part"));
    assert!(talk.findings.facts.is_empty());
    assert_eq!(talk.class(Class::Metadata), 25);
    let second = record(22, two);
    assert_eq!(talk.says(Side::Client, &second), Ok("ClientHello"));
    assert_eq!(talk.findings.subject, "a.org");
    assert_eq!(talk.findings.facts.first().map(|fact| &*fact.value), Some(&b"a.org"[..]));
    assert_eq!(talk.class(Class::Metadata), second.len() as u64, "derived bytes are not classed again");
}

#[test]
fn a_malformed_extension_costs_only_itself() {
    let hello = record(22, &client_hello(&[(16, &[0, 200, 9]), (0, SNI), (21, &[0; 4])]));
    let mut talk = Talk::new();
    assert_eq!(talk.says(Side::Client, &hello), Ok("ClientHello"));
    assert_eq!(talk.cell("tls.handshake.extension.type", &hello), "16,0,21");
    assert_eq!(talk.cell("tls.handshake.extensions_server_name", &hello), "a.org");
    assert_eq!(talk.class(Class::Padding), 4);
}

#[test]
fn extensions_21_and_22_mean_the_same_in_a_server_s_hello() {
    let hello = record(22, &server_hello([1; 32], [0xc0, 0x13], &[(22, &[]), (21, &[0, 0])]));
    let mut talk = Talk::new();
    assert_eq!(talk.says(Side::Server, &hello), Ok("ServerHello"));
    assert_eq!(talk.cell("tls.handshake.extensions_padding_data", &hello), "0000");
    assert_eq!(talk.tls.stack(), ["tls1.2"]);
}

#[test]
fn tls_13_is_known_by_its_extension_and_seals_all_data() {
    let mut talk = Talk::new();
    let hello = record(22, &server_hello([1; 32], [0x13, 0x02], &[(43, VERSION_13)]));
    assert_eq!(talk.says(Side::Server, &hello), Ok("ServerHello"));
    assert_eq!(talk.findings.subject, "TLS_AES_256_GCM_SHA384");
    assert_eq!(talk.tls.stack(), ["tls1.3"]);
    let data = record(23, &[0; 40]);
    assert_eq!(talk.tls.extent(Side::Server, data.get(..5).unwrap_or(&[])), Extent::Skip { head: 5, total: 45 });
    assert_eq!(talk.says(Side::Server, &data), Ok("sealed"));
    assert_eq!(talk.cell("tls.record.opaque_type", &data), "23");
    let classes = [Class::Metadata, Class::Sealed, Class::Tag].map(|class| talk.class(class));
    assert_eq!(classes, [5, 24, 16]);
}

#[test]
fn the_server_s_hello_of_early_drafts_has_no_session_id() {
    let hello = record(
        22,
        &message(2, &[&[3, 4], &[1; 32][..], &[0xc0, 0x2b], &extensions(&[(40, &[0, 23, 0, 0])])].concat()),
    );
    let mut talk = Talk::new();
    assert_eq!(talk.says(Side::Server, &hello), Ok("ServerHello"));
    assert_eq!(talk.cell("tls.handshake.ciphersuite", &hello), "0xc02b");
    assert_eq!(talk.cell("tls.handshake.extensions_key_share_group", &hello), "23");
    assert_eq!(talk.tls.stack(), ["tls1.3"]);
}

#[test]
fn a_second_hello_behind_the_change_of_ciphers_of_a_retry_is_in_clear() {
    let mut talk = Talk::new();
    let hello = record(22, &server_hello(hello::RETRY, [0x13, 0x01], &[(43, VERSION_13), (51, &[0, 23])]));
    assert_eq!(talk.says(Side::Server, &hello), Ok("HelloRetryRequest"));
    assert_eq!(talk.cell("tls.handshake.extensions_key_share_selected_group", &hello), "23");
    assert_eq!(talk.says(Side::Client, &record(20, &[1])), Ok("ChangeCipherSpec"));
    assert_eq!(talk.says(Side::Client, &record(22, &client_hello(&[(0, SNI)]))), Ok("ClientHello"));
}

#[test]
fn handshake_records_behind_the_change_of_ciphers_are_sealed_until_tls_12() {
    let mut talk = Talk::new();
    assert_eq!(talk.says(Side::Server, &record(22, &server_hello([1; 32], [0xc0, 0x2f], &[]))), Ok("ServerHello"));
    assert_eq!(talk.says(Side::Server, &record(20, &[1])), Ok("ChangeCipherSpec"));
    assert_eq!(talk.says(Side::Server, &record(22, &[0; 40])), Ok("sealed handshake"));
    let classes = [Class::Metadata, Class::Sealed, Class::Tag].map(|class| talk.class(class));
    assert_eq!(classes, [5, 16, 24], "8 bytes of explicit nonce and 16 of tag");
    assert_eq!(
        talk.says(Side::Client, &record(22, &message(14, &[]))),
        Ok("ServerHelloDone"),
        "the other side's are not"
    );
}

#[test]
fn a_heartbeat_whose_length_lies_is_read_at_once() {
    let lie = record(24, &[1, 0x40, 0, b'x']);
    let mut talk = Talk::new();
    assert!(tls_parser::parse_tls_plaintext(&lie).is_err(), "the library asks for more");
    assert_eq!(talk.says(Side::Client, &lie), Ok("heartbeat"));
    assert_eq!(talk.cell("tls.heartbeat_message.payload_length", &lie), "16384");
    assert_eq!(talk.cell("tls.heartbeat_message.payload", &lie), "78");
}

#[test]
fn a_certificate_of_tls_13_is_not_read_in_the_shape_of_12() {
    let mut session = Session { version: 0x0304, ..Session::default() };
    let body = message(11, &[0, 0, 0, 9, 0, 0, 3, 1, 2, 3, 0, 0]);
    let (mut findings, mut tree) = (Findings::counting(), Tree::new());
    let mut c = Cursor::new(&body, 0, 0, &mut findings, Some(&mut tree));
    assert_eq!(handshake::message(&mut c, &mut session), Ok("Certificate"));
    assert!(tree.nodes().iter().all(|node| node.field.name != "tls.handshake.certificates_length"));
}

#[test]
fn the_hello_of_sslv2_is_read() {
    let hello = [&[0x80, 44, 1, 3, 1, 0, 3, 0, 0, 0, 32], &[0, 0, 5][..], &[9; 32]].concat();
    let mut talk = Talk::new();
    assert_eq!(talk.says(Side::Client, &hello), Ok("ClientHello"));
    assert_eq!(talk.cell("tls.handshake.cipherspec", &hello), "0x000005");
    assert_eq!(talk.cell("tls.handshake.version", &hello), "0x0301");
}

#[test]
fn a_flow_seen_from_its_middle_is_lost_until_records_show_themselves() {
    let mut tls = Tls::default();
    assert_eq!(tls.extent(Side::Server, &[0xaa; 700]), Extent::Lost(700));
    assert!(tls.stack().is_empty(), "nothing is claimed of it yet");
    let records = [record(23, &[0; 9]), record(23, &[0; 9])].concat();
    assert_eq!(tls.extent(Side::Server, &[&[1; 30], records.as_slice()].concat()), Extent::Lost(30));
    assert_eq!(tls.extent(Side::Server, &records), Extent::Needs(33), "two records, and more may follow");
    let mut at_end = tls.clone();
    assert_eq!(at_end.extent_at_end(Side::Server, &records), Extent::Skip { head: 5, total: 14 });
    let third = [&records, &[23, 3, 3, 64, 0][..]].concat();
    assert_eq!(tls.extent(Side::Server, &third), Extent::Skip { head: 5, total: 14 });
    tls.lost(Side::Server);
    assert_eq!(tls.extent(Side::Server, &[0xaa; 9]), Extent::Lost(9));
}

#[test]
fn content_tells_tls_on_any_port_and_a_port_alone_does_not() {
    let at = |server_port| Start { transport: super::super::Transport::Tcp, client_port: 50_000, server_port };
    let hello = record(22, &client_hello(&[]));
    assert_eq!(probe(&at(8400), Side::Client, &hello), Answer::Yes);
    assert_eq!(probe(&at(443), Side::Client, b"GET / HTTP/1.1\r\n"), Answer::More);
    assert_eq!(probe(&at(8400), Side::Client, b"GET / HTTP/1.1\r\n"), Answer::No);
    assert_eq!(probe(&at(8400), Side::Client, &[22, 3, 3, 1, 0, 7, 7]), Answer::More);
    assert_eq!(probe(&at(443), Side::Client, &[22, 3, 3, 1, 0, 7, 7]), Answer::Yes);
    assert_eq!(probe(&at(8400), Side::Client, &[23, 3, 3, 1, 0, 7, 7]), Answer::Yes, "three bytes are right by themselves");
}
