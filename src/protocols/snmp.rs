//! SNMP (RFC 1157, RFC 3416, RFC 3412): what managers ask of devices, and what these answer. In versions 1 and 2c
//! the password, called community, is in clear; version 3 may encrypt what is asked.

use std::net::Ipv4Addr;

use super::ber::{self, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use super::datagrams::datagrams;
use super::{Answer, Message, Protocol, Read, Side, Start, Transport, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// The Simple Network Management Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("snmp", "Simple Network Management Protocol", Class::Metadata, "RFC 3416"),
    fields: FIELDS,
    under: &[Under::Udp(161), Under::Udp(162)],
    read: Read::Dialogue { new: |_| datagrams(&PROTOCOL, message), probe: Some(probe) },
};

fields! { class Metadata, "RFC 3416, section 3";
    VERSION: Signed "snmp.version" "version", "RFC 1901, section 3";
    COMMUNITY: Text "snmp.community" "community", "RFC 1901, section 3";
    PDU: Number "snmp.data" "data", names pdu_name;
    REQUEST: Signed "snmp.request_id" "request-id";
    ERROR_STATUS: Signed "snmp.error_status" "error-status";
    ERROR_INDEX: Signed "snmp.error_index" "error-index";
    NON_REPEATERS: Signed "snmp.non_repeaters" "non-repeaters";
    REPETITIONS: Signed "snmp.max_repetitions" "max-repetitions";
    BINDINGS: Number "snmp.variable_bindings" "variable-bindings";
    BINDING: Group "husk.snmp.variable_binding" "variable-binding";
    NAME: Text "snmp.name" "Object Name";
    VALUE_INTEGER: Signed "snmp.value.int" "Value (Integer32)";
    VALUE_OCTETS: Bytes "snmp.value.octets" "Value (OctetString)";
    VALUE_IDENTIFIER: Text "snmp.value.oid" "Value (OID)";
    VALUE_ADDRESS: Ipv4 "snmp.value.ipv4" "Value (IpAddress)";
    VALUE_COUNTER: Number "snmp.value.counter" "Value (Counter)";
    VALUE_GAUGE: Number "snmp.value.u32" "Value (Unsigned32)";
    VALUE_TICKS: Number "snmp.value.timeticks" "Value (Timeticks)";
    VALUE_OTHER: Bytes "husk.snmp.value.other" "Value";
    ENTERPRISE: Text "snmp.enterprise" "enterprise", "RFC 1157, section 4.1.6";
    AGENT: Ipv4 "snmp.agent_addr" "agent-addr", "RFC 1157, section 4.1.6";
    GENERIC_TRAP: Signed "snmp.generic_trap" "generic-trap", "RFC 1157, section 4.1.6";
    SPECIFIC_TRAP: Signed "snmp.specific_trap" "specific-trap", "RFC 1157, section 4.1.6";
    TRAP_TIME: Number "husk.snmp.time_stamp" "time-stamp", "RFC 1157, section 4.1.6";
    MESSAGE_VERSION: Signed "snmp.msgVersion" "msgVersion", "RFC 3412, section 6";
    MESSAGE_ID: Signed "snmp.msgID" "msgID", "RFC 3412, section 6";
    MESSAGE_SIZE: Signed "snmp.msgMaxSize" "msgMaxSize", "RFC 3412, section 6";
    MESSAGE_FLAGS: Bytes "snmp.msgFlags" "msgFlags", "RFC 3412, section 6";
    FLAG_REPORT: Flag "snmp.v3.flags.report" "Reportable", "RFC 3412, section 6.4";
    FLAG_ENCRYPTED: Flag "snmp.v3.flags.crypt" "Encrypted", "RFC 3412, section 6.4";
    FLAG_AUTHENTICATED: Flag "snmp.v3.flags.auth" "Authenticated", "RFC 3412, section 6.4";
    SECURITY_MODEL: Signed "snmp.msgSecurityModel" "msgSecurityModel", "RFC 3412, section 6";
    ENGINE: Bytes "snmp.msgAuthoritativeEngineID" "msgAuthoritativeEngineID", "RFC 3414, section 2.4";
    ENGINE_BOOTS: Signed "snmp.msgAuthoritativeEngineBoots" "msgAuthoritativeEngineBoots", "RFC 3414, section 2.4";
    ENGINE_TIME: Signed "snmp.msgAuthoritativeEngineTime" "msgAuthoritativeEngineTime", "RFC 3414, section 2.4";
    USER: Text "snmp.msgUserName" "msgUserName", "RFC 3414, section 2.4";
    AUTHENTICATION: Bytes "husk.snmp.msgAuthenticationParameters" "msgAuthenticationParameters", "RFC 3414, section 2.4";
    PRIVACY: Bytes "husk.snmp.msgPrivacyParameters" "msgPrivacyParameters", "RFC 3414, section 2.4";
    ENCRYPTED: Bytes "snmp.encryptedPDU" "encryptedPDU", "RFC 3412, section 6", class Sealed;
    CONTEXT_ENGINE: Bytes "snmp.contextEngineID" "contextEngineID", "RFC 3412, section 6";
    CONTEXT: Text "snmp.contextName" "contextName", "RFC 3412, section 6";
}

const VERSION_3: i64 = 3;
const NAMES: [&str; 9] = [
    "get-request", "get-next-request", "get-response", "set-request", "trap", "getBulkRequest", "informRequest",
    "snmpV2-trap", "report",
];
/// The tags of these: context-specific and constructed.
const PDUS: std::ops::RangeInclusive<u8> = 0xa0..=0xa8;
const GET_BULK: u8 = 5;
const TRAP: u8 = 4;

fn pdu_name(number: u64) -> Option<&'static str> {
    NAMES.get(usize::try_from(number).ok()?).copied()
}

/// On its own ports what is a sequence; elsewhere what is certainly SNMP: a version, and then a community and one
/// of the known requests, to the last octet.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if start.transport != Transport::Udp {
        return Answer::No;
    }
    let ported = |port| [start.client_port, start.server_port].contains(&port);
    let yes = if ported(161) || ported(162) { first.first() == Some(&SEQUENCE) } else { is_certain(first) };
    if yes { Answer::Yes } else { Answer::No }
}

fn is_certain(message: &[u8]) -> bool {
    let certain = || {
        let (body, _) = ber::value(message, SEQUENCE).filter(|(_, behind)| behind.is_empty())?;
        let (version, behind) = ber::value(body, INTEGER)?;
        let (community, behind) = ber::value(behind, OCTET_STRING)?;
        let pdu = ber::head(behind)?;
        let known = matches!(version, [0 | 1]) && PDUS.contains(&pdu.tag);
        let whole = pdu.size.saturating_add(pdu.length) == behind.len();
        (known && whole && community.iter().all(u8::is_ascii_graphic)).then_some(())
    };
    certain().is_some()
}

#[allow(clippy::unnecessary_wraps)] // the form that all datagrams are read in
fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let mut what = "message";
    let read = ber::within(c, SEQUENCE, |c| {
        let version = ber::value(c.rest(), INTEGER).and_then(|(octets, _)| octets.last().copied());
        if version.map(i64::from) == Some(VERSION_3) {
            return version_3(c, &mut what);
        }
        ber::integer(c, &VERSION)?;
        let community = ber::octets(c, &COMMUNITY)?;
        c.fact(&COMMUNITY, community);
        pdu(c, &mut what)
    });
    if let Err(stop) = read {
        c.stopped(&stop);
    }
    Ok(Message::new(what))
}

/// RFC 3412, section 6, with the parameters of the user-based security model (RFC 3414, section 2.4).
fn version_3(c: &mut Cursor<'_>, what: &mut &'static str) -> Result<(), Stop> {
    ber::integer(c, &MESSAGE_VERSION)?;
    ber::within(c, SEQUENCE, |c| {
        ber::integer(c, &MESSAGE_ID)?;
        ber::integer(c, &MESSAGE_SIZE)?;
        let flags = ber::octets(c, &MESSAGE_FLAGS)?.first().copied().unwrap_or(0);
        for (field, shift) in [(&FLAG_REPORT, 2), (&FLAG_ENCRYPTED, 1), (&FLAG_AUTHENTICATED, 0)] {
            c.bits(field, flags, shift, 1);
        }
        ber::integer(c, &SECURITY_MODEL).map(drop)
    })?;
    ber::within(c, OCTET_STRING, |c| {
        ber::within(c, SEQUENCE, |c| {
            ber::octets(c, &ENGINE)?;
            ber::integer(c, &ENGINE_BOOTS)?;
            ber::integer(c, &ENGINE_TIME)?;
            let user = ber::octets(c, &USER)?;
            if !user.is_empty() {
                c.fact(&USER, user);
                c.subject(&String::from_utf8_lossy(user));
            }
            ber::octets(c, &AUTHENTICATION)?;
            ber::octets(c, &PRIVACY).map(drop)
        })
    })?;
    if ber::head(c.rest()).is_some_and(|head| head.tag == OCTET_STRING) {
        *what = "sealed";
        return ber::within(c, OCTET_STRING, |c| c.skim(&ENCRYPTED, c.remaining(), Class::Sealed));
    }
    ber::within(c, SEQUENCE, |c| {
        ber::octets(c, &CONTEXT_ENGINE)?;
        ber::octets(c, &CONTEXT)?;
        pdu(c, what)
    })
}

/// RFC 3416, section 3; the trap of version 1 is another one (RFC 1157, section 4.1.6).
fn pdu(c: &mut Cursor<'_>, what: &mut &'static str) -> Result<(), Stop> {
    ber::enter(c, |c, tag| {
        let kind = tag & 0x1f;
        if !PDUS.contains(&tag) {
            return Err(c.malformed("no request or answer that SNMP knows"));
        }
        c.say(&PDU, Value::Number(kind.into()));
        *what = pdu_name(kind.into()).unwrap_or("message");
        if kind == TRAP {
            ber::identifier(c, &ENTERPRISE)?;
            ber::within(c, 0x40, |c| c.ipv4(&AGENT))?;
            ber::integer(c, &GENERIC_TRAP)?;
            ber::integer(c, &SPECIFIC_TRAP)?;
            ber::within(c, 0x43, |c| unsigned(c, &TRAP_TIME))?;
        } else {
            ber::integer(c, &REQUEST)?;
            let bulk = kind == GET_BULK;
            ber::integer(c, if bulk { &NON_REPEATERS } else { &ERROR_STATUS })?;
            ber::integer(c, if bulk { &REPETITIONS } else { &ERROR_INDEX })?;
        }
        ber::within(c, SEQUENCE, |c| {
            let (mut rest, mut count) = (c.rest(), 0_u64);
            while let Some((_, behind)) = ber::value(rest, SEQUENCE) {
                (rest, count) = (behind, count.saturating_add(1));
            }
            c.say(&BINDINGS, Value::Number(count));
            while !c.is_empty() {
                c.group(&BINDING, |c| ber::within(c, SEQUENCE, binding))?;
            }
            Ok(())
        })
    })
}

fn binding(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let name = ber::identifier(c, &NAME)?;
    c.fact(&NAME, name.as_bytes());
    c.subject(&name);
    ber::enter(c, |c, tag| match tag {
        // A null, or that there is no such object: nothing to show.
        _ if c.is_empty() => Ok(()),
        INTEGER => ber::number(c, &VALUE_INTEGER).map(drop),
        OCTET_STRING => c.bytes(&VALUE_OCTETS, c.remaining()).map(drop),
        OBJECT_IDENTIFIER => ber::rest_as_identifier(c, &VALUE_IDENTIFIER).map(drop),
        0x40 if c.remaining() == 4 => {
            let address = Ipv4Addr::from(c.ipv4(&VALUE_ADDRESS)?).to_string();
            c.fact(&VALUE_ADDRESS, address.as_bytes());
            Ok(())
        }
        0x41 | 0x46 => unsigned(c, &VALUE_COUNTER),
        0x42 | 0x47 => unsigned(c, &VALUE_GAUGE),
        0x43 => unsigned(c, &VALUE_TICKS),
        _ => c.bytes(&VALUE_OTHER, c.remaining()).map(drop),
    })
}

/// A number that is never negative; a zero octet may stand before it.
fn unsigned(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let octets = c.pass(c.remaining())?;
    let number = octets.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    c.part(field, Value::Number(number));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    const GET: &[u8] = b"\x30\x29\x02\x01\x01\x04\x06public\xa0\x1c\x02\x04\x01\x02\x03\x04\x02\x01\0\x02\x01\0\
\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\0\x05\0";

    #[test]
    fn a_request_tells_the_password_and_what_is_asked() {
        let (message, findings, _) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, GET);
        assert_eq!((message.what, findings.subject.as_str()), ("get-request", "1.3.6.1.2.1.1.1.0"));
        assert_eq!(&*findings.facts[0].value, b"public");
        assert!(is_certain(GET));
        assert!(!is_certain(&GET[..GET.len() - 1]));
    }

    #[test]
    fn lengths_that_lie_stop_it() {
        for at in [1, 3, 6, 14, 16, 22, 25, 28, 30, 32] {
            let mut bytes = GET.to_vec();
            bytes[at] = 0x7f;
            let (_, findings, tree) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, &bytes);
            assert!(findings.claims.ledger.total() == bytes.len() as u64, "{at}");
            assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"), "{at}");
        }
    }
}
