//! A segment's bytes, where they stand in their side's stream and in the packet.

use crate::bytes::{Assembly, Piece};

/// A run of a side's bytes that one packet brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// Offset in the side's stream.
    pub(super) offset: u64,
    /// The bytes.
    pub(super) bytes: &'a [u8],
    /// Bytes behind them that were on the wire and not captured (snap length).
    pub(super) cut: u32,
    /// The packet's number.
    pub(super) packet: u32,
    /// Offset of the bytes in the packet (or in the derived source that `origins` map).
    pub(super) at: u32,
    /// 0 if `at` counts within the packet; [`EARLIER`] if the bytes stand in an earlier packet.
    pub(super) source: u8,
    /// Which packets carried a derived source; empty for the packet itself.
    pub(super) origins: &'a [Piece],
}

/// The source of bytes that waited beyond a hole: they stand in an earlier packet.
pub(super) const EARLIER: u8 = u8::MAX;

impl<'a> Segment<'a> {
    /// One past the last byte that was captured.
    pub(super) fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// One past the last byte that was on the wire.
    pub(super) fn wire_end(&self) -> u64 {
        self.end() + u64::from(self.cut)
    }

    /// Whether it brings nothing and tells of nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.bytes.is_empty() && self.cut == 0
    }

    /// What is left of the segment from stream offset `offset` on.
    pub(super) fn from(&self, offset: u64) -> Segment<'a> {
        let skip = offset.saturating_sub(self.offset).min(self.bytes.len() as u64);
        let beyond = offset.saturating_sub(self.end()).min(self.cut.into());
        Segment {
            offset: self.offset + skip + beyond,
            bytes: self.bytes.get(skip as usize..).unwrap_or(&[]),
            cut: self.cut - beyond as u32,
            at: self.at.saturating_add(skip as u32),
            ..*self
        }
    }

    /// What is left of the segment up to stream offset `offset`.
    pub(super) fn until(&self, offset: u64) -> Segment<'a> {
        let keep = offset.saturating_sub(self.offset).min(self.bytes.len() as u64);
        let cut = offset.saturating_sub(self.end()).min(self.cut.into());
        Segment { bytes: self.bytes.get(..keep as usize).unwrap_or(&[]), cut: cut as u32, ..*self }
    }

    /// Which packets carried the segment, by offset in the stream: itself, or the fragments that it was put
    /// together from.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> + '_ {
        let length = self.bytes.len() as u32;
        let whole = Piece { offset: self.offset, length, packet: self.packet, at: self.at };
        let (start, end) = (u64::from(self.at), u64::from(self.at) + u64::from(length));
        let parts = self.origins.iter().filter_map(move |piece| piece.within(start, end));
        let moved = parts.map(move |piece| Piece { offset: self.offset + (piece.offset - start), ..piece });
        self.origins.is_empty().then_some(whole).into_iter().chain(moved)
    }

    /// Enters the segment's packets, up to `limit` pieces; returns how many bytes found no place.
    pub(super) fn enter(&self, assembly: &mut Assembly, limit: usize) -> u64 {
        let mut left_out = 0;
        for piece in self.pieces() {
            if assembly.pieces().len() < limit {
                assembly.add(piece);
            } else {
                left_out += u64::from(piece.length);
            }
        }
        left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_cut_segment_keep_their_share_of_what_is_missing() {
        let whole = Segment { offset: 100, bytes: b"abcd", cut: 6, packet: 1, at: 54, source: 0, origins: &[] };
        assert_eq!((whole.end(), whole.wire_end()), (104, 110));
        let rest = whole.from(102);
        assert_eq!((rest.offset, rest.bytes, rest.cut, rest.at), (102, &b"cd"[..], 6, 56));
        let rest = whole.from(107);
        assert_eq!((rest.offset, rest.bytes, rest.cut), (107, &b""[..], 3));
        assert!(whole.from(110).is_nothing() && whole.from(500).is_nothing());
        let first = whole.until(107);
        assert_eq!((first.bytes, first.cut), (&b"abcd"[..], 3));
        let first = whole.until(101);
        assert_eq!((first.bytes, first.cut), (&b"a"[..], 0));
    }

    #[test]
    fn a_segment_from_fragments_names_the_packets_of_each_part() {
        let fragments =
            [Piece { offset: 0, length: 30, packet: 7, at: 34 }, Piece { offset: 30, length: 30, packet: 8, at: 34 }];
        let bytes = [0; 40];
        let segment =
            Segment { offset: 1000, bytes: &bytes, cut: 0, packet: 8, at: 20, source: 1, origins: &fragments };
        let pieces: Vec<_> = segment.pieces().map(|p| (p.offset, p.length, p.packet, p.at)).collect();
        assert_eq!(pieces, [(1000, 10, 7, 54), (1010, 30, 8, 34)]);
    }
}
