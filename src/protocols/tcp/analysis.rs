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
}
