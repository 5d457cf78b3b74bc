//! What happens to fragments in the flow table: the packet that makes a datagram whole brings it to its flow.

use super::super::fragments::{Arrival, Carrier, Datagram, GivenUp};
use super::super::{Books, limits};
use super::{Flows, Payload, Seen};
use crate::bytes::{Class, Findings, REMARK, Tree, Value};
use crate::packet;
use crate::protocols::{Addresses, Next, Outline, ipv4, ipv6};

impl Flows {
    /// A fragment waits for its datagram; the one that completes it brings the datagram, which may be a fragment
    /// itself (tunnels).
    pub(super) fn fragment<B: Books>(
        &mut self,
        seen: Seen<'_>,
        outline: &mut Outline,
        books: &mut B,
        mut tree: Option<&mut Tree>,
    ) {
        let alone = [Carrier { packet: seen.number, time: seen.time }];
        let mut around: Option<Datagram> = None;
        for _ in 0..limits::NESTED_DATAGRAMS {
            let (Some(fragment), Some(ends)) = (outline.fragment, outline.endpoints) else { break };
            let (bytes, origins, carriers) = around.as_ref().map_or((seen.bytes, &[][..], &alone[..]), |around| {
                (&around.bytes, around.pieces(), around.carriers())
            });
            let bytes = bytes.get(outline.payload.start as usize..outline.payload.end as usize).unwrap_or(&[]);
            let arrival = Arrival { fragment, ends, bytes, at: outline.payload.start, origins, carriers };
            let mut given_up = Vec::new();
            let whole = self.fragments.arrive(&arrival, &mut self.desk.dropped, &mut given_up);
            for given_up in given_up {
                self.give_to_hosts(&given_up, books);
            }
            let Some(whole) = whole else { return };
            resume(&whole, outline, books, tree.as_deref_mut());
            around = Some(whole);
        }
        let Some(datagram) = around else { return };
        if let (Some(_), Some(ends)) = (outline.fragment, outline.endpoints) {
            self.desk.dropped.fragments += datagram.carriers().len() as u64;
            self.give_to_hosts(&GivenUp { ends, carriers: datagram.carriers().to_vec() }, books);
            return;
        }
        let bytes = datagram.bytes.get(outline.payload.start as usize..outline.payload.end as usize).unwrap_or(&[]);
        let source = tree.as_deref().map_or(u8::from(true), |tree| tree.derived().len() as u8);
        self.desk.depth = outline.layers.len() as u8;
        let (origins, carriers) = (datagram.pieces(), datagram.carriers());
        let payload = Payload { bytes, at: outline.payload.start, source, origins, carriers };
        self.deliver(seen, outline, None, payload, books, tree);
    }

    /// Fragments whose datagram was never whole belong to the flow of their two hosts.
    pub(super) fn give_to_hosts<B: Books>(&mut self, given_up: &GivenUp, books: &mut B) {
        for carrier in &given_up.carriers {
            let seen = Seen { number: carrier.packet, time: carrier.time, bytes: &[] };
            let (index, side) = self.find(&given_up.ends, None, None, &seen, None, books);
            if let Some(flow) = self.flows.get_mut(index) {
                flow.enter(side, *carrier, books);
            }
        }
    }
}

/// Goes on with a datagram that is whole now; the classes of its headers go to the packets that carried them.
fn resume<B: Books>(whole: &Datagram, outline: &mut Outline, books: &mut B, mut tree: Option<&mut Tree>) {
    if let Some(tree) = tree.as_deref_mut() {
        note_datagram(whole, outline, tree);
    }
    let mut findings = Findings::keeping();
    packet::resume(Next::Ip(whole.next), &whole.bytes, whole.pieces(), outline, &mut findings, tree);
    for claim in findings.claims.ranges().iter().filter(|claim| claim.class != Class::Unknown) {
        for piece in whole.origins(claim.start.into(), claim.end.into()) {
            books.settle(piece.packet, piece.at, piece.length, claim.class);
        }
    }
}

/// Notes which packets carried a datagram, and whether they agree.
fn note_datagram(whole: &Datagram, outline: &Outline, tree: &mut Tree) {
    let depth = outline.layers.len() as u8;
    let is_v6 = matches!(outline.endpoints.map(|ends| ends.addresses), Some(Addresses::V6(..)));
    let fields = if is_v6 { &ipv6::REASSEMBLY } else { &ipv4::REASSEMBLY };
    let mut note = |field, value: u64| crate::flow::note(tree, depth, field, Value::Number(value));
    let mut pieces = whole.pieces().to_vec();
    pieces.sort_by_key(|piece| piece.offset);
    for piece in &pieces {
        let conflict = whole.conflicts.contains(&piece.packet);
        note(if conflict { fields.error } else { fields.fragment }, piece.packet.into());
    }
    // How often, not where: Wireshark, too, puts these on the packet that completes.
    whole.overlaps.iter().for_each(|_| note(fields.overlap, 1));
    whole.conflicts.iter().for_each(|_| note(fields.conflict, 1));
    note(fields.count, pieces.len() as u64);
    note(fields.length, whole.bytes.len() as u64);
    if !whole.conflicts.is_empty() {
        let what = "the fragments contradict each other: the bytes that came first are shown";
        crate::flow::note(tree, depth, &REMARK, Value::Text(what.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Fact, Ledger};
    use crate::flow::MessageRow;
    use crate::packet::Frame;
    use crate::protocols::Side;
    use proptest::prelude::*;

    /// Books that remember how often a packet was assigned, and its ledger.
    #[derive(Default)]
    struct Counting {
        ledgers: Vec<Ledger>,
        assigned: Vec<u32>,
    }

    impl Books for Counting {
        fn settle(&mut self, packet: u32, _at: u32, length: u32, class: Class) {
            let ledger = &mut self.ledgers[packet as usize - 1];
            ledger.shift(Class::Unknown, class, length.into());
        }

        fn assign(&mut self, packet: u32, _flow: u32, _side: Side) -> Ledger {
            self.assigned[packet as usize - 1] += 1;
            self.ledgers[packet as usize - 1]
        }

        fn message(&mut self, _message: MessageRow, _subject: &str) {}

        fn fact(&mut self, _flow: u32, _packet: u32, _at: std::ops::Range<u32>, _fact: &Fact) {}
    }

    fn fragment(id: u8, offset: usize, more: bool, payload: &[u8]) -> Vec<u8> {
        let word = (offset / 8) as u16 | u16::from(more) << 13;
        let mut packet = vec![0x45, 0];
        packet.extend((20 + payload.len() as u16).to_be_bytes());
        packet.extend([0, id]);
        packet.extend(word.to_be_bytes());
        packet.extend([64, 4, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend(payload);
        packet
    }

    fn run(packets: &[Vec<u8>]) -> (Counting, Flows) {
        let (mut books, mut flows) = (Counting::default(), Flows::default());
        for (at, bytes) in packets.iter().enumerate() {
            let mut findings = Findings::counting();
            let frame = Frame { link_type: 228, length: bytes.len() as u32, fcs_length: None };
            let mut outline = packet::walk(frame, bytes, &mut findings, None);
            books.ledgers.push(findings.claims.ledger);
            books.assigned.push(0);
            let seen = Seen { number: at as u32 + 1, time: 0, bytes };
            flows.packet(seen, &mut outline, &mut books, None);
        }
        flows.finish(&mut books);
        (books, flows)
    }

    /// An IPv4 datagram with UDP, cut into fragments of an outer datagram of IP within IP.
    fn tunnelled() -> Vec<Vec<u8>> {
        let mut inner = fragment(9, 0, false, &[0x30, 0x39, 0, 9, 0, 28, 0, 0]);
        inner[9] = 17;
        inner[3] = 48;
        inner.extend([7; 20]);
        vec![
            fragment(1, 0, true, &inner[..24]),
            fragment(1, 24, true, &inner[24..40]),
            fragment(1, 40, false, &inner[40..]),
        ]
    }

    #[test]
    fn headers_of_a_datagram_class_the_bytes_of_the_packets_that_carried_them() {
        let (books, flows) = run(&tunnelled());
        assert_eq!(books.assigned, [1, 1, 1]);
        // 20 bytes of inner IPv4 and 4 of UDP in the first fragment, the other 4 of UDP in the second.
        assert_eq!(books.ledgers[0].of(Class::Network), 40);
        assert_eq!(books.ledgers[0].of(Class::Transport), 4);
        assert_eq!(books.ledgers[1].of(Class::Transport), 4);
        let flow = flows.all().iter().find(|flow| flow.packets == [3, 0]).unwrap();
        assert_eq!((flow.first, flow.last), (1, 3));
        assert_eq!(flow.ledger().total(), books.ledgers.iter().map(Ledger::total).sum::<u64>());
    }

    #[test]
    fn what_is_never_whole_belongs_to_the_two_hosts() {
        let (books, flows) = run(&tunnelled()[..2]);
        assert_eq!(books.assigned, [1, 1]);
        assert_eq!(flows.all().len(), 1);
        assert_eq!((flows.all()[0].packets, flows.all()[0].transport), ([2, 0], None));
        assert_eq!(flows.dropped().fragments, 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn flows_are_the_sum_of_their_packets(
            order in prop::collection::vec(0usize..3, 0..12),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..8),
        ) {
            let seeds = tunnelled();
            let mut packets: Vec<Vec<u8>> = order.into_iter().map(|at| seeds[at].clone()).collect();
            for (packet, at, byte) in changes {
                if !packets.is_empty() {
                    let packet = packet.index(packets.len());
                    let at = at.index(packets[packet].len());
                    packets[packet][at] = byte;
                }
            }
            let (books, flows) = run(&packets);
            let mut total = Ledger::default();
            for (ledger, (assigned, bytes)) in books.ledgers.iter().zip(books.assigned.iter().zip(&packets)) {
                prop_assert_eq!(ledger.total(), bytes.len() as u64);
                prop_assert!(*assigned <= 1);
                if *assigned == 1 {
                    total += *ledger;
                }
            }
            let mut of_flows = Ledger::default();
            flows.all().iter().for_each(|flow| of_flows += flow.ledger());
            prop_assert_eq!(of_flows, total);
        }
    }
}
