//! `husk neighbours FILE`: who is on the link, and who forwards for others.

use clap::Args;

use super::input::Input;
use crate::exposure::neighbours;
use crate::report::{self, Out};

/// Who is on the link, by ARP, neighbour discovery, DHCP and traffic, and who forwards for others.
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
        Ok(out.flush()?)
    }
}
