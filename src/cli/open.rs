//! `husk FILE`: the user interface in a terminal, else a summary in words. `husk -r FILE -T fields` as tshark has it.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

#[cfg(all(feature = "live", unix))]
use super::live;
use super::observing::Observing;
use super::{fields, input};
use crate::capture::Source;
use crate::confine::{self, Needs};
use crate::report::{self, Format, Out};
use crate::tui;

/// Open a capture.
#[derive(Args)]
pub(super) struct Open {
    /// The capture file: pcap or pcapng, also in gzip, zstd or lz4; `-` is standard input.
    file: Option<PathBuf>,
    /// The same, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE", conflicts_with = "file")]
    read: Option<PathBuf>,
    /// Go on when the file becomes longer.
    #[arg(long, conflicts_with = "what")]
    tail: bool,
    /// What to print; `fields` prints the fields given with -e, as `husk fields` does.
    #[arg(short = 'T', value_name = "WHAT", value_enum)]
    what: Option<What>,
    #[cfg(all(feature = "live", unix))]
    #[command(flatten)]
    capturing: live::Capturing,
    #[command(flatten)]
    columns: fields::Columns,
    #[command(flatten)]
    observing: Observing,
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
        #[cfg(all(feature = "live", unix))]
        if let Some(settings) = self.capturing.settings()? {
            let hides_payload = self.capturing.hides_payload(&settings);
            let looks = self.printing.format() == Format::Text && is_terminal();
            let what = match (self.capturing.is_quiet(), self.columns.named()) {
                (true, _) => live::Printed::Summary,
                (false, true) => {
                    if hides_payload {
                        self.columns.without_payload()?;
                    }
                    live::Printed::Fields
                }
                (false, false) if looks && !self.columns.given() => return live::show(&settings, hides_payload),
                (false, false) => live::Printed::Lines,
            };
            return live::print(settings, &self.columns, self.printing.format(), &what);
        }
        let file = self.file.as_deref().or(self.read.as_deref());
        let file = file.context("no capture file was given; `husk --help` shows what husk can do")?;
        match self.what {
            Some(What::Fields) => fields::print(file, &self.columns, &self.observing, self.printing.format()),
            None if self.columns.given() => bail!("-e, -Y and -c need `-T fields`, or a command such as `husk list`"),
            None if self.observing.is_somebody() => self.summary(file),
            None => {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let title = if name == "-" { "standard input" } else { &*name };
                present(
                    input::open(file, self.tail)?,
                    title,
                    Some(file).filter(|_| name != "-"),
                    self.printing.format(),
                )
            }
        }
    }
}

impl Open {
    /// The summary in words as an observer sees the capture. The user interface has its own view for that.
    fn summary(&self, file: &Path) -> anyhow::Result<()> {
        let (source, trace) = self.observing.read(Source::open(file)?)?;
        let mut out = Out::new();
        report::summary(&mut out, self.printing.format(), &source, &trace)?;
        Ok(out.flush()?)
    }
}

/// The one place where a capture is opened for somebody to look at: the user interface in a terminal, else a summary
/// in words. Marks are kept beside `file`.
pub(super) fn present(source: Source, title: &str, file: Option<&Path>, format: Format) -> anyhow::Result<()> {
    if format == Format::Text && is_terminal() {
        tui::prepare()?;
        shut_in(file);
        return tui::run(source, title, file);
    }
    let (source, trace) = input::quiet(source)?;
    let mut out = Out::new();
    report::summary(&mut out, format, &source, &trace)?;
    out.flush()?;
    // The process ends here: its memory goes back at once, and not flow by flow.
    std::mem::forget((source, trace));
    Ok(())
}

/// Shuts the user interface in. Marks lie beside the capture, and packets are written where husk was started: files may
/// be made in these two folders, and nowhere else.
fn shut_in(file: Option<&Path>) {
    let beside = file.and_then(Path::parent).map(|folder| folder.join("."));
    let write = std::iter::once(PathBuf::from(".")).chain(beside).collect();
    let _ = confine::enter(&Needs { write, ..input::needs() });
}

/// Whether somebody looks. Keys come from the terminal even if standard input is a capture.
fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}
