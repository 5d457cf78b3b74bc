//! Judgments by hand-made segments.

use super::*;

const ACK: u16 = TcpOutline::ACK;

/// Judges one segment after another: (client?, seq, ack, length, window, flags, milliseconds); gives back the names
/// of what is found of each.
fn judge(segments: &[(bool, u32, u32, u32, u16, u16, i64)]) -> Vec<String> {
    let mut analysis = Analysis::default();
    let numbered = segments.iter().enumerate();
    numbered
        .map(|(packet, (client, seq, ack, length, window, flags, time))| {
            let header = TcpOutline { seq: *seq, ack: *ack, window: *window, flags: *flags, ..TcpOutline::default() };
            let of = Judged {
                side: if *client { Side::Client } else { Side::Server },
                header: &header,
                length: *length,
                packet: packet as u32 + 1,
                time: 1_000_000_000 + time * 1_000_000,
                shift: Some(0),
                reuses_ports: false,
            };
            let mut tree = Tree::new();
            analysis.judge(&of, 0, Some(&mut tree));
            let flags = tree.nodes().iter().filter(|node| node.field.kind == crate::bytes::Kind::Flag);
            let names: Vec<&str> = flags.filter_map(|node| node.field.name.strip_prefix("tcp.analysis.")).collect();
            names.join(" ")
        })
        .collect()
}

#[test]
fn a_loss_is_told_then_asked_for_then_sent_again() {
    let found = judge(&[
        (true, 100, 500, 100, 1000, ACK, 0),
        (true, 300, 500, 100, 1000, ACK, 1),
        (false, 500, 200, 0, 1000, ACK, 2),
        (false, 500, 200, 0, 1000, ACK, 3),
        (false, 500, 200, 0, 1000, ACK, 4),
        (true, 200, 500, 100, 1000, ACK, 5),
        (true, 100, 500, 100, 1000, ACK, 900),
    ]);
    let duplicate = "duplicate_ack duplicate_ack";
    let fast = "retransmission fast_retransmission";
    let spurious = "retransmission spurious_retransmission";
    assert_eq!(found, ["", "lost_segment", "", duplicate, duplicate, fast, spurious]);
}

#[test]
fn what_comes_soon_behind_is_out_of_order_and_what_comes_late_is_sent_again() {
    let found = judge(&[
        (true, 100, 500, 100, 1000, ACK, 0),
        (true, 300, 500, 100, 1000, ACK, 1),
        (true, 200, 500, 50, 1000, ACK, 2),
        (true, 250, 500, 50, 1000, ACK, 500),
    ]);
    assert_eq!(found, ["", "lost_segment", "out_of_order", "retransmission"]);
}

#[test]
fn keep_alives_and_closed_windows() {
    let found = judge(&[
        (true, 100, 500, 100, 1000, ACK, 0),
        (false, 500, 200, 0, 0, ACK, 1),
        (true, 200, 500, 1, 1000, ACK, 2),
        (false, 500, 200, 0, 0, ACK, 3),
        (false, 500, 200, 0, 900, ACK, 4),
        (true, 199, 500, 0, 1000, ACK, 5),
        (false, 500, 200, 0, 900, ACK, 6),
    ]);
    let probed = "zero_window zero_window_probe_ack";
    assert_eq!(
        found,
        ["", "zero_window", "zero_window_probe", probed, "window_update", "keep_alive", "keep_alive_ack"]
    );
}

#[test]
fn a_side_that_was_never_heard_has_no_closed_window() {
    let byte = |seq| (true, seq, 500, 1, 1000, ACK, i64::from(seq));
    assert_eq!(judge(&[byte(1), byte(2), byte(3)]), ["", "", ""]);
}
