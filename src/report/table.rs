//! Columns that stand below each other, numbers with separators, bars to scale.

use unicode_width::UnicodeWidthStr;

use crate::bytes::{Class, Ledger};
use crate::flow::limits::Dropped;
use crate::report::Style;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Rows whose columns are as wide as their widest cell.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a heading for each column; a heading that begins with `>` aligns to the right.
    pub fn new(headings: &[&str]) -> Table {
        let align = |heading: &&str| if heading.starts_with('>') { Align::Right } else { Align::Left };
        let first = headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()).collect();
        Table { columns: headings.iter().map(align).collect(), rows: vec![first] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Whether there is a row below the headings.
    pub fn has_rows(&self) -> bool {
        self.rows.len() > 1
    }

    /// The lines, headings first.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                self.rows.iter().filter_map(|row| row.get(at)).map(String::as_str).map(width_of).max().unwrap_or(0)
            })
            .collect();
        self.rows.iter().map(move |row| {
            let mut line = String::new();
            for ((cell, width), align) in row.iter().zip(&widths).zip(&self.columns) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                line.push_str(&pad(cell, *width, *align));
            }
            line.trim_end().to_owned()
        })
    }
}

/// Columns that a text takes in a terminal. Colours take none: what was captured is escaped, so that every escape
/// character is one of ours.
pub fn width_of(text: &str) -> usize {
    if text.bytes().fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte)) {
        return text.len();
    }
    let mut parts = text.split('\x1b');
    let first = parts.next().map_or(0, UnicodeWidthStr::width);
    first + parts.map(|part| part.split_once('m').map_or(0, |(_, rest)| rest.width())).sum::<usize>()
}

/// A cell of at least this width.
pub fn pad(cell: &str, width: usize, align: Align) -> String {
    let mut out = String::with_capacity(cell.len().max(width));
    pad_onto(&mut out, cell, width, align);
    out
}

/// The same behind what `out` holds.
pub fn pad_onto(out: &mut String, cell: &str, width: usize, align: Align) {
    let room = width.saturating_sub(width_of(cell));
    let room = std::iter::repeat_n(' ', room);
    match align {
        Align::Left => {
            out.push_str(cell);
            out.extend(room);
        }
        Align::Right => {
            out.extend(room);
            out.push_str(cell);
        }
    }
}

/// Bars that were drawn, for most packets look like others.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    drawn: hashbrown::HashMap<(Ledger, u64), String, foldhash::fast::RandomState>,
}

impl Bars {
    /// Bars remembered.
    const MOST: usize = 4096;

    /// As [`bar_with`] draws it; always asked for with the same width and style.
    pub fn bar(&mut self, ledger: &Ledger, dark: u64, width: usize, style: Style) -> &str {
        if self.drawn.len() >= Bars::MOST && !self.drawn.contains_key(&(*ledger, dark)) {
            self.drawn.clear();
        }
        self.drawn.entry((*ledger, dark)).or_insert_with(|| bar_with(ledger, dark, width, style))
    }
}

/// A paragraph as lines of at most `width` columns, cut between words.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = |line: &String| line.is_empty() || width_of(line) + 1 + width_of(word) <= width;
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A number with separators: `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its word: `1 packet`, `2 packets`.
pub fn counted(number: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A part of a whole: `48.6 %`; never `0.0 %` of something, never `100.0 %` of less than all.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 %".to_owned();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    match tenths {
        0 if part > 0 => "< 0.1 %".to_owned(),
        1000 if part < whole => "> 99.9 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A ledger drawn to scale in `width` glyphs beside bytes that are dark: these are left blank.
pub fn bar_with(ledger: &Ledger, dark: u64, width: usize, style: Style) -> String {
    let (seen, all) = (u128::from(ledger.total()), u128::from(ledger.total() + dark).max(1));
    let exactly = usize::try_from((seen * width as u128 + all / 2) / all).unwrap_or(0);
    let cells = exactly.clamp(usize::from(seen > 0), width.saturating_sub(usize::from(dark > 0)).max(1));
    format!("{}{}", bar(ledger, cells, style), " ".repeat(width.saturating_sub(cells)))
}

/// A ledger drawn to scale in `width` glyphs, from wrapper to sealed to neither. What is there gets a glyph at least,
/// as far as there is room.
pub fn bar(ledger: &Ledger, width: usize, style: Style) -> String {
    let total = ledger.total();
    let parts: Vec<(Class, u64)> = ledger.iter().filter(|(_, bytes)| *bytes > 0).collect();
    if total == 0 || width == 0 {
        return " ".repeat(width);
    }
    // Classes of one glyph are one part: colours would otherwise promise more than the width can tell.
    let mut glyphs: Vec<(Class, u64)> = Vec::new();
    for (class, bytes) in parts {
        match glyphs.iter_mut().find(|(before, _)| before.glyph() == class.glyph()) {
            Some((_, sum)) => *sum += bytes,
            None => glyphs.push((class, bytes)),
        }
    }
    // In units of 1/total of a glyph, so that whole numbers do.
    let (width, total) = (width as i128, i128::from(total));
    let due = |bytes: u64| i128::from(bytes) * width;
    let mut cells: Vec<i128> = glyphs.iter().map(|(_, bytes)| ((due(*bytes) + total / 2) / total).max(1)).collect();
    // Rounding may have given too many or too few: whoever is furthest from its due gives or takes.
    while cells.iter().sum::<i128>() != width {
        let short = cells.iter().sum::<i128>() < width;
        let excess = |(cell, (_, bytes)): &(&mut i128, &(Class, u64))| **cell * total - due(*bytes);
        let parts = cells.iter_mut().zip(&glyphs);
        let furthest =
            if short { parts.min_by_key(excess) } else { parts.filter(|(n, _)| **n > 1).max_by_key(excess) };
        match furthest {
            Some((cell, _)) if short => *cell += 1,
            Some((cell, _)) => *cell -= 1,
            None => break,
        }
    }
    glyphs
        .iter()
        .zip(cells)
        .map(|((class, _), n)| {
            style.class(*class, &class.glyph().to_string().repeat(usize::try_from(n).unwrap_or(0)))
        })
        .collect()
}

/// Nanoseconds as seconds with all nine digits.
pub fn seconds(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let magnitude = nanos.unsigned_abs();
    format!("{sign}{}.{:09}", magnitude / 1_000_000_000, magnitude % 1_000_000_000)
}

/// A point in time for people, UTC.
pub fn date(nanos: i64) -> String {
    jiff::Timestamp::from_nanosecond(nanos.into())
        .map_or_else(|_| seconds(nanos), |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// What limits dropped, in words; nothing if they dropped nothing.
pub fn dropped(dropped: &Dropped) -> Vec<String> {
    let Dropped { ahead, astray, pieces, tail, fragments, questions, announced } = *dropped;
    let told = [
        (ahead, "byte", "behind holes in streams"),
        (astray, "byte", "far from where their stream was"),
        (pieces, "byte", "whose packet could not be remembered"),
        (tail, "byte", "of messages that are too long"),
        (fragments, "fragment", "whose datagram was never whole"),
        (questions, "question", "before an answer came"),
        (announced, "announced endpoint", "before it spoke"),
    ];
    let told = told.into_iter().filter(|(count, ..)| *count > 0);
    told.map(|(count, word, what)| format!("{} {what}", counted(count, word))).collect()
}

/// How long something took, for people: `4.2 ms`, `1.204 s`.
pub fn delay(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let micros = (nanos.unsigned_abs() + 500) / 1000;
    match micros {
        0..1000 => format!("{sign}{micros} µs"),
        1000..1_000_000 => format!("{sign}{}.{} ms", micros / 1000, micros % 1000 / 100),
        _ => format!("{sign}{}.{:03} s", micros / 1_000_000, micros % 1_000_000 / 1000),
    }
}

/// A span of time for people.
pub fn span(nanos: i64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let n = nanos.unsigned_abs();
    match n {
        0..SECOND => format!("{} ms", (n + 500_000) / 1_000_000),
        _ if n < 120 * SECOND => format!("{}.{} s", n / SECOND, n % SECOND / 100_000_000),
        _ if n < 2 * 3600 * SECOND => format!("{} min {} s", n / SECOND / 60, n / SECOND % 60),
        _ if n < 48 * 3600 * SECOND => format!("{} h {} min", n / SECOND / 3600, n / SECOND / 60 % 60),
        _ => format!("{} days {} h", n / SECOND / 86_400, n / SECOND / 3600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_cut_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("immeasurable a", 5), ["immeasurable", "a"], "a long word stands alone");
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn numbers_are_grouped_and_parts_never_rounded_away() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [0, 999, 1000, 1_234_567].map(grouped).each_ref().map(String::as_str)
        );
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(1, 1_000_000), "< 0.1 %");
        assert_eq!(percent(999_999, 1_000_000), "> 99.9 %");
        assert_eq!(percent(0, 0), "0 %");
    }

    #[test]
    fn a_bar_is_as_wide_as_it_should_be_and_shows_every_part() {
        let mut ledger = Ledger::default();
        for (class, bytes) in [(Class::Link, 1), (Class::Metadata, 1), (Class::Sealed, 100_000), (Class::Padding, 1)]
        {
            ledger.add(class, bytes);
        }
        assert_eq!(bar(&ledger, 8, Style::default()), "░▒█████·");
        ledger.add(Class::Network, 50_000);
        assert_eq!(bar(&ledger, 8, Style::default()), "░░▒████·");
    }

    #[test]
    fn colours_take_no_columns() {
        assert_eq!(width_of(&Style::new(true).class(Class::Sealed, "ab")), 2);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let mut table = Table::new(&["name", ">n"]);
        table.row(vec!["日本".into(), "5".into()]);
        table.row(vec!["a".into(), "12345".into()]);
        assert_eq!(table.lines().collect::<Vec<_>>(), ["name      n", "日本      5", "a     12345"]);
    }
}
