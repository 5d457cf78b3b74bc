//! The capture's bytes to scale: what is wrapper, readable, locks, sealed; by protocol, name, host; over time.
//!
//! ```text
//!  ░░░░░░░▒▒▒▒▒▒██████████████████████████████████████████████████████████
//!  ░ wrapper   8.1 kB   15.1 %  addresses, ports, order: what the way needs
//!  ▒ readable  6.9 kB   12.8 %  names, handshakes, heads, content: anybody on the way reads it
//!  █ locks     1.9 kB    3.5 %  tags and nonces that encryption adds
//!  █ sealed   37.0 kB   68.6 %  ciphertext: only that it is there, and how much
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Areas, bar, fit, instead, left, right, rows, size};
use crate::bytes::{Class, Ledger, Split};
use crate::exposure::Matter;
use crate::report::table::{delay, grouped, percent};
use crate::tui::app::App;
use crate::tui::pane::{LedgerPage, LedgerRow};

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    whole(buffer, app, areas.top);
    if app.ledger.page == LedgerPage::Time {
        return over_time(buffer, app, areas);
    }
    let found = app.ledger.rows();
    let total = usize::from(areas.rows.width);
    let label = (total / 4).clamp(16, 44);
    let cells = total.saturating_sub(label + 40).clamp(8, 80);
    let area = areas.rows_head;
    let head = format!(
        " {} {} {} {}  Split",
        left(whose(app.ledger.page), label),
        right("Bytes", 9),
        right("of all", 8),
        right("readable", 9),
    );
    buffer.set_stringn(area.x, area.y, head, area.width.into(), app.theme.quiet());
    if found.is_empty() {
        let text = if app.is_busy() { "counting" } else { "there is nothing of this kind in the capture" };
        return instead(buffer, app, areas, text);
    }
    let at = (app.ledger.roll.selected, app.ledger.roll.top, found.len());
    let most = found.iter().map(|row| row.ledger.total()).max().unwrap_or(1);
    rows(buffer, app, areas, at, |row| {
        found.get(row).map_or_else(Line::default, |row| line(app, row, label, cells, most))
    });
}

/// What stands above the labels.
const fn whose(page: LedgerPage) -> &'static str {
    match page {
        LedgerPage::Protocols => "Protocol",
        LedgerPage::Names => "Name",
        LedgerPage::Hosts => "Host",
        LedgerPage::Time => "",
    }
}

/// The whole capture: one bar, and what its parts are.
fn whole(buffer: &mut Buffer, app: &App, area: Rect) {
    if area.is_empty() {
        return;
    }
    let Some((ledger, dark, missing)) = app.ledger.total() else { return };
    let (theme, ledger) = (app.theme, &ledger);
    let total = ledger.total();
    let width = usize::from(area.width).saturating_sub(2);
    let cells = Line::from(bar(ledger, width, theme));
    for y in [area.y, area.y + 1] {
        buffer.set_line(area.x + 1, y, &cells, area.width.saturating_sub(2));
    }
    let matters = Matter::ALL.into_iter();
    for (matter, y) in matters.zip(area.y + 2..area.bottom()) {
        let bytes = matter.of(ledger);
        let most = matter.classes().iter().copied().max_by_key(|class| ledger.of(*class)).unwrap_or(Class::Unknown);
        let line = Line::from(vec![
            Span::styled(format!(" {} {}", most.glyph(), left(matter.name(), 9)), theme.class(most)),
            Span::styled(format!("{}{}", right(&size(bytes), 9), right(&percent(bytes, total), 10)), theme.text()),
            Span::styled(format!("  {}", matter.meaning()), theme.quiet()),
        ]);
        buffer.set_line(area.x, y, &line, area.width);
    }
    let others =
        [(dark, "that pass whoever looks and are dark"), (missing, "that were on the wire and not captured")];
    let others: Vec<String> = others
        .iter()
        .filter(|(bytes, _)| *bytes > 0)
        .map(|(bytes, what)| format!("{} B {what}", grouped(*bytes)))
        .collect();
    if !others.is_empty() {
        let text = format!(" and {}", others.join(", "));
        buffer.set_stringn(area.x, area.bottom() - 1, text, area.width.into(), theme.quiet());
    }
}

fn line(app: &App, row: &LedgerRow, label: usize, cells: usize, most: u64) -> Line<'static> {
    let (theme, total) = (app.theme, row.ledger.total());
    let name = format!("{}{}", "  ".repeat(row.depth), row.label);
    let share = percent(total, app.ledger.total().map_or(0, |(ledger, ..)| ledger.total()));
    let readable = percent(Matter::Readable.of(&row.ledger), total);
    // The bar is as long as its share of the largest: to scale with its neighbours.
    let cells = if row.packets.is_some() { cells.saturating_sub(10).max(4) } else { cells };
    let length = (u128::from(total) * cells as u128).div_ceil(u128::from(most.max(1)));
    let length = usize::try_from(length).unwrap_or(cells).clamp(1, cells);
    let mut spans = vec![
        Span::styled(format!(" {} ", left(&fit(&name, label), label)), theme.text()),
        Span::styled(format!("{} {} ", right(&size(total), 9), right(&share, 8)), theme.text()),
        Span::styled(format!("{}  ", right(&readable, 9)), theme.quiet()),
    ];
    spans.extend(bar(&row.ledger, length, theme));
    if let Some(packets) = row.packets {
        let unit = if packets == 1 { "packet" } else { "packets" };
        spans.push(Span::styled(format!("  {} {unit}", grouped(packets)), theme.quiet()));
    }
    Line::from(spans)
}

/// A column a span of time, as high as its bytes.
fn over_time(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let (theme, area) = (app.theme, areas.rows);
    let Some((slots, length)) = app.ledger.time() else {
        return instead(buffer, app, areas, "counting");
    };
    let columns = usize::from(area.width).saturating_sub(2).max(1);
    let height = usize::from(area.height);
    let sums = gathered(slots, columns);
    let most = sums.iter().map(Ledger::total).max().unwrap_or(0).max(1);
    let all = i128::from(length) * slots.len() as i128;
    let column_length = i64::try_from(all / columns as i128).unwrap_or(i64::MAX);
    let head = format!(" at most {} in {}: one column", size(most), delay(column_length));
    buffer.set_stringn(areas.rows_head.x, areas.rows_head.y, head, areas.rows_head.width.into(), theme.quiet());
    if height < 2 {
        return;
    }
    let rows = height - 1;
    for (n, ledger) in sums.iter().enumerate() {
        let cells = (u128::from(ledger.total()) * rows as u128).div_ceil(u128::from(most));
        let column = bar(ledger, usize::try_from(cells).unwrap_or(0), theme);
        // Sealed bytes stand at the bottom: the bar is drawn from above.
        let glyphs = column.iter().flat_map(|part| part.content.chars().map(|glyph| (glyph, part.style)));
        let glyphs: Vec<_> = glyphs.collect();
        for (at, (glyph, style)) in glyphs.iter().enumerate() {
            let y = area.y + (rows - glyphs.len() + at) as u16;
            buffer.set_string(area.x + 1 + n as u16, y, glyph.encode_utf8(&mut [0; 4]), *style);
        }
    }
    let (first, last) = app.summary.span;
    let end = delay(last.saturating_sub(first));
    buffer.set_string(area.x + 1, area.bottom() - 1, "0", theme.quiet());
    let x = area.right().saturating_sub(end.chars().count() as u16 + 1);
    buffer.set_string(x, area.bottom() - 1, end, theme.quiet());
    let visible = percent(app.summary.total.split(Split::Visible), app.summary.total.total());
    let middle = format!("{visible} visible in all");
    let x = area.x + area.width.saturating_sub(middle.len() as u16) / 2;
    buffer.set_string(x, area.bottom() - 1, middle, theme.quiet());
}

/// Spans of time joined, so that there are as many as columns.
fn gathered(slots: &[Ledger], columns: usize) -> Vec<Ledger> {
    let mut sums = vec![Ledger::NOTHING; columns];
    for (at, ledger) in slots.iter().enumerate() {
        if let Some(sum) = sums.get_mut(at * columns / slots.len().max(1)) {
            *sum += *ledger;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_lost_between_slots_and_columns() {
        let mut one = Ledger::default();
        one.add(Class::Sealed, 3);
        let sums = gathered(&[one; 10], 4);
        assert_eq!(sums.iter().map(Ledger::total).sum::<u64>(), 30);
        assert_eq!(gathered(&[one; 2], 8).iter().filter(|sum| sum.total() > 0).count(), 2);
    }
}
