//! The capture that a command reads, given as tshark's users give it or as an argument.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::observing::Observing;
use crate::bytes::{Tree, escape};
use crate::capture::{OpenError, Options, Source};
use crate::confine::{self, Needs};
use crate::exposure::leak::{Context, Vendors, vendors};
use crate::exposure::observer::Local;
use crate::exposure::{Leaks, Names};
use crate::filter::{Exposed, Filter, Known, Scope, Subject};
use crate::flow::NO_FLOW;
use crate::trace::{Heard, Listener, Narrowed, Pass, Trace};

/// A capture file.
#[derive(Args)]
pub(super) struct Input {
    /// The capture file: pcap or pcapng, also in gzip, zstd or lz4; `-` is standard input.
    #[arg(required_unless_present = "read")]
    file: Option<PathBuf>,
    /// The same, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE", conflicts_with = "file")]
    read: Option<PathBuf>,
    #[command(flatten)]
    pub(super) observing: Observing,
}

impl Input {
    pub(super) fn path(&self) -> anyhow::Result<&Path> {
        self.file.as_deref().or(self.read.as_deref()).context("no capture file was given")
    }

    /// Reads the whole capture, quietly, as the observer sees it. From there on the process is shut in: what is still to
    /// be opened is opened before.
    pub(super) fn quiet(&self) -> anyhow::Result<(Source, Trace)> {
        self.observing.read(Source::open(self.path()?)?)
    }
}

/// Refuses a filter that asks for what is known only of a whole capture.
pub(super) fn of_packets(filter: Option<&Filter>) -> anyhow::Result<()> {
    if filter.is_some_and(Filter::asks_exposed) {
        bail!("fields such as `flow.name` and `sealed.bytes` are known when a capture is whole, not while it grows");
    }
    Ok(())
}

/// Opens a capture; one that grows is read on as it does.
pub(super) fn open(path: &Path, tail: bool) -> Result<Source, OpenError> {
    Source::open_with(path, Options { tail, ..Options::default() })
}

/// Shuts the process in, for a command that from here on only reads what is open and prints: whoever wrote the capture
/// gains nothing by a mistake in reading it. What the kernel does not offer is done without: a file is read by a
/// process that had no privilege anyway.
pub(super) fn shut_in() {
    let _ = confine::enter(&needs());
}

/// What reading a capture needs of the system: the lists of makers that it may have.
pub(super) fn needs() -> Needs {
    Needs { read: vendors::PLACES.iter().map(PathBuf::from).collect(), ..Needs::default() }
}

/// Makes a file for what a command will write: before the process is shut in.
pub(super) fn create(path: &Path) -> anyhow::Result<File> {
    let name = path.display().to_string();
    File::create(path).with_context(|| format!("{} cannot be written", escape(&name)))
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

/// Shuts the process in and reads a whole capture, quietly. Warns of damage; nothing read at all is an error.
pub(super) fn quiet(source: Source) -> anyhow::Result<(Source, Trace)> {
    shut_in();
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

/// The same of a capture of which an earlier pass left `trace`: if that is what somebody sees, so is what is heard.
pub(super) fn listen_again(source: &Source, listener: &mut dyn Listener, trace: &Trace) -> Result<(), OpenError> {
    let source = source.again()?;
    if trace.is_narrowed() {
        listen(source, &mut Narrowed::new(listener, trace));
    } else {
        listen(source, listener);
    }
    Ok(())
}

/// Warns of damage on standard error; damage before the first packet is an error.
pub(super) fn check(source: &Source, trace: &Trace) -> anyhow::Result<()> {
    let Some(damage) = source.damage() else { return Ok(()) };
    let name = escape(source.name());
    if trace.rows().is_empty() {
        bail!("{name}: {damage}; no packet could be read");
    }
    let packets = trace.rows().len();
    super::tell(&format!("husk: warning: {name}: {damage}; what could be read of it is shown ({packets} packets)"));
    Ok(())
}

/// Understands a display filter.
pub(super) fn filter(text: Option<&str>) -> anyhow::Result<Option<Filter>> {
    Ok(text.map(Filter::parse).transpose()?)
}

/// What filters need to be told of a whole capture. All that is given away is looked for only if they ask for it.
pub(super) fn known(source: &Source, trace: &Trace, asks_leaks: bool) -> anyhow::Result<Known> {
    let names = Names::new(trace);
    let leaks = if asks_leaks {
        Leaks::of(trace, &names, &source.fetch(), &Context { tellings: true, ..context(source, Local::default()) })?
    } else {
        Leaks::default()
    };
    Ok(Known::new(trace, leaks))
}

/// All that a capture gives away.
pub(super) fn leaks(source: &Source, trace: &Trace, names: &Names, local: Local) -> anyhow::Result<Leaks> {
    Ok(Leaks::of(trace, names, &source.fetch(), &context(source, local))?)
}

fn context(source: &Source, local: Local) -> Context {
    Context { local, vendors: makers(), secrets: source.secrets().to_vec(), tellings: false }
}

/// Makers of network interfaces, from the first list that this machine has.
fn makers() -> Vendors {
    let found = vendors::PLACES.iter().find_map(|place| std::fs::read(place).ok());
    found.map(|list| Vendors::parse(&String::from_utf8_lossy(&list))).unwrap_or_default()
}

/// A display filter with what it needs to be told of a capture.
pub(super) struct Sieve<'t> {
    filter: Option<Filter>,
    trace: Option<&'t Trace>,
    known: Option<Known>,
}

impl<'t> Sieve<'t> {
    /// A sieve whose filter may ask only for what stands in packets.
    pub(super) fn new(filter: Option<Filter>) -> Sieve<'t> {
        Sieve { filter, trace: None, known: None }
    }

    /// A sieve for packets of a capture of which an earlier pass over `source` left `trace`.
    pub(super) fn of(filter: Option<Filter>, source: &Source, trace: &'t Trace) -> anyhow::Result<Sieve<'t>> {
        if filter.as_ref().is_some_and(Filter::asks_exposed) {
            return Sieve::knowing(filter, source, trace, false);
        }
        Ok(Sieve { filter, trace: Some(trace), known: None })
    }

    /// The same with all that a capture tells: also what is given away, if the filter asks for it or `leaks` does.
    pub(super) fn knowing(
        filter: Option<Filter>,
        source: &Source,
        trace: &'t Trace,
        leaks: bool,
    ) -> anyhow::Result<Sieve<'t>> {
        let leaks = leaks || filter.as_ref().is_some_and(Filter::asks_leaks);
        let known = known(source, trace, leaks)?;
        Ok(Sieve { filter, trace: Some(trace), known: Some(known) })
    }

    /// The fields that a tree must keep.
    pub(super) fn fields(&self) -> Vec<&'static crate::bytes::Field> {
        self.filter.as_ref().map(Filter::fields).unwrap_or_default()
    }

    /// Whether a packet passes.
    pub(super) fn passes(&self, heard: &Heard<'_>) -> bool {
        let packet = Some((heard.tree, heard.bytes));
        self.holds(&Subject { packet, exposed: self.exposed(Scope::Packet(heard.number)) }).unwrap_or(true)
    }

    fn holds(&self, subject: &Subject<'_>) -> Option<bool> {
        self.filter.as_ref().map_or(Some(true), |filter| filter.holds(subject))
    }

    /// What the fields that stand in no packet speak of.
    pub(super) fn exposed(&self, scope: Scope) -> Option<Exposed<'_>> {
        Some(Exposed { trace: self.trace?, known: self.known.as_ref(), scope })
    }
}

/// What the fields that stand in no packet speak of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// The packet.
    Packets,
    /// The packet's flow.
    Flows,
}

/// The packets that pass a filter, in order; all of them without one. They are read again only if the filter asks for
/// what only they tell.
pub(super) fn passing(
    source: &Source,
    trace: &Trace,
    filter: Option<&str>,
    of: Of,
) -> anyhow::Result<Option<Vec<u32>>> {
    let Some(filter) = self::filter(filter)? else { return Ok(None) };
    let mut sifter = Sifter { sieve: Sieve::of(Some(filter), source, trace)?, of, found: Vec::new() };
    let known: Option<Vec<bool>> = (1..=trace.rows().len() as u32).map(|number| sifter.holds(number, None)).collect();
    match known {
        Some(known) => {
            sifter.found = known.iter().zip(1..).filter(|(passes, _)| **passes).map(|(_, number)| number).collect();
        }
        None => listen_again(source, &mut sifter, trace)?,
    }
    Ok(Some(sifter.found))
}

struct Sifter<'t> {
    sieve: Sieve<'t>,
    of: Of,
    found: Vec<u32>,
}

impl Sifter<'_> {
    fn holds(&self, number: u32, packet: Option<(&Tree, &[u8])>) -> Option<bool> {
        let row = self.sieve.trace?.row(number)?;
        if row.is_gone() {
            return Some(false);
        }
        let flow = row.flow;
        let scope = match self.of {
            Of::Flows if flow == NO_FLOW => return Some(false),
            Of::Flows => Scope::Flow(flow),
            Of::Packets => Scope::Packet(number),
        };
        self.sieve.holds(&Subject { packet, exposed: self.sieve.exposed(scope) })
    }
}

impl Listener for Sifter<'_> {
    fn tree(&self) -> Tree {
        Tree::only(self.sieve.fields())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        if self.holds(heard.number, Some((heard.tree, heard.bytes))) == Some(true) {
            self.found.push(heard.number);
        }
        true
    }
}
