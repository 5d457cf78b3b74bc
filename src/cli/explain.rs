//! `husk explain NAME`: what a field or a protocol is, in plain words.

use clap::Args;

use crate::exposure::Observers;
use crate::filter;
use crate::report::{self, Out};

/// A field, a protocol, or the words for classes and layers.
#[derive(Args)]
pub(super) struct Explain {
    /// Fields or protocols, as `ip.ttl` or `tls`; without one, the classes of bytes and the owners of layers.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    printing: super::Printing,
}

impl Explain {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let found = self.names.iter().map(|name| filter::resolve(name)).collect::<Result<Vec<_>, _>>()?;
        let fields = found.concat();
        let mut out = Out::new();
        if fields.is_empty() {
            report::words(&mut out, self.printing.format())?;
        } else {
            let observers = Observers::known().map_err(anyhow::Error::msg)?;
            report::about(&mut out, self.printing.format(), &fields, &observers)?;
        }
        Ok(out.flush()?)
    }
}
