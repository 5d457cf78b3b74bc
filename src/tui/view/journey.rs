//! What happened on the way to each site, to scale in time.
//!
//! ```text
//!  shop.example                       0 ms      25        50        75       100
//!  name      A? shop.example          ▒▒▒▒▒                                        27 ms
//!  connect   v6 [2001:db8::7]:443          ░░░░░░░░░░░░░░                          250 ms  no answer: v4 won
//!  secure    TLS 1.3, 1 round trip                ▒▒▒▒                              14 ms
//!  burst     burst 1                                 ███████                        22 ms  0.4 kB out, 10.3 kB in
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Areas, fit, instead, left, right, rows, rule, size, title};
use crate::exposure::{Step, StepKind, Visit};
use crate::report::table::{counted, delay};
use crate::tui::app::App;
use crate::tui::pane::JourneyRow;

/// Columns that are fixed: kind, and how long it took.
const KIND: usize = 8;
const TOOK: usize = 8;

struct Scale {
    start: i64,
    length: i64,
    what: usize,
    cells: usize,
}

impl Scale {
    /// The scale of what is listed: one site's, or that of all.
    fn new(app: &App, total: usize) -> Scale {
        let (start, end) = match (app.journey.visit(), app.journey.visits()) {
            (Some(visit), _) => (visit.start(), visit.end()),
            (None, Some(visits)) => {
                (visits.iter().map(Visit::start).min().unwrap_or(0), visits.iter().map(Visit::end).max().unwrap_or(0))
            }
            (None, None) => (0, 0),
        };
        Scale::of(start, end, total)
    }

    fn of(start: i64, end: i64, total: usize) -> Scale {
        let what = (total / 4).clamp(14, 40);
        let cells = total.saturating_sub(KIND + what + TOOK + 5 + total / 5).max(8);
        Scale { start, length: end.saturating_sub(start).max(1), what, cells }
    }

    /// The first cell of a span of time, and how many it takes; what took no time shows too.
    fn place(&self, start: i64, end: i64) -> (usize, usize) {
        let cell = |time: i64| {
            let since = i128::from(time.saturating_sub(self.start).clamp(0, self.length));
            usize::try_from(since * self.cells as i128 / i128::from(self.length)).unwrap_or(0)
        };
        let from = cell(start).min(self.cells - 1);
        (from, (cell(end).max(from + 1) - from).min(self.cells - from))
    }
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let total = usize::from(areas.rows.width);
    let scale = Scale::new(app, total);
    axis(buffer, app, areas.rows_head, &scale, app.journey.visit().map_or("all sites", |visit| visit.name.as_str()));
    let count = app.journey.len();
    if count == 0 {
        let text = match app.journey.visits() {
            None => "working out the way to each site",
            Some(_) if app.is_busy() => "reading",
            Some(_) => "no flow of this capture has a name: there is no site to tell the way to",
        };
        return instead(buffer, app, areas, text);
    }
    let at = (app.journey.roll.selected, app.journey.roll.top, count);
    rows(buffer, app, areas, at, |row| match app.journey.row(row) {
        Some(JourneyRow::Step(told)) => step(app, told, &scale),
        Some(JourneyRow::Site(visit)) => site(app, visit, &scale),
        None => Line::default(),
    });
    card(buffer, app, areas.card);
}

/// Whose time it is, and its marks.
fn axis(buffer: &mut Buffer, app: &App, area: Rect, scale: &Scale, whose: &str) {
    let theme = app.theme;
    let label = KIND + scale.what + 2;
    buffer.set_string(area.x + 1, area.y, fit(whose, label.saturating_sub(1)), theme.strong());
    let start = area.x + label as u16;
    let mut free = start;
    for quarter in 0..=4_u16 {
        let at = start + (scale.cells as u16).saturating_sub(1) * quarter / 4;
        let text = delay(scale.length / 4 * i64::from(quarter));
        let text = if quarter == 0 { "0".to_owned() } else { text };
        // Marks stand where they belong or not at all.
        if at >= free && usize::from(at - area.x) + text.chars().count() < usize::from(area.width) {
            buffer.set_string(at, area.y, &text, theme.quiet());
            free = at + text.chars().count() as u16 + 2;
        }
    }
}

fn bar(app: &App, scale: &Scale, start: i64, end: i64, kind: StepKind) -> [Span<'static>; 2] {
    let (from, cells) = scale.place(start, end);
    let glyphs = kind.class().glyph().to_string().repeat(cells);
    [Span::raw(" ".repeat(from)), Span::styled(left(&glyphs, scale.cells - from), app.theme.class(kind.class()))]
}

fn step(app: &App, step: &Step, scale: &Scale) -> Line<'static> {
    let theme = app.theme;
    let mut spans = vec![
        Span::styled(format!(" {} ", left(step.kind.name(), KIND)), theme.quiet()),
        Span::styled(format!("{} ", left(&fit(&step.what, scale.what), scale.what - 1)), theme.text()),
    ];
    spans.extend(bar(app, scale, step.start, step.end, step.kind));
    let took = step.end.saturating_sub(step.start);
    spans.push(Span::styled(format!(" {}", right(&delay(took), TOOK)), theme.text()));
    let [out, back] = step.bytes;
    let amount = if out + back > 0 { format!("  {} out, {} in", size(out), size(back)) } else { String::new() };
    spans.push(Span::styled(amount, theme.quiet()));
    spans.extend(step.outcome.map(|outcome| Span::styled(format!("  {outcome}"), theme.strong())));
    Line::from(spans)
}

fn site(app: &App, visit: &Visit, scale: &Scale) -> Line<'static> {
    let theme = app.theme;
    let width = KIND + scale.what;
    let mut spans = vec![Span::styled(format!(" {} ", left(&fit(&visit.name, width), width)), theme.text())];
    let cells = scale.cells;
    // Steps of all kinds in one bar: the last one that falls into a cell shows.
    let mut line: Vec<Option<StepKind>> = vec![None; cells];
    for step in &visit.steps {
        let (from, length) = scale.place(step.start, step.end);
        line.iter_mut().skip(from).take(length).for_each(|cell| *cell = Some(step.kind));
    }
    for cell in line {
        spans.push(match cell {
            Some(kind) => Span::styled(kind.class().glyph().to_string(), theme.class(kind.class())),
            None => Span::raw(" "),
        });
    }
    let [out, back] = visit.bytes();
    let took = visit.end().saturating_sub(visit.start());
    spans.push(Span::styled(format!(" {}", right(&delay(took), TOOK)), theme.text()));
    spans.push(Span::styled(format!("  {} out, {} in", size(out), size(back)), theme.quiet()));
    Line::from(spans)
}

/// The selected row in words.
fn card(buffer: &mut Buffer, app: &App, area: Rect) {
    let Some(row) = app.journey.row(app.journey.roll.selected).filter(|_| !area.is_empty()) else { return };
    let theme = app.theme;
    rule(buffer, theme, Rect { height: 1, ..area });
    let (heading, text) = match row {
        JourneyRow::Step(step) => {
            let since = delay(step.start.saturating_sub(app.journey.visit().map_or(0, Visit::start)));
            let what = match step.kind {
                StepKind::Name => "the name was asked for; whoever carries DNS reads it",
                StepKind::Connect => "the connection was opened: one round trip shows how far away the server is",
                StepKind::Secure => "keys were negotiated: the hellos stand in the clear, names among them",
                StepKind::Exchange => "asked and answered in the clear",
                StepKind::Burst => "something sealed was asked for and came: only how much, and when, can be seen",
            };
            (format!("{} · flow {} · packet {} · after {since}", step.what, step.flow, step.packet), what.to_owned())
        }
        JourneyRow::Site(visit) => {
            let steps = counted(visit.steps.len() as u64, "step");
            (visit.name.clone(), format!("{steps}; Enter shows each to the site's own scale"))
        }
    };
    title(buffer, theme, Rect { height: 1, ..area }, false, &heading);
    let mut area = area;
    if let JourneyRow::Site(visit) = row {
        let height = area.height.saturating_sub(3);
        let steps = super::cut_top(&mut area, height);
        preview(buffer, app, Rect { y: steps.y + 1, ..steps }, visit);
    }
    buffer.set_stringn(area.x + 1, area.y + 1, text, area.width.saturating_sub(1).into(), theme.text());
    let mut legend = Vec::new();
    for kind in [StepKind::Name, StepKind::Connect, StepKind::Secure, StepKind::Exchange, StepKind::Burst] {
        legend.push(Span::styled(format!(" {}", kind.class().glyph()), theme.class(kind.class())));
        legend.push(Span::styled(format!(" {} ", kind.name()), theme.quiet()));
    }
    buffer.set_line(area.x, area.y + 2, &Line::from(legend), area.width);
}

/// The steps of a site, to its own scale.
fn preview(buffer: &mut Buffer, app: &App, area: Rect, visit: &Visit) {
    let scale = Scale::of(visit.start(), visit.end(), area.width.into());
    let mut lines = area.rows();
    if let Some(head) = lines.next() {
        axis(buffer, app, head, &scale, "to its own scale");
    }
    for (told, row) in visit.steps.iter().zip(lines) {
        buffer.set_line(row.x, row.y, &step(app, told, &scale), row.width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_no_time_shows_and_nothing_leaves_the_scale() {
        let scale = Scale { start: 100, length: 1000, what: 10, cells: 20 };
        assert_eq!(scale.place(100, 1100), (0, 20));
        assert_eq!(scale.place(600, 600), (10, 1));
        assert_eq!(scale.place(1100, 1100), (19, 1));
        assert_eq!(scale.place(0, 9000), (0, 20));
    }
}
