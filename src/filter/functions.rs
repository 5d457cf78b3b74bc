//! Functions of the filter language.

use super::value::{Item, Type};

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Upper,
    Lower,
    Len,
    Count,
    Text,
    Max,
    Min,
    Abs,
}

impl Function {
    pub(super) const ALL: [Function; 8] = [
        Function::Upper,
        Function::Lower,
        Function::Len,
        Function::Count,
        Function::Text,
        Function::Max,
        Function::Min,
        Function::Abs,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Function::Upper => "upper",
            Function::Lower => "lower",
            Function::Len => "len",
            Function::Count => "count",
            Function::Text => "string",
            Function::Max => "max",
            Function::Min => "min",
            Function::Abs => "abs",
        }
    }

    /// What kind of value it gives for an argument of this kind.
    pub(super) const fn kind(self, argument: Type) -> Type {
        match self {
            Function::Upper | Function::Lower | Function::Text => Type::Text,
            Function::Len | Function::Count => Type::Number,
            Function::Max | Function::Min | Function::Abs => argument,
        }
    }

    /// What is wrong with its arguments: nothing, if it takes them.
    pub(super) fn complaint(self, arguments: &[Type]) -> Option<String> {
        let takes = |what: &str| Some(format!("`{}` takes {what}", self.name()));
        let first = *arguments.first()?;
        let alone = arguments.len() == 1;
        match self {
            Function::Upper | Function::Lower if !alone || first != Type::Text => takes("one text"),
            Function::Len if !alone || !(first.has_bytes() || first.is_address()) => takes("one text or bytes"),
            Function::Count if !alone => takes("one field"),
            Function::Text if !alone || !matches!(first, Type::Number | Type::Ipv4 | Type::Ipv6 | Type::Mac) => {
                takes("one number or address")
            }
            Function::Abs if !alone || !first.is_number() => takes("one number"),
            Function::Max | Function::Min if !arguments.iter().all(|one| one.goes_with(first)) => {
                takes("values of one kind")
            }
            _ => None,
        }
    }

    /// Its value for each value of its argument; `None` for functions of all values at once.
    pub(super) fn of_each(self, kind: Type, item: &Item<'_>) -> Option<Item<'static>> {
        match self {
            Function::Upper => Some(Item::Bytes(item.bytes(kind).to_ascii_uppercase().into())),
            Function::Lower => Some(Item::Bytes(item.bytes(kind).to_ascii_lowercase().into())),
            Function::Len => Some(Item::Number(item.bytes(kind).len() as i128)),
            Function::Text => Some(Item::Bytes(item.text(kind).into_bytes().into())),
            Function::Abs => item.number().map(|number| Item::Number(number.abs())),
            Function::Count | Function::Max | Function::Min => None,
        }
    }
}
