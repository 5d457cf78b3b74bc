//! ICMP for IPv4 (RFC 792), with router discovery (RFC 1256), extensions (RFC 4884) and extended echo (RFC 8335).
//!
//! An error quotes the beginning of the packet that it complains about; that packet is read as the next layer.

pub mod extensions;
mod names;

pub(super) use names::neighbor_state_name;

use super::words::join;
use super::{Complaint, Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Internet Control Message Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("icmp", "Internet Control Message Protocol", Class::Network, "RFC 792"),
    fields: &ALL,
    under: &[Under::Ip(1)],
    read: Read::Header(read),
};

static ALL: [&Field; FIELDS.len() + extensions::FIELDS.len()] = join(FIELDS, extensions::FIELDS);

fields! { class Network, "RFC 792";
    TYPE: Number "icmp.type" "Type", names names::type_name;
    CODE: Number "icmp.code" "Code";
    MEANING: Text "husk.icmp.meaning" "Meaning";
    CHECKSUM: Hex(4) "icmp.checksum" "Checksum";
    UNUSED: Bytes "icmp.unused" "Unused";
    IDENT: Number "icmp.ident" "Identifier (BE)";
    IDENT_LE: Number "icmp.ident_le" "Identifier (LE)";
    SEQ: Number "icmp.seq" "Sequence Number (BE)";
    SEQ_LE: Number "icmp.seq_le" "Sequence Number (LE)";
    MTU: Number "icmp.mtu" "MTU of next hop", "RFC 1191, section 4";
    LENGTH: Number "icmp.length" "Length", "RFC 4884, section 4";
    QUOTED_LENGTH: Number "icmp.length.original_datagram" "Length of original datagram", "RFC 4884, section 4";
    POINTER: Number "icmp.pointer" "Pointer";
    GATEWAY: Ipv4 "icmp.redir_gw" "Gateway Address";
    ADDRESSES: Number "icmp.num_addrs" "Number of addresses", "RFC 1256, section 3";
    ENTRY_SIZE: Number "icmp.addr_entry_size" "Address entry size", "RFC 1256, section 3";
    LIFETIME: Number "icmp.lifetime" "Lifetime", "RFC 1256, section 3";
    ROUTER: Ipv4 "icmp.router_address" "Router address", "RFC 1256, section 3";
    PREFERENCE: Signed "icmp.pref_level" "Preference level", "RFC 1256, section 3";
    MOBILE_TYPE: Number "icmp.mip.type" "Extension Type", "RFC 5944, section 2.1";
    MOBILE_LENGTH: Number "icmp.mip.length" "Length", "RFC 5944, section 2.1";
    MOBILE_DATA: Bytes "husk.icmp.mip.data" "Extension Data", "RFC 5944, section 2.1";
    ORIGINATE: Number "icmp.originate_timestamp" "Originate Timestamp";
    RECEIVE: Number "icmp.receive_timestamp" "Receive Timestamp";
    TRANSMIT: Number "icmp.transmit_timestamp" "Transmit Timestamp";
    MASK: Ipv4 "icmp.address_mask" "Address Mask", "RFC 950, appendix I";
    ECHO_SEQ: Number "icmp.ext.echo.seq" "Sequence Number", "RFC 8335, section 2";
    ECHO_RESERVED: Hex(2) "icmp.ext.echo.req.res" "Reserved", "RFC 8335, section 2";
    ECHO_LOCAL: Flag "icmp.ext.echo.req.local" "Local bit", "RFC 8335, section 2";
    REPLY_STATE: Number "icmp.ext.echo.rsp.state" "State", "RFC 8335, section 3", names names::neighbor_state_name;
    REPLY_RESERVED: Hex(2) "icmp.ext.echo.rsp.res" "Reserved", "RFC 8335, section 3";
    REPLY_ACTIVE: Flag "icmp.ext.echo.rsp.active" "Active bit", "RFC 8335, section 3";
    REPLY_IPV4: Flag "icmp.ext.echo.rsp.ipv4" "IPv4 bit", "RFC 8335, section 3";
    REPLY_IPV6: Flag "icmp.ext.echo.rsp.ipv6" "IPv6 bit", "RFC 8335, section 3";
    REST: Bytes "husk.icmp.reserved" "Reserved";
    DATA: Bytes "husk.icmp.data" "Data", class Content;
}

const ETHER_TYPE_IPV4: u16 = 0x0800;

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
    match kind {
        0 | 8 => {
            identify(c)?;
            data(c)
        }
        3 if code == 4 => {
            c.bytes(&UNUSED, 2)?;
            c.u16(&MTU)?;
            Ok(quoted(c, 0))
        }
        3 | 11 => {
            let length = multipart(c, &UNUSED)?;
            Ok(quoted(c, length))
        }
        4 => {
            c.bytes(&REST, 4)?;
            Ok(quoted(c, 0))
        }
        5 => {
            c.ipv4(&GATEWAY)?;
            Ok(quoted(c, 0))
        }
        9 => routers(c),
        10 => c.bytes(&REST, 4).map(|_| Next::End),
        12 => {
            c.u8(&POINTER)?;
            let length = usize::from(c.u8(&LENGTH)?);
            c.bytes(&REST, 2)?;
            Ok(quoted(c, length))
        }
        13 | 14 => {
            identify(c)?;
            [&ORIGINATE, &RECEIVE, &TRANSMIT].into_iter().try_for_each(|time| c.u32(time).map(drop))?;
            Ok(Next::End)
        }
        15 | 16 => identify(c).map(|()| Next::End),
        17 | 18 => {
            identify(c)?;
            c.ipv4(&MASK).map(|_| Next::End)
        }
        42 | 43 => extended_echo(c, kind),
        _ => Ok(Next::End),
    }
}

/// The identifier and the sequence number. Windows counts them in the other byte order: both are shown.
fn identify(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let ident = c.u16(&IDENT)?;
    c.part(&IDENT_LE, Value::Number(ident.swap_bytes().into()));
    let seq = c.u16(&SEQ)?;
    c.part(&SEQ_LE, Value::Number(seq.swap_bytes().into()));
    Ok(())
}

/// What an echo carries is anybody's: readable, and no protocol of its own.
pub(super) fn data(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    c.class(Class::Content);
    if !c.is_empty() {
        c.bytes(&DATA, c.remaining())?;
    }
    Ok(Next::End)
}

/// The word that errors left unused; its second byte may tell the quoted packet's length in words (RFC 4884).
fn multipart(c: &mut Cursor<'_>, unused: &'static Field) -> Result<usize, Stop> {
    match c.peek(2) {
        [_, length @ 1..=u8::MAX] => {
            c.bytes(unused, 1)?;
            c.u8(&LENGTH)?;
            c.part(&QUOTED_LENGTH, Value::Number(u64::from(*length) << 2));
            c.bytes(unused, 2)?;
            Ok(usize::from(*length) << 2)
        }
        _ => c.bytes(unused, 4).map(|_| 0),
    }
}

/// The quoted packet is the next layer. Extensions behind it belong to this one and are read first.
fn quoted(c: &mut Cursor<'_>, length: usize) -> Next {
    let total = c.peek(4).get(2..4).map_or(0, |two| two.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)));
    extensions::behind_quoted(c, length, total);
    Next::Quoted(ETHER_TYPE_IPV4)
}

fn routers(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    let count = c.u8(&ADDRESSES)?;
    let words = usize::from(c.u8(&ENTRY_SIZE)?);
    c.u16(&LIFETIME)?;
    for _ in 0..count {
        c.inside(words.saturating_mul(4), |c| {
            c.ipv4(&ROUTER)?;
            let preference = c.pass(4)?.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte)).cast_signed();
            c.part(&PREFERENCE, Value::Signed(preference.into()));
            Ok(())
        })?;
    }
    while !c.is_empty() {
        // A type of 0 is one byte of padding, without a length.
        if c.u8(&MOBILE_TYPE)? != 0 {
            let length = usize::from(c.u8(&MOBILE_LENGTH)?);
            c.bytes(&MOBILE_DATA, length)?;
        }
    }
    Ok(Next::End)
}

fn extended_echo(c: &mut Cursor<'_>, kind: u8) -> Result<Next, Stop> {
    let ident = c.u16(&IDENT)?;
    c.part(&IDENT_LE, Value::Number(ident.swap_bytes().into()));
    c.u8(&ECHO_SEQ)?;
    let flags = c.pass(1)?.first().copied().unwrap_or(0);
    if kind == 42 {
        c.bits(&ECHO_RESERVED, flags, 1, 0x7f);
        c.bits(&ECHO_LOCAL, flags, 0, 1);
        extensions::read(c)?;
    } else {
        c.bits(&REPLY_STATE, flags, 5, 7);
        c.bits(&REPLY_RESERVED, flags, 3, 3);
        c.bits(&REPLY_ACTIVE, flags, 2, 1);
        c.bits(&REPLY_IPV4, flags, 1, 1);
        c.bits(&REPLY_IPV6, flags, 0, 1);
    }
    Ok(Next::End)
}
