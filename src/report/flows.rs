//! Who talks with whom.

use std::io;
use std::sync::Arc;

use super::table::{Table, bar_with, grouped};
use super::{Format, Out, json};
use crate::bytes::escape;
use crate::capture::owners::Process;
use crate::exposure::{Complaints, Names, Stage, dark_of_flows};
use crate::protocols::Side;
use crate::trace::Trace;

/// Prints one line a flow: of those that have one of the packets `only`, if packets are given.
pub fn flows(out: &mut Out, format: Format, trace: &Trace, only: Option<&[u32]>) -> io::Result<()> {
    let mut shown = vec![only.is_none(); trace.flows().all().len()];
    for row in only.unwrap_or_default().iter().filter_map(|number| trace.row(*number)) {
        if let Some(flow) = shown.get_mut(row.flow as usize) {
            *flow = true;
        }
    }
    let names = Names::new(trace);
    let stages = Stage::of_flows(trace);
    let complaints = Complaints::new(trace);
    let dark = dark_of_flows(trace);
    let dark = |flow: u32| dark.get(flow as usize).copied().unwrap_or(0);
    let mut headings = vec![">flow", "stack", "client", "server", ">packets", ">bytes", "split", "stage", "name"];
    if trace.tells_owners() {
        headings.push("process");
    }
    let mut table = Table::new(&headings);
    for ((flow, stage), _) in
        trace.flows().all().iter().zip(stages).zip(shown).filter(|((flow, _), shown)| *shown && !flow.is_gone())
    {
        if format == Format::Json {
            let icmp = complaints.of(trace, flow.number).map(|(what, _)| what).collect();
            let dark = trace.is_narrowed().then_some(dark(flow.number));
            out.json(&json::FlowLine::new(trace, flow, &names, stage, icmp, dark))?;
            continue;
        }
        let name =
            names.of_flow(flow.number).map(|(name, source)| format!("{} ({})", names.text(name), source.label()));
        let [sent, received] = flow.packets;
        let told = complaints.of(trace, flow.number).map(|(what, times)| match times {
            1 => what,
            times => format!("{what} ({times} times)"),
        });
        let mut cells = vec![
            flow.number.to_string(),
            flow.stack().join(" "),
            json::endpoint(flow, Side::Client),
            json::endpoint(flow, Side::Server),
            format!("{sent}+{received}"),
            grouped(flow.ledger().total() + dark(flow.number)),
            bar_with(&flow.ledger(), dark(flow.number), 8, out.style),
            std::iter::once(stage.name().to_owned()).chain(flow.remarks()).chain(told).collect::<Vec<_>>().join("; "),
            name.unwrap_or_default(),
        ];
        if trace.tells_owners() {
            cells.push(processes(&trace.owners(flow.number)));
        }
        table.row(cells);
    }
    if table.has_rows() {
        for line in table.lines() {
            out.line(&line)?;
        }
    }
    Ok(())
}

/// Who had the sockets, client → server; nothing if the capture does not tell.
pub fn processes(owners: &[Option<Arc<Process>>; 2]) -> String {
    let told = |process: &Arc<Process>| format!("{} ({})", escape(&process.name), process.id);
    match owners {
        [None, None] => String::new(),
        [Some(client), None] => told(client),
        [None, Some(server)] => format!("→ {}", told(server)),
        [Some(client), Some(server)] => format!("{} → {}", told(client), told(server)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_processes_are_escaped() {
        let process = |name: &str| Some(Arc::new(Process { id: 7, name: name.to_owned() }));
        assert_eq!(processes(&[process("a\x1b[31m"), process("nginx")]), "a\\x1b[31m (7) → nginx (7)");
        assert_eq!(processes(&[None, process("nginx")]), "→ nginx (7)");
        assert_eq!(processes(&[None, None]), "");
    }
}
