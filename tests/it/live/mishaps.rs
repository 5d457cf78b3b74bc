//! What is kept when something goes wrong while packets are captured.

use std::path::Path;
use std::process::Command;

use super::net::{Cable, done, files, until, within};
use super::{OURS, packets, text};

/// Waits until the only file of a folder has as many packets.
fn arrived(folder: &Path, count: usize) {
    until("packets are in the spool", || files(folder).first().is_some_and(|file| packets(file).0.len() == count));
}

#[test]
fn a_killed_capture_leaves_its_spool() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let spool = place.path().join("spool");
    let husk = cable.husk(&["-i", "v0", "-f", OURS, "--spool", &spool.display().to_string()]);
    cable.send(50);
    arrived(&spool, 50);
    husk.signal("KILL");
    assert!(!husk.end().status.success());
    let left = files(&spool);
    assert_eq!(left.len(), 1);
    let (all, source) = packets(&left[0]);
    assert_eq!((all.len(), source.damage()), (50, None));
    let mode = std::os::unix::fs::PermissionsExt::mode(&left[0].metadata().expect("there").permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_capture_that_ends_well_leaves_no_spool() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let spool = place.path().join("spool");
    let husk = cable.husk(&["-i", "v0", "-f", OURS, "--spool", &spool.display().to_string()]);
    cable.send(5);
    arrived(&spool, 5);
    husk.signal("TERM");
    let output = husk.end();
    assert!(output.status.success() && text(&output.stdout).lines().count() == 5, "{}", text(&output.stderr));
    assert!(files(&spool).is_empty());
}

#[test]
fn a_full_disk_is_said_and_what_was_written_stays() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let disk = place.path().display().to_string();
    if !done(Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "husk-it", &disk])) {
        eprintln!("skipped: no tmpfs can be mounted here");
        return;
    }
    let file = place.path().join("kept.pcapng");
    let husk = cable.husk(&["-i", "v0", "-f", OURS, "-w", &file.display().to_string(), "-q"]);
    cable.send(3000);
    let output = husk.end();
    let (all, source) = packets(&file);
    let damage = source.damage().cloned();
    drop(source);
    let unmounted = done(Command::new("umount").arg(&disk));
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("No space left") && said.contains("kept.pcapng") && unmounted, "{said}");
    assert_eq!(damage, None, "the file ends behind a whole packet");
    let captured = format!(", {} packets captured", all.len());
    assert!((600..1000).contains(&all.len()) && said.contains(&captured), "64 KiB of 80 bytes each: {said}");
    let number = |behind: &str| {
        let before = said.split(behind).next().and_then(|before| before.rsplit(' ').find(|word| !word.is_empty()));
        before
            .and_then(|word| word.replace(',', "").parse::<usize>().ok())
            .unwrap_or_else(|| panic!("{behind}: {said}"))
    };
    let dropped = number(" dropped by the kernel") + number(" by husk");
    assert_eq!(number(" received"), all.len() + dropped, "{said}");
}

#[test]
fn a_deleted_interface_is_said_and_its_packets_stay() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("kept.pcapng");
    let husk = cable.husk(&["-i", "v0", "-f", OURS, "-w", &file.display().to_string(), "-q"]);
    cable.send(30);
    until("packets are in the file", || file.exists() && packets(&file).0.len() == 30);
    within(&cable.there, &["ip", "link", "delete", "v0"]);
    let output = husk.end();
    let said = text(&output.stderr);
    assert!(said.contains("v0 is gone") && output.status.code() == Some(2), "{said}");
    let (all, source) = packets(&file);
    assert_eq!((all.len(), source.damage()), (30, None));
    assert_eq!(source.interfaces().first().expect("v0").delivered, Some(30));
}

#[test]
fn a_capture_goes_on_when_the_link_was_down_or_renamed() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("kept.pcapng");
    let husk = cable.husk(&["-i", "v0", "-i", "lo", "-f", OURS, "-w", &file.display().to_string(), "-q"]);
    cable.send(10);
    let comments = |what: &str| {
        let (_, source) = packets(&file);
        source.comments().iter().filter(|comment| comment.text.contains(what)).count()
    };
    for (state, said) in [("down", "the link is down"), ("up", "the link is up again")] {
        within(&cable.here, &["ip", "link", "set", "v0", state]);
        until(said, || comments(said) == 1);
    }
    within(&cable.here, &["ip", "link", "set", "v0", "name", "w0"]);
    until("it was renamed", || comments("renamed to w0") == 1);
    cable.send(10);
    until("packets come again", || packets(&file).0.len() == 20);
    husk.signal("INT");
    let output = husk.end();
    let said = text(&output.stderr);
    assert!(output.status.success() && said.contains("20 packets captured"), "{said}");
    assert_eq!(said.matches("husk: v0: the link is down").count(), 1, "{said}");
}
