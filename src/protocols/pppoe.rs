//! PPP over Ethernet (RFC 2516): sessions and their discovery.

use super::{Next, Outline, Protocol, Read, Under, heading, ppp};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// PPP-over-Ethernet.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("pppoe", "PPP-over-Ethernet", Class::Link, "RFC 2516, section 4"),
    fields: FIELDS,
    under: &[Under::EtherType(0x8863), Under::EtherType(0x8864), Under::Link(51)],
    read: Read::Header(read),
};

fields! { class Link, "RFC 2516, section 4";
    VERSION: Number "pppoe.version" "Version";
    TYPE: Number "pppoe.type" "Type";
    CODE: Hex(2) "pppoe.code" "Code", names code_name;
    SESSION: Hex(4) "pppoe.session_id" "Session ID";
    LENGTH: Number "pppoe.payload_length" "Payload Length";
    TAGS: Group "pppoed.tags" "PPPoE Tag", "RFC 2516, appendix A";
    TAG: Hex(4) "pppoed.tag" "Tag", "RFC 2516, appendix A", names tag_name;
    TAG_LENGTH: Number "pppoed.tag_length" "Tag Length", "RFC 2516, section 4";
    SERVICE_NAME: Text "pppoed.tags.service_name" "Service-Name", "RFC 2516, appendix A";
    CONCENTRATOR: Text "pppoed.tags.ac_name" "AC-Name", "RFC 2516, appendix A";
    HOST_UNIQ: Bytes "pppoed.tags.host_uniq" "Host-Uniq", "RFC 2516, appendix A";
    COOKIE: Bytes "pppoed.tags.ac_cookie" "AC-Cookie", "RFC 2516, appendix A";
    RELAY_SESSION: Bytes "pppoed.tags.relay_session_id" "Relay-Session-Id", "RFC 2516, appendix A";
    SERVICE_NAME_ERROR: Text "pppoed.tags.service_name_error" "Service-Name-Error", "RFC 2516, appendix A";
    SYSTEM_ERROR: Text "pppoed.tags.ac_system_error" "AC-System-Error", "RFC 2516, appendix A";
    GENERIC_ERROR: Text "pppoed.tags.generic_error" "Generic-Error", "RFC 2516, appendix A";
    TAG_DATA: Bytes "pppoed.tag.unknown_data" "Unknown Data", "RFC 2516, appendix A";
}

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    let first = c.octets(1)?;
    c.bits(&VERSION, first, 4, 0xf);
    c.bits(&TYPE, first, 0, 0xf);
    let code = c.u8(&CODE)?;
    let session = c.u16(&SESSION)?;
    outline.tells_apart(&SESSION, session.into());
    let length = c.u16(&LENGTH)?;
    // What fills the frame up behind a session is padding, and no trailer of anybody's.
    c.framed(false);
    c.narrow(length.into());
    // Only sessions have code 0; the others are discovery.
    if code == 0 {
        return Ok(Next::Protocol(&ppp::PROTOCOL));
    }
    while !c.is_empty() {
        c.group(&TAGS, tag)?;
    }
    Ok(Next::End)
}

/// RFC 2516, appendix A.
fn tag(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = c.u16(&TAG)?;
    let length = c.u16(&TAG_LENGTH)?;
    c.inside(length.into(), |c| {
        let field = match kind {
            0x0101 => &SERVICE_NAME,
            0x0102 => &CONCENTRATOR,
            0x0103 => &HOST_UNIQ,
            0x0104 => &COOKIE,
            0x0110 => &RELAY_SESSION,
            0x0201 => &SERVICE_NAME_ERROR,
            0x0202 => &SYSTEM_ERROR,
            0x0203 => &GENERIC_ERROR,
            _ => &TAG_DATA,
        };
        if c.is_empty() { Ok(()) } else { c.bytes(field, c.remaining()).map(drop) }
    })
}

fn code_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x00 => "session data",
        0x07 => "offer",
        0x09 => "initiation",
        0x19 => "request",
        0x65 => "session confirmation",
        0xa7 => "termination",
        _ => return None,
    })
}

fn tag_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x0000 => "end of list",
        0x0101 => "service name",
        0x0102 => "access concentrator name",
        0x0103 => "host's own number",
        0x0104 => "access concentrator's cookie",
        0x0105 => "vendor",
        0x0110 => "relay's session",
        0x0201 => "service name error",
        0x0202 => "access concentrator error",
        0x0203 => "generic error",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn cells(bytes: &[u8]) -> Result<Vec<String>, Stop> {
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
        read(&mut c, &mut Outline::default())?;
        Ok(tree.nodes().iter().skip(5).map(|node| tree.cell(node, bytes)).collect())
    }

    #[test]
    fn discovery_names_services_and_who_offers_them() {
        let offer = b"\x11\x07\x00\x00\x00\x0e\x01\x02\x00\x06access\x01\x01\x00\x00";
        assert_eq!(cells(offer).unwrap()[1..], ["0x0102", "6", "access", "1", "0x0101", "0"]);
        let mut cut = *offer;
        cut[9] = 0xff;
        assert!(cells(&cut).is_err());
    }
}
