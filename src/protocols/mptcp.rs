//! Multipath TCP (RFC 8684; version 0: RFC 6824): the TCP option of kind 30, by subtype.

use super::{Protocol, Read, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// Multipath TCP. It is read by the TCP options.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("mptcp", "Multipath TCP", Class::Transport, "RFC 8684, section 3"),
    fields: FIELDS,
    under: &[],
    read: Read::Noted,
};

fields! { class Transport, "RFC 8684, section 3";
    SUBTYPE: Number "tcp.options.mptcp.subtype" "Multipath TCP subtype", names subtype_name;
    VERSION: Number "tcp.options.mptcp.version" "Multipath TCP version", "RFC 8684, section 3.1";
    RESERVED: Hex(4) "tcp.options.mptcp.reserved" "Reserved";
    FLAGS: Hex(2) "tcp.options.mptcp.flags" "Multipath TCP flags";
    BACKUP: Number "tcp.options.mptcp.backup.flag" "Backup flag", "RFC 8684, section 3.2";
    CHECKSUM_REQUIRED: Number "tcp.options.mptcp.checksumreq.flags" "Checksum required", "RFC 8684, section 3.1";
    EXTENSIBILITY: Number "tcp.options.mptcp.extensibility.flag" "Extensibility", "RFC 8684, section 3.1";
    NO_MORE_SUBFLOWS: Number "tcp.options.mptcp.nomoresubflows.flag" "Do not attempt to establish new subflows to this address and port", "RFC 8684, section 3.1";
    HMAC_SHA1: Number "tcp.options.mptcp.sha1.flag" "Use HMAC-SHA1", "RFC 6824, section 3.1";
    HMAC_SHA256: Number "tcp.options.mptcp.sha256.flag" "Use HMAC-SHA256", "RFC 8684, section 3.1";
    RESERVED_FLAGS: Hex(2) "tcp.options.mptcp.reserved.flag" "Reserved", "RFC 8684, section 3.1";
    DATA_FIN: Number "tcp.options.mptcp.datafin.flag" "DATA_FIN", "RFC 8684, section 3.3";
    DSN_LONG: Number "tcp.options.mptcp.dseqn8.flag" "Data Sequence Number is 8 octets", "RFC 8684, section 3.3";
    DSN_PRESENT: Number "tcp.options.mptcp.dseqnpresent.flag" "Data Sequence Number, Subflow Sequence Number, Data-level Length, Checksum present", "RFC 8684, section 3.3";
    ACK_LONG: Number "tcp.options.mptcp.dataack8.flag" "Data ACK is 8 octets", "RFC 8684, section 3.3";
    ACK_PRESENT: Number "tcp.options.mptcp.dataackpresent.flag" "Data ACK is present", "RFC 8684, section 3.3";
    RST_FLAG_U: Flag "tcp.options.mptcp.flag_U.flag" "Flag U", "RFC 8684, section 3.6";
    RST_FLAG_V: Flag "tcp.options.mptcp.flag_V.flag" "Flag V", "RFC 8684, section 3.6";
    RST_FLAG_W: Flag "tcp.options.mptcp.flag_W.flag" "Flag W", "RFC 8684, section 3.6";
    RST_FLAG_T: Flag "tcp.options.mptcp.flag_T.flag" "Transient", "RFC 8684, section 3.6";
    RST_REASON: Hex(2) "tcp.options.mptcp.rst_reason" "TCPRST Reason", "RFC 8684, section 3.6", names reason_name;
    ADDRESS_ID: Number "tcp.options.mptcp.addrid" "Address ID", "RFC 8684, section 3.4";
    SENDER_KEY: Number "tcp.options.mptcp.sendkey" "Sender's Key", "RFC 8684, section 3.1";
    RECEIVER_KEY: Number "tcp.options.mptcp.recvkey" "Receiver's Key", "RFC 8684, section 3.1";
    RECEIVER_TOKEN: Number "tcp.options.mptcp.recvtok" "Receiver's Token", "RFC 8684, section 3.2";
    SENDER_RANDOM: Number "tcp.options.mptcp.sendrand" "Sender's Random Number", "RFC 8684, section 3.2";
    TRUNCATED_HMAC: Number "tcp.options.mptcp.sendtrunchmac" "Sender's Truncated HMAC", "RFC 8684, section 3.2";
    HMAC: Bytes "tcp.options.mptcp.sendhmac" "Sender's HMAC", "RFC 8684, section 3.2";
    ADDRESS_HMAC: Number "tcp.options.mptcp.addaddrtrunchmac" "Truncated HMAC", "RFC 8684, section 3.4.1";
    DATA_ACK: Number "tcp.options.mptcp.rawdataack" "Original MPTCP Data ACK", "RFC 8684, section 3.3";
    DSN: Number "tcp.options.mptcp.rawdataseqno" "Data Sequence Number", "RFC 8684, section 3.3";
    SUBFLOW_SEQ: Number "tcp.options.mptcp.subflowseqno" "Subflow Sequence Number", "RFC 8684, section 3.3";
    DATA_LENGTH: Number "tcp.options.mptcp.datalvllen" "Data-level Length", "RFC 8684, section 3.3";
    CHECKSUM: Hex(4) "husk.mptcp.checksum" "Checksum", "RFC 8684, section 3.3";
    IP_VERSION: Number "tcp.options.mptcp.ipver" "IP version", "RFC 6824, section 3.4.1";
    ECHO: Number "tcp.options.mptcp.echo" "Echo", "RFC 8684, section 3.4.1";
    IPV4: Ipv4 "tcp.options.mptcp.ipv4" "Advertised IPv4 Address", "RFC 8684, section 3.4.1";
    IPV6: Ipv6 "tcp.options.mptcp.ipv6" "Advertised IPv6 Address", "RFC 8684, section 3.4.1";
    PORT: Number "tcp.options.mptcp.port" "Advertised port", "RFC 8684, section 3.4.1";
}

/// Notes what follows an option's kind and length.
pub(super) fn note(c: &mut Cursor<'_>) -> Result<(), Stop> {
    // Which parts are present follows from the length of the whole option.
    let length = c.remaining().saturating_add(2);
    let first = c.peek(1).first().copied().unwrap_or(0);
    let at = c.offset();
    c.note(&SUBTYPE, Value::Number(u64::from(first >> 4)), at, at.saturating_add(1));
    match first >> 4 {
        0 => capable(c, length),
        1 => join(c, length),
        2 => data_sequence_signal(c),
        3 => add_address(c, length),
        4 => {
            c.pass(1)?;
            while !c.is_empty() {
                c.u8(&ADDRESS_ID)?;
            }
            Ok(())
        }
        5 => {
            join_flags(c)?;
            if c.is_empty() { Ok(()) } else { c.u8(&ADDRESS_ID).map(drop) }
        }
        6 => {
            c.pass(2)?;
            c.u64(&DATA_ACK).map(drop)
        }
        7 => {
            reserved(c)?;
            c.u64(&RECEIVER_KEY).map(drop)
        }
        8 => {
            let flags = c.u8(&FLAGS)?;
            for (shift, field) in (0..4).rev().zip([&RST_FLAG_U, &RST_FLAG_V, &RST_FLAG_W, &RST_FLAG_T]) {
                c.bits(field, flags, shift, 1);
            }
            c.u8(&RST_REASON).map(drop)
        }
        _ => Ok(()),
    }
}

/// The low twelve bits of two bytes.
fn reserved(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let two = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
    c.bits(&RESERVED, two, 0, 0xfff);
    Ok(())
}

/// MP_CAPABLE (RFC 8684, section 3.1): keys of one side or of both, and in version 1 the first data.
fn capable(c: &mut Cursor<'_>, length: usize) -> Result<(), Stop> {
    let version = c.pass(1)?.first().copied().unwrap_or(0) & 0xf;
    c.part(&VERSION, Value::Number(version.into()));
    let flags = c.u8(&FLAGS)?;
    c.bits(&CHECKSUM_REQUIRED, flags, 7, 1);
    c.bits(&EXTENSIBILITY, flags, 6, 1);
    if version == 0 {
        c.bits(&HMAC_SHA1, flags, 0, 1);
        c.bits(&RESERVED_FLAGS, flags, 1, 0x1f);
    } else {
        c.bits(&NO_MORE_SUBFLOWS, flags, 5, 1);
        c.bits(&HMAC_SHA256, flags, 0, 1);
        c.bits(&RESERVED_FLAGS, flags, 1, 0xf);
    }
    if matches!(length, 12 | 20 | 22 | 24) {
        c.u64(&SENDER_KEY)?;
    }
    if matches!(length, 20 | 22 | 24) {
        c.u64(&RECEIVER_KEY)?;
    }
    if matches!(length, 22 | 24) {
        c.u16(&DATA_LENGTH)?;
    }
    if length == 24 {
        c.u16(&CHECKSUM)?;
    }
    Ok(())
}

fn join_flags(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let flags = c.u8(&FLAGS)?;
    c.bits(&BACKUP, flags, 0, 1);
    Ok(())
}

/// MP_JOIN (RFC 8684, section 3.2): SYN, SYN/ACK and ACK differ in length.
fn join(c: &mut Cursor<'_>, length: usize) -> Result<(), Stop> {
    match length {
        12 => {
            join_flags(c)?;
            c.u8(&ADDRESS_ID)?;
            c.u32(&RECEIVER_TOKEN)?;
            c.u32(&SENDER_RANDOM).map(drop)
        }
        16 => {
            join_flags(c)?;
            c.u8(&ADDRESS_ID)?;
            c.u64(&TRUNCATED_HMAC)?;
            c.u32(&SENDER_RANDOM).map(drop)
        }
        24 => {
            reserved(c)?;
            c.bytes(&HMAC, 20).map(drop)
        }
        _ => Ok(()),
    }
}

/// DSS (RFC 8684, section 3.3): acknowledgment and mapping, each in a short or a long form.
fn data_sequence_signal(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.pass(1)?;
    let flags = c.u8(&FLAGS)?;
    for (shift, field) in (0..5).rev().zip([&DATA_FIN, &DSN_LONG, &DSN_PRESENT, &ACK_LONG, &ACK_PRESENT]) {
        c.bits(field, flags, shift, 1);
    }
    if flags & 1 != 0 {
        c.number(&DATA_ACK, if flags & 2 == 0 { 4 } else { 8 })?;
    }
    if flags & 4 != 0 {
        c.number(&DSN, if flags & 8 == 0 { 4 } else { 8 })?;
        c.u32(&SUBFLOW_SEQ)?;
        c.u16(&DATA_LENGTH)?;
        if c.remaining() >= 2 {
            c.u16(&CHECKSUM)?;
        }
    }
    Ok(())
}

/// ADD_ADDR (RFC 8684, section 3.4.1): the length tells which address, whether a port and an HMAC are there.
fn add_address(c: &mut Cursor<'_>, length: usize) -> Result<(), Stop> {
    let first = c.pass(1)?.first().copied().unwrap_or(0);
    let version = first & 0xf;
    if matches!(version, 4 | 6) {
        c.part(&IP_VERSION, Value::Number(version.into()));
    } else {
        c.bits(&ECHO, first, 0, 1);
    }
    c.u8(&ADDRESS_ID)?;
    if matches!(length, 8 | 10 | 16 | 18) {
        c.ipv4(&IPV4)?;
    }
    if matches!(length, 20 | 22 | 28 | 30) {
        c.ipv6(&IPV6)?;
    }
    if matches!(length, 10 | 18 | 22 | 30) {
        c.u16(&PORT)?;
    }
    if matches!(length, 16 | 18 | 28 | 30) {
        c.u64(&ADDRESS_HMAC)?;
    }
    Ok(())
}

fn subtype_name(subtype: u64) -> Option<&'static str> {
    const NAMES: [&str; 9] = [
        "Multipath Capable",
        "Join Connection",
        "Data Sequence Signal",
        "Add Address",
        "Remove Address",
        "Change Subflow Priority",
        "Fallback",
        "Fast Close",
        "Subflow Reset",
    ];
    usize::try_from(subtype).ok().and_then(|subtype| NAMES.get(subtype)).copied()
}

fn reason_name(reason: u64) -> Option<&'static str> {
    const NAMES: [&str; 7] = [
        "Unspecified error",
        "MPTCP-specific error",
        "Lack of resources",
        "Administratively prohibited",
        "Too much outstanding data",
        "Unacceptable performance",
        "Middlebox interference",
    ];
    usize::try_from(reason).ok().and_then(|reason| NAMES.get(reason)).copied()
}

/// The heading under which the option stands.
pub(super) static HEADING: &Field = &PROTOCOL.heading;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn cells(option: &[u8]) -> Vec<String> {
        let mut findings = Findings::counting();
        let mut tree = Tree::new();
        let mut c = Cursor::new(option, 0, 0, &mut findings, Some(&mut tree));
        if let Err(stop) = note(&mut c) {
            c.stopped(&stop);
        }
        tree.nodes().iter().map(|node| format!("{}={}", node.field.name, tree.cell(node, option))).collect()
    }

    #[test]
    fn a_data_sequence_signal_in_its_long_form() {
        let option = [0x20, 0x07, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 1, 0, 10, 0xab, 0xcd];
        let cells = cells(&option);
        for expected in ["rawdataack=9", "rawdataseqno=5", "subflowseqno=1", "datalvllen=10"] {
            assert!(cells.contains(&format!("tcp.options.mptcp.{expected}")), "{expected} {cells:?}");
        }
        assert!(cells.contains(&"husk.mptcp.checksum=0xabcd".to_owned()));
    }

    #[test]
    fn a_cut_option_shows_what_is_there() {
        let cells = cells(&[0x01, 0x81, 1, 2]);
        assert!(cells.contains(&"tcp.options.mptcp.version=1".to_owned()));
        assert!(cells.contains(&"tcp.options.mptcp.sha256.flag=1".to_owned()));
    }
}
