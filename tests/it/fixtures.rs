//! Every capture in `fixtures/` is found by itself and has a snapshot made for reading.

use std::path::{Path, PathBuf};

use crate::picture::{self, Read};

/// All captures in `fixtures/`, in the order of their names.
pub(crate) fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_capture = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "pcap" || ending == "pcapng");
    let mut captures: Vec<PathBuf> = entries.filter(is_capture).collect();
    captures.sort();
    assert!(captures.len() >= 20, "fixtures/ should hold at least 20 captures, {} are there", captures.len());
    captures
}

#[test]
fn every_fixture_looks_as_it_did() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for path in captures() {
            let name = path.file_stem().unwrap().to_str().unwrap();
            insta::assert_snapshot!(name, picture::capture(&Read::open(&path)));
        }
    });
}

#[test]
fn fixtures_are_small() {
    let sizes: Vec<(PathBuf, u64)> =
        captures().into_iter().map(|path| (path.clone(), path.metadata().unwrap().len())).collect();
    for (path, size) in &sizes {
        assert!(*size <= 300_000, "{} has {size} bytes", path.display());
    }
    assert!(sizes.iter().map(|(_, size)| size).sum::<u64>() <= 8_000_000);
}
