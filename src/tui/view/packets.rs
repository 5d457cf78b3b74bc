//! The list of packets.
//!
//! ```text
//!   No  Time      Source → Destination         Protocol   Len  Split     What
//!   22  0.060812  192.0.2.10 → 203.0.113.7     TLSv1.3   1502  ░▒▒▒▒▒▒▒  ClientHello shop.example
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Areas, bar, fit, left, put_right, right, tint, width};
use crate::flow::NO_FLOW;
use crate::report::table::grouped;
use crate::tui::app::{App, Focus};
use crate::tui::clock::Clock;
use crate::tui::config::Column;
use crate::tui::lines::PacketLine;
use crate::tui::order::Order;
use crate::tui::worker::Reading;

/// Below this width there is only room for what packets are about.
const TINY: usize = 60;

/// What stands for something that does not pass the observer.
pub(super) const DARK: &str = "does not pass them";

/// How wide columns are. They only grow, so that nothing jumps while one scrolls.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tui) struct Columns {
    number: usize,
    /// The time without its fraction.
    time: usize,
    clock: Clock,
    source: usize,
    destination: usize,
    ends: usize,
    protocol: usize,
    length: usize,
}

impl Columns {
    /// Makes room for `lines`.
    pub(in crate::tui) fn widen(&mut self, lines: &[PacketLine], packets: usize, clock: &Clock) {
        if self.clock != *clock {
            (self.clock, self.time) = (*clock, 0);
        }
        self.number = self.number.max(packets.to_string().len()).max(3);
        (self.protocol, self.length) = (self.protocol.max(7), self.length.max(4));
        for line in lines {
            self.time = self.time.max(line.when.map_or(1, |when| clock.text(when, 0).trim_end_matches('.').len()));
            self.source = self.source.max(width(&line.source)).max(9);
            self.destination = self.destination.max(width(&line.destination)).max(11);
            self.ends = self.ends.max(width(&line.source) + width(&line.destination) + 3).max(20);
            self.protocol = self.protocol.max(width(&line.protocol)).min(10);
            self.length = self.length.max(line.length.to_string().len());
        }
    }
}

/// The columns as they fit into the list's width.
struct Fitted {
    gap: &'static str,
    /// Digits of a second's fraction.
    digits: usize,
    columns: Vec<(Column, usize)>,
}

impl Fitted {
    fn new(app: &App, total: usize) -> Fitted {
        let columns = &app.columns;
        let (digits, gap) = if total >= 100 { (6, "  ") } else { (4, " ") };
        // What it is about gets at least this much; addresses give way.
        let about = (total / 5).clamp(10, 40);
        let tiny = total < TINY && app.config.columns.contains(&Column::What);
        let natural = |column: &Column| match column {
            // Where hardly anything fits, what a packet is about fits.
            Column::Time | Column::Source | Column::Destination | Column::Ends | Column::Length if tiny => 0,
            Column::Number => columns.number,
            Column::Time => columns.time + 1 + digits,
            Column::Flow => app.summary.flows.to_string().len().max(4),
            Column::Source => columns.source,
            Column::Destination => columns.destination,
            Column::Ends => columns.ends,
            Column::Protocol => columns.protocol,
            Column::Length => columns.length,
            Column::Split => {
                if total >= TINY {
                    8
                } else {
                    0
                }
            }
            Column::What => 0,
        };
        // Of a sorted column the sign has room, too.
        let sign = |column| width(Order::sign(app.listing.order(), column));
        let titled = |column| match column {
            Column::Number | Column::Length | Column::Flow => width(title_of(column, app, 0)) + sign(column),
            Column::Time => width(app.clock.title()) + sign(column),
            _ => 0,
        };
        let wanted = app.config.columns.iter().map(|column| {
            let natural = natural(column);
            (*column, if natural > 0 { natural.max(titled(*column)) } else { 0 })
        });
        let mut fitted: Vec<(Column, usize)> =
            wanted.filter(|(column, w)| *w > 0 || *column == Column::What).collect();
        let gives_way = |column: Column| matches!(column, Column::Source | Column::Destination | Column::Ends);
        let fixed: usize = fitted.iter().filter(|(column, _)| !gives_way(*column)).map(|(_, w)| w + gap.len()).sum();
        let ends: usize = fitted.iter().filter(|(column, _)| gives_way(*column)).map(|(_, w)| w + gap.len()).sum();
        let about = if fitted.iter().any(|(column, _)| *column == Column::What) { about } else { 0 };
        let room = total.saturating_sub(fixed + about + 1);
        for (column, w) in fitted.iter_mut().filter(|_| ends > room) {
            if gives_way(*column) {
                *w = (*w * room / ends.max(1)).max(8);
            }
        }
        // What it is about gets what is left.
        fitted.iter_mut().filter(|(column, _)| *column == Column::What).for_each(|(_, w)| *w = total);
        Fitted { gap, digits, columns: fitted }
    }
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.list);
    if area.is_empty() {
        return;
    }
    let fitted = Fitted::new(app, area.width.into());
    head(buffer, app, areas.list_head, &fitted);
    let selected = app.listing.packet();
    for (line, y) in app.lines.iter().zip(area.top()..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        buffer.set_line(row.x, y, &cells(app, line, &fitted), row.width);
        if Some(line.number) == selected {
            tint(buffer, row, theme.selected(app.focus == Focus::List));
        }
    }
    if app.lines.is_empty() {
        let text = match (&app.summary.status.reading, app.listing.is_busy()) {
            (Reading::Waiting, _) if app.summary.packets == 0 => "waiting for the first packet",
            (Reading::Busy, _) | (_, true) => "reading",
            _ if app.summary.packets == 0 => "there are no packets in this capture",
            _ => "no packet passes the filter; Esc shows all again",
        };
        buffer.set_stringn(area.x + 2, area.y, text, area.width.saturating_sub(2).into(), theme.quiet());
    }
}

fn head(buffer: &mut Buffer, app: &App, area: Rect, fitted: &Fitted) {
    let mut text = String::from(" ");
    for (column, w) in &fitted.columns {
        let sign = Order::sign(app.listing.order(), *column);
        let title = format!("{}{sign}", fit(title_of(*column, app, *w), w.saturating_sub(width(sign))));
        let numbers = matches!(column, Column::Number | Column::Time | Column::Flow | Column::Length);
        text.push_str(&if numbers { right(&title, *w) } else { left(&title, *w) });
        text.push_str(fitted.gap);
    }
    buffer.set_stringn(area.x, area.y, text, area.width.into(), app.theme.quiet());
    let only = match (app.listing.flow(), app.listing.filter()) {
        (Some(flow), _) => format!(" flow {flow}: {} packets ", grouped(app.listing.len() as u64)),
        (_, Some(filter)) => {
            let dots = if app.listing.is_busy() { "…" } else { "" };
            let room = usize::from(area.width / 2);
            let filter = crate::bytes::escape(filter);
            format!(" {}: {}{dots} ", fit(&filter, room), grouped(app.listing.len() as u64))
        }
        _ => return,
    };
    put_right(buffer, area, &Line::styled(only, app.theme.accent()));
}

/// What stands above a column.
fn title_of(column: Column, app: &App, columns: usize) -> &'static str {
    match column {
        Column::Number => "No",
        Column::Time => app.clock.title(),
        Column::Flow => "Flow",
        Column::Source => "Source",
        Column::Destination => "Destination",
        Column::Ends => "Source → Destination",
        Column::Protocol if columns < 8 => "Proto",
        Column::Protocol => "Protocol",
        Column::Length => "Len",
        Column::Split => "Split",
        Column::What => "What",
    }
}

/// The column whose title is at a place of the screen.
pub(in crate::tui) fn packet_column_at(app: &App, areas: &Areas, at: Position) -> Option<Column> {
    let fitted = Fitted::new(app, areas.list.width.into());
    let within = areas.list_head.contains(at).then(|| usize::from(at.x - areas.list_head.x))?;
    super::column_at(&fitted.columns, fitted.gap.len(), within)
}

fn cells(app: &App, line: &PacketLine, fitted: &Fitted) -> Line<'static> {
    let (theme, gap) = (app.theme, fitted.gap);
    // A mark stands before everything, where no column can push it away.
    if !line.passes {
        let width = fitted.columns.first().map_or(0, |(_, w)| *w);
        let text = format!(" {}{}{DARK}", right(&line.number.to_string(), width), fitted.gap);
        return Line::styled(text, theme.rule());
    }
    let mark = if app.jottings.is_marked(line.number) { "▪" } else { " " };
    let mut spans = vec![Span::styled(mark, theme.accent())];
    for (column, w) in &fitted.columns {
        let plain = |text: String| Span::styled(text, theme.text());
        match column {
            Column::Number => spans.push(Span::styled(right(&line.number.to_string(), *w), theme.quiet())),
            Column::Time => {
                let time = line.when.map_or_else(String::new, |when| app.clock.text(when, fitted.digits));
                let style = if app.clock.reference() == Some(line.number) { theme.strong() } else { theme.text() };
                spans.push(Span::styled(right(&time, *w), style));
            }
            Column::Flow => {
                let flow = if line.flow == NO_FLOW { String::new() } else { line.flow.to_string() };
                spans.push(Span::styled(right(&flow, *w), theme.quiet()));
            }
            Column::Source => spans.push(plain(left(&middle(&line.source, *w), *w))),
            Column::Destination => spans.push(plain(left(&middle(&line.destination, *w), *w))),
            Column::Ends => spans.push(plain(left(&ends(&line.source, &line.destination, *w), *w))),
            Column::Protocol => spans.push(plain(left(&line.protocol, *w))),
            Column::Length => spans.push(plain(right(&line.length.to_string(), *w))),
            Column::Split => spans.extend(bar(&line.ledger, *w, theme)),
            Column::What => {
                // A note is why somebody looks here: it goes before what the packet says of itself.
                let note = app.jottings.note(line.number).map(crate::bytes::escape);
                spans.extend(note.map(|note| Span::styled(format!("« {note} » "), theme.accent())));
                spans.push(plain(line.what.clone()));
            }
        }
        spans.push(Span::raw(gap));
    }
    Line::from(spans)
}

/// Source and destination; the longer one gives way first.
pub(super) fn ends(source: &str, destination: &str, columns: usize) -> String {
    if destination.is_empty() {
        return source.to_owned();
    }
    let (first, second) = (width(source), width(destination));
    let room = columns.saturating_sub(3);
    if first + second <= room {
        return format!("{source} → {destination}");
    }
    let half = room / 2;
    let of_source = if second < half { room - second } else { first.min(room - half) };
    format!("{} → {}", middle(source, of_source), middle(destination, room - of_source))
}

/// An address, shortened in its middle: both ends tell hosts apart.
pub(super) fn middle(address: &str, columns: usize) -> String {
    let length = address.chars().count();
    if length <= columns {
        return address.to_owned();
    }
    let tail = columns.saturating_sub(1) / 2;
    let head = columns.saturating_sub(1 + tail);
    let first: String = address.chars().take(head).collect();
    let last: String = address.chars().skip(length - tail).collect();
    format!("{first}…{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_give_way_in_their_middle() {
        assert_eq!(middle("2001:db8::1234:5678", 9), "2001…5678");
        assert_eq!(middle("192.0.2.1", 9), "192.0.2.1");
        assert_eq!(ends("2001:db8::1234:5678", "192.0.2.1", 25), "2001:d…4:5678 → 192.0.2.1");
    }
}
