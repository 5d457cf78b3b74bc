//! Whether an expression holds of a capture, and what was found.

use std::io;

use super::{Format, Out, json};
use crate::bytes::escape;
use crate::filter::{Told, Verdict};

/// Prints what came of an expression: as text only what does not hold, and why.
pub fn verdict(out: &mut Out, format: Format, expression: &str, verdict: &Verdict<'_>) -> io::Result<()> {
    let told = verdict.told();
    if format == Format::Json {
        return out.json(&json::Assertion::new(expression, verdict.holds(), &told));
    }
    if verdict.holds() {
        return Ok(());
    }
    out.line(&format!("does not hold: {}", escape(expression)))?;
    told.iter().try_for_each(|test| out.line(&format!("  {}", sentence(test))))
}

/// `leak.sni == "example.com" does not hold; found: shop.example, static.example`.
fn sentence(told: &Told) -> String {
    let holds = if told.holds { "holds" } else { "does not hold" };
    let more = if told.more > 0 { format!(" and {} more", told.more) } else { String::new() };
    match told.found.as_slice() {
        [] => format!("{} {holds}; nothing was found", told.test),
        found => format!("{} {holds}; found: {}{more}", told.test, found.join(", ")),
    }
}
