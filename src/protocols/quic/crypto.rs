//! The CRYPTO stream of Initial packets (RFC 9000, section 7.5 and 19.6): frames come in any order, over any
//! number of packets and datagrams.

use crate::bytes::{Assembly, Piece};

/// Bytes kept of one side: the largest hellos, with several post-quantum shares, need some 10,000.
const LONGEST: usize = 1 << 16;
/// Frames kept beyond a hole. Chromium cuts a hello into a dozen and shuffles them.
const MOST_AHEAD: usize = 256;

/// What has come of one side's CRYPTO stream and was not read yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Crypto {
    /// Offset of the first byte that is kept.
    at: u64,
    ready: Vec<u8>,
    ahead: Vec<(u64, Vec<u8>)>,
    /// Which packets carried what is kept; offsets count in the stream.
    origins: Assembly,
}

/// A message, and which packets carried it (offsets count from its first byte).
type Carried = (Vec<u8>, Vec<Piece>);

impl Crypto {
    /// Takes a frame's bytes, which `origins` carried (offsets count from the first of them); the first ones win. What
    /// the limits do not allow is dropped.
    pub(super) fn add(&mut self, offset: u64, bytes: &[u8], origins: &[Piece]) {
        let limit = self.at.saturating_add(LONGEST as u64);
        if offset.saturating_add(bytes.len() as u64) > limit || self.ahead.len() >= MOST_AHEAD {
            return;
        }
        if offset.saturating_add(bytes.len() as u64) > self.next() {
            for piece in origins {
                self.origins.add(Piece { offset: piece.offset.saturating_add(offset), ..*piece });
            }
        }
        self.ahead.push((offset, bytes.to_vec()));
        while let Some(found) = self.ahead.iter().position(|(offset, _)| *offset <= self.next()) {
            let (offset, bytes) = self.ahead.swap_remove(found);
            let known = usize::try_from(self.next().saturating_sub(offset)).unwrap_or(usize::MAX);
            self.ready.extend_from_slice(bytes.get(known..).unwrap_or(&[]));
        }
    }

    fn next(&self) -> u64 {
        self.at.saturating_add(self.ready.len() as u64)
    }

    /// Takes the next handshake message out, if it is whole.
    pub(super) fn message(&mut self) -> Option<Carried> {
        const HEADER: usize = 4;
        let [_, high, middle, low, ..] = *self.ready.as_slice() else { return None };
        let length = [high, middle, low].iter().fold(0usize, |n, byte| n << 8 | usize::from(*byte));
        let total = length.saturating_add(HEADER);
        if total > self.ready.len() {
            return None;
        }
        let rest = self.ready.split_off(total);
        let origins = self.carried(total);
        self.at = self.at.saturating_add(total as u64);
        self.origins.forget_before(self.at);
        Some((std::mem::replace(&mut self.ready, rest), origins))
    }

    /// Which packets carried the next `n` bytes.
    fn carried(&self, n: usize) -> Vec<Piece> {
        let (start, end) = (self.at, self.at.saturating_add(n as u64));
        let moved = |piece: Piece| Piece { offset: piece.offset.saturating_sub(start), ..piece };
        self.origins.origins(start, end).map(moved).collect()
    }

    /// What is there of a message that is not whole.
    pub(super) fn unfinished(&self) -> Option<(&[u8], Vec<Piece>)> {
        let ready = Some(self.ready.as_slice()).filter(|ready| !ready.is_empty())?;
        Some((ready, self.carried(ready.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_in_any_order_and_repeated_make_the_message() {
        let message: Vec<u8> = [1, 0, 0, 6, 10, 11, 12, 13, 14, 15].to_vec();
        let part = |from: usize, to: usize| message.get(from..to).unwrap_or(&[]);
        let mut crypto = Crypto::default();
        for (from, to) in [(7, 10), (2, 5), (7, 9), (0, 3)] {
            let piece = Piece { offset: 0, length: (to - from) as u32, packet: from as u32, at: 40 };
            crypto.add(from as u64, part(from, to), &[piece]);
            assert_eq!(crypto.message(), None);
        }
        crypto.add(4, part(4, 8), &[Piece { offset: 0, length: 4, packet: 99, at: 7 }]);
        let (bytes, origins) = crypto.message().unwrap_or_default();
        assert_eq!(bytes, message);
        let told: Vec<_> = origins.iter().map(|piece| (piece.offset, piece.packet, piece.at, piece.length)).collect();
        assert_eq!(told, [(0, 0, 40, 3), (2, 2, 40, 3), (4, 99, 7, 4), (7, 7, 40, 3), (7, 7, 40, 2)]);
        crypto.add(0, &message, &[]);
        assert_eq!(crypto.message(), None, "what was read does not come again");
        crypto.add(10, &[2, 0, 0, 0], &[]);
        assert_eq!(crypto.message(), Some((vec![2, 0, 0, 0], Vec::new())));
    }

    #[test]
    fn what_lies_too_far_ahead_is_dropped() {
        let mut crypto = Crypto::default();
        crypto.add(u64::MAX, &[1], &[]);
        crypto.add(LONGEST as u64, &[1], &[]);
        assert!(crypto.ahead.is_empty());
        (0..1000).for_each(|n| crypto.add(n * 2 + 1, &[7], &[]));
        assert_eq!(crypto.ahead.len(), MOST_AHEAD);
    }
}
