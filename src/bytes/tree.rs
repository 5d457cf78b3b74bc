//! Fields that were found: a flat list in order, each with value, span and depth.

use std::fmt::Write as _;

use super::assembly::Piece;
use super::field::{Field, Kind};
use super::text;

/// What a field says. Values that stand in the bytes as they are stay there: [`Value::Span`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A heading has none.
    None,
    /// A number, a flag, a code point.
    Number(u64),
    /// A signed number; times and durations in nanoseconds.
    Signed(i64),
    /// An IPv4 address.
    Ipv4([u8; 4]),
    /// An IPv6 address.
    Ipv6([u8; 16]),
    /// A link address.
    Mac([u8; 6]),
    /// Text decoded from the packet (a domain name put together from labels). Not escaped.
    Text(Box<str>),
    /// Bytes decoded from the packet.
    Bytes(Box<[u8]>),
    /// The bytes under the span, read as the field's kind says.
    Span,
}

/// One field that was found.
#[derive(Clone, Debug)]
pub struct Node {
    /// Which field.
    pub field: &'static Field,
    /// What it says.
    pub value: Value,
    /// First byte, within its source.
    pub start: u32,
    /// One past the last byte; equal to `start` for a value that stands in no byte.
    pub end: u32,
    /// 0: the packet; n: `derived[n - 1]`.
    pub source: u8,
    /// Nesting: 0 for the outermost layer.
    pub depth: u8,
}

/// Bytes that stand in no single packet: reassembled or opened ones.
#[derive(Clone, Debug)]
pub struct Derived {
    /// What they are, for the tab above the hex pane.
    pub label: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they came from; empty when they map to no wire byte one to one.
    pub origins: Vec<Piece>,
}

/// All that was found in one packet or message.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    derived: Vec<Derived>,
    wanted: Option<Wanted>,
    /// Whether none of the fields that were asked about first is kept.
    skips: Option<bool>,
}

/// The fields that a tree keeps. Most fields that are noted are none of them, and that must cost next to nothing.
#[derive(Clone, Debug)]
struct Wanted {
    fields: Vec<&'static Field>,
    /// A bit for each field's place in memory; several fields may share one.
    bits: [u64; Wanted::WORDS],
}

impl Wanted {
    const WORDS: usize = 64;

    fn new(fields: Vec<&'static Field>) -> Wanted {
        let mut bits = [0; Wanted::WORDS];
        for field in &fields {
            let (word, bit) = Wanted::bit(field);
            if let Some(word) = bits.get_mut(word) {
                *word |= bit;
            }
        }
        Wanted { fields, bits }
    }

    /// The word and the bit in it that stand for a field.
    #[inline]
    fn bit(field: &'static Field) -> (usize, u64) {
        let place = std::ptr::from_ref(field).addr() as u64;
        let spread = place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        (spread as usize / 64 % Wanted::WORDS, 1 << (spread % 64))
    }

    #[inline]
    fn holds(&self, field: &'static Field) -> bool {
        let (word, bit) = Wanted::bit(field);
        self.bits.get(word).is_some_and(|word| word & bit != 0) && self.fields.iter().any(|f| std::ptr::eq(*f, field))
    }
}

impl Tree {
    /// A tree that keeps every field.
    pub fn new() -> Tree {
        Tree::default()
    }

    /// A tree that keeps only `fields`, for bulk commands.
    pub fn only(fields: Vec<&'static Field>) -> Tree {
        Tree { wanted: Some(Wanted::new(fields)), ..Tree::default() }
    }

    /// Forgets what was found, keeps the memory and the wishes.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.derived.clear();
    }

    /// Forgets the fields that `keep` does not tell.
    pub fn retain(&mut self, keep: impl FnMut(&Node) -> bool) {
        self.nodes.retain(keep);
    }

    /// The fields found, in order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Lowers the numbers noted for `field` by `base`, wrapping at 32 bits: sequence numbers that the header
    /// gives as they stand become relative when the flow knows where it began.
    pub fn make_relative(&mut self, field: &'static Field, base: u32) {
        for node in self.nodes.iter_mut().filter(|node| node.field == field) {
            if let Value::Number(number) = &mut node.value {
                *number = (*number as u32).wrapping_sub(base).into();
            }
        }
    }

    /// Bytes that stand in no single packet, in the order of their source numbers (from 1).
    pub fn derived(&self) -> &[Derived] {
        &self.derived
    }

    /// Whether every field is kept: somebody looks at all of it.
    pub fn keeps_all(&self) -> bool {
        self.wanted.is_none()
    }

    /// Whether `field` is kept.
    #[inline]
    pub fn wants(&self, field: &'static Field) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.holds(field))
    }

    /// Whether none of these fields is kept. What a tree keeps does not change, so that they are looked at once: whoever
    /// asks again must ask about the same.
    #[inline]
    pub fn skips(&mut self, fields: impl Iterator<Item = &'static Field>) -> bool {
        if let Some(skips) = self.skips {
            return skips;
        }
        let skips = !self.keeps_all() && !fields.into_iter().any(|field| self.wants(field));
        self.skips = Some(skips);
        skips
    }

    /// Adds a node, if its field is wanted; returns its place.
    #[inline]
    pub fn push(&mut self, node: Node) -> Option<usize> {
        if !self.wants(node.field) {
            return None;
        }
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    /// Adds a source of derived bytes and returns its number; 255 sources at most, further ones share the last.
    pub fn derive(&mut self, derived: Derived) -> u8 {
        if self.derived.len() < usize::from(u8::MAX) {
            self.derived.push(derived);
        }
        self.derived.len() as u8
    }

    /// Ends the group at `place` at offset `end`.
    pub fn close(&mut self, place: Option<usize>, end: u32) {
        if let Some(node) = place.and_then(|at| self.nodes.get_mut(at)) {
            node.end = end.max(node.start);
        }
    }

    /// The bytes under a node: `packet` are the bytes of source 0.
    pub fn bytes_of<'a>(&'a self, node: &Node, packet: &'a [u8]) -> &'a [u8] {
        self.source_of(node, packet).get(node.start as usize..node.end as usize).unwrap_or(&[])
    }

    /// All bytes of the source that a node stands in.
    fn source_of<'a>(&'a self, node: &Node, packet: &'a [u8]) -> &'a [u8] {
        match usize::from(node.source).checked_sub(1) {
            None => packet,
            Some(n) => self.derived.get(n).map_or(&[][..], |derived| &derived.bytes),
        }
    }

    /// The bytes from a node's start to the end of its source: a header and all that it carries.
    pub fn bytes_from<'a>(&'a self, node: &Node, packet: &'a [u8]) -> &'a [u8] {
        self.source_of(node, packet).get(node.start as usize..).unwrap_or(&[])
    }

    /// The value as a cell of `husk fields -e` (the way `tshark -T fields` writes it), escaped. A heading is
    /// there or not: `1`.
    pub fn cell(&self, node: &Node, packet: &[u8]) -> String {
        if node.value == Value::None {
            return "1".to_owned();
        }
        let mut out = String::new();
        write_value(&mut out, node.field.kind, &node.value, self.bytes_of(node, packet));
        out
    }

    /// The value for people: the cell, and the name of the value where the field has names.
    pub fn text(&self, node: &Node, packet: &[u8]) -> String {
        if node.value == Value::None {
            return String::new();
        }
        let mut out = self.cell(node, packet);
        if let (Some(names), Value::Number(number)) = (node.field.names, &node.value)
            && let Some(name) = names(*number)
        {
            if matches!(node.field.kind, Kind::Number) {
                out = format!("{name} ({out})");
            } else {
                let _ = write!(out, " {name}");
            }
        }
        out
    }
}

fn write_value(out: &mut String, kind: Kind, value: &Value, bytes: &[u8]) {
    // Writing to a String cannot fail.
    let _ = match (value, kind) {
        // A heading whose kind is bytes is also what it spans.
        (Value::None, Kind::Bytes) => write_hex(out, bytes, ""),
        (Value::None, _) => Ok(()),
        (Value::Number(n), Kind::Hex(digits)) => write!(out, "0x{n:0width$x}", width = usize::from(digits)),
        (Value::Number(n), Kind::Time | Kind::Duration | Kind::Ratio) => write_seconds(out, n.cast_signed()),
        (Value::Number(n), _) => write!(out, "{n}"),
        (Value::Signed(n), Kind::Time | Kind::Duration) => write_seconds(out, *n),
        (Value::Signed(n), Kind::Date) => write_date(out, *n),
        (Value::Signed(n), _) => write!(out, "{n}"),
        (Value::Ipv4(a), _) => write!(out, "{}", std::net::Ipv4Addr::from(*a)),
        (Value::Ipv6(a), _) => write!(out, "{}", std::net::Ipv6Addr::from(*a)),
        (Value::Mac(a), _) => write_hex(out, a, ":"),
        (Value::Text(text), _) => {
            out.push_str(&text::escape(text));
            Ok(())
        }
        (Value::Bytes(own), Kind::Text) => {
            out.push_str(&text::escape_bytes(own));
            Ok(())
        }
        (Value::Bytes(own), Kind::Mac) => write_hex(out, own, ":"),
        (Value::Bytes(own), Kind::Bytes) => write_bytes(out, own),
        (Value::Bytes(own), _) => write_hex(out, own, ""),
        (Value::Span, Kind::Text) => {
            out.push_str(&text::escape_bytes(bytes));
            Ok(())
        }
        (Value::Span, Kind::Mac) => write_hex(out, bytes, ":"),
        (Value::Span, Kind::Bytes) => write_bytes(out, bytes),
        (Value::Span, _) => write_hex(out, bytes, ""),
    };
}

/// Bytes that are there, or that there are none.
fn write_bytes(out: &mut String, bytes: &[u8]) -> std::fmt::Result {
    if bytes.is_empty() { out.write_str("<MISSING>") } else { write_hex(out, bytes, "") }
}

/// As `Sep  2, 2014 18:39:14.000000000 UTC`.
fn write_date(out: &mut String, nanos: i64) -> std::fmt::Result {
    let date = jiff::Timestamp::from_nanosecond(nanos.into()).unwrap_or_default();
    write!(out, "{}", date.strftime("%b %e, %Y %H:%M:%S.%9f UTC"))
}

/// Bytes as hexadecimal digits, with something between them.
pub fn hexadecimal(bytes: &[u8], between: &str) -> String {
    let mut out = String::with_capacity(bytes.len() * (2 + between.len()));
    // Writing to a string cannot fail.
    let _ = write_hex(&mut out, bytes, between);
    out
}

fn write_hex(out: &mut String, bytes: &[u8], between: &str) -> std::fmt::Result {
    for (n, byte) in bytes.iter().enumerate() {
        if n > 0 {
            out.push_str(between);
        }
        write!(out, "{byte:02x}")?;
    }
    Ok(())
}

fn write_seconds(out: &mut String, nanos: i64) -> std::fmt::Result {
    let sign = if nanos < 0 { "-" } else { "" };
    let magnitude = nanos.unsigned_abs();
    write!(out, "{sign}{}.{:09}", magnitude / 1_000_000_000, magnitude % 1_000_000_000)
}
