//! The ladder of units: each message, and the packets that carried its parts.
//!
//! ```text
//!  → 10.0  ClientHello shop.example    1,984 B   1 message ─ 2 segments ─ 2 packets ─ 2 frames
//!          packet 32   bytes 86-1514   0-1428 of the message
//! ```

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{Areas, fit, instead, left, right, rows};
use crate::bytes::escape_bytes;
use crate::explain::{Ladder, Part};
use crate::protocols::{self, Protocol, Side};
use crate::report::table::{counted, grouped};
use crate::tui::app::App;
use crate::tui::pane::UnitRow;

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let Some(opened) = &app.opened else { return };
    let ladders = match opened.units() {
        Some(Ok(ladders)) => ladders,
        Some(Err(error)) => return instead(buffer, app, areas, error),
        None => return instead(buffer, app, areas, "reading the flow again"),
    };
    let area = areas.rows_head;
    let head = format!("    {} {}  carried by", left("Message", 42), right("Bytes", 10));
    buffer.set_stringn(area.x, area.y, head, area.width.into(), app.theme.quiet());
    let at = (opened.roll.selected, opened.roll.top, opened.unit_rows.len());
    rows(buffer, app, areas, at, |row| {
        let told = match opened.unit_rows.get(row) {
            Some(UnitRow::Message(at)) => ladders.get(*at).map(|ladder| message(app, ladder)),
            Some(UnitRow::Part(at, part)) => {
                ladders.get(*at).and_then(|ladder| ladder.parts.get(*part)).map(|piece| rung(app, piece))
            }
            None => None,
        };
        told.unwrap_or_default()
    });
}

fn message(app: &App, ladder: &Ladder) -> Line<'static> {
    let (theme, message) = (app.theme, &ladder.message);
    let arrow = if message.side == Side::Client { "→" } else { "←" };
    let subject = escape_bytes(ladder.subject.as_bytes());
    let what = format!("{}.{} {} {subject}", message.flow, ladder.number, message.what);
    let place = protocols::at(message.protocol);
    let style = place.map_or(theme.text(), |protocol| theme.class(protocol.heading.class));
    let unit = if place.map(Protocol::name) == Some("tls") { "record" } else { "message" };
    let segments = ladder.segments as u64;
    let carried = format!(
        "1 {unit} ─ {} ─ {} ─ {}",
        counted(segments, "segment"),
        counted(segments, "packet"),
        counted(ladder.frames as u64, "frame")
    );
    Line::from(vec![
        Span::styled(format!(" {arrow} "), theme.strong()),
        Span::styled(left(&fit(&what, 42), 42), style),
        Span::styled(format!(" {}  ", right(&grouped(message.length.into()), 10)), theme.text()),
        Span::styled(carried, theme.quiet()),
    ])
}

fn rung(app: &App, part: &Part) -> Line<'static> {
    let end = part.offset + part.length;
    let place = part.at.map_or_else(String::new, |at| format!("bytes {at}-{}", u64::from(at) + part.length));
    let again = if part.again { "  sent again" } else { "" };
    Line::from(vec![
        Span::styled(format!("      └ packet {} ", left(&part.packet.to_string(), 8)), app.theme.text()),
        Span::styled(left(&place, 20), app.theme.quiet()),
        Span::styled(format!(" {}-{end} of the message{again}", part.offset), app.theme.quiet()),
    ])
}
