//! `husk messages FILE`: one line a message.

use clap::Args;

use super::input::Input;
use crate::report::{Out, messages};

/// One line a message.
#[derive(Args)]
pub(super) struct Messages {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    printing: super::Printing,
}

impl Messages {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (_, trace) = self.input.quiet()?;
        let mut out = Out::new();
        messages(&mut out, self.printing.format(), &trace)?;
        Ok(out.flush()?)
    }
}
