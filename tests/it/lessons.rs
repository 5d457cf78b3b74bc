//! What `docs/lessons.md` shows is what the program prints.

use std::path::Path;
use std::process::Command;

/// One command of the page, and the lines that it is said to print.
struct Shown {
    command: String,
    lines: Vec<String>,
}

fn shown(page: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut within = false;
    for line in page.lines() {
        match (within, line.strip_prefix("$ ")) {
            (_, _) if line == "```console" => within = true,
            (_, _) if line == "```" => within = false,
            (true, Some(command)) => all.push(Shown { command: command.to_owned(), lines: Vec::new() }),
            (true, None) => all.last_mut().expect("a command comes first").lines.push(line.to_owned()),
            (false, _) => {}
        }
    }
    all
}

/// The arguments as a shell would hand them over: single quotes hold words together.
fn arguments(command: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    for (n, part) in command.split('\'').enumerate() {
        if n % 2 == 1 {
            arguments.push(part.to_owned());
        } else {
            arguments.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    arguments
}

/// The first line that is said to be printed and is not, if there is one. `…` stands for lines, or the end of a line,
/// left out.
fn missing<'a>(lines: &'a [String], printed: &str) -> Option<&'a str> {
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let is = |line: &str, real: &str| match line.strip_suffix('…') {
        Some(start) => real.starts_with(start),
        None => real == line,
    };
    let mut at = 0;
    for line in lines.iter().filter(|line| *line != "…") {
        match printed.iter().skip(at).position(|real| is(line, real)) {
            Some(skipped) => at += skipped + 1,
            None => return Some(line),
        }
    }
    None
}

#[test]
fn every_lesson_shows_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/lessons.md")).unwrap();
    let shown = shown(&page);
    assert!(shown.len() > 30, "only {} commands were found", shown.len());
    let mut wrong = Vec::new();
    for Shown { command, lines } in &shown {
        let arguments = arguments(command);
        let output = Command::new(assert_cmd::cargo::cargo_bin!("husk"))
            .args(&arguments[1..])
            .current_dir(root.join("fixtures"))
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && !lines.is_empty(), "{command}");
        if let Some(line) = missing(lines, &printed) {
            wrong.push(format!("$ {command}\n{line}"));
        }
    }
    assert!(wrong.is_empty(), "not printed:\n{}", wrong.join("\n"));
}

#[test]
fn a_line_that_is_not_printed_is_found() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(missing(&lines("one\n…\nthr…"), "one\ntwo\nthree"), None);
    assert_eq!(missing(&lines("two\none"), "one\ntwo"), Some("one"), "another order");
    assert_eq!(missing(&lines("on"), "one"), Some("on"));
}
