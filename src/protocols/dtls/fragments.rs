//! Handshake messages put together from their fragments (RFC 6347, section 4.2.3), which come in any order, more
//! than once, and cut anew when they are sent again.

use crate::bytes::Piece;
use crate::protocols::tls::handshake::LONGEST;

/// Messages of one side that wait for fragments at the same time: a flight has no more.
const MOST_MESSAGES: usize = 8;
/// Fragments of one message: the longest one in datagrams of 300 bytes.
const MOST_FRAGMENTS: usize = 512;

/// What a fragment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Type of the message.
    pub(super) kind: u8,
    /// Length of the whole message.
    pub(super) length: usize,
    /// Number of the message.
    pub(super) sequence: u16,
    /// Where the fragment begins.
    pub(super) offset: usize,
}

/// A message that waits for fragments.
#[derive(Clone, Debug)]
struct Part {
    kind: u8,
    length: usize,
    sequence: u16,
    /// Fragments by their offset.
    fragments: Vec<Fragment>,
}

/// A fragment: its offset, its bytes, and which packets carried them (offsets count in the message).
type Fragment = (usize, Box<[u8]>, Vec<Piece>);

/// The messages of one side that are not whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Fragments {
    parts: Vec<Part>,
}

/// A message that is whole, and how many fragments it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    pub(super) count: usize,
    /// Which packets carried it; offsets count from its first byte.
    pub(super) origins: Vec<Piece>,
}

impl Fragments {
    /// Takes a fragment, which `origins` carried (offsets count from its first byte); returns its message if that is
    /// whole now.
    pub(super) fn arrive(&mut self, header: Header, bytes: &[u8], origins: &[Piece]) -> Option<Whole> {
        let end = header.offset.checked_add(bytes.len())?;
        if header.length > LONGEST || end > header.length || bytes.is_empty() {
            return None;
        }
        let is_same = |part: &Part| {
            (part.sequence, part.kind, part.length) == (header.sequence, header.kind, header.length)
        };
        let place = self.parts.iter().position(is_same).unwrap_or_else(|| self.begin(header));
        let part = self.parts.get_mut(place)?;
        if part.fragments.len() >= MOST_FRAGMENTS {
            self.parts.remove(place);
            return None;
        }
        let at = part.fragments.partition_point(|(offset, ..)| *offset <= header.offset);
        let moved = |piece: &Piece| Piece { offset: piece.offset.saturating_add(header.offset as u64), ..*piece };
        part.fragments.insert(at, (header.offset, bytes.into(), origins.iter().map(moved).collect()));
        let whole = part.whole()?;
        self.parts.remove(place);
        Some(whole)
    }

    /// Makes room for a message of which nothing is known yet; returns its place.
    fn begin(&mut self, header: Header) -> usize {
        if self.parts.len() >= MOST_MESSAGES {
            self.parts.remove(0);
        }
        let Header { kind, length, sequence, .. } = header;
        self.parts.push(Part { kind, length, sequence, fragments: Vec::new() });
        self.parts.len().saturating_sub(1)
    }
}

impl Part {
    /// The message, if no byte is missing. Where fragments overlap, the first bytes count.
    fn whole(&self) -> Option<Whole> {
        let (mut bytes, mut origins) = (Vec::new(), Vec::new());
        for (offset, fragment, carried) in &self.fragments {
            let known = bytes.len().checked_sub(*offset)?;
            bytes.extend_from_slice(fragment.get(known..).unwrap_or(&[]));
            origins.extend_from_slice(carried);
        }
        (bytes.len() == self.length).then_some(Whole { bytes, count: self.fragments.len(), origins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(offset: usize) -> Header {
        Header { kind: 11, length: 6, sequence: 3, offset }
    }

    #[test]
    fn fragments_come_in_any_order_and_overlap() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.arrive(header(4), b"ef", &[]), None);
        assert_eq!(fragments.arrive(header(4), b"ef", &[]), None, "again");
        assert_eq!(fragments.arrive(header(1), b"bcd", &[]), None);
        let piece = Piece { offset: 0, length: 3, packet: 7, at: 60 };
        let whole = fragments.arrive(header(0), b"abx", &[piece]).unwrap();
        assert_eq!(whole.origins, [piece]);
        assert_eq!((whole.bytes.as_slice(), whole.count), (&b"abxdef"[..], 4));
        assert!(fragments.parts.is_empty());
    }

    #[test]
    fn what_lies_about_its_length_is_not_kept() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.arrive(header(4), b"efg", &[]), None);
        assert_eq!(fragments.arrive(Header { length: LONGEST + 1, ..header(0) }, b"a", &[]), None);
        assert_eq!(fragments.arrive(Header { offset: usize::MAX, ..header(0) }, b"a", &[]), None);
        assert!(fragments.parts.is_empty());
    }

    #[test]
    fn only_so_many_messages_and_fragments_wait() {
        let mut fragments = Fragments::default();
        for sequence in 0..100 {
            fragments.arrive(Header { sequence, ..header(1) }, b"b", &[]);
        }
        assert_eq!(fragments.parts.len(), MOST_MESSAGES);
        for _ in 0..2 * MOST_FRAGMENTS {
            fragments.arrive(header(1), b"b", &[]);
        }
        assert!(fragments.parts.iter().all(|part| part.fragments.len() <= MOST_FRAGMENTS));
    }
}
