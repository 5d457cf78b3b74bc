//! What was said in a flow.
//!
//! ```text
//! → request GET / · packet 15 · 440 B
//! GET /start HTTP/1.1
//! ```

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{Areas, instead, rows};
use crate::bytes::{Class, Ledger, escape_bytes};
use crate::explain::Passage;
use crate::protocols::Side;
use crate::report::table::grouped;
use crate::tui::app::App;
use crate::tui::pane::{Form, PER_ROW, SpokenRow};

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let Some(opened) = &app.opened else { return };
    let conversation = match opened.conversation() {
        Some(Ok(conversation)) => conversation,
        Some(Err(error)) => return instead(buffer, app, areas, error),
        None => return instead(buffer, app, areas, "reading the flow again"),
    };
    let form = if opened.form == Form::Text { "text" } else { "hexadecimal" };
    let side = opened.only.map_or("both sides", |side| if side == Side::Client { "client" } else { "server" });
    let cut = if conversation.cut { "   the beginning; `husk follow` prints all of it" } else { "" };
    let head = format!(" {form}, {side}{cut}");
    buffer.set_stringn(areas.rows_head.x, areas.rows_head.y, head, areas.rows_head.width.into(), app.theme.quiet());
    if opened.spoken.is_empty() {
        return instead(buffer, app, areas, "nothing was said");
    }
    let at = (opened.roll.selected, opened.roll.top, opened.spoken.len());
    rows(buffer, app, areas, at, |row| {
        let told = opened.spoken.get(row);
        let passage = told.and_then(|told| conversation.passages.get(told.passage()));
        match (told, passage) {
            (Some(told), Some(passage)) => line(app, told, passage),
            _ => Line::default(),
        }
    });
}

fn line<'a>(app: &App, row: &SpokenRow, passage: &Passage) -> Line<'a> {
    let theme = app.theme;
    let slice = |bytes: &[u8], from: u32, to: u32| {
        let text = bytes.get(from as usize..to as usize).unwrap_or_default();
        let parts: Vec<_> = text.split(|byte| *byte == b'\t').map(escape_bytes).collect();
        parts.join("    ")
    };
    match row {
        SpokenRow::Heading(_) => Line::styled(heading(passage), theme.strong()),
        SpokenRow::Text(_, range) if app.hides(class_at(passage, range.start)) => hidden(app, range),
        SpokenRow::Decoded(_, range) if app.hides(Class::Content) => hidden(app, range),
        SpokenRow::Text(_, range) => {
            let class = class_at(passage, range.start);
            Line::styled(format!("  {}", slice(&passage.bytes, range.start, range.end)), theme.class(class))
        }
        SpokenRow::Decoded(_, range) => {
            let decoded = passage.decoded.as_deref().unwrap_or_default();
            Line::styled(format!("  {}", slice(decoded, range.start, range.end)), theme.class(Class::Content))
        }
        SpokenRow::Sizes(_, range) => sizes(app, passage, range.start, range.end),
        SpokenRow::Hex(_, from) => hex(app, passage, *from),
    }
}

/// Payload that nobody has asked for.
fn hidden(app: &App, range: &std::ops::Range<u32>) -> Line<'static> {
    let bytes = grouped(range.end.saturating_sub(range.start).into());
    Line::styled(format!("  ·· {bytes} B of payload, hidden: P shows it"), app.theme.rule())
}

fn heading(passage: &Passage) -> String {
    let arrow = if passage.side == Side::Client { "→" } else { "←" };
    let mut parts = vec![arrow.to_owned()];
    if let Some((number, message, subject)) = &passage.message {
        parts.push(format!("{}.{number} {}", message.flow, message.what));
        if !subject.is_empty() {
            parts.push(escape_bytes(subject.as_bytes()).into_owned());
        }
    }
    let packets = passage.packets();
    let where_from = match (packets.first(), packets.last()) {
        (Some(first), Some(last)) if first != last => format!("packets {first}-{last}"),
        (Some(first), _) => format!("packet {first}"),
        _ => String::new(),
    };
    parts.push(format!("· {where_from} · {} B", grouped(passage.bytes.len() as u64)));
    if passage.missing > 0 {
        parts.push(format!("· {} B before it were not captured", grouped(passage.missing)));
    }
    if let Some(decoded) = &passage.decoded {
        parts.push(format!("· decoded {} B", grouped(decoded.len() as u64)));
    }
    parts.join(" ")
}

fn class_at(passage: &Passage, at: u32) -> Class {
    let claim = passage.classes.iter().find(|claim| (claim.start..claim.end).contains(&at));
    claim.map_or(Class::Unknown, |claim| claim.class)
}

/// How many bytes of which class, where they are no text.
fn sizes(app: &App, passage: &Passage, from: u32, to: u32) -> Line<'static> {
    let mut ledger = Ledger::default();
    (from..to).for_each(|at| ledger.add(class_at(passage, at), 1));
    let mut spans = vec![Span::raw("  ")];
    for (class, bytes) in super::present(&ledger) {
        spans.push(Span::styled(format!("{} ", class.glyph().to_string().repeat(3)), app.theme.class(class)));
        spans.push(Span::styled(format!("{} B {}  ", grouped(bytes), class.name()), app.theme.quiet()));
    }
    Line::from(spans)
}

fn hex(app: &App, passage: &Passage, from: u32) -> Line<'static> {
    let theme = app.theme;
    let bytes = passage.bytes.get(from as usize..).unwrap_or_default();
    let mut spans = vec![Span::styled(format!("  {from:06x}  "), theme.quiet())];
    let row = || bytes.iter().take(PER_ROW).zip(from..);
    for (byte, at) in row() {
        let class = class_at(passage, at);
        let digits = if app.hides(class) { "·· ".to_owned() } else { format!("{byte:02x} ") };
        spans.push(Span::styled(digits, theme.class(class)));
    }
    let missing = PER_ROW.saturating_sub(bytes.len());
    spans.push(Span::raw(" ".repeat(missing * 3 + 1)));
    for (byte, at) in row() {
        let class = class_at(passage, at);
        let shown = match byte {
            _ if app.hides(class) => '·',
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        spans.push(Span::styled(shown.to_string(), theme.class(class)));
    }
    Line::from(spans)
}
