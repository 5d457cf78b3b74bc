//! Display filters: `tls.handshake.extensions_server_name contains "shop" and not tcp.port == 8443`.
//!
//! The language is the part of Wireshark's that people type:
//!
//! ```text
//! or      = and { ("or" | "||") and }
//! and     = not { ("and" | "&&") not }
//! not     = ("not" | "!") not | "(" or ")" | test
//! test    = field [ compare value | "contains" value | "matches" regex | "in" "{" range { "," range } "}" | "&" mask ]
//! compare = "==" "!=" "<" "<=" ">" ">=" "eq" "ne" "lt" "le" "gt" "ge"
//! range   = value [ ".." value ]
//! ```
//!
//! A bare field holds if the packet has it; a protocol is a field. A comparison holds if **some** value of the field
//! satisfies it, except `!=`, which holds if the field is there and **no** value is equal (as in Wireshark 4).
//! Names are checked against the fields that protocols declare, values against the field's kind; an error knows
//! where in the text it is.

mod lexer;
mod names;
mod parser;
mod value;

pub use names::{Unknown, resolve};

use crate::bytes::{Field, Kind, Tree};
use value::{Item, Literal};

/// A filter that was understood.
#[derive(Debug)]
pub struct Filter {
    expression: Expression,
}

/// Why a filter was not understood, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    text: String,
    /// First byte of what is wrong.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is wrong there.
    pub what: String,
}

impl std::error::Error for FilterError {}

impl std::fmt::Display for FilterError {
    /// What is wrong, and the text with carets below the place.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use unicode_width::UnicodeWidthStr as _;
        let before = self.text.get(..self.start).unwrap_or("");
        let marked = self.text.get(self.start..self.end).unwrap_or("");
        let escape = crate::bytes::escape;
        let indent = escape(before).width();
        let carets = escape(marked).width().max(1);
        write!(f, "in the filter: {}\n  {}\n  ", self.what, escape(&self.text))?;
        write!(f, "{}{}", " ".repeat(indent), "^".repeat(carets))
    }
}

#[derive(Debug)]
enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Test(Vec<&'static Field>, Test),
}

#[derive(Debug)]
enum Test {
    Exists,
    Compare(Comparison, Literal),
    In(Vec<(Literal, Literal)>),
    Contains(Vec<u8>),
    Matches(regex::bytes::Regex),
    Bits(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Filter {
    /// Understands a filter.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let expression = parser::parse(text)?;
        Ok(Filter { expression })
    }

    /// The fields that it asks for: all that a tree must keep for [`Filter::matches`].
    pub fn fields(&self) -> Vec<&'static Field> {
        let mut fields = Vec::new();
        self.expression.collect(&mut fields);
        fields
    }

    /// Whether a packet with these fields passes.
    pub fn matches(&self, tree: &Tree, packet: &[u8]) -> bool {
        self.expression.holds(tree, packet)
    }
}

impl Expression {
    fn collect(&self, into: &mut Vec<&'static Field>) {
        match self {
            Expression::And(all) | Expression::Or(all) => all.iter().for_each(|one| one.collect(into)),
            Expression::Not(one) => one.collect(into),
            Expression::Test(fields, _) => into.extend(fields),
        }
    }

    fn holds(&self, tree: &Tree, packet: &[u8]) -> bool {
        match self {
            Expression::And(all) => all.iter().all(|one| one.holds(tree, packet)),
            Expression::Or(all) => all.iter().any(|one| one.holds(tree, packet)),
            Expression::Not(one) => !one.holds(tree, packet),
            Expression::Test(fields, test) => test.holds(fields, tree, packet),
        }
    }
}

impl Test {
    fn holds(&self, fields: &[&'static Field], tree: &Tree, packet: &[u8]) -> bool {
        // Every packet has a frame; it stands in no node.
        if fields.iter().any(|field| field.name == names::FRAME) {
            return matches!(self, Test::Exists) || self.of(&Item::Bytes(packet.into()));
        }
        let mut items =
            tree.nodes().iter().filter(|node| fields.contains(&node.field)).map(|node| Item::new(node, tree, packet));
        match self {
            Test::Exists => items.next().is_some(),
            Test::Compare(Comparison::NotEqual, literal) => {
                let mut there = false;
                items.all(|item| {
                    there = true;
                    item.order(literal) != Some(std::cmp::Ordering::Equal)
                }) && there
            }
            _ => items.any(|item| self.of(&item)),
        }
    }

    /// Whether one value satisfies the test.
    fn of(&self, item: &Item<'_>) -> bool {
        match self {
            Test::Exists => true,
            Test::Compare(comparison, literal) => item.order(literal).is_some_and(|order| comparison.allows(order)),
            Test::In(ranges) => ranges.iter().any(|(low, high)| {
                item.order(low).is_some_and(std::cmp::Ordering::is_ge)
                    && item.order(high).is_some_and(std::cmp::Ordering::is_le)
            }),
            Test::Contains(part) => {
                let bytes = item.bytes();
                part.is_empty() || bytes.windows(part.len()).any(|window| window == part.as_slice())
            }
            Test::Matches(regex) => regex.is_match(&item.bytes()),
            Test::Bits(mask) => item.number().is_some_and(|number| number & i128::from(*mask) != 0),
        }
    }
}

impl Comparison {
    fn allows(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// Whether values of this kind can be searched for parts.
fn has_parts(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Bytes | Kind::Group | Kind::Mac)
}

#[cfg(test)]
mod tests;
