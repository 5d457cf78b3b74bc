//! The hellos (RFC 8446, section 4.1; RFC 5246, section 7.4.1).
//!
//! The library decodes the fixed part; extensions are read one by one, so that a malformed one costs only itself.

use tls_parser::{parse_tls_handshake_client_hello, parse_tls_handshake_server_hello};

use super::extensions::{self, Within};
use super::session::Session;
use super::fingerprint::{self, Carrier};
use super::{encrypted_dns, fields as f, names};
use crate::bytes::{Confidence, Cursor, Field, Stop, Value};
use crate::protocols::{Transport, dtls};

/// The random of a ServerHello that is a HelloRetryRequest: SHA-256 of its name (RFC 8446, section 4.1.3).
pub(super) const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// ClientHello.
pub(super) fn client(c: &mut Cursor<'_>, session: &mut Session) -> Result<(), Stop> {
    client_fingerprints(c, session);
    let listens = c.listens();
    if session.datagrams {
        session.spoken = datagram_client(c)?;
        return extensions::read(c, Within::ClientHello, session);
    }
    let hello = c.header(
        |bytes| {
            let plain = if listens { None } else { plain_client(bytes) };
            plain.or_else(|| {
                let (rest, hello) = parse_tls_handshake_client_hello(bytes).ok()?;
                let (version, id) = (hello.version.0, hello.session_id.unwrap_or(&[]));
                let extensions = hello.ext.unwrap_or(&[]);
                Some((fixed_part(bytes, rest, hello.ext), Client { version, id, extensions }))
            })
        },
        client_notes,
    )?;
    session.spoken = hello.version;
    session.offered = hello.id.into();
    let start = c.offset();
    let read = extensions::read(c, Within::ClientHello, session);
    if let Some((words, confidence)) = encrypted_dns::judge(hello.extensions, session.start) {
        c.note(&f::ENCRYPTED_DNS, Value::Text(words.into()), start, c.offset());
        c.fact_at(&f::ENCRYPTED_DNS, words.as_bytes(), start, c.offset(), confidence);
    }
    read
}

/// What of a ClientHello's fixed part is needed, and its extensions.
struct Client<'a> {
    version: u16,
    id: &'a [u8],
    extensions: &'a [u8],
}

/// The same without a list of suites, for whoever does not look at them: of a hello whose lengths are as they should be,
/// and that ends with its extensions. Also how long its fixed part is.
fn plain_client(bytes: &[u8]) -> Option<(usize, Client<'_>)> {
    const RANDOM: usize = 32;
    const LONGEST_ID: usize = 32;
    let (version, rest) = bytes.split_first_chunk::<2>()?;
    let (id_length, rest) = rest.get(RANDOM..)?.split_first()?;
    let (id, rest) = rest.split_at_checked((*id_length).into()).filter(|(id, _)| id.len() <= LONGEST_ID)?;
    let (suites, rest) = rest.split_first_chunk::<2>()?;
    let suites = usize::from(u16::from_be_bytes(*suites));
    let (compressions, rest) = rest.get(suites..).filter(|_| suites.is_multiple_of(2))?.split_first()?;
    let extensions = rest.get(usize::from(*compressions)..)?;
    let (length, behind) = extensions.split_first_chunk::<2>()?;
    let whole = usize::from(u16::from_be_bytes(*length)) == behind.len();
    let fixed = bytes.len().checked_sub(extensions.len())?;
    whole.then_some((fixed, Client { version: u16::from_be_bytes(*version), id, extensions: behind }))
}

/// Notes what a client's hello is known by, over the bytes that make it, if somebody wants that.
fn client_fingerprints(c: &mut Cursor<'_>, session: &Session) {
    if ![&f::JA3, &f::JA3_FULL, &f::JA4, &f::JA4_R].into_iter().any(|field| c.wants(field)) {
        return;
    }
    let over_datagrams = session.start.is_some_and(|start| start.transport == Transport::Udp);
    let carrier = match session.datagrams {
        true => Carrier::Datagrams,
        false if over_datagrams => Carrier::Quic,
        false => Carrier::Tcp,
    };
    let Some(of) = fingerprint::of_client(c.rest(), carrier) else { return };
    note_over_rest(c, [(&f::JA3_FULL, of.ja3.full), (&f::JA3, of.ja3.value)]);
    note_over_rest(c, [(&f::JA4_R, of.ja4.full), (&f::JA4, of.ja4.value)]);
}

/// The same of a server's.
fn server_fingerprints(c: &mut Cursor<'_>) {
    if [&f::JA3S, &f::JA3S_FULL].into_iter().any(|field| c.wants(field))
        && let Some(ja3s) = fingerprint::of_server(c.rest())
    {
        note_over_rest(c, [(&f::JA3S_FULL, ja3s.full), (&f::JA3S, ja3s.value)]);
    }
}

fn note_over_rest(c: &mut Cursor<'_>, told: [(&'static Field, String); 2]) {
    let (start, end) = (c.offset(), c.offset().saturating_add(c.rest().len() as u32));
    for (field, text) in told {
        c.note(field, Value::Text(text.into()), start, end);
    }
}

fn client_notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&f::VERSION)?;
    c.bytes(&f::RANDOM, 32)?;
    super::key_exchange::opaque(c, &f::SESSION_ID_LENGTH, 1, &f::SESSION_ID)?;
    extensions::vector(c, (&f::SUITES_LENGTH, 2), (&f::SUITE, 2))?;
    extensions::vector(c, (&f::COMPRESSIONS_LENGTH, 1), (&f::COMPRESSION, 1))
}

/// The fixed part in DTLS, which has a cookie before the suites (RFC 6347, section 4.2.1). Returns the version.
fn datagram_client(c: &mut Cursor<'_>) -> Result<u16, Stop> {
    let version = c.u16(&f::VERSION)?;
    c.bytes(&f::RANDOM, 32)?;
    super::key_exchange::opaque(c, &f::SESSION_ID_LENGTH, 1, &f::SESSION_ID)?;
    super::key_exchange::opaque(c, &dtls::COOKIE_LENGTH, 1, &dtls::COOKIE)?;
    extensions::vector(c, (&f::SUITES_LENGTH, 2), (&f::SUITE, 2))?;
    extensions::vector(c, (&f::COMPRESSIONS_LENGTH, 1), (&f::COMPRESSION, 1))?;
    Ok(version)
}

/// HelloVerifyRequest (RFC 6347, section 4.2.1).
pub(super) fn verify(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&f::VERSION)?;
    super::key_exchange::opaque(c, &dtls::COOKIE_LENGTH, 1, &dtls::COOKIE)
}

/// ServerHello, or HelloRetryRequest in its shape. Returns which.
pub(super) fn server(c: &mut Cursor<'_>, session: &mut Session) -> Result<&'static str, Stop> {
    server_fingerprints(c);
    let start = c.offset();
    let version = c.peek(2).iter().fold(0u16, |version, byte| version << 8 | u16::from(*byte));
    if matches!(version, 0x0304 | 0x7f00..=0x7f15) {
        return server_of_drafts(c, session, version);
    }
    // The library takes no version but these.
    let offered = std::mem::take(&mut session.offered);
    let fixed = if matches!(version, 0x0300..=0x0303) { stream_server(c, &offered)? } else { other_server(c)? };
    let is_retry = fixed.is_retry;
    session.version = fixed.version;
    session.spoken = fixed.version;
    session.suite = Some(fixed.suite);
    let end = c.offset();
    let within = if is_retry { Within::HelloRetryRequest } else { Within::ServerHello };
    let read = extensions::read(c, within, session);
    if is_retry {
        session.course.retried = true;
    } else {
        chosen(c, session, start, end);
        // TLS 1.3 sends the id back whatever it means (RFC 8446, section 4.1.3).
        session.course.resumed |= !session.is_13() && fixed.echoes;
    }
    read.map(|()| if is_retry { "HelloRetryRequest" } else { "ServerHello" })
}

/// What of a ServerHello's fixed part is needed.
struct Fixed {
    version: u16,
    is_retry: bool,
    suite: u16,
    /// Whether it sends the client's session id back (RFC 5246, section 7.4.1.3).
    echoes: bool,
}

fn stream_server(c: &mut Cursor<'_>, offered: &[u8]) -> Result<Fixed, Stop> {
    let hello = c.header(
        |bytes| {
            let (rest, hello) = parse_tls_handshake_server_hello(bytes).ok()?;
            Some((fixed_part(bytes, rest, hello.ext), hello))
        },
        server_notes,
    )?;
    let echoes = hello.session_id.is_some_and(|id| !id.is_empty() && id == offered);
    Ok(Fixed { version: hello.version.0, is_retry: hello.random == RETRY, suite: hello.cipher.0, echoes })
}

/// The same in DTLS, and with versions that there are not.
fn other_server(c: &mut Cursor<'_>) -> Result<Fixed, Stop> {
    let version = c.u16(&f::VERSION)?;
    let is_retry = c.bytes(&f::RANDOM, 32)? == RETRY;
    super::key_exchange::opaque(c, &f::SESSION_ID_LENGTH, 1, &f::SESSION_ID)?;
    let suite = c.u16(&f::SUITE)?;
    c.u8(&f::COMPRESSION)?;
    Ok(Fixed { version, is_retry, suite, echoes: false })
}

fn server_notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&f::VERSION)?;
    c.bytes(&f::RANDOM, 32)?;
    super::key_exchange::opaque(c, &f::SESSION_ID_LENGTH, 1, &f::SESSION_ID)?;
    c.u16(&f::SUITE)?;
    c.u8(&f::COMPRESSION).map(drop)
}

/// Until draft 21 of TLS 1.3 a ServerHello had no session id and no compression, and said its version (0x0304 in the
/// first drafts) where the final hello says 0x0303.
fn server_of_drafts(c: &mut Cursor<'_>, session: &mut Session, version: u16) -> Result<&'static str, Stop> {
    let start = c.offset();
    c.u16(&f::VERSION)?;
    c.bytes(&f::RANDOM, 32)?;
    let suite = c.u16(&f::SUITE)?;
    session.version = version;
    session.suite = Some(suite);
    let end = c.offset();
    chosen(c, session, start, end);
    extensions::read(c, Within::ServerHello, session)?;
    Ok("ServerHello")
}

/// HelloRetryRequest as a message of its own: until draft 21, from draft 19 on with a suite.
pub(super) fn retry_of_drafts(c: &mut Cursor<'_>, session: &mut Session) -> Result<(), Stop> {
    let version = c.u16(&f::VERSION)?;
    session.version = version;
    if version >= 0x7f13 {
        c.u16(&f::SUITE)?;
    }
    extensions::read(c, Within::HelloRetryRequest, session)
}

/// States what the server has chosen; the evidence is the hello's fixed part.
fn chosen(c: &mut Cursor<'_>, session: &Session, start: u32, end: u32) {
    let suite = session.suite.map_or(0, u64::from);
    let suite = names::suite(suite).unwrap_or("an unknown suite");
    c.subject(suite);
    let version = names::version(session.version.into()).unwrap_or("an unknown version");
    for (field, value) in [(&f::VERSION_CHOSEN, version), (&f::SUITE_CHOSEN, suite)] {
        c.fact_at(field, value.as_bytes(), start, end, Confidence::Certain);
    }
}

/// How long a hello is without its extensions and their length.
fn fixed_part(hello: &[u8], rest: &[u8], extensions: Option<&[u8]>) -> usize {
    const LENGTH: usize = 2;
    let extensions = extensions.map_or(0, |extensions| extensions.len().saturating_add(LENGTH));
    hello.len().saturating_sub(rest.len()).saturating_sub(extensions)
}
