//! The list of flows, and the selected one in figures.
//!
//! ```text
//!  No  Spoken           Client → Server                        Packets   Bytes  Split     Name
//!   2  tcp › tls1.3     192.0.2.10:52344 → 203.0.113.7:443      41+77  101 kB  ░▒██████  shop.example
//! ── flow 2 · shop.example (SNI) ─────────────────────────────────────────────────────────
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::packets::ends;
use super::{Areas, bar, left, present, right, rule, size, tint, title, width};
use crate::bytes::Split;
use crate::report::table::{grouped, percent, seconds};
use crate::tui::app::App;
use crate::tui::flows::FlowLine;

/// Below this width a flow is named by its uppermost protocol, and its client by its address alone.
const NARROW: usize = 100;

struct Columns {
    gap: &'static str,
    number: usize,
    stack: usize,
    ends: usize,
    packets: usize,
    bytes: usize,
}

impl Columns {
    fn new(app: &App, total: usize) -> Columns {
        let widest = |cell: &dyn Fn(&FlowLine) -> usize, least: usize| {
            app.flows.lines.iter().map(cell).max().unwrap_or(0).max(least)
        };
        let gap = if total < NARROW { " " } else { "  " };
        let number = app.summary.flows.to_string().len().max(3);
        let packets = widest(&|line| packets(line).len(), 7);
        let stack = widest(&|line| width(&spoken(line, gap)), 6).min(30);
        let fixed = number + stack + packets + 7 + 8 + gap.len() * 6 + 1;
        let name = widest(&|line| line.name.as_ref().map_or(0, |(name, _)| width(name)), 4).min(total / 4);
        let between = widest(&|line| width(client(line, gap)) + width(&line.server) + 3, 18);
        let ends = between.min(total.saturating_sub(fixed + name)).max(12);
        Columns { gap, number, stack, ends, packets, bytes: 7 }
    }
}

fn packets(line: &FlowLine) -> String {
    let [client, server] = line.packets;
    format!("{client}+{server}")
}

/// What is spoken, as far as there is room.
fn spoken(line: &FlowLine, gap: &str) -> String {
    if gap.len() > 1 { line.stack.join(" › ") } else { line.stack.last().copied().unwrap_or_default().to_owned() }
}

fn client<'a>(line: &'a FlowLine, gap: &str) -> &'a str {
    if gap.len() > 1 { &line.client } else { &line.client_address }
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.flows);
    let columns = Columns::new(app, area.width.into());
    let gap = columns.gap;
    let head = format!(
        " {}{gap}{}{gap}{}{gap}{}{gap}{}{gap}{}Name",
        right("No", columns.number),
        left("Spoken", columns.stack),
        left("Client → Server", columns.ends),
        right("Packets", columns.packets),
        right("Bytes", columns.bytes),
        left("Split", 8 + gap.len()),
    );
    buffer.set_stringn(area.x, areas.flows_head.y, head, area.width.into(), theme.quiet());
    for ((at, line), y) in app.flows.lines.iter().enumerate().zip(area.top()..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        buffer.set_line(area.x, y, &cells(app, line, &columns), area.width);
        if app.flows.top + at == app.flows.selected {
            tint(buffer, row, theme.selected(true));
        }
    }
    if app.flows.lines.is_empty() {
        buffer.set_stringn(area.x + 2, area.y, "no flows", area.width.saturating_sub(2).into(), theme.quiet());
    }
    if let Some(line) = app.flows.selected_line().filter(|_| !areas.card.is_empty()) {
        card(buffer, app, areas.card, line);
    }
}

fn cells(app: &App, line: &FlowLine, columns: &Columns) -> Line<'static> {
    let (theme, gap) = (app.theme, columns.gap);
    let mut spans = vec![
        Span::styled(format!(" {}{gap}", right(&line.number.to_string(), columns.number)), theme.quiet()),
        Span::styled(
            format!(
                "{}{gap}{}{gap}{}{gap}{}{gap}",
                left(&spoken(line, gap), columns.stack),
                left(&ends(client(line, gap), &line.server, columns.ends), columns.ends),
                right(&packets(line), columns.packets),
                right(&size(line.ledger.total()), columns.bytes)
            ),
            theme.text(),
        ),
    ];
    spans.extend(bar(&line.ledger, 8, theme));
    let name = line.name.as_ref().map_or("", |(name, _)| name);
    spans.push(Span::styled(format!("{gap}{name}"), theme.text()));
    Line::from(spans)
}

/// The selected flow: who, how much, how long, and its bytes to scale.
fn card(buffer: &mut Buffer, app: &App, area: Rect, line: &FlowLine) {
    let theme = app.theme;
    let room = usize::from(area.width);
    rule(buffer, theme, Rect { height: 1, ..area });
    let mut heading = format!("flow {}", line.number);
    if let Some((name, source)) = &line.name {
        heading = format!("{heading} · {name} (from {source})");
    }
    title(buffer, theme, Rect { height: 1, ..area }, true, &heading);
    let total = line.ledger.total();
    let side = |split, name| {
        let bytes = line.ledger.split(split);
        let share = if bytes > 0 { format!(" ({})", percent(bytes, total)) } else { String::new() };
        format!("{} B {name}{share}", grouped(bytes))
    };
    let [client, server] = line.packets;
    let mut time = seconds(line.duration);
    time.truncate(time.len().saturating_sub(6));
    let lost = match line.missing {
        0 => String::new(),
        bytes => format!(", {} B of its streams are missing", grouped(bytes)),
    };
    let (first, last) = line.span;
    let texts = [
        format!(" {} → {}   {}", line.client, line.server, line.stack.join(" › ")),
        format!(" {client} packets there, {server} back, {first} to {last}, within {time} s{lost}"),
        format!(
            " {} · {} · {}",
            side(Split::Visible, "visible"),
            side(Split::Encrypted, "encrypted"),
            side(Split::Neither, "neither")
        ),
    ];
    for (text, y) in texts.iter().zip(area.y + 1..area.bottom()) {
        buffer.set_stringn(area.x, y, text, room, theme.text());
    }
    if area.height >= 6 {
        let cells = bar(&line.ledger, room.saturating_sub(2), theme);
        buffer.set_line(area.x + 1, area.y + 4, &Line::from(cells), area.width.saturating_sub(2));
        let mut legend = Vec::new();
        for (class, bytes) in present(&line.ledger) {
            legend.push(Span::styled(format!(" {}", class.glyph()), theme.class(class)));
            legend.push(Span::styled(format!(" {} {} ", size(bytes), class.name()), theme.quiet()));
        }
        buffer.set_line(area.x, area.y + 5, &Line::from(legend), area.width);
    }
}
