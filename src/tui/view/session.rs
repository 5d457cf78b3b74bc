//! The card of a TLS session: hello beside hello, the certificate, fingerprints.
//!
//! ```text
//!  cipher suite
//!    ◂ TLS_AES_128_GCM_SHA256 (0x1301)        ▸ TLS_AES_128_GCM_SHA256 (0x1301)
//!      TLS_AES_256_GCM_SHA384 (0x1302)
//!  fingerprints
//!    JA4 of the client       t13d1517h2_8daaf6152771_cb7bf5808d99
//!      cipher suites, sorted 002f,0035,009c
//! ```

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{Areas, instead, left, rows};
use crate::bytes::Class;
use crate::exposure::Said;
use crate::protocols::Side;
use crate::tui::app::App;
use crate::tui::pane::SessionRow;
use crate::tui::theme::Theme;

/// Columns of a label.
const LABEL: usize = 26;

/// Columns of one side at most: what both said should stand near each other.
const HALF: usize = 64;

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let Some(opened) = &app.opened else { return };
    let card = match opened.session() {
        Some(Ok(card)) => card,
        Some(Err(error)) => return instead(buffer, app, areas, error),
        None => return instead(buffer, app, areas, "reading the hellos again"),
    };
    let half = (usize::from(areas.rows.width) / 2).min(HALF);
    let head = format!("   {}  server chose", left("client offered", half.saturating_sub(2)));
    let area = areas.rows_head;
    buffer.set_stringn(area.x, area.y, head, area.width.into(), app.theme.quiet());
    let at = (opened.roll.selected, opened.roll.top, card.rows.len());
    rows(buffer, app, areas, at, |row| card.rows.get(row).map_or_else(Line::default, |row| line(app, row, half)));
}

fn line(app: &App, row: &SessionRow, half: usize) -> Line<'static> {
    let theme = app.theme;
    match row {
        SessionRow::Heading(what) => Line::styled(format!(" {what}"), theme.strong()),
        SessionRow::Pair(client, server) => {
            let mut spans = said(client.as_ref(), half, theme);
            spans.extend(said(server.as_ref(), half, theme));
            Line::from(spans)
        }
        SessionRow::Certificate(label, said) => Line::from(vec![
            Span::styled(format!("   {} ", left(label, LABEL)), theme.quiet()),
            Span::styled(said.text.clone(), theme.class(Class::Metadata)),
        ]),
        SessionRow::Fingerprint(label, side, said) => {
            let of = if *side == Side::Client { "client" } else { "server" };
            Line::from(vec![
                Span::styled(format!("   {} ", left(&format!("{label} of the {of}"), LABEL)), theme.text()),
                Span::styled(said.text.clone(), theme.class(Class::Metadata)),
            ])
        }
        SessionRow::Part(what, text, _) => Line::from(vec![
            Span::styled(format!("     {} ", left(what, LABEL - 2)), theme.quiet()),
            Span::styled(text.clone(), theme.quiet()),
        ]),
    }
}

/// What one side said; what both said is marked and stands out.
fn said(said: Option<&Said>, half: usize, theme: Theme) -> Vec<Span<'static>> {
    let Some(said) = said else { return vec![Span::raw(" ".repeat(half))] };
    let (mark, style) = if said.agreed { ("▸ ", theme.class(Class::Metadata)) } else { ("  ", theme.quiet()) };
    vec![
        Span::styled(format!("  {mark}"), theme.text()),
        Span::styled(left(&said.text, half.saturating_sub(4)), style),
    ]
}
