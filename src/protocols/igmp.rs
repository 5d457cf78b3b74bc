//! IGMP: versions 1 (RFC 1112), 2 (RFC 2236) and 3 (RFC 3376). DVMRP, PIM version 1 and mtrace by name.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// The Internet Group Management Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("igmp", "Internet Group Management Protocol", Class::Network, "RFC 3376, section 4"),
    fields: FIELDS,
    under: &[Under::Ip(2)],
    read: Read::Header(read),
};

fields! { class Network, "RFC 3376, section 4";
    VERSION: Number "igmp.version" "IGMP Version", "RFC 3376, section 7.1";
    TYPE: Hex(2) "igmp.type" "Type", names type_name;
    OTHER_TYPE: Hex(2) "husk.igmp.other_type" "Type of another protocol", names type_name;
    RESERVED: Bytes "igmp.reserved" "Reserved";
    MAX_RESPONSE: Number "igmp.max_resp" "Max Resp Time (0.1 s, coded)", "RFC 3376, section 4.1.1";
    CHECKSUM: Hex(4) "igmp.checksum" "Checksum";
    GROUP: Ipv4 "igmp.maddr" "Multicast Address";
    SUPPRESS: Flag "igmp.s" "S", "RFC 3376, section 4.1.5";
    ROBUSTNESS: Number "igmp.qrv" "QRV", "RFC 3376, section 4.1.6";
    INTERVAL: Number "igmp.qqic" "QQIC", "RFC 3376, section 4.1.7";
    SOURCES: Number "igmp.num_src" "Num Src";
    SOURCE: Ipv4 "igmp.saddr" "Source Address";
    RECORDS: Number "igmp.num_grp_recs" "Num Group Records", "RFC 3376, section 4.2";
    RECORD: Group "husk.igmp.record" "Group Record", "RFC 3376, section 4.2.4";
    RECORD_TYPE: Number "igmp.record_type" "Record Type", "RFC 3376, section 4.2.12", names record_name;
    AUXILIARY_WORDS: Number "igmp.aux_data_len" "Aux Data Len", "RFC 3376, section 4.2.6";
    AUXILIARY: Bytes "igmp.aux_data" "Aux Data", "RFC 3376, section 4.2.10";
    DATA: Bytes "husk.igmp.data" "Data";
}

/// A version 3 query is longer than those before it (RFC 3376, section 7.1).
const VERSION_3_QUERY: usize = 12;

fn read(c: &mut Cursor<'_>, _: &mut Outline) -> Result<Next, Stop> {
    let length = c.remaining();
    // DVMRP, PIM version 1, MSNIP, RGMP and router discovery share the number, but are not IGMP.
    let other_protocol = matches!(c.peek(1), [0x13 | 0x14 | 0x23..=0x25 | 0x30..=0x32]);
    let kind = c.u8(if other_protocol { &OTHER_TYPE } else { &TYPE })?;
    let second = c.peek(1).first().copied().unwrap_or(0);
    let version = match kind {
        0x11 if length >= VERSION_3_QUERY => 3,
        0x11 if second != 0 => 2,
        0x11 | 0x12 => 1,
        0x16 | 0x17 => 2,
        0x22 => 3,
        _ => return other(c),
    };
    c.part(&VERSION, Value::Number(version));
    match (kind, version) {
        (0x22, _) => report(c)?,
        (_, 1) => {
            c.bytes(&RESERVED, 1)?;
            c.u16(&CHECKSUM)?;
            c.ipv4(&GROUP)?;
        }
        (_, version) => {
            c.u8(&MAX_RESPONSE)?;
            c.u16(&CHECKSUM)?;
            c.ipv4(&GROUP)?;
            if version == 3 {
                query(c)?;
            }
        }
    }
    Ok(Next::End)
}

fn other(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    if !c.is_empty() {
        c.bytes(&DATA, c.remaining())?;
    }
    Ok(Next::End)
}

fn query(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let flags = c.pass(1)?.first().copied().unwrap_or(0);
    c.bits(&SUPPRESS, flags, 3, 1);
    c.bits(&ROBUSTNESS, flags, 0, 7);
    c.u8(&INTERVAL)?;
    let sources = c.u16(&SOURCES)?;
    (0..sources).try_for_each(|_| c.ipv4(&SOURCE).map(drop))
}

fn report(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.bytes(&RESERVED, 1)?;
    c.u16(&CHECKSUM)?;
    c.bytes(&RESERVED, 2)?;
    let records = c.u16(&RECORDS)?;
    (0..records).try_for_each(|_| c.group(&RECORD, record))
}

fn record(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&RECORD_TYPE)?;
    let words = usize::from(c.u8(&AUXILIARY_WORDS)?);
    let sources = c.u16(&SOURCES)?;
    c.ipv4(&GROUP)?;
    (0..sources).try_for_each(|_| c.ipv4(&SOURCE).map(drop))?;
    if words > 0 {
        c.bytes(&AUXILIARY, words.saturating_mul(4))?;
    }
    Ok(())
}

fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x11 => "Membership Query",
        0x12 => "Version 1 Membership Report",
        0x13 => "DVMRP",
        0x14 => "PIM version 1",
        0x15 => "Cisco trace",
        0x16 => "Version 2 Membership Report",
        0x17 => "Leave Group",
        0x1e => "Multicast traceroute response",
        0x1f => "Multicast traceroute",
        0x22 => "Version 3 Membership Report",
        0x23..=0x25 => "MSNIP or RGMP",
        0x30 => "Multicast Router Advertisement",
        0x31 => "Multicast Router Solicitation",
        0x32 => "Multicast Router Termination",
        _ => return None,
    })
}

fn record_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "Mode is include",
        2 => "Mode is exclude",
        3 => "Change to include mode",
        4 => "Change to exclude mode",
        5 => "Allow new sources",
        6 => "Block old sources",
        _ => return None,
    })
}
