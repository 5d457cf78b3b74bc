//! The list of flows, and the selected one in figures.
//!
//! ```text
//!  No  Spoken           Client → Server                        Packets   Bytes  Split     Name
//!   2  tcp › tls1.3     192.0.2.10:52344 → 203.0.113.7:443      41+77  101 kB  ░▒██████  shop.example
//! ── flow 2 · shop.example (SNI) ─────────────────────────────────────────────────────────
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::packets::{DARK, ends};
use super::{Areas, bar, instead, left, present, right, rows, rule, size, title, width};
use crate::bytes::Split;
use crate::exposure::Stage;
use crate::report::table::{counted, delay, grouped, percent, seconds};
use crate::tui::app::App;
use crate::tui::flows::{FlowColumn, FlowLine};
use crate::tui::order::Order;

/// Below this width a flow is told by its name or its server alone.
const TINY: usize = 60;

/// Below this width a flow is named by its uppermost protocol.
const NARROW: usize = 100;

/// From this width on there is room for how far it got, and for times.
const WIDE: usize = 132;

/// From this width on there is room for ports of both ends and bytes each way.
const WIDEST: usize = 150;

/// The columns as they fit into the list's width.
struct Fitted {
    gap: &'static str,
    columns: Vec<(FlowColumn, usize)>,
    /// Whether there is room for what else can be said.
    widest: bool,
    /// Whether who talks with whom has no column of its own.
    tiny: bool,
}

impl Fitted {
    fn new(app: &App, total: usize) -> Fitted {
        let lines = &app.flows.lines;
        let (gap, widest) = (if total < NARROW { " " } else { "  " }, total >= WIDEST);
        let cells = |of: &dyn Fn(&FlowLine) -> usize| lines.iter().map(of).max().unwrap_or(0);
        let has_room = |column: &FlowColumn| match column {
            FlowColumn::Ends | FlowColumn::Packets => total >= TINY,
            FlowColumn::Process => total >= NARROW && lines.iter().any(|line| !line.processes.is_empty()),
            FlowColumn::Stage | FlowColumn::RoundTrip | FlowColumn::Duration => total >= WIDE,
            _ => true,
        };
        let columns = FlowColumn::ALL.into_iter().filter(has_room);
        let natural = |column: FlowColumn| match column {
            FlowColumn::Number => app.summary.flows.to_string().len().max(3),
            FlowColumn::Spoken => cells(&|line| width(&spoken(line, gap))).min(30),
            FlowColumn::Ends => cells(&|line| width(client(line, widest)) + width(&line.server) + 3),
            FlowColumn::Packets => cells(&|line| packets(line).len()).max(7),
            FlowColumn::Bytes if widest => cells(&|line| width(&bytes(line, true))).max(7),
            FlowColumn::Bytes => 7,
            FlowColumn::Split => 8,
            FlowColumn::Stage => 11,
            FlowColumn::RoundTrip | FlowColumn::Duration => 8,
            FlowColumn::Process => cells(&|line| width(&line.processes)).min(24),
            FlowColumn::Name => cells(&|line| line.name.as_ref().map_or(0, |(name, _)| width(name))).min(total / 4),
        };
        let heading = |column| width(title_of(column, false)) + width(Order::sign(app.flows.order(), column));
        let mut columns: Vec<(FlowColumn, usize)> =
            columns.map(|column| (column, natural(column).max(heading(column)))).collect();
        // Who talks with whom gives way.
        let fixed: usize = columns.iter().filter(|(of, _)| *of != FlowColumn::Ends).map(|(_, w)| w + gap.len()).sum();
        for (_, w) in columns.iter_mut().filter(|(of, _)| *of == FlowColumn::Ends) {
            *w = (*w).min(total.saturating_sub(fixed + 1)).max(12);
        }
        Fitted { gap, columns, widest, tiny: total < TINY }
    }
}

/// What stands above a column; where it is wide in full.
const fn title_of(column: FlowColumn, wide: bool) -> &'static str {
    match column {
        FlowColumn::Number => "No",
        FlowColumn::Spoken => "Spoken",
        FlowColumn::Ends if wide => "Client → Server",
        FlowColumn::Ends => "Client",
        FlowColumn::Packets => "Packets",
        FlowColumn::Bytes => "Bytes",
        FlowColumn::Split => "Split",
        FlowColumn::Stage => "Got to",
        FlowColumn::RoundTrip => "RTT",
        FlowColumn::Duration => "Lasted",
        FlowColumn::Process => "Process",
        FlowColumn::Name => "Name",
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
    let fitted = Fitted::new(app, area.width.into());
    let mut head = String::from(" ");
    for (column, w) in &fitted.columns {
        let title = format!("{}{}", title_of(*column, *w >= 18), Order::sign(app.flows.order(), *column));
        head.push_str(&if column.is_number() { right(&title, *w) } else { left(&title, *w) });
        head.push_str(fitted.gap);
    }
    let heading = areas.rows_head;
    buffer.set_stringn(heading.x, heading.y, head, heading.width.into(), theme.quiet());
    let (selected, top) = (app.flows.roll.selected, app.flows.roll.top);
    rows(buffer, app, areas, (selected, top, top + app.flows.lines.len()), |row| {
        app.flows.lines.get(row - top).map_or_else(Line::default, |line| cells(app, line, &fitted))
    });
    if app.flows.lines.is_empty() {
        let looking = app.summary.flows > 0;
        instead(buffer, app, areas, if looking { "looking with their eyes" } else { "no flows" });
    }
    if let Some(line) = app.flows.selected_line().filter(|_| !areas.card.is_empty()) {
        card(buffer, app, areas.card, line);
    }
}

/// The column whose title is at a place of the screen.
pub(in crate::tui) fn flow_column_at(app: &App, areas: &Areas, at: Position) -> Option<FlowColumn> {
    let fitted = Fitted::new(app, areas.rows.width.into());
    let within = areas.rows_head.contains(at).then(|| usize::from(at.x - areas.rows_head.x))?;
    super::column_at(&fitted.columns, fitted.gap.len(), within)
}

fn cells(app: &App, line: &FlowLine, fitted: &Fitted) -> Line<'static> {
    let (theme, gap) = (app.theme, fitted.gap);
    if !line.passes {
        let width = fitted.columns.first().map_or(0, |(_, w)| *w);
        return Line::styled(format!(" {}{gap}{DARK}", right(&line.number.to_string(), width)), theme.rule());
    }
    let mut spans = vec![Span::raw(" ")];
    for (column, w) in &fitted.columns {
        let text = match column {
            FlowColumn::Number => {
                spans.push(Span::styled(right(&line.number.to_string(), *w), theme.quiet()));
                spans.push(Span::raw(gap));
                continue;
            }
            FlowColumn::Split => {
                spans.extend(bar(&line.ledger, 8, theme));
                spans.push(Span::raw(gap));
                continue;
            }
            FlowColumn::Spoken => left(&spoken(line, gap), *w),
            FlowColumn::Ends => left(&ends(client(line, fitted.widest), &line.server, *w), *w),
            FlowColumn::Packets => right(&packets(line), *w),
            FlowColumn::Bytes => right(&bytes(line, fitted.widest), *w),
            FlowColumn::Stage => left(line.stage.map_or("", Stage::name), *w),
            FlowColumn::RoundTrip => right(&line.round_trip.map_or_else(String::new, delay), *w),
            FlowColumn::Duration => right(&delay(line.duration), *w),
            FlowColumn::Process => left(&line.processes, *w),
            FlowColumn::Name => match &line.name {
                Some((name, _)) => name.clone(),
                None if fitted.tiny => line.server.clone(),
                None => String::new(),
            },
        };
        spans.push(Span::styled(text, theme.text()));
        spans.push(Span::raw(gap));
    }
    if let Some((_, source)) = line.name.as_ref().filter(|_| fitted.widest) {
        spans.push(Span::styled(*source, theme.quiet()));
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
    if !line.passes {
        buffer.set_stringn(area.x + 1, area.y + 1, DARK, room, theme.quiet());
        return;
    }
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
    if !line.processes.is_empty() {
        more = format!("{more}, process {}", line.processes);
    }
    if let Some(round_trip) = line.round_trip {
        more = format!("{more}, RTT {}", delay(round_trip));
    }
    let (first, last) = line.span;
    let texts = [
        format!(" {} → {}   {}", line.client, line.server, line.stack.join(" › ")),
        format!(
            " {} there, {server} back, packets {first} to {last}, within {time} s{more}",
            counted(client.into(), "packet")
        ),
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
