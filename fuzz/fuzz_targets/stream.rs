//! Both sides of a TCP flow, cut, shuffled and repeated as the input says: no panic, the books balance,
//! and the same bytes in order give the same messages.
#![no_main]

use husk::bytes::Ledger;
use husk::capture::Source;
use husk::trace::{Pass, Trace};
use libfuzzer_sys::fuzz_target;

/// A capture of raw IPv4 packets.
struct Capture(Vec<u8>);

impl Capture {
    fn new() -> Capture {
        let mut file = Vec::new();
        for word in [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 262_144, 101] {
            file.extend(if word == 0x0002_0004 { [0, 2, 0, 4] } else { word.to_be_bytes() });
        }
        Capture(file)
    }

    fn segment(&mut self, from_client: bool, seq: u32, flags: u8, payload: &[u8]) {
        let (source, destination) = if from_client { ([10, 0, 0, 1], [10, 0, 0, 2]) } else { ([10, 0, 0, 2], [10, 0, 0, 1]) };
        let ports: [u16; 2] = if from_client { [40_000, 443] } else { [443, 40_000] };
        let length = 40 + payload.len() as u32;
        for word in [1, 0, length, length] {
            self.0.extend(word.to_be_bytes());
        }
        self.0.extend([0x45, 0]);
        self.0.extend((length as u16).to_be_bytes());
        self.0.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        self.0.extend(source);
        self.0.extend(destination);
        ports.iter().for_each(|port| self.0.extend(port.to_be_bytes()));
        self.0.extend(seq.to_be_bytes());
        self.0.extend(0u32.to_be_bytes());
        self.0.extend([0x50, flags, 0x10, 0, 0, 0, 0, 0]);
        self.0.extend(payload);
    }

    fn read(self) -> Trace {
        let trace = Pass::new(Source::from_bytes(self.0).expect("a capture")).run();
        let mut all = Ledger::default();
        for (row, number) in trace.rows().iter().zip(1..) {
            assert_eq!(trace.ledger(number).total(), u64::from(row.captured));
            all += trace.ledger(number);
        }
        assert_eq!(all, trace.total());
        trace
    }
}

/// A ClientHello of the smallest kind. With it the flow is known from its first byte: what is spoken in a flow that
/// nobody recognised is looked for at the start of segments, and so depends on the cuts.
const HELLO: [u8; 52] = {
    let mut hello = [0; 52];
    let head = [22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 3];
    let mut at = 0;
    while at < head.len() {
        hello[at] = head[at];
        at += 1;
    }
    (hello[45], hello[46], hello[47], hello[48]) = (2, 0x13, 0x01, 1); // one suite, one compression method
    hello[44] = 0;
    hello
};

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIRST: u32 = u32::MAX - 700; // the numbers wrap early

fuzz_target!(|data: &[u8]| {
    let Some((plan, stream)) = data.split_at_checked(data.len() / 5) else { return };
    let stream = [&HELLO, &stream[..stream.len().min(40_000)]].concat();
    let mut cut = Capture::new();
    cut.segment(true, FIRST.wrapping_sub(1), SYN, &[]);
    let mut at = 0;
    for step in plan {
        let here = stream.len().min(at + usize::from(step >> 2) * 7);
        let back = at.saturating_sub(usize::from(step & 3) * 11);
        let ahead = stream.len().min(here + usize::from(step & 3) * 5);
        if step & 1 == 1 && ahead < stream.len() {
            cut.segment(true, FIRST.wrapping_add(ahead as u32), ACK, &stream[ahead..stream.len().min(ahead + 9)]);
        }
        cut.segment(true, FIRST.wrapping_add(back as u32), ACK, &stream[back..here]);
        at = here;
    }
    if at < stream.len() {
        cut.segment(true, FIRST.wrapping_add(at as u32), ACK, &stream[at..]);
    }
    let mut whole = Capture::new();
    whole.segment(true, FIRST.wrapping_sub(1), SYN, &[]);
    whole.segment(true, FIRST, ACK, &stream);
    let (cut, whole) = (cut.read(), whole.read());
    let messages = |trace: &Trace| {
        trace.messages().iter().map(|m| (m.offset, m.length, m.what)).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(messages(&cut), messages(&whole));
    let facts = |trace: &Trace| {
        let value = |fact: &husk::trace::FactRow| (fact.field.name, trace.words().at(fact.value).to_vec());
        trace.facts().iter().map(value).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(facts(&cut), facts(&whole));
});
