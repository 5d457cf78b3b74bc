//! What was asked on the link, and what came of it.

use std::io;

use serde::Serialize;

use super::table::{Table, delay, seconds};
use super::{Format, Out, json};
use crate::exposure::Round;

/// A question to the link and all that follows from it (`neighbours`).
#[derive(Serialize)]
struct RoundLine<'a> {
    v: u32,
    kind: &'static str,
    protocol: &'static str,
    about: &'a str,
    answered: bool,
    time: String,
    after: String,
    messages: Vec<TurnLine>,
}

#[derive(Serialize)]
struct TurnLine {
    packet: u32,
    what: &'static str,
}

/// Prints one line a round: its messages with their packets, and how long it took.
pub fn rounds(out: &mut Out, format: Format, rounds: &[Round]) -> io::Result<()> {
    let mut table = Table::new(&["asked by", "about", "messages", ">after"]);
    for round in rounds {
        let messages: Vec<TurnLine> =
            round.turns.iter().map(|turn| TurnLine { packet: turn.packet, what: turn.what }).collect();
        if format == Format::Json {
            out.json(&RoundLine {
                v: json::VERSION,
                kind: "round",
                protocol: round.protocol,
                about: &round.about,
                answered: round.answered,
                time: seconds(round.turns.first().map_or(0, |turn| turn.time)),
                after: seconds(round.length()),
                messages,
            })?;
            continue;
        }
        let mut told: Vec<String> = messages.iter().map(|turn| format!("{} {}", turn.what, turn.packet)).collect();
        if !round.answered {
            told.push("no answer".to_owned());
        }
        let after = if round.turns.len() > 1 { delay(round.length()) } else { String::new() };
        table.row(vec![round.protocol.to_owned(), round.about.clone(), told.join(" → "), after]);
    }
    if table.has_rows() {
        out.line("")?;
        table.lines().try_for_each(|line| out.line(&line))?;
    }
    Ok(())
}
