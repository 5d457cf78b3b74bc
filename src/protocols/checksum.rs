//! Checksums of IPv4 headers, TCP segments and UDP datagrams (RFC 791, section 3.1; RFC 9293, section 3.1; RFC 768; RFC
//! 8200, section 8.1).
//!
//! The pass does not verify them: that would read every payload, and a capture on the sending host holds checksums that
//! the network card was to finish. They are judged where a packet is shown, and where two copies of a segment differ.

use super::Addresses;
use crate::bytes::{Cursor, Field, Value};

/// What a checksum says of its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// The segment is as it was sent.
    Right,
    /// A receiver drops it.
    Wrong,
    /// The network card was to make it: what stands there covers no more than the pseudo-header, or nothing.
    Unfinished,
}

/// Offset of the checksum in TCP's header.
pub const TCP_PLACE: usize = 16;
/// Offset of the checksum in UDP's header.
pub const UDP_PLACE: usize = 6;
/// Offset of the checksum in IPv4's header.
pub const IP_PLACE: usize = 10;
const TCP: u32 = 6;
const UDP: u32 = 17;

/// Judges the checksum of a whole TCP `segment`, header and data.
pub fn of(addresses: &Addresses, segment: &[u8]) -> Checksum {
    judge(addresses, (TCP, TCP_PLACE), segment)
}

/// Judges the checksum of a whole UDP `datagram`, header and data; `None` if its sender made none.
pub fn of_datagram(addresses: &Addresses, datagram: &[u8]) -> Option<Checksum> {
    match datagram.get(UDP_PLACE..) {
        Some([0, 0, ..]) => None,
        _ => Some(judge(addresses, (UDP, UDP_PLACE), datagram)),
    }
}

/// Judges the checksum of an IPv4 `header` with its options; `None` if it is not whole.
pub fn of_header(header: &[u8]) -> Option<Checksum> {
    let [high, low, ..] = *header.get(IP_PLACE..)? else { return None };
    Some(match folded(sum(header)) {
        u16::MAX => Checksum::Right,
        _ if [high, low] == [0, 0] => Checksum::Unfinished,
        _ => Checksum::Wrong,
    })
}

/// Notes over the two bytes at `place` of what comes next that its checksum is not right. A right one needs no word.
pub fn note(c: &mut Cursor<'_>, field: &'static Field, place: usize, verdict: Option<Checksum>) {
    let words = match verdict {
        None | Some(Checksum::Right) => return,
        Some(Checksum::Wrong) => "wrong: whoever receives this drops it",
        Some(Checksum::Unfinished) => "not filled in yet: the network card does that (offload)",
    };
    let start = c.offset().saturating_add(place as u32);
    c.note(field, Value::Text(words.into()), start, start.saturating_add(2));
}

fn judge(addresses: &Addresses, (number, place): (u32, usize), segment: &[u8]) -> Checksum {
    let without_length = ends(addresses).saturating_add(number);
    let pseudo = without_length.saturating_add(u32::try_from(segment.len()).unwrap_or(u32::MAX));
    let stands = match segment.get(place..) {
        Some([high, low, ..]) => u16::from_be_bytes([*high, *low]),
        _ => return Checksum::Unfinished,
    };
    if folded(pseudo.saturating_add(sum(segment))) == u16::MAX {
        return Checksum::Right;
    }
    // Linux leaves the sum of the pseudo-header; without the length where the card will also cut the segment.
    let unfinished = [0, folded(pseudo), folded(without_length)].contains(&stands);
    if unfinished { Checksum::Unfinished } else { Checksum::Wrong }
}

/// Whether what stands in a checksum's place is the sum of the pseudo-header: with the segment's length, or without it
/// where the card will also cut the segment.
pub fn covers_only_the_pseudo_header(addresses: &Addresses, ip_number: u8, length: u32, stands: u16) -> bool {
    let without_length = ends(addresses).saturating_add(ip_number.into());
    [without_length.saturating_add(length), without_length].into_iter().any(|sum| folded(sum) == stands)
}

/// The sum of the addresses.
fn ends(addresses: &Addresses) -> u32 {
    match addresses {
        Addresses::V4(source, destination) => sum(source).saturating_add(sum(destination)),
        Addresses::V6(source, destination) => sum(source).saturating_add(sum(destination)),
    }
}

/// The sum of words of 16 bits, the last one filled up with zero. A packet is too short for it to overflow.
fn sum(bytes: &[u8]) -> u32 {
    let word = |pair: &[u8]| match *pair {
        [high, low] => u16::from_be_bytes([high, low]),
        [high] => u16::from_be_bytes([high, 0]),
        _ => 0,
    };
    bytes.chunks(2).fold(0u32, |sum, pair| sum.saturating_add(word(pair).into()))
}

/// A sum in ones' complement.
fn folded(sum: u32) -> u16 {
    let once = (sum & 0xffff).saturating_add(sum >> 16);
    (once & 0xffff).saturating_add(once >> 16) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDS: Addresses = Addresses::V4([192, 0, 2, 1], [198, 51, 100, 2]);

    /// A segment of 20 bytes of header and three of data, with this checksum.
    fn segment(checksum: u16) -> Vec<u8> {
        let mut segment =
            vec![0xc0, 0, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 0x10, 4, 0, 0, 0, 0, 0, b'a', b'b', b'c'];
        segment[TCP_PLACE..TCP_PLACE + 2].copy_from_slice(&checksum.to_be_bytes());
        segment
    }

    fn pseudo(length: u32) -> u32 {
        [0xc000, 0x0201, 0xc633, 0x6402, TCP, length].iter().sum()
    }

    #[test]
    fn a_right_one_is_told_from_a_wrong_one() {
        let right = !folded(pseudo(23) + sum(&segment(0)));
        assert_eq!(of(&ENDS, &segment(right)), Checksum::Right);
        assert_eq!(of(&ENDS, &segment(right ^ 0x100)), Checksum::Wrong);
        let mut changed = segment(right);
        changed[22] = b'd';
        assert_eq!(of(&ENDS, &changed), Checksum::Wrong);
    }

    #[test]
    fn one_that_the_card_was_to_finish_says_nothing() {
        assert_eq!(of(&ENDS, &segment(0)), Checksum::Unfinished);
        assert_eq!(of(&ENDS, &segment(folded(pseudo(23)))), Checksum::Unfinished);
        assert_eq!(of(&ENDS, &segment(folded(pseudo(0)))), Checksum::Unfinished);
        assert_eq!(of(&ENDS, &segment(7)[..17]), Checksum::Unfinished, "it is not all there");
    }

    #[test]
    fn a_datagram_may_have_none_and_a_header_is_judged_by_itself() {
        let ends = Addresses::V4([192, 0, 2, 1], [192, 0, 2, 2]);
        let datagram = |checksum: u16| {
            let [high, low] = checksum.to_be_bytes();
            [0x30, 0x39, 0, 53, 0, 9, high, low, 0x61]
        };
        assert_eq!(of_datagram(&ends, &datagram(0)), None);
        assert_eq!(of_datagram(&ends, &datagram(1)), Some(Checksum::Wrong));
        let right = !folded(sum(&[192, 0, 2, 1, 192, 0, 2, 2, 0, 17, 0, 9]) + sum(&datagram(0)));
        assert_eq!(of_datagram(&ends, &datagram(right)), Some(Checksum::Right));
        let pseudo = folded(sum(&[192, 0, 2, 1, 192, 0, 2, 2, 0, 17, 0, 9]));
        assert_eq!(of_datagram(&ends, &datagram(pseudo)), Some(Checksum::Unfinished));
        let mut header = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        assert_eq!(of_header(&header), Some(Checksum::Unfinished));
        let right = (!folded(sum(&header))).to_be_bytes();
        header[IP_PLACE..IP_PLACE + 2].copy_from_slice(&right);
        assert_eq!(of_header(&header), Some(Checksum::Right));
        header[19] = 9;
        assert_eq!(of_header(&header), Some(Checksum::Wrong));
        assert_eq!(of_header(&header[..10]), None);
    }
}
