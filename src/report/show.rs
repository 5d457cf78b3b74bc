//! One packet in full: envelopes within envelopes, then every byte with its class.
//!
//! ```text
//! Ethernet                            0-14    14 B
//! │ Destination  02:42:c0:00:02:01    0-6
//! │ IPv4                             14-34    20 B
//! │ │ TCP                            34-66    32 B
//!
//! 0000  02 42 c0 00 02 01 02 42 c0 00 02 0a 08 00 45 00  .B.....B......E.  LLLLLLLLLLLLLLNN
//! ```

use std::io;

use unicode_width::UnicodeWidthStr as _;

use super::table::{self, Align, counted, grouped};
use super::{Format, Line, Out, Style, json};
use crate::bytes::{Class, Kind, Ledger, Node};
use crate::explain::Explained;
use crate::flow::NO_FLOW;
use crate::trace::Trace;

/// The widest that the column of labels and values may be: spans stand behind it.
const WIDEST: usize = 60;

/// Values longer than this are cut in the tree; the bytes below have all of it.
const LONGEST_VALUE: usize = 120;

/// Prints a packet in full.
pub fn show(out: &mut Out, format: Format, trace: &Trace, explained: &Explained) -> io::Result<()> {
    if format == Format::Json {
        return as_json(out, trace, explained);
    }
    head(out, trace, explained)?;
    out.line("")?;
    tree(out, explained)?;
    out.line("")?;
    let seen: Vec<Option<Class>> =
        explained.classes.iter().map(|class| Some(*class).filter(|class| trace.sees(*class))).collect();
    let legend: Vec<String> = legend(&seen, out.style);
    out.line(&legend.join("  "))?;
    hex(out, &explained.bytes, Some(&seen))?;
    for derived in explained.tree.derived() {
        out.line("")?;
        let length = derived.bytes.len() as u64;
        out.line(&format!("{}, {} ({})", derived.label, counted(length, "byte"), origins(derived)))?;
        hex(out, &derived.bytes, None)?;
    }
    Ok(())
}

/// The packet's line, a line for each field found, a line for each run of bytes of one class.
fn as_json(out: &mut Out, trace: &Trace, explained: &Explained) -> io::Result<()> {
    let line = Line::of(explained.number, &explained.outline, &explained.tree, &explained.bytes, trace);
    if let Some(packet) = json::Packet::new(trace, explained.number, &line.layers, &line.info) {
        out.json(&packet)?;
    }
    for node in explained.tree.nodes() {
        out.json(&json::NodeLine::new(explained, node))?;
    }
    json::Run::all(trace, explained).iter().try_for_each(|run| out.json(run))
}

fn head(out: &mut Out, trace: &Trace, explained: &Explained) -> io::Result<()> {
    let Some(row) = trace.row(explained.number) else { return Ok(()) };
    let mut bytes = counted(row.captured.into(), "byte");
    if row.length != row.captured {
        bytes = format!("{bytes} of {}", grouped(row.length.into()));
    }
    let mut parts = vec![format!("packet {}", explained.number), bytes];
    if row.timed() {
        let fraction = table::seconds(row.time.rem_euclid(1_000_000_000));
        let date = table::date(row.time);
        parts.push(format!("{}{} UTC", date.trim_end_matches(" UTC"), fraction.trim_start_matches('0')));
    }
    if row.flow != NO_FLOW {
        parts.push(format!("flow {}, from the {}", row.flow, row.side().name()));
    }
    let strong = out.style.strong(&parts.join(" · "));
    out.line(&strong)
}

fn tree(out: &mut Out, explained: &Explained) -> io::Result<()> {
    let text = |node: &Node| {
        let mut text = format!("{}{}", "│ ".repeat(node.depth.into()), node.field.label);
        if node.field.kind != Kind::Group {
            text.push_str(": ");
            text.push_str(&cut(&explained.tree.text(node, &explained.bytes)));
        }
        text
    };
    // The frame's own fields stand in no byte and in the line above.
    let nodes = explained.tree.nodes().iter().filter(|node| !node.field.name.starts_with("frame."));
    let texts: Vec<(String, &Node)> = nodes.map(|node| (text(node), node)).collect();
    let width = texts.iter().map(|(text, _)| text.width()).max().unwrap_or(0).min(WIDEST);
    for (text, node) in &texts {
        let heading = node.field.kind == Kind::Group;
        let padded = table::pad(text, width, Align::Left);
        let padded = if heading { out.style.class(node.field.class, &padded) } else { padded };
        let line = format!("{padded}  {}", place(node, heading));
        out.line(line.trim_end())?;
    }
    Ok(())
}

/// Where a node stands: nothing for values that stand in no byte.
fn place(node: &Node, heading: bool) -> String {
    if node.start == node.end {
        return String::new();
    }
    let span = format!("{}-{}", node.start, node.end);
    let source = if node.source == 0 { String::new() } else { format!("  in [{}]", node.source) };
    let size = if heading { format!("{:>8} B", grouped(u64::from(node.end - node.start))) } else { String::new() };
    format!("{span:>11}{size}{source}")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_VALUE {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(LONGEST_VALUE).collect();
    out.push('…');
    out
}

fn legend(seen: &[Option<Class>], style: Style) -> Vec<String> {
    let mut ledger = Ledger::default();
    seen.iter().flatten().for_each(|class| ledger.add(*class, 1));
    let present = ledger.iter().filter(|(_, bytes)| *bytes > 0);
    let classes = present
        .map(|(class, bytes)| style.class(class, &format!("{} {} {}", class.letter(), class.name(), grouped(bytes))));
    let dark = seen.iter().filter(|class| class.is_none()).count() as u64;
    classes.chain((dark > 0).then(|| format!("{DARK} dark {}", grouped(dark)))).collect()
}

/// The letter of bytes that the observer does not see.
const DARK: char = '-';

fn origins(derived: &crate::bytes::Derived) -> String {
    let mut packets: Vec<u32> = derived.origins.iter().map(|piece| piece.packet).collect();
    packets.sort_unstable();
    packets.dedup();
    match packets.as_slice() {
        [] => "decoded: these bytes stand in no packet".to_owned(),
        [one] => format!("from packet {one}"),
        many => format!("from packets {}", many.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Sixteen bytes a line, with the class of each if classes are known; those without one are dark.
pub(super) fn hex(out: &mut Out, bytes: &[u8], classes: Option<&[Option<Class>]>) -> io::Result<()> {
    const ROW: usize = 16;
    let style = out.style;
    for (at, row) in bytes.chunks(ROW).enumerate() {
        let of = |n: usize| classes.map(|classes| classes.get(at * ROW + n).copied().flatten());
        let paint = |n: usize, text: &str| match of(n) {
            Some(Some(class)) => style.class(class, text),
            Some(None) => text.chars().map(|_| DARK).collect(),
            None => text.to_owned(),
        };
        let mut digits = String::new();
        let mut letters = String::new();
        let mut text = String::new();
        for (n, byte) in row.iter().enumerate() {
            digits.push_str(if n == ROW / 2 { "  " } else { " " });
            digits.push_str(&paint(n, &format!("{byte:02x}")));
            let shown = if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
            text.push_str(&paint(n, &shown.to_string()));
            if let Some(class) = of(n) {
                letters.push_str(&paint(n, &class.map_or(DARK, Class::letter).to_string()));
            }
        }
        let gap = (ROW - row.len()) * 3 + usize::from(row.len() <= ROW / 2);
        let room = " ".repeat(ROW - row.len());
        let line = format!("{:04x} {digits}{}  {text}{room}  {letters}", at * ROW, " ".repeat(gap));
        out.line(line.trim_end())?;
    }
    Ok(())
}
