//! TCP (RFC 9293): the header. Order, streams and analysis are the flow's work.

use etherparse::TcpHeaderSlice;

use super::{Next, Outline, Protocol, Read, TcpOutline, Transport, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// The Transmission Control Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("tcp", "Transmission Control Protocol", Class::Transport, "RFC 9293, section 3.1"),
    fields: FIELDS,
    under: &[Under::Ip(6)],
    read: Read::Header(read),
};

fields! { class Transport, "RFC 9293, section 3.1";
    SRC_PORT: Number "tcp.srcport" "Source Port";
    DST_PORT: Number "tcp.dstport" "Destination Port";
    SEQ_RAW: Number "tcp.seq_raw" "Sequence Number (raw)";
    ACK_RAW: Number "tcp.ack_raw" "Acknowledgment number (raw)";
    HEADER_LENGTH: Number "tcp.hdr_len" "Header Length";
    FLAGS: Hex(4) "tcp.flags" "Flags";
    CWR: Flag "tcp.flags.cwr" "Congestion Window Reduced", "RFC 3168, section 6.1";
    ECE: Flag "tcp.flags.ece" "ECN-Echo", "RFC 3168, section 6.1";
    URG: Flag "tcp.flags.urg" "Urgent";
    ACK: Flag "tcp.flags.ack" "Acknowledgment";
    PSH: Flag "tcp.flags.push" "Push";
    RST: Flag "tcp.flags.reset" "Reset";
    SYN: Flag "tcp.flags.syn" "Syn";
    FIN: Flag "tcp.flags.fin" "Fin";
    WINDOW: Number "tcp.window_size_value" "Window";
    CHECKSUM: Hex(4) "tcp.checksum" "Checksum";
    URGENT_POINTER: Number "tcp.urgent_pointer" "Urgent Pointer";
    OPTIONS: Bytes "tcp.options" "TCP Options", "RFC 9293, section 3.2";
    STREAM: Number "tcp.stream" "Stream index", "husk";
    LENGTH: Number "tcp.len" "TCP Segment Len", "husk";
    SEQ: Number "tcp.seq" "Sequence Number (relative)", "husk";
    ACKNOWLEDGMENT: Number "tcp.ack" "Acknowledgment Number (relative)", "husk";
    WINDOW_SCALED: Number "tcp.window_size" "Calculated window size", "RFC 7323, section 2";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let tcp = c.header(|bytes| TcpHeaderSlice::from_slice(bytes).ok().map(|tcp| (tcp.slice().len(), tcp)), notes)?;
    outline.transport(Transport::Tcp, (tcp.source_port(), tcp.destination_port()));
    let flags = tcp.slice().get(12..14).map_or(0, |two| two.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte)));
    outline.tcp = Some(TcpOutline {
        seq: tcp.sequence_number(),
        ack: tcp.acknowledgment_number(),
        flags: flags & 0xfff,
        window: tcp.window_size(),
        ..TcpOutline::default()
    });
    outline.payload_length = (c.remaining() as u32).saturating_add(outline.missing);
    Ok(Next::Payload(Transport::Tcp))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&SRC_PORT)?;
    c.u16(&DST_PORT)?;
    c.u32(&SEQ_RAW)?;
    c.u32(&ACK_RAW)?;
    let flags = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    c.part(&HEADER_LENGTH, Value::Number(u64::from(flags >> 12) << 2));
    c.bits(&FLAGS, flags, 0, 0xfff);
    for (shift, field) in [(7, &CWR), (6, &ECE), (5, &URG), (4, &ACK), (3, &PSH), (2, &RST), (1, &SYN), (0, &FIN)] {
        c.bits(field, flags, shift, 1);
    }
    c.u16(&WINDOW)?;
    c.u16(&CHECKSUM)?;
    c.u16(&URGENT_POINTER)?;
    if !c.is_empty() {
        c.bytes(&OPTIONS, c.remaining())?;
    }
    Ok(())
}
