//! `husk leaks FILE`: what the capture gives away, in plain sentences, each with its evidence.

use clap::Args;

use super::input::{self, Input, Of};
use crate::capture::Source;
use crate::exposure::Names;
use crate::report::{self, Out};

/// What somebody learns from the capture.
#[derive(Args)]
pub(super) struct LeaksOf {
    #[command(flatten)]
    input: Input,
    /// Only what is learned of this site, by name or address, and of names below it.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Only what packets tell that pass this display filter.
    #[arg(short = 'Y', long = "filter", value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    #[command(flatten)]
    printing: super::Printing,
}

impl LeaksOf {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let looking = self.input.observing.looking()?;
        let observer = looking.observer()?;
        input::filter(self.filter.as_deref())?;
        let (source, whole) = input::quiet(Source::open(self.input.path()?)?)?;
        let views = looking.views(&source, &whole);
        let trace = looking.narrow(&source, whole)?;
        let only = input::passing(&source, &trace, self.filter.as_deref(), Of::Packets)?;
        let names = Names::new(&trace);
        let leaks = input::leaks(&source, &trace, &names, looking.local.clone())?;
        let mut out = Out::new();
        let asked = report::AskedOf { observer, host: self.host.as_deref(), only: only.as_deref() };
        report::leaks(&mut out, self.printing.format(), &trace, &leaks, &views, &asked)?;
        Ok(out.flush()?)
    }
}
