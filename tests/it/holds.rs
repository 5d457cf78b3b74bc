//! What must hold of every capture, damaged or not. The tests assert it of fixtures and of what is made of them, the
//! fuzz targets (which take this file as it is) of whatever they find.

use std::io::{self, Write};
use std::ops::ControlFlow;

use husk::bytes::{Class, Kind, Ledger, Split, Tree};
use husk::capture::{Fetch, Source};
use husk::explain::{Explained, Explainer, Follower, Passage, Wanted, follow, stream, units};
use husk::exposure::Scope;
use husk::flow::{MessageRow, NO_FLOW};
use husk::report::{self, Bytes, Conversation, Format, Line, Lines, Out, Style};
use husk::trace::{Heard, Listener, Pass, Trace};

/// Reads a capture quietly. `None` if it is none.
pub(crate) fn read(bytes: &[u8]) -> Option<(Source, Trace)> {
    let mut pass = Pass::new(Source::from_bytes(bytes.to_vec()).ok()?);
    let trace = pass.run();
    Some((pass.into_source(), trace))
}

/// The books balance: each packet's classes sum to its captured length, all packets to the total, flows and packets
/// without a flow to the total.
pub(crate) fn sums(trace: &Trace) {
    let mut all = Ledger::default();
    let mut homeless = Ledger::default();
    for (row, number) in trace.rows().iter().zip(1..) {
        let ledger = trace.ledger(number);
        assert_eq!(ledger.total(), u64::from(row.captured), "packet {number}");
        all += ledger;
        if row.flow == NO_FLOW {
            homeless += ledger;
        }
    }
    assert_eq!(all, trace.total(), "packets against the total");
    let flows = trace.flows().all().iter().fold(homeless, |sum, flow| sum + flow.ledger());
    assert_eq!(flows, trace.total(), "flows and packets without one against the total");
    let parts = [Split::Visible, Split::Encrypted, Split::Neither].map(|part| all.split(part));
    assert_eq!(parts.iter().sum::<u64>(), all.total(), "who can read it");
}

/// Hears everything and keeps only what must not depend on being heard.
struct Ear {
    packets: u32,
}

impl Listener for Ear {
    fn tree(&self) -> Tree {
        Tree::new()
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        self.packets += 1;
        assert_eq!(heard.number, self.packets);
        nodes(heard.tree, heard.bytes);
        true
    }
}

/// Every node stands within its source, and has a text.
fn nodes(tree: &Tree, bytes: &[u8]) {
    for node in tree.nodes() {
        assert!(node.start <= node.end, "{} ends before it begins", node.field.name);
        if node.source == 0 {
            assert!(node.end as usize <= bytes.len(), "{} ends at {}", node.field.name, node.end);
        }
        let _ = tree.text(node, bytes);
    }
}

fn message(m: MessageRow) -> (u32, u32, u32, u64, u32, &'static str) {
    (m.flow, m.first, m.last, m.offset, m.length, m.what)
}

/// A quiet and a listening pass leave the same behind.
pub(crate) fn looking_changes_nothing(quiet: &Trace, source: Source) {
    let mut ear = Ear { packets: 0 };
    let heard = Pass::new(source).with_listener(&mut ear).run();
    assert_eq!(quiet.rows().len(), heard.rows().len());
    for number in 1..=quiet.rows().len() as u32 {
        assert_eq!(quiet.ledger(number), heard.ledger(number), "packet {number}");
        assert_eq!(quiet.row(number).map(|row| row.flow), heard.row(number).map(|row| row.flow), "packet {number}");
    }
    for (quiet, heard) in quiet.messages().iter().zip(heard.messages().iter()) {
        assert_eq!(message(quiet), message(heard));
    }
    assert_eq!(quiet.messages().len(), heard.messages().len(), "messages");
    let fact = |trace: &Trace| {
        let words = |value| trace.words().at(value).to_vec();
        let facts = trace.facts().iter();
        facts.map(|f| (f.field.name, f.flow, f.packet, f.start, f.end, words(f.value))).collect::<Vec<_>>()
    };
    assert_eq!(fact(quiet), fact(&heard));
}

/// Packets read again have the classes that the pass gave them.
pub(crate) fn explaining_agrees(trace: &Trace, fetch: &Fetch, numbers: impl Iterator<Item = u32>) {
    let mut explainer = Explainer::default();
    for number in numbers {
        let Ok(Some(explained)) = explainer.explain(fetch, number, || Some(trace)) else {
            panic!("packet {number} was read a moment ago");
        };
        assert_eq!(explained.ledger(), trace.ledger(number), "packet {number}");
        assert_eq!(explained.bytes.len(), explained.classes.len(), "packet {number}");
        nodes(&explained.tree, &explained.bytes);
        tame(|out, format| report::show(out, format, trace, &explained));
    }
}

/// Every byte of a header stands under a field. Of fragments it is shown with the packet that completes the datagram.
pub(crate) fn headers_are_shown(explained: &Explained) {
    if explained.outline.fragment.is_some() {
        return;
    }
    let mut shown = vec![false; explained.bytes.len()];
    let derived = explained.tree.derived().iter().flat_map(|derived| &derived.origins);
    for piece in derived.filter(|piece| piece.packet == explained.number) {
        shown[piece.at as usize..(piece.at + piece.length) as usize].fill(true);
    }
    for node in explained.tree.nodes().iter().filter(|node| node.source == 0 && node.field.kind != Kind::Group) {
        shown[node.start as usize..node.end as usize].fill(true);
    }
    let headers = [Class::Link, Class::Network, Class::Transport];
    for (at, class) in explained.classes.iter().enumerate() {
        let hidden = headers.contains(class) && !shown[at];
        assert!(!hidden, "packet {}: byte {at} ({class:?}) is in no field", explained.number);
    }
}

/// Hears a flow's passages: they are the messages of the pass, and every byte of them came from somewhere.
struct Companion {
    /// The messages of the flow as the pass read them, those that were not heard yet.
    messages: Vec<MessageRow>,
    heard: u32,
}

impl Follower for Companion {
    fn passage(&mut self, passage: Passage) -> ControlFlow<()> {
        let length = passage.bytes.len() as u64;
        assert_eq!(passage.ledger().total(), length, "a passage's classes sum to its length");
        for piece in &passage.origins {
            assert!(piece.end() <= length, "what packet {} brought ends behind the passage", piece.packet);
        }
        if let Some((number, row, _)) = &passage.message {
            assert_eq!(*number, self.heard, "messages are counted one by one");
            self.heard += 1;
            let found = self.messages.iter().position(|known| message(*known) == message(*row));
            let Some(found) = found else { panic!("the pass did not read message {number}: {row:?}") };
            self.messages.swap_remove(found);
        }
        ControlFlow::Continue(())
    }
}

/// Following a flow tells the messages that the pass read, each once; what carried them lies within packets.
pub(crate) fn following_agrees(trace: &Trace, fetch: &Fetch, flow: u32) {
    let messages = trace.messages().iter().filter(|message| message.flow == flow).collect();
    let mut companion = Companion { messages, heard: 0 };
    assert!(follow(trace, fetch, flow, &mut companion).is_ok_and(|known| known), "flow {flow} is there");
    assert!(companion.messages.is_empty(), "flow {flow}: not heard when following: {:?}", companion.messages);
    let ladders = units(trace, fetch, flow, Wanted::All).ok().flatten().unwrap_or_default();
    assert_eq!(ladders.len(), companion.heard as usize, "flow {flow}: a ladder for each message");
    for part in ladders.iter().flat_map(|ladder| &ladder.parts) {
        let captured = trace.row(part.packet).map_or(0, |row| u64::from(row.captured));
        let end = part.at.map_or(0, |at| u64::from(at) + part.length);
        assert!(end <= captured, "a part ends behind packet {}", part.packet);
    }
    tame(|out, format| report::units(out, format, trace, &ladders));
    for bytes in [Bytes::Text, Bytes::Hex] {
        // A tab moves the cursor within a conversation's line, and nothing else.
        tame_but_for(Some('\t'), |out, format| {
            let mut conversation = Conversation::new(out, trace, format, bytes, None, flow);
            follow(trace, fetch, flow, &mut conversation)?;
            conversation.result
        });
    }
    if let Ok(Some(sides)) = stream(trace, fetch, flow) {
        for side in sides {
            let carried = side.origins.iter().map(|piece| u64::from(piece.length)).sum::<u64>();
            assert_eq!(carried, side.bytes.len() as u64, "flow {flow}: every byte was carried by one packet");
        }
    }
}

/// Prints lines of packets as it hears them.
struct Printer<'a> {
    lines: Lines,
    trace: &'a Trace,
    format: Format,
    out: &'a mut Out,
}

impl Listener for Printer<'_> {
    fn tree(&self) -> Tree {
        Tree::only(report::wanted_fields())
    }

    fn packet(&mut self, heard: &Heard<'_>) -> bool {
        let line = Line::new(heard, self.trace);
        let told = match self.format {
            Format::Text => self.lines.print(self.out, &line, self.trace),
            Format::Json => self.lines.json(self.out, &line, self.trace),
        };
        told.is_ok()
    }
}

/// Whatever is told of a capture can be shown to a terminal.
pub(crate) fn telling_is_tame(source: &Source, trace: &Trace) {
    tame(|out, format| report::summary(out, format, source, trace));
    tame(|out, format| report::flows(out, format, trace, None));
    tame(|out, format| report::messages(out, format, trace, None));
    tame(|out, format| report::exposure(out, format, trace, &Scope::ALL, None));
    tame(|out, format| {
        let Ok(again) = source.again() else { return Ok(()) };
        let mut printer = Printer { lines: Lines::new(trace, true), trace, format, out };
        Pass::new(again).with_listener(&mut printer).run();
        Ok(())
    });
}

/// Prints in every format to a terminal that takes nothing hostile.
fn tame(print: impl FnMut(&mut Out, Format) -> io::Result<()>) {
    tame_but_for(None, print);
}

fn tame_but_for(allowed: Option<char>, mut print: impl FnMut(&mut Out, Format) -> io::Result<()>) {
    for format in [Format::Text, Format::Json] {
        let mut out = Out::to(Box::new(Terminal { line: Vec::new(), format, allowed }), Style::new(false));
        print(&mut out, format).and_then(|()| out.flush()).unwrap_or_else(|error| panic!("{format:?}: {error}"));
    }
}

/// A terminal that fails when it is told anything but lines of plain text, or lines of JSON.
struct Terminal {
    line: Vec<u8>,
    format: Format,
    allowed: Option<char>,
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            if *byte != b'\n' {
                self.line.push(*byte);
                continue;
            }
            let line = std::str::from_utf8(&self.line).map_err(io::Error::other)?;
            if let Some(c) = line.chars().find(|c| is_hostile(*c) && Some(*c) != self.allowed) {
                return Err(io::Error::other(format!("{c:?} in {line:?}")));
            }
            if self.format == Format::Json && !(line.starts_with("{\"v\":1,\"kind\":") && line.ends_with('}')) {
                return Err(io::Error::other(format!("no JSON line: {line:?}")));
            }
            self.line.clear();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.line.is_empty() { Ok(()) } else { Err(io::Error::other("a line without an end")) }
    }
}

/// Whether a character could steer a terminal, hide itself, or reorder its neighbours.
pub(crate) fn is_hostile(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() || invisible
}
