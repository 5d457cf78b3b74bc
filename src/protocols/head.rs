//! Heads of messages in text, as SIP and RTSP have them (RFC 3261, section 7): a first line, header fields, an
//! empty line. Lines end with CR LF, or with LF alone.

use super::Extent;
use crate::bytes::{Cursor, Field, Stop};

/// Bytes in which a first line must end to be one. RFC 3261 sets no limit; no address is so long.
const LONGEST_LINE: usize = 4096;

/// A line: how many bytes of text it has, and how many with its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: usize,
    pub(super) whole: usize,
}

/// The line at the start of `bytes`, if its end is here.
pub(super) fn line(bytes: &[u8]) -> Option<Line> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let text = bytes.get(..end)?;
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    Some(Line { text: text.len(), whole: end.saturating_add(1) })
}

/// How long the head is, with the empty line at its end, if that is here.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let line = line(bytes.get(at..)?)?;
        at = at.saturating_add(line.whole);
        if line.text == 0 {
            return Some(at);
        }
    }
}

/// The header fields of a head, each with its name and its value.
pub(super) fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|byte| *byte == b'\n').skip(1).filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
    })
}

/// The number that one of the fields called `names` gives; the first one counts.
pub(super) fn number(head: &[u8], names: &[&str]) -> Option<usize> {
    let named = |name: &[u8]| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes()));
    let (_, value) = fields(head).find(|(name, _)| named(name))?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// How far a message in a stream reaches: its head, and a body if a field called `names` gives its length. Empty
/// lines between messages are messages of their own; a line that begins no message is passed over.
pub(super) fn extent(arrived: &[u8], begins: fn(&[u8]) -> bool, names: &[&str]) -> Extent {
    let more = Extent::Needs(arrived.len().saturating_add(1));
    match line(arrived.get(..LONGEST_LINE).unwrap_or(arrived)) {
        None if arrived.len() < LONGEST_LINE => more,
        None => Extent::Lost(LONGEST_LINE),
        Some(Line { text: 0, whole }) => Extent::Whole(whole),
        Some(Line { text, whole }) if !arrived.get(..text).is_some_and(begins) => Extent::Lost(whole),
        Some(_) => match length(arrived) {
            None => more,
            Some(head) => {
                let body = number(arrived.get(..head).unwrap_or(arrived), names).unwrap_or(0);
                Extent::Whole(head.saturating_add(body))
            }
        },
    }
}

/// Passes the header fields up to the empty line. `read` gets the name and passes the value, of the length that it
/// is told, as what it is; a value may go on in the next line (RFC 3261, section 7.3.1).
pub(super) fn read_fields<'a>(
    c: &mut Cursor<'a>,
    heading: &'static Field,
    mut read: impl FnMut(&mut Cursor<'a>, &[u8], usize) -> Result<(), Stop>,
) -> Result<(), Stop> {
    while !c.is_empty() {
        let rest = c.rest();
        let mut end = line(rest).unwrap_or(Line { text: rest.len(), whole: rest.len() });
        if end.text == 0 {
            return c.pass(end.whole).map(drop);
        }
        while matches!(rest.get(end.whole..), Some([b' ' | b'\t', ..])) {
            let behind = rest.get(end.whole..).unwrap_or(&[]);
            let next = line(behind).unwrap_or(Line { text: behind.len(), whole: behind.len() });
            end = Line { text: end.whole.saturating_add(next.text), whole: end.whole.saturating_add(next.whole) };
        }
        let place = c.open(heading);
        let passed = one_field(c, end.text, &mut read);
        c.close(place);
        passed?;
        c.pass(end.whole.saturating_sub(end.text))?;
    }
    Ok(())
}

fn one_field<'a>(
    c: &mut Cursor<'a>,
    length: usize,
    read: &mut impl FnMut(&mut Cursor<'a>, &[u8], usize) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let text = c.peek(length);
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return c.pass(length).map(drop) };
    let name = text.get(..colon).unwrap_or(text).trim_ascii();
    let value = text.get(colon.saturating_add(1)..).unwrap_or(&[]);
    let indent = value.len().saturating_sub(value.trim_ascii_start().len());
    c.pass(colon.saturating_add(1).saturating_add(indent))?;
    let value = value.trim_ascii();
    read(c, name, value.len())?;
    let passed = colon.saturating_add(1).saturating_add(indent).saturating_add(value.len());
    c.pass(length.saturating_sub(passed)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_request(line: &[u8]) -> bool {
        line.ends_with(b" X/1")
    }

    #[test]
    fn an_extent_does_not_depend_on_how_much_has_arrived() {
        let stream = b"\r\njunk\r\nA b X/1\r\nLength : 3\r\nL: 9\r\n\r\nabcA b X/1\n\n";
        let mut at = 0;
        let mut met = Vec::new();
        while at < stream.len() {
            let whole = extent(&stream[at..], is_request, &["length", "l"]);
            for cut in 1..stream.len() - at {
                let early = extent(&stream[at..at + cut], is_request, &["length", "l"]);
                assert!(early == whole || matches!(early, Extent::Needs(n) if n > cut), "{early:?} {whole:?}");
            }
            let (Extent::Whole(n) | Extent::Lost(n)) = whole else { panic!("{whole:?}") };
            met.push(whole);
            at += n;
        }
        assert_eq!(met, [Extent::Whole(2), Extent::Lost(6), Extent::Whole(32), Extent::Whole(9)]);
    }

    #[test]
    fn a_length_that_is_no_number_is_none() {
        assert_eq!(number(b"A\nLength: -1\n\n", &["length"]), None);
        assert_eq!(number(b"A\nLength: 99999999999999999999999\n\n", &["length"]), None);
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        assert_eq!(extent(&[b'a'; 5000], is_request, &[]), Extent::Lost(LONGEST_LINE));
    }
}
