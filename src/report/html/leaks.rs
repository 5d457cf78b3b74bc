//! What was learned, by site.

use super::{Telling, cut, left_out};
use crate::bytes::{Confidence, escape};
use crate::exposure::Leak;
use crate::exposure::observer::Sight;
use crate::report::table::counted;

/// Leaks on a page.
const MOST_LEAKS: usize = 400;

/// Characters of a sentence.
const LONGEST_SENTENCE: usize = 400;

/// Places that are named of one leak.
const MOST_PLACES: usize = 4;

/// A leak that is told on the page, by its place among all.
pub(super) struct Told<'a> {
    pub(super) place: usize,
    pub(super) leak: &'a Leak,
}

impl Told<'_> {
    /// Its anchor.
    pub(super) fn id(&self) -> String {
        format!("learned-{}", self.place)
    }
}

/// What is told of a site.
pub(super) struct Site {
    pub(super) title: String,
    pub(super) groups: Vec<Group>,
}

/// Leaks that the same observers see for the same reason.
pub(super) struct Group {
    pub(super) why: &'static str,
    pub(super) hidden_by: &'static str,
    pub(super) seen_by: Vec<String>,
    pub(super) leaks: Vec<Line>,
}

/// A leak.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) says: String,
    pub(super) sure: &'static str,
    pub(super) label: &'static str,
    pub(super) times: String,
    pub(super) places: Vec<Place>,
}

/// Where its evidence stands.
pub(super) struct Place {
    pub(super) packet: u32,
    /// Whether the packet is shown on the page.
    pub(super) shown: bool,
    pub(super) says: String,
}

/// The leaks that are told: those about the site, as far as the observer sees them.
pub(super) fn told<'a>(telling: &Telling<'a>) -> Vec<Told<'a>> {
    let sees = |leak: &Leak| telling.seen_by.is_none_or(|view| view.leak(telling.trace, leak).is_some());
    let about = |leak: &Leak| match (telling.host, telling.leaks.site(leak)) {
        (None, _) => true,
        (Some(_), Some(site)) => telling.is_host(&site),
        (Some(_), None) => false,
    };
    let all = telling.leaks.all().iter().enumerate();
    all.filter(|(_, leak)| sees(leak) && about(leak)).map(|(place, leak)| Told { place, leak }).collect()
}

/// What is told, by site, in the order in which sites were first told of.
pub(super) fn sites(telling: &Telling<'_>, told: &[Told<'_>], packets: &[u32]) -> (Vec<Site>, Option<String>) {
    let mut sites: Vec<Site> = Vec::new();
    for one in told.iter().take(MOST_LEAKS) {
        let site = telling.leaks.site(one.leak);
        let title = site.map_or_else(|| "The local network and its devices".to_owned(), |name| cut(&name, 120));
        let at = sites.iter().position(|site| site.title == title).unwrap_or(sites.len());
        if at == sites.len() {
            sites.push(Site { title, groups: Vec::new() });
        }
        if let Some(site) = sites.get_mut(at) {
            site.enter(telling, one, packets);
        }
    }
    (sites, left_out(told.len(), told.len().min(MOST_LEAKS), "more thing that was learned"))
}

/// What is told, as a sentence.
pub(super) fn sentence(telling: &Telling<'_>, leak: &Leak) -> String {
    let sentence = cut(&telling.leaks.sentence(leak), LONGEST_SENTENCE);
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// An observer's name, for people.
pub(super) fn short(name: &str) -> String {
    escape(name).replace('_', " ")
}

impl Site {
    fn enter(&mut self, telling: &Telling<'_>, told: &Told<'_>, packets: &[u32]) {
        let (kind, seen_by) = (told.leak.kind, seen_by(telling, told.leak));
        let (why, hidden_by) = (kind.why.label(), kind.hidden_by);
        let line = line(telling, told, packets);
        let same = |group: &&mut Group| group.why == why && group.hidden_by == hidden_by && group.seen_by == seen_by;
        match self.groups.iter_mut().find(same) {
            Some(group) => group.leaks.push(line),
            None => self.groups.push(Group { why, hidden_by, seen_by, leaks: vec![line] }),
        }
    }
}

fn seen_by(telling: &Telling<'_>, leak: &Leak) -> Vec<String> {
    let seen_by = telling.views.iter().filter_map(|view| match view.leak(telling.trace, leak)? {
        Sight::Sees => Some(short(&view.observer.name)),
        Sight::Partly => Some(format!("{} (in part)", short(&view.observer.name))),
    });
    seen_by.collect()
}

fn line(telling: &Telling<'_>, told: &Told<'_>, packets: &[u32]) -> Line {
    let leak = told.leak;
    let places = leak.evidence.iter().take(MOST_PLACES).map(|evidence| Place {
        packet: evidence.packet,
        shown: packets.contains(&evidence.packet),
        says: match evidence.to.checked_sub(evidence.from) {
            Some(0) | None => format!("packet {}", evidence.packet),
            Some(1) => format!("packet {}, byte {}", evidence.packet, evidence.from),
            Some(_) => format!("packet {}, bytes {} to {}", evidence.packet, evidence.from, evidence.to - 1),
        },
    });
    Line {
        id: told.id(),
        says: sentence(telling, leak),
        sure: match leak.confidence {
            Confidence::Certain => "certain",
            Confidence::Inferred => "inferred",
            Confidence::Guess => "a guess",
        },
        label: leak.kind.label,
        times: if leak.times == 1 {
            "told once".to_owned()
        } else {
            format!("told {}", counted(leak.times.into(), "time"))
        },
        places: places.collect(),
    }
}
