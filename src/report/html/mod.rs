//! One page for a browser that tells what a capture gives away, to somebody who never saw a packet.
//!
//! The page holds all that it shows: it loads nothing, runs nothing, and its content security policy allows nothing but
//! its own style. What was captured is escaped twice: control and bidirectional characters by [`crate::bytes::escape`],
//! and what HTML could take for markup by the template. Templates are in `templates/`.
//!
//! ```text
//! page ─► split, classes     bar       who talked, in order   story
//!      ─► what was learned   leaks     packets as evidence    packet
//!      ─► flows, names       tables    what it all means      words
//! ```

use std::io;

use askama::Template;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use super::table::{self, counted, percent};
use crate::bytes::{Ledger, Split, escape};
use crate::capture::Source;
use crate::explain::Explainer;
use crate::exposure::{Leaks, Names, Observer, Observers, View};
use crate::protocols::Side;
use crate::trace::Trace;

mod bar;
mod leaks;
mod packet;
mod story;
mod tables;
mod words;

use bar::Bar;
use packet::PacketFigure;

/// What the page tells of.
pub struct Telling<'a> {
    /// The capture.
    pub source: &'a Source,
    /// What was read of it.
    pub trace: &'a Trace,
    /// Its names.
    pub names: &'a Names,
    /// What it gives away.
    pub leaks: &'a Leaks,
    /// Who could have looked.
    pub observers: &'a Observers,
    /// What each of them sees of it, in their order.
    pub views: &'a [View<'a>],
    /// The capture as one of them sees it; all of it if none is given.
    pub seen_by: Option<&'a View<'a>>,
    /// Only what is about this site.
    pub host: Option<&'a str>,
}

impl Telling<'_> {
    /// Whether something of a packet is shown.
    fn shows_packet(&self, number: u32) -> bool {
        self.trace.row(number).is_some_and(|row| !row.is_gone() && self.is_about(row.flow))
    }

    /// Whether a flow is shown.
    fn shows_flow(&self, flow: u32) -> bool {
        self.trace.flows().all().get(flow as usize).is_some_and(|flow| !flow.is_gone()) && self.is_about(flow)
    }

    /// Whether a flow is about the site that was asked for.
    fn is_about(&self, flow: u32) -> bool {
        let Some(host) = self.host else { return true };
        if self.names.of_flow(flow).is_some_and(|(name, _)| self.is_host(&self.names.text(name))) {
            return true;
        }
        let flow = self.trace.flows().all().get(flow as usize);
        flow.is_some_and(|flow| flow.endpoint(Side::Server).0.to_string() == host)
    }

    fn is_host(&self, name: &str) -> bool {
        self.host.is_none_or(|host| name.eq_ignore_ascii_case(host))
    }

    /// The bytes that are shown by class, and those that are dark to the observer.
    fn ledger(&self) -> (Ledger, u64) {
        if self.seen_by.is_none() && self.host.is_none() {
            return (self.trace.total(), 0);
        }
        let (mut sum, mut dark) = (Ledger::default(), 0);
        for number in (1..=self.trace.rows().len() as u32).filter(|number| self.shows_packet(*number)) {
            sum += self.trace.ledger(number);
            dark += self.trace.dark(number);
        }
        (sum, dark)
    }

    /// Behind "in this capture": as whom it is seen.
    fn as_seen(&self) -> String {
        self.seen_by.map_or_else(String::new, |view| format!(", as {} sees it", escape(&view.observer.label)))
    }
}

/// A text of which a part is set in bold.
struct Part {
    text: String,
    strong: bool,
}

/// The style sheet: part of the program, and so not escaped.
struct Style;

const STYLE: &str = include_str!("../../../templates/report/style.css");

impl std::fmt::Display for Style {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(STYLE)
    }
}
impl askama::FastWritable for Style {
    fn write_into(&self, to: &mut dyn std::fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(to.write_str(STYLE)?)
    }
}
impl askama::filters::HtmlSafe for Style {}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    policy: String,
    title: String,
    style: Style,
    over: String,
    lead: Vec<Part>,
    facts: Vec<(&'static str, String)>,
    sides: Bar,
    split: Bar,
    split_caption: String,
    sums: Vec<tables::Sum>,
    classes: Vec<tables::ClassRow>,
    as_seen: String,
    story: Vec<story::Scene>,
    story_left_out: Option<String>,
    sites: Vec<leaks::Site>,
    leaks_left_out: Option<String>,
    packets: Vec<PacketFigure>,
    packets_left_out: Option<String>,
    flows: Vec<tables::FlowRow>,
    flows_caption: String,
    flows_left_out: Option<String>,
    names: Vec<tables::NameRow>,
    names_left_out: Option<String>,
    unknown: Vec<String>,
    glossary: &'static [(&'static str, &'static str)],
    observers: Vec<(String, String, String)>,
    made_by: String,
}

/// The page, as HTML.
///
/// # Errors
/// What reading packets again says.
pub fn page(telling: &Telling<'_>) -> io::Result<String> {
    let (ledger, dark) = telling.ledger();
    let told = leaks::told(telling);
    let chosen = packet::chosen(telling, &told);
    let (sites, leaks_left_out) = leaks::sites(telling, &told, &chosen.numbers);
    let (story, story_left_out) = story::scenes(telling, &told);
    let (flows, flows_left_out) = tables::flows(telling);
    let (names, names_left_out) = tables::names(telling);
    let mut explainer = Explainer::default();
    let mut packets = Vec::new();
    for number in &chosen.numbers {
        packets.extend(packet::figure(telling, &mut explainer, *number, &chosen)?);
    }
    let page = Page {
        policy: policy(),
        title: format!("What {} gives away", escape(telling.source.name())),
        style: Style,
        over: over(telling),
        lead: lead(telling, &ledger, told.len()),
        facts: facts(telling),
        sides: Bar::of_sides(&ledger),
        split: Bar::new(&ledger, "bar"),
        split_caption: split_caption(telling, &ledger, dark),
        sums: tables::sums(&ledger),
        classes: tables::classes(&ledger),
        as_seen: telling.as_seen(),
        story,
        story_left_out,
        sites,
        leaks_left_out,
        packets,
        packets_left_out: chosen.left_out,
        flows,
        flows_caption: words::flows_caption(telling),
        flows_left_out,
        names,
        names_left_out,
        unknown: words::unknown(telling, &ledger),
        glossary: words::GLOSSARY,
        observers: telling.observers.all().iter().map(observer).collect(),
        made_by: format!("Made by husk {} from the capture alone.", env!("CARGO_PKG_VERSION")),
    };
    page.render().map_err(io::Error::other)
}

/// Nothing may be loaded, run or sent; the one style sheet is known by its digest.
fn policy() -> String {
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
}

fn observer(of: &Observer) -> (String, String, String) {
    let note = of.note.as_deref().unwrap_or_default();
    (leaks::short(&of.name), escape(&of.label).into_owned(), escape(note).into_owned())
}

fn over(telling: &Telling<'_>) -> String {
    let mut parts = vec![escape(telling.source.name()).into_owned()];
    if let Some(view) = telling.seen_by {
        parts.push(format!("as seen by {}", escape(&view.observer.label)));
    }
    if let Some(host) = telling.host {
        parts.push(format!("only {}", escape(host)));
    }
    parts.join(" · ")
}

/// The answer in a few words.
fn lead(telling: &Telling<'_>, ledger: &Ledger, learned: usize) -> Vec<Part> {
    let strong = |text: String| Part { text, strong: true };
    let plain = |text: &str| Part { text: text.to_owned(), strong: false };
    let total = ledger.total();
    if total == 0 {
        return vec![plain(if telling.seen_by.is_some() {
            "Nothing of this capture reaches this observer."
        } else {
            "There are no bytes here to look at."
        })];
    }
    let who = match telling.seen_by {
        Some(view) => format!("Of what passes {}, ", escape(&view.observer.label)),
        None => "Of all that was captured, ".to_owned(),
    };
    vec![
        plain(&who),
        strong(format!("{} can be read", percent(ledger.split(Split::Visible), total))),
        plain(" by whoever carries it, and "),
        strong(match learned {
            0 => "nothing in particular was learned".to_owned(),
            1 => "one thing was learned".to_owned(),
            many => format!("{} things were learned", table::grouped(many as u64)),
        }),
        plain(" from it. "),
        plain(&format!("{} is sealed: ", percent(ledger.split(Split::Encrypted), total))),
        plain("they see that it is there, how much it is and when it went, and no more."),
    ]
}

fn facts(telling: &Telling<'_>) -> Vec<(&'static str, String)> {
    let trace = telling.trace;
    let mut facts = vec![
        ("capture", format!("{}, {}", escape(telling.source.name()), telling.source.format())),
        ("size", {
            let bytes = counted(trace.total().total(), "byte");
            format!("{} in {}", bytes, counted(trace.rows().len() as u64, "packet"))
        }),
    ];
    let times = || trace.rows().iter().filter(crate::trace::Row::timed).map(|row| row.time);
    if let (Some(first), Some(last)) = (times().min(), times().max()) {
        let lasts = table::span(last.saturating_sub(first));
        facts.push(("time", format!("{lasts}, from {} on", table::date(first))));
    }
    if let Some(view) = telling.seen_by {
        facts.push(("seen by", escape(&view.observer.label).into_owned()));
    }
    if let Some(host) = telling.host {
        facts.push(("only", format!("what is about {}", escape(host))));
    }
    facts
}

fn split_caption(telling: &Telling<'_>, ledger: &Ledger, dark: u64) -> String {
    let mut parts = vec![format!("{}, to scale.", counted(ledger.total(), "byte"))];
    if dark > 0 {
        parts.push(format!("{} more pass and are dark to this observer.", counted(dark, "byte")));
    }
    let missing = telling.trace.missing();
    if missing > 0 {
        parts.push(format!("{} were on the wire and not captured.", counted(missing, "byte")));
    }
    parts.push("Warm and cold colours can be read, green is sealed.".to_owned());
    parts.join(" ")
}

/// Text that is not longer than it may be; cut with an ellipsis.
fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest).chain(['…']).collect()
}

/// What a limit left out, in words; nothing if it left out nothing.
fn left_out(all: usize, shown: usize, what: &str) -> Option<String> {
    let more = all.saturating_sub(shown);
    (more > 0).then(|| format!("{} are not shown here: the page is kept short.", counted(more as u64, what)))
}

#[cfg(test)]
mod tests {
    use super::STYLE;

    /// The colours of a scheme: light, or dark.
    fn colour(scheme: usize, name: &str) -> [f64; 3] {
        let block = STYLE.split(":root {").nth(scheme + 1).unwrap();
        let hex = block.split(&format!("--{name}: #")).nth(1).unwrap().get(..6).unwrap();
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0)
    }

    fn mixed(part: f64, colour: [f64; 3], on: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|n| part * colour[n] + (1.0 - part) * on[n])
    }

    /// As WCAG 2.2 has it.
    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let light = |colour: [f64; 3]| {
            let linear = colour.map(|c| if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05
        };
        let (a, b) = (light(a), light(b));
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_stands_out_from_whatever_is_behind_it() {
        const ENOUGH: f64 = 4.5;
        for scheme in [0, 1] {
            let of = |name| colour(scheme, name);
            for text in ["ink", "quiet", "accent"] {
                for ground in ["paper", "card"] {
                    let contrast = contrast(of(text), of(ground));
                    assert!(contrast >= ENOUGH, "{text} on {ground}: {contrast:.2}");
                }
            }
            assert!(contrast(of("ink"), of("mark")) >= ENOUGH);
            for class in ["L", "N", "T", "M", "C", "V", "S", "A", "P", "U"] {
                let contrast = contrast(of("ink"), mixed(0.2, of(class), of("card")));
                assert!(contrast >= ENOUGH, "bytes of class {class}: {contrast:.2}");
            }
            // Boxes within each other grow darker.
            let nested = ["L", "N", "T", "M", "S"].into_iter().fold(of("card"), |on, c| mixed(0.04, of(c), on));
            assert!(contrast(of("quiet"), nested) >= ENOUGH);
        }
    }
}
