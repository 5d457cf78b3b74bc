//! Values: as they are typed in a filter, and as they stand in a tree.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bytes::{Field, Kind, Node, Tree, Value, hexadecimal};

/// What kinds of values there are, as far as they can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Number,
    Flag,
    /// A part of a whole, in billionths.
    Ratio,
    /// Nanoseconds.
    Duration,
    /// Nanoseconds since 1970.
    Instant,
    Ipv4,
    Ipv6,
    Mac,
    Bytes,
    Text,
    Protocol,
}

impl Type {
    pub(super) const fn of(kind: Kind) -> Type {
        match kind {
            Kind::Group => Type::Protocol,
            Kind::Number | Kind::Signed | Kind::Hex(_) => Type::Number,
            Kind::Flag => Type::Flag,
            Kind::Ratio => Type::Ratio,
            Kind::Time | Kind::Date => Type::Instant,
            Kind::Duration => Type::Duration,
            Kind::Ipv4 => Type::Ipv4,
            Kind::Ipv6 => Type::Ipv6,
            Kind::Mac => Type::Mac,
            Kind::Bytes => Type::Bytes,
            Kind::Text | Kind::Oid => Type::Text,
        }
    }

    /// Whether its values are strings of bytes: they can be searched and cut.
    pub(super) const fn has_bytes(self) -> bool {
        matches!(self, Type::Bytes | Type::Text | Type::Protocol | Type::Mac)
    }

    pub(super) const fn is_address(self) -> bool {
        matches!(self, Type::Ipv4 | Type::Ipv6)
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Type::Number | Type::Flag | Type::Ratio | Type::Duration)
    }

    /// Whether values of the two kinds can be compared.
    pub(super) fn goes_with(self, other: Type) -> bool {
        let counts = |one| matches!(one, Type::Number | Type::Flag);
        self == other || (self.has_bytes() && other.has_bytes()) || (counts(self) && counts(other))
    }

    /// For people.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Type::Number => "a number",
            Type::Flag => "a flag, 0 or 1",
            Type::Ratio => "a part of a whole, from 0 to 1",
            Type::Duration => "a time in seconds",
            Type::Instant => "a time: seconds since 1970, or \"2024-11-19 08:26:40\" (UTC)",
            Type::Ipv4 => "an IPv4 address or network",
            Type::Ipv6 => "an IPv6 address or network",
            Type::Mac => "a link address such as 02:42:c0:00:02:0a",
            Type::Bytes | Type::Protocol => "bytes: hexadecimal digits such as 16:03:01, or \"text\"",
            Type::Text => "text",
        }
    }
}

/// A value in a filter, understood by the kind of what it is compared with.
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
    /// What an unquoted word means; `None` if nothing.
    pub(super) fn of_word(kind: Type, field: Option<&'static Field>, word: &str) -> Option<Literal> {
        match kind {
            Type::Number => number(word).or_else(|| named(field?, word)).map(Literal::Number),
            Type::Flag => flag(word).map(Literal::Number),
            Type::Ratio | Type::Duration => seconds(word).map(Literal::Number),
            Type::Instant => seconds(word).or_else(|| date(word)).map(Literal::Number),
            Type::Ipv4 => network(word, true),
            Type::Ipv6 => network(word, false),
            Type::Mac => hex(word).filter(|bytes| bytes.len() == 6).map(Literal::Bytes),
            Type::Bytes | Type::Protocol => hex(word).map(Literal::Bytes),
            Type::Text => Some(Literal::Bytes(word.as_bytes().to_vec())),
        }
    }

    /// What a quoted string means; `None` if nothing.
    pub(super) fn of_quoted(kind: Type, field: Option<&'static Field>, bytes: &[u8]) -> Option<Literal> {
        match kind {
            Type::Text | Type::Bytes | Type::Protocol => Some(Literal::Bytes(bytes.to_vec())),
            _ => Literal::of_word(kind, field, std::str::from_utf8(bytes).ok()?),
        }
    }

    /// What a character constant means; `None` if nothing.
    pub(super) fn of_character(kind: Type, byte: u8) -> Option<Literal> {
        match kind {
            Type::Number => Some(Literal::Number(byte.into())),
            Type::Flag => Some(Literal::Number((byte != 0).into())),
            Type::Text | Type::Bytes | Type::Protocol => Some(Literal::Bytes(vec![byte])),
            _ => None,
        }
    }

    /// Writes it as a filter has it.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, kind: Type) -> fmt::Result {
        match (self, kind) {
            (Literal::Number(n), Type::Ratio | Type::Duration | Type::Instant) => {
                let sign = if *n < 0 { "-" } else { "" };
                let magnitude = n.unsigned_abs();
                write!(f, "{sign}{}.{:09}", magnitude / 1_000_000_000, magnitude % 1_000_000_000)
            }
            (Literal::Number(n), _) => write!(f, "{n}"),
            (Literal::Address { bits, mask }, Type::Ipv4) => {
                write!(f, "{}", Ipv4Addr::from(*bits as u32))?;
                let prefix = (*mask as u32).count_ones();
                if prefix < 32 { write!(f, "/{prefix}") } else { Ok(()) }
            }
            (Literal::Address { bits, mask }, _) => {
                write!(f, "{}", Ipv6Addr::from(*bits))?;
                let prefix = mask.count_ones();
                if prefix < 128 { write!(f, "/{prefix}") } else { Ok(()) }
            }
            (Literal::Bytes(bytes), Type::Bytes | Type::Protocol | Type::Mac) if bytes.len() > 1 => {
                f.write_str(&hexadecimal(bytes, ":"))
            }
            (Literal::Bytes(bytes), _) => write_quoted(f, bytes),
        }
    }

    /// It as a value to compare others with.
    pub(super) fn item(&self) -> Item<'_> {
        match self {
            Literal::Number(number) => Item::Number(*number),
            Literal::Address { bits, mask } => Item::Address { bits: *bits, mask: *mask },
            Literal::Bytes(bytes) => Item::Bytes(bytes.into()),
        }
    }
}

/// A string in quotes, with escapes for all that is not plain ASCII.
pub(super) fn write_quoted(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("\"")?;
    for byte in bytes {
        match byte {
            b'"' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
            b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    f.write_str("\"")
}

fn flag(word: &str) -> Option<i128> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "set" => Some(1),
        "false" | "not set" => Some(0),
        _ => number(word).map(|number| i128::from(number != 0)),
    }
}

/// The number that a field's value of this name has.
fn named(field: &'static Field, word: &str) -> Option<i128> {
    /// Values that have names are numbers of sixteen bits at most.
    const NAMED: std::ops::RangeInclusive<u64> = 0..=0xffff;
    let names = field.names?;
    NAMED.into_iter().find(|value| names(*value).is_some_and(|name| name.eq_ignore_ascii_case(word))).map(i128::from)
}

/// A decimal number, `0x` hexadecimal, `0b` binary, or octal with a leading 0.
pub(super) fn number(word: &str) -> Option<i128> {
    let (negative, digits) = word.strip_prefix('-').map_or((false, word), |digits| (true, digits));
    let (digits, radix) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (digits.get(2..)?, 16),
        Some("0b") => (digits.get(2..)?, 2),
        Some(two) if two.starts_with('0') => (digits, 8),
        _ => (digits, 10),
    };
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
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

/// A date, in nanoseconds since 1970; UTC unless it says otherwise. ISO 8601, or as `Sep 26, 2004 23:18:04.954975`.
fn date(text: &str) -> Option<i128> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_nanosecond());
    }
    let text = text.trim().trim_end_matches(" UTC");
    let by_name = || jiff::civil::DateTime::strptime("%b %d, %Y %H:%M:%S%.f", text);
    let civil = text.parse::<jiff::civil::DateTime>().or_else(|_| by_name()).ok()?;
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
fn hex(word: &str) -> Option<Vec<u8>> {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let parts = digits.split([':', '-', '.']);
    let mut bytes = Vec::new();
    for part in parts {
        // Between separators one digit is a byte, too.
        if part.len() == 1 {
            bytes.push(u8::from_str_radix(part, 16).ok()?);
            continue;
        }
        if part.is_empty() || !part.len().is_multiple_of(2) || !part.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for at in (0..part.len()).step_by(2) {
            bytes.push(u8::from_str_radix(part.get(at..at + 2)?, 16).ok()?);
        }
    }
    Some(bytes)
}

/// A value, as it is compared.
#[derive(Clone, Debug)]
pub(super) enum Item<'a> {
    /// A number; times in nanoseconds, parts of a whole in billionths.
    Number(i128),
    /// An address, of which only the bits of `mask` count.
    Address { bits: u128, mask: u128 },
    /// Text or bytes.
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Item<'a> {
    /// The value of a node. Of a protocol: its header and what it carries, up to `end` of the packet.
    pub(super) fn new(node: &'a Node, tree: &'a Tree, packet: &'a [u8], end: usize) -> Item<'a> {
        let fold = |bytes: &[u8]| bytes.iter().take(16).fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        let address = |bits| Item::Address { bits, mask: u128::MAX };
        match (&node.value, node.field.kind) {
            (Value::Number(number), Kind::Flag) => Item::Number((*number != 0).into()),
            (Value::Number(number), _) => Item::Number((*number).into()),
            (Value::Signed(number), _) => Item::Number((*number).into()),
            (Value::Ipv4(bytes), _) => address(u32::from_be_bytes(*bytes).into()),
            (Value::Ipv6(bytes), _) => address(u128::from_be_bytes(*bytes)),
            (Value::Mac(bytes), _) => Item::Bytes(bytes.into()),
            (Value::Text(text), _) => Item::Bytes(text.as_bytes().into()),
            (Value::Bytes(bytes), _) => Item::Bytes(bytes.as_ref().into()),
            (Value::Span, Kind::Ipv4 | Kind::Ipv6) => address(fold(tree.bytes_of(node, packet))),
            (Value::None, Kind::Group) if node.source == 0 => {
                let end = end.max(node.end as usize).min(packet.len());
                Item::Bytes(packet.get(node.start as usize..end).unwrap_or_default().into())
            }
            (Value::None, Kind::Group) => Item::Bytes(tree.bytes_from(node, packet).into()),
            (Value::Span | Value::None, _) => Item::Bytes(tree.bytes_of(node, packet).into()),
        }
    }

    /// How it stands to another; `None` if they cannot be compared.
    pub(super) fn order(&self, other: &Item<'_>) -> Option<Ordering> {
        match (self, other) {
            (Item::Number(number), Item::Number(other)) => Some(number.cmp(other)),
            (Item::Address { bits, mask }, Item::Address { bits: other, mask: also }) => {
                Some((bits & also).cmp(&(other & mask)))
            }
            (Item::Bytes(bytes), Item::Bytes(other)) => Some(bytes.as_ref().cmp(other)),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i128> {
        match self {
            Item::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Its bytes: of an address in the order of the network, of a number none.
    pub(super) fn bytes(&self, kind: Type) -> Cow<'_, [u8]> {
        match self {
            Item::Bytes(bytes) => Cow::Borrowed(bytes),
            Item::Address { bits, .. } if kind == Type::Ipv4 => (*bits as u32).to_be_bytes().to_vec().into(),
            Item::Address { bits, .. } => bits.to_be_bytes().to_vec().into(),
            Item::Number(_) => Cow::Borrowed(&[]),
        }
    }

    /// It as people write it.
    pub(super) fn text(&self, kind: Type) -> String {
        match self {
            Item::Number(number) if matches!(kind, Type::Ratio | Type::Duration | Type::Instant) => {
                let magnitude = number.unsigned_abs();
                let sign = if *number < 0 { "-" } else { "" };
                format!("{sign}{}.{:09}", magnitude / 1_000_000_000, magnitude % 1_000_000_000)
            }
            Item::Number(number) => number.to_string(),
            Item::Address { bits, .. } if kind == Type::Ipv4 => Ipv4Addr::from(*bits as u32).to_string(),
            Item::Address { bits, .. } => Ipv6Addr::from(*bits).to_string(),
            Item::Bytes(bytes) if kind == Type::Mac => hexadecimal(bytes, ":"),
            Item::Bytes(bytes) if kind == Type::Bytes => hexadecimal(bytes, ""),
            Item::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}
