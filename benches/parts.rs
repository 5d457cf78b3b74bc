//! Parts of the pass, each alone: headers, the table of flows, an assembly, and captures of one protocol.
//!
//! `cargo bench --bench parts`. Each counts packets (or messages), so divan's last column is how many a second.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use divan::counter::ItemsCount;
use husk::bytes::{Assembly, Class, Fact, Findings, Ledger, Piece};
use husk::capture::{Block, Progress, Source};
use husk::flow::{Books, Flows, MessageRow, Seen};
use husk::packet::{self, Frame};
use husk::protocols::{Addresses, Endpoints, Outline, Side, TcpOutline, Transport};
use husk::trace::Pass;

fn main() {
    divan::main();
}

fn fixture(name: &str) -> Arc<[u8]> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap().into()
}

/// The packets of a fixture.
fn packets(name: &str) -> Vec<Vec<u8>> {
    let mut source = Source::from_bytes(fixture(name)).unwrap();
    let mut block = Block::new();
    let mut packets = Vec::new();
    while source.next_block(&mut block) == Progress::Packets {
        packets.extend(block.packets().map(|(_, bytes)| bytes.to_vec()));
    }
    packets
}

/// Books that keep nothing.
struct Nothing;

impl Books for Nothing {
    fn settle(&mut self, _packet: u32, _at: u32, _length: u32, _class: Class) {}
    fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
        Ledger::NOTHING
    }
    fn message(&mut self, _message: MessageRow, _subject: &str) {}
    fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: &Fact) {}
}

#[divan::bench(args = ["http-page.pcap", "vlan.pcap"])]
fn headers(bencher: divan::Bencher, name: &str) {
    let packets = packets(name);
    let (mut findings, mut outline) = (Findings::counting(), Outline::default());
    bencher.counter(ItemsCount::new(packets.len())).bench_local(|| {
        for bytes in &packets {
            findings.clear();
            let frame = Frame { link_type: 1, length: bytes.len() as u32, fcs_length: None };
            packet::walk_into(&mut outline, frame, bytes, &mut findings, None);
            divan::black_box(&outline);
        }
    });
}

/// Bare acknowledgments, of as many flows in turn.
#[divan::bench(args = [100, 12_000, 1_000_000], sample_count = 10)]
fn flow_table(bencher: divan::Bencher, count: u32) {
    const PACKETS: u32 = 1 << 20;
    let mut flows = Flows::default();
    let mut outlines: Vec<Outline> = Vec::new();
    let mut number = 0_u32;
    let mut give = |packets: u32| {
        for _ in 0..packets / Flows::TOUCHED as u32 {
            outlines.resize_with(Flows::TOUCHED, Outline::default);
            for (n, outline) in (number..).zip(&mut outlines) {
                // An odd factor: all flows in an order that is none.
                let flow = n.wrapping_mul(0x9e37_79b1) % count;
                let addresses = Addresses::V4(flow.to_be_bytes(), [192, 0, 2, 1]);
                outline.endpoints =
                    Some(Endpoints { addresses, ip_number: 6, ports: Some((50_000, 443)), context: 0 });
                outline.transport = Some(Transport::Tcp);
                outline.tcp = Some(TcpOutline { flags: TcpOutline::ACK, length: Some(0), ..TcpOutline::default() });
            }
            flows.touch(&outlines);
            for outline in &mut outlines {
                number += 1;
                flows.packet(Seen { number, time: 0, bytes: &[] }, outline, &mut Nothing, None);
            }
        }
    };
    give(PACKETS);
    bencher.counter(ItemsCount::new(PACKETS)).bench_local(|| give(PACKETS));
}

/// Pieces of 1,000 bytes that are used up ten at a time.
#[divan::bench]
fn assembly(bencher: divan::Bencher) {
    const PIECES: u64 = 10_000;
    bencher.counter(ItemsCount::new(PIECES)).bench_local(|| {
        let mut assembly = Assembly::new();
        let mut found = 0;
        for n in 0..PIECES {
            assembly.add(Piece { offset: n * 1000, length: 1000, packet: n as u32, at: 66 });
            if n % 10 == 9 {
                found += assembly.origins((n - 9) * 1000, (n + 1) * 1000).count();
                assembly.forget_before((n + 1) * 1000);
            }
        }
        found
    });
}

/// The whole pass over captures of one kind: hellos and certificates, sealed records, DNS messages, QUIC Initials.
#[divan::bench(args = ["https-tls12.pcap", "https-tls13.pcapng", "dns.pcap", "browser-h3.pcapng"])]
fn pass(bencher: divan::Bencher, name: &str) {
    let bytes = fixture(name);
    let messages = Pass::new(Source::from_bytes(Arc::clone(&bytes)).unwrap()).run().messages().len();
    bencher.counter(ItemsCount::new(messages)).bench_local(|| {
        let trace = Pass::new(Source::from_bytes(Arc::clone(&bytes)).unwrap()).run();
        divan::black_box(trace.messages().len())
    });
}
