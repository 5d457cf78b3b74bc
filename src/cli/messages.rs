//! `husk messages FILE`: one line a message.

use clap::Args;

use super::input::{self, Input, Of};
use crate::report::{Out, messages};

/// One line a message.
#[derive(Args)]
pub(super) struct Messages {
    #[command(flatten)]
    input: Input,
    /// Print only messages whose last packet passes this display filter.
    #[arg(short = 'Y', long = "filter", value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    #[command(flatten)]
    printing: super::Printing,
}

impl Messages {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        input::filter(self.filter.as_deref())?;
        let (source, trace) = self.input.quiet()?;
        let only = input::passing(&source, &trace, self.filter.as_deref(), Of::Packets)?;
        let mut out = Out::new();
        messages(&mut out, self.printing.format(), &trace, only.as_deref())?;
        Ok(out.flush()?)
    }
}
