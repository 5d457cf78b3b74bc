//! What was said in a flow: readable bytes as text or as hexadecimal digits, what cannot be read as its size.
//!
//! ```text
//! → 0.0  request GET / · packet 4 · 87 B
//! GET / HTTP/1.1
//! ...
//! ← 0.1  sealed · packets 9-10 · 1,412 B
//! [bytes that are no text: 5 metadata, 1,391 sealed, 16 tag]
//! ```

use std::io;
use std::ops::ControlFlow;

use super::table::{counted, grouped};
use super::{Format, Out, json, show};
use crate::bytes::{Class, Ledger, Split, escape_bytes};
use crate::explain::{Follower, Passage};
use crate::protocols::Side;
use crate::trace::Trace;

/// How bytes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// Readable ones as text.
    Text,
    /// As hexadecimal digits, with ASCII and classes.
    Hex,
}

/// Prints what is said in a flow as it hears it.
pub struct Conversation<'a> {
    out: &'a mut Out,
    trace: &'a Trace,
    format: Format,
    bytes: Bytes,
    /// The only side that is wanted.
    only: Option<Side>,
    flow: u32,
    /// What went wrong, if something did.
    pub result: io::Result<()>,
}

impl<'a> Conversation<'a> {
    /// A printer for flow `flow`.
    pub fn new(
        out: &'a mut Out,
        trace: &'a Trace,
        format: Format,
        bytes: Bytes,
        only: Option<Side>,
        flow: u32,
    ) -> Conversation<'a> {
        Conversation { out, trace, format, bytes, only, flow, result: Ok(()) }
    }

    fn print(&mut self, passage: &Passage) -> io::Result<()> {
        if self.format == Format::Json {
            return self.out.json(&json::Passage::new(self.trace, self.flow, passage));
        }
        let heading = self.heading(passage);
        self.out.line(&self.out.style.strong(&heading))?;
        match self.bytes {
            Bytes::Hex => {
                let seen = |class| Some(class).filter(|class| self.trace.sees(*class));
                let classes: Vec<Option<Class>> =
                    passage.runs().into_iter().flat_map(|(range, class)| range.map(move |_| seen(class))).collect();
                show::hex(self.out, &passage.bytes, Some(&classes))
            }
            Bytes::Text => self.text(passage),
        }
    }

    fn heading(&self, passage: &Passage) -> String {
        let arrow = if passage.side == Side::Client { "→" } else { "←" };
        let mut parts = vec![arrow.to_owned()];
        if let Some((number, message, subject)) = &passage.message {
            parts.push(format!("{}.{number}  {}", self.flow, message.what));
            if !subject.is_empty() {
                parts.push(escape_bytes(subject.as_bytes()).into_owned());
            }
            parts.push("·".to_owned());
        }
        parts.push(format!("{} · {} B", numbered(&passage.packets()), grouped(passage.bytes.len() as u64)));
        if passage.missing > 0 {
            parts.push(format!("· {} before it not captured", counted(passage.missing, "byte")));
        }
        parts.join(" ")
    }

    /// Readable text as it is, everything else as its size by class.
    fn text(&mut self, passage: &Passage) -> io::Result<()> {
        if let Some(decoded) = &passage.decoded {
            let line = format!("[decoded: {}]", counted(decoded.len() as u64, "byte"));
            self.out.line(&self.out.style.quiet(&line))?;
            return if is_text(decoded) { self.lines(decoded) } else { Ok(()) };
        }
        let mut untold = Ledger::default();
        for (range, class) in passage.runs() {
            let bytes = passage.bytes.get(range).unwrap_or(&[]);
            let readable = class.split() == Split::Visible || class == Class::Unknown;
            if readable && self.trace.sees(class) && is_text(bytes) {
                self.sizes(&std::mem::take(&mut untold))?;
                self.lines(bytes)?;
            } else {
                untold.add(class, bytes.len() as u64);
            }
        }
        self.sizes(&untold)
    }

    fn sizes(&mut self, ledger: &Ledger) -> io::Result<()> {
        let present = ledger.iter().filter(|(class, bytes)| *bytes > 0 && self.trace.sees(*class));
        let seen = present.map(|(class, bytes)| format!("{} {}", grouped(bytes), class.name()));
        let dark: u64 = ledger.iter().filter(|(class, _)| !self.trace.sees(*class)).map(|(_, bytes)| bytes).sum();
        let sizes: Vec<String> = seen.chain((dark > 0).then(|| format!("{} dark", grouped(dark)))).collect();
        if sizes.is_empty() {
            return Ok(());
        }
        let line = format!("[bytes that are no text: {}]", sizes.join(", "));
        self.out.line(&self.out.style.quiet(&line))
    }

    fn lines(&mut self, text: &[u8]) -> io::Result<()> {
        let whole = text.strip_suffix(b"\n").unwrap_or(text);
        for line in whole.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // A tab moves the cursor and nothing else.
            let parts: Vec<_> = line.split(|byte| *byte == b'\t').map(escape_bytes).collect();
            self.out.line(&parts.join("\t"))?;
        }
        Ok(())
    }
}

impl Follower for Conversation<'_> {
    fn passage(&mut self, passage: Passage) -> ControlFlow<()> {
        if self.only.is_some_and(|only| only != passage.side) {
            return ControlFlow::Continue(());
        }
        self.result = self.print(&passage);
        if self.result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Whether bytes are meant to be read by people: nearly all of their characters are printable.
pub fn is_text(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let (mut odd, mut all) = (0usize, 0usize);
    for c in text.chars() {
        all += 1;
        odd += usize::from(c == char::REPLACEMENT_CHARACTER || c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
    }
    odd * 20 <= all
}

/// `packet 4`, `packets 4-6`, `packets 4, 6`.
pub(super) fn numbered(packets: &[u32]) -> String {
    const MOST: usize = 4;
    match packets {
        [] => "no packet".to_owned(),
        [one] => format!("packet {one}"),
        [first, .., last] if (last - first) as usize == packets.len() - 1 => format!("packets {first}-{last}"),
        [first, .., last] if packets.len() > MOST => format!("{} packets {first}-{last}", packets.len()),
        many => format!("packets {}", many.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")),
    }
}
