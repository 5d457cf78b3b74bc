//! MPLS labels (RFC 3032), one layer a label stack.
//!
//! Nothing in a label says what it carries. The first four bits of the payload tell (RFC 4928, section 3):
//! 4 and 6 are IP, 0 is the control word of a pseudowire, 1 its associated channel.

use super::{Next, Outline, Protocol, Read, Under, ethernet, heading, pw_ethernet};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// MultiProtocol Label Switching Header.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("mpls", "MultiProtocol Label Switching Header", Class::Link, "RFC 3032, section 2.1"),
    fields: FIELDS,
    under: &[Under::EtherType(0x8847), Under::EtherType(0x8848), Under::Ppp(0x0281), Under::Ppp(0x0283), Under::Ip(137), Under::Udp(6635)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Link, "RFC 3032, section 2.1";
    LABEL: Number "mpls.label" "Label";
    CLASS: Number "mpls.exp" "Traffic class", "RFC 5462";
    BOTTOM: Number "mpls.bottom" "Bottom of label stack";
    TTL: Number "mpls.ttl" "Time to live";
}

/// RFC 7510, section 3: over UDP a stack stands right behind the header; the last label of a stack says so.
fn accepts(bytes: &[u8]) -> bool {
    bytes.chunks_exact(4).take(MOST_LABELS).any(|label| label.get(2).is_some_and(|byte| byte & 1 == 1))
}

/// Labels in one stack; segment routing pushes ten at most.
const MOST_LABELS: usize = 32;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    // Labels stand between a frame and its payload: where that ends, the frame still wants to know.
    outline.framing = outline.around;
    for _ in 0..MOST_LABELS {
        let label = c.octets(4)?;
        c.bits(&LABEL, label, 12, 0xf_ffff);
        c.bits(&CLASS, label, 9, 7);
        c.bits(&BOTTOM, label, 8, 1);
        c.bits(&TTL, label, 0, 0xff);
        if label & 0x100 != 0 {
            return Ok(payload(c));
        }
    }
    Ok(Next::End)
}

fn payload(c: &Cursor<'_>) -> Next {
    match c.ahead(0, 1).map(|first| first >> 4) {
        Some(4) => Next::EtherType(0x0800),
        Some(6) => Next::EtherType(0x86dd),
        Some(1) => Next::End,
        Some(0) if !looks_like_ethernet(c, 0) && looks_like_ethernet(c, pw_ethernet::CONTROL_WORD) => {
            Next::Protocol(&pw_ethernet::PROTOCOL)
        }
        Some(_) if looks_like_ethernet(c, 0) => Next::Protocol(&ethernet::PROTOCOL),
        _ => Next::End,
    }
}

/// Whether an Ethernet header stands `skip` bytes ahead: by a type that is one, or the length of what follows.
fn looks_like_ethernet(c: &Cursor<'_>, skip: usize) -> bool {
    let Some(number) = c.ahead(skip.saturating_add(12), 2) else { return false };
    let behind = c.remaining().saturating_sub(skip).saturating_sub(14) as u64;
    match number {
        0x0800 | 0x0806 | 0x86dd | 0x8100 | 0x88a8 | 0x9100 | 0x8847 | 0x8848 | 0x8863 | 0x8864 | 0x88cc | 0x8809 => true,
        length => (3..=u64::from(ethernet::LARGEST_LENGTH)).contains(&length) && length <= behind,
    }
}
