//! Which process a socket belongs to, from `/proc`: looked up beside the capture, never for a packet.
//!
//! The broker looks through the system's tables of sockets a few times a second, finds the owners of new ones, and
//! tells them; so the owner of a short connection is often known although it has ended. Sockets shorter than that are
//! missed, and nothing is guessed for them.

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::super::Shared;
use super::LONGEST;
use crate::capture::owners::{Carrier, Owned, Process, Socket};

/// The least time between two looks through the tables; while a command runs whose sockets are to be known, less.
const PAUSE: Duration = Duration::from_millis(100);
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// A look may take no more than this share of the time.
const SHARE: u32 = 10;

/// Before what is told of a process that is the command's, or was started by it.
const OURS: &str = "+";

/// What is told of sockets' owners, before somebody listens.
pub(in super::super) struct Telling(OwnedFd);

impl Telling {
    pub(super) fn new(from: OwnedFd) -> Telling {
        Telling(from)
    }

    /// Listens from here on, in a thread of its own. Without a thread nobody is known; packets are captured all the
    /// same.
    pub(in super::super) fn listen(self, to: Arc<Shared>) {
        let work = move || {
            let mut line = vec![0; LONGEST];
            while let Ok((got, _)) = recv(&self.0, line.as_mut_slice(), RecvFlags::empty())
                && got > 0
            {
                let text = String::from_utf8_lossy(line.get(..got).unwrap_or_default());
                let (ours, text) = text.strip_prefix(OURS).map_or((false, &*text), |text| (true, text));
                if let Some(owned) = Owned::parse(text) {
                    to.learn(owned, ours);
                }
            }
        };
        let _ = std::thread::Builder::new().name("owners".to_owned()).spawn(work);
    }
}

/// Tells owners over a socket until nobody listens. Processes with this row in their environment are the command's.
pub(super) fn tell(to: BorrowedFd<'_>, marker: Option<&[u8]>) {
    let mut told: HashMap<u64, Socket> = HashMap::new();
    let pause = if marker.is_some() { SHORT_PAUSE } else { PAUSE };
    loop {
        let begin = Instant::now();
        let sockets = sockets();
        let new: HashMap<u64, Socket> =
            sockets.iter().filter(|(inode, socket)| told.get(inode) != Some(socket)).map(|(i, s)| (*i, *s)).collect();
        if !new.is_empty() {
            for (inode, process) in first_owners(&new) {
                let Some(socket) = new.get(&inode) else { continue };
                let ours = if marker.is_some_and(|row| has(process.id, row)) { OURS } else { "" };
                let line = format!("{ours}{}", Owned { socket: *socket, process });
                if send(to, line.as_bytes(), SendFlags::NOSIGNAL).is_err() {
                    return;
                }
            }
        }
        told = sockets;
        std::thread::sleep(pause.max(begin.elapsed() * SHARE));
        // Nobody may be there although there was nothing new to tell.
        if send(to, b"-", SendFlags::NOSIGNAL).is_err() {
            return;
        }
    }
}

/// Whether a process was started with this row in its environment.
fn has(process: u32, row: &[u8]) -> bool {
    let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|one| one == row)
}

/// All sockets of the network namespace, by inode.
fn sockets() -> HashMap<u64, Socket> {
    const TABLES: [(&str, Carrier); 4] = [
        ("/proc/self/net/tcp", Carrier::Tcp),
        ("/proc/self/net/tcp6", Carrier::Tcp),
        ("/proc/self/net/udp", Carrier::Udp),
        ("/proc/self/net/udp6", Carrier::Udp),
    ];
    let mut all = HashMap::new();
    for (path, carrier) in TABLES {
        let Ok(table) = fs::read_to_string(path) else { continue };
        all.extend(table.lines().skip(1).filter_map(|row| socket(carrier, row)));
    }
    all
}

/// `  0: 0100007F:1F90 00000000:0000 0A … inode …`, addresses in words of the machine's order.
fn socket(carrier: Carrier, row: &str) -> Option<(u64, Socket)> {
    let mut words = row.split_ascii_whitespace().skip(1);
    let (own, other) = (address(words.next()?)?, address(words.next()?)?);
    let inode = words.nth(6)?.parse().ok().filter(|inode| *inode != 0)?;
    let other = (other.port() != 0).then_some(other);
    Some((inode, Socket { carrier, own, other }))
}

fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let word = u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?;
        Some(word.to_ne_bytes())
    };
    if ip.len() == 8 {
        return Some(SocketAddr::new(Ipv4Addr::from(word(0)?).into(), port));
    }
    let words = [word(0)?, word(8)?, word(16)?, word(24)?];
    let ip = Ipv6Addr::from(*words.as_flattened().first_chunk::<16>()?);
    // A socket for both families says IPv4 addresses in the longer form.
    Some(SocketAddr::new(ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4), port))
}

/// Of those who have these sockets open the oldest: what it starts may have them, too, and does not use them.
fn first_owners(wanted: &HashMap<u64, Socket>) -> HashMap<u64, Process> {
    let mut first: HashMap<u64, Process> = HashMap::new();
    for (inode, process) in owners(wanted) {
        let known = first.entry(inode).or_insert_with(|| process.clone());
        if process.id < known.id {
            *known = process;
        }
    }
    first
}

/// Who has these sockets open: processes that this one may look into.
fn owners(wanted: &HashMap<u64, Socket>) -> Vec<(u64, Process)> {
    let mut found = Vec::new();
    let Ok(processes) = fs::read_dir("/proc") else { return found };
    for process in processes.flatten() {
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(open) = fs::read_dir(process.path().join("fd")) else { continue };
        for descriptor in open.flatten() {
            let Ok(target) = fs::read_link(descriptor.path()) else { continue };
            let inode = target.to_str().and_then(|target| target.strip_prefix("socket:[")?.strip_suffix(']'));
            let Some(inode) = inode.and_then(|inode| inode.parse().ok()).filter(|i| wanted.contains_key(i)) else {
                continue;
            };
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            found.push((inode, Process { id, name: name.trim_end_matches('\n').to_owned() }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_rows_are_understood() {
        let row = "   0: 0100007F:1F90 0200007F:01BB 01 00000000:00000000 00:00000000 00000000     0        0 4711 1";
        let (own, other) = ("127.0.0.1:8080".parse().expect("one"), "127.0.0.2:443".parse().expect("one"));
        if cfg!(target_endian = "little") {
            assert_eq!(
                socket(Carrier::Tcp, row),
                Some((4711, Socket { carrier: Carrier::Tcp, own, other: Some(other) }))
            );
        }
        let mapped = "0000000000000000FFFF00000100007F:0035";
        assert_eq!(address(mapped).map(|address| address.is_ipv4()), Some(true));
        assert_eq!(socket(Carrier::Udp, "nonsense"), None);
    }

    #[test]
    fn this_process_owns_its_socket() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let own = socket.local_addr().expect("an address");
        let mine = sockets().into_iter().find(|(_, socket)| socket.own == own).expect("in the table");
        let found = owners(&[mine].into());
        assert!(found.iter().any(|(_, process)| process.id == std::process::id()), "{found:?}");
        let path = std::env::var("PATH").expect("a path");
        assert!(has(std::process::id(), format!("PATH={path}").as_bytes()) && !has(std::process::id(), b"PATH=no"));
    }
}
