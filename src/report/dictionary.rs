//! All fields: those that protocols declare, and those that stand in no packet.

use std::io;

use super::table::Table;
use super::{Format, Out, json};
use crate::{filter, protocols};

/// Prints every field: name, type, label, class, and the document that defines it.
pub fn dictionary(out: &mut Out, format: Format) -> io::Result<()> {
    let mut table = Table::new(&["name", "type", "class", "label", "source"]);
    for field in protocols::fields().chain(filter::fields().iter().copied()) {
        if format == Format::Json {
            out.json(&json::FieldLine::new(field))?;
            continue;
        }
        let cells = [field.name, json::type_name(field.kind), field.class.name(), field.label, field.source];
        table.row(cells.map(str::to_owned).to_vec());
    }
    if format == Format::Text {
        for line in table.lines() {
            out.line(&line)?;
        }
    }
    Ok(())
}
