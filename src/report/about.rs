//! What a field is, in plain words: its sentence, whose work it is, who sees it, what would hide it.

use std::io;

use super::table::wrapped;
use super::{Format, Out, json};
use crate::bytes::{Class, Field, Split, escape};
use crate::exposure::observer::{Packets, Sight};
use crate::exposure::{Observer, Observers};
use crate::glossary::{self, OWNERS, Owner};
use crate::protocols;

/// Columns of a paragraph.
const WIDTH: usize = 96;
/// Columns of the words before a paragraph.
const LEAD: usize = 13;

/// Everything that there is to say of a field.
#[derive(Debug)]
pub struct About {
    /// The field.
    pub field: &'static Field,
    /// What it is; not every field has a sentence.
    pub sentence: Option<&'static str>,
    /// Who writes it when sending.
    pub owner: Option<Owner>,
    /// Who sees it, why, and what would hide it.
    pub sight: glossary::Sight,
    /// What values of it mean, where they have sentences.
    pub values: Vec<(u64, &'static str)>,
}

impl About {
    /// What is known of a field.
    pub fn new(field: &'static Field) -> About {
        let says = |protocol: &&&protocols::Protocol| {
            protocol.heading.name == field.name || protocol.fields.contains(&field)
        };
        // A frame's notes are nobody's work: they were not sent.
        let protocol = protocols::LIST.iter().find(says).filter(|protocol| protocol.name() != "frame");
        About {
            field,
            sentence: glossary::sentence(field),
            owner: protocol.map(|protocol| glossary::owner(protocol.name(), protocol.heading.class)),
            sight: glossary::sight(field),
            values: glossary::values(field).collect(),
        }
    }
}

/// Tells what fields are.
pub fn about(out: &mut Out, format: Format, fields: &[&'static Field], observers: &Observers) -> io::Result<()> {
    for (n, field) in fields.iter().enumerate() {
        let about = About::new(field);
        let reaches = observers.of_field(field);
        if format == Format::Json {
            out.json(&json::AboutLine::new(&about, &reaches))?;
            continue;
        }
        if n > 0 {
            out.line("")?;
        }
        tell(out, &about, &reaches)?;
    }
    Ok(())
}

fn tell(out: &mut Out, about: &About, reaches: &[(&Observer, Sight)]) -> io::Result<()> {
    let (field, sight) = (about.field, &about.sight);
    let title = out.style.strong(field.label);
    out.line(&format!("{title}  {}", field.name))?;
    if let Some(sentence) = about.sentence {
        paragraph(out, "", sentence)?;
    }
    out.line("")?;
    let class = out.style.class(field.class, field.class.name());
    paragraph(out, "class", &format!("{class}. {}", glossary::class(field.class)))?;
    if let Some(owner) = about.owner {
        paragraph(out, "whose work", &format!("{}. {}", owner.name(), owner.sentence()))?;
    }
    paragraph(out, "seen by", &format!("{}.", sight.seen_by))?;
    paragraph(out, "reaches", &whom(field, reaches))?;
    paragraph(out, "why", &format!("{}. {}", sight.why.name(), sight.why.sentence()))?;
    paragraph(out, "hidden by", &format!("{}.", sight.hidden_by))?;
    paragraph(out, "defined in", field.source)?;
    if !about.values.is_empty() {
        out.line("")?;
    }
    for (value, sentence) in &about.values {
        let name = field.names.and_then(|names| names(*value)).map_or(String::new(), |name| format!("{name}. "));
        paragraph(out, &format!("{value:>9}"), &format!("{name}{sentence}"))?;
    }
    Ok(())
}

/// Whom a field reaches, by the names of the observers.
fn whom(field: &Field, reaches: &[(&Observer, Sight)]) -> String {
    let names = reaches.iter().map(|(observer, sight)| {
        let name = escape(&observer.name);
        match (observer.packets, sight) {
            (Packets::Group, _) => format!("{name} (if it is sent to everybody)"),
            (_, Sight::Partly) => format!("{name} (in part)"),
            (_, Sight::Sees) => name.into_owned(),
        }
    });
    let names: Vec<String> = names.collect();
    let what = if field.class.split() == Split::Encrypted { "as bytes that are there: " } else { "" };
    format!("{what}{}.", names.join(", "))
}

/// A paragraph with its lead at the margin.
fn paragraph(out: &mut Out, lead: &str, text: &str) -> io::Result<()> {
    let indent = if lead.is_empty() { 2 } else { LEAD + 2 };
    for (n, line) in wrapped(text, WIDTH - indent).iter().enumerate() {
        let lead = if n == 0 { lead } else { "" };
        let lead = out.style.quiet(&format!("{lead:<width$}", width = indent - 2));
        out.line(format!("  {lead}{line}").trim_end())?;
    }
    Ok(())
}

/// Tells what each class of bytes is, and each owner of layers.
pub fn words(out: &mut Out, format: Format) -> io::Result<()> {
    if format == Format::Json {
        for class in Class::ALL {
            out.json(&json::WordLine::new("class", class.name(), glossary::class(class)))?;
        }
        for owner in OWNERS {
            out.json(&json::WordLine::new("owner", owner.name(), owner.sentence()))?;
        }
        return Ok(());
    }
    out.line(&out.style.strong("what a byte is to somebody without keys"))?;
    for class in Class::ALL {
        let name = out.style.class(class, &format!("{} {:<9}", class.glyph(), class.name()));
        paragraph(out, &name, glossary::class(class))?;
    }
    out.line("")?;
    out.line(&out.style.strong("whose work a layer is"))?;
    for owner in OWNERS {
        paragraph(out, owner.name(), owner.sentence())?;
    }
    out.line("")?;
    out.line("`husk explain ip.ttl` explains a field, `husk explain tls` a protocol; `husk fields` lists all.")
}
