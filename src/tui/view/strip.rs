//! Every byte of the frame, to scale, and what they are.
//!
//! ```text
//! ── every byte ──────────────────────────────── 66 visible · 1,431 encrypted · 5 neither ──
//! ░░░░░░▒██████████████████████████████████████████████████████████████████████████████████
//! ░ 14 link  ░ 20 network  ░ 32 transport  ▒ 5 metadata  █ 1,415 sealed  █ 16 tag
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Areas, present, title};
use crate::bytes::{Class, Ledger, Split};
use crate::report::table::{grouped, percent};
use crate::tui::app::{App, Focus};
use crate::tui::detail::Detail;

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.strip);
    let Some(detail) = app.detail.as_ref().filter(|_| !area.is_empty()) else { return };
    title(buffer, theme, areas.strip_title, app.focus == Focus::Strip, "every byte");
    let ledger = detail.explained.ledger();
    split(buffer, app, areas.strip_title, &ledger);
    let classes = &detail.explained.classes;
    let marked = if detail.source == 0 { app.marked() } else { 0..0 };
    let bars = Rect { height: area.height - 1, ..area };
    for n in 0..area.width {
        let (from, to) = range(n, area.width, classes.len());
        let Some(class) = prevailing(classes.get(from..to).unwrap_or_default()) else { continue };
        let mut style = if app.is_dark(class) { theme.rule() } else { theme.class(class) };
        if from < marked.end && to > marked.start {
            style = style.patch(theme.marked());
        }
        if app.focus == Focus::Strip && (from..to).contains(&(detail.byte as usize)) {
            style = style.patch(theme.cursor());
        }
        let glyph = if app.is_dark(class) { '╌' } else { class.glyph() };
        for y in bars.top()..bars.bottom() {
            buffer.set_string(area.x + n, y, glyph.encode_utf8(&mut [0; 4]), style);
        }
    }
    legend(buffer, app, Rect { y: area.bottom() - 1, height: 1, ..area }, &ledger);
}

/// The split in figures, at the right end of the rule.
fn split(buffer: &mut Buffer, app: &App, area: Rect, ledger: &Ledger) {
    let total = ledger.total();
    let sides = [(Split::Visible, "visible"), (Split::Encrypted, "encrypted"), (Split::Neither, "neither")];
    let text = |shares: bool| {
        let parts = sides.map(|(side, name)| {
            let bytes = ledger.split(side);
            let share = if shares && bytes > 0 { format!(" ({})", percent(bytes, total)) } else { String::new() };
            format!("{} {name}{share}", grouped(bytes))
        });
        format!(" {} ", parts.join(" · "))
    };
    let room = usize::from(area.width).saturating_sub(16);
    if let Some(text) = [text(true), text(false)].into_iter().find(|text| super::width(text) <= room) {
        let x = area.right() - super::width(&text) as u16 - 1;
        buffer.set_string(x, area.y, text, app.theme.text());
    }
}

/// What the glyphs and colours mean, and how much of it there is; letters where there is little room.
fn legend(buffer: &mut Buffer, app: &App, area: Rect, ledger: &Ledger) {
    let theme = app.theme;
    let line = |long: bool| {
        let mut spans = Vec::new();
        for (class, bytes) in present(ledger) {
            let glyph = if app.letters { class.letter() } else { class.glyph() };
            spans.push(Span::styled(format!(" {glyph}"), theme.class(class)));
            let name = if long { class.name() } else { class.name().get(..4).unwrap_or(class.name()) };
            spans.push(Span::styled(format!(" {} {name} ", grouped(bytes)), theme.quiet()));
        }
        Line::from(spans)
    };
    let long = line(true);
    let line = if long.width() <= usize::from(area.width) { long } else { line(false) };
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// The bytes under the n-th of `cells`.
fn range(n: u16, cells: u16, bytes: usize) -> (usize, usize) {
    let (n, cells) = (usize::from(n), usize::from(cells).max(1));
    let from = n * bytes / cells;
    (from, ((n + 1) * bytes / cells).max(from + 1))
}

/// The class that most of these bytes are of.
fn prevailing(classes: &[Class]) -> Option<Class> {
    let mut ledger = Ledger::default();
    for class in classes {
        ledger.add(*class, 1);
    }
    present(&ledger).max_by_key(|(_, bytes)| *bytes).map(|(class, _)| class)
}

/// The byte at a place of the screen.
pub(in crate::tui) fn byte_at(detail: &Detail, areas: &Areas, at: Position) -> Option<u32> {
    let area = areas.strip;
    let bytes = detail.explained.classes.len();
    let (from, _) = range(at.x.checked_sub(area.x)?, area.width, bytes);
    (from < bytes).then_some(from as u32)
}

/// The first byte of the run of one class behind or before the one that holds `byte`.
pub(in crate::tui) fn neighbouring_run(classes: &[Class], byte: usize, forward: bool) -> usize {
    let mut starts = vec![0];
    let mut at = 0;
    for run in classes.chunk_by(|a, b| a == b) {
        at += run.len();
        starts.push(at);
    }
    starts.pop();
    let here = starts.partition_point(|start| *start <= byte).saturating_sub(1);
    let next = match forward {
        true => here + 1,
        false if starts.get(here).is_some_and(|start| *start < byte) => here,
        false => here.saturating_sub(1),
    };
    starts.get(next).copied().unwrap_or(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_shows_every_byte_and_none_twice_if_there_is_room_for_less() {
        let all: Vec<(usize, usize)> = (0..80).map(|n| range(n, 80, 1502)).collect();
        assert_eq!((all.first().map(|r| r.0), all.last().map(|r| r.1)), (Some(0), Some(1502)));
        assert!(all.windows(2).all(|two| two.first().map(|r| r.1) == two.last().map(|r| r.0)));
    }

    #[test]
    fn moving_along_runs() {
        use Class::{Link, Network, Sealed};
        let classes = [Link, Link, Network, Sealed, Sealed];
        assert_eq!(neighbouring_run(&classes, 0, true), 2);
        assert_eq!(neighbouring_run(&classes, 4, true), 4);
        assert_eq!(neighbouring_run(&classes, 4, false), 3);
        assert_eq!(neighbouring_run(&classes, 3, false), 2);
    }
}
