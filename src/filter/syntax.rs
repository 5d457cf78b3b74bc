//! What a filter says: tests, and what they compare. It prints back as it is understood, so that printing and parsing
//! again gives the same.

use std::fmt;

use super::functions::Function;
use super::slice::Ranges;
use super::value::{Literal, Type};
use crate::bytes::Field;

/// Tests that are joined.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    And(Vec<Expression>),
    Xor(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Test(Test),
}

/// Something that holds of a packet or does not.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// There is a value; of arithmetic: one that is not zero.
    Exists(Operand),
    /// Some pair of values, or every pair (`all`), satisfies the comparison.
    Compare {
        all: bool,
        left: Operand,
        comparison: Comparison,
        right: Operand,
    },
    In(Operand, Vec<(Operand, Operand)>),
    Contains {
        all: bool,
        left: Operand,
        right: Operand,
    },
    Matches {
        all: bool,
        left: Operand,
        pattern: Pattern,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A regular expression; two are the same if their texts are.
#[derive(Clone, Debug)]
pub(super) struct Pattern(pub(super) regex::bytes::Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// Something that has values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// A field: its values in the layers that are asked for.
    Field(Named),
    Literal(Type, Literal),
    Slice(Box<Operand>, Ranges),
    Call(Function, Vec<Operand>),
    Arithmetic(Box<Operand>, Operator, Box<Operand>),
    Negative(Box<Operand>),
}

/// A field as it is named in a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    /// One, or two for a name that means either side.
    pub(super) fields: Vec<&'static Field>,
    /// Only in these layers of its protocol, counted from 1.
    pub(super) layers: Option<Ranges>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    BitAnd,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Expression {
    /// Every test, in the order of the text.
    pub(super) fn tests<'e>(&'e self, each: &mut dyn FnMut(&'e Test)) {
        match self {
            Expression::And(all) | Expression::Xor(all) | Expression::Or(all) => {
                for one in all {
                    one.tests(each);
                }
            }
            Expression::Not(one) => one.tests(each),
            Expression::Test(test) => each(test),
        }
    }
}

impl Test {
    /// Whether every value must satisfy it, and not just one.
    pub(super) fn is_of_all(&self) -> bool {
        matches!(
            self,
            Test::Compare { all: true, .. } | Test::Contains { all: true, .. } | Test::Matches { all: true, .. }
        )
    }

    /// What is tested.
    pub(super) fn left(&self) -> &Operand {
        match self {
            Test::Exists(one)
            | Test::In(one, _)
            | Test::Compare { left: one, .. }
            | Test::Contains { left: one, .. }
            | Test::Matches { left: one, .. } => one,
        }
    }

    /// Every operand, those within others too.
    pub(super) fn operands<'t>(&'t self, each: &mut dyn FnMut(&'t Operand)) {
        match self {
            Test::Exists(one) | Test::Matches { left: one, .. } => one.walk(each),
            Test::Compare { left, right, .. } | Test::Contains { left, right, .. } => {
                left.walk(each);
                right.walk(each);
            }
            Test::In(one, ranges) => {
                one.walk(each);
                for (low, high) in ranges {
                    low.walk(each);
                    high.walk(each);
                }
            }
        }
    }
}

impl Operand {
    fn walk<'t>(&'t self, each: &mut dyn FnMut(&'t Operand)) {
        each(self);
        match self {
            Operand::Field(_) | Operand::Literal(..) => {}
            Operand::Slice(of, _) | Operand::Negative(of) => of.walk(each),
            Operand::Call(_, arguments) => arguments.iter().for_each(|one| one.walk(each)),
            Operand::Arithmetic(left, _, right) => {
                left.walk(each);
                right.walk(each);
            }
        }
    }

    /// What kind of values it has.
    pub(super) fn kind(&self) -> Type {
        match self {
            Operand::Field(named) => named.fields.first().map_or(Type::Bytes, |field| Type::of(field.kind)),
            Operand::Literal(kind, _) => *kind,
            Operand::Slice(..) => Type::Bytes,
            Operand::Call(function, arguments) => {
                function.kind(arguments.first().map_or(Type::Number, Operand::kind))
            }
            Operand::Arithmetic(left, ..) => left.kind(),
            Operand::Negative(of) => of.kind(),
        }
    }

    /// The field whose value names may stand for its values.
    pub(super) fn field(&self) -> Option<&'static Field> {
        match self {
            Operand::Field(named) => named.fields.first().copied(),
            _ => None,
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, all: &[Expression], word: &str| {
            for (n, one) in all.iter().enumerate() {
                if n > 0 {
                    write!(f, " {word} ")?;
                }
                match one {
                    Expression::Test(_) | Expression::Not(_) => write!(f, "{one}")?,
                    _ => write!(f, "({one})")?,
                }
            }
            Ok(())
        };
        match self {
            Expression::And(all) => joined(f, all, "and"),
            Expression::Xor(all) => joined(f, all, "xor"),
            Expression::Or(all) => joined(f, all, "or"),
            Expression::Not(one) => match **one {
                Expression::Test(_) | Expression::Not(_) => write!(f, "not {one}"),
                _ => write!(f, "not ({one})"),
            },
            Expression::Test(test) => write!(f, "{test}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = |all: &bool| if *all { "all " } else { "" };
        match self {
            Test::Exists(one) => write!(f, "{one}"),
            Test::Compare { all, left, comparison, right } => {
                let (before, sign) = match (all, comparison) {
                    (false, Comparison::Equal) => ("", "=="),
                    (true, Comparison::Equal) => ("", "==="),
                    (true, Comparison::NotEqual) => ("", "!="),
                    (false, Comparison::NotEqual) => ("", "!=="),
                    (all, Comparison::Less) => (every(all), "<"),
                    (all, Comparison::LessOrEqual) => (every(all), "<="),
                    (all, Comparison::Greater) => (every(all), ">"),
                    (all, Comparison::GreaterOrEqual) => (every(all), ">="),
                };
                write!(f, "{before}{left} {sign} {right}")
            }
            Test::In(one, ranges) => {
                write!(f, "{one} in {{")?;
                for (n, (low, high)) in ranges.iter().enumerate() {
                    let comma = if n > 0 { ", " } else { "" };
                    write!(f, "{comma}{low}")?;
                    if low != high {
                        write!(f, " .. {high}")?;
                    }
                }
                f.write_str("}")
            }
            Test::Contains { all, left, right } => write!(f, "{}{left} contains {right}", every(all)),
            Test::Matches { all, left, pattern } => {
                write!(f, "{}{left} matches ", every(all))?;
                super::value::write_quoted(f, pattern.0.as_str().as_bytes())
            }
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Field(named) => {
                f.write_str(&named.name)?;
                named.layers.as_ref().map_or(Ok(()), |layers| write!(f, "#[{layers}]"))
            }
            Operand::Literal(kind, literal) => literal.write(f, *kind),
            Operand::Slice(of, ranges) => write!(f, "{of}[{ranges}]"),
            Operand::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                for (n, argument) in arguments.iter().enumerate() {
                    let comma = if n > 0 { ", " } else { "" };
                    write!(f, "{comma}{argument}")?;
                }
                f.write_str(")")
            }
            Operand::Arithmetic(left, operator, right) => write!(f, "{{{left} {} {right}}}", operator.sign()),
            Operand::Negative(of) => write!(f, "-{of}"),
        }
    }
}

impl Operator {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Operator::BitAnd => "&",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
        }
    }
}
