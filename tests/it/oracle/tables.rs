//! Known answers, row by row: tables that tshark made of the corpus, against husk's fields.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use husk::bytes::Field;
use husk::protocols;

use super::cells::examined;
use super::{Table, cells, corpus, for_each};

/// What must agree, or be a disagreement that `examined.tsv` names, of all rows of a table.
const AGREEMENT: f64 = 0.99;

/// Cells of so many characters were cut when the tables were made.
const CUT: usize = 300;

/// A table and the fields that its columns hold. Where several fields stand in one column, so they do here,
/// with a comma between them.
struct Known {
    table: &'static str,
    columns: &'static [(&'static str, &'static str)],
}

const TABLES: &[Known] = &[
    Known {
        table: "tls_client",
        columns: &[
            ("sni", "tls.handshake.extensions_server_name,dtls.handshake.extensions_server_name"),
            ("alpn", "tls.handshake.extensions_alpn_str,dtls.handshake.extensions_alpn_str"),
        ],
    },
    Known {
        table: "tls_server",
        columns: &[
            ("hs_types", "tls.handshake.type"),
            ("version", "tls.handshake.version"),
            ("supported_version", "tls.handshake.extensions.supported_version"),
            ("cipher", "tls.handshake.ciphersuite"),
            ("alpn", "tls.handshake.extensions_alpn_str"),
            ("cert_dns", "x509ce.dNSName"),
            ("alert", "tls.alert_message.desc"),
        ],
    },
    Known {
        table: "dhcp_ssh",
        columns: &[
            ("dhcp_type", "dhcp.option.dhcp"),
            ("hostname", "dhcp.option.hostname"),
            ("ssh_protocol", "ssh.protocol"),
        ],
    },
    Known {
        table: "quic",
        columns: &[
            ("version", "quic.version"),
            ("long_types", "quic.long.packet_type"),
            ("dcid", "quic.dcid"),
            ("scid", "quic.scid"),
        ],
    },
    Known {
        table: "dns",
        columns: &[
            ("qr", "dns.flags.response"),
            ("rcode", "dns.flags.rcode"),
            ("tc", "dns.flags.truncated"),
            ("qname", "dns.qry.name"),
            ("qtype", "dns.qry.type"),
            ("answers", "dns.count.answers"),
            ("a", "dns.a"),
            ("aaaa", "dns.aaaa"),
            ("cname", "dns.cname"),
        ],
    },
    Known {
        table: "http",
        columns: &[
            ("method", "http.request.method"),
            ("host", "http.host"),
            ("uri", "http.request.uri"),
            ("user_agent", "http.user_agent"),
            ("status", "http.response.code"),
            ("content_type", "http.content_type"),
            ("h2_authority", "http2.headers.authority"),
            ("h2_path", "http2.headers.path"),
            ("h2_status", "http2.headers.status"),
        ],
    },
    Known {
        table: "ipfrag",
        columns: &[
            ("ip_id", "ip.id"),
            ("mf", "ip.flags.mf"),
            ("frag_offset", "ip.frag_offset"),
            ("ip4_reassembled_len", "ip.reassembled.length"),
            ("ip6_frag_offset", "ipv6.fraghdr.offset"),
            ("ip6_reassembled_len", "ipv6.reassembled.length"),
            ("overlap", "ip.fragment.overlap,ipv6.fragment.overlap"),
            ("overlap_conflict", "ip.fragment.overlap.conflict,ipv6.fragment.overlap.conflict"),
        ],
    },
];

/// Captures whose own secrets tshark used when the tables were made: it also shows what they seal.
const OPENED_BY_TSHARK: [&str; 2] = ["own-dsb/", "gopacket/pcapgo/tests/le/test301.pcapng"];

/// Captures whose custom blocks tshark numbers as frames.
const NUMBERED_OTHERWISE: [&str; 2] =
    ["pcapng-gen/output_be/advanced/test102.pcapng", "pcapng-gen/output_be/basic/test018.pcapng"];

/// A table's rows that agree, those whose disagreement was examined, how many there are, and what the others say.
struct Compared {
    agreeing: usize,
    examined: usize,
    all: usize,
    wrong: Vec<String>,
}

/// Compares the columns of a table with fields.
fn compare(corpus: &Path, known: &Known) -> Compared {
    let table = Table::read(&corpus.join(format!("expected/{}.tsv", known.table)));
    let mut fields: Vec<&'static Field> = Vec::new();
    let mut columns = Vec::new();
    for (column, names) in known.columns {
        let from = fields.len();
        fields
            .extend(names.split(',').map(|name| protocols::field(name).unwrap_or_else(|| panic!("no field {name}"))));
        columns.push((*column, table.column(column), from..fields.len()));
    }
    let frame = table.column("frame");
    let files: Vec<_> = table.by_file().into_iter().filter(|(file, _)| !NUMBERED_OTHERWISE.contains(file)).collect();
    let rows: usize = files.iter().map(|(_, rows)| rows.len()).sum();
    let (wrong, known_of) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    for_each(&files, |(file, rows)| {
        let cells = cells(&corpus.join(file), &fields);
        let opened = known.table == "tls_server" && OPENED_BY_TSHARK.iter().any(|begin| file.starts_with(begin));
        for row in rows {
            let number: usize = row[frame].parse().unwrap();
            let (mut differing, mut all_examined) = (Vec::new(), true);
            for (column, place, of) in &columns {
                let expected = row.get(*place).map_or("", String::as_str);
                let found = cells.get(number - 1).map(|packet| packet[of.clone()].concat().join("|"));
                let found = found.unwrap_or_default();
                let cut = expected.len() >= CUT && found.starts_with(expected);
                // What is sealed comes behind what is not.
                if expected != found && !(opened && expected.starts_with(&found)) && !cut {
                    differing.push(format!("{column}: expected {expected:?}, found {found:?}"));
                    let of = fields.get(of.clone()).unwrap_or_default();
                    all_examined &= of.iter().any(|field| examined(file, field.name));
                }
            }
            if !differing.is_empty() && all_examined {
                known_of.fetch_add(1, Ordering::Relaxed);
            }
            if !differing.is_empty() {
                wrong.lock().unwrap().push(format!("{file} packet {number} {}", differing.join("; ")));
            }
        }
    });
    let (all, wrong) = (rows, wrong.into_inner().unwrap());
    Compared { agreeing: all - wrong.len(), examined: known_of.into_inner(), all, wrong }
}

#[test]
#[allow(clippy::cast_precision_loss)] // counts of rows are far below 2^52
fn known_answers() {
    let Some(corpus) = corpus() else { return };
    let mut failed = Vec::new();
    for known in TABLES {
        let compared = compare(&corpus, known);
        let Compared { agreeing, examined, all, .. } = compared;
        println!("{}.tsv: {agreeing} of {all} rows agree, {examined} disagreements were examined", known.table);
        compared.wrong.iter().take(40).for_each(|line| println!("    {line}"));
        if ((agreeing + examined) as f64) < AGREEMENT * all as f64 {
            failed.push(known.table);
        }
    }
    assert!(failed.is_empty(), "too few rows agree: {}", failed.join(", "));
}

/// In these, flows in several VLANs have the same addresses; tshark takes them for one flow, and what the one
/// sends for the other's retransmissions.
const MERGED_BY_TSHARK: [&str; 3] = [
    "own-torture/vlan-collision.pcap",
    "zeek/testing/btest/Traces/vlan-collisions.pcap",
    "zeek/doc/advanced/devel/plugins/connkey-vxlan-fivetuple-plugin-src/Traces/vxlan-overlapping-http-get.pcap",
];

/// The verdicts of TCP's analysis, packet by packet: those that either side gives.
#[test]
#[allow(clippy::cast_precision_loss)]
fn tcp_anomalies() {
    let Some(corpus) = corpus() else { return };
    let table = Table::read(&corpus.join("expected/tcp_anomalies.tsv"));
    let (frame, flags) = (table.column("frame"), table.column("flags"));
    // What `tcp.segment.*` says hangs on which segments tshark's dissectors ask it to put together.
    let verdicts = |row: &[String]| -> BTreeSet<String> {
        row[flags].split(',').filter(|flag| flag.starts_with("analysis.")).map(|flag| format!("tcp.{flag}")).collect()
    };
    let known: BTreeSet<String> = table.rows.iter().flat_map(|row| verdicts(row)).collect();
    let fields: Vec<&'static Field> =
        known.iter().map(|name| protocols::field(name).unwrap_or_else(|| panic!("no field {name}"))).collect();
    let files: Vec<_> = table.by_file().into_iter().filter(|(file, _)| !MERGED_BY_TSHARK.contains(file)).collect();
    let counted = Mutex::new((0, Vec::new()));
    for_each(&files, |(file, rows)| {
        let expected: BTreeMap<usize, BTreeSet<String>> =
            rows.iter().map(|row| (row[frame].parse().unwrap(), verdicts(row))).collect();
        for (number, packet) in (1..).zip(cells(&corpus.join(file), &fields)) {
            let found: BTreeSet<String> = fields
                .iter()
                .zip(&packet)
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(f, _)| f.name.to_owned())
                .collect();
            let expected = expected.get(&number).cloned().unwrap_or_default();
            if found.is_empty() && expected.is_empty() {
                continue;
            }
            let mut counted = counted.lock().unwrap();
            counted.0 += 1;
            if found != expected {
                counted.1.push(format!("{file} packet {number}: expected {expected:?}, found {found:?}"));
            }
        }
    });
    let (all, wrong) = counted.into_inner().unwrap();
    println!("tcp_anomalies.tsv: {} of {all} packets agree", all - wrong.len());
    wrong.iter().take(40).for_each(|line| println!("    {line}"));
    assert!(all > 0 && wrong.len() as f64 <= (1.0 - AGREEMENT) * all as f64, "too few packets agree");
}
