//! Of two copies of the same bytes that differ: which of them the receiver took, as far as the packets show.
//!
//! The first one, as a receiver keeps what it has (RFC 9293, section 3.10.7.4), unless the first shows that it never
//! came so far and the other does not:
//!
//! - its checksum is wrong, so the receiver dropped it, and the other's is right;
//! - it had hardly a hop left, and the other had many. Systems send with 64 hops or more, and paths have some 30 at
//!   most: a segment that is met with so few was made to be seen by somebody on the way and to expire behind him.
//!
//! Packets are looked at again for this only where copies differ.

use std::io;

use crate::bytes::{Findings, Tree, Value};
use crate::capture::Fetch;
use crate::protocols::checksum::{self, Checksum};
use crate::protocols::{ipv4, ipv6, tcp};
use crate::trace::Trace;

/// Hops left with which no segment is met that was sent to arrive.
const HARDLY_ANY: u64 = 4;
/// Hops left with which one surely was.
const MANY: u64 = 24;

/// What a packet shows of whether its segment arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    checksum: Checksum,
    hops: Option<u64>,
}

impl Standing {
    /// What packet `number` shows; nothing, if its segment is not whole in it.
    pub(super) fn of(trace: &Trace, fetch: &Fetch, number: u32) -> io::Result<Standing> {
        let mut standing = Standing { checksum: Checksum::Unfinished, hops: None };
        let Some(row) = trace.row(number) else { return Ok(standing) };
        let mut bytes = Vec::new();
        fetch.read(row.position, row.captured, &mut bytes)?;
        let mut tree = Tree::only(vec![&ipv4::TTL, &ipv6::HOP_LIMIT, &tcp::PROTOCOL.heading]);
        let outline = trace.walk(number, &row, &bytes, &mut Findings::counting(), Some(&mut tree));
        // Of headers within tunnels the innermost is the segment's; a tunnel's end forwards with what is left outside.
        for node in tree.nodes().iter().filter(|node| node.source == 0) {
            if let Value::Number(hops) = node.value {
                standing.hops = Some(standing.hops.map_or(hops, |outer| outer.min(hops)));
                continue;
            }
            let data = outline.payload.end.saturating_sub(outline.payload.start);
            let segment = bytes.get(node.start as usize..outline.payload.end as usize);
            if let (Some(ends), Some(segment), true) = (outline.endpoints, segment, data == outline.payload_length) {
                standing.checksum = checksum::of(&ends.addresses, segment);
            }
        }
        Ok(standing)
    }

    /// Whether the receiver took this copy although `first` came first.
    pub(super) fn beats(self, first: Standing) -> bool {
        let arrived = self.checksum != Checksum::Wrong;
        let dropped = first.checksum == Checksum::Wrong && self.checksum == Checksum::Right;
        let expired = first.hops.is_some_and(|hops| hops <= HARDLY_ANY) && self.hops.is_some_and(|hops| hops >= MANY);
        dropped || expired && arrived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(checksum: Checksum, hops: u64) -> Standing {
        Standing { checksum, hops: Some(hops) }
    }

    #[test]
    fn a_later_copy_counts_only_if_the_first_cannot_have_arrived() {
        use Checksum::{Right, Unfinished, Wrong};
        let first = |first| standing(Right, 64).beats(first);
        assert!(first(standing(Wrong, 64)));
        assert!(first(standing(Right, 1)));
        assert!(!first(standing(Right, 64)));
        assert!(!first(standing(Right, 50)), "a detour");
        assert!(!first(standing(Unfinished, 64)), "captured on the sending host");
        assert!(!standing(Unfinished, 64).beats(standing(Wrong, 64)), "cards may finish wrong ones, too");
        assert!(!standing(Wrong, 64).beats(standing(Right, 1)), "neither arrived");
        assert!(!standing(Right, 2).beats(standing(Right, 1)), "where few hops are left, they are enough");
    }
}
