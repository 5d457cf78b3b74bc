//! The lengths that husk infers behind sealed records, against what tshark finds there with the keys.
//!
//! tshark tells the length of each record and of its plaintext in its debug file alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use husk::capture::Source;
use husk::exposure::sizes::{record, sealings};
use husk::trace::Pass;

use super::{Table, corpus};

/// A record that was opened.
#[derive(Clone, Copy, Default)]
struct Opened {
    /// The packet that completed it.
    packet: u32,
    /// Its length.
    length: u64,
    /// The length of its plaintext, without what only fills it.
    plain: Option<u64>,
    /// The last byte of the plaintext: in TLS 1.3 its type, or a zero of padding.
    last: u8,
}

/// What tshark opens of a capture.
fn opened(path: &Path, keys: Option<&Path>) -> Vec<Opened> {
    let debug = tempfile::NamedTempFile::new().unwrap();
    let mut tshark = Command::new("tshark");
    tshark.args(["-n", "-o", &format!("tls.debug_file:{}", debug.path().display()), "-r"]).arg(path);
    if let Some(keys) = keys {
        tshark.args(["-o", &format!("tls.keylog_file:{}", keys.display())]);
    }
    // One pass, and nothing is printed.
    let status = tshark.args(["-Y", "frame.number == 0"]).stderr(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.unwrap().success(), "{}", path.display());
    told(&std::fs::read_to_string(debug.path()).unwrap())
}

/// The number behind `before` in a line.
fn number(line: &str, before: &str) -> Option<u64> {
    let (_, rest) = line.split_once(before)?;
    rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}

/// Understands the debug file: for each record its length, then its plaintext, then whether its tag or MAC was right.
fn told(debug: &str) -> Vec<Opened> {
    let (mut all, mut now) = (Vec::new(), Opened::default());
    let is_dump = |line: &str| line.starts_with("| ");
    let mut mac = false;
    for line in debug.lines() {
        let begins = [number(line, "dissect_ssl enter frame #"), number(line, "decrypt_ssl3_record: app_data len ")];
        match begins {
            [None, None] => {}
            [packet, length] => {
                all.push(now);
                let packet = packet.map_or(now.packet, |packet| packet as u32);
                (now, mac) = (Opened { packet, length: length.unwrap_or(0), ..Opened::default() }, false);
            }
        }
        if let Some(bytes) = number(line, "Plaintext[") {
            now.plain = Some(bytes);
        } else if let Some(bytes) = number(line, "checking mac (len ") {
            (now.plain, mac) = (Some(bytes), true);
        } else if is_dump(line) && now.plain.is_some() && !mac {
            let digits = line.split('|').nth(1).unwrap_or("");
            let mut bytes = digits.split_whitespace().filter_map(|byte| u8::from_str_radix(byte, 16).ok());
            now.last = bytes.next_back().unwrap_or(now.last);
        } else if line.contains("mac failed") || line.contains("auth_tag mismatch") {
            now.plain = None;
        }
    }
    all.push(now);
    all.retain(|opened| opened.plain.is_some());
    all
}

#[test]
fn plaintexts_are_as_long_as_is_inferred() {
    let Some(corpus) = corpus() else { return };
    if Command::new("tshark").arg("-v").stdout(Stdio::null()).status().is_err() {
        println!("skipped: tshark is not installed");
        return;
    }
    let mut captures: BTreeSet<(String, String)> = BTreeSet::new();
    for table in ["decrypted_frames.tsv", "decrypted_tls_streams.tsv"] {
        let table = Table::read(&corpus.join("expected").join(table));
        let keys = table.column("keys");
        captures.extend(table.rows.iter().map(|row| (row[0].clone(), row[keys].clone())));
    }
    let (mut compared, mut padded, mut wrong, mut without) = (0, 0, Vec::new(), BTreeMap::new());
    for (file, keys) in &captures {
        let path = corpus.join(file);
        let keys = (keys != "DSB").then(|| corpus.join(keys));
        let trace = Pass::new(Source::open(&path).unwrap()).run();
        let sealings = sealings(&trace);
        let mut records: BTreeMap<(u32, u64), Vec<u32>> = BTreeMap::new();
        for message in trace.messages() {
            if let Some(length) = record(&message) {
                records.entry((message.last, length)).or_default().push(message.flow);
            }
        }
        for Opened { packet, length, plain, last } in opened(&path, keys.as_deref()) {
            let flow = records.get(&(packet, length)).and_then(|flows| flows.first()).copied();
            let sealing = flow.and_then(|flow| sealings[flow as usize].map(|sealing| (flow, sealing)));
            let Some((flow, sealing)) = sealing else {
                *without.entry(file.as_str()).or_insert(0) += 1;
                continue;
            };
            let is_13 = trace.flows().all()[flow as usize].stack().contains(&"tls1.3");
            // The type stands behind what was said; behind it may be padding, which the inference leaves out.
            let plain = plain.unwrap() - u64::from(is_13);
            if is_13 && last == 0 {
                padded += 1;
                continue;
            }
            compared += 1;
            let inferred = sealing.plaintext(length);
            if !inferred.holds(plain) {
                wrong.push(format!(
                    "{file} packet {packet}: {length} bytes, {} inferred, {plain} found",
                    inferred.text()
                ));
            }
        }
    }
    println!(
        "{compared} sealed records of {} captures compared; padded: {padded}; not found, or without a known suite: {without:?}",
        captures.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 300, "only {compared} records were compared");
}
