//! RTP (RFC 3550): voice and pictures in time. Nothing in a packet says that it is one: it is known by what signalled
//! it ([`super::sdp`], [`super::rtsp`]). Reports of RTCP may come to the same port (RFC 5761).
//!
//! ```text
//! V 2, P, X, CC 4 | M, PT 7 | sequence number 16 | timestamp 32 | SSRC 32 | CSRC 32 each | extension | payload | padding
//! ```

use super::{Dialogue, Extent, Message, Protocol, Read, Side, heading, rtcp};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The Real-Time Transport Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("rtp", "Real-Time Transport Protocol", Class::Metadata, "RFC 3550"),
    fields: FIELDS,
    under: &[],
    read: Read::Dialogue { new: |_| Box::new(Media), probe: None },
};

fields! { class Metadata, "RFC 3550, section 5.1";
    VERSION: Number "rtp.version" "Version";
    PADDED: Flag "rtp.padding" "Padding";
    EXTENDED: Flag "rtp.ext" "Extension";
    SOURCES: Number "rtp.cc" "Contributing source identifiers count";
    MARKER: Flag "rtp.marker" "Marker";
    TYPE: Number "rtp.p_type" "Payload type", "RFC 3551, section 6", names payload_type;
    SEQUENCE: Number "rtp.seq" "Sequence number";
    TIMESTAMP: Number "rtp.timestamp" "Timestamp";
    SOURCE: Hex(8) "rtp.ssrc" "Synchronization Source identifier";
    CONTRIBUTOR: Hex(8) "rtp.csrc.item" "CSRC item";
    PROFILE: Hex(4) "rtp.ext.profile" "Defined by profile", "RFC 3550, section 5.3.1";
    EXTENSION_LENGTH: Number "rtp.ext.len" "Extension length", "RFC 3550, section 5.3.1";
    EXTENSION: Bytes "husk.rtp.extension" "Header extension", "RFC 3550, section 5.3.1";
    PAYLOAD: Bytes "rtp.payload" "Payload";
    PADDING: Bytes "rtp.padding.data" "Padding data";
    PADDING_COUNT: Number "rtp.padding.count" "Padding count";
}

/// The payload types that are fixed and still met (RFC 3551, section 6); the others are named by who signals them.
fn payload_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "PCMU",
        3 => "GSM",
        4 => "G723",
        8 => "PCMA",
        9 => "G722",
        13 => "comfort noise",
        14 => "MPEG audio",
        18 => "G729",
        26 => "JPEG",
        31 => "H261",
        32 => "MPEG video",
        33 => "MPEG-2 transport stream",
        34 => "H263",
        96..=127 => "dynamic",
        _ => return None,
    })
}

/// The version that there is.
const TWO: u8 = 2;

/// One stream of media, and perhaps its reports.
struct Media;

impl Dialogue for Media {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Lost(arrived.len())
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        match *c.peek(2) {
            [first, kind] if first >> 6 == TWO && rtcp::is_packet_type(kind) => rtcp::Reports.read(side, c),
            [first, _] if first >> 6 == TWO => {
                c.class(Class::Metadata);
                c.group(&PROTOCOL.heading, packet)
            }
            // What holds a way through address translation open: STUN, or a few zeros.
            _ => Ok(Message::new("other")),
        }
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Media)
    }
}

fn packet(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    const PADDED_BIT: u8 = 0x20;
    const EXTENDED_BIT: u8 = 0x10;
    const SOURCES_MASK: u8 = 0x0f;
    let first = c.pass(1)?.first().copied().unwrap_or_default();
    c.bits(&VERSION, first, 6, 3);
    c.bits(&PADDED, first, 5, 1);
    c.bits(&EXTENDED, first, 4, 1);
    c.bits(&SOURCES, first, 0, SOURCES_MASK.into());
    let second = c.pass(1)?.first().copied().unwrap_or_default();
    c.bits(&MARKER, second, 7, 1);
    c.bits(&TYPE, second, 0, 0x7f);
    c.u16(&SEQUENCE)?;
    c.u32(&TIMESTAMP)?;
    c.u32(&SOURCE)?;
    for _ in 0..first & SOURCES_MASK {
        c.u32(&CONTRIBUTOR)?;
    }
    if first & EXTENDED_BIT != 0 {
        c.u16(&PROFILE)?;
        let words = usize::from(c.u16(&EXTENSION_LENGTH)?);
        if words > 0 {
            c.bytes(&EXTENSION, words.saturating_mul(4))?;
        }
    }
    let last = c.rest().last().copied().unwrap_or_default();
    let padding = if first & PADDED_BIT == 0 { 0 } else { usize::from(last).min(c.remaining()) };
    let payload = c.remaining().saturating_sub(padding);
    if payload > 0 {
        c.skim(&PAYLOAD, payload, Class::Content)?;
    }
    if padding > 0 {
        c.class(Class::Padding);
        if padding > 1 {
            c.bytes(&PADDING, padding.saturating_sub(1))?;
        }
        c.u8(&PADDING_COUNT)?;
    }
    c.subject(payload_type((second & 0x7f).into()).unwrap_or("media"));
    Ok(Message::new("media"))
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    const HEADER: [u8; 12] = [0x80, 0x80, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4];

    #[test]
    fn a_packet_with_everything() {
        let mut bytes = HEADER.to_vec();
        bytes[0] |= 0x31;
        bytes.extend([9, 9, 9, 9, 0xbe, 0xde, 0, 1, 5, 5, 5, 5, 7, 7, 7, 0, 0, 3]);
        let (message, findings, tree) = read_alone(&mut Media, Side::Client, &bytes);
        assert_eq!((message.what, findings.subject.as_str()), ("media", "PCMU"));
        assert_eq!(findings.claims.ledger.of(Class::Content), 3);
        assert_eq!(findings.claims.ledger.of(Class::Padding), 3);
        for field in [&MARKER, &CONTRIBUTOR, &PROFILE, &EXTENSION, &PADDING_COUNT] {
            assert!(tree.nodes().iter().any(|node| node.field == field), "{}", field.name);
        }
    }

    #[test]
    fn what_is_cut_or_lies_stops_it() {
        for length in 2..HEADER.len() {
            let (message, ..) = read_alone(&mut Media, Side::Client, &HEADER[..length]);
            assert_eq!(message.what, "malformed", "{length}");
        }
        let (message, findings, _) = read_alone(&mut Media, Side::Client, &[0; 20]);
        assert_eq!((message.what, findings.claims.ledger.of(Class::Metadata)), ("other", 0));
    }
}
