//! What is said in flows, message by message.

use std::io;

use super::table::{Align, grouped, pad};
use super::{Format, Out, json};
use crate::bytes::escape_bytes;
use crate::protocols;
use crate::trace::Trace;

/// Prints one line a message, numbered `flow.message`.
pub fn messages(out: &mut Out, format: Format, trace: &Trace) -> io::Result<()> {
    let mut next = vec![0u32; trace.flows().all().len()];
    for row in trace.messages() {
        let Some(number) = next.get_mut(row.flow as usize) else { continue };
        let this = std::mem::replace(number, number.saturating_add(1));
        if format == Format::Json {
            out.json(&json::Message::new(trace, row, this))?;
            continue;
        }
        let packets =
            if row.first == row.last { row.last.to_string() } else { format!("{}-{}", row.first, row.last) };
        let subject = escape_bytes(trace.subject(row));
        let line = format!(
            "{} {} {:6} {:8} {:>9} B  {} {subject}",
            pad(&format!("{}.{this}", row.flow), 8, Align::Left),
            pad(&packets, 11, Align::Right),
            row.side.name(),
            protocols::at(row.protocol).map_or("?", |protocol| protocol.name()),
            grouped(row.length.into()),
            row.what,
        );
        out.line(line.trim_end())?;
    }
    Ok(())
}
