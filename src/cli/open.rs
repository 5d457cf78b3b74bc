//! `husk FILE`: the user interface in a terminal, else a summary in words. `husk -r FILE -T fields` as tshark has it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::{fields, input};
use crate::capture::Source;
use crate::report::{self, Out};

/// Open a capture.
#[derive(Args)]
pub(super) struct Open {
    /// The capture file: pcap or pcapng, also in gzip, zstd or lz4; `-` is standard input.
    file: Option<PathBuf>,
    /// The same, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE", conflicts_with = "file")]
    read: Option<PathBuf>,
    /// What to print; `fields` prints the fields given with -e, as `husk fields` does.
    #[arg(short = 'T', value_name = "WHAT", value_enum)]
    what: Option<What>,
    #[command(flatten)]
    columns: fields::Columns,
    /// Do not resolve names (husk never does; accepted because tshark's users type it).
    #[arg(short = 'n', hide = true)]
    numeric: bool,
    #[command(flatten)]
    printing: super::Printing,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Fields,
}

impl Open {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let file = self.file.as_deref().or(self.read.as_deref());
        let file = file.context("no capture file was given; `husk --help` shows what husk can do")?;
        match self.what {
            Some(What::Fields) => fields::print(file, &self.columns, self.printing.format()),
            None if self.columns.given() => bail!("-e, -Y and -c need `-T fields`, or a command such as `husk list`"),
            None => self.present(Source::open(file)?),
        }
    }

    /// The user interface in a terminal, else a summary.
    fn present(&self, source: Source) -> anyhow::Result<()> {
        let (source, trace) = input::quiet(source)?;
        let mut out = Out::new();
        report::summary(&mut out, self.printing.format(), &source, &trace)?;
        Ok(out.flush()?)
    }
}
