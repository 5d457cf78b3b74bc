//! The observer's notebook: left who is looking and what reaches them, right what they know now, newest last.
//!
//! ```text
//!  who is looking   internet provider            What they know now
//!  sees   addresses, ports, names          0.041 asked for shop.example
//!  dark   link addresses                         certain · DNS question, packet 17, bytes 54-67 · hidden by …
//!  bytes  ░░░▒███████                      0.060 …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Areas, bar, instead, present, right, rows, rule, size, title};
use crate::bytes::{Class, Confidence};
use crate::exposure::observer::{Packets, Sight};
use crate::report::table::{counted, grouped, percent, seconds, wrapped};
use crate::tui::app::App;
use crate::tui::pane::{Known, LeakRow, Notebook};
use crate::tui::theme::Theme;

/// Columns of the time.
const TIME: usize = 9;

/// Lines of the card below.
pub(super) const CARD: u16 = 5;

/// From this width on each thing that is known has a second line: how, where, and what would hide it.
pub(in crate::tui) const WIDE: u16 = 100;

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let theme = app.theme;
    let area = areas.rows_head;
    let count = app.leaks.notebook().map_or(0, |notebook| notebook.known.len() as u64);
    let mut head = format!(" {}  What they know now · {}", right("Time", TIME), counted(count, "thing"));
    if areas.side.is_empty()
        && let Some(observer) = app.leaks.observer()
    {
        head = format!(" {} knows {}", observer.label, counted(count, "thing"));
    }
    buffer.set_stringn(area.x, area.y, head, area.width.into(), theme.quiet());
    looking(buffer, app, areas.side);
    card(buffer, app, areas.card);
    let Some(notebook) = app.leaks.notebook() else {
        return instead(buffer, app, areas, "looking with their eyes");
    };
    if notebook.known.is_empty() {
        return instead(buffer, app, areas, "nothing: no packet that tells them anything passes them");
    }
    let at = (app.leaks.roll.selected, app.leaks.roll.top, app.leaks.len());
    rows(buffer, app, areas, at, |row| match app.leaks.row(row) {
        Some(LeakRow::Told(at)) => {
            notebook.known.get(at).map_or_else(Line::default, |known| told(app, notebook, known))
        }
        Some(LeakRow::About(at)) => notebook.known.get(at).map_or_else(Line::default, |known| about(app, known)),
        None => Line::default(),
    });
}

fn told(app: &App, notebook: &Notebook, known: &Known) -> Line<'static> {
    let theme = app.theme;
    let time = known.time.map_or_else(String::new, |time| {
        let mut text = seconds(time.saturating_sub(notebook.start));
        text.truncate(text.len().saturating_sub(5));
        text
    });
    let mut spans = vec![
        Span::styled(format!(" {}  ", right(&time, TIME)), theme.quiet()),
        Span::styled(known.sentence.clone(), theme.class(known.kind.class)),
    ];
    if known.times > 1 {
        spans.push(Span::styled(format!("  ×{}", grouped(known.times.into())), theme.quiet()));
    }
    if known.sight == Sight::Partly {
        spans.push(Span::styled("  (in part)", theme.quiet()));
    }
    Line::from(spans)
}

fn about(app: &App, known: &Known) -> Line<'static> {
    let text = format!("{}{}", " ".repeat(TIME + 3), sources(known));
    Line::styled(text, app.theme.quiet())
}

/// How sure something is, where it stands, and what would hide it.
fn sources(known: &Known) -> String {
    let sure = match known.confidence {
        Confidence::Certain => "certain",
        Confidence::Inferred => "inferred",
        Confidence::Guess => "likely",
    };
    let place =
        known.evidence.map_or_else(String::new, |at| format!(", packet {}, bytes {}-{}", at.packet, at.from, at.to));
    let site = known.site.as_ref().map_or_else(String::new, |site| format!(" · {site}"));
    format!("{sure} · {}{place}{site} · hidden by: {}", known.kind.label, known.kind.hidden_by)
}

/// The selected line in full: nothing of it is cut.
fn card(buffer: &mut Buffer, app: &App, area: Rect) {
    let Some(known) = app.leaks.selected().filter(|_| !area.is_empty()) else { return };
    let theme = app.theme;
    rule(buffer, theme, Rect { height: 1, ..area });
    title(buffer, theme, Rect { height: 1, ..area }, false, known.kind.label);
    let room = usize::from(area.width).saturating_sub(2);
    let told = wrapped(&known.sentence, room).into_iter().map(|line| (line, theme.class(known.kind.class)));
    let told: Vec<_> =
        told.take(2).chain(wrapped(&sources(known), room).into_iter().map(|l| (l, theme.quiet()))).collect();
    for ((text, style), row) in told.into_iter().zip(area.rows().skip(1)) {
        buffer.set_stringn(row.x + 1, row.y, text, room, style);
    }
}

/// A paragraph with its heading at the margin.
fn paragraph(theme: Theme, heading: &str, text: &str, room: usize) -> Vec<Line<'static>> {
    let lines = wrapped(text, room).into_iter().enumerate();
    let line = |(n, line): (usize, String)| {
        let heading = if n == 0 { heading } else { "" };
        Line::from(vec![Span::styled(format!(" {heading:<8}"), theme.quiet()), Span::styled(line, theme.text())])
    };
    lines.map(line).collect()
}

/// Who is looking, what reaches them, and what does not.
fn looking(buffer: &mut Buffer, app: &App, area: Rect) {
    let (theme, Some(observer)) = (app.theme, app.leaks.observer().filter(|_| !area.is_empty())) else { return };
    let room = usize::from(area.width).saturating_sub(11).max(8);
    let mut lines = Vec::new();
    for (n, words) in wrapped(&observer.label, room).into_iter().enumerate() {
        let heading = if n == 0 { "looking" } else { "" };
        let heading = Span::styled(format!(" {heading:<8}"), theme.quiet());
        lines.push(Line::from(vec![heading, Span::styled(words, theme.accent())]));
    }
    lines.push(Line::default());
    let mut tell = |heading: &str, text: &str| lines.extend(paragraph(theme, heading, text, room));
    let passes = match observer.packets {
        Packets::All => "every packet of this capture",
        Packets::Group => "what is sent to everybody on the link",
        Packets::Routed => "what leaves the local network",
        Packets::None => "nothing of this capture",
    };
    tell("passes", passes);
    let names = |reads: bool| {
        let some = Class::ALL.into_iter().filter(|class| observer.reads(*class) == reads).map(Class::name);
        some.collect::<Vec<_>>().join(", ")
    };
    tell("reads", &names(true));
    tell("dark", &names(false));
    if let Some(notebook) = app.leaks.notebook() {
        lines.extend(amounts(app, notebook, room));
        if !notebook.dark.is_empty() {
            lines.push(Line::default());
            let text = format!("to them, though it is in the capture: {}", notebook.dark.join(", "));
            lines.extend(paragraph(theme, "unknown", &text, room));
        }
    }
    if !observer.knows.is_empty() {
        lines.push(Line::default());
        let text = format!("{} (this capture does not show it)", observer.knows.join("; "));
        lines.extend(paragraph(theme, "knows", &text, room));
    }
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width.saturating_sub(1));
    }
    for y in area.top()..area.bottom() {
        buffer.set_string(area.right().saturating_sub(1), y, "│", theme.rule());
    }
}

/// How many packets pass them, and what those bytes are to them.
fn amounts(app: &App, notebook: &Notebook, room: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let seen = notebook.ledger.total();
    let all = app.summary.packets as u64;
    let mut lines = vec![Line::default()];
    lines.extend(paragraph(theme, "packets", &format!("{} of {}", grouped(notebook.packets), grouped(all)), room));
    let mut bytes = vec![Span::styled(" bytes   ", theme.quiet())];
    bytes.extend(bar(&notebook.ledger, room, theme));
    lines.push(Line::from(bytes));
    for (class, bytes) in present(&notebook.ledger) {
        lines.push(Line::from(vec![
            Span::styled(format!("         {} ", class.glyph()), theme.class(class)),
            Span::styled(format!("{} {}  ", right(&percent(bytes, seen), 7), class.name()), theme.text()),
            Span::styled(size(bytes), theme.quiet()),
        ]));
    }
    if notebook.unseen > 0 {
        let all = seen + notebook.unseen;
        let text = format!("{} of {} bytes that pass", grouped(notebook.unseen), grouped(all));
        lines.extend(paragraph(theme, "unseen", &text, room));
    }
    lines
}
