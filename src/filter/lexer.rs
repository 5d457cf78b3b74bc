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
    /// A character constant: one byte.
    Character(u8),
    /// What stands in square brackets: a slice.
    Slice(String),
    /// What stands behind `#`: layers.
    Layers(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Longer ones first.
const SIGNS: &[&str] = &[
    "===", "!==", "..", "==", "!=", "~=", "<=", ">=", "&&", "||", "^^", "<", ">", "!", "&", "~", "(", ")", "{", "}",
    ",", "+", "*", "/", "%",
];

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
        let (what, length) = word(rest, first).map_err(|what| {
            let length = if what.starts_with('`') { first.len_utf8() } else { rest.len() };
            FilterError { text: text.to_owned(), start, end: start + length, what }
        })?;
        at = start + length;
        tokens.push(Token { what, start, end: at });
    }
}

/// The word that a text begins with, and its length.
fn word(rest: &str, first: char) -> Result<(What, usize), String> {
    let open = |what: &str, sign: &str| format!("this {what} does not end: a {sign} is missing");
    if let Some(quoted) = rest.strip_prefix("r\"") {
        let (bytes, length) = raw(quoted).ok_or_else(|| open("string", "`\"`"))?;
        return Ok((What::Quoted(bytes), length + 2));
    }
    if first == '"' {
        return quoted(rest)
            .map(|(bytes, length)| (What::Quoted(bytes), length))
            .ok_or_else(|| open("string", "`\"`"));
    }
    if first == '\'' {
        let (bytes, length) = quoted(rest).ok_or_else(|| open("character", "`'`"))?;
        let [byte] = bytes.as_slice() else {
            return Err("`'` holds one character of one byte; text stands in `\"`".to_owned());
        };
        return Ok((What::Character(*byte), length));
    }
    if first == '[' {
        let end = rest.find(']').ok_or_else(|| open("slice", "`]`"))?;
        return Ok((What::Slice(rest.get(1..end).unwrap_or_default().to_owned()), end + 1));
    }
    if let Some(layers) = rest.strip_prefix('#') {
        if let Some(ranges) = layers.strip_prefix('[') {
            let end = ranges.find(']').ok_or_else(|| open("range of layers", "`]`"))?;
            return Ok((What::Layers(ranges.get(..end).unwrap_or_default().to_owned()), end + 3));
        }
        let end = layers.find(|c: char| !c.is_ascii_digit()).unwrap_or(layers.len());
        if end > 0 {
            return Ok((What::Layers(layers.get(..end).unwrap_or_default().to_owned()), end + 1));
        }
    }
    // A minus is a sign unless a number begins with it.
    if first == '-' && !rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit()) {
        return Ok((What::Sign("-"), 1));
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((What::Sign(sign), sign.len()));
    }
    if in_word(first) {
        let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        // Two dots make a range, unless the word is an address that ends in them.
        let end = rest.get(..end).and_then(|word| word.find("..")).unwrap_or(end);
        return Ok((What::Word(rest.get(..end).unwrap_or_default().to_owned()), end));
    }
    Err(format!("`{}` means nothing here", crate::bytes::escape(&first.to_string())))
}

/// A raw string behind `r"`: its bytes and its length with the closing quote. A backslash stays, and keeps a quote
/// behind it from ending the string.
fn raw(text: &str) -> Option<(Vec<u8>, usize)> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'"' && !escaped {
            return Some((text.get(..at)?.as_bytes().to_vec(), at + 1));
        }
        escaped = byte == b'\\' && !escaped;
    }
    None
}

/// A quoted string: its bytes with escapes undone, and its length with both quotes. An unknown escape stays as it
/// is, so that regular expressions need no doubled backslash.
fn quoted(text: &str) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    let mut chars = text.char_indices();
    let quote = chars.next()?.1;
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((bytes, at + 1)),
            '\\' => {
                let behind = text.get(at + 1..)?;
                let length = escape(behind, &mut bytes)?;
                // The escape's characters are passed.
                let end = at + 1 + length;
                while chars.clone().next().is_some_and(|(next, _)| next < end) {
                    chars.next();
                }
            }
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    None
}

/// Undoes the escape that stands behind a backslash; returns its length.
fn escape(behind: &str, bytes: &mut Vec<u8>) -> Option<usize> {
    let first = behind.chars().next()?;
    let simple = match first {
        '\'' | '"' | '\\' => Some(first as u8),
        'a' => Some(0x07),
        'b' => Some(0x08),
        'f' => Some(0x0c),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(0x0b),
        _ => None,
    };
    if let Some(byte) = simple {
        bytes.push(byte);
        return Some(1);
    }
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = behind.get(from..from + count).filter(|digits| digits.chars().all(|c| c.is_digit(radix)))?;
        u32::from_str_radix(digits, radix).ok()
    };
    let coded = match first {
        'x' => digits(1, 2, 16).map(|byte| (vec![byte as u8], 3)),
        '0'..='3' => digits(0, 3, 8).map(|byte| (vec![byte as u8], 3)),
        'u' => digits(1, 4, 16).and_then(char::from_u32).map(|c| (c.to_string().into_bytes(), 5)),
        'U' => digits(1, 8, 16).and_then(char::from_u32).map(|c| (c.to_string().into_bytes(), 9)),
        _ => None,
    };
    if let Some((coded, length)) = coded {
        bytes.extend(coded);
        return Some(length);
    }
    bytes.push(b'\\');
    bytes.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
    Some(first.len_utf8())
}
