//! The basic encoding rules of ASN.1 (X.690), as far as management and directory protocols use them: tags of one
//! octet, lengths that are given. Nesting is as deep as the reader that asks for it, never deeper.

use std::fmt::Write as _;

use crate::bytes::{Cursor, Field, Stop, Value};

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// The head of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) tag: u8,
    /// Octets of tag and length.
    pub(super) size: usize,
    /// Octets of the value.
    pub(super) length: usize,
}

/// The head at the start of `bytes`; `None` if it is not all here, or of another form.
pub(super) fn head(bytes: &[u8]) -> Option<Head> {
    const LONG_TAG: u8 = 0x1f;
    const LONG_LENGTH: u8 = 0x80;
    let [tag, first, rest @ ..] = bytes else { return None };
    if tag & LONG_TAG == LONG_TAG {
        return None;
    }
    if first & LONG_LENGTH == 0 {
        return Some(Head { tag: *tag, size: 2, length: usize::from(*first) });
    }
    // No message here is longer than four octets can say; 0 would be a length that is not given.
    let count = usize::from(first & !LONG_LENGTH);
    let octets = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
    let length = octets.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
    Some(Head { tag: *tag, size: count.saturating_add(2), length })
}

/// The value of the element at the start of `bytes`, if it is of this `tag` and all here; and what is behind it.
pub(super) fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let head = head(bytes).filter(|head| head.tag == tag)?;
    bytes.get(head.size..)?.split_at_checked(head.length)
}

/// Passes the head of the element that comes next and reads its value in a window of its own.
pub(super) fn enter<'a, T>(
    c: &mut Cursor<'a>,
    read: impl FnOnce(&mut Cursor<'a>, u8) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let Some(head) = head(c.rest()) else {
        return Err(if c.remaining() < 6 {
            c.short(6, None)
        } else {
            c.malformed("no element that BER allows here")
        });
    };
    c.pass(head.size)?;
    c.inside(head.length, |c| read(c, head.tag))
}

/// As [`enter`], for an element that must be of this `tag`.
pub(super) fn within<'a, T>(
    c: &mut Cursor<'a>,
    tag: u8,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    enter(c, |c, found| if found == tag { read(c) } else { Err(c.malformed("an element of another kind")) })
}

/// Reads what is left of the window as a number in two's complement, as `field`.
pub(super) fn number(c: &mut Cursor<'_>, field: &'static Field) -> Result<i64, Stop> {
    let octets = c.pass(c.remaining())?;
    if octets.is_empty() || octets.len() > 9 {
        return Err(c.malformed("a number of no octets, or of too many"));
    }
    let sign = if octets.first().is_some_and(|first| first & 0x80 != 0) { -1 } else { 0 };
    let number = octets.iter().fold(sign, |number: i64, octet| number << 8 | i64::from(*octet));
    c.part(field, Value::Signed(number));
    Ok(number)
}

/// Reads the element that comes next, a number, as `field`.
pub(super) fn integer(c: &mut Cursor<'_>, field: &'static Field) -> Result<i64, Stop> {
    within(c, INTEGER, |c| number(c, field))
}

/// Reads the element that comes next, a string of octets, as `field`.
pub(super) fn octets<'a>(c: &mut Cursor<'a>, field: &'static Field) -> Result<&'a [u8], Stop> {
    within(c, OCTET_STRING, |c| c.bytes(field, c.remaining()))
}

/// Reads the element that comes next, an object identifier, as `field`; returns its text.
pub(super) fn identifier(c: &mut Cursor<'_>, field: &'static Field) -> Result<String, Stop> {
    within(c, OBJECT_IDENTIFIER, |c| rest_as_identifier(c, field))
}

/// Reads what is left of the window as an object identifier.
pub(super) fn rest_as_identifier(c: &mut Cursor<'_>, field: &'static Field) -> Result<String, Stop> {
    let text = identifier_text(c.pass(c.remaining())?);
    c.part(field, Value::Text(text.clone().into()));
    Ok(text)
}

/// X.690, section 8.19: the first two arcs share a number, each is written seven bits an octet.
pub(super) fn identifier_text(octets: &[u8]) -> String {
    let mut text = String::new();
    let mut arc = 0_u64;
    for octet in octets {
        // What does not fit into 64 bits has lost its upper bits; no registry gives such a number.
        arc = arc << 7 | u64::from(octet & 0x7f);
        if octet & 0x80 != 0 {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = if text.is_empty() {
            let first = (arc / 40).min(2);
            write!(text, "{first}.{}", arc.saturating_sub(first.saturating_mul(40)))
        } else {
            write!(text, ".{arc}")
        };
        arc = 0;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_in_both_forms() {
        assert_eq!(head(&[0x30, 5]), Some(Head { tag: SEQUENCE, size: 2, length: 5 }));
        assert_eq!(head(&[0x30, 0x82, 1, 2]), Some(Head { tag: SEQUENCE, size: 4, length: 258 }));
        for other in [&[0x30][..], &[0x30, 0x80], &[0x30, 0x85, 0, 0, 0, 0, 1], &[0x30, 0x82, 1], &[0x1f, 1, 0]] {
            assert_eq!(head(other), None);
        }
    }

    #[test]
    fn identifiers() {
        assert_eq!(identifier_text(&[0x2b, 6, 1, 2, 1, 1, 0x83, 0x7f]), "1.3.6.1.2.1.1.511");
        assert_eq!(identifier_text(&[0x88, 0x37, 3]), "2.999.3");
        assert_eq!(identifier_text(&[0xff; 300]), "");
    }
}
