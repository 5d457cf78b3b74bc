//! Captures cut and changed: nothing panics, nothing hangs, memory and work stay within what the input's size allows,
//! and everything holds that holds of whole captures.
//!
//! ```text
//! cargo test --test it mutation                                                       a little of each fixture
//! HUSK_CORPUS=DIR HUSK_MUTATE=SEED cargo test --release --test it mutation -- --nocapture     all of a corpus
//! ```
//!
//! The second reads each capture as it is, cuts it at 200 places and changes it at 1,000; with `HUSK_MUTATE=SEED/N` only at every Nth of
//! them. Memory and work are counted, not timed: bytes that are held at a time, and bytes that are asked for in all.

use std::path::{Path, PathBuf};

use allocation_counter::{AllocationInfo, measure};
use husk::capture::Source;

use crate::fixtures::captures;
use crate::holds;

/// Places at which a capture is cut.
const CUTS: u64 = 200;
/// Places at which it is changed.
const CHANGES: u64 = 1_000;
/// Packets that are explained, and flows that are followed, of each damaged capture: spread over all of them.
const LOOKED_AT: usize = 6;

/// Numbers that look random and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % (end.max(1) as u64)) as usize
    }
}

/// One way of damaging a capture.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// It is whole.
    None,
    /// Only so many 200ths of it are left, and some bytes.
    Cut(u64),
    /// Bytes are others.
    Changed(u64),
}

impl Damage {
    fn all() -> impl Iterator<Item = Damage> {
        (0..CUTS).map(Damage::Cut).chain((0..CHANGES).map(Damage::Changed))
    }

    /// The capture with this damage. Places are spread evenly and moved by the dice, so that small captures are
    /// damaged everywhere.
    fn of(self, whole: &[u8], seed: u64) -> Vec<u8> {
        let (n, of) = match self {
            Damage::None => return whole.to_vec(),
            Damage::Cut(n) => (n, CUTS),
            Damage::Changed(n) => (n, CHANGES),
        };
        let mut dice = Dice(seed ^ (n << 32) ^ whole.len() as u64);
        let (from, to) = (whole.len() as u64 * n / of, whole.len() as u64 * (n + 1) / of);
        let place = from as usize + dice.below((to - from) as usize);
        if let Damage::Cut(_) = self {
            return whole[..place].to_vec();
        }
        let mut bytes = whole.to_vec();
        // A byte alone finds what one field does; several together what fields do to each other.
        let others = if n % 2 == 0 { 0 } else { dice.below(8) };
        let near = |dice: &mut Dice| (place + dice.below(64)) % whole.len();
        let places = [place].into_iter().chain((0..others).map(|_| near(&mut dice)));
        for at in places.collect::<Vec<_>>() {
            let interesting = [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ (1 << dice.below(8)), dice.below(256) as u8];
            bytes[at] = interesting[dice.below(interesting.len())];
        }
        bytes
    }
}

/// What a step may ask of memory: so many bytes, and so many more for each byte of the capture.
struct Budget {
    step: &'static str,
    at_a_time: (u64, u64),
    in_all: (u64, u64),
}

const MIB: u64 = 1 << 20;

/// The most that was met on the corpus, and as much again. What is fixed: blocks of the file, the table of files' first
/// packets, tables of names that are read once.
const PASS: Budget = Budget { step: "pass", at_a_time: (MIB, 16), in_all: (2 * MIB, 32) };
/// A listening pass also keeps bodies and what is noted of them.
const LISTEN: Budget = Budget { step: "listening pass", at_a_time: (2 * MIB, 16), in_all: (8 * MIB, 512) };
/// For each packet: the flow from its last checkpoint on is read again.
const EXPLAIN: Budget = Budget { step: "explain", at_a_time: (MIB, 16), in_all: (2 * MIB, 256) };
/// For each flow, five times over: its messages, what carried them, text, hexadecimal digits, the bytes of both sides.
const FOLLOW: Budget = Budget { step: "follow", at_a_time: (2 * MIB, 32), in_all: (8 * MIB, 512) };
/// Ten reports.
const TELL: Budget = Budget { step: "report", at_a_time: (2 * MIB, 16), in_all: (4 * MIB, 512) };

/// The most that steps asked of memory, in percent of their budgets.
#[derive(Clone, Copy, Debug, Default)]
struct Most([(u64, u64); 5]);

impl Budget {
    /// Holds what was measured to the budget, `times` over; gives percents of it. The tree of the `largest` packet may
    /// be held beside: a field for every other byte, of some hundred bytes.
    fn hold(&self, (bytes, largest): (usize, u32), times: u64, measured: AllocationInfo) -> (u64, u64) {
        let of = |(fixed, each): (u64, u64)| fixed + each * bytes as u64;
        let (held, asked) = (of(self.at_a_time) + 256 * u64::from(largest), of(self.in_all) * times.max(1));
        let step = self.step;
        assert!(measured.bytes_max <= held, "{step} held {} bytes, {held} are allowed", measured.bytes_max);
        assert!(
            measured.bytes_total <= asked,
            "{step} asked for {} bytes, {asked} are allowed",
            measured.bytes_total
        );
        (measured.bytes_max * 100 / held, measured.bytes_total * 100 / asked)
    }
}

/// Some of `count`, spread over all of them.
fn some(count: usize) -> impl Iterator<Item = u32> + Clone {
    let step = count.div_ceil(LOOKED_AT).max(1);
    (0..count as u32).step_by(step)
}

/// Reads a capture in every way and holds what must hold.
fn examine(bytes: &[u8], most: &mut Most) {
    let mut read = None;
    let pass = measure(|| read = holds::read(bytes));
    let Some((source, trace)) = read else { return };
    // What is packed counts unpacked.
    let size = bytes.len().max(trace.total().total() as usize);
    let (fetch, packets, flows) = (source.fetch(), trace.rows().len(), trace.flows().all().len());
    holds::sums(&trace);
    let again = Source::from_bytes(bytes.to_vec()).expect("it was opened a moment ago");
    let listen = measure(|| holds::looking_changes_nothing(&trace, again));
    let explain = measure(|| holds::explaining_agrees(&trace, &fetch, some(packets).map(|at| at + 1)));
    let follow = measure(|| some(flows).for_each(|flow| holds::following_agrees(&trace, &fetch, flow)));
    let tell = measure(|| holds::telling_is_tame(&source, &trace));
    let largest = trace.rows().iter().map(|row| row.captured).max().unwrap_or(0);
    let times = |count| some(count).count() as u64;
    let steps = [
        (PASS, 1, pass),
        (LISTEN, 1, listen),
        (EXPLAIN, times(packets), explain),
        (FOLLOW, times(flows), follow),
        (TELL, 1, tell),
    ];
    for ((budget, times, measured), (held, asked)) in steps.into_iter().zip(&mut most.0) {
        let (now, in_all) = budget.hold((size, largest), times, measured);
        (*held, *asked) = ((*held).max(now), (*asked).max(in_all));
    }
}

/// Damages a capture in all ways that are asked for. Says which one it was if something does not hold.
fn damage(path: &Path, seed: u64, ways: impl Iterator<Item = Damage>, most: &mut Most) -> Result<u64, String> {
    let whole = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut done = 0;
    for way in ways.filter(|_| !whole.is_empty()) {
        let bytes = way.of(&whole, seed);
        let examined = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| examine(&bytes, most)));
        if let Err(panic) = examined {
            let why =
                panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(ToString::to_string));
            let kept =
                std::env::temp_dir().join(format!("husk-mutation-{seed}-{way:?}-{done}").replace(['(', ')'], ""));
            std::fs::write(&kept, &bytes).map_err(|error| error.to_string())?;
            let (path, why) = (path.display(), why.unwrap_or_default());
            return Err(format!("{path} {way:?} with seed {seed} (kept as {}): {why}", kept.display()));
        }
        done += 1;
    }
    Ok(done)
}

#[test]
fn damaged_fixtures_hold() {
    let mut most = Most::default();
    for (n, path) in captures().into_iter().enumerate() {
        // Each fixture in other ways.
        let ways = Damage::all().enumerate().filter(|(at, _)| at % 397 == n % 397).map(|(_, way)| way);
        damage(&path, 1, ways, &mut most).unwrap();
    }
    println!("most, in percent of budgets: {:?}", most.0);
    assert!(most.0.iter().all(|(held, asked)| *held > 1 && *asked > 0), "nothing was measured: {most:?}");
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_damaged_corpus_holds() {
    let Some((corpus, asked)) = std::env::var_os("HUSK_CORPUS").zip(std::env::var("HUSK_MUTATE").ok()) else {
        println!("skipped: set HUSK_CORPUS to a folder of captures and HUSK_MUTATE to a seed");
        return;
    };
    let (seed, every) = asked.split_once('/').unwrap_or((&asked, "1"));
    let (seed, every): (u64, usize) = (seed.parse().expect("a seed"), every.parse().expect("SEED/N"));
    let mut paths = Vec::new();
    files(Path::new(&corpus), &mut paths);
    paths.sort_by_key(|path| {
        Dice(seed ^ path.as_os_str().len() as u64 ^ path.metadata().map_or(0, |of| of.len())).below(usize::MAX)
    });
    let (mut most, mut done, mut broken) = (Most::default(), 0, Vec::new());
    for (n, path) in paths.iter().enumerate() {
        let ways = Damage::all().skip((seed as usize).wrapping_add(n) % every).step_by(every);
        let ways = ways.chain([Damage::None]);
        match damage(path, seed, ways, &mut most) {
            Ok(damaged) => done += damaged,
            Err(why) => {
                println!("{why}");
                broken.push(why);
            }
        }
        if n % 100 == 99 {
            println!(
                "{} of {} files, {done} damaged captures, most in percent of budgets {:?}",
                n + 1,
                paths.len(),
                most.0
            );
        }
    }
    println!("{} files, {done} damaged captures, most in percent of budgets {:?}", paths.len(), most.0);
    assert!(broken.is_empty(), "{} of {} files", broken.len(), paths.len());
}
