//! `husk lanes FILE FLOW` and `husk session FILE FLOW`: a flow packet by packet, and its TLS session.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::input;
use super::number::Number;
use super::observing::Observing;
use crate::capture::Source;
use crate::explain::course;
use crate::exposure::session;
use crate::report::{self, Out};
use crate::trace::Trace;

/// A capture and one of its flows.
#[derive(Args)]
struct OneFlow {
    /// The capture file, and the flow: its number as `husk flows` prints it, or tcp:N or udp:N as tshark counts.
    #[arg(value_names = ["FILE", "FLOW"], num_args = 1..=2, required = true)]
    arguments: Vec<PathBuf>,
    /// The capture file, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE")]
    read: Option<PathBuf>,
    #[command(flatten)]
    observing: Observing,
}

impl OneFlow {
    fn read(&self, command: &str) -> anyhow::Result<(Source, Trace, u32)> {
        let (file, flow) = input::file_and(&self.arguments, self.read.as_ref(), "FLOW", command)?;
        let number = Number::parse(flow)?;
        let (source, trace) = self.observing.read(Source::open(file)?)?;
        let flow = number.flow(&trace)?;
        Ok((source, trace, flow))
    }
}

/// A flow packet by packet: who sent what when, and what the numbers tell of the network.
#[derive(Args)]
pub(super) struct Lanes {
    #[command(flatten)]
    flow: OneFlow,
    #[command(flatten)]
    printing: super::Printing,
}

impl Lanes {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (source, trace, flow) = self.flow.read("husk lanes")?;
        let moments = course(&trace, &source.fetch(), flow, usize::MAX)?.unwrap_or_default();
        let mut out = Out::new();
        report::lanes(&mut out, self.printing.format(), &trace, &moments)?;
        Ok(out.flush()?)
    }
}

/// A TLS session as both hellos tell it, its certificate, and its fingerprints.
#[derive(Args)]
pub(super) struct Session {
    #[command(flatten)]
    flow: OneFlow,
    #[command(flatten)]
    printing: super::Printing,
}

impl Session {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (source, trace, flow) = self.flow.read("husk session")?;
        let found = session(&trace, &source.fetch(), flow)?;
        let found = found.with_context(|| format!("flow {flow} has no TLS hello in this capture"))?;
        let mut out = Out::new();
        report::session(&mut out, self.printing.format(), &found)?;
        Ok(out.flush()?)
    }
}
