//! One interface, opened for capturing.

use std::collections::HashMap;
use std::os::fd::{AsFd as _, AsRawFd as _, RawFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use ::pcap::{Active, Capture, Linktype, Precision};
use rustix::net::netdevice::index_to_name;

use super::error::plain;
use super::watch::Watch;
use super::{LiveError, Settings, Tap};
use crate::capture::kernel_filter::host_name;
use crate::capture::{Interface, MAX_PACKET};

/// How long the kernel may hold back packets to hand over many at once, in milliseconds.
const KERNEL_DELAY_MS: i32 = 20;

/// Linux cooked v2, which says from which interface each packet of `any` is.
const SLL2: Linktype = Linktype(276);

/// Interfaces behind `any` that are told apart. Containers come and go, but not that many during a capture; packets
/// of later ones are counted to `any`.
const MOST_BEHIND_ANY: usize = 4096;

/// Whether libpcap gives nanoseconds when asked; it says so only where it always does.
pub(super) const NANOSECONDS: bool = cfg!(target_os = "linux");

/// An interface that packets are taken from.
pub(super) struct Device {
    pub(super) capture: Capture<Active>,
    pub(super) watch: Watch,
    /// What the file says of it.
    pub(super) interface: Interface,
    /// What there is to say of it besides.
    pub(super) comment: Option<String>,
    /// What tells the interfaces behind it apart; opened early, because later no socket may be.
    pub(super) behind: Behind,
}

impl Device {
    /// Opens an interface, in the mode in which reading never waits.
    pub(super) fn open(tap: &Tap, settings: &Settings) -> Result<Device, LiveError> {
        let named = |filter: &String| Some((filter.clone(), host_name(filter)?.to_owned()));
        if let Some((filter, name)) = tap.filter.as_ref().and_then(named) {
            return Err(LiveError::FilterName { filter, name });
        }
        let failed = |error: ::pcap::Error| LiveError::opening(&tap.name, &error);
        let mut capture = Capture::from_device(::pcap::Device::from(tap.name.as_str()))
            .map_err(failed)?
            .snaplen(i32::try_from(settings.snap_length.clamp(1, MAX_PACKET)).unwrap_or(i32::MAX))
            .promisc(settings.promiscuous && tap.name != "any")
            .buffer_size(i32::try_from(settings.buffer).unwrap_or(i32::MAX))
            .timeout(KERNEL_DELAY_MS)
            .immediate_mode(settings.immediate)
            .precision(if NANOSECONDS { Precision::Nano } else { Precision::Micro })
            .open()
            .map_err(failed)?;
        let tells_interfaces = tap.name == "any" && capture.list_datalinks().is_ok_and(|links| links.contains(&SLL2));
        if tells_interfaces {
            capture.set_datalink(SLL2).map_err(failed)?;
        }
        if let Some(filter) = &tap.filter {
            capture
                .filter(filter, true)
                .map_err(|error| LiveError::Filter { filter: filter.clone(), reason: plain(&error) })?;
        }
        let capture = capture.setnonblock().map_err(failed)?;
        let interface = Interface {
            name: Some(tap.name.clone()),
            link_type: link_type(capture.get_datalink()),
            snap_length: settings.snap_length,
            filter: tap.filter.clone(),
            ..Interface::default()
        };
        // Any socket will do to ask for names; this one leads nowhere.
        let socket = if tells_interfaces { UnixDatagram::unbound().ok() } else { None };
        let behind =
            Behind { known: HashMap::new(), mtus: if socket.is_some() { mtus() } else { HashMap::new() }, socket };
        Ok(Device { capture, watch: Watch::new(&tap.name), interface, comment: about(&tap.name), behind })
    }
}

impl Device {
    /// The socket, to which nothing may be written.
    pub(super) fn socket(&self) -> RawFd {
        self.capture.as_fd().as_raw_fd()
    }

    /// The folder of the system's counters, from which libpcap reads what the interface dropped.
    pub(super) fn counters(&self) -> Option<PathBuf> {
        let name = self.interface.name.as_deref().filter(|name| !name.contains('/'))?;
        std::fs::canonicalize(Path::new("/sys/class/net").join(name).join("statistics")).ok()
    }
}

/// The interfaces behind `any`, by the cooked headers of packets.
pub(super) struct Behind {
    /// Their numbers in the file, by the system's number.
    known: HashMap<u32, u32>,
    /// What there is to say of each by its name, read while files could be opened.
    mtus: HashMap<String, String>,
    /// To ask for their names; `None` if there is nothing behind the interface.
    socket: Option<UnixDatagram>,
}

impl Behind {
    /// Whether there is anything to tell apart.
    pub(super) fn is_any(&self) -> bool {
        self.socket.is_some()
    }

    /// The system's number of the interface that a packet came from, if it has no number in the file yet.
    pub(super) fn unknown(&self, packet: &[u8]) -> Option<u32> {
        self.socket.as_ref()?;
        let index = cooked_index(packet)?;
        (!self.known.contains_key(&index) && self.known.len() < MOST_BEHIND_ANY).then_some(index)
    }

    /// What the file says of the interface with this number of the system.
    pub(super) fn describe(&self, any: &Interface, index: u32) -> (Interface, Option<String>) {
        let name = self.socket.as_ref().and_then(|socket| index_to_name(socket, index).ok());
        let name = name.unwrap_or_else(|| format!("interface {index}"));
        let comment = self.mtus.get(&name).cloned();
        (Interface { name: Some(name), description: Some("seen on any".to_owned()), ..any.clone() }, comment)
    }

    /// The interface with this number of the system has that number in the file.
    pub(super) fn name(&mut self, index: u32, number: u32) {
        self.known.insert(index, number);
    }

    /// The number in the file of the interface that a packet came from; `own` if that is not told.
    pub(super) fn number(&self, packet: &[u8], own: u32) -> u32 {
        match self.socket {
            None => own,
            Some(_) => cooked_index(packet).and_then(|index| self.known.get(&index)).copied().unwrap_or(own),
        }
    }
}

/// The interface in a Linux cooked v2 header.
fn cooked_index(packet: &[u8]) -> Option<u32> {
    packet.get(4..8)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// The largest packet that an interface sends, which tells what the card will cut into segments.
fn about(name: &str) -> Option<String> {
    if name.contains('/') {
        return None;
    }
    let mtu = std::fs::read_to_string(Path::new("/sys/class/net").join(name).join("mtu")).ok()?;
    Some(format!("MTU {}", mtu.trim()))
}

/// What there is to say of each interface of the machine, by its name.
fn mtus() -> HashMap<String, String> {
    let entries = std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| about(&name).map(|about| (name, about))).collect()
}

/// The number in files for libpcap's own number, which differs between systems for a few.
fn link_type(datalink: Linktype) -> u32 {
    match datalink.0 {
        11 => 100,      // ATM RFC 1483
        12 | 14 => 101, // raw IP
        other => u32::try_from(other).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn packets_of_any_are_told_apart_by_their_cooked_header() {
        let socket = UnixDatagram::unbound().ok();
        let mut behind = Behind { known: HashMap::new(), mtus: mtus(), socket };
        let packet = [8, 0, 0, 0, 0, 0, 0, 1, 0, 1];
        assert_eq!((behind.unknown(&packet), behind.number(&packet, 0)), (Some(1), 0));
        let (lo, about) = behind.describe(&Interface::default(), 1);
        assert_eq!((lo.name.as_deref(), about.is_some_and(|about| about.starts_with("MTU "))), (Some("lo"), true));
        behind.name(1, 7);
        assert_eq!((behind.unknown(&packet), behind.number(&packet, 0)), (None, 7));
        assert_eq!(behind.unknown(&packet[..6]), None);
        behind.socket = None;
        assert_eq!(behind.unknown(&packet), None);
    }
}
