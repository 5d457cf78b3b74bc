//! The course of a flow, packet by packet, and the hellos of its TLS session side by side.

use std::io;

use serde::Serialize;

use super::table::{Table, grouped, seconds};
use super::{Format, Out, json};
use crate::bytes::escape_bytes;
use crate::explain::Moment;
use crate::exposure::{Said, Session};
use crate::protocols::{Side, TcpOutline};
use crate::trace::Trace;

/// A packet of a flow's course (`lanes`).
#[derive(Serialize)]
struct MomentLine {
    v: u32,
    kind: &'static str,
    packet: u32,
    time: String,
    side: &'static str,
    flags: Option<Vec<&'static str>>,
    payload: u32,
    window: Option<u32>,
    what: String,
    notes: Vec<&'static str>,
}

/// Prints the course of a flow.
pub fn lanes(out: &mut Out, format: Format, trace: &Trace, moments: &[Moment]) -> io::Result<()> {
    let first = moments.first().map_or(0, |moment| moment.time);
    let mut table =
        Table::new(&[">packet", ">after", "", "flags", ">bytes", ">window", "what", "what the numbers tell"]);
    for moment in moments {
        let notes: Vec<&'static str> = moment.notes.iter().map(|note| note.name).collect();
        if format == Format::Json {
            out.json(&MomentLine {
                v: json::VERSION,
                kind: "moment",
                packet: moment.packet,
                time: seconds(moment.time),
                side: moment.side.name(),
                flags: moment.flags.map(|flags| TcpOutline::flag_names(flags).collect()),
                payload: moment.payload,
                window: moment.window,
                what: moment_in_words(trace, moment),
                notes,
            })?;
            continue;
        }
        let labels: Vec<&str> = moment.notes.iter().map(|note| note.label).collect();
        table.row(vec![
            moment.packet.to_string(),
            seconds(moment.time.saturating_sub(first)),
            if moment.side == Side::Client { "→" } else { "←" }.to_owned(),
            moment.flags.into_iter().flat_map(TcpOutline::flag_names).collect::<Vec<_>>().join(" "),
            grouped(moment.payload.into()),
            moment.window.map_or_else(String::new, |bytes| grouped(bytes.into())),
            moment_in_words(trace, moment),
            labels.join(", "),
        ]);
    }
    if table.has_rows() { table.lines().try_for_each(|line| out.line(&line)) } else { Ok(()) }
}

/// What a packet of a flow is: the messages that it completes, escaped; else its flags, and whether it carries anything.
pub fn moment_in_words(trace: &Trace, moment: &Moment) -> String {
    let messages = trace.messages_of(moment.packet);
    let mut parts: Vec<String> = Vec::new();
    for message in messages.clone() {
        let subject = escape_bytes(trace.subject(&message)).into_owned();
        let text = if subject.is_empty() { message.what.to_owned() } else { format!("{} {subject}", message.what) };
        match parts.last_mut() {
            Some(last) if *last == text => last.push_str(" ×2"),
            Some(last) if last.strip_prefix(&text).is_some_and(|rest| rest.starts_with(" ×")) => {
                let times: u32 = last.rsplit('×').next().and_then(|times| times.parse().ok()).unwrap_or(1);
                *last = format!("{text} ×{}", times + 1);
            }
            _ => parts.push(text),
        }
    }
    if parts.is_empty() {
        parts.extend(moment.flags.map(flags).filter(|flags| moment.payload == 0 || flags != "ACK"));
    }
    if moment.payload > 0 && messages.is_empty() {
        parts = vec!["data".to_owned()];
    }
    parts.join(", ")
}

fn flags(flags: u16) -> String {
    // Whether a sender pushed says nothing here.
    let set: Vec<&str> = TcpOutline::flag_names(flags).filter(|name| *name != "PSH").collect();
    set.join(" ")
}

/// Something that a side of a TLS session said (`session`).
#[derive(Serialize)]
struct SaidLine<'a> {
    v: u32,
    kind: &'static str,
    what: &'a str,
    side: &'static str,
    value: &'a str,
    agreed: bool,
    packet: u32,
}

/// Prints what both hellos of a TLS session say, its certificate, and its fingerprints.
pub fn session(out: &mut Out, format: Format, session: &Session) -> io::Result<()> {
    let topics = session.topics.iter().flat_map(|topic| {
        let client = topic.client.iter().map(|said| (topic.what, Side::Client, said));
        client.chain(topic.server.iter().map(|said| (topic.what, Side::Server, said)))
    });
    let certificate = session.certificate.iter().map(|(label, said)| (*label, Side::Server, said));
    let told = topics.chain(certificate).map(|(what, side, said)| (what.to_owned(), side, said.clone()));
    let fingerprints = session.fingerprints.iter().flat_map(|mark| {
        let part = |(what, text): &(&str, String)| {
            let said = Said { text: text.clone(), ..mark.said.clone() };
            (format!("{}: {what}", mark.label), mark.side, said)
        };
        std::iter::once((mark.label.to_owned(), mark.side, mark.said.clone())).chain(mark.parts.iter().map(part))
    });
    let mut table = Table::new(&["what", "side", ">packet", "", "value"]);
    for (what, side, said) in told.chain(fingerprints) {
        if format == Format::Json {
            let (kind, what, side, value) = ("said", what.as_str(), side.name(), said.text.as_str());
            let (agreed, packet) = (said.agreed, said.packet);
            out.json(&SaidLine { v: json::VERSION, kind, what, side, value, agreed, packet })?;
            continue;
        }
        table.row(vec![
            what,
            side.name().to_owned(),
            said.packet.to_string(),
            if said.agreed { "both" } else { "" }.to_owned(),
            said.text.clone(),
        ]);
    }
    if table.has_rows() { table.lines().try_for_each(|line| out.line(&line)) } else { Ok(()) }
}
