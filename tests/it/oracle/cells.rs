//! Every field that both know, cell by cell, against tshark.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use husk::bytes::{Field, Kind};
use husk::protocols;

use super::rules::{EVIDENCE, Holding, Packet, RULES, Verdict};
use super::{Table, cells, corpus, for_each};

/// Fields that must exist, and agree each by itself; `# part N` lines say since when.
const REQUIRED: &str = include_str!("required-fields.txt");

/// Where they disagree, looked at case by case: capture, fields, reason.
const EXAMINED: &str = include_str!("examined.tsv");

/// What must agree, in all and of each required field: of the cells that either side prints, those are left out of which
/// husk says more, and those of which a rule says why they differ ([`super::rules`]).
const AGREEMENT: f64 = 0.995;

/// Names of fields that tshark has; `None` if there is no tshark.
fn tshark_fields() -> Option<BTreeSet<String>> {
    let output =
        Command::new("tshark").args(["-G", "fields"]).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(
        text.lines()
            .filter(|line| line.starts_with("F\t"))
            .filter_map(|line| line.split('\t').nth(2))
            .map(str::to_owned)
            .collect(),
    )
}

fn required(part: u8) -> Vec<&'static str> {
    let mut at = 0;
    let mut names = Vec::new();
    for line in REQUIRED.lines() {
        match line.strip_prefix("# part ") {
            Some(number) => at = number.trim().parse().unwrap_or(0),
            None if at != 0 && at <= part && !line.is_empty() => names.push(line),
            None => {}
        }
    }
    names
}

/// tshark's cells of one capture, kept in `kept`. Secrets that the capture carries are taken out first: husk
/// opens nothing with them, so tshark must not either.
fn tshark(capture: &Path, kept: &Path, names: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut text = String::new();
    if let Ok(file) = std::fs::File::open(kept) {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).ok()?;
    } else {
        let bytes = std::fs::read(capture).ok()?;
        let keyless = without_secrets(bytes);
        let mut command = Command::new("tshark");
        command.args(["-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-T", "fields", "-r"]);
        command.arg(keyless.as_ref().map_or(capture, tempfile::NamedTempFile::path));
        for name in names {
            command.args(["-e", name]);
        }
        text = String::from_utf8_lossy(&command.output().ok()?.stdout).into_owned();
        let mut file = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        file.write_all(text.as_bytes()).ok()?;
        std::fs::write(kept, file.finish().ok()?).ok()?;
    }
    Some(text.split_terminator('\n').map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// Where the types of the secrets stand that a capture carries.
fn secrets(bytes: &[u8]) -> Vec<usize> {
    /// A pcapng block type and, eight bytes further, the type of its secrets: `TLSK`.
    const DECRYPTION_SECRETS: u32 = 0x0a;
    const TLS_KEY_LOG: u32 = 0x544c_534b;
    let orders = [u32::to_le_bytes, u32::to_be_bytes].map(|make| (make(DECRYPTION_SECRETS), make(TLS_KEY_LOG)));
    let is_block = |at: &usize| {
        orders.iter().any(|(block, kind)| bytes[*at..].starts_with(block) && bytes[at + 8..].starts_with(kind))
    };
    (0..bytes.len().saturating_sub(12)).step_by(4).filter(is_block).map(|at| at + 8).collect()
}

/// Whether a capture carries secrets of TLS.
pub(super) fn carries_secrets(capture: &[u8]) -> bool {
    !secrets(capture).is_empty()
}

/// A copy of a capture whose secrets are of a type that nobody knows; `None` if it carries none.
fn without_secrets(mut bytes: Vec<u8>) -> Option<tempfile::NamedTempFile> {
    let places = secrets(&bytes);
    for at in &places {
        bytes[*at..at + 4].copy_from_slice(b"none");
    }
    (!places.is_empty()).then(|| {
        let mut copy = tempfile::NamedTempFile::new().unwrap();
        copy.write_all(&bytes).unwrap();
        copy
    })
}

#[derive(Default)]
struct Score {
    agreeing: usize,
    /// husk says more.
    more: usize,
    /// They differ for a reason that a rule gives.
    ruled: usize,
    all: usize,
    /// Disagreements of every kind but the ruled that nobody has looked at.
    unexamined: usize,
    examples: Vec<String>,
}

impl Score {
    /// Cells in which the two could agree.
    fn comparable(&self) -> usize {
        self.all - self.more - self.ruled
    }

    fn add(&mut self, other: &Score) {
        self.agreeing += other.agreeing;
        self.more += other.more;
        self.ruled += other.ruled;
        self.all += other.all;
    }
}

/// Every field of one capture: husk's cells, and tshark's.
struct Capture<'a> {
    file: &'a str,
    names: &'a [&'static str],
    /// Where the fields stand that the rules look at.
    evidence: &'a BTreeMap<&'static str, usize>,
    husk: &'a [Vec<Vec<String>>],
    tshark: &'a [Vec<String>],
}

impl Capture<'_> {
    fn husk(&self, number: usize, field: usize) -> String {
        self.husk.get(number).map(|packet| packet[field].join(",")).unwrap_or_default()
    }

    fn tshark(&self, number: usize, field: usize) -> &str {
        self.tshark.get(number).and_then(|line| line.get(field)).map_or("", String::as_str)
    }

    /// Compares every cell.
    fn score(&self, scores: &mut BTreeMap<&'static str, Score>, ruled: &mut BTreeMap<usize, usize>) {
        let place = |field: &str| self.evidence.get(field).copied();
        let mut holding = Holding::default();
        for number in 0..self.husk.len() {
            let husk = |field: &str| place(field).map_or(String::new(), |at| self.husk(number, at));
            let tshark = |field: &str| place(field).map_or("", |at| self.tshark(number, at)).to_owned();
            holding.look(number, &Packet { husk: &husk, tshark: &tshark });
        }
        let stream = place("tcp.stream").unwrap_or(0);
        for number in 0..self.husk.len() {
            let at = (number, self.husk(number, stream));
            for (field, name) in self.names.iter().enumerate() {
                let (expected, cell) = (self.tshark(number, field), self.husk(number, field));
                if expected.is_empty() && cell.is_empty() {
                    continue;
                }
                let score = scores.entry(name).or_default();
                score.all += 1;
                let verdict = holding.compare((at.0, &at.1), name, (&cell, expected), ',');
                match verdict {
                    Verdict::Agree => score.agreeing += 1,
                    Verdict::More => score.more += 1,
                    Verdict::Ruled(rule) => {
                        score.ruled += 1;
                        *ruled.entry(rule).or_default() += 1;
                    }
                    Verdict::Opened | Verdict::Differ => {}
                }
                if matches!(verdict, Verdict::More | Verdict::Differ) && !examined(self.file, name) {
                    score.unexamined += 1;
                    if score.examples.len() < 3 {
                        let short = |text: &str| text.chars().take(60).collect::<String>();
                        let (expected, cell) = (short(expected), short(&cell));
                        let file = self.file;
                        score.examples.push(format!("{file} #{}: tshark {expected:?}, husk {cell:?}", number + 1));
                    }
                }
            }
        }
    }
}

/// Whether a disagreement on `field` in `file` is one that was examined.
pub(super) fn examined(file: &str, field: &str) -> bool {
    EXAMINED.lines().filter(|line| !line.starts_with('#')).any(|line| {
        let mut columns = line.split('\t');
        let (Some(capture), Some(fields), Some(_why)) = (columns.next(), columns.next(), columns.next()) else {
            panic!("examined.tsv: not three columns: {line}");
        };
        file.starts_with(capture) && fields.split(',').any(|of| of == "*" || field.starts_with(of))
    })
}

#[test]
fn fields() {
    let Some(corpus) = corpus() else { return };
    if std::env::var("HUSK_ORACLE").as_deref() != Ok("full") {
        println!("skipped: set HUSK_ORACLE=full to compare every field with tshark (some ten minutes)");
        return;
    }
    let Some(theirs) = tshark_fields() else {
        println!("skipped: there is no tshark here");
        return;
    };
    let ours: Vec<&'static Field> =
        protocols::fields().filter(|field| field.kind != Kind::Group && theirs.contains(field.name)).collect();
    let names: Vec<&'static str> = ours.iter().map(|field| field.name).collect();
    let evidence =
        (0..).zip(&names).filter(|(_, name)| EVIDENCE.contains(name)).map(|(at, name)| (*name, at)).collect();
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/oracle");
    std::fs::create_dir_all(&kept).unwrap();
    let version =
        names.iter().fold(0u64, |hash, name| name.bytes().fold(hash, |h, b| h.rotate_left(5) ^ u64::from(b)));
    let files = Table::read(&corpus.join("expected/files.tsv"));
    let (scores, uneven) = (Mutex::new((BTreeMap::new(), BTreeMap::new())), Mutex::new(Vec::new()));
    for_each(&files.rows, |row| {
        let file = &row[0];
        let kept = kept.join(format!("{}-{version:016x}.gz", file.replace('/', "__")));
        let Some(theirs) = tshark(&corpus.join(file), &kept, &names) else { return };
        let found = cells(&corpus.join(file), &ours);
        if found.len() != theirs.len() {
            // tshark counts pcapng's custom blocks as frames, or stopped elsewhere in a damaged file: no packet
            // could be told to be the same. `packet_counts` holds husk's count to another reader's.
            uneven.lock().unwrap().push(format!("{file}: tshark {}, husk {}", theirs.len(), found.len()));
            return;
        }
        let capture = Capture { file, names: &names, evidence: &evidence, husk: &found, tshark: &theirs };
        let (scores, ruled) = &mut *scores.lock().unwrap();
        capture.score(scores, ruled);
    });
    let uneven = uneven.into_inner().unwrap();
    println!("{} captures in which tshark counts another number of frames are left out:", uneven.len());
    for line in &uneven {
        println!("    {line}");
    }
    assert!(uneven.len() * 50 < files.rows.len(), "too many captures cannot be compared");
    let (scores, ruled) = scores.into_inner().unwrap();
    for (rule, count) in ruled {
        println!("{count:>9} cells are left out: {}", RULES[rule].reason);
    }
    report(&scores);
}

/// `agreeing` of `all`, per cent.
#[allow(clippy::cast_precision_loss)] // counts of cells are far below 2^52
fn share(agreeing: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { agreeing as f64 / all as f64 }
}

/// Prints the table of agreement. Fails if too little agrees, in all or of a required field, or if a required field
/// disagrees where nobody has looked.
fn report(scores: &BTreeMap<&'static str, Score>) {
    let required = required(3);
    let (mut low, mut unexamined, mut in_all) = (Vec::new(), Vec::new(), Score::default());
    println!(
        "{:>9} {:>7} {:>7} {:>9} {:>8} {:>8}  field (* is required)",
        "agree", "more", "ruled", "of", "% of all", "% agree"
    );
    for (name, score) in scores {
        let must = required.contains(name);
        print(name, score, must);
        score.examples.iter().for_each(|example| println!("{:>41}{example}", ""));
        in_all.add(score);
        if must && share(score.agreeing, score.comparable()) < AGREEMENT {
            low.push(*name);
        }
        if must && score.unexamined > 0 {
            unexamined.push(*name);
        }
    }
    print("in all", &in_all, false);
    let missing: Vec<_> = required.iter().filter(|name| protocols::field(name).is_none()).collect();
    assert!(missing.is_empty(), "fields that must exist and do not: {missing:?}");
    assert!(share(in_all.agreeing, in_all.comparable()) >= AGREEMENT, "too few cells agree");
    assert!(low.is_empty(), "required fields of which too few cells agree: {low:?}");
    assert!(unexamined.is_empty(), "required fields that disagree where nobody has looked: {unexamined:?}");
}

fn print(name: &str, score: &Score, must: bool) {
    println!(
        "{:>9} {:>7} {:>7} {:>9} {:>8.3} {:>8.3}  {name}{}",
        score.agreeing,
        score.more,
        score.ruled,
        score.all,
        share(score.agreeing, score.all) * 100.0,
        share(score.agreeing, score.comparable()) * 100.0,
        if must { " *" } else { "" }
    );
}
