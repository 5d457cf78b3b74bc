//! JSON lines of what a capture gives away.

use serde::Serialize;

use super::VERSION;
use crate::bytes::escape;
use crate::exposure::leak::Detail;
use crate::exposure::observer::View;
use crate::exposure::{Evidence, Leak, Leaks, Observer};
use crate::report::leaks::{confidence, observers, time};
use crate::trace::Trace;

/// Bytes that tell something.
#[derive(Debug, Serialize)]
struct Place {
    packet: u32,
    from: u32,
    to: u32,
}

impl From<&Evidence> for Place {
    fn from(of: &Evidence) -> Place {
        Place { packet: of.packet, from: of.from, to: of.to }
    }
}

/// A part of what was learned.
#[derive(Debug, Serialize)]
struct DetailLine {
    what: String,
    text: String,
    evidence: Vec<Place>,
}

impl DetailLine {
    fn new(detail: &Detail) -> DetailLine {
        DetailLine {
            what: detail.what.clone(),
            text: escape(&detail.text).into_owned(),
            evidence: detail.evidence.iter().map(Place::from).collect(),
        }
    }
}

/// Something that was learned (`leaks`).
#[derive(Debug, Serialize)]
pub struct LeakLine<'a> {
    v: u32,
    kind: &'static str,
    leak: &'static str,
    value: String,
    confidence: &'static str,
    evidence: Vec<Place>,
    time: Option<String>,
    flow: Option<u32>,
    observers: Vec<&'a str>,
    why: &'static str,
    hidden_by: &'static str,
    site: Option<String>,
    times: u32,
    sentence: String,
    details: Vec<DetailLine>,
}

impl<'a> LeakLine<'a> {
    /// The line of a leak.
    pub fn new(trace: &Trace, leaks: &Leaks, leak: &Leak, views: &'a [View<'_>]) -> LeakLine<'a> {
        LeakLine {
            v: VERSION,
            kind: "leak",
            leak: leak.kind.name,
            value: leaks.value(leak).into_owned(),
            confidence: confidence(leak.confidence),
            evidence: leak.evidence.iter().map(Place::from).collect(),
            time: time(leak),
            flow: leak.flow,
            observers: observers(trace, leak, views),
            why: leak.kind.why.name(),
            hidden_by: leak.kind.hidden_by,
            site: leaks.site(leak).map(std::borrow::Cow::into_owned),
            times: leak.times,
            sentence: leaks.sentence(leak),
            details: leaks.details(leak).iter().map(DetailLine::new).collect(),
        }
    }
}

/// What an observer knows and the capture does not show (`leaks --as`).
#[derive(Debug, Serialize)]
pub struct Known {
    v: u32,
    kind: &'static str,
    observer: String,
    known: String,
}

impl Known {
    /// The line of something that is known.
    pub fn new(observer: Option<&Observer>, known: &str) -> Known {
        let name = observer.map_or("", |observer| observer.name.as_str());
        Known { v: VERSION, kind: "known", observer: escape(name).into_owned(), known: escape(known).into_owned() }
    }
}
