//! `husk leaks FILE`: what the capture gives away, in plain sentences, each with its evidence.

use clap::Args;

use super::input::{self, Input};
use super::observing::Observing;
use crate::exposure::{Names, View};
use crate::report::{self, Out};

/// What somebody learns from the capture.
#[derive(Args)]
pub(super) struct LeaksOf {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    observing: Observing,
    /// Only what is learned of this site, by name or address, and of names below it.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    #[command(flatten)]
    printing: super::Printing,
}

impl LeaksOf {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let looking = self.observing.looking()?;
        let observer = looking.observer()?;
        let (source, trace) = self.input.quiet()?;
        let names = Names::new(&trace);
        let fetch = source.fetch();
        let leaks = input::leaks(&source, &trace, &names, looking.local.clone())?;
        let of = |observer| View::new(&trace, &fetch, observer, &looking.local);
        let views: Vec<View<'_>> = looking.observers.all().iter().map(of).collect();
        let mut out = Out::new();
        let asked = report::AskedOf { observer, host: self.host.as_deref() };
        report::leaks(&mut out, self.printing.format(), &trace, &leaks, &views, &asked)?;
        Ok(out.flush()?)
    }
}
