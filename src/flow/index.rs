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

/// Flows by their keys.
#[derive(Clone, Default)]
pub(super) struct Index {
    /// Index of a flow, with [`ANSWER`] for the other of its two keys.
    keys: HashTable<u32>,
    /// The latest flow between two endpoints, whatever encapsulation.
    latest: HashTable<u32>,
    /// Seeded: packets choose the keys.
    hasher: foldhash::fast::RandomState,
}

impl Index {
    /// The flow of a key.
    #[inline]
    pub(super) fn find(&self, key: &FlowKey, flows: &[Flow]) -> Option<usize> {
        let entry = self.keys.find(self.hasher.hash_one(key), |entry| key_of(*entry, flows) == Some(*key))?;
        Some((entry & !ANSWER) as usize)
    }

    /// The latest flow between the same endpoints, in any encapsulation.
    pub(super) fn latest(&self, key: &FlowKey, flows: &[Flow]) -> Option<usize> {
        let plain = key.within(0);
        let same = |index: &u32| flows.get(*index as usize).is_some_and(|flow| flow.key.within(0) == plain);
        self.latest.find(self.hasher.hash_one(plain), same).map(|index| *index as usize)
    }

    /// Enters the flow that was made last. It takes the places of the flow that had its key before.
    pub(super) fn enter(&mut self, flows: &mut [Flow]) {
        let index = flows.len().saturating_sub(1);
        let Some(key) = flows.get(index).map(|flow| flow.key) else { return };
        let before = self.find(&key, flows).and_then(|before| flows.get(before));
        let answer = before
            .and_then(|before| [Some(before.key), before.answer_key()].into_iter().flatten().find(|k| *k != key));
        self.put(&key, index as u32, flows);
        if let Some(answer) = answer {
            self.answer(index, &answer, flows);
        }
        let (plain, hasher) = (key.within(0), &self.hasher);
        let same = |index: &u32| flows.get(*index as usize).is_some_and(|flow| flow.key.within(0) == plain);
        if let Some(slot) = self.latest.find_mut(hasher.hash_one(plain), same) {
            *slot = index as u32;
        } else {
            let hash = |index: &u32| flows.get(*index as usize).map_or(0, |f| hasher.hash_one(f.key.within(0)));
            self.latest.insert_unique(hasher.hash_one(plain), index as u32, hash);
        }
    }

    /// The other side of flow `index` is found by `key` from here on.
    pub(super) fn answer(&mut self, index: usize, key: &FlowKey, flows: &mut [Flow]) {
        self.put(key, index as u32 | ANSWER, flows);
        if let Some(flow) = flows.get_mut(index) {
            flow.answers_in(key);
        }
    }

    fn put(&mut self, key: &FlowKey, entry: u32, flows: &[Flow]) {
        let hasher = &self.hasher;
        let hash = hasher.hash_one(key);
        if let Some(slot) = self.keys.find_mut(hash, |entry| key_of(*entry, flows) == Some(*key)) {
            *slot = entry;
        } else {
            let rehash = |entry: &u32| key_of(*entry, flows).map_or(0, |key| hasher.hash_one(key));
            self.keys.insert_unique(hash, entry, rehash);
        }
    }
}

/// The key by which an entry is found.
fn key_of(entry: u32, flows: &[Flow]) -> Option<FlowKey> {
    let flow = flows.get((entry & !ANSWER) as usize)?;
    if entry & ANSWER == 0 { Some(flow.key) } else { flow.answer_key() }
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
        fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: Fact) {}
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
