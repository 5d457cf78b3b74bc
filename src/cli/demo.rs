//! `husk demo`: a capture that is part of the program, so that it works anywhere.

use clap::Args;

use super::open;
use crate::capture::Source;

/// A page of a shop in a browser, with the DNS questions before it (fixtures/README.md).
static CAPTURE: &[u8] = include_bytes!("../../fixtures/demo.pcapng");

/// The bundled capture.
#[derive(Args)]
pub(super) struct Demo {
    #[command(flatten)]
    printing: super::Printing,
}

impl Demo {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        open::present(Source::from_bytes(CAPTURE)?, "demo", None, self.printing.format())
    }
}
