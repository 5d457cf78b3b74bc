//! What a capture gives away, in plain sentences grouped by site, or as JSON lines.

use std::collections::BTreeMap;
use std::io;

use super::table::{counted, grouped, seconds};
use super::{Format, Out, json};
use crate::bytes::{Confidence, escape};
use crate::exposure::observer::{Sight, View};
use crate::exposure::{Evidence, Leak, Leaks, Observer};
use crate::trace::Trace;

/// What is asked for.
pub struct AskedOf<'a> {
    /// Only what this observer sees.
    pub observer: Option<&'a Observer>,
    /// Only what is about this site, or one whose name ends so.
    pub host: Option<&'a str>,
    /// Only what these packets tell, in order.
    pub only: Option<&'a [u32]>,
}

/// What is told under the name of a site.
type OfSite<'a> = (Option<String>, Vec<&'a Leak>);

/// Tells the leaks. `views` are those of all observers, in order.
pub fn leaks(
    out: &mut Out,
    format: Format,
    trace: &Trace,
    leaks: &Leaks,
    views: &[View<'_>],
    asked: &AskedOf<'_>,
) -> io::Result<()> {
    let looks = asked.observer.and_then(|observer| views.iter().find(|view| view.observer.name == observer.name));
    let is_wanted = |packet: u32| asked.only.is_none_or(|only| only.binary_search(&packet).is_ok());
    let shown = leaks.all().iter().filter(|leak| {
        is_about(leaks, leak, asked.host)
            && looks.is_none_or(|view| view.leak(trace, leak).is_some())
            && leak.evidence.iter().any(|evidence| is_wanted(evidence.packet))
    });
    if format == Format::Json {
        for leak in shown {
            out.json(&json::LeakLine::new(trace, leaks, leak, views))?;
        }
        for what in asked.observer.iter().flat_map(|observer| &observer.knows) {
            out.json(&json::Known::new(asked.observer, what))?;
        }
        return Ok(());
    }
    let teller = Teller { trace, leaks, views, looks };
    if let Some(observer) = asked.observer {
        teller.observer(out, observer)?;
    }
    for (site, of) in grouped_by_site(leaks, shown) {
        teller.site(out, site.as_deref(), &of)?;
    }
    Ok(())
}

/// Sites in the order in which something was first told of them; the devices before all.
fn grouped_by_site<'a>(leaks: &'a Leaks, shown: impl Iterator<Item = &'a Leak>) -> Vec<OfSite<'a>> {
    let mut sites: Vec<OfSite<'a>> = Vec::new();
    let mut places: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for leak in shown {
        let site = leaks.site(leak).map(std::borrow::Cow::into_owned);
        let at = *places.entry(site.clone()).or_insert(sites.len());
        if at == sites.len() {
            sites.push((site, Vec::new()));
        }
        if let Some((_, of)) = sites.get_mut(at) {
            of.push(leak);
        }
    }
    sites.sort_by_key(|(site, _)| site.is_some());
    for (_, of) in &mut sites {
        of.sort_by_key(|leak| leak.kind.place());
    }
    sites
}

fn is_about(leaks: &Leaks, leak: &Leak, host: Option<&str>) -> bool {
    let Some(host) = host else { return true };
    let Some(site) = leaks.site(leak) else { return false };
    let (site, host) = (site.to_lowercase(), escape(host).to_lowercase());
    site.strip_suffix(host.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// How sure something is, in a word.
pub const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Inferred => "inferred",
        Confidence::Guess => "guess",
    }
}

struct Teller<'a> {
    trace: &'a Trace,
    leaks: &'a Leaks,
    views: &'a [View<'a>],
    looks: Option<&'a View<'a>>,
}

impl Teller<'_> {
    fn observer(&self, out: &mut Out, observer: &Observer) -> io::Result<()> {
        let title = out.style.strong(&format!("as {} sees it", escape(&observer.label)));
        out.line(&title)?;
        if let Some(note) = &observer.note {
            out.line(&format!("  {}", escape(note)))?;
        }
        let passes = self.looks.map_or(0, |view| {
            (1..=self.trace.rows().len() as u32).filter(|number| view.packet(self.trace, *number)).count()
        });
        let all = self.trace.rows().len() as u64;
        out.line(&format!("  {} of {} pass there", grouped(passes as u64), counted(all, "packet")))?;
        if !observer.knows.is_empty() {
            out.line("  known to them, not in this capture:")?;
            for what in &observer.knows {
                out.line(&format!("    {}", escape(what)))?;
            }
        }
        out.line("")
    }

    fn site(&self, out: &mut Out, site: Option<&str>, of: &[&Leak]) -> io::Result<()> {
        let title = out.style.strong(site.unwrap_or("devices"));
        out.line(&title)?;
        for leak in of {
            out.line(&format!("  {}", self.leaks.sentence(leak)))?;
            let quiet = out.style.quiet(&format!("    {}", self.circumstances(leak)));
            out.line(&quiet)?;
            for detail in self.leaks.details(leak) {
                let text = if detail.text.is_empty() { "none" } else { &detail.text };
                let at = places(&detail.evidence);
                let at = if at.is_empty() { at } else { format!(" ({at})") };
                let quiet = out.style.quiet(&format!("      {}: {}{at}", detail.what, escape(text)));
                out.line(&quiet)?;
            }
        }
        out.line("")
    }

    /// How sure, where, how often, who sees it, why, and what would have hidden it.
    fn circumstances(&self, leak: &Leak) -> String {
        let mut parts = vec![confidence(leak.confidence).to_owned(), places(&leak.evidence)];
        if leak.times > 1 {
            parts.push(format!("{} times", grouped(leak.times.into())));
        }
        match self.looks.map(|view| view.leak(self.trace, leak)) {
            Some(Some(Sight::Partly)) => parts.push("seen in part".to_owned()),
            Some(_) => {}
            None => parts.push(format!("seen by {}", observers(self.trace, leak, self.views).join(", "))),
        }
        parts.push(format!("why visible: {}", leak.kind.why.name()));
        parts.push(format!("hidden by {}", leak.kind.hidden_by));
        parts.join("; ")
    }
}

/// The names of the observers whom a leak reaches: you and those who are only supposed left out.
pub fn observers<'v>(trace: &Trace, leak: &Leak, views: &'v [View<'_>]) -> Vec<&'v str> {
    const YOU: &str = "you";
    let others = views.iter().filter(|view| view.observer.name != YOU && !view.observer.supposed);
    let reached = others.filter(|view| view.leak(trace, leak).is_some());
    reached.map(|view| view.observer.name.as_str()).collect()
}

/// Where evidence stands: packets, with the bytes in each.
fn places(evidence: &[Evidence]) -> String {
    /// More say no more.
    const MOST: usize = 4;
    let mut texts: Vec<String> = evidence
        .iter()
        .take(MOST)
        .map(|Evidence { packet, from, to }| format!("packet {packet}, bytes {from} to {to}"))
        .collect();
    if let Some(more) = evidence.len().checked_sub(MOST).filter(|more| *more > 0) {
        texts.push(format!("{more} more places"));
    }
    texts.join(", ")
}

/// When a leak was first told, as JSON lines have times.
pub(super) fn time(leak: &Leak) -> Option<String> {
    leak.time.map(seconds)
}
