//! Questions for names, where names led, and who is on the link.

use std::io;
use std::net::IpAddr;

use serde::Serialize;

use super::table::{Table, seconds};
use super::{Format, Out, json};
use crate::bytes::hexadecimal;
use crate::exposure::{Behind, Destination, Lookup, Neighbours};

/// A question (`names`).
#[derive(Serialize)]
struct LookupLine<'a> {
    v: u32,
    kind: &'static str,
    name: &'a str,
    r#type: &'a str,
    time: String,
    packet: u32,
    answer: Option<u32>,
    after: Option<String>,
    told: Option<&'a str>,
    flow: u32,
}

/// An address behind a name (`names`).
#[derive(Serialize)]
struct AddressLine<'a> {
    v: u32,
    kind: &'static str,
    name: &'a str,
    address: Option<IpAddr>,
    packet: Option<u32>,
    flows: &'a [u32],
    names_there: usize,
}

/// Prints questions with their answers, then names with their addresses and the flows that went there.
pub fn names(out: &mut Out, format: Format, lookups: &[Lookup], found: &[Destination]) -> io::Result<()> {
    if format == Format::Json {
        for lookup in lookups {
            out.json(&LookupLine {
                v: json::VERSION,
                kind: "lookup",
                name: &lookup.name,
                r#type: &lookup.kind,
                time: seconds(lookup.time),
                packet: lookup.question,
                answer: lookup.answer,
                after: lookup.after.map(seconds),
                told: lookup.answer.map(|_| lookup.told.as_str()),
                flow: lookup.flow,
            })?;
        }
        return found.iter().try_for_each(|destination| {
            out.json(&AddressLine {
                v: json::VERSION,
                kind: "address",
                name: &destination.name,
                address: destination.address,
                packet: destination.given,
                flows: &destination.flows,
                names_there: destination.names_there,
            })
        });
    }
    let mut table = Table::new(&[">packet", "asked", "name", ">answer", ">after", "told"]);
    for lookup in lookups {
        let after = lookup.after.map_or_else(String::new, super::table::delay);
        table.row(vec![
            lookup.question.to_string(),
            lookup.kind.clone(),
            lookup.name.clone(),
            lookup.answer.map_or_else(|| "none".to_owned(), |packet| packet.to_string()),
            after,
            lookup.told.clone(),
        ]);
    }
    print(out, &table)?;
    let mut table = Table::new(&["name", "address", ">names there", "flows"]);
    for destination in found {
        let flows: Vec<String> = destination.flows.iter().map(u32::to_string).collect();
        let address = destination.address.map_or_else(|| "none given".to_owned(), |address| address.to_string());
        let there = destination.address.map_or_else(String::new, |_| destination.names_there.to_string());
        table.row(vec![destination.name.clone(), address, there, flows.join(" ")]);
    }
    if !lookups.is_empty() && table.has_rows() {
        out.line("")?;
    }
    print(out, &table)
}

/// An address behind a link address.
#[derive(Serialize)]
struct BehindLine {
    address: IpAddr,
    how: &'static str,
    packet: u32,
}

impl BehindLine {
    fn of(behind: &[Behind]) -> Vec<BehindLine> {
        let lines = behind.iter();
        lines.map(|b| BehindLine { address: b.address, how: b.how.name(), packet: b.packet }).collect()
    }
}

/// Somebody on the link (`neighbours`).
#[derive(Serialize)]
struct NeighbourLine<'a> {
    v: u32,
    kind: &'static str,
    link: String,
    name: Option<&'a str>,
    gateway: bool,
    router: Option<u32>,
    own: Vec<BehindLine>,
    forwards: Vec<BehindLine>,
    more: u32,
}

/// Prints who is on the link.
pub fn neighbours(out: &mut Out, format: Format, found: &Neighbours) -> io::Result<()> {
    let mut table = Table::new(&["link", "own addresses", ">forwards for", "what it is"]);
    for neighbour in &found.all {
        let link = hexadecimal(&neighbour.link, ":");
        if format == Format::Json {
            out.json(&NeighbourLine {
                v: json::VERSION,
                kind: "neighbour",
                link,
                name: neighbour.name.as_deref(),
                gateway: neighbour.is_gateway(),
                router: neighbour.router,
                own: BehindLine::of(&neighbour.own),
                forwards: BehindLine::of(&neighbour.forwards),
                more: neighbour.more,
            })?;
            continue;
        }
        let own: Vec<String> = neighbour.own.iter().map(|b| format!("{} ({})", b.address, b.how.name())).collect();
        let others = neighbour.forwards.len() as u64 + u64::from(neighbour.more);
        let gateway = neighbour.is_gateway().then(|| "gateway".to_owned());
        let called = neighbour.name.as_ref().map(|name| format!("called {name}"));
        let what: Vec<String> = gateway.into_iter().chain(called).collect();
        let others = if others > 0 { others.to_string() } else { String::new() };
        table.row(vec![link, own.join(" "), others, what.join(", ")]);
    }
    print(out, &table)?;
    if found.left_out > 0 && format == Format::Text {
        out.line(&format!("({} more packets could tell and were not read)", found.left_out))?;
    }
    Ok(())
}

fn print(out: &mut Out, table: &Table) -> io::Result<()> {
    if table.has_rows() { table.lines().try_for_each(|line| out.line(&line)) } else { Ok(()) }
}
