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

/// The pieces of something put together, in the order in which they arrived. Pieces may overlap: the
/// bytes of the first win, but every packet that carried a byte shares its class.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    pieces: Vec<Piece>,
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
        match self.pieces.last_mut() {
            Some(last)
                if last.packet == piece.packet
                    && last.end() == piece.offset
                    && last.at.wrapping_add(last.length) == piece.at =>
            {
                last.length += piece.length;
            }
            _ => self.pieces.push(piece),
        }
    }

    /// All pieces, in order of arrival.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The parts of pieces that carried `start..end`, in order of arrival.
    pub fn origins(&self, start: u64, end: u64) -> impl Iterator<Item = Piece> + '_ {
        self.pieces.iter().filter_map(move |piece| piece.within(start, end))
    }

    /// Lets go of pieces that end at or before `offset`.
    #[inline]
    pub fn forget_before(&mut self, offset: u64) {
        if self.pieces.iter().any(|piece| piece.end() <= offset) {
            self.pieces.retain(|piece| piece.end() > offset);
        }
    }

    /// Forgets everything; the memory is kept.
    pub fn clear(&mut self) {
        self.pieces.clear();
    }
}
