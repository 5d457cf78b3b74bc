//! WebSocket (RFC 6455): frames, after HTTP was left by an upgrade.
//!
//! ```text
//! FIN RSV opcode | MASK length | (16 or 64 bits of length) | (masking key) | payload
//! ```
//!
//! What a client sends is masked with a key that stands before it: everybody on the path reads it (section 10.3).

use super::{http, Dialogue, Extent, Message, Protocol, Read, Side, heading};
use crate::bytes::{Class, Cursor, Stop};

/// The WebSocket protocol. It is found by an upgrade, not by port or content.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("websocket", "WebSocket", Class::Metadata, "RFC 6455, section 5.2"),
    fields: FIELDS,
    under: &[],
    read: Read::Dialogue { new: |_| Box::new(Frames::default()), probe: None },
};

crate::fields! { class Metadata, "RFC 6455, section 5.2";
    FIN: Flag "websocket.fin" "Fin";
    RESERVED: Hex(2) "websocket.rsv" "Reserved";
    OPCODE: Number "websocket.opcode" "Opcode", names opcode_name;
    MASK: Flag "websocket.mask" "Mask";
    PAYLOAD_LENGTH: Number "websocket.payload_length" "Payload length";
    PAYLOAD_LENGTH_EXT_16: Number "websocket.payload_length_ext_16" "Extended payload length (16 bits)";
    PAYLOAD_LENGTH_EXT_64: Number "websocket.payload_length_ext_64" "Extended payload length (64 bits)";
    MASKING_KEY: Bytes "websocket.masking_key" "Masking key", "RFC 6455, section 5.3";
    PAYLOAD: Bytes "husk.websocket.payload" "Payload as sent", class Content;
    TEXT: Text "websocket.payload.text" "Text", "RFC 6455, section 5.6", class Content;
    BINARY: Bytes "husk.websocket.payload.binary" "Binary", "RFC 6455, section 5.6", class Content;
    CLOSE_STATUS: Number "websocket.payload.close.status_code" "Status code", "RFC 6455, section 7.4";
    CLOSE_REASON: Text "websocket.payload.close.reason" "Reason", "RFC 6455, section 5.5.1";
    PING: Bytes "websocket.payload.ping" "Ping", "RFC 6455, section 5.5.2";
    PONG: Bytes "websocket.payload.pong" "Pong", "RFC 6455, section 5.5.3";
}

/// A payload up to this length is read with its frame; a longer one passes.
const READ_WHOLE: u64 = 64 << 10;

/// The parts of a frame's head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Head {
    first: u8,
    key: Option<[u8; 4]>,
    /// Length of the head, and of the payload.
    size: usize,
    payload: u64,
}

impl Head {
    /// Reads a head; the error is how many bytes it needs.
    fn read(bytes: &[u8]) -> Result<Head, usize> {
        let &[first, second, ..] = bytes else { return Err(2) };
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0usize,
        };
        let masked = second & 0x80 != 0;
        let size = 2usize.saturating_add(extended).saturating_add(if masked { 4 } else { 0 });
        let head = bytes.get(..size).ok_or(size)?;
        let length = head.get(2..extended.saturating_add(2)).unwrap_or(&[]);
        let payload = match length {
            [] => u64::from(second & 0x7f),
            length => length.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)),
        };
        let key = if masked { head.last_chunk().copied() } else { None };
        Ok(Head { first, key, size, payload })
    }

    fn opcode(&self) -> u8 {
        self.first & 0xf
    }

    /// Whether no extension changed the payload.
    fn is_plain(&self) -> bool {
        self.first & 0x70 == 0
    }

    /// Whether the payload is a whole message that is compressed (RFC 7692, section 7.2.2).
    fn is_compressed(&self) -> bool {
        self.first & 0xf0 == 0xc0
    }
}

/// WebSocket within one connection.
#[derive(Clone, Debug, Default)]
struct Frames {
    /// The frame whose payload passes, by side.
    passing: [Option<Head>; 2],
    /// Sides whose thread was lost: nothing in a frame tells where the next one begins.
    lost: [bool; 2],
}

impl Frames {
    fn passing(&mut self, side: Side) -> &mut Option<Head> {
        let [client, server] = &mut self.passing;
        if side == Side::Client { client } else { server }
    }

    fn is_lost(&mut self, side: Side) -> &mut bool {
        let [client, server] = &mut self.lost;
        if side == Side::Client { client } else { server }
    }
}

impl Dialogue for Frames {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        if *self.is_lost(side) {
            return Extent::Lost(arrived.len());
        }
        if let Some(head) = *self.passing(side) {
            return Extent::Pass { class: Class::Content, length: head.payload, ends: true };
        }
        match Head::read(arrived) {
            Err(needed) => Extent::Needs(needed),
            // The first bit of a 64-bit length must be 0.
            Ok(head) if head.payload >> 63 != 0 => {
                *self.is_lost(side) = true;
                Extent::Lost(arrived.len())
            }
            Ok(head) if head.payload > READ_WHOLE => Extent::Part(head.size),
            Ok(head) => Extent::Whole(head.size.saturating_add(head.payload as usize)),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        if let Some(head) = self.passing(side).take() {
            let length = c.remaining();
            c.deeper();
            c.skim(&PAYLOAD, length, Class::Content)?;
            if let Some(masked) = c.passed() {
                payload(c, &head, masked);
            }
            if head.payload > length as u64 {
                return Err(c.short(head.payload as usize, Some(&PAYLOAD)));
            }
            return Ok(Message::new(what(head.opcode())));
        }
        c.group(&PROTOCOL.heading, |c| self.frame(side, c))
    }

    fn lost(&mut self, side: Side) {
        *self.is_lost(side) = true;
        *self.passing(side) = None;
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["http", PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

impl Frames {
    fn frame(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let head = Head::read(c.rest()).map_err(|needed| c.short(needed, None))?;
        let first = c.octets(1)?;
        c.bits(&FIN, first, 7, 1);
        c.bits(&RESERVED, first, 4, 7);
        c.bits(&OPCODE, first, 0, 0xf);
        let second = c.octets(1)?;
        c.bits(&MASK, second, 7, 1);
        c.bits(&PAYLOAD_LENGTH, second, 0, 0x7f);
        match second & 0x7f {
            126 => c.number(&PAYLOAD_LENGTH_EXT_16, 2).map(drop)?,
            127 => c.number(&PAYLOAD_LENGTH_EXT_64, 8).map(drop)?,
            _ => {}
        }
        if head.key.is_some() {
            c.bytes(&MASKING_KEY, 4)?;
        }
        if head.payload > READ_WHOLE {
            *self.passing(side) = Some(head);
            return Ok(Message::PART);
        }
        let class = if head.opcode() < 8 { Class::Content } else { Class::Metadata };
        let before = c.class(class);
        let masked = if head.payload > 0 { c.bytes(&PAYLOAD, head.payload as usize)? } else { &[] };
        payload(c, &head, masked);
        c.class(before);
        Ok(Message::new(what(head.opcode())))
    }
}

/// Notes what a payload says, without its mask.
fn payload(c: &mut Cursor<'_>, head: &Head, masked: &[u8]) {
    if !c.listens() || masked.is_empty() {
        return;
    }
    let noted = match head.key {
        Some(key) => {
            let plain: Vec<u8> = masked.iter().zip(key.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
            c.derived("unmasked", &plain, &[], |c| plain_payload(c, head))
        }
        None => c.derived("payload", masked, &[], |c| plain_payload(c, head)),
    };
    if let Err(stop) = noted {
        c.stopped(&stop);
    }
}

fn plain_payload(c: &mut Cursor<'_>, head: &Head) -> Result<(), Stop> {
    let all = c.remaining();
    match head.opcode() {
        1 if head.is_plain() => c.bytes(&TEXT, all).map(drop),
        1 if head.is_compressed() => inflated(c),
        8 => {
            c.u16(&CLOSE_STATUS)?;
            if c.is_empty() { Ok(()) } else { c.bytes(&CLOSE_REASON, c.remaining()).map(drop) }
        }
        9 => c.bytes(&PING, all).map(drop),
        10 => c.bytes(&PONG, all).map(drop),
        _ => c.bytes(&BINARY, all).map(drop),
    }
}

/// A compressed text. If it leans on messages before it (context takeover), it cannot be read from here.
fn inflated(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let mut deflated = c.bytes(&BINARY, c.remaining())?.to_vec();
    // The sender leaves out the end of the last block (RFC 7692, section 7.2.1).
    deflated.extend([0, 0, 0xff, 0xff]);
    let Some(text) = http::inflate(&deflated) else {
        c.remark("compressed with what was said before: not decoded");
        return Ok(());
    };
    c.derived("inflated", &text, &[], |c| c.bytes(&TEXT, c.remaining()).map(drop))
}

fn what(opcode: u8) -> &'static str {
    match opcode {
        0 => "continuation",
        1 => "text",
        2 => "binary",
        8 => "close",
        9 => "ping",
        10 => "pong",
        _ => "frame",
    }
}

fn opcode_name(opcode: u64) -> Option<&'static str> {
    Some(match opcode {
        0 => "Continuation",
        1 => "Text",
        2 => "Binary",
        8 => "Connection Close",
        9 => "Ping",
        10 => "Pong",
        _ => return None,
    })
}
