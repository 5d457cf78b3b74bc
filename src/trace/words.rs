//! Byte strings kept once each: names, subjects, values of facts.

use std::hash::BuildHasher as _;

/// Byte strings, each kept once and known by a number.
#[derive(Default)]
pub struct Words {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    table: hashbrown::HashTable<u32>,
    hasher: foldhash::fast::RandomState,
}

impl Words {
    /// Bytes kept at most; further words are not told apart.
    const LIMIT: usize = u32::MAX as usize;

    /// The number of a word; it is entered if it is new.
    pub fn intern(&mut self, word: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(word);
        if let Some(number) = self.table.find(hash, |number| self.at(*number) == word) {
            return *number;
        }
        if self.bytes.len() + word.len() > Words::LIMIT {
            return u32::MAX;
        }
        let number = self.ends.len() as u32;
        self.bytes.extend_from_slice(word);
        self.ends.push(self.bytes.len() as u32);
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        self.table.insert_unique(hash, number, |number| hasher.hash_one(slice(bytes, ends, *number)));
        number
    }

    /// The word of a number; empty for a number that has none.
    pub fn at(&self, number: u32) -> &[u8] {
        slice(&self.bytes, &self.ends, number)
    }
}

fn slice<'a>(bytes: &'a [u8], ends: &[u32], number: u32) -> &'a [u8] {
    let Some(end) = ends.get(number as usize) else { return &[] };
    let start = number.checked_sub(1).and_then(|before| ends.get(before as usize)).copied().unwrap_or(0);
    bytes.get(start as usize..*end as usize).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_once() {
        let mut words = Words::default();
        let numbers: Vec<u32> = [&b"a"[..], b"bc", b"", b"a", b"bc"].iter().map(|word| words.intern(word)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
        assert_eq!(words.at(1), b"bc");
        assert_eq!(words.at(9), b"");
    }
}
