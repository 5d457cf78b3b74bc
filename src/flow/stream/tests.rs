//! However a side's bytes are cut, doubled and mixed up, the same messages are read, and every byte of every
//! packet gets the same class.

use crate::flow::pairs::Pairs;
use proptest::prelude::*;

use super::*;
use crate::bytes::{Class, Cursor, Fact, Ledger, Stop};
use crate::flow::MessageRow;
use crate::flow::speech::Spoken;
use crate::flow::table::Desk;
use crate::protocols::{Dialogue, Extent, Message, Side, Start, Transport, udp};

const BEGIN: u64 = 1 << 32;

/// A protocol of three kinds of messages: `w` n and n bytes; `s` n, of which `16 n` sealed bytes are skipped;
/// `p` n, behind which n bytes of content pass; `b` n, a head whose body they are; `c` n, the same with one byte more behind
/// the body.
#[derive(Clone, Default)]
struct Toy {
    passing: Option<u64>,
    /// The kind of the message of which a part was read, and whether its body has passed.
    within: Option<(u8, u64, bool)>,
    lost: u32,
}

impl Dialogue for Toy {
    fn extent(&mut self, _side: Side, arrived: &[u8]) -> Extent {
        if let Some(length) = self.passing.take().filter(|length| *length > 0) {
            return Extent::Pass { class: Class::Content, length, ends: false };
        }
        match &mut self.within {
            Some((b'b', length, _)) => return Extent::Pass { class: Class::Content, length: *length, ends: true },
            Some((_, length, passed @ false)) if *length > 0 => {
                *passed = true;
                return Extent::Pass { class: Class::Content, length: *length, ends: false };
            }
            Some(_) => return Extent::Whole(1),
            None => {}
        }
        match *arrived {
            [b'b', 0, ..] => Extent::Whole(2),
            [b'b' | b'c', _, ..] => Extent::Part(2),
            [b'w', n, ..] if arrived.len() >= 2 + usize::from(n) => Extent::Whole(2 + usize::from(n)),
            [b'w', n, ..] => Extent::Needs(2 + usize::from(n)),
            [b's', n, ..] => Extent::Skip { head: 2, total: 2 + 16 * usize::from(n) },
            [b'p', _, ..] => Extent::Whole(2),
            [b'w' | b's' | b'p' | b'b' | b'c'] => Extent::Needs(2),
            _ => Extent::Lost(1),
        }
    }

    fn read(&mut self, _side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        match self.within.take() {
            Some((b'b', length, _)) => {
                c.skim(&udp::LENGTH, length as usize, Class::Content)?;
                return Ok(Message::new("body"));
            }
            Some(_) => return c.u8(&udp::LENGTH).map(|_| Message::new("body")),
            None => {}
        }
        let kind = c.u8(&udp::LENGTH)?;
        let n = c.u8(&udp::LENGTH)?;
        match kind {
            b'b' | b'c' => {
                self.within = Some((kind, n.into(), false)).filter(|_| n > 0 || kind == b'c');
                Ok(if kind == b'b' { Message::new("head") } else { Message::PART })
            }
            b'w' => c.pass(n.into()).map(|_| Message::new("whole")),
            b's' => c.skim(&udp::LENGTH, 16 * usize::from(n), Class::Sealed).map(|()| Message::new("skipped")),
            _ => {
                self.passing = Some(n.into());
                Ok(Message::new("passing"))
            }
        }
    }

    fn lost(&mut self, _side: Side) {
        self.passing = None;
        self.within = None;
        self.lost += 1;
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["toy"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

/// A byte stream of messages, and the class of each byte.
fn speech() -> impl Strategy<Value = (Vec<u8>, Vec<Class>)> {
    let message = (prop::sample::select(b"wspbc?".to_vec()), 0..20u8, any::<u8>());
    prop::collection::vec(message, 1..20).prop_map(|messages| {
        let (mut bytes, mut classes) = (Vec::new(), Vec::new());
        for (kind, n, filler) in messages {
            let (length, class) = match kind {
                b'w' => (usize::from(n), Class::Metadata),
                b's' => (16 * usize::from(n), Class::Sealed),
                b'p' | b'b' | b'c' => (usize::from(n), Class::Content),
                _ => {
                    bytes.push(b'?');
                    classes.push(Class::Unknown);
                    continue;
                }
            };
            bytes.extend([kind, n]);
            classes.extend([Class::Metadata; 2]);
            bytes.extend((0..length).map(|at| filler.wrapping_add(at as u8)));
            classes.extend(std::iter::repeat_n(class, length));
            if kind == b'c' {
                bytes.push(b';');
                classes.push(Class::Metadata);
            }
        }
        (bytes, classes)
    })
}

/// What a reader heard: messages by offset, and the class of each byte of each packet.
#[derive(Default)]
struct Heard {
    messages: Vec<(u64, u32, &'static str)>,
    packets: Vec<Vec<Class>>,
    stream: Vec<u8>,
    missing: u64,
}

impl Books for Heard {
    fn settle(&mut self, packet: u32, at: u32, length: u32, class: Class) {
        let bytes = &mut self.packets[packet as usize][at as usize..][..length as usize];
        assert!(bytes.iter().all(|before| *before == Class::Unknown), "a byte is classed once");
        bytes.fill(class);
    }

    fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
        Ledger::NOTHING
    }

    fn message(&mut self, message: MessageRow, _subject: &str) {
        self.messages.push((message.offset - BEGIN, message.length, message.what));
    }

    fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: &Fact) {}

    fn in_order(
        &mut self,
        _flow: u32,
        _side: Side,
        offset: u64,
        bytes: &[u8],
        origins: &mut dyn Iterator<Item = crate::bytes::Piece>,
    ) {
        assert_eq!(offset - BEGIN, self.stream.len() as u64 + self.missing);
        assert_eq!(origins.map(|piece| piece.length as usize).sum::<usize>(), bytes.len());
        self.stream.extend_from_slice(bytes);
    }

    fn missing(&mut self, _flow: u32, _side: Side, _offset: u64, length: u64) {
        self.missing += length;
    }
}

/// The offset and the end of a segment, and how much of its end the snap length cut.
type Cut = (usize, usize, usize);

fn desk(gather: bool) -> Desk {
    let mut desk = Desk::new();
    desk.gather = gather;
    desk
}

fn hear(bytes: &[u8], cuts: &[Cut], gather: bool) -> (Heard, Stream, usize) {
    hear_as(Box::new(Toy::default()), bytes, cuts, gather)
}

fn hear_as(dialogue: Box<dyn Dialogue>, bytes: &[u8], cuts: &[Cut], gather: bool) -> (Heard, Stream, usize) {
    let mut heard = Heard::default();
    let mut desk = desk(gather);
    let mut stream = Stream::default();
    let mut spoken = Spoken::Dialogue(0, dialogue);
    let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 2 };
    stream.begin_at(BEGIN);
    for (packet, (from, to, cut)) in cuts.iter().copied().enumerate() {
        let captured = &bytes[from..to - cut];
        heard.packets.push(vec![Class::Unknown; captured.len()]);
        let mut reader = Reader {
            spoken: &mut spoken,
            former: &mut None,
            pairs: &mut Pairs::default(),
            start,
            side: Side::Client,
            flow: 0,
            packet: packet as u32,
            books: &mut heard,
            desk: &mut desk,
            tree: None,
            turn: false,
            other_waits: false,
            turned: false,
        };
        let offset = BEGIN + from as u64;
        let cut = cut as u32;
        let segment = Segment { offset, bytes: captured, cut, packet: packet as u32, at: 0, source: 0, origins: &[] };
        stream.arrive(&segment, &mut reader);
    }
    let packet = cuts.len() as u32;
    heard.packets.push(Vec::new());
    let mut reader = Reader {
        spoken: &mut spoken,
        former: &mut None,
        pairs: &mut Pairs::default(),
        start,
        side: Side::Client,
        flow: 0,
        packet,
        books: &mut heard,
        desk: &mut desk,
        tree: None,
        turn: false,
        other_waits: false,
        turned: false,
    };
    stream.finish(None, &mut reader);
    (heard, stream, desk.held)
}

/// Segments that cover `length` bytes, cut at random places.
fn segments(length: usize) -> impl Strategy<Value = Vec<Cut>> {
    prop::collection::vec(0..=length, 0..40).prop_map(move |mut places| {
        places.extend([0, length]);
        places.sort_unstable();
        places.dedup();
        places.windows(2).map(|pair| (pair[0], pair[1], 0)).collect()
    })
}

/// The same, with doubles and overlaps, mixed up.
fn mixed(length: usize) -> impl Strategy<Value = Vec<Cut>> {
    let doubles = prop::collection::vec((0..length, 0..length), 0..20);
    (segments(length), doubles).prop_flat_map(|(mut all, doubles)| {
        all.extend(doubles.into_iter().filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b), 0)));
        Just(all).prop_shuffle()
    })
}

fn spoken_and(
    cuts: impl Fn(usize) -> BoxedStrategy<Vec<Cut>>,
) -> impl Strategy<Value = (Vec<u8>, Vec<Class>, Vec<Cut>)> {
    speech().prop_flat_map(move |(bytes, classes)| {
        let cuts = cuts(bytes.len());
        (Just(bytes), Just(classes), cuts)
    })
}

fn same_as_whole(bytes: &[u8], classes: &[Class], cuts: &[Cut], gather: bool) -> Result<(), TestCaseError> {
    let (whole, ..) = hear(bytes, &[(0, bytes.len(), 0)], false);
    let (heard, stream, held) = hear(bytes, cuts, gather);
    prop_assert_eq!(&heard.messages, &whole.messages);
    prop_assert_eq!(&heard.stream, bytes);
    for (packet, (from, to, _)) in heard.packets.iter().zip(cuts) {
        prop_assert_eq!(packet, &classes[*from..*to], "packet {}..{}", from, to);
    }
    prop_assert_eq!((stream.conflicts, stream.missing, held), (0, 0, 0));
    Ok(())
}

proptest! {
    #[test]
    fn however_it_is_cut((bytes, classes, cuts) in spoken_and(|length| segments(length).boxed()), gather: bool) {
        same_as_whole(&bytes, &classes, &cuts, gather)?;
    }

    #[test]
    fn byte_by_byte((bytes, classes) in speech()) {
        let cuts: Vec<Cut> = (0..bytes.len()).map(|at| (at, at + 1, 0)).collect();
        same_as_whole(&bytes, &classes, &cuts, false)?;
    }

    #[test]
    fn however_it_is_doubled_and_mixed_up(
        (bytes, classes, cuts) in spoken_and(|length| mixed(length).boxed()),
        gather: bool,
    ) {
        same_as_whole(&bytes, &classes, &cuts, gather)?;
    }

    /// Segments are lost, and the snap length cuts others: every byte gets its own class or none, nothing is
    /// classed twice, what is missing is counted, and all memory is given back.
    #[test]
    fn whatever_is_lost(
        (bytes, classes, cuts) in spoken_and(|length| mixed(length).boxed()),
        lost in prop::collection::vec(0..60usize, 0..8),
        snap in 1..60usize,
    ) {
        let mut cuts = cuts;
        for place in lost {
            if place < cuts.len() {
                cuts.remove(place);
            }
        }
        for (from, to, cut) in &mut cuts {
            *cut = (*to - *from).saturating_sub(snap);
        }
        let (heard, _, held) = hear(&bytes, &cuts, false);
        let sent = cuts.iter().map(|(_, to, _)| *to).max().unwrap_or(0);
        prop_assert_eq!(heard.stream.len() as u64 + heard.missing, sent as u64);
        prop_assert_eq!(held, 0);
        let whole = hear(&bytes[..sent], &[(0, sent, 0)], false).0;
        if heard.missing == 0 {
            prop_assert_eq!(&heard.messages, &whole.messages);
            for (packet, (from, to, cut)) in heard.packets.iter().zip(&cuts) {
                let known = &classes[*from..*to - *cut];
                let same = packet.iter().zip(known).all(|(got, class)| got == class || sent < bytes.len());
                prop_assert!(same);
            }
        }
    }

    /// Bytes that mean nothing to anybody do no harm.
    #[test]
    fn noise_in_any_order(
        segments in prop::collection::vec((0..3000usize, prop::collection::vec(any::<u8>(), 0..300)), 0..40),
    ) {
        let mut noise = vec![0; 4000];
        let cuts: Vec<Cut> = segments.iter().map(|(from, bytes)| (*from, from + bytes.len(), 0)).collect();
        for (from, bytes) in &segments {
            noise[*from..from + bytes.len()].copy_from_slice(bytes);
        }
        let (heard, _, held) = hear(&noise, &cuts, false);
        prop_assert_eq!(held, 0);
        prop_assert_eq!(heard.packets.len(), cuts.len() + 1);
    }
}

/// What servers say, right and wrong: each piece is a message, a part of one, or nothing.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let answer = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4;a=b\r\nwiki\r\n0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nFolded: a\r\n b\r\n\r\nabc",
        "\r\n",
        "not HTTP at all\n",
        "HTTP/1.1",
        "HTTP/1.0 200 OK\r\n\r\n",
    ]);
    prop::collection::vec(answer, 1..8).prop_map(|answers| answers.concat().into_bytes())
}

proptest! {
    #[test]
    fn http_says_the_same_however_it_is_cut(
        (bytes, cuts) in answers().prop_flat_map(|bytes| (Just(bytes.clone()), segments(bytes.len()))),
        gather: bool,
    ) {
        let crate::protocols::Read::Dialogue { new, .. } = crate::protocols::http::PROTOCOL.read else { return Ok(()) };
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 80 };
        let (whole, ..) = hear_as(new(&start), &bytes, &[(0, bytes.len(), 0)], false);
        let (heard, _, held) = hear_as(new(&start), &bytes, &cuts, gather);
        prop_assert_eq!(&heard.messages, &whole.messages);
        prop_assert_eq!(held, 0);
        let classes: Vec<Class> = heard.packets.concat();
        prop_assert_eq!(&classes, &whole.packets.concat());
    }
}

#[test]
fn a_body_passes_over_a_gap_and_a_part_without_its_rest_is_told() {
    let mut bytes = vec![b'b', 40];
    bytes.extend([7; 40]);
    bytes.extend(b"w\x02ok");
    let (heard, ..) = hear(&bytes, &[(0, 20, 0), (30, 46, 0)], true);
    assert_eq!(heard.messages, [(0, 2, "head"), (2, 40, "body"), (42, 4, "whole")]);
    let (heard, _, held) = hear(b"c\x08abcd", &[(0, 6, 0)], true);
    assert_eq!((heard.messages.as_slice(), held), (&[(0, 6, "cut")][..], 0));
}

#[test]
fn a_skipped_message_goes_on_behind_a_gap_and_one_that_the_gap_ends_is_read() {
    let mut bytes = vec![b's', 4];
    bytes.extend([7; 64]);
    bytes.extend(b"w\x02ok");
    let (heard, stream, _) = hear(&bytes, &[(0, 20, 0), (40, 70, 0)], false);
    assert_eq!(heard.messages, [(0, 66, "skipped"), (66, 4, "whole")]);
    assert_eq!(stream.missing, 20);
    let (heard, ..) = hear(&bytes, &[(0, 20, 0), (66, 70, 0)], false);
    assert_eq!(heard.messages, [(0, 66, "skipped"), (66, 4, "whole")]);
}

#[test]
fn a_message_that_the_snap_length_cut_is_read_as_far_as_it_goes() {
    let bytes = b"w\x08abcdefghw\x02ok";
    let (heard, stream, _) = hear(bytes, &[(0, 10, 6), (10, 14, 0)], false);
    assert_eq!(heard.messages, [(0, 4, "cut"), (10, 4, "whole")]);
    assert_eq!(
        (stream.missing, heard.packets[0].as_slice()),
        (6, &[Class::Metadata, Class::Metadata, Class::Unknown, Class::Unknown][..])
    );
}

#[test]
fn a_segment_that_spans_what_waits_fills_every_hole() {
    let bytes = b"w\x08abcdefghw\x02ok";
    let (heard, stream, _) = hear(bytes, &[(3, 5, 0), (8, 9, 0), (0, 14, 0)], false);
    assert_eq!(heard.messages, [(0, 10, "whole"), (10, 4, "whole")]);
    assert_eq!(stream.missing, 0);
    assert!(heard.packets[..3].iter().flatten().all(|class| *class == Class::Metadata));
}

#[test]
fn too_much_beyond_a_hole_gives_it_up() {
    let bytes = vec![b'?'; 2 * limits::AHEAD_PIECES + 10];
    let cuts: Vec<Cut> = (1..=limits::AHEAD_PIECES + 1).map(|n| (2 * n, 2 * n + 1, 0)).collect();
    let (heard, stream, held) = hear(&bytes, &cuts, false);
    assert_eq!((heard.stream.len(), held), (limits::AHEAD_PIECES + 1, 0));
    assert_eq!(stream.missing, limits::AHEAD_PIECES as u64 + 2);
}

#[test]
fn a_segment_from_elsewhere_is_let_go() {
    let mut desk = desk(false);
    let mut heard = Heard { packets: vec![vec![Class::Unknown; 2]], ..Heard::default() };
    let mut stream = Stream::default();
    stream.begin_at(BEGIN);
    let mut reader = Reader {
        spoken: &mut Spoken::Undecided(0),
        former: &mut None,
        pairs: &mut Pairs::default(),
        start: Start { transport: Transport::Tcp, client_port: 1, server_port: 2 },
        side: Side::Client,
        flow: 0,
        packet: 0,
        books: &mut heard,
        desk: &mut desk,
        tree: None,
        turn: false,
        other_waits: false,
        turned: false,
    };
    let offset = BEGIN + limits::FARTHEST + 1;
    stream.arrive(&Segment { offset, bytes: b"xx", cut: 0, packet: 0, at: 0, source: 0, origins: &[] }, &mut reader);
    stream.finish(None, &mut reader);
    assert_eq!((heard.missing, desk.dropped.astray), (0, 2));
}

#[test]
fn what_is_not_whole_when_the_side_closes_is_told_there() {
    let mut desk = desk(false);
    let mut heard = Heard { packets: vec![vec![Class::Unknown; 6], Vec::new()], ..Heard::default() };
    let mut stream = Stream::default();
    stream.begin_at(BEGIN);
    let mut reader = Reader {
        spoken: &mut Spoken::Dialogue(0, Box::new(Toy::default())),
        former: &mut None,
        pairs: &mut Pairs::default(),
        start: Start { transport: Transport::Tcp, client_port: 1, server_port: 2 },
        side: Side::Client,
        flow: 0,
        packet: 0,
        books: &mut heard,
        desk: &mut desk,
        tree: None,
        turn: false,
        other_waits: false,
        turned: false,
    };
    let segment = Segment { offset: BEGIN, bytes: b"w\x08abcd", cut: 0, packet: 0, at: 0, source: 0, origins: &[] };
    stream.arrive(&segment, &mut reader);
    stream.close(BEGIN + 5, &mut reader);
    assert_eq!(reader.books.messages, [], "bytes before the end are missing");
    stream.close(BEGIN + 6, &mut reader);
    assert_eq!(reader.books.messages, [(0, 6, "cut")]);
    stream.finish(None, &mut reader);
    assert_eq!((heard.messages.len(), desk.held), (1, 0));
}
