//! `husk -i IFACE`: what an interface carries, as it comes.

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;

use super::fields::Columns;
use super::input::Sieve;
use super::{input, list};
use crate::capture::Source;
use crate::capture::live::{Live, Settings};
use crate::filter::Filter;
use crate::report::{Format, Lines, Out};
use crate::trace::{Listener, Pass};
use crate::tui;

/// How to capture.
#[derive(Args)]
pub(super) struct Capturing {
    /// Capture on this interface; `husk interfaces` lists them.
    #[arg(short, long, value_name = "IFACE", conflicts_with_all = ["file", "read"])]
    interface: Option<String>,
    /// Capture only what passes this kernel filter, in libpcap's language.
    #[arg(short = 'f', long, value_name = "FILTER", requires = "interface")]
    kernel_filter: Option<String>,
    /// Keep so many bytes of each packet.
    #[arg(short, long, value_name = "BYTES", requires = "interface")]
    snap_length: Option<u32>,
    /// Do not ask for packets that are for others (no promiscuous mode).
    #[arg(short = 'p', long, requires = "interface")]
    no_promiscuous: bool,
    /// Size of the kernel's buffer, in MiB.
    #[arg(short = 'B', long, value_name = "MIB", requires = "interface")]
    buffer: Option<u32>,
    /// Stop after so long: `duration:SECONDS`.
    #[arg(short = 'a', long, value_name = "WHEN", requires = "interface")]
    autostop: Option<String>,
}

impl Capturing {
    /// The settings, if an interface was given.
    pub(super) fn settings(&self) -> anyhow::Result<Option<Settings>> {
        const MIB: u32 = 1 << 20;
        let Some(interface) = &self.interface else { return Ok(None) };
        let mut settings = Settings::new(interface);
        settings.filter.clone_from(&self.kernel_filter);
        settings.promiscuous = !self.no_promiscuous;
        settings.snap_length = self.snap_length.filter(|length| *length > 0).unwrap_or(settings.snap_length);
        settings.buffer = self.buffer.map_or(settings.buffer, |mib| mib.saturating_mul(MIB));
        settings.duration = self.autostop.as_deref().map(duration).transpose()?;
        Ok(Some(settings))
    }
}

/// `duration:SECONDS`, as tshark has it.
fn duration(when: &str) -> anyhow::Result<Duration> {
    let Some(seconds) = when.strip_prefix("duration:") else {
        bail!("-a understands `duration:SECONDS` only, not {}", crate::bytes::escape(when));
    };
    let seconds = seconds.parse().ok().and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    seconds.with_context(|| format!("{} is no number of seconds", crate::bytes::escape(when)))
}

/// Shows packets as they come in the user interface.
pub(super) fn show(settings: &Settings) -> anyhow::Result<()> {
    let (live, source) = Live::start(settings)?;
    tui::run_live(source, &settings.interface, live)
}

/// Prints packets as they come, one line each.
pub(super) fn print(mut settings: Settings, columns: &Columns, format: Format) -> anyhow::Result<()> {
    let filter = input::filter(columns.filter())?;
    if filter.as_ref().is_some_and(Filter::asks_exposed) {
        bail!("fields such as `flow.name` and `sealed.bytes` are known when a capture is whole, not while it grows");
    }
    if filter.is_none() {
        settings.packets = columns.count();
    }
    let (live, source) = Live::start(&settings)?;
    eprintln!("husk: capturing on {}", crate::bytes::escape(&settings.interface));
    let mut printer = list::Printer {
        known: None,
        lines: Lines::live(),
        sieve: Sieve::new(filter, None),
        left: columns.count(),
        format,
        out: Out::new(),
        result: Ok(()),
    };
    listen(source, &mut printer);
    printer.result?;
    printer.out.flush()?;
    finish(&live)
}

fn listen(source: Source, listener: &mut dyn Listener) {
    let mut pass = Pass::new(source).with_listener(listener);
    pass.run();
}

/// Tells how it went: what was dropped must not stay unknown.
fn finish(live: &Live) -> anyhow::Result<()> {
    live.stop();
    let counts = live.counts();
    eprintln!(
        "husk: {} packets captured, {} dropped by the kernel, {} by the interface",
        counts.packets, counts.dropped_by_kernel, counts.dropped_by_interface
    );
    match live.error() {
        Some(error) => bail!("the capture ended early: {error}"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn autostop_is_as_tshark_has_it() {
        assert_eq!(duration("duration:1.5").ok(), Some(Duration::from_millis(1500)));
        assert!(
            ["5", "duration:", "duration:-1", "filesize:5", "duration:1e99"].iter().all(|bad| duration(bad).is_err())
        );
    }
}
