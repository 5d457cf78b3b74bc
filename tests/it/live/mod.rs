//! Live capture between network namespaces: what is kept when things go wrong, and that the counters add up.

mod confined;
mod elsewhere;
mod mishaps;
mod net;
mod people;
mod run;

use std::path::Path;
use std::process::Command;

use husk::capture::{About, Block, Progress, Source};

use net::{Cable, files, within};

/// Only what the tests send.
const OURS: &str = "udp dst port 9";

/// The packets of a file, each with its interface.
fn packets(path: &Path) -> (Vec<(u32, Vec<u8>)>, Source) {
    let mut source = Source::open(path).expect("a capture");
    let mut block = Block::new();
    let mut all = Vec::new();
    while source.next_block(&mut block) == Progress::Packets {
        all.extend(block.packets().map(|(head, bytes)| (head.interface, bytes.to_vec())));
    }
    (all, source)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_is_sent_is_kept_and_every_counter_adds_up() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("kept.pcapng");
    let name = file.display().to_string();
    let arguments = ["-i", "v0", "-f", OURS, "-w", &name, "-q", "--comment", "a test", "-s", "44"];
    let husk = cable.husk(&arguments);
    cable.send(200);
    husk.signal("INT");
    let output = husk.end();
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("200 packets captured, 0 dropped by the kernel, 0 by the interface, 0 by husk"), "{said}");
    assert!(said.contains("400 bytes cut off"), "46 bytes each, 44 kept: {said}");
    let (all, source) = packets(&file);
    assert_eq!((all.len(), source.damage()), (200, None));
    let v0 = source.interfaces().first().expect("an interface");
    assert_eq!((v0.name.as_deref(), v0.filter.as_deref(), v0.snap_length), (Some("v0"), Some(OURS), 44));
    assert_eq!(
        (v0.received, v0.delivered, v0.dropped_by_system, v0.dropped),
        (Some(200), Some(200), Some(0), Some(0))
    );
    let comments: Vec<_> = source.comments().iter().map(|comment| (comment.about, comment.text.as_str())).collect();
    assert_eq!(comments, [(About::Section(0), "a test"), (About::Interface(0), "MTU 1500")]);
    read_by_tshark(&file, 200);
}

/// tshark reads as many packets from a file, without complaint.
fn read_by_tshark(file: &Path, count: usize) {
    let Ok(output) = Command::new("tshark").arg("-n").arg("-r").arg(file).env("HOME", "/nowhere").output() else {
        eprintln!("not compared with tshark: it is not here");
        return;
    };
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), count);
}

#[test]
fn a_ring_keeps_the_newest_packets() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let name = place.path().join("ring.pcapng").display().to_string();
    let husk = cable.husk(&["-i", "v0", "-f", OURS, "-w", &name, "-b", "packets:30", "-b", "files:3", "-c", "200"]);
    cable.send(200);
    let output = husk.end();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 200, "the dissector saw them all");
    let kept = files(place.path());
    let counts: Vec<usize> = kept.iter().map(|file| packets(file).0.len()).collect();
    assert_eq!(counts, [30, 30, 20], "{kept:?}");
    read_by_tshark(&kept[2], 20);
}

#[test]
fn each_packet_has_its_interface_and_what_comes_twice_is_told() {
    let Some(cable) = Cable::new() else { return };
    for name in ["br0", "br1"] {
        within(&cable.here, &["ip", "link", "add", name, "type", "bridge"]);
        within(&cable.here, &["ip", "link", "set", name, "up"]);
    }
    // A bridge hands on what its port receives: both are captured.
    within(&cable.here, &["ip", "link", "set", "v0", "master", "br0"]);
    within(&cable.here, &["ip", "address", "flush", "dev", "v0"]);
    within(&cable.here, &["ip", "address", "add", "192.0.2.1/24", "dev", "br0"]);
    let place = tempfile::tempdir().expect("a folder");
    for interfaces in [&["-i", "br1", "-i", "v0", "-i", "br0"][..], &["-i", "any"]] {
        let file = place.path().join("kept.pcapng");
        let name = file.display().to_string();
        let arguments = [interfaces, &["-f", OURS, "-w", &name, "-q", "-c", "20"]].concat();
        let husk = cable.husk(&arguments);
        cable.send(10);
        let output = husk.end();
        let said = text(&output.stderr);
        assert!(said.contains("10 seen on another interface before"), "{said}");
        let (all, source) = packets(&file);
        let of = |name: &str| {
            let at = source.interfaces().iter().position(|interface| interface.name.as_deref() == Some(name));
            all.iter().filter(|(interface, _)| at == Some(*interface as usize)).count()
        };
        assert_eq!((of("v0"), of("br0"), of("br1"), all.len()), (10, 10, 0, 20), "{interfaces:?}");
        let told = source.comments().iter().filter(|comment| comment.text.contains("same packet")).count();
        assert_eq!(told, 10);
        read_by_tshark(&file, 20);
    }
}
