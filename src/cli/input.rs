//! The capture that a command reads, given as tshark's users give it or as an argument.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::bytes::escape;
use crate::capture::Source;
use crate::filter::Filter;
use crate::trace::{Listener, Pass, Trace};

/// A capture file.
#[derive(Args)]
pub(super) struct Input {
    /// The capture file: pcap or pcapng, also in gzip, zstd or lz4; `-` is standard input.
    #[arg(required_unless_present = "read")]
    file: Option<PathBuf>,
    /// The same, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE", conflicts_with = "file")]
    read: Option<PathBuf>,
}

impl Input {
    pub(super) fn path(&self) -> anyhow::Result<&Path> {
        self.file.as_deref().or(self.read.as_deref()).context("no capture file was given")
    }

    /// Reads the whole capture, quietly.
    pub(super) fn quiet(&self) -> anyhow::Result<(Source, Trace)> {
        quiet(Source::open(self.path()?)?)
    }
}

/// The capture file and the other argument of `COMMAND FILE WHAT` or `COMMAND -r FILE WHAT`.
pub(super) fn file_and<'a>(
    arguments: &'a [PathBuf],
    read: Option<&'a PathBuf>,
    what: &str,
    command: &str,
) -> anyhow::Result<(&'a Path, &'a str)> {
    let (file, argument) = match (read, arguments) {
        (Some(file), [argument]) | (None, [file, argument]) => (file, argument),
        (Some(_), [_, ..]) => bail!("two files were given: `{command} -r FILE {what}`"),
        _ => bail!("{what} is missing: `{command} FILE {what}`"),
    };
    Ok((file, argument.to_str().with_context(|| format!("{what} is no text"))?))
}

/// Reads a whole capture, quietly. Warns of damage; nothing read at all is an error.
pub(super) fn quiet(source: Source) -> anyhow::Result<(Source, Trace)> {
    let mut pass = Pass::new(source);
    let trace = pass.run();
    let source = pass.into_source();
    check(&source, &trace)?;
    Ok((source, trace))
}

/// Reads a whole capture, and lets a listener hear each packet.
pub(super) fn listen(source: Source, listener: &mut dyn Listener) -> (Source, Trace) {
    let mut pass = Pass::new(source).with_listener(listener);
    let trace = pass.run();
    (pass.into_source(), trace)
}

/// Warns of damage on standard error; damage before the first packet is an error.
pub(super) fn check(source: &Source, trace: &Trace) -> anyhow::Result<()> {
    let Some(damage) = source.damage() else { return Ok(()) };
    let name = escape(source.name());
    if trace.rows().is_empty() {
        bail!("{name}: {damage}; no packet could be read");
    }
    eprintln!("husk: warning: {name}: {damage}; what could be read of it is shown ({} packets)", trace.rows().len());
    Ok(())
}

/// Understands a display filter.
pub(super) fn filter(text: Option<&str>) -> anyhow::Result<Option<Filter>> {
    Ok(text.map(Filter::parse).transpose()?)
}
