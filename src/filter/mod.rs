//! Display filters: `tls.handshake.extensions_server_name contains "shop" and not tcp.port == 8443`.
//!
//! The language is Wireshark's (`docs/filters.md`):
//!
//! ```text
//! or      = xor { ("or" | "||") xor }
//! xor     = and { ("xor" | "^^") and }
//! and     = not { ("and" | "&&") not }
//! not     = ("not" | "!") not | "(" or ")" | test
//! test    = operand | [ "any" | "all" ] operand ( compare operand | "contains" operand | "matches" regex )
//!         | operand [ "not" ] "in" "{" range { "," range } "}"
//! compare = "==" "!=" "===" "!==" "<" "<=" ">" ">=" "eq" "ne" "lt" "le" "gt" "ge" "any_eq" "all_ne" "all_eq" "any_ne"
//! range   = operand [ ".." operand ]
//! operand = sum { "&" sum }           sum = product { ("+" | "-") product }
//! product = part { ("*" | "/" | "%") part }
//! part    = "-" part | ( field [ "#" layers ] | value | function "(" operand { "," operand } ")" | "{" operand "}" )
//!           { "[" slice "]" }
//! ```
//!
//! A bare field holds if the packet has it; a protocol is a field, and its value is its bytes. A comparison holds if
//! **some** value of the field satisfies it, except `!=` and `===`, which **every** value must satisfy (as in
//! Wireshark 4); where a field is not there, it does not hold. Names are checked against the fields that protocols
//! declare, values against the field's kind; an error knows where in the text it is.
//!
//! ```text
//! lexer     words                     parser, operand   words -> syntax, checked
//! syntax    what a filter says        evaluate          whether it holds of a subject
//! exposed   fields that stand in no packet              verdict           a filter held against a whole capture
//! value, slice, functions, names
//! ```

mod evaluate;
mod exposed;
mod functions;
mod lexer;
mod names;
mod operand;
mod parser;
mod slice;
mod syntax;
mod value;
mod verdict;

pub use exposed::{Exposed, Known, Scope, fields, is_exposed, is_leak};
pub use names::{Unknown, printed, resolve};
pub use verdict::{Told, Verdict};

use crate::bytes::{Field, Tree};
use evaluate::Outcome;
use syntax::{Expression, Operand};
use value::Type;

/// Brackets, signs and `not`s within each other, and operators one behind the other: more than anybody writes, few
/// enough for the stack.
const DEEPEST: usize = 64;

/// The bytes of a filter: more than anybody writes.
const LONGEST: usize = 1 << 16;

/// The bytes of a compiled regular expression.
const LONGEST_REGEX: usize = 1 << 20;

/// A filter that was understood.
#[derive(Clone, Debug, PartialEq)]
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

/// What a filter is held against.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The fields of a packet and its bytes; the tree must keep [`Filter::fields`]. Without them only what needs no
    /// packet is known.
    pub packet: Option<(&'a Tree, &'a [u8])>,
    /// What is known without a packet.
    pub exposed: Option<Exposed<'a>>,
}

impl Filter {
    /// Understands a filter. An empty one holds of everything.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        Ok(Filter { expression: parser::parse(text)? })
    }

    /// The fields that it asks packets for: all that a tree must keep for [`Filter::matches`].
    pub fn fields(&self) -> Vec<&'static Field> {
        let mut fields = Vec::new();
        self.named(|named, kind| {
            fields.extend(named.fields.iter().copied().filter(|field| !exposed::is_exposed(field)));
            if named.layers.is_some() {
                fields.extend(named.fields.iter().filter_map(|field| evaluate::heading(field)));
            }
            if kind == Type::Protocol {
                fields.extend(evaluate::TRAILERS.iter().filter_map(|name| crate::protocols::field(name)));
            }
        });
        fields
    }

    /// Whether it asks for what only a whole capture tells: [`Known`] must be made first.
    pub fn asks_exposed(&self) -> bool {
        let mut asks = false;
        self.named(|named, _| asks |= named.fields.iter().any(|field| exposed::is_exposed(field)));
        asks
    }

    /// Whether it asks for what is given away: [`Known`] needs all leaks.
    pub fn asks_leaks(&self) -> bool {
        let mut asks = false;
        self.named(|named, _| asks |= named.fields.iter().any(|field| exposed::is_leak(field)));
        asks
    }

    fn named(&self, mut each: impl FnMut(&syntax::Named, Type)) {
        self.expression.tests(&mut |test| {
            test.operands(&mut |operand| {
                if let Operand::Field(named) = operand {
                    each(named, operand.kind());
                }
            });
        });
    }

    /// Whether a packet with these fields passes.
    pub fn matches(&self, tree: &Tree, packet: &[u8]) -> bool {
        self.holds(&Subject { packet: Some((tree, packet)), exposed: None }).unwrap_or(false)
    }

    /// Whether it holds; `None` if the packet must be read to know.
    pub fn holds(&self, subject: &Subject<'_>) -> Option<bool> {
        self.expression.holds(&mut |test| test.outcome(subject).map(|outcome| outcome == Outcome::Holds))
    }

    /// Whether a packet passes, if that can be said without reading it again: from its row, its flow, the books.
    pub fn by_row(&self, exposed: Exposed<'_>) -> Option<bool> {
        self.holds(&Subject { packet: None, exposed: Some(exposed) })
    }
}

impl std::fmt::Display for Filter {
    /// The filter as it was understood; it parses to the same.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.expression.fmt(f)
    }
}

#[cfg(test)]
mod tests;
