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
use super::{Areas, bar, instead, left, present, right, rows, rule, size, title, width};
use crate::bytes::Split;
use crate::exposure::Stage;
use crate::report::table::{delay, grouped, percent, seconds};
use crate::tui::app::App;
use crate::tui::flows::FlowLine;

/// Below this width a flow is named by its uppermost protocol.
const NARROW: usize = 100;

/// From this width on there is room for how far it got, and for times.
const WIDE: usize = 112;

/// From this width on there is room for ports of both ends and bytes each way.
const WIDEST: usize = 150;

struct Columns {
    gap: &'static str,
    number: usize,
    stack: usize,
    ends: usize,
    packets: usize,
    bytes: usize,
    wide: bool,
    widest: bool,
}

impl Columns {
    fn new(app: &App, total: usize) -> Columns {
        let widest = |cell: &dyn Fn(&FlowLine) -> usize, least: usize| {
            app.flows.lines.iter().map(cell).max().unwrap_or(0).max(least)
        };
        let (gap, wide, roomy) = (if total < NARROW { " " } else { "  " }, total >= WIDE, total >= WIDEST);
        let number = app.summary.flows.to_string().len().max(3);
        let packets = widest(&|line| packets(line).len(), 7);
        let bytes = if roomy { widest(&|line| width(&bytes(line, true)), 7).min(17) } else { 7 };
        let stack = widest(&|line| width(&spoken(line, gap)), 6).min(30);
        let more = if wide { 11 + 8 + 8 + gap.len() * 3 } else { 0 };
        let fixed = number + stack + packets + bytes + 8 + more + gap.len() * 6 + 1;
        let name = widest(&|line| line.name.as_ref().map_or(0, |(name, _)| width(name)), 4).min(total / 4);
        let between = widest(&|line| width(client(line, roomy)) + width(&line.server) + 3, 18);
        let ends = between.min(total.saturating_sub(fixed + name)).max(12);
        Columns { gap, number, stack, ends, packets, bytes, wide, widest: roomy }
    }
}

fn packets(line: &FlowLine) -> String {
    let [client, server] = line.packets;
    format!("{client}+{server}")
}

/// Bytes in all; where there is room each way.
fn bytes(line: &FlowLine, wide: bool) -> String {
    match line.bytes.filter(|_| wide) {
        Some([client, server]) => format!("{} + {}", size(client), size(server)),
        None => size(line.ledger.total()),
    }
}

/// What is spoken, as far as there is room.
fn spoken(line: &FlowLine, gap: &str) -> String {
    if gap.len() > 1 { line.stack.join(" › ") } else { line.stack.last().copied().unwrap_or_default().to_owned() }
}

fn client(line: &FlowLine, widest: bool) -> &str {
    if widest { &line.client } else { &line.client_address }
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.rows);
    let columns = Columns::new(app, area.width.into());
    let gap = columns.gap;
    let more = if columns.wide {
        format!("{}{gap}{}{gap}{}{gap}", left("Got to", 11), right("RTT", 8), right("Lasted", 8))
    } else {
        String::new()
    };
    let head = format!(
        " {}{gap}{}{gap}{}{gap}{}{gap}{}{gap}{}{more}Name",
        right("No", columns.number),
        left("Spoken", columns.stack),
        left("Client → Server", columns.ends),
        right("Packets", columns.packets),
        right("Bytes", columns.bytes),
        left("Split", 8 + gap.len()),
    );
    let heading = areas.rows_head;
    buffer.set_stringn(heading.x, heading.y, head, heading.width.into(), theme.quiet());
    let (selected, top) = (app.flows.roll.selected, app.flows.roll.top);
    rows(buffer, app, areas, (selected, top, top + app.flows.lines.len()), |row| {
        app.flows.lines.get(row - top).map_or_else(Line::default, |line| cells(app, line, &columns))
    });
    if app.flows.lines.is_empty() {
        instead(buffer, app, areas, "no flows");
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
                left(&ends(client(line, columns.widest), &line.server, columns.ends), columns.ends),
                right(&packets(line), columns.packets),
                right(&bytes(line, columns.widest), columns.bytes)
            ),
            theme.text(),
        ),
    ];
    spans.extend(bar(&line.ledger, 8, theme));
    if columns.wide {
        let stage = line.stage.map_or("", Stage::name);
        let round_trip = line.round_trip.map_or_else(String::new, delay);
        let times = format!("{}{gap}{}", right(&round_trip, 8), right(&delay(line.duration), 8));
        spans.push(Span::styled(format!("{gap}{}{gap}{times}", left(stage, 11)), theme.text()));
    }
    let name = line.name.as_ref().map_or("", |(name, _)| name);
    spans.push(Span::styled(format!("{gap}{name}"), theme.text()));
    if columns.widest
        && let Some((_, source)) = &line.name
    {
        spans.push(Span::styled(format!("  {source}"), theme.quiet()));
    }
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
    let mut more = match line.missing {
        0 => String::new(),
        bytes => format!(", {} B of its streams are missing", grouped(bytes)),
    };
    for told in line.stage.map(Stage::name).into_iter().chain(line.remarks.iter().map(String::as_str)) {
        more = format!("{more}, {told}");
    }
    if let Some(round_trip) = line.round_trip {
        more = format!("{more}, RTT {}", delay(round_trip));
    }
    let (first, last) = line.span;
    let texts = [
        format!(" {} → {}   {}", line.client, line.server, line.stack.join(" › ")),
        format!(" {client} packets there, {server} back, {first} to {last}, within {time} s{more}"),
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
