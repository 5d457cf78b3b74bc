//! The list of packets.
//!
//! ```text
//!   No  Time      Source → Destination         Protocol   Len  Split     What
//!   22  0.060812  192.0.2.10 → 203.0.113.7     TLSv1.3   1502  ░▒▒▒▒▒▒▒  ClientHello shop.example
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Areas, bar, fit, left, put_right, right, tint, width};
use crate::report::table::{grouped, seconds};
use crate::tui::app::{App, Focus};
use crate::tui::lines::PacketLine;
use crate::tui::worker::Reading;

/// How wide columns are. They only grow, so that nothing jumps while one scrolls.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tui) struct Columns {
    number: usize,
    seconds: usize,
    ends: usize,
    protocol: usize,
    length: usize,
}

impl Columns {
    /// Makes room for `lines`.
    pub(in crate::tui) fn widen(&mut self, lines: &[PacketLine], packets: usize) {
        self.number = self.number.max(packets.to_string().len()).max(3);
        (self.protocol, self.length) = (self.protocol.max(7), self.length.max(4));
        for line in lines {
            self.seconds = self.seconds.max(line.time.map_or(1, |time| seconds(time).len().saturating_sub(10)));
            self.ends = self.ends.max(width(&line.source) + width(&line.destination) + 3).max(20);
            self.protocol = self.protocol.max(width(&line.protocol)).min(10);
            self.length = self.length.max(line.length.to_string().len());
        }
    }
}

/// The columns as they fit into `total`.
struct Fitted {
    gap: &'static str,
    number: usize,
    digits: usize,
    time: usize,
    ends: usize,
    protocol: usize,
    length: usize,
    split: usize,
}

impl Fitted {
    fn new(columns: &Columns, total: usize) -> Fitted {
        let (digits, gap) = if total >= 100 { (6, "  ") } else { (4, " ") };
        // What it is about gets at least this much; addresses give way.
        let about = (total / 5).clamp(10, 40);
        let time = columns.seconds + 1 + digits;
        let split = if total >= 60 { 8 } else { 0 };
        let fixed = columns.number + time + columns.protocol + columns.length + split + gap.len() * 6 + 1;
        let ends = columns.ends.min(total.saturating_sub(fixed + about)).max(10);
        Fitted {
            gap,
            number: columns.number,
            digits,
            time,
            ends,
            protocol: columns.protocol,
            length: columns.length,
            split,
        }
    }
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.list);
    if area.is_empty() {
        return;
    }
    let columns = Fitted::new(&app.columns, area.width.into());
    head(buffer, app, areas.list_head, &columns);
    let selected = app.listing.packet();
    for (line, y) in app.lines.iter().zip(area.top()..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        buffer.set_line(row.x, y, &cells(app, line, &columns), row.width);
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

fn head(buffer: &mut Buffer, app: &App, area: Rect, columns: &Fitted) {
    let gap = columns.gap;
    let text = format!(
        " {}{gap}{}{gap}{}{gap}{}{gap}{}{gap}{}What",
        right("No", columns.number),
        left("Time", columns.time),
        left("Source → Destination", columns.ends),
        left(if columns.protocol < 8 { "Proto" } else { "Protocol" }, columns.protocol),
        right("Len", columns.length),
        left("Split", if columns.split > 0 { columns.split + gap.len() } else { 0 }),
    );
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

fn cells(app: &App, line: &PacketLine, columns: &Fitted) -> Line<'static> {
    let (theme, gap) = (app.theme, columns.gap);
    let time = line.time.map_or_else(String::new, |time| {
        let mut text = seconds(time);
        text.truncate(text.len().saturating_sub(9 - columns.digits));
        text
    });
    let mut spans = vec![
        Span::styled(format!(" {}{gap}", right(&line.number.to_string(), columns.number)), theme.quiet()),
        Span::styled(format!("{}{gap}", right(&time, columns.time)), theme.text()),
        Span::styled(left(&ends(&line.source, &line.destination, columns.ends), columns.ends), theme.text()),
        Span::styled(format!("{gap}{}{gap}", left(&line.protocol, columns.protocol)), theme.text()),
        Span::styled(format!("{}{gap}", right(&line.length.to_string(), columns.length)), theme.text()),
    ];
    if columns.split > 0 {
        spans.extend(bar(&line.ledger, columns.split, theme));
        spans.push(Span::raw(gap));
    }
    spans.push(Span::styled(line.what.clone(), theme.text()));
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
fn middle(address: &str, columns: usize) -> String {
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
