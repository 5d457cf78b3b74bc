//! Captures: every file of the corpus against what another reader says of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use husk::capture::{Block, Progress, Source};

/// The corpus, if it is here (`HUSK_CORPUS`).
fn corpus() -> Option<PathBuf> {
    std::env::var_os("HUSK_CORPUS").map(PathBuf::from)
}

/// Where the table is wrong, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "clusterfuzz-testcase-minimized-FuzzTarget-6604968558198784",
        "version 2.2 gives the two lengths in the other order; libpcap and tshark find the one packet as we do",
    ),
    (
        "crash-pcapng-epb-unbounded-length",
        "the packet has no byte in its block, so it is cut; the table counts it as whole",
    ),
];

/// What a reader says of a capture, in the words of `expected/files.tsv`.
#[derive(Default, Debug)]
struct Said {
    frames: u64,
    cut: u64,
    link_types: BTreeSet<u32>,
    first: Option<i64>,
    last: Option<i64>,
    damage: Option<String>,
}

fn read(path: &Path) -> Said {
    let mut said = Said::default();
    let mut source = match Source::open(path) {
        Ok(source) => source,
        Err(error) => {
            said.damage = Some(error.to_string());
            return said;
        }
    };
    let mut block = Block::new();
    let fetch = source.fetch();
    let mut again = Vec::new();
    while source.next_block(&mut block) == Progress::Packets {
        for (head, bytes) in block.packets() {
            assert_eq!(bytes.len(), head.captured as usize);
            if said.frames.is_multiple_of(17) {
                fetch.read(head.position, head.captured, &mut again).expect("a packet that was read is still there");
                assert_eq!(again, bytes);
            }
            said.frames += 1;
            said.cut += u64::from(head.missing() > 0);
            said.last = head.timed.then_some(head.time);
            if said.frames == 1 {
                said.first = said.last;
            }
        }
    }
    assert_eq!(source.next_block(&mut block), Progress::End);
    said.link_types = source.interfaces().iter().map(|interface| interface.link_type).collect();
    said.damage = source.damage().map(ToString::to_string);
    said
}

/// Seconds with a fraction, as the table has them (`1340954905.298858000`), in nanoseconds.
fn nanoseconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.')?;
    Some(seconds.parse::<i64>().ok()?.saturating_mul(1_000_000_000).saturating_add(fraction.parse::<i64>().ok()?))
}

#[test]
fn every_file_of_the_corpus_has_the_packets_that_another_reader_finds() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: HUSK_CORPUS is not set");
        return;
    };
    let table = fs::read_to_string(corpus.join("expected/files.tsv")).expect("the table");
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name: &str| header.iter().position(|cell| *cell == name).expect("a column");
    let (frames, cut, links, first, last) = (
        column("frames_own_reader"),
        column("truncated_frames"),
        column("linktypes"),
        column("first_ts"),
        column("last_ts"),
    );
    let (blocks, note, rc) = (column("blocks"), column("reader_note"), column("tshark_rc"));
    let mut wrong = [0; 5];
    let mut files = 0;
    for row in lines {
        files += 1;
        let said = read(&corpus.join(row[0]));
        let link_types: BTreeSet<u32> =
            row[links].split(',').filter_map(|n| n.parse::<u32>().ok()).map(|n| n & 0x03ff_ffff).collect();
        // The times are tshark's: they wrap at 32 bits where a fraction is a second or more, and end where tshark gave up.
        let timely = !row[note].contains("bad subsec") && !row[note].contains("last pkt cut") && row[rc] == "0";
        let time = |cell: usize, ours: Option<i64>| {
            !timely || row[cell].is_empty() || ours.is_none() || nanoseconds(row[cell]) == ours
        };
        let simple = row[blocks].contains("SPB"); // the table does not count cut packets in simple packet blocks
        let agreed = [
            said.frames.to_string() == row[frames],
            simple || said.cut.to_string() == row[cut],
            said.link_types == link_types,
            time(first, said.first),
            time(last, said.last),
        ];
        if agreed.contains(&false) && EXCEPTIONS.iter().any(|(name, _)| row[0].ends_with(name)) {
            println!("{}: {said:?}, an exception", row[0]);
            continue;
        }
        for (count, agreed) in wrong.iter_mut().zip(agreed) {
            *count += u32::from(!agreed);
        }
        if agreed.contains(&false) {
            println!(
                "{}: {said:?}, expected {} {} {} {} {}",
                row[0], row[frames], row[cut], row[links], row[first], row[last]
            );
        }
    }
    println!(
        "{files} files; not agreed: packets {}, cut {}, link types {}, first time {}, last time {}",
        wrong[0], wrong[1], wrong[2], wrong[3], wrong[4]
    );
    assert_eq!(wrong, [0; 5]);
}

mod properties {
    //! Whatever the bytes are, reading ends, and is the same in blocks of any size.

    use husk::capture::pcapng::{Counters, PacketInfo, Writer};
    use husk::capture::{Block, Interface, Options, Progress, Section, Source};
    use proptest::prelude::*;

    type Packet = (i64, u64, u32, u32, Vec<u8>);

    /// All packets, and whether there was damage; `None` if it does not open.
    fn packets(bytes: &[u8], block_size: usize) -> Option<(Vec<Packet>, Option<String>)> {
        let options = Options { block_size, ..Options::default() };
        let mut source = Source::from_bytes_with(bytes.to_vec(), options).ok()?;
        let mut block = Block::new();
        let mut all = Vec::new();
        let mut again = Vec::new();
        let fetch = source.fetch();
        for _ in 0..=2 * bytes.len() + 2 {
            match source.next_block(&mut block) {
                Progress::Packets => {
                    assert!(!block.is_empty());
                    for (head, bytes) in block.packets() {
                        assert_eq!(bytes.len(), head.captured as usize);
                        assert!((head.interface as usize) < source.interfaces().len());
                        fetch.read(head.position, head.captured, &mut again).expect("still there");
                        assert_eq!(again, bytes);
                        all.push((head.time, head.position, head.length, head.interface, bytes.to_vec()));
                    }
                }
                Progress::Waiting => panic!("a whole file has nothing to wait for"),
                Progress::End => return Some((all, source.damage().map(ToString::to_string))),
            }
        }
        panic!("reading does not end");
    }

    /// A capture of random packets, in one of the formats.
    fn capture() -> impl Strategy<Value = Vec<u8>> {
        let packet = (0..3_000_000_000u32, prop::collection::vec(any::<u8>(), 0..200), 0..4u32);
        (prop::collection::vec(packet, 0..20), 0..4u8).prop_map(|(packets, format)| match format {
            0 => pcapng(&packets),
            1 => pcap(&packets, u32::to_le_bytes, 0xa1b2_c3d4, 0),
            2 => pcap(&packets, u32::to_be_bytes, 0xa1b2_3c4d, 0),
            _ => pcap(&packets, u32::to_be_bytes, 0xa1b2_cd34, 8),
        })
    }

    fn pcapng(packets: &[(u32, Vec<u8>, u32)]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), &Section::default()).expect("in memory");
        for _ in 0..4 {
            writer.interface(&Interface { link_type: 1, ..Interface::default() }).expect("in memory");
        }
        for (time, bytes, interface) in packets {
            let comments: &[&str] = if bytes.len() % 3 == 0 { &["a comment"] } else { &[] };
            let info = PacketInfo {
                interface: *interface,
                time: i64::from(*time),
                length: 300,
                comments,
                ..PacketInfo::default()
            };
            writer.packet(&info, bytes).expect("in memory");
            writer.secrets(0x1234, bytes).expect("in memory");
        }
        writer.statistics(1, &Counters { received: Some(1), ..Counters::default() }, None).expect("in memory");
        writer.finish().expect("in memory")
    }

    fn pcap(packets: &[(u32, Vec<u8>, u32)], word: fn(u32) -> [u8; 4], magic: u32, extra: usize) -> Vec<u8> {
        let mut file = Vec::new();
        let version = if word(1) == [1, 0, 0, 0] { 0x0004_0002 } else { 0x0002_0004 };
        for number in [magic, version, 0, 0, 65535, 1] {
            file.extend(word(number));
        }
        for (time, bytes, _) in packets {
            for number in [*time, time % 1_000_000, bytes.len() as u32, 300] {
                file.extend(word(number));
            }
            file.resize(file.len() + extra, 0);
            file.extend(bytes);
        }
        file
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_block_size_does_not_change_the_packets(capture in capture(), block_size in 1..2000usize) {
            let whole = packets(&capture, 1 << 20);
            prop_assert!(matches!(&whole, Some((_, None))));
            prop_assert_eq!(packets(&capture, block_size), whole);
        }

        #[test]
        fn a_prefix_has_a_prefix_of_the_packets(capture in capture(), cut in any::<prop::sample::Index>(), block_size in 1..500usize) {
            let (whole, _) = packets(&capture, 1 << 20).expect("opens");
            let prefix = &capture[..cut.index(capture.len())];
            if let Some((some, _)) = packets(prefix, block_size) {
                prop_assert!(whole.starts_with(&some));
            }
        }

        #[test]
        fn changed_bytes_never_panic(mut capture in capture(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), block_size in 1..300usize) {
            for (place, byte) in changes {
                let place = place.index(capture.len());
                capture[place] = byte;
            }
            prop_assert_eq!(packets(&capture, block_size), packets(&capture, 1 << 20));
        }

        #[test]
        fn random_bytes_never_panic(magic in 0..6usize, mut bytes in prop::collection::vec(any::<u8>(), 0..600), block_size in 1..300usize) {
            let magics: [&[u8]; 6] = [
                b"", b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", b"\xa1\xb2\x3c\x4d", b"\x1c\x00\x01\xac",
                b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00",
                b"\x1f\x8b\x08\x00",
            ];
            bytes.splice(0..0, magics[magic].iter().copied());
            prop_assert_eq!(packets(&bytes, block_size), packets(&bytes, 1 << 20));
        }
    }

    #[test]
    fn every_prefix_ends() {
        let capture = pcapng(&[(1, vec![1; 30], 0), (2, vec![2; 3], 1)]);
        let (whole, _) = packets(&capture, 1 << 20).expect("opens");
        for end in 0..capture.len() {
            if let Some((some, damage)) = packets(&capture[..end], 16) {
                assert!(whole.starts_with(&some));
                assert!(some.len() < whole.len() || damage.is_some() || end > 0);
            }
        }
    }
}

mod inputs {
    //! The same capture by every way in.

    use std::fs::{self, File};
    use std::io::Write;
    use std::path::Path;
    use std::process::Command;

    use husk::capture::pcapng::{PacketInfo, Writer};
    use husk::capture::{Block, Interface, OpenError, Options, Progress, Section, Source};

    /// `count` packets of 500 bytes that differ.
    fn capture(count: usize) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), &Section::default()).expect("in memory");
        writer.interface(&Interface { link_type: 1, ..Interface::default() }).expect("in memory");
        for number in 0..count {
            let mut bytes = [0; 500];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            writer.packet(&PacketInfo { length: 500, ..PacketInfo::default() }, &bytes).expect("in memory");
        }
        writer.finish().expect("in memory")
    }

    /// Reads to the end, and each packet again: how many.
    fn count(mut source: Source) -> usize {
        let mut block = Block::new();
        let (fetch, mut again, mut count) = (source.fetch(), Vec::new(), 0usize);
        while source.next_block(&mut block) == Progress::Packets {
            for (head, bytes) in block.packets() {
                assert!(bytes.starts_with(&count.to_le_bytes()));
                fetch.read(head.position, head.captured, &mut again).expect("still there");
                assert_eq!(again, bytes);
                count += 1;
            }
        }
        assert_eq!(source.damage(), None);
        count
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).expect("in memory");
        packed.finish().expect("in memory")
    }

    #[test]
    fn compressed_captures_in_several_pieces() {
        let whole = capture(3000);
        let (first, second) = whole.split_at(777_777);
        let lz4 = |bytes: &[u8]| {
            let mut packed = lz4_flex::frame::FrameEncoder::new(Vec::new());
            packed.write_all(bytes).expect("in memory");
            packed.finish().expect("in memory")
        };
        assert_eq!(count(Source::from_bytes([gzip(first), gzip(second)].concat()).expect("opens")), 3000);
        assert_eq!(count(Source::from_bytes([lz4(first), lz4(second)].concat()).expect("opens")), 3000);
        #[cfg(feature = "zstd")]
        {
            let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).expect("in memory");
            assert_eq!(count(Source::from_bytes([zstd(first), zstd(second)].concat()).expect("opens")), 3000);
        }
        let source = Source::from_bytes(gzip(&whole)).expect("opens");
        assert_eq!(source.format(), "pcapng, little-endian, in gzip");
    }

    #[test]
    fn a_cut_compressed_capture_gives_what_is_there() {
        let packed = gzip(&capture(3000));
        let mut source = Source::from_bytes(packed[..packed.len() / 2].to_vec()).expect("opens");
        let mut block = Block::new();
        let mut count = 0;
        while source.next_block(&mut block) == Progress::Packets {
            count += block.len();
        }
        assert!(count > 500 && count < 3000, "{count}");
        assert!(source.damage().is_some_and(|damage| damage.to_string().contains("gzip")));
    }

    #[test]
    fn a_fifo_is_read_as_it_comes() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("fifo");
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
        let (writer_path, whole) = (path.clone(), capture(50));
        // The rest is written when the first packets were read: who waits for all of it waits for ever.
        let (seen, was_seen) = std::sync::mpsc::channel();
        let writer = std::thread::spawn(move || {
            let mut fifo = File::options().write(true).open(writer_path).expect("opens");
            let (first, second) = whole.split_at(5000);
            fifo.write_all(first).expect("writes");
            was_seen.recv().expect("the reader goes on");
            fifo.write_all(second).expect("writes");
        });
        let mut source = Source::open(&path).expect("opens");
        let mut block = Block::new();
        assert_eq!(source.next_block(&mut block), Progress::Packets);
        seen.send(()).expect("the writer waits");
        let mut packets = block.len();
        while source.next_block(&mut block) == Progress::Packets {
            packets += block.len();
        }
        assert_eq!(packets, 50);
        writer.join().expect("the writer");
    }

    #[test]
    fn a_growing_file_is_waited_for() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("growing.pcapng");
        let mut file = File::create(&path).expect("a file");
        let mut source =
            Source::open_with(&path, Options { tail: true, ..Options::default() }).expect("opens while empty");
        let mut block = Block::new();
        let mut packets = 0;
        for piece in capture(20).chunks(333) {
            file.write_all(piece).expect("writes");
            while source.next_block(&mut block) == Progress::Packets {
                packets += block.len();
            }
            assert_eq!(source.next_block(&mut block), Progress::Waiting);
        }
        assert_eq!(packets, 20);
        source.growing().stop();
        assert_eq!(source.next_block(&mut block), Progress::End);
        assert_eq!(source.damage(), None);
    }

    #[test]
    fn a_file_that_becomes_shorter_ends() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("shrinking.pcapng");
        fs::write(&path, capture(20)).expect("writes");
        let mut source = Source::open_with(&path, Options { tail: true, ..Options::default() }).expect("opens");
        let mut block = Block::new();
        assert_eq!(source.next_block(&mut block), Progress::Packets);
        File::options().write(true).open(&path).and_then(|file| file.set_len(100)).expect("truncates");
        assert_eq!(source.next_block(&mut block), Progress::End);
        assert!(source.damage().is_some_and(|damage| damage.to_string().contains("shorter")));
    }

    #[test]
    fn what_is_no_capture_says_so() {
        let place = tempfile::tempdir().expect("a directory");
        let file = |content: &[u8]| {
            let path = place.path().join("file");
            fs::write(&path, content).expect("writes");
            Source::open(&path).expect_err("is no capture").to_string()
        };
        assert!(file(b"").contains("empty"));
        assert!(file(b"Hello, world").contains("it begins with the text \"Hello, world\""));
        assert!(file(b"\xd4\xc3\xb2\xa1\x02\0").contains("cut off within the file's header: 6 bytes"));
        assert!(file(&gzip(b"Hello, world")).contains("Hello"));
        assert!(file(b"\x1f\x8b\x08nonsense").contains("gzip"));
        assert!(matches!(Source::open(Path::new("/no/such/file")), Err(OpenError::NotFound(_))));
        assert!(matches!(Source::open(place.path()), Err(OpenError::Directory(_))));
    }

    #[test]
    fn a_length_that_lies_costs_no_memory() {
        let begin = capture(0);
        let mut block = Block::new();
        for (captured, said) in [(500u32, "bytes, more than the limit of"), (100 << 20, "captured bytes, more than")]
        {
            let mut lies = begin.clone();
            for word in [6u32, 112 << 20, 0, 0, 0, captured, captured] {
                lies.extend(word.to_le_bytes()); // an enhanced packet block of 112 MiB
            }
            lies.resize(40 << 20, 0);
            let mut source = Source::from_bytes(lies).expect("opens");
            assert_eq!(source.next_block(&mut block), Progress::End);
            let damage = source.damage().expect("it lies");
            assert_eq!(damage.offset, begin.len() as u64);
            assert!(damage.to_string().contains(said), "{damage}");
            assert!(source.taken() < 1 << 20, "little of it was read");
        }
    }
}

#[cfg(all(feature = "live", target_os = "linux"))]
mod live {
    //! Live captures on the loopback; skipped, and said so, where the privilege is missing.

    use std::net::UdpSocket;
    use std::time::{Duration, Instant};

    use husk::capture::live::{Keep, Live, LiveError, Ring, Settings, Stop, Tap};
    use husk::capture::{Block, Progress, Source};

    /// A filter that lets nothing through.
    const NOTHING: &str = "udp port 9 and host 192.0.2.99";

    fn filtered(interface: &str, filter: &str) -> Settings {
        Settings::new(vec![Tap { name: interface.into(), filter: Some(filter.into()) }])
    }

    fn start(settings: &Settings) -> Option<(Live, Source)> {
        match Live::start(settings) {
            Ok(started) => Some(started),
            Err(LiveError::NoPrivilege { .. }) => {
                eprintln!("skipped: no privilege to capture");
                None
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// Reads until the end, at most five seconds: the packets.
    fn drain(source: &mut Source) -> Vec<Vec<u8>> {
        let mut block = Block::new();
        let mut all = Vec::new();
        let start = Instant::now();
        loop {
            match source.next_block(&mut block) {
                Progress::Packets => all.extend(block.packets().map(|(_, bytes)| bytes.to_vec())),
                Progress::Waiting if start.elapsed() < Duration::from_secs(5) => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Progress::Waiting => panic!("the capture does not end"),
                Progress::End => return all,
            }
        }
    }

    #[test]
    fn packets_come_through_the_filter_up_to_the_count() {
        let receiver = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = receiver.local_addr().expect("a port");
        let filter = format!("udp and dst port {}", address.port());
        let stop = Stop { packets: Some(10), ..Stop::default() };
        let settings = Settings { stop, ..filtered("lo", &filter) };
        let Some((live, mut source)) = start(&settings) else {
            return;
        };
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a port");
        for number in 0..20u8 {
            sender.send_to(&[b'h', b'u', b's', b'k', number], address).expect("sends");
        }
        let packets = drain(&mut source);
        assert_eq!(packets.len(), 10);
        for (number, packet) in packets.iter().enumerate() {
            assert!(packet.ends_with(&[b'h', b'u', b's', b'k', number as u8]));
        }
        assert_eq!((live.error(), live.counts().captured, source.damage()), (None, 10, None));
        let lo = source.interfaces().first().expect("an interface");
        assert_eq!((lo.name.as_deref(), lo.link_type, lo.filter.as_ref()), (Some("lo"), 1, Some(&filter)));
        assert!(lo.delivered == Some(10) && lo.received.is_some() && lo.dropped_by_system == Some(0));
    }

    #[test]
    fn an_idle_capture_stops_at_once() {
        let Some((live, mut source)) = start(&filtered("lo", NOTHING)) else {
            return;
        };
        let mut block = Block::new();
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(source.next_block(&mut block), Progress::Waiting, "a time-out is not the end");
        assert!(live.is_running());
        let told = Instant::now();
        live.stop();
        while live.is_running() {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
        assert_eq!(drain(&mut source).len(), 0);
        assert_eq!((live.error(), source.damage()), (None, None));
    }

    #[test]
    fn a_capture_ends_after_its_time_and_keeps_its_file() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("kept.pcapng");
        let settings = Settings {
            stop: Stop { duration: Some(Duration::from_millis(150)), ..Stop::default() },
            keep: Some(Keep { path: path.clone(), ring: Ring::default() }),
            ..filtered("any", NOTHING)
        };
        let begin = Instant::now();
        let Some((live, mut source)) = start(&settings) else {
            return;
        };
        drain(&mut source);
        drop(live);
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("kept").permissions());
        assert_eq!(mode & 0o777, 0o600);
        let kept = Source::open(&path).expect("a capture");
        assert!(kept.format().starts_with("pcapng"));
    }

    #[test]
    fn wrong_names_and_filters_are_said_clearly() {
        match Live::start(&Settings::on("no-such-interface")).expect_err("is not there") {
            LiveError::NoSuchInterface { .. } | LiveError::NoPrivilege { .. } => {}
            other => panic!("{other}"),
        }
        match Live::start(&filtered("lo", "tcp port")).expect_err("is wrong") {
            LiveError::Filter { filter, .. } => assert_eq!(filter, "tcp port"),
            LiveError::NoPrivilege { .. } => {}
            other => panic!("{other}"),
        }
    }
}
