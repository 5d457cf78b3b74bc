//! A filter, and a packet that it is held against: no panic, and what parses prints back and parses to the same.
#![no_main]

use husk::bytes::{Findings, Tree};
use husk::filter::Filter;
use husk::packet::{self, Frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let split = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (text, packet) = data.split_at(split);
    let Ok(text) = std::str::from_utf8(text) else { return };
    let filter = match Filter::parse(text) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(error.start <= error.end);
            let _ = error.to_string();
            return;
        }
    };
    let printed = filter.to_string();
    match Filter::parse(&printed) {
        Ok(again) => assert_eq!(again, filter, "{text} prints as {printed}"),
        // What is printed may be longer than what was typed, and so too long.
        Err(error) => assert!(error.what.contains("at most"), "{text} prints as {printed}: {error}"),
    }
    let mut tree = Tree::only(filter.fields());
    let frame = Frame { link_type: 1, length: packet.len() as u32, fcs_length: None };
    packet::walk(frame, packet, &mut Findings::counting(), Some(&mut tree));
    let holds = filter.matches(&tree, packet);
    // A tree that keeps more tells the same.
    let mut whole = Tree::new();
    packet::walk(frame, packet, &mut Findings::counting(), Some(&mut whole));
    assert_eq!(filter.matches(&whole, packet), holds, "{text}");
});
