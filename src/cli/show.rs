//! `husk show FILE N`: packet N in full.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::input::{self, Of};
use super::observing::Observing;
use crate::bytes::escape;
use crate::capture::Source;
use crate::explain::{Explainer, explain};
use crate::report::{self, Format, Out};

/// One packet in full.
#[derive(Args)]
#[command(
    override_usage = "husk show [--json] FILE N\n       husk show [--json] -r FILE N\n       husk show [--json] FILE -Y FILTER [-c COUNT]"
)]
pub(super) struct Show {
    /// The capture file, and the packet's number (from 1, as `husk list` counts).
    #[arg(value_names = ["FILE", "N"], num_args = 1..=2, required_unless_present = "read")]
    arguments: Vec<PathBuf>,
    /// The capture file, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE")]
    read: Option<PathBuf>,
    /// Show the packets that pass this display filter instead.
    #[arg(short = 'Y', long = "filter", value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Show at most so many of them.
    #[arg(short, long, value_name = "COUNT", requires = "filter")]
    count: Option<usize>,
    #[command(flatten)]
    observing: Observing,
    #[command(flatten)]
    printing: super::Printing,
}

impl Show {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        if self.filter.is_some() {
            return self.passing();
        }
        let (file, text) = input::file_and(&self.arguments, self.read.as_ref(), "N", "husk show")?;
        let number: u32 = text.parse().ok().with_context(|| format!("{} is no packet number", escape(text)))?;
        let (source, trace) = self.observing.read(Source::open(file)?)?;
        if trace.row(number).is_some_and(|row| row.is_gone()) {
            bail!("packet {number} does not pass the observer");
        }
        let explained = explain(&trace, &source.fetch(), number)?;
        let Some(explained) = explained else {
            bail!("there is no packet {number}: {} has {} packets", escape(source.name()), trace.rows().len());
        };
        let mut out = Out::new();
        report::show(&mut out, self.printing.format(), &trace, &explained)?;
        Ok(out.flush()?)
    }

    /// Shows the packets that pass the filter.
    fn passing(&self) -> anyhow::Result<()> {
        let ((Some(file), []) | (None, [file])) = (self.read.as_ref(), self.arguments.as_slice()) else {
            bail!("a filter and a number were given: `husk show FILE -Y FILTER` or `husk show FILE N`");
        };
        input::filter(self.filter.as_deref())?;
        let (source, trace) = self.observing.read(Source::open(file)?)?;
        let found = input::passing(&source, &trace, self.filter.as_deref(), Of::Packets)?.unwrap_or_default();
        let (mut explainer, fetch, mut out) = (Explainer::default(), source.fetch(), Out::new());
        for (n, number) in found.into_iter().take(self.count.unwrap_or(usize::MAX)).enumerate() {
            let Some(explained) = explainer.explain(&fetch, number, || Some(&trace))? else { continue };
            if n > 0 && self.printing.format() == Format::Text {
                out.line("")?;
            }
            report::show(&mut out, self.printing.format(), &trace, &explained)?;
        }
        Ok(out.flush()?)
    }
}
