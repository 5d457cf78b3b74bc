//! NetBIOS names over UDP (RFC 1002, section 4.2): machines of a local network ask each other, and tell everybody,
//! who is called what. The message has the form of DNS; a name is 16 octets, each written as two letters.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::datagrams::datagrams;
use super::{Message, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Key, Pairing, Stop, Value, hexadecimal};
use crate::fields;

/// The NetBIOS Name Service.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("nbns", "NetBIOS Name Service", Class::Metadata, "RFC 1002, section 4.2"),
    fields: FIELDS,
    under: &[Under::Udp(137)],
    read: Read::Dialogue { new: |_| datagrams(&PROTOCOL, message), probe: None },
};

fields! { class Metadata, "RFC 1002, section 4.2.1.1";
    ID: Hex(4) "nbns.id" "Transaction ID";
    REQUEST_IN: Number "husk.nbns.request_in" "Request in", "RFC 1002, section 4.2.1.1";
    TIME: Duration "husk.nbns.time" "Time from request", "RFC 1002, section 4.2.1.1";
    FLAGS: Hex(4) "nbns.flags" "Flags";
    RESPONSE: Flag "nbns.flags.response" "Response";
    OPCODE: Number "nbns.flags.opcode" "Opcode", names opcode;
    AUTHORITATIVE: Flag "nbns.flags.authoritative" "Authoritative";
    TRUNCATED: Flag "nbns.flags.truncated" "Truncated";
    RECURSION_DESIRED: Flag "nbns.flags.recdesired" "Recursion desired";
    RECURSION_AVAILABLE: Flag "nbns.flags.recavail" "Recursion available";
    BROADCAST: Flag "nbns.flags.broadcast" "Broadcast";
    RESULT: Number "nbns.flags.rcode" "Reply code";
    QUESTIONS: Number "nbns.count.queries" "Questions";
    ANSWERS: Number "nbns.count.answers" "Answer RRs";
    AUTHORITY: Number "nbns.count.auth_rr" "Authority RRs";
    ADDITIONAL: Number "nbns.count.add_rr" "Additional RRs";
    QUESTION: Group "husk.nbns.question" "Question", "RFC 1002, section 4.2.1.2";
    RECORD: Group "husk.nbns.record" "Resource record", "RFC 1002, section 4.2.1.3";
    NAME: Text "nbns.name" "Name", "RFC 1001, section 14.1";
    TYPE: Number "nbns.type" "Type", "RFC 1002, section 4.2.1.2", names record_type;
    CLASS: Number "nbns.class" "Class", "RFC 1002, section 4.2.1.2";
    TTL: Number "nbns.ttl" "Time to live", "RFC 1002, section 4.2.1.3";
    DATA_LENGTH: Number "nbns.data_length" "Data length", "RFC 1002, section 4.2.1.3";
    DATA: Bytes "husk.nbns.data" "Data", "RFC 1002, section 4.2.1.3";
    NB_FLAGS: Hex(4) "nbns.nb_flags" "Name flags", "RFC 1002, section 4.2.1.3";
    NB_GROUP: Flag "nbns.nb_flags.group" "Group name", "RFC 1002, section 4.2.1.3";
    NB_NODE: Number "nbns.nb_flags.ont" "Owner node type", "RFC 1002, section 4.2.1.3", names node_type;
    ADDRESS: Ipv4 "nbns.addr" "Address", "RFC 1002, section 4.2.1.3";
    NUMBER_OF_NAMES: Number "nbns.number_of_names" "Number of names", "RFC 1002, section 4.2.18";
    OWN_NAME: Text "nbns.netbios_name" "Name", "RFC 1002, section 4.2.18";
    OWN_NAME_TYPE: Hex(2) "husk.nbns.netbios_name.type" "Name type", "RFC 1001, section 14.1";
    OWN_FLAGS: Hex(4) "nbns.name_flags" "Name flags", "RFC 1002, section 4.2.18";
    OWN_GROUP: Flag "nbns.name_flags.group" "Group name", "RFC 1002, section 4.2.18";
    OWN_NODE: Number "nbns.name_flags.ont" "Owner node type", "RFC 1002, section 4.2.18", names node_type;
    OWN_DEREGISTERED: Flag "nbns.name_flags.drg" "Name is being deregistered", "RFC 1002, section 4.2.18";
    OWN_CONFLICT: Flag "nbns.name_flags.cnf" "Name is in conflict", "RFC 1002, section 4.2.18";
    OWN_ACTIVE: Flag "nbns.name_flags.act" "Name is active", "RFC 1002, section 4.2.18";
    OWN_PERMANENT: Flag "nbns.name_flags.prm" "Permanent node name", "RFC 1002, section 4.2.18";
    UNIT: Mac "nbns.unit_id" "Unit ID", "RFC 1002, section 4.2.18";
    STATISTICS: Bytes "husk.nbns.statistics" "Statistics", "RFC 1002, section 4.2.18";
}

fn opcode(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "query",
        5 => "registration",
        6 => "release",
        7 => "wait",
        8 | 9 => "refresh",
        15 => "multi-homed registration",
        _ => return None,
    })
}

fn record_type(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "A",
        2 => "NS",
        10 => "NULL",
        32 => "NB",
        33 => "NBSTAT",
        _ => return None,
    })
}

fn node_type(number: u64) -> Option<&'static str> {
    ["B node", "P node", "M node", "H node"].get(usize::try_from(number).ok()?).copied()
}

const BROADCAST_FLAG: u16 = 0x0010;
/// What is done; a query is 0.
const OPERATION: u16 = 0x7800;
const STATUS: u16 = 33;
const ADDRESSES: u16 = 32;

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let id = Key::Shared(c.u16(&ID)?.into());
    let flags = c.u16(&FLAGS)?;
    let response = flags & 0x8000 != 0;
    flag_notes(c, flags, response);
    // Who takes a name before all others is content with silence (RFC 1002, section 5.1.1.1).
    let to_all = flags & BROADCAST_FLAG != 0;
    let query = flags & OPERATION == 0;
    if response {
        c.pairing(Pairing::answers(id, &REQUEST_IN, &TIME));
    } else if query || !to_all {
        c.pairing(Pairing::asks(id));
    }
    let questions = c.u16(&QUESTIONS)?;
    let records = [&ANSWERS, &AUTHORITY, &ADDITIONAL]
        .into_iter()
        .try_fold(0_u32, |sum, field| Ok::<u32, Stop>(sum.saturating_add(c.u16(field)?.into())))?;
    if let Err(stop) = sections(c, questions, records) {
        c.stopped(&stop);
    }
    let what = opcode(u64::from(flags >> 11 & 0xf)).unwrap_or("unknown operation");
    Ok(Message::new(if response { "response" } else { what }))
}

fn flag_notes(c: &mut Cursor<'_>, flags: u16, response: bool) {
    c.bits(&RESPONSE, flags, 15, 1);
    c.bits(&OPCODE, flags, 11, 0xf);
    if response {
        c.bits(&AUTHORITATIVE, flags, 10, 1);
    }
    c.bits(&TRUNCATED, flags, 9, 1);
    c.bits(&RECURSION_DESIRED, flags, 8, 1);
    if response {
        c.bits(&RECURSION_AVAILABLE, flags, 7, 1);
    }
    c.bits(&BROADCAST, flags, 4, 1);
    if response {
        c.bits(&RESULT, flags, 0, 0xf);
    }
}

/// The counts are no more than a promise: each turn passes at least five octets or stops.
fn sections(c: &mut Cursor<'_>, questions: u16, records: u32) -> Result<(), Stop> {
    for _ in 0..questions {
        c.group(&QUESTION, |c| {
            let name = noted_name(c, false)?;
            c.fact(&NAME, name.as_bytes());
            c.subject(&name);
            c.u16(&TYPE)?;
            c.u16(&CLASS).map(drop)
        })?;
    }
    for _ in 0..records {
        c.group(&RECORD, record)?;
    }
    Ok(())
}

fn record(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let name = noted_name(c, true)?;
    let kind = c.u16(&TYPE)?;
    c.u16(&CLASS)?;
    c.u32(&TTL)?;
    let length = usize::from(c.u16(&DATA_LENGTH)?);
    c.inside(length, |c| match kind {
        // A server that asks for patience sends two octets.
        ADDRESSES if length >= 6 => addresses(c, &name),
        STATUS => status(c),
        _ if c.is_empty() => Ok(()),
        _ => c.bytes(&DATA, c.remaining()).map(drop),
    })
}

fn addresses(c: &mut Cursor<'_>, name: &str) -> Result<(), Stop> {
    while !c.is_empty() {
        let flags = c.u16(&NB_FLAGS)?;
        c.bits(&NB_GROUP, flags, 15, 1);
        c.bits(&NB_NODE, flags, 13, 3);
        let address = Ipv4Addr::from(c.ipv4(&ADDRESS)?);
        c.fact(&ADDRESS, format!("{name} {address}").as_bytes());
        c.subject(&address.to_string());
    }
    Ok(())
}

/// What a machine is called, and its link address.
fn status(c: &mut Cursor<'_>) -> Result<(), Stop> {
    for _ in 0..c.u8(&NUMBER_OF_NAMES)? {
        let text = own_text(c.pass(15)?);
        c.fact(&OWN_NAME, text.as_bytes());
        c.part(&OWN_NAME, Value::Text(text.into()));
        c.u8(&OWN_NAME_TYPE)?;
        let flags = c.u16(&OWN_FLAGS)?;
        c.bits(&OWN_GROUP, flags, 15, 1);
        c.bits(&OWN_NODE, flags, 13, 3);
        let bits = [&OWN_DEREGISTERED, &OWN_CONFLICT, &OWN_ACTIVE, &OWN_PERMANENT];
        for (field, shift) in bits.into_iter().zip([12, 11, 10, 9]) {
            c.bits(field, flags, shift, 1);
        }
    }
    let unit = c.mac(&UNIT)?;
    if unit != [0; 6] {
        c.fact(&UNIT, hexadecimal(&unit, ":").as_bytes());
    }
    if c.is_empty() { Ok(()) } else { c.bytes(&STATISTICS, c.remaining()).map(drop) }
}

/// Passes a name and notes it: `WORKSTATION<20>`, with its scope behind it if it has one; a record's also with
/// what its last octet means.
fn noted_name(c: &mut Cursor<'_>, explained: bool) -> Result<String, Stop> {
    let (text, size) =
        name_at(c.whole(), c.position()).ok_or_else(|| c.malformed("the name is cut, or is no NetBIOS name"))?;
    c.pass(size)?;
    if c.listens() {
        // The name in an answer to a status request stands for all names.
        let explain = explained && c.ahead(0, 2) != Some(STATUS.into());
        c.part(&NAME, Value::Text(if explain { self::explained(&text) } else { text.clone() }.into()));
    }
    Ok(text)
}

/// A name with what its last octet means.
fn explained(text: &str) -> String {
    let kind = text.rsplit_once('<').and_then(|(_, kind)| u8::from_str_radix(kind.get(..2)?, 16).ok());
    kind.map_or_else(|| text.to_owned(), |kind| format!("{text} ({})", meaning(kind)))
}

/// What a name is for, by its sixteenth octet (Microsoft's NetBIOS suffixes).
fn meaning(kind: u8) -> &'static str {
    match kind {
        0x00 | 0x02 => "Workstation/Redirector",
        0x01 => "Browser",
        0x03 => "Messenger service/Main name",
        0x05 => "Forwarded name",
        0x06 => "RAS Server service",
        0x1b => "Domain Master Browser",
        0x1c => "Domain Controllers",
        0x1d => "Local Master Browser",
        0x1e => "Browser Election Service",
        0x1f => "Net DDE Service",
        0x20 => "Server service",
        0x21 => "RAS client service",
        0x30 => "Modem sharing server service",
        0x31 => "Modem sharing client service",
        0xbe => "Network Monitor Agent",
        0xbf => "Network Monitor Application",
        _ => "Unknown",
    }
}

/// The name at `at`, and how many octets it takes there. A pointer (RFC 1002, section 4.2.1.3) must lead backwards.
pub(super) fn name_at(message: &[u8], at: usize) -> Option<(String, usize)> {
    const POINTER: u8 = 0xc0;
    const ENCODED: u8 = 32;
    const LONGEST: usize = 255;
    let first = *message.get(at)?;
    if first & POINTER == POINTER {
        let to = usize::from(u16::from_be_bytes([first & 0x3f, *message.get(at.checked_add(1)?)?]));
        let direct = to < at && message.get(to).is_some_and(|length| length & POINTER == 0);
        return direct.then(|| name_at(message, to)).flatten().map(|(text, _)| (text, 2));
    }
    if first != ENCODED {
        return None;
    }
    let letters = message.get(at.checked_add(1)?..at.checked_add(33)?)?;
    let mut text = decoded_text(letters)?;
    let mut next = at.checked_add(33)?;
    // The scope: labels as in DNS.
    loop {
        let length = usize::from(*message.get(next)?);
        next = next.checked_add(1)?;
        if length == 0 {
            return Some((text, next.checked_sub(at)?));
        }
        let end = next.checked_add(length).filter(|end| length < 64 && end.saturating_sub(at) <= LONGEST)?;
        text.push('.');
        text.push_str(&String::from_utf8_lossy(message.get(next..end)?));
        next = end;
    }
}

/// Each octet is two letters from A to P (RFC 1001, section 14.1); the sixteenth says what kind of name it is.
fn decoded_text(letters: &[u8]) -> Option<String> {
    let half = |letter: u8| letter.checked_sub(b'A').filter(|half| *half < 16);
    let mut name = [0; 16];
    for (octet, pair) in name.iter_mut().zip(letters.chunks_exact(2)) {
        let [high, low] = *pair else { return None };
        *octet = half(high)? << 4 | half(low)?;
    }
    let [own @ .., kind] = &name;
    Some(format!("{}<{kind:02x}>", own_text(own)))
}

/// The fifteen octets of a name without the spaces at its end; what cannot be printed as its number.
fn own_text(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets {
        match octet {
            b' '..=b'~' => text.push(char::from(*octet)),
            // Writing to a String cannot fail.
            octet => drop(write!(text, "<{octet:02X}>")),
        }
    }
    text.truncate(text.trim_end_matches(' ').len());
    text
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::super::datagrams::read_alone;
    use super::*;

    fn read(bytes: &[u8]) -> (Message, crate::bytes::Findings, crate::bytes::Tree) {
        read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, bytes)
    }

    const QUERY: &[u8] = b"\xdc\xbf\x01\x10\0\x01\0\0\0\0\0\0\x20FHFAEBEECACACACACACACACACACACAAA\0\0\x20\0\x01";

    #[test]
    fn a_query_tells_the_name() {
        let (message, findings, _) = read(QUERY);
        assert_eq!((message.what, findings.subject.as_str()), ("query", "WPAD<00>"));
        assert_eq!(&*findings.facts[0].value, b"WPAD<00>");
    }

    #[test]
    fn a_registration_points_back_to_its_name() {
        let mut registration = QUERY.to_vec();
        registration[2] = 0x29;
        registration[11] = 1;
        registration.extend(b"\xc0\x0c\0\x20\0\x01\0\x04\x93\xe0\0\x06\0\0\xc0\0\x02\x07");
        let (message, findings, _) = read(&registration);
        assert_eq!(message.what, "registration");
        assert_eq!(&*findings.facts[1].value, b"WPAD<00> 192.0.2.7");
    }

    #[test]
    fn pointers_that_loop_or_lead_forwards_stop_it() {
        for pointer in [b"\xc0\x0c", b"\xc0\xff"] {
            let mut message = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            message.extend(pointer);
            let (_, findings, tree) = read(&message);
            assert!(findings.facts.is_empty());
            assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"));
        }
    }

    #[test]
    fn counts_that_lie_are_bounded_by_the_message() {
        let mut message = QUERY.to_vec();
        message[4..12].fill(0xff);
        let (_, findings, _) = read(&message);
        assert_eq!(findings.facts.len(), 1);
    }
}
