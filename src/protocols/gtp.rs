//! GTP-U, the user plane of mobile networks (3GPP TS 29.281), and GTP' (3GPP TS 32.295).

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// GPRS Tunneling Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("gtp", "GPRS Tunneling Protocol", Class::Network, "3GPP TS 29.281, section 5.1"),
    fields: FIELDS,
    under: &[Under::Udp(2152), Under::Udp(2123), Under::Udp(3386)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "3GPP TS 29.281, section 5.1";
    FLAGS: Hex(2) "gtp.flags" "Flags";
    VERSION: Number "gtp.flags.version" "Version";
    KIND: Number "gtp.flags.payload" "Protocol type";
    MESSAGE: Hex(2) "gtp.message" "Message Type";
    LENGTH: Number "gtp.length" "Length";
    TUNNEL: Hex(8) "gtp.teid" "TEID";
    SEQUENCE_0: Hex(8) "husk.gtp.sequence_0" "Sequence number and flow label", "GSM 09.60, section 6";
    SNDCP_0: Hex(8) "husk.gtp.sndcp_0" "SNDCP N-PDU number", "GSM 09.60, section 6";
    TUNNEL_0: Hex(16) "husk.gtp.tid" "TID", "GSM 09.60, section 6";
    OPTIONAL: Hex(8) "husk.gtp.optional" "Sequence number, N-PDU number, next extension header";
    EXTENSION: Bytes "husk.gtp.extension" "Extension header", "3GPP TS 29.281, section 5.2";
}

const HEADER: usize = 8;
/// Header of version 0, of the first packet networks (GSM 09.60).
const HEADER_0: usize = 20;
/// A user's packet.
const G_PDU: u8 = 255;
/// Extension headers in one packet; the longest sensible chain has three.
const MOST_EXTENSIONS: usize = 16;
/// Versions 0 and 1, of GTP and not of GTP'.
const VERSION_0: u8 = 0b0001_0000;
const VERSION_1: u8 = 0b0011_0000;

fn accepts(bytes: &[u8]) -> bool {
    match bytes {
        [flags, ..] => match flags & 0b1111_0000 {
            VERSION_0 => bytes.len() >= HEADER_0,
            VERSION_1 => bytes.len() >= HEADER,
            _ => false,
        },
        [] => false,
    }
}

/// A tunnel's id is the receiver's, each direction has its own: it does not tell flows apart.
fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let flags = c.u8(&FLAGS)?;
    c.bits(&VERSION, flags, 5, 7);
    c.bits(&KIND, flags, 4, 1);
    let message = c.u8(&MESSAGE)?;
    let length = c.u16(&LENGTH)?;
    if flags & 0b1111_0000 == VERSION_0 {
        c.u32(&SEQUENCE_0)?;
        c.u32(&SNDCP_0)?;
        c.u64(&TUNNEL_0)?;
        c.narrow(length.into());
        return Ok(if message == G_PDU { payload(c) } else { Next::End });
    }
    c.u32(&TUNNEL)?;
    c.narrow(length.into());
    // If any of the three is present, there is room for all.
    if flags & 7 != 0 {
        let optional = c.u32(&OPTIONAL)?;
        if flags & 4 != 0 {
            extensions(c, optional as u8)?;
        }
    }
    Ok(if message == G_PDU { payload(c) } else { Next::End })
}

fn payload(c: &Cursor<'_>) -> Next {
    match c.ahead(0, 1).map(|first| first >> 4) {
        Some(4) => Next::EtherType(0x0800),
        Some(6) => Next::EtherType(0x86dd),
        _ => Next::End,
    }
}

fn extensions(c: &mut Cursor<'_>, first: u8) -> Result<(), Stop> {
    let mut next = first;
    for _ in 0..MOST_EXTENSIONS {
        if next == 0 {
            break;
        }
        // In units of four bytes; the last byte names the next one.
        let length = c.ahead(0, 1).unwrap_or(0) as usize;
        if length == 0 {
            return Err(c.malformed("an extension header of no length"));
        }
        next = c.bytes(&EXTENSION, length.saturating_mul(4))?.last().copied().unwrap_or(0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_0_and_1_of_gtp_are_accepted() {
        assert!(accepts(&[0x30, 255, 0, 0, 0, 0, 0, 1]));
        assert!(!accepts(&[0x30, 255, 0, 0, 0, 0, 0]), "cut header");
        assert!(!accepts(&[0x20; 20]), "charging (GTP')");
        assert!(!accepts(&[0x48; 20]), "version 2");
        assert!(accepts(&[0x1e; 20]));
        assert!(!accepts(&[0x1e; 19]));
    }

    #[test]
    fn an_extension_header_of_no_length_does_not_hang() {
        let bytes = [0x34, 255, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0x85, 0, 0, 0, 0];
        let mut findings = crate::bytes::Findings::counting();
        let mut c = Cursor::new(&bytes, 0, 0, &mut findings, None);
        assert!(read(&mut c, &mut Outline::default()).is_err());
    }
}
