//! Both sides of a TCP flow, cut, shuffled and repeated as the input says: no panic, the books balance,
//! and the same bytes in order give the same messages.
#![no_main]

use husk_fuzz::{Run, cuts_change_nothing, said};
use libfuzzer_sys::fuzz_target;

/// Ports of protocols that are told by them, and one of none.
const PORTS: [u16; 6] = [443, 53, 80, 25, 3306, 8400];

/// Cuts the input into runs: every fourth step of the plan hands over to the other side.
fn runs(plan: &[u8], stream: &[u8]) -> Vec<Run> {
    let (mut runs, mut rest, mut from_client) = (Vec::new(), stream, true);
    for step in plan.iter().step_by(4) {
        let (bytes, behind) = rest.split_at(rest.len().min(usize::from(*step) * 3));
        runs.push(Run { from_client, bytes: bytes.to_vec() });
        (rest, from_client) = (behind, !from_client);
    }
    runs.push(Run { from_client, bytes: rest.to_vec() });
    runs
}

fuzz_target!(|data: &[u8]| {
    let Some((port, data)) = data.split_first() else { return };
    let Some((plan, stream)) = data.split_at_checked(data.len() / 5) else { return };
    let stream = &stream[..stream.len().min(40_000)];
    let port = PORTS[usize::from(*port) % PORTS.len()];
    cuts_change_nothing(&said(port, plan, &runs(plan, stream)));
});
