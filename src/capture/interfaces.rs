//! The interfaces of this machine: what `husk interfaces` lists.
//!
//! Names and addresses come from libpcap; what kind of thing an interface is, from Linux's
//! `/sys/class/net`. Nothing is opened for capturing, so no privilege is needed.

use std::fmt;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

/// What kind of thing an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A network card, or what looks like one.
    Ethernet,
    /// A wireless card.
    Wifi,
    /// This machine talking to itself.
    Loopback,
    /// One end of a virtual cable (containers).
    Veth,
    /// A virtual switch.
    Bridge,
    /// Several cards as one.
    Bond,
    /// One VLAN of another interface.
    Vlan,
    /// A MAC address of its own on another interface (macvlan, ipvlan).
    Macvlan,
    /// A tunnel of Ethernet frames over UDP.
    Vxlan,
    /// A tunnel ended by a program, which sees IP packets.
    Tun,
    /// A tunnel ended by a program, which sees Ethernet frames.
    Tap,
    /// A WireGuard tunnel.
    Wireguard,
    /// Another tunnel of the kernel (GRE, SIT, IPIP).
    Tunnel,
    /// PPP, such as a modem or DSL.
    Ppp,
    /// A mobile modem.
    Mobile,
    /// A CAN bus.
    Can,
    /// All interfaces together.
    Any,
    /// Something in this machine without a cable (dummy, ifb).
    Virtual,
    /// Something that is no network (USB, Bluetooth, D-Bus, netfilter).
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::Ethernet => "ethernet",
            Kind::Wifi => "wifi",
            Kind::Loopback => "loopback",
            Kind::Veth => "veth",
            Kind::Bridge => "bridge",
            Kind::Bond => "bond",
            Kind::Vlan => "vlan",
            Kind::Macvlan => "macvlan",
            Kind::Vxlan => "vxlan",
            Kind::Tun => "tun",
            Kind::Tap => "tap",
            Kind::Wireguard => "wireguard",
            Kind::Tunnel => "tunnel",
            Kind::Ppp => "ppp",
            Kind::Mobile => "mobile",
            Kind::Can => "can",
            Kind::Any => "any",
            Kind::Virtual => "virtual",
            Kind::Other => "other",
        })
    }
}

/// Whether an interface can have packets now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is on and connected.
    Up,
    /// It is on, but nothing is connected.
    NoCarrier,
    /// It is off.
    Down,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            State::Up => "up",
            State::NoCarrier => "no carrier",
            State::Down => "down",
        })
    }
}

/// An interface of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// The link type of a capture on it (see [`super::link_type`]), if that is known without
    /// opening it.
    pub link_type: Option<u32>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Its MAC address.
    pub mac: Option<String>,
    /// Whether it can have packets now.
    pub state: State,
    /// What its system says of it.
    pub description: Option<String>,
}

/// All interfaces that packets could be captured on, in libpcap's order: the likely ones first.
pub fn list() -> Result<Vec<Device>, String> {
    let devices = ::pcap::Device::list().map_err(|error| match error {
        ::pcap::Error::PcapError(reason) => reason,
        other => other.to_string(),
    })?;
    Ok(devices.into_iter().map(|device| describe(device, Path::new("/sys/class/net"))).collect())
}

fn describe(device: ::pcap::Device, system: &Path) -> Device {
    let place = system.join(&device.name);
    let known = !device.name.contains('/') && place.is_dir();
    let kind = if known {
        kind(&place)
    } else if device.flags.is_loopback() {
        Kind::Loopback
    } else if device.name == "any" {
        Kind::Any
    } else {
        Kind::Other
    };
    let mut addresses: Vec<IpAddr> = device.addresses.iter().map(|address| address.addr).collect();
    addresses.sort();
    addresses.dedup();
    let state = match word(&place, "operstate").as_str() {
        _ if !device.flags.is_up() => State::Down,
        "lowerlayerdown" | "down" | "dormant" => State::NoCarrier,
        _ => State::Up,
    };
    let mac = Some(word(&place, "address")).filter(|mac| mac.len() == 17 && mac != "00:00:00:00:00:00");
    let link_type = link_type(&device.name, kind, number(&place, "type"));
    Device { name: device.name, kind, link_type, addresses, mac, state, description: device.desc }
}

/// The kind, from what the kernel shows of an interface.
fn kind(place: &Path) -> Kind {
    const LOOPBACK: u32 = 772;
    const CAN: u32 = 280;
    const PPP: u32 = 512;
    const NONE: u32 = 65_534;
    const TAP_FLAG: u32 = 2;
    let about = fs::read_to_string(place.join("uevent")).unwrap_or_default();
    let named = about.lines().find_map(|line| line.strip_prefix("DEVTYPE=")).unwrap_or_default();
    let hardware = number(place, "type");
    match (named, hardware) {
        ("wlan", _) => Kind::Wifi,
        ("bridge", _) => Kind::Bridge,
        ("bond", _) => Kind::Bond,
        ("vlan", _) => Kind::Vlan,
        ("vxlan", _) => Kind::Vxlan,
        ("wireguard", _) => Kind::Wireguard,
        ("macvlan" | "macvtap" | "ipvlan", _) => Kind::Macvlan,
        ("wwan", _) => Kind::Mobile,
        ("ppp", _) | (_, Some(PPP)) => Kind::Ppp,
        (_, Some(LOOPBACK)) => Kind::Loopback,
        (_, Some(CAN)) => Kind::Can,
        (_, Some(768 | 769 | 776 | 778 | 823)) => Kind::Tunnel,
        (_, Some(801..=803)) => Kind::Wifi,
        _ if place.join("tun_flags").exists() => match number(place, "tun_flags") {
            Some(flags) if flags & TAP_FLAG != 0 => Kind::Tap,
            _ => Kind::Tun,
        },
        _ if place.join("wireless").exists() || place.join("phy80211").exists() => Kind::Wifi,
        (_, Some(NONE)) => Kind::Tun,
        _ if place.join("device").exists() => Kind::Ethernet,
        _ if number(place, "iflink") != number(place, "ifindex") => Kind::Veth,
        _ => Kind::Virtual,
    }
}

/// The link type that libpcap gives a capture on such hardware (ARPHRD numbers of Linux).
fn link_type(name: &str, kind: Kind, hardware: Option<u32>) -> Option<u32> {
    const SLL2: u32 = 276;
    match (kind, hardware) {
        (Kind::Any, _) => Some(SLL2),
        (_, Some(1 | 772)) => Some(1),
        (_, Some(801)) => Some(105),
        (_, Some(802)) => Some(119),
        (_, Some(803)) => Some(127),
        (_, Some(280)) => Some(227),
        (_, Some(768 | 769 | 776 | 778 | 823 | 65_534)) => Some(101),
        _ => match name {
            "nflog" => Some(239),
            "bluetooth-monitor" => Some(254),
            _ if name.starts_with("usbmon") => Some(220),
            _ if name.starts_with("dbus-") => Some(231),
            _ => None,
        },
    }
}

/// What the system says in one of its files; empty if it says nothing.
fn word(place: &Path, file: &str) -> String {
    fs::read_to_string(place.join(file)).unwrap_or_default().trim().to_owned()
}

/// A number in one of the system's files.
fn number(place: &Path, file: &str) -> Option<u32> {
    let word = word(place, file);
    word.strip_prefix("0x").map_or_else(|| word.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(files: &[(&str, &str)]) -> tempfile::TempDir {
        let place = tempfile::tempdir().expect("a directory");
        for (name, content) in files {
            fs::write(place.path().join(name), content).expect("a file");
        }
        place
    }

    #[test]
    fn kinds_from_what_the_kernel_shows() {
        let cases: &[(&[(&str, &str)], Kind)] = &[
            (&[("type", "772\n"), ("uevent", "INTERFACE=lo\n")], Kind::Loopback),
            (&[("type", "1\n"), ("uevent", "DEVTYPE=wlan\nINTERFACE=wlp1\n")], Kind::Wifi),
            (&[("type", "1\n"), ("uevent", "DEVTYPE=bridge\n")], Kind::Bridge),
            (&[("type", "1\n"), ("device", "")], Kind::Ethernet),
            (&[("type", "1\n"), ("ifindex", "3\n"), ("iflink", "7\n")], Kind::Veth),
            (&[("type", "1\n"), ("ifindex", "3\n"), ("iflink", "3\n")], Kind::Virtual),
            (&[("type", "1\n"), ("tun_flags", "0x1002\n")], Kind::Tap),
            (&[("type", "65534\n"), ("tun_flags", "0x1001\n")], Kind::Tun),
            (&[("type", "65534\n"), ("uevent", "DEVTYPE=wireguard\n")], Kind::Wireguard),
            (&[("type", "776\n")], Kind::Tunnel),
        ];
        for (files, expected) in cases {
            assert_eq!(kind(place(files).path()), *expected, "{files:?}");
        }
    }

    #[test]
    fn this_machine_has_a_loopback() {
        let Ok(devices) = list() else { return };
        for device in devices.iter().filter(|device| device.kind == Kind::Loopback) {
            assert!(device.addresses.iter().all(IpAddr::is_loopback), "{device:?}");
        }
    }
}
