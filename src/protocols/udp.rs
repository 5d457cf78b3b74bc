//! UDP (RFC 768).

use etherparse::UdpHeaderSlice;

use super::{Next, Outline, Protocol, Read, Transport, Under, checksum, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The User Datagram Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("udp", "User Datagram Protocol", Class::Transport, "RFC 768"),
    fields: FIELDS,
    under: &[Under::Ip(17)],
    read: Read::Header(read),
};

fields! { class Transport, "RFC 768";
    SRC_PORT: Number "udp.srcport" "Source Port";
    DST_PORT: Number "udp.dstport" "Destination Port";
    LENGTH: Number "udp.length" "Length";
    CHECKSUM: Hex(4) "udp.checksum" "Checksum";
    CHECKSUM_VERDICT: Text "husk.udp.checksum.verdict" "Checksum verdict";
    STREAM: Number "udp.stream" "Stream index", "husk";
}

/// The whole header.
pub(crate) const HEADER: usize = 8;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let start = c.peek(c.remaining());
    let judge = |length: u16| start.get(..length.into()).filter(|_| usize::from(length) >= HEADER);
    if c.wants(&CHECKSUM_VERDICT)
        && let [_, _, _, _, high, low, ..] = *start
        && let (Some(ends), Some(datagram)) = (outline.endpoints, judge(u16::from_be_bytes([high, low])))
    {
        let verdict = checksum::of_datagram(&ends.addresses, datagram);
        checksum::note(c, &CHECKSUM_VERDICT, checksum::UDP_PLACE, verdict);
    }
    let udp = c.header(|bytes| UdpHeaderSlice::from_slice(bytes).ok().map(|udp| (HEADER, udp)), notes)?;
    outline.transport(Transport::Udp, (udp.source_port(), udp.destination_port()));
    if let Some(length) = usize::from(udp.length()).checked_sub(HEADER) {
        // What lies beyond the datagram is padding.
        outline.payload_length = length as u32;
        c.narrow(length);
    } else {
        // 0: a jumbogram, or segmentation offload had not filled it in. 1 to 7 say nothing.
        outline.payload_length = c.remaining() as u32;
        c.remark("the length is shorter than the header: not filled in (offload) or wrong");
    }
    Ok(Next::Payload(Transport::Udp))
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&SRC_PORT)?;
    c.u16(&DST_PORT)?;
    c.u16(&LENGTH)?;
    c.u16(&CHECKSUM).map(drop)
}
