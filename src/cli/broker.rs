//! The hidden command by which husk starts its broker.

use std::ffi::OsString;

use clap::Args;

use crate::capture::live::broker;

/// What the broker is told.
#[derive(Args)]
pub(super) struct Broker {
    words: Vec<OsString>,
}

impl Broker {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        broker::serve(&self.words).map_err(anyhow::Error::msg)
    }
}
