//! `husk report FILE -o leaks.html`: one page that tells what a capture gives away.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::input::{self, Input};
use crate::bytes::escape;
use crate::capture::Source;
use crate::exposure::Names;
use crate::report::{Out, Telling, page};

/// One page that tells what a capture gives away.
#[derive(Args)]
pub(super) struct Report {
    #[command(flatten)]
    input: Input,
    /// Write the page here; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Tell only what is about this site.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
}

impl Report {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let looking = self.input.observing.looking()?;
        let observer = looking.observer()?;
        let unread = Source::open(self.input.path()?)?;
        let file = if self.output == Path::new("-") { None } else { Some(input::create(&self.output)?) };
        let (source, whole) = input::quiet(unread)?;
        let views = looking.views(&source, &whole);
        let trace = looking.narrow(&source, whole)?;
        let names = Names::new(&trace);
        let leaks = input::leaks(&source, &trace, &names, looking.local.clone())?;
        let telling = Telling {
            source: &source,
            trace: &trace,
            names: &names,
            leaks: &leaks,
            observers: &looking.observers,
            views: &views,
            seen_by: observer.and_then(|of| views.iter().find(|view| view.observer.name == of.name)),
            host: self.host.as_deref(),
        };
        let html = page(&telling)?;
        let Some(mut file) = file else {
            let mut out = Out::new();
            out.line(html.trim_end())?;
            return Ok(out.flush()?);
        };
        let name = self.output.display().to_string();
        file.write_all(html.as_bytes()).with_context(|| format!("{} cannot be written", escape(&name)))
    }
}
