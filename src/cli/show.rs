//! `husk show FILE N`: packet N in full.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::input;
use crate::bytes::escape;
use crate::capture::Source;
use crate::explain::explain;
use crate::report::{self, Out};

/// One packet in full.
#[derive(Args)]
#[command(override_usage = "husk show [--json] FILE N\n       husk show [--json] -r FILE N")]
pub(super) struct Show {
    /// The capture file, and the packet's number (from 1, as `husk list` counts).
    #[arg(value_names = ["FILE", "N"], num_args = 1..=2, required = true)]
    arguments: Vec<PathBuf>,
    /// The capture file, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE")]
    read: Option<PathBuf>,
    #[command(flatten)]
    printing: super::Printing,
}

impl Show {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (file, text) = input::file_and(&self.arguments, self.read.as_ref(), "N", "husk show")?;
        let number: u32 = text.parse().ok().with_context(|| format!("{} is no packet number", escape(text)))?;
        let (source, trace) = input::quiet(Source::open(file)?)?;
        let explained = explain(&trace, &source.fetch(), number)?;
        let Some(explained) = explained else {
            bail!("there is no packet {number}: {} has {} packets", escape(source.name()), trace.rows().len());
        };
        let mut out = Out::new();
        report::show(&mut out, self.printing.format(), &trace, &explained)?;
        Ok(out.flush()?)
    }
}
