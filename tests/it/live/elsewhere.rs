//! Packets that come from elsewhere while they are read: pipes, a FIFO whose writer dies, a file that grows.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::net::{done, until};
use super::text;

fn page() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/http-page.pcap")).expect("a fixture")
}

/// Where the first packets of a pcap file end.
fn end_of(capture: &[u8], packets: usize) -> usize {
    (0..packets).fold(24, |at, _| at + 16 + u32::from_le_bytes(capture[at + 8..at + 12].try_into().unwrap()) as usize)
}

#[test]
fn a_pipe_is_printed_as_packets_come() {
    let mut husk = Command::new(assert_cmd::cargo::cargo_bin!("husk"))
        .args(["list", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let (mut pipe, capture) = (husk.stdin.take().expect("a pipe"), page());
    let mut lines = BufReader::new(husk.stdout.take().expect("a pipe")).lines();
    let mut at = 0;
    for number in 1..=3 {
        let end = end_of(&capture, number);
        pipe.write_all(&capture[at..end]).expect("it reads");
        // Nothing more is sent before this packet was printed.
        let line = lines.next().expect("a line").expect("text");
        assert_eq!(line.split_whitespace().next(), Some(number.to_string().as_str()), "{line}");
        at = end;
    }
    drop(pipe);
    assert!(lines.next().is_none() && husk.wait().expect("ends").success());
}

#[test]
fn what_a_dead_writer_left_in_a_fifo_is_kept_and_told() {
    let place = tempfile::tempdir().expect("a folder");
    let fifo = place.path().join("fifo");
    assert!(done(Command::new("mkfifo").arg(&fifo)));
    let husk = Command::new(assert_cmd::cargo::cargo_bin!("husk"))
        .arg("list")
        .arg(&fifo)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let capture = page();
    let cut = end_of(&capture, 5) + 20;
    let part = place.path().join("part");
    std::fs::write(&part, &capture[..cut]).expect("a file");
    let script = format!("cat {} > {}; kill -9 $$", part.display(), fifo.display());
    assert!(!done(Command::new("bash").args(["-c", &script])), "the writer dies");
    let output = husk.wait_with_output().expect("ends");
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(0), 5));
    let said = text(&output.stderr);
    assert!(said.contains("ends within") && said.contains("(5 packets)"), "{said}");
}

#[test]
fn a_file_that_grows_is_followed() {
    let place = tempfile::tempdir().expect("a folder");
    let (path, printed) = (place.path().join("growing.pcap"), place.path().join("printed"));
    let capture = page();
    std::fs::write(&path, &capture[..end_of(&capture, 2)]).expect("a file");
    let mut husk = Command::new(assert_cmd::cargo::cargo_bin!("husk"))
        .args(["list", "--tail"])
        .arg(&path)
        .stdout(std::fs::File::create(&printed).expect("a file"))
        .spawn()
        .expect("starts");
    let count = || std::fs::read_to_string(&printed).expect("text").lines().count();
    until("the first packets", || count() == 2);
    let mut file = std::fs::File::options().append(true).open(&path).expect("there");
    file.write_all(&capture[end_of(&capture, 2)..]).expect("more");
    until("the others", || count() == 20);
    husk.kill().expect("it goes on");
    husk.wait().expect("ends");
}
