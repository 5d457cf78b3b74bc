//! Whether a filter holds.
//!
//! Every test has three outcomes: it holds, it fails, or what it speaks of is not there. A field that stands in the
//! packet may be unknown because nobody read the packet again; then so is the outcome (`None`).

use smallvec::SmallVec;

use super::Subject;
use super::functions::Function;
use super::names::FRAME;
use super::syntax::{Comparison, Expression, Named, Operand, Operator, Test};
use super::value::{Item, Type};
use crate::bytes::{Field, Kind, Node, Tree};
use crate::protocols;

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Holds,
    Fails,
    /// A field that it speaks of has no value.
    Absent,
}

/// Values of an operand: few, mostly.
pub(super) type Values<'a> = SmallVec<[Item<'a>; 4]>;

impl Expression {
    /// Whether it holds, from what is known of each test.
    pub(super) fn holds(&self, of: &mut dyn FnMut(&Test) -> Option<bool>) -> Option<bool> {
        match self {
            Expression::And(all) => until(all, false, of),
            Expression::Or(all) => until(all, true, of),
            Expression::Xor(all) => {
                let mut odd = Some(false);
                for one in all {
                    odd = odd.zip(one.holds(of)).map(|(odd, holds)| odd != holds);
                }
                odd
            }
            Expression::Not(one) => one.holds(of).map(|holds| !holds),
            Expression::Test(test) => of(test),
        }
    }
}

/// `decides` if one of `all` does so; else the opposite, if all are known.
fn until(all: &[Expression], decides: bool, of: &mut dyn FnMut(&Test) -> Option<bool>) -> Option<bool> {
    let mut known = true;
    for one in all {
        match one.holds(of) {
            Some(holds) if holds == decides => return Some(decides),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!decides)
}

impl Test {
    /// What comes of it; `None` if the packet must be read to know.
    pub(super) fn outcome(&self, subject: &Subject<'_>) -> Option<Outcome> {
        match self {
            Test::Exists(operand) => exists(operand, subject),
            Test::Compare { all, left, comparison, right } => {
                let (left, right) = (left.values(subject)?, right.values(subject)?);
                Some(pairs(*all, &left, &right, |a, b| a.order(b).is_some_and(|order| comparison.allows(order))))
            }
            Test::In(operand, ranges) => {
                let values = operand.values(subject)?;
                if values.is_empty() {
                    return Some(Outcome::Absent);
                }
                for (low, high) in ranges {
                    let (low, high) = (low.values(subject)?, high.values(subject)?);
                    let within = |item: &Item<'_>| {
                        low.iter().any(|low| item.order(low).is_some_and(std::cmp::Ordering::is_ge))
                            && high.iter().any(|high| item.order(high).is_some_and(std::cmp::Ordering::is_le))
                    };
                    if values.iter().any(within) {
                        return Some(Outcome::Holds);
                    }
                }
                Some(Outcome::Fails)
            }
            Test::Contains { all, left, right } => {
                let kinds = (left.kind(), right.kind());
                let (left, right) = (left.values(subject)?, right.values(subject)?);
                Some(pairs(*all, &left, &right, |a, b| contains(&a.bytes(kinds.0), &b.bytes(kinds.1))))
            }
            Test::Matches { all, left, pattern } => {
                let kind = left.kind();
                let left = left.values(subject)?;
                let nothing = [Item::Number(0)];
                Some(pairs(*all, &left, &nothing, |a, _| pattern.0.is_match(&a.bytes(kind))))
            }
        }
    }
}

fn exists(operand: &Operand, subject: &Subject<'_>) -> Option<Outcome> {
    if let Operand::Field(named) = operand
        && let Some(there) = subject.has(named)
    {
        return Some(if there { Outcome::Holds } else { Outcome::Absent });
    }
    let values = operand.values(subject)?;
    let tells = |item: &Item<'_>| match (operand, item) {
        (Operand::Slice(..), Item::Bytes(bytes)) => !bytes.is_empty(),
        (Operand::Arithmetic(..), Item::Number(number)) => *number != 0,
        (Operand::Arithmetic(..), Item::Bytes(bytes)) => bytes.iter().any(|byte| *byte != 0),
        _ => true,
    };
    Some(if values.is_empty() {
        Outcome::Absent
    } else if values.iter().any(tells) {
        Outcome::Holds
    } else {
        Outcome::Fails
    })
}

/// Whether some pair of values, or every one, satisfies `is`.
fn pairs(all: bool, left: &[Item<'_>], right: &[Item<'_>], is: impl Fn(&Item<'_>, &Item<'_>) -> bool) -> Outcome {
    if left.is_empty() || right.is_empty() {
        return Outcome::Absent;
    }
    let mut each = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
    let holds = if all { each.all(|(a, b)| is(a, b)) } else { each.any(|(a, b)| is(a, b)) };
    if holds { Outcome::Holds } else { Outcome::Fails }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
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

impl Operand {
    /// Its values; `None` if the packet must be read to know.
    pub(super) fn values<'a>(&'a self, subject: &'a Subject<'_>) -> Option<Values<'a>> {
        match self {
            Operand::Field(named) => subject.values(named),
            Operand::Literal(_, literal) => Some(SmallVec::from_iter([literal.item()])),
            Operand::Slice(of, ranges) => {
                let kind = of.kind();
                Some(
                    of.values(subject)?.iter().map(|item| Item::Bytes(ranges.of(&item.bytes(kind)).into())).collect(),
                )
            }
            Operand::Call(function, arguments) => call(*function, arguments, subject),
            Operand::Arithmetic(left, operator, right) => {
                let (left, right) = (left.values(subject)?, right.values(subject)?);
                let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
                Some(pairs.filter_map(|(a, b)| operator.of_items(a, b)).collect())
            }
            Operand::Negative(of) => {
                Some(of.values(subject)?.iter().filter_map(|item| Some(Item::Number(-item.number()?))).collect())
            }
        }
    }
}

impl Operator {
    fn of_items(self, a: &Item<'_>, b: &Item<'_>) -> Option<Item<'static>> {
        match (a, b) {
            // Only `&` is for bytes.
            (Item::Bytes(a), Item::Bytes(b)) => {
                Some(Item::Bytes(a.iter().zip(b.iter()).map(|(a, b)| a & b).collect::<Vec<u8>>().into()))
            }
            _ => self.of(a.number()?, b.number()?).map(Item::Number),
        }
    }

    /// `None` for what has no value: a division by zero, a number too large.
    fn of(self, a: i128, b: i128) -> Option<i128> {
        match self {
            Operator::BitAnd => Some(a & b),
            Operator::Add => a.checked_add(b),
            Operator::Subtract => a.checked_sub(b),
            Operator::Multiply => a.checked_mul(b),
            Operator::Divide => a.checked_div(b),
            Operator::Remainder => a.checked_rem(b),
        }
    }
}

fn call<'a>(function: Function, arguments: &'a [Operand], subject: &'a Subject<'_>) -> Option<Values<'a>> {
    let first = arguments.first()?;
    if function == Function::Len
        && let Operand::Field(named) = first
        && first.kind() == Type::Protocol
    {
        return subject.lengths(named);
    }
    let mut values = first.values(subject)?;
    for argument in arguments.get(1..).unwrap_or_default() {
        values.extend(argument.values(subject)?);
    }
    if values.is_empty() {
        return Some(values);
    }
    let numbers = |a: &Item<'_>, b: &Item<'_>| a.order(b).unwrap_or(std::cmp::Ordering::Equal);
    match function {
        Function::Count => Some(SmallVec::from_iter([Item::Number(values.len() as i128)])),
        Function::Max => values.into_iter().max_by(numbers).map(|one| SmallVec::from_iter([one])),
        Function::Min => values.into_iter().min_by(numbers).map(|one| SmallVec::from_iter([one])),
        _ => Some(values.iter().filter_map(|item| function.of_each(first.kind(), item)).collect()),
    }
}

impl Subject<'_> {
    /// Whether a field is there, if that can be said without its values.
    fn has(&self, named: &Named) -> Option<bool> {
        match self.packet {
            Some((tree, _)) if named.layers.is_none() && !named.is_exposed() => {
                Some(named.is_frame() || tree.nodes().iter().any(|node| named.fields.contains(&node.field)))
            }
            _ => self.exposed.as_ref().filter(|_| named.layers.is_none()).and_then(|exposed| exposed.has(named)),
        }
    }

    fn values<'a>(&'a self, named: &Named) -> Option<Values<'a>> {
        if let Some(values) = self.exposed.as_ref().and_then(|exposed| exposed.values(named)) {
            return Some(values);
        }
        if named.is_exposed() {
            // Nobody knows; there is nothing.
            return Some(Values::new());
        }
        let (tree, bytes) = self.packet?;
        if named.is_frame() {
            return Some(SmallVec::from_iter([Item::Bytes(bytes.into())]));
        }
        let nodes = nodes(named, tree);
        Some(nodes.map(|node| Item::new(node, tree, bytes, end(node, tree, bytes))).collect())
    }

    /// The lengths of protocols: of their headers.
    fn lengths<'a>(&self, named: &Named) -> Option<Values<'a>> {
        let (tree, bytes) = self.packet?;
        if named.is_frame() {
            return Some(SmallVec::from_iter([Item::Number(bytes.len() as i128)]));
        }
        Some(nodes(named, tree).map(|node| Item::Number((node.end - node.start).into())).collect())
    }
}

impl Named {
    fn is_frame(&self) -> bool {
        self.fields.iter().any(|field| field.name == FRAME)
    }

    fn is_exposed(&self) -> bool {
        self.fields.iter().all(|field| super::exposed::is_exposed(field))
    }
}

/// The nodes of a field, in the layers that are asked for.
fn nodes<'t>(named: &Named, tree: &'t Tree) -> impl Iterator<Item = &'t Node> {
    let heading = named.layers.as_ref().and_then(|_| heading(named.fields.first()?));
    let count = tree.nodes().iter().map(|node| i64::from(Some(node.field) == heading)).sum();
    let mut layer = 0;
    tree.nodes().iter().filter(move |node| {
        layer += i64::from(Some(node.field) == heading);
        named.fields.contains(&node.field)
            && named.layers.as_ref().is_none_or(|layers| layers.has_layer(layer, count))
    })
}

/// The heading of the protocol that declares a field.
pub(super) fn heading(field: &'static Field) -> Option<&'static Field> {
    let of = protocols::LIST
        .iter()
        .find(|protocol| protocol.heading == *field || protocol.fields.iter().any(|one| **one == *field));
    of.map(|protocol| &protocol.heading)
}

/// The fields of what lies behind the packet's payload.
pub(super) const TRAILERS: [&str; 3] = ["eth.padding", "eth.trailer", "eth.fcs"];

/// Where in the packet a protocol ends: before what fills or ends the frame.
fn end(protocol: &Node, tree: &Tree, packet: &[u8]) -> usize {
    if protocol.field.kind != Kind::Group || protocol.field.name == "eth" {
        return packet.len();
    }
    let behind = tree.nodes().iter().filter(|node| TRAILERS.contains(&node.field.name));
    let first = behind.filter(|node| node.source == 0 && node.start >= protocol.end).map(|node| node.start as usize);
    first.min().unwrap_or(packet.len())
}
