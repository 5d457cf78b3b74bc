//! Text in columns of the screen: widths, cutting, sizes for people.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut to `columns`; what is cut shows as `…`.
pub(super) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let mut out = String::new();
    for c in text.chars() {
        taken += c.width().unwrap_or(0);
        if taken >= columns {
            break;
        }
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// The text in exactly `columns`.
pub(super) fn left(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let room = columns.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(room))
}

/// The text in exactly `columns`, at their end.
pub(super) fn right(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let room = columns.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(room))
}

/// A size for people: `54 kB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes / (unit / 10);
            return if tenths < 100 {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            } else {
                format!("{} {name}", tenths / 10)
            };
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_shows_and_wide_characters_take_two_columns() {
        assert_eq!(fit("shop.example", 6), "shop.…");
        assert_eq!(left("日本", 5), "日本 ");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(right("7", 3), "  7");
    }
}
