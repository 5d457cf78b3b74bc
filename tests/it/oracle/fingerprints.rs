//! JA3 and JA4 of every hello of the corpus, against the table that was made of tshark's fields.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use husk::bytes::Field;
use husk::protocols;

use super::{Table, cells, corpus, for_each};

/// Rows that are wrong in the table, by file and packet, and why. Nothing else may differ.
const REASONS: &[(&str, u32, &str)] = &[(
    "suricata-verify/tests/smtp-errors/smtperr.pcap",
    151,
    "the server speaks plain SMTP and refuses the hello: husk stays with what the server speaks (docs/oracle.md)",
)];

/// Cells of so many characters were cut when the table was made.
const CUT: usize = 300;

#[test]
fn fingerprints_of_hellos() {
    let Some(corpus) = corpus() else { return };
    let table = Table::read(&corpus.join("expected/tls_client.tsv"));
    let frame = table.column("frame");
    let columns = ["ja3", "ja3_full", "ja4", "ja4_r"];
    let fields: Vec<&'static Field> = columns
        .iter()
        .flat_map(|name| ["", "d"].map(|letter| format!("{letter}tls.handshake.{name}")))
        .map(|name| protocols::field(&name).unwrap_or_else(|| panic!("no field {name}")))
        .collect();
    let wrong = Mutex::new(Vec::new());
    let compared = AtomicUsize::new(0);
    let files: Vec<_> = table.by_file().into_iter().collect();
    for_each(&files, |(file, rows)| {
        let cells = cells(&corpus.join(file), &fields);
        for row in rows {
            let number: u32 = row[frame].parse().unwrap();
            if REASONS.iter().any(|(of, packet, _)| of == file && *packet == number) {
                continue;
            }
            compared.fetch_add(1, Ordering::Relaxed);
            for (at, name) in columns.iter().enumerate() {
                let expected = row.get(table.column(name)).map_or("", String::as_str);
                let packet = cells.get(number as usize - 1);
                let found = packet.map(|packet| packet[2 * at..2 * at + 2].concat().join("|")).unwrap_or_default();
                let cut = expected.len() >= CUT && found.starts_with(expected);
                if expected != found && !cut {
                    let told = format!("{file} packet {number} {name}: expected {expected:?}, found {found:?}");
                    wrong.lock().unwrap().push(told);
                }
            }
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!("tls_client.tsv: {} rows compared, {} cells differ", compared.into_inner(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
