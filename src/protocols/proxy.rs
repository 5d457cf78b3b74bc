//! The PROXY protocol, versions 1 and 2 (HAProxy, proxy-protocol.txt): a load balancer tells the server behind it
//! who the client is, before anything else is said. What follows is recognised anew.
//!
//! ```text
//! PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 CR LF
//! magic, 12 | version and command, 1 | family and transport, 1 | length, 2 | addresses | type, 1 | length, 2 | value ...
//! ```

use std::net::{IpAddr, SocketAddr};

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, heading};
use crate::bytes::{Class, Confidence, Cursor, Field, Stop, Value};
use crate::fields;

/// The PROXY protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("proxy", "PROXY Protocol", Class::Metadata, "proxy-protocol.txt"),
    fields: FIELDS,
    under: &[],
    read: Read::Dialogue { new: |_| Box::new(Preface), probe: Some(probe) },
};

fields! { class Metadata, "proxy-protocol.txt, section 2";
    VERSION: Number "proxy.version" "Version";
    LINE: Text "husk.proxy.v1.line" "Line", "proxy-protocol.txt, section 2.1";
    FAMILY_NAME: Text "proxy.v1.proto" "Protocol", "proxy-protocol.txt, section 2.1";
    UNKNOWN: Text "proxy.v1.unknown" "Unknown data", "proxy-protocol.txt, section 2.1";
    SRC_IPV4: Ipv4 "proxy.src.ipv4" "Source Address";
    DST_IPV4: Ipv4 "proxy.dst.ipv4" "Destination Address";
    SRC_IPV6: Ipv6 "proxy.src.ipv6" "Source Address";
    DST_IPV6: Ipv6 "proxy.dst.ipv6" "Destination Address";
    SRC_PORT: Number "proxy.srcport" "Source Port";
    DST_PORT: Number "proxy.dstport" "Destination Port";
    MAGIC: Bytes "proxy.v2.magic" "Magic", "proxy-protocol.txt, section 2.2";
    VERSION_2: Number "proxy.v2.version" "Version", "proxy-protocol.txt, section 2.2";
    COMMAND: Number "proxy.v2.cmd" "Command", "proxy-protocol.txt, section 2.2", names command;
    FAMILY_AND_TRANSPORT: Hex(2) "proxy.v2.addr_family_protocol" "Address Family Protocol",
        "proxy-protocol.txt, section 2.2";
    FAMILY: Hex(2) "proxy.v2.addr_family" "Address Family", "proxy-protocol.txt, section 2.2";
    TRANSPORT: Hex(2) "proxy.v2.protocol" "Protocol", "proxy-protocol.txt, section 2.2";
    LENGTH: Number "proxy.v2.length" "Length", "proxy-protocol.txt, section 2.2";
    SRC_UNIX: Bytes "proxy.v2.src.unix" "Source Address", "proxy-protocol.txt, section 2.2";
    DST_UNIX: Bytes "proxy.v2.dst.unix" "Destination Address", "proxy-protocol.txt, section 2.2";
    ADDITION: Group "proxy.v2.tlv" "TLV", "proxy-protocol.txt, section 2.2";
    ADDITION_TYPE: Hex(2) "proxy.v2.tlv.type" "Type", "proxy-protocol.txt, section 2.2", names addition;
    ADDITION_LENGTH: Number "proxy.v2.tlv.length" "Length", "proxy-protocol.txt, section 2.2";
    ADDITION_VALUE: Bytes "proxy.v2.tlv.value" "Value", "proxy-protocol.txt, section 2.2";
}

const LINE_MAGIC: &[u8] = b"PROXY ";
const BINARY_MAGIC: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const BINARY_HEADER: usize = 16;
/// The longest line there may be (section 2.1).
const LONGEST_LINE: usize = 107;

fn command(number: u64) -> Option<&'static str> {
    ["local", "proxied"].get(usize::try_from(number).ok()?).copied()
}

fn addition(number: u64) -> Option<&'static str> {
    Some(match number {
        0x01 => "ALPN",
        0x02 => "authority",
        0x03 => "checksum",
        0x04 => "nothing",
        0x05 => "unique id",
        0x20 => "TLS",
        0x30 => "network namespace",
        _ => return None,
    })
}

/// By its magic; over TCP alone, and before any port is asked.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if !start.is_stream() {
        return Answer::No;
    }
    let begun = |magic: &[u8]| magic.starts_with(first) || first.starts_with(magic);
    match first {
        _ if !begun(LINE_MAGIC) && !begun(BINARY_MAGIC) => Answer::No,
        _ if first.len() < LINE_MAGIC.len() => Answer::More,
        _ if begun(BINARY_MAGIC) && first.len() < BINARY_MAGIC.len() => Answer::More,
        _ => Answer::Yes,
    }
}

/// What stands before the dialogue.
struct Preface;

impl Dialogue for Preface {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        if let [b'\r', rest @ ..] = arrived {
            return match rest.get(13..15) {
                Some([high, low]) => {
                    Extent::Whole(usize::from(u16::from_be_bytes([*high, *low])).saturating_add(BINARY_HEADER))
                }
                _ => Extent::Needs(BINARY_HEADER),
            };
        }
        match arrived.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n') {
            Some(end) => Extent::Whole(end.saturating_add(1)),
            None if arrived.len() < LONGEST_LINE => Extent::Needs(arrived.len().saturating_add(1)),
            None => Extent::Whole(LONGEST_LINE),
        }
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let read = c.group(&PROTOCOL.heading, |c| match c.rest() {
            [b'\r', ..] => binary(c),
            _ => line(c),
        });
        if let Err(stop) = read {
            c.stopped(&stop);
        }
        Ok(Message { what: "preface", then: Then::Anew })
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Preface)
    }
}

/// Version 1: words with spaces between.
fn line(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let text = c.rest();
    c.say(&VERSION, Value::Number(1));
    let place = c.open(&LINE);
    c.pass(LINE_MAGIC.len())?;
    let mut words = text.get(LINE_MAGIC.len()..).unwrap_or(&[]).trim_ascii_end().split(|byte| *byte == b' ');
    let family = words.next().unwrap_or(&[]);
    c.bytes(&FAMILY_NAME, family.len())?;
    if family == b"UNKNOWN" {
        let rest = c.rest().trim_ascii().len();
        if rest > 0 {
            c.pass(1)?;
            c.bytes(&UNKNOWN, rest)?;
        }
    } else {
        let start = c.offset();
        let addresses = [word_address(c, words.next(), true)?, word_address(c, words.next(), false)?];
        let ports = [word_port(c, words.next(), &SRC_PORT)?, word_port(c, words.next(), &DST_PORT)?];
        tell(c, start, addresses, ports);
    }
    c.pass(c.remaining())?;
    c.close(place);
    Ok(())
}

/// Passes a space and a word; what it says, if it can be said.
fn word<T: std::str::FromStr>(c: &mut Cursor<'_>, word: Option<&[u8]>) -> Result<Option<T>, Stop> {
    let Some(word) = word else { return Err(c.malformed("the line has too few words")) };
    c.pass(1)?;
    c.pass(word.len())?;
    Ok(std::str::from_utf8(word).ok().and_then(|text| text.parse().ok()))
}

fn word_address(c: &mut Cursor<'_>, text: Option<&[u8]>, source: bool) -> Result<Option<IpAddr>, Stop> {
    let address = word(c, text)?;
    let start = c.offset().saturating_sub(text.map_or(0, <[u8]>::len) as u32);
    match address {
        Some(IpAddr::V4(ip)) => {
            c.note(if source { &SRC_IPV4 } else { &DST_IPV4 }, Value::Ipv4(ip.octets()), start, c.offset());
        }
        Some(IpAddr::V6(ip)) => {
            c.note(if source { &SRC_IPV6 } else { &DST_IPV6 }, Value::Ipv6(ip.octets()), start, c.offset());
        }
        None => {}
    }
    Ok(address)
}

fn word_port(c: &mut Cursor<'_>, text: Option<&[u8]>, field: &'static Field) -> Result<Option<u16>, Stop> {
    let port: Option<u16> = word(c, text)?;
    if let Some(port) = port {
        let start = c.offset().saturating_sub(text.map_or(0, <[u8]>::len) as u32);
        c.note(field, Value::Number(port.into()), start, c.offset());
    }
    Ok(port)
}

/// Who the client is, that nobody could tell from the addresses of the packets: by what stands from `start` on.
fn tell(c: &mut Cursor<'_>, start: u32, addresses: [Option<IpAddr>; 2], ports: [Option<u16>; 2]) {
    if let ([Some(source), Some(destination)], [Some(from), Some(to)]) = (addresses, ports) {
        let field = if source.is_ipv4() { &SRC_IPV4 } else { &SRC_IPV6 };
        let client = SocketAddr::new(source, from).to_string();
        c.fact_at(field, client.as_bytes(), start, c.offset(), Confidence::Certain);
        c.subject(&format!("{client} to {}", SocketAddr::new(destination, to)));
    }
}

/// Version 2.
fn binary(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const UNIX: usize = 108;
    c.bytes(&MAGIC, BINARY_MAGIC.len())?;
    c.say(&VERSION, Value::Number(2));
    let version = c.octets(1)?;
    c.bits(&VERSION_2, version, 4, 0xf);
    c.bits(&COMMAND, version, 0, 0xf);
    let family = c.u8(&FAMILY_AND_TRANSPORT)?;
    c.bits(&FAMILY, family, 4, 0xf);
    c.bits(&TRANSPORT, family, 0, 0xf);
    let length = usize::from(c.u16(&LENGTH)?);
    c.inside(length, |c| {
        match family >> 4 {
            1 => {
                let start = c.offset();
                let addresses = [c.ipv4(&SRC_IPV4)?.into(), c.ipv4(&DST_IPV4)?.into()];
                let ports = [c.u16(&SRC_PORT)?, c.u16(&DST_PORT)?];
                tell(c, start, addresses.map(Some), ports.map(Some));
            }
            2 => {
                let start = c.offset();
                let addresses = [c.ipv6(&SRC_IPV6)?.into(), c.ipv6(&DST_IPV6)?.into()];
                let ports = [c.u16(&SRC_PORT)?, c.u16(&DST_PORT)?];
                tell(c, start, addresses.map(Some), ports.map(Some));
            }
            3 => {
                c.bytes(&SRC_UNIX, UNIX)?;
                c.bytes(&DST_UNIX, UNIX)?;
            }
            _ => {}
        }
        while !c.is_empty() {
            c.group(&ADDITION, |c| {
                let kind = c.u8(&ADDITION_TYPE)?;
                let length = c.u16(&ADDITION_LENGTH)?;
                let value = c.bytes(&ADDITION_VALUE, length.into())?;
                // The names that the client asked for and by which it was known.
                if matches!(kind, 0x01 | 0x02) {
                    c.fact(&ADDITION_VALUE, value);
                }
                Ok(())
            })?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::super::Transport;
    use super::*;

    const LINE_1: &[u8] = b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";

    #[test]
    fn a_line_tells_who_the_client_is() {
        let (message, findings, _) = read_alone(&mut Preface, Side::Client, LINE_1);
        assert_eq!(message.then, Then::Anew);
        assert_eq!(&*findings.facts[0].value, b"192.0.2.1:56324");
        assert_eq!(findings.subject, "192.0.2.1:56324 to 198.51.100.1:443");
        assert_eq!(Preface.extent(Side::Client, LINE_1), Extent::Whole(LINE_1.len()));
    }

    #[test]
    fn so_does_the_binary_form() {
        let mut bytes = BINARY_MAGIC.to_vec();
        bytes.extend([0x21, 0x11, 0, 17, 192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 4, 1, 0xbb, 1, 0, 2, b'h', b'2']);
        let (_, findings, _) = read_alone(&mut Preface, Side::Client, &bytes);
        let told: Vec<&[u8]> = findings.facts.iter().map(|fact| &*fact.value).collect();
        assert_eq!(told, [&b"192.0.2.1:56324"[..], b"h2"]);
        assert_eq!(Preface.extent(Side::Client, &bytes), Extent::Whole(bytes.len()));
    }

    #[test]
    fn what_it_cannot_be_is_bounded() {
        for line in ["PROXY TCP4\r\n", "PROXY TCP4 a b c d\r\n", "PROXY UNKNOWN\r\n", "PROXY UNKNOWN x y\r\n", "PROXY "] {
            let (_, findings, _) = read_alone(&mut Preface, Side::Client, line.as_bytes());
            assert!(findings.facts.is_empty());
        }
        let mut endless = LINE_MAGIC.to_vec();
        endless.resize(500, b'x');
        assert_eq!(Preface.extent(Side::Client, &endless), Extent::Whole(LONGEST_LINE));
        let mut short = BINARY_MAGIC.to_vec();
        short.extend([0x21, 0x21, 0, 3, 1, 2, 3]);
        let (_, findings, _) = read_alone(&mut Preface, Side::Client, &short);
        assert_eq!(findings.claims.ledger.total(), short.len() as u64);
    }

    #[test]
    fn told_by_its_magic_alone() {
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 25 };
        for cut in 1..LINE_MAGIC.len() {
            assert_eq!(probe(&start, Side::Client, &LINE_1[..cut]), Answer::More);
        }
        assert_eq!(probe(&start, Side::Client, LINE_1), Answer::Yes);
        assert_eq!(probe(&start, Side::Client, b"PRI * HTTP"), Answer::No);
        assert_eq!(probe(&start, Side::Client, b"\r\n\r\nGET /"), Answer::No);
    }
}
