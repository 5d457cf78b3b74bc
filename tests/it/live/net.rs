//! Network namespaces of a test's own, with a cable between them. They need root; without it a test is skipped, and
//! says so.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Two namespaces with a cable: `here` (192.0.2.1 on `v0`) and `there` (192.0.2.2 on `v0`). They go at the end.
pub(crate) struct Cable {
    pub(crate) here: String,
    pub(crate) there: String,
}

impl Cable {
    /// Lays a cable; `None`, and a word on why, where that is not possible.
    pub(crate) fn new() -> Option<Cable> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if !rustix_is_root() {
            eprintln!("skipped: network namespaces need root");
            return None;
        }
        let name = |end| {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            format!("husk-it-{}-{number}{end}", std::process::id())
        };
        let cable = Cable { here: name("a"), there: name("b") };
        for namespace in [&cable.here, &cable.there] {
            if !done(Command::new("ip").args(["netns", "add", namespace])) {
                eprintln!("skipped: no network namespace can be made here");
                return None;
            }
            // Neighbours that look for each other would be counted too.
            within(namespace, &["sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"]);
            within(namespace, &["ip", "link", "set", "lo", "up"]);
        }
        let peer = ["link", "add", "v0", "netns", &cable.here, "type", "veth", "peer", "name", "v0", "netns"];
        assert!(done(Command::new("ip").args(peer).arg(&cable.there)), "a cable");
        for (namespace, address) in [(&cable.here, "192.0.2.1/24"), (&cable.there, "192.0.2.2/24")] {
            within(namespace, &["ip", "address", "add", address, "dev", "v0"]);
            within(namespace, &["ip", "link", "set", "v0", "up"]);
        }
        Some(cable)
    }

    /// Sends `count` datagrams of 4 bytes from there to here, port 9. They go to all, and their address is nobody's: nobody answers.
    pub(crate) fn send(&self, count: u32) {
        let neighbour = ["ip", "neighbour", "replace", "192.0.2.9", "lladdr", "ff:ff:ff:ff:ff:ff", "dev", "v0"];
        within(&self.there, &neighbour);
        let script = format!("exec 3>/dev/udp/192.0.2.9/9; for i in $(seq {count}); do printf abcd >&3; done");
        within(&self.there, &["bash", "-c", &script]);
    }

    /// Starts husk in `here`.
    pub(crate) fn husk(&self, arguments: &[&str]) -> Husk {
        let program = assert_cmd::cargo::cargo_bin!("husk").display().to_string();
        let words: Vec<&str> = std::iter::once(program.as_str()).chain(arguments.iter().copied()).collect();
        Husk::start(&mut command(&self.here, &words))
    }
}

/// A command within a namespace.
pub(crate) fn command(namespace: &str, words: &[&str]) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).args(words);
    command
}

/// Runs a command within a namespace to its end; it must succeed.
pub(crate) fn within(namespace: &str, words: &[&str]) {
    assert!(done(&mut command(namespace, words)), "{words:?}");
}

impl Drop for Cable {
    fn drop(&mut self) {
        for namespace in [&self.here, &self.there] {
            let _ = done(Command::new("ip").args(["netns", "delete", namespace]));
        }
    }
}

/// A husk that captures. Its output is read at the end.
pub(crate) struct Husk {
    pub(crate) child: Child,
    /// What it has said on stderr until it began.
    said: String,
}

impl Husk {
    /// Starts a command and waits until it captures.
    pub(crate) fn start(command: &mut Command) -> Husk {
        use std::io::{BufRead as _, BufReader, Read as _};
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().expect("starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut said = String::new();
        while !said.contains("capturing on") {
            assert!(stderr.read_line(&mut said).expect("text") > 0, "husk did not begin: {said}");
        }
        // Whatever it says later is fetched at the end; a few lines do not fill a pipe.
        assert!(stderr.buffer().is_empty() || stderr.buffer().starts_with(b"husk:"));
        let mut buffered = vec![0; stderr.buffer().len()];
        stderr.read_exact(&mut buffered).expect("buffered");
        said.push_str(&String::from_utf8_lossy(&buffered));
        child.stderr = Some(stderr.into_inner());
        Husk { child, said }
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        assert!(done(Command::new("kill").args(["-s", name, &self.child.id().to_string()])));
    }

    /// Waits for its end, ten seconds at most: its output, with all that it said on stderr.
    pub(crate) fn end(mut self) -> Output {
        use std::io::Read as _;
        let mut ended = None;
        until("husk ends", || {
            ended = self.child.try_wait().expect("a child");
            ended.is_some()
        });
        let (mut stdout, mut stderr) = (Vec::new(), std::mem::take(&mut self.said).into_bytes());
        self.child.stdout.take().expect("a pipe").read_to_end(&mut stdout).expect("output");
        self.child.stderr.take().expect("a pipe").read_to_end(&mut stderr).expect("output");
        Output { status: ended.expect("it ended"), stdout, stderr }
    }
}

impl Drop for Husk {
    fn drop(&mut self) {
        // A test that failed must not leave it behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a command succeeds. It may be silent.
pub(crate) fn done(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Waits until something holds, ten seconds at most.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(10), "{what}: not within ten seconds");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn rustix_is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self").metadata().is_ok_and(|about| about.uid() == 0)
}

/// Files of a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}
