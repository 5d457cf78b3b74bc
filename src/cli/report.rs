//! `husk report FILE -o leaks.html`: one page that tells what a capture gives away.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::input::{self, Input};
use crate::bytes::escape;
use crate::exposure::observer::Local;
use crate::exposure::{Names, Observers, View};
use crate::report::{Out, Telling, page};

/// One page that tells what a capture gives away.
#[derive(Args)]
pub(super) struct Report {
    #[command(flatten)]
    input: Input,
    /// Write the page here; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Show the capture as this observer sees it.
    #[arg(long = "as", value_name = "OBSERVER")]
    observer: Option<String>,
    /// Tell only what is about this site.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
}

impl Report {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let observers = Observers::known().map_err(anyhow::Error::msg)?;
        let seen_by = self.observer.as_deref().map(|name| find(&observers, name)).transpose()?;
        let (source, trace) = self.input.quiet()?;
        let names = Names::new(&trace);
        let leaks = input::leaks(&source, &trace, &names, Local::default())?;
        let (fetch, local) = (source.fetch(), Local::default());
        let views: Vec<View<'_>> =
            observers.all().iter().map(|observer| View::new(&trace, &fetch, observer, &local)).collect();
        let telling = Telling {
            source: &source,
            trace: &trace,
            names: &names,
            leaks: &leaks,
            observers: &observers,
            views: &views,
            seen_by: seen_by.and_then(|place| views.get(place)),
            host: self.host.as_deref(),
        };
        let html = page(&telling)?;
        if self.output == Path::new("-") {
            let mut out = Out::new();
            out.line(html.trim_end())?;
            return Ok(out.flush()?);
        }
        let name = self.output.display().to_string();
        std::fs::write(&self.output, html).with_context(|| format!("{} cannot be written", escape(&name)))
    }
}

/// The place of an observer in the table.
fn find(observers: &Observers, name: &str) -> anyhow::Result<usize> {
    let all = observers.all();
    let Some(place) = all.iter().position(|observer| observer.name == name) else {
        let names: Vec<&str> = all.iter().map(|observer| observer.name.as_str()).collect();
        bail!("no observer is called {}; there are {}", escape(name), names.join(", "));
    };
    Ok(place)
}
