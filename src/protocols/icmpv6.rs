//! ICMPv6 (RFC 4443): errors, echo, neighbour discovery (RFC 4861), multicast listeners (RFC 2710, RFC 3810).
//! Renumbering, RPL, mobility and other messages by name.

pub mod discovery;
pub mod listeners;
mod names;

use super::words::join;
use super::{Complaint, Next, Outline, Protocol, Read, Under, heading, icmp};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Internet Control Message Protocol for IPv6.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("icmpv6", "Internet Control Message Protocol v6", Class::Network, "RFC 4443"),
    fields: &ALL,
    under: &[Under::Ip(58)],
    read: Read::Header(read),
};

static ALL: [&Field; FIELDS.len() + discovery::FIELDS.len() + listeners::FIELDS.len()] = {
    static FIRST: [&Field; FIELDS.len() + discovery::FIELDS.len()] = join(FIELDS, discovery::FIELDS);
    join(&FIRST, listeners::FIELDS)
};

fields! { class Network, "RFC 4443, section 2.1";
    TYPE: Number "icmpv6.type" "Type", names names::type_name;
    CODE: Number "icmpv6.code" "Code";
    MEANING: Text "husk.icmpv6.meaning" "Meaning";
    CHECKSUM: Hex(4) "icmpv6.checksum" "Checksum";
    LENGTH: Number "icmpv6.length" "Length of original datagram", "RFC 4884, section 4";
    RESERVED: Bytes "icmpv6.reserved" "Reserved";
    MTU: Number "icmpv6.mtu" "MTU", "RFC 4443, section 3.2";
    POINTER: Number "icmpv6.pointer" "Pointer", "RFC 4443, section 3.4";
    IDENTIFIER: Hex(4) "icmpv6.echo.identifier" "Identifier", "RFC 4443, section 4.1";
    SEQUENCE: Number "icmpv6.echo.sequence_number" "Sequence", "RFC 4443, section 4.1";
    HOME_IDENTIFIER: Number "icmpv6.mip6.identifier" "Identifier", "RFC 6275, section 6.5";
    HOME_AGENT: Ipv6 "icmpv6.mip6.home_agent_address" "Home Agent Address", "RFC 6275, section 6.6";
    HOME_FLAGS: Hex(4) "icmpv6.mip6.flag" "Flags", "RFC 6275, section 6.8";
    NODE_TYPE: Number "icmpv6.ni.qtype" "Qtype", "RFC 4620, section 4";
    NODE_FLAGS: Hex(4) "icmpv6.ni.flag" "Flags", "RFC 4620, section 4";
    NODE_NONCE: Hex(16) "icmpv6.ni.nonce" "Nonce", "RFC 4620, section 4";
    QUERY_INTERVAL: Number "icmpv6.mcast_ra.query_interval" "Query Interval", "RFC 4286, section 3.2";
    ROBUSTNESS: Number "icmpv6.mcast_ra.robustness_variable" "Robustness Variable", "RFC 4286, section 3.2";
    ECHO_SEQUENCE: Number "icmpv6.ext.echo.seq" "Sequence number", "RFC 8335, section 2";
    ECHO_RESERVED: Hex(2) "icmpv6.ext.echo.req.res" "Reserved", "RFC 8335, section 2";
    ECHO_LOCAL: Flag "icmpv6.ext.echo.req.local" "Local bit", "RFC 8335, section 2";
    REPLY_STATE: Number "icmpv6.ext.echo.rsp.state" "State", "RFC 8335, section 3", names icmp::neighbor_state_name;
    REPLY_RESERVED: Hex(2) "icmpv6.ext.echo.rsp.res" "Reserved", "RFC 8335, section 3";
    REPLY_ACTIVE: Flag "icmpv6.ext.echo.rsp.active" "Active bit", "RFC 8335, section 3";
    REPLY_IPV4: Flag "icmpv6.ext.echo.rsp.ipv4" "IPv4 bit", "RFC 8335, section 3";
    REPLY_IPV6: Flag "icmpv6.ext.echo.rsp.ipv6" "IPv6 bit", "RFC 8335, section 3";
    BODY: Bytes "husk.icmpv6.body" "Message Body";
    REQUEST_IN: Number "husk.icmpv6.request_in" "Solicitation in", "RFC 4861, section 4";
    TIME: Duration "husk.icmpv6.time" "Time from solicitation", "RFC 4861, section 4";
}

const ETHER_TYPE_IPV6: u16 = 0x86dd;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let start = c.offset();
    let kind = c.u8(&TYPE)?;
    let code = c.u8(&CODE)?;
    if let Some(what) = names::code_name(kind, code).or_else(|| names::type_name(kind.into())) {
        outline.complaint = Some(Complaint { field: &MEANING, what, at: (start, c.offset()) });
    }
    if c.listens()
        && let Some(meaning) = names::code_name(kind, code)
    {
        c.part(&MEANING, Value::Text(meaning.into()));
    }
    c.u16(&CHECKSUM)?;
    outline.said = discovery::said(kind, c.rest(), outline.endpoints.as_ref());
    let next = body_of(c, kind);
    if let Some(said) = &mut outline.said {
        said.place = (start, c.offset());
    }
    next
}

/// What stands behind the checksum.
fn body_of(c: &mut Cursor<'_>, kind: u8) -> Result<Next, Stop> {
    match kind {
        1 | 3 => multipart(c),
        2 => {
            c.u32(&MTU)?;
            Ok(Next::Quoted(ETHER_TYPE_IPV6))
        }
        4 => {
            c.u32(&POINTER)?;
            Ok(Next::Quoted(ETHER_TYPE_IPV6))
        }
        128 | 129 => {
            c.u16(&IDENTIFIER)?;
            c.u16(&SEQUENCE)?;
            icmp::data(c)
        }
        130..=132 | 143 => listeners::read(c, kind).map(|()| Next::End),
        133..=137 | 141 | 142 => discovery::read(c, kind),
        139 | 140 => node_information(c),
        144..=147 => mobility(c, kind),
        151 => {
            c.u16(&QUERY_INTERVAL)?;
            c.u16(&ROBUSTNESS).map(|_| Next::End)
        }
        160 | 161 => extended_echo(c, kind),
        _ => body(c),
    }
}

fn body(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    if !c.is_empty() {
        c.bytes(&BODY, c.remaining())?;
    }
    Ok(Next::End)
}

/// The first of the reserved bytes may tell the quoted packet's length, in units of 8 bytes (RFC 4884).
fn multipart(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    let mut length = 0;
    match c.peek(1) {
        [1..=u8::MAX] => {
            length = usize::from(c.u8(&LENGTH)?).saturating_mul(8);
            c.bytes(&RESERVED, 3)?;
        }
        _ => {
            c.bytes(&RESERVED, 4)?;
        }
    }
    // Unlike IPv4's, errors without a length have no extensions.
    if length > 0 {
        icmp::extensions::behind_quoted(c, length, 0);
    }
    Ok(Next::Quoted(ETHER_TYPE_IPV6))
}

fn node_information(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    c.u16(&NODE_TYPE)?;
    c.u16(&NODE_FLAGS)?;
    c.u64(&NODE_NONCE)?;
    body(c)
}

fn mobility(c: &mut Cursor<'_>, kind: u8) -> Result<Next, Stop> {
    c.u16(&HOME_IDENTIFIER)?;
    if kind == 147 {
        c.u16(&HOME_FLAGS)?;
        return discovery::options(c);
    }
    c.bytes(&RESERVED, 2)?;
    if kind == 145 {
        while c.remaining() >= 16 {
            c.ipv6(&HOME_AGENT)?;
        }
    }
    body(c)
}

fn extended_echo(c: &mut Cursor<'_>, kind: u8) -> Result<Next, Stop> {
    c.u16(&IDENTIFIER)?;
    c.u8(&ECHO_SEQUENCE)?;
    let flags = c.pass(1)?.first().copied().unwrap_or(0);
    if kind == 160 {
        c.bits(&ECHO_RESERVED, flags, 1, 0x7f);
        c.bits(&ECHO_LOCAL, flags, 0, 1);
        icmp::extensions::read(c)?;
    } else {
        c.bits(&REPLY_STATE, flags, 5, 7);
        c.bits(&REPLY_RESERVED, flags, 3, 3);
        c.bits(&REPLY_ACTIVE, flags, 2, 1);
        c.bits(&REPLY_IPV4, flags, 1, 1);
        c.bits(&REPLY_IPV6, flags, 0, 1);
    }
    Ok(Next::End)
}
