//! Recognises a packet that was captured on one interface and comes again from another: a bridge and its port, a
//! tunnel's packet routed on.
//!
//! Compared are the protocol number and what lies behind the link's header, without the fields that a router changes
//! (TTL and header checksum), its first [`COMPARED`] bytes and its length, for [`WITHIN`].

use std::collections::VecDeque;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

use crate::capture::Nanos;

/// Bytes compared of a packet: headers and enough of what they carry.
const COMPARED: usize = 192;

/// Packets remembered.
const REMEMBERED: usize = 256;

/// How much later the same packet may come: what a machine needs to hand it on.
const WITHIN: Nanos = 50_000_000;

/// Recent packets.
#[derive(Default)]
pub(super) struct Twins {
    recent: VecDeque<Seen>,
    hash: RandomState,
}

#[derive(Clone, Copy)]
struct Seen {
    hash: u64,
    interface: u32,
    time: Nanos,
}

impl Twins {
    /// Remembers a packet. If it was there on another interface right before: which, and how long ago.
    pub(super) fn meet(
        &mut self,
        link_type: u32,
        packet: &[u8],
        interface: u32,
        time: Nanos,
    ) -> Option<(u32, Nanos)> {
        let mut start = [0; COMPARED];
        let length = network(link_type, packet, &mut start)?;
        let hash = self.hash.hash_one((length, start));
        let earlier = self.recent.iter().rev().find(|seen| {
            seen.hash == hash && seen.interface != interface && (time - WITHIN..=time + WITHIN).contains(&seen.time)
        });
        let earlier = earlier.map(|seen| (seen.interface, time.saturating_sub(seen.time)));
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(Seen { hash, interface, time });
        earlier
    }
}

/// Copies what stays the same of a packet when it is handed on, and tells how long that is.
fn network(link_type: u32, packet: &[u8], into: &mut [u8; COMPARED]) -> Option<usize> {
    const IPV4: u16 = 0x0800;
    const IPV6: u16 = 0x86dd;
    let (kind, from) = match link_type {
        1 => (packet.get(12..14)?, 14),
        113 => (packet.get(14..16)?, 16),
        276 => (packet.get(..2)?, 20),
        _ => return None,
    };
    let kind = u16::from_be_bytes(*kind.first_chunk()?);
    let rest = packet.get(from..)?;
    let most = rest.len().min(COMPARED);
    into.get_mut(..most)?.copy_from_slice(rest.get(..most)?);
    match kind {
        IPV4 => {
            (*into.get_mut(8)?, *into.get_mut(10)?, *into.get_mut(11)?) = (0, 0, 0);
            // Padding of the link does not count.
            let total = usize::from(u16::from_be_bytes(*rest.get(2..4)?.first_chunk()?));
            into.get_mut(total.min(COMPARED)..)?.fill(0);
            Some(total)
        }
        IPV6 => {
            *into.get_mut(7)? = 0;
            Some(rest.len())
        }
        // Other protocols repeat themselves (ARP, spanning tree) without being the same packet.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ethernet(ttl: u8, mac: u8, id: u8) -> Vec<u8> {
        let mut packet = vec![mac; 12];
        packet.extend([8, 0, 0x45, 0, 0, 24, 0, id, 0, 0, ttl, 17, ttl, ttl]);
        packet.extend([192, 0, 2, 1, 192, 0, 2, 2, 1, 2, 3, 4]);
        packet
    }

    #[test]
    fn a_packet_routed_on_is_the_same() {
        let mut twins = Twins::default();
        assert_eq!(twins.meet(1, &ethernet(64, 1, 7), 0, 1000), None);
        let mut cooked = vec![8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0];
        cooked.extend(&ethernet(63, 2, 7)[14..]);
        cooked.extend([0; 20]);
        assert_eq!(twins.meet(276, &cooked, 1, 3000), Some((0, 2000)), "a router, another link, padding");
        assert_eq!(twins.meet(1, &ethernet(64, 1, 8), 1, 3000), None, "another packet");
        assert_eq!(twins.meet(1, &ethernet(64, 1, 7), 1, WITHIN * 3), None, "long ago");
        assert_eq!(twins.meet(1, &[0; 9], 1, 0), None);
    }

    #[test]
    fn the_same_interface_twice_is_no_twin() {
        let mut twins = Twins::default();
        assert_eq!(twins.meet(1, &ethernet(64, 1, 7), 4, 1000), None);
        assert_eq!(twins.meet(1, &ethernet(64, 1, 7), 4, 1001), None, "it was sent twice");
    }
}
