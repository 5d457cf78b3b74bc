//! IP datagrams put together from fragments (RFC 791, section 3.2; RFC 8200, section 4.5).
//!
//! ```text
//! fragments of one datagram ─► parts, sorted, without overlap ─► all there? ─► one run of bytes, with origins
//! ```
//!
//! First bytes win; a fragment that brings other bytes for the same place is noted as a conflict. (RFC 5722 has
//! receivers drop such IPv6 datagrams: an observer shows what the wire carried.) A datagram that is not whole
//! after [`limits::FRAGMENT_TIME`] is given up, and its fragments go to the flow of their two hosts.

use std::collections::BTreeMap;

use super::limits::{self, Dropped};
use crate::bytes::{Assembly, Piece};
use crate::protocols::{Addresses, Endpoints, Fragment};

/// What tells datagrams apart. IPv6 does not count the protocol (RFC 8200, section 4.5), IPv4 does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    addresses: Addresses,
    id: u32,
    protocol: u8,
    context: u64,
}

impl Key {
    fn new(ends: &Endpoints, fragment: &Fragment) -> Key {
        let protocol = match ends.addresses {
            Addresses::V4(..) => fragment.next,
            Addresses::V6(..) => 0,
        };
        Key { addresses: ends.addresses, id: fragment.id, protocol, context: ends.context }
    }
}

/// A fragment's payload, where it stands in its datagram, and which packets carried it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival<'a> {
    /// What the header says.
    pub(super) fragment: Fragment,
    /// Whose datagram it is.
    pub(super) ends: Endpoints,
    /// The payload.
    pub(super) bytes: &'a [u8],
    /// Offset of the payload in the packet, or in the datagram around this one.
    pub(super) at: u32,
    /// Which packets carried the datagram around this one; empty for the packet itself.
    pub(super) origins: &'a [Piece],
    /// The packets that carried the datagram around this one, or the packet itself: the last is the present one.
    pub(super) carriers: &'a [Carrier],
}

impl Arrival<'_> {
    fn now(&self) -> Carrier {
        self.carriers.last().copied().unwrap_or(Carrier { packet: 0, time: 0 })
    }

    /// The packets that carried the payload, with offsets as in the datagram.
    fn pieces(&self) -> impl Iterator<Item = Piece> + '_ {
        let (length, offset) = (self.bytes.len() as u32, u64::from(self.fragment.offset));
        let (start, end) = (u64::from(self.at), u64::from(self.at) + u64::from(length));
        let whole = Piece { offset, length, packet: self.now().packet, at: self.at };
        let parts = self.origins.iter().filter_map(move |piece| piece.within(start, end));
        let moved = parts.map(move |piece| Piece { offset: offset + (piece.offset - start), ..piece });
        self.origins.is_empty().then_some(whole).into_iter().chain(moved)
    }
}

/// A packet that carried a fragment, and its time in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Carrier {
    pub(super) packet: u32,
    pub(super) time: i64,
}

/// A whole datagram's payload, and which packets carried it.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) bytes: Vec<u8>,
    /// What the first fragment says that the datagram carries.
    pub(super) next: u8,
    /// The packets that contradict earlier ones: other bytes for the same place, or another end.
    pub(super) conflicts: Vec<u32>,
    /// The packets that brought bytes for a place that others had brought before.
    pub(super) overlaps: Vec<u32>,
    carriers: Vec<Carrier>,
    assembly: Assembly,
}

impl Datagram {
    pub(super) fn pieces(&self) -> &[Piece] {
        self.assembly.pieces()
    }

    pub(super) fn origins(&self, start: u64, end: u64) -> impl Iterator<Item = Piece> + '_ {
        self.assembly.origins(start, end)
    }

    /// The packets whose last unread bytes these were, in order of arrival.
    pub(super) fn carriers(&self) -> &[Carrier] {
        &self.carriers
    }
}

/// Fragments whose datagram will never be whole.
#[derive(Debug)]
pub(super) struct GivenUp {
    /// Whose they are.
    pub(super) ends: Endpoints,
    pub(super) carriers: Vec<Carrier>,
}

/// Bytes for a place that others had brought before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Again {
    Same,
    Differs,
}

/// A datagram that waits for fragments.
#[derive(Clone, Debug)]
struct Waiting {
    ends: Endpoints,
    next: u8,
    /// Sorted by offset, without overlap.
    parts: Vec<(u32, Box<[u8]>)>,
    /// The datagram's length, once its last fragment has arrived.
    total: Option<u32>,
    /// Bytes in `parts`.
    held: usize,
    conflicts: Vec<u32>,
    overlaps: Vec<u32>,
    carriers: Vec<Carrier>,
    assembly: Assembly,
    /// When the first fragment arrived, and its place in the order of arrival.
    since: i64,
    order: u64,
}

/// Datagrams that wait for fragments.
#[derive(Clone, Debug, Default)]
pub(super) struct Fragments {
    waiting: hashbrown::HashMap<Key, Waiting, foldhash::fast::RandomState>,
    /// The keys in order of arrival, the oldest first.
    order: BTreeMap<u64, Key>,
    arrived: u64,
    held: usize,
}

impl Fragments {
    /// Takes a fragment; returns the datagram if it is whole now. What had to be let go for it is in `given_up`.
    pub(super) fn arrive(
        &mut self,
        arrival: &Arrival<'_>,
        dropped: &mut Dropped,
        given_up: &mut Vec<GivenUp>,
    ) -> Option<Datagram> {
        self.make_room(arrival, dropped, given_up);
        let key = Key::new(&arrival.ends, &arrival.fragment);
        let (order, arrived) = (&mut self.order, &mut self.arrived);
        let waiting = self.waiting.entry(key).or_insert_with(|| {
            *arrived += 1;
            order.insert(*arrived, key);
            Waiting::new(arrival, *arrived)
        });
        let before = waiting.held;
        waiting.take(arrival);
        self.held += waiting.held - before;
        if !waiting.is_whole() {
            return None;
        }
        self.remove(&key).map(Waiting::into_datagram)
    }

    /// The first packet that carried a fragment which waits.
    pub(super) fn first_waiting(&self) -> Option<u32> {
        self.waiting.values().flat_map(|waiting| &waiting.carriers).map(|carrier| carrier.packet).min()
    }

    /// Bytes that wait.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// No more packets will come: everything that waits is given up, the oldest first.
    pub(super) fn finish(&mut self, dropped: &mut Dropped) -> Vec<GivenUp> {
        let mut given_up = Vec::new();
        while let Some((_, key)) = self.order.pop_first() {
            self.give_up(&key, dropped, &mut given_up);
        }
        given_up
    }

    /// Gives up what is too old, and the oldest where a limit is reached.
    fn make_room(&mut self, arrival: &Arrival<'_>, dropped: &mut Dropped, given_up: &mut Vec<GivenUp>) {
        let key = Key::new(&arrival.ends, &arrival.fragment);
        while let Some((_, oldest)) = self.order.first_key_value().map(|(order, key)| (*order, *key)) {
            let waited =
                self.waiting.get(&oldest).map_or(0, |waiting| arrival.now().time.saturating_sub(waiting.since));
            let full = self.held + arrival.bytes.len() > limits::FRAGMENT_BYTES
                || (self.order.len() >= limits::FRAGMENT_DATAGRAMS && !self.waiting.contains_key(&key));
            if waited <= limits::FRAGMENT_TIME && !full {
                break;
            }
            self.give_up(&oldest, dropped, given_up);
        }
        // A flood of fragments for one place would grow the books without ever making a datagram.
        if self.waiting.get(&key).is_some_and(|waiting| waiting.carriers.len() >= limits::FRAGMENTS) {
            self.give_up(&key, dropped, given_up);
        }
    }

    fn give_up(&mut self, key: &Key, dropped: &mut Dropped, given_up: &mut Vec<GivenUp>) {
        if let Some(waiting) = self.remove(key) {
            dropped.fragments += waiting.carriers.len() as u64;
            given_up.push(GivenUp { ends: waiting.ends, carriers: waiting.carriers });
        }
    }

    fn remove(&mut self, key: &Key) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        self.order.remove(&waiting.order);
        self.held = self.held.saturating_sub(waiting.held);
        Some(waiting)
    }
}

impl Waiting {
    fn new(arrival: &Arrival<'_>, order: u64) -> Waiting {
        Waiting {
            ends: arrival.ends,
            next: arrival.fragment.next,
            parts: Vec::new(),
            total: None,
            held: 0,
            conflicts: Vec::new(),
            overlaps: Vec::new(),
            carriers: Vec::new(),
            assembly: Assembly::new(),
            since: arrival.now().time,
            order,
        }
    }

    fn take(&mut self, arrival: &Arrival<'_>) {
        let fragment = &arrival.fragment;
        if fragment.offset == 0 {
            self.next = fragment.next;
            self.ends = arrival.ends;
        }
        let end = fragment.offset + arrival.bytes.len() as u32;
        let mut contradicts = false;
        if !fragment.more {
            // The first last fragment counts; another one that ends elsewhere contradicts it.
            contradicts = self.total.is_some_and(|total| total != end);
            self.total.get_or_insert(end);
        }
        arrival.pieces().for_each(|piece| self.assembly.add(piece));
        self.carriers.extend_from_slice(arrival.carriers);
        let again = self.fill(fragment.offset, arrival.bytes);
        if again.is_some() {
            self.overlaps.push(arrival.now().packet);
        }
        contradicts |= again == Some(Again::Differs);
        if contradicts {
            self.conflicts.push(arrival.now().packet);
        }
    }

    /// Keeps what is new of `bytes`; returns what the rest is, if there was something before.
    fn fill(&mut self, offset: u32, bytes: &[u8]) -> Option<Again> {
        let mut repeated = None;
        let end = offset + bytes.len() as u32;
        let mut from = offset;
        // The first part that ends behind the fragment's start.
        let mut at = self.parts.partition_point(|(start, part)| start + part.len() as u32 <= offset);
        while from < end {
            let (start, stop) = match self.parts.get(at) {
                Some((start, part)) => (*start, start + part.len() as u32),
                None => (end, end),
            };
            if from < start {
                let new = bytes.get((from - offset) as usize..(start.min(end) - offset) as usize).unwrap_or(&[]);
                self.held += new.len();
                self.parts.insert(at, (from, new.into()));
                from += new.len() as u32;
            } else {
                let again = bytes.get((from - offset) as usize..).unwrap_or(&[]);
                let kept =
                    self.parts.get(at).and_then(|(_, part)| part.get((from - start) as usize..)).unwrap_or(&[]);
                let differs = kept.iter().zip(again).any(|(first, second)| first != second);
                repeated = repeated.max(Some(if differs { Again::Differs } else { Again::Same }));
                from = stop.min(end);
            }
            at += 1;
        }
        repeated
    }

    fn is_whole(&self) -> bool {
        let reached = self.parts.iter().try_fold(0, |reached, (start, part)| {
            if *start == reached { Ok(reached + part.len() as u32) } else { Err(reached) }
        });
        let (Ok(reached) | Err(reached)) = reached;
        self.total.is_some_and(|total| reached >= total)
    }

    fn into_datagram(self) -> Datagram {
        let total = self.total.unwrap_or(0) as usize;
        let mut bytes = Vec::with_capacity(total);
        self.parts.iter().for_each(|(_, part)| bytes.extend_from_slice(part));
        // Bytes behind the end that the last fragment gave belong to no datagram.
        bytes.truncate(total);
        Datagram {
            bytes,
            next: self.next,
            conflicts: self.conflicts,
            overlaps: self.overlaps,
            carriers: self.carriers,
            assembly: self.assembly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENDS: Endpoints =
        Endpoints { addresses: Addresses::V4([1, 1, 1, 1], [2, 2, 2, 2]), ip_number: 17, ports: None, context: 0 };

    /// A fragment of the datagram `id`, carried by `packet` at a time equal to its number unless told otherwise.
    struct One<'a> {
        id: u32,
        packet: u32,
        time: i64,
        offset: u32,
        bytes: &'a [u8],
        more: bool,
    }

    fn arrival(packet: u32, offset: u32, bytes: &[u8], more: bool) -> One<'_> {
        One { id: 7, packet, time: packet.into(), offset, bytes, more }
    }

    #[derive(Default)]
    struct Bench {
        fragments: Fragments,
        dropped: Dropped,
        given_up: Vec<GivenUp>,
    }

    impl Bench {
        fn take(&mut self, one: &One<'_>) -> Option<Datagram> {
            let fragment = Fragment { id: one.id, offset: one.offset, more: one.more, next: 17 };
            let carriers = &[Carrier { packet: one.packet, time: one.time }];
            let arrival = Arrival { fragment, ends: ENDS, bytes: one.bytes, at: 34, origins: &[], carriers };
            self.fragments.arrive(&arrival, &mut self.dropped, &mut self.given_up)
        }
    }

    #[test]
    fn the_last_to_come_makes_the_datagram_in_any_order() {
        let mut bench = Bench::default();
        assert!(bench.take(&arrival(1, 16, b"CC", false)).is_none());
        assert!(bench.take(&arrival(2, 8, b"BBBBBBBB", true)).is_none());
        let whole = bench.take(&arrival(3, 0, b"AAAAAAAA", true)).unwrap();
        assert_eq!(whole.bytes, b"AAAAAAAABBBBBBBBCC");
        assert_eq!(whole.carriers().iter().map(|c| c.packet).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(whole.origins(8, 16).map(|piece| (piece.packet, piece.at)).collect::<Vec<_>>(), [(2, 34)]);
        assert!(whole.conflicts.is_empty() && bench.fragments.order.is_empty() && bench.fragments.held == 0);
    }

    #[test]
    fn duplicates_are_no_conflict_and_first_bytes_win() {
        let mut bench = Bench::default();
        bench.take(&arrival(1, 0, b"AAAAAAAABBBBBBBB", true));
        bench.take(&arrival(2, 0, b"AAAAAAAABBBBBBBB", true));
        let whole = bench.take(&arrival(3, 8, b"xxxxxxxxCC", false)).unwrap();
        assert_eq!(whole.bytes, b"AAAAAAAABBBBBBBBCC");
        assert_eq!(whole.conflicts, [3]);
        let mut bench = Bench::default();
        bench.take(&arrival(1, 0, b"AAAAAAAA", true));
        bench.take(&arrival(2, 0, b"AAAAAAAA", true));
        assert!(bench.take(&arrival(3, 8, b"B", false)).unwrap().conflicts.is_empty());
    }

    #[test]
    fn two_ends_are_a_conflict() {
        let mut bench = Bench::default();
        bench.take(&arrival(1, 16, b"CCCC", false));
        bench.take(&arrival(2, 8, b"BBBBBBBB", false));
        let whole = bench.take(&arrival(3, 0, b"AAAAAAAA", true)).unwrap();
        assert_eq!(whole.conflicts, [2]);
        assert_eq!(whole.bytes.len(), 20);
    }

    #[test]
    fn what_waits_too_long_is_given_up() {
        let mut bench = Bench::default();
        bench.take(&arrival(1, 0, b"AAAAAAAA", true));
        let late = One { time: limits::FRAGMENT_TIME + 2, ..arrival(2, 8, b"B", false) };
        assert!(bench.take(&late).is_none());
        assert_eq!(bench.given_up.len(), 1);
        assert_eq!(bench.given_up[0].carriers, [Carrier { packet: 1, time: 1 }]);
        assert_eq!(bench.dropped.fragments, 1);
        assert_eq!(bench.fragments.finish(&mut bench.dropped).len(), 1);
    }

    #[test]
    fn the_oldest_datagram_goes_when_too_many_wait() {
        let mut bench = Bench::default();
        for id in 0..=limits::FRAGMENT_DATAGRAMS as u32 {
            bench.take(&One { id, time: 0, ..arrival(id + 1, 0, b"AAAAAAAA", true) });
        }
        assert_eq!(bench.fragments.order.len(), limits::FRAGMENT_DATAGRAMS);
        assert_eq!(bench.given_up[0].carriers[0].packet, 1);
    }

    #[test]
    fn a_flood_for_one_place_is_given_up() {
        let mut bench = Bench::default();
        for packet in 0..=limits::FRAGMENTS as u32 {
            bench.take(&One { time: 0, ..arrival(packet, 0, b"AAAAAAAA", true) });
        }
        assert_eq!(bench.given_up[0].carriers.len(), limits::FRAGMENTS);
    }

    #[test]
    fn bytes_that_wait_are_bounded() {
        let mut bench = Bench::default();
        let long = vec![0; 65_528];
        for id in 0..=(limits::FRAGMENT_BYTES / long.len()) as u32 {
            bench.take(&One { id, time: 0, ..arrival(id, 0, &long, true) });
        }
        assert!(bench.fragments.held <= limits::FRAGMENT_BYTES && !bench.given_up.is_empty());
    }

    proptest! {
        #[test]
        fn every_carrier_is_told_of_once(
            parts in prop::collection::vec((0u32..6, 0u32..40, 1usize..40, any::<bool>(), any::<u8>()), 1..60),
        ) {
            let mut bench = Bench::default();
            let mut told = Vec::new();
            for (packet, (id, offset, length, more, fill)) in parts.iter().enumerate() {
                let bytes = vec![*fill; *length];
                let one = One { id: *id, ..arrival(packet as u32, offset * 8, &bytes, *more) };
                if let Some(whole) = bench.take(&one) {
                    let total = whole.bytes.len() as u64;
                    let covered = (0..total).all(|at| whole.origins(at, at + 1).next().is_some());
                    prop_assert!(covered, "each byte has an origin");
                    told.extend(whole.carriers().iter().map(|c| c.packet));
                }
            }
            let rest = bench.fragments.finish(&mut bench.dropped);
            told.extend(rest.iter().chain(&bench.given_up).flat_map(|g| g.carriers.iter().map(|c| c.packet)));
            told.sort_unstable();
            prop_assert_eq!(told, (0..parts.len() as u32).collect::<Vec<_>>());
            prop_assert_eq!(bench.fragments.held, 0);
        }

        #[test]
        fn shuffled_fragments_make_the_same_datagram(
            bytes in prop::collection::vec(any::<u8>(), 1..400),
            order in prop::collection::vec(any::<u32>(), 50),
        ) {
            let chunks: Vec<&[u8]> = bytes.chunks(8).collect();
            let mut places: Vec<usize> = (0..chunks.len()).collect();
            places.sort_by_key(|at| order.get(*at).copied());
            let mut bench = Bench::default();
            let mut whole = None;
            for (packet, at) in places.into_iter().enumerate() {
                prop_assert!(whole.is_none());
                let more = at + 1 < chunks.len();
                whole = bench.take(&arrival(packet as u32, at as u32 * 8, chunks[at], more));
            }
            prop_assert_eq!(whole.unwrap().bytes, bytes);
        }
    }
}
