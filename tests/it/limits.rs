//! Each limit that keeps memory or work in bounds, reached from outside: what it drops is counted, what is below it is
//! read, and the ledger sums. `docs/limits.md` lists them all with the test that reaches each.

use std::path::Path;

use husk::bytes::Class;
use husk::capture::{DamageKind, KeyLog, MAX_INTERFACES, MAX_LARGE_PACKET, MAX_PACKET, MAX_REMEMBERED, Source};
use husk::flow::limits::{self, Dropped};
use husk::packet::MOST_LAYERS;
use husk::protocols;
use husk::trace::{Pass, Trace};

use crate::cli::{file, husk, stdout};

/// Link types.
const ETHERNET: u32 = 1;
const IPV4: u32 = 228;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];

/// A capture file of packets that came within a second.
fn capture(link_type: u32, packets: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, MAX_PACKET, link_type] {
        file.extend(word.to_le_bytes());
    }
    for (n, packet) in (0_u32..).zip(packets) {
        let length = packet.len() as u32;
        for word in [0, n, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// Reads packets; whatever they are, every byte has one class.
fn read(link_type: u32, packets: impl IntoIterator<Item = Vec<u8>>) -> Trace {
    let file = capture(link_type, packets);
    let records = file.len() as u64 - 24;
    let trace = Pass::new(Source::from_bytes(file).unwrap()).run();
    assert_eq!(trace.total().total(), records - 16 * trace.rows().len() as u64);
    trace
}

/// An IPv4 packet with an identification and the word of flags and fragment offset.
fn ip(from: [u8; 4], to: [u8; 4], number: u8, fragment: (u16, u16), behind: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + behind.len() as u16).to_be_bytes());
    packet.extend(fragment.0.to_be_bytes());
    packet.extend(fragment.1.to_be_bytes());
    packet.extend([64, number, 0, 0]);
    packet.extend(from.iter().chain(&to).chain(behind));
    packet
}

fn udp(ports: (u16, u16), data: &[u8]) -> Vec<u8> {
    let mut datagram = [ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat();
    datagram.extend((8 + data.len() as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(data);
    ip(CLIENT, SERVER, 17, (0, 0), &datagram)
}

/// One side of a connection: its address, port, and the next sequence number.
struct Speaker {
    from: ([u8; 4], u16),
    to: ([u8; 4], u16),
    next: u32,
}

impl Speaker {
    fn segment(&self, seq: u32, flags: u8, data: &[u8]) -> Vec<u8> {
        let mut segment = [self.from.1.to_be_bytes(), self.to.1.to_be_bytes()].concat();
        segment.extend(seq.to_be_bytes());
        segment.extend([0, 0, 0, 1, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        segment.extend(data);
        ip(self.from.0, self.to.0, 6, (0, 0x4000), &segment)
    }

    /// Says something, in segments of so many bytes.
    fn says(&mut self, data: &[u8], step: usize) -> Vec<Vec<u8>> {
        let said = data.chunks(step).map(|piece| {
            let segment = self.segment(self.next, 0x18, piece);
            self.next = self.next.wrapping_add(piece.len() as u32);
            segment
        });
        said.collect()
    }
}

/// A connection to a port: the client, the server, and the packets that open it.
fn connection(port: u16) -> (Speaker, Speaker, Vec<Vec<u8>>) {
    let (client, server) = ((CLIENT, 40_000), (SERVER, port));
    let mut client = Speaker { from: client, to: server, next: 0 };
    let mut server = Speaker { from: server, to: (CLIENT, 40_000), next: 0 };
    let opened = vec![client.segment(0, 2, &[]), server.segment(0, 0x12, &[])];
    (client.next, server.next) = (1, 1);
    (client, server, opened)
}

/// The protocols whose messages were read.
fn spoken(trace: &Trace) -> Vec<&'static str> {
    let mut names: Vec<_> =
        trace.messages().iter().map(|row| protocols::LIST[row.protocol as usize].heading.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

#[test]
fn segments_far_from_what_was_expected_are_let_go() {
    let (mut client, _, mut packets) = connection(80);
    packets.extend(client.says(REQUEST, 1400));
    client.next = client.next.wrapping_add(limits::FARTHEST as u32 + 100);
    packets.extend(client.says(b"astray", 1400));
    let trace = read(IPV4, packets);
    assert_eq!(trace.flows().dropped(), Dropped { astray: 6, ..Dropped::default() });
    assert_eq!(spoken(&trace), ["http"]);
}

#[test]
fn more_segments_beyond_a_hole_than_wait_are_counted_and_the_hole_is_given_up() {
    let (mut client, _, mut packets) = connection(80);
    let hole = client.says(b"x", 1);
    assert_eq!(hole.len(), 1);
    let many = limits::AHEAD_PIECES + 10;
    // Every other byte, so that no two make one piece.
    for _ in 0..many {
        packets.extend(client.says(b"y", 1));
        client.next = client.next.wrapping_add(1);
    }
    let trace = read(IPV4, packets);
    let flow = &trace.flows().all()[0];
    assert!(flow.tcp().unwrap().missing() >= 10, "{}", flow.tcp().unwrap().missing());
    assert_eq!(trace.rows().len(), many + 2);
}

#[test]
fn pieces_of_a_message_beyond_what_is_remembered_are_counted() {
    let (mut client, _, mut packets) = connection(80);
    let surplus = 1000;
    let length = limits::PIECES + surplus;
    let mut head = b"GET / HTTP/1.1\r\nHost: a.example\r\n".to_vec();
    while head.len() < length - 4 {
        let line = (length - 4 - head.len()).min(1000);
        head.extend([&b"X:"[..], &vec![b'a'; line.saturating_sub(4)], b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    packets.extend(client.says(&head, 1));
    let trace = read(IPV4, packets);
    let dropped = trace.flows().dropped();
    assert_eq!(dropped.pieces, (head.len() - limits::PIECES) as u64);
    assert_eq!(spoken(&trace), ["http"], "it is read all the same");
    assert_eq!(trace.total().of(Class::Unknown), dropped.pieces, "whose packet is unknown stays unknown");
}

#[test]
fn questions_beyond_those_that_wait_are_counted() {
    let question = |id: u16| {
        let mut message = id.to_be_bytes().to_vec();
        message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'a', 0, 0, 1, 0, 1]);
        udp((40_000, 53), &message)
    };
    let surplus = 70;
    let trace = read(IPV4, (0..limits::QUESTIONS as u16 + surplus).map(question));
    assert_eq!(trace.flows().dropped(), Dropped { questions: surplus.into(), ..Dropped::default() });
    assert_eq!(trace.messages().len(), limits::QUESTIONS + usize::from(surplus));
}

#[test]
fn endpoints_announced_beyond_those_that_are_expected_are_counted() {
    let (mut client, mut server, mut packets) = connection(21);
    packets.extend(server.says(b"220 ready\r\n", 1400));
    let surplus = 20;
    for port in 0..limits::ANNOUNCED + surplus {
        packets.extend(client.says(b"PASV\r\n", 1400));
        let answer = format!("227 Entering Passive Mode (192,0,2,2,{},{})\r\n", 16 + port / 256, port % 256);
        packets.extend(server.says(answer.as_bytes(), 1400));
    }
    let trace = read(IPV4, packets);
    assert_eq!(trace.flows().dropped(), Dropped { announced: surplus as u64, ..Dropped::default() });
}

/// A connection in which the client says something that nobody reads, and so many bytes later a request.
fn late_request(junk: usize) -> Trace {
    let (mut client, mut server, mut packets) = connection(4444);
    packets.extend(server.says(b"\x01hello\xfe\xff\n", 1400));
    packets.extend(client.says(&vec![0xfe; junk], 1400));
    packets.extend(server.says(b"\x02go on\xfe\xff\n", 1400));
    let hello = include_bytes!("../../fixtures/https-tls13.pcapng");
    // The first TLS record that opens a connection in the fixture: type 22, version 3.1, then its length.
    let at = hello.windows(3).position(|three| three == [22, 3, 1]).unwrap();
    let length = 5 + usize::from(u16::from_be_bytes([hello[at + 3], hello[at + 4]]));
    packets.extend(client.says(&hello[at..at + length], 1400));
    read(IPV4, packets)
}

#[test]
fn another_protocol_is_looked_for_within_the_opening_of_a_connection() {
    let (soon, late) = (limits::OPENING as usize / 2, limits::OPENING as usize + 1400);
    assert_eq!(spoken(&late_request(soon)), ["tls"]);
    assert_eq!(spoken(&late_request(late)), [""; 0]);
}

#[test]
fn a_protocol_is_recognised_in_the_first_datagrams_of_a_flow() {
    // A binding request (RFC 8489): nobody else's bytes look like it, so that it is known on any port.
    let stun = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    let behind = |junk: u32| {
        let junk = (0..junk).map(|_| udp((40_000, 4444), b"\xfe\xfe\xfe"));
        spoken(&read(IPV4, junk.chain([udp((40_000, 4444), &stun)])))
    };
    assert_eq!(behind(limits::PROBE_DATAGRAMS - 1), ["stun"]);
    assert_eq!(behind(limits::PROBE_DATAGRAMS), [""; 0]);
}

#[test]
fn layers_beyond_the_deepest_are_unknown_and_said_to_be() {
    let tagged = |tags: usize| {
        let mut frame = vec![0; 12];
        (0..tags).for_each(|_| frame.extend([0x81, 0, 0, 1]));
        frame.extend([0x08, 0x00]);
        frame.extend(udp((1, 2), b"x"));
        read(ETHERNET, [frame])
    };
    let (few, many) = (tagged(MOST_LAYERS - 8), tagged(MOST_LAYERS + 8));
    assert!(!few.rows().get(0).unwrap().stopped() && few.flows().all().len() == 1);
    assert!(many.rows().get(0).unwrap().stopped() && many.flows().all().is_empty());
}

/// A datagram in fragments in fragments: the last piece of each level comes with the one packet that completes all.
fn nested(depth: u8) -> Vec<Vec<u8>> {
    const MORE: u16 = 0x2000;
    let level = |n: u8| [10, 0, 0, n];
    let within = |n: u8, packet: &[u8]| ip(level(n), level(n + 100), 4, (0, 0), packet);
    let mut pieces = Vec::new();
    let mut last = udp((40_000, 53), b"a datagram long enough to be cut")[20..].to_vec();
    let (mut from, mut to, mut number) = (CLIENT, SERVER, 17);
    for n in 1..=depth {
        let (front, back) = last.split_at(16);
        // The first half comes whole, in as many envelopes as it will be looked for in.
        let first = ip(from, to, number, (n.into(), MORE), front);
        pieces.push((n..=depth).fold(first, |packet, outer| within(outer, &packet)));
        last = ip(from, to, number, (n.into(), 2), back);
        (from, to, number) = (level(n), level(n + 100), 4);
    }
    pieces.push(within(depth, &last));
    pieces
}

#[test]
fn fragments_within_fragments_are_put_together_to_a_depth() {
    let names = |depth: u8| {
        read(IPV4, nested(depth))
            .flows()
            .all()
            .iter()
            .filter(|flow| flow.endpoint(protocols::Side::Server).1 == 53)
            .count()
    };
    let most = limits::NESTED_DATAGRAMS as u8;
    assert_eq!(names(1), 1);
    assert_eq!(names(most), 1);
    assert_eq!(names(most + 1), 0);
}

/// Words in little-endian order.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A pcapng block.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = 12 + body.len().next_multiple_of(4) as u32;
    let mut block = words(&[kind, length]);
    block.extend(body);
    block.resize(length as usize - 4, 0);
    block.extend(words(&[length]));
    block
}

fn section() -> Vec<u8> {
    block(0x0a0d_0d0a, &words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]))
}

fn interface() -> Vec<u8> {
    block(1, &words(&[IPV4, 0]))
}

/// A packet block with options.
fn packet_block(packet: &[u8], options: &[u8]) -> Vec<u8> {
    let length = packet.len() as u32;
    let mut body = words(&[0, 0, 0, length, length]);
    body.extend(packet);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(options);
    block(6, &body)
}

/// Reads a capture to its end: how many packets it had, and what came of the source.
fn to_the_end(file: Vec<u8>) -> (usize, Source) {
    let mut pass = Pass::new(Source::from_bytes(file).unwrap());
    let packets = pass.run().rows().len();
    (packets, pass.into_source())
}

fn damage(source: &Source) -> String {
    source.damage().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn packets_longer_than_any_are_taken_for_damage() {
    let one = udp((1, 2), b"x");
    for (snap_length, length, fits) in [
        (0, MAX_PACKET, true),
        (0, MAX_PACKET + 1, false),
        (MAX_PACKET + 100, MAX_PACKET + 100, true),
        (MAX_PACKET + 100, MAX_PACKET + 101, false),
        (u32::MAX, MAX_LARGE_PACKET + 1, false),
    ] {
        let mut file = capture(IPV4, [one.clone()]);
        file[16..20].copy_from_slice(&snap_length.to_le_bytes());
        file.extend(words(&[0, 2, length, length]));
        let held = if fits { length as usize } else { 1000 };
        file.resize(file.len() + held, 0xff);
        let (packets, source) = to_the_end(file);
        assert_eq!(packets, if fits { 2 } else { 1 }, "{length} of {snap_length}: {}", damage(&source));
        assert_eq!(source.damage().is_none(), fits);
    }
}

#[test]
fn interfaces_beyond_the_most_end_the_capture_with_a_word() {
    let capture = |interfaces: u32| {
        let mut file = section();
        (0..interfaces).for_each(|_| file.extend(interface()));
        file.extend(packet_block(&udp((1, 2), b"x"), &[]));
        to_the_end(file)
    };
    let (packets, source) = capture(MAX_INTERFACES);
    assert_eq!((packets, source.damage()), (1, None));
    let (packets, source) = capture(MAX_INTERFACES + 1);
    assert_eq!(packets, 0);
    assert!(matches!(source.damage().unwrap().what, DamageKind::TooManyInterfaces { limit: MAX_INTERFACES }));
}

#[test]
fn comments_beyond_what_is_remembered_are_counted() {
    const LENGTH: usize = 60_000;
    let mut option = [&1_u16.to_le_bytes()[..], &(LENGTH as u16).to_le_bytes()].concat();
    option.extend(vec![b'c'; LENGTH]);
    let many = MAX_REMEMBERED / LENGTH + 10;
    let mut file = [section(), interface()].concat();
    (0..many).for_each(|_| file.extend(packet_block(&udp((1, 2), b"x"), &option)));
    let (packets, source) = to_the_end(file);
    assert_eq!(packets, many, "packets are not what is limited");
    assert_eq!(source.comments().len() as u64 + source.notes().dropped(), many as u64);
    assert!((8..20).contains(&source.notes().dropped()), "{}", source.notes().dropped());
}

#[test]
fn kinds_of_unknown_blocks_beyond_some_are_counted_as_one() {
    let mut file = [section(), interface()].concat();
    let many = 3000;
    (0..many).for_each(|n| file.extend(block(0x8000_0000 | n, &[])));
    file.extend(packet_block(&udp((1, 2), b"x"), &[]));
    let (packets, source) = to_the_end(file);
    let skipped: Vec<(u32, u64)> = source.notes().skipped().collect();
    assert_eq!((packets, skipped.len()), (1, 1025));
    assert_eq!(skipped.iter().map(|(_, count)| count).sum::<u64>(), u64::from(many));
}

#[test]
fn a_block_that_claims_more_than_any_has_is_damage() {
    let mut file = [section(), interface(), packet_block(&udp((1, 2), b"x"), &[])].concat();
    file.extend(words(&[1, 0x7fff_fff0]));
    file.resize(file.len() + 4096, 0);
    let (packets, source) = to_the_end(file);
    assert_eq!(packets, 1);
    assert!(source.damage().is_some());
}

#[test]
fn what_unpacks_to_more_than_a_capture_does_is_left_out() {
    use std::io::Write as _;
    // Zeros pack a thousand times: 64 MiB of them are unpacked in any case, more only up to 250 times the packed size.
    let plain = capture(IPV4, [udp((1, 2), b"x")]);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&plain).unwrap();
    // Packets that are whole, so that what is read shows how far unpacking went.
    let packet = ip(CLIENT, SERVER, 99, (0, 0), &vec![0; 60_000]);
    let record = [words(&[0, 0, packet.len() as u32, packet.len() as u32]), packet].concat();
    let many = (100 << 20) / record.len();
    (0..many).for_each(|_| packer.write_all(&record).unwrap());
    let packed = packer.finish().unwrap();
    let times = (100 << 20) / packed.len();
    assert!(times > 250, "they pack {times} times");
    let (packets, source) = to_the_end(packed);
    assert!(matches!(source.damage().unwrap().what, DamageKind::Bomb { times: 250, .. }), "{}", damage(&source));
    let read = packets * record.len();
    assert!((60 << 20..72 << 20).contains(&read), "{read} bytes were read");
}

#[test]
fn a_secret_longer_than_any_is_an_odd_line() {
    let line = |bytes: usize| format!("CLIENT_RANDOM {} {}\n", "ab".repeat(32), "cd".repeat(bytes));
    let log = KeyLog::parse((line(48) + &line(256) + &line(257)).as_bytes());
    assert_eq!((log.secrets.len(), log.odd_lines), (2, 1));
}

/// A segment whose header carries a timestamp (RFC 7323, section 3).
fn timed(client: &Speaker, time: u32, data: &[u8]) -> Vec<u8> {
    let mut packet = client.segment(client.next, 0x18, data);
    packet[32] = 0x80;
    let option = [&[1, 1, 8, 10][..], &time.to_be_bytes(), &[0; 4]].concat();
    packet.splice(40..40, option);
    let length = packet.len() as u16;
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet
}

#[test]
fn a_segment_whose_time_is_too_long_ago_is_not_taken() {
    let (first, second) = REQUEST.split_at(10);
    let late = |ticks: u32| {
        let (mut client, _, mut packets) = connection(80);
        let now = 1_000_000;
        packets.push(timed(&client, now, first));
        client.next += first.len() as u32;
        packets.push(timed(&client, now - ticks, second));
        read(IPV4, packets).total().of(Class::Unknown)
    };
    let most = limits::OLD_TICKS as u32;
    assert_eq!(late(most), 0);
    assert_eq!(late(most + 1), second.len() as u64);
}

#[test]
fn a_retransmission_has_the_class_of_the_original_as_far_as_that_is_remembered() {
    let hello = include_bytes!("../../fixtures/https-tls13.pcapng");
    let at = hello.windows(3).position(|three| three == [22, 3, 1]).unwrap();
    let length = 5 + usize::from(u16::from_be_bytes([hello[at + 3], hello[at + 4]]));
    let (mut client, _, mut packets) = connection(443);
    packets.extend(client.says(&hello[at..at + length], 1400));
    let record = [&[23, 3, 3, 0, 40][..], &[0x5a; 40]].concat();
    let first = client.next;
    // Each record is two runs: its header is readable, its body is not.
    (0..limits::HISTORY).for_each(|_| packets.extend(client.says(&record, 1400)));
    let last = client.next - record.len() as u32;
    let again = [last, first].map(|seq| client.segment(seq, 0x18, &record));
    packets.extend(again);
    let trace = read(IPV4, packets);
    let count = trace.rows().len() as u32;
    let (last, first) = (trace.ledger(count - 1), trace.ledger(count));
    assert!(last.of(Class::Sealed) > 0 && last.of(Class::Unknown) == 0, "{last:?}");
    assert_eq!(first.of(Class::Unknown), record.len() as u64, "{first:?}");
}

/// What `husk show` says of the last packet.
fn shown_last(packets: Vec<Vec<u8>>) -> String {
    let last = packets.len().to_string();
    let (_folder, path) = file(&capture(IPV4, packets));
    stdout(&husk(&["show", path.to_str().unwrap(), &last]))
}

#[test]
fn a_body_longer_than_what_is_kept_is_not_decoded_and_that_is_said() {
    const SAID: &str = "not all of the body was kept";
    let page = |length: usize| {
        let (mut client, mut server, mut packets) = connection(80);
        packets.extend(client.says(REQUEST, 1400));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n");
        packets.extend(server.says(&[head.as_bytes(), &vec![b'a'; length]].concat(), 60_000));
        shown_last(packets)
    };
    assert!(!page(limits::PARTS - 1000).contains(SAID));
    let said = page(limits::PARTS + 1000);
    assert!(said.contains(SAID), "{said}");
}

#[test]
fn a_message_that_never_ends_is_let_go_and_counted() {
    // An MQTT message may announce 256 MiB (MQTT 3.1.1, section 2.2.3).
    let connect = b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04self";
    let long = [&b"\x10\x80\x80\x80\x02\0\x04MQTT\x04\x02\0\x3c"[..], &vec![0; limits::TAIL + 5000]].concat();
    let (mut client, _, mut packets) = connection(1883);
    packets.extend(client.says(connect, 1400));
    packets.extend(client.says(&long, 60_000));
    let trace = read(IPV4, packets);
    assert!(trace.flows().dropped().tail >= limits::TAIL as u64);
}

/// Every file below a folder of the project.
fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|ending| ending.to_str()) {
            None if path.is_dir() => sources(&path, found),
            Some("rs" | "py") => found.push_str(&std::fs::read_to_string(&path).unwrap()),
            _ => {}
        }
    }
}

#[test]
fn the_table_of_limits_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("docs/limits.md")).unwrap();
    let mut tests = String::new();
    sources(&root.join("src"), &mut tests);
    sources(&root.join("tests/it"), &mut tests);
    tests.push_str(&std::fs::read_to_string(root.join("fuzz/limits.py")).unwrap());
    let mut listed = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, name, place, value, beyond, test, _] = cells[..] else { panic!("{row}") };
        let code = std::fs::read_to_string(root.join("src").join(place)).unwrap();
        let constant = code.lines().map(str::trim).find(|line| line.contains(&format!("const {name}: ")));
        let constant = constant.unwrap_or_else(|| panic!("{place} has no {name}"));
        assert!(constant.contains(&format!(" = {value};")), "{constant} is not {value}");
        let reached = tests.contains(&format!("fn {test}()")) || tests.contains(&format!("yield \"{test}\""));
        assert!(reached && !beyond.is_empty(), "nothing is called {test}");
        listed.push((place.to_owned(), name.to_owned()));
    }
    let of_flows = std::fs::read_to_string(root.join("src/flow/limits.rs")).unwrap();
    for line in of_flows.lines().filter_map(|line| line.strip_prefix("pub const ")) {
        let name = line.split(':').next().unwrap().to_owned();
        assert!(listed.contains(&("flow/limits.rs".to_owned(), name.clone())), "docs/limits.md lacks {name}");
    }
}
