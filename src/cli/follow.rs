//! `husk follow FILE FLOW`: what was said in a flow.

use std::io::{IsTerminal as _, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::input;
use super::number::Number;
use super::observing::Observing;
use crate::capture::Source;
use crate::explain::{Follower, Passage, follow};
use crate::protocols::Side;
use crate::report::{Bytes, Conversation, Out};
use crate::trace::Trace;

/// What was said in a flow, in order, each message with its packets.
#[derive(Args)]
#[command(override_usage = "husk follow [OPTIONS] FILE FLOW\n       husk follow [OPTIONS] -r FILE FLOW")]
pub(super) struct Follow {
    /// The capture file, and the flow: its number as `husk flows` prints it, or tcp:N or udp:N as tshark counts.
    #[arg(value_names = ["FILE", "FLOW"], num_args = 1..=2, required = true)]
    arguments: Vec<PathBuf>,
    /// The capture file, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE")]
    read: Option<PathBuf>,
    /// Only what this side said.
    #[arg(long, value_enum)]
    side: Option<Only>,
    /// Print bytes as hexadecimal digits, with their classes.
    #[arg(long, conflicts_with_all = ["raw", "json"])]
    hex: bool,
    /// Print the bytes as they are, and nothing else.
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// Write the raw bytes to this file.
    #[arg(short, long, value_name = "FILE", requires = "raw")]
    output: Option<PathBuf>,
    #[command(flatten)]
    observing: Observing,
    #[command(flatten)]
    printing: super::Printing,
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Client,
    Server,
}

impl Follow {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (file, flow) = input::file_and(&self.arguments, self.read.as_ref(), "FLOW", "husk follow")?;
        let number = Number::parse(flow)?;
        if number.message.is_some() {
            bail!("{flow} is a message: `husk units` shows what carried it, `husk follow` takes a flow");
        }
        if self.raw && self.output.is_none() && std::io::stdout().is_terminal() {
            bail!("raw bytes are not written to a terminal: give a file with -o FILE, or use --hex");
        }
        let unread = Source::open(file)?;
        let output = self.output.as_deref().map(input::create).transpose()?;
        let (source, trace) = self.observing.read(unread)?;
        let flow = number.flow(&trace)?;
        let only = self.side.map(|side| match side {
            Only::Client => Side::Client,
            Only::Server => Side::Server,
        });
        if self.raw {
            let to: Box<dyn Write> = match output {
                Some(file) => Box::new(file),
                None => Box::new(std::io::stdout().lock()),
            };
            let mut raw = Raw { to: std::io::BufWriter::new(to), only, trace: &trace, result: Ok(()) };
            follow(&trace, &source.fetch(), flow, &mut raw)?;
            return raw.result.and_then(|()| raw.to.flush()).context("writing the bytes failed");
        }
        let mut out = Out::new();
        let bytes = if self.hex { Bytes::Hex } else { Bytes::Text };
        let mut conversation = Conversation::new(&mut out, &trace, self.printing.format(), bytes, only, flow);
        follow(&trace, &source.fetch(), flow, &mut conversation)?;
        conversation.result?;
        Ok(out.flush()?)
    }
}

/// Writes bytes as they are; those that are dark are left out.
struct Raw<'a, W> {
    to: W,
    only: Option<Side>,
    trace: &'a Trace,
    result: std::io::Result<()>,
}

impl<W: Write> Follower for Raw<'_, W> {
    fn passage(&mut self, passage: Passage) -> ControlFlow<()> {
        if self.only.is_none_or(|only| only == passage.side) {
            let seen = passage.runs().into_iter().filter(|(_, class)| self.trace.sees(*class));
            let mut seen = seen.filter_map(|(range, _)| passage.bytes.get(range));
            self.result = seen.try_for_each(|bytes| self.to.write_all(bytes));
        }
        if self.result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}
