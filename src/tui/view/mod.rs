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
mod conversation;
mod explain;
mod flows;
mod header;
mod help;
mod hex;
mod journey;
mod lanes;
mod leaks;
mod ledger;
mod names;
mod packets;
mod pages;
mod palette;
mod session;
mod status;
mod strip;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod units;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use self::bar::bar;
use self::text::{fit, left, right, size, width};
use super::app::{App, Focus, Overlay, Rule, View};
use super::pane::FlowPage;
use super::theme::Theme;
use crate::bytes::{Class, Ledger};

pub(super) use flows::flow_column_at;
pub(super) use header::tab_at;
pub(super) use hex::{byte_at, columns as hex_columns};
pub(super) use leaks::WIDE as WIDE_LEAKS;
pub(super) use packets::{Columns, packet_column_at};
pub(super) use pages::page_at;
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
    /// The pages of a view that has some.
    pub(super) pages: Rect,
    /// What stands above the rows of a view.
    pub(super) top: Rect,
    /// What stands left of the rows.
    pub(super) side: Rect,
    pub(super) rows_head: Rect,
    pub(super) rows: Rect,
    /// More about the selected row.
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
        if app.view != View::Packets {
            areas.list_rows(app, rest);
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
            (false, _) if app.split.0.is_some() => {
                let line = u32::from(app.split.0.unwrap_or(50)) * u32::from(app.size.height) / 100;
                (line as u16).saturating_sub(1).clamp(2, rest.height.saturating_sub(4).max(2))
            }
            // The list gets a little less than half, and of a tall screen two fifths.
            (false, _) if rest.height >= 40 => rest.height * 2 / 5,
            (false, _) => rest.height / 2,
        };
        let mut list = cut_top(&mut rest, list);
        areas.list_head = cut_top(&mut list, 1);
        areas.list = list;
        areas.titles = cut_top(&mut rest, 1);
        let mut hex = hex::width(app.size.width, app.letters);
        if let Some(share) = app.split.1 {
            // Digits in whole rows: the bytes keep at least what they need, layers get what was asked for.
            let asked = rest.width - (u32::from(share) * u32::from(rest.width) / 100) as u16;
            hex = asked.max(hex).min(rest.width.saturating_sub(20));
        }
        if app.size.width < Areas::NARROW {
            let whole = if matches!(app.focus, Focus::Hex | Focus::Strip) { &mut areas.hex } else { &mut areas.tree };
            *whole = rest;
        } else {
            areas.hex = Rect { x: rest.right().saturating_sub(hex), width: hex.min(rest.width), ..rest };
            areas.tree = Rect { width: rest.width.saturating_sub(hex + 1), ..rest };
        }
        areas
    }

    /// Divides the screen of a view that is one list.
    fn list_rows(&mut self, app: &App, mut rest: Rect) {
        let tall = rest.height >= 14;
        let (top, pages, card) = match (app.view, &app.opened) {
            (View::Flows, Some(_)) => (0, 1, 0),
            (View::Flows, None) => (0, 0, if tall { 6 } else { 0 }),
            // Of a site among others its steps are shown as well, where there is room.
            (View::Journey, _) if rest.height >= 26 => (0, 0, app.journey.steps_below().min(rest.height / 2) + 3),
            (View::Journey, _) => (0, 0, if tall { 3 } else { 0 }),
            (View::Leaks, _) => (0, 0, if tall { leaks::CARD } else { 0 }),
            (View::Exposure, _) => (if tall { 8 } else { 0 }, 1, 0),
            _ => (0, 1, 0),
        };
        self.top = cut_top(&mut rest, top);
        self.pages = cut_top(&mut rest, pages);
        self.card = cut_bottom(&mut rest, card);
        if app.view == View::Leaks && rest.width >= 64 {
            let width = (rest.width * 2 / 5).min(if rest.width >= 160 { 60 } else { 44 });
            self.side = Rect { width, ..rest };
            rest = Rect { x: rest.x + width, width: rest.width - width, ..rest };
        }
        self.rows_head = cut_top(&mut rest, 1);
        self.rows = rest;
    }

    /// The rule at a place of the screen that can be dragged.
    pub(super) fn rule_at(&self, at: Position) -> Option<Rule> {
        let beside = self.tree.width > 0 && self.hex.width > 0 && at.x == self.tree.right();
        if self.titles.contains(at) && !self.list.is_empty() && !beside {
            // Titles of bytes are tabs; the rule left of them moves.
            return (at.x < self.tree.right()).then_some(Rule::Below);
        }
        (beside && (self.tree.top()..self.tree.bottom()).contains(&at.y)).then_some(Rule::Beside)
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
        View::Flows => match app.opened.as_ref().map(|opened| opened.page) {
            None => flows::draw(buffer, app, &areas),
            Some(FlowPage::Lanes) => lanes::draw(buffer, app, &areas),
            Some(FlowPage::Conversation) => conversation::draw(buffer, app, &areas),
            Some(FlowPage::Session) => session::draw(buffer, app, &areas),
            Some(FlowPage::Units) => units::draw(buffer, app, &areas),
        },
        View::Leaks => leaks::draw(buffer, app, &areas),
        View::Journey => journey::draw(buffer, app, &areas),
        View::Names => names::draw(buffer, app, &areas),
        View::Exposure => ledger::draw(buffer, app, &areas),
    }
    pages::draw(buffer, app, &areas);
    let mut cursor = status::draw(buffer, app, &areas);
    match &app.overlay {
        Overlay::Help(top) => help::draw(buffer, app, *top),
        Overlay::Explain(top) => explain::draw(buffer, app, *top),
        Overlay::Palette(palette) => cursor = Some(palette::draw(buffer, app, palette)),
        Overlay::Ask(_) | Overlay::None => {}
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

/// A line at the right end of an area; returns its first column.
fn put_right(buffer: &mut Buffer, area: Rect, line: &Line<'_>) -> u16 {
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
    let x = area.right() - width;
    buffer.set_line(x, area.y, line, width);
    x
}

/// Rows of a list: those that are visible, the selected one tinted.
fn rows<'a>(
    buffer: &mut Buffer,
    app: &App,
    areas: &Areas,
    at: (usize, usize, usize),
    line: impl Fn(usize) -> Line<'a>,
) {
    let (selected, top, count) = at;
    let area = areas.rows;
    for (row, y) in (top..count).zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, &line(row), area.width);
        if row == selected {
            tint(buffer, Rect { y, height: 1, ..area }, app.theme.selected(true));
        }
    }
}

/// The column at `x` of a line that begins with a blank; each has its width, and a gap behind it.
fn column_at<C: Copy>(columns: &[(C, usize)], gap: usize, x: usize) -> Option<C> {
    let mut end = 1;
    let mut columns = columns.iter();
    columns.find_map(|(column, width)| {
        end += width + gap;
        (x < end).then_some(*column)
    })
}

/// Something that stands where there are no rows.
fn instead(buffer: &mut Buffer, app: &App, areas: &Areas, text: &str) {
    let area = areas.rows;
    if !area.is_empty() {
        let room = usize::from(area.width.saturating_sub(3));
        buffer.set_stringn(area.x + 2, area.y, fit(text, room), room, app.theme.quiet());
    }
}

/// Gives a row of the screen a style, keeping the colours of its text.
fn tint(buffer: &mut Buffer, area: Rect, style: Style) {
    buffer.set_style(area, style);
}

/// Class, how many bytes: those that are there.
fn present(ledger: &Ledger) -> impl Iterator<Item = (Class, u64)> + '_ {
    ledger.iter().filter(|(_, bytes)| *bytes > 0)
}
