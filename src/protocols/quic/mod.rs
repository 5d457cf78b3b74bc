//! QUIC versions 1 and 2 and the drafts before them (RFC 9000, RFC 9001, RFC 9369).
//!
//! ```text
//! datagram ─► packets (header.rs) ─┬─ Initial ─► opened (keys.rs) ─► frames (frames.rs) ─► CRYPTO (crypto.rs) ─► hello
//!                                  └─ Handshake, 0-RTT, 1-RTT: header in clear, payload sealed
//! ```
//!
//! The payload of an Initial packet is veiled: encrypted with a key that anybody derives who saw the client's
//! first connection id. Recognised by content alone: a long header of a known version whose lengths agree.

use super::tls::session::Session;
use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crypto::Crypto;
use header::{Kind, Long};
use keys::{InitialKeys, Opened, TAG};

mod crypto;
pub mod fields;
mod frames;
mod header;
mod keys;

use fields as f;

/// QUIC.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("quic", "QUIC IETF", Class::Transport, "RFC 9000"),
    fields: fields::FIELDS,
    under: &[],
    read: Read::Dialogue { new: |start| Box::new(Quic::new(start)), probe: Some(probe) },
};

fn probe(start: &Start, _side: Side, first: &[u8]) -> Answer {
    /// RFC 9000, section 14.1.
    const FIRST_DATAGRAM: usize = 1200;
    let shows = start.transport == Transport::Udp
        && Long::read(first).is_some_and(|long| match long.kind {
            Kind::VersionNegotiation => {
                let versions = first.get(long.number_at..).unwrap_or(&[]);
                let mut words = versions.chunks_exact(4);
                let known = words.any(|word| {
                    word.try_into().is_ok_and(|word| header::version_name(u32::from_be_bytes(word).into()).is_some())
                });
                known && versions.chunks_exact(4).remainder().is_empty()
            }
            Kind::Unknown => match header::version_name(long.version.into()) {
                // A version that is sent to be refused (RFC 9000, section 15), in a datagram as long as a first one is.
                Some("GREASE") => long.first & 0x40 != 0 && long.dcid.len() >= 8 && first.len() >= FIRST_DATAGRAM,
                _ => header::google_name(long.version).is_some(),
            },
            // The fixed bit may only be greased later (RFC 9287, section 3).
            Kind::Retry => long.first & 0x40 != 0 && first.len() >= long.number_at.saturating_add(TAG),
            // The capture may not hold all of it.
            _ => long.first & 0x40 != 0 && long.length >= TAG && u16::try_from(long.length).is_ok(),
        });
    if shows { Answer::Yes } else { Answer::No }
}

/// What packets of Google's QUIC are told as: their version is named, and nothing else is read.
const GOOGLE: &str = "Google QUIC";

/// What one side of a connection has shown.
#[derive(Clone, Default)]
struct Half {
    /// The connection id that it chose: the other side's short headers bear it, or a later one of that length.
    id: Option<Vec<u8>>,
    /// The packet number expected next in the Initial space.
    expected: u64,
    crypto: Crypto,
}

/// The state of a QUIC flow.
#[derive(Clone, Default)]
struct Quic {
    session: Session,
    keys: Option<InitialKeys>,
    /// Who sent the Initial that the keys come from.
    client: Option<Side>,
    halves: [Half; 2],
    /// Whether it is Google's QUIC before Q050, whose packets look otherwise.
    is_google: bool,
}

impl Quic {
    fn new(start: &Start) -> Quic {
        Quic { session: Session::over(start), ..Quic::default() }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        let [client, server] = &mut self.halves;
        match side {
            Side::Client => client,
            Side::Server => server,
        }
    }

    /// Reads one packet. Returns what it was; `None` if no packet begins here.
    fn packet(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Option<&'static str>, Stop> {
        const LONG: u8 = 0x80;
        const FIXED: u8 = 0x40;
        c.class(Class::Transport);
        let first = c.peek(1).first().copied().unwrap_or(0);
        if self.is_google || header::is_google(c.peek(5)) {
            return self.google(c).map(Some);
        }
        if first & LONG != 0 {
            let Some(long) = Long::read(c.rest()) else { return Ok(None) };
            return self.long(side, c, &long).map(Some);
        }
        if first & FIXED == 0 {
            return Ok(None);
        }
        self.short(side, c).map(Some)
    }

    fn long(&mut self, side: Side, c: &mut Cursor<'_>, long: &Long) -> Result<&'static str, Stop> {
        let packet = match long.kind {
            Kind::Initial | Kind::ZeroRtt | Kind::Handshake => long.number_at.saturating_add(long.length),
            _ => c.remaining(),
        };
        let bytes = c.peek(packet);
        c.say(&f::PACKET_LENGTH, Value::Number(bytes.len() as u64));
        if long.kind != Kind::VersionNegotiation {
            self.half(side).id = bytes.get(long.scid.clone()).map(<[u8]>::to_vec);
        }
        let cut = bytes.len() < packet;
        let opened = (long.kind == Kind::Initial).then(|| self.open(side, bytes, long, cut)).flatten();
        long_header(c, long, opened.as_ref())?;
        match long.kind {
            Kind::VersionNegotiation => {
                while !c.is_empty() {
                    c.u32(&f::SUPPORTED_VERSION)?;
                }
                Ok("Version Negotiation")
            }
            Kind::Retry => {
                c.bytes(&f::RETRY_TOKEN, c.remaining().saturating_sub(TAG))?;
                c.class(Class::Tag);
                c.bytes(&f::RETRY_TAG, TAG)?;
                Ok("Retry")
            }
            Kind::Unknown => {
                c.pass_rest(Class::Unknown);
                let name = header::google_name(long.version);
                if let Some(name) = &name {
                    c.subject(name);
                }
                Ok(if name.is_some() { GOOGLE } else { "unknown version" })
            }
            Kind::Initial => {
                number_fields(c, long)?;
                match opened {
                    Some(opened) => Ok(self.initial(side, c, opened, long.length)?.unwrap_or("Initial")),
                    // Its key is anybody's who saw the client's first packet; this capture did not.
                    None => payload(c, long.length).map(|()| "Initial"),
                }
            }
            Kind::Handshake | Kind::ZeroRtt => {
                number_fields(c, long)?;
                payload(c, long.length)?;
                Ok(if long.kind == Kind::Handshake { "Handshake" } else { "0-RTT" })
            }
        }
    }

    /// Opens an Initial packet with the connection's keys, or with those of a connection that begins here: a
    /// client's first packet, or its first after a Retry.
    fn open(&mut self, side: Side, packet: &[u8], long: &Long, cut: bool) -> Option<Opened> {
        if let Some(keys) = &self.keys {
            let from_client = self.client == Some(side);
            let keys = keys.under(long.version)?;
            if let Some(opened) = keys.open(from_client, packet, long.number_at, cut) {
                if !self.keys.as_ref().is_some_and(|known| known.is_of(long.version)) {
                    self.keys = Some(keys);
                }
                return Some(opened);
            }
        }
        let keys = InitialKeys::derive(long.version, packet.get(long.dcid.clone())?)?;
        let opened = keys.open(true, packet, long.number_at, cut)?;
        self.keys = Some(keys);
        self.client = Some(side);
        Some(opened)
    }

    /// The veiled part of an Initial packet: packet number, frames, tag.
    fn initial(
        &mut self,
        side: Side,
        c: &mut Cursor<'_>,
        opened: Opened,
        length: usize,
    ) -> Result<Option<&'static str>, Stop> {
        let Opened { number_length, number, plain, authentic, .. } = opened;
        let number = whole_number(self.half(side).expected, number, number_length);
        self.half(side).expected = number.saturating_add(1);
        c.class(Class::Veiled);
        c.pass(number_length)?;
        c.part(&f::PACKET_NUMBER, Value::Number(number));
        let payload = c.open(&f::PAYLOAD);
        let start = c.offset();
        let mut crypto = std::mem::take(&mut self.half(side).crypto);
        let session = &mut self.session;
        let read = c.opened("QUIC Initial", &plain, start, Class::Veiled, |c| frames::read(c, &mut crypto, session));
        self.half(side).crypto = crypto;
        c.jump(plain.len());
        if authentic {
            c.skim(&f::TAG, length.saturating_sub(number_length).saturating_sub(plain.len()), Class::Tag)?;
        } else {
            c.remark("the capture does not hold the whole packet: opened without a check of its tag");
        }
        c.close(payload);
        Ok(read.unwrap_or_else(|stop| {
            c.stopped(&stop);
            None
        }))
    }

    /// A packet of Google's QUIC as it was before Q050.
    fn google(&mut self, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        if header::is_google(c.peek(5)) {
            c.pass(1)?;
            let version = c.u32(&f::GOOGLE_VERSION)?;
            if let Some(name) = header::google_name(version) {
                c.subject(&name);
            }
        }
        self.is_google = true;
        c.pass_rest(Class::Unknown);
        Ok(GOOGLE)
    }

    /// A packet of the connection proper (RFC 9000, section 17.3).
    fn short(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        let id = self.half(side.other()).id.clone().unwrap_or_default();
        c.say(&f::PACKET_LENGTH, Value::Number(c.remaining() as u64));
        let first = c.pass(1)?.first().copied().unwrap_or(0);
        c.bits(&f::HEADER_FORM, first, 7, 1);
        c.bits(&f::FIXED_BIT, first, 6, 1);
        c.bits(&f::SPIN_BIT, first, 5, 1);
        if id.is_empty() {
            sealed(c, 0)?;
        } else if c.rest().starts_with(&id) {
            c.bytes(&f::DCID, id.len())?;
            sealed(c, 0)?;
        } else {
            // One that was agreed on under encryption; endpoints keep to one length.
            sealed(c, id.len())?;
        }
        Ok("1-RTT")
    }
}

/// A long header up to its connection ids.
fn long_header(c: &mut Cursor<'_>, long: &Long, opened: Option<&Opened>) -> Result<(), Stop> {
    c.pass(1)?;
    c.bits(&f::HEADER_FORM, long.first, 7, 1);
    if long.kind == Kind::VersionNegotiation {
        c.bits(&f::UNUSED, long.first, 0, 0x7f);
    } else {
        if long.kind != Kind::Retry {
            c.bits(&f::FIXED_BIT, long.first, 6, 1);
        }
        c.bits(if header::is_2(long.version) { &f::LONG_TYPE_2 } else { &f::LONG_TYPE }, long.first, 4, 3);
    }
    if let Some(opened) = opened {
        c.bits(&f::RESERVED, opened.first, 2, 3);
        c.bits(&f::NUMBER_LENGTH, opened.first, 0, 3);
    }
    c.u32(&f::VERSION)?;
    id(c, &f::DCID_LENGTH, &f::DCID)?;
    id(c, &f::SCID_LENGTH, &f::SCID)
}

fn id(c: &mut Cursor<'_>, length: &'static Field, id: &'static Field) -> Result<(), Stop> {
    let n = c.u8(length)?;
    if n > 0 {
        c.bytes(id, n.into())?;
    }
    Ok(())
}

/// Token and length of a packet that has a packet number.
fn number_fields(c: &mut Cursor<'_>, long: &Long) -> Result<(), Stop> {
    use super::tls::transport_parameters::variable;
    if long.kind == Kind::Initial {
        variable(c, &f::TOKEN_LENGTH)?;
        if long.token > 0 {
            c.bytes(&f::TOKEN, long.token)?;
        }
    }
    variable(c, &f::LENGTH).map(drop)
}

/// A sealed payload of `length` bytes, as far as the capture holds it.
fn payload(c: &mut Cursor<'_>, length: usize) -> Result<(), Stop> {
    if length <= c.remaining() {
        return c.inside(length, |c| sealed(c, 0));
    }
    c.skim(&f::REMAINING_PAYLOAD, c.remaining(), Class::Sealed)?;
    c.remark("the capture does not hold the whole packet");
    Ok(())
}

/// What is left of the packet: ciphertext with its tag at the end, and before it perhaps a connection id of
/// `id_length` bytes that was never sent in clear.
fn sealed(c: &mut Cursor<'_>, id_length: usize) -> Result<(), Stop> {
    let payload = c.open(&f::REMAINING_PAYLOAD);
    if (1..c.remaining()).contains(&id_length) {
        c.bytes(&f::LATER_DCID, id_length)?;
    }
    match c.remaining().checked_sub(TAG) {
        Some(0) | None => c.skim(&f::CIPHERTEXT, c.remaining(), Class::Sealed)?,
        Some(body) => {
            c.skim(&f::CIPHERTEXT, body, Class::Sealed)?;
            c.skim(&f::TAG, TAG, Class::Tag)?;
        }
    }
    c.close(payload);
    Ok(())
}

/// The packet number of which the lowest bytes were sent (RFC 9000, appendix A.3).
fn whole_number(expected: u64, sent: u64, length: usize) -> u64 {
    let window = 1u64 << (length as u64).saturating_mul(8).min(32);
    let half = window >> 1;
    let candidate = (expected & !window.wrapping_sub(1)) | sent;
    if candidate.saturating_add(half) <= expected {
        candidate.saturating_add(window)
    } else if candidate > expected.saturating_add(half) && candidate >= window {
        candidate.saturating_sub(window)
    } else {
        candidate
    }
}

impl Dialogue for Quic {
    fn extent(&mut self, _side: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    /// A datagram: packets, one behind the other, and perhaps filler (RFC 9000, section 12.2).
    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let mut what: Option<&'static str> = None;
        while !c.is_empty() {
            let heading = c.open(&PROTOCOL.heading);
            let packet = self.packet(side, c);
            c.close(heading);
            match packet? {
                // A hello says more of a datagram than the packets around it.
                Some(packet) if what.is_none() || packet.ends_with("Hello") => what = Some(packet),
                Some(_) => {}
                None => {
                    let filler = c.rest().iter().all(|byte| *byte == 0);
                    c.class(if filler { Class::Padding } else { Class::Unknown });
                    c.bytes(&f::FILLER, c.remaining())?;
                }
            }
        }
        Ok(Message::new(what.unwrap_or("datagram")))
    }

    fn stack(&self) -> Vec<&'static str> {
        let mut stack = vec!["quic"];
        stack.extend(self.session.application);
        stack
    }

    fn remarks(&self) -> Vec<String> {
        self.session.remarks()
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packet_numbers_are_those_of_the_rfc_s_example() {
        assert_eq!(whole_number(0xa82f_30eb, 0x9b32, 2), 0xa82f_9b32);
        assert_eq!(whole_number(0, 5, 1), 5);
        assert_eq!(whole_number(256, 255, 1), 255);
        assert_eq!(whole_number(255, 2, 1), 258);
    }
}
