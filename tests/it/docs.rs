//! What the documents say is what the program does.
//!
//! `HUSK_WRITE_DOCS=1 cargo test --test it docs` writes the parts that are made from the code.

use std::fmt::Write as _;
use std::path::Path;

use husk::protocols;

/// Holds `made` to the part of a document between two markers, or writes it there.
fn hold(document: &str, name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}: made from the code -->\n"), format!("<!-- end of {name} -->"));
    let from = text.find(&begin).unwrap_or_else(|| panic!("{document} has no {begin}")) + begin.len();
    let to = text[from..].find(&end).unwrap_or_else(|| panic!("{document} has no {end}")) + from;
    if std::env::var_os("HUSK_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{}{made}{}", &text[..from], &text[to..])).unwrap();
        return;
    }
    assert!(text[from..to] == *made, "{document}: run HUSK_WRITE_DOCS=1 cargo test --test it docs");
}

#[test]
fn the_readme_has_the_key_table() {
    hold("README.md", "keys", &husk::tui::key_table());
}

#[test]
fn the_dictionary_has_every_field() {
    let mut made = String::new();
    for protocol in protocols::LIST {
        let name = &protocol.heading;
        write!(made, "\n## {} · {}\n\n{}, {}.\n", name.name, name.label, name.source, name.class.name()).unwrap();
        if !protocol.fields.is_empty() {
            made.push_str("\n| field | label | kind | class | source |\n|---|---|---|---|---|\n");
        }
        for field in protocol.fields {
            let label = field.label.replace('|', "\\|");
            let (kind, class) = (format!("{:?}", field.kind), field.class.name());
            writeln!(made, "| `{}` | {label} | {kind} | {class} | {} |", field.name, field.source).unwrap();
        }
    }
    hold("docs/fields.md", "fields", &made);
}

#[test]
fn every_field_has_one_name() {
    let mut names: Vec<(&str, *const husk::bytes::Field)> =
        protocols::fields().map(|field| (field.name, std::ptr::from_ref(field))).collect();
    names.sort_unstable();
    names.dedup();
    let twice: Vec<&str> = names.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| two[0].0).collect();
    assert!(twice.is_empty(), "declared twice: {twice:?}");
}

#[test]
fn every_filter_in_the_documents_is_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/filters.md");
    let text = std::fs::read_to_string(path).unwrap();
    let blocks: Vec<&str> = text.split("```filter\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let filters: Vec<&str> = blocks.iter().flat_map(|block| block.lines()).collect();
    assert!(filters.len() > 20);
    for filter in filters {
        if let Err(error) = husk::filter::Filter::parse(filter) {
            panic!("{error}");
        }
    }
}

/// The table of leaks in docs/leaks.md is that of the program. `HUSK_WRITE_DOCS=1` writes it.
#[test]
fn leaks_are_documented() {
    use husk::exposure::leak::LEAKS;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/leaks.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let end = text.find("|---|---|---|---|---|\n").unwrap() + "|---|---|---|---|---|\n".len();
    let rows = LEAKS.iter().map(|kind| {
        let derived = if kind.derived { "yes" } else { "" };
        format!("| `{}` | {} | {} | {} | {derived} |\n", kind.name, kind.label, kind.why.name(), kind.hidden_by)
    });
    let written = text[..end].to_owned() + &rows.collect::<String>();
    if std::env::var_os("HUSK_WRITE_DOCS").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == written, "docs/leaks.md: run with HUSK_WRITE_DOCS=1");
}
