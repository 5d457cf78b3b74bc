//! A place in a list, and how far it is scrolled.

use super::detail::scrolled;

/// Which row of a list is selected, and which is the first visible one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Roll {
    /// The selected row.
    pub(super) selected: usize,
    /// The first visible row.
    pub(super) top: usize,
}

impl Roll {
    /// Selects a row of `count`.
    pub(super) fn select(&mut self, at: usize, count: usize) {
        self.selected = at.min(count.saturating_sub(1));
    }

    /// Selects `by` further down or up.
    pub(super) fn step(&mut self, by: isize, count: usize) {
        self.select(self.selected.saturating_add_signed(by), count);
    }

    /// Scrolls so that the selected row is visible.
    pub(super) fn scroll(&mut self, height: usize, count: usize) {
        self.selected = self.selected.min(count.saturating_sub(1));
        self.top = scrolled(self.top, self.selected, height, count);
    }

    /// The visible rows.
    pub(super) fn visible(&self, height: usize, count: usize) -> std::ops::Range<usize> {
        self.top.min(count)..(self.top + height).min(count)
    }
}

/// Where a row leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A packet.
    Packet(u32),
    /// Bytes of a packet.
    Bytes(u32, std::ops::Range<u32>),
    /// A flow's own pages.
    Flow(u32),
    /// Packets that a filter lets pass.
    Filter(String),
}
