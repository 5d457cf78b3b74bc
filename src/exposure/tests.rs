//! What tests of this folder share.

use std::path::Path;

use crate::capture::{Fetch, Source};
use crate::trace::{Pass, Trace};

/// The trace of a fixture, and what reads its packets again.
pub(super) fn trace_of(fixture: &str) -> (Fetch, Trace) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
    let source = Source::open(&path).expect("a fixture");
    let fetch = source.fetch();
    (fetch, Pass::new(source).run())
}
