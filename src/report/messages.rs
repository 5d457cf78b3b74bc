//! What is said in flows, message by message.

use std::io;

use super::table::{Align, delay, grouped, pad};
use super::{Format, Out, json};
use crate::bytes::escape_bytes;
use crate::exposure::{Exchange, Exchanges};
use crate::flow::NO_FLOW;
use crate::protocols;
use crate::trace::Trace;

/// Prints one line a message, numbered `flow.message`: of those that one of the packets `only` completes, if packets are
/// given.
pub fn messages(out: &mut Out, format: Format, trace: &Trace, only: Option<&[u32]>) -> io::Result<()> {
    let exchanges = Exchanges::new(trace);
    for (row, this) in trace.messages().iter().zip(exchanges.numbers()) {
        if only.is_some_and(|only| only.binary_search(&row.last).is_err()) {
            continue;
        }
        if format == Format::Json {
            out.json(&json::Message::new(trace, &row, *this, exchanges.of(trace, &row, *this)))?;
            continue;
        }
        let packets =
            if row.first == row.last { row.last.to_string() } else { format!("{}-{}", row.first, row.last) };
        let subject = escape_bytes(trace.subject(&row));
        let line = format!(
            "{} {} {:6} {:8} {:>9} B  {} {subject}{}",
            pad(&name(row.flow, *this), 8, Align::Left),
            pad(&packets, 11, Align::Right),
            row.side.name(),
            protocols::at(row.protocol).map_or("?", |protocol| protocol.name()),
            grouped(row.length.into()),
            row.what,
            match exchanges.of(trace, &row, *this) {
                Exchange::None | Exchange::Asks { answered: true } => String::new(),
                Exchange::Asks { answered: false } => "  (no answer)".to_owned(),
                Exchange::Answers { question: (flow, number), after, answered } => {
                    let open = if answered == Some(false) { "; no answer" } else { "" };
                    format!("  (answers {} after {}{open})", name(flow, number), delay(after))
                }
            },
        );
        out.line(line.trim_end())?;
    }
    Ok(())
}

/// A message as it is called: flow and number. Messages of packets that belong to no flow (ARP) are counted by
/// themselves.
pub(super) fn name(flow: u32, number: u32) -> String {
    if flow == NO_FLOW { format!("-.{number}") } else { format!("{flow}.{number}") }
}
