//! Byte strings that messages and facts point to: names, subjects, values.
//!
//! Words lie one behind the other, each behind its length. A word that was entered a short time ago is found again,
//! for a name is asked for, answered, and then called; whether it was ever entered before nobody has to know here.

use std::hash::BuildHasher as _;

use crate::bytes::make_room;

/// Byte strings, each known by a number.
#[derive(Clone, Default)]
pub struct Words {
    bytes: Vec<u8>,
    /// By a part of their hash, words entered last: the rest of the hash, and the number.
    recent: Vec<(u32, u32)>,
    hasher: foldhash::fast::RandomState,
}

impl Words {
    /// Bytes kept at most; further words are empty.
    const LIMIT: usize = u32::MAX as usize;
    /// Words that are found again: what a busy resolver's clients talk about within some seconds. A power of two.
    const RECENT: usize = 8192;

    /// The number of a word.
    pub fn enter(&mut self, word: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(word);
        if self.recent.is_empty() {
            self.recent.resize(Words::RECENT, (0, u32::MAX));
        }
        let (tag, at) = ((hash >> 32) as u32, hash as usize % Words::RECENT);
        if let Some((_, number)) =
            self.recent.get(at).filter(|(known, number)| *known == tag && self.at(*number) == word)
        {
            return *number;
        }
        let number = self.bytes.len();
        if number + word.len() + LONGEST_LENGTH > Words::LIMIT {
            return u32::MAX;
        }
        make_room(&mut self.bytes, word.len() + LONGEST_LENGTH);
        write_length(&mut self.bytes, word.len());
        self.bytes.extend_from_slice(word);
        if let Some(slot) = self.recent.get_mut(at) {
            *slot = (tag, number as u32);
        }
        number as u32
    }

    /// The word of a number; empty for a number that has none.
    pub fn at(&self, number: u32) -> &[u8] {
        let from = self.bytes.get(number as usize..).unwrap_or(&[]);
        let (length, rest) = read_length(from);
        rest.get(..length).unwrap_or(&[])
    }
}

/// Bytes of the longest length.
const LONGEST_LENGTH: usize = 5;
/// Set in every byte of a length but the last.
const MORE: u8 = 0x80;

/// Writes a length, seven bits a byte, the lowest first.
fn write_length(bytes: &mut Vec<u8>, mut length: usize) {
    while length >= usize::from(MORE) {
        bytes.push(length as u8 | MORE);
        length >>= 7;
    }
    bytes.push(length as u8);
}

/// Reads a length; also returns what follows it.
fn read_length(bytes: &[u8]) -> (usize, &[u8]) {
    let (mut length, mut rest) = (0, bytes);
    for shift in 0..LONGEST_LENGTH {
        let Some((byte, behind)) = rest.split_first() else { break };
        length |= usize::from(byte & !MORE) << (7 * shift);
        rest = behind;
        if byte & MORE == 0 {
            break;
        }
    }
    (length, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_back_as_it_was_and_soon_again_is_kept_once() {
        let mut words = Words::default();
        let long = vec![b'x'; 100_000];
        let entered = [&b"a"[..], b"bc", b"", &long, b"a", b"bc", &long];
        let numbers: Vec<u32> = entered.iter().map(|word| words.enter(word)).collect();
        assert_eq!(numbers[4..], [numbers[0], numbers[1], numbers[3]]);
        assert!(entered.iter().zip(&numbers).all(|(word, number)| words.at(*number) == *word));
        assert_eq!(words.at(u32::MAX), b"");
    }

    #[test]
    fn many_words_stay_what_they_were() {
        let mut words = Words::default();
        let word = |n: u32| format!("n{}", n % 20_000).into_bytes();
        let numbers: Vec<u32> = (0..40_000).map(|n| words.enter(&word(n))).collect();
        assert!((0..).zip(&numbers).all(|(n, number)| words.at(*number) == word(n)));
    }
}
