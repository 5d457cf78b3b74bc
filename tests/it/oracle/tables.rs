//! Known answers, row by row: tables that tshark made of the corpus, against husk's fields.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use husk::bytes::Field;
use husk::protocols;

use super::cells::{carries_secrets, examined};
use super::rules::{EVIDENCE, Holding, Packet, Verdict};
use super::{Table, cells, corpus, for_each};

/// What must agree of the rows of a table: those are left out of which husk says more, or a rule says why they differ.
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

/// Captures whose custom blocks tshark numbers as frames.
const NUMBERED_OTHERWISE: [&str; 2] =
    ["pcapng-gen/output_be/advanced/test102.pcapng", "pcapng-gen/output_be/basic/test018.pcapng"];

/// A table's rows.
#[derive(Default)]
struct Compared {
    all: usize,
    agreeing: usize,
    /// husk says more.
    more: usize,
    /// They differ for a reason that a rule gives.
    ruled: usize,
    /// Rows, not counted among all, in which tshark also says what it opened with secrets in the capture.
    opened: usize,
    /// All but those that agree.
    wrong: Vec<String>,
    /// Those of them that nobody has looked at.
    unexamined: usize,
}

/// The fields of a table's columns, and those that the rules look at.
struct Columns {
    fields: Vec<&'static Field>,
    /// Of each column its name, its place in the table, and its fields.
    columns: Vec<(&'static str, usize, std::ops::Range<usize>)>,
}

impl Columns {
    fn of(known: &Known, table: &Table) -> Columns {
        let field = |name: &str| protocols::field(name).unwrap_or_else(|| panic!("no field {name}"));
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for (column, names) in known.columns {
            let from = fields.len();
            fields.extend(names.split(',').map(field));
            columns.push((*column, table.column(column), from..fields.len()));
        }
        fields.extend(EVIDENCE.iter().map(|name| field(name)));
        Columns { fields, columns }
    }

    /// What husk says of a field in a packet.
    fn husk(&self, packet: &[Vec<String>], name: &str) -> String {
        let place = self.fields.iter().position(|field| field.name == name);
        place.and_then(|at| packet.get(at)).map(|cell| cell.join(",")).unwrap_or_default()
    }

    /// What the table says of a field in a row.
    fn tshark(&self, row: &[String], name: &str) -> String {
        let of = |(_, _, fields): &&(&str, usize, std::ops::Range<usize>)| {
            self.fields[fields.clone()].iter().any(|field| field.name == name)
        };
        let place = self.columns.iter().find(of).map(|(_, place, _)| *place);
        place.and_then(|at| row.get(at)).map(|cell| cell.replace('|', ",")).unwrap_or_default()
    }
}

/// Compares the columns of a table with fields.
fn compare(corpus: &Path, known: &Known) -> Compared {
    let table = Table::read(&corpus.join(format!("expected/{}.tsv", known.table)));
    let columns = Columns::of(known, &table);
    let frame = table.column("frame");
    let files: Vec<_> = table.by_file().into_iter().filter(|(file, _)| !NUMBERED_OTHERWISE.contains(file)).collect();
    let compared = Mutex::new(Compared::default());
    for_each(&files, |(file, rows)| {
        let cells = cells(&corpus.join(file), &columns.fields);
        let opened = std::fs::read(corpus.join(file)).is_ok_and(|bytes| carries_secrets(&bytes));
        let number = |row: &[String]| row[frame].parse::<usize>().unwrap() - 1;
        let nothing = Vec::new();
        let packet = |row: &[String]| cells.get(number(row)).unwrap_or(&nothing);
        let mut holding = Holding::default();
        let told: BTreeMap<usize, &&[String]> = rows.iter().map(|row| (number(row), row)).collect();
        for (number, packet) in cells.iter().enumerate() {
            let husk = |name: &str| columns.husk(packet, name);
            let tshark = |name: &str| told.get(&number).map(|row| columns.tshark(row, name)).unwrap_or_default();
            holding.look(number, &Packet { husk: &husk, tshark: &tshark });
        }
        for row in rows {
            let told = compare_row(&columns, &holding, number(row), (packet(row), row), opened);
            enter(&mut compared.lock().unwrap(), file, number(row) + 1, &told);
        }
    });
    compared.into_inner().unwrap()
}

/// What differs in a row: how, in which field, and in words.
type Told = Vec<(Verdict, &'static str, String)>;

fn compare_row(
    columns: &Columns,
    holding: &Holding,
    number: usize,
    (packet, row): (&[Vec<String>], &[String]),
    opened: bool,
) -> Told {
    let stream = columns.husk(packet, "tcp.stream");
    let mut told = Told::new();
    for (column, place, of) in &columns.columns {
        let expected = row.get(*place).map_or("", String::as_str);
        let found = packet.get(of.clone()).map(|cells| cells.concat().join("|")).unwrap_or_default();
        let cut = expected.len() >= CUT && found.starts_with(expected);
        let field = columns.fields[of.start].name;
        let mut verdict = holding.compare((number, &stream), field, (&found, expected), '|');
        // With the capture's own secrets tshark also says what is sealed, behind what is in clear.
        if verdict == Verdict::Differ && opened && expected.starts_with(&found) {
            verdict = Verdict::Opened;
        }
        if verdict != Verdict::Agree && !cut {
            told.push((verdict, field, format!("{column}: expected {expected:?}, found {found:?}")));
        }
    }
    told
}

/// Counts a row.
fn enter(compared: &mut Compared, file: &str, number: usize, told: &Told) {
    let Some(worst) = told.iter().map(|(verdict, ..)| *verdict).max_by_key(|verdict| match verdict {
        Verdict::Agree => 0,
        Verdict::Opened => 1,
        Verdict::Ruled(_) => 2,
        Verdict::More => 3,
        Verdict::Differ => 4,
    }) else {
        (compared.all, compared.agreeing) = (compared.all + 1, compared.agreeing + 1);
        return;
    };
    if worst == Verdict::Opened {
        compared.opened += 1;
        return;
    }
    compared.all += 1;
    let looked_at = |(verdict, field, _): &(Verdict, &'static str, String)| {
        matches!(verdict, Verdict::Ruled(_) | Verdict::Opened) || examined(file, field)
    };
    match worst {
        Verdict::Ruled(_) => compared.ruled += 1,
        Verdict::More => compared.more += 1,
        Verdict::Agree | Verdict::Opened | Verdict::Differ => {}
    }
    compared.unexamined += usize::from(!told.iter().all(looked_at));
    let words: Vec<_> = told.iter().map(|(_, _, words)| words.as_str()).collect();
    compared.wrong.push(format!("{file} packet {number} {worst:?} {}", words.join("; ")));
}

#[test]
#[allow(clippy::cast_precision_loss)] // counts of rows are far below 2^52
fn known_answers() {
    let Some(corpus) = corpus() else { return };
    let mut failed = Vec::new();
    for known in TABLES {
        let Compared { all, agreeing, more, ruled, opened, wrong, unexamined } = compare(&corpus, known);
        let comparable = all - more - ruled;
        println!(
            "{}.tsv: {agreeing} of {all} rows agree ({:.2} %), {more} say more, {ruled} are ruled: {:.2} %; {opened} \
             more were opened with secrets; nobody has looked at {unexamined}",
            known.table,
            agreeing as f64 / all as f64 * 100.0,
            agreeing as f64 / comparable as f64 * 100.0,
        );
        wrong.iter().take(40).for_each(|line| println!("    {line}"));
        if (agreeing as f64) < AGREEMENT * comparable as f64 || unexamined as f64 > (1.0 - AGREEMENT) * all as f64 {
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
