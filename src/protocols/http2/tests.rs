//! One test for each trap: where a frame ends, what fields lean on, and what stays true whatever is said.

#![allow(clippy::arithmetic_side_effects)] // a test may panic

use proptest::prelude::*;

use super::super::{Start, Transport};
use super::*;
use crate::bytes::{Claim, Findings, Tree};

const CLIENT: Side = Side::Client;
const SERVER: Side = Side::Server;

/// Reads what a side sends as the driver does: what each message was, the class of each byte, facts, and the tree.
#[derive(Default)]
struct Wire {
    conversation: Conversation,
    messages: Vec<String>,
    classes: String,
    facts: Vec<String>,
    noted: Vec<String>,
}

impl Wire {
    fn says(&mut self, side: Side, bytes: &[u8]) -> &mut Wire {
        let mut at = 0;
        let mut passed = Vec::new();
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.conversation.extent(side, rest) {
                Extent::Whole(n) | Extent::Part(n) | Extent::Skip { total: n, .. } => {
                    assert!(n > 0);
                    if n > rest.len() {
                        break;
                    }
                    self.read(side, &rest[..n], n, std::mem::take(&mut passed));
                    at += n;
                }
                Extent::Pass { class, length, ends } => {
                    assert!(length > 0);
                    let n = (length as usize).min(rest.len());
                    self.classes.extend(std::iter::repeat_n(class.letter(), n));
                    passed.extend_from_slice(&rest[..n]);
                    if ends && n as u64 == length {
                        self.read(side, &[], n, std::mem::take(&mut passed));
                    }
                    at += n;
                }
                Extent::Needs(n) => {
                    assert!(n > rest.len());
                    break;
                }
                Extent::Lost(n) => {
                    assert!((1..=rest.len()).contains(&n));
                    self.classes.extend(std::iter::repeat_n('U', n));
                    at += n;
                }
            }
        }
        self
    }

    fn read(&mut self, side: Side, bytes: &[u8], length: usize, passed: Vec<u8>) {
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let passed = (!passed.is_empty()).then_some(passed);
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
        c = c.with_length(length).with_passed(passed.as_deref());
        let message = self.conversation.read(side, &mut c).unwrap_or(Message::new("stopped"));
        if !bytes.is_empty() {
            let mut classes = vec!['U'; length];
            for Claim { start, end, class } in findings.claims.ranges() {
                classes[*start as usize..*end as usize].fill(class.letter());
            }
            self.classes.extend(classes);
        }
        if !message.what.is_empty() {
            self.messages.push(format!("{} {}", message.what, findings.subject).trim_end().to_owned());
        }
        for fact in &findings.facts {
            let evidence = bytes[fact.start as usize..fact.end as usize].escape_ascii();
            self.facts.push(format!("{} {} ({evidence})", fact.field.name, fact.value.escape_ascii()));
        }
        self.noted.extend(tree.nodes().iter().map(|node| format!("{} {}", node.field.name, tree.text(node, bytes))));
    }

    fn says_somewhere(&self, what: &str) -> bool {
        self.noted.iter().any(|noted| noted.contains(what))
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A literal that goes into the table.
fn literal(name: &str, value: &str) -> Vec<u8> {
    [&[0x40, name.len() as u8], name.as_bytes(), &[value.len() as u8], value.as_bytes()].concat()
}

/// Settings, then a request for `/` of `shop.example` with a cookie.
fn request(stream: u32) -> Vec<u8> {
    let fields = [&[0x82, 0x86, 0x84, 0x41, 12][..], b"shop.example", &literal("cookie", "a=1")].concat();
    [frame(4, 0, 0, &[0, 3, 0, 0, 0, 100]), frame(1, 0x05, stream, &fields)].concat()
}

#[test]
fn what_an_observer_learns_stands_in_the_bytes() {
    let mut wire = Wire::default();
    wire.says(CLIENT, PREFACE).says(CLIENT, &request(1));
    assert_eq!(wire.messages, ["preface", "SETTINGS", "HEADERS stream 1 GET /"]);
    assert_eq!(
        wire.facts,
        [
            "http2.headers.path / (\\x84)",
            "http2.headers.authority shop.example (shop.example)",
            "http2.headers.cookie a=1 (a=1)",
        ]
    );
    assert!(wire.says_somewhere("http2.request.full_uri http://shop.example/"));
    assert!(wire.classes.chars().all(|class| class == 'M'));
}

#[test]
fn a_table_belongs_to_a_direction() {
    let mut wire = Wire::default();
    wire.says(CLIENT, &request(1));
    // The newest entry is the cookie for the client alone.
    wire.says(CLIENT, &frame(1, 5, 3, &[0x82, 0x84, 0xbe]));
    wire.says(SERVER, &frame(4, 0, 0, &[])).says(SERVER, &frame(1, 5, 3, &[0x88, 0xbe]));
    assert_eq!(wire.facts.last().unwrap(), "http2.headers.cookie a=1 (\\xbe)");
    assert_eq!(wire.messages.last().unwrap(), "stopped stream 3");
}

#[test]
fn fields_may_be_cut_anywhere_into_frames() {
    let fields =
        [&[0x88][..], &literal("set-cookie", "theme=dark"), &literal("content-type", "text/html; x")].concat();
    for cut in 0..=fields.len() {
        let mut wire = Wire::default();
        let (first, second) = fields.split_at(cut);
        wire.says(SERVER, &frame(4, 0, 0, &[])).says(SERVER, &frame(1, 0, 1, first));
        wire.says(SERVER, &frame(9, 0, 1, &[])).says(SERVER, &frame(9, 4, 1, second));
        let names: Vec<_> = wire.noted.iter().filter(|noted| noted.starts_with("http2.header.name ")).collect();
        assert_eq!(names.len(), 3, "cut at {cut}: {names:?}");
        assert_eq!(wire.facts.len(), 1);
        // What was cut has its entry: the next block leans on both.
        wire.says(SERVER, &frame(1, 5, 3, &[0x88, 0xbe, 0xbf]));
        assert_eq!(wire.messages.last().unwrap(), "HEADERS stream 3 200 text/html");
    }
}

#[test]
fn a_continuation_of_nothing_loses_the_table() {
    let mut wire = Wire::default();
    wire.says(CLIENT, &request(1));
    wire.says(CLIENT, &frame(9, 4, 1, &[0x82])).says(CLIENT, &frame(1, 5, 3, &[0x82, 0x84, 0xbe]));
    assert!(wire.says_somewhere("the beginning of these fields is missing"));
    assert!(wire.says_somewhere("it stood in a table entry whose bytes are missing"));
    assert_eq!(wire.messages.last().unwrap(), "HEADERS stream 3 GET /");
}

#[test]
fn padding_is_padding() {
    let mut wire = Wire::default();
    wire.says(SERVER, &frame(4, 0, 0, &[]));
    wire.classes.clear();
    wire.says(SERVER, &frame(0, 8, 1, b"\x03data\0\0\0"));
    assert_eq!(wire.classes, "MMMMMMMMMMCCCCPPP");
    wire.classes.clear();
    wire.says(SERVER, &frame(1, 0x0d, 1, b"\x02\x88\0\0"));
    assert_eq!(wire.classes, "MMMMMMMMMMMPP");
    wire.classes.clear();
    // All padding, and nothing at all.
    wire.says(SERVER, &frame(0, 8, 1, b"\x02\0\0"))
        .says(SERVER, &frame(0, 8, 1, b"\0"))
        .says(SERVER, &frame(0, 9, 1, b""));
    assert_eq!(wire.classes, "MMMMMMMMMMPP".to_owned() + "MMMMMMMMMM" + "MMMMMMMMM");
    assert_eq!(wire.messages.iter().filter(|message| *message == "DATA stream 1").count(), 4);
    // More than the frame has.
    wire.classes.clear();
    wire.says(SERVER, &frame(0, 8, 1, b"\x09xx"));
    assert_eq!(wire.classes, "MMMMMMMMMMPP");
    assert!(wire.says_somewhere("more padding than the frame has bytes"));
    assert_eq!(wire.says(SERVER, &frame(1, 0x0d, 1, b"\x02\x88")).messages.last().unwrap(), "stopped stream 1");
}

#[test]
fn behind_a_gap_frames_are_found_and_old_entries_are_not() {
    let mut wire = Wire::default();
    wire.says(CLIENT, &request(1));
    wire.conversation.lost(CLIENT);
    wire.classes.clear();
    let found =
        [frame(8, 0, 0, &[0, 0, 1, 0]), frame(1, 5, 3, &[0x82, 0x84, 0xbf]), frame(6, 0, 0, &[7; 8])].concat();
    // The end of something, in which one header alone looks like a frame's.
    let noise = [&frame(8, 0, 0, &[0; 4])[..], b"ghost"].concat();
    wire.says(CLIENT, &[&noise[..], &found].concat());
    assert!(wire.classes.starts_with(&"U".repeat(noise.len())), "{}", wire.classes);
    assert!(!wire.classes[noise.len()..].contains('U'));
    assert_eq!(wire.messages[2..], ["WINDOW_UPDATE", "HEADERS stream 3 GET /", "PING"]);
}

#[test]
fn two_frames_and_the_end_are_evidence_where_more_might_follow_is_not() {
    let mut half = Half { next: Next::Unknown, ..Half::default() };
    let frames = [frame(8, 0, 0, &[0; 4]), frame(3, 0, 1, &[0; 4])].concat();
    assert_eq!(half.extent(&frames, false), Extent::Needs(frames.len() + Frame::SIZE));
    assert_eq!(half.extent(&frames, true), Extent::Whole(13));
}

#[test]
fn a_bomb_of_fields_is_told_to_a_limit() {
    let mut wire = Wire::default();
    let bomb = [&[0x40, 6][..], b"cookie", &[0x7f, 0x81, 0x1e], &[b'v'; 3968], &[0xbe; 12_000]].concat();
    wire.says(CLIENT, PREFACE).says(CLIENT, &frame(1, 5, 1, &bomb));
    assert_eq!(wire.messages.last().unwrap(), "HEADERS stream 1");
    assert!(wire.facts.len() < 70 && wire.says_somewhere("more fields than a limit"));
}

#[test]
fn a_field_without_end_is_let_go() {
    let mut wire = Wire::default();
    let endless = [&[0x40, 1, b'n', 0x7f, 0xff, 0xff, 0x7f][..], &[b'v'; 16_000]].concat();
    wire.says(CLIENT, PREFACE).says(CLIENT, &frame(1, 0, 1, &endless));
    for _ in 0..8 {
        wire.says(CLIENT, &frame(9, 0, 1, &[b'v'; 16_000]));
        let held = wire.conversation.client.block.as_ref().map_or(0, Block::held);
        assert!(held <= 80_000, "{held}");
    }
}

#[test]
fn a_frame_that_is_too_long_passes() {
    let mut conversation = Conversation::default();
    conversation.server.next = Next::Frame;
    let long = frame(1, 4, 1, &vec![0x82; LONGEST + 1]);
    assert_eq!(conversation.extent(SERVER, &long), Extent::Skip { head: Frame::SIZE, total: long.len() });
    let mut findings = Findings::keeping();
    let mut c = Cursor::new(&long[..Frame::SIZE], 0, 0, &mut findings, None).with_length(long.len());
    assert_eq!(conversation.read(SERVER, &mut c).unwrap().what, "HEADERS");
    assert_eq!(findings.claims.ledger.total(), long.len() as u64);
}

#[test]
fn who_speaks_it_is_certain_and_stays_so() {
    use Answer::{More, No, Yes};
    let start = Start { transport: Transport::Tcp, client_port: 40_000, server_port: 50_051 };
    let settings = frame(4, 0, 0, &[0, 3, 0, 0, 0, 100]);
    let empty = [frame(4, 0, 0, &[]), frame(4, 1, 0, &[])].concat();
    let cases: [(&[u8], Answer); 8] = [
        (PREFACE, Yes),
        (b"PRI * HTTP/2.0\r\n\r\n", More),
        (b"PRI * HTTP/1.1\r\nHost: a\r\n\r\n", No),
        (&settings, Yes),
        (&empty, Yes),
        (&[0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9], No),
        (&[0, 0, 6, 4, 0, 0, 0, 0, 0, 9], No),
        (&[0, 0], More),
    ];
    for (bytes, expected) in cases {
        assert_eq!(probe(&start, CLIENT, bytes), expected, "{}", bytes.escape_ascii());
        let mut last = More;
        for length in 1..=bytes.len() {
            let now = probe(&start, SERVER, &bytes[..length]);
            assert!(last == More || now == last, "{}", bytes[..length].escape_ascii());
            last = now;
        }
    }
}

/// Frames that a peer might send in any order, right and wrong.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        Just(vec![0x82, 0x84, 0xbe]),
        Just(literal("cookie", "a=1")),
        Just(vec![0x3f, 0xe1, 0xff, 0x03]),
        Just(vec![0, 0, 0, 1]),
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let one = (0u8..18, any::<u8>(), 0u32..4, payload)
        .prop_map(|(kind, flags, stream, payload)| frame(kind, flags, stream, &payload));
    let noise = prop::collection::vec(any::<u8>(), 0..20);
    prop::collection::vec(prop_oneof![8 => one, 1 => noise], 0..12).prop_map(|frames| frames.concat())
}

proptest! {
    /// Whatever is said, every byte gets one class, nothing stands still, and a probe keeps its word.
    #[test]
    fn anything_may_be_said(client in frames(), server in frames()) {
        let mut wire = Wire::default();
        wire.says(CLIENT, PREFACE).says(CLIENT, &client).says(SERVER, &server);
        prop_assert!(wire.classes.len() <= PREFACE.len() + client.len() + server.len());
        wire.conversation.lost(CLIENT);
        wire.says(CLIENT, &server);
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 2 };
        let mut last = Answer::More;
        for length in 1..=server.len() {
            let now = probe(&start, SERVER, &server[..length]);
            prop_assert!(last == Answer::More || now == last);
            last = now;
        }
    }
}
