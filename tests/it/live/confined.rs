//! The process that dissects can do nothing else: seen from outside, and by trying from inside.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::net::{Cable, Husk, done, files, until};
use super::{OURS, packets, text};

/// What the kernel says of a process.
fn status(process: u32) -> HashMap<String, String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let parted = status.lines().filter_map(|line| line.split_once(':'));
    parted.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

/// `ip netns exec` becomes the program that it starts, so the child is husk itself.
fn is_husk(husk: &Husk) -> bool {
    status(husk.child.id())["Name"] == "husk"
}

#[test]
fn a_live_capture_has_given_up_everything() {
    let Some(cable) = Cable::new() else { return };
    let husk = cable.husk(&["-i", "v0", "-f", OURS, "-q"]);
    assert!(is_husk(&husk));
    for thread in files(Path::new(&format!("/proc/{}/task", husk.child.id()))) {
        let number = thread.file_name().expect("a number").to_string_lossy().parse().expect("a number");
        let status = status(number);
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(status[set], "0000000000000000", "{set} of {}", status["Name"]);
        }
        let is = |name: &str| status[name].clone();
        assert_eq!((is("NoNewPrivs"), is("Seccomp"), is("Groups")), ("1".into(), "2".into(), String::new()));
        assert_eq!((is("Uid"), is("Gid")), (["65534"; 4].join("\t"), ["65534"; 4].join("\t")));
    }
    husk.signal("INT");
    assert!(husk.end().status.success());
}

#[test]
fn nothing_can_be_opened_started_or_sent() {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("husk")).arg("doctor").output().expect("runs");
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    let mut refused =
        vec!["starting a program", "opening a socket", "sending on a socket that captures", "capturing anew"];
    if said.contains("no Landlock") {
        eprintln!("not tried: this kernel has no Landlock, so files stay open to the process");
    } else {
        refused.extend(["opening a file", "making a file", "connecting"]);
    }
    for what in refused {
        assert!(said.contains(&format!("refused: {what}\n")), "{what}: {said}");
    }
}

#[test]
fn under_sudo_files_belong_to_who_called_it() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    assert!(done(Command::new("chown").arg("12345:23456").arg(place.path())));
    let kept = place.path().join("kept.pcapng");
    let program = assert_cmd::cargo::cargo_bin!("husk").display().to_string();
    let words = [&program, "-i", "v0", "-f", OURS, "-q", "-c", "3", "-w", &kept.display().to_string()];
    let mut command = super::net::command(&cable.here, &words);
    let husk = Husk::start(command.env("SUDO_UID", "12345").env("SUDO_GID", "23456"));
    let is = |name: &str| status(husk.child.id())[name].clone();
    assert_eq!((is("Uid"), is("Gid")), (["12345"; 4].join("\t"), ["23456"; 4].join("\t")));
    cable.send(3);
    let output = husk.end();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let about = fs::metadata(&kept).expect("kept");
    let owner = (std::os::unix::fs::MetadataExt::uid(&about), std::os::unix::fs::MetadataExt::gid(&about));
    assert_eq!((owner, packets(&kept).0.len()), ((12345, 23456), 3));
}

#[test]
fn husk_sends_nothing() {
    let Some(cable) = Cable::new() else { return };
    let sent = || {
        let count = super::net::command(&cable.here, &["cat", "/sys/class/net/v0/statistics/tx_packets"]);
        let mut count = count;
        text(&count.output().expect("runs").stdout).trim().parse::<u64>().expect("a number")
    };
    let before = sent();
    let husk = cable.husk(&["-i", "v0", "-q", "-a", "duration:0.5"]);
    cable.send(5);
    let output = husk.end();
    assert!(text(&output.stderr).contains("packets captured"));
    until("counters", || sent() == before);
}
