//! The observer's notebook: who looks, what reaches them, and what they know by now, newest last.

use std::sync::{Arc, LazyLock};

use crate::bytes::{Confidence, Ledger};
use crate::capture::Fetch;
use crate::exposure::leak::Context;
use crate::exposure::observer::{Local, Sight};
use crate::exposure::{Evidence, LeakKind, Leaks, Names, Observer, Observers, View};
use crate::trace::Trace;
use crate::tui::eyes::Eyes;
use crate::tui::roll::{Roll, Target};
use crate::tui::study::{Of, Study};
use crate::tui::worker::Shared;

static OBSERVERS: LazyLock<Vec<Observer>> =
    LazyLock::new(|| Observers::known().map(|known| known.all().to_vec()).unwrap_or_default());

/// Everybody who could look, from near to far; the first is whoever has the capture and sees all of it.
pub(in crate::tui) fn observers() -> &'static [Observer] {
    &OBSERVERS
}

/// Something that the observer knows.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Known {
    pub(in crate::tui) kind: &'static LeakKind,
    /// The sentence that tells it, escaped.
    pub(in crate::tui) sentence: String,
    /// The site that it is about, escaped; nothing for the local network.
    pub(in crate::tui) site: Option<String>,
    pub(in crate::tui) time: Option<i64>,
    pub(in crate::tui) times: u32,
    pub(in crate::tui) confidence: Confidence,
    pub(in crate::tui) evidence: Option<Evidence>,
    /// Whether the observer sees all of it.
    pub(in crate::tui) sight: Sight,
}

/// A line of the notebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum LeakRow {
    /// What is known: its place.
    Told(usize),
    /// How sure that is, where it stands, what would hide it.
    About(usize),
}

/// What one observer makes of the capture.
pub(in crate::tui) struct Notebook {
    pub(in crate::tui) view: View<'static>,
    /// What is known, in the order in which it was learned.
    pub(in crate::tui) known: Vec<Known>,
    /// Kinds of things that the capture holds and this observer does not learn.
    pub(in crate::tui) dark: Vec<&'static str>,
    /// Packets that pass the observer, and their bytes by class as it sees them; how many are dark.
    pub(in crate::tui) packets: u64,
    pub(in crate::tui) ledger: Ledger,
    pub(in crate::tui) unseen: u64,
    pub(in crate::tui) start: i64,
}

/// The view.
#[derive(Default)]
pub(in crate::tui) struct LeaksPane {
    study: Study<Option<Notebook>>,
    /// What of the trace the observer sees.
    theirs: Study<Arc<Trace>>,
    /// Who looks: their place among the observers.
    looking: usize,
    pub(in crate::tui) roll: Roll,
    /// Whether what is known takes one line each.
    brief: bool,
}

impl LeaksPane {
    /// Looks at what the trace has now.
    pub(in crate::tui) fn look(&mut self, of: Of, all: &Eyes, fetch: &Fetch) -> std::io::Result<()> {
        let (fetch, looking) = (fetch.clone(), self.looking);
        let of = Of { which: looking as u32, ..of };
        self.study.look(of, all, move |all| observers().get(looking).map(|who| read(all, &fetch, who)))?;
        Ok(())
    }

    /// Works out what of the trace the observer sees: for the views that tell of all of it.
    pub(in crate::tui) fn look_at_theirs(&mut self, of: Of, all: &Eyes, fetch: &Fetch) -> std::io::Result<()> {
        let (fetch, looking) = (fetch.clone(), self.looking);
        let of = Of { which: looking as u32, ..of };
        self.theirs.look(of, all, move |all| {
            let trace = Trace::clone(&all.trace());
            let narrowed = match observers().get(looking) {
                Some(who) => View::new(&trace, &fetch, who, &Local::default()).narrow(trace),
                None => trace,
            };
            Arc::new(narrowed)
        })?;
        Ok(())
    }

    /// The eyes of whoever looks.
    pub(in crate::tui) fn eyes(&self, shared: &Arc<Shared>) -> Eyes {
        if self.is_other() {
            Eyes::of(shared, self.looking as u32, self.theirs.get().cloned())
        } else {
            Eyes::of_all(shared)
        }
    }

    pub(in crate::tui) fn is_busy(&self) -> bool {
        self.study.is_busy() || self.theirs.is_busy()
    }

    /// Who looks.
    pub(in crate::tui) fn observer(&self) -> Option<&'static Observer> {
        observers().get(self.looking)
    }

    /// Whether somebody looks who does not see everything.
    pub(in crate::tui) fn is_other(&self) -> bool {
        self.looking > 0
    }

    /// The next observer, or the one before.
    pub(in crate::tui) fn turn(&mut self, forward: bool) {
        let count = observers().len().max(1);
        self.looking = if forward { self.looking + 1 } else { self.looking + count - 1 } % count;
        self.roll = Roll::default();
    }

    /// What the observer made of the capture, when that is known.
    pub(in crate::tui) fn notebook(&self) -> Option<&Notebook> {
        self.study.get()?.as_ref()
    }

    pub(in crate::tui) fn len(&self) -> usize {
        self.notebook().map_or(0, |notebook| notebook.known.len() * if self.brief { 1 } else { 2 })
    }

    pub(in crate::tui) fn row(&self, at: usize) -> Option<LeakRow> {
        let row = match (self.brief, at % 2) {
            (true, _) => LeakRow::Told(at),
            (false, 0) => LeakRow::Told(at / 2),
            (false, _) => LeakRow::About(at / 2),
        };
        (at < self.len()).then_some(row)
    }

    /// What the selected line is about.
    pub(in crate::tui) fn selected(&self) -> Option<&Known> {
        let (LeakRow::Told(at) | LeakRow::About(at)) = self.row(self.roll.selected)?;
        self.notebook()?.known.get(at)
    }

    /// Says whether there is room for two lines of each, or only for what is known.
    pub(in crate::tui) fn shorten(&mut self, brief: bool) {
        if std::mem::replace(&mut self.brief, brief) != brief {
            let at = self.roll.selected;
            self.roll.selected = if brief { at / 2 } else { at * 2 };
        }
    }

    /// The bytes behind the selected line.
    pub(in crate::tui) fn target(&self) -> Option<Target> {
        let evidence = self.selected()?.evidence?;
        Some(Target::Bytes(evidence.packet, evidence.from..evidence.to))
    }
}

fn read(all: &Eyes, fetch: &Fetch, observer: &'static Observer) -> Notebook {
    let trace = all.trace();
    let names = Names::new(&trace);
    // What can be read again no more is left out; that it cannot is told where its bytes are looked at.
    let leaks = Leaks::of(&trace, &names, fetch, &Context::default()).unwrap_or_else(|_| Leaks::new(&trace, &names));
    let view = View::new(&trace, fetch, observer, &Local::default());
    let (mut known, mut dark) = (Vec::new(), Vec::new());
    for leak in leaks.all() {
        let Some(sight) = view.leak(&trace, leak) else {
            if !dark.contains(&leak.kind.label) {
                dark.push(leak.kind.label);
            }
            continue;
        };
        known.push(Known {
            kind: leak.kind,
            sentence: leaks.sentence(leak),
            site: leaks.site(leak).map(std::borrow::Cow::into_owned),
            time: leak.time,
            times: leak.times,
            confidence: leak.confidence,
            evidence: leak.evidence.first().copied(),
            sight,
        });
    }
    known.sort_by_key(|known| known.time);
    dark.retain(|label| !known.iter().any(|known| known.kind.label == *label));
    let (mut packets, mut ledger, mut unseen) = (0, Ledger::NOTHING, 0);
    for number in 1..=trace.rows().len() as u32 {
        if let Some((seen, hidden)) = view.ledger(&trace, number) {
            packets += 1;
            ledger += seen;
            unseen += hidden;
        }
    }
    let start = trace.row(1).map_or(0, |row| row.time);
    Notebook { view, known, dark, packets, ledger, unseen, start }
}
