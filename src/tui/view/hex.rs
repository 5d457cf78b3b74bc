//! The bytes: hexadecimal, as text, and the class of each.
//!
//! ```text
//!  frame   TLS handshake (packets 22-23)
//! 0000  02 42 c0 00 02 01 02 42  .B.....B LLLLLLLL
//! 0008  c0 00 02 0a 08 00 45 00  ......E. LLLLLLNN
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{Areas, fit, width as text_width};
use crate::bytes::Derived;
use crate::tui::app::{App, Focus, Paint};
use crate::tui::detail::Detail;

/// Columns of the offset and the room behind it.
const OFFSET: u16 = 6;

/// Columns that `bytes` a row take: offset, digits, a gap in the middle, text, and letters.
const fn needs(bytes: u16, letters: bool) -> u16 {
    1 + OFFSET + bytes * 3 + 1 + bytes + if letters { bytes + 1 } else { 0 } + bytes / 16
}

/// Bytes a row on a screen so wide.
pub(in crate::tui) fn columns(screen: u16, letters: bool) -> usize {
    // Layers keep at least two fifths.
    if screen >= 66 && needs(16, letters) <= screen / 5 * 3 { 16 } else { 8 }
}

/// The pane's width on a screen so wide.
pub(super) fn width(screen: u16, letters: bool) -> u16 {
    needs(columns(screen, letters) as u16, letters)
}

/// What a source of bytes is called.
fn label(derived: &Derived) -> String {
    let first = derived.origins.iter().map(|piece| piece.packet).min();
    let last = derived.origins.iter().map(|piece| piece.packet).max();
    match (first, last) {
        (Some(first), Some(last)) if first != last => format!("{} (packets {first}-{last})", derived.label),
        _ => derived.label.to_owned(),
    }
}

/// The tabs: one for each source of bytes.
pub(super) fn draw_title(buffer: &mut Buffer, app: &App, area: Rect) {
    let theme = app.theme;
    let Some(detail) = &app.detail else { return };
    let derived = detail.explained.tree.derived();
    let names: Vec<String> = std::iter::once("frame".to_owned()).chain(derived.iter().map(label)).collect();
    // The one that is shown must be visible: those before it give way.
    let shown = usize::from(detail.source);
    let room = usize::from(area.width).saturating_sub(4);
    let mut first = 0;
    while first < shown
        && names.iter().take(shown + 1).skip(first).map(|name| text_width(name) + 3).sum::<usize>() > room
    {
        first += 1;
    }
    let mut x = area.x + 1;
    for (at, name) in names.iter().enumerate().skip(first) {
        let left = usize::from(area.right().saturating_sub(x + 1));
        if left < 6 {
            break;
        }
        let style = match (at == shown, app.focus == Focus::Hex) {
            (true, true) => theme.accent(),
            (true, false) => theme.text(),
            _ => theme.quiet(),
        };
        let text = format!(" {} ", fit(name, left.saturating_sub(2)));
        buffer.set_string(x, area.y, &text, style);
        x += text_width(&text) as u16 + 1;
    }
    let what = match app.paint {
        Paint::Class => " by class ",
        Paint::Layer => " by layer ",
    };
    if usize::from(area.right().saturating_sub(x)) > what.len() + 1 {
        buffer.set_string(area.right() - what.len() as u16 - 1, area.y, what, theme.quiet());
    }
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let area = areas.hex;
    let Some(detail) = app.detail.as_ref().filter(|_| !area.is_empty()) else { return };
    let per_row = columns(app.size.width, app.letters);
    let styles = Styles::new(app, detail);
    let bytes = detail.bytes();
    let visible = bytes.chunks(per_row).enumerate().skip(detail.hex_top);
    for ((row, chunk), y) in visible.zip(area.top()..area.bottom()) {
        let at = row * per_row;
        let offset = if bytes.len() > 0x1_0000 { format!("{at:06x}") } else { format!("{at:04x}") };
        buffer.set_string(area.x + 1, y, offset, app.theme.quiet());
        for (n, byte) in chunk.iter().enumerate() {
            let n16 = n as u16;
            let style = styles.of(at + n);
            let dark = styles.is_dark(at + n);
            let x = digits_at(area, per_row, n16);
            if dark {
                buffer.set_string(x, y, "··", style);
            } else {
                buffer.set_string(x, y, format!("{byte:02x}"), style);
            }
            // The mark of a field goes through from byte to byte.
            if n + 1 < chunk.len() && styles.goes_on(at + n) {
                let gap = digits_at(area, per_row, n16 + 1).saturating_sub(x + 2);
                buffer.set_string(x + 2, y, " ".repeat(gap.into()), app.theme.marked());
            }
            let shown = match byte {
                _ if dark => '·',
                b' '..=b'~' => char::from(*byte),
                _ => '.',
            };
            let text = text_at(area, per_row);
            buffer.set_string(text + n16, y, shown.encode_utf8(&mut [0; 4]), style);
            if app.letters
                && let Some(class) = styles.classes.get(at + n)
            {
                let letter = class.letter();
                let x = text + per_row as u16 + 1 + n16;
                buffer.set_string(x, y, letter.encode_utf8(&mut [0; 4]), app.theme.class(*class));
            }
        }
    }
}

fn digits_at(area: Rect, per_row: usize, n: u16) -> u16 {
    let middle = u16::from(per_row == 16 && n >= 8);
    area.x + 1 + OFFSET + n * 3 + middle
}

fn text_at(area: Rect, per_row: usize) -> u16 {
    digits_at(area, per_row, per_row as u16) + 1
}

/// The byte at a place of the screen.
pub(in crate::tui) fn byte_at(detail: &Detail, areas: &Areas, per_row: usize, at: Position) -> Option<u32> {
    let area = areas.hex;
    let per_row = per_row as u16;
    let row = detail.hex_top + usize::from(at.y.checked_sub(area.y)?);
    let text = text_at(area, per_row.into());
    let column = (0..per_row).find(|n| {
        let x = digits_at(area, per_row.into(), *n);
        (x..x + 3).contains(&at.x) || at.x == text + n || at.x == text + per_row + 1 + n
    })?;
    let byte = row * usize::from(per_row) + usize::from(column);
    (byte < detail.bytes().len()).then_some(byte as u32)
}

/// How each byte looks.
struct Styles<'a> {
    app: &'a App,
    classes: Vec<crate::bytes::Class>,
    layers: Vec<Option<usize>>,
    marked: std::ops::Range<usize>,
    cursor: Option<usize>,
}

impl<'a> Styles<'a> {
    fn new(app: &'a App, detail: &Detail) -> Styles<'a> {
        Styles {
            app,
            classes: detail.classes(),
            layers: if app.paint == Paint::Layer { detail.layers() } else { Vec::new() },
            marked: app.marked(),
            cursor: matches!(app.focus, Focus::Hex | Focus::Strip).then_some(detail.byte as usize),
        }
    }

    /// Whether whoever looks does not see this byte.
    fn is_dark(&self, at: usize) -> bool {
        let payload = || self.app.hides(crate::bytes::Class::Content); // put together, or decoded
        self.classes.get(at).map_or_else(payload, |class| self.app.is_dark(*class))
    }

    fn of(&self, at: usize) -> Style {
        let theme = self.app.theme;
        let style = match self.app.paint {
            _ if self.is_dark(at) => theme.rule(),
            Paint::Class => self.classes.get(at).map_or_else(Style::new, |class| theme.class(*class)),
            Paint::Layer => match self.layers.get(at) {
                Some(Some(layer)) => theme.layer(*layer),
                _ => theme.quiet(),
            },
        };
        if self.cursor == Some(at) {
            style.patch(theme.cursor())
        } else if self.marked.contains(&at) {
            style.patch(theme.marked())
        } else {
            style
        }
    }

    fn goes_on(&self, at: usize) -> bool {
        self.marked.contains(&at) && self.marked.contains(&(at + 1))
    }
}
