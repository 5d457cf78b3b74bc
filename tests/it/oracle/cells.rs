//! Every field that both know, cell by cell, against tshark.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use husk::bytes::{Field, Kind};
use husk::protocols;

use super::{Table, cells, corpus, for_each};

/// Fields that must exist, and agree each by itself; `# part N` lines say since when.
const REQUIRED: &str = include_str!("required-fields.txt");

/// Where they disagree, looked at case by case: capture, fields, reason.
const EXAMINED: &str = include_str!("examined.tsv");

/// What must agree, of all cells that either side prints.
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

/// A copy of a capture whose secrets are of a type that nobody knows; `None` if it carries none.
fn without_secrets(mut bytes: Vec<u8>) -> Option<tempfile::NamedTempFile> {
    /// A pcapng block type and, eight bytes further, the type of its secrets: `TLSK`.
    const DECRYPTION_SECRETS: u32 = 0x0a;
    const TLS_KEY_LOG: u32 = 0x544c_534b;
    let mut carries = false;
    for make in [u32::to_le_bytes, u32::to_be_bytes] {
        let (block, secrets) = (make(DECRYPTION_SECRETS), make(TLS_KEY_LOG));
        for at in (0..bytes.len().saturating_sub(12)).step_by(4) {
            if bytes[at..].starts_with(&block) && bytes[at + 8..].starts_with(&secrets) {
                bytes[at + 8..at + 12].copy_from_slice(b"none");
                carries = true;
            }
        }
    }
    carries.then(|| {
        let mut copy = tempfile::NamedTempFile::new().unwrap();
        copy.write_all(&bytes).unwrap();
        copy
    })
}

#[derive(Default)]
struct Score {
    agreeing: usize,
    /// Disagreements that somebody has looked at.
    examined: usize,
    all: usize,
    examples: Vec<String>,
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
    let names: Vec<&str> = ours.iter().map(|field| field.name).collect();
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/oracle");
    std::fs::create_dir_all(&kept).unwrap();
    let version =
        names.iter().fold(0u64, |hash, name| name.bytes().fold(hash, |h, b| h.rotate_left(5) ^ u64::from(b)));
    let files = Table::read(&corpus.join("expected/files.tsv"));
    let (scores, uneven) = (Mutex::new(BTreeMap::<&str, Score>::new()), Mutex::new(Vec::new()));
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
        let mut scores = scores.lock().unwrap();
        for number in 0..found.len() {
            for (n, field) in ours.iter().enumerate() {
                let expected = theirs.get(number).and_then(|line| line.get(n)).map_or("", String::as_str);
                let cell = found.get(number).map(|packet| packet[n].join(",")).unwrap_or_default();
                if expected.is_empty() && cell.is_empty() {
                    continue;
                }
                let score = scores.entry(field.name).or_default();
                score.all += 1;
                if expected == cell {
                    score.agreeing += 1;
                } else if examined(file, field.name) {
                    score.examined += 1;
                } else if score.examples.len() < 3 {
                    let short = |text: &str| text.chars().take(60).collect::<String>();
                    score.examples.push(format!(
                        "{file} #{}: tshark {:?}, husk {:?}",
                        number + 1,
                        short(expected),
                        short(&cell)
                    ));
                }
            }
        }
    });
    let uneven = uneven.into_inner().unwrap();
    println!("{} captures in which tshark counts another number of frames are left out:", uneven.len());
    for line in &uneven {
        println!("    {line}");
    }
    assert!(uneven.len() * 50 < files.rows.len(), "too many captures cannot be compared");
    report(&scores.into_inner().unwrap());
}

/// `agreeing` of `all`, per cent.
#[allow(clippy::cast_precision_loss)] // counts of cells are far below 2^52
fn share(agreeing: usize, all: usize) -> f64 {
    agreeing as f64 / all as f64
}

/// Prints the table of agreement. Fails if too little agrees in all, or a required field disagrees where nobody
/// has looked.
fn report(scores: &BTreeMap<&str, Score>) {
    let required = required(1);
    let mut low = Vec::new();
    println!("{:>9} {:>9} {:>9} {:>9}  field (* is required)", "agree", "examined", "of", "% agree");
    for (name, score) in scores {
        let must = required.contains(name);
        println!(
            "{:>9} {:>9} {:>9} {:>9.3}  {name}{}",
            score.agreeing,
            score.examined,
            score.all,
            share(score.agreeing, score.all) * 100.0,
            if must { " *" } else { "" }
        );
        score.examples.iter().for_each(|example| println!("{:>41}{example}", ""));
        if must && score.agreeing + score.examined < score.all {
            low.push(*name);
        }
    }
    let (agreeing, all) = scores.values().fold((0, 0), |(a, b), score| (a + score.agreeing, b + score.all));
    let share = share(agreeing, all);
    println!("{agreeing:>9} {all:>19} {:>9.3}  in all", share * 100.0);
    let missing: Vec<_> = required.iter().filter(|name| protocols::field(name).is_none()).collect();
    assert!(missing.is_empty(), "fields that must exist and do not: {missing:?}");
    assert!(share >= AGREEMENT, "{:.3} % of cells agree", share * 100.0);
    assert!(low.is_empty(), "required fields that disagree where nobody has looked: {low:?}");
}
