//! TCP options (RFC 9293, section 3.2; the registry at IANA): a walk of our own, because etherparse's ends at the
//! first kind that it does not know.

use super::super::TcpOutline;
use super::super::mptcp;
use crate::bytes::{Cursor, Stop, Value};
use crate::fields;

fields! { class Transport, "RFC 9293, section 3.2";
    KIND: Number "tcp.option_kind" "Kind", names kind_name;
    LENGTH: Number "tcp.option_len" "Length";
    EOL: Bytes "tcp.options.eol" "TCP Option - End of Option List (EOL)";
    NOP: Bytes "tcp.options.nop" "TCP Option - No-Operation (NOP)";
    UNKNOWN: Bytes "tcp.options.unknown" "TCP Option - Unknown";
    UNKNOWN_PAYLOAD: Bytes "tcp.options.unknown.payload" "Payload";
    MSS: Bytes "tcp.options.mss" "TCP Option - Maximum segment size";
    MSS_VALUE: Number "tcp.options.mss_val" "MSS Value";
    WINDOW_SCALE: Bytes "tcp.options.wscale" "TCP Option - Window scale", "RFC 7323, section 2";
    SHIFT: Number "tcp.options.wscale.shift" "Shift count", "RFC 7323, section 2";
    MULTIPLIER: Number "tcp.options.wscale.multiplier" "Multiplier", "RFC 7323, section 2";
    SACK_PERMITTED: Bytes "tcp.options.sack_perm" "TCP Option - SACK permitted", "RFC 2018, section 2";
    SACK: Bytes "tcp.options.sack" "TCP Option - SACK", "RFC 2018, section 3";
    SACK_LEFT: Number "tcp.options.sack_le" "TCP SACK Left Edge", "RFC 2018, section 3";
    SACK_RIGHT: Number "tcp.options.sack_re" "TCP SACK Right Edge", "RFC 2018, section 3";
    SACK_COUNT: Number "tcp.options.sack.count" "TCP SACK Count", "RFC 2018, section 3";
    DSACK_LEFT: Number "tcp.options.sack.dsack_le" "TCP D-SACK Left Edge", "RFC 2883, section 4";
    DSACK_RIGHT: Number "tcp.options.sack.dsack_re" "TCP D-SACK Right Edge", "RFC 2883, section 4";
    ECHO: Bytes "tcp.options.echo" "TCP Option - Echo", "RFC 1072, section 3";
    ECHO_REPLY: Bytes "tcp.options.echoreply" "TCP Option - Echo reply", "RFC 1072, section 3";
    ECHO_VALUE: Number "tcp.options.echo_value" "TCP Echo Option", "RFC 1072, section 3";
    TIMESTAMP: Bytes "tcp.options.timestamp" "TCP Option - Timestamps", "RFC 7323, section 3";
    TSVAL: Number "tcp.options.timestamp.tsval" "Timestamp value", "RFC 7323, section 3";
    TSECR: Number "tcp.options.timestamp.tsecr" "Timestamp echo reply", "RFC 7323, section 3";
    CC: Bytes "tcp.options.cc" "TCP Option - CC", "RFC 1644, section 2";
    CC_NEW: Bytes "tcp.options.ccnew" "TCP Option - CC.NEW", "RFC 1644, section 2";
    CC_ECHO: Bytes "tcp.options.ccecho" "TCP Option - CC.ECHO", "RFC 1644, section 2";
    CC_VALUE: Number "tcp.options.cc_value" "TCP CC Option", "RFC 1644, section 2";
    MD5: Bytes "tcp.options.md5" "TCP Option - TCP MD5 signature", "RFC 2385, section 3";
    MD5_DIGEST: Bytes "tcp.options.md5.digest" "MD5 digest", "RFC 2385, section 3";
    QUICK_START: Bytes "tcp.options.qs" "TCP Option - Quick-Start", "RFC 4782, section 4.1";
    QUICK_START_RATE: Number "tcp.options.qs.rate" "QS Rate", "RFC 4782, section 4.1";
    QUICK_START_TTL: Number "tcp.options.qs.ttl_diff" "QS TTL difference", "RFC 4782, section 4.1";
    USER_TIMEOUT: Bytes "tcp.options.user_to" "TCP Option - User Timeout", "RFC 5482, section 2";
    USER_TIMEOUT_MINUTES: Flag "tcp.options.user_to_granularity" "Granularity", "RFC 5482, section 2";
    USER_TIMEOUT_VALUE: Number "tcp.options.user_to_val" "User Timeout", "RFC 5482, section 2";
    AUTHENTICATION: Bytes "tcp.options.ao" "TCP Option - TCP AO", "RFC 5925, section 2.2";
    AO_KEY_ID: Number "tcp.options.ao.keyid" "AO KeyID", "RFC 5925, section 2.2";
    AO_NEXT_KEY_ID: Number "tcp.options.ao.rnextkeyid" "AO RNextKeyID", "RFC 5925, section 2.2";
    AO_MAC: Bytes "tcp.options.ao.mac" "AO MAC", "RFC 5925, section 2.2";
    FAST_OPEN: Bytes "tcp.options.tfo" "TCP Option - TCP Fast Open", "RFC 7413, section 4.1.1";
    FAST_OPEN_COOKIE: Bytes "tcp.options.tfo.cookie" "Fast Open Cookie", "RFC 7413, section 4.1.1";
    ACC_ECN: Bytes "tcp.options.acc_ecn" "TCP Option - Accurate ECN", "draft-ietf-tcpm-accurate-ecn, section 3.2.3";
    ACC_ECN_ECT0: Number "tcp.options.acc_ecn.ee0b" "Accurate ECN Echo ECT(0) Byte Counter", "draft-ietf-tcpm-accurate-ecn, section 3.2.3";
    ACC_ECN_CE: Number "tcp.options.acc_ecn.eceb" "Accurate ECN Echo CE Byte Counter", "draft-ietf-tcpm-accurate-ecn, section 3.2.3";
    ACC_ECN_ECT1: Number "tcp.options.acc_ecn.ee1b" "Accurate ECN Echo ECT(1) Byte Counter", "draft-ietf-tcpm-accurate-ecn, section 3.2.3";
    EXPERIMENTAL: Bytes "tcp.options.experimental" "TCP Option - Experimental", "RFC 6994, section 3";
    EXPERIMENT: Hex(4) "tcp.options.experimental.exid" "Experiment Identifier", "RFC 6994, section 3", names experiment_name;
    EXPERIMENT_DATA: Bytes "tcp.options.experimental.data" "Data", "RFC 6994, section 3";
    ENCRYPTION: Bytes "husk.tcp.options.eno" "TCP Option - Encryption Negotiation", "RFC 8547, section 4.1";
    ENCRYPTION_DATA: Bytes "husk.tcp.options.eno.suboptions" "Suboptions", "RFC 8547, section 4.1";
}

const NOP_KIND: u8 = 1;
const MSS_KIND: u8 = 2;
const SCALE_KIND: u8 = 3;
const SACK_KIND: u8 = 5;
const TIMESTAMP_KIND: u8 = 8;
/// The largest shift that is not a mistake (RFC 7323, section 2.3).
const LARGEST_SHIFT: u8 = 14;

/// Takes from the options what a flow needs; nothing is noted.
#[inline]
pub(crate) fn scan(options: &[u8], outline: &mut TcpOutline) {
    // Most segments have a timestamp and nothing else (RFC 7323, appendix A).
    if let [NOP_KIND, NOP_KIND, TIMESTAMP_KIND, 10, both @ ..] = options
        && let Ok(both) = <[u8; 8]>::try_from(both)
    {
        let both = u64::from_be_bytes(both);
        outline.timestamps = Some(((both >> 32) as u32, both as u32));
        return;
    }
    let mut rest = options;
    // Each turn uses up at least a byte.
    while let [kind, behind @ ..] = rest {
        match *kind {
            0 => return,
            NOP_KIND => {
                rest = behind;
                continue;
            }
            _ => {}
        }
        let [_, length, ..] = *rest else { return };
        let Some((option, behind)) = rest.split_at_checked(usize::from(length)).filter(|_| length >= 2) else {
            return;
        };
        rest = behind;
        match *option {
            [MSS_KIND, _, m1, m2] => outline.mss = Some(u16::from_be_bytes([m1, m2])),
            [SCALE_KIND, _, shift] => outline.window_scale = Some(shift.min(LARGEST_SHIFT)),
            [TIMESTAMP_KIND, 10, ref both @ ..] => outline.timestamps = pairs(both).next(),
            [SACK_KIND, _, ref edges @ ..] => {
                for (block, edges) in outline.sack.iter_mut().zip(pairs(edges)) {
                    *block = edges;
                    outline.sack_blocks = outline.sack_blocks.saturating_add(1);
                }
            }
            _ => {}
        }
    }
}

/// Whole pairs of 32-bit numbers.
fn pairs(bytes: &[u8]) -> impl Iterator<Item = (u32, u32)> + '_ {
    bytes.as_chunks::<8>().0.iter().map(|pair| {
        let both = u64::from_be_bytes(*pair);
        ((both >> 32) as u32, both as u32)
    })
}

/// Notes every option, in the order in which they stand.
pub(super) fn note(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while let [kind, ..] = *c.peek(1) {
        let heading = match kind {
            // What follows the end of the list pads the header; it is shown as what it looks like.
            0 => {
                c.group(&EOL, |c| c.u8(&KIND))?;
                continue;
            }
            NOP_KIND => {
                c.group(&NOP, |c| c.u8(&KIND))?;
                continue;
            }
            MSS_KIND => &MSS,
            SCALE_KIND => &WINDOW_SCALE,
            4 => &SACK_PERMITTED,
            SACK_KIND => &SACK,
            6 => &ECHO,
            7 => &ECHO_REPLY,
            TIMESTAMP_KIND => &TIMESTAMP,
            11 => &CC,
            12 => &CC_NEW,
            13 => &CC_ECHO,
            19 => &MD5,
            27 => &QUICK_START,
            28 => &USER_TIMEOUT,
            29 => &AUTHENTICATION,
            30 => mptcp::HEADING,
            34 => &FAST_OPEN,
            69 => &ENCRYPTION,
            172 | 174 => &ACC_ECN,
            253 | 254 => &EXPERIMENTAL,
            _ => &UNKNOWN,
        };
        let length = c.peek(2).get(1).copied().ok_or_else(|| c.malformed("an option has no length"))?;
        if length < 2 {
            return Err(c.malformed("an option's length is less than two"));
        }
        if usize::from(length) > c.remaining() {
            return Err(c.malformed("an option is longer than the header"));
        }
        // A mistake within one option leaves the next one readable.
        let inside = c.group(heading, |c| c.inside(length.into(), |c| one(c, kind)));
        if let Err(stop) = inside {
            c.stopped(&stop);
        }
    }
    Ok(())
}

/// One option with a length, in its own window.
fn one(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    c.u8(&KIND)?;
    let length = c.u8(&LENGTH)?;
    let usual = match kind {
        4 => 2,
        SCALE_KIND => 3,
        MSS_KIND | 28 => 4,
        6 | 7 | 11 | 12 | 13 => 6,
        27 => 8,
        TIMESTAMP_KIND => 10,
        19 => 18,
        _ => length,
    };
    if length != usual {
        return Err(c.malformed("the option has another length than its kind prescribes"));
    }
    match kind {
        MSS_KIND => c.u16(&MSS_VALUE).map(drop),
        SCALE_KIND => {
            let shift = c.u8(&SHIFT)?.min(LARGEST_SHIFT);
            c.part(&MULTIPLIER, Value::Number(1 << shift));
            Ok(())
        }
        SACK_KIND => sack_blocks(c),
        6 | 7 => c.u32(&ECHO_VALUE).map(drop),
        TIMESTAMP_KIND => {
            c.u32(&TSVAL)?;
            c.u32(&TSECR).map(drop)
        }
        11..=13 => c.u32(&CC_VALUE).map(drop),
        19 => c.bytes(&MD5_DIGEST, 16).map(drop),
        27 => {
            let rate = c.pass(1)?.first().copied().unwrap_or(0);
            c.bits(&QUICK_START_RATE, rate, 0, 0xf);
            c.u8(&QUICK_START_TTL).map(drop)
        }
        28 => {
            let timeout = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
            c.bits(&USER_TIMEOUT_MINUTES, timeout, 15, 1);
            c.bits(&USER_TIMEOUT_VALUE, timeout, 0, 0x7fff);
            Ok(())
        }
        29 => {
            c.u8(&AO_KEY_ID)?;
            c.u8(&AO_NEXT_KEY_ID)?;
            c.bytes(&AO_MAC, c.remaining()).map(drop)
        }
        30 => mptcp::note(c),
        34 => cookie(c),
        69 => c.bytes(&ENCRYPTION_DATA, c.remaining()).map(drop),
        172 | 174 => accurate_ecn(c, kind == 172),
        253 | 254 => experiment(c),
        _ if !c.is_empty() && usual == length && kind != 4 => c.bytes(&UNKNOWN_PAYLOAD, c.remaining()).map(drop),
        _ => Ok(()),
    }
}

/// The edges as they stand; the flow makes them relative.
fn sack_blocks(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let mut blocks = 0u64;
    while c.remaining() >= 8 {
        c.u32(&SACK_LEFT)?;
        c.u32(&SACK_RIGHT)?;
        blocks = blocks.saturating_add(1);
    }
    if c.remaining() >= 4 {
        c.u32(&SACK_LEFT)?;
    }
    c.say(&SACK_COUNT, Value::Number(blocks));
    Ok(())
}

fn cookie(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.is_empty() {
        c.remark("the client asks for a Fast Open cookie");
        return Ok(());
    }
    c.bytes(&FAST_OPEN_COOKIE, c.remaining()).map(drop)
}

/// Counters of 24 bits, as many as fit; the order of the outer two tells kinds 172 and 174 apart.
fn accurate_ecn(c: &mut Cursor<'_>, ect0_first: bool) -> Result<(), Stop> {
    let (first, third) = if ect0_first { (&ACC_ECN_ECT0, &ACC_ECN_ECT1) } else { (&ACC_ECN_ECT1, &ACC_ECN_ECT0) };
    if !matches!(c.remaining(), 0 | 3 | 6 | 9) {
        return Err(c.malformed("the option holds no whole number of counters"));
    }
    for field in [first, &ACC_ECN_CE, third] {
        if !c.is_empty() {
            c.u24(field)?;
        }
    }
    Ok(())
}

fn experiment(c: &mut Cursor<'_>) -> Result<(), Stop> {
    match c.u16(&EXPERIMENT)? {
        0xf989 => cookie(c),
        0xacc0 => accurate_ecn(c, true),
        0xacc1 => accurate_ecn(c, false),
        _ if c.is_empty() => Ok(()),
        _ => c.bytes(&EXPERIMENT_DATA, c.remaining()).map(drop),
    }
}

fn kind_name(kind: u64) -> Option<&'static str> {
    Some(match kind {
        0 => "End of Option List",
        1 => "No-Operation",
        2 => "Maximum Segment Size",
        3 => "Window Scale",
        4 => "SACK Permitted",
        5 => "SACK",
        6 => "Echo",
        7 => "Echo Reply",
        8 => "Timestamps",
        9 => "Partial Order Connection Permitted",
        10 => "Partial Order Service Profile",
        11 => "CC",
        12 => "CC.NEW",
        13 => "CC.ECHO",
        14 => "TCP Alternate Checksum Request",
        15 => "TCP Alternate Checksum Data",
        16 => "Skeeter",
        17 => "Bubba",
        18 => "Trailer Checksum",
        19 => "MD5 Signature",
        20 => "SCPS Capabilities",
        21 => "Selective Negative Acknowledgements",
        22 => "Record Boundaries",
        23 => "Corruption experienced",
        24 => "SNAP",
        26 => "TCP Compression Filter",
        27 => "Quick-Start Response",
        28 => "User Timeout",
        29 => "TCP Authentication",
        30 => "Multipath TCP",
        34 => "TCP Fast Open Cookie",
        69 => "Encryption Negotiation",
        172 => "Accurate ECN Order 0",
        174 => "Accurate ECN Order 1",
        253 => "RFC3692-style Experiment 1",
        254 => "RFC3692-style Experiment 2",
        _ => return None,
    })
}

fn experiment_name(id: u64) -> Option<&'static str> {
    Some(match id {
        0x00ac => "TCP ACK Rate Request",
        0x0348 => "HOST_ID",
        0x0ca0 => "SYN Authentication Option",
        0x0e0e => "Extended Data Offset Option",
        0xacc0 => "Accurate ECN Order 0",
        0xacc1 => "Accurate ECN Order 1",
        0xe2d4 => "SMC-R",
        0xf989 => "TCP Fast Open",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn cells(options: &[u8]) -> Vec<String> {
        let mut findings = Findings::counting();
        let mut tree = Tree::new();
        let mut c = Cursor::new(options, 0, 0, &mut findings, Some(&mut tree));
        if let Err(stop) = note(&mut c) {
            c.stopped(&stop);
        }
        tree.nodes().iter().map(|node| format!("{}={}", node.field.name, tree.cell(node, options))).collect()
    }

    #[test]
    fn the_walk_goes_on_behind_kinds_that_etherparse_does_not_know() {
        let options = [34, 4, 1, 2, 30, 3, 0xf0, 200, 2, 2, 4, 5, 0xb4, 1, 3, 3, 7];
        let mut outline = TcpOutline::default();
        scan(&options, &mut outline);
        assert_eq!((outline.mss, outline.window_scale), (Some(1460), Some(7)));
        let cells = cells(&options);
        assert!(cells.contains(&"tcp.options.tfo.cookie=0102".to_owned()));
        assert!(cells.contains(&"tcp.options.unknown=c802".to_owned()));
        assert!(cells.contains(&"tcp.options.mss_val=1460".to_owned()));
        assert!(cells.contains(&"tcp.options.wscale.multiplier=128".to_owned()));
    }

    #[test]
    fn a_shift_beyond_fourteen_counts_as_fourteen() {
        let mut outline = TcpOutline::default();
        scan(&[3, 3, 200], &mut outline);
        assert_eq!(outline.window_scale, Some(14));
    }

    #[test]
    fn lengths_that_lie_end_the_walk_and_nothing_else() {
        for options in [&[2, 0][..], &[2, 1], &[8, 10, 0], &[8], &[5, 255, 1]] {
            let mut outline = TcpOutline::default();
            scan(options, &mut outline);
            assert_eq!(outline, TcpOutline::default());
            assert!(cells(options).iter().any(|cell| cell.starts_with("husk.stopped")), "{options:?}");
        }
        // A wrong length for its kind: the kind and the length are shown, the next option is read.
        let cells = cells(&[2, 3, 9, 4, 2]);
        assert!(cells.contains(&"tcp.options.sack_perm=0402".to_owned()));
        assert!(!cells.iter().any(|cell| cell.starts_with("tcp.options.mss_val")));
    }

    #[test]
    fn sack_edges_come_in_pairs() {
        let options = [5, 14, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        let mut outline = TcpOutline::default();
        scan(&options, &mut outline);
        assert_eq!((outline.sack_blocks, outline.sack[0]), (1, (1, 2)));
        assert!(cells(&options).contains(&"tcp.options.sack.count=1".to_owned()));
    }
}
