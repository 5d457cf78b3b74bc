//! RTCP (RFC 3550, section 6): who takes part in a conversation over RTP, and how well they hear each other. A datagram
//! holds several packets.
//!
//! ```text
//! V 2, P, count 5 | packet type 8 | length in words, less one, 16 | SSRC 32 | by type ...
//! ```

use super::{Dialogue, Extent, Message, Protocol, Read, Side, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The RTP Control Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("rtcp", "Real-time Transport Control Protocol", Class::Metadata, "RFC 3550, section 6"),
    fields: FIELDS,
    under: &[],
    read: Read::Dialogue { new: |_| Box::new(Reports), probe: None },
};

fields! { class Metadata, "RFC 3550, section 6.4.1";
    PACKET: Group "husk.rtcp.packet" "Packet";
    VERSION: Number "rtcp.version" "Version";
    PADDED: Flag "rtcp.padding" "Padding";
    REPORTS: Number "rtcp.rc" "Reception report count";
    SOURCES: Number "rtcp.sc" "Source count", "RFC 3550, section 6.5";
    COUNT: Number "husk.rtcp.count" "Count or format", "RFC 4585, section 6.1";
    TYPE: Number "rtcp.pt" "Packet type", names packet_type;
    LENGTH: Number "rtcp.length" "Length";
    SENDER: Hex(8) "rtcp.senderssrc" "Sender SSRC";
    NTP_SECONDS: Number "rtcp.timestamp.ntp.msw" "Timestamp, MSW";
    NTP_FRACTION: Number "rtcp.timestamp.ntp.lsw" "Timestamp, LSW";
    RTP_TIME: Number "rtcp.timestamp.rtp" "RTP timestamp";
    PACKETS: Number "rtcp.sender.packetcount" "Sender's packet count";
    OCTETS: Number "rtcp.sender.octetcount" "Sender's octet count";
    SOURCE: Hex(8) "rtcp.ssrc.identifier" "Identifier";
    FRACTION: Number "rtcp.ssrc.fraction" "Fraction lost";
    LOST: Number "rtcp.ssrc.cum_nr" "Cumulative number of packets lost";
    CYCLES: Number "rtcp.ssrc.high_cycles" "Sequence number cycles count";
    HIGHEST: Number "rtcp.ssrc.high_seq" "Highest sequence number received";
    JITTER: Number "rtcp.ssrc.jitter" "Interarrival jitter";
    LAST_REPORT: Number "rtcp.ssrc.lsr" "Last SR timestamp";
    DELAY: Number "rtcp.ssrc.dlsr" "Delay since last SR timestamp";
    ITEM: Number "rtcp.sdes.type" "Type", "RFC 3550, section 6.5", names item;
    ITEM_LENGTH: Number "rtcp.sdes.length" "Length", "RFC 3550, section 6.5";
    TEXT: Text "rtcp.sdes.text" "Text", "RFC 3550, section 6.5";
    BODY: Bytes "husk.rtcp.body" "What else it says", "RFC 4585, section 6";
}

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// Packet types that cannot be payload types of RTP with its marker bit set (RFC 5761, section 4).
pub(super) const fn is_packet_type(kind: u8) -> bool {
    matches!(kind, 192..=223)
}

fn packet_type(number: u64) -> Option<&'static str> {
    Some(match number {
        200 => "sender report",
        201 => "receiver report",
        202 => "source description",
        203 => "goodbye",
        204 => "application-defined",
        205 => "transport feedback",
        206 => "payload feedback",
        207 => "extended report",
        _ => return None,
    })
}

fn item(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "end",
        1 => "CNAME",
        2 => "NAME",
        3 => "EMAIL",
        4 => "PHONE",
        5 => "LOC",
        6 => "TOOL",
        7 => "NOTE",
        8 => "PRIV",
        _ => return None,
    })
}

/// The reports of one conversation.
pub(super) struct Reports;

impl Dialogue for Reports {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Lost(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let kind = c.peek(2).get(1).copied().unwrap_or_default();
        // Each turn passes four bytes or stops.
        c.group(&PROTOCOL.heading, |c| {
            while !c.is_empty() {
                c.group(&PACKET, packet)?;
            }
            Ok(())
        })?;
        Ok(Message::new(packet_type(kind.into()).unwrap_or("report")))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Reports)
    }
}

fn packet(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const TWO: u8 = 2;
    let first = c.pass(1)?.first().copied().unwrap_or_default();
    let kind = c.peek(1).first().copied().unwrap_or_default();
    if first >> 6 != TWO || !is_packet_type(kind) {
        return Err(c.malformed("no packet of RTCP"));
    }
    c.bits(&VERSION, first, 6, 3);
    c.bits(&PADDED, first, 5, 1);
    let field = match kind {
        SENDER_REPORT | RECEIVER_REPORT => &REPORTS,
        DESCRIPTION | GOODBYE => &SOURCES,
        _ => &COUNT,
    };
    c.bits(field, first, 0, 0x1f);
    c.u8(&TYPE)?;
    let length = usize::from(c.u16(&LENGTH)?).saturating_mul(4);
    let count = first & 0x1f;
    c.inside(length, |c| {
        match kind {
            SENDER_REPORT => {
                c.u32(&SENDER)?;
                for field in [&NTP_SECONDS, &NTP_FRACTION, &RTP_TIME, &PACKETS, &OCTETS] {
                    c.u32(field)?;
                }
                reports(c, count)?;
            }
            RECEIVER_REPORT => {
                c.u32(&SENDER)?;
                reports(c, count)?;
            }
            DESCRIPTION => descriptions(c, count)?,
            GOODBYE => {
                for _ in 0..count {
                    c.u32(&SOURCE)?;
                }
            }
            _ => drop(c.u32(&SENDER)?),
        }
        if c.is_empty() { Ok(()) } else { c.bytes(&BODY, c.remaining()).map(drop) }
    })
}

/// RFC 3550, section 6.4.1: how well a source is heard.
fn reports(c: &mut Cursor<'_>, count: u8) -> Result<(), Stop> {
    for _ in 0..count {
        c.u32(&SOURCE)?;
        c.u8(&FRACTION)?;
        c.u24(&LOST)?;
        c.u16(&CYCLES)?;
        c.u16(&HIGHEST)?;
        c.u32(&JITTER)?;
        c.u32(&LAST_REPORT)?;
        c.u32(&DELAY)?;
    }
    Ok(())
}

/// RFC 3550, section 6.5: who a source is, in items; a zero ends them, and fills up to four bytes.
fn descriptions(c: &mut Cursor<'_>, count: u8) -> Result<(), Stop> {
    for _ in 0..count {
        let begin = c.position();
        c.u32(&SOURCE)?;
        while c.u8(&ITEM)? != 0 {
            let length = usize::from(c.u8(&ITEM_LENGTH)?);
            if length > 0 {
                let text = c.bytes(&TEXT, length)?;
                c.fact(&TEXT, text);
            }
        }
        let passed = c.position().saturating_sub(begin);
        c.pass(passed.next_multiple_of(4).saturating_sub(passed).min(c.remaining()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    #[test]
    fn a_report_and_who_sends_it() {
        let mut bytes = vec![0x81, 200, 0, 12];
        bytes.extend([7; 24]);
        bytes.extend([9; 24]);
        bytes.extend([0x81, 202, 0, 3, 7, 7, 7, 7, 1, 4, b'a', b'@', b'b', b'c', 0, 0]);
        let (message, findings, tree) = read_alone(&mut Reports, Side::Client, &bytes);
        assert_eq!(message.what, "sender report");
        assert_eq!(&*findings.facts[0].value, b"a@bc");
        assert_eq!(findings.claims.ledger.of(Class::Metadata), bytes.len() as u64);
        assert_eq!(tree.nodes().iter().filter(|node| node.field == &TYPE).count(), 2);
    }

    #[test]
    fn counts_and_lengths_that_lie_stop_it() {
        for bytes in [&[0x9f, 201, 0, 1, 1, 2, 3, 4][..], &[0x80, 201, 0xff, 0xff, 1], &[0x81, 202, 0, 1, 1, 2, 3, 4]] {
            assert_eq!(read_alone(&mut Reports, Side::Client, bytes).0.what, "malformed");
        }
    }
}
