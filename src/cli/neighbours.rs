//! `husk neighbours FILE`: who is on the link, who forwards for others, and what was asked there.

use clap::Args;

use super::input::Input;
use crate::exposure::{neighbours, rounds};
use crate::report::{self, Out};

/// Who is on the link, by ARP, neighbour discovery, DHCP and traffic; who forwards for others; what was asked there, and answered.
#[derive(Args)]
pub(super) struct Neighbours {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    printing: super::Printing,
}

impl Neighbours {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (source, trace) = self.input.quiet()?;
        let mut out = Out::new();
        report::neighbours(&mut out, self.printing.format(), &neighbours(&trace, &source.fetch())?)?;
        report::rounds(&mut out, self.printing.format(), &rounds(&trace))?;
        Ok(out.flush()?)
    }
}
