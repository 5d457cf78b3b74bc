//! DNS (RFC 1034, RFC 1035), and with the same message mDNS (RFC 6762) and LLMNR (RFC 4795).
//!
//! ```text
//! (length, over TCP) header, 12 octets | questions | answers | authority | additional
//!                                         name, type, class    name, type, class, TTL, length, data
//! ```
//!
//! The walk over questions and records is our own, so that an unknown type, a record that is cut or a name
//! that loops costs that record and no more; every name is read by `names`. dns-parser decodes the header
//! and the data of the types that it knows, domain that of the newer ones (`facts`).
//!
//! Facts are stated for what an observer learns: the name asked for (`dns.qry.name`), and from records the
//! owner's name with what it stands for; `facts` has the exact form.

// The fields are the vocabulary of every file here.
#![allow(clippy::wildcard_imports)]

use super::{
    Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, Under, heading, llmnr, mdns,
};
use crate::bytes::{Class, Cursor, Field, Key, Pairing, Stop, Value, Why};

mod classic;
mod dnssec;
mod edns;
mod facts;
pub mod fields;
mod keys;
mod names;
mod plain;
mod records;
mod svcb;
mod types;

#[cfg(test)]
mod tests;

use facts::Facts;
use fields::*;
use names::Name;
use types::code;

/// The Domain Name System.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("dns", "Domain Name System", Class::Metadata, "RFC 1035"),
    fields: FIELDS,
    under: &[Under::Udp(53), Under::Tcp(53), Under::Tcp(5353)],
    read: Read::Dialogue { new: |start| conversation(Variant::Unicast, start), probe: Some(probe) },
};

/// Which of the protocols that share the message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    /// DNS.
    Unicast,
    /// Multicast DNS.
    Multicast,
    /// Link-local multicast name resolution.
    LinkLocal,
}

impl Variant {
    fn protocol(self) -> &'static Protocol {
        match self {
            Variant::Unicast => &PROTOCOL,
            Variant::Multicast => &mdns::PROTOCOL,
            Variant::LinkLocal => &llmnr::PROTOCOL,
        }
    }
}

/// The state for a new flow.
pub(super) fn conversation(variant: Variant, start: &Start) -> Box<dyn Dialogue> {
    Box::new(Conversation { variant, stream: start.is_stream(), asked: false })
}

/// DNS is told by port, unless the first bytes are certainly something else: a TLS handshake, or a text
/// protocol. Read as DNS these would be a message of 5,635 octets, or of more than 16,000. On other ports it
/// has to be certain from the first message.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    let port = |port| PROTOCOL.under.contains(&port);
    let yes = match start.transport {
        Transport::Tcp | Transport::Sctp
            if port(Under::Tcp(start.client_port)) || port(Under::Tcp(start.server_port)) =>
        {
            return not(is_something_else(first));
        }
        Transport::Tcp | Transport::Sctp => return is_certain_stream(first),
        Transport::Udp if port(Under::Udp(start.client_port)) || port(Under::Udp(start.server_port)) => true,
        // NetBIOS names are asked for in the same form (RFC 1002, section 4.2).
        Transport::Udp => {
            const NETBIOS: u16 = 137;
            start.client_port != NETBIOS && start.server_port != NETBIOS && is_certain(first)
        }
    };
    if yes { Answer::Yes } else { Answer::No }
}

const fn not(answer: Answer) -> Answer {
    match answer {
        Answer::Yes => Answer::No,
        Answer::No => Answer::Yes,
        Answer::More => Answer::More,
    }
}

/// Whether a stream begins with what would be no sensible length of a message.
fn is_something_else(first: &[u8]) -> Answer {
    const TEXT: [&[u8]; 5] = [b"GET /", b"POST /", b"HTTP/1.", b"SSH-2.0-", b"CONNECT "];
    const HELLO: usize = 7;
    let hello = first.iter().zip(0..HELLO).all(|(byte, at)| {
        matches!((at, byte), (0, 0x16) | (1, 3) | (2, 0..=4) | (3 | 4, _) | (5, 1 | 2) | (6, 0))
    });
    if hello && first.len() >= HELLO || TEXT.iter().any(|text| first.starts_with(text)) {
        return Answer::Yes;
    }
    if hello || TEXT.iter().any(|text| text.starts_with(first)) { Answer::More } else { Answer::No }
}

/// Whether a stream begins with a message that is DNS and nothing else, behind its length.
fn is_certain_stream(first: &[u8]) -> Answer {
    /// Octets behind the name of a question.
    const BEHIND_NAME: usize = 4;
    /// No other protocol can wait until a longer message is whole.
    const LONGEST: usize = 2048;
    let [high, low, message @ ..] = first else { return Answer::More };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    // Opcode 0, one question: most of what is no DNS ends here.
    let fits = |at: usize, fits: fn(u8) -> bool| message.get(at).is_none_or(|byte| fits(*byte));
    let may = length > HEADER.saturating_add(BEHIND_NAME)
        && length <= LONGEST
        && fits(2, |flags| flags & 0x78 == 0)
        && fits(4, |high| high == 0)
        && fits(5, |low| low == 1);
    match message.get(..length) {
        Some(message) if may && is_certain(message) => Answer::Yes,
        None if may => Answer::More,
        _ => Answer::No,
    }
}

/// Whether this is a DNS message and nothing else: one question for a name of printable characters, of a
/// known type, in the class of the internet, and records that end where the message ends.
fn is_certain(message: &[u8]) -> bool {
    let question = || {
        let header = decode_header(message)?;
        let opcode: u16 = header.opcode.into();
        let records = u32::from(header.answers)
            .saturating_add(header.nameservers.into())
            .saturating_add(header.additional.into());
        if opcode != 0 || header.questions != 1 || header.query && records > 1 {
            return None;
        }
        let name = names::read(message, HEADER).ok().filter(|name| name.is_name() && !name.is_root())?;
        let behind = HEADER.saturating_add(name.size);
        let [high, low, 0, 1] = *message.get(behind..behind.saturating_add(4))? else { return None };
        types::record_type(u16::from_be_bytes([high, low]).into())?;
        let printable = name.text().iter().all(u8::is_ascii_graphic);
        printable.then_some((behind.saturating_add(4), records))
    };
    let Some((mut at, records)) = question() else { return false };
    for _ in 0..records {
        let Ok(name) = names::read(message, at) else { return false };
        let head = at.saturating_add(name.size).saturating_add(records::TAIL);
        let Some([.., high, low]) = message.get(at..head) else { return false };
        at = head.saturating_add(u16::from_be_bytes([*high, *low]).into());
    }
    at == message.len()
}

/// DNS within one flow.
#[derive(Clone, Debug)]
struct Conversation {
    variant: Variant,
    /// Whether messages follow each other in a stream, each behind its length (RFC 1035, section 4.2.2).
    stream: bool,
    /// Whether a query was seen: then responses do not tell anew what was asked.
    asked: bool,
}

impl Dialogue for Conversation {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        match arrived {
            [high, low, ..] => Extent::Whole(usize::from(u16::from_be_bytes([*high, *low])).saturating_add(2)),
            _ => Extent::Needs(2),
        }
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        if !c.listens() && !self.stream && self.variant == Variant::Unicast
            && let Some(plain) = plain::recognise(c.rest())
        {
            let mut facts = Facts::new(&plain.header, self.asked, c.scratch());
            plain.read(c, &mut facts);
            c.give_back(facts.value);
            let key = self.key(&plain.header, &[]);
            return Ok(self.sum_up(&plain.header, key, c));
        }
        c.group(&self.variant.protocol().heading, |c| self.message(c))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![self.variant.protocol().name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

const RESPONSE: u16 = 0x8000;
const HEADER: usize = 12;
const ANY: u16 = 255;
const NOTIFY: u16 = 4;
const UPDATE: u16 = 5;
const STATEFUL: u16 = 6;

impl Conversation {
    /// What tells which query a response belongs to; `records` stand behind the header. Who is asked by multicast answers
    /// from his own address. Multicast DNS has no identifiers (RFC 6762, section 18.1): who asks one thing is answered by
    /// who tells that first. Who tries whether a name is free (section 8.1) wants no answer; who asks for several
    /// things, or for anything, may get it in pieces, of which none is the answer.
    fn key(&self, header: &dns_parser::Header, records: &[u8]) -> Option<Key> {
        let id = u64::from(header.id);
        match self.variant {
            Variant::LinkLocal if !self.stream => Some(Key::Shared(id)),
            Variant::Unicast | Variant::LinkLocal => Some(Key::Id(id)),
            Variant::Multicast if header.query && (header.nameservers > 0 || header.questions != 1) => None,
            Variant::Multicast => {
                let name = names::read(records, 0).ok()?;
                let [high, low] = *records.get(name.size..name.size.saturating_add(2))? else { return None };
                if header.query && u16::from_be_bytes([high, low]) == ANY {
                    return None;
                }
                // FNV-1a, in which letters are all small (RFC 6762, section 16).
                let byte = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                let text = name.text();
                let small = text.iter().map(u8::to_ascii_lowercase);
                Some(Key::Shared(small.chain([high, low]).fold(0xcbf2_9ce4_8422_2325, byte)))
            }
        }
    }

    fn message(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if self.stream {
            c.u16(&LENGTH)?;
        }
        let start = c.position();
        let notes = if self.variant == Variant::LinkLocal { link_local_header } else { header };
        let header = c.header(|bytes| Some((HEADER, decode_header(bytes)?)), notes)?;
        let key = self.key(&header, c.rest());
        let reading = Reading { start, multicast: self.variant == Variant::Multicast };
        let mut facts = Facts::new(&header, self.asked, c.scratch());
        let opcode: u16 = header.opcode.into();
        let read = if opcode == STATEFUL && counts(&header) == [0; 4] {
            edns::stateful(c)
        } else {
            reading.sections(&header, c, &mut facts)
        };
        c.give_back(facts.value);
        match read {
            Ok(()) => extraneous(c)?,
            // The header is known; what was read stays.
            Err(stop) => c.stopped(&stop),
        }
        Ok(self.sum_up(&header, key, c))
    }

    /// What a message is, by its header; it is known then what it asks or answers.
    fn sum_up(&mut self, header: &dns_parser::Header, key: Option<Key>, c: &mut Cursor<'_>) -> Message {
        self.asked |= header.query;
        if let Some(key) = key {
            c.pairing(if header.query { Pairing::asks(key) } else { Pairing::answers(key, &RESPONSE_TO, &TIME) });
        }
        let opcode: u16 = header.opcode.into();
        Message::new(match opcode {
            _ if !header.query => types::response(header.response_code.into()),
            NOTIFY => "notify",
            UPDATE => "update",
            STATEFUL => "stateful operation",
            _ => "query",
        })
    }
}

/// The header, by dns-parser; without the Z bit, for which it would refuse the whole message.
fn decode_header(bytes: &[u8]) -> Option<dns_parser::Header> {
    let mut header: [u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
    if let Some(flags) = header.get_mut(3) {
        *flags &= !0x40;
    }
    dns_parser::Header::parse(&header).ok()
}

fn counts(header: &dns_parser::Header) -> [u16; 4] {
    [header.questions, header.answers, header.nameservers, header.additional]
}

fn header(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let flags = identification_and_flags(c)?;
    let response = flags & RESPONSE != 0;
    c.bits(&FLAGS_RESPONSE, flags, 15, 1);
    c.bits(&FLAGS_OPCODE, flags, 11, 0xf);
    if response {
        c.bits(&FLAGS_AUTHORITATIVE, flags, 10, 1);
    }
    c.bits(&FLAGS_TRUNCATED, flags, 9, 1);
    c.bits(&FLAGS_RECDESIRED, flags, 8, 1);
    if response {
        c.bits(&FLAGS_RECAVAIL, flags, 7, 1);
    }
    c.bits(&FLAGS_Z, flags, 6, 1);
    if response || flags & 0x20 != 0 {
        c.bits(&FLAGS_AUTHENTICATED, flags, 5, 1);
    }
    c.bits(&FLAGS_CHECKDISABLE, flags, 4, 1);
    if response {
        c.bits(&FLAGS_RCODE, flags, 0, 0xf);
    }
    count_notes(c, flags)
}

/// RFC 4795, section 2.1.1: two of the flags have other meanings.
fn link_local_header(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let flags = identification_and_flags(c)?;
    c.bits(&FLAGS_RESPONSE, flags, 15, 1);
    c.bits(&FLAGS_OPCODE, flags, 11, 0xf);
    c.bits(&FLAGS_CONFLICT, flags, 10, 1);
    c.bits(&FLAGS_TRUNCATED, flags, 9, 1);
    c.bits(&FLAGS_TENTATIVE, flags, 8, 1);
    if flags & RESPONSE != 0 {
        c.bits(&FLAGS_RCODE, flags, 0, 0xf);
    }
    count_notes(c, flags)
}

/// One says nothing without the other.
fn identification_and_flags(c: &mut Cursor<'_>) -> Result<u16, Stop> {
    if c.remaining() < 4 {
        return Err(c.short(4, Some(&FLAGS)));
    }
    c.u16(&ID)?;
    c.u16(&FLAGS)
}

fn count_notes(c: &mut Cursor<'_>, flags: u16) -> Result<(), Stop> {
    // RFC 2136, section 2.2: an update has other sections in the same places.
    let sections = match flags >> 11 & 0xf {
        UPDATE => [&COUNT_ZONES, &COUNT_PREREQUISITES, &COUNT_UPDATES, &COUNT_ADD_RR],
        _ => [&COUNT_QUERIES, &COUNT_ANSWERS, &COUNT_AUTH_RR, &COUNT_ADD_RR],
    };
    sections.into_iter().try_for_each(|field| c.u16(field).map(drop))
}

/// What lies behind the last record belongs to nothing.
fn extraneous(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let left = c.remaining();
    if left > 0 {
        c.skim(&EXTRANEOUS_DATA, left, Class::Unknown)?;
        c.say(&EXTRANEOUS_LENGTH, Value::Signed(i64::try_from(left).unwrap_or(i64::MAX)));
    }
    Ok(())
}

/// How a message is read: where its header begins, and which bits of classes are flags.
#[derive(Clone, Copy)]
struct Reading {
    /// Offset of the header in what the cursor moves over: names point to offsets from there.
    start: usize,
    /// mDNS: the uppermost bit of a class is a flag (RFC 6762, sections 5.4 and 10.2).
    multicast: bool,
}

impl Reading {
    fn sections<'a>(&self, header: &dns_parser::Header, c: &mut Cursor<'a>, facts: &mut Facts<'a>) -> Result<(), Stop> {
        let groups = [&QUESTIONS, &ANSWERS, &AUTHORITY, &ADDITIONAL];
        // The counts are no more than a promise: each turn passes at least five octets or stops.
        for (section, (group, count)) in groups.into_iter().zip(counts(header)).enumerate() {
            if count == 0 {
                continue;
            }
            c.group(group, |c| {
                for _ in 0..count {
                    match section {
                        0 => self.question(c, facts)?,
                        _ => self.record(c, facts, section == 1)?,
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The name that comes next, without passing it.
    fn peek_name<'a>(&self, c: &Cursor<'a>, field: &'static Field) -> Result<Name<'a>, Stop> {
        let message = c.whole().get(self.start..).unwrap_or(&[]);
        names::read(message, c.position().saturating_sub(self.start)).map_err(|why| match why {
            Why::Short => c.short(c.remaining().saturating_add(1), Some(field)),
            Why::Malformed(what) | Why::Limit(what) => c.malformed(what),
        })
    }

    /// Passes a name.
    fn name<'a>(&self, c: &mut Cursor<'a>, field: &'static Field) -> Result<Name<'a>, Stop> {
        let name = self.peek_name(c, field)?;
        c.pass(name.size)?;
        note_name(c, field, &name);
        Ok(name)
    }
}

/// The text of a name that stands alone, without a message to point into.
pub(super) fn name_text(bytes: &[u8]) -> Option<Vec<u8>> {
    names::read(bytes, 0).ok().map(|name| name.text())
}

fn note_name(c: &mut Cursor<'_>, field: &'static Field, name: &Name<'_>) {
    if c.listens() {
        c.part(field, Value::Bytes(name.text().into()));
    }
}
