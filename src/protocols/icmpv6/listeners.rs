//! Multicast listener discovery, versions 1 (RFC 2710) and 2 (RFC 3810).

use super::RESERVED;
use crate::bytes::{Cursor, Stop};
use crate::fields;

fields! { class Network, "RFC 3810, section 5";
    DELAY: Number "icmpv6.mld.maximum_response_delay" "Maximum Response Delay (ms)", "RFC 2710, section 3.4";
    RESPONSE_CODE: Number "icmpv6.mld.maximum_response_code" "Maximum Response Code", "RFC 3810, section 5.1.3";
    GROUP: Ipv6 "icmpv6.mld.multicast_address" "Multicast Address", "RFC 3810, section 5.1.5";
    FLAG: Hex(2) "icmpv6.mld.flag" "Flags", "RFC 3810, section 5.1";
    SUPPRESS: Flag "icmpv6.mld.flag.s" "Suppress Router-Side Processing", "RFC 3810, section 5.1.7";
    ROBUSTNESS: Number "icmpv6.mld.flag.qrv" "Querier's Robustness Variable", "RFC 3810, section 5.1.8";
    FLAG_RESERVED: Number "icmpv6.mld.flag.reserved" "Reserved", "RFC 3810, section 5.1";
    INTERVAL: Number "icmpv6.mld.qqi" "Querier's Query Interval Code", "RFC 3810, section 5.1.9";
    SOURCES: Number "icmpv6.mld.nb_sources" "Number of Sources", "RFC 3810, section 5.1.10";
    SOURCE: Ipv6 "icmpv6.mld.source_address" "Source Address", "RFC 3810, section 5.1.11";
    RECORDS: Number "icmpv6.mldr.nb_mcast_records" "Number of Multicast Address Records", "RFC 3810, section 5.2.3";
    RECORD: Group "icmpv6.mldr.mar" "Multicast Address Record", "RFC 3810, section 5.2.4";
    RECORD_TYPE: Number "icmpv6.mldr.mar.record_type" "Record Type", "RFC 3810, section 5.2.5", names record_name;
    AUXILIARY_WORDS: Number "icmpv6.mldr.mar.aux_data_len" "Aux Data Len", "RFC 3810, section 5.2.6";
    RECORD_SOURCES: Number "icmpv6.mldr.mar.nb_sources" "Number of Sources", "RFC 3810, section 5.2.7";
    RECORD_GROUP: Ipv6 "icmpv6.mldr.mar.multicast_address" "Multicast Address", "RFC 3810, section 5.2.8";
    RECORD_SOURCE: Ipv6 "icmpv6.mldr.mar.source_address" "Source Address", "RFC 3810, section 5.2.9";
    AUXILIARY: Bytes "icmpv6.mldr.mar.auxiliary_data" "Auxiliary Data", "RFC 3810, section 5.2.10";
}

/// What is left of a version 1 query behind the checksum; version 2's is longer (RFC 3810, section 8.1).
const VERSION_1_QUERY: usize = 20;

/// Reads a message behind its checksum.
pub(super) fn read(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    if kind == 143 {
        c.bytes(&RESERVED, 2)?;
        let records = c.u16(&RECORDS)?;
        return (0..records).try_for_each(|_| c.group(&RECORD, record));
    }
    let second = kind == 130 && c.remaining() > VERSION_1_QUERY;
    c.u16(if second { &RESPONSE_CODE } else { &DELAY })?;
    c.bytes(&RESERVED, 2)?;
    c.ipv6(&GROUP)?;
    if second { query(c) } else { Ok(()) }
}

fn query(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let flags = c.u8(&FLAG)?;
    c.bits(&SUPPRESS, flags, 3, 1);
    c.bits(&ROBUSTNESS, flags, 0, 7);
    c.bits(&FLAG_RESERVED, flags, 4, 0xf);
    c.u8(&INTERVAL)?;
    let sources = c.u16(&SOURCES)?;
    (0..sources).try_for_each(|_| c.ipv6(&SOURCE).map(drop))
}

fn record(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&RECORD_TYPE)?;
    let words = usize::from(c.u8(&AUXILIARY_WORDS)?);
    let sources = c.u16(&RECORD_SOURCES)?;
    c.ipv6(&RECORD_GROUP)?;
    (0..sources).try_for_each(|_| c.ipv6(&RECORD_SOURCE).map(drop))?;
    if words > 0 {
        c.bytes(&AUXILIARY, words.saturating_mul(4))?;
    }
    Ok(())
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
