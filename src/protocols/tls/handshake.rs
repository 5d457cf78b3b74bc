//! Handshake messages (RFC 8446, section 4; RFC 5246, section 7.4).
//!
//! A message may cross records (RFC 8446, section 5.1): [`Messages`] keeps the part that has come until the
//! rest does.

use super::session::Session;
use super::{fields as f, hello, key_exchange, names, sct};
use crate::bytes::{Assembly, Class, Cursor, Piece, Stop, Why};
use crate::protocols::x509;

/// Bytes of type and length before a message.
const HEADER: usize = 4;
/// The longest message that is put together. The longest ones are chains of certificates; post-quantum ones
/// reach some 50,000 bytes.
pub(crate) const LONGEST: usize = 1 << 17;

/// The messages of one side, as records bring them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages {
    part: Vec<u8>,
    origins: Assembly,
}

impl Messages {
    /// Bytes are missing: a message that was begun will not be completed.
    pub(crate) fn lost(&mut self) {
        self.part.clear();
        self.origins.clear();
    }

    /// Reads the messages of a record's payload: what the cursor's window holds. Of a record that was `cut` the
    /// last message is read as far as it goes, for its rest will not come. Returns what it was.
    pub(crate) fn read(
        &mut self,
        c: &mut Cursor<'_>,
        session: &mut Session,
        cut: bool,
    ) -> Result<&'static str, Stop> {
        let mut all = Several::default();
        while !c.is_empty() {
            if !self.part.is_empty() {
                if let Some(what) = self.complete(c, session)? {
                    all.add(what);
                }
                continue;
            }
            match length(c.peek(HEADER)) {
                Whole::No => {
                    // In clear by its record, but no message: encrypted in a flow whose beginning was not seen, or damaged.
                    c.pass_rest(Class::Unknown);
                    c.remark("not a handshake message: encrypted, or damaged");
                    all.add("unreadable handshake");
                }
                Whole::Is(total) if cut || total <= c.remaining() => all.add(message(c, session)?),
                _ => self.keep(c, c.remaining())?,
            }
        }
        Ok(all.text())
    }

    /// Keeps the next `n` bytes: a part of a message.
    fn keep(&mut self, c: &mut Cursor<'_>, n: usize) -> Result<(), Stop> {
        let from = c.position();
        let bytes = c.bytes(&f::HANDSHAKE_PART, n)?;
        let offset = self.part.len() as u64;
        for piece in c.origins(from, c.position()) {
            let within = piece.offset.saturating_sub(from as u64);
            self.origins.add(Piece { offset: offset.saturating_add(within), ..piece });
        }
        self.part.extend_from_slice(bytes);
        Ok(())
    }

    /// Adds to a message that was begun; reads it if that completes it.
    fn complete(&mut self, c: &mut Cursor<'_>, session: &mut Session) -> Result<Option<&'static str>, Stop> {
        let wanted = match length(&self.part) {
            Whole::Is(total) => total,
            Whole::Cut => HEADER,
            Whole::No => {
                let stop = Stop { why: Why::Malformed("not a handshake message"), ..c.malformed("") };
                self.lost();
                return Err(stop);
            }
        };
        let missing = wanted.saturating_sub(self.part.len());
        self.keep(c, missing.min(c.remaining()))?;
        if self.part.len() < wanted || wanted == HEADER && !matches!(length(&self.part), Whole::Is(HEADER)) {
            return Ok(None);
        }
        let bytes = std::mem::take(&mut self.part);
        let origins = std::mem::take(&mut self.origins);
        c.derived("handshake message", &bytes, origins.pieces(), |c| message(c, session)).map(Some)
    }
}

/// How long a message is.
enum Whole {
    /// So many bytes, its header included.
    Is(usize),
    /// Its header is not whole.
    Cut,
    /// It is no handshake message.
    No,
}

fn length(start: &[u8]) -> Whole {
    match start {
        [kind, ..] if names::handshake_type(u64::from(*kind)).is_none() => Whole::No,
        [_, high, middle, low, ..] => {
            let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
            if length > LONGEST { Whole::No } else { Whole::Is(length.saturating_add(HEADER)) }
        }
        _ => Whole::Cut,
    }
}

/// Several messages in one record, told in one name.
#[derive(Default)]
struct Several {
    first: Option<&'static str>,
    last: Option<&'static str>,
}

impl Several {
    fn add(&mut self, what: &'static str) {
        self.first = self.first.or(Some(what));
        self.last = Some(what);
    }

    fn text(&self) -> &'static str {
        match (self.first, self.last) {
            (Some("ServerHello"), Some("ServerHelloDone")) => "ServerHello to ServerHelloDone",
            (Some("ServerHello"), Some("Certificate")) => "ServerHello, Certificate",
            (Some("ServerHello"), Some("ServerKeyExchange")) => "ServerHello to ServerKeyExchange",
            (Some("Certificate"), Some("ServerHelloDone")) => "Certificate to ServerHelloDone",
            (Some("Certificate"), Some("ServerKeyExchange")) => "Certificate, ServerKeyExchange",
            (Some("ServerKeyExchange"), Some("ServerHelloDone")) => "ServerKeyExchange, ServerHelloDone",
            (Some("CertificateRequest"), Some("ServerHelloDone")) => "CertificateRequest, ServerHelloDone",
            (Some("Certificate"), Some("ClientKeyExchange")) => "Certificate, ClientKeyExchange",
            (Some("Certificate"), Some("CertificateVerify")) => "Certificate to CertificateVerify",
            (Some(first), _) => first,
            _ => "handshake part",
        }
    }
}

/// Reads one whole message. Returns its name.
pub(crate) fn message(c: &mut Cursor<'_>, session: &mut Session) -> Result<&'static str, Stop> {
    let heading = c.open(&f::HANDSHAKE);
    let read = read(c, session);
    c.close(heading);
    read
}

fn read(c: &mut Cursor<'_>, session: &mut Session) -> Result<&'static str, Stop> {
    let kind = c.u8(&f::HANDSHAKE_TYPE)?;
    let length = c.u24(&f::HANDSHAKE_LENGTH)? as usize;
    Ok(body(c, kind, length, session))
}

/// Reads the body of a message whose header was read. Returns the message's name.
pub(crate) fn body(c: &mut Cursor<'_>, kind: u8, length: usize, session: &mut Session) -> &'static str {
    let mut what = names::handshake_type(kind.into()).unwrap_or("handshake");
    let body = c.inside(length, |c| {
        match kind {
            1 => hello::client(c, session)?,
            2 => what = hello::server(c, session)?,
            3 if session.datagrams => hello::verify(c)?,
            4 => ticket(c, session)?,
            6 => hello::retry_of_drafts(c, session)?,
            // The shape of TLS 1.3 differs, and is never in clear over TCP; the library would read it as an empty chain.
            11 if session.is_13() => drop(c.bytes(&f::HANDSHAKE_BODY, c.remaining())?),
            11 => certificates(c)?,
            12 => key_exchange::server(c, session)?,
            13 => {
                session.course.asks_certificate = true;
                certificate_request(c, session)?;
            }
            15 => key_exchange::verify(c, session)?,
            16 => key_exchange::client(c, session)?,
            22 => certificate_status(c)?,
            _ if !c.is_empty() => drop(c.bytes(&f::HANDSHAKE_BODY, c.remaining())?),
            _ => {}
        }
        Ok(())
    });
    // The message was whole: what is wrong within it does not concern the next one.
    if let Err(stop) = body {
        c.stopped(&stop);
    }
    what
}

/// Certificate of TLS 1.2 and earlier (RFC 5246, section 7.4.2).
fn certificates(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u24(&f::CERTIFICATES_LENGTH)? as usize;
    c.inside(length, |c| {
        let mut first = true;
        while !c.is_empty() {
            let length = c.u24(&f::CERTIFICATE_LENGTH)? as usize;
            let heading = c.open(&f::CERTIFICATE);
            // The first is the sender's own (RFC 5246, section 7.4.2).
            let read = c.inside(length, |c| x509::read(c, first, sct::list));
            c.close(heading);
            read?;
            first = false;
        }
        Ok(())
    })
}

/// CertificateRequest of TLS 1.2 and earlier (RFC 5246, section 7.4.4).
fn certificate_request(c: &mut Cursor<'_>, session: &Session) -> Result<(), Stop> {
    if session.is_13() {
        return c.bytes(&f::HANDSHAKE_BODY, c.remaining()).map(drop);
    }
    let count = c.u8(&f::CERTIFICATE_TYPES_COUNT)?;
    for _ in 0..count {
        c.u8(&f::CERTIFICATE_TYPE)?;
    }
    if session.version_or_spoken() >= 0x0303 {
        super::extensions::schemes(c)?;
    }
    super::extensions::names(c)
}

/// NewSessionTicket of TLS 1.2 (RFC 5077, section 3.3).
fn ticket(c: &mut Cursor<'_>, session: &Session) -> Result<(), Stop> {
    if session.is_13() {
        return c.bytes(&f::HANDSHAKE_BODY, c.remaining()).map(drop);
    }
    c.u32(&f::TICKET_LIFETIME)?;
    let length = c.u16(&f::TICKET_LENGTH)?.into();
    c.bytes(&f::TICKET, length).map(drop)
}

/// CertificateStatus (RFC 6066, section 8).
fn certificate_status(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const OCSP: u8 = 1;
    if c.u8(&f::STATUS_TYPE)? != OCSP {
        return c.bytes(&f::HANDSHAKE_BODY, c.remaining()).map(drop);
    }
    let length = c.u24(&f::OCSP_LENGTH)? as usize;
    let heading = c.open(&f::OCSP);
    let read = c.inside(length, x509::ocsp_response);
    c.close(heading);
    read
}
