//! RADIUS (RFC 2865, RFC 2866): a network asks its directory whether somebody may enter. Who it is, from which device
//! and to where stands in clear; only the password is hidden, with a secret that both servers share.
//!
//! ```text
//! code, 1 | id, 1 | length, 2 | authenticator, 16 | attribute: type, 1 | length, 1 | value ...
//! ```

use super::datagrams::datagrams;
use super::{Answer, Message, Protocol, Read, Side, Start, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// Remote Authentication Dial In User Service.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("radius", "RADIUS Protocol", Class::Metadata, "RFC 2865"),
    fields: FIELDS,
    under: &[
        Under::Udp(1645),
        Under::Udp(1646),
        Under::Udp(1700),
        Under::Udp(1812),
        Under::Udp(1813),
        Under::Udp(3799),
    ],
    read: Read::Dialogue { new: |_| datagrams(&PROTOCOL, message), probe: Some(probe) },
};

fields! { class Metadata, "RFC 2865, section 3";
    CODE: Number "radius.code" "Code", names code_name;
    ID: Number "radius.id" "Identifier";
    LENGTH: Number "radius.length" "Length";
    AUTHENTICATOR: Bytes "radius.authenticator" "Authenticator";
    AVP: Bytes "radius.avp" "AVP", "RFC 2865, section 5";
    TYPE: Number "radius.avp.type" "Type", "RFC 2865, section 5", names attribute_name;
    AVP_LENGTH: Number "radius.avp.length" "Length", "RFC 2865, section 5";
    VALUE: Bytes "husk.radius.value" "Value", "RFC 2865, section 5";
    USER_NAME: Text "radius.User_Name" "User-Name", "RFC 2865, section 5.1";
    USER_PASSWORD: Bytes "radius.User_Password_encrypted" "User-Password (encrypted)", "RFC 2865, section 5.2", class Sealed;
    CHAP_PASSWORD: Bytes "radius.CHAP_Password" "CHAP-Password", "RFC 2865, section 5.3";
    CHAP_ID: Hex(2) "radius.CHAP_Ident" "CHAP Ident", "RFC 2865, section 5.3";
    CHAP_RESPONSE: Bytes "radius.CHAP_String" "CHAP String", "RFC 2865, section 5.3";
    NAS_IP_ADDRESS: Ipv4 "radius.NAS_IP_Address" "NAS-IP-Address", "RFC 2865, section 5.4";
    NAS_PORT: Number "radius.NAS_Port" "NAS-Port", "RFC 2865, section 5.5";
    SERVICE_TYPE: Number "radius.Service_Type" "Service-Type", "RFC 2865, section 5.6";
    FRAMED_PROTOCOL: Number "radius.Framed_Protocol" "Framed-Protocol", "RFC 2865, section 5.7";
    FRAMED_ADDRESS: Ipv4 "radius.Framed-IP-Address" "Framed-IP-Address", "RFC 2865, section 5.8";
    FRAMED_NETMASK: Ipv4 "radius.Framed_IP_Netmask" "Framed-IP-Netmask", "RFC 2865, section 5.9";
    FRAMED_ROUTING: Number "radius.Framed_Routing" "Framed-Routing", "RFC 2865, section 5.10";
    FILTER_ID: Text "radius.Filter_Id" "Filter-Id", "RFC 2865, section 5.11";
    FRAMED_MTU: Number "radius.Framed_MTU" "Framed-MTU", "RFC 2865, section 5.12";
    FRAMED_COMPRESSION: Number "radius.Framed_Compression" "Framed-Compression", "RFC 2865, section 5.13";
    REPLY_MESSAGE: Text "radius.Reply_Message" "Reply-Message", "RFC 2865, section 5.18";
    STATE: Bytes "radius.State" "State", "RFC 2865, section 5.24";
    CLASS: Bytes "radius.Class" "Class", "RFC 2865, section 5.25";
    SESSION_TIMEOUT: Number "radius.Session_Timeout" "Session-Timeout", "RFC 2865, section 5.27";
    IDLE_TIMEOUT: Number "radius.Idle_Timeout" "Idle-Timeout", "RFC 2865, section 5.28";
    CALLED: Text "radius.Called_Station_Id" "Called-Station-Id", "RFC 2865, section 5.30";
    CALLING: Text "radius.Calling_Station_Id" "Calling-Station-Id", "RFC 2865, section 5.31";
    NAS_IDENTIFIER: Text "radius.NAS_Identifier" "NAS-Identifier", "RFC 2865, section 5.32";
    ACCT_STATUS: Number "radius.Acct_Status_Type" "Acct-Status-Type", "RFC 2866, section 5.1";
    ACCT_DELAY: Number "radius.Acct_Delay_Time" "Acct-Delay-Time", "RFC 2866, section 5.2";
    ACCT_IN: Number "radius.Acct_Input_Octets" "Acct-Input-Octets", "RFC 2866, section 5.3";
    ACCT_OUT: Number "radius.Acct_Output_Octets" "Acct-Output-Octets", "RFC 2866, section 5.4";
    ACCT_SESSION: Text "radius.Acct_Session_Id" "Acct-Session-Id", "RFC 2866, section 5.5";
    ACCT_TIME: Number "radius.Acct_Session_Time" "Acct-Session-Time", "RFC 2866, section 5.7";
    ACCT_PACKETS_IN: Number "radius.Acct_Input_Packets" "Acct-Input-Packets", "RFC 2866, section 5.8";
    ACCT_PACKETS_OUT: Number "radius.Acct_Output_Packets" "Acct-Output-Packets", "RFC 2866, section 5.9";
    ACCT_CAUSE: Number "radius.Acct_Terminate_Cause" "Acct-Terminate-Cause", "RFC 2866, section 5.10";
    ACCT_MULTI: Text "radius.Acct_Multi_Session_Id" "Acct-Multi-Session-Id", "RFC 2866, section 5.11";
    NAS_PORT_TYPE: Number "radius.NAS_Port_Type" "NAS-Port-Type", "RFC 2865, section 5.41";
    EAP: Bytes "radius.eap_fragment" "EAP fragment", "RFC 3579, section 3.1";
    MESSAGE_AUTHENTICATOR: Bytes "radius.Message_Authenticator" "Message-Authenticator", "RFC 3579, section 3.2";
    NAS_IPV6_ADDRESS: Ipv6 "radius.NAS_IPv6_Address" "NAS-IPv6-Address", "RFC 3162, section 2.1";
}

fn code_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "Access-Request",
        2 => "Access-Accept",
        3 => "Access-Reject",
        4 => "Accounting-Request",
        5 => "Accounting-Response",
        11 => "Access-Challenge",
        12 => "Status-Server",
        13 => "Status-Client",
        40 => "Disconnect-Request",
        41 => "Disconnect-ACK",
        42 => "Disconnect-NAK",
        43 => "CoA-Request",
        44 => "CoA-ACK",
        45 => "CoA-NAK",
        _ => return None,
    })
}

/// How a value is read.
#[derive(Clone, Copy)]
enum Form {
    Number,
    Address,
    Ipv6,
    Text,
    /// Text that says who or where.
    Told,
    Bytes,
    Hidden,
    Chap,
}

const fn attribute(kind: u8) -> Option<(&'static Field, Form)> {
    use Form::{Address, Bytes, Chap, Hidden, Ipv6, Number, Text, Told};
    Some(match kind {
        1 => (&USER_NAME, Told),
        2 => (&USER_PASSWORD, Hidden),
        3 => (&CHAP_PASSWORD, Chap),
        4 => (&NAS_IP_ADDRESS, Address),
        5 => (&NAS_PORT, Number),
        6 => (&SERVICE_TYPE, Number),
        7 => (&FRAMED_PROTOCOL, Number),
        8 => (&FRAMED_ADDRESS, Address),
        9 => (&FRAMED_NETMASK, Address),
        10 => (&FRAMED_ROUTING, Number),
        11 => (&FILTER_ID, Text),
        12 => (&FRAMED_MTU, Number),
        13 => (&FRAMED_COMPRESSION, Number),
        18 => (&REPLY_MESSAGE, Text),
        24 => (&STATE, Bytes),
        25 => (&CLASS, Bytes),
        27 => (&SESSION_TIMEOUT, Number),
        28 => (&IDLE_TIMEOUT, Number),
        30 => (&CALLED, Told),
        31 => (&CALLING, Told),
        32 => (&NAS_IDENTIFIER, Told),
        40 => (&ACCT_STATUS, Number),
        41 => (&ACCT_DELAY, Number),
        42 => (&ACCT_IN, Number),
        43 => (&ACCT_OUT, Number),
        44 => (&ACCT_SESSION, Text),
        46 => (&ACCT_TIME, Number),
        47 => (&ACCT_PACKETS_IN, Number),
        48 => (&ACCT_PACKETS_OUT, Number),
        49 => (&ACCT_CAUSE, Number),
        50 => (&ACCT_MULTI, Text),
        61 => (&NAS_PORT_TYPE, Number),
        79 => (&EAP, Bytes),
        80 => (&MESSAGE_AUTHENTICATOR, Bytes),
        95 => (&NAS_IPV6_ADDRESS, Ipv6),
        _ => return None,
    })
}

fn attribute_name(number: u64) -> Option<&'static str> {
    attribute(u8::try_from(number).ok()?).map(|(field, _)| field.label)
}

const HEADER: usize = 20;

/// On its ports, what has a known code and a length that the datagram has room for (RFC 2865, section 3).
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    let ported = PROTOCOL
        .under
        .iter()
        .any(|under| matches!(under, Under::Udp(port) if [start.client_port, start.server_port].contains(port)));
    match *first {
        [code, _, high, low, ..] if ported => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let yes = code_name(code.into()).is_some() && (HEADER..=4096).contains(&length);
            if yes { Answer::Yes } else { Answer::No }
        }
        _ => Answer::No,
    }
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let code = c.u8(&CODE)?;
    c.u8(&ID)?;
    let length = usize::from(c.u16(&LENGTH)?);
    c.bytes(&AUTHENTICATOR, 16)?;
    // What lies behind the length is padding (RFC 2865, section 3).
    c.narrow(length.saturating_sub(HEADER));
    while !c.is_empty() {
        if let Err(stop) = avp(c) {
            c.stopped(&stop);
            break;
        }
    }
    Ok(Message::new(code_name(code.into()).unwrap_or("unknown code")))
}

fn avp(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const HEAD: usize = 2;
    let length = usize::try_from(c.ahead(1, 1).unwrap_or(0)).unwrap_or(0);
    if length < HEAD {
        return Err(c.malformed("the attribute is shorter than its head"));
    }
    if length > c.remaining() {
        return Err(c.short(length, Some(&AVP)));
    }
    let place = c.open(&AVP);
    let kind = c.u8(&TYPE)?;
    c.u8(&AVP_LENGTH)?;
    let read = c.inside(length.saturating_sub(HEAD), |c| value(c, kind));
    c.close(place);
    read
}

fn value(c: &mut Cursor<'_>, kind: u8) -> Result<(), Stop> {
    let left = c.remaining();
    match (attribute(kind), left) {
        (_, 0) => Ok(()),
        (Some((field, Form::Number)), 4) => c.u32(field).map(drop),
        (Some((field, Form::Address)), 4) => c.ipv4(field).map(drop),
        (Some((field, Form::Ipv6)), 16) => c.ipv6(field).map(drop),
        (Some((field, Form::Text | Form::Bytes)), _) => c.bytes(field, left).map(drop),
        (Some((field, Form::Told)), _) => {
            let text = c.bytes(field, left)?;
            c.fact(field, text);
            c.subject(&String::from_utf8_lossy(text));
            Ok(())
        }
        (Some((field, Form::Hidden)), _) => c.skim(field, left, Class::Sealed),
        (Some((field, Form::Chap)), _) => {
            let start = c.offset();
            c.note(field, Value::Span, start, start.saturating_add(left as u32));
            c.u8(&CHAP_ID)?;
            c.bytes(&CHAP_RESPONSE, c.remaining()).map(drop)
        }
        _ => c.bytes(&VALUE, left).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    fn request(attributes: &[u8]) -> Vec<u8> {
        let length = HEADER.saturating_add(attributes.len()) as u16;
        [&[1, 18][..], &length.to_be_bytes(), &[0; 16], attributes].concat()
    }

    #[test]
    fn who_asks_is_told_and_the_password_is_sealed() {
        let bytes = request(b"\x01\x06user\x02\x12................\x04\x06\xc0\0\x02\x01");
        let (message, findings, _) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, &bytes);
        assert_eq!((message.what, findings.subject.as_str()), ("Access-Request", "user"));
        assert_eq!(findings.claims.ledger.of(Class::Sealed), 16);
    }

    #[test]
    fn attributes_that_lie_stop_it() {
        for attributes in [&[1, 0][..], &[1, 1], &[1, 200, 1], &[1], &[5, 5, 1, 2, 3, 3, 2, 79]] {
            let bytes = request(attributes);
            let (message, findings, _) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, &bytes);
            assert_eq!(message.what, "Access-Request");
            assert!(findings.facts.is_empty());
        }
    }

    #[test]
    fn a_length_beyond_the_datagram_is_cut() {
        let mut bytes = request(b"\x01\x06user");
        bytes[3] = 255;
        let (_, findings, _) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, &bytes);
        assert_eq!(findings.facts.len(), 1);
    }
}
