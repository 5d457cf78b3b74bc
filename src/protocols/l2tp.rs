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
    PAIR: Group "husk.l2tp.avp" "Attribute Value Pair", "RFC 2661, section 4.1";
    MANDATORY: Flag "l2tp.avp.mandatory" "Mandatory", "RFC 2661, section 4.1";
    HIDDEN: Flag "l2tp.avp.hidden" "Hidden", "RFC 2661, section 4.1";
    PAIR_LENGTH: Number "l2tp.avp.length" "Length", "RFC 2661, section 4.1";
    VENDOR: Number "l2tp.avp.vendor_id" "Vendor ID", "RFC 2661, section 4.1";
    ATTRIBUTE: Number "l2tp.avp.type" "Type", "RFC 2661, section 4.1", names attribute_name;
    MESSAGE: Number "l2tp.avp.message_type" "Message Type", "RFC 2661, section 4.4.1", names message_name;
    HOST_NAME: Text "l2tp.avp.host_name" "Host Name", "RFC 2661, section 4.4.3";
    VENDOR_NAME: Text "l2tp.avp.vendor_name" "Vendor Name", "RFC 2661, section 4.4.3";
    ASSIGNED_TUNNEL: Number "l2tp.avp.assigned_tunnel_id" "Assigned Tunnel ID", "RFC 2661, section 4.4.3";
    ASSIGNED_SESSION: Number "l2tp.avp.assigned_session_id" "Assigned Session", "RFC 2661, section 4.4.4";
    PAIR_VALUE: Bytes "husk.l2tp.avp.value" "Value", "RFC 2661, section 4.1";
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
    if set(0x8000) {
        while !c.is_empty() {
            c.group(&PAIR, pair)?;
        }
    }
    Ok(if set(0x8000) || c.is_empty() { Next::End } else { Next::Protocol(&ppp::PROTOCOL) })
}

/// RFC 2661, section 4.1: flags and a length of ten bits, a vendor, a type, a value. The length counts all of it.
fn pair(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const HEAD: usize = 6;
    let head = c.octets(2)?;
    c.bits(&MANDATORY, head, 15, 1);
    c.bits(&HIDDEN, head, 14, 1);
    c.bits(&PAIR_LENGTH, head, 0, 0x3ff);
    let Some(value) = ((head & 0x3ff) as usize).checked_sub(HEAD) else {
        return Err(c.malformed("an attribute is shorter than its own head"));
    };
    let vendor = c.u16(&VENDOR)?;
    let kind = c.u16(&ATTRIBUTE)?;
    // What is hidden, only the secret of both ends opens (section 4.3).
    let readable = vendor == 0 && head & 0x4000 == 0;
    c.inside(value, |c| {
        match kind {
            0 if readable => drop(c.u16(&MESSAGE)?),
            7 if readable => {
                let name = c.bytes(&HOST_NAME, c.remaining())?;
                c.fact(&HOST_NAME, name);
            }
            8 if readable => drop(c.bytes(&VENDOR_NAME, c.remaining())?),
            9 if readable => drop(c.u16(&ASSIGNED_TUNNEL)?),
            14 if readable => drop(c.u16(&ASSIGNED_SESSION)?),
            _ => {}
        }
        if c.is_empty() { Ok(()) } else { c.bytes(&PAIR_VALUE, c.remaining()).map(drop) }
    })
}

fn message_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "start of a control connection: request",
        2 => "start of a control connection: reply",
        3 => "start of a control connection: connected",
        4 => "stop of a control connection",
        6 => "hello",
        7 => "outgoing call: request",
        8 => "outgoing call: reply",
        9 => "outgoing call: connected",
        10 => "incoming call: request",
        11 => "incoming call: reply",
        12 => "incoming call: connected",
        14 => "disconnection of a call",
        15 => "errors of the wide area network",
        16 => "link information",
        _ => return None,
    })
}

fn attribute_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "message type",
        1 => "result code",
        2 => "protocol version",
        3 => "framing capabilities",
        4 => "bearer capabilities",
        6 => "firmware revision",
        7 => "host name",
        8 => "vendor name",
        9 => "assigned tunnel",
        10 => "receive window size",
        11 => "challenge",
        13 => "challenge response",
        14 => "assigned session",
        15 => "call serial number",
        18 => "bearer type",
        19 => "framing type",
        24 => "connect speed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Field, Findings, Tree};

    const REQUEST: [u8; 31] = *b"\xc8\x02\x00\x1f\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\x01\x80\x0b\0\0\0\x07mocha";

    fn told(bytes: &[u8]) -> (Result<Next, Stop>, Vec<String>) {
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
        let read = read(&mut c, &mut Outline::default());
        let of = |field: &Field| [&MESSAGE, &HOST_NAME].iter().any(|wanted| **wanted == *field);
        let nodes = tree.nodes().iter().filter(|node| of(node.field));
        (read, nodes.map(|node| tree.cell(node, bytes)).collect())
    }

    #[test]
    fn control_messages_say_what_they_are_and_who_sends_them() {
        let (read, cells) = told(&REQUEST);
        assert!(matches!(read, Ok(Next::End)), "{read:?}");
        assert_eq!(cells, ["1", "mocha"]);
    }

    #[test]
    fn what_is_hidden_or_too_short_is_not_read() {
        let mut hidden = REQUEST;
        hidden[20] |= 0x40;
        assert_eq!(told(&hidden).1, ["1"]);
        let mut short = REQUEST;
        short[21] = 5;
        assert!(told(&short).0.is_err());
    }
}
