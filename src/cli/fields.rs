//! `husk fields FILE -e NAME`: one line a packet, cells separated by a tab.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;

use crate::bytes::{Field, Tree};
use crate::capture::Source;
use crate::protocols;
use crate::trace::{Heard, Listener, Pass};

pub(super) fn run(file: &Path, names: &[String]) -> anyhow::Result<()> {
    let fields: Vec<&'static Field> = names
        .iter()
        .map(|name| protocols::field(name).with_context(|| format!("no field is called {name}")))
        .collect::<Result<_, _>>()?;
    let source = Source::open(file)?;
    let mut printer =
        Printer { fields, out: std::io::BufWriter::new(std::io::stdout().lock()), line: String::new(), error: None };
    Pass::new(source).with_listener(&mut printer).run();
    if let Some(error) = printer.error.filter(|error| error.kind() != std::io::ErrorKind::BrokenPipe) {
        return Err(error.into());
    }
    match printer.out.flush() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

struct Printer<W> {
    fields: Vec<&'static Field>,
    out: W,
    line: String,
    error: Option<std::io::Error>,
}

impl<W: Write> Listener for Printer<W> {
    fn tree(&self) -> Tree {
        Tree::only(self.fields.clone())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        self.line.clear();
        for (n, field) in self.fields.iter().enumerate() {
            if n > 0 {
                self.line.push('\t');
            }
            let mut first = true;
            for node in heard.tree.nodes().iter().filter(|node| node.field == *field) {
                if !std::mem::take(&mut first) {
                    self.line.push(',');
                }
                self.line.push_str(&heard.tree.cell(node, heard.bytes));
            }
        }
        self.line.push('\n');
        self.error = self.out.write_all(self.line.as_bytes()).err();
        self.error.is_none()
    }
}
