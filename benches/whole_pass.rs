//! The whole pass over a capture: walk, flows, reassembly, messages, facts, ledger; nothing is printed.
//!
//! `cargo bench --bench whole_pass` reads a capture that it makes itself (the fixtures, over and over);
//! `HUSK_BENCH=big.pcap cargo bench --bench whole_pass` reads yours. Prints nanoseconds a packet.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use husk::capture::{Block, Progress, Source};
use husk::trace::Pass;

/// Repetitions of the fixtures in the capture that is made when none is given.
const REPEAT: usize = 40;

/// A pcap of Ethernet packets: all such fixtures, again and again.
static CAPTURE: LazyLock<Arc<[u8]>> = LazyLock::new(|| {
    if let Some(path) = std::env::var_os("HUSK_BENCH") {
        return std::fs::read(path).unwrap().into();
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut records = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(mut source) = Source::open(&path) else { continue };
        let mut block = Block::new();
        while source.next_block(&mut block) != Progress::End {
            for (head, bytes) in block.packets() {
                if source.interfaces()[head.interface as usize].link_type == 1 {
                    let seconds = u32::try_from(head.time / 1_000_000_000).unwrap_or(0);
                    for word in [seconds, 0, head.captured, head.length] {
                        records.extend(word.to_le_bytes());
                    }
                    records.extend_from_slice(bytes);
                }
            }
        }
    }
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        file.extend(word.to_le_bytes());
    }
    for _ in 0..REPEAT {
        file.extend_from_slice(&records);
    }
    file.into()
});

static PACKETS: LazyLock<usize> =
    LazyLock::new(|| Pass::new(Source::from_bytes(Arc::clone(&CAPTURE)).unwrap()).run().rows().len());

fn main() {
    LazyLock::force(&PACKETS);
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn read_blocks(bencher: divan::Bencher) {
    bencher.counter(divan::counter::ItemsCount::new(*PACKETS)).bench_local(|| {
        let mut source = Source::from_bytes(Arc::clone(&CAPTURE)).unwrap();
        let mut block = Block::new();
        let mut packets = 0;
        while source.next_block(&mut block) == Progress::Packets {
            packets += block.len();
        }
        packets
    });
}

#[divan::bench(sample_count = 10)]
fn whole_pass(bencher: divan::Bencher) {
    bencher.counter(divan::counter::ItemsCount::new(*PACKETS)).bench_local(|| {
        let trace = Pass::new(Source::from_bytes(Arc::clone(&CAPTURE)).unwrap()).run();
        divan::black_box(trace.rows().len())
    });
}
