//! Packets that are read again in order: many at a time, where they lie near each other.

use std::io;

use crate::capture::Fetch;
use crate::trace::Row;

/// Bytes between two packets that are rather read along than skipped: a few packets of other flows.
const NEAR: u64 = 4 << 10;

/// The first bytes that are read along; they double as long as packets are near.
const LEAST: usize = 8 << 10;

/// The most that is read at once.
const MOST: usize = 256 << 10;

/// Reads packets again.
pub(super) struct Again<'f> {
    fetch: &'f Fetch,
    /// Bytes of the capture, from `start` on.
    window: Vec<u8>,
    start: u64,
    /// Where the last packet ended.
    end: u64,
    /// How much to read at once.
    size: usize,
}

impl<'f> Again<'f> {
    pub(super) fn new(fetch: &'f Fetch) -> Again<'f> {
        Again { fetch, window: Vec::new(), start: 0, end: 0, size: 0 }
    }

    /// The bytes of a packet.
    pub(super) fn packet(&mut self, row: &Row) -> io::Result<&[u8]> {
        if self.place(row).is_none() {
            let near = row.position.checked_sub(self.end).is_some_and(|between| between <= NEAR);
            self.size = if near { (self.size * 2).clamp(LEAST, MOST) } else { 0 };
            self.start = row.position;
            self.fetch.read_along(row.position, row.captured, self.size, &mut self.window)?;
        }
        self.end = row.position.saturating_add(row.captured.into());
        let place = self.place(row).unwrap_or_default();
        Ok(self.window.get(place).unwrap_or_default())
    }

    /// Where a packet lies in the window, if it does.
    fn place(&self, row: &Row) -> Option<std::ops::Range<usize>> {
        let from = usize::try_from(row.position.checked_sub(self.start)?).ok()?;
        let to = from.checked_add(row.captured as usize)?;
        (to <= self.window.len()).then_some(from..to)
    }
}
