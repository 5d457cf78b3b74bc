//! Every field that a page load shows has a sentence, and the sentences are fit for somebody who never saw a packet.

use std::collections::{BTreeMap, BTreeSet};

use husk::bytes::{Class, Field, Kind};
use husk::glossary;
use husk::protocols;

use crate::picture::Read;

/// Protocols of which every field has a sentence.
const SPOKEN_OF: &[&str] = &[
    "frame",
    "eth",
    "vlan",
    "ieee8021ad",
    "arp",
    "ip",
    "ipv6",
    "ipv6.hopopts",
    "ipv6.dstopts",
    "ipv6.routing",
    "ipv6.fraghdr",
    "icmp",
    "icmpv6",
    "tcp",
    "udp",
    "dns",
    "dhcp",
    "tls",
    "dtls",
    "x509af",
    "quic",
    "http",
    "http2",
];

/// The longest sentence, in characters: three lines of a terminal.
const LONGEST: usize = 260;
/// A shorter one says no more than a label.
const SHORTEST: usize = 25;

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2);
    words.map(str::to_lowercase).filter(|word| !matches!(word.as_str(), "the" | "and" | "for")).collect()
}

#[test]
fn every_field_of_the_protocols_most_seen_has_a_sentence() {
    let mut without = Vec::new();
    for protocol in protocols::LIST {
        if SPOKEN_OF.contains(&protocol.name()) {
            let fields = std::iter::once(&protocol.heading).chain(protocol.fields.iter().copied());
            let lacks = |field: &&Field| glossary::sentence(field).is_none();
            without.extend(fields.filter(lacks).map(|field| field.name));
        }
    }
    assert!(without.is_empty(), "{} fields without a sentence: {without:#?}", without.len());
    let unknown: Vec<_> =
        SPOKEN_OF.iter().filter(|name| protocols::LIST.iter().all(|p| p.name() != **name)).collect();
    assert!(unknown.is_empty(), "no such protocols: {unknown:?}");
}

#[test]
fn a_sentence_is_about_a_field_that_there_is() {
    let known = |name: &str| match name.split_once(" = ") {
        // ICMP's codes only mean something together with a type: `icmp.code = 3/1`.
        Some((field, value)) => {
            protocols::field(field).is_some() && value.split('/').all(|part| part.parse::<u64>().is_ok())
        }
        None => protocols::field(name).is_some(),
    };
    let stray: Vec<_> = glossary::entries().iter().map(|entry| entry.name).filter(|name| !known(name)).collect();
    assert!(stray.is_empty(), "sentences about nothing: {stray:#?}");
}

#[test]
fn a_sentence_says_more_than_the_label_and_no_more_than_fits() {
    let mut wrong = Vec::new();
    for entry in glossary::entries() {
        let length = entry.sentence.chars().count();
        if !(SHORTEST..=LONGEST).contains(&length) {
            wrong.push(format!("{}: {length} characters", entry.name));
        }
        if !entry.sentence.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '"' | 'h')) {
            wrong.push(format!("{}: begins with a small letter", entry.name));
        }
        if !entry.sentence.ends_with(['.', '?', '"']) {
            wrong.push(format!("{}: does not end", entry.name));
        }
        let label = protocols::field(entry.name).map_or(BTreeSet::new(), |field| words(field.label));
        if words(&entry.sentence).difference(&label).count() < 4 {
            wrong.push(format!("{}: says hardly more than its label", entry.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_two_fields_share_a_sentence() {
    let mut by_sentence: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in glossary::entries() {
        by_sentence.entry(&entry.sentence).or_default().push(entry.name);
    }
    let shared: Vec<_> = by_sentence.values().filter(|names| names.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:#?}");
}

/// Fields whose bytes are of whatever class their content is.
const OF_ANY_CLASS: &[&str] = &["tcp.payload"];

#[test]
fn a_field_is_said_to_be_of_the_class_that_its_bytes_are_of() {
    let names = ["browser-h3.pcapng", "https-tls12.pcap", "http-bodies.pcap", "wireguard.pcapng", "dhcp.pcap"];
    let mut found: BTreeMap<&str, (Class, BTreeMap<Class, u32>)> = BTreeMap::new();
    for name in names {
        let read = Read::open(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name));
        for number in 1..=read.trace.rows().len().min(40) as u32 {
            let explained = read.explain(number);
            let nodes = explained.tree.nodes().iter().filter(|node| node.source == 0 && node.start < node.end);
            for node in nodes.filter(|node| node.field.kind != Kind::Group) {
                let classes = &explained.classes[node.start as usize..node.end as usize];
                if classes.iter().all(|class| *class == classes[0]) {
                    let counts = &mut found.entry(node.field.name).or_insert((node.field.class, BTreeMap::new())).1;
                    *counts.entry(classes[0]).or_default() += 1;
                }
            }
        }
    }
    assert!(found.len() > 150, "{} fields were found", found.len());
    let most =
        |counts: &BTreeMap<Class, u32>| counts.iter().max_by_key(|(_, count)| **count).map(|(class, _)| *class);
    let wrong: Vec<_> = found
        .iter()
        .filter(|(name, (said, counts))| most(counts) != Some(*said) && !OF_ANY_CLASS.contains(name))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
