//! A capture in words: what it is, who talks, which names it shows, and who could read its bytes.

use std::io;

use hashbrown::HashMap;

use super::table::{self, Table, bar, bar_with, counted, grouped, percent};
use super::{Format, Out, exposure, json};
use crate::bytes::{Class, Ledger, Split, escape};
use crate::capture::{Source, link_type};
use crate::exposure::{Names, Scope, Seen};
use crate::trace::Trace;

/// Names, hosts or flows shown in a summary; the rest is counted.
const MOST_SHOWN: usize = 20;

/// Tells what a capture is.
pub fn summary(out: &mut Out, format: Format, source: &Source, trace: &Trace) -> io::Result<()> {
    let names = Names::seen_in(trace);
    if format == Format::Json {
        out.json(&json::Capture::new(source, trace))?;
        for seen in names.seen() {
            out.json(&json::NameLine::new(&names, seen))?;
        }
        return exposure(out, format, trace, &[Scope::Capture], None);
    }
    capture(out, source, trace)?;
    out.line("")?;
    stacks(out, trace)?;
    seen(out, &names)?;
    let dark = (1..=trace.rows().len() as u32).map(|number| trace.dark(number)).sum();
    ledger(out, &trace.total(), trace.missing(), if trace.is_narrowed() { dark } else { 0 })
}

fn capture(out: &mut Out, source: &Source, trace: &Trace) -> io::Result<()> {
    let packets = trace.rows().iter().filter(|row| !row.is_gone()).count() as u64;
    let title = out.style.strong(&escape(source.name()));
    out.line(&format!("{title}: {}", source.format()))?;
    let mut links: Vec<String> =
        source.interfaces().iter().map(|interface| link_type::description(interface.link_type)).collect();
    links.sort();
    links.dedup();
    let on_wire = trace.on_wire();
    let mut bytes = counted(trace.total().total(), "byte");
    if on_wire != trace.total().total() {
        bytes = format!("{bytes} captured of {}", grouped(on_wire));
    }
    let parts: Vec<String> = [counted(packets, "packet"), bytes].into_iter().chain(links).collect();
    out.line(&parts.join(", "))?;
    if let Some((first, last)) = trace.times() {
        out.line(&format!("{}, from {} on", table::span(last.saturating_sub(first)), table::date(first)))?;
    }
    if let Some(damage) = source.damage() {
        out.line(&format!("damaged: {damage}"))?;
    }
    offload(out, trace)?;
    let dropped = table::dropped(&trace.flows().dropped());
    if dropped.is_empty() { Ok(()) } else { out.line(&format!("left out: {}", dropped.join(", "))) }
}

/// What network cards did with packets.
fn offload(out: &mut Out, trace: &Trace) -> io::Result<()> {
    let totals = trace.offload();
    if totals.packets > 0 {
        let (packets, frames) = (counted(totals.packets, "packet"), counted(totals.frames, "frame"));
        out.line(&format!("{packets} larger than the MTU: {frames} on the wire (segmentation offload)"))?;
    }
    if totals.unfinished > 0 {
        let packets = counted(totals.unfinished, "packet");
        let looked_at = "looked at: first ones of connections, and large ones";
        out.line(&format!("{packets} whose checksum the card was still to fill in ({looked_at})"))?;
    }
    Ok(())
}

fn stacks(out: &mut Out, trace: &Trace) -> io::Result<()> {
    // By stack, and by IP protocol where nothing is known of it.
    type Key = (Vec<&'static str>, u8);
    let mut stacks: HashMap<Key, (u64, u64, Ledger), foldhash::fast::RandomState> = HashMap::default();
    let there = || trace.flows().all().iter().filter(|flow| !flow.is_gone());
    for flow in there() {
        let stack = flow.stack();
        let number = if stack.is_empty() { flow.ip_number } else { 0 };
        let (flows, packets, ledger) = stacks.entry((stack, number)).or_default();
        *flows += 1;
        *packets += flow.packets.iter().map(|packets| u64::from(*packets)).sum::<u64>();
        *ledger += flow.ledger();
    }
    let total = there().count() as u64;
    if total == 0 {
        return Ok(());
    }
    let heading = out.style.strong(&format!("{} by what is spoken", counted(total, "flow")));
    out.line(&heading)?;
    let named = |((stack, number), sums)| {
        let stack: Vec<&str> = stack;
        (if stack.is_empty() { format!("IP protocol {number}") } else { stack.join(" › ") }, sums)
    };
    let mut sorted: Vec<(String, (u64, u64, Ledger))> = stacks.into_iter().map(named).collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    sorted.sort_by_key(|(_, (_, _, ledger))| std::cmp::Reverse(ledger.total()));
    let mut table = Table::new(&["  spoken", ">flows", ">packets", ">bytes", ">encrypted", "split"]);
    for (stack, (flows, packets, ledger)) in sorted.iter().take(MOST_SHOWN) {
        table.row(vec![
            format!("  {stack}"),
            grouped(*flows),
            grouped(*packets),
            grouped(ledger.total()),
            percent(ledger.split(Split::Encrypted), ledger.total()),
            bar(ledger, 16, out.style),
        ]);
    }
    print(out, &table)?;
    rest(out, sorted.len())?;
    out.line("")
}

fn seen(out: &mut Out, names: &Names) -> io::Result<()> {
    // Names in the order in which they were seen first; of those that are shown, each way in which they were.
    let mut known = vec![false; names.count()];
    let mut all = 0;
    let mut by_name: Vec<(u32, Vec<&Seen>)> = Vec::new();
    for seen in names.seen() {
        let known = known.get_mut(seen.name as usize).is_some_and(|known| std::mem::replace(known, true));
        if known {
            if let Some((_, ways)) = by_name.iter_mut().find(|(name, _)| *name == seen.name) {
                ways.push(seen);
            }
        } else {
            all += 1;
            if by_name.len() < MOST_SHOWN {
                by_name.push((seen.name, vec![seen]));
            }
        }
    }
    if by_name.is_empty() {
        return Ok(());
    }
    let heading = out.style.strong(&format!("{} that anybody on the path could read", counted(all, "name")));
    out.line(&heading)?;
    let mut table = Table::new(&["  name", "how"]);
    for (name, all) in &by_name {
        let how = |seen: &&Seen| {
            let times = if seen.times > 1 { format!(", {} times", seen.times) } else { String::new() };
            format!("{} (packet {}{times})", seen.source.label(), seen.packet)
        };
        let hows: Vec<String> = all.iter().map(how).collect();
        table.row(vec![format!("  {}", names.text(*name)), hows.join(", ")]);
    }
    print(out, &table)?;
    rest(out, all as usize)?;
    out.line("")
}

fn rest(out: &mut Out, all: usize) -> io::Result<()> {
    match all.checked_sub(MOST_SHOWN) {
        None | Some(0) => Ok(()),
        Some(more) => out.line(&format!("  … and {} more", grouped(more as u64))),
    }
}

pub(super) fn print(out: &mut Out, table: &Table) -> io::Result<()> {
    let quiet = out.style;
    for (n, line) in table.lines().enumerate() {
        out.line(&if n == 0 { quiet.quiet(&line) } else { line })?;
    }
    Ok(())
}

/// The ledger in words.
pub(super) fn ledger(out: &mut Out, ledger: &Ledger, missing: u64, dark: u64) -> io::Result<()> {
    const SIDES: [(Split, &str, &str); 3] = [
        (Split::Visible, "visible", "anybody on the path reads it"),
        (Split::Encrypted, "encrypted", "they see only that it is there, and how much"),
        (Split::Neither, "neither", "it means nothing, or nobody told husk what it is"),
    ];
    let total = ledger.total() + dark;
    let heading = out.style.strong("every byte");
    out.line(&heading)?;
    let drawn = bar_with(ledger, dark, 60, out.style);
    if total > 0 {
        out.line(&format!("  {drawn}"))?;
    }
    let mut table = Table::new(&["  ", ">", ">", "", ""]);
    for (split, name, meaning) in SIDES {
        let bytes = ledger.split(split);
        let classes: Vec<String> = ledger
            .iter()
            .filter(|(class, bytes)| class.split() == split && *bytes > 0)
            .map(|(class, bytes)| format!("{} {}", Class::name(class), grouped(bytes)))
            .collect();
        let cells = [format!("  {name}"), counted(bytes, "byte"), percent(bytes, total), meaning.to_owned()];
        table.row(cells.into_iter().chain([classes.join(", ")]).collect());
    }
    if dark > 0 {
        let meaning = "there, and not to be seen from where the observer is".to_owned();
        let cells = ["  dark".to_owned(), counted(dark, "byte"), percent(dark, total), meaning, String::new()];
        table.row(cells.into());
    }
    if missing > 0 {
        let meaning = "on the wire, not in the capture".to_owned();
        table.row(vec!["  missing".to_owned(), counted(missing, "byte"), String::new(), meaning, String::new()]);
    }
    for line in table.lines().skip(1) {
        out.line(&line)?;
    }
    Ok(())
}
