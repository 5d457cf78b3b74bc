//! Filters over captures: `-Y` on every command, what is known without reading a packet again, and `husk assert`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use husk::bytes::Tree;
use husk::capture::Source;
use husk::exposure::{Leaks, Names};
use husk::filter::{Exposed, Filter, Known, Scope, Subject};
use husk::trace::{Heard, Listener, Pass, Trace};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).display().to_string()
}

fn husk(arguments: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("husk")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn lines(arguments: &[&str]) -> usize {
    let output = husk(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    said(&output).lines().count()
}

#[test]
fn a_filter_works_on_every_command_that_lists() {
    let demo = fixture("demo.pcapng");
    let all = |command: &str| lines(&[command, "--json", &demo]);
    let of = |command: &str, filter: &str| lines(&[command, "--json", &demo, "-Y", filter]);
    for command in ["list", "flows", "messages"] {
        let (dns, rest, all) = (of(command, "dns"), of(command, "not dns"), all(command));
        assert!(dns > 0 && rest > 0 && dns < all && rest < all, "{command}: {dns} and {rest} of {all}");
        assert_eq!(of(command, ""), all, "{command}: an empty filter lets all pass");
        assert_eq!(of(command, "frame.number == 0"), 0, "{command}");
    }
    // Fields that stand in no packet: of a packet, and of its flow.
    let sealed = of("list", "sealed.bytes > 0");
    assert!(sealed > 0 && sealed == of("list", "tcp and sealed.bytes > 0"));
    assert_eq!(
        of("list", "flow.number == 0") + of("list", "flow.number != 0") + of("list", "not flow.number"),
        all("list")
    );
    assert!(of("flows", "sealed.ratio > 0.5") > 0);
    assert!(of("flows", "flow.name == \"shop.example\" and tls") > 0);
    assert_eq!(of("flows", "visible.bytes == 0"), 0);
    assert!(of("messages", "leak.tls.sni") > 0);
    let first = husk(&["show", &demo, "-Y", "tls.handshake.type == 1", "-c", "1"]);
    assert!(said(&first).contains("Server Name"), "{}", said(&first));
    assert!(lines(&["fields", &demo, "-e", "frame.number", "-Y", "flow.side == \"server\" and tls"]) > 0);
}

#[test]
fn the_books_count_only_packets_that_pass() {
    let demo = fixture("demo.pcapng");
    let captured = |filter: &str| -> u64 {
        let output = husk(&["exposure", "--json", "--by", "capture", &demo, "-Y", filter]);
        let line: serde_json::Value = serde_json::from_str(said(&output).trim()).unwrap();
        line["captured"].as_u64().unwrap()
    };
    let (some, rest, all) = (captured("dns"), captured("not dns"), captured(""));
    assert!(some > 0 && rest > 0);
    assert_eq!(some + rest, all);
    let flows = husk(&["exposure", "--json", "--by", "flow", &demo, "-Y", "dns"]);
    let sum: u64 = said(&flows)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["captured"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, some, "flows and packets without one sum to the capture");
}

/// Filters of which some packets' rows say whether they hold.
const BY_ROW: &[&str] = &[
    "frame.number in {3..20}",
    "frame.len > 100 and frame.cap_len <= 1000",
    "frame.time_epoch > 0",
    "frame",
    "tcp",
    "dns or tls",
    "not arp and frame.len > 60",
    "frame.len > 60 or tcp.flags.syn == 1",
    "frame.len > 60 xor sealed.bytes > 0",
    "sealed.bytes > 0",
    "visible.ratio > 0.5 and missing.bytes == 0",
    "flow.number == 1 or flow.number == 2",
    "flow.side == \"client\"",
    "flow.name contains \"example\"",
    "flow.stage == \"response\" and tcp",
    "leak",
    "leak.dns.question matches \"shop\"",
];

struct Compared<'a> {
    filters: &'a [Filter],
    trace: &'a Trace,
    known: &'a Known,
    file: &'a Path,
    told: usize,
}

impl Listener for Compared<'_> {
    fn tree(&self) -> Tree {
        Tree::only(self.filters.iter().flat_map(Filter::fields).collect())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        let exposed = Exposed { trace: self.trace, known: Some(self.known), scope: Scope::Packet(heard.number) };
        for filter in self.filters {
            let read = filter.holds(&Subject { packet: Some((heard.tree, heard.bytes)), exposed: Some(exposed) });
            assert!(read.is_some(), "{filter}");
            if let Some(known) = filter.by_row(exposed) {
                assert_eq!(Some(known), read, "{}, packet {}: {filter}", self.file.display(), heard.number);
                self.told += 1;
            }
        }
        true
    }
}

#[test]
fn what_a_row_tells_is_what_the_packet_tells() {
    let filters: Vec<Filter> = BY_ROW.iter().map(|text| Filter::parse(text).unwrap()).collect();
    let mut told = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).unwrap() {
        let file: PathBuf = entry.unwrap().path();
        if !file.extension().is_some_and(|end| end == "pcap" || end == "pcapng") {
            continue;
        }
        let mut pass = Pass::new(Source::open(&file).unwrap());
        let trace = pass.run();
        let known = Known::new(&trace, Leaks::new(&trace, &Names::new(&trace)));
        let again = pass.into_source().again().unwrap();
        let mut compared = Compared { filters: &filters, trace: &trace, known: &known, file: &file, told: 0 };
        Pass::new(again).with_listener(&mut compared).run();
        told += compared.told;
    }
    assert!(told > 10_000, "rows told of {told} packets and filters only");
}

#[test]
fn an_assertion_holds_or_says_what_was_found() {
    let demo = fixture("demo.pcapng");
    let table: &[(&[&str], i32, &str)] = &[
        (&["leak.sni == \"shop.example\""], 0, ""),
        (&["leak.sni", "leak.dns.question contains \"shop\"", "sealed.ratio > 0.1"], 0, ""),
        (&["leak.sni == \"nowhere.example\""], 1, "found: shop.example"),
        (&["not leak.sni"], 1, "shop.example"),
        (&["not leak.login.password", "missing.bytes == 0"], 0, ""),
        (&["tcp.port == 443"], 0, ""),
        (&["tcp.port != 443"], 1, "443"),
        (&["not tcp.port == 25"], 0, ""),
        (&["all ip.ttl > 0"], 0, ""),
        (&["all tcp.dstport == 443"], 1, "does not hold"),
        (&["sealed.bytes == 0"], 1, "found: "),
        (&["leak.sni == \"shop.example\" and not dns"], 1, "dns holds"),
        (&["count(leak.sni) >= 1"], 0, ""),
    ];
    for (expressions, code, found) in table {
        let output = husk(&[&["assert", &demo], *expressions].concat());
        let told = said(&output);
        assert_eq!(output.status.code(), Some(*code), "{expressions:?}: {told}");
        assert!(told.contains(found), "{expressions:?}: {told}");
        assert_eq!(told.is_empty(), *code == 0, "{expressions:?}: {told}");
    }
}

#[test]
fn an_assertion_that_cannot_be_told_is_2() {
    let demo = fixture("demo.pcapng");
    let table: &[(&[&str], &str)] = &[
        (&["assert", &demo], "what should hold"),
        (&["assert", &demo, "leak.snii"], "did you mean leak."),
        (&["assert", &demo, "leak.sni =="], "value is expected"),
        (&["assert", "/nowhere/x.pcap", "tcp"], "no such file"),
        (&["assert", &fixture("record.sh"), "tcp"], "not a capture"),
    ];
    for (arguments, why) in table {
        let output = husk(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{arguments:?}: {output:?}");
    }
}

/// What only hellos and headers tell is looked for too: its absence may be asserted.
#[test]
fn what_hellos_give_away_is_known_to_filters() {
    let browser = fixture("browser-h2.pcapng");
    for (expression, expected) in [("leak.ja4", 0), ("leak.ech contains \"GREASE\"", 0), ("not (leak.ech)", 1)] {
        let output = husk(&["assert", &browser, expression]);
        assert_eq!(output.status.code(), Some(expected), "{expression}");
    }
    let output = husk(&["fields", &browser, "-Y", "leak.ja4", "-e", "tls.handshake.ja4"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("t13d"), "the packet of the hello passes");
}

#[test]
fn an_assertion_as_json_is_a_line_an_expression() {
    let output = husk(&["assert", "--json", "-r", &fixture("demo.pcapng"), "leak.sni == \"a\"", "tcp"]);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<serde_json::Value> =
        said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["v"], &lines[0]["kind"], &lines[0]["holds"]), (&1.into(), &"assert".into(), &false.into()));
    assert_eq!(lines[0]["tests"][0]["found"][0], "shop.example");
    assert_eq!((&lines[1]["expression"], &lines[1]["holds"]), (&"tcp".into(), &true.into()));
}
