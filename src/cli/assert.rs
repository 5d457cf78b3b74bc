//! `husk assert FILE EXPRESSION`: whether something holds of a whole capture, for scripts.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::input;
use crate::bytes::Tree;
use crate::capture::Source;
use crate::filter::{Exposed, Filter, Scope, Subject, Verdict};
use crate::report::{self, Out};
use crate::trace::{Heard, Listener};

/// Whether something holds of a capture.
#[derive(Args)]
#[command(
    override_usage = "husk assert [--json] FILE EXPRESSION...\n       husk assert [--json] -r FILE EXPRESSION..."
)]
pub(super) struct Assert {
    /// The capture file, and what should hold of it: display filters, in which a field stands for all its values in
    /// the capture (docs/filters.md).
    #[arg(value_names = ["FILE", "EXPRESSION"], num_args = 1.., required = true)]
    arguments: Vec<PathBuf>,
    /// The capture file, as tshark's users type it.
    #[arg(short = 'r', long, value_name = "FILE")]
    read: Option<PathBuf>,
    #[command(flatten)]
    printing: super::Printing,
}

/// Something does not hold: exit code 1. What was found has been told.
#[derive(Debug, thiserror::Error)]
#[error("it does not hold")]
pub(super) struct DoesNotHold;

impl Assert {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (file, expressions) = self.parts()?;
        let texts = expressions.iter().map(|one| one.to_str().context("an expression is no text"));
        let texts = texts.collect::<anyhow::Result<Vec<&str>>>()?;
        let filters = texts.iter().map(|text| Filter::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let (source, trace) = input::quiet(Source::open(file)?)?;
        let known = input::known(&source, &trace, filters.iter().any(Filter::asks_leaks))?;
        let exposed = Exposed { trace: &trace, known: Some(&known), scope: Scope::Capture };
        let mut judge =
            Judge { verdicts: filters.iter().map(|filter| Verdict::new(filter, exposed)).collect(), exposed };
        if judge.verdicts.iter().any(Verdict::needs_packets) {
            let filters = &filters;
            input::listen(source.again()?, &mut Listening { judge: &mut judge, filters });
        }
        let mut out = Out::new();
        for (text, verdict) in texts.iter().zip(&judge.verdicts) {
            report::verdict(&mut out, self.printing.format(), text, verdict)?;
        }
        out.flush()?;
        if judge.verdicts.iter().all(Verdict::holds) { Ok(()) } else { Err(DoesNotHold.into()) }
    }

    fn parts(&self) -> anyhow::Result<(&Path, &[PathBuf])> {
        let (file, expressions) = match (&self.read, self.arguments.as_slice()) {
            (Some(file), all) => (file, all),
            (None, [file, rest @ ..]) => (file, rest),
            (None, []) => bail!("no capture file was given"),
        };
        if expressions.is_empty() {
            bail!("what should hold? `husk assert FILE 'sealed.bytes > 0'`");
        }
        Ok((file, expressions))
    }
}

struct Judge<'a> {
    verdicts: Vec<Verdict<'a>>,
    exposed: Exposed<'a>,
}

struct Listening<'l, 'a> {
    judge: &'l mut Judge<'a>,
    filters: &'a [Filter],
}

impl Listener for Listening<'_, '_> {
    fn tree(&self) -> Tree {
        Tree::only(self.filters.iter().flat_map(Filter::fields).collect())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        let subject = Subject { packet: Some((heard.tree, heard.bytes)), exposed: Some(self.judge.exposed) };
        self.judge.verdicts.iter_mut().for_each(|verdict| verdict.packet(&subject));
        true
    }
}
