//! Options: the list of (code, length, value) at the end of a block (draft-ietf-opsawg-pcapng 3.5).

use super::padded;
use crate::capture::words::Order;

/// End of the list.
pub(super) const END: u16 = 0;
/// A comment, in any block.
pub(super) const COMMENT: u16 = 1;

/// Goes over a block's options. Ends where one does not fit: what a lying length hides is lost,
/// but nothing else.
pub(super) struct Options<'a> {
    rest: &'a [u8],
    order: Order,
}

impl<'a> Options<'a> {
    /// The options in `bytes`.
    pub(super) fn new(bytes: &'a [u8], order: Order) -> Options<'a> {
        Options { rest: bytes, order }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let code = self.order.u16(self.rest, 0)?;
        let length = usize::from(self.order.u16(self.rest, 2)?);
        if code == END {
            return None;
        }
        let value = self.rest.get(4..4 + length)?;
        self.rest = self.rest.get(4 + padded(length)..).unwrap_or_default();
        Some((code, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_at_the_end_mark_and_at_a_lie() {
        let bytes = [1, 0, 2, 0, b'h', b'i', 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0];
        let found: Vec<_> = Options::new(&bytes, Order::Little).collect();
        assert_eq!(found, [(1, &b"hi"[..]), (2, &b""[..])]);
        assert_eq!(Options::new(&[1, 0, 9, 0, b'h'], Order::Little).count(), 0);
    }
}
