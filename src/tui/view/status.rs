//! The last line: what can be done, or is asked, or was said; and how the capture is doing.
//!
//! ```text
//!  Tab pane  / filter  f flow  c colours  ? keys  q quit                reading 34 %  23 of 118
//!  filter: tls.handshake.type = 1
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::{Areas, fit, left, put_right, width};
use crate::report::table::{self, grouped};
use crate::tui::app::{App, Overlay, View};
use crate::tui::ask::Prompt;
use crate::tui::keys;
use crate::tui::worker::Reading;

/// Draws the line. Returns where the cursor stands while something is typed.
pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) -> Option<Position> {
    let (theme, area) = (app.theme, areas.status);
    match &app.overlay {
        Overlay::Ask(asked) => {
            let cursor = prompt(buffer, app, area, asked.question.label(), &asked.input);
            match &asked.wrong {
                Some((column, what)) => complain(buffer, app, area, (*column, what), asked),
                None => offer(buffer, app, area, asked, cursor.x),
            }
            return Some(cursor);
        }
        Overlay::None | Overlay::Help(_) | Overlay::Explain(_) | Overlay::Palette(_) => {}
    }
    let state = state(app);
    let start = put_right(buffer, area, &state);
    let room = usize::from(start.saturating_sub(area.x + 1));
    if let Some(message) = &app.message {
        buffer.set_string(area.x + 1, area.y, fit(message, room), theme.text());
        return None;
    }
    let mut spans = Vec::new();
    let mut used = 0;
    let opened = app.view == View::Flows && app.opened.is_some();
    for binding in keys::TABLE.iter().filter(|binding| binding.views.has(app.view, opened)) {
        let Some(hint) = binding.hint else { continue };
        let key = binding.first_key();
        let takes = width(&key) + width(hint) + 3;
        if used + takes > room {
            break;
        }
        used += takes;
        spans.push(Span::styled(format!(" {key}"), theme.strong()));
        spans.push(Span::styled(format!(" {hint} "), theme.quiet()));
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), room as u16);
    None
}

fn prompt(buffer: &mut Buffer, app: &App, area: Rect, label: &str, input: &Input) -> Position {
    let room = usize::from(area.width).saturating_sub(width(label) + 2);
    let scroll = input.visual_scroll(room);
    buffer.set_string(area.x + 1, area.y, label, app.theme.accent());
    // What is typed is shown as it is; a control character cannot be typed.
    let shown: String = input.value().chars().skip(scroll).collect();
    let x = area.x + 1 + width(label) as u16;
    buffer.set_stringn(x, area.y, shown, room, app.theme.text());
    let cursor = input.visual_cursor().saturating_sub(scroll) as u16;
    Position::new((x + cursor).min(area.right().saturating_sub(1)), area.y)
}

/// What is wrong with what was typed, and a caret above the place.
fn complain(buffer: &mut Buffer, app: &App, area: Rect, (at, what): (usize, &str), asked: &Prompt) {
    let (theme, room) = (app.theme, usize::from(area.width));
    let before = asked.input.value().get(..at).map_or(0, width);
    let caret = (width(asked.question.label()) + 1 + before).min(room.saturating_sub(1));
    let what = crate::bytes::escape(what);
    for (text, above) in [(format!(" {what}"), 2), (format!("{}▾", " ".repeat(caret)), 1)] {
        let y = area.y.saturating_sub(above);
        buffer.set_string(area.x, y, left(&text, room), theme.strong());
    }
}

/// How the word at the cursor may go on: a few of the offers above the line, the one that was taken accented.
fn offer(buffer: &mut Buffer, app: &App, area: Rect, asked: &Prompt, cursor: u16) {
    const MOST: usize = 6;
    let theme = app.theme;
    let rows = asked.offers.len().min(MOST).min(usize::from(area.y.saturating_sub(2)));
    let first = asked.taken.map_or(0, |taken| taken.saturating_sub(rows.saturating_sub(1)));
    let shown: Vec<_> = asked.offers.iter().enumerate().skip(first).take(rows).collect();
    let word = shown.iter().map(|(_, offer)| width(&offer.word)).max().unwrap_or(0).min(48);
    let about = shown.iter().map(|(_, offer)| width(&offer.about)).max().unwrap_or(0).min(32);
    let total = ((word + about + 4) as u16).min(area.width);
    let x = cursor.min(area.right().saturating_sub(total));
    for ((at, offer), above) in shown.iter().rev().zip(1..) {
        let style = if asked.taken == Some(*at) { theme.accent() } else { theme.text() };
        let row = Rect { x, y: area.y.saturating_sub(above), width: total, height: 1 };
        let line = Line::from(vec![
            Span::styled(format!(" {}  ", left(&offer.word, word)), style),
            Span::styled(format!("{} ", left(&offer.about, about)), theme.quiet()),
        ]);
        buffer.set_string(row.x, row.y, " ".repeat(row.width.into()), theme.text());
        buffer.set_line(row.x, row.y, &line, row.width);
        super::tint(buffer, row, theme.selected(false));
    }
}

/// How much of the capture was read.
fn share(app: &App) -> String {
    let (taken, size) = (app.summary.status.taken, app.summary.status.size.unwrap_or(0));
    let share = taken.saturating_mul(100).checked_div(size).map(|share| format!(" {} %", share.min(100)));
    share.unwrap_or_default()
}

/// How the capture is doing.
fn state(app: &App) -> Line<'static> {
    let (summary, theme) = (&app.summary, app.theme);
    let mut parts: Vec<String> = Vec::new();
    let mut loud: Vec<String> = Vec::new();
    match (&summary.status.reading, &summary.pulse) {
        (Reading::Busy | Reading::Waiting, Some(pulse)) if pulse.halted => loud.push("halted".to_owned()),
        (Reading::Busy, None) => parts.push(format!("reading{}", share(app))),
        (Reading::Busy | Reading::Waiting, _) => {
            parts.push(if app.listing.follows() { "live" } else { "live, holding still" }.to_owned());
        }
        (Reading::Done, _) => {}
        (Reading::Failed(why), _) => loud.push(why.clone()),
    }
    if let Some(pulse) = &summary.pulse {
        let wide = usize::from(app.size.width) >= 100;
        if wide && pulse.received > 0 {
            parts.push(format!("{} received", grouped(pulse.received)));
        }
        match pulse.dropped() {
            0 => parts.push("0 dropped".to_owned()),
            _ => loud.push(format!(
                "dropped: {} by kernel, {} by interface, {} by husk",
                grouped(pulse.by_kernel),
                grouped(pulse.by_interface),
                grouped(pulse.by_husk)
            )),
        }
        if pulse.cut > 0 {
            parts.push(format!("{} B cut", grouped(pulse.cut)));
        }
        loud.extend(pulse.error.clone());
    }
    loud.extend(summary.status.damage.clone());
    let dropped = summary.dropped;
    if let [first, rest @ ..] = table::dropped(&dropped).as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        loud.push(format!("left out: {first}{more}"));
    }
    if summary.missing > 0 && summary.pulse.is_none() && usize::from(app.size.width) >= 100 {
        parts.push(format!("{} B not captured", grouped(summary.missing)));
    }
    let place = match app.view {
        View::Packets => (app.listing.selected + 1, app.listing.len()),
        View::Flows => match &app.opened {
            Some(opened) => (opened.roll.selected + 1, opened.len()),
            None => (app.flows.roll.selected + 1, summary.flows),
        },
        View::Leaks => (app.leaks.roll.selected + 1, app.leaks.len()),
        View::Journey => (app.journey.roll.selected + 1, app.journey.len()),
        View::Names => (app.names.roll.selected + 1, app.names.len()),
        View::Exposure => (app.ledger.roll.selected + 1, app.ledger.rows().len()),
    };
    if place.1 > 0 {
        parts.push(format!("{} of {}", grouped(place.0 as u64), grouped(place.1 as u64)));
    }
    let most = usize::from(app.size.width / 2);
    let mut spans = Vec::new();
    if !loud.is_empty() {
        let text = crate::bytes::escape(&loud.join(" · ")).into_owned();
        spans.push(Span::styled(format!(" {} ", fit(&text, most)), theme.strong()));
    }
    spans.push(Span::styled(format!(" {} ", parts.join(" · ")), theme.quiet()));
    Line::from(spans)
}
