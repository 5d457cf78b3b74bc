//! L2TP, version 2 (RFC 2661): PPP over UDP.

use super::{Next, Outline, Protocol, Read, Under, heading, ppp};
use crate::bytes::{Class, Cursor, Stop, Value};
use crate::fields;

/// Layer 2 Tunneling Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("l2tp", "Layer 2 Tunneling Protocol", Class::Network, "RFC 2661, section 3.1"),
    fields: FIELDS,
    under: &[Under::Udp(1701)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "RFC 2661, section 3.1";
    FLAGS: Hex(4) "l2tp.flags" "Flags";
    CONTROL: Number "l2tp.type" "Type";
    HAS_LENGTH: Flag "l2tp.length_bit" "Length Bit";
    HAS_SEQUENCE: Flag "l2tp.seq_bit" "Sequence Bit";
    HAS_OFFSET: Flag "l2tp.offset_bit" "Offset bit";
    PRIORITY: Flag "l2tp.priority" "Priority";
    VERSION: Number "l2tp.version" "Version";
    LENGTH: Number "l2tp.length" "Length";
    TUNNEL: Number "l2tp.tunnel" "Tunnel ID";
    SESSION: Number "l2tp.session" "Session ID";
    NS: Number "l2tp.Ns" "Ns";
    NR: Number "l2tp.Nr" "Nr";
    OFFSET: Number "l2tp.offset" "Offset";
    OFFSET_PADDING: Bytes "husk.l2tp.offset_padding" "Offset padding";
}

const SMALLEST: usize = 6;

fn accepts(bytes: &[u8]) -> bool {
    bytes.len() >= SMALLEST && bytes.get(1).is_some_and(|version| version & 0xf == 2)
}

/// Tunnel and session ids are the receiver's, each direction has its own: they do not tell flows apart.
fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let start = c.position();
    let flags = c.octets(2)?;
    c.part(&FLAGS, Value::Number(flags));
    c.bits(&CONTROL, flags, 15, 1);
    c.bits(&HAS_LENGTH, flags, 14, 1);
    c.bits(&HAS_SEQUENCE, flags, 11, 1);
    c.bits(&HAS_OFFSET, flags, 9, 1);
    c.bits(&PRIORITY, flags, 8, 1);
    c.bits(&VERSION, flags, 0, 0xf);
    let set = |bit: u64| flags & bit != 0;
    if set(0x4000) {
        let length = usize::from(c.u16(&LENGTH)?);
        let passed = c.position().saturating_sub(start);
        c.narrow(length.saturating_sub(passed));
    }
    c.u16(&TUNNEL)?;
    c.u16(&SESSION)?;
    if set(0x0800) {
        c.u16(&NS)?;
        c.u16(&NR)?;
    }
    if set(0x0200) {
        let offset = c.u16(&OFFSET)?;
        if offset > 0 {
            c.bytes(&OFFSET_PADDING, offset.into())?;
        }
    }
    Ok(if set(0x8000) || c.is_empty() { Next::End } else { Next::Protocol(&ppp::PROTOCOL) })
}
