//! Display filters: from rows, where these tell; else a second pass in a thread, with a tree of just the fields that the
//! filter asks for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::worker::{self, Shared};
use crate::bytes::Tree;
use crate::capture::{Fetch, Source};
use crate::exposure::leak::Context;
use crate::exposure::{Leaks, Names};
use crate::filter::{Exposed, Filter, Known, Scope, Subject};
use crate::trace::{Heard, Listener, Pass};

/// How often the screen is told of new finds, in packets.
const OFTEN: u32 = 1 << 14;

#[derive(Default)]
struct Found {
    packets: Mutex<Vec<u32>>,
    done: AtomicBool,
    cancelled: AtomicBool,
}

/// A search that goes on. Dropped, it ends.
pub(super) struct Search {
    found: Arc<Found>,
}

impl Search {
    /// Searches `source` from its start. If it was read to its end before (`whole`), a filter that asks for nothing
    /// that stands in packets reads none again.
    pub(super) fn start(
        source: Source,
        filter: Filter,
        whole: bool,
        shared: &Arc<Shared>,
    ) -> std::io::Result<Search> {
        let found = Arc::new(Found::default());
        let (mine, screen) = (Arc::clone(&found), Arc::clone(shared));
        worker::spawn("searching", Arc::clone(shared), move || {
            // What only a whole capture tells is known as far as it was read when the search began.
            let known = filter.asks_exposed().then(|| known(&screen, &filter, &source.fetch()));
            let mut sieve = Sieve { filter, known, found: &mine, shared: &screen, batch: Vec::new() };
            if !(whole && sieve.by_rows()) {
                let mut pass = Pass::new(source).with_listener(&mut sieve);
                pass.run();
            }
            sieve.hand_over();
            mine.done.store(true, Ordering::Release);
            screen.changed();
        })?;
        Ok(Search { found })
    }

    /// Takes what was found since.
    pub(super) fn take(&self, into: &mut Vec<u32>) {
        into.append(&mut self.found.packets.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether all was searched.
    pub(super) fn is_done(&self) -> bool {
        self.found.done.load(Ordering::Acquire)
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.found.cancelled.store(true, Ordering::Release);
    }
}

fn known(screen: &Shared, filter: &Filter, fetch: &Fetch) -> Known {
    let trace = screen.trace();
    let names = Names::new(&trace);
    let leaks = if filter.asks_leaks() {
        let context = Context { tellings: true, ..Context::default() };
        // What can be read again no more is left out; that it cannot is told where its bytes are looked at.
        Leaks::of(&trace, &names, fetch, &context).unwrap_or_else(|_| Leaks::new(&trace, &names))
    } else {
        Leaks::default()
    };
    Known::new(&trace, leaks)
}

struct Sieve<'a> {
    filter: Filter,
    known: Option<Known>,
    found: &'a Found,
    shared: &'a Shared,
    batch: Vec<u32>,
}

impl Sieve<'_> {
    /// Asks rows alone, as long as they know. Returns whether they knew of all packets.
    fn by_rows(&mut self) -> bool {
        let trace = self.shared.trace();
        for number in 1..=trace.rows().len() as u32 {
            let exposed = Exposed { trace: &trace, known: self.known.as_ref(), scope: Scope::Packet(number) };
            match self.filter.by_row(exposed) {
                Some(true) => self.batch.push(number),
                Some(false) => {}
                None => {
                    self.batch.clear();
                    return false;
                }
            }
            if self.found.cancelled.load(Ordering::Acquire) {
                break;
            }
        }
        true
    }

    fn passes(&self, heard: &Heard<'_>) -> bool {
        let Some(known) = &self.known else { return self.filter.matches(heard.tree, heard.bytes) };
        let trace = self.shared.trace();
        let exposed = Exposed { trace: &trace, known: Some(known), scope: Scope::Packet(heard.number) };
        let packet = Some((heard.tree, heard.bytes));
        self.filter.holds(&Subject { packet, exposed: Some(exposed) }).unwrap_or(false)
    }

    fn hand_over(&mut self) {
        self.found.packets.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.batch);
        self.shared.changed();
    }
}

impl Listener for Sieve<'_> {
    fn tree(&self) -> Tree {
        Tree::only(self.filter.fields())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        if self.passes(heard) {
            self.batch.push(heard.number);
        }
        if heard.number.is_multiple_of(OFTEN) {
            self.hand_over();
        }
        !self.found.cancelled.load(Ordering::Acquire)
    }
}
