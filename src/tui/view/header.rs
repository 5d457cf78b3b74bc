//! The first line: what is open, which view, and the capture's split.
//!
//! ```text
//!  husk  demo.pcapng   1 Packets  2 Flows  …       118 packets  54 kB  ░▒██████  15 % visible
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::text::{Line, Span};

use super::{Areas, bar, fit, put_right, size, width};
use crate::bytes::Split;
use crate::report::table::{grouped, percent};
use crate::tui::app::{App, View};
use crate::tui::keys::{Action, TABLE};

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.header);
    buffer.set_string(area.x + 1, area.y, "husk", theme.strong());
    let name = fit(&app.title, name_width(app)).into_owned();
    buffer.set_string(area.x + 7, area.y, name, theme.text());
    let mut end = area.x;
    for (view, label, x) in tabs(app, areas) {
        let style = if view == app.view { theme.accent() } else { theme.quiet() };
        buffer.set_stringn(x, area.y, format!(" {label} "), usize::from(area.right().saturating_sub(x)), style);
        end = x + width(&label) as u16 + 2;
    }
    let room = usize::from(area.right().saturating_sub(end + 1));
    if let Some(observer) = app.leaks.observer().filter(|_| app.leaks.is_other()) {
        let text = format!("as {} ", fit(&observer.label, room.saturating_sub(4)));
        put_right(buffer, area, &Line::styled(text, theme.accent()));
        return;
    }
    if let Some(line) = figures(app).into_iter().find(|line| line.width() <= room) {
        put_right(buffer, area, &line);
    }
}

/// Columns for the capture's name.
fn name_width(app: &App) -> usize {
    let most = usize::from(app.size.width / 4).saturating_sub(6);
    width(&app.title).min(most)
}

/// The tabs with their keys; where there is little room only the one that is shown has its name.
fn tabs(app: &App, areas: &Areas) -> impl Iterator<Item = (View, String, u16)> {
    let mut x = areas.header.x + 9 + name_width(app) as u16;
    let named = |short: bool| {
        View::ALL.map(|view| {
            let key = TABLE.iter().find(|binding| binding.action == Action::Show(view));
            let key = key.map(crate::tui::keys::Binding::first_key).unwrap_or_default();
            if short && view != app.view { key } else { format!("{key} {}", view.title()) }
        })
    };
    let room = usize::from(areas.header.right().saturating_sub(x));
    let takes = |labels: &[String]| labels.iter().map(|label| width(label) + 2).sum::<usize>();
    // The capture's split shows beside the tabs.
    let long = named(false);
    let labels = if takes(&long) + 24 <= room { long } else { named(true) };
    View::ALL.into_iter().zip(labels).map(move |(view, label)| {
        let at = x;
        x += width(&label) as u16 + 2;
        (view, label, at)
    })
}

/// The view whose tab is at a place of the screen.
pub(in crate::tui) fn tab_at(app: &App, areas: &Areas, at: Position) -> Option<View> {
    let on_tab = |x: u16, label: &str| (x..x + width(label) as u16 + 2).contains(&at.x);
    let mut tabs = tabs(app, areas).filter(|_| at.y == areas.header.y);
    tabs.find(|(_, label, x)| on_tab(*x, label)).map(|(view, ..)| view)
}

/// The capture in figures, the most telling line first.
fn figures(app: &App) -> Vec<Line<'static>> {
    let (summary, theme) = (&app.summary, app.theme);
    let total = summary.total.total();
    let counts = format!("{} packets  {}  ", grouped(summary.packets as u64), size(total));
    let part = |split, name: &str| format!("{} {name}", percent(summary.total.split(split), total));
    let visible = part(Split::Visible, "visible");
    let all = format!("{visible} · {} · {}", part(Split::Encrypted, "encrypted"), part(Split::Neither, "neither"));
    let line = |counts: String, cells: usize, words: String| {
        let mut spans = vec![Span::styled(counts, theme.quiet())];
        spans.extend(bar(&summary.total, cells, theme));
        spans.push(Span::styled(format!("  {words} "), theme.text()));
        Line::from(spans)
    };
    vec![
        line(counts.clone(), 24, all),
        line(counts.clone(), 12, visible.clone()),
        line(counts, 6, visible.clone()),
        line(String::new(), 6, visible.clone()),
        Line::styled(format!("{visible} "), theme.text()),
    ]
}
