//! Leaks of the corpus: of every capture, of each kind, some are read again at their evidence.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Table, corpus, for_each};
use crate::leaks::unconfirmed;

/// Leaks of each kind that are read again in a capture.
const MOST: usize = 2;

#[test]
fn evidence_says_what_was_learned() {
    let Some(corpus) = corpus() else { return };
    let files = Table::read(&corpus.join("expected/files.tsv"));
    let (wrong, all, read) = (Mutex::new(Vec::new()), AtomicUsize::new(0), AtomicUsize::new(0));
    for_each(&files.rows, |row| {
        let path = corpus.join(&row[0]);
        if husk::capture::Source::open(&path).is_err() {
            return;
        }
        let (not, leaks, again) = unconfirmed(&path, MOST);
        wrong.lock().unwrap().extend(not);
        all.fetch_add(leaks, Ordering::Relaxed);
        read.fetch_add(again, Ordering::Relaxed);
    });
    let wrong = wrong.into_inner().unwrap();
    println!("{} leaks, {} of them read again, {} not confirmed", all.into_inner(), read.into_inner(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
