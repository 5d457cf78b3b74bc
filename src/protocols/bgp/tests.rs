//! Messages by hand, and the traps: lengths that lie, routes that fit twice.

use super::super::Transport;
use super::*;
use crate::bytes::{Fact, Findings, Tree};

fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![0xff; 16];
    message.extend((HEADER.saturating_add(body.len()) as u16).to_be_bytes());
    message.push(kind);
    message.extend(body);
    message
}

fn read(bytes: &[u8]) -> (Message, Vec<Fact>, String, Tree) {
    let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
    let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
    let message = Session.read(Side::Client, &mut c).unwrap();
    (message, findings.facts, findings.subject, tree)
}

fn has(tree: &Tree, name: &str) -> usize {
    tree.nodes().iter().filter(|node| node.field.name == name).count()
}

const UPDATE_BODY: &[u8] = &[
    0, 0, // no withdrawn routes
    0, 25, // attributes
    0x40, 1, 1, 0, // ORIGIN IGP
    0x40, 2, 6, 2, 2, 0xfd, 0xe9, 0xfd, 0xea, // AS_PATH 65001 65002
    0x40, 3, 4, 192, 0, 2, 1, // NEXT_HOP
    0xc0, 8, 2, 0xff, 0xff, // COMMUNITIES, cut within one
    24, 203, 0, 113, 0, // the default route behind a /24
];

#[test]
fn an_update_tells_its_routes_and_the_way() {
    let (message, facts, subject, tree) = read(&framed(UPDATE, UPDATE_BODY));
    assert_eq!(message.what, "update");
    let told: Vec<(&str, &[u8])> = facts.iter().map(|fact| (fact.field.name, &*fact.value)).collect();
    assert_eq!(
        told,
        [
            ("bgp.update.path_attribute.as_path_segment.as2", &b"65001 65002"[..]),
            ("bgp.nlri_prefix", b"203.0.113.0/24 0.0.0.0/0"),
        ]
    );
    assert_eq!(subject, "by AS 65001 65002 +203.0.113.0/24 and 1 more");
    assert_eq!(has(&tree, "husk.stopped"), 1, "the community that is cut, and nothing else");
}

#[test]
fn four_octet_numbers_are_told_by_where_the_path_ends() {
    let body = [0, 0, 0, 9, 0x40, 2, 6, 2, 1, 0, 1, 0, 0];
    let (_, facts, ..) = read(&framed(UPDATE, &body));
    assert_eq!(&*facts[0].value, b"65536");
}

#[test]
fn path_identifiers_are_told_by_where_the_routes_end() {
    let body = [0, 0, 0, 0, 0, 0, 0, 20, 8, 10, 0, 0, 0, 21, 32, 10, 0, 0, 1];
    let (_, facts, _, tree) = read(&framed(UPDATE, &body));
    assert_eq!(&*facts[0].value, b"10.0.0.0/8 10.0.0.1/32");
    assert_eq!(has(&tree, "bgp.nlri_path_id"), 2);
}

#[test]
fn a_prefix_that_is_too_long_stops_the_routes_alone() {
    let (message, facts, _, tree) = read(&framed(UPDATE, &[0, 3, 178, 10, 0, 0, 0, 8, 10]));
    assert_eq!(message.what, "update");
    assert_eq!(has(&tree, "husk.stopped"), 1);
    assert!(facts.is_empty());
}

#[test]
fn a_stack_of_labels_without_bottom_ends_with_the_prefix() {
    let body = [0, 0, 0, 22, 0x80, 14, 19, 0, 1, 4, 4, 192, 0, 2, 1, 0, 48, 0, 1, 0, 0, 1, 0, 9, 9, 9];
    let (_, facts, _, tree) = read(&framed(UPDATE, &body));
    assert!(facts.is_empty());
    assert_eq!(has(&tree, "husk.stopped"), 1);
}

#[test]
fn capabilities_that_promise_too_much_are_bounded() {
    let open = [4, 0xfd, 0xe8, 0, 90, 2, 2, 2, 2, 6, 2, 4, 65, 200, 0, 1];
    let (message, facts, subject, _) = read(&framed(OPEN, &open));
    assert_eq!((message.what, subject.as_str()), ("open", "AS 65000 2.2.2.2"));
    assert_eq!(facts.len(), 2);
}

#[test]
fn a_stream_joined_in_its_midst_goes_on_at_the_next_marker() {
    let mut stream = vec![1, 2, 0xff, 3];
    stream.extend(framed(KEEPALIVE, &[]));
    let mut at = 0;
    while let Extent::Lost(n) = Session.extent(Side::Client, &stream[at..]) {
        at += n;
    }
    assert_eq!(at, 4);
    assert_eq!(Session.extent(Side::Client, &stream[4..]), Extent::Whole(HEADER));
    assert_eq!(Session.extent(Side::Client, &stream[4..20]), Extent::Needs(HEADER));
}

#[test]
fn found_by_its_marker_on_any_port() {
    let start = Start { transport: Transport::Tcp, client_port: 40000, server_port: 1790 };
    let message = framed(KEEPALIVE, &[]);
    assert_eq!(probe(&start, Side::Client, &message), Answer::Yes);
    assert_eq!(probe(&start, Side::Client, &message[..18]), Answer::More);
    assert_eq!(probe(&start, Side::Client, b"GET / HTTP/1.1"), Answer::No);
}
