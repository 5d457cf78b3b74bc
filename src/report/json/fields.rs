//! Lines about fields: the dictionary (`fields`), and what things are in plain words (`explain`).

use serde::Serialize;

use super::{VERSION, type_name};
use crate::bytes::{Field, escape};
use crate::exposure::Observer;
use crate::exposure::observer::Sight;
use crate::glossary::{self, Owner};
use crate::report::About;

/// A field that protocols can say (`fields`).
#[derive(Debug, Serialize)]
pub struct FieldLine {
    v: u32,
    kind: &'static str,
    name: &'static str,
    label: &'static str,
    r#type: &'static str,
    class: &'static str,
    source: &'static str,
    about: Option<&'static str>,
}

impl FieldLine {
    /// The line of a field.
    pub fn new(field: &'static Field) -> FieldLine {
        FieldLine {
            v: VERSION,
            kind: "field",
            name: field.name,
            label: field.label,
            r#type: type_name(field.kind),
            class: field.class.name(),
            source: field.source,
            about: glossary::sentence(field),
        }
    }
}

/// A field in plain words (`explain`).
#[derive(Debug, Serialize)]
pub struct AboutLine {
    v: u32,
    kind: &'static str,
    name: &'static str,
    label: &'static str,
    about: Option<&'static str>,
    class: &'static str,
    owner: Option<&'static str>,
    seen_by: &'static str,
    why: &'static str,
    hidden_by: &'static str,
    source: &'static str,
    values: Vec<ValueAbout>,
    observers: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ValueAbout {
    value: u64,
    name: Option<&'static str>,
    about: &'static str,
}

impl AboutLine {
    /// The line of a field.
    pub fn new(about: &About, reaches: &[(&Observer, Sight)]) -> AboutLine {
        let (field, sight) = (about.field, &about.sight);
        let value = |(value, about): &(u64, &'static str)| ValueAbout {
            value: *value,
            name: field.names.and_then(|names| names(*value)),
            about,
        };
        AboutLine {
            v: VERSION,
            kind: "about",
            name: field.name,
            label: field.label,
            about: about.sentence,
            class: field.class.name(),
            owner: about.owner.map(Owner::name),
            seen_by: sight.seen_by,
            why: sight.why.name(),
            hidden_by: sight.hidden_by,
            source: field.source,
            values: about.values.iter().map(value).collect(),
            observers: reaches.iter().map(|(observer, _)| escape(&observer.name).into_owned()).collect(),
        }
    }
}

/// A class of bytes or an owner of layers in plain words (`explain` without a name).
#[derive(Debug, Serialize)]
pub struct WordLine {
    v: u32,
    kind: &'static str,
    of: &'static str,
    name: &'static str,
    about: &'static str,
}

impl WordLine {
    /// The line of a class or an owner (`of`).
    pub const fn new(of: &'static str, name: &'static str, about: &'static str) -> WordLine {
        WordLine { v: VERSION, kind: "word", of, name, about }
    }
}
