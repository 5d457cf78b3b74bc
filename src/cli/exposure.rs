//! `husk exposure FILE`: bytes visible, encrypted, neither and missing.

use clap::{Args, ValueEnum};

use super::input::{self, Input, Of};
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
    /// Count only packets that pass this display filter.
    #[arg(short = 'Y', long = "filter", value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Print CSV: a line of headings, then a line for each.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    printing: super::Printing,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Capture,
    Flow,
    Host,
    /// Two addresses that talk.
    Pair,
    Name,
    /// A protocol with all that it carries.
    Protocol,
    /// Sixty equal spans of time.
    Time,
}

impl From<By> for Scope {
    fn from(by: By) -> Scope {
        match by {
            By::Capture => Scope::Capture,
            By::Flow => Scope::Flow,
            By::Host => Scope::Host,
            By::Name => Scope::Name,
            By::Pair => Scope::Pair,
            By::Protocol => Scope::Protocol,
            By::Time => Scope::Time,
        }
    }
}

impl Exposure {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        input::filter(self.filter.as_deref())?;
        let (source, trace) = self.input.quiet()?;
        let only = input::passing(&source, &trace, self.filter.as_deref(), Of::Packets)?;
        let asked: Vec<Scope> = self.scopes.iter().map(|by| Scope::from(*by)).collect();
        let scopes = if asked.is_empty() { &Scope::ALL[..] } else { &asked };
        let mut out = Out::new();
        if self.csv {
            report::exposure_csv(&mut out, &trace, scopes, only.as_deref())?;
            return Ok(out.flush()?);
        }
        report::exposure(&mut out, self.printing.format(), &trace, scopes, only.as_deref())?;
        Ok(out.flush()?)
    }
}
