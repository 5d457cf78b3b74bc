//! A module imports only from lower floors and from its own folder.

use std::path::{Path, PathBuf};

/// Modules and their floors, from the ground up.
const FLOORS: &[(&str, u8)] = &[
    ("bytes", 0),
    ("confine", 0),
    ("capture", 1),
    ("glossary", 1),
    ("protocols", 1),
    ("packet", 2),
    ("flow", 3),
    ("trace", 4),
    ("explain", 5),
    ("exposure", 6),
    ("filter", 7),
    ("report", 8),
    ("tui", 9),
    ("cli", 10),
];

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Names of modules behind each `crate::` of a line, also within `crate::{a, b::c}`.
fn named(line: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        if line[..at].ends_with('$') {
            continue; // a macro's own path is checked where it is used
        }
        match line[at + 7..].strip_prefix('{') {
            Some(list) => names.extend(list.split(',').map(|name| word(name.trim()))),
            None => names.push(word(&line[at + 7..])),
        }
    }
    names
}

/// Lines of `source` (a file of module `module`) that reach up or sideways.
fn offences(module: &str, source: &str) -> Vec<String> {
    let own = floor(module).unwrap_or_else(|| panic!("module {module} has no floor: enter it in FLOORS"));
    let code = source.split("#[cfg(test)]").next().unwrap_or(source);
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for name in named(line) {
            if floor(&name).is_some_and(|other| name != module && other >= own) {
                found.push(format!("{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn modules_import_only_from_lower_floors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut found = Vec::new();
    let mut checked = 0;
    for file in files {
        let within = file.strip_prefix(&root).unwrap();
        let first = within.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs");
        if matches!(module, "main" | "lib") {
            continue;
        }
        checked += 1;
        let source = std::fs::read_to_string(&file).unwrap();
        found.extend(offences(module, &source).into_iter().map(|line| format!("{}:{line}", within.display())));
    }
    assert!(checked > 10, "the sources were not found");
    assert!(found.is_empty(), "imports from the same or a higher floor:\n{}", found.join("\n"));
}

#[test]
fn the_check_can_fail() {
    assert_eq!(offences("bytes", "use crate::trace::Trace;"), ["1: use crate::trace::Trace;"]);
    assert_eq!(offences("flow", "use crate::{bytes::Class, tui};").len(), 1);
    assert_eq!(offences("capture", "use crate::protocols::Side;").len(), 1, "neighbours on one floor");
    assert!(offences("flow", "use crate::packet;\nuse crate::flow::note;").is_empty());
}
