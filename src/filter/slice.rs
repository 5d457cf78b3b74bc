//! Slices of bytes, and layers: `[4:2]`, `[4-5]`, `[-2:]`, `[0,3-5]`, `#[2-4]`.

use std::fmt;

/// Several ranges, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranges(Vec<Range>);

/// A range of offsets; negative ones count from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// `[i:j]`: `j` bytes from `i` on.
    Length(i64, u64),
    /// `[i-j]`: from `i` to `j`, both included.
    Until(i64, i64),
    /// `[i:]`: from `i` on.
    Rest(i64),
}

impl Ranges {
    /// Understands what stands between the brackets; or says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Ranges, String> {
        /// More than anybody writes.
        const MOST: usize = 64;
        let parts: Vec<&str> = text.split(',').collect();
        if parts.len() > MOST {
            return Err(format!("a slice has at most {MOST} ranges"));
        }
        let wrong = || "a slice is `[from:length]`, `[from-to]`, `[at]`, `[:length]` or `[from:]`".to_owned();
        parts
            .into_iter()
            .map(|part| Range::parse(part.trim()).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Ranges)
    }

    /// Those bytes of `bytes`. Where a range reaches beyond them, the slice ends, as Wireshark's does.
    pub(super) fn of(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for range in &self.0 {
            let Some(part) = range.of(bytes) else { break };
            out.extend_from_slice(part);
        }
        out
    }

    /// Whether a layer is meant, of so many.
    pub(super) fn has_layer(&self, layer: i64, count: i64) -> bool {
        let place = |at: i64| if at < 0 { count + at + 1 } else { at };
        self.0.iter().any(|range| match *range {
            Range::Length(from, length) => {
                (place(from)..place(from).saturating_add_unsigned(length)).contains(&layer)
            }
            Range::Until(from, to) => (place(from)..=place(to)).contains(&layer),
            Range::Rest(from) => layer >= place(from),
        })
    }
}

impl Range {
    fn parse(part: &str) -> Option<Range> {
        let at = |text: &str| text.trim().parse::<i32>().ok().map(i64::from);
        if let Some((from, length)) = part.split_once(':') {
            let from = if from.trim().is_empty() { 0 } else { at(from)? };
            if length.trim().is_empty() {
                return Some(Range::Rest(from));
            }
            return u64::try_from(at(length)?).ok().filter(|length| *length > 0).map(|n| Range::Length(from, n));
        }
        // The dash between two offsets stands behind a digit; each may be negative.
        let dash = part.char_indices().skip(1).find(|(_, c)| *c == '-').map(|(place, _)| place);
        match dash {
            Some(dash) => Some(Range::Until(at(part.get(..dash)?)?, at(part.get(dash + 1..)?)?)),
            None => at(part).map(|at| Range::Length(at, 1)),
        }
    }

    fn of(self, bytes: &[u8]) -> Option<&[u8]> {
        let place = |at: i64| {
            if at < 0 { bytes.len().checked_sub(usize::try_from(-at).ok()?) } else { usize::try_from(at).ok() }
        };
        match self {
            Range::Length(from, length) => {
                let from = place(from)?;
                bytes.get(from..from.checked_add(usize::try_from(length).ok()?)?)
            }
            Range::Until(from, to) => bytes.get(place(from)?..place(to)?.checked_add(1)?),
            Range::Rest(from) => bytes.get(place(from)?..).filter(|rest| !rest.is_empty()),
        }
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, range) in self.0.iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            match range {
                Range::Length(at, 1) => write!(f, "{comma}{at}")?,
                Range::Length(from, length) => write!(f, "{comma}{from}:{length}")?,
                Range::Until(from, to) => write!(f, "{comma}{from}-{to}")?,
                Range::Rest(from) => write!(f, "{comma}{from}:")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_count_from_either_end_and_end_where_the_bytes_do() {
        let of = |text: &str| Ranges::parse(text).map(|ranges| ranges.of(b"abcdef"));
        let table: [(&str, &[u8]); 12] = [
            ("0", b"a"),
            ("-1", b"f"),
            ("1:2", b"bc"),
            (":3", b"abc"),
            ("4:", b"ef"),
            ("-2:", b"ef"),
            ("1-3", b"bcd"),
            ("-3--2", b"de"),
            ("0,2-3,5", b"acdf"),
            ("4:3", b""),
            ("0,9,1", b"a"),
            ("6:", b""),
        ];
        for (text, expected) in table {
            assert_eq!(of(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["", "a", "1:0", "1:-2", "1-", "0x10", "1,,2", "99999999999"] {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn layers_count_from_one() {
        let has = |text: &str, layer| Ranges::parse(text).is_ok_and(|layers| layers.has_layer(layer, 3));
        assert!(has("1", 1) && !has("1", 2) && has("2-3", 3) && has("-1", 3) && !has("-1", 2) && has("2:", 3));
    }
}
