use std::cell::Cell;
use std::path::{Path, PathBuf};

use super::*;
use crate::capture::{Options, Progress, Source};
use crate::trace::Pass;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn read(name: &str) -> (Trace, Fetch) {
    run(Source::open(&fixture(name)).unwrap())
}

fn run(source: Source) -> (Trace, Fetch) {
    let mut pass = Pass::new(source);
    (pass.run(), pass.source().fetch())
}

/// A capture of IPv4 packets, one a second.
fn capture(packets: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 228] {
        file.extend(word.to_le_bytes());
    }
    for (packet, second) in packets.zip(0_u32..) {
        let length = packet.len() as u32;
        for word in [second, 0, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// An IPv4 packet; `fragment` is its third word.
fn ipv4(protocol: u8, fragment: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 20 + payload.len() as u8];
    packet.extend(fragment);
    packet.extend([64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    packet.extend(payload);
    packet
}

/// A capture of one TCP connection: so many segments of TLS records, three segments a record.
fn long_flow(segments: u32) -> (Trace, Fetch) {
    const LENGTH: u32 = 15;
    let record = [&[0x17, 3, 3, 0, 40][..], &[0xaa; 40]].concat();
    let segment = |n: u32| {
        let mut tcp = vec![0xc0, 0, 1, 187];
        tcp.extend((1 + n * LENGTH).to_be_bytes());
        tcp.extend([0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0]);
        tcp.extend(&record[(n % 3 * LENGTH) as usize..][..LENGTH as usize]);
        ipv4(6, [0; 4], &tcp)
    };
    run(Source::from_bytes(capture((0..segments).map(segment))).unwrap())
}

/// An explainer that keeps a state every so many packets.
fn keeping(every: u32, most: usize) -> Explainer {
    Explainer { checkpoints: Checkpoints::new(every, most) }
}

/// All that an explanation says.
fn said(explained: Option<Explained>) -> String {
    format!("{:?}", explained.expect("there is such a packet"))
}

/// Captures with everything that a state holds: sealed records that cross packets, loss, fragments, tunnels, datagrams.
const FIXTURES: &[&str] = &[
    "any-sll2.pcap",
    "browser-h3.pcapng",
    "browser-hrr.pcapng",
    "demo.pcapng",
    "dns-truncated-tcp.pcap",
    "fragments.pcap",
    "http-page.pcap",
    "https-tls12.pcap",
    "icmp-unreachable.pcap",
    "snap-96.pcap",
    "tcp-zero-window.pcap",
    "tls-resumption.pcapng",
    "vxlan.pcap",
];

#[test]
fn from_a_checkpoint_it_is_as_from_the_start() {
    for name in FIXTURES {
        let (trace, fetch) = read(name);
        // Long flows would be replayed from their start too often.
        let last = (trace.rows().len() as u32).min(400);
        let whole: Vec<String> = (1..=last).map(|n| said(explain(&trace, &fetch, n).unwrap())).collect();
        for (every, most) in [(1, 1000), (3, 5), (7, 2)] {
            let mut explainer = keeping(every, most);
            // Forwards, backwards, and to and fro.
            let to_and_fro = (1..=last).map(|n| if n % 2 == 0 { n } else { last + 1 - n });
            for number in (1..=last).chain((1..=last).rev()).chain(to_and_fro) {
                let explained = said(explainer.explain(&fetch, number, || Some(&trace)).unwrap());
                assert!(explained == whole[number as usize - 1], "{name} packet {number}, every {every}");
                assert!(explainer.checkpoints.len() <= most);
            }
        }
    }
}

#[test]
fn while_the_capture_grows_nothing_is_kept_that_lacks_a_fragment() {
    // A datagram in two fragments, and between them a whole one of the same flow.
    let udp = [&[0xc0, 0, 0, 9, 0, 32, 0, 0][..], &[7; 24]].concat();
    let packets = [
        ipv4(17, [0, 1, 0x20, 0], &udp[..16]),
        ipv4(17, [0, 2, 0, 0], &udp),
        ipv4(17, [0, 1, 0, 2], &udp[16..]),
        ipv4(17, [0, 3, 0, 0], &udp),
    ];
    let options = Options { block_size: 1, ..Options::default() };
    let source = Source::from_bytes_with(capture(packets.into_iter()), options).unwrap();
    let (mut pass, mut explainer) = (Pass::new(source), keeping(1, 1000));
    let (mut trace, fetch) = (pass.trace(), pass.source().fetch());
    let mut known = 1;
    while pass.step(&mut trace) == Progress::Packets {
        assert!(trace.rows().len() as u32 <= known, "one packet at a time");
        for number in known..=trace.rows().len() as u32 {
            explainer.explain(&fetch, number, || Some(&trace)).unwrap();
        }
        known = trace.rows().len() as u32 + 1;
    }
    assert_eq!(known, 5);
    for number in 1..known {
        let explained = said(explainer.explain(&fetch, number, || Some(&trace)).unwrap());
        assert_eq!(explained, said(explain(&trace, &fetch, number).unwrap()), "packet {number}");
    }
}

#[test]
fn checkpoints_are_bounded_and_thin_out() {
    const SEGMENTS: u32 = 2500;
    let (trace, fetch) = long_flow(SEGMENTS);
    let mut explainer = keeping(10, 8);
    explainer.explain(&fetch, SEGMENTS, || Some(&trace)).unwrap();
    assert!((4..=8).contains(&explainer.checkpoints.len()), "{}", explainer.checkpoints.len());
    // Wherever one goes now, a replay begins not farther away than twice the spacing of eight.
    for number in 1..=SEGMENTS {
        let begins = explainer.checkpoints.last_before(0, number).map_or(1, |state| state.next);
        assert!(number - begins <= 2 * SEGMENTS.div_ceil(8), "packet {number} is far from packet {begins}");
    }
}

#[test]
fn of_many_flows_the_states_used_last_are_kept() {
    let (trace, fetch) = read("demo.pcapng");
    let mut explainer = keeping(1000, 3);
    let firsts: Vec<(u32, u32)> = trace.flows().all().iter().map(|flow| (flow.number, flow.last)).take(5).collect();
    for (_, number) in &firsts {
        explainer.explain(&fetch, *number, || Some(&trace)).unwrap();
    }
    let kept = firsts.iter().map(|(flow, number)| explainer.checkpoints.last_before(*flow, *number).is_some());
    assert_eq!(kept.collect::<Vec<_>>(), [false, false, true, true, true]);
}

#[test]
fn a_replay_that_nobody_wants_ends_and_another_one_goes_on_from_there() {
    let last = 2 * PACKETS as u32;
    let (trace, fetch) = long_flow(last);
    let mut explainer = keeping(u32::MAX, 100);
    // The first look begins, the second replays a stretch, the third is refused.
    let looks = Cell::new(0);
    let twice = || {
        looks.set(looks.get() + 1);
        (looks.get() <= 2).then_some(&trace)
    };
    assert!(explainer.explain(&fetch, last, twice).unwrap().is_none());
    assert_eq!(looks.get(), 3);
    let reached = explainer.checkpoints.last_before(0, last).unwrap().next;
    assert_eq!(reached, PACKETS as u32 + 1);
    let explained = explainer.explain(&fetch, last, || Some(&trace)).unwrap();
    assert_eq!(said(explained), said(explain(&trace, &fetch, last).unwrap()));
}

#[test]
fn there_is_no_packet_beyond_the_last() {
    let (trace, fetch) = read("dns.pcap");
    let beyond = trace.rows().len() as u32 + 1;
    assert!([0, beyond, u32::MAX].iter().all(|number| explain(&trace, &fetch, *number).unwrap().is_none()));
}

#[test]
fn the_course_tells_what_was_sent_again() {
    let (trace, fetch) = read("tcp-loss-receiver.pcap");
    let moments = course(&trace, &fetch, 0, usize::MAX).unwrap().expect("flow 0");
    assert_eq!(moments.len(), trace.flows().all()[0].packets.iter().sum::<u32>() as usize);
    let noted =
        |name: &str| moments.iter().filter(|moment| moment.notes.iter().any(|note| note.name == name)).count();
    assert!(noted("tcp.analysis.out_of_order") + noted("tcp.analysis.retransmission") > 0);
    assert!(noted("tcp.analysis.duplicate_ack") > 0);
    assert!(course(&trace, &fetch, 999, 1).unwrap().is_none());
}
