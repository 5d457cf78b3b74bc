//! One packet of any link type: no panic, every byte in one class, and a tree changes nothing.
#![no_main]

use husk::bytes::{Findings, Tree};
use husk::packet::{self, Frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((link_type, bytes)) = data.split_first_chunk::<4>() else { return };
    let link_type = u32::from_be_bytes(*link_type);
    let frame = Frame { link_type, length: bytes.len() as u32, fcs_length: None };
    let (mut quiet, mut heard) = (Findings::counting(), Findings::keeping());
    let mut tree = Tree::new();
    let alone = packet::walk(frame, bytes, &mut quiet, None);
    let listened = packet::walk(frame, bytes, &mut heard, Some(&mut tree));
    assert_eq!(quiet.claims.ledger.total(), bytes.len() as u64);
    assert_eq!(quiet.claims.ledger, heard.claims.ledger);
    assert_eq!(quiet.facts, heard.facts);
    assert_eq!(alone.endpoints, listened.endpoints);
    assert_eq!(alone.payload, listened.payload);
    assert_eq!(alone.tcp, listened.tcp);
    let mut seen = vec![false; bytes.len()];
    for claim in heard.claims.ranges() {
        for at in claim.start..claim.end {
            assert!(!std::mem::replace(&mut seen[at as usize], true), "byte {at} was claimed twice");
        }
    }
    for node in tree.nodes() {
        assert!(node.start <= node.end);
        let _ = tree.text(node, bytes);
    }
});
