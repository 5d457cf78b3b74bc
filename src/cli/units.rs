//! `husk units FILE 4.17`: what carried a message, and which messages a packet carried.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::input;
use super::number::Number;
use super::observing::Observing;
use crate::capture::Source;
use crate::explain::{Wanted, units};
use crate::flow::NO_FLOW;
use crate::report::{self, Out};

/// The ladder of units: the segments, IP packets and frames that carried a message.
#[derive(Args)]
#[command(
    override_usage = "husk units [--json] FILE FLOW.MESSAGE\n       husk units [--json] FILE FLOW\n       husk units [--json] FILE --packet N"
)]
pub(super) struct Units {
    /// The capture file, and the message as `husk messages` numbers it (4.17), or a flow for all of its messages.
    #[arg(value_names = ["FILE", "MESSAGE"], num_args = 0..=2)]
    arguments: Vec<PathBuf>,
    /// The capture file, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE")]
    read: Option<PathBuf>,
    /// The messages that this packet carried a part of.
    #[arg(long, value_name = "N")]
    packet: Option<u32>,
    #[command(flatten)]
    observing: Observing,
    #[command(flatten)]
    printing: super::Printing,
}

impl Units {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        if let Some(packet) = self.packet {
            let ((Some(file), []) | (None, [file])) = (&self.read, self.arguments.as_slice()) else {
                bail!("give one capture file, and with --packet no message: `husk units FILE --packet N`");
            };
            let (source, trace) = self.observing.read(Source::open(file)?)?;
            let row = trace.row(packet).with_context(|| {
                format!("there is no packet {packet}: the capture has {} packets", trace.rows().len())
            })?;
            if row.is_gone() {
                bail!("packet {packet} does not pass the observer");
            }
            if row.flow == NO_FLOW {
                bail!("packet {packet} belongs to no flow, so it carried no message");
            }
            return self.print(&source, &trace, row.flow, Wanted::Carried(packet));
        }
        let (file, message) = input::file_and(&self.arguments, self.read.as_ref(), "FLOW.MESSAGE", "husk units")?;
        let number = Number::parse(message)?;
        let (source, trace) = self.observing.read(Source::open(file)?)?;
        let flow = number.flow(&trace)?;
        let wanted = number.message.map_or(Wanted::All, Wanted::Message);
        self.print(&source, &trace, flow, wanted)
    }

    fn print(&self, source: &Source, trace: &crate::trace::Trace, flow: u32, wanted: Wanted) -> anyhow::Result<()> {
        let ladders = units(trace, &source.fetch(), flow, wanted)?.unwrap_or_default();
        if let (Wanted::Message(message), []) = (wanted, ladders.as_slice()) {
            bail!("flow {flow} has no message {message}: `husk messages` lists them");
        }
        let mut out = Out::new();
        report::units(&mut out, self.printing.format(), trace, &ladders)?;
        Ok(out.flush()?)
    }
}
