//! `husk fields`: the dictionary of fields. `husk fields FILE -e NAME`: one line a packet, cells separated by a tab.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::input::{self, Sieve};
use super::observing::Observing;
#[cfg(all(feature = "live", unix))]
use crate::bytes::Class;
use crate::bytes::{Field, Tree};
use crate::capture::Source;
use crate::filter::{self, Filter, Scope};
use crate::report::{self, Format, Out};
use crate::trace::{Heard, Listener};

/// The dictionary, or fields of each packet.
#[derive(Args)]
pub(super) struct Fields {
    /// The capture file; without one, the dictionary of all fields is printed.
    file: Option<PathBuf>,
    /// The same, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE", conflicts_with = "file")]
    read: Option<PathBuf>,
    #[command(flatten)]
    columns: Columns,
    #[command(flatten)]
    observing: Observing,
    #[command(flatten)]
    printing: super::Printing,
}

/// Which fields of which packets.
#[derive(Args)]
pub(super) struct Columns {
    /// Print this field; may be given several times.
    #[arg(short = 'e', value_name = "NAME")]
    names: Vec<String>,
    /// Print only packets that pass this display filter.
    #[arg(short = 'Y', long = "filter", value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Print at most so many packets.
    #[arg(short, long, value_name = "N")]
    count: Option<u64>,
}

impl Columns {
    /// The display filter.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// The most packets to print.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn count(&self) -> Option<u64> {
        self.count
    }

    /// Whether anything was asked for.
    pub(super) fn given(&self) -> bool {
        !self.names.is_empty() || self.filter.is_some() || self.count.is_some()
    }
}

impl Fields {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self.file.as_ref().or(self.read.as_ref()) {
            Some(file) => print(file, &self.columns, &self.observing, self.printing.format()),
            None if self.columns.names.is_empty() => {
                let mut out = Out::new();
                report::dictionary(&mut out, self.printing.format())?;
                Ok(out.flush()?)
            }
            None => bail!("no capture file was given: `husk fields FILE -e NAME`"),
        }
    }
}

/// Prints fields of each packet of a file, as the observer sees it.
pub(super) fn print(
    file: &std::path::Path,
    columns: &Columns,
    observing: &Observing,
    format: Format,
) -> anyhow::Result<()> {
    let filter = input::filter(columns.filter.as_deref())?;
    let printed = columns.resolved()?;
    let exposed = filter.as_ref().is_some_and(Filter::asks_exposed)
        || printed.iter().flat_map(|(_, fields)| fields).any(|field| filter::is_exposed(field));
    let source = Source::open(file)?;
    if !exposed && !observing.is_somebody() {
        input::shut_in();
        let mut printer = columns.printer(format, Sieve::new(filter), printed);
        let (source, trace) = input::listen(source, &mut printer);
        printer.finish()?;
        return input::check(&source, &trace);
    }
    // What a whole capture tells, and what passes whom, needs a pass before the one that prints.
    let (source, trace) = observing.read(source)?;
    let leaks = printed.iter().flat_map(|(_, fields)| fields).any(|field| filter::is_leak(field));
    let sieve = if exposed { Sieve::knowing(filter, &source, &trace, leaks)? } else { Sieve::new(filter) };
    let mut printer = columns.printer(format, sieve, printed);
    input::listen_again(&source, &mut printer, &trace)?;
    Ok(printer.finish()?)
}

/// Columns: the name asked for, and the fields that it stands for.
type Resolved = Vec<(String, Vec<&'static Field>)>;

impl Columns {
    /// The fields that were named.
    pub(super) fn resolved(&self) -> anyhow::Result<Resolved> {
        if self.names.is_empty() {
            bail!("which fields? `husk fields FILE -e NAME`; `husk fields` lists all names");
        }
        let resolve = |name: &String| Ok((name.clone(), filter::printed(name)?));
        Ok(self.names.iter().map(resolve).collect::<Result<_, filter::Unknown>>()?)
    }

    /// The same, where no whole capture is known: they must stand in packets.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn of_packets(&self) -> anyhow::Result<Resolved> {
        let columns = self.resolved()?;
        if let Some((name, _)) = columns.iter().find(|(_, fields)| fields.iter().any(|of| filter::is_exposed(of))) {
            bail!("{name} is known when a capture is whole, not while it grows");
        }
        Ok(columns)
    }

    /// What prints these fields of each packet that it hears; a whole capture may be known already.
    pub(super) fn printer<'t>(&self, format: Format, sieve: Sieve<'t>, columns: Resolved) -> Printer<'t> {
        Printer { columns, sieve, left: self.count, format, out: Out::new(), line: String::new(), result: Ok(()) }
    }

    /// Refuses fields that are payload.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn without_payload(&self) -> anyhow::Result<()> {
        for name in &self.names {
            if filter::resolve(name)?.iter().any(|field| field.class == Class::Content) {
                bail!("{name} is payload, which may be other people's in promiscuous mode: --payload prints it");
            }
        }
        Ok(())
    }

    /// Whether fields were named.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn named(&self) -> bool {
        !self.names.is_empty()
    }
}

/// Prints fields of packets as it hears them.
pub(super) struct Printer<'t> {
    columns: Resolved,
    sieve: Sieve<'t>,
    left: Option<u64>,
    format: Format,
    out: Out,
    line: String,
    result: std::io::Result<()>,
}

impl Printer<'_> {
    /// Prints what is left, and tells what went wrong.
    pub(super) fn finish(mut self) -> std::io::Result<()> {
        self.result?;
        self.out.flush()
    }

    /// Cells separated by tabs, several values in a cell by commas.
    fn cells(&mut self, heard: &Heard<'_>) {
        let Printer { line, columns, sieve, .. } = self;
        line.clear();
        for (n, (_, fields)) in columns.iter().enumerate() {
            if n > 0 {
                line.push('\t');
            }
            let mut is_first = true;
            each(sieve, heard, fields, |value| {
                if !std::mem::take(&mut is_first) {
                    line.push(',');
                }
                line.push_str(value);
            });
        }
    }

    /// The columns that have a value, as a JSON line.
    fn json(&mut self, heard: &Heard<'_>) -> std::io::Result<()> {
        let mut by_name = BTreeMap::new();
        for (name, fields) in &self.columns {
            let mut values = Vec::new();
            each(&self.sieve, heard, fields, |value| values.push(value.to_owned()));
            if !values.is_empty() {
                by_name.insert(name.as_str(), values);
            }
        }
        self.out.json(&report::json::Cells::new(heard.number, by_name))
    }
}

/// The values of a column's fields: those that stand in the packet, then those that stand in none.
fn each(sieve: &Sieve<'_>, heard: &Heard<'_>, fields: &[&'static Field], mut value: impl FnMut(&str)) {
    for node in heard.tree.nodes().iter().filter(|node| fields.contains(&node.field)) {
        value(&heard.tree.cell(node, heard.bytes));
    }
    let Some(exposed) = sieve.exposed(Scope::Packet(heard.number)) else { return };
    for field in fields.iter().filter(|field| filter::is_exposed(field)) {
        exposed.cells(field).iter().for_each(|cell| value(cell));
    }
}

impl Listener for Printer<'_> {
    fn tree(&self) -> Tree {
        let printed = self.columns.iter().flat_map(|(_, fields)| fields.iter().copied());
        Tree::only(printed.chain(self.sieve.fields()).collect())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        if self.left == Some(0) {
            return false;
        }
        if !self.sieve.passes(heard) {
            return true;
        }
        self.result = match self.format {
            Format::Text => {
                self.cells(heard);
                self.out.line(&self.line)
            }
            Format::Json => self.json(heard),
        };
        self.left = self.left.map(|left| left - 1);
        self.result.is_ok() && self.left != Some(0)
    }

    fn pause(&mut self) {
        // A pipe that nobody reads shows at the next line.
        let _ = self.out.flush();
    }
}
