//! Numbers in a byte order that is known only when the file is read.

/// The byte order of a capture file's own headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    /// The two bytes at `at` as a number; `None` beyond the end.
    #[inline]
    pub(crate) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let word = *bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self == Order::Little { u16::from_le_bytes(word) } else { u16::from_be_bytes(word) })
    }

    /// The four bytes at `at` as a number; `None` beyond the end.
    #[inline]
    pub(crate) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let word = *bytes.get(at..)?.first_chunk::<4>()?;
        Some(if self == Order::Little { u32::from_le_bytes(word) } else { u32::from_be_bytes(word) })
    }

    /// The eight bytes at `at` as a number; `None` beyond the end.
    #[inline]
    pub(crate) fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let word = *bytes.get(at..)?.first_chunk::<8>()?;
        Some(if self == Order::Little { u64::from_le_bytes(word) } else { u64::from_be_bytes(word) })
    }

    /// The order's name, for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Order::Little => "little-endian",
            Order::Big => "big-endian",
        }
    }
}
