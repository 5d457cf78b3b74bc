//! One test for each version and trap.

#![allow(clippy::arithmetic_side_effects)] // a test may panic

use proptest::prelude::*;

use super::super::{Answer, Start, Transport};
use super::*;
use crate::bytes::{Findings, Tree};

const CLIENT: Side = Side::Client;
const SERVER: Side = Side::Server;

/// What each side says in turn is read as: messages, and facts.
fn read(turns: &[(Side, &[u8])]) -> (Vec<String>, Vec<String>, Then) {
    let mut conversation = Conversation::default();
    let (mut messages, mut facts, mut then) = (Vec::new(), Vec::new(), Then::Same);
    for (side, bytes) in turns {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let length = match Dialogue::extent(&mut conversation, *side, rest) {
                Extent::Whole(length) if length <= rest.len() => length,
                Extent::Lost(length) => {
                    messages.push(format!("{length} lost"));
                    at += length;
                    continue;
                }
                Extent::Whole(_) | Extent::Needs(_) => break,
                other => unreachable!("{other:?}"),
            };
            let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
            let mut c = Cursor::new(&rest[..length], 0, 0, &mut findings, Some(&mut tree));
            let message = conversation.read(*side, &mut c).unwrap_or(Message::new("stopped"));
            messages.push(format!("{} {}", message.what, findings.subject).trim_end().to_owned());
            facts.extend(findings.facts.iter().map(|f| format!("{} {}", f.field.name, f.value.escape_ascii())));
            then = message.then;
            at += length;
        }
    }
    (messages, facts, then)
}

#[test]
fn version_4_names_an_address_and_version_4a_a_name() {
    let (messages, facts, then) =
        read(&[(CLIENT, b"\x04\x01\x00\x50\xcb\x00\x71\x08me\0"), (SERVER, b"\0\x5a\0\0\0\0\0\0")]);
    assert_eq!(messages, ["request CONNECT 203.0.113.8:80", "reply granted"]);
    assert_eq!(facts, ["socks.username me"]);
    assert_eq!(then, Then::Carried);
    let (messages, facts, then) =
        read(&[(CLIENT, b"\x04\x01\x01\xbb\0\0\0\x01\0shop.example\0"), (SERVER, b"\0\x5b\0\0\0\0\0\0")]);
    assert_eq!(messages, ["request CONNECT shop.example:443", "reply rejected or failed"]);
    assert_eq!(facts, ["socks.v4a_dns_name shop.example"]);
    assert_eq!(then, Then::Same);
}

#[test]
fn version_5_with_a_password() {
    let (messages, facts, then) = read(&[
        (CLIENT, b"\x05\x02\x00\x02"),
        (SERVER, b"\x05\x02"),
        (CLIENT, b"\x01\x03bob\x05alice"),
        (SERVER, b"\x01\x00"),
        (CLIENT, b"\x05\x01\x00\x03\x0cshop.example\x01\xbb"),
        (SERVER, b"\x05\x00\x00\x01\xc0\xa8\x00\x01\xda\x8f"),
    ]);
    assert_eq!(
        messages,
        [
            "methods",
            "method user name and password",
            "password",
            "status accepted",
            "request CONNECT shop.example:443",
            "reply succeeded"
        ]
    );
    assert_eq!(facts, ["socks.username bob", "socks.password alice", "socks.remote_name shop.example"]);
    assert_eq!(then, Then::Carried);
}

#[test]
fn a_client_that_does_not_wait_is_read_all_the_same() {
    let said = b"\x05\x01\x02\x01\x01u\x01p\x05\x01\x00\x01\xcb\x00\x71\x08\x00\x50GET /";
    let (messages, _, then) = read(&[(CLIENT, said), (SERVER, b"\x05\x02\x01\x00\x05\x00\x00\x01\0\0\0\0\0\0")]);
    assert_eq!(messages.len(), 6, "{messages:?}");
    assert_eq!(then, Then::Carried, "what it sent early waits for the tunnel");
    // Also if the server's bytes are read first, which were certain earlier.
    let (messages, _, _) = read(&[(SERVER, b"\x05\x02\x01\x00"), (CLIENT, said)]);
    assert_eq!(messages.len(), 5, "{messages:?}");
}

#[test]
fn a_connection_to_here_has_two_replies_and_datagrams_go_elsewhere() {
    let reply = b"\x05\x00\x00\x01\0\0\0\0\0\x09";
    let ask = |command| [b"\x05\x01\x00\x05", &[command][..], b"\x00\x01\0\0\0\0\0\0"].concat();
    let (messages, _, then) = read(&[(SERVER, b"\x05\x00"), (CLIENT, &ask(2)), (SERVER, reply)]);
    assert_eq!((messages.len(), then), (4, Then::Same));
    let (_, _, then) = read(&[(SERVER, b"\x05\x00"), (CLIENT, &ask(2)), (SERVER, reply), (SERVER, reply)]);
    assert_eq!(then, Then::Carried);
    let (_, _, then) = read(&[(SERVER, b"\x05\x00"), (CLIENT, &ask(3)), (SERVER, reply)]);
    assert_eq!(then, Then::Same);
}

#[test]
fn tokens_and_refusals() {
    let (messages, _, _) = read(&[
        (CLIENT, b"\x05\x01\x01"),
        (SERVER, b"\x05\x01"),
        (CLIENT, b"\x01\x01\x00\x02ab"),
        (SERVER, b"\x01\x01\x00\x01c"),
        (CLIENT, b"\x01\xff"),
    ]);
    assert_eq!(messages, ["methods", "method GSS-API", "token", "token", "token"]);
    let (messages, _, _) = read(&[(CLIENT, b"\x05\x01\x03"), (SERVER, b"\x05\xff"), (CLIENT, b"\x01\x02hi")]);
    assert_eq!(messages, ["methods", "method no acceptable method", "4 lost"]);
}

#[test]
fn a_word_without_end_is_none() {
    let endless = [&b"\x04\x01\x00\x50\xcb\x00\x71\x08"[..], &[b'a'; 300]].concat();
    assert_eq!(read(&[(CLIENT, &endless)]).0, ["308 lost"]);
}

fn probe(port: u16, side: Side, first: &[u8]) -> Answer {
    shape::probe(&Start { transport: Transport::Tcp, client_port: 40_000, server_port: port }, side, first)
}

#[test]
fn away_from_its_port_it_has_to_be_certain() {
    use Answer::{More, No, Yes};
    let cases: [(Side, &[u8], Answer, Answer); 10] = [
        (CLIENT, b"\x05\x01\x00", Yes, More),
        (CLIENT, b"\x05\x01\x00\x05\x01\x00\x03", Yes, Yes),
        (CLIENT, b"\x05\x01\x00\x05\x01\x07\x03", Yes, No),
        (CLIENT, b"\x05\x01\x02\x01\x01u\x01p", Yes, More),
        (CLIENT, b"\x05\x01\x02\x01\x01u\x01p\x05\x01\x00\x03\x01a\0\0", Yes, Yes),
        (CLIENT, b"\x05\x01\x77", Yes, No),
        (CLIENT, b"\x04\x01\x00\x50\xcb\x00\x71\x08me\0", Yes, No),
        (CLIENT, b"\x04\x01\x00\x50\0\0\0\x01me\0shop.example\0", Yes, Yes),
        (SERVER, b"\x05\x00\x05\x00\x00\x01", Yes, Yes),
        (CLIENT, b"GET / HTTP/1.1\r\n", No, No),
    ];
    for (side, first, own, elsewhere) in cases {
        assert_eq!(
            (probe(PORT, side, first), probe(9901, side, first)),
            (own, elsewhere),
            "{}",
            first.escape_ascii()
        );
    }
}

proptest! {
    /// A probe keeps its word, and nothing stands still.
    #[test]
    fn anything_may_be_said(
        start in prop::sample::select(vec![&b"\x05\x01\x02\x01\x01u\x01p"[..], b"\x05\x02", b"\x04\x01\x00\x50", b"\x05\x01\x00\x05", b""]),
        rest in prop::collection::vec(prop_oneof![0u8..6, any::<u8>()], 0..40),
        client in any::<bool>(),
    ) {
        let side = if client { CLIENT } else { SERVER };
        let bytes = [start, &rest].concat();
        for port in [PORT, 9901] {
            let mut last = Answer::More;
            for length in 0..=bytes.len() {
                let now = probe(port, side, &bytes[..length]);
                prop_assert!(last == Answer::More || now == last, "{:?}", bytes[..length].escape_ascii().to_string());
                last = now;
            }
        }
        read(&[(side, &bytes), (side.other(), &rest)]);
    }
}
