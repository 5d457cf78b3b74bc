//! The bytes of a TCP flow's two sides, put together again by the same code that reads them in the pass.

use std::io;

use super::again::Again;
use super::copies::Standing;
use super::{announced, numbers, of_flow};
use crate::bytes::{Class, Fact, Findings, Ledger, Piece};
use crate::capture::Fetch;
use crate::flow::{Books, FlowKey, Flows, MessageRow, Seen};
use crate::protocols::Side;
use crate::trace::Trace;

/// Bytes of memory for the streams of both sides and their origins: as much as a small machine can spare. What comes
/// behind is left out and counted.
const MOST: usize = 1 << 30;

/// A hole in a side: bytes that were on the wire and are not in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it is: before this byte of [`SideStream::bytes`].
    pub at: usize,
    /// How many bytes are missing.
    pub length: u64,
}

/// Bytes that came twice with different content. Those are in [`SideStream::bytes`] that the receiver took: the first,
/// unless their packet shows that it cannot have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The first byte that differs.
    pub at: usize,
    /// The packet that brought those that are not shown.
    pub packet: u32,
}

/// What one side sent, in order.
#[derive(Clone, Debug, Default)]
pub struct SideStream {
    /// The bytes, without those that are missing.
    pub bytes: Vec<u8>,
    /// Which packets brought them, of several copies the first; offsets count in `bytes`.
    pub origins: Vec<Piece>,
    /// What is missing between them.
    pub gaps: Vec<Gap>,
    /// What arrived again with another content.
    pub conflicts: Vec<Conflict>,
    /// Bytes that were left out at the end, because there were too many.
    pub left_out: u64,
}

/// Puts together what both sides of flow `flow` sent: the client first. `None` if there is no such flow or
/// it is none of TCP.
///
/// What comes behind a reset is left out: it reached nobody.
///
/// # Errors
/// What reading the capture again says.
pub fn stream(trace: &Trace, fetch: &Fetch, flow: u32) -> io::Result<Option<[SideStream; 2]>> {
    collect(trace, fetch, flow, MOST)
}

fn collect(trace: &Trace, fetch: &Fetch, flow: u32, most: usize) -> io::Result<Option<[SideStream; 2]>> {
    let Some(of) = trace.flows().all().get(flow as usize).filter(|of| of.tcp().is_some()) else { return Ok(None) };
    let mut flows = Flows::default();
    let mut collector = Collector { trace, flow, sides: Default::default(), since_reset: None, held: 0, most };
    let mut again = Again::new(fetch);
    let mut findings = Findings::counting();
    for (number, row) in of_flow(trace, flow, of.first..of.last.saturating_add(1)) {
        let bytes = again.packet(&row)?;
        findings.clear();
        let mut outline = trace.walk(number, &row, bytes, &mut findings, None);
        flows.packet(Seen { number, time: row.time, bytes }, &mut outline, &mut collector, None);
    }
    flows.finish(&mut collector);
    let mut sides = collector.sides;
    for side in &mut sides {
        side.judge(|packet| Standing::of(trace, fetch, packet))?;
    }
    Ok(Some(sides.map(Collected::finish)))
}

/// Bytes that came again, and may differ from those that came first.
struct Copy {
    offset: u64,
    bytes: Vec<u8>,
    packet: u32,
}

/// A run of bytes of one side.
struct Run {
    offset: u64,
    bytes: Vec<u8>,
    origins: Vec<Piece>,
}

/// What was heard of one side.
#[derive(Default)]
struct Collected {
    runs: Vec<Run>,
    gaps: Vec<(u64, u64)>,
    copies: Vec<Copy>,
    conflicts: Vec<(u64, u32)>,
    left_out: u64,
}

/// Books that keep the bytes of one flow.
struct Collector<'a> {
    trace: &'a Trace,
    flow: u32,
    /// Bytes of memory that the streams take, and may take.
    held: usize,
    most: usize,
    sides: [Collected; 2],
    /// What was heard since a reset: nothing, if the connection stays reset.
    since_reset: Option<[Collected; 2]>,
}

impl Collector<'_> {
    fn side(&mut self, flow: u32, side: Side) -> Option<&mut Collected> {
        let [client, server] = self.since_reset.as_mut().unwrap_or(&mut self.sides);
        let of = match side {
            Side::Client => client,
            Side::Server => server,
        };
        Some(of).filter(|_| flow == self.flow)
    }
}

impl Books for Collector<'_> {
    fn settle(&mut self, _packet: u32, _at: u32, _length: u32, _class: Class) {}

    fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
        Ledger::default()
    }

    fn message(&mut self, _message: MessageRow, _subject: &str) {}

    fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: &Fact) {}

    fn numbers(&self, key: &FlowKey, packet: u32) -> Option<(u32, u32)> {
        numbers(self.trace, self.flow, key, packet)
    }

    fn announced(&self, flow: u32) -> u8 {
        announced(self.trace, flow)
    }

    fn in_order(
        &mut self,
        flow: u32,
        side: Side,
        offset: u64,
        bytes: &[u8],
        origins: &mut dyn Iterator<Item = Piece>,
    ) {
        if flow != self.flow {
            return;
        }
        let origins: Vec<Piece> = origins.collect();
        let more = bytes.len() + size_of_val(origins.as_slice());
        let full = self.held + more > self.most;
        let Some(of) = self.side(flow, side) else { return };
        if full || of.left_out > 0 {
            of.left_out += bytes.len() as u64;
            return;
        }
        match of.runs.last_mut() {
            Some(run) if run.offset + run.bytes.len() as u64 == offset => {
                run.bytes.extend_from_slice(bytes);
                run.origins.extend(origins);
            }
            _ => of.runs.push(Run { offset, bytes: bytes.to_vec(), origins }),
        }
        self.held += more;
    }

    fn missing(&mut self, flow: u32, side: Side, offset: u64, length: u64) {
        if let Some(of) = self.side(flow, side) {
            of.gaps.push((offset, length));
        }
    }

    fn again(&mut self, flow: u32, side: Side, offset: u64, bytes: &[u8], packet: u32) {
        let full = self.held + bytes.len() > self.most;
        let Some(of) = self.side(flow, side).filter(|_| bytes.len() > 1 && !full) else { return };
        // What it is to be compared with may still wait beyond a hole.
        let end = offset + bytes.len() as u64;
        let known = of.runs.last().is_some_and(|run| end <= run.end());
        if !known || of.runs.iter().any(|run| run.differs(offset, bytes).is_some()) {
            of.copies.push(Copy { offset, bytes: bytes.to_vec(), packet });
            self.held += bytes.len();
        }
    }

    fn reset(&mut self, flow: u32) {
        if flow == self.flow {
            self.since_reset.get_or_insert_default();
        }
    }

    fn resumed(&mut self, flow: u32) {
        if flow == self.flow
            && let Some(since) = self.since_reset.take()
        {
            for (side, since) in self.sides.iter_mut().zip(since) {
                side.runs.extend(since.runs);
                side.gaps.extend(since.gaps);
                side.copies.extend(since.copies);
                side.left_out += since.left_out;
            }
        }
    }
}

impl Run {
    /// Puts `bytes` in the place of those that `piece` brought.
    fn put(&mut self, piece: &Piece, bytes: &[u8]) {
        let from = (piece.offset - self.offset) as usize;
        if let Some(place) = self.bytes.get_mut(from..from + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// The first offset at which `again`, which stands at `offset`, differs from what came first.
    fn differs(&self, offset: u64, again: &[u8]) -> Option<u64> {
        let from = offset.max(self.offset);
        let first = self.bytes.get((from - self.offset) as usize..)?;
        let again = again.get((from - offset) as usize..)?;
        let place = first.iter().zip(again).position(|(one, other)| one != other)?;
        Some(from + place as u64)
    }
}

impl Collected {
    /// Puts copies in the place of what came first where the receiver took them, and notes every conflict.
    fn judge(&mut self, mut standing: impl FnMut(u32) -> io::Result<Standing>) -> io::Result<()> {
        for copy in std::mem::take(&mut self.copies) {
            let Some(run) = self.runs.iter_mut().find(|run| run.differs(copy.offset, &copy.bytes).is_some()) else {
                continue;
            };
            let (start, end) = (copy.offset, copy.offset + copy.bytes.len() as u64);
            let differs = run.differs(start, &copy.bytes).unwrap_or(start);
            let first: Vec<Piece> = run.origins.iter().filter_map(|piece| piece.within(start, end)).collect();
            let other = standing(copy.packet)?;
            let mut loser = copy.packet;
            for piece in first {
                let from = (piece.offset - start) as usize;
                let bytes = copy.bytes.get(from..from + piece.length as usize).unwrap_or(&[]);
                if run.differs(piece.offset, bytes).is_some() && other.beats(standing(piece.packet)?) {
                    run.put(&piece, bytes);
                    loser = piece.packet;
                }
            }
            self.conflicts.push((differs, loser));
        }
        Ok(())
    }

    fn finish(mut self) -> SideStream {
        self.runs.sort_by_key(|run| run.offset);
        let mut whole = SideStream { left_out: self.left_out, ..SideStream::default() };
        // Where each run begins: its stream offset and its place in the bytes.
        let mut places = Vec::new();
        for run in self.runs {
            let at = whole.bytes.len();
            places.push((run.offset, at));
            let moved = |piece: Piece| Piece { offset: piece.offset - run.offset + at as u64, ..piece };
            whole.origins.extend(run.origins.into_iter().map(moved));
            whole.bytes.extend_from_slice(&run.bytes);
        }
        let end = whole.bytes.len();
        let place = |offset: u64| {
            let run = places.partition_point(|(start, _)| *start <= offset).checked_sub(1);
            let (start, at) = run.and_then(|run| places.get(run)).copied().unwrap_or((offset, 0));
            (at + (offset - start) as usize).min(end)
        };
        // A gap stands before the run that follows it.
        let behind = |offset: u64| places.iter().find(|(start, _)| *start >= offset).map_or(end, |(_, at)| *at);
        whole.gaps = self.gaps.iter().map(|(offset, length)| Gap { at: behind(*offset), length: *length }).collect();
        whole.conflicts =
            self.conflicts.iter().map(|(offset, packet)| Conflict { at: place(*offset), packet: *packet }).collect();
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Source;
    use crate::trace::Pass;

    #[test]
    fn what_a_limit_leaves_out_is_counted() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/http-page.pcap");
        let mut pass = Pass::new(Source::open(&path).unwrap());
        let trace = pass.run();
        let fetch = pass.source().fetch();
        let flow = trace.flows().all().iter().find(|flow| flow.tcp().is_some()).unwrap();
        let whole = stream(&trace, &fetch, flow.number).unwrap().unwrap();
        assert!(whole.iter().all(|side| side.left_out == 0 && !side.bytes.is_empty()));
        let most = 1000;
        let cut = collect(&trace, &fetch, flow.number, most).unwrap().unwrap();
        let kept: usize = cut.iter().map(|side| side.bytes.len() + size_of_val(side.origins.as_slice())).sum();
        assert!(kept <= most);
        for (whole, cut) in whole.iter().zip(&cut) {
            assert!(whole.bytes.starts_with(&cut.bytes));
            assert_eq!(whole.bytes.len() as u64, cut.bytes.len() as u64 + cut.left_out);
        }
    }
}
