//! Finds the flow of a packet.
//!
//! A flow is found by its endpoints and the encapsulation that they were met in, for two networks may use the same
//! addresses. But the two directions of one flow need not share it: a mirrored port tags one direction only, a
//! router sends what it forwards into another VLAN, each end of a tunnel chooses its own number. So a packet
//! that no flow claims belongs to the flow between the same endpoints of which this side was never heard.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;

use super::table::{Flow, FlowKey};

/// Marks an entry by which the side that answers in another encapsulation is found.
const ANSWER: u32 = 1 << 31;

/// A key, and its hash.
#[derive(Clone, Copy)]
pub(super) struct Sought {
    pub(super) key: FlowKey,
    pub(super) hash: u32,
}

/// In how many encapsulations flows were met.
#[derive(Clone, Copy, Default)]
enum Contexts {
    #[default]
    None,
    One(u64),
    Several,
}

/// Flows by their keys.
///
/// ```text
/// slots: │ hash 32 │ entry 32 │   an entry is a flow's index, with [`ANSWER`] for the other of its two keys; 0 is free
/// ```
///
/// A packet looks at one slot, and at the flow that it leads to. The part of the hash that is kept tells most other
/// flows from it, and where an entry belongs when the table grows.
#[derive(Clone, Default)]
pub(super) struct Index {
    /// A power of two of them, of which no more than half are taken.
    slots: Vec<u64>,
    taken: usize,
    contexts: Contexts,
    /// The latest flow between two endpoints, whatever encapsulation; only made when there are several.
    latest: HashTable<u32>,
    /// Seeded: packets choose the keys.
    hasher: foldhash::fast::RandomState,
}

impl Index {
    /// Slots of the first table.
    const LEAST: usize = 1024;

    /// A key, as it is looked for.
    #[inline]
    pub(super) fn seek(&self, key: FlowKey) -> Sought {
        Sought { hash: self.hash(&key), key }
    }

    /// The part of a key's hash by which it is looked for.
    #[inline]
    pub(super) fn hash(&self, key: &FlowKey) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }

    /// The entry that stands first where a key belongs: it is most likely the key's own. Only to have it near.
    #[inline]
    pub(super) fn near(&self, hash: u32) -> Option<usize> {
        let slot = *self.slots.get(hash as usize & self.slots.len().wrapping_sub(1))?;
        Some((slot as u32 & !ANSWER).checked_sub(1)? as usize)
    }

    /// The flow of a key.
    #[inline]
    pub(super) fn find(&self, sought: &Sought, flows: &[Flow]) -> Option<usize> {
        self.entry(self.place(sought, flows).ok()?)
    }

    /// The flow whose entry stands in a place.
    #[inline]
    fn entry(&self, place: usize) -> Option<usize> {
        Some((*self.slots.get(place)? as u32 & !ANSWER).checked_sub(1)? as usize)
    }

    /// Puts an entry into a place, which is `new` places more than were taken.
    #[inline]
    fn set(&mut self, place: usize, sought: &Sought, entry: u32, new: usize) {
        self.taken += new;
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = u64::from(sought.hash) << 32 | u64::from(entry + 1);
        }
    }

    /// Where the entry of a key stands, or else the free place where it belongs.
    #[inline]
    fn place(&self, sought: &Sought, flows: &[Flow]) -> Result<usize, usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = sought.hash as usize & mask;
        loop {
            match self.slots.get(at) {
                None | Some(0) => return Err(at),
                Some(slot) if (slot >> 32) as u32 == sought.hash && is_of(*slot as u32, &sought.key, flows) => {
                    return Ok(at);
                }
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    /// The latest flow between the same endpoints, in any encapsulation, if none was found in this one.
    #[inline]
    pub(super) fn latest(&mut self, key: &FlowKey, flows: &[Flow]) -> Option<usize> {
        match self.contexts {
            // In the only encapsulation so far there is none.
            Contexts::None => None,
            Contexts::One(context) if context == key.context() => None,
            Contexts::One(_) | Contexts::Several => self.latest_of_several(key, flows),
        }
    }

    fn latest_of_several(&mut self, key: &FlowKey, flows: &[Flow]) -> Option<usize> {
        if let Contexts::One(_) = self.contexts {
            self.know_several(flows);
        }
        let plain = key.within(0);
        let same = |index: &u32| flows.get(*index as usize).is_some_and(|flow| flow.key.within(0) == plain);
        self.latest.find(self.hasher.hash_one(plain), same).map(|index| *index as usize)
    }

    fn know_several(&mut self, flows: &[Flow]) {
        self.contexts = Contexts::Several;
        for (index, flow) in (0..).zip(flows) {
            self.enter_latest(&flow.key, index, flows);
        }
    }

    fn enter_latest(&mut self, key: &FlowKey, index: u32, flows: &[Flow]) {
        let (plain, hasher) = (key.within(0), &self.hasher);
        let same = |index: &u32| flows.get(*index as usize).is_some_and(|flow| flow.key.within(0) == plain);
        if let Some(slot) = self.latest.find_mut(hasher.hash_one(plain), same) {
            *slot = index;
        } else {
            let hash = |index: &u32| flows.get(*index as usize).map_or(0, |f| hasher.hash_one(f.key.within(0)));
            self.latest.insert_unique(hasher.hash_one(plain), index, hash);
        }
    }

    /// Enters the flow that was made last. It takes the places of the flow that had its key before.
    pub(super) fn enter(&mut self, sought: &Sought, flows: &mut [Flow]) {
        let index = flows.len().saturating_sub(1);
        if self.taken * 2 >= self.slots.len() {
            self.grow();
        }
        match self.place(sought, flows) {
            Err(free) => self.set(free, sought, index as u32, 1),
            Ok(taken) => {
                let before = self.entry(taken).and_then(|before| flows.get(before));
                let answer = before.and_then(|before| {
                    [Some(before.key), before.answer_key()].into_iter().flatten().find(|key| *key != sought.key)
                });
                self.set(taken, sought, index as u32, 0);
                if let Some(answer) = answer {
                    self.answer(index, &answer, flows);
                }
            }
        }
        match self.contexts {
            Contexts::None => self.contexts = Contexts::One(sought.key.context()),
            Contexts::One(context) if context == sought.key.context() => {}
            Contexts::One(_) => self.know_several(flows),
            Contexts::Several => self.enter_latest(&sought.key, index as u32, flows),
        }
    }

    /// The other side of flow `index` is found by `key` from here on.
    pub(super) fn answer(&mut self, index: usize, key: &FlowKey, flows: &mut [Flow]) {
        // Who is asked for it must answer to it.
        if let Some(flow) = flows.get_mut(index) {
            flow.answers_in(key);
        }
        self.put(&self.seek(*key), index as u32 | ANSWER, flows);
    }

    fn put(&mut self, sought: &Sought, entry: u32, flows: &[Flow]) {
        if self.taken * 2 >= self.slots.len() {
            self.grow();
        }
        match self.place(sought, flows) {
            Err(free) => self.set(free, sought, entry, 1),
            Ok(taken) => self.set(taken, sought, entry, 0),
        }
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(Index::LEAST);
        let before = std::mem::replace(&mut self.slots, vec![0; length]);
        for slot in before.into_iter().filter(|slot| *slot != 0) {
            let mut at = (slot >> 32) as usize & (length - 1);
            while self.slots.get(at).is_some_and(|taken| *taken != 0) {
                at = (at + 1) & (length - 1);
            }
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }
}

/// Whether a taken slot's entry is found by this key.
#[inline]
fn is_of(entry: u32, key: &FlowKey, flows: &[Flow]) -> bool {
    let flow = (entry & !ANSWER).checked_sub(1).and_then(|index| flows.get(index as usize));
    flow.is_some_and(|flow| if entry & ANSWER == 0 { flow.key == *key } else { flow.answer_key() == Some(*key) })
}

#[cfg(test)]
mod tests {
    use crate::bytes::{Fact, Ledger};
    use crate::flow::{Books, Flows, MessageRow, Seen};
    use crate::protocols::{Addresses, Endpoints, Outline, Side, TcpOutline, Transport};

    struct Nothing;

    impl Books for Nothing {
        fn settle(&mut self, _packet: u32, _at: u32, _length: u32, _class: crate::bytes::Class) {}
        fn assign(&mut self, _packet: u32, _flow: u32, _side: Side) -> Ledger {
            Ledger::NOTHING
        }
        fn message(&mut self, _message: MessageRow, _subject: &str) {}
        fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: &Fact) {}
    }

    const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 1], 50000);
    const SERVER: ([u8; 4], u16) = ([10, 0, 0, 2], 80);
    const SYN: u16 = TcpOutline::SYN;
    const SYN_ACK: u16 = TcpOutline::SYN | TcpOutline::ACK;

    /// Gives a packet to the flows; returns how many flows there are, and the packets of the last one.
    fn give(flows: &mut Flows, from_client: bool, context: u64, flags: u16, seq: u32) -> (usize, [u32; 2]) {
        let (from, to) = if from_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let mut outline = Outline {
            endpoints: Some(Endpoints {
                addresses: Addresses::V4(from.0, to.0),
                ip_number: 6,
                ports: Some((from.1, to.1)),
                context,
            }),
            transport: Some(Transport::Tcp),
            tcp: Some(TcpOutline { flags, seq, length: Some(0), ..TcpOutline::default() }),
            ..Outline::default()
        };
        flows.packet(Seen { number: 1, time: 0, bytes: &[] }, &mut outline, &mut Nothing, None);
        (flows.all().len(), flows.all().last().unwrap().packets)
    }

    #[test]
    fn directions_in_different_vlans_are_one_flow() {
        let mut flows = Flows::default();
        assert_eq!(give(&mut flows, true, 10, SYN, 100), (1, [1, 0]));
        assert_eq!(give(&mut flows, false, 20, SYN_ACK, 300), (1, [1, 1]));
        assert_eq!(give(&mut flows, true, 10, TcpOutline::ACK, 101), (1, [2, 1]));
        assert_eq!(give(&mut flows, false, 20, TcpOutline::ACK, 301), (1, [2, 2]));
        // The same ports again: the answer goes to the new flow.
        assert_eq!(give(&mut flows, true, 10, SYN, 9000), (2, [1, 0]));
        assert_eq!(give(&mut flows, false, 20, SYN_ACK, 700), (2, [1, 1]));
    }

    #[test]
    fn the_same_addresses_in_two_vlans_are_two_flows() {
        let mut flows = Flows::default();
        give(&mut flows, true, 10, SYN, 100);
        assert_eq!(give(&mut flows, true, 20, SYN, 500), (2, [1, 0]));
        assert_eq!(give(&mut flows, false, 20, SYN_ACK, 1), (2, [1, 1]));
        give(&mut flows, false, 10, SYN_ACK, 1);
        assert!(flows.all().iter().all(|flow| flow.packets == [1, 1]));
    }
}
