//! The words of a filter.

use super::FilterError;

/// A word, and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A name, a number, an address: whatever stands without quotes.
    Word(String),
    /// A quoted string, with its escapes undone.
    Quoted(Vec<u8>),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Longer ones first.
const SIGNS: &[&str] = &["..", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "&", "~", "(", ")", "{", "}", ","];

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '-')
}

/// Cuts a text into words; the last one is [`What::End`].
pub(super) fn cut(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let start = at + (rest.len() - rest.trim_start().len());
        let rest = text.get(start..).unwrap_or_default();
        let Some(first) = rest.chars().next() else {
            tokens.push(Token { what: What::End, start, end: start });
            return Ok(tokens);
        };
        let (what, length) = if let Some(quoted) = rest.strip_prefix("r\"") {
            raw(quoted).map(|(bytes, length)| (What::Quoted(bytes), length + 2)).ok_or_else(|| open(text, start))?
        } else if first == '"' {
            quoted(rest).map(|(bytes, length)| (What::Quoted(bytes), length)).ok_or_else(|| open(text, start))?
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (What::Sign(sign), sign.len())
        } else if in_word(first) {
            let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            // Two dots make a range, unless the word is an address that ends in them.
            let end = rest.get(..end).and_then(|word| word.find("..")).unwrap_or(end);
            (What::Word(rest.get(..end).unwrap_or_default().to_owned()), end)
        } else {
            let what = format!("`{}` means nothing here", crate::bytes::escape(&first.to_string()));
            return Err(FilterError { text: text.to_owned(), start, end: start + first.len_utf8(), what });
        };
        at = start + length;
        tokens.push(Token { what, start, end: at });
    }
}

fn open(text: &str, start: usize) -> FilterError {
    let what = "this string does not end: a `\"` is missing".to_owned();
    FilterError { text: text.to_owned(), start, end: text.len(), what }
}

/// A raw string behind `r"`: its bytes and its length with the closing quote.
fn raw(text: &str) -> Option<(Vec<u8>, usize)> {
    let end = text.find('"')?;
    Some((text.get(..end)?.as_bytes().to_vec(), end + 1))
}

/// A quoted string: its bytes with escapes undone, and its length with both quotes. An unknown escape stays as it
/// is, so that regular expressions need no doubled backslash.
fn quoted(text: &str) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((bytes, at + 1)),
            '\\' => match chars.next()?.1 {
                'n' => bytes.push(b'\n'),
                'r' => bytes.push(b'\r'),
                't' => bytes.push(b'\t'),
                c @ ('"' | '\\') => bytes.push(c as u8),
                'x' => {
                    let high = chars.next()?.1.to_digit(16)?;
                    let low = chars.next()?.1.to_digit(16)?;
                    bytes.push((high << 4 | low) as u8);
                }
                other => {
                    bytes.push(b'\\');
                    bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                }
            },
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    None
}
