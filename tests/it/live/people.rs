//! Who may capture, and whose packets they are.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::net::{Cable, Husk, command, done, until};
use super::{OURS, text};

/// A user and group that no other test has.
const SOMEBODY: &str = "12346";

#[test]
fn an_ordinary_user_captures_with_a_capability_of_the_program() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let program = place.path().join("husk");
    let spool = place.path().join("spool");
    std::fs::copy(assert_cmd::cargo::cargo_bin!("husk"), &program).expect("a copy");
    std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o755)).expect("ours");
    std::fs::create_dir(&spool).expect("a folder");
    std::fs::set_permissions(&spool, PermissionsExt::from_mode(0o700)).expect("ours");
    assert!(done(Command::new("chown").arg(format!("{SOMEBODY}:{SOMEBODY}")).arg(&spool)));
    let (name, spool) = (program.display().to_string(), spool.display().to_string());
    let user = ["setpriv", "--reuid", SOMEBODY, "--regid", SOMEBODY, "--clear-groups", "--inh-caps=-all"];
    let capture = [name.as_str(), "-i", "v0", "-f", OURS, "-q", "-c", "3", "--spool", &spool];
    let refused = command(&cable.here, &[&user[..], &capture].concat()).output().expect("runs");
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("sudo setcap cap_net_raw,cap_net_admin=eip {name}")), "{said}");
    if !done(Command::new("setcap").arg("cap_net_raw=ep").arg(&program)) {
        eprintln!("not tried with a capability: there is no setcap here, or it may not");
        return;
    }
    let husk = Husk::start(&mut command(&cable.here, &[&user[..], &capture].concat()));
    cable.send(3);
    let output = husk.end();
    let said = text(&output.stderr);
    assert!(output.status.success() && said.contains(", 3 packets captured"), "{said}");
    assert!(super::net::files(spool.as_ref()).is_empty(), "the spool is gone");
}

#[test]
fn flows_tell_the_program_that_has_the_socket() {
    let Some(cable) = Cable::new() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let kept = place.path().join("kept.pcapng").display().to_string();
    let husk = cable.husk(&["-i", "v0", "-f", OURS, "-q", "-w", &kept]);
    let script = "exec 3<>/dev/udp/192.0.2.2/9; for i in $(seq 100); do printf abcd >&3; sleep 0.1; done";
    let mut speaker = command(&cable.here, &["bash", "-c", script]).stderr(Stdio::null()).spawn().expect("starts");
    let mut line = serde_json::Value::Null;
    until("the owner is in the file", || {
        let flows = Command::new(assert_cmd::cargo::cargo_bin!("husk")).args(["flows", "--json", &kept]).output();
        let told = text(&flows.expect("runs").stdout);
        line = told.lines().next().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
        !line["processes"]["client"].is_null()
    });
    speaker.kill().expect("it runs");
    speaker.wait().expect("a child");
    husk.signal("INT");
    assert!(husk.end().status.success());
    let process = &line["processes"]["client"];
    assert_eq!(process["name"].as_str(), Some("bash"), "{line}");
    assert!(process["id"].as_u64().is_some_and(|id| id > 0));
    let output = Command::new(assert_cmd::cargo::cargo_bin!("husk")).args(["flows", &kept]).output().expect("runs");
    let told = text(&output.stdout);
    assert!(told.contains("process") && told.contains("bash ("), "{told}");
}
