//! Tables of the page: sides of the split, classes, flows, names.

use super::bar::{self, Bar};
use super::{Telling, cut, left_out};
use crate::bytes::{Class, Ledger, Split};
use crate::protocols::Side;
use crate::report::json;
use crate::report::table::{counted, grouped, percent};

/// Flows in the table.
const MOST_FLOWS: usize = 300;

/// Names in the table.
const MOST_NAMES: usize = 300;

/// A side of the split.
pub(super) struct Sum {
    pub(super) class: &'static str,
    pub(super) name: &'static str,
    pub(super) percent: String,
    pub(super) bytes: String,
    pub(super) meaning: &'static str,
}

/// The three sides.
pub(super) fn sums(ledger: &Ledger) -> Vec<Sum> {
    const SIDES: [(Split, &str, &str); 3] = [
        (Split::Visible, "Visible", "Whoever carries it can read it."),
        (Split::Encrypted, "Encrypted", "They see that it is there, how much, and when."),
        (Split::Neither, "Neither", "It fills up, or nobody told husk what it is."),
    ];
    SIDES
        .map(|(side, name, meaning)| Sum {
            class: bar::name(side),
            name,
            percent: percent(ledger.split(side), ledger.total()),
            bytes: counted(ledger.split(side), "byte"),
            meaning,
        })
        .into()
}

/// A class.
pub(super) struct ClassRow {
    pub(super) letter: char,
    pub(super) name: &'static str,
    pub(super) bytes: String,
    pub(super) percent: String,
    pub(super) meaning: &'static str,
}

/// The classes that are there.
pub(super) fn classes(ledger: &Ledger) -> Vec<ClassRow> {
    let present = ledger.iter().filter(|(_, bytes)| *bytes > 0);
    present
        .map(|(class, bytes)| ClassRow {
            letter: class.letter(),
            name: class.name(),
            bytes: grouped(bytes),
            percent: percent(bytes, ledger.total()),
            meaning: meaning(class),
        })
        .collect()
}

/// What a class is, for somebody who never saw a packet.
const fn meaning(class: Class) -> &'static str {
    match class {
        Class::Link => "the outermost envelope: from one device to the next on the same cable or Wi-Fi",
        Class::Network => "the address of the sender and of the receiver, so that routers can pass it on",
        Class::Transport => "which program it is for, and in which order its parts belong",
        Class::Metadata => {
            "programs arranging things in clear: names that are asked for, greetings, heads of requests"
        }
        Class::Content => "what was sent, in clear: pages, pictures, words",
        Class::Veiled => "encrypted with a key that anybody can work out from the packet itself: no secret",
        Class::Sealed => "encrypted: unreadable without the keys of the two ends",
        Class::Tag => "encryption's own bytes: seals that show whether somebody changed something",
        Class::Padding => "filler that means nothing",
        Class::Unknown => "not understood by husk, or its beginning is not in the capture; it is not guessed",
    }
}

/// A flow.
pub(super) struct FlowRow {
    pub(super) number: u32,
    pub(super) stack: String,
    pub(super) client: String,
    pub(super) server: String,
    pub(super) name: String,
    pub(super) packets: String,
    pub(super) bytes: String,
    pub(super) encrypted: String,
    pub(super) bar: Bar,
}

/// The flows.
pub(super) fn flows(telling: &Telling<'_>) -> (Vec<FlowRow>, Option<String>) {
    let shown = telling.trace.flows().all().iter().filter(|flow| telling.shows_flow(flow.number));
    let all = shown.clone().count();
    let rows = shown.take(MOST_FLOWS).map(|flow| {
        let ledger = flow.ledger();
        let name = telling.names.of_flow(flow.number);
        FlowRow {
            number: flow.number,
            stack: flow.stack().join(" › "),
            client: json::endpoint(flow, Side::Client),
            server: json::endpoint(flow, Side::Server),
            name: name.map_or_else(String::new, |(name, source)| {
                format!("{} (by {})", cut(&telling.names.text(name), 100), source.label())
            }),
            packets: grouped(flow.packets.iter().map(|packets| u64::from(*packets)).sum()),
            bytes: grouped(ledger.total()),
            encrypted: percent(ledger.split(Split::Encrypted), ledger.total()),
            bar: Bar::new(&ledger, "bar"),
        }
    });
    let rows: Vec<FlowRow> = rows.collect();
    let left_out = left_out(all, rows.len(), "more flow");
    (rows, left_out)
}

/// A name.
pub(super) struct NameRow {
    pub(super) name: String,
    pub(super) how: &'static str,
    pub(super) packet: u32,
    pub(super) times: String,
}

/// The names that stand readable.
pub(super) fn names(telling: &Telling<'_>) -> (Vec<NameRow>, Option<String>) {
    let shown = telling.names.seen().iter().filter(|seen| {
        telling.is_host(&telling.names.text(seen.name))
            && telling
                .seen_by
                .is_none_or(|view| view.packet(telling.trace, seen.packet) && view.sees(Class::Metadata))
    });
    let all = shown.clone().count();
    let rows = shown.take(MOST_NAMES).map(|seen| NameRow {
        name: cut(&telling.names.text(seen.name), 120),
        how: seen.source.label(),
        packet: seen.packet,
        times: grouped(seen.times.into()),
    });
    let rows: Vec<NameRow> = rows.collect();
    let left_out = left_out(all, rows.len(), "more name");
    (rows, left_out)
}
