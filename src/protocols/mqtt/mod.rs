//! MQTT 3.1, 3.1.1 and 5.0 (OASIS): things tell a broker their state, and are told what to do.
//!
//! ```text
//! type and flags, 1 | length, 1 to 4, seven bits each | what the type has
//! ```
//!
//! A connection begins with a client's name, and mostly with its password in clear. Topics are Metadata, what is
//! published under them is Content.

// The fields are the vocabulary of every file here.
#![allow(clippy::wildcard_imports)]

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};

pub mod fields;

#[cfg(test)]
mod tests;

use fields::*;

/// Message Queuing Telemetry Transport.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("mqtt", "MQ Telemetry Transport Protocol", Class::Metadata, "MQTT 5.0"),
    fields: FIELDS,
    under: &[Under::Tcp(PORT)],
    read: Read::Dialogue { new: |_| Box::new(Session { version: 0 }), probe: Some(probe) },
};

const PORT: u16 = 1883;
const CONNECT: u8 = 1;
const PUBLISH: u8 = 3;
const MQTT_3_1: u8 = 3;
const MQTT_5: u8 = 5;

/// On any port by the name of the protocol, which a connection begins with; on its own by a first octet that one
/// of its messages can have.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if !start.is_stream() {
        return Answer::No;
    }
    let ported = [start.client_port, start.server_port].contains(&PORT);
    match (first, length(first)) {
        ([kind, ..], _) if !possible(*kind) => Answer::No,
        (_, Length::Broken) => Answer::No,
        _ if ported => Answer::Yes,
        ([kind, ..], _) if kind >> 4 != CONNECT => Answer::No,
        (_, Length::Short) => Answer::More,
        (_, Length::Known { header, .. }) => {
            let begin = first.get(header..).unwrap_or(&[]);
            let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
            if names.iter().any(|name| begin.starts_with(name)) {
                Answer::Yes
            } else if names.iter().any(|name| name.starts_with(begin)) {
                Answer::More
            } else {
                Answer::No
            }
        }
    }
}

/// Whether a type may have these flags (MQTT 5.0, section 2.1.3); MQTT 3.1 allowed more where it said so.
fn possible(first: u8) -> bool {
    match first >> 4 {
        0 => false,
        PUBLISH => first & 6 != 6,
        6 | 8 | 10 => first & 2 != 0,
        _ => first.trailing_zeros() >= 4,
    }
}

/// What the length octets say.
enum Length {
    /// More octets are needed.
    Short,
    /// No length has so many octets.
    Broken,
    /// Octets before what the length counts, and the length.
    Known { header: usize, length: usize },
}

/// MQTT 5.0, section 1.5.5: seven bits an octet, the lowest first; at most four octets.
fn length(message: &[u8]) -> Length {
    match variable(message.get(1..).unwrap_or(&[])) {
        Some((size, length)) => Length::Known { header: size.saturating_add(1), length },
        None if message.len() > 4 => Length::Broken,
        None => Length::Short,
    }
}

/// A number in up to four octets: how many they are, and the number.
fn variable(octets: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (n, octet) in octets.iter().take(4).enumerate() {
        number |= usize::from(octet & 0x7f) << n.saturating_mul(7);
        if octet & 0x80 == 0 {
            return Some((n.saturating_add(1), number));
        }
    }
    None
}

/// MQTT within one connection.
#[derive(Clone, Debug)]
struct Session {
    /// The version that the client asked for; 0 if that was not seen, which reads as 3.1.1.
    version: u8,
}

impl Dialogue for Session {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        match length(arrived) {
            Length::Known { header, length } => Extent::Whole(header.saturating_add(length)),
            Length::Short => Extent::Needs(arrived.len().saturating_add(1)),
            Length::Broken => Extent::Lost(1),
        }
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, |c| self.message(c))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

impl Session {
    fn message(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let flags = c.u8(&HEADER_FLAGS)?;
        let kind = flags >> 4;
        c.bits(&TYPE, flags, 4, 0xf);
        let old = self.version == MQTT_3_1 && matches!(kind, 6 | 8 | 10);
        if old || kind == PUBLISH {
            c.bits(&DUPLICATE, flags, 3, 1);
            c.bits(&QOS, flags, 1, 3);
            c.bits(if old { &RETAIN_RESERVED } else { &RETAIN }, flags, 0, 1);
        } else {
            c.bits(&RESERVED, flags, 0, 0xf);
        }
        number(c, &LENGTH)?;
        if let Err(stop) = self.body(c, kind, flags) {
            c.stopped(&stop);
        }
        Ok(Message::new(message_type(kind.into()).unwrap_or("unknown type")))
    }

    fn body(&mut self, c: &mut Cursor<'_>, kind: u8, flags: u8) -> Result<(), Stop> {
        let modern = self.version == MQTT_5;
        match kind {
            CONNECT => return self.connect(c),
            2 => return self.acknowledge(c),
            PUBLISH => return self.publish(c, flags),
            4..=7 => {
                const REASONS: [&Field; 4] = [&REASON_PUBACK, &REASON_PUBREC, &REASON_PUBREL, &REASON_PUBCOMP];
                c.u16(&MESSAGE_ID)?;
                if modern && let Some(reason) = REASONS.get(usize::from(kind.saturating_sub(4))) {
                    reason_and_properties(c, reason)?;
                }
            }
            14 if modern => reason_and_properties(c, &REASON_DISCONNECT)?,
            15 if modern => reason_and_properties(c, &REASON_AUTH)?,
            8..=11 => {
                c.u16(&MESSAGE_ID)?;
                if modern {
                    properties(c)?;
                }
                while !c.is_empty() {
                    subscription(c, kind, modern)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// MQTT 5.0, section 3.1.
    fn connect(&mut self, c: &mut Cursor<'_>) -> Result<(), Stop> {
        text(c, &PROTOCOL_LENGTH, &PROTOCOL_NAME)?;
        self.version = c.u8(&VERSION)?;
        let flags = c.u8(&CONNECT_FLAGS)?;
        for (field, shift) in [(&FLAG_USER, 7), (&FLAG_PASSWORD, 6), (&FLAG_RETAIN, 5)] {
            c.bits(field, flags, shift, 1);
        }
        c.bits(&FLAG_QOS, flags, 3, 3);
        for (field, shift) in [(&FLAG_WILL, 2), (&FLAG_CLEAN, 1), (&FLAG_RESERVED, 0)] {
            c.bits(field, flags, shift, 1);
        }
        c.u16(&KEEP_ALIVE)?;
        let modern = self.version == MQTT_5;
        if modern {
            properties(c)?;
        }
        tell(c, &CLIENT_LENGTH, &CLIENT)?;
        if flags & 4 != 0 {
            if modern {
                properties(c)?;
            }
            tell(c, &WILL_TOPIC_LENGTH, &WILL_TOPIC)?;
            let length = c.u16(&WILL_LENGTH)?;
            c.class(Class::Content);
            let will = c.bytes(&WILL, length.into());
            c.class(Class::Metadata);
            will?;
        }
        if flags & 0x80 != 0 {
            tell(c, &USER_LENGTH, &USER)?;
        }
        if flags & 0x40 != 0 {
            let password = text(c, &PASSWORD_LENGTH, &PASSWORD)?;
            c.fact(&PASSWORD, password);
        }
        Ok(())
    }

    fn acknowledge(&self, c: &mut Cursor<'_>) -> Result<(), Stop> {
        if self.version == MQTT_3_1 {
            c.u8(&ACKNOWLEDGE_RESERVED)?;
        } else {
            let flags = c.u8(&ACKNOWLEDGE_FLAGS)?;
            c.bits(&ACKNOWLEDGE_RESERVED, flags, 1, 0x7f);
            c.bits(&SESSION_PRESENT, flags, 0, 1);
        }
        if self.version == MQTT_5 {
            return reason_and_properties(c, &REASON_CONNECT);
        }
        c.u8(&RETURN_CODE).map(drop)
    }

    fn publish(&self, c: &mut Cursor<'_>, flags: u8) -> Result<(), Stop> {
        tell(c, &TOPIC_LENGTH, &TOPIC)?;
        if flags & 6 != 0 {
            c.u16(&MESSAGE_ID)?;
        }
        if self.version == MQTT_5 {
            properties(c)?;
        }
        if c.is_empty() { Ok(()) } else { c.skim(&MESSAGE, c.remaining(), Class::Content) }
    }
}

/// One topic that is asked for or given up, or one answer to that.
fn subscription(c: &mut Cursor<'_>, kind: u8, modern: bool) -> Result<(), Stop> {
    match (kind, modern) {
        (8, false) => {
            tell(c, &TOPIC_LENGTH, &TOPIC)?;
            c.u8(&REQUESTED_QOS).map(drop)
        }
        (8, true) => {
            tell(c, &TOPIC_LENGTH, &TOPIC)?;
            let options = c.u8(&OPTIONS)?;
            c.bits(&OPTIONS_QOS, options, 0, 3);
            c.bits(&OPTIONS_NO_LOCAL, options, 2, 1);
            c.bits(&OPTIONS_AS_PUBLISHED, options, 3, 1);
            c.bits(&OPTIONS_RETAIN, options, 4, 3);
            c.bits(&OPTIONS_RESERVED, options, 6, 3);
            Ok(())
        }
        (9, false) => c.u8(&GRANTED_QOS).map(drop),
        (9, true) => c.u8(&REASON_SUBACK).map(drop),
        (10, _) => tell(c, &TOPIC_LENGTH, &TOPIC),
        _ => c.u8(&REASON_UNSUBACK).map(drop),
    }
}

fn number(c: &mut Cursor<'_>, field: &'static Field) -> Result<usize, Stop> {
    let Some((size, number)) = variable(c.rest()) else {
        return Err(if c.remaining() < 4 { c.short(4, Some(field)) } else { c.malformed("the number has no end") });
    };
    c.pass(size)?;
    c.part(field, Value::Number(number as u64));
    Ok(number)
}

fn text<'a>(c: &mut Cursor<'a>, length: &'static Field, field: &'static Field) -> Result<&'a [u8], Stop> {
    let length = c.u16(length)?;
    c.bytes(field, length.into())
}

/// Text that is a fact, and what the message is about.
fn tell(c: &mut Cursor<'_>, length: &'static Field, field: &'static Field) -> Result<(), Stop> {
    let text = text(c, length, field)?;
    if !text.is_empty() {
        c.fact(field, text);
        c.subject(&String::from_utf8_lossy(text));
    }
    Ok(())
}

/// A reason, and properties; either may be left out at the end.
fn reason_and_properties(c: &mut Cursor<'_>, reason: &'static Field) -> Result<(), Stop> {
    if !c.is_empty() {
        c.u8(reason)?;
    }
    if c.is_empty() { Ok(()) } else { properties(c) }
}

/// MQTT 5.0, section 2.2.2.
fn properties(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.group(&PROPERTIES, |c| {
        let length = number(c, &PROPERTIES_LENGTH)?;
        c.inside(length, |c| {
            while !c.is_empty() {
                property(c)?;
            }
            Ok(())
        })
    })
}

fn property(c: &mut Cursor<'_>) -> Result<(), Stop> {
    match c.u8(&PROPERTY)? {
        0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28..=0x2a => c.number(&PROPERTY_NUMBER, 1).map(drop),
        0x13 | 0x21..=0x23 => c.number(&PROPERTY_NUMBER, 2).map(drop),
        0x02 | 0x11 | 0x18 | 0x27 => c.number(&PROPERTY_NUMBER, 4).map(drop),
        0x0b => number(c, &PROPERTY_NUMBER).map(drop),
        0x26 => {
            text(c, &KEY_LENGTH, &KEY)?;
            text(c, &VALUE_LENGTH, &VALUE).map(drop)
        }
        0x03 | 0x08 | 0x09 | 0x12 | 0x15 | 0x16 | 0x1a | 0x1c | 0x1f => {
            text(c, &PROPERTY_LENGTH, &PROPERTY_TEXT).map(drop)
        }
        _ => Err(c.malformed("a property of an unknown kind: its length is not known")),
    }
}
