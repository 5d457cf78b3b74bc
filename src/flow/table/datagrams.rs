//! What happens to fragments in the flow table: the packet that makes a datagram whole brings it to its flow.

use super::super::fragments::{Arrival, Carrier, Datagram, GivenUp};
use super::super::{Books, limits};
use super::{Flows, Payload, Seen};
use crate::bytes::{Class, Findings, REMARK, Tree, Value};
use crate::packet;
use crate::protocols::{Addresses, Next, Outline, ipv4, ipv6};

impl Flows<'_> {
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
            given_up.into_iter().for_each(|given_up| self.give_to_hosts(&given_up, books));
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
        self.deliver(seen, outline, payload, books, tree);
    }

    /// Fragments whose datagram was never whole belong to the flow of their two hosts.
    pub(super) fn give_to_hosts<B: Books>(&mut self, given_up: &GivenUp, books: &mut B) {
        for carrier in &given_up.carriers {
            let seen = Seen { number: carrier.packet, time: carrier.time, bytes: &[] };
            let (index, side) = self.find(&given_up.ends, None, &seen, None);
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
    let (fragment, error, count, length) = match outline.endpoints.map(|ends| ends.addresses) {
        Some(Addresses::V6(..)) => {
            (&ipv6::FRAGMENT, &ipv6::FRAGMENT_ERROR, &ipv6::FRAGMENT_COUNT, &ipv6::REASSEMBLED_LENGTH)
        }
        _ => (&ipv4::FRAGMENT, &ipv4::FRAGMENT_ERROR, &ipv4::FRAGMENT_COUNT, &ipv4::REASSEMBLED_LENGTH),
    };
    let mut pieces = whole.pieces().to_vec();
    pieces.sort_by_key(|piece| piece.offset);
    for piece in &pieces {
        let field = if whole.conflicts.contains(&piece.packet) { error } else { fragment };
        crate::flow::note(tree, depth, field, Value::Number(piece.packet.into()));
    }
    crate::flow::note(tree, depth, count, Value::Number(pieces.len() as u64));
    crate::flow::note(tree, depth, length, Value::Number(whole.bytes.len() as u64));
    if !whole.conflicts.is_empty() {
        let what = "the fragments contradict each other: the bytes that came first are shown";
        crate::flow::note(tree, depth, &REMARK, Value::Text(what.into()));
    }
}
