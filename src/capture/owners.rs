//! Which process a socket belonged to, as the machine tells that captured.
//!
//! A live capture looks them up beside the packets and writes each into the file when it is known, as a comment of a
//! name resolution block (draft-ietf-opsawg-pcapng, section 4.5; option `opt_comment`), so that a saved capture still
//! tells them and other tools show them as text:
//!
//! ```text
//! process 1234 has tcp 192.0.2.1:52344 203.0.113.7:443: curl
//! process 812 has udp 0.0.0.0:5353 -: avahi-daemon
//! ```
//!
//! Whoever wrote a capture may have written anything there: a name is as hostile as any captured text.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

/// Sockets whose owner is remembered. The oldest are forgotten beyond it, as a busy server opens that many in minutes.
pub const MOST_SOCKETS: usize = 65_536;

/// What a comment that tells an owner begins with.
const BEGINNING: &str = "process ";

/// What carries a socket's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
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

/// A socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Socket {
    /// What carries its bytes.
    pub carrier: Carrier,
    /// Its own end.
    pub own: SocketAddr,
    /// The other end, if it is connected.
    pub other: Option<SocketAddr>,
}

/// A socket and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// The socket.
    pub socket: Socket,
    /// Its owner.
    pub process: Process,
}

impl fmt::Display for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (socket, process) = (&self.socket, &self.process);
        let carrier = if socket.carrier == Carrier::Tcp { "tcp" } else { "udp" };
        let other = socket.other.map_or_else(|| "-".to_owned(), |other| other.to_string());
        write!(f, "{BEGINNING}{} has {carrier} {} {other}: {}", process.id, socket.own, process.name)
    }
}

impl Owned {
    /// Understands what [`Owned`] is written as.
    pub fn parse(text: &str) -> Option<Owned> {
        let (id, rest) = text.strip_prefix(BEGINNING)?.split_once(" has ")?;
        let mut words = rest.splitn(3, ' ');
        let carrier = match words.next()? {
            "tcp" => Carrier::Tcp,
            "udp" => Carrier::Udp,
            _ => return None,
        };
        let own = words.next()?.parse().ok()?;
        let (other, name) = words.next()?.split_once(": ")?;
        let other = if other == "-" { None } else { Some(other.parse().ok()?) };
        let process = Process { id: id.parse().ok()?, name: name.to_owned() };
        Some(Owned { socket: Socket { carrier, own, other }, process })
    }
}

/// What is known of sockets' owners. A clone shares it.
#[derive(Clone, Default)]
pub struct Owners(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    sockets: HashMap<Socket, Arc<Process>, RandomState>,
    order: VecDeque<Socket>,
}

impl fmt::Debug for Owners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owners").field("sockets", &self.known().sockets.len()).finish()
    }
}

impl Owners {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers an owner; of a socket that had another one, the new one.
    pub(crate) fn learn(&self, owned: Owned) {
        self.known().learn(owned);
    }

    /// Whether no owner is known.
    pub fn is_empty(&self) -> bool {
        self.known().sockets.is_empty()
    }

    /// The process on the machine that captured which had the socket at `own` that speaks with `other`.
    pub fn of(&self, carrier: Carrier, own: SocketAddr, other: SocketAddr) -> Option<Arc<Process>> {
        let known = self.known();
        let connected = known.sockets.get(&Socket { carrier, own, other: Some(other) });
        connected.or_else(|| known.open(carrier, own)).cloned()
    }
}

impl Known {
    fn learn(&mut self, Owned { socket, process }: Owned) {
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
    fn open(&self, carrier: Carrier, own: SocketAddr) -> Option<&Arc<Process>> {
        if carrier != Carrier::Udp {
            return None;
        }
        let any = |ip: IpAddr| SocketAddr::new(ip, own.port());
        let (v4, v6) = (any(Ipv4Addr::UNSPECIFIED.into()), any(Ipv6Addr::UNSPECIFIED.into()));
        let ends = if own.is_ipv4() { [own, v4, v6] } else { [own, v6, v6] };
        ends.iter().find_map(|end| self.sockets.get(&Socket { carrier, own: *end, other: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(carrier: Carrier, own: &str, other: Option<&str>, name: &str) -> Owned {
        let address = |text: &str| text.parse().expect("an address");
        let socket = Socket { carrier, own: address(own), other: other.map(address) };
        Owned { socket, process: Process { id: 7, name: name.into() } }
    }

    #[test]
    fn what_is_written_is_understood() {
        for one in [
            owned(Carrier::Tcp, "192.0.2.1:52344", Some("[2001:db8::1]:443"), "a name: with spaces"),
            owned(Carrier::Udp, "0.0.0.0:5353", None, ""),
        ] {
            assert_eq!(Owned::parse(&one.to_string()), Some(one));
        }
        for bad in ["", "process", "process 7 has", "process x has tcp 1.2.3.4:5 -: a", "MTU 1500"] {
            assert_eq!(Owned::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_owner_is_found_by_its_own_end() {
        let owners = Owners::default();
        owners.learn(owned(Carrier::Tcp, "192.0.2.1:1000", Some("192.0.2.2:443"), "curl"));
        owners.learn(owned(Carrier::Udp, "0.0.0.0:5353", None, "mdns"));
        let of = |carrier, one: &str, other: &str| {
            let found = owners.of(carrier, one.parse().expect("one"), other.parse().expect("another"));
            found.map(|process| process.name.clone())
        };
        assert_eq!(of(Carrier::Tcp, "192.0.2.1:1000", "192.0.2.2:443").as_deref(), Some("curl"));
        assert_eq!(of(Carrier::Udp, "192.0.2.1:5353", "192.0.2.9:77").as_deref(), Some("mdns"));
        assert_eq!(of(Carrier::Tcp, "192.0.2.2:443", "192.0.2.1:1000"), None, "it is the other end");
        assert_eq!(of(Carrier::Tcp, "192.0.2.1:5353", "192.0.2.9:77"), None);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let owners = Owners::default();
        for port in 0..=MOST_SOCKETS {
            let own = SocketAddr::from(([10, 0, (port >> 16) as u8, 1], port as u16));
            let socket = Socket { carrier: Carrier::Udp, own, other: None };
            owners.learn(Owned { socket, process: Process { id: 1, name: String::new() } });
        }
        assert_eq!(owners.known().sockets.len(), MOST_SOCKETS);
        let first = "10.0.0.1:0".parse().expect("an address");
        assert!(owners.of(Carrier::Udp, first, first).is_none());
    }
}
