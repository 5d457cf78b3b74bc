//! `husk flows FILE`: one line a flow.

use clap::Args;

use super::input::Input;
use crate::report::{Out, flows};

/// One line a flow.
#[derive(Args)]
pub(super) struct Flows {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    printing: super::Printing,
}

impl Flows {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (_, trace) = self.input.quiet()?;
        let mut out = Out::new();
        flows(&mut out, self.printing.format(), &trace)?;
        Ok(out.flush()?)
    }
}
