//! The help: the key table, and what colours and glyphs mean.
//!
//! ```text
//! ┌ keys ───────────────────────────────────────────────────┐
//! │ Move                                                     │
//! │   j ↓             down                                   │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget as _};

use crate::bytes::Class;
use crate::tui::app::App;
use crate::tui::keys::{Group, TABLE};
use crate::tui::theme::Theme;

pub(super) fn draw(buffer: &mut Buffer, app: &App, top: u16) {
    scroll(buffer, app, " keys ", &lines(app.theme), top);
}

/// Lines in a box over the view, scrolled.
pub(super) fn scroll(buffer: &mut Buffer, app: &App, title: &str, lines: &[Line<'_>], top: u16) {
    let theme = app.theme;
    let widest = lines.iter().map(Line::width).max().unwrap_or(0) as u16;
    let (width, height) = (
        (widest + 4).min(app.size.width),
        (lines.len() as u16 + 2).min(app.size.height.saturating_sub(2).max(3)).min(app.size.height),
    );
    let area = Rect { x: (app.size.width - width) / 2, y: (app.size.height - height) / 2, width, height };
    Clear.render(area, buffer);
    let block = Block::bordered().title(title).title_style(theme.accent()).border_style(theme.rule());
    let inside = block.inner(area);
    block.render(area, buffer);
    let most = (lines.len() as u16).saturating_sub(inside.height);
    let top = top.min(most);
    for (line, y) in lines.iter().skip(top.into()).zip(inside.top()..inside.bottom()) {
        buffer.set_line(inside.x + 1, y, line, inside.width.saturating_sub(2));
    }
    if most > 0 {
        let text = if top < most { " ↓ more " } else { " ↑ more " };
        let x = area.right().saturating_sub(text.chars().count() as u16 + 2);
        buffer.set_string(x, area.bottom() - 1, text, theme.quiet());
    }
}

fn lines(theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for group in Group::ALL {
        lines.push(Line::styled(group.title(), theme.strong()));
        for binding in TABLE.iter().filter(|binding| binding.group == group && !binding.keys.is_empty()) {
            lines.push(Line::from(vec![
                Span::styled(format!("  {:<22}", binding.all_keys()), theme.text()),
                Span::styled(binding.help, theme.quiet()),
            ]));
        }
    }
    lines.push(Line::styled("Bytes", theme.strong()));
    for class in Class::ALL {
        lines.push(Line::from(vec![
            Span::styled(format!("  {} {} {:<18}", class.glyph(), class.letter(), class.name()), theme.class(class)),
            Span::styled(meaning(class), theme.quiet()),
        ]));
    }
    lines
}

/// What a class is, in a few words.
pub(super) const fn meaning(class: Class) -> &'static str {
    match class {
        Class::Link => "framing of the local link",
        Class::Network => "addresses and routing",
        Class::Transport => "ports, order, control",
        Class::Metadata => "readable protocol talk: names, handshakes, heads",
        Class::Content => "readable payload",
        Class::Veiled => "encrypted with a key that anybody can derive",
        Class::Sealed => "ciphertext, unreadable without keys",
        Class::Tag => "encryption's own overhead",
        Class::Padding => "carried without meaning",
        Class::Unknown => "not dissected",
    }
}
