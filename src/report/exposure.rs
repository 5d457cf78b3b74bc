//! The byte ledger per capture, flow, host, pair of hosts and name: as tables with bars, as JSON lines, as CSV.

use std::io;

use super::summary::{ledger, print};
use super::table::{Table, bar_with, grouped, seconds};
use super::{Format, Out, json};
use crate::bytes::{Class, Split};
use crate::exposure::sizes::hidden_types;
use crate::exposure::{Book, Id, Names, Scope, books_of};
use crate::protocols::Side;
use crate::trace::Trace;

/// Tells the books of these scopes: of the packets `only`, if packets are given.
pub fn exposure(
    out: &mut Out,
    format: Format,
    trace: &Trace,
    scopes: &[Scope],
    only: Option<&[u32]>,
) -> io::Result<()> {
    let names = Names::new(trace);
    let hidden = if scopes.contains(&Scope::Capture) { hidden_types(trace, only) } else { 0 };
    for (n, scope) in scopes.iter().enumerate() {
        let books = books_of(trace, &names, *scope, only);
        if format == Format::Json {
            for book in &books {
                out.json(&json::Exposure::new(trace, &names, book))?;
            }
            continue;
        }
        if n > 0 && !books.is_empty() {
            out.line("")?;
        }
        match scope {
            Scope::Capture => {
                books.iter().try_for_each(|book| ledger(out, &book.ledger, book.missing, book.dark))?;
                if hidden > 0 {
                    let what = "of the sealed bytes are hidden types, one in each record of TLS 1.3";
                    out.line(&format!("  derived: {} {what} (RFC 8446, section 5.2)", grouped(hidden)))?;
                }
            }
            scope => list(out, trace, &names, *scope, &books)?,
        }
    }
    Ok(())
}

/// The same as CSV (RFC 4180): a line of headings, then a line a book, with the keys of the JSON lines as columns.
pub fn exposure_csv(out: &mut Out, trace: &Trace, scopes: &[Scope], only: Option<&[u32]>) -> io::Result<()> {
    let classes = Class::ALL.map(Class::name);
    let mut headings = vec!["v", "kind", "scope", "id", "captured"];
    headings.extend(classes);
    headings.extend(["visible", "encrypted", "neither", "missing"]);
    if trace.is_narrowed() {
        headings.push("dark");
    }
    out.line(&headings.join(","))?;
    let names = Names::new(trace);
    for scope in scopes {
        for book in books_of(trace, &names, *scope, only) {
            let id = match book.id {
                Id::None => String::new(),
                _ => label(trace, &names, &book).0,
            };
            let mut cells =
                vec![json::VERSION.to_string(), "exposure".to_owned(), scope.name().to_owned(), cell(&id)];
            cells.push(book.captured().to_string());
            cells.extend(book.ledger.iter().map(|(_, bytes)| bytes.to_string()));
            let sides = [Split::Visible, Split::Encrypted, Split::Neither];
            cells.extend(sides.map(|split| book.ledger.split(split).to_string()));
            cells.push(book.missing.to_string());
            if trace.is_narrowed() {
                cells.push(book.dark.to_string());
            }
            out.line(&cells.join(","))?;
        }
    }
    Ok(())
}

/// A cell that holds captured text: in quotes where it must be, and never a formula to a spreadsheet, which takes what
/// begins with one of these for one.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn list(out: &mut Out, trace: &Trace, names: &Names, scope: Scope, books: &[Book]) -> io::Result<()> {
    if books.is_empty() {
        return Ok(());
    }
    let who = if scope == Scope::Flow { "who" } else { "" };
    let mut headings =
        vec![scope.name(), ">captured", ">visible", ">encrypted", ">neither", ">missing", "split", who];
    if trace.is_narrowed() {
        headings.insert(5, ">dark");
    }
    let mut table = Table::new(&headings);
    for book in books {
        let side = |split| grouped(book.ledger.split(split));
        let (id, what) = label(trace, names, book);
        let mut cells = vec![
            id,
            grouped(book.captured()),
            side(Split::Visible),
            side(Split::Encrypted),
            side(Split::Neither),
            grouped(book.missing),
            bar_with(&book.ledger, book.dark, 16, out.style),
            what,
        ];
        if trace.is_narrowed() {
            cells.insert(5, grouped(book.dark));
        }
        table.row(cells);
    }
    print(out, &table)
}

fn label(trace: &Trace, names: &Names, book: &Book) -> (String, String) {
    match &book.id {
        Id::None => ("none".to_owned(), "packets that belong to no flow".to_owned()),
        Id::Pair([low, high]) => (format!("{low} {high}"), String::new()),
        Id::Host(address) => (address.to_string(), String::new()),
        Id::Protocol(path) => (path.join(" › "), String::new()),
        Id::Time(begins) => (seconds(*begins), String::new()),
        Id::Name(name) => (names.text(*name).into_owned(), String::new()),
        Id::Flow(number) => {
            let Some(flow) = trace.flows().all().get(*number as usize) else {
                return (number.to_string(), String::new());
            };
            let name = names.of_flow(*number).map(|(name, _)| format!(" {}", names.text(name))).unwrap_or_default();
            let [client, server] = [Side::Client, Side::Server].map(|side| json::endpoint(flow, side));
            (number.to_string(), format!("{client} → {server}{name}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_name_is_no_formula_to_a_spreadsheet() {
        assert_eq!(cell("shop.example"), "shop.example");
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        for formula in ["+1", "-1", "@SUM(1)", "\t=1"] {
            assert!(cell(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(cell("a,b"), "\"a,b\"");
    }
}
