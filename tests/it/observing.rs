//! `--as OBSERVER`: the same with every command, and nothing is told that this observer does not see.

use husk::bytes::{Class, Ledger};
use husk::capture::Source;
use husk::exposure::observer::{Local, View};
use husk::exposure::{Names, Observers, Scope, books};
use husk::flow::MessageRow;
use husk::trace::{Pass, Trace};

use crate::cli::{code, fixture, husk, stderr, stdout};
use crate::fixtures;

fn lines(arguments: &[&str]) -> Vec<serde_json::Value> {
    let output = husk(arguments);
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sum(line: &serde_json::Value) -> u64 {
    line["bytes"].as_object().unwrap().values().map(|bytes| bytes.as_u64().unwrap()).sum::<u64>()
        + line["dark"].as_u64().unwrap()
}

#[test]
fn packets_that_do_not_pass_vanish_and_dark_bytes_are_counted() {
    let demo = fixture("demo.pcapng");
    let all = lines(&["list", &demo, "--json"]).len();
    for (observer, passes, reads_link) in
        [("you", all, true), ("isp", 90, false), ("wifi", all, true), ("lan", 2, true)]
    {
        let list = lines(&["list", &demo, "--json", "--as", observer]);
        assert_eq!(list.len(), passes, "{observer}");
        for line in &list {
            assert_eq!(line["captured"], sum(line), "{observer}: {line}");
            assert_eq!(line["bytes"].get("link").is_some(), reads_link, "{observer}: {line}");
        }
        let captured: u64 = list.iter().map(|line| line["captured"].as_u64().unwrap()).sum();
        let exposure = lines(&["exposure", &demo, "--by", "capture", "--json", "--as", observer]);
        assert_eq!((exposure[0]["captured"].as_u64(), sum(&exposure[0])), (Some(captured), captured), "{observer}");
    }
}

#[test]
fn no_command_tells_what_the_observer_does_not_see() {
    let demo = fixture("demo.pcapng");
    let printed = |arguments: &[&str], observer: &str| {
        let mut arguments = arguments.to_vec();
        arguments.insert(1, &demo);
        arguments.extend(["--as", observer]);
        let output = husk(&arguments);
        assert!([0, 2].contains(&code(&output)), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    };
    let flow = "10";
    let commands: [&[&str]; 14] = [
        &["list"],
        &["flows"],
        &["messages"],
        &["exposure"],
        &["names"],
        &["neighbours"],
        &["journey"],
        &["leaks"],
        &["report", "-o", "-"],
        &["fields", "-e", "eth.src", "-e", "ip.src", "-e", "tls.handshake.extensions_server_name"],
        &["lanes", flow],
        &["session", flow],
        &["follow", flow, "--hex"],
        &["units", flow],
    ];
    let you: Vec<String> = commands.iter().map(|command| printed(command, "you")).collect();
    assert!(you.iter().all(|text| !text.is_empty()), "all commands tell something of it to you");
    for command in commands {
        let isp = printed(command, "isp");
        assert!(!isp.contains("00:00:5e:00:53"), "{command:?}: the provider sees no link address\n{isp}");
        let wifi = printed(command, "wifi");
        for dark in ["203.0.113", "news.example", "2001:db8"] {
            assert!(!wifi.contains(dark), "{command:?}: {dark} is encrypted on the air\n{wifi}");
        }
        assert!(!printed(command, "origin").contains("192.168.1.23"), "{command:?}");
    }
    for (observer, number, shown) in [("isp", "25", false), ("wifi", "25", true), ("isp", "40", true)] {
        let text = printed(&["show", number], observer);
        assert_eq!(!text.is_empty(), shown, "{observer} {number}");
        assert!(!text.contains("192.168.1.23") || observer == "isp", "{text}");
        assert!(!text.contains("00:00:5e:00:53:23") || observer != "isp", "{text}");
    }
}

#[test]
fn a_filter_sees_no_more_than_the_observer() {
    let demo = fixture("demo.pcapng");
    let passing =
        |filter: &str, observer: &str| lines(&["list", &demo, "--json", "-Y", filter, "--as", observer]).len();
    assert!(passing("eth.src", "you") > 0 && passing("ip.src", "isp") > 0);
    assert_eq!(passing("eth.src", "isp"), 0);
    assert_eq!(passing("ip.src", "wifi"), 0);
    assert_eq!(passing("not ip.src == 1.2.3.4", "origin"), 0, "what is gone does not pass by not being there");
    assert_eq!(passing("sealed.bytes == 0", "origin"), 0);
}

#[test]
fn names_are_those_that_the_observer_can_know() {
    // The resolver at home was asked; the provider sees requests alone.
    let sources = |observer: &str| {
        let flows = lines(&["flows", &fixture("happy-eyeballs.pcap"), "--json", "--as", observer]);
        flows.iter().filter_map(|flow| flow["name_source"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(sources("you"), ["dns", "host"]);
    assert_eq!(sources("isp"), ["host"], "nobody asked the provider for the name");
}

fn read(path: &std::path::Path) -> (Source, Trace) {
    let mut pass = Pass::new(Source::open(path).unwrap());
    let trace = pass.run();
    (pass.into_source(), trace)
}

#[test]
fn what_is_left_of_any_capture_is_a_part_of_it_and_its_books_close() {
    let observers = Observers::known().unwrap();
    for path in fixtures::captures() {
        for name in ["isp", "lan", "wifi", "cdn"] {
            let (source, whole) = read(&path);
            let observer = observers.find(name).unwrap();
            let view = View::new(&whole, &source.fetch(), observer, &Local::default());
            let (_, trace) = read(&path);
            let trace = view.narrow(trace);
            let told = format!("{} as {name}", path.display());
            let mut total = Ledger::default();
            for number in 1..=trace.rows().len() as u32 {
                let (ledger, before) = (trace.ledger(number), whole.ledger(number));
                let passes = view.packet(&whole, number);
                assert_eq!(trace.row(number).unwrap().is_gone(), !passes, "{told}: packet {number}");
                let expected = |class: Class| if passes && observer.sees(class) { before.of(class) } else { 0 };
                assert!(Class::ALL.iter().all(|class| ledger.of(*class) == expected(*class)), "{told}: {number}");
                total += ledger;
            }
            assert_eq!(trace.total(), total, "{told}");
            let flows = books(&trace, &Names::new(&trace), Scope::Flow);
            let mut sum = Ledger::default();
            for book in &flows {
                sum += book.ledger;
            }
            assert_eq!(sum, total, "{told}: flows, and what is in none");
            let facts = trace.facts();
            assert!(facts.iter().all(|fact| view.packet(&whole, fact.packet)), "{told}");
            let shown = |trace: &Trace, of: &MessageRow| {
                let subject = String::from_utf8_lossy(trace.subject(of)).into_owned();
                (of.flow, of.first, of.last, of.offset, of.what, subject)
            };
            let all: std::collections::BTreeSet<_> = whole.messages().iter().map(|of| shown(&whole, &of)).collect();
            let left = trace.messages();
            for message in left {
                assert!(all.contains(&shown(&trace, &message)), "{told}: {message:?}");
            }
        }
    }
}
