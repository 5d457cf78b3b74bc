//! TCP (RFC 9293): the header. Order, streams and analysis are the flow's work.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! |          source port          |       destination port        |
//! |                        sequence number                        |
//! |                     acknowledgment number                     |
//! | offset|  res. |A|C|E|U|A|P|R|S|F|            window           |
//! |            checksum           |         urgent pointer        |
//! |                    options (0 to 40 bytes)                    |
//! ```

use etherparse::TcpHeaderSlice;

use super::{Next, Outline, Protocol, Read, TcpOutline, Transport, Under, checksum, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value, joined};
use crate::fields;

pub mod analysis;
pub mod options;

/// The Transmission Control Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("tcp", "Transmission Control Protocol", Class::Transport, "RFC 9293, section 3.1"),
    fields: ALL,
    under: &[Under::Ip(6)],
    read: Read::Header(read),
};

static ALL: &[&Field] = &joined::<{ FIELDS.len() + options::FIELDS.len() + analysis::FIELDS.len() }>(&[
    FIELDS,
    options::FIELDS,
    analysis::FIELDS,
]);

fields! { class Transport, "RFC 9293, section 3.1";
    SRC_PORT: Number "tcp.srcport" "Source Port";
    DST_PORT: Number "tcp.dstport" "Destination Port";
    SEQ_RAW: Number "tcp.seq_raw" "Sequence Number (raw)";
    ACK_RAW: Number "tcp.ack_raw" "Acknowledgment number (raw)";
    HEADER_LENGTH: Number "tcp.hdr_len" "Header Length";
    FLAGS: Hex(4) "tcp.flags" "Flags";
    RESERVED: Flag "tcp.flags.res" "Reserved";
    AE: Flag "tcp.flags.ae" "Accurate ECN", "draft-ietf-tcpm-accurate-ecn, section 3.1";
    CWR: Flag "tcp.flags.cwr" "Congestion Window Reduced", "RFC 3168, section 6.1";
    ECE: Flag "tcp.flags.ece" "ECN-Echo", "RFC 3168, section 6.1";
    URG: Flag "tcp.flags.urg" "Urgent";
    ACK: Flag "tcp.flags.ack" "Acknowledgment";
    PSH: Flag "tcp.flags.push" "Push";
    RST: Flag "tcp.flags.reset" "Reset";
    SYN: Flag "tcp.flags.syn" "Syn";
    FIN: Flag "tcp.flags.fin" "Fin";
    FLAG_LETTERS: Text "tcp.flags.str" "TCP Flags";
    WINDOW: Number "tcp.window_size_value" "Window";
    CHECKSUM: Hex(4) "tcp.checksum" "Checksum";
    CHECKSUM_VERDICT: Text "husk.tcp.checksum.verdict" "Checksum verdict";
    URGENT_POINTER: Number "tcp.urgent_pointer" "Urgent Pointer";
    OPTIONS: Bytes "tcp.options" "TCP Options", "RFC 9293, section 3.2";
    PAYLOAD: Bytes "tcp.payload" "TCP payload";
    RESET_CAUSE: Text "tcp.reset_cause" "Reset cause", "RFC 9293, section 3.5.3";
}

/// The header without options.
pub(crate) const FIXED: usize = 20;
/// The part of the header that a flow needs: up to the window.
const NEEDED: usize = 16;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let start = c.peek(FIXED);
    if let [s1, s2, d1, d2, ..] = *start {
        outline.transport(Transport::Tcp, (u16::from_be_bytes([s1, s2]), u16::from_be_bytes([d1, d2])));
    }
    // Of a segment that is not whole the checksum says nothing.
    let is_whole = outline.missing == 0;
    // An IP header may promise more than the frame held; only what the snap length cut is missing.
    let cut = (outline.wire_length as usize).saturating_sub(c.whole().len());
    outline.missing = outline.missing.min(cut as u32);
    let whole = c.remaining().saturating_add(outline.missing as usize);
    // A header that is cut still tells the flow where it stands.
    outline.tcp = numbers(start, whole);
    if is_whole && c.wants(&CHECKSUM_VERDICT) {
        let verdict = outline.endpoints.map(|ends| checksum::of(&ends.addresses, c.peek(c.remaining())));
        checksum::note(c, &CHECKSUM_VERDICT, checksum::TCP_PLACE, verdict);
    }
    let tcp = c.header(|bytes| TcpHeaderSlice::from_slice(bytes).ok().map(|tcp| (tcp.slice().len(), tcp)), notes)?;
    if let Some(tcp_outline) = &mut outline.tcp {
        options::scan(tcp.options(), tcp_outline);
    }
    outline.payload_length = (c.remaining() as u32).saturating_add(outline.missing);
    if outline.tcp.is_some_and(|tcp| tcp.has(TcpOutline::RST)) && !c.is_empty() {
        // For people: why the connection was reset. It is no data of the connection.
        c.class(Class::Metadata);
        c.bytes(&RESET_CAUSE, c.rest().len())?;
        return Ok(Next::End);
    }
    if c.listens() && !c.is_empty() {
        let end = c.offset().saturating_add(c.rest().len() as u32);
        c.note(&PAYLOAD, Value::Span, c.offset(), end);
    }
    Ok(Next::Payload(Transport::Tcp))
}

/// What a flow needs of the header, if so much of it is here. `whole` is the segment's length on the wire.
#[inline]
pub(crate) fn numbers(start: &[u8], whole: usize) -> Option<TcpOutline> {
    let fixed: [u8; NEEDED] = start.get(..NEEDED)?.try_into().ok()?;
    let bits = u128::from_be_bytes(fixed);
    let header = ((bits >> 28) as usize & 0xf) << 2;
    Some(TcpOutline {
        seq: (bits >> 64) as u32,
        ack: (bits >> 32) as u32,
        flags: (bits >> 16) as u16 & 0xfff,
        window: bits as u16,
        length: whole.checked_sub(header).filter(|_| header >= FIXED).map(|length| length as u32),
        ..TcpOutline::default()
    })
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&SRC_PORT)?;
    c.u16(&DST_PORT)?;
    c.u32(&SEQ_RAW)?;
    c.u32(&ACK_RAW)?;
    let flags = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    c.part(&HEADER_LENGTH, Value::Number(u64::from(flags >> 12) << 2));
    if flags >> 12 < 5 {
        return Err(c.malformed("the header length is less than that of a header"));
    }
    c.bits(&FLAGS, flags, 0, 0xfff);
    c.part(&RESERVED, Value::Number(u64::from(flags & 0xe00 != 0)));
    for (shift, field) in (0..9).rev().zip([&AE, &CWR, &ECE, &URG, &ACK, &PSH, &RST, &SYN, &FIN]) {
        c.bits(field, flags, shift, 1);
    }
    if c.wants(&FLAG_LETTERS) {
        c.part(&FLAG_LETTERS, Value::Text(letters(flags).into()));
    }
    c.u16(&WINDOW)?;
    c.u16(&CHECKSUM)?;
    c.u16(&URGENT_POINTER)?;
    if c.is_empty() {
        return Ok(());
    }
    c.group(&OPTIONS, options::note)
}

/// The flags that are set, as letters in their places.
fn letters(flags: u16) -> String {
    let places = "RRRACEUAPRSF".chars().enumerate();
    places.map(|(place, letter)| if flags << place & 0x800 == 0 { '·' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    /// Ports 1000 and 80, sequence number 1, acknowledgment number 2, SYN and ACK, window 0x2000.
    const HEADER: [u8; 20] = [3, 0xe8, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x12, 0x20, 0, 0xab, 0xcd, 0, 0];

    fn walk(bytes: &[u8], missing: u32) -> (Result<Next, Stop>, Outline, Vec<String>) {
        let wire_length = missing.saturating_add(bytes.len() as u32);
        let mut outline = Outline { wire_length, missing, ..Outline::default() };
        let mut tree = Tree::new();
        let mut findings = Findings::counting();
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
        c.class(Class::Transport);
        let result = read(&mut c, &mut outline);
        let cells = tree.nodes().iter().map(|n| format!("{}={}", n.field.name, tree.cell(n, bytes))).collect();
        (result, outline, cells)
    }

    #[test]
    fn a_header_hands_up_its_numbers() {
        let bytes = [&HEADER[..], b"abc"].concat();
        let (result, outline, cells) = walk(&bytes, 0);
        assert_eq!(result, Ok(Next::Payload(Transport::Tcp)));
        let tcp = outline.tcp.unwrap();
        assert_eq!((tcp.seq, tcp.ack, tcp.window, tcp.length), (1, 2, 0x2000, Some(3)));
        assert!(tcp.has(TcpOutline::SYN | TcpOutline::ACK) && !tcp.has(TcpOutline::FIN));
        assert!(cells.contains(&"tcp.flags=0x0012".to_owned()));
        assert!(cells.contains(&"tcp.flags.str=·······A··S·".to_owned()));
        assert!(cells.contains(&"tcp.payload=616263".to_owned()));
    }

    #[test]
    fn a_cut_header_still_gives_ports_and_what_is_there() {
        let (result, outline, cells) = walk(&HEADER[..17], 13);
        assert!(result.is_err());
        assert_eq!(outline.transport, Some(Transport::Tcp));
        assert_eq!(outline.tcp.unwrap().length, Some(10));
        assert!(cells.contains(&"tcp.window_size_value=8192".to_owned()));
        assert!(!cells.iter().any(|cell| cell.starts_with("tcp.checksum")));
        let (_, outline, _) = walk(&HEADER[..8], 0);
        assert_eq!((outline.transport, outline.tcp), (Some(Transport::Tcp), None));
        let (_, outline, _) = walk(&HEADER[..3], 0);
        assert_eq!(outline.transport, None);
    }

    #[test]
    fn a_data_offset_beyond_the_segment_leaves_its_length_unknown() {
        let mut header = HEADER;
        header[12] = 0xf0;
        assert_eq!(walk(&header, 0).1.tcp.unwrap().length, None);
        header[12] = 0x40;
        let (result, outline, cells) = walk(&header, 0);
        assert!(result.is_err());
        assert_eq!(outline.tcp.unwrap().length, None);
        assert!(cells.contains(&"tcp.hdr_len=16".to_owned()));
    }
}
