//! Names, each kept once and known by a number that counts from 0.

use std::hash::BuildHasher as _;

/// Byte strings, each kept once.
#[derive(Default)]
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// A part of each name's hash, so that names need not be read again when the table grows, and its number.
    table: hashbrown::HashTable<(u32, u32)>,
    hasher: foldhash::fast::RandomState,
}

impl Dictionary {
    /// The number of a name; it is entered if it is new.
    pub(super) fn enter(&mut self, name: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(name) as u32;
        let (bytes, ends) = (&self.bytes, &self.ends);
        let is_it = |(known, number): &(u32, u32)| *known == hash && slice(bytes, ends, *number) == name;
        if let Some((_, number)) = self.table.find(spread(hash), is_it) {
            return *number;
        }
        let number = self.ends.len() as u32;
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
        self.table.insert_unique(spread(hash), (hash, number), |(hash, _)| spread(*hash));
        number
    }

    /// The number of a name, if it was entered.
    pub(super) fn find(&self, name: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(name) as u32;
        let is_it = |(known, number): &(u32, u32)| *known == hash && slice(&self.bytes, &self.ends, *number) == name;
        self.table.find(spread(hash), is_it).map(|(_, number)| *number)
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The name of a number; empty for a number that has none.
    pub(super) fn at(&self, number: u32) -> &[u8] {
        slice(&self.bytes, &self.ends, number)
    }
}

/// Spreads the part of a hash over all bits of one.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn slice<'a>(bytes: &'a [u8], ends: &[usize], number: u32) -> &'a [u8] {
    let Some(end) = ends.get(number as usize) else { return &[] };
    let start = number.checked_sub(1).and_then(|before| ends.get(before as usize)).copied().unwrap_or(0);
    bytes.get(start..*end).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        let mut names = Dictionary::default();
        let numbers: Vec<u32> = [&b"a"[..], b"bc", b"", b"a", b"bc"].iter().map(|name| names.enter(name)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
        assert_eq!(names.at(1), b"bc");
        assert_eq!(names.at(9), b"");
    }
}
