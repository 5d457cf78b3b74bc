//! NetBIOS datagrams over UDP (RFC 1002, section 4.4): what machines of a local network tell everybody, such as that
//! they are there. Sender and receiver are named; what is said is mostly SMB.

use std::net::Ipv4Addr;

use super::datagrams::datagrams;
use super::{Message, Protocol, Read, Under, heading, nbns, smb};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The NetBIOS Datagram Service.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("nbdgm", "NetBIOS Datagram Service", Class::Metadata, "RFC 1002, section 4.4"),
    fields: FIELDS,
    under: &[Under::Udp(138)],
    read: Read::Dialogue { new: |_| datagrams(&PROTOCOL, message), probe: None },
};

fields! { class Metadata, "RFC 1002, section 4.4.1";
    TYPE: Number "nbdgm.type" "Message Type", names message_type;
    FLAGS: Hex(2) "nbdgm.flags" "Flags";
    NODE: Number "nbdgm.node_type" "Node Type";
    FIRST: Flag "nbdgm.first" "This is first fragment";
    NEXT: Flag "nbdgm.next" "More fragments follow";
    ID: Hex(4) "nbdgm.dgram_id" "Datagram ID";
    SRC_IP: Ipv4 "nbdgm.src.ip" "Source IP";
    SRC_PORT: Number "nbdgm.src.port" "Source Port";
    LENGTH: Number "nbdgm.dgram_len" "Datagram length", "RFC 1002, section 4.4.2";
    OFFSET: Number "nbdgm.pkt_offset" "Packet offset", "RFC 1002, section 4.4.2";
    SOURCE: Text "nbdgm.source_name" "Source name", "RFC 1002, section 4.4.2";
    DESTINATION: Text "nbdgm.destination_name" "Destination name", "RFC 1002, section 4.4.2";
    ERROR: Number "husk.nbdgm.error" "Error code", "RFC 1002, section 4.4.3";
    DATA: Bytes "husk.nbdgm.data" "Data", "RFC 1002, section 4.4.2";
}

fn message_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0x10 => "direct unique datagram",
        0x11 => "direct group datagram",
        0x12 => "broadcast datagram",
        0x13 => "error",
        0x14 => "query request",
        0x15 => "positive query response",
        0x16 => "negative query response",
        _ => return None,
    })
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let kind = c.u8(&TYPE)?;
    let flags = c.u8(&FLAGS)?;
    c.bits(&NODE, flags, 2, 3);
    c.bits(&FIRST, flags, 1, 1);
    c.bits(&NEXT, flags, 0, 1);
    c.u16(&ID)?;
    let address = Ipv4Addr::from(c.ipv4(&SRC_IP)?).to_string();
    c.fact(&SRC_IP, address.as_bytes());
    c.u16(&SRC_PORT)?;
    let read = match kind {
        0x10..=0x12 => datagram(c),
        0x13 => c.u8(&ERROR).map(drop),
        0x14..=0x16 => name(c, &DESTINATION).map(drop),
        _ => Ok(()),
    };
    if let Err(stop) = read {
        c.stopped(&stop);
    }
    Ok(Message::new(message_type(kind.into()).unwrap_or("unknown type")))
}

fn datagram(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&LENGTH)?;
    c.u16(&OFFSET)?;
    let source = name(c, &SOURCE)?;
    c.fact(&SOURCE, source.as_bytes());
    c.subject(&source);
    let destination = name(c, &DESTINATION)?;
    c.subject(&format!("to {destination}"));
    if c.peek(smb::MAGIC.len()) == smb::MAGIC {
        return smb::read(c).map(drop);
    }
    if c.is_empty() { Ok(()) } else { c.skim(&DATA, c.remaining(), Class::Unknown) }
}

/// Passes a name and notes it.
fn name(c: &mut Cursor<'_>, field: &'static Field) -> Result<String, Stop> {
    let (text, size) = nbns::name_at(c.whole(), c.position())
        .ok_or_else(|| c.malformed("the name is cut, or is no NetBIOS name"))?;
    c.pass(size)?;
    if c.listens() {
        c.part(field, Value::Text(text.clone().into()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::super::datagrams::read_alone;
    use super::*;

    #[test]
    fn sender_and_receiver_are_named() {
        let names = b"\x20FHFAEBEECACACACACACACACACACACAAA\0\x20FHFAEBEECACACACACACACACACACACABN\0";
        let bytes = [&[0x11, 2, 0, 1, 192, 0, 2, 1, 0, 138, 0, 200, 0, 0][..], names, b"\xffSMB\x25"].concat();
        let (message, findings, _) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, &bytes);
        assert_eq!((message.what, findings.subject.as_str()), ("direct group datagram", "WPAD<00> to WPAD<1d>"));
        for cut in 0..bytes.len() {
            read_alone(&mut *datagrams(&PROTOCOL, super::message), Side::Client, &bytes[..cut]);
        }
    }
}
