//! `husk exposure FILE`: bytes visible, encrypted, neither and missing.

use clap::{Args, ValueEnum};

use super::input::Input;
use crate::exposure::Scope;
use crate::report::{self, Out};

/// Bytes by who can read them.
#[derive(Args)]
pub(super) struct Exposure {
    #[command(flatten)]
    input: Input,
    /// Count by this only; may be given several times. Without it, by all.
    #[arg(long = "by", value_name = "SCOPE", value_enum)]
    scopes: Vec<By>,
    #[command(flatten)]
    printing: super::Printing,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Capture,
    Flow,
    Host,
    Name,
}

impl From<By> for Scope {
    fn from(by: By) -> Scope {
        match by {
            By::Capture => Scope::Capture,
            By::Flow => Scope::Flow,
            By::Host => Scope::Host,
            By::Name => Scope::Name,
        }
    }
}

impl Exposure {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (_, trace) = self.input.quiet()?;
        let asked: Vec<Scope> = self.scopes.iter().map(|by| Scope::from(*by)).collect();
        let scopes = if asked.is_empty() { &Scope::ALL[..] } else { &asked };
        let mut out = Out::new();
        report::exposure(&mut out, self.printing.format(), &trace, scopes)?;
        Ok(out.flush()?)
    }
}
