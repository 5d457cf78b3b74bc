//! `husk list FILE`: one line a packet.
//!
//! Two passes: the first, quiet one learns what later packets tell of earlier ones (the classes of their bytes, who
//! opened the flow), the second prints. What comes while it is read is printed in one.

use anyhow::bail;
use clap::Args;

use super::input::{self, Input, Sieve};
use crate::bytes::Tree;
use crate::capture::Source;
use crate::filter::Filter;
use crate::report::{Format, Line, Lines, Out, wanted_fields};
use crate::trace::{Heard, Listener, Trace};

/// One line a packet.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    input: Input,
    /// Print at most so many packets.
    #[arg(short, long, value_name = "N")]
    count: Option<u64>,
    /// Print only packets that pass this display filter.
    #[arg(short = 'Y', long = "filter", value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Go on when the file becomes longer, until interrupted.
    #[arg(long)]
    tail: bool,
    #[command(flatten)]
    printing: super::Printing,
}

impl List {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let filter = input::filter(self.filter.as_deref())?;
        let source = input::open(self.input.path()?, self.tail)?;
        if source.is_live() {
            if self.input.observing.is_somebody() {
                bail!("who sees which packet is known when a capture is whole: `--as` needs a file");
            }
            input::shut_in();
            input::of_packets(filter.as_ref())?;
            return self.as_they_come(source, filter);
        }
        let (source, trace) = self.input.observing.read(source)?;
        let nanoseconds = source.interfaces().iter().any(|interface| interface.ticks > 1_000_000);
        let mut printer = Printer {
            known: Some(&trace),
            lines: Lines::new(&trace, nanoseconds),
            sieve: Sieve::of(filter, &source, &trace)?,
            left: self.count,
            format: self.printing.format(),
            out: Out::new(),
            result: Ok(()),
        };
        input::listen_again(&source, &mut printer, &trace)?;
        printer.result?;
        Ok(printer.out.flush()?)
    }

    /// Prints packets of a pipe or of a file that grows in one pass: nobody knows yet what later ones tell.
    fn as_they_come(&self, source: Source, filter: Option<Filter>) -> anyhow::Result<()> {
        let mut printer = Printer::live(filter, self.count, self.printing.format());
        let (source, trace) = input::listen(source, &mut printer);
        printer.finish()?;
        input::check(&source, &trace)
    }
}

/// Prints packets as it hears them.
pub(super) struct Printer<'a> {
    /// What an earlier pass knows; without it, what is known so far.
    pub(super) known: Option<&'a Trace>,
    pub(super) lines: Lines,
    pub(super) sieve: Sieve<'a>,
    /// Lines that may still be printed.
    pub(super) left: Option<u64>,
    pub(super) format: Format,
    pub(super) out: Out,
    pub(super) result: std::io::Result<()>,
}

impl Printer<'_> {
    /// Prints at most `left` packets while they come: nobody knows yet what later ones tell.
    pub(super) fn live(filter: Option<Filter>, left: Option<u64>, format: Format) -> Printer<'static> {
        let sieve = Sieve::new(filter);
        Printer { known: None, lines: Lines::live(), sieve, left, format, out: Out::new(), result: Ok(()) }
    }

    /// Prints what is left, and tells what went wrong.
    pub(super) fn finish(mut self) -> std::io::Result<()> {
        self.result?;
        self.out.flush()
    }

    fn print(&mut self, heard: &Heard<'_>) -> std::io::Result<()> {
        let trace = self.known.unwrap_or(heard.trace);
        let line = Line::new(heard, trace);
        match self.format {
            Format::Text => self.lines.print(&mut self.out, &line, trace),
            Format::Json => self.lines.json(&mut self.out, &line, trace),
        }
    }
}

impl Listener for Printer<'_> {
    fn tree(&self) -> Tree {
        Tree::only(wanted_fields().into_iter().chain(self.sieve.fields()).collect())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        if self.left == Some(0) {
            return false;
        }
        if heard.head.timed {
            self.lines.begin(heard.head.time);
        }
        if !self.sieve.passes(heard) {
            return true;
        }
        self.result = self.print(heard);
        self.left = self.left.map(|left| left - 1);
        self.result.is_ok() && self.left != Some(0)
    }

    fn pause(&mut self) {
        // A pipe that nobody reads shows at the next line.
        let _ = self.out.flush();
    }
}
