//! Floods that are meant to fill memory: what is held stays under what `docs/speed.md` says, and what is let go is
//! counted.

use husk::capture::Source;
use husk::flow::limits;
use husk::trace::{Pass, Trace};

/// LINKTYPE_IPV4: packets begin with their IP header.
const IPV4: u32 = 228;
const SYN: u8 = 2;
const ACK: u8 = 16;

/// An IPv4 packet.
fn ip(number: u8, client: u32, id: u16, flags: u16, behind: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + behind.len() as u16).to_be_bytes());
    packet.extend(id.to_be_bytes());
    packet.extend(flags.to_be_bytes());
    packet.extend([64, number, 0, 0]);
    packet.extend(client.to_be_bytes());
    packet.extend([192, 0, 2, 1]);
    packet.extend(behind);
    packet
}

fn segment(client: u32, seq: u32, flags: u8, data: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xc0, 0, 0x1f, 0x90];
    segment.extend(seq.to_be_bytes());
    segment.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(data);
    ip(6, client, 0, 0x4000, &segment)
}

fn read(packets: impl Iterator<Item = Vec<u8>>) -> Trace {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, IPV4] {
        file.extend(word.to_le_bytes());
    }
    for (n, packet) in (0..).zip(packets) {
        let length = packet.len() as u32;
        for word in [n / 100_000, n % 100_000, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    Pass::new(Source::from_bytes(file).unwrap()).run()
}

#[test]
fn half_open_connections_cost_a_kilobyte_each_at_most() {
    const MANY: u32 = 100_000;
    let trace = read((0..MANY).map(|client| segment(0x0a00_0000 | client, client, SYN, b"")));
    assert_eq!(trace.flows().all().len(), MANY as usize);
    let each = trace.flows().weight() / MANY as usize;
    assert!(each <= 1024, "{each} bytes a flow");
}

#[test]
fn gaps_in_every_second_segment_hold_no_more_than_waits_for_a_hole() {
    const MANY: u32 = 100_000;
    const LENGTH: u32 = 100;
    let data = [7; LENGTH as usize];
    let begin = std::iter::once(segment(1, 0, SYN, b""));
    let segments = (0..MANY).map(|n| segment(1, 1 + 2 * n * LENGTH + LENGTH, ACK, &data));
    let trace = read(begin.chain(segments));
    let [flow] = trace.flows().all() else { panic!("one connection") };
    assert_eq!(flow.tcp().unwrap().missing(), u64::from(MANY) * u64::from(LENGTH));
    let held = trace.flows().weight();
    assert!(held <= 2 * limits::AHEAD, "{held} bytes");
}

#[test]
fn fragments_that_never_become_whole_are_let_go_and_counted() {
    const MANY: u32 = 100_000;
    const MORE: u16 = 0x2000;
    let fragments = (0..MANY).map(|n| ip(17, 0x0a00_0000 | n >> 8, n as u16, MORE, &[n as u8; 480]));
    let trace = read(fragments);
    assert_eq!(trace.flows().dropped().fragments, u64::from(MANY));
    assert_eq!(trace.rows().len(), MANY as usize);
    assert_eq!(trace.flows().all().len(), (MANY as usize).div_ceil(256));
    let total: u64 = trace.flows().all().iter().map(|flow| flow.ledger().total()).sum();
    assert_eq!(total, trace.total().total(), "every packet belongs to its hosts' flow");
}
