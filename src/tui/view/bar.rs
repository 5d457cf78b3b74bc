//! Ledgers drawn to scale.

use ratatui::text::Span;

use crate::bytes::{Class, Ledger};
use crate::tui::theme::Theme;

/// From so many cells on, a bar has room for every class; below, classes of one glyph share a part.
const ROOMY: usize = 16;

/// A ledger to scale in `cells` glyphs, coloured by class.
pub(super) fn bar(ledger: &Ledger, cells: usize, theme: Theme) -> Vec<Span<'static>> {
    let parts = apportion(&merged(ledger, cells >= ROOMY), cells).into_iter();
    parts.map(|(class, n)| Span::styled(class.glyph().to_string().repeat(n), theme.class(class))).collect()
}

/// Classes with their bytes; if `apart` is not set, those of one glyph as the largest of them.
fn merged(ledger: &Ledger, apart: bool) -> Vec<(Class, u64)> {
    let mut parts: Vec<(Class, u64, u64)> = Vec::new();
    for (class, bytes) in ledger.iter().filter(|(_, bytes)| *bytes > 0) {
        match parts.iter_mut().find(|(before, _, _)| !apart && before.glyph() == class.glyph()) {
            Some((before, sum, largest)) => {
                *sum += bytes;
                if bytes > *largest {
                    (*before, *largest) = (class, bytes);
                }
            }
            None => parts.push((class, bytes, bytes)),
        }
    }
    parts.into_iter().map(|(class, sum, _)| (class, sum)).collect()
}

/// How many of `cells` each part gets: each at least one as far as there is room, else by its share.
fn apportion(parts: &[(Class, u64)], cells: usize) -> Vec<(Class, usize)> {
    let total: u128 = parts.iter().map(|(_, bytes)| u128::from(*bytes)).sum();
    if total == 0 {
        return Vec::new();
    }
    let due = |bytes: u64| (u128::from(bytes) * cells as u128 + total / 2) / total;
    let mut given: Vec<(Class, usize)> =
        parts.iter().map(|(class, bytes)| (*class, usize::try_from(due(*bytes)).unwrap_or(cells).max(1))).collect();
    loop {
        let sum: usize = given.iter().map(|(_, n)| n).sum();
        // The largest part gives or takes what rounding left: there it shows least.
        let largest = given.iter_mut().max_by_key(|(_, n)| *n);
        match largest {
            Some((_, n)) if sum < cells => *n += cells - sum,
            Some((_, n)) if sum > cells => *n -= 1,
            _ => return given,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_shows_and_the_bar_is_full() {
        let parts = [(Class::Link, 14), (Class::Metadata, 1), (Class::Sealed, 1_000_000)];
        let given = apportion(&parts, 8);
        assert_eq!(given, [(Class::Link, 1), (Class::Metadata, 1), (Class::Sealed, 6)]);
        assert_eq!(apportion(&parts, 2).iter().map(|(_, n)| n).sum::<usize>(), 2);
        assert!(apportion(&[], 8).is_empty());
    }
}
