//! The command line: exit codes, what goes where, and that JSON lines are what `docs/json.md` says.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

pub(crate) fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).display().to_string()
}

pub(crate) fn husk(arguments: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("husk")).args(arguments).output().expect("husk runs")
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code, not a signal")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A file of this content that is gone when the test is over.
pub(crate) fn file(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture");
    std::fs::write(&path, content).expect("a file");
    (folder, path)
}

#[test]
fn wrong_usage_is_2_and_says_what_to_do() {
    let page = fixture("http-page.pcap");
    let table: &[(&[&str], &str)] = &[
        (&[], "Usage"),
        (&["--nonsense"], "--nonsense"),
        (&["list"], "FILE"),
        (&["list", "/nowhere/x.pcap"], "no such file"),
        (&["list", "/"], "directory"),
        (&["list", &fixture("record.sh")], "not a capture"),
        (&["fields", &page], "-e NAME"),
        (&["fields", "-e", "ip.src"], "no capture file"),
        (&["fields", &page, "-e", "ip.scr"], "did you mean ip.src"),
        (&["list", &page, "-Y", "tcp.prot == 80"], "^^^^^^^^"),
        (&["list", &page, "-Y", "tcp.port == "], "value is expected"),
        (&["-r", &page, "-T", "fields"], "-e NAME"),
        (&["-r", &page, "-e", "ip.src"], "-T fields"),
        (&["show", &page], "N is missing"),
        (&["follow", &page], "FLOW is missing"),
        (&["follow", &page, "99"], "no flow 99"),
        (&["follow", &page, "udp:0"], "no flow udp:0"),
        (&["follow", &page, "four"], "write 4, 4.17 or tcp:3"),
        (&["units", &page, "0.999"], "no message 999"),
        (&["explain", "ip.tl"], "did you mean ip.ttl"),
        (&["units", &page, "--packet", "21"], "has 20 packets"),
        (&["units", &page, "--packet", "1"], "belongs to no flow"),
        (&["show", &page, "none"], "no packet number"),
        (&["show", &page, "0"], "no packet 0"),
        (&["show", &page, "21"], "has 20 packets"),
        (&["--", "list"], "no such file"),
    ];
    for (arguments, expected) in table {
        let output = husk(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}: errors go to stderr");
    }
}

#[test]
fn done_is_0() {
    let page = fixture("http-page.pcap");
    let table: &[&[&str]] = &[
        &["--help"],
        &["--version"],
        &["demo"],
        &["fields"],
        &[&page],
        &["-r", &page],
        &["list", "-r", &page],
        &["show", "-r", &page, "3"],
        &["show", &page, "3"],
        &["messages", &page],
        &["flows", &page],
        &["exposure", &page],
        &["exposure", &page, "--by", "host", "--by", "name"],
    ];
    for arguments in table {
        let output = husk(arguments);
        assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
        assert!(!stdout(&output).contains('\x1b'), "{arguments:?}: no colours outside a terminal");
    }
    let nothing = husk(&["list", &page, "-Y", "udp"]);
    assert_eq!((code(&nothing), stdout(&nothing).as_str()), (0, ""), "a filter that matches nothing");
}

#[test]
fn a_damaged_capture_is_read_as_far_as_it_goes() {
    let whole = std::fs::read(fixture("http-page.pcap")).expect("a fixture");
    let (_folder, path) = file(&whole[..whole.len() - 5]);
    let path = path.display().to_string();
    for arguments in [&["list", path.as_str()][..], &["fields", &path, "-e", "frame.number"], &["flows", &path]] {
        let output = husk(arguments);
        assert_eq!(code(&output), 0, "{arguments:?}");
        assert!(stderr(&output).contains("warning") && stderr(&output).contains("at byte"), "{}", stderr(&output));
        assert!(!output.stdout.is_empty());
    }
    assert_eq!(stdout(&husk(&["list", &path])).lines().count(), 19);

    let (_folder, path) = file(&whole[..24 + 16 + 3]);
    let nothing = husk(&["list", &path.display().to_string()]);
    assert_eq!(code(&nothing), 2, "no packet could be read");

    let (_folder, path) = file(&whole[..24]);
    let empty = husk(&[&path.display().to_string()]);
    assert_eq!((code(&empty), stderr(&empty).as_str()), (0, ""), "an empty capture is a capture");
}

#[test]
fn a_closed_pipe_is_success() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("husk"))
        .args(["list", "--json", &fixture("tcp-loss-sender.pcap")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("husk runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
}

#[test]
fn standard_input_reads_as_a_file_does() {
    let page = fixture("https-tls13.pcapng");
    let input = std::fs::File::open(&page).expect("a fixture");
    let mut cat = Command::new("cat").stdin(input).stdout(Stdio::piped()).spawn().expect("cat runs");
    let pipe = cat.stdout.take().expect("a pipe");
    let piped = Command::new(assert_cmd::cargo::cargo_bin!("husk")).args(["messages", "-"]).stdin(pipe).output();
    let piped = piped.expect("husk runs");
    cat.wait().expect("cat ends");
    assert_eq!(stdout(&piped), stdout(&husk(&["messages", &page])));
    assert!(stdout(&piped).contains("ClientHello"), "{}", stdout(&piped));
}

#[test]
fn fields_are_printed_as_tshark_s_users_ask_for_them() {
    let page = fixture("fragments.pcap");
    let asked = ["-Y", "ip", "-e", "ip.addr", "-e", "tcp.port", "-e", "ip.proto", "-c", "2"];
    let ours = husk(&[&["fields", &page], &asked[..]].concat());
    let lines: Vec<Vec<String>> =
        stdout(&ours).lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    assert_eq!(lines.len(), 2, "{}", stderr(&ours));
    assert!(lines.iter().all(|cells| cells.len() == 3 && cells[0].split(',').count() == 2 && cells[1].is_empty()));
    let theirs = husk(&[&["-n", "-r", &page, "-T", "fields"], &asked[..]].concat());
    assert_eq!(stdout(&theirs), stdout(&ours));
}

/// A JSON value in which no object has the same key twice.
pub(crate) struct Strict(serde_json::Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Strict;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_unit<E>(self) -> Result<Strict, E> {
                Ok(Strict(serde_json::Value::Null))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Strict, A::Error> {
                let mut values = Vec::new();
                while let Some(Strict(value)) = list.next_element()? {
                    values.push(value);
                }
                Ok(Strict(values.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
                let mut values = serde_json::Map::new();
                while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
                    if values.insert(key.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("the key {key} comes twice")));
                    }
                }
                Ok(Strict(values.into()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

fn lines(arguments: &[&str]) -> Vec<serde_json::Value> {
    let output = husk(arguments);
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    let text = stdout(&output);
    assert!(text.lines().all(|line| line.starts_with(r#"{"v":1,"kind":""#)), "{arguments:?}: {text}");
    text.lines().map(|line| serde_json::from_str::<Strict>(line).expect("strict JSON").0).collect()
}

/// The keys of a line in their order, without those of objects in it.
fn keys(line: &str) -> Vec<String> {
    let mut depth = 0;
    let mut keys = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['{', '}', '"']) {
        let (sign, behind) = (rest.as_bytes()[at], &rest[at + 1..]);
        rest = behind;
        match sign {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {
                let end = behind.find('"').expect("the string ends");
                rest = &behind[end + 1..];
                if depth == 1 && rest.starts_with(':') {
                    keys.push(behind[..end].to_owned());
                }
            }
        }
    }
    keys
}

#[test]
fn keys_stand_in_the_order_of_the_contract() {
    let page = fixture("http-page.pcap");
    let table = [
        ("list", "v kind packet time interface captured length flow side layers info bytes"),
        (
            "flows",
            "v kind flow stack client server name name_source packets stage bytes icmp remarks outcome processes names_there nameless",
        ),
        ("exposure", "v kind scope id captured bytes visible encrypted neither missing"),
        (
            "messages",
            "v kind message flow side first packet protocol what subject offset length answered answers after",
        ),
    ];
    for (command, expected) in table {
        let output = husk(&[command, "--json", &page]);
        for line in stdout(&output).lines() {
            assert_eq!(keys(line).join(" "), expected, "{line}");
        }
    }
}

#[test]
fn every_json_line_is_strict() {
    let page = fixture("demo.pcapng");
    let table: &[(&[&str], &[&str])] = &[
        (&["--json", &page], &["capture", "exposure", "name"]),
        (&["list", "--json", &page], &["packet"]),
        (&["flows", "--json", &page], &["flow"]),
        (&["messages", "--json", &page], &["message"]),
        (&["exposure", "--json", &page], &["exposure"]),
        (&["show", "--json", &page, "9"], &["node", "packet", "run"]),
        (&["follow", "--json", &page, "10"], &["passage"]),
        (&["units", "--json", &page, "10"], &["units"]),
        (&["fields", "--json"], &["field"]),
        (&["explain", "--json"], &["word"]),
        (&["explain", "--json", "tcp.port", "tls.alert_message.desc"], &["about"]),
        (&["fields", "--json", &page, "-e", "ip.src"], &["fields"]),
    ];
    for (arguments, kinds) in table {
        for line in lines(arguments) {
            let kind = line["kind"].as_str().expect("a kind");
            assert!(kinds.contains(&kind), "{arguments:?}: {kind}");
        }
    }
}

#[test]
fn raw_bytes_of_a_side_are_those_that_were_sent() {
    let output = husk(&["follow", "--raw", "--side", "client", &fixture("http-page.pcap"), "tcp:0"]);
    let sent = stdout(&output);
    assert!(sent.starts_with("GET / HTTP/1.1\r\n") && sent.contains("HEAD "), "{sent}");
    let (_folder, path) = file(b"");
    let path = path.display().to_string();
    let server = ["follow", "--raw", "--side", "server", "-o", &path, &fixture("tcp-loss-sender.pcap"), "0"];
    assert_eq!(code(&husk(&server)), 0);
    // The same download, captured where segments were missing, out of order and repeated.
    let received = husk(&["follow", "--raw", "--side", "server", &fixture("tcp-loss-receiver.pcap"), "0"]);
    let sent = std::fs::read(&path).expect("was written");
    assert!(sent.len() > 100_000 && sent == received.stdout);
}

#[test]
fn a_conversation_is_told_with_its_bodies_decoded_and_what_is_sealed_as_a_size() {
    let told = stdout(&husk(&["follow", &fixture("http-page.pcap"), "0"]));
    assert!(told.contains("→ 0.0  request GET / · packet 6 · 210 B\nGET / HTTP/1.1\n"), "{told}");
    assert!(told.contains("[decoded: 2,917 bytes]\n<!doctype html>"), "chunked, and in gzip: {told}");
    let told = stdout(&husk(&["follow", &fixture("https-tls12.pcap"), "0"]));
    assert!(told.contains("ClientHello shop.example") && told.contains(" sealed, "), "{told}");
}

#[test]
fn the_ladder_tells_which_packets_carried_a_message_and_which_messages_a_packet_carried() {
    let page = fixture("demo.pcapng");
    let hello = &lines(&["units", "--json", &page, "10.0"])[0];
    assert_eq!((&hello["segments"], &hello["frames"]), (&2.into(), &2.into()));
    let parts = hello["parts"].as_array().expect("parts");
    let carried: u64 = parts.iter().filter_map(|part| part["length"].as_u64()).sum();
    assert_eq!(Some(carried), hello["length"].as_u64());
    for part in parts {
        let packet = part["packet"].to_string();
        let messages = lines(&["units", "--json", &page, "--packet", &packet]);
        assert!(messages.iter().any(|line| line["message"] == "10.0"), "packet {packet}");
    }
    // Several messages in one packet.
    let page = fixture("https-tls12.pcap");
    let several = lines(&["units", "--json", &page, "--packet", "8"]);
    assert!(several.len() > 1 && several.iter().all(|line| line["frames"] == 1));
    // One datagram in two fragments.
    let fragments = lines(&["units", "--json", &fixture("fragments.pcap"), "udp:0.1"]);
    assert_eq!((&fragments[0]["segments"], &fragments[0]["frames"]), (&1.into(), &2.into()));
}

#[test]
fn the_books_close() {
    for name in ["demo.pcapng", "http-page.pcap", "fragments.pcap", "vxlan.pcap", "snap-96.pcap"] {
        let path = fixture(name);
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        for line in lines(&["exposure", "--json", &path]) {
            let number = |key: &str| line[key].as_u64().expect("a number");
            assert_eq!(number("visible") + number("encrypted") + number("neither"), number("captured"), "{line}");
            let classes = line["bytes"].as_object().expect("classes").values();
            assert_eq!(classes.map(|bytes| bytes.as_u64().expect("a number")).sum::<u64>(), number("captured"));
            *sums.entry(line["scope"].as_str().expect("a scope").to_owned()).or_default() += number("captured");
        }
        let packets: u64 =
            lines(&["list", "--json", &path]).iter().filter_map(|line| line["captured"].as_u64()).sum();
        assert_eq!(sums["capture"], packets, "{name}");
        assert_eq!(sums["flow"], packets, "{name}: flows and packets without a flow sum to the capture");
        let without: u64 = lines(&["exposure", "--json", "--by", "flow", &path])
            .iter()
            .filter(|line| line["id"].is_null())
            .map(|line| line["captured"].as_u64().expect("a number"))
            .sum();
        assert_eq!(sums["pair"] + without, packets, "{name}: so do pairs of hosts");
    }
}

#[test]
fn the_books_of_a_tls_session_are_the_sums_of_its_records() {
    const HEADER: u64 = 5;
    const TAG: u64 = 16;
    let path = fixture("https-tls13.pcapng");
    let (mut sealed, mut clear, mut records) = (0, 0, 0);
    for line in lines(&["messages", "--json", &path]).iter().filter(|line| line["protocol"] == "tls") {
        let length = line["length"].as_u64().expect("a length");
        records += 1;
        if line["what"] == "sealed" { sealed += length - HEADER } else { clear += length - HEADER }
    }
    let hidden = lines(&["messages", "--json", &path]).iter().filter(|line| line["what"] == "sealed").count() as u64;
    let books = lines(&["exposure", "--json", "--by", "flow", &path]);
    let of = |class: &str| books[0]["bytes"][class].as_u64().unwrap_or(0);
    assert_eq!((of("sealed"), of("tag")), (sealed - TAG * hidden, TAG * hidden));
    assert_eq!(of("metadata") + of("padding"), records * HEADER + clear, "hellos may be padded");
    assert_eq!(of("link") + of("network") + of("transport") + of("metadata"), books[0]["visible"].as_u64().unwrap());
    let told = stdout(&husk(&["exposure", "--by", "capture", &path]));
    assert!(told.contains(&format!("derived: {hidden} of the sealed bytes are hidden types")), "{told}");
}

#[test]
fn the_illustrated_tls_session_counts_as_it_is_known_to() {
    let Some(corpus) = std::env::var_os("HUSK_CORPUS") else {
        eprintln!("skipped: HUSK_CORPUS is not set");
        return;
    };
    let path = Path::new(&corpus).join("illustrated-tls13/captures/capture.pcap").display().to_string();
    let output = husk(&["exposure", "--json", "--by", "capture", &path]);
    let known = r#"{"v":1,"kind":"exposure","scope":"capture","id":null,"captured":3480,"bytes":{"link":88,"network":440,"transport":728,"metadata":437,"sealed":1643,"tag":144},"visible":1693,"encrypted":1787,"neither":0,"missing":0}"#;
    assert_eq!(stdout(&output).trim_end(), known);
}
