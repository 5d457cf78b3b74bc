//! Values: as they are typed in a filter, and as they stand in a tree.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use crate::bytes::{Field, Kind, Node, Tree, Value};

/// A value in a filter, understood by the kind of the field that it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    /// A number; times in nanoseconds.
    Number(i128),
    /// An address of which only the bits of `mask` count.
    Address { bits: u128, mask: u128 },
    /// Text or bytes.
    Bytes(Vec<u8>),
}

impl Literal {
    /// What an unquoted word means for a field; or what is wrong with it.
    pub(super) fn of_word(field: &Field, word: &str) -> Result<Literal, String> {
        let expected = |what: &str| format!("`{}` is {what}; `{}` is none", field.name, crate::bytes::escape(word));
        match field.kind {
            Kind::Group => Err(format!("`{}` is a protocol: it has no value", field.name)),
            Kind::Number | Kind::Signed | Kind::Hex(_) => {
                number(word).map(Literal::Number).ok_or_else(|| expected("a number"))
            }
            Kind::Flag => match word {
                "true" | "True" | "TRUE" => Some(1),
                "false" | "False" | "FALSE" => Some(0),
                _ => number(word),
            }
            .map(Literal::Number)
            .ok_or_else(|| expected("a flag, 0 or 1")),
            Kind::Time | Kind::Date | Kind::Duration => {
                seconds(word).map(Literal::Number).ok_or_else(|| expected("a time in seconds"))
            }
            Kind::Ipv4 => network(word, true).ok_or_else(|| expected("an IPv4 address or network")),
            Kind::Ipv6 => network(word, false).ok_or_else(|| expected("an IPv6 address or network")),
            Kind::Mac => hex(word)
                .filter(|bytes| bytes.len() == 6)
                .map(Literal::Bytes)
                .ok_or_else(|| expected("a link address such as 02:42:c0:00:02:0a")),
            Kind::Bytes => hex(word)
                .map(Literal::Bytes)
                .ok_or_else(|| expected("bytes: hexadecimal digits such as 16:03:01, or \"text\"")),
            Kind::Text | Kind::Oid => Ok(Literal::Bytes(word.as_bytes().to_vec())),
        }
    }

    /// What a quoted string means for a field.
    pub(super) fn of_quoted(field: &Field, bytes: &[u8]) -> Result<Literal, String> {
        let text = String::from_utf8_lossy(bytes);
        match field.kind {
            Kind::Text | Kind::Bytes | Kind::Oid => Ok(Literal::Bytes(bytes.to_vec())),
            Kind::Time | Kind::Date => date(&text).map(Literal::Number).ok_or_else(|| {
                format!("`{}` is a time: seconds since 1970, or \"2024-11-19 08:26:40\" (UTC)", field.name)
            }),
            _ => Literal::of_word(field, &text),
        }
    }
}

/// A decimal number, `0x` hexadecimal, or octal with a leading 0.
pub(super) fn number(word: &str) -> Option<i128> {
    let (negative, digits) = word.strip_prefix('-').map_or((false, word), |digits| (true, digits));
    let magnitude = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        u64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        u64::from_str_radix(digits, 8).ok()?
    } else if digits.bytes().all(|digit| digit.is_ascii_digit()) {
        digits.parse().ok()?
    } else {
        return None;
    };
    Some(if negative { -i128::from(magnitude) } else { magnitude.into() })
}

/// Seconds with a fraction, in nanoseconds.
fn seconds(word: &str) -> Option<i128> {
    let (negative, word) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let nanos: i128 = format!("{fraction:0<9}").parse().ok()?;
    let total = i128::from(whole.parse::<u64>().ok()?) * 1_000_000_000 + nanos;
    Some(if negative { -total } else { total })
}

/// A date, in nanoseconds since 1970; UTC unless it says otherwise.
fn date(text: &str) -> Option<i128> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_nanosecond());
    }
    let civil: jiff::civil::DateTime = text.trim().trim_end_matches(" UTC").parse().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond())
}

/// An address, or a network as `address/bits`.
fn network(word: &str, v4: bool) -> Option<Literal> {
    let (address, prefix) = word.split_once('/').map_or((word, None), |(address, prefix)| (address, Some(prefix)));
    let (bits, width) = match (address.parse::<IpAddr>().ok()?, v4) {
        (IpAddr::V4(address), true) => (u128::from(u32::from(address)), 32),
        (IpAddr::V6(address), false) => (u128::from(address), 128),
        _ => return None,
    };
    let prefix: u32 = prefix.map_or(Some(width), |prefix| prefix.parse().ok()).filter(|prefix| *prefix <= width)?;
    let mask = u128::MAX.checked_shl(width - prefix).unwrap_or(0);
    Some(Literal::Address { bits: bits & mask, mask })
}

/// Hexadecimal digits, in pairs that `:`, `-` or `.` may stand between.
pub(super) fn hex(word: &str) -> Option<Vec<u8>> {
    let digits: String =
        word.strip_prefix("0x").unwrap_or(word).chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// A value in a tree, as it is compared.
pub(super) enum Item<'a> {
    /// A number; times in nanoseconds.
    Number(i128),
    /// An address.
    Address(u128),
    /// Text or bytes.
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Item<'a> {
    pub(super) fn new(node: &'a Node, tree: &'a Tree, packet: &'a [u8]) -> Item<'a> {
        let fold = |bytes: &[u8]| bytes.iter().take(16).fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        match (&node.value, node.field.kind) {
            (Value::Number(number), _) => Item::Number((*number).into()),
            (Value::Signed(number), _) => Item::Number((*number).into()),
            (Value::Ipv4(address), _) => Item::Address(u32::from_be_bytes(*address).into()),
            (Value::Ipv6(address), _) => Item::Address(u128::from_be_bytes(*address)),
            (Value::Mac(address), _) => Item::Bytes(address.into()),
            (Value::Text(text), _) => Item::Bytes(text.as_bytes().into()),
            (Value::Bytes(bytes), _) => Item::Bytes(bytes.as_ref().into()),
            (Value::Span, Kind::Ipv4 | Kind::Ipv6) => Item::Address(fold(tree.bytes_of(node, packet))),
            // A protocol's bytes are its header and all that it carries.
            (Value::None, Kind::Group) => Item::Bytes(tree.bytes_from(node, packet).into()),
            (Value::Span | Value::None, _) => Item::Bytes(tree.bytes_of(node, packet).into()),
        }
    }

    /// How it stands to a literal; `None` if they cannot be compared.
    pub(super) fn order(&self, literal: &Literal) -> Option<Ordering> {
        match (self, literal) {
            (Item::Number(number), Literal::Number(other)) => Some(number.cmp(other)),
            (Item::Address(bits), Literal::Address { bits: other, mask }) => Some((bits & mask).cmp(other)),
            (Item::Bytes(bytes), Literal::Bytes(other)) => Some(bytes.as_ref().cmp(other)),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i128> {
        match self {
            Item::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Item::Bytes(bytes) => Cow::Borrowed(bytes),
            _ => Cow::Borrowed(&[]),
        }
    }
}
