//! Everything that a view of the user interface says can be had as text by a command, and as JSON lines.

use crate::cli::{code, fixture, husk, stderr, stdout};

/// What a command prints of a fixture; it must say all of these.
fn says(arguments: &[&str], name: &str, words: &[&str]) -> String {
    let path = fixture(name);
    let mut all = vec![arguments[0], path.as_str()];
    all.extend(&arguments[1..]);
    let output = husk(&all);
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    let text = stdout(&output);
    for word in words {
        assert!(text.contains(word), "{arguments:?} says {word}:\n{text}");
    }
    text
}

/// Its JSON lines: each is an object of one of these kinds, and each kind comes.
fn lines(arguments: &[&str], name: &str, kinds: &[&str]) -> Vec<serde_json::Value> {
    let path = fixture(name);
    let mut all = vec![arguments[0], path.as_str()];
    all.extend(&arguments[1..]);
    all.push("--json");
    let output = husk(&all);
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    let lines: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    for line in &lines {
        assert!(kinds.iter().any(|kind| line["kind"] == *kind), "{arguments:?}: {line}");
    }
    for kind in kinds {
        assert!(lines.iter().any(|line| line["kind"] == *kind), "{arguments:?} tells {kind}");
    }
    lines
}

#[test]
fn packets_layers_and_bytes() {
    says(&["list"], "demo.pcapng", &["ClientHello shop.example", "░▒▒▒▒███"]);
    says(&["show", "33"], "demo.pcapng", &["Server Name", "shop.example", "packet 33"]);
}

#[test]
fn flows_with_name_stack_stage_and_times() {
    says(&["flows"], "demo.pcapng", &["shop.example (SNI)", "tcp tls1.3", "response", "30+41"]);
}

#[test]
fn the_lanes_of_a_flow() {
    says(&["lanes", "0"], "tcp-zero-window.pcap", &["SYN ACK", "TCP Zero Window segment", "GET /", "→", "←"]);
    let moments = lines(&["lanes", "0"], "tcp-zero-window.pcap", &["moment"]);
    let closed = |line: &serde_json::Value| line["window"] == 0;
    assert!(moments.iter().any(closed), "the receiver closes its window");
}

#[test]
fn a_conversation_and_what_carried_it() {
    says(&["follow", "0"], "http-page.pcap", &["GET / HTTP/1.1", "200 OK"]);
    says(&["units", "0"], "http-page.pcap", &["segment", "frame"]);
}

#[test]
fn a_session_with_its_fingerprints_taken_apart() {
    says(
        &["session", "10"],
        "demo.pcapng",
        &["TLS_AES_128_GCM_SHA256", "JA4: cipher suites, sorted", "JA3: extensions", "JA3S"],
    );
    says(&["session", "0"], "https-tls12.pcap", &["shop.example", "Algorithm Id"]);
    let said = lines(&["session", "10"], "demo.pcapng", &["said"]);
    let chosen = said.iter().filter(|line| line["what"] == "cipher suite" && line["agreed"] == true);
    assert_eq!(chosen.count(), 2, "both sides said one of them");
}

#[test]
fn the_notebook_of_an_observer() {
    let mine = says(&["leaks"], "demo.pcapng", &["shop.example", "news.example"]);
    let theirs = says(&["leaks", "--as", "isp"], "demo.pcapng", &["shop.example"]);
    assert!(theirs.lines().count() < mine.lines().count());
}

#[test]
fn the_journey_to_a_site() {
    says(&["journey"], "happy-eyeballs.pcap", &["connect", "v4 won"]);
    says(&["journey"], "demo.pcapng", &["shop.example", "TLS 1.3, 1 round trip", "burst 2"]);
    let steps = lines(&["journey"], "demo.pcapng", &["step"]);
    assert!(steps.iter().any(|step| step["step"] == "exchange" && step["what"] == "GET /start"));
}

#[test]
fn names_addresses_and_neighbours() {
    says(&["names"], "demo.pcapng", &["AAAA 2001:db8:2::7", "203.0.113.7", "11.4 ms"]);
    says(&["neighbours"], "demo.pcapng", &["192.168.1.1", "gateway"]);
    lines(&["names"], "demo.pcapng", &["lookup", "address"]);
}

#[test]
fn the_ledger_by_protocol_host_name_and_over_time() {
    says(&["exposure", "--by", "protocol"], "demo.pcapng", &["tcp › tls1.3", "udp › dns", "arp"]);
    says(&["exposure", "--by", "name", "--by", "host"], "demo.pcapng", &["shop.example", "2001:db8:2::7"]);
    let sum = |scope: &str, top: &dyn Fn(&serde_json::Value) -> bool| {
        let books = lines(&["exposure", "--by", scope], "demo.pcapng", &["exposure"]);
        books.iter().filter(|line| top(line)).map(|line| line["captured"].as_u64().expect("a number")).sum::<u64>()
    };
    let all = sum("capture", &|_| true);
    assert_eq!(sum("time", &|_| true), all);
    let outermost = |line: &serde_json::Value| line["id"].as_array().is_some_and(|path| path.len() == 1);
    assert_eq!(sum("protocol", &outermost), all);
}
