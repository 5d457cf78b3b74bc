//! The Huffman code of header compression (RFC 7541, section 5.2 and appendix B).
//!
//! The code is canonical: among codes of equal length they count upwards in the order of their symbols, and the first
//! code of a length follows the last one of the length before. So the lengths say everything.

/// The length of each byte's code in bits.
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15,
    6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20,
    20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23,
    24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22,
    22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27,
    24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26,
    26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

/// The longest code.
const LONGEST: usize = 30;

/// The shortest code.
const SHORTEST: usize = 5;

/// The code as it is read: for each length the first code, how many there are, and where their symbols begin.
struct Code {
    first: [u32; LONGEST + 1],
    count: [u32; LONGEST + 1],
    start: [u32; LONGEST + 1],
    symbols: [u8; 256],
}

static CODE: Code = Code::new();

impl Code {
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // evaluated by the compiler
    const fn new() -> Code {
        let lengths = [0; LONGEST + 1];
        let mut code = Code { first: lengths, count: lengths, start: lengths, symbols: [0; 256] };
        let (mut length, mut next, mut filled) = (1, 0, 0);
        while length <= LONGEST {
            next <<= 1;
            (code.first[length], code.start[length]) = (next, filled);
            let mut symbol = 0;
            while symbol < 256 {
                if LENGTHS[symbol] as usize == length {
                    code.symbols[filled as usize] = symbol as u8;
                    filled += 1;
                    next += 1;
                    code.count[length] += 1;
                }
                symbol += 1;
            }
            length += 1;
        }
        code
    }

    /// The byte whose code is the `length` lowest bits of `bits`.
    fn symbol(&self, bits: u32, length: usize) -> Option<u8> {
        let place = bits.checked_sub(*self.first.get(length)?)?;
        if place >= *self.count.get(length)? {
            return None;
        }
        self.symbols.get(self.start.get(length)?.checked_add(place)? as usize).copied()
    }
}

/// The bytes that `coded` stands for; `None` if it is no such code. What fills the last byte are the first bits of the
/// code of the end (all ones), fewer than eight.
pub(super) fn decode(coded: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(coded.len().saturating_mul(8) / SHORTEST);
    let (mut bits, mut length) = (0u32, 0usize);
    for byte in coded {
        for place in (0..8u32).rev() {
            bits = bits << 1 | u32::from(byte >> place) & 1;
            length = length.saturating_add(1);
            if length < SHORTEST {
                continue;
            }
            if let Some(symbol) = CODE.symbol(bits, length) {
                plain.push(symbol);
                (bits, length) = (0, 0);
            } else if length >= LONGEST {
                return None;
            }
        }
    }
    let filling = bits.trailing_ones() as usize == length && length < 8;
    filling.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn examples_of_the_rfc() {
        // RFC 7541, appendix C.4.1 and C.6.1.
        let host = [0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff];
        assert_eq!(decode(&host).unwrap(), b"www.example.com");
        assert_eq!(decode(&[0x64, 0x02]).unwrap(), b"302");
        assert_eq!(decode(&[]).unwrap(), b"");
    }

    #[test]
    fn the_longest_codes_are_whole() {
        // 0x3ffffffc, 0x3ffffffd, 0x3ffffffe: the line feed, the carriage return, and 22.
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xf3]).unwrap(), b"\n");
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xf7]).unwrap(), b"\r");
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xfb]).unwrap(), [22]);
    }

    #[test]
    fn what_fills_the_last_byte_is_ones_and_short() {
        // "0" is 00000; then zeroes, or a byte too many, or the code of the end itself.
        assert_eq!(decode(&[0b0000_0111]).unwrap(), b"0");
        assert_eq!(decode(&[0b0000_0000]), None);
        assert_eq!(decode(&[0b0000_0111, 0xff]), None);
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xff]), None);
    }
}
