//! The quick way through the headers of most packets, taken where no tree listens for what they say.
//!
//! ```text
//! Ethernet ─► IPv4 without options, IPv6 without extension headers ─► TCP but a reset, UDP but a tunnel ─► payload
//! ```
//!
//! Only what is whole goes this way: each length says what is there, nothing is cut, nothing stands behind the payload.
//! Everything else is peeled layer by layer. What is handed upwards and claimed is the same on both ways; a test
//! holds that on packets that were tampered with.

use std::sync::LazyLock;

use super::Frame;
use crate::bytes::{Class, Field, Findings, REMARK, STOPPED};
use crate::protocols::{
    self, Addresses, Outline, TcpOutline, Transport, ethernet, fabricpath, ipv4, ipv6, isl, mptcp, tcp, udp,
};

/// Places in THE LIST of the protocols on this way.
struct Places {
    ethernet: u8,
    ipv4: u8,
    ipv6: u8,
    tcp: u8,
    udp: u8,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| Places {
    ethernet: protocols::place(&ethernet::PROTOCOL),
    ipv4: protocols::place(&ipv4::PROTOCOL),
    ipv6: protocols::place(&ipv6::PROTOCOL),
    tcp: protocols::place(&tcp::PROTOCOL),
    udp: protocols::place(&udp::PROTOCOL),
});

/// Everything that could be noted of such headers.
pub(super) fn fields() -> impl Iterator<Item = &'static Field> {
    let protocols =
        [&ethernet::PROTOCOL, &ipv4::PROTOCOL, &ipv6::PROTOCOL, &tcp::PROTOCOL, &mptcp::PROTOCOL, &udp::PROTOCOL];
    let all = protocols.into_iter().flat_map(|protocol| protocol.fields.iter().copied().chain([&protocol.heading]));
    all.chain([&STOPPED, &REMARK])
}

/// LINKTYPE_ETHERNET.
const ETHERNET: u32 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// What a network header says, and what is behind it.
struct Network<'a> {
    place: u8,
    addresses: Addresses,
    number: u8,
    behind: &'a [u8],
}

/// What a transport header says, how long it is, and what is behind it.
struct Ports {
    place: u8,
    transport: Transport,
    ports: (u16, u16),
    tcp: Option<TcpOutline>,
    header: usize,
}

/// Reads the headers of a packet into an outline of nothing. Returns whether they were such; if not, nothing was done.
#[inline]
pub(super) fn read(frame: &Frame, bytes: &[u8], findings: &mut Findings, outline: &mut Outline) -> bool {
    let Some((network, ports)) = recognise(frame, bytes) else { return false };
    for place in [PLACES.ethernet, network.place, ports.place] {
        outline.layers.push(place);
    }
    outline.network(network.addresses, network.number);
    outline.transport(ports.transport, ports.ports);
    outline.tcp = ports.tcp;
    let end = bytes.len() as u32;
    let transport = end - network.behind.len() as u32;
    let payload = transport + ports.header as u32;
    outline.payload = payload..end;
    outline.payload_length = end - payload;
    let starts = [0, ethernet::HEADER as u32, transport, payload];
    let ends = [ethernet::HEADER as u32, transport, payload, end];
    let classes = [Class::Link, Class::Network, Class::Transport, Class::Unknown];
    for ((start, end), class) in starts.into_iter().zip(ends).zip(classes) {
        findings.claims.claim(start, end, class);
    }
    true
}

#[inline]
fn recognise<'a>(frame: &Frame, bytes: &'a [u8]) -> Option<(Network<'a>, Ports)> {
    if frame.link_type != ETHERNET || frame.length as usize != bytes.len() {
        return None;
    }
    let (header, rest) = bytes.split_first_chunk::<{ ethernet::HEADER }>()?;
    if isl::accepts(bytes) || fabricpath::accepts(bytes) {
        return None;
    }
    let [.., high, low] = header;
    let network = match u16::from_be_bytes([*high, *low]) {
        0x0800 => over_ipv4(rest),
        0x86dd => over_ipv6(rest),
        _ => None,
    }?;
    let ports = match network.number {
        TCP => tcp_header(network.behind),
        UDP => udp_header(network.behind),
        _ => None,
    }?;
    Some((network, ports))
}

#[inline]
fn over_ipv4(bytes: &[u8]) -> Option<Network<'_>> {
    /// Version 4, a header of five words.
    const NO_OPTIONS: u8 = 0x45;
    /// More fragments, or an offset.
    const FRAGMENT: u16 = 0x3fff;
    let (header, behind) = bytes.split_first_chunk::<{ ipv4::HEADER }>()?;
    let [first, _, l1, l2, _, _, f1, f2, _, number, _, _, s1, s2, s3, s4, d1, d2, d3, d4] = *header;
    let length = u16::from_be_bytes([l1, l2]);
    let plain =
        first == NO_OPTIONS && usize::from(length) == bytes.len() && u16::from_be_bytes([f1, f2]) & FRAGMENT == 0;
    let addresses = Addresses::V4([s1, s2, s3, s4], [d1, d2, d3, d4]);
    plain.then_some(Network { place: PLACES.ipv4, addresses, number, behind })
}

#[inline]
fn over_ipv6(bytes: &[u8]) -> Option<Network<'_>> {
    let (header, behind) = bytes.split_first_chunk::<{ ipv6::HEADER }>()?;
    let [first, _, _, _, l1, l2, number, _, ..] = *header;
    let plain = first >> 4 == 6 && usize::from(u16::from_be_bytes([l1, l2])) == behind.len() && !behind.is_empty();
    let addresses = header.get(8..)?.as_chunks::<16>().0;
    let [source, destination] = addresses else { return None };
    let addresses = Addresses::V6(*source, *destination);
    plain.then_some(Network { place: PLACES.ipv6, addresses, number, behind })
}

#[inline]
fn tcp_header(bytes: &[u8]) -> Option<Ports> {
    let [s1, s2, d1, d2, ..] = *bytes.first_chunk::<{ tcp::FIXED }>()?;
    let mut numbers = tcp::numbers(bytes, bytes.len()).filter(|numbers| !numbers.has(TcpOutline::RST))?;
    let header = bytes.len().checked_sub(numbers.length? as usize)?;
    tcp::options::scan(bytes.get(tcp::FIXED..header)?, &mut numbers);
    let ports = (u16::from_be_bytes([s1, s2]), u16::from_be_bytes([d1, d2]));
    Some(Ports { place: PLACES.tcp, transport: Transport::Tcp, ports, tcp: Some(numbers), header })
}

#[inline]
fn udp_header(bytes: &[u8]) -> Option<Ports> {
    let [s1, s2, d1, d2, l1, l2, ..] = *bytes.first_chunk::<{ udp::HEADER }>()?;
    let ports = (u16::from_be_bytes([s1, s2]), u16::from_be_bytes([d1, d2]));
    let finder = protocols::finder();
    let tunnel = [ports.0, ports.1].into_iter().any(|port| finder.udp_tunnel(port) != protocols::NONE);
    let plain = usize::from(u16::from_be_bytes([l1, l2])) == bytes.len() && !tunnel;
    plain.then_some(Ports { place: PLACES.udp, transport: Transport::Udp, ports, tcp: None, header: udp::HEADER })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{self, peel_all};
    use proptest::prelude::*;

    /// What a way hands upwards and claims.
    fn told(outline: &Outline, findings: &Findings) -> String {
        format!("{outline:?} {:?} {:?}", findings.claims.ranges(), findings.claims.ledger)
    }

    /// Packets that go the quick way: TCP with a timestamp and UDP, over both versions of IP.
    fn packets() -> Vec<Vec<u8>> {
        let tcp = [
            &[0xc3, 0x50, 1, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x18, 1, 0, 0, 0, 0, 0][..],
            &[1, 1, 8, 10, 0, 0, 0, 5, 0, 0, 0, 6],
            b"payload",
        ]
        .concat();
        let udp = [&[0xc3, 0x50, 0, 53, 0, 12, 0, 0][..], b"data"].concat();
        let mut packets = Vec::new();
        for (number, behind) in [(6, &tcp), (17, &udp)] {
            let mut v4 =
                [&[2; 12][..], &[8, 0, 0x45, 0, 0, 20 + behind.len() as u8, 0, 1, 0x40, 0, 64, number]].concat();
            v4.extend([0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
            let mut v6 = [&[2; 12][..], &[0x86, 0xdd, 0x60, 0, 0, 0, 0, behind.len() as u8, number, 64]].concat();
            v6.extend([0xfd; 32]);
            packets.extend([[&v4, &behind[..]].concat(), [&v6, &behind[..]].concat()]);
        }
        packets
    }

    fn both_ways(frame: Frame, bytes: &[u8]) -> bool {
        let (mut quick, mut slow) = (Findings::keeping(), Findings::keeping());
        // Whatever an outline was for before, nothing of that is left.
        let mut outline = packet::walk(frame, &[3; 90], &mut Findings::counting(), None);
        outline.begin(frame.link_type, frame.length, frame.fcs_length);
        let plain = read(&frame, bytes, &mut quick, &mut outline);
        if plain {
            let mut peeled = Outline::default();
            peeled.begin(frame.link_type, frame.length, frame.fcs_length);
            peel_all(&mut peeled, bytes, &mut slow, None);
            assert_eq!(told(&outline, &quick), told(&peeled, &slow), "{bytes:02x?}");
        }
        plain
    }

    #[test]
    fn plain_packets_go_the_quick_way_and_say_the_same() {
        for bytes in packets() {
            assert!(both_ways(Frame { link_type: 1, length: bytes.len() as u32, fcs_length: None }, &bytes));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_goes_the_quick_way_says_the_same(
            which in 0usize..4,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            grow in -3i32..4,
            longer in 0u32..2,
        ) {
            let mut bytes = packets().swap_remove(which);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.resize(bytes.len().saturating_add_signed(grow as isize), 0);
            both_ways(Frame { link_type: 1, length: bytes.len() as u32 + longer, fcs_length: None }, &bytes);
        }
    }
}
