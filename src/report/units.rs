//! The ladder of units, rung by rung.
//!
//! ```text
//! 5.0 · request GET / · client · 1,783 B
//!   1 message      1,783 B
//!   2 segments     tcp
//!   2 IP packets
//!   2 frames       packets 18, 20
//!
//!   packet      in the packet     in the message
//!       18           66-1514             0-1448
//! ```

use std::io;

use super::follow::numbered;
use super::table::{Table, counted, grouped};
use super::{Format, Out, json};
use crate::bytes::escape_bytes;
use crate::explain::Ladder;
use crate::protocols::{self, Transport};
use crate::trace::Trace;

/// Prints the ladders of messages of one flow.
pub fn units(out: &mut Out, format: Format, trace: &Trace, ladders: &[Ladder]) -> io::Result<()> {
    for (n, ladder) in ladders.iter().enumerate() {
        if format == Format::Json {
            out.json(&json::Units::new(trace, ladder))?;
            continue;
        }
        if n > 0 {
            out.line("")?;
        }
        one(out, trace, ladder)?;
    }
    Ok(())
}

fn one(out: &mut Out, trace: &Trace, ladder: &Ladder) -> io::Result<()> {
    let message = &ladder.message;
    let what = format!("{} {}", message.what, escape_bytes(ladder.subject.as_bytes()));
    let (number, length) = (format!("{}.{}", message.flow, ladder.number), grouped(message.length.into()));
    let heading = format!("{number} · {} · from the {} · {length} B", what.trim_end(), message.side.name());
    out.line(&out.style.strong(&heading))?;
    let protocol = protocols::at(message.protocol).map_or("?", |protocol| protocol.name());
    let flow = trace.flows().all().get(message.flow as usize);
    let carried_as = match flow.and_then(|flow| flow.transport) {
        Some(Transport::Tcp) => "TCP segment",
        Some(Transport::Udp) => "UDP datagram",
        _ => "payload",
    };
    let mut packets: Vec<u32> = ladder.parts.iter().filter(|part| !part.again).map(|part| part.packet).collect();
    packets.sort_unstable();
    packets.dedup();
    let segments = ladder.segments as u64;
    out.line(&format!("  1 {protocol} {}", if protocol == "tls" { "record" } else { "message" }))?;
    out.line(&format!("  {}", counted(segments, carried_as)))?;
    out.line(&format!("  {}", counted(segments, "IP packet")))?;
    out.line(&format!("  {}: {}", counted(ladder.frames as u64, "frame"), numbered(&packets)))?;
    out.line("")?;
    let mut table = Table::new(&[">packet", ">in the packet", ">in the message", ">bytes", ""]);
    for part in &ladder.parts {
        let place = |at: u64| format!("{at}-{}", at + part.length);
        table.row(vec![
            part.packet.to_string(),
            part.at.map_or_else(String::new, |at| place(at.into())),
            place(part.offset),
            grouped(part.length),
            if part.again { "again".to_owned() } else { String::new() },
        ]);
    }
    table.lines().try_for_each(|line| out.line(&format!("  {line}")))
}
