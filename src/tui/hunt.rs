//! Searching: for text, a regular expression or bytes, in the lines of packets or in their bytes; in a thread, from
//! the selected packet on, once around.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use regex::bytes::{Regex, RegexBuilder};

use super::lines::Scribe;
use super::worker::{self, Shared};
use crate::capture::Fetch;

/// What is searched for.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// As it was typed.
    pub(super) text: String,
}

impl Pattern {
    /// Understands `text`, `/regex/` and `0x00ff`. Letters may be large or small.
    ///
    /// # Errors
    /// Why it is none of these.
    pub(super) fn parse(text: &str) -> Result<Pattern, String> {
        const MOST: usize = 1 << 20;
        let source = if let Some(inner) = text.strip_prefix('/').filter(|_| text.len() > 1) {
            inner.strip_suffix('/').unwrap_or(inner).to_owned()
        } else if let Some(digits) = text.strip_prefix("0x") {
            bytes(digits).ok_or_else(|| "behind 0x stand pairs of hexadecimal digits".to_owned())?
        } else {
            regex::escape(text)
        };
        if text.is_empty() {
            return Err("there is nothing to search for".to_owned());
        }
        let insensitive = !text.starts_with("0x");
        let built = RegexBuilder::new(&source).case_insensitive(insensitive).unicode(false).size_limit(MOST).build();
        let regex = built.map_err(|error| {
            let told = error.to_string();
            told.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })?;
        Ok(Pattern { regex, text: text.to_owned() })
    }

    /// Where it is found first.
    pub(super) fn find(&self, in_bytes: &[u8]) -> Option<std::ops::Range<usize>> {
        self.regex.find(in_bytes).map(|found| found.range())
    }
}

/// Pairs of digits, with blanks or colons between them, as a regular expression.
fn bytes(digits: &str) -> Option<String> {
    let digits: String = digits.chars().filter(|c| !matches!(c, ' ' | ':')).collect();
    let whole = !digits.is_empty() && digits.len().is_multiple_of(2) && digits.chars().all(|c| c.is_ascii_hexdigit());
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    whole.then(|| pairs.fold("(?s-u)".to_owned(), |regex, pair| regex + "\\x" + pair))
}

/// In what is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// The lines of the list.
    Lines,
    /// The bytes of packets.
    Bytes,
}

/// What was found: the packet, and where in its bytes.
pub(super) type Find = Option<(u32, std::ops::Range<u32>)>;

#[derive(Default)]
struct Course {
    found: Mutex<Option<Find>>,
    cancelled: AtomicBool,
}

/// A search that goes on. Dropped, it ends.
pub(super) struct Hunt {
    course: Arc<Course>,
}

impl Hunt {
    /// Searches through `packets`, in this order.
    ///
    /// # Errors
    /// There are no more threads.
    pub(super) fn start(
        pattern: Pattern,
        ground: Ground,
        packets: impl Iterator<Item = u32> + Send + 'static,
        fetch: Fetch,
        shared: &Arc<Shared>,
    ) -> std::io::Result<Hunt> {
        let course = Arc::new(Course::default());
        let (mine, screen) = (Arc::clone(&course), Arc::clone(shared));
        worker::spawn("searching", Arc::clone(shared), move || {
            let mut scribe = Scribe::new(fetch);
            let mut bytes = Vec::new();
            let mut found = None;
            for packet in packets {
                if mine.cancelled.load(Ordering::Acquire) {
                    return;
                }
                let trace = screen.trace();
                let place = match ground {
                    Ground::Lines => scribe.line(&trace, packet).and_then(|line| {
                        let text = format!("{} {} {} {}", line.source, line.destination, line.protocol, line.what);
                        pattern.find(text.as_bytes()).map(|_| 0..0)
                    }),
                    Ground::Bytes => trace.row(packet).and_then(|row| {
                        scribe.fetch().read(row.position, row.captured, &mut bytes).ok()?;
                        pattern.find(&bytes).map(|at| at.start as u32..at.end as u32)
                    }),
                };
                if let Some(place) = place {
                    found = Some((packet, place));
                    break;
                }
            }
            *mine.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            screen.changed();
        })?;
        Ok(Hunt { course })
    }

    /// What was found, when the search is over; `Some(None)` if there is nothing.
    pub(super) fn result(&self) -> Option<Find> {
        self.course.found.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Hunt {
    fn drop(&mut self) {
        self.course.cancelled.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_expressions_and_bytes_are_understood() {
        let find = |pattern: &str, bytes: &[u8]| Pattern::parse(pattern).expect("understood").find(bytes);
        assert_eq!(find("shop", b"the SHOP"), Some(4..8));
        assert_eq!(find("a.b", b"axb a.b"), Some(4..7));
        assert_eq!(find("/a.b/", b"axb a.b"), Some(0..3));
        assert_eq!(find("0x00ff0a", &[1, 0, 255, 10]), Some(1..4));
        assert_eq!(find("0x4a", b"j J"), Some(2..3));
        for wrong in ["", "0x0", "0xzz", "/(/"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
