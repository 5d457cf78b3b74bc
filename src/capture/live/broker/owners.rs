//! Which process a socket belongs to, from `/proc`: looked up beside the capture, never for a packet.
//!
//! The broker looks through the system's tables of sockets a few times a second, finds the owners of new ones, and
//! tells them; so the owner of a short connection is often known although it has ended. Sockets shorter than that are
//! missed, and nothing is guessed for them.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::LONGEST;

/// Sockets whose owner is remembered. The oldest are forgotten beyond it, as a busy server opens that many in minutes.
pub const MOST_SOCKETS: usize = 65_536;

/// The least time between two looks through the tables.
const PAUSE: Duration = Duration::from_millis(100);

/// A look may take no more than this share of the time.
const SHARE: u32 = 10;

/// What carries a socket's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// Its name, as the system has it: as hostile to terminals as any text of others.
    pub name: String,
}

/// A socket: its own end, and the other if it is connected.
type Socket = (Transport, SocketAddr, Option<SocketAddr>);

/// What is known of sockets' owners. Cheap to clone.
#[derive(Clone)]
pub struct Owners(Arc<Told>);

struct Told {
    /// Where they are told.
    from: Mutex<Option<OwnedFd>>,
    begun: OnceLock<()>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    sockets: HashMap<Socket, Arc<Process>>,
    order: std::collections::VecDeque<Socket>,
}

impl fmt::Debug for Owners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owners").field("sockets", &self.known().sockets.len()).finish()
    }
}

impl Owners {
    /// What is told over a socket.
    pub(super) fn new(from: OwnedFd) -> Owners {
        Owners(Arc::new(Told { from: Mutex::new(Some(from)), begun: OnceLock::new(), known: Mutex::default() }))
    }

    /// Begins to listen, once.
    pub(in super::super) fn listen(&self) {
        self.0.begun.get_or_init(|| {
            let from = self.0.from.lock().unwrap_or_else(PoisonError::into_inner).take();
            let told = Arc::clone(&self.0);
            let work = move || {
                let mut line = vec![0; LONGEST];
                while let Some(from) = &from
                    && let Ok((got, _)) = recv(from, line.as_mut_slice(), RecvFlags::empty())
                    && got > 0
                {
                    let text = String::from_utf8_lossy(line.get(..got).unwrap_or_default()).into_owned();
                    if let Some((socket, process)) = parse(&text) {
                        told.known.lock().unwrap_or_else(PoisonError::into_inner).learn(socket, process);
                    }
                }
            };
            // Without a thread nobody is known; packets are captured all the same.
            let _ = std::thread::Builder::new().name("owners".to_owned()).spawn(work);
        });
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process on this machine that has the socket between two addresses, whichever of them is its own.
    pub fn of(&self, transport: Transport, one: SocketAddr, other: SocketAddr) -> Option<Arc<Process>> {
        let known = self.known();
        let ends = [(one, other), (other, one)];
        let connected = ends.iter().find_map(|(own, other)| known.sockets.get(&(transport, *own, Some(*other))));
        connected.or_else(|| ends.iter().find_map(|(own, _)| known.open(transport, *own))).cloned()
    }
}

impl Known {
    fn learn(&mut self, socket: Socket, process: Process) {
        if self.sockets.insert(socket, Arc::new(process)).is_none() {
            self.order.push_back(socket);
        }
        if self.order.len() > MOST_SOCKETS
            && let Some(oldest) = self.order.pop_front()
        {
            self.sockets.remove(&oldest);
        }
    }

    /// Who receives at an address without being connected. A listening TCP socket has others for its connections.
    fn open(&self, transport: Transport, own: SocketAddr) -> Option<&Arc<Process>> {
        if transport != Transport::Udp {
            return None;
        }
        let any = |ip: IpAddr| SocketAddr::new(ip, own.port());
        let (v4, v6) = (any(Ipv4Addr::UNSPECIFIED.into()), any(Ipv6Addr::UNSPECIFIED.into()));
        let ends = if own.is_ipv4() { [own, v4, v6] } else { [own, v6, v6] };
        ends.iter().find_map(|end| self.sockets.get(&(transport, *end, None)))
    }
}

/// Tells owners over a socket until nobody listens.
pub(super) fn tell(to: BorrowedFd<'_>) {
    let mut told: HashMap<u64, Socket> = HashMap::new();
    loop {
        let begin = Instant::now();
        let sockets = sockets();
        let new: HashMap<u64, Socket> =
            sockets.iter().filter(|(inode, socket)| told.get(inode) != Some(socket)).map(|(i, s)| (*i, *s)).collect();
        if !new.is_empty() {
            for (inode, process) in owners(&new) {
                let Some(socket) = new.get(&inode) else { continue };
                if send(to, line(*socket, &process).as_bytes(), SendFlags::NOSIGNAL).is_err() {
                    return;
                }
            }
        }
        told = sockets;
        std::thread::sleep(PAUSE.max(begin.elapsed() * SHARE));
        // Nobody may be there although there was nothing new to tell.
        if send(to, b"-", SendFlags::NOSIGNAL).is_err() {
            return;
        }
    }
}

/// `tcp 192.0.2.1:52344 203.0.113.7:443 1234 curl`; `-` stands for no other end.
fn line((transport, own, other): Socket, process: &Process) -> String {
    let transport = if transport == Transport::Tcp { "tcp" } else { "udp" };
    let other = other.map_or_else(|| "-".to_owned(), |other| other.to_string());
    format!("{transport} {own} {other} {} {}", process.id, process.name)
}

fn parse(line: &str) -> Option<(Socket, Process)> {
    let mut words = line.splitn(5, ' ');
    let transport = match words.next()? {
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        _ => return None,
    };
    let own = words.next()?.parse().ok()?;
    let other = match words.next()? {
        "-" => None,
        other => Some(other.parse().ok()?),
    };
    let id = words.next()?.parse().ok()?;
    Some(((transport, own, other), Process { id, name: words.next()?.to_owned() }))
}

/// All sockets of the network namespace, by inode.
fn sockets() -> HashMap<u64, Socket> {
    const TABLES: [(&str, Transport); 4] = [
        ("/proc/self/net/tcp", Transport::Tcp),
        ("/proc/self/net/tcp6", Transport::Tcp),
        ("/proc/self/net/udp", Transport::Udp),
        ("/proc/self/net/udp6", Transport::Udp),
    ];
    let mut all = HashMap::new();
    for (path, transport) in TABLES {
        let Ok(table) = fs::read_to_string(path) else { continue };
        all.extend(table.lines().skip(1).filter_map(|row| socket(transport, row)));
    }
    all
}

/// `  0: 0100007F:1F90 00000000:0000 0A … inode …`, addresses in words of the machine's order.
fn socket(transport: Transport, row: &str) -> Option<(u64, Socket)> {
    let mut words = row.split_ascii_whitespace().skip(1);
    let (own, other) = (address(words.next()?)?, address(words.next()?)?);
    let inode = words.nth(6)?.parse().ok().filter(|inode| *inode != 0)?;
    let other = (other.port() != 0).then_some(other);
    Some((inode, (transport, own, other)))
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
            assert_eq!(socket(Transport::Tcp, row), Some((4711, (Transport::Tcp, own, Some(other)))));
        }
        let mapped = "0000000000000000FFFF00000100007F:0035";
        assert_eq!(address(mapped).map(|address| address.is_ipv4()), Some(true));
        assert_eq!(socket(Transport::Udp, "nonsense"), None);
    }

    #[test]
    fn what_is_told_is_learnt() {
        let (own, other): (SocketAddr, SocketAddr) =
            ("192.0.2.1:5353".parse().expect("one"), "[2001:db8::1]:443".parse().expect("one"));
        for socket in [(Transport::Tcp, own, Some(other)), (Transport::Udp, own, None)] {
            let process = Process { id: 7, name: "a name with spaces".into() };
            assert_eq!(parse(&line(socket, &process)), Some((socket, process)));
        }
        assert_eq!(parse("-"), None);
        let mut known = Known::default();
        known.learn(
            (Transport::Udp, "0.0.0.0:5353".parse().expect("one"), None),
            Process { id: 9, name: "mdns".into() },
        );
        assert_eq!(known.open(Transport::Udp, own).map(|process| process.id), Some(9));
        assert_eq!(known.open(Transport::Tcp, own), None);
    }

    #[test]
    fn this_process_owns_its_socket() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let own = socket.local_addr().expect("an address");
        let mine = sockets().into_iter().find(|(_, (_, end, _))| *end == own).expect("in the table");
        let found = owners(&[mine].into());
        assert!(found.iter().any(|(_, process)| process.id == std::process::id()), "{found:?}");
    }
}
