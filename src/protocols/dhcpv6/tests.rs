//! Messages by hand, and the traps.

use super::*;
use crate::bytes::{Fact, Findings, Tree};

fn read(bytes: &[u8]) -> (Message, Vec<Fact>, String, Tree) {
    let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
    let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
    let message = Messages.read(Side::Client, &mut c).unwrap();
    (message, findings.facts, findings.subject, tree)
}

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
}

#[test]
fn a_solicit_tells_who_the_client_is() {
    let mut message = vec![1, 0xab, 0xcd, 0xef];
    message.extend(option(1, &[0, 1, 0, 1, 0x27, 0x31, 0x87, 0xe3, 2, 0, 0x5e, 0, 0x53, 1]));
    message.extend(option(6, &[0, 23, 0, 24]));
    message.extend(option(39, b"\0\x06laptop\x07example\0"));
    message.extend(option(16, b"\0\0\x01\x37\0\x08MSFT 5.0"));
    let (message, facts, subject, _) = read(&message);
    assert_eq!((message.what, subject.as_str()), ("solicit", "laptop.example."));
    let told: Vec<(&str, &[u8])> = facts.iter().map(|fact| (fact.field.name, &*fact.value)).collect();
    assert_eq!(
        told,
        [
            ("dhcpv6.duidllt.link_layer_addr", &b"02:00:5e:00:53:01"[..]),
            ("dhcpv6.requested_option_code", b"23,24"),
            ("dhcpv6.client_domain", b"laptop.example."),
            ("dhcpv6.vendorclass.data", b"MSFT 5.0"),
        ]
    );
}

#[test]
fn an_option_that_lies_costs_itself() {
    let mut message = vec![7, 0, 0, 1];
    message.extend(option(39, b"\0\x40laptop"));
    message.extend(option(39, b"\0\x09laptop"));
    message.extend(option(7, &[255]));
    let (_, facts, _, tree) = read(&message);
    assert!(facts.is_empty());
    assert!(tree.nodes().iter().any(|node| node.field == &fields::PREFERENCE));
}

#[test]
fn relays_within_relays_are_bounded() {
    let mut message = vec![1, 0, 0, 1];
    for _ in 0..60 {
        message = [&[12, 0][..], &[0; 32], &option(9, &message)].concat();
    }
    let (message, _, _, tree) = read(&message);
    assert_eq!(message.what, "relay forward");
    assert!(tree.nodes().iter().filter(|node| node.field == &HOPS).count() <= usize::from(DEEPEST) + 2);
    assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"));
}
