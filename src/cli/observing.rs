//! `--as OBSERVER`: the capture as one observer sees it. The same for every command.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::input;
use crate::bytes::escape;
use crate::capture::Source;
use crate::exposure::observer::{Local, Net};
use crate::exposure::{Observer, Observers, View};
use crate::trace::Trace;

/// Who looks.
#[derive(Args)]
pub(super) struct Observing {
    /// Show what this observer sees: packets that never pass it vanish, bytes that it cannot see are dark. One of
    /// you, wifi_open, wifi_key, wifi, lan, router, isp, transit, resolver, resolver_encrypted, cdn, origin, vpn, ca.
    #[arg(long = "as", value_name = "OBSERVER")]
    observer: Option<String>,
    /// More observers, in a file (docs/observers.md).
    #[arg(long, value_name = "FILE")]
    observers: Option<PathBuf>,
    /// These addresses are on this side of the router, and no others: 192.168.1.0/24; may be given several times.
    #[arg(long, value_name = "NET")]
    local: Vec<String>,
}

impl Observing {
    /// Reads a whole capture, quietly, and leaves what the observer sees of it.
    pub(super) fn read(&self, source: Source) -> anyhow::Result<(Source, Trace)> {
        let looking = self.looking()?;
        looking.observer()?;
        let (source, trace) = input::quiet(source)?;
        let trace = looking.narrow(&source, trace)?;
        Ok((source, trace))
    }

    /// Whether somebody else looks than you.
    pub(super) fn is_somebody(&self) -> bool {
        self.observer.is_some()
    }
}

/// Who could look, and who does.
pub(super) struct Looking {
    pub(super) observers: Observers,
    pub(super) local: Local,
    name: Option<String>,
}

impl Observing {
    /// Reads the observers.
    pub(super) fn looking(&self) -> anyhow::Result<Looking> {
        let mut observers = Observers::known().map_err(anyhow::Error::msg)?;
        if let Some(path) = &self.observers {
            let name = path.to_string_lossy();
            let name = || escape(&name).into_owned();
            let text = std::fs::read_to_string(path).with_context(name)?;
            observers = observers.with(Observers::parse(&text).map_err(anyhow::Error::msg).with_context(name)?);
        }
        let nets = self.local.iter().map(|net| net.parse::<Net>()).collect::<Result<_, _>>();
        let local = Local::new(nets.map_err(anyhow::Error::msg)?);
        Ok(Looking { observers, local, name: self.observer.clone() })
    }
}

impl Looking {
    /// The capture as each observer sees it, in the order of the table.
    pub(super) fn views(&self, source: &Source, trace: &Trace) -> Vec<View<'_>> {
        let fetch = source.fetch();
        self.observers.all().iter().map(|observer| View::new(trace, &fetch, observer, &self.local)).collect()
    }

    /// Leaves of a trace what the observer sees.
    pub(super) fn narrow(&self, source: &Source, trace: Trace) -> anyhow::Result<Trace> {
        let Some(observer) = self.observer()? else { return Ok(trace) };
        Ok(View::new(&trace, &source.fetch(), observer, &self.local).narrow(trace))
    }

    /// Who looks; `None` if nobody was named.
    pub(super) fn observer(&self) -> anyhow::Result<Option<&Observer>> {
        let Some(name) = &self.name else { return Ok(None) };
        let Some(found) = self.observers.find(name) else {
            let names: Vec<&str> = self.observers.all().iter().map(|observer| observer.name.as_str()).collect();
            bail!("{} is no observer; these are: {}", escape(name), names.join(", "));
        };
        Ok(Some(found))
    }
}
