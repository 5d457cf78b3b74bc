//! `husk interfaces`: what packets can be captured on.

use clap::Args;

use crate::capture::interfaces;
use crate::report::{self, Out};

/// The interfaces of this machine.
#[derive(Args)]
pub(super) struct Interfaces {
    #[command(flatten)]
    printing: super::Printing,
}

impl Interfaces {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let devices = interfaces::list().map_err(anyhow::Error::msg)?;
        let mut out = Out::new();
        report::interfaces(&mut out, self.printing.format(), &devices)?;
        Ok(out.flush()?)
    }
}
