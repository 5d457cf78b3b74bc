//! What happened on the way to each site, step by step.
//!
//! ```text
//! shop.example                 0.209 s  1.3 kB out, 38 kB in
//!       0.000  name      10 ms  HTTPS? shop.example
//!       0.011  connect   29 ms  v6 [2001:db8:2::7]:443
//! ```

use std::io;

use serde::Serialize;

use super::table::{Table, grouped, seconds};
use super::{Format, Out};
use crate::exposure::{Step, Visit};

/// A step (`journey`).
#[derive(Serialize)]
struct StepLine<'a> {
    v: u32,
    kind: &'static str,
    site: &'a str,
    step: &'static str,
    what: &'a str,
    outcome: Option<&'static str>,
    time: String,
    took: String,
    flow: u32,
    packet: u32,
    client_bytes: u64,
    server_bytes: u64,
}

impl<'a> StepLine<'a> {
    fn new(visit: &'a Visit, step: &'a Step) -> StepLine<'a> {
        let [client_bytes, server_bytes] = step.bytes;
        StepLine {
            v: super::json::VERSION,
            kind: "step",
            site: &visit.name,
            step: step.kind.name(),
            what: &step.what,
            outcome: step.outcome,
            time: seconds(step.start),
            took: seconds(step.end.saturating_sub(step.start)),
            flow: step.flow,
            packet: step.packet,
            client_bytes,
            server_bytes,
        }
    }
}

/// Prints the steps of each visit.
pub fn journey(out: &mut Out, format: Format, visits: &[Visit]) -> io::Result<()> {
    for (n, visit) in visits.iter().enumerate() {
        if format == Format::Json {
            visit.steps.iter().try_for_each(|step| out.json(&StepLine::new(visit, step)))?;
            continue;
        }
        if n > 0 {
            out.line("")?;
        }
        let [sent, received] = visit.bytes();
        let took = short(visit.end().saturating_sub(visit.start()));
        let heading = format!("{} · {took} s · {} B out, {} B in", visit.name, grouped(sent), grouped(received));
        out.line(&out.style.strong(&heading))?;
        let mut table = Table::new(&[">after", "step", ">took", ">out", ">in", "packet", "what"]);
        for step in &visit.steps {
            let [sent, received] = step.bytes;
            let amount = |bytes: u64| if sent + received > 0 { grouped(bytes) } else { String::new() };
            let outcome = step.outcome.map_or_else(String::new, |outcome| format!(" ({outcome})"));
            table.row(vec![
                short(step.start.saturating_sub(visit.start())),
                step.kind.name().to_owned(),
                short(step.end.saturating_sub(step.start)),
                amount(sent),
                amount(received),
                step.packet.to_string(),
                format!("{}{outcome}", step.what),
            ]);
        }
        table.lines().try_for_each(|line| out.line(&format!("  {line}")))?;
    }
    Ok(())
}

/// Seconds with the digits that count here: tenths of a millisecond.
fn short(nanos: i64) -> String {
    let mut text = seconds(nanos);
    text.truncate(text.len().saturating_sub(5));
    text
}
