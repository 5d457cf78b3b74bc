//! What the fuzz targets share: captures built around what they say, and what must hold of them.

#[allow(dead_code)] // each test and target asks for what it needs
#[path = "../../tests/it/holds.rs"]
mod holds;

use husk::capture::Source;
use husk::trace::Trace;

/// Packets that are explained, and flows that are followed, of a capture.
const LOOKED_AT: usize = 8;

/// Whether a character could steer a terminal.
pub fn is_hostile(c: char) -> bool {
    holds::is_hostile(c)
}

/// Holds everything that must hold of a capture, whatever it is.
pub fn hold(file: &[u8]) {
    let Some((source, trace)) = holds::read(file) else { return };
    holds::sums(&trace);
    let Ok(again) = Source::from_bytes(file.to_vec()) else { panic!("it could be opened a moment ago") };
    holds::looking_changes_nothing(&trace, again);
    let fetch = source.fetch();
    let some = |count: usize| (0..count as u32).step_by(count.div_ceil(LOOKED_AT).max(1));
    holds::explaining_agrees(&trace, &fetch, some(trace.rows().len()).map(|at| at + 1));
    some(trace.flows().all().len()).for_each(|flow| holds::following_agrees(&trace, &fetch, flow));
    holds::telling_is_tame(&source, &trace);
}

/// A capture of raw IPv4 packets between a client and the port of a server.
pub struct Capture {
    file: Vec<u8>,
    port: u16,
}

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIN: u8 = 0x01;
const FIRST: u32 = u32::MAX - 700; // the numbers wrap early

impl Capture {
    /// No packets yet.
    pub fn new(port: u16) -> Capture {
        let mut file = vec![0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4];
        for word in [0, 0, 262_144_u32, 101] {
            file.extend(word.to_be_bytes());
        }
        Capture { file, port }
    }

    fn packet(&mut self, from_client: bool, protocol: u8, body: &[u8]) {
        let ends = if from_client { [10, 0, 0, 1, 10, 0, 0, 2] } else { [10, 0, 0, 2, 10, 0, 0, 1] };
        let length = 20 + body.len() as u32;
        for word in [1, 0, length, length] {
            self.file.extend(word.to_be_bytes());
        }
        self.file.extend([0x45, 0]);
        self.file.extend((length as u16).to_be_bytes());
        self.file.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        self.file.extend(ends);
        self.file.extend(body);
    }

    fn ports(&self, from_client: bool) -> [u8; 4] {
        let ([a, b], [c, d]) = (40_000_u16.to_be_bytes(), self.port.to_be_bytes());
        if from_client { [a, b, c, d] } else { [c, d, a, b] }
    }

    fn segment(&mut self, from_client: bool, seq: u32, flags: u8, payload: &[u8]) {
        let [a, b, c, d] = seq.to_be_bytes();
        let head = [a, b, c, d, 0, 0, 0, 0, 0x50, flags, 0x10, 0, 0, 0, 0, 0];
        let segment = [&self.ports(from_client)[..], &head, payload].concat();
        self.packet(from_client, 6, &segment);
    }

    /// One datagram.
    pub fn datagram(&mut self, from_client: bool, payload: &[u8]) {
        let length = (8 + payload.len() as u16).to_be_bytes();
        let datagram = [&self.ports(from_client)[..], &length, &[0, 0], payload].concat();
        self.packet(from_client, 17, &datagram);
    }

    /// Any packet.
    pub fn raw(&mut self, protocol: u8, body: &[u8]) {
        self.packet(true, protocol, body);
    }

    /// The file.
    pub fn into_file(self) -> Vec<u8> {
        self.file
    }
}

/// What one side says before the other does.
pub struct Run {
    /// Who says it.
    pub from_client: bool,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// Sends a run cut, repeated and out of order, as the plan says.
fn send_cut(capture: &mut Capture, run: &Run, first: u32, plan: &[u8]) {
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

/// A conversation over TCP, cut as the plan says and whole: both must be understood alike. Returns both captures.
pub fn said(port: u16, plan: &[u8], runs: &[Run]) -> [Vec<u8>; 2] {
    let (mut cut, mut whole) = (Capture::new(port), Capture::new(port));
    for capture in [&mut cut, &mut whole] {
        capture.segment(true, FIRST.wrapping_sub(1), SYN, &[]);
        capture.segment(false, FIRST.wrapping_sub(1), SYN | ACK, &[]);
    }
    let mut next = [FIRST; 2];
    for (n, run) in runs.iter().enumerate() {
        let first = next[usize::from(run.from_client)];
        let share = plan.len() / runs.len();
        send_cut(&mut cut, run, first, plan.get(n * share..(n + 1) * share).unwrap_or(&[]));
        for (at, bytes) in run.bytes.chunks(60_000).enumerate() {
            whole.segment(run.from_client, first.wrapping_add(at as u32 * 60_000), ACK, bytes);
        }
        next[usize::from(run.from_client)] = first.wrapping_add(run.bytes.len() as u32);
    }
    for capture in [&mut cut, &mut whole] {
        capture.segment(true, next[1], FIN | ACK, &[]);
        capture.segment(false, next[0], FIN | ACK, &[]);
    }
    [cut.into_file(), whole.into_file()]
}

/// Cutting a stream into other segments gives the same messages and the same facts.
pub fn cuts_change_nothing([cut, whole]: &[Vec<u8>; 2]) {
    let read = |file: &[u8]| holds::read(file).map(|(_, trace)| trace);
    let (Some(cut), Some(whole)) = (read(cut), read(whole)) else { panic!("these are captures") };
    for trace in [&cut, &whole] {
        holds::sums(trace);
    }
    let messages = |trace: &Trace| {
        let messages = trace.messages().iter();
        messages.map(|m| (m.side, m.offset, m.length, m.what, trace.subject(&m).to_vec())).collect::<Vec<_>>()
    };
    assert_eq!(messages(&cut), messages(&whole));
    let facts = |trace: &Trace| {
        let facts = trace.facts().iter();
        let mut facts: Vec<_> =
            facts.map(|fact| (fact.field.name, trace.words().at(fact.value).to_vec())).collect();
        facts.sort();
        facts
    };
    assert_eq!(facts(&cut), facts(&whole));
}
