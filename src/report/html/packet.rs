//! A packet as evidence: its layers as boxes within each other, and its bytes by class.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use askama::Template;

use super::leaks::Told;
use super::{Telling, cut, left_out};
use crate::bytes::{Class, Kind, Node};
use crate::explain::{Explained, Explainer};
use crate::protocols;
use crate::report::Line;
use crate::report::table::{self, counted, grouped};

/// Packets on a page: one for each kind of thing that was learned, and some.
const MOST_PACKETS: usize = 32;

/// Rows of bytes of one packet: the first of them, and those around the evidence.
const MOST_ROWS: usize = 40;

/// Bytes in a row.
const ROW: usize = 16;

/// Fields that are named of one layer.
const MOST_FIELDS: usize = 6;

/// Characters of a field's value.
const LONGEST_VALUE: usize = 60;

/// The packets that are shown, and what is told by which bytes.
pub(super) struct Chosen {
    pub(super) numbers: Vec<u32>,
    evidence: BTreeMap<u32, Vec<Range<usize>>>,
    pub(super) left_out: Option<String>,
}

/// A packet.
#[derive(Template)]
#[template(path = "report/packet.html")]
pub(super) struct PacketFigure {
    number: u32,
    what: String,
    circumstances: String,
    layers: Vec<Layer>,
    bytes_caption: String,
    rows: Vec<Row>,
    legend: Vec<Legend>,
    left_out: Option<String>,
}

/// A template of its own, and so escaped already.
impl askama::filters::HtmlSafe for PacketFigure {}

struct Layer {
    class: char,
    label: &'static str,
    size: String,
    fields: Vec<Named>,
}

struct Named {
    label: &'static str,
    value: String,
}

struct Row {
    at: String,
    runs: Vec<Run>,
}

/// Bytes of one look.
struct Run {
    class: String,
    digits: String,
    text: String,
    letters: String,
}

struct Legend {
    letter: char,
    says: String,
}

/// Chooses packets: the first evidence of each kind of leak first, then what else tells something, in order.
pub(super) fn chosen(telling: &Telling<'_>, told: &[Told<'_>]) -> Chosen {
    let mut evidence: BTreeMap<u32, Vec<Range<usize>>> = BTreeMap::new();
    let mut first: Vec<u32> = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    for one in told {
        for place in &one.leak.evidence {
            evidence.entry(place.packet).or_default().push(place.from as usize..place.to as usize);
        }
        if let Some(place) = one.leak.evidence.first().filter(|place| place.to > place.from)
            && !kinds.contains(&one.leak.kind.name)
        {
            kinds.push(one.leak.kind.name);
            if !first.contains(&place.packet) {
                first.push(place.packet);
            }
        }
    }
    evidence.retain(|number, _| telling.seen_by.is_none_or(|view| view.packet(telling.trace, *number)));
    let others = evidence.keys().copied().filter(|number| !first.contains(number));
    let mut numbers: Vec<u32> = first.iter().copied().chain(others).take(MOST_PACKETS).collect();
    numbers.retain(|number| evidence.contains_key(number));
    numbers.sort_unstable();
    let left_out = left_out(evidence.len(), numbers.len(), "more packet that tells something");
    Chosen { numbers, evidence, left_out }
}

/// A packet's figure; nothing if there is no such packet.
pub(super) fn figure(
    telling: &Telling<'_>,
    explainer: &mut Explainer,
    number: u32,
    chosen: &Chosen,
) -> io::Result<Option<PacketFigure>> {
    let fetch = telling.source.fetch();
    let Some(explained) = explainer.explain(&fetch, number, || Some(telling.trace))? else { return Ok(None) };
    let evidence = chosen.evidence.get(&number).map_or(&[][..], Vec::as_slice);
    let line = Line::of(number, &explained.outline, &explained.tree, &explained.bytes, telling.trace);
    let (rows, rows_left_out) = rows(telling, &explained, evidence);
    Ok(Some(PacketFigure {
        number,
        what: cut(&line.info, 120),
        circumstances: circumstances(telling, &line, number),
        layers: layers(telling, &explained),
        bytes_caption: format!("Bytes of packet {number}. Framed: what told something."),
        rows,
        legend: legend(&explained),
        left_out: rows_left_out,
    }))
}

fn circumstances(telling: &Telling<'_>, line: &Line, number: u32) -> String {
    let mut parts = vec![format!("from {} to {}", line.source, line.destination)];
    if let Some(row) = telling.trace.row(number) {
        parts.push(counted(row.captured.into(), "byte"));
        let first = telling.trace.row(1).filter(|first| first.timed() && row.timed());
        if let Some(first) = first {
            parts.push(format!("{} after the first packet", table::delay(row.time.saturating_sub(first.time))));
        }
    }
    parts.join(" · ")
}

/// The protocols of a packet, outermost first, with some fields of each.
fn layers(telling: &Telling<'_>, explained: &Explained) -> Vec<Layer> {
    let nodes = explained.tree.nodes();
    let is_layer = |node: &Node| {
        node.field.kind == Kind::Group
            && node.field.name != "frame"
            && protocols::LIST.iter().any(|protocol| protocol.heading == *node.field)
    };
    let places: Vec<usize> = nodes.iter().enumerate().filter(|(_, node)| is_layer(node)).map(|(at, _)| at).collect();
    let mut layers = Vec::new();
    for (n, at) in places.iter().enumerate() {
        let Some(node) = nodes.get(*at) else { continue };
        let class = node.field.class;
        let dark = telling.seen_by.is_some_and(|view| !view.sees(class));
        let end = places.get(n + 1).copied().unwrap_or(nodes.len());
        let said = nodes.get(at + 1..end).unwrap_or_default().iter().filter(|field| {
            field.depth == node.depth + 1 && field.field.kind != Kind::Group && field.end > field.start
        });
        let fields = some_of(said.filter(|_| !dark).collect()).into_iter().map(|field| Named {
            label: field.field.label,
            value: cut(&explained.tree.text(field, &explained.bytes), LONGEST_VALUE),
        });
        let size = u64::from(node.end.saturating_sub(node.start));
        let size = match (node.source, size) {
            (_, 0) => String::new(),
            (0, size) => format!("{}, {} to {}", counted(size, "byte"), node.start, node.end - 1),
            (_, size) => format!("{}, put together from packets", counted(size, "byte")),
        };
        layers.push(Layer { class: class.letter(), label: node.field.label, size, fields: fields.collect() });
    }
    layers
}

/// Some of the fields, in their order: addresses rather than others, the first rather than the last.
fn some_of(mut fields: Vec<&Node>) -> Vec<&Node> {
    let is_address = |field: &Node| matches!(field.field.kind, Kind::Mac | Kind::Ipv4 | Kind::Ipv6);
    let mut left = MOST_FIELDS.saturating_sub(fields.iter().filter(|field| is_address(field)).count());
    fields.retain(|field| {
        is_address(field) || {
            let stays = left > 0;
            left = left.saturating_sub(1);
            stays
        }
    });
    fields.truncate(MOST_FIELDS);
    fields
}

/// The rows that are shown: the first ones, and those with evidence.
fn rows(telling: &Telling<'_>, explained: &Explained, evidence: &[Range<usize>]) -> (Vec<Row>, Option<String>) {
    let all = explained.bytes.len().div_ceil(ROW);
    let tells = |row: usize| {
        evidence.iter().any(|range| range.start < (row + 1) * ROW && range.end > row * ROW && !range.is_empty())
    };
    let mut shown: Vec<usize> = (0..all).filter(|row| tells(*row)).take(MOST_ROWS / 2).collect();
    let rest = (0..all).filter(|row| !shown.contains(row)).take(MOST_ROWS - shown.len());
    let rest: Vec<usize> = rest.collect();
    shown.extend(rest);
    shown.sort_unstable();
    let rows: Vec<Row> = shown.iter().map(|row| self::row(telling, explained, evidence, *row)).collect();
    let bytes: usize = shown.iter().map(|row| explained.bytes.len().saturating_sub(row * ROW).min(ROW)).sum();
    (rows, left_out(explained.bytes.len(), bytes, "more byte of this packet"))
}

fn row(telling: &Telling<'_>, explained: &Explained, evidence: &[Range<usize>], row: usize) -> Row {
    let mut runs: Vec<Run> = Vec::new();
    let from = row * ROW;
    for at in from..(from + ROW).min(explained.bytes.len()) {
        let byte = explained.bytes.get(at).copied().unwrap_or_default();
        let class = explained.classes.get(at).copied().unwrap_or(Class::Unknown);
        let dark = telling.seen_by.is_some_and(|view| !view.sees(class));
        let look = match (dark, evidence.iter().any(|range| range.contains(&at))) {
            (true, _) => "dark".to_owned(),
            (false, true) => format!("{} told", class.letter()),
            (false, false) => class.letter().to_string(),
        };
        let shown = if (b' '..=b'~').contains(&byte) { char::from(byte) } else { '.' };
        let (digits, shown) = if dark { ("··".to_owned(), '·') } else { (format!("{byte:02x}"), shown) };
        let gap = if at == from { "" } else { " " };
        match runs.last_mut().filter(|run| run.class == look) {
            Some(run) => {
                run.digits.push_str(gap);
                run.digits.push_str(&digits);
                run.text.push(shown);
                run.letters.push(class.letter());
            }
            None => runs.push(Run {
                class: look,
                digits: format!("{gap}{digits}"),
                text: shown.to_string(),
                letters: class.letter().to_string(),
            }),
        }
    }
    Row { at: format!("{from:04x}"), runs }
}

fn legend(explained: &Explained) -> Vec<Legend> {
    let ledger = explained.ledger();
    let present = ledger.iter().filter(|(_, bytes)| *bytes > 0);
    present
        .map(|(class, bytes)| Legend { letter: class.letter(), says: format!("{} {}", class.name(), grouped(bytes)) })
        .collect()
}
