//! The list of commands, over the view.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget as _};

use super::{fit, left, tint};
use crate::tui::app::App;
use crate::tui::detail::scrolled;
use crate::tui::palette::Palette;

/// Draws the list. Returns where the cursor stands.
pub(super) fn draw(buffer: &mut Buffer, app: &App, palette: &Palette) -> Position {
    let theme = app.theme;
    let found = palette.found();
    let width = app.size.width.saturating_sub(4).clamp(1, 76).min(app.size.width);
    let most = u16::try_from(palette.count() + 3).unwrap_or(u16::MAX).min(20);
    let height = app.size.height.saturating_sub(2).clamp(1, most).min(app.size.height);
    let area = Rect { x: (app.size.width - width) / 2, y: (app.size.height - height) / 3, width, height };
    Clear.render(area, buffer);
    let title = format!(" {} ", palette.title());
    let block = Block::bordered().title(title).title_style(theme.accent()).border_style(theme.rule());
    let inside = block.inner(area);
    block.render(area, buffer);
    if inside.is_empty() {
        return Position::new(area.x, area.y);
    }
    let room = usize::from(inside.width).saturating_sub(3);
    buffer.set_string(inside.x, inside.y, " :", theme.accent());
    buffer.set_stringn(inside.x + 2, inside.y, palette.input.value(), room, theme.text());
    let rows = usize::from(inside.height).saturating_sub(1);
    let top = scrolled(0, palette.roll.selected, rows, found.len());
    for ((at, binding), y) in found.iter().enumerate().skip(top).zip(inside.y + 1..inside.bottom()) {
        let line = Line::from(vec![
            Span::styled(format!(" {}", left(&binding.first_key(), 8)), theme.strong()),
            Span::styled(fit(binding.help, room.saturating_sub(8)).into_owned(), theme.text()),
        ]);
        buffer.set_line(inside.x, y, &line, inside.width);
        if at == palette.roll.selected {
            tint(buffer, Rect { y, height: 1, ..inside }, theme.selected(true));
        }
    }
    if found.is_empty() && inside.height > 1 {
        buffer.set_stringn(inside.x + 1, inside.y + 1, "no command is called that", room, theme.quiet());
    }
    let cursor = palette.input.visual_cursor().min(room) as u16;
    Position::new(inside.x + 2 + cursor, inside.y)
}
