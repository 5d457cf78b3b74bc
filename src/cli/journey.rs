//! `husk journey FILE`: what happened on the way to each site.

use clap::Args;

use super::input::Input;
use crate::exposure::journey;
use crate::report::{self, Out};

/// What happened on the way to each site: names, connections, keys, exchanges, bursts.
#[derive(Args)]
pub(super) struct Journey {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    printing: super::Printing,
}

impl Journey {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (_, trace) = self.input.quiet()?;
        let mut out = Out::new();
        report::journey(&mut out, self.printing.format(), &journey(&trace))?;
        Ok(out.flush()?)
    }
}
