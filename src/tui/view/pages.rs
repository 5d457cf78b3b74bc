//! The pages of a view, as tabs on a rule; the selected one is accented.
//!
//! ```text
//! ─ flow 10 · shop.example ──────────────── lanes  conversation  session  units ─
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Areas, fit, rule, width};
use crate::tui::app::{App, View};

/// Where each page's tab begins, at the right end of the rule.
fn tabs(app: &App, area: Rect) -> Vec<(usize, &'static str, u16)> {
    let (titles, _) = app.pages();
    let taken: usize = titles.iter().map(|title| width(title) + 2).sum();
    let mut x = area.right().saturating_sub(taken as u16 + 1).max(area.x);
    let mut tabs = Vec::new();
    for (at, title) in titles.into_iter().enumerate() {
        tabs.push((at, title, x));
        x += width(title) as u16 + 2;
    }
    tabs
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.pages);
    if area.is_empty() {
        return;
    }
    rule(buffer, theme, area);
    let (_, shown) = app.pages();
    let tabs = tabs(app, area);
    let start = tabs.first().map_or(area.right(), |(_, _, x)| *x);
    for (at, title, x) in tabs {
        let style = if at == shown { theme.accent() } else { theme.quiet() };
        buffer.set_stringn(x, area.y, format!(" {title} "), usize::from(area.right().saturating_sub(x)), style);
    }
    let title = title(app);
    let room = usize::from(start.saturating_sub(area.x + 2));
    if room > 6 && !title.is_empty() {
        let text = format!(" {} ", fit(&title, room.saturating_sub(2)));
        buffer.set_string(area.x + 1, area.y, text, theme.text());
    }
}

fn title(app: &App) -> String {
    match (app.view, &app.opened) {
        (View::Flows, Some(opened)) => {
            let line = app.flows.lines.iter().find(|line| line.number == opened.flow);
            match line {
                Some(line) => {
                    let name = line.name.as_ref().map_or(line.server.as_str(), |(name, _)| name);
                    format!("flow {} · {name} · {}", opened.flow, line.stack.join(" › "))
                }
                None => format!("flow {}", opened.flow),
            }
        }
        _ => String::new(),
    }
}

/// The page whose tab is at a place of the screen.
pub(in crate::tui) fn page_at(app: &App, areas: &Areas, at: Position) -> Option<usize> {
    let on_tab = |x: u16, title: &str| (x..x + width(title) as u16 + 2).contains(&at.x);
    let mut tabs = tabs(app, areas.pages).into_iter().filter(|_| areas.pages.contains(at));
    tabs.find(|(_, title, x)| on_tab(*x, title)).map(|(page, ..)| page)
}
