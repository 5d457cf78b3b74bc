use super::*;
use crate::bytes::Findings;
use crate::packet;

/// Ethernet, IPv4, UDP 192.0.2.10:40000 to 192.0.2.53:53, and the payload `hello`.
fn packet() -> Vec<u8> {
    let mut bytes = vec![0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0];
    bytes.extend([0x45, 0, 0, 33, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 10, 192, 0, 2, 53]);
    bytes.extend([0x9c, 0x40, 0, 53, 0, 13, 0, 0]);
    bytes.extend(b"hello");
    bytes
}

fn holds(text: &str) -> bool {
    let bytes = packet();
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let mut tree = Tree::only(filter.fields());
    let frame = packet::Frame { link_type: 1, length: bytes.len() as u32, fcs_length: None };
    packet::walk(frame, &bytes, &mut Findings::counting(), Some(&mut tree));
    filter.matches(&tree, &bytes)
}

#[test]
fn tests_hold_or_do_not() {
    let table = [
        ("udp", true),
        ("tcp", false),
        ("!tcp", true),
        ("frame", true),
        ("udp.port == 53", true),
        ("udp.port==0x35", true),
        ("udp.dstport != 53", false),
        ("udp.port != 53", false),
        ("udp.port != 54", true),
        ("tcp.port != 54", false),
        ("not udp.port == 54", true),
        ("udp.length > 12 and udp.length <= 13", true),
        ("udp.length lt 13 or tcp", false),
        ("ip.addr == 192.0.2.53", true),
        ("ip.src == 192.0.2.53", false),
        ("ip.addr == 192.0.2.0/24", true),
        ("ip.addr == 10.0.0.0/8", false),
        ("ip.src == 0.0.0.0/0", true),
        ("ip.src < 192.0.2.11", true),
        ("eth.addr == 02:00:00:00:00:02", true),
        ("eth.src == 02-00-00-00-00-02", false),
        ("udp.port in {1, 50..60}", true),
        ("udp.port in {1 2 3}", false),
        ("udp contains \"hell\"", true),
        ("udp contains 68:65", true),
        ("udp contains \"\\x68\\x65\"", true),
        ("ip contains \"bye\"", false),
        ("frame contains \"hello\"", true),
        ("frame matches \"H.LLO$\"", true),
        ("udp ~ r\"^h\"", false),
        ("ip.flags.df == false && ip.ttl == 64", true),
        ("ip.proto & 0x10", true),
        ("ip.proto & 2", false),
        ("(udp || tcp) && !(udp.port == 1)", true),
        ("tcp or udp and tcp", false),
    ];
    for (text, expected) in table {
        assert_eq!(holds(text), expected, "{text}");
    }
}

#[test]
fn an_error_says_where() {
    let table = [
        ("", 0, "field is expected"),
        ("udp and", 7, "field is expected"),
        ("udp.prot == 1", 0, "did you mean"),
        ("udp.port == x", 12, "is a number"),
        ("udp.port ==", 11, "value is expected"),
        ("ip.src == ::1", 10, "IPv4 address"),
        ("ip.src == 1.2.3.4/33", 10, "IPv4 address"),
        ("udp.port contains \"x\"", 9, "neither text nor bytes"),
        ("udp == 1", 4, "no value"),
        ("(udp", 4, "`)` is missing"),
        ("udp tcp", 4, "joins tests"),
        ("frame contains \"x", 15, "does not end"),
        ("frame matches \"(\"", 14, "no regular expression"),
        ("udp.port in 5", 12, "a set is expected"),
        ("udp.port in {5", 14, "value is expected"),
        ("udp # tcp", 4, "means nothing"),
    ];
    for (text, start, what) in table {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!(error.start, start, "{text}: {error}");
        assert!(error.what.contains(what), "{text}: {error}");
    }
    assert!(Filter::parse(&"(".repeat(100_000)).is_err());
    assert!(Filter::parse(&"!".repeat(100_000)).is_err());
}

#[test]
fn the_caret_stands_below_the_place() {
    let error = Filter::parse("udp and tcp.prot").expect_err("no such field").to_string();
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines[1..], ["  udp and tcp.prot", "          ^^^^^^^^"]);
}
