//! THE LIST of protocols, and the tables made from it.
//!
//! A protocol is one file here and one line in [`LIST`]. Its `static PROTOCOL` says what fields it has,
//! below which numbers it is found, and how it is read; nothing else needs to know it.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used)]

use std::sync::LazyLock;

use crate::bytes::Field;

mod base64;
mod ber;
mod datagrams;
pub mod checksum;
mod head;
mod lines;
mod strings;
mod words;
pub use words::{
    Addresses, Answer, Complaint, Dialogue, Endpoints, Extent, Found, Fragment, Framing, Message, Next, Opening,
    Outline, Probe, Protocol, Read, Reassembly, Said, Side, Start, TcpOutline, Then, Transport, Under, UserData,
    heading,
};

macro_rules! list {
    ($($module:ident),* $(,)? ; named $($name:ident),* $(,)?) => {
        $(pub mod $module;)*
        pub mod named;
        /// Every protocol, in the order of modules; a protocol's place is its number in rows and outlines.
        pub static LIST: &[&Protocol] = &[$(&$module::PROTOCOL,)* $(&named::$name),*];
    };
}

list! {
    frame,
    offload,
    ethernet,
    isl,
    vlan,
    ieee8021ad,
    ieee8021ah,
    etag,
    vntag,
    fabricpath,
    arista,
    cmd,
    macsec,
    llc,
    fddi,
    token_ring,
    arcnet,
    sll,
    sll2,
    null,
    raw,
    ipnet,
    pktap,
    ppp,
    pppoe,
    chdlc,
    frame_relay,
    mpls,
    pw_ethernet,
    nsh,
    radiotap,
    ppi,
    prism,
    wlan,
    arp,
    lldp,
    ipv4,
    ipv6,
    ipv6_hopopts,
    ipv6_dstopts,
    ipv6_routing,
    ipv6_fraghdr,
    mip6,
    hip,
    shim6,
    icmp,
    icmpv6,
    igmp,
    ah,
    esp,
    gre,
    erspan,
    pim,
    vxlan,
    geneve,
    gtp,
    l2tp,
    teredo,
    ayiya,
    udp_encap,
    tcp,
    mptcp,
    sctp,
    udp,
    dns,
    mdns,
    llmnr,
    dhcp,
    ntp,
    tls,
    http,
    http2,
    ssdp,
    websocket,
    socks,
    dtls,
    quic,
    x509,
    ocsp,
    ssh,
    smtp,
    imap,
    pop,
    ftp,
    ftp_data,
    irc,
    xmpp,
    ldap,
    mysql,
    pgsql,
    wireguard,
    openvpn,
    isakmp,
    bgp,
    dhcpv6,
    nbns,
    nbdgm,
    stun,
    stun_classic,
    sip,
    sdp,
    rtsp,
    rtp,
    rtcp,
    mqtt,
    snmp,
    syslog,
    radius,
    tftp,
    proxy,
    nbss,
    smb,
    smb2,
    kerberos,
    ;
    named IPX, STP, OSI, NETBIOS, CDP, UDLD, DTP, VTP, SLOW, EAPOL, LOOPBACK, CFM, LCP, PAP, CHAP, IPCP, IPV6CP,
    SLARP
}

/// What conversations that nobody reads may turn to: TLS, for STARTTLS is in more protocols than husk will read; HTTP,
/// for a web server answers in HTTP whatever it was sent.
pub static OPENINGS: &[Opening] = &[
    Opening { protocol: &tls::PROTOCOL, find: tls::starttls::find },
    Opening { protocol: &http::PROTOCOL, find: http::find_answer },
];

/// What a side may begin its turn with although something else is spoken, for it, or the other side, takes the port for
/// another one's: a hello of TLS to a server of mail, the answer of a web server to such a hello, an SSH server's
/// version in answer to a request. From there on it is spoken.
pub static STRAYS: &[Opening] = &[
    Opening { protocol: &tls::PROTOCOL, find: tls::starttls::find_hello },
    Opening { protocol: &http::PROTOCOL, find: http::find_answer },
    Opening { protocol: &ssh::PROTOCOL, find: ssh::find_version },
];

/// What may stand before whatever a port is for: as long as the first bytes may be one of these, nothing else is asked.
pub static PREFACES: &[&Protocol] = &[&proxy::PROTOCOL];

/// The tables by which protocols are found, made from [`LIST`] once.
pub struct Finder {
    link: Vec<(u32, u8)>,
    ether_type: Box<[u8]>,
    sap: Box<[u8]>,
    ppp: Vec<(u16, u8)>,
    ip: Box<[u8]>,
    udp: Box<[u8]>,
    udp_tunnel: Box<[u8]>,
    tcp: Box<[u8]>,
}

/// No protocol: the number that no place in [`LIST`] has.
pub const NONE: u8 = u8::MAX;

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

/// The finder.
pub fn finder() -> &'static Finder {
    &FINDER
}

/// The protocol at a place in [`LIST`].
pub fn at(place: u8) -> Option<&'static Protocol> {
    LIST.get(usize::from(place)).copied()
}

/// The place of a protocol in [`LIST`].
pub fn place(protocol: &'static Protocol) -> u8 {
    LIST.iter().position(|listed| std::ptr::eq(*listed, protocol)).map_or(NONE, |place| place as u8)
}

/// Every field of every protocol, headings included, in the order of [`LIST`].
pub fn fields() -> impl Iterator<Item = &'static Field> {
    LIST.iter().flat_map(|protocol| std::iter::once(&protocol.heading).chain(protocol.fields.iter().copied()))
}

/// The field of this name.
pub fn field(name: &str) -> Option<&'static Field> {
    fields().find(|field| field.name == name)
}

impl Finder {
    fn new() -> Finder {
        let table = |size: usize| vec![NONE; size].into_boxed_slice();
        let mut finder = Finder {
            link: Vec::new(),
            ether_type: table(1 << 16),
            sap: table(1 << 8),
            ppp: Vec::new(),
            ip: table(1 << 8),
            udp: table(1 << 16),
            udp_tunnel: table(1 << 16),
            tcp: table(1 << 16),
        };
        for (place, protocol) in LIST.iter().enumerate() {
            for under in protocol.under {
                match (under, protocol.read) {
                    (Under::Udp(port), Read::Tunnel { .. }) => finder.enter_tunnel(*port, place as u8),
                    _ => finder.enter(*under, place as u8),
                }
            }
        }
        finder
    }

    fn enter(&mut self, under: Under, place: u8) {
        let (table, number) = match under {
            Under::Link(number) => return self.link.push((number, place)),
            Under::Ppp(number) => return self.ppp.push((number, place)),
            Under::EtherType(number) => (&mut self.ether_type, usize::from(number)),
            Under::Sap(number) => (&mut self.sap, usize::from(number)),
            Under::Ip(number) => (&mut self.ip, usize::from(number)),
            Under::Udp(number) => (&mut self.udp, usize::from(number)),
            Under::Tcp(number) => (&mut self.tcp, usize::from(number)),
        };
        if let Some(slot) = table.get_mut(number) {
            *slot = place;
        }
    }

    fn enter_tunnel(&mut self, port: u16, place: u8) {
        if let Some(slot) = self.udp_tunnel.get_mut(usize::from(port)) {
            *slot = place;
        }
    }

    /// The place in [`LIST`] of the tunnel that runs over a UDP port; [`NONE`] if none does.
    #[inline]
    pub fn udp_tunnel(&self, port: u16) -> u8 {
        self.udp_tunnel.get(usize::from(port)).copied().unwrap_or(NONE)
    }

    /// The place in [`LIST`] of what is found under a number; [`NONE`] if nothing is.
    #[inline]
    pub fn place(&self, under: Under) -> u8 {
        let listed = |list: &[(u16, u8)], number| list.iter().find(|(n, _)| *n == number).map_or(NONE, |(_, p)| *p);
        let (table, number) = match under {
            Under::Link(number) => {
                return self.link.iter().find(|(n, _)| *n == number).map_or(NONE, |(_, place)| *place);
            }
            Under::Ppp(number) => return listed(&self.ppp, number),
            Under::EtherType(number) => (&self.ether_type, usize::from(number)),
            Under::Sap(number) => (&self.sap, usize::from(number)),
            Under::Ip(number) => (&self.ip, usize::from(number)),
            Under::Udp(number) => (&self.udp, usize::from(number)),
            Under::Tcp(number) => (&self.tcp, usize::from(number)),
        };
        table.get(number).copied().unwrap_or(NONE)
    }
}
