//! `husk names FILE`: who asked for which name, and where it led.

use clap::Args;

use super::input::Input;
use crate::exposure::{self, destinations, lookups};
use crate::report::{self, Out};

/// Questions for names with their answers, and the addresses and flows that names led to.
#[derive(Args)]
pub(super) struct Names {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    printing: super::Printing,
}

impl Names {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (_, trace) = self.input.quiet()?;
        let lookups = lookups(&trace);
        let found = destinations(&trace, &exposure::Names::new(&trace), &lookups);
        let mut out = Out::new();
        report::names(&mut out, self.printing.format(), &lookups, &found)?;
        Ok(out.flush()?)
    }
}
