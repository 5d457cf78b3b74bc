//! What a flow notes of a segment: relative numbers and what follows from them. No byte of its own.

use crate::fields;

fields! { class Transport, "RFC 9293, section 3.4";
    STREAM: Number "tcp.stream" "Stream index", "husk";
    COMPLETENESS: Number "tcp.completeness" "Conversation completeness", "husk";
    LENGTH: Number "tcp.len" "TCP Segment Len";
    SEQ: Number "tcp.seq" "Sequence Number (relative)";
    NEXT_SEQ: Number "tcp.nxtseq" "Next Sequence Number (relative)";
    ACKNOWLEDGMENT: Number "tcp.ack" "Acknowledgment Number (relative)";
    WINDOW_SCALED: Number "tcp.window_size" "Calculated window size", "RFC 7323, section 2";
    SCALE_FACTOR: Signed "tcp.window_size_scalefactor" "Window size scaling factor", "RFC 7323, section 2";
    TIME_RELATIVE: Duration "tcp.time_relative" "Time since first frame in this TCP stream", "husk";
    TIME_DELTA: Duration "tcp.time_delta" "Time since previous frame in this TCP stream", "husk";
    ACKS_FRAME: Number "tcp.analysis.acks_frame" "This is an ACK to the segment in frame", "husk";
    ACK_RTT: Duration "tcp.analysis.ack_rtt" "The RTT to ACK the segment was", "RFC 6298, section 2";
    INITIAL_RTT: Duration "tcp.analysis.initial_rtt" "iRTT", "RFC 6298, section 2";
    BYTES_IN_FLIGHT: Number "tcp.analysis.bytes_in_flight" "Bytes in flight", "RFC 5681, section 2";
    PUSH_BYTES_SENT: Number "tcp.analysis.push_bytes_sent" "Bytes sent since last PSH flag", "husk";
    RTO: Duration "tcp.analysis.rto" "The RTO for this segment was", "RFC 6298, section 5";
    RTO_FRAME: Number "tcp.analysis.rto_frame" "RTO based on delta from frame", "husk";
    REUSED_PORTS: Flag "tcp.analysis.reused_ports" "A new session on the ports of an earlier one", "husk";
    RETRANSMISSION: Flag "tcp.analysis.retransmission" "A (suspected) retransmission", "RFC 6298, section 5";
    FAST_RETRANSMISSION: Flag "tcp.analysis.fast_retransmission" "A (suspected) fast retransmission", "RFC 5681, section 3.2";
    SPURIOUS_RETRANSMISSION: Flag "tcp.analysis.spurious_retransmission" "A (suspected) spurious retransmission", "RFC 3522";
    OUT_OF_ORDER: Flag "tcp.analysis.out_of_order" "A (suspected) out-of-order segment", "husk";
    LOST_SEGMENT: Flag "tcp.analysis.lost_segment" "Previous segment(s) not captured", "husk";
    ACK_LOST_SEGMENT: Flag "tcp.analysis.ack_lost_segment" "ACKed segment that was not captured", "husk";
    WINDOW_UPDATE: Flag "tcp.analysis.window_update" "TCP window update", "RFC 9293, section 3.8.6";
    WINDOW_FULL: Flag "tcp.analysis.window_full" "The receiver's window is now full", "RFC 9293, section 3.8.6";
    KEEP_ALIVE: Flag "tcp.analysis.keep_alive" "TCP keep-alive segment", "RFC 9293, section 3.8.4";
    KEEP_ALIVE_ACK: Flag "tcp.analysis.keep_alive_ack" "ACK to a TCP keep-alive segment", "RFC 9293, section 3.8.4";
    ZERO_WINDOW: Flag "tcp.analysis.zero_window" "TCP Zero Window segment", "RFC 9293, section 3.8.6.1";
    ZERO_WINDOW_PROBE: Flag "tcp.analysis.zero_window_probe" "TCP Zero Window Probe", "RFC 9293, section 3.8.6.1";
    ZERO_WINDOW_PROBE_ACK: Flag "tcp.analysis.zero_window_probe_ack" "ACK to a TCP Zero Window Probe", "RFC 9293, section 3.8.6.1";
    DUPLICATE_ACK: Flag "tcp.analysis.duplicate_ack" "Duplicate ACK", "RFC 5681, section 2";
    DUPLICATE_ACK_NUMBER: Number "tcp.analysis.duplicate_ack_num" "Duplicate ACK #", "RFC 5681, section 2";
    DUPLICATE_ACK_FRAME: Number "tcp.analysis.duplicate_ack_frame" "Duplicate to the ACK in frame", "husk";
}
