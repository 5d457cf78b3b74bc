//! Notices what happens to an interface, and to the machine, while packets are captured.
//!
//! Everything that is looked at is opened at the beginning: later the process may open nothing.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::netdevice::index_to_name;
use rustix::time::{ClockId, clock_gettime};

/// A machine that slept for less is not worth a word.
const NAP: Duration = Duration::from_secs(2);

/// An interface that is watched.
#[derive(Debug)]
pub(super) struct Watch {
    name: String,
    index: Option<u32>,
    /// The system's word for its state.
    state: Option<File>,
    up: bool,
    gone: bool,
}

impl Watch {
    /// Looks at an interface for the first time. One that the system says nothing of (`any`) is never gone.
    pub(super) fn new(name: &str) -> Watch {
        let place = Path::new("/sys/class/net").join(name);
        let known = !name.contains('/') && place.is_dir();
        let open = |file: &str| if known { File::open(place.join(file)).ok() } else { None };
        let index = open("ifindex").and_then(|mut file| {
            let mut text = String::new();
            file.read_to_string(&mut text).ok()?;
            text.trim().parse().ok()
        });
        let mut watch = Watch { name: name.to_owned(), index, state: open("operstate"), up: true, gone: false };
        watch.up = watch.is_up() != Some(false);
        watch
    }

    /// Whether it was there and is no more.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Looks again: what happened, in words. `socket` is any socket.
    pub(super) fn look(&mut self, socket: impl AsFd) -> Vec<String> {
        let mut said = Vec::new();
        let Some(index) = self.index.filter(|_| !self.gone) else { return said };
        match index_to_name(socket, index) {
            Ok(name) if name != self.name => {
                said.push(format!("{} was renamed to {name}; it is still captured", self.name));
                self.name = name;
            }
            Err(Errno::NODEV) => {
                self.gone = true;
                said.push(format!("{} is gone: it was removed", self.name));
                return said;
            }
            Ok(_) | Err(_) => {}
        }
        if let Some(up) = self.is_up().filter(|up| *up != self.up) {
            self.up = up;
            said.push(format!("{}: the link is {}", self.name, if up { "up again" } else { "down" }));
        }
        said
    }

    fn is_up(&self) -> Option<bool> {
        let mut word = [0; 32];
        let got = self.state.as_ref()?.read_at(&mut word, 0).ok()?;
        let word = word.get(..got)?.trim_ascii();
        Some(!matches!(word, b"down" | b"lowerlayerdown" | b"notpresent" | b"dormant"))
    }
}

/// Notices when the machine slept.
#[derive(Debug)]
pub(super) struct Sleep {
    slept: Duration,
}

impl Sleep {
    pub(super) fn new() -> Sleep {
        Sleep { slept: slept() }
    }

    /// How long the machine slept since this was asked last.
    pub(super) fn look(&mut self) -> Option<Duration> {
        let now = slept();
        let nap = now.saturating_sub(self.slept);
        self.slept = now;
        (nap >= NAP).then_some(nap)
    }
}

/// How long the machine has slept since it was switched on: one clock stands still meanwhile, the other goes on.
fn slept() -> Duration {
    let read = |clock| {
        let time = clock_gettime(clock);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
    };
    #[cfg(target_os = "linux")]
    return read(ClockId::Boottime).saturating_sub(read(ClockId::Monotonic));
    #[cfg(not(target_os = "linux"))]
    return read(ClockId::Monotonic).saturating_sub(read(ClockId::Monotonic));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_stays_and_nothing_happens() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let mut watch = Watch::new("lo");
        assert_eq!(watch.look(&socket), Vec::<String>::new());
        watch.name = "lo-before".to_owned();
        assert_eq!(watch.look(&socket), ["lo-before was renamed to lo; it is still captured"]);
        watch.index = Some(u32::MAX >> 1);
        assert_eq!(watch.look(&socket), ["lo is gone: it was removed"]);
        assert!(watch.is_gone() && watch.look(&socket).is_empty());
    }

    #[test]
    fn nobody_slept_since_a_moment_ago() {
        let mut sleep = Sleep::new();
        assert_eq!(sleep.look(), None);
        sleep.slept = sleep.slept.saturating_sub(Duration::from_secs(3));
        assert!(sleep.slept.is_zero() || sleep.look().is_some());
    }
}
