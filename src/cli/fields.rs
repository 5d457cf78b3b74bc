//! `husk fields`: the dictionary of fields. `husk fields FILE -e NAME`: one line a packet, cells separated by a tab.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::input::{self, Sieve};
use crate::bytes::{Field, Tree};
use crate::capture::Source;
use crate::filter::{self, Filter};
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
            Some(file) => print(file, &self.columns, self.printing.format()),
            None if self.columns.names.is_empty() => {
                let mut out = Out::new();
                report::dictionary(&mut out, self.printing.format())?;
                Ok(out.flush()?)
            }
            None => bail!("no capture file was given: `husk fields FILE -e NAME`"),
        }
    }
}

/// Prints fields of each packet of a file.
pub(super) fn print(file: &std::path::Path, columns: &Columns, format: Format) -> anyhow::Result<()> {
    let filter = input::filter(columns.filter.as_deref())?;
    let unread = Source::open(file)?;
    input::shut_in();
    // Only a filter that asks for what a whole capture tells needs a pass before the one that prints.
    let (sieve, source);
    let trace;
    if filter.as_ref().is_some_and(Filter::asks_exposed) {
        let (read, whole) = input::quiet(unread)?;
        trace = whole;
        (sieve, source) = (Sieve::of(filter, &read, &trace)?, read.again()?);
    } else {
        (sieve, source) = (Sieve::new(filter), unread);
    }
    let mut printer = columns.printer(format, sieve)?;
    let (source, whole) = input::listen(source, &mut printer);
    printer.finish()?;
    input::check(&source, &whole)
}

impl Columns {
    /// What prints these fields of each packet that it hears; a whole capture may be known already.
    pub(super) fn printer<'t>(&self, format: Format, sieve: Sieve<'t>) -> anyhow::Result<Printer<'t>> {
        if self.names.is_empty() {
            bail!("which fields? `husk fields FILE -e NAME`; `husk fields` lists all names");
        }
        let resolve = |name: &String| Ok((name.clone(), filter::resolve(name)?));
        Ok(Printer {
            columns: self.names.iter().map(resolve).collect::<Result<_, filter::Unknown>>()?,
            sieve,
            left: self.count,
            format,
            out: Out::new(),
            line: String::new(),
            result: Ok(()),
        })
    }

    /// Whether fields were named.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn named(&self) -> bool {
        !self.names.is_empty()
    }
}

/// Prints fields of packets as it hears them.
pub(super) struct Printer<'t> {
    columns: Vec<(String, Vec<&'static Field>)>,
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
        self.line.clear();
        for (n, (_, fields)) in self.columns.iter().enumerate() {
            if n > 0 {
                self.line.push('\t');
            }
            let values = heard.tree.nodes().iter().filter(|node| fields.contains(&node.field));
            for (n, node) in values.enumerate() {
                if n > 0 {
                    self.line.push(',');
                }
                self.line.push_str(&heard.tree.cell(node, heard.bytes));
            }
        }
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
            Format::Json => {
                self.out.json(&report::json::Cells::new(heard.number, &self.columns, heard.tree, heard.bytes))
            }
        };
        self.left = self.left.map(|left| left - 1);
        self.result.is_ok() && self.left != Some(0)
    }

    fn pause(&mut self) {
        // A pipe that nobody reads shows at the next line.
        let _ = self.out.flush();
    }
}
