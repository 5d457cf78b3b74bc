//! Drawing: pure functions from the [`App`] to the screen; one pane a file.
//!
//! ```text
//!  husk  demo.pcapng   1 Packets  2 Flows          118 packets  54 kB  ░▒██████   header
//!  No  Time    Source → Destination   Protocol  Len  Split     What               packets
//!  ...
//! ── packet 23 · 351 B ───────────────────┬─ frame · TLS handshake ───────────    titles
//! ▾ Ethernet            14  network card  │ 0000  02 42 c0 00 02 01 02 42  .B     tree │ hex
//! ── every byte ──────────────────────────┴───────────────────────────────────
//! ░░░░░░░░▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    strip
//!  Tab pane  / filter  f flow  c colours  ? keys  q quit            23 of 118     status
//! ```

mod bar;
mod flows;
mod header;
mod help;
mod hex;
mod packets;
mod status;
mod strip;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use self::bar::bar;
use super::app::{App, Focus, Overlay, View};
use super::theme::Theme;
use crate::bytes::{Class, Ledger};

pub(super) use header::tab_at;
pub(super) use hex::{byte_at, columns as hex_columns};
pub(super) use packets::Columns;
pub(super) use strip::{byte_at as strip_byte_at, neighbouring_run};

/// Where the panes are. A pane for which there is no room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Areas {
    pub(super) header: Rect,
    pub(super) list_head: Rect,
    pub(super) list: Rect,
    pub(super) titles: Rect,
    pub(super) tree: Rect,
    pub(super) hex: Rect,
    pub(super) strip_title: Rect,
    pub(super) strip: Rect,
    pub(super) status: Rect,
    pub(super) flows_head: Rect,
    pub(super) flows: Rect,
    pub(super) card: Rect,
}

impl Areas {
    /// Below this height the list and the packet's panes take turns, by the focus.
    const SHORT: u16 = 17;
    /// Below this width layers and bytes take turns.
    const NARROW: u16 = 66;
    /// Below this width or height nothing useful can be shown.
    const LEAST: (u16, u16) = (20, 4);

    /// Divides the screen.
    pub(super) fn new(app: &App) -> Areas {
        let mut rest = app.size;
        let header = cut_top(&mut rest, 1);
        let status = cut_bottom(&mut rest, 1);
        let mut areas = Areas { header, status, ..Areas::default() };
        if app.view == View::Flows {
            let card = if rest.height >= 14 { 6 } else { 0 };
            areas.card = cut_bottom(&mut rest, card);
            areas.flows_head = cut_top(&mut rest, 1);
            areas.flows = rest;
            return areas;
        }
        let short = app.size.height < Areas::SHORT;
        let strip = match app.size.height {
            _ if short && app.focus == Focus::List => 0,
            0..8 => 0,
            8..40 => 3,
            _ => 4,
        };
        let mut strip = cut_bottom(&mut rest, strip);
        areas.strip_title = cut_top(&mut strip, 1);
        areas.strip = strip;
        let list = match (short, app.focus) {
            (true, Focus::List) => rest.height,
            (true, _) => 0,
            // The list gets a little less than half, and of a tall screen two fifths.
            (false, _) if rest.height >= 40 => rest.height * 2 / 5,
            (false, _) => rest.height / 2,
        };
        let mut list = cut_top(&mut rest, list);
        areas.list_head = cut_top(&mut list, 1);
        areas.list = list;
        areas.titles = cut_top(&mut rest, 1);
        let hex = hex::width(app.size.width, app.letters);
        if app.size.width < Areas::NARROW {
            let whole = if matches!(app.focus, Focus::Hex | Focus::Strip) { &mut areas.hex } else { &mut areas.tree };
            *whole = rest;
        } else {
            areas.hex = Rect { x: rest.right().saturating_sub(hex), width: hex.min(rest.width), ..rest };
            areas.tree = Rect { width: rest.width.saturating_sub(hex + 1), ..rest };
        }
        areas
    }

    /// The pane at a place of the screen.
    pub(super) fn pane_at(&self, at: Position) -> Option<Focus> {
        [(self.list, Focus::List), (self.tree, Focus::Tree), (self.hex, Focus::Hex), (self.strip, Focus::Strip)]
            .into_iter()
            .find(|(area, _)| area.contains(at))
            .map(|(_, focus)| focus)
    }
}

fn cut_top(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    let top = Rect { height, ..*rest };
    *rest = Rect { y: rest.y + height, height: rest.height - height, ..*rest };
    top
}

fn cut_bottom(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    rest.height -= height;
    Rect { y: rest.bottom(), height, ..*rest }
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, app: &App) {
    let areas = Areas::new(app);
    let buffer = frame.buffer_mut();
    if app.size.width < Areas::LEAST.0 || app.size.height < Areas::LEAST.1 {
        buffer.set_stringn(0, 0, "husk: too small", app.size.width.into(), app.theme.text());
        return;
    }
    header::draw(buffer, app, &areas);
    match app.view {
        View::Packets => {
            packets::draw(buffer, app, &areas);
            titles(buffer, app, &areas);
            tree::draw(buffer, app, &areas);
            hex::draw(buffer, app, &areas);
            strip::draw(buffer, app, &areas);
        }
        View::Flows => flows::draw(buffer, app, &areas),
    }
    let cursor = status::draw(buffer, app, &areas);
    if let Overlay::Help(top) = &app.overlay {
        help::draw(buffer, app, *top);
    }
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// The rule above layers and bytes, with their titles, and the rule between them.
fn titles(buffer: &mut Buffer, app: &App, areas: &Areas) {
    if areas.titles.is_empty() {
        return;
    }
    rule(buffer, app.theme, areas.titles);
    let split = areas.tree.width > 0 && areas.hex.width > 0;
    if split {
        let x = areas.tree.right();
        buffer.set_string(x, areas.titles.y, "┬", app.theme.rule());
        for y in areas.tree.top()..areas.tree.bottom() {
            buffer.set_string(x, y, "│", app.theme.rule());
        }
        if !areas.strip_title.is_empty() {
            rule(buffer, app.theme, areas.strip_title);
            buffer.set_string(x, areas.strip_title.y, "┴", app.theme.rule());
        }
    } else if !areas.strip_title.is_empty() {
        rule(buffer, app.theme, areas.strip_title);
    }
    if areas.tree.width > 0 {
        let over = Rect { width: areas.tree.width, ..areas.titles };
        title(
            buffer,
            app.theme,
            over,
            app.focus == Focus::Tree,
            &tree::title(app, usize::from(over.width).saturating_sub(4)),
        );
    }
    if areas.hex.width > 0 {
        let over = Rect { x: areas.hex.x, width: areas.hex.width, ..areas.titles };
        hex::draw_title(buffer, app, over);
    }
}

/// A horizontal rule.
fn rule(buffer: &mut Buffer, theme: Theme, area: Rect) {
    buffer.set_string(area.x, area.y, "─".repeat(area.width.into()), theme.rule());
}

/// A title on a rule.
fn title(buffer: &mut Buffer, theme: Theme, area: Rect, focused: bool, text: &str) {
    let style = if focused { theme.accent() } else { theme.quiet() };
    let text = format!(" {} ", fit(text, usize::from(area.width).saturating_sub(4)));
    buffer.set_string(area.x + 1, area.y, text, style);
}

// --- text

/// Columns that a text takes.
fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut to `columns`; what is cut shows as `…`.
fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let mut out = String::new();
    for c in text.chars() {
        taken += c.width().unwrap_or(0);
        if taken >= columns {
            break;
        }
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// The text in exactly `columns`.
fn left(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let room = columns.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(room))
}

/// The text in exactly `columns`, at their end.
fn right(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let room = columns.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(room))
}

/// A line at the right end of an area; returns its first column.
fn put_right(buffer: &mut Buffer, area: Rect, line: &Line<'_>) -> u16 {
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
    let x = area.right() - width;
    buffer.set_line(x, area.y, line, width);
    x
}

/// Gives a row of the screen a style, keeping the colours of its text.
fn tint(buffer: &mut Buffer, area: Rect, style: Style) {
    buffer.set_style(area, style);
}

/// A size for people: `54 kB`.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes / (unit / 10);
            return if tenths < 100 {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            } else {
                format!("{} {name}", tenths / 10)
            };
        }
    }
    format!("{bytes} B")
}

/// Class, how many bytes: those that are there.
fn present(ledger: &Ledger) -> impl Iterator<Item = (Class, u64)> + '_ {
    ledger.iter().filter(|(_, bytes)| *bytes > 0)
}
