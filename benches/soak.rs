//! Captures looped through one process: its memory must stay flat.
//!
//! ```text
//! cargo bench --bench soak                                       the fixtures, for ten seconds
//! HUSK_SOAK=3600 HUSK_CORPUS=DIR cargo bench --bench soak        an hour, and every capture below a folder
//! ```
//!
//! Each capture is read whole, some packets are explained, a flow is followed, and what leaks is told. Once a round the
//! resident memory is printed; the program fails if it grew by more than a tenth and 32 MiB since the second round.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use husk::capture::Source;
use husk::explain;
use husk::exposure::leak::Context;
use husk::exposure::{Leaks, Names};
use husk::trace::Pass;

/// What may be added to a tenth, in KiB: the allocator keeps pages of the largest capture so far.
const SLACK: u64 = 32 << 10;

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Resident memory in KiB (proc(5), `VmRSS`).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Reads a capture in every way; gives its packets.
fn read(path: &Path) -> usize {
    let Ok(source) = Source::open(path) else { return 0 };
    let mut pass = Pass::new(source);
    let trace = pass.run();
    let fetch = pass.source().fetch();
    let packets = trace.rows().len();
    for number in (1..=packets as u32).step_by(packets / 8 + 1) {
        let explained = explain::explain(&trace, &fetch, number).unwrap().unwrap();
        assert_eq!(explained.ledger(), trace.ledger(number));
    }
    if let Some(flow) = trace.flows().all().first() {
        explain::stream(&trace, &fetch, flow.number).unwrap();
    }
    let names = Names::new(&trace);
    Leaks::of(&trace, &names, &fetch, &Context::default()).unwrap();
    packets
}

fn main() {
    let seconds = std::env::var("HUSK_SOAK").map_or(10, |seconds| seconds.parse().unwrap());
    let folder = std::env::var_os("HUSK_CORPUS").map_or("fixtures".into(), PathBuf::from);
    let mut captures = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut captures);
    let begun = Instant::now();
    let (mut packets, mut settled, mut told) = (0, None, 0);
    for round in 1.. {
        packets += captures.iter().map(|path| read(path)).sum::<usize>();
        let (now, elapsed) = (resident(), begun.elapsed());
        if told == 0 || elapsed.as_secs() >= told {
            println!("round {round}, {} s: {packets} packets, {now} KiB resident", elapsed.as_secs());
            told = elapsed.as_secs() + 60;
        }
        if round == 2 {
            settled = Some(now);
        }
        if let Some(settled) = settled {
            assert!(now <= settled + settled / 10 + SLACK, "{now} KiB in round {round}, {settled} KiB in round 2");
        }
        if elapsed >= Duration::from_secs(seconds) && round > 2 {
            println!("{round} rounds over {} files: flat", captures.len());
            break;
        }
    }
}
