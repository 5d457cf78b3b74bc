//! Messages by hand, and the traps.

use super::super::datagrams::read_alone;
use super::super::Transport;
use super::*;

fn session() -> Session {
    Session { version: 0 }
}

const CONNECT_5: &[u8] = b"\x10\x22\0\x04MQTT\x05\xc2\0\x3c\x05\x11\0\0\0\x0a\0\x05thing\0\x04user\0\x04pass";

#[test]
fn a_connection_begins_with_a_name_and_a_password() {
    let mut session = session();
    let (message, findings, _) = read_alone(&mut session, Side::Client, CONNECT_5);
    assert_eq!((message.what, findings.subject.as_str()), ("CONNECT", "thing user"));
    let told: Vec<&[u8]> = findings.facts.iter().map(|fact| &*fact.value).collect();
    assert_eq!(told, [&b"thing"[..], b"user", b"pass"]);
    assert_eq!(session.version, MQTT_5);
    // Which tells that properties stand in what follows.
    let (message, findings, _) = read_alone(&mut session, Side::Client, b"\x30\x08\0\x01t\0hello"[..10].as_ref());
    assert_eq!((message.what, findings.subject.as_str()), ("PUBLISH", "t"));
    assert!(findings.claims.ledger.of(Class::Content) > 0);
}

#[test]
fn lengths_are_read_as_far_as_four_octets_go() {
    assert_eq!(session().extent(Side::Client, &[0x30, 0xff, 0xff]), Extent::Needs(4));
    assert_eq!(session().extent(Side::Client, &[0x30, 0xff, 0xff, 0xff, 0x7f]), Extent::Whole(268_435_460));
    assert_eq!(session().extent(Side::Client, &[0x30, 0xff, 0xff, 0xff, 0xff]), Extent::Lost(1));
}

#[test]
fn properties_that_lie_stay_within_their_message() {
    let mut session = Session { version: MQTT_5 };
    for message in [&b"\xe0\x03\x04\xff\x7f"[..], b"\xe0\x04\x04\x02\x26\xff", b"\xe0\x04\x04\x02\x7f\0"] {
        let (message, _, tree) = read_alone(&mut session, Side::Client, message);
        assert_eq!(message.what, "DISCONNECT");
        assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"));
    }
}

#[test]
fn found_by_the_name_it_begins_with() {
    let start = |port| Start { transport: Transport::Tcp, client_port: 50000, server_port: port };
    assert_eq!(probe(&start(9999), Side::Client, CONNECT_5), Answer::Yes);
    for cut in 1..8 {
        assert_eq!(probe(&start(9999), Side::Client, &CONNECT_5[..cut]), Answer::More);
    }
    assert_eq!(probe(&start(PORT), Side::Client, &[0x16, 3, 1, 0, 0]), Answer::No);
    assert_eq!(probe(&start(PORT), Side::Server, &[0xd0, 0]), Answer::Yes);
}
