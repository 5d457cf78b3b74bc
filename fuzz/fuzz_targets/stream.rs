//! Both sides of a TCP flow, cut, shuffled and repeated as the input says: no panic, the books balance,
//! and the same bytes in order give the same messages.
#![no_main]

use husk::bytes::Ledger;
use husk::capture::Source;
use husk::trace::{Pass, Trace};
use libfuzzer_sys::fuzz_target;

/// A capture of raw IPv4 packets.
struct Capture {
    file: Vec<u8>,
    /// The server's port.
    port: u16,
}

impl Capture {
    fn new(port: u16) -> Capture {
        let mut file = Vec::new();
        for word in [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 262_144, 101] {
            file.extend(if word == 0x0002_0004 { [0, 2, 0, 4] } else { word.to_be_bytes() });
        }
        Capture { file, port }
    }

    fn segment(&mut self, from_client: bool, seq: u32, flags: u8, payload: &[u8]) {
        let (source, destination) = if from_client { ([10, 0, 0, 1], [10, 0, 0, 2]) } else { ([10, 0, 0, 2], [10, 0, 0, 1]) };
        let ports: [u16; 2] = if from_client { [40_000, self.port] } else { [self.port, 40_000] };
        let length = 40 + payload.len() as u32;
        for word in [1, 0, length, length] {
            self.file.extend(word.to_be_bytes());
        }
        self.file.extend([0x45, 0]);
        self.file.extend((length as u16).to_be_bytes());
        self.file.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        self.file.extend(source);
        self.file.extend(destination);
        ports.iter().for_each(|port| self.file.extend(port.to_be_bytes()));
        self.file.extend(seq.to_be_bytes());
        self.file.extend(0u32.to_be_bytes());
        self.file.extend([0x50, flags, 0x10, 0, 0, 0, 0, 0]);
        self.file.extend(payload);
    }

    fn read(self) -> Trace {
        let trace = Pass::new(Source::from_bytes(self.file).expect("a capture")).run();
        let mut all = Ledger::default();
        for (row, number) in trace.rows().iter().zip(1..) {
            assert_eq!(trace.ledger(number).total(), u64::from(row.captured));
            all += trace.ledger(number);
        }
        assert_eq!(all, trace.total());
        trace
    }
}

/// Ports of protocols that are told by them, and one of none.
const PORTS: [u16; 6] = [443, 53, 80, 25, 3306, 8400];

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIRST: u32 = u32::MAX - 700; // the numbers wrap early

/// What one side says before the other does.
struct Run<'a> {
    from_client: bool,
    bytes: &'a [u8],
}

/// Cuts the input into runs: every fourth step of the plan hands over to the other side.
fn runs<'a>(plan: &[u8], stream: &'a [u8]) -> Vec<Run<'a>> {
    let (mut runs, mut rest, mut from_client) = (Vec::new(), stream, true);
    for step in plan.iter().step_by(4) {
        let (bytes, behind) = rest.split_at(rest.len().min(usize::from(*step) * 3));
        runs.push(Run { from_client, bytes });
        (rest, from_client) = (behind, !from_client);
    }
    runs.push(Run { from_client, bytes: rest });
    runs
}

/// Sends a run cut, repeated and out of order, as the plan says.
fn send_cut(capture: &mut Capture, run: &Run<'_>, first: u32, plan: &[u8]) {
    let mut at = 0;
    let length = run.bytes.len();
    for step in plan {
        let here = length.min(at + usize::from(step >> 2) * 7);
        let back = at.saturating_sub(usize::from(step & 3) * 11);
        let ahead = length.min(here + usize::from(step & 3) * 5);
        if step & 1 == 1 && ahead < length {
            let bytes = &run.bytes[ahead..length.min(ahead + 9)];
            capture.segment(run.from_client, first.wrapping_add(ahead as u32), ACK, bytes);
        }
        capture.segment(run.from_client, first.wrapping_add(back as u32), ACK, &run.bytes[back..here]);
        at = here;
    }
    if at < length {
        capture.segment(run.from_client, first.wrapping_add(at as u32), ACK, &run.bytes[at..]);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((port, data)) = data.split_first() else { return };
    let Some((plan, stream)) = data.split_at_checked(data.len() / 5) else { return };
    let stream = &stream[..stream.len().min(40_000)];
    let port = PORTS[usize::from(*port) % PORTS.len()];
    let (mut cut, mut whole) = (Capture::new(port), Capture::new(port));
    for capture in [&mut cut, &mut whole] {
        capture.segment(true, FIRST.wrapping_sub(1), SYN, &[]);
        capture.segment(false, FIRST.wrapping_sub(1), SYN | ACK, &[]);
    }
    let mut next = [FIRST; 2];
    let runs = runs(plan, stream);
    for (n, run) in runs.iter().enumerate() {
        let first = next[usize::from(run.from_client)];
        let share = plan.len() / runs.len();
        send_cut(&mut cut, run, first, plan.get(n * share..(n + 1) * share).unwrap_or(&[]));
        whole.segment(run.from_client, first, ACK, run.bytes);
        next[usize::from(run.from_client)] = first.wrapping_add(run.bytes.len() as u32);
    }
    let (cut, whole) = (cut.read(), whole.read());
    let messages = |trace: &Trace| {
        let message = |m: &husk::flow::MessageRow| (m.side, m.offset, m.length, m.what, trace.subject(m).to_vec());
        trace.messages().iter().map(message).collect::<Vec<_>>()
    };
    assert_eq!(messages(&cut), messages(&whole));
    let facts = |trace: &Trace| {
        let value = |fact: &husk::trace::FactRow| (fact.field.name, trace.words().at(fact.value).to_vec());
        let mut facts = trace.facts().iter().map(value).collect::<Vec<_>>();
        facts.sort();
        facts
    };
    assert_eq!(facts(&cut), facts(&whole));
});
