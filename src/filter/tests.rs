use super::*;
use crate::bytes::Findings;
use crate::packet;

/// Ethernet, IPv4, UDP 192.0.2.10:40000 to 192.0.2.53:53, the payload `hello`, and bytes that fill up the frame.
fn packet() -> Vec<u8> {
    let mut bytes = vec![0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0];
    bytes.extend([0x45, 0, 0, 33, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 10, 192, 0, 2, 53]);
    bytes.extend([0x9c, 0x40, 0, 53, 0, 13, 0, 0]);
    bytes.extend(b"hello");
    bytes.resize(60, 0);
    bytes
}

fn understood(text: &str) -> Filter {
    Filter::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn holds(text: &str) -> bool {
    let bytes = packet();
    let filter = understood(text);
    let mut tree = Tree::only(filter.fields());
    let frame = packet::Frame { link_type: 1, length: bytes.len() as u32, fcs_length: None };
    packet::walk(frame, &bytes, &mut Findings::counting(), Some(&mut tree));
    filter.matches(&tree, &bytes)
}

const TABLE: &[(&str, bool)] = &[
    ("", true),
    ("udp", true),
    ("tcp", false),
    ("!tcp", true),
    ("frame", true),
    ("udp.port == 53", true),
    ("udp.port==0x35", true),
    ("udp.port == 0b110101 and udp.port == 065 and udp.port == '5'", true),
    ("udp.dstport != 53", false),
    ("udp.port != 53", false),
    ("udp.port != 54", true),
    ("udp.port !== 53 and udp.port ~= 53 and udp.port any_ne 53", true),
    ("udp.port === 53", false),
    ("ip.ttl === 64 and ip.ttl all_eq 64 and ip.ttl any_eq 64 and ip.ttl all_ne 65", true),
    ("all udp.port > 52", true),
    ("all udp.port > 53", false),
    ("any udp.port > 53", true),
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
    ("ip.src < ip.dst", true),
    ("ip.src == ip.dst", false),
    ("ip.addr == ip.dst", true),
    ("ip.src in {192.0.2.9 .. 192.0.2.11}", true),
    ("ip.src[0:2] == c0:00 and ip.dst[-1] == 35", true),
    ("eth.addr == 02:00:00:00:00:02", true),
    ("eth.src == 02-00-00-00-00-02", false),
    ("eth.src[0:3] == 2.0.0", true),
    ("udp.port in {1, 50..60}", true),
    ("udp.port in {1 2 3}", false),
    ("udp.port not in {1, 2}", true),
    ("udp contains \"hell\"", true),
    ("udp contains 68:65", true),
    ("udp contains 68", true),
    ("udp contains 'h'", true),
    ("udp contains \"\\x68\\145\\u006c\"", true),
    ("ip contains \"bye\"", false),
    ("frame contains \"hello\"", true),
    ("udp contains \"hello\\0\"", false),
    ("frame contains \"hello\\000\"", true),
    ("udp matches \"H.LLO$\"", true),
    ("udp ~ r\"^h\"", false),
    ("udp[8:] == \"hello\"", true),
    ("udp[8:2,-1] == \"heo\"", true),
    ("udp[8-9][1] == 'e'", true),
    ("udp[99]", false),
    ("udp[0]", true),
    ("udp[99:2] != 00:00", true),
    ("frame[12:2] == 08:00", true),
    ("udp.dstport == 53 and udp[2:2] == 00:35", true),
    ("ip.flags.df == false && ip.ttl == 64", true),
    ("ip.flags.df == \"Not set\"", true),
    ("ip.proto & 0x10", true),
    ("ip.proto & 2", false),
    ("udp[3] & 1 and not udp[3] & 2 and udp[2:2] & 0:4 == 0:4", true),
    ("ip.proto & 0x10 == 0x10", true),
    ("{ip.proto bitwise_and 1} + 52 == udp.dstport", true),
    ("ip.ttl + 2 * 3 - 6 == 64 and ip.ttl % 10 == 4 and ip.ttl / 3 == 21", true),
    ("{ip.ttl + 2} * 3 == 198", true),
    ("ip.ttl / 0 == 1", false),
    ("-ip.ttl == -64 and abs(-ip.ttl) == 64", true),
    ("len(udp) == 8 and len(eth.src) == 6 and len(frame) == 60", true),
    ("count(udp.port) == 2", true),
    ("count(tcp.port) == 0", false),
    ("max(udp.port) == 40000 and min(udp.srcport, udp.dstport) == 53", true),
    ("string(udp.dstport) matches \"^5\" and string(ip.src) contains \".0.2.\"", true),
    ("ip.src#1 == 192.0.2.10", true),
    ("ip.src#2", false),
    ("ip.addr#[1-2] == 192.0.2.10", true),
    ("(udp || tcp) && !(udp.port == 1)", true),
    ("tcp or udp and tcp", false),
    ("udp xor tcp", true),
    ("udp ^^ ip", false),
    ("udp xor ip xor eth", true),
];

#[test]
fn tests_hold_or_do_not() {
    for (text, expected) in TABLE {
        assert_eq!(holds(text), *expected, "{text}");
    }
}

#[test]
fn a_filter_prints_as_what_it_parses_from() {
    for (text, _) in TABLE {
        let filter = understood(text);
        let printed = filter.to_string();
        assert_eq!(understood(&printed), filter, "{text} prints as {printed}");
    }
    let table = [
        ("udp.port eq 0x35 && (tcp||udp)", "udp.port == 53 and (tcp or udp)"),
        ("ip.ttl & 0x40 == 1", "{ip.ttl & 64} == 1"),
        ("all udp.port > 1", "all udp.port > 1"),
        ("udp contains 68:65", "udp contains 68:65"),
        ("frame.time > \"2024-11-19 08:26:40\"", "frame.time > 1732004800.000000000"),
        ("ip.src == 10.1.0.0/8", "ip.src == 10.0.0.0/8"),
        ("udp[8:1,-4:] == \"h\\n\"", "udp[8,-4:] == 68:0a"),
        ("sealed.ratio > 0.5", "sealed.ratio > 0.500000000"),
    ];
    for (text, printed) in table {
        assert_eq!(understood(text).to_string(), printed, "{text}");
    }
}

#[test]
fn an_error_says_where() {
    let table = [
        ("udp and", 7, "field is expected"),
        ("and udp", 0, "field is expected"),
        ("udp.prot == 1", 0, "did you mean"),
        ("flow.nam", 0, "flow.name"),
        ("udp.port == x", 12, "is a number; `x` is none"),
        ("dns.qry.type == XYZ", 16, "or the name of one"),
        ("udp.port ==", 11, "value is expected"),
        ("53 == udp.port", 0, "stands on the left"),
        ("ip.src == ::1", 10, "IPv4 address"),
        ("ip.src == 1.2.3.4/33", 10, "IPv4 address"),
        ("ip.src == udp.port", 10, "is an IPv4 address or network, `udp.port` is a number"),
        ("udp.port contains \"x\"", 9, "search `string(udp.port)`"),
        ("udp == x", 7, "is bytes"),
        ("udp.port[0]", 8, "has no parts"),
        ("udp[x]", 3, "a slice is"),
        ("udp[0:1", 3, "does not end"),
        ("udp[1] + 1 == 2", 7, "cannot change it"),
        ("(udp", 4, "`)` is missing"),
        ("{ip.ttl + 1 == 2", 12, "`}` is missing"),
        ("(ip.ttl & 1) == 1", 13, "`{ }` hold arithmetic"),
        ("udp)", 3, "no `(`"),
        ("udp tcp", 4, "joins tests"),
        ("any udp", 0, "before a comparison"),
        ("udp.port not 5", 13, "`in` is expected"),
        ("frame contains \"x", 15, "does not end"),
        ("udp == 'ab'", 7, "one character"),
        ("frame matches \"(\"", 14, "no regular expression"),
        ("udp.port in 5", 12, "a set is expected"),
        ("udp.port in {}", 13, "value is expected"),
        ("udp.port in {5", 14, "value is expected"),
        ("upper(udp.port) == 5", 0, "`upper` takes one text"),
        ("upper(dns.qry.name)", 0, "always there"),
        ("count(udp", 9, "is missing"),
        ("max() == 1", 4, "field is expected"),
        ("udp # tcp", 4, "means nothing"),
    ];
    for (text, start, what) in table {
        let error = Filter::parse(text).expect_err(text);
        assert!(error.what.contains(what), "{text}: {error}");
        assert_eq!(error.start, start, "{text}: {error}");
    }
}

#[test]
fn limits_end_what_nobody_writes() {
    for text in ["(".repeat(40_000), "!".repeat(40_000), "-".repeat(40_000), "{".repeat(40_000), "max(".repeat(9_999)]
    {
        assert!(Filter::parse(&text).is_err());
    }
    let sum = |terms: usize| format!("ip.ttl {} == 1", "+ 1 ".repeat(terms));
    assert!(Filter::parse(&sum(DEEPEST)).is_ok());
    assert!(Filter::parse(&sum(DEEPEST + 1)).is_err_and(|error| error.what.contains("too many operators")));
    let slices = |count: usize| format!("udp{} == 1", "[0:]".repeat(count));
    assert!(Filter::parse(&slices(DEEPEST)).is_ok() && Filter::parse(&slices(DEEPEST + 1)).is_err());
    let long = |tests: usize| vec!["tcp"; tests].join(" or ");
    assert!(Filter::parse(&long(LONGEST / 7)).is_ok());
    assert!(Filter::parse(&long(LONGEST)).is_err_and(|error| error.what.contains("at most")));
}

#[test]
fn the_caret_stands_below_the_place() {
    let error = Filter::parse("udp and tcp.prot").expect_err("no such field").to_string();
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines[1..], ["  udp and tcp.prot", "          ^^^^^^^^"]);
}
