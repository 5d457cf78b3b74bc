//! `husk flows FILE`: one line a flow.

use clap::Args;

use super::input::{self, Input, Of};
use crate::report::{Out, flows};

/// One line a flow.
#[derive(Args)]
pub(super) struct Flows {
    #[command(flatten)]
    input: Input,
    /// Print only flows of which a packet passes this display filter; `sealed.bytes` and such are the flow's.
    #[arg(short = 'Y', long = "filter", value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    #[command(flatten)]
    printing: super::Printing,
}

impl Flows {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        input::filter(self.filter.as_deref())?;
        let (source, trace) = self.input.quiet()?;
        let only = input::passing(&source, &trace, self.filter.as_deref(), Of::Flows)?;
        let mut out = Out::new();
        flows(&mut out, self.printing.format(), &trace, only.as_deref())?;
        Ok(out.flush()?)
    }
}
