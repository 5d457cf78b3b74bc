//! How a stream was cut into segments is not seen in what is read: the same bytes give the same messages and facts.
//!
//! Conversations are taken from the fixtures, and from a corpus if there is one (`HUSK_CORPUS`), and sent again in
//! other segments. Which side speaks when stays as it was, for a dialogue may depend on it.

use std::path::{Path, PathBuf};

use husk::capture::Source;
use husk::explain::{SideStream, stream};
use husk::protocols::{Answer, LIST, Read, Side, Start, Transport, icmp, icmpv6};
use husk::trace::{Pass, Trace};
use proptest::prelude::*;

use crate::fixtures::captures;

/// What one side says before the other does: bytes, and how many are missing behind them.
#[derive(Clone, Debug)]
struct Run {
    side: Side,
    bytes: Vec<u8>,
    missing: u64,
}

/// What is said over one TCP flow, in order.
#[derive(Clone, Debug)]
struct Conversation {
    name: String,
    /// The client's and the server's.
    ports: [u16; 2],
    runs: Vec<Run>,
    /// What the capture itself gave, if all bytes are in it and no copies differ.
    heard: Option<Heard>,
}

/// What is read of a flow: messages in order, and facts.
#[derive(Clone, Debug, Default, PartialEq)]
struct Heard {
    messages: Vec<(Side, u64, u32, &'static str, String)>,
    facts: Vec<(&'static str, String, Side, u64)>,
}

/// Offset of the first byte of a stream.
const ORIGIN: u64 = 1 << 32;

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn new(name: &str) -> Dice {
        Dice(
            name.bytes().fold(0x9e37_79b9_7f4a_7c15, |seed, byte| {
                (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(7)
            }) | 1,
        )
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// What flow `number` of a trace says; facts by the place of their first byte in the stream.
fn heard(trace: &Trace, number: u32, sides: &[SideStream; 2]) -> Heard {
    let text = |word| String::from_utf8_lossy(trace.words().at(word)).into_owned();
    let messages = trace.messages().iter().filter(|message| message.flow == number);
    let place = |packet: u32, at: u32| {
        [Side::Client, Side::Server].into_iter().find_map(|side| {
            let carries = |piece: &&husk::bytes::Piece| {
                piece.packet == packet && piece.at <= at && at < piece.at + piece.length
            };
            let piece = sides[side.index()].origins.iter().find(carries)?;
            Some((side, piece.offset + u64::from(at - piece.at)))
        })
    };
    // What ICMP errors say of the flow stands in other packets, and no message of it says so.
    let said_elsewhere = [&icmp::MEANING, &icmpv6::MEANING];
    let facts = trace.facts().iter().filter(|fact| fact.flow == number && !said_elsewhere.contains(&fact.field));
    let mut facts: Vec<_> = facts
        .map(|fact| {
            let (side, offset) = place(fact.packet, fact.start).unwrap_or((Side::Client, u64::MAX));
            (fact.field.name, text(fact.value), side, offset)
        })
        .collect();
    facts.sort();
    let subject = |word: u32| if word == husk::flow::MessageRow::NOTHING { String::new() } else { text(word) };
    let messages = messages.map(|m| (m.side, m.offset, m.length, m.what, subject(m.subject))).collect();
    Heard { messages, facts }
}

/// The TCP conversations of a capture, each up to `most` bytes.
fn conversations(path: &Path, most: usize) -> Vec<Conversation> {
    let Ok(source) = Source::open(path) else { return Vec::new() };
    let mut pass = Pass::new(source);
    let trace = pass.run();
    let fetch = pass.source().fetch();
    // A flow that another one announced is not known for what it is by itself.
    let alone = |flow: &&husk::flow::Flow| flow.announced() == husk::protocols::NONE;
    let flows = trace.flows().all().iter().filter(|flow| flow.transport == Some(Transport::Tcp)).filter(alone);
    let mut all = Vec::new();
    for flow in flows {
        let Ok(Some(sides)) = stream(&trace, &fetch, flow.number) else { continue };
        let Some(runs) = runs(&sides, most) else { continue };
        let whole = runs.iter().map(|run| run.bytes.len()).sum::<usize>()
            == sides.iter().map(|side| side.bytes.len()).sum::<usize>();
        let clean = whole && sides.iter().all(|side| side.gaps.is_empty() && side.conflicts.is_empty());
        let heard = heard(&trace, flow.number, &sides);
        // What is read behind a reset is no part of the stream.
        let reaches = |side: Side| heard.messages.iter().filter(|m| m.0 == side).map(|m| m.1 + u64::from(m.2)).max();
        let within =
            |side: Side| reaches(side).is_none_or(|end| end <= ORIGIN + sides[side.index()].bytes.len() as u64);
        let clean = clean && within(Side::Client) && within(Side::Server);
        all.push(Conversation {
            name: format!("{} flow {}", path.display(), flow.number),
            ports: [Side::Client, Side::Server].map(|side| flow.endpoint(side).1),
            heard: clean.then_some(heard),
            runs,
        });
    }
    all
}

/// Who said what, in the order in which it could be read. `None` if nothing was said.
fn runs(sides: &[SideStream; 2], most: usize) -> Option<Vec<Run>> {
    let mut pieces = Vec::new();
    for (side, of) in [Side::Client, Side::Server].into_iter().zip(sides) {
        let mut order: Vec<_> = of.origins.iter().collect();
        order.sort_by_key(|piece| piece.offset);
        let mut packet = 0;
        for piece in order {
            // Bytes can be read when all before them are there.
            packet = packet.max(piece.packet);
            let range = piece.offset as usize..piece.end() as usize;
            let before: u64 = of.gaps.iter().filter(|gap| gap.at == range.start).map(|gap| gap.length).sum();
            pieces.push((packet, side, of.bytes.get(range)?, before));
        }
    }
    pieces.sort_by_key(|(packet, ..)| *packet);
    let (mut runs, mut length) = (Vec::<Run>::new(), 0);
    for (_, side, bytes, before) in pieces {
        length += bytes.len();
        if length > most {
            break;
        }
        if before > 0 {
            runs.push(Run { side, bytes: Vec::new(), missing: before.min(100_000) });
        }
        match runs.last_mut() {
            Some(run) if run.side == side && run.missing == 0 => run.bytes.extend_from_slice(bytes),
            _ => runs.push(Run { side, bytes: bytes.to_vec(), missing: 0 }),
        }
    }
    (!runs.is_empty()).then_some(runs)
}

/// How a run is cut: the lengths of its segments, and how they are sent.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// As few segments as there can be.
    Whole,
    /// A byte each.
    Bytes,
    /// Up to so many bytes each.
    Random(usize),
    /// The same, mixed up and some of them twice, within a few segments.
    Mixed(usize),
}

/// The most that fits into a packet of IPv4.
const LARGEST: usize = 65_000;

impl Cut {
    /// The ranges of a run of `length` bytes that are sent, in order.
    fn segments(self, length: usize, dice: &mut Dice) -> Vec<(usize, usize)> {
        let (mut at, mut all) = (0, Vec::new());
        while at < length {
            let next = match self {
                Cut::Whole => LARGEST,
                Cut::Bytes => 1,
                Cut::Random(most) | Cut::Mixed(most) => 1 + dice.below(most),
            };
            let end = length.min(at + next);
            all.push((at, end));
            at = end;
        }
        if let Cut::Mixed(_) = self {
            const WINDOW: usize = 5;
            for at in 0..all.len() {
                let other = at + dice.below(WINDOW.min(all.len() - at));
                all.swap(at, other);
                if dice.below(4) == 0 {
                    let (from, to) = all[at];
                    all.insert(at, (from.saturating_sub(dice.below(9)), to));
                }
            }
        }
        all
    }
}

/// A capture of a conversation as Ethernet frames.
struct Wire {
    file: Vec<u8>,
    ports: [u16; 2],
    /// The next sequence number of each side.
    next: [u32; 2],
    packets: u32,
}

impl Wire {
    fn send(conversation: &Conversation, cut: Cut, dice: &mut Dice) -> Vec<u8> {
        let mut file = Vec::new();
        for word in [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 262_144, 1] {
            file.extend(word.to_be_bytes());
        }
        // The numbers wrap early.
        let mut wire = Wire { file, ports: conversation.ports, next: [u32::MAX - 900, 7_000], packets: 0 };
        wire.handshake();
        for run in &conversation.runs {
            let segments = cut.segments(run.bytes.len(), dice);
            for (from, to) in segments {
                wire.segment(run.side, from as u32, &run.bytes[from..to], 0);
            }
            let side = run.side.index();
            wire.next[side] = wire.next[side].wrapping_add(run.bytes.len() as u32);
            let mut missing = run.missing;
            while missing > 0 {
                let now = missing.min(LARGEST as u64) as u32;
                wire.segment(run.side, 0, &[], now);
                wire.next[side] = wire.next[side].wrapping_add(now);
                missing -= u64::from(now);
            }
        }
        wire.file
    }

    fn handshake(&mut self) {
        const SYN: u8 = 2;
        self.packet(Side::Client, SYN, 0, &[], 0);
        self.next[0] = self.next[0].wrapping_add(1);
        self.packet(Side::Server, SYN | 16, 0, &[], 0);
        self.next[1] = self.next[1].wrapping_add(1);
    }

    /// Bytes, and behind them some that the snap length cut.
    fn segment(&mut self, side: Side, offset: u32, bytes: &[u8], cut: u32) {
        self.packet(side, 16, offset, bytes, cut);
    }

    fn packet(&mut self, side: Side, flags: u8, offset: u32, bytes: &[u8], cut: u32) {
        const HEADERS: u32 = 14 + 20 + 20;
        let (me, other) = (side.index(), side.other().index());
        let captured = HEADERS + bytes.len() as u32;
        self.packets += 1;
        for word in [self.packets, 0, captured, captured + cut] {
            self.file.extend(word.to_be_bytes());
        }
        let addresses = [[192, 0, 2, 1], [192, 0, 2, 2]];
        self.file.extend([2, 0, 0, 0, 0, other as u8, 2, 0, 0, 0, 0, me as u8, 8, 0]);
        self.file.extend([0x45, 0]);
        self.file.extend(((captured + cut - 14) as u16).to_be_bytes());
        self.file.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        self.file.extend(addresses[me]);
        self.file.extend(addresses[other]);
        self.file.extend(self.ports[me].to_be_bytes());
        self.file.extend(self.ports[other].to_be_bytes());
        self.file.extend(self.next[me].wrapping_add(offset).to_be_bytes());
        self.file.extend(if flags & 16 == 0 { 0 } else { self.next[other] }.to_be_bytes());
        self.file.extend([0x50, flags, 0x10, 0, 0, 0, 0, 0]);
        self.file.extend(bytes);
    }
}

/// What is read of a conversation that is sent so.
fn hear(conversation: &Conversation, cut: Cut, dice: &mut Dice) -> Heard {
    let source = Source::from_bytes(Wire::send(conversation, cut, dice)).unwrap();
    let mut pass = Pass::new(source);
    let trace = pass.run();
    let sides = stream(&trace, &pass.source().fetch(), 0).unwrap().unwrap();
    for side in [Side::Client, Side::Server] {
        let said: Vec<u8> =
            conversation.runs.iter().filter(|run| run.side == side).flat_map(|run| run.bytes.clone()).collect();
        assert!(sides[side.index()].bytes == said, "{}: {cut:?} sends other bytes", conversation.name);
    }
    heard(&trace, 0, &sides)
}

/// What the first difference is, if there is one.
fn difference(one: &Heard, other: &Heard) -> Option<String> {
    let message = one.messages.iter().zip(&other.messages).find(|(a, b)| a != b);
    let fact = one.facts.iter().zip(&other.facts).find(|(a, b)| a != b);
    let lengths = |heard: &Heard| (heard.messages.len(), heard.facts.len());
    (one != other).then(|| format!("{:?} and {:?}\n  {message:?}\n  {fact:?}", lengths(one), lengths(other)))
}

fn check(conversation: &Conversation) -> Result<usize, String> {
    let mut dice = Dice::new(&conversation.name);
    let whole = hear(conversation, Cut::Whole, &mut dice);
    let same = |other: &Heard, how: &str| match difference(&whole, other) {
        Some(difference) => Err(format!("{}: whole, and {how}: {difference}", conversation.name)),
        None => Ok(()),
    };
    if let Some(heard) = &conversation.heard {
        same(heard, "as captured")?;
    }
    for cut in [Cut::Bytes, Cut::Random(40), Cut::Random(3000), Cut::Mixed(40), Cut::Mixed(700)] {
        same(&hear(conversation, cut, &mut dice), &format!("{cut:?}"))?;
    }
    Ok(whole.messages.len())
}

fn check_all(all: &[Conversation]) -> usize {
    let results: Vec<_> = all.iter().map(check).collect();
    let wrong: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).cloned().collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    results.into_iter().flatten().sum()
}

#[test]
fn every_stream_of_the_fixtures_reads_the_same_however_it_is_cut() {
    const MOST: usize = 30_000;
    let all: Vec<_> = captures().iter().flat_map(|path| conversations(path, MOST)).collect();
    assert!(all.len() > 30, "{} conversations", all.len());
    let messages = check_all(&all);
    assert!(messages > 200, "{messages} messages");
}

/// A conversation on a port, said in turns, the first by the client if there is nothing in `greeting`.
fn said(port: u16, greeting: &[u8], turns: &[&[u8]]) -> Conversation {
    let first = [Run { side: Side::Server, bytes: greeting.to_vec(), missing: 0 }];
    let sides = [Side::Client, Side::Server].into_iter().cycle();
    let rest = sides.zip(turns).map(|(side, bytes)| Run { side, bytes: bytes.to_vec(), missing: 0 });
    let runs = first.into_iter().filter(|run| !run.bytes.is_empty()).chain(rest).collect();
    Conversation { name: format!("port {port}"), ports: [50_000, port], runs, heard: None }
}

/// What is read of a conversation, without what it is about; it is the same however it is cut.
fn told(conversation: &Conversation) -> Vec<(Side, &'static str)> {
    assert_eq!(check(conversation).err(), None);
    let heard = hear(conversation, Cut::Whole, &mut Dice::new("told"));
    heard.messages.iter().map(|(side, _, _, what, _)| (*side, *what)).collect()
}

#[test]
fn who_takes_the_port_for_another_one_s_is_read_and_so_is_the_answer() {
    use Side::{Client, Server};
    let hello: Vec<u8> =
        conversations(Path::new(&crate::cli::fixture("https-tls12.pcap")), 30_000)[0].runs[0].bytes.clone();
    assert_eq!(
        told(&said(465, b"220 mail ESMTP\r\n", &[&hello, b"402 what?\r\n", b"QUIT\r\n", b"221 bye\r\n"])),
        [(Server, "reply"), (Client, "ClientHello"), (Server, "reply"), (Client, "command"), (Server, "reply")]
    );
    let refused = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno";
    assert_eq!(
        told(&said(80, b"", &[&hello, refused, &[21, 3, 3, 0, 2, 2, 70]])),
        [(Client, "ClientHello"), (Server, "response"), (Server, "body"), (Client, "alert")]
    );
    assert_eq!(
        told(&said(22, b"", &[b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"SSH-2.0-OpenSSH_9.9\r\n"])),
        [(Client, "request"), (Server, "version")]
    );
}

/// Captures below a folder, in the order of their names.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "pcap" || ending == "pcapng" || ending == "cap") {
            found.push(path);
        }
    }
}

/// Of each capture of the corpus the first streams, as far as a minute goes.
#[test]
fn streams_of_the_corpus_read_the_same_however_they_are_cut() {
    const MOST: usize = 6_000;
    const LARGEST_FILE: u64 = 4 << 20;
    const OF_EACH: usize = 4;
    let Some(folder) = std::env::var_os("HUSK_CORPUS") else {
        eprintln!("skipped: HUSK_CORPUS is not set");
        return;
    };
    let mut paths = Vec::new();
    files(Path::new(&folder), &mut paths);
    paths.retain(|path| path.metadata().is_ok_and(|file| file.len() < LARGEST_FILE));
    let all: Vec<_> = paths.iter().flat_map(|path| conversations(path, MOST).into_iter().take(OF_EACH)).collect();
    let messages = check_all(&all);
    eprintln!("{messages} messages of {} streams", all.len());
}

/// A conversation of the fixtures, damaged: begun later, bytes changed, a run left out, sent to another port.
fn damaged() -> impl Strategy<Value = Conversation> {
    const MOST: usize = 8_000;
    let all: Vec<_> = captures().iter().flat_map(|path| conversations(path, MOST)).collect();
    let changes =
        prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let port = prop::sample::select(vec![None, Some(443), Some(53), Some(25), Some(80), Some(3306), Some(8400)]);
    let begin = prop_oneof![Just(0), 0..40usize, 0..3000usize];
    let noise = prop::collection::vec(any::<u8>(), 0..60);
    let left_out = prop::option::of(any::<prop::sample::Index>());
    (prop::sample::select(all), changes, port, begin, noise, left_out).prop_map(
        |(mut conversation, changes, port, begin, noise, left_out)| {
            let runs = &mut conversation.runs;
            let begin = begin.min(runs[0].bytes.len());
            runs[0].bytes.drain(..begin);
            for (run, at, value) in changes {
                let run = run.index(runs.len());
                let bytes = &mut runs[run].bytes;
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = value;
                    if value < 60 {
                        bytes.splice(at..at, noise.iter().copied());
                    }
                }
            }
            if let Some(left_out) = left_out.filter(|_| runs.len() > 1) {
                let left_out = left_out.index(runs.len());
                runs.remove(left_out);
            }
            conversation.ports[1] = port.unwrap_or(conversation.ports[1]);
            conversation.heard = None;
            conversation
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_streams_read_the_same_however_they_are_cut(conversation in damaged()) {
        prop_assert_eq!(check(&conversation).err(), None);
    }

    /// What a probe says of a stream's first bytes holds for whatever follows.
    #[test]
    fn probes_never_take_back_an_answer(conversation in damaged()) {
        let [client_port, server_port] = conversation.ports;
        let start = Start { transport: Transport::Tcp, client_port, server_port };
        let probes = LIST.iter().filter_map(|protocol| match protocol.read {
            Read::Dialogue { probe: Some(probe), .. } => Some((protocol.name(), probe)),
            _ => None,
        });
        for (name, probe) in probes {
            for run in &conversation.runs {
                let mut said = Answer::More;
                for length in 1..=run.bytes.len().min(4096) {
                    let answer = probe(&start, run.side, &run.bytes[..length]);
                    prop_assert!(said == Answer::More || said == answer, "{} says {:?}, then {:?} of {} bytes", name, said, answer, length);
                    said = answer;
                }
            }
        }
    }
}
