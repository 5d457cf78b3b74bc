//! What a network card was still to do with a packet, or had done, when it was captured.
//!
//! ```text
//! captured on the machine   │ headers │            65,160 bytes            │
//! on the wire               │ headers │ 1448 │ headers │ 1448 │ … │ headers │ 1448 │     MTU 1500: 45 frames
//! ```
//!
//! A machine hands its card segments that are larger than the MTU and leaves the cutting and the checksums to it; of
//! what arrives, card or kernel put several frames together before anybody captures them. How large a frame can be is
//! known only if the capture tells the MTU, as husk's own captures do. A checksum that is to be filled in covers no more
//! than the pseudo-header ([`super::checksum`]).

use super::{Outline, Protocol, Read, TcpOutline, Transport, checksum, heading};
use crate::bytes::{Class, Node, Tree, Value};
use crate::fields;

/// What the card does.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("offload", "Offload to the network card", Class::Link, "pcapng, section 4.3"),
    fields: FIELDS,
    under: &[],
    read: Read::Noted,
};

fields! { class Link, "the capture's MTU; RFC 9293, section 3.7.1";
    FRAMES: Number "offload.frames" "Frames on the wire";
    SIZE: Number "offload.size" "Bytes of each of these frames";
    LAST_SIZE: Number "offload.last_size" "Bytes of the last one";
}

/// The frames that carry one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many.
    pub frames: u32,
    /// Bytes of each but the last, without the frame check sequence.
    pub size: u32,
    /// Bytes of the last.
    pub last_size: u32,
}

/// What the card did in a whole capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Packets that are larger than a frame can be.
    pub packets: u64,
    /// The frames that carried them.
    pub frames: u64,
    /// Of these packets and of the first ones of connections, those whose checksum was not filled in yet.
    pub unfinished: u64,
}

impl Totals {
    /// Counts a packet that is large, or the first one of a connection.
    pub fn count(&mut self, outline: &Outline, bytes: &[u8], mtu: Option<u32>) {
        if let Some(cut) = mtu.and_then(|mtu| cut(outline, mtu)) {
            self.packets = self.packets.saturating_add(1);
            self.frames = self.frames.saturating_add(cut.frames.into());
        }
        self.unfinished = self.unfinished.saturating_add(is_unfinished(outline, bytes).into());
    }
}

/// Bytes of the link's header, where it is known.
pub const fn link_header(link_type: u32) -> Option<u32> {
    match link_type {
        1 => Some(14),
        113 => Some(16),
        276 => Some(20),
        101 | 228 | 229 => Some(0),
        _ => None,
    }
}

/// The frames that carry a packet which is larger than the MTU; nothing if it is not, or if a card cannot cut it.
pub fn cut(outline: &Outline, mtu: u32) -> Option<Cut> {
    const TAG: u32 = 4;
    let tags = outline.layers.iter().filter_map(|place| super::at(*place));
    let tags = tags.filter(|protocol| matches!(protocol.name(), "vlan" | "ieee8021ad")).count() as u32;
    let link = link_header(outline.link_type)?.saturating_add(tags.saturating_mul(TAG));
    let whole = outline.wire_length.checked_sub(link).filter(|whole| *whole > mtu)?;
    let headers = outline.payload.start.checked_sub(link).filter(|_| outline.stop.is_none())?;
    let (each, payload) = (mtu.checked_sub(headers).filter(|each| *each > 0)?, whole.checked_sub(headers)?);
    if outline.fragment.is_some() || !matches!(outline.transport, Some(Transport::Tcp | Transport::Udp)) {
        return None;
    }
    let last = match payload.checked_rem(each)? {
        0 => each,
        rest => rest,
    };
    let size = |payload: u32| outline.payload.start.saturating_add(payload);
    Some(Cut { frames: payload.div_ceil(each), size: size(each), last_size: size(last) })
}

/// Whether the checksum of TCP or UDP covers no more than the pseudo-header.
fn is_unfinished(outline: &Outline, bytes: &[u8]) -> bool {
    const UDP_HEADER: u32 = 8;
    let Some(ends) = outline.endpoints.filter(|_| outline.stop.is_none()) else { return false };
    let (at, place) = match (outline.transport, &outline.tcp) {
        (Some(Transport::Tcp), Some(tcp)) => (tcp_header(outline.payload.start, tcp, bytes), checksum::TCP_PLACE),
        (Some(Transport::Udp), _) => (outline.payload.start.checked_sub(UDP_HEADER), checksum::UDP_PLACE),
        _ => return false,
    };
    let Some(at) = at else { return false };
    let stands = bytes.get((at as usize).saturating_add(place)..).and_then(|rest| rest.first_chunk());
    let length = outline.payload.start.saturating_sub(at).saturating_add(outline.payload_length);
    stands.is_some_and(|stands| {
        checksum::covers_only_the_pseudo_header(&ends.addresses, ends.ip_number, length, u16::from_be_bytes(*stands))
    })
}

/// Where the TCP header begins that ends where the payload begins.
fn tcp_header(payload: u32, tcp: &TcpOutline, bytes: &[u8]) -> Option<u32> {
    (5..=15u8).find_map(|words| {
        let at = payload.checked_sub(u32::from(words) * 4)?;
        let header = bytes.get(at as usize..)?;
        let is_it = header.get(4..8) == Some(&tcp.seq.to_be_bytes()) && header.get(12)? >> 4 == words;
        is_it.then_some(at)
    })
}

/// Notes what the card does with a packet.
pub fn note(tree: &mut Tree, outline: &Outline, mtu: u32) {
    let mut push = |field, value| tree.push(Node { field, value, start: 0, end: 0, source: 0, depth: 0 });
    if let Some(cut) = cut(outline, mtu) {
        push(&FRAMES, Value::Number(cut.frames.into()));
        push(&SIZE, Value::Number(cut.size.into()));
        push(&LAST_SIZE, Value::Number(cut.last_size.into()));
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests count small things")]
mod tests {
    use super::*;
    use crate::bytes::Findings;
    use crate::packet::{Frame, walk};

    /// An Ethernet frame with a TCP segment of so many bytes of data and a timestamp option.
    fn frame(data: usize, checksum: u16) -> Vec<u8> {
        let mut frame = vec![2; 12];
        frame.extend([8, 0, 0x45, 0]);
        frame.extend(((52 + data) as u16).to_be_bytes());
        frame.extend([0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2]);
        frame.extend([0xc0, 0, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x80, 0x10, 4, 0]);
        frame.extend(checksum.to_be_bytes());
        frame.extend([0, 0, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
        frame.extend(std::iter::repeat_n(7, data));
        frame
    }

    fn outline(bytes: &[u8]) -> Outline {
        let frame = Frame { link_type: 1, length: bytes.len() as u32, fcs_length: None };
        walk(frame, bytes, &mut Findings::counting(), None)
    }

    #[test]
    fn a_large_segment_is_cut_as_the_mtu_says() {
        let of = |data, mtu| cut(&outline(&frame(data, 0)), mtu);
        assert_eq!(of(3000, 1500), Some(Cut { frames: 3, size: 1514, last_size: 66 + 3000 - 2 * 1448 }));
        assert_eq!(of(2896, 1500), Some(Cut { frames: 2, size: 1514, last_size: 1514 }));
        assert_eq!(of(1448, 1500), None, "it fits");
        assert_eq!(of(3000, 9000), None);
        assert_eq!(of(3000, 40), None, "no MTU at all");
    }

    #[test]
    fn a_checksum_of_the_pseudo_header_is_told() {
        // 192.0.2.1 and 198.51.100.2, protocol 6, 32 + 3 bytes.
        let pseudo = [0xc000u32, 0x0201, 0xc633, 0x6402, 6, 35].iter().sum::<u32>();
        let pseudo = ((pseudo & 0xffff) + (pseudo >> 16)) as u16;
        let told = |checksum| {
            let bytes = frame(3, checksum);
            is_unfinished(&outline(&bytes), &bytes)
        };
        assert!(told(pseudo) && !told(pseudo ^ 1) && !told(0));
    }
}
