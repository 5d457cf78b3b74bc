//! Where bytes came from: offsets only, no bytes.

/// A run of bytes that one packet carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offset of its first byte in what is put together.
    pub offset: u64,
    /// How many bytes.
    pub length: u32,
    /// Number of the packet that carried it.
    pub packet: u32,
    /// Offset of its first byte within that packet.
    pub at: u32,
}

impl Piece {
    /// One past its last offset.
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.length as u64)
    }

    /// The part of the piece that lies in `start..end`, if any.
    pub fn within(&self, start: u64, end: u64) -> Option<Piece> {
        let from = self.offset.max(start);
        let to = self.end().min(end);
        (from < to).then(|| Piece {
            offset: from,
            length: (to - from) as u32,
            packet: self.packet,
            at: self.at.saturating_add((from - self.offset) as u32),
        })
    }
}

/// The pieces of something put together, in the order of their offsets; pieces of one offset in the order in
/// which they arrived. Pieces may overlap: the bytes of the first win, but every packet that carried a
/// byte shares its class.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    pieces: Vec<Piece>,
    /// No piece is longer: bounds how far before an offset a piece that reaches it may begin.
    longest: u32,
    /// So many pieces may be there before all of them are looked at for some to be let go.
    patience: u32,
}

impl Assembly {
    /// An assembly of nothing.
    pub fn new() -> Assembly {
        Assembly::default()
    }

    /// Adds what a packet carried; a piece that continues the last one in the same packet joins it.
    #[inline]
    pub fn add(&mut self, piece: Piece) {
        if piece.length == 0 {
            return;
        }
        self.longest = self.longest.max(piece.length);
        match self.pieces.last_mut() {
            Some(last)
                if last.packet == piece.packet
                    && last.end() == piece.offset
                    && last.at.wrapping_add(last.length) == piece.at =>
            {
                last.length = last.length.saturating_add(piece.length);
                self.longest = self.longest.max(last.length);
            }
            Some(last) if last.offset > piece.offset => {
                let place = self.pieces.partition_point(|before| before.offset <= piece.offset);
                self.pieces.insert(place, piece);
            }
            _ => self.pieces.push(piece),
        }
    }

    /// All pieces, in the order of their offsets.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The parts of pieces that carried `start..end`, in the order of their offsets.
    pub fn origins(&self, start: u64, end: u64) -> impl Iterator<Item = Piece> + '_ {
        let reach = u64::from(self.longest);
        let from = self.pieces.partition_point(|piece| piece.offset.saturating_add(reach) <= start);
        let reaching = self.pieces.get(from..).unwrap_or(&[]).iter().take_while(move |piece| piece.offset < end);
        reaching.filter_map(move |piece| piece.within(start, end))
    }

    /// Lets go of pieces that end at or before `offset`.
    #[inline]
    pub fn forget_before(&mut self, offset: u64) {
        /// So many pieces may wait behind a long one that is still needed; twice as many as were needed the last time.
        const KEPT: usize = 64;
        let passed = self.pieces.iter().take_while(|piece| piece.end() <= offset).count();
        if passed == self.pieces.len() {
            self.clear();
            return;
        }
        if passed > 0 {
            self.pieces.drain(..passed);
        } else if self.pieces.len() > KEPT.max(self.patience as usize) {
            self.pieces.retain(|piece| piece.end() > offset);
            self.patience = 2 * self.pieces.len() as u32;
        }
    }

    /// Forgets everything; the memory is kept.
    pub fn clear(&mut self) {
        self.pieces.clear();
        (self.longest, self.patience) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(offset: u64, length: u32, packet: u32) -> Piece {
        Piece { offset, length, packet, at: 54 }
    }

    #[test]
    fn pieces_that_arrive_in_any_order_are_found_by_offset() {
        let mut assembly = Assembly::new();
        for piece in [piece(20, 10, 2), piece(0, 10, 1), piece(5, 20, 3), piece(20, 2, 4)] {
            assembly.add(piece);
        }
        let packets = |start, end| assembly.origins(start, end).map(|piece| piece.packet).collect::<Vec<_>>();
        assert_eq!(packets(0, 30), [1, 3, 2, 4]);
        assert_eq!(packets(22, 24), [3, 2]);
        assert_eq!(packets(30, 40), [0; 0]);
    }

    #[test]
    fn a_piece_that_reaches_beyond_stays_whatever_passes_it() {
        let mut assembly = Assembly::new();
        assembly.add(piece(0, 100, 1));
        (0..200).for_each(|n| assembly.add(piece(10 + n % 80, 1, 2)));
        assembly.forget_before(50);
        assert!(assembly.pieces().iter().all(|piece| piece.end() > 50));
        assert_eq!(assembly.origins(95, 96).count(), 1);
        assembly.forget_before(100);
        assert!(assembly.pieces().is_empty());
    }
}
