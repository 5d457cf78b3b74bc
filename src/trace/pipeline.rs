//! Reading on one core while another one enters what was read. Whole blocks are handed over, so that it costs nothing
//! that could be seen; what comes of it is the same byte for byte.
//!
//! ```text
//! reader:  capture ─► block ──┐ filled            ┌─► block ─► ...
//! pass:                       └─► rows, flows ────┘ used
//! ```

use std::sync::mpsc::{channel, sync_channel};
use std::thread;
use std::time::Duration;

use super::{Link, Pass, Trace};
use crate::capture::{Block, Progress};

/// Blocks that are on the way: one is filled, one is entered, and one waits for whoever is faster.
const BLOCKS: usize = 3;

/// How long to wait for a capture that grows.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);

/// A block that was filled, and the interfaces that it is the first to name.
struct Filled {
    block: Block,
    progress: Progress,
    links: Vec<Link>,
}

/// Whether there is another core to read on.
pub(super) fn pays() -> bool {
    thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
}

impl Pass<'_> {
    /// Reads everything that is left, quietly, by two threads. Returns whether a second one could be had; if not, nothing
    /// was read.
    pub(super) fn run_by_two(&mut self, trace: &mut Trace) -> bool {
        let Pass { source, findings, outlines, ended, .. } = self;
        let (filled, entering) = sync_channel::<Filled>(BLOCKS);
        let (used, filling) = channel();
        let mut known = trace.links.len();
        thread::scope(|scope| {
            let reader = thread::Builder::new().name("husk-read".to_owned()).spawn_scoped(scope, move || {
                while let Ok(mut block) = filling.recv() {
                    let progress = source.next_block(&mut block);
                    let new = source.interfaces().get(known..).unwrap_or_default();
                    known += new.len();
                    let links = new.iter().map(Link::of).collect();
                    if progress == Progress::Waiting {
                        thread::sleep(PATIENCE);
                    }
                    if filled.send(Filled { block, progress, links }).is_err() || progress == Progress::End {
                        break;
                    }
                }
            });
            if reader.is_err() {
                return false;
            }
            (0..BLOCKS).for_each(|_| drop(used.send(Block::new())));
            while let Ok(Filled { block, progress, links }) = entering.recv() {
                trace.links.extend(links);
                trace.read_quietly(&block, findings, outlines);
                if progress == Progress::End {
                    *ended = true;
                    trace.finish();
                    break;
                }
                drop(used.send(block));
            }
            true
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Source;
    use crate::flow::MessageRow;
    use crate::trace::FactRow;

    /// A capture with more packets than a block holds: those of a fixture, again and again.
    fn many() -> Vec<u8> {
        const HEADER: usize = 24;
        let fixture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dns.pcap")).unwrap();
        let (header, packets) = fixture.split_at(HEADER);
        [header, &packets.repeat((5 << 20) / packets.len())].concat()
    }

    #[test]
    fn two_threads_leave_behind_what_one_does() {
        let bytes: std::sync::Arc<[u8]> = many().into();
        let by = |two: bool| {
            let mut pass = Pass::new(Source::from_bytes(bytes.clone()).unwrap());
            let mut trace = pass.trace();
            if two {
                assert!(pass.run_by_two(&mut trace));
            } else {
                while pass.step(&mut trace) != Progress::End {}
            }
            trace
        };
        let (one, two) = (by(false), by(true));
        assert!(one.rows().len() > 10_000);
        // Words may have other numbers: that depends on hashes.
        let told = |trace: &Trace| {
            let mut told: Vec<String> = trace.rows().iter().map(|row| format!("{row:?}")).collect();
            told.extend(trace.messages().iter().map(|row| {
                let subject = trace.subject(&row).escape_ascii();
                format!("{subject} {:?}", MessageRow { subject: 0, ..row })
            }));
            told.extend(trace.facts().iter().map(|row| {
                let value = trace.words().at(row.value).escape_ascii();
                format!("{value} {:?}", FactRow { value: 0, ..row })
            }));
            told
        };
        assert!(told(&one) == told(&two));
        let sums = |trace: &Trace| (trace.total(), trace.times(), trace.flows().all().len());
        assert_eq!(sums(&one), sums(&two));
    }
}
