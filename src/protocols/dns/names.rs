//! Domain names: a bounded walk of our own (RFC 1035, sections 3.1 and 4.1.4).
//!
//! A name is at most 255 octets, and a compression pointer leads strictly backwards, so that reading one
//! ends after at most [`MOST_POINTERS`] jumps. The octets of labels are kept as they are: they are escaped
//! where they are printed, and nowhere else.

use crate::bytes::Why;

/// Longest name in text: 255 octets on the wire are 253 characters with dots between labels (RFC 1035, section 2.3.4).
const LONGEST: usize = 253;

/// Longest label (RFC 1035, section 2.3.4); also the bits of a pointer that are not its mark.
const LONGEST_LABEL: u8 = 63;

/// Pointers in one name. A name of 255 octets has at most 127 labels, and who compresses needs one pointer a label.
const MOST_POINTERS: usize = 127;

/// What stands where a name cannot be told.
pub(super) const ROOT: &[u8] = b"<Root>";
const TOO_LONG: &[u8] = b"<Name too long>";
const LOOPS: &[u8] = b"<Name contains a pointer that loops>";
const EXTENDED: &[u8] = b"<Unknown extended label>";

/// A name in a message: where it begins, and that it can be read.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    message: &'a [u8],
    start: usize,
    /// Octets that it takes where it stands.
    pub(super) size: usize,
    /// Whether a part of it stands elsewhere.
    compressed: bool,
    /// What stands in its place, if it is no name that could be told.
    remark: Option<&'static [u8]>,
}

impl<'a> Name<'a> {
    /// Whether it is a name, and no remark in the place of one.
    pub(super) fn is_name(&self) -> bool {
        self.remark.is_none()
    }

    /// Whether it is the root.
    pub(super) fn is_root(&self) -> bool {
        self.is_name() && self.labels().next().is_none()
    }

    /// Whether both are the same name (RFC 4343: case does not count).
    pub(super) fn is(&self, other: &Name<'_>) -> bool {
        let (mut mine, mut theirs) = (self.labels(), other.labels());
        self.is_name()
            && other.is_name()
            && loop {
                // Compression makes equal names end in the same place.
                if mine.at == theirs.at && std::ptr::eq(mine.message, theirs.message) {
                    break true;
                }
                match (mine.next(), theirs.next()) {
                    (Some(mine), Some(theirs)) if mine.eq_ignore_ascii_case(theirs) => {}
                    (None, None) => break true,
                    _ => break false,
                }
            }
    }

    /// Its labels, from the first to the last.
    fn labels(&self) -> Labels<'a> {
        let mut labels = Labels { message: self.message, at: self.start };
        labels.follow();
        labels
    }

    /// Appends the text: labels with dots between, as they stand in the message; `<Root>` for the root.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let Some(remark) = self.remark {
            return out.extend_from_slice(remark);
        }
        let start = out.len();
        if !self.compressed && self.size > 2 {
            // As it stands, with dots in the place of the lengths.
            let (first, last) = (self.start.saturating_add(1), self.start.saturating_add(self.size).saturating_sub(1));
            out.extend_from_slice(self.message.get(first..last).unwrap_or(&[]));
            let text = out.get_mut(start..).unwrap_or(&mut []);
            let mut at = usize::from(self.message.get(self.start).copied().unwrap_or(0));
            while let Some(length) = text.get_mut(at) {
                at = at.saturating_add(1).saturating_add(usize::from(std::mem::replace(length, b'.')));
            }
            return;
        }
        for label in self.labels() {
            if out.len() > start {
                out.push(b'.');
            }
            out.extend_from_slice(label);
        }
        if out.len() == start {
            out.extend_from_slice(ROOT);
        }
    }

    /// The text on its own.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(LONGEST);
        self.write(&mut text);
        text
    }
}

/// The labels of a name that [`read`] has found to be one.
struct Labels<'a> {
    message: &'a [u8],
    at: usize,
}

impl Labels<'_> {
    /// Follows pointers to the next label. They lead back, so this ends.
    fn follow(&mut self) {
        while let Some([high @ 0xc0..=0xff, low]) = self.message.get(self.at..self.at.saturating_add(2)) {
            match pointer(*high, *low) {
                target if target < self.at => self.at = target,
                _ => break,
            }
        }
    }
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(*self.message.get(self.at)?);
        if length == 0 || length > usize::from(LONGEST_LABEL) {
            return None;
        }
        let start = self.at.saturating_add(1);
        self.at = start.saturating_add(length);
        let label = self.message.get(start..self.at);
        self.follow();
        label
    }
}

/// Where a pointer leads.
fn pointer(high: u8, low: u8) -> usize {
    usize::from(high & LONGEST_LABEL) << 8 | usize::from(low)
}

/// Reads the name at `start` of `message`. What is no name at all stops; what only cannot be told (a
/// pointer that does not lead back, a name too long) has a remark in its place, and reading can go on behind it.
pub(super) fn read(message: &[u8], start: usize) -> Result<Name<'_>, Why> {
    let (mut at, mut behind, mut floor, mut pointers) = (start, None, start, 0_usize);
    let mut octets = 0_usize;
    let remark = loop {
        let length = *message.get(at).ok_or(Why::Short)?;
        at = at.saturating_add(1);
        match length {
            0 => break (octets > LONGEST.saturating_add(1)).then_some(TOO_LONG),
            1..=LONGEST_LABEL => {
                at = at.saturating_add(length.into());
                octets = octets.saturating_add(1).saturating_add(length.into());
                if at > message.len() {
                    return Err(Why::Short);
                }
            }
            // RFC 6891, section 5: extended labels are no more; where this one ends nobody can tell.
            0x40..=0x7f if at == start.saturating_add(1) => return Err(Why::Malformed("no name begins like this")),
            0x40..=0x7f => break Some(EXTENDED),
            0x80..=0xbf => return Err(Why::Malformed("a label of a type that does not exist")),
            0xc0.. => {
                let target = pointer(length, *message.get(at).ok_or(Why::Short)?);
                at = at.saturating_add(1);
                behind.get_or_insert(at);
                pointers = pointers.saturating_add(1);
                // "A prior occurrence": what points into what has just been read would be read for ever.
                if target >= floor || pointers > MOST_POINTERS {
                    break Some(LOOPS);
                }
                (at, floor) = (target, target);
            }
        }
    };
    let compressed = behind.is_some();
    Ok(Name { message, start, compressed, size: behind.unwrap_or(at).saturating_sub(start), remark })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &[u8], at: usize) -> (String, usize) {
        let name = read(message, at).unwrap();
        (String::from_utf8_lossy(&name.text()).into_owned(), name.size)
    }

    #[test]
    fn labels_and_pointers_are_put_together() {
        let message = b"\x03www\x04shop\x07example\0\x03cdn\xc0\x04\xc0\x12";
        assert_eq!(text(message, 0), ("www.shop.example".into(), 18));
        assert_eq!(text(message, 18), ("cdn.shop.example".into(), 6));
        assert_eq!(text(message, 24), ("cdn.shop.example".into(), 2));
        assert_eq!(text(b"\0", 0), ("<Root>".into(), 1));
    }

    /// dns-parser prints such a chain recursively and dies of it; this walk takes 127 steps at most.
    #[test]
    fn a_chain_of_pointers_ends() {
        let mut message = vec![0u8, 0];
        for n in 1..8000u16 {
            message.extend((0xc000 | ((n - 1) * 2)).to_be_bytes());
        }
        assert_eq!(text(&message, 15998).0, "<Name contains a pointer that loops>");
        assert_eq!(text(&message, 2 * 127).0, "<Root>");
    }

    #[test]
    fn pointers_only_lead_back() {
        assert_eq!(text(b"\xc0\0", 0), ("<Name contains a pointer that loops>".into(), 2));
        assert_eq!(text(b"\x01a\xc0\0", 0), ("<Name contains a pointer that loops>".into(), 4));
        assert_eq!(text(b"\xc0\x02\x01a\0", 0), ("<Name contains a pointer that loops>".into(), 2));
    }

    #[test]
    fn names_end_at_255_octets() {
        let mut long = Vec::new();
        for _ in 0..3 {
            long.push(63);
            long.extend([b'x'; 63]);
        }
        let mut fits = long.clone();
        fits.push(61);
        fits.extend([b'y'; 61]);
        fits.push(0);
        assert_eq!(read(&fits, 0).unwrap().text().len(), 253);
        long.push(62);
        long.extend([b'y'; 62]);
        long.push(0);
        assert_eq!(text(&long, 0), ("<Name too long>".into(), 256));
    }

    #[test]
    fn names_are_compared_without_case() {
        let message = b"\x04shop\x07example\0\xc0\0\x04SHOP\xc0\x05\x04shop\0";
        let [first, same, case, other] = [0, 14, 16, 23].map(|at| read(message, at).unwrap());
        assert!(first.is(&same) && first.is(&case) && same.is(&case));
        assert!(!first.is(&other) && !other.is(&case));
    }

    #[test]
    fn octets_of_labels_are_kept() {
        let name = read(b"\x06Jane\xe2\x80\x02\x99s\0", 0).unwrap();
        assert_eq!(name.text(), b"Jane\xe2\x80.\x99s");
        assert_eq!(read(b"\x05ab", 0).err(), Some(Why::Short));
        assert!(matches!(read(b"\x80", 0).err(), Some(Why::Malformed(_))));
        assert_eq!(text(b"\x01a\x4f", 0), ("<Unknown extended label>".into(), 3));
    }
}
