//! Messages by hand (the response is that of RFC 5769, section 2.2), and the traps.

use super::super::datagrams::read_alone;
use super::super::Transport;
use super::*;

const RESPONSE: &[u8] = b"\x01\x01\x00\x2c\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
\x80\x22\x00\x0btest vector\x20\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43\
\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36";

fn session(stream: bool) -> Session {
    let transport = if stream { Transport::Tcp } else { Transport::Udp };
    Session::new(&Start { transport, client_port: 1, server_port: 2 })
}

#[test]
fn a_response_tells_the_address_as_the_server_sees_it() {
    let (message, findings, tree) = read_alone(&mut session(false), Side::Server, RESPONSE);
    assert_eq!((message.what, findings.subject.as_str()), ("binding response", "192.0.2.1:32853"));
    let told: Vec<&[u8]> = findings.facts.iter().map(|fact| &*fact.value).collect();
    assert_eq!(told, [&b"test vector"[..], b"192.0.2.1:32853"]);
    assert!(tree.nodes().iter().any(|node| node.field == &TIE_BREAKER));
}

#[test]
fn an_attribute_that_promises_too_much_is_cut() {
    let mut message = RESPONSE.to_vec();
    message[23] = 0xff;
    let (message, findings, tree) = read_alone(&mut session(false), Side::Server, &message);
    assert_eq!(message.what, "binding response");
    assert!(findings.subject.is_empty());
    assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"));
}

#[test]
fn channel_data_is_told_by_its_first_octet() {
    let (message, findings, _) = read_alone(&mut session(true), Side::Client, &[0x40, 1, 0, 2, 9, 9, 0, 0]);
    assert_eq!(message.what, "channel data");
    assert_eq!(findings.claims.ledger.of(Class::Padding), 2);
    assert_eq!(session(true).extent(Side::Client, &[0x40, 1, 0, 2]), Extent::Whole(8));
}

#[test]
fn what_shares_the_port_is_left_alone() {
    let (_, findings, _) = read_alone(&mut session(false), Side::Client, &[0x80, 0, 0, 1, 1, 2, 3, 4]);
    assert_eq!(findings.claims.ledger.of(Class::Metadata), 0);
    let start = Start { transport: Transport::Udp, client_port: 1, server_port: 3478 };
    assert_eq!(probe(&start, Side::Client, RESPONSE), Answer::Yes);
    assert_eq!(probe(&start, Side::Client, &[0, 1, 0, 0]), Answer::No);
}
