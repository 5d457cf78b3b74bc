//! STUN as it was before the magic cookie (RFC 3489), which old telephones and players still speak: a client asks which
//! address it has, and by asking from elsewhere which kind of address translation is before it.
//!
//! ```text
//! type, 2 | length, 2 | transaction, 16 | attribute: type, 2 | length, 2 | value ...
//! ```

use std::net::{Ipv4Addr, SocketAddrV4};

use super::datagrams::datagrams;
use super::{Answer, Message, Protocol, Read, Side, Start, Transport, Under, heading};
use crate::bytes::{Class, Cursor, Key, Pairing, Stop, Value};
use crate::fields;

/// STUN without the cookie.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("classicstun", "Simple Traversal of UDP Through NAT", Class::Metadata, "RFC 3489"),
    fields: FIELDS,
    under: &[Under::Udp(3478), Under::Udp(3479)],
    read: Read::Dialogue { new: |_| datagrams(&PROTOCOL, message), probe: Some(probe) },
};

fields! { class Metadata, "RFC 3489, section 11";
    TYPE: Hex(4) "classicstun.type" "Message Type", names type_name;
    LENGTH: Hex(4) "classicstun.length" "Message Length";
    TRANSACTION: Bytes "classicstun.id" "Message Transaction ID";
    REQUEST_IN: Number "classicstun.response_to" "Request In";
    TIME: Duration "classicstun.time" "Time";
    ATTRIBUTE: Group "classicstun.att" "Attribute";
    ATTRIBUTE_TYPE: Hex(4) "classicstun.att.type" "Attribute Type", names attribute_name;
    ATTRIBUTE_LENGTH: Number "classicstun.att.length" "Attribute Length";
    VALUE: Bytes "classicstun.att.value" "Value";
    RESERVED: Bytes "husk.classicstun.att.reserved" "Reserved";
    FAMILY: Hex(4) "classicstun.att.family" "Protocol Family";
    PORT: Number "classicstun.att.port" "Port";
    ADDRESS: Ipv4 "classicstun.att.ipv4" "IP";
    CHANGE_IP: Flag "classicstun.att.change.ip" "Change IP";
    CHANGE_PORT: Flag "classicstun.att.change.port" "Change Port";
    ERROR_CLASS: Number "classicstun.att.error.class" "Error Class";
    ERROR_CODE: Number "classicstun.att.error" "Error Code";
    ERROR_REASON: Text "classicstun.att.error.reason" "Error Reason Phrase";
    SERVER: Text "classicstun.att.server" "Server version";
}

const HEADER: usize = 20;
const PORTS: [u16; 2] = [3478, 3479];

fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x0001 => "binding request",
        0x0101 => "binding response",
        0x0111 => "binding error response",
        0x0002 => "shared secret request",
        0x0102 => "shared secret response",
        0x0112 => "shared secret error response",
        _ => return None,
    })
}

fn attribute_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x0001 => "mapped address",
        0x0002 => "response address",
        0x0003 => "change request",
        0x0004 => "source address",
        0x0005 => "changed address",
        0x0006 => "user name",
        0x0007 => "password",
        0x0008 => "message integrity",
        0x0009 => "error code",
        0x000a => "unknown attributes",
        0x000b => "reflected from",
        0x8022 => "server",
        _ => return None,
    })
}

/// Nothing but structure tells it: a known type, a length that is the datagram's, attributes that fill it. Without
/// attributes that is little, and believed on its own ports.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    let Some((&[kind_high, kind_low, high, low, ..], attributes)) = first.split_at_checked(HEADER) else {
        return Answer::No;
    };
    let ported = PORTS.contains(&start.server_port) || PORTS.contains(&start.client_port);
    let is = start.transport == Transport::Udp
        && type_name(u16::from_be_bytes([kind_high, kind_low]).into()).is_some()
        && usize::from(u16::from_be_bytes([high, low])) == attributes.len()
        && (ported || !attributes.is_empty())
        && are_attributes(attributes);
    if is { Answer::Yes } else { Answer::No }
}

fn are_attributes(mut rest: &[u8]) -> bool {
    while let [kind_high, kind_low, high, low, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let known = attribute_name(u16::from_be_bytes([*kind_high, *kind_low]).into()).is_some();
        match behind.get(length..) {
            Some(next) if known => rest = next,
            _ => return false,
        }
    }
    rest.is_empty()
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let kind = c.u16(&TYPE)?;
    let length = usize::from(c.u16(&LENGTH)?);
    let transaction = c.bytes(&TRANSACTION, 16)?;
    let key = transaction.iter().fold(0_u64, |key, byte| key.rotate_left(7) ^ u64::from(*byte));
    // The answer may come from the other address that was asked for.
    c.pairing(if kind & 0x0100 == 0 {
        Pairing::asks(Key::Shared(key))
    } else {
        Pairing::answers(Key::Shared(key), &REQUEST_IN, &TIME)
    });
    c.inside(length, |c| {
        while !c.is_empty() {
            c.group(&ATTRIBUTE, attribute)?;
        }
        Ok(())
    })?;
    Ok(Message::new(type_name(kind.into()).unwrap_or("unknown type")))
}

fn attribute(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = c.u16(&ATTRIBUTE_TYPE)?;
    let length = usize::from(c.u16(&ATTRIBUTE_LENGTH)?);
    c.inside(length, |c| {
        match kind {
            0x0001 | 0x0002 | 0x0004 | 0x0005 | 0x000b => address(c, kind)?,
            0x0003 => {
                let flags = c.octets(4)?;
                c.bits(&CHANGE_IP, flags, 2, 1);
                c.bits(&CHANGE_PORT, flags, 1, 1);
            }
            0x0009 => {
                c.bytes(&RESERVED, 2)?;
                c.u8(&ERROR_CLASS)?;
                c.u8(&ERROR_CODE)?;
                c.bytes(&ERROR_REASON, c.remaining())?;
            }
            0x8022 => {
                let text = c.bytes(&SERVER, c.remaining())?;
                c.fact(&SERVER, text);
            }
            _ => {}
        }
        if c.is_empty() { Ok(()) } else { c.bytes(&VALUE, c.remaining()).map(drop) }
    })
}

/// RFC 3489, section 11.2.1. The first of them is the client's own, as the server sees it.
fn address(c: &mut Cursor<'_>, kind: u16) -> Result<(), Stop> {
    const MAPPED: u16 = 1;
    c.u16(&FAMILY)?;
    let port = c.u16(&PORT)?;
    let octets = c.pass(4)?;
    let address = Ipv4Addr::from(<[u8; 4]>::try_from(octets).unwrap_or_default());
    c.part(&ADDRESS, Value::Ipv4(address.octets()));
    if kind == MAPPED {
        let text = SocketAddrV4::new(address, port).to_string();
        c.fact(&ADDRESS, text.as_bytes());
        c.subject(&text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    const REQUEST: &[u8] = b"\x00\x01\x00\x08\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\
\x00\x03\x00\x04\x00\x00\x00\x06";
    const RESPONSE: &[u8] = b"\x01\x01\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\
\x00\x01\x00\x08\x00\x01\x80\x55\xc0\x00\x02\x01";

    fn start(port: u16) -> Start {
        Start { transport: Transport::Udp, client_port: 40000, server_port: port }
    }

    #[test]
    fn a_request_and_its_response_are_told() {
        let mut dialogue = datagrams(&PROTOCOL, message);
        let (asked, _, tree) = read_alone(&mut *dialogue, Side::Client, REQUEST);
        assert_eq!(asked.what, "binding request");
        let change: Vec<_> = tree.nodes().iter().filter(|node| node.field == &CHANGE_IP).collect();
        assert_eq!(change.len(), 1);
        let (answered, findings, _) = read_alone(&mut *dialogue, Side::Server, RESPONSE);
        assert_eq!((answered.what, findings.subject.as_str()), ("binding response", "192.0.2.1:32853"));
        assert_eq!(&*findings.facts[0].value, b"192.0.2.1:32853");
    }

    #[test]
    fn structure_tells_it_on_any_port_and_a_bare_header_on_its_own() {
        assert_eq!(probe(&start(5060), Side::Client, REQUEST), Answer::Yes);
        let mut bare = REQUEST[..HEADER].to_vec();
        bare[3] = 0;
        assert_eq!(probe(&start(3478), Side::Client, &bare), Answer::Yes);
        assert_eq!(probe(&start(5060), Side::Client, &bare), Answer::No);
        assert_eq!(probe(&start(3478), Side::Client, &REQUEST[..27]), Answer::No, "not its length");
        let mut other = REQUEST.to_vec();
        other[20] = 0x7f;
        assert_eq!(probe(&start(3478), Side::Client, &other), Answer::No, "no such attribute");
    }

    #[test]
    fn an_attribute_that_promises_too_much_stops_the_message() {
        let mut cut = RESPONSE.to_vec();
        cut[23] = 0xff;
        let (message, _, tree) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Server, &cut);
        assert_eq!(message.what, "malformed");
        assert!(tree.nodes().iter().any(|node| node.field == &ATTRIBUTE_LENGTH));
    }
}
