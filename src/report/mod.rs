//! What is told, as text and as JSON lines. Everything that commands print goes through [`Out`], and every string
//! from a capture through [`crate::bytes::escape`].
//!
//! ```text
//! line     one packet of `list`            info     what a packet is about, in a few words
//! flows, messages, interfaces, dictionary   show     one packet in full: tree, hex
//! about    a field in plain words
//! follow   what was said in a flow          units    what carried a message
//! summary  a capture in words               table    columns, numbers, bars
//! exposure the books: tables, CSV
//! journey  the way to each site             names    questions, addresses, neighbours
//! lanes    a flow packet by packet, its TLS session
//! json     one struct a kind of line (docs/json.md)   html     a page for a browser
//! ```

use std::io::{self, BufWriter, IsTerminal as _, Write};

mod about;
mod dictionary;
mod exposure;
mod flows;
mod follow;
mod html;
mod info;
#[cfg(all(feature = "live", unix))]
mod interfaces;
mod journey;
pub mod json;
mod lanes;
mod leaks;
mod line;
mod messages;
mod names;
mod rounds;
mod show;
mod style;
mod summary;
pub mod table;
mod units;
mod verdict;

pub use about::{About, about, words};
pub use dictionary::dictionary;
pub use exposure::{exposure, exposure_csv};
pub use flows::{flows, processes};
pub use follow::{Bytes, Conversation, is_text};
pub use html::{Telling, page};
pub use info::wanted_fields;
#[cfg(all(feature = "live", unix))]
pub use interfaces::interfaces;
pub use journey::journey;
pub use lanes::{lanes, moment_in_words, session};
pub use leaks::{AskedOf, confidence, leaks, observers};
pub use line::{Line, Lines};
pub use messages::messages;
pub use names::{names, neighbours};
pub use rounds::rounds;
pub use show::show;
pub use style::Style;
pub use summary::summary;
pub use units::units;
pub use verdict::verdict;

/// How a command tells its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

/// Where commands print, mostly standard output: lines of text, or JSON.
pub struct Out {
    to: BufWriter<Box<dyn Write>>,
    /// How classes are coloured.
    pub style: Style,
}

impl Out {
    /// Standard output, in colour if it is a terminal and `NO_COLOR` is not set.
    pub fn new() -> Out {
        let stdout = io::stdout();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = Style::new(stdout.is_terminal() && !plain);
        Out::to(Box::new(stdout.lock()), style)
    }

    /// Somewhere else.
    pub fn to(to: Box<dyn Write>, style: Style) -> Out {
        Out { to: BufWriter::with_capacity(1 << 16, to), style }
    }

    /// One line of text. What was captured must have been escaped.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(text.as_bytes()).and_then(|()| self.to.write_all(b"\n")).map_err(unwritten)
    }

    /// One JSON line.
    pub fn json(&mut self, line: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.to, line).map_err(io::Error::from).map_err(unwritten)?;
        self.to.write_all(b"\n").map_err(unwritten)
    }

    /// Hands on what was written so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush().map_err(unwritten)
    }
}

/// Says where writing failed; of what kind the failure is stays.
#[allow(clippy::needless_pass_by_value)] // as map_err hands it over
fn unwritten(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("writing the output failed: {error}"))
}

impl Default for Out {
    fn default() -> Out {
        Out::new()
    }
}
