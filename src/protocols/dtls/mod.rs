//! DTLS 1.0 to 1.3 (RFC 4347, RFC 6347, RFC 9147), connection ids (RFC 9146).
//!
//! ```text
//! type | version | epoch | sequence number | (connection id) | length | payload      until DTLS 1.2, and hellos
//! 001CSLEE | (connection id) | sequence number | (length) | payload                  DTLS 1.3, encrypted
//! ```
//!
//! A datagram is a message, and holds whole records. Epoch 0 is in clear, every later one encrypted. Handshake
//! messages are those of TLS, and are read by its code; each brings a header by which it is put together from
//! fragments. The fields are those of TLS too, under the names that Wireshark has for DTLS.

use super::tls::fields as tls_fields;
use super::tls::handshake;
use super::tls::names;
use super::tls::record::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEARTBEAT, LONGEST};
use super::tls::session::Session;
use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, Under, heading, tls};
use crate::bytes::{Class, Cursor, Piece, Stop, Value};
use fragments::Fragments;

pub mod fields;
mod fragments;

pub(super) use fields::{COOKIE, COOKIE_LENGTH, SRTP_MKI, SRTP_MKI_LENGTH, SRTP_PROFILE, SRTP_PROFILES_LENGTH};

/// Datagram Transport Layer Security.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("dtls", "Datagram Transport Layer Security", Class::Metadata, "RFC 6347, section 4"),
    fields: &fields::ALL,
    under: &[Under::Udp(4433), Under::Udp(5684)],
    read: Read::Dialogue { new: |_| Box::new(Dtls::new()), probe: Some(probe) },
};

/// Bytes of a record's header without a connection id.
const HEADER: usize = 13;
/// A record with a connection id (RFC 9146, section 4).
const TLS12_CID: u8 = 25;
/// ACK (RFC 9147, section 7).
const ACK: u8 = 26;

/// A DTLS session over UDP.
#[derive(Clone, Debug)]
struct Dtls {
    session: Session,
    fragments: [Fragments; 2],
}

/// The header of a record until DTLS 1.2, as far as it stands at a fixed place.
#[derive(Clone, Copy, Debug)]
struct Header {
    kind: u8,
    version: u16,
    epoch: u16,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Header> {
        let [kind @ CHANGE_CIPHER_SPEC..=ACK, major, minor, epoch_high, epoch_low, ..] = *bytes else { return None };
        let version = u16::from_be_bytes([major, minor]);
        let epoch = u16::from_be_bytes([epoch_high, epoch_low]);
        matches!(version, 0xfeff | 0xfefd | 0x0100).then_some(Header { kind, version, epoch })
    }
}

/// By content: a record in clear that begins like one, and records that fill the datagram.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if start.transport == Transport::Udp && fills(first) { Answer::Yes } else { Answer::No }
}

/// Whether records fill the datagram; the last one may be cut, if it is not the only one or begins a handshake.
fn fills(datagram: &[u8]) -> bool {
    const LENGTH_AT: usize = 11;
    let mut rest = datagram;
    while let (Some(header), Some(&[high, low])) = (Header::read(rest), rest.get(LENGTH_AT..HEADER)) {
        // What a connection id is cannot be told from the record alone.
        if header.kind == TLS12_CID {
            return rest.len() < datagram.len();
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > LONGEST || header.kind == CHANGE_CIPHER_SPEC && length != 1 && header.epoch == 0 {
            return false;
        }
        match rest.get(HEADER.saturating_add(length)..) {
            Some([]) => return true,
            Some(behind) => rest = behind,
            None => return rest.len() < datagram.len() || is_hello(rest),
        }
    }
    false
}

/// Whether a hello, or a request for its cookie, begins here in clear.
fn is_hello(record: &[u8]) -> bool {
    const HELLO_VERIFY_REQUEST: u8 = 3;
    matches!(record, [HANDSHAKE, _, _, 0, 0, ..]) && matches!(record.get(HEADER), Some(1..=HELLO_VERIFY_REQUEST))
}

impl Dtls {
    fn new() -> Dtls {
        let session = Session { datagrams: true, ..Session::default() };
        Dtls { session, fragments: Default::default() }
    }

    /// Bytes of the connection id in what `side` sends: the other side chose it.
    fn connection_id(&self, side: Side) -> usize {
        self.session.connection_id.get(side.other().index()).copied().flatten().unwrap_or(0)
    }

    fn layout(&self) -> tls::Layout {
        tls::layout(self.session.sealing_version(), self.session.suite)
    }

    /// All records of a datagram. Returns what the first was.
    fn records(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        let mut first = None;
        while !c.is_empty() {
            let what = match Header::read(c.rest()) {
                Some(header) => self.record(side, c, header)?,
                None if c.peek(1).first().is_some_and(|byte| byte >> 5 == 1) => self.unified(side, c)?,
                None => {
                    c.pass_rest(Class::Unknown);
                    "other"
                }
            };
            first = first.or(Some(what));
        }
        Ok(first.unwrap_or("nothing"))
    }

    fn record(&mut self, side: Side, c: &mut Cursor<'_>, header: Header) -> Result<&'static str, Stop> {
        let heading = c.open(&PROTOCOL.heading);
        let read = self.record_in(side, c, header);
        c.close(heading);
        read
    }

    fn record_in(&mut self, side: Side, c: &mut Cursor<'_>, header: Header) -> Result<&'static str, Stop> {
        const SEQUENCE: usize = 6;
        c.u8(&tls_fields::RECORD_TYPE)?;
        c.u16(&tls_fields::RECORD_VERSION)?;
        c.u16(&fields::EPOCH)?;
        c.number(&fields::SEQUENCE, SEQUENCE)?;
        let id = self.connection_id(side);
        if header.kind == TLS12_CID && id > 0 {
            c.bytes(&fields::RECORD_CID, id)?;
        }
        let length = usize::from(c.u16(&tls_fields::RECORD_LENGTH)?);
        if self.session.spoken == 0 {
            self.session.spoken = header.version;
        }
        if header.epoch > 0 || matches!(header.kind, APPLICATION_DATA | TLS12_CID) {
            return tls::sealed(c, header.kind, length, self.layout());
        }
        c.inside(length, |c| match header.kind {
            CHANGE_CIPHER_SPEC => c.u8(&tls_fields::CHANGE_CIPHER_SPEC).map(|_| "ChangeCipherSpec"),
            ALERT => c.group(&tls_fields::ALERT, |c| tls::alert(c, &mut self.session)),
            HANDSHAKE => self.messages(side, c),
            HEARTBEAT => c.group(&tls_fields::HEARTBEAT, tls::heartbeat),
            _ => Ok("record"),
        })
    }

    /// The handshake messages of a record, or fragments of them.
    fn messages(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        let mut first = None;
        while !c.is_empty() {
            let heading = c.open(&tls_fields::HANDSHAKE);
            let read = self.message(side, c);
            c.close(heading);
            first = first.or(Some(read?));
        }
        Ok(first.unwrap_or("handshake part"))
    }

    fn message(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        let kind = c.u8(&tls_fields::HANDSHAKE_TYPE)?;
        let length = c.u24(&tls_fields::HANDSHAKE_LENGTH)? as usize;
        let sequence = c.u16(&fields::MESSAGE_SEQUENCE)?;
        let offset = c.u24(&fields::FRAGMENT_OFFSET)? as usize;
        let here = c.u24(&fields::FRAGMENT_LENGTH)? as usize;
        if offset == 0 && here == length {
            return Ok(handshake::body(c, kind, length, &mut self.session));
        }
        let from = c.position();
        let bytes = c.bytes(&fields::FRAGMENT, here)?;
        let moved = |piece: Piece| Piece { offset: piece.offset.saturating_sub(from as u64), ..piece };
        let origins: Vec<Piece> = c.origins(from, c.position()).into_iter().map(moved).collect();
        let header = fragments::Header { kind, length, sequence, offset };
        let fragments = self.fragments.get_mut(side.index());
        let Some(whole) = fragments.and_then(|fragments| fragments.arrive(header, bytes, &origins)) else {
            return Ok("handshake part");
        };
        c.say(&fields::FRAGMENT_COUNT, Value::Number(whole.count as u64));
        c.say(&fields::REASSEMBLED_LENGTH, Value::Number(length as u64));
        let session = &mut self.session;
        c.derived("handshake message", &whole.bytes, &whole.origins, |c| Ok(handshake::body(c, kind, length, session)))
    }

    /// A record of DTLS 1.3 behind the hellos (RFC 9147, section 4).
    fn unified(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        const WITH_ID: u8 = 0x10;
        const LONG_SEQUENCE: u8 = 0x08;
        const WITH_LENGTH: u8 = 0x04;
        let heading = c.open(&PROTOCOL.heading);
        let first = c.u8(&fields::UNIFIED)?;
        c.bits(&fields::UNIFIED_EPOCH, first, 0, 3);
        if first & WITH_ID != 0 {
            let id = self.connection_id(side);
            if id == 0 {
                // How long it is was said in a hello that was not seen.
                c.pass_rest(Class::Sealed);
                c.close(heading);
                return Ok("sealed");
            }
            c.bytes(&fields::RECORD_CID, id)?;
        }
        let class = c.class(Class::Sealed);
        c.bytes(&fields::UNIFIED_SEQUENCE, if first & LONG_SEQUENCE == 0 { 1 } else { 2 })?;
        c.class(class);
        let length = match first & WITH_LENGTH {
            0 => c.remaining(),
            _ => usize::from(c.u16(&fields::UNIFIED_LENGTH)?),
        };
        let read = tls::sealed(c, APPLICATION_DATA, length, tls::layout(0x0304, self.session.suite));
        c.close(heading);
        read
    }
}

impl Dialogue for Dtls {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.rename(tls_fields::of_datagrams);
        self.records(side, c).map(Message::new)
    }

    fn stack(&self) -> Vec<&'static str> {
        let version = if self.session.version == 0 { self.session.spoken } else { self.session.version };
        let mut stack = vec![names::spoken(version)];
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
mod tests;
