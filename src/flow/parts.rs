//! A message that is read in parts: a head, and the body that follows it.
//!
//! Each part is read when it has come, and its bytes get their classes then; but what was noted of it belongs to the
//! packet that completes the message. Where a tree may listen, the notes wait here, with the bytes under them.

use super::pairs::Answered;
use super::speech::Reader;
use super::{Books, limits};
use crate::bytes::{Derived, Node, Piece, Tree};

/// The source number of the message's own bytes in the tree that waits.
const OWN: u8 = 1;

/// A message of which a part was read and more is to come.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// Where the message begins in the stream.
    pub(super) start: u64,
    /// Where its next row begins: behind the last part that had one.
    pub(super) row: u64,
    /// The first packet that carried a byte of that row.
    pub(super) first: u32,
    /// Whether it asks something, and the question that it answers.
    pub(super) asks: bool,
    pub(super) answered: Option<Answered>,
    kept: Option<Kept>,
}

/// What is kept of it for a tree.
#[derive(Clone, Debug, Default)]
struct Kept {
    notes: Tree,
    /// Its bytes from the start on. What is missing is zero.
    bytes: Vec<u8>,
    origins: Vec<Piece>,
    /// Where the bytes stand that passed: the body without its framing.
    passed: Vec<std::ops::Range<usize>>,
    /// Nothing is missing.
    unbroken: bool,
    /// How many nodes have been shown, and in which packet.
    shown: (usize, u32),
}

impl Parts {
    /// A message that begins at `start`; its bytes are kept if a tree may listen.
    pub(super) fn new(start: u64, gather: bool) -> Parts {
        let kept = gather.then(|| {
            let mut notes = Tree::new();
            notes.derive(Derived { label: "reassembled", bytes: Vec::new(), origins: Vec::new() });
            Kept { notes, unbroken: true, shown: (0, 0), ..Kept::default() }
        });
        Parts { start, row: start, first: u32::MAX, asks: false, answered: None, kept }
    }

    /// Bytes that it holds.
    pub(super) fn held(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.bytes.capacity() + size_of_val(kept.origins.as_slice()))
    }

    /// Keeps the bytes at `offset` of the stream, `length` of them, of which `bytes` are here. `origins` count in the
    /// stream; `passed` if they are content. They are not kept if there is no room.
    pub(super) fn keep(
        &mut self,
        offset: u64,
        length: u64,
        bytes: &[u8],
        origins: impl Iterator<Item = Piece>,
        passed: bool,
    ) {
        let start = self.start;
        let at = (offset - start) as usize;
        let Some(kept) = &mut self.kept else { return };
        let fits = at as u64 + length <= limits::PARTS as u64 && kept.origins.len() < limits::PIECES;
        if kept.bytes.len() != at || bytes.len() as u64 != length {
            kept.unbroken = false;
        }
        if !fits || kept.bytes.len() > at {
            kept.unbroken = false;
            return;
        }
        kept.bytes.resize(at, 0);
        kept.bytes.extend_from_slice(bytes);
        kept.bytes.resize(at + length as usize, 0);
        for piece in origins.map(|piece| Piece { offset: piece.offset - start, ..piece }) {
            match kept.origins.last_mut() {
                Some(last) if last.packet == piece.packet && last.end() == piece.offset => {
                    last.length += piece.length;
                }
                _ => kept.origins.push(piece),
            }
        }
        if passed {
            match kept.passed.last_mut() {
                Some(last) if last.end == at => last.end = kept.bytes.len(),
                _ => kept.passed.push(at..kept.bytes.len()),
            }
        }
    }

    /// The tree that waits, the source number of the message's bytes in it, and the bytes from `offset` of the stream
    /// on; `None` if they were not kept.
    pub(super) fn notes(&mut self, offset: u64, length: u64) -> Option<(&mut Tree, u8, &[u8])> {
        let kept = self.kept.as_mut()?;
        let at = (offset - self.start) as usize;
        let bytes = kept.bytes.get(at..at.checked_add(usize::try_from(length).ok()?)?)?;
        Some((&mut kept.notes, OWN, bytes))
    }

    /// Everything that passed, put together, if nothing of the message is missing.
    pub(super) fn passed(&self) -> Option<Vec<u8>> {
        let kept = self.kept.as_ref().filter(|kept| kept.unbroken)?;
        Some(kept.passed.iter().filter_map(|range| kept.bytes.get(range.clone())).flatten().copied().collect())
    }

    /// Puts what was noted into the tree of the packet that is read: what that packet has not shown yet.
    pub(super) fn show<B: Books>(&mut self, r: &mut Reader<'_, B>) {
        if let Some(answered) = &self.answered {
            r.note_answered(answered);
        }
        if let Some(tree) = r.tree.as_deref_mut() {
            self.put(r.packet, tree);
        }
    }

    /// The same, without the question that it answers.
    pub(super) fn put(&mut self, packet: u32, tree: &mut Tree) {
        let Some(kept) = &mut self.kept else { return };
        let (shown, by) = kept.shown;
        let nodes = kept.notes.nodes().get(if by == packet { shown } else { 0 }..).unwrap_or(&[]);
        kept.shown = (kept.notes.nodes().len(), packet);
        if nodes.is_empty() {
            return;
        }
        let own = nodes.iter().filter(|node| node.source == OWN);
        let start = own.clone().map(|node| node.start).min().unwrap_or(0);
        let end = own.map(|node| node.end).max().unwrap_or(0);
        let here = kept.origins.iter().find(|piece| {
            piece.packet == packet && piece.offset <= u64::from(start) && u64::from(end) <= piece.end()
        });
        let source = if here.is_some() {
            0
        } else {
            let (bytes, origins) = (kept.bytes.clone(), kept.origins.clone());
            tree.derive(Derived { label: "reassembled", bytes, origins })
        };
        let mut others: Vec<(u8, u8)> = Vec::new();
        for node in nodes {
            let node = match (node.source, here) {
                (OWN, Some(piece)) => {
                    let place = |at: u32| piece.at + (u64::from(at) - piece.offset) as u32;
                    Node { source, start: place(node.start), end: place(node.end), ..node.clone() }
                }
                (OWN, None) => Node { source, ..node.clone() },
                (other, _) => {
                    let known = others.iter().find(|(from, _)| *from == other).map(|(_, to)| *to);
                    let to = known.unwrap_or_else(|| {
                        let derived = kept.notes.derived().get(usize::from(other).saturating_sub(1));
                        let to = derived.map_or(0, |derived| tree.derive(derived.clone()));
                        others.push((other, to));
                        to
                    });
                    Node { source: to, ..node.clone() }
                }
            };
            tree.push(node);
        }
    }
}
