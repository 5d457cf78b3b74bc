//! SCTP (RFC 9260): a transport of several streams; a packet is a header and chunks.
//!
//! ```text
//! source, 2 | destination, 2 | verification tag, 4 | checksum, 4 | chunk: type, 1 | flags, 1 | length, 2 | value, padded ...
//! ```
//!
//! What DATA chunks carry goes to the flow, which reads it as a stream; until then it is Unknown.

use super::{Next, Outline, Protocol, Read, Transport, Under, UserData, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Stream Control Transmission Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("sctp", "Stream Control Transmission Protocol", Class::Transport, "RFC 9260"),
    fields: FIELDS,
    under: &[Under::Ip(132)],
    read: Read::Header(read),
};

fields! { class Transport, "RFC 9260, section 3.1";
    SRC_PORT: Number "sctp.srcport" "Source port";
    DST_PORT: Number "sctp.dstport" "Destination port";
    VERIFICATION: Hex(8) "sctp.verification_tag" "Verification tag";
    CHECKSUM: Hex(8) "sctp.checksum" "Checksum";
    CHUNK: Group "husk.sctp.chunk" "Chunk", "RFC 9260, section 3.2";
    TYPE: Number "sctp.chunk_type" "Chunk type", "RFC 9260, section 3.2", names chunk_name;
    BIT_1: Flag "sctp.chunk_bit_1" "Skip if unknown", "RFC 9260, section 3.2";
    BIT_2: Flag "sctp.chunk_bit_2" "Report if unknown", "RFC 9260, section 3.2";
    FLAGS: Hex(2) "sctp.chunk_flags" "Chunk flags", "RFC 9260, section 3.2";
    LENGTH: Number "sctp.chunk_length" "Chunk length", "RFC 9260, section 3.2";
    VALUE: Bytes "husk.sctp.chunk_value" "Chunk value", "RFC 9260, section 3.2";
    PADDING: Bytes "sctp.chunk_padding" "Chunk padding", "RFC 9260, section 3.2";
    IMMEDIATE: Flag "sctp.data_i_bit" "I-Bit", "RFC 9260, section 3.3.1";
    UNORDERED: Flag "sctp.data_u_bit" "U-Bit", "RFC 9260, section 3.3.1";
    BEGIN: Flag "sctp.data_b_bit" "B-Bit", "RFC 9260, section 3.3.1";
    END: Flag "sctp.data_e_bit" "E-Bit", "RFC 9260, section 3.3.1";
    TSN: Number "sctp.data_tsn_raw" "Transmission sequence number", "RFC 9260, section 3.3.1";
    STREAM: Hex(4) "sctp.data_sid" "Stream identifier", "RFC 9260, section 3.3.1";
    SEQUENCE: Number "sctp.data_ssn" "Stream sequence number", "RFC 9260, section 3.3.1";
    PAYLOAD_PROTOCOL: Number "sctp.data_payload_proto_id" "Payload protocol identifier",
        "RFC 9260, section 3.3.1", names payload_protocol;
    DATA: Bytes "husk.sctp.data" "User data", "RFC 9260, section 3.3.1";
    INITIATE_TAG: Hex(8) "sctp.initiate_tag" "Initiate tag", "RFC 9260, section 3.3.2";
    INIT_TAG: Hex(8) "sctp.init_initiate_tag" "Initiate tag", "RFC 9260, section 3.3.2";
    INIT_CREDIT: Number "sctp.init_credit" "Advertised receiver window credit", "RFC 9260, section 3.3.2";
    INIT_OUT: Number "sctp.init_nr_out_streams" "Number of outbound streams", "RFC 9260, section 3.3.2";
    INIT_IN: Number "sctp.init_nr_in_streams" "Number of inbound streams", "RFC 9260, section 3.3.2";
    INIT_TSN: Number "sctp.init_initial_tsn" "Initial TSN", "RFC 9260, section 3.3.2";
    INIT_ACK_TAG: Hex(8) "sctp.initack_initiate_tag" "Initiate tag", "RFC 9260, section 3.3.3";
    INIT_ACK_CREDIT: Number "sctp.initack_credit" "Advertised receiver window credit", "RFC 9260, section 3.3.3";
    INIT_ACK_OUT: Number "sctp.initack_nr_out_streams" "Number of outbound streams", "RFC 9260, section 3.3.3";
    INIT_ACK_IN: Number "sctp.initack_nr_in_streams" "Number of inbound streams", "RFC 9260, section 3.3.3";
    INIT_ACK_TSN: Number "sctp.initack_initial_tsn" "Initial TSN", "RFC 9260, section 3.3.3";
    NONCE_SUM: Number "sctp.sack_nounce_sum" "Nonce sum", "draft-ladha-sctp-nonce";
    ACKNOWLEDGED: Number "sctp.sack_cumulative_tsn_ack_raw" "Cumulative TSN ACK", "RFC 9260, section 3.3.4";
    WINDOW: Number "sctp.sack_a_rwnd" "Advertised receiver window credit", "RFC 9260, section 3.3.4";
    GAPS: Number "sctp.sack_number_of_gap_blocks" "Number of gap acknowledgement blocks", "RFC 9260, section 3.3.4";
    DUPLICATES: Number "sctp.sack_number_of_duplicated_tsns" "Number of duplicated TSNs", "RFC 9260, section 3.3.4";
    GAP_START: Number "sctp.sack_gap_block_start" "Start", "RFC 9260, section 3.3.4";
    GAP_END: Number "sctp.sack_gap_block_end" "End", "RFC 9260, section 3.3.4";
    DUPLICATE: Number "sctp.sack_duplicate_tsn" "Duplicate TSN", "RFC 9260, section 3.3.4";
    SHUTDOWN_TSN: Number "sctp.shutdown_cumulative_tsn_ack" "Cumulative TSN Ack", "RFC 9260, section 3.3.8";
    ABORT_T: Flag "sctp.abort_t_bit" "T-Bit", "RFC 9260, section 3.3.7";
    COMPLETE_T: Flag "sctp.shutdown_complete_t_bit" "T-Bit", "RFC 9260, section 3.3.13";
    COOKIE: Bytes "sctp.cookie" "Cookie", "RFC 9260, section 3.3.11";
    FORWARD_TSN: Number "sctp.forward_tsn_tsn" "New cumulative TSN", "RFC 3758, section 3.2";
    PARAMETER: Group "husk.sctp.parameter" "Parameter", "RFC 9260, section 3.2.1";
    PARAMETER_TYPE: Hex(4) "sctp.parameter_type" "Parameter type", "RFC 9260, section 3.2.1", names parameter_name;
    PARAMETER_BIT_1: Flag "sctp.parameter_bit_1" "Skip if unknown", "RFC 9260, section 3.2.1";
    PARAMETER_BIT_2: Flag "sctp.parameter_bit_2" "Report if unknown", "RFC 9260, section 3.2.1";
    PARAMETER_LENGTH: Number "sctp.parameter_length" "Parameter length", "RFC 9260, section 3.2.1";
    PARAMETER_VALUE: Bytes "husk.sctp.parameter_value" "Parameter value", "RFC 9260, section 3.2.1";
    PARAMETER_PADDING: Bytes "sctp.parameter_padding" "Parameter padding", "RFC 9260, section 3.2.1";
    PARAMETER_IPV4: Ipv4 "sctp.parameter_ipv4_address" "IP Version 4 address", "RFC 9260, section 3.3.2.1.1";
    PARAMETER_IPV6: Ipv6 "sctp.parameter_ipv6_address" "IP Version 6 address", "RFC 9260, section 3.3.2.1.2";
    HEARTBEAT: Bytes "sctp.parameter_heartbeat_information" "Heartbeat information", "RFC 9260, section 3.3.5";
    STATE_COOKIE: Bytes "sctp.parameter_state_cookie" "State cookie", "RFC 9260, section 3.3.3.1.1";
    ADDRESS_TYPE: Number "sctp.parameter_supported_address_type" "Supported address type",
        "RFC 9260, section 3.3.2.1.5";
    HOST_NAME: Text "sctp.parameter_hostname" "Hostname", "RFC 9260, section 3.3.2.1.4";
    ADAPTATION: Hex(8) "sctp.adaptation_layer_indication" "Indication", "RFC 5061, section 4.2.6";
}

const HEADER: usize = 4;

fn chunk_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "DATA",
        1 => "INIT",
        2 => "INIT ACK",
        3 => "SACK",
        4 => "HEARTBEAT",
        5 => "HEARTBEAT ACK",
        6 => "ABORT",
        7 => "SHUTDOWN",
        8 => "SHUTDOWN ACK",
        9 => "ERROR",
        10 => "COOKIE ECHO",
        11 => "COOKIE ACK",
        12 => "ECNE",
        13 => "CWR",
        14 => "SHUTDOWN COMPLETE",
        15 => "AUTH",
        64 => "I-DATA",
        128 => "ASCONF ACK",
        130 => "RE-CONFIG",
        132 => "PAD",
        192 => "FORWARD TSN",
        193 => "ASCONF",
        194 => "I-FORWARD TSN",
        _ => return None,
    })
}

fn parameter_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "heartbeat info",
        5 => "IPv4 address",
        6 => "IPv6 address",
        7 => "state cookie",
        9 => "cookie preservative",
        11 => "host name",
        12 => "supported address types",
        0x8000 => "ECN",
        0x8008 => "supported extensions",
        0xc000 => "forward TSN supported",
        0xc006 => "adaptation layer",
        _ => return None,
    })
}

/// The better known payload protocols (IANA).
fn payload_protocol(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "IUA",
        2 => "M2UA",
        3 => "M3UA",
        18 => "S1AP",
        27 => "X2AP",
        46 => "Diameter",
        47 => "Diameter in DTLS",
        50 => "WebRTC control",
        51 => "WebRTC string",
        53 => "WebRTC binary",
        60 => "NGAP",
        _ => return None,
    })
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let ports = (c.u16(&SRC_PORT)?, c.u16(&DST_PORT)?);
    outline.transport(Transport::Sctp, ports);
    c.u32(&VERIFICATION)?;
    c.u32(&CHECKSUM)?;
    outline.payload = c.offset()..c.offset();
    // Each turn passes four bytes or stops.
    while !c.is_empty() {
        let read = c.group(&CHUNK, |c| chunk(c, outline));
        outline.payload.end = c.offset();
        read?;
    }
    Ok(Next::End)
}

fn chunk(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<(), Stop> {
    let kind = c.u8(&TYPE)?;
    c.bits(&BIT_1, kind, 7, 1);
    c.bits(&BIT_2, kind, 6, 1);
    let flags = c.u8(&FLAGS)?;
    let length = usize::from(c.u16(&LENGTH)?);
    let Some(value_length) = length.checked_sub(HEADER) else {
        return Err(c.malformed("the chunk is shorter than its header"));
    };
    let here = value_length <= c.remaining();
    match c.inside(value_length, |c| if kind == 0 { data(c, flags, value_length, outline) } else { value(c, kind, flags) }) {
        // What is wrong within one does not concern the next.
        Err(stop) if here => c.stopped(&stop),
        read => read?,
    }
    padding(c, length, &PADDING)
}

/// Up to a multiple of four, as far as it is there.
fn padding(c: &mut Cursor<'_>, length: usize, field: &'static Field) -> Result<(), Stop> {
    let padding = length.next_multiple_of(4).saturating_sub(length).min(c.remaining());
    if padding > 0 {
        let before = c.class(Class::Padding);
        let passed = c.bytes(field, padding);
        c.class(before);
        passed?;
    }
    Ok(())
}

fn value(c: &mut Cursor<'_>, kind: u8, flags: u8) -> Result<(), Stop> {
    const INIT: [&Field; 5] = [&INIT_TAG, &INIT_CREDIT, &INIT_OUT, &INIT_IN, &INIT_TSN];
    const INIT_ACK: [&Field; 5] = [&INIT_ACK_TAG, &INIT_ACK_CREDIT, &INIT_ACK_OUT, &INIT_ACK_IN, &INIT_ACK_TSN];
    match kind {
        1 => return init(c, INIT),
        2 => return init(c, INIT_ACK),
        3 => acknowledgement(c, flags)?,
        4 | 5 => return parameters(c),
        6 => c.bits(&ABORT_T, flags, 0, 1),
        7 => c.u32(&SHUTDOWN_TSN).map(drop)?,
        10 if !c.is_empty() => c.bytes(&COOKIE, c.remaining()).map(drop)?,
        14 => c.bits(&COMPLETE_T, flags, 0, 1),
        192 => c.u32(&FORWARD_TSN).map(drop)?,
        _ => {}
    }
    if c.is_empty() { Ok(()) } else { c.bytes(&VALUE, c.remaining()).map(drop) }
}

/// RFC 9260, section 3.3.1.
fn data(c: &mut Cursor<'_>, flags: u8, length: usize, outline: &mut Outline) -> Result<(), Stop> {
    const FIXED: usize = 12;
    for (field, shift) in [(&END, 0), (&BEGIN, 1), (&UNORDERED, 2), (&IMMEDIATE, 3)] {
        c.bits(field, flags, shift, 1);
    }
    let tsn = c.u32(&TSN)?;
    c.u16(&STREAM)?;
    c.u16(&SEQUENCE)?;
    c.u32(&PAYLOAD_PROTOCOL)?;
    let (start, here) = (c.offset().saturating_sub(outline.payload.start), c.remaining());
    let cut = length.saturating_sub(FIXED).saturating_sub(here) as u32;
    outline.user_data.push(UserData { start, end: start.saturating_add(here as u32), cut, tsn });
    if c.is_empty() { Ok(()) } else { c.skim(&DATA, c.remaining(), Class::Unknown) }
}

fn init(c: &mut Cursor<'_>, [tag, credit, outbound, inbound, tsn]: [&'static Field; 5]) -> Result<(), Stop> {
    let number = c.u32(&INITIATE_TAG)?;
    c.part(tag, Value::Number(number.into()));
    c.u32(credit)?;
    c.u16(outbound)?;
    c.u16(inbound)?;
    c.u32(tsn)?;
    parameters(c)
}

/// RFC 9260, section 3.3.4.
fn acknowledgement(c: &mut Cursor<'_>, flags: u8) -> Result<(), Stop> {
    c.bits(&NONCE_SUM, flags, 0, 1);
    c.u32(&ACKNOWLEDGED)?;
    c.u32(&WINDOW)?;
    let gaps = c.u16(&GAPS)?;
    let duplicates = c.u16(&DUPLICATES)?;
    for _ in 0..gaps {
        c.u16(&GAP_START)?;
        c.u16(&GAP_END)?;
    }
    for _ in 0..duplicates {
        c.u32(&DUPLICATE)?;
    }
    Ok(())
}

fn parameters(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        c.group(&PARAMETER, parameter)?;
    }
    Ok(())
}

fn parameter(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = c.u16(&PARAMETER_TYPE)?;
    c.bits(&PARAMETER_BIT_1, kind, 15, 1);
    c.bits(&PARAMETER_BIT_2, kind, 14, 1);
    let length = usize::from(c.u16(&PARAMETER_LENGTH)?);
    let Some(value_length) = length.checked_sub(HEADER) else {
        return Err(c.malformed("the parameter is shorter than its header"));
    };
    c.inside(value_length, |c| {
        match kind {
            _ if c.is_empty() => return Ok(()),
            1 => return c.bytes(&HEARTBEAT, c.remaining()).map(drop),
            5 => c.ipv4(&PARAMETER_IPV4).map(drop)?,
            6 => c.ipv6(&PARAMETER_IPV6).map(drop)?,
            7 => return c.bytes(&STATE_COOKIE, c.remaining()).map(drop),
            11 => return c.bytes(&HOST_NAME, c.remaining()).map(drop),
            12 => {
                while !c.is_empty() {
                    c.u16(&ADDRESS_TYPE)?;
                }
            }
            0xc006 => c.u32(&ADAPTATION).map(drop)?,
            _ => {}
        }
        if c.is_empty() { Ok(()) } else { c.bytes(&PARAMETER_VALUE, c.remaining()).map(drop) }
    })?;
    padding(c, length, &PARAMETER_PADDING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn run(chunks: &[u8]) -> (Result<Next, Stop>, Findings, Tree) {
        let bytes = [&[0x80, 0x44, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0][..], chunks].concat();
        let (mut findings, mut tree, mut outline) = (Findings::keeping(), Tree::new(), Outline::default());
        let mut c = Cursor::new(&bytes, 0, 0, &mut findings, Some(&mut tree));
        c.class(Class::Transport);
        let next = read(&mut c, &mut outline);
        (next, findings, tree)
    }

    #[test]
    fn several_chunks_in_a_packet() {
        let chunks = [&[3, 0, 0, 16, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 0][..], &[0, 3, 0, 17], &[0; 12], &[7, 0, 0, 0]];
        let (next, findings, tree) = run(&chunks.concat());
        assert_eq!(next, Ok(Next::End));
        assert_eq!(findings.claims.ledger.of(Class::Padding), 3);
        assert_eq!(findings.claims.ledger.of(Class::Unknown), 1);
        assert_eq!(tree.nodes().iter().filter(|node| node.field == &TYPE).count(), 2);
    }

    #[test]
    fn lengths_that_lie_stop_it() {
        for chunk in [&[1, 0, 0, 0][..], &[1, 0, 0, 3], &[1, 0, 0xff, 0xff], &[1, 0]] {
            assert!(run(chunk).0.is_err());
        }
        // A gap count beyond the chunk, a parameter of length 0: only the chunk suffers.
        for chunk in
            [&[3, 0, 0, 16, 0, 0, 0, 9, 0, 0, 1, 0, 0xff, 0xff, 0, 0][..], &[4, 0, 0, 8, 0, 1, 0, 0]]
        {
            let (next, _, tree) = run(chunk);
            assert_eq!(next, Ok(Next::End));
            assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"));
        }
    }
}
