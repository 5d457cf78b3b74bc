//! `husk -i IFACE`: what interfaces carry, as it comes.

mod consent;
mod limits;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::bail;
use clap::Args;

use super::fields::Columns;
use super::input::{self, Sieve};
use super::{list, tell};
use crate::bytes::{Tree, escape};
use crate::capture::live::{Keep, Live, Opened, Ring, Settings, Tap};
use crate::capture::{Progress, Source};
#[cfg(target_os = "linux")]
use crate::confine;
use crate::report::table::{counted, grouped};
use crate::report::{self, Format};
use crate::trace::{Heard, Listener, Pass, Trace};
use crate::tui;

/// How long to sleep while nothing new was captured.
const PAUSE: Duration = Duration::from_millis(20);

/// How to capture.
#[derive(Args)]
pub(super) struct Capturing {
    /// Capture on this interface; `husk interfaces` lists them. May be given several times.
    #[arg(short, long, value_name = "IFACE", conflicts_with_all = ["file", "read"])]
    interface: Vec<String>,
    /// Capture only what passes this kernel filter, in libpcap's language: one for all interfaces, or one for each,
    /// in the same order.
    #[arg(short = 'f', long, value_name = "FILTER", requires = "interface")]
    kernel_filter: Vec<String>,
    /// Keep what is captured in this file (pcapng).
    #[arg(short, long, value_name = "FILE", requires = "interface")]
    write: Option<PathBuf>,
    /// Keep it in several files: `size:100M,files:10,duration:60,packets:N`, some of them. The oldest is deleted when
    /// there would be more than `files`.
    #[arg(long, value_name = "WHEN", requires = "write")]
    ring: Vec<String>,
    /// The same, as dumpcap has it: `filesize:KB`, `duration:SECONDS`, `packets:N`, `files:N`.
    #[arg(short = 'b', value_name = "WHEN", requires = "write")]
    turn: Vec<String>,
    /// Stop after `duration:SECONDS`, `packets:N`, `filesize:KB` or `files:N`.
    #[arg(short = 'a', long, value_name = "WHEN", requires = "interface")]
    autostop: Vec<String>,
    /// Keep so many bytes of each packet.
    #[arg(short, long, value_name = "BYTES", requires = "interface")]
    snap_length: Option<u32>,
    /// Do not ask for packets that are for others (no promiscuous mode).
    #[arg(short = 'p', long, requires = "interface")]
    no_promiscuous: bool,
    /// Size of the kernel's buffer for each interface, in MiB.
    #[arg(short = 'B', long, value_name = "MIB", requires = "interface")]
    buffer: Option<u32>,
    /// Show payload also in promiscuous mode, where it may be other people's.
    #[arg(long, requires = "interface")]
    payload: bool,
    /// Write this comment into the file.
    #[arg(long, value_name = "TEXT", requires = "interface")]
    comment: Vec<String>,
    /// Put the spool, where packets lie until husk ends, into this folder.
    #[arg(long, value_name = "FOLDER", requires = "interface")]
    spool: Option<PathBuf>,
    /// Print no packets, only the summary at the end.
    #[arg(short, long, requires = "interface")]
    quiet: bool,
}

impl Capturing {
    /// The settings, if an interface was given.
    pub(super) fn settings(&self) -> anyhow::Result<Option<Settings>> {
        const MIB: u32 = 1 << 20;
        if self.interface.is_empty() {
            return Ok(None);
        }
        let mut settings = Settings::new(self.taps()?);
        settings.promiscuous = !self.no_promiscuous;
        settings.snap_length = self.snap_length.filter(|length| *length > 0).unwrap_or(settings.snap_length);
        settings.buffer = self.buffer.map_or(settings.buffer, |mib| mib.saturating_mul(MIB));
        self.autostop.iter().try_for_each(|when| limits::stop(&mut settings.stop, when))?;
        let mut ring = Ring::default();
        self.ring.iter().try_for_each(|words| limits::ring(&mut ring, words))?;
        self.turn.iter().try_for_each(|when| limits::turn(&mut ring, when))?;
        if ring.files.is_some() && !ring.turns() {
            bail!(
                "a ring of files needs to know when the next one begins: a size, a duration or a number of packets"
            );
        }
        settings.keep = self.write.clone().map(|path| Keep { path, ring });
        settings.spool.clone_from(&self.spool);
        settings.comments.clone_from(&self.comment);
        Ok(Some(settings))
    }

    fn taps(&self) -> anyhow::Result<Vec<Tap>> {
        let filters: Vec<Option<String>> = match self.kernel_filter.as_slice() {
            [] => vec![None; self.interface.len()],
            [one] => vec![Some(one.clone()); self.interface.len()],
            each if each.len() == self.interface.len() => each.iter().cloned().map(Some).collect(),
            each => bail!(
                "{} filters for {} interfaces: give one for all, or one for each",
                each.len(),
                self.interface.len()
            ),
        };
        let taps = self.interface.iter().cloned().zip(filters);
        Ok(taps.map(|(name, filter)| Tap { name, filter }).collect())
    }

    /// Whether payload is hidden, because it may be other people's.
    pub(super) fn hides_payload(&self, settings: &Settings) -> bool {
        !self.payload && consent::concerns(settings)
    }

    /// Whether only the summary is asked for.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }
}

/// Shows packets as they come in the user interface.
pub(super) fn show(settings: &Settings, hides_payload: bool) -> anyhow::Result<()> {
    tui::prepare()?;
    let due = consent::is_due(settings);
    let (live, source, ()) = begin_with(settings, || Ok(()))?;
    // What was said before the screen was taken is not seen.
    let notice = match (due, hides_payload) {
        (true, _) => Some(consent::WARNING.to_owned()),
        (false, true) => Some("payload is hidden, because it may be other people's: P shows it".to_owned()),
        (false, false) => None,
    };
    tui::run_live(source, &settings.title(), live, tui::Beginning { notice, hides_payload })
}

/// What is printed of packets as they come.
pub(super) enum Printed {
    /// Nothing but a summary at the end.
    Summary,
    /// One line each.
    Lines,
    /// The fields that were named.
    Fields,
}

/// Prints packets as they come, or only a summary at the end.
pub(super) fn print(mut settings: Settings, columns: &Columns, format: Format, what: &Printed) -> anyhow::Result<()> {
    let filter = input::filter(columns.filter())?;
    input::of_packets(filter.as_ref())?;
    if filter.is_none() && columns.count().is_some() {
        settings.stop.packets = columns.count();
    }
    if let Printed::Fields = what {
        let mut printer = columns.printer(format, Sieve::new(filter), columns.of_packets()?);
        let live = capture(&settings, Some(&mut printer))?.0;
        printer.finish()?;
        return finish(&live, &settings);
    }
    let mut printer = list::Printer::live(filter, columns.count(), format);
    let quiet = matches!(what, Printed::Summary);
    let (live, source, trace) = capture(&settings, (!quiet).then_some(&mut printer as &mut dyn Listener))?;
    if quiet {
        report::summary(&mut printer.out, format, &source, &trace)?;
    }
    printer.finish()?;
    finish(&live, &settings)
}

/// Captures until the end, or until interrupted; a listener hears each packet.
fn capture(settings: &Settings, listener: Option<&mut dyn Listener>) -> anyhow::Result<(Live, Source, Trace)> {
    let interrupted = on_interrupt()?;
    if consent::is_due(settings) {
        tell(&format!("husk: {}", consent::WARNING));
    }
    let (live, source, ()) = begin_with(settings, || Ok(()))?;
    let mut watcher = Watcher { live: &live, interrupted, told: 0, listener };
    let (source, trace) = watcher.follow(source);
    Ok((live, source, trace))
}

/// Opens the interfaces, does something last, gives up every privilege, shuts the process in, and begins to capture.
/// What is needed later a broker does.
pub(super) fn begin_with<T>(
    settings: &Settings,
    last: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<(Live, Source, T)> {
    let mut opened = Opened::open(settings)?;
    let done = shut_in(&mut opened, last)?;
    let (live, source) = opened.start()?;
    for tap in &settings.taps {
        let filter = tap.filter.as_ref().map_or_else(String::new, |filter| format!(", only {}", escape(filter)));
        tell(&format!("husk: capturing on {}{filter}", escape(&tap.name)));
    }
    Ok((live, source, done))
}

#[cfg(target_os = "linux")]
fn shut_in<T>(opened: &mut Opened, last: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    opened.split_off_broker()?;
    let done = last()?;
    confine::give_up(&[], false).map_err(anyhow::Error::msg)?;
    let protection = confine::enter(&opened.needs());
    if !protection.is_whole() {
        tell(&format!("husk: less is protected than usual: {protection}"));
    }
    Ok(done)
}

#[cfg(not(target_os = "linux"))]
fn shut_in<T>(_opened: &mut Opened, last: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    tell("husk: the process is not shut in: this system has nothing for it");
    last()
}

/// A switch that Ctrl-C and its like turn on. The second time they end the program at once.
pub(super) fn on_interrupt() -> std::io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let switch = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&switch))?;
        signal_hook::flag::register(signal, Arc::clone(&switch))?;
    }
    Ok(switch)
}

/// Reads along with a capture, tells what happens, and stops it when somebody says so.
struct Watcher<'a, 'l> {
    live: &'a Live,
    interrupted: Arc<AtomicBool>,
    /// Events told so far.
    told: usize,
    listener: Option<&'l mut (dyn Listener + 'l)>,
}

impl Watcher<'_, '_> {
    fn follow(&mut self, source: Source) -> (Source, Trace) {
        if self.listener.is_some() {
            return input::listen(source, self);
        }
        let mut pass = Pass::new(source);
        let mut trace = pass.trace();
        loop {
            match pass.step(&mut trace) {
                Progress::Packets => self.look(),
                Progress::Waiting => {
                    self.look();
                    std::thread::sleep(PAUSE);
                }
                Progress::End => break,
            }
        }
        (pass.into_source(), trace)
    }

    fn look(&mut self) {
        if self.interrupted.load(Ordering::Acquire) {
            self.live.stop();
        }
        for event in self.live.events(self.told) {
            self.told += 1;
            tell(&format!("husk: {}", escape(&event.what)));
        }
    }
}

impl Listener for Watcher<'_, '_> {
    fn tree(&self) -> Tree {
        self.listener.as_ref().map_or_else(Tree::default, |listener| listener.tree())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        self.listener.as_mut().is_none_or(|listener| listener.packet(heard))
    }

    fn pause(&mut self) {
        self.look();
        if let Some(listener) = &mut self.listener {
            listener.pause();
        }
    }
}

/// Tells how it went: what was dropped must not stay unknown.
pub(super) fn finish(live: &Live, settings: &Settings) -> anyhow::Result<()> {
    live.stop();
    while live.is_running() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let counts = live.counts();
    let mut parts = vec![
        format!("{} received", grouped(counts.received)),
        format!("{} captured", counted(counts.captured, "packet")),
        format!("{} dropped by the kernel", grouped(counts.dropped_by_kernel)),
        format!("{} by the interface", grouped(counts.dropped_by_interface)),
        format!("{} by husk", grouped(counts.dropped_by_husk)),
    ];
    if counts.passed_over > 0 {
        parts.push(format!("{} passed over while halted", grouped(counts.passed_over)));
    }
    if counts.cut > 0 {
        parts.push(format!("{} cut off by the snap length", counted(counts.cut, "byte")));
    }
    if counts.duplicates > 0 {
        parts.push(format!("{} seen on another interface before", grouped(counts.duplicates)));
    }
    tell(&format!("husk: {}", parts.join(", ")));
    if settings.taps.len() > 1 {
        for (tap, counts) in settings.taps.iter().zip(live.counts_by_interface()) {
            let (name, dropped) = (escape(&tap.name), grouped(counts.dropped()));
            tell(&format!("husk: {name}: {} captured, {dropped} dropped", counted(counts.captured, "packet")));
        }
    }
    let Some(error) = live.error() else { return Ok(()) };
    bail!("the capture ended early: {}; what was captured is in {}", escape(&error), escape(&path(live)))
}

fn path(live: &Live) -> String {
    live.path().display().to_string()
}
