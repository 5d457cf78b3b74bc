//! The checksum of a segment (RFC 9293, section 3.1; RFC 8200, section 8.1).
//!
//! The pass does not verify it: that would read every payload, and a capture on the sending host holds checksums that
//! the network card was to finish. It is asked only where two copies of a segment differ.

use crate::protocols::Addresses;

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

/// Offset of the checksum in the header.
const PLACE: usize = 16;
const TCP: u32 = 6;

/// Judges the checksum of a whole `segment`, header and data.
pub fn of(addresses: &Addresses, segment: &[u8]) -> Checksum {
    let ends = match addresses {
        Addresses::V4(source, destination) => sum(source).saturating_add(sum(destination)),
        Addresses::V6(source, destination) => sum(source).saturating_add(sum(destination)),
    };
    let without_length = ends.saturating_add(TCP);
    let pseudo = without_length.saturating_add(u32::try_from(segment.len()).unwrap_or(u32::MAX));
    let stands = match segment.get(PLACE..) {
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
        let mut segment = vec![0xc0, 0, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 0x10, 4, 0, 0, 0, 0, 0, b'a', b'b', b'c'];
        segment[PLACE..PLACE + 2].copy_from_slice(&checksum.to_be_bytes());
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
}
