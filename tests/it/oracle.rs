//! husk against tshark and against known answers, on a corpus of captures that is not part of the project.
//!
//! ```text
//! HUSK_CORPUS=DIR cargo test --test it oracle -- --nocapture                    packet counts, names, streams
//! HUSK_CORPUS=DIR HUSK_ORACLE=full cargo test --release --test it oracle -- --nocapture      and every field
//! ```
//!
//! The corpus is a folder of captures with `expected/*.tsv` (tables made with tshark, several values in a
//! cell joined by `|`) and `own-torture/expected.json`. The full run needs tshark; what it says is kept in
//! `target/oracle`. `docs/oracle.md` lists where the two disagree, and why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use husk::bytes::{Field, Tree};
use husk::capture::Source;
use husk::trace::{Heard, Listener, Pass};

mod cells;
mod filters;
mod fingerprints;
mod leaks;
mod rules;
mod sizes;
mod tables;

/// The corpus, or a line that says why this test does nothing.
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("HUSK_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: set HUSK_CORPUS to a folder of captures with expected/files.tsv");
    }
    folder
}

/// A table with a heading line; cells by column name.
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Table {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let split = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines();
        Table { columns: split(lines.next().unwrap_or("")), rows: lines.map(split).collect() }
    }

    fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// Rows by file.
    fn by_file(&self) -> BTreeMap<&str, Vec<&[String]>> {
        let mut files: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
        for row in &self.rows {
            files.entry(&row[0]).or_default().push(row);
        }
        files
    }
}

/// Does `work` for each item, on as many threads as there are cores.
fn for_each<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

/// The cells of a capture: for each packet, for each field, its values.
struct Cells {
    fields: Vec<&'static Field>,
    packets: Vec<Vec<Vec<String>>>,
}

impl Listener for Cells {
    fn tree(&self) -> Tree {
        Tree::only(self.fields.clone())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        let of = |field: &&'static Field| {
            let nodes = heard.tree.nodes().iter().filter(|node| node.field == *field);
            nodes.map(|node| heard.tree.cell(node, heard.bytes)).collect()
        };
        self.packets.push(self.fields.iter().map(of).collect());
        true
    }
}

/// husk's cells for these fields. A capture that cannot be opened has no packets.
fn cells(path: &Path, fields: &[&'static Field]) -> Vec<Vec<Vec<String>>> {
    let mut cells = Cells { fields: fields.to_vec(), packets: Vec::new() };
    if let Ok(source) = Source::open(path) {
        Pass::new(source).with_listener(&mut cells).run();
    }
    cells.packets
}

/// Of version 2.2, whose two lengths are swapped: husk and tshark find a packet, the table's reader none.
const SWAPPED: &str = "pcapplusplus/Tests/Fuzzers/RegressionTests/regression_samples/\
                       clusterfuzz-testcase-minimized-FuzzTarget-6604968558198784";

#[test]
fn packet_counts() {
    let Some(corpus) = corpus() else { return };
    let files = Table::read(&corpus.join("expected/files.tsv"));
    let frames = files.column("frames_own_reader");
    let (wrong, slow) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    for_each(&files.rows, |row| {
        let path = corpus.join(&row[0]);
        let begun = std::time::Instant::now();
        let count = Source::open(&path).map_or(0, |source| Pass::new(source).run().rows().len());
        if begun.elapsed().as_secs() >= 10 {
            slow.lock().unwrap().push(format!("{}: {:?}", row[0], begun.elapsed()));
        }
        if row[frames] != count.to_string() && row[0] != SWAPPED {
            wrong.lock().unwrap().push(format!("{}: expected {}, read {count}", row[0], row[frames]));
        }
    });
    let (wrong, slow) = (wrong.into_inner().unwrap(), slow.into_inner().unwrap());
    println!("packet counts: {} of {} captures agree", files.rows.len() - wrong.len(), files.rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(slow.is_empty(), "over 10 s:\n{}", slow.join("\n"));
}
