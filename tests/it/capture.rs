//! Captures: every file of the corpus against what another reader says of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use husk::capture::{Block, Progress, Source};

/// The corpus, if it is here (`HUSK_CORPUS`).
fn corpus() -> Option<PathBuf> {
    std::env::var_os("HUSK_CORPUS").map(PathBuf::from)
}

/// Where the table is wrong, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "clusterfuzz-testcase-minimized-FuzzTarget-6604968558198784",
        "version 2.2 gives the two lengths in the other order; libpcap and tshark find the one packet as we do",
    ),
    (
        "crash-pcapng-epb-unbounded-length",
        "the packet has no byte in its block, so it is cut; the table counts it as whole",
    ),
];

/// What a reader says of a capture, in the words of `expected/files.tsv`.
#[derive(Default, Debug)]
struct Said {
    frames: u64,
    cut: u64,
    link_types: BTreeSet<u32>,
    first: Option<i64>,
    last: Option<i64>,
    damage: Option<String>,
}

fn read(path: &Path) -> Said {
    let mut said = Said::default();
    let mut source = match Source::open(path) {
        Ok(source) => source,
        Err(error) => {
            said.damage = Some(error.to_string());
            return said;
        }
    };
    let mut block = Block::new();
    let fetch = source.fetch();
    let mut again = Vec::new();
    while source.next_block(&mut block) == Progress::Packets {
        for (head, bytes) in block.packets() {
            assert_eq!(bytes.len(), head.captured as usize);
            if said.frames.is_multiple_of(17) {
                fetch.read(head.position, head.captured, &mut again).expect("a packet that was read is still there");
                assert_eq!(again, bytes);
            }
            said.frames += 1;
            said.cut += u64::from(head.missing() > 0);
            said.last = head.timed.then_some(head.time);
            if said.frames == 1 {
                said.first = said.last;
            }
        }
    }
    assert_eq!(source.next_block(&mut block), Progress::End);
    said.link_types = source.interfaces().iter().map(|interface| interface.link_type).collect();
    said.damage = source.damage().map(ToString::to_string);
    said
}

/// Seconds with a fraction, as the table has them (`1340954905.298858000`), in nanoseconds.
fn nanoseconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.')?;
    Some(seconds.parse::<i64>().ok()?.saturating_mul(1_000_000_000).saturating_add(fraction.parse::<i64>().ok()?))
}

#[test]
fn every_file_of_the_corpus_has_the_packets_that_another_reader_finds() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: HUSK_CORPUS is not set");
        return;
    };
    let table = fs::read_to_string(corpus.join("expected/files.tsv")).expect("the table");
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name: &str| header.iter().position(|cell| *cell == name).expect("a column");
    let (frames, cut, links, first, last) = (
        column("frames_own_reader"),
        column("truncated_frames"),
        column("linktypes"),
        column("first_ts"),
        column("last_ts"),
    );
    let (blocks, note, rc) = (column("blocks"), column("reader_note"), column("tshark_rc"));
    let mut wrong = [0; 5];
    let mut files = 0;
    for row in lines {
        files += 1;
        let said = read(&corpus.join(row[0]));
        let link_types: BTreeSet<u32> =
            row[links].split(',').filter_map(|n| n.parse::<u32>().ok()).map(|n| n & 0x03ff_ffff).collect();
        // The times are tshark's: they wrap at 32 bits where a fraction is a second or more, and end where tshark gave up.
        let timely = !row[note].contains("bad subsec") && !row[note].contains("last pkt cut") && row[rc] == "0";
        let time = |cell: usize, ours: Option<i64>| {
            !timely || row[cell].is_empty() || ours.is_none() || nanoseconds(row[cell]) == ours
        };
        let simple = row[blocks].contains("SPB"); // the table does not count cut packets in simple packet blocks
        let agreed = [
            said.frames.to_string() == row[frames],
            simple || said.cut.to_string() == row[cut],
            said.link_types == link_types,
            time(first, said.first),
            time(last, said.last),
        ];
        if agreed.contains(&false) && EXCEPTIONS.iter().any(|(name, _)| row[0].ends_with(name)) {
            println!("{}: {said:?}, an exception", row[0]);
            continue;
        }
        for (count, agreed) in wrong.iter_mut().zip(agreed) {
            *count += u32::from(!agreed);
        }
        if agreed.contains(&false) {
            println!(
                "{}: {said:?}, expected {} {} {} {} {}",
                row[0], row[frames], row[cut], row[links], row[first], row[last]
            );
        }
    }
    println!(
        "{files} files; not agreed: packets {}, cut {}, link types {}, first time {}, last time {}",
        wrong[0], wrong[1], wrong[2], wrong[3], wrong[4]
    );
    assert_eq!(wrong, [0; 5]);
}
