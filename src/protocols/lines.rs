//! What protocols of lines share (SMTP, IMAP, POP3, FTP, IRC): where a line, a reply, a text behind a command ends.
//!
//! A line ends with CRLF, or LF alone. Everything here looks at bytes and remembers nothing; what it says of a
//! beginning it says of everything that begins so.

use super::http::lines::line;
use super::{Answer, Extent, Start, Under, base64};
use crate::bytes::{Class, Cursor, Field, Stop};

/// The longest line that is waited for. RFC 5321, section 4.5.3.1.4 asks for 512 bytes, RFC 2683, section 3.2.1.5 for
/// 8,000, and IMAP clients send longer ones.
const LONGEST: usize = 64 << 10;
/// A text without a known length is read in parts of about so many bytes.
const PART: usize = 16 << 10;
/// A greeting by which a protocol is told on any port ends within so many bytes.
const GREETING: usize = 512;

/// A line is a message.
pub(super) fn extent(arrived: &[u8]) -> Extent {
    match line(arrived.get(..LONGEST).unwrap_or(arrived), 0) {
        Some(line) => Extent::Whole(line.next),
        None if arrived.len() >= LONGEST => Extent::Lost(LONGEST),
        None => Extent::Needs(arrived.len().saturating_add(1)),
    }
}

/// A reply of one or more lines, each with a code of three digits: all but the last have a hyphen behind it
/// (RFC 5321, section 4.2.1).
pub(super) fn reply(arrived: &[u8]) -> Extent {
    let mut at = 0;
    while let Some(line) = line(arrived, at) {
        let goes_on = arrived.get(at.saturating_add(3)) == Some(&b'-') && line.next < LONGEST;
        if !goes_on {
            return Extent::Whole(line.next);
        }
        at = line.next;
    }
    if arrived.len() >= LONGEST { Extent::Lost(LONGEST) } else { Extent::Needs(arrived.len().saturating_add(1)) }
}

/// A text that ends with a line of one dot (RFC 5321, section 4.5.2; RFC 1939, section 3), in parts.
pub(super) fn until_dot(arrived: &[u8]) -> Extent {
    let mut at = 0;
    while let Some(line) = line(arrived, at).filter(|line| line.next <= PART.saturating_add(LONGEST)) {
        if arrived.get(at..line.text) == Some(b".") {
            return Extent::Whole(line.next);
        }
        at = line.next;
        if at >= PART {
            return Extent::Part(at);
        }
    }
    if arrived.len() >= PART.saturating_add(LONGEST) {
        Extent::Part(PART)
    } else {
        Extent::Needs(arrived.len().saturating_add(1))
    }
}

/// Reads what [`until_dot`] found: content, and the dot. Returns whether the text ended.
pub(super) fn text_until_dot(c: &mut Cursor<'_>, content: &'static Field) -> Result<bool, Stop> {
    let bytes = c.rest();
    let dot = [&b".\r\n"[..], b".\n"].into_iter().find(|dot| {
        let before = bytes.strip_suffix(*dot);
        before.is_some_and(|before| before.is_empty() || before.ends_with(b"\n"))
    });
    let length = bytes.len().saturating_sub(dot.map_or(0, <[u8]>::len));
    if length > 0 {
        let class = c.class(Class::Content);
        c.bytes(content, length)?;
        c.class(class);
    }
    c.pass(c.remaining())?;
    Ok(dot.is_some())
}

/// What is before the end of a line.
pub(super) fn text(line: &[u8]) -> &[u8] {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// The first word of a text, and what stands behind the space behind it.
pub(super) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b' ').unwrap_or(text.len());
    (text.get(..end).unwrap_or(text), text.get(end.saturating_add(1)..).unwrap_or(&[]))
}

/// The code at the start of a reply.
pub(super) fn code(line: &[u8]) -> Option<u64> {
    let digits = line.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let alone = !line.get(3).is_some_and(u8::is_ascii_alphanumeric);
    alone.then(|| {
        digits.iter().fold(0u64, |code, digit| code.saturating_mul(10).saturating_add(u64::from(digit & 0xf)))
    })
}

/// Passes the next word as `field`, and the spaces behind it. Returns it.
pub(super) fn pass_word<'a>(c: &mut Cursor<'a>, field: &'static Field) -> Result<&'a [u8], Stop> {
    let (word, _) = word(text(c.rest()));
    let word = c.bytes(field, word.len())?;
    let spaces = c.rest().iter().take_while(|byte| **byte == b' ').count();
    c.pass(spaces)?;
    Ok(word)
}

/// Passes what is left of a line as `field`, if there is something. Returns it.
pub(super) fn pass_text<'a>(c: &mut Cursor<'a>, field: &'static Field) -> Result<&'a [u8], Stop> {
    let text = text(c.rest());
    if text.is_empty() { Ok(text) } else { c.bytes(field, text.len()) }
}

/// Passes what is left of a line, which stands under a heading.
pub(super) fn pass_text_only(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let text = text(c.rest());
    c.pass(text.len()).map(drop)
}

/// Passes the end of the line.
pub(super) fn pass_end(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let end = match c.peek(2) {
        [b'\r', b'\n'] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    };
    c.pass(end).map(drop)
}

/// Whether a protocol of lines is spoken: on its own ports everything printable is believed but what is certainly
/// something else; on other ports a greeting has to say so.
pub(super) fn probe(start: &Start, ports: &[Under], first: &[u8], greets: fn(&[u8]) -> bool) -> Answer {
    const OTHERS: [&[u8]; 7] = [b"GET ", b"POST", b"HTTP", b"SSH-", b"HEAD", b"PUT ", b"CONN"];
    if !start.is_stream() {
        return Answer::No;
    }
    let [client, server] = [start.client_port, start.server_port].map(|port| ports.contains(&Under::Tcp(port)));
    if client || server {
        let beginning = first.get(..4).unwrap_or(first);
        let printable = beginning.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t'));
        return match beginning.len() {
            _ if !printable || OTHERS.contains(&beginning) => Answer::No,
            4 => Answer::Yes,
            _ => Answer::More,
        };
    }
    if !matches!(first, [b'2' | b'*' | b'+', ..]) {
        return Answer::No;
    }
    match line(first.get(..GREETING).unwrap_or(first), 0) {
        Some(line) if greets(first.get(..line.text).unwrap_or(first)) => Answer::Yes,
        None if first.len() < GREETING => Answer::More,
        _ => Answer::No,
    }
}

/// Name and password of the mechanism PLAIN, in base64 (RFC 4616, section 2): authorization identity, name and
/// password, with zeros between.
pub(super) fn plain(text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let decoded = base64::decode(text)?;
    let mut parts = decoded.split(|byte| *byte == 0).skip(1);
    Some((parts.next()?.to_vec(), parts.next()?.to_vec()))
}

/// Whether `words` stand in a text, in whatever case.
pub(super) fn says(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len().max(1)).any(|window| window.eq_ignore_ascii_case(words))
}

#[cfg(test)]
mod tests {
    use super::super::Transport;
    use super::*;

    #[test]
    fn a_line_is_waited_for_up_to_its_limit() {
        assert_eq!(extent(b"QUIT\r\nX"), Extent::Whole(6));
        assert_eq!(extent(b"QUIT"), Extent::Needs(5));
        assert_eq!(extent(&b"a".repeat(LONGEST)), Extent::Lost(LONGEST));
    }

    #[test]
    fn a_reply_goes_on_behind_a_hyphen() {
        assert_eq!(reply(b"250-a\r\n250 b\r\n250"), Extent::Whole(14));
        assert_eq!(reply(b"250-a\r\n250 b"), Extent::Needs(13));
        assert_eq!(reply(b"ok\n"), Extent::Whole(3));
    }

    #[test]
    fn a_text_ends_with_a_dot_that_stands_alone() {
        assert_eq!(until_dot(b"a.\r\n..\r\n.\r\nQUIT"), Extent::Whole(11));
        assert_eq!(until_dot(b".\r\n"), Extent::Whole(3));
        assert_eq!(until_dot(b"a\r\n."), Extent::Needs(5));
        let long = b"0123456789abcde\n".repeat(PART);
        assert_eq!(until_dot(&long), Extent::Part(PART));
        assert_eq!(until_dot(&b"a".repeat(PART + LONGEST)), Extent::Part(PART), "no line at all");
    }

    #[test]
    fn codes_have_three_digits() {
        assert_eq!(code(b"220 x"), Some(220));
        assert_eq!(code(b"220"), Some(220));
        assert_eq!(code(b"2200"), None);
        assert_eq!(code(b"22"), None);
    }

    #[test]
    fn ports_are_not_believed_blindly() {
        let start = Start { transport: Transport::Tcp, client_port: 40_000, server_port: 25 };
        let ports = [Under::Tcp(25)];
        let of = |first: &[u8]| probe(&start, &ports, first, |_| false);
        assert_eq!(of(b"220 mail"), Answer::Yes);
        assert_eq!(of(b"22"), Answer::More);
        assert_eq!(of(b"GET / HTTP/1.1"), Answer::No);
        assert_eq!(of(&[0x16, 3, 1, 0]), Answer::No);
        let elsewhere = Start { server_port: 2525, ..start };
        let greets = |line: &[u8]| says(line, b"smtp");
        assert_eq!(probe(&elsewhere, &ports, b"220 a ESMTP\r\n", greets), Answer::Yes);
        assert_eq!(probe(&elsewhere, &ports, b"220 a", greets), Answer::More);
        assert_eq!(probe(&elsewhere, &ports, b"220 a\r\n", greets), Answer::No);
    }
}
