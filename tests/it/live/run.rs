//! `husk run`: a command between a browser's and a server's end, with its keys.

use std::fs;
use std::process::{Child, Command, Stdio};

use super::net::{Cable, command, done, until, within};
use super::{packets, text};

/// An HTTPS server in a namespace, and its certificate.
struct Server {
    child: Child,
    place: tempfile::TempDir,
}

impl Server {
    /// Starts nginx; `None`, and a word on why, where it or what it needs is not installed.
    fn start(namespace: &str) -> Option<Server> {
        for program in ["nginx", "openssl", "curl"] {
            if !done(Command::new("sh").args(["-c", &format!("command -v {program}")])) {
                eprintln!("skipped: {program} is not installed");
                return None;
            }
        }
        let place = tempfile::tempdir().expect("a folder");
        let path = |name: &str| place.path().join(name).display().to_string();
        let subject = ["-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"];
        let (key, certificate) = (path("key.pem"), path("certificate.pem"));
        let make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        let out = ["-keyout", &key, "-out", &certificate];
        assert!(done(Command::new("openssl").args(make).args(subject).args(out)), "a certificate");
        fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
        let configuration = format!(
            "pid {pid}; error_log {log}; daemon off; master_process off; events {{}}\n\
             http {{ access_log off; server {{ listen 192.0.2.2:443 ssl; ssl_certificate {certificate};\n\
             ssl_certificate_key {key}; location / {{ return 200 'the page itself'; }} }} }}\n",
            pid = path("pid"),
            log = path("log"),
        );
        fs::write(path("nginx.conf"), configuration).expect("written");
        let mut nginx = command(namespace, &["nginx", "-c", &path("nginx.conf"), "-e", &path("log")]);
        let child = nginx.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        let server = Server { child, place };
        until("nginx listens", || {
            done(command(namespace, &["bash", "-c", "exec 3<>/dev/tcp/192.0.2.2/443"]).stdin(Stdio::null()))
        });
        Some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_command_is_captured_with_its_keys() {
    let Some(cable) = Cable::new() else { return };
    let Some(server) = Server::start(&cable.there) else { return };
    let certificate = server.place.path().join("certificate.pem").display().to_string();
    let kept = server.place.path().join("kept.pcapng");
    let (name, program) = (kept.display().to_string(), assert_cmd::cargo::cargo_bin!("husk").display().to_string());
    let curl = ["curl", "-sS", "--cacert", &certificate, "--resolve", "shop.example:443:192.0.2.2"];
    let words = [&[program.as_str(), "run", "-w", &name, "--"], &curl[..], &["https://shop.example/"]].concat();
    let temporary = tempfile::tempdir().expect("a folder");
    let mut run = command(&cable.here, &words);
    let output = run.env("TMPDIR", temporary.path()).stdin(Stdio::null()).output().expect("runs");
    let (page, said) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(page.starts_with("the page itself") && page.contains("shop.example"), "the command's, then ours: {page}");
    for word in ["in this network namespace", "curl ended well", "of TLS connections written by it"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let (all, source) = packets(&kept);
    assert!(all.len() > 10 && source.damage().is_none(), "{} packets", all.len());
    assert!(source.comments().iter().any(|comment| comment.text.contains("captured while this ran: curl")));
    assert!(!source.secrets().is_empty(), "the keys are in the file");
    opened_by_tshark(&name);
    assert!(super::net::files(temporary.path()).is_empty(), "the key log is gone");
}

/// tshark finds the keys in the file, in time for the packets.
fn opened_by_tshark(file: &str) {
    let arguments = ["-n", "-r", file, "-Y", "http || http2", "-T", "fields", "-e", "frame.protocols"];
    match Command::new("tshark").args(arguments).output() {
        Ok(output) => assert!(text(&output.stdout).contains("http"), "{}", text(&output.stdout)),
        Err(_) => eprintln!("not compared with tshark: it is not here"),
    }
}

#[test]
fn a_command_that_fails_is_told_and_one_that_is_not_there_is_an_error() {
    let Some(cable) = Cable::new() else { return };
    within(&cable.here, &["true"]);
    let program = assert_cmd::cargo::cargo_bin!("husk").display().to_string();
    let run = |words: &[&str]| {
        let words = [&[program.as_str(), "run", "--"], words].concat();
        command(&cable.here, &words).stdin(Stdio::null()).output().expect("runs")
    };
    let failed = run(&["sh", "-c", "exit 7"]);
    assert!(failed.status.success() && text(&failed.stderr).contains("sh ended with exit code 7"));
    let missing = run(&["no-such-command"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("no-such-command cannot be started"), "{}", text(&missing.stderr));
}
