//! Key exchange of TLS 1.2 and earlier (RFC 5246, section 7.4.3 and 7.4.7; RFC 8422, section 5.4 and 5.7).
//!
//! What a message holds follows from the suite; if that was not seen, the body stays whole.

use tls_parser::TlsCipherKx;

use super::extensions::scheme;
use super::fields as f;
use super::session::Session;
use crate::bytes::{Cursor, Field, Stop};

/// ServerKeyExchange.
pub(super) fn server(c: &mut Cursor<'_>, session: &Session) -> Result<(), Stop> {
    match session.key_exchange() {
        Some(TlsCipherKx::Ecdhe | TlsCipherKx::Aecdh | TlsCipherKx::Ecdh) => {
            const NAMED_CURVE: u8 = 3;
            if c.u8(&f::CURVE_TYPE)? != NAMED_CURVE {
                return c.bytes(&f::HANDSHAKE_BODY, c.remaining()).map(drop);
            }
            c.u16(&f::NAMED_CURVE)?;
            opaque(c, &f::SERVER_POINT_LENGTH, 1, &f::SERVER_POINT)?;
        }
        Some(TlsCipherKx::Dhe | TlsCipherKx::Dh) => {
            opaque(c, &f::P_LENGTH, 2, &f::P)?;
            opaque(c, &f::G_LENGTH, 2, &f::G)?;
            opaque(c, &f::YS_LENGTH, 2, &f::YS)?;
        }
        // Only suites for export send one (RFC 2246, section 7.4.3).
        Some(TlsCipherKx::Rsa) => {
            opaque(c, &f::MODULUS_LENGTH, 2, &f::MODULUS)?;
            opaque(c, &f::EXPONENT_LENGTH, 2, &f::EXPONENT)?;
        }
        Some(TlsCipherKx::Psk) => return opaque(c, &f::HINT_LENGTH, 2, &f::HINT),
        _ => return c.bytes(&f::HANDSHAKE_BODY, c.remaining()).map(drop),
    }
    if session.is_unsigned() {
        return Ok(());
    }
    signed(c, session, &f::SIGNATURE_LENGTH, &f::SIGNATURE)
}

/// ClientKeyExchange.
pub(super) fn client(c: &mut Cursor<'_>, session: &Session) -> Result<(), Stop> {
    match session.key_exchange() {
        // SSL 3.0 sends the premaster secret without a length.
        Some(TlsCipherKx::Rsa) if session.version_or_spoken() == 0x0300 => {
            c.bytes(&f::PREMASTER, c.remaining()).map(drop)
        }
        Some(TlsCipherKx::Rsa) => opaque(c, &f::PREMASTER_LENGTH, 2, &f::PREMASTER),
        Some(TlsCipherKx::Ecdhe | TlsCipherKx::Aecdh | TlsCipherKx::Ecdh) => {
            opaque(c, &f::CLIENT_POINT_LENGTH, 1, &f::CLIENT_POINT)
        }
        Some(TlsCipherKx::Dhe | TlsCipherKx::Dh) => opaque(c, &f::YC_LENGTH, 2, &f::YC),
        Some(TlsCipherKx::Psk) => opaque(c, &f::IDENTITY_LENGTH, 2, &f::IDENTITY),
        _ => c.bytes(&f::HANDSHAKE_BODY, c.remaining()).map(drop),
    }
}

/// CertificateVerify.
pub(super) fn verify(c: &mut Cursor<'_>, session: &Session) -> Result<(), Stop> {
    signed(c, session, &f::VERIFY_SIGNATURE_LENGTH, &f::VERIFY_SIGNATURE)
}

/// A signature, from TLS 1.2 on with its scheme before it (RFC 5246, section 4.7).
fn signed(
    c: &mut Cursor<'_>,
    session: &Session,
    length: &'static Field,
    signature: &'static Field,
) -> Result<(), Stop> {
    if session.version_or_spoken() >= 0x0303 {
        scheme(c)?;
    }
    opaque(c, length, 2, signature)
}

/// Bytes with a length of `width` bytes before them (RFC 8446, section 3.4).
pub(super) fn opaque(
    c: &mut Cursor<'_>,
    length: &'static Field,
    width: usize,
    bytes: &'static Field,
) -> Result<(), Stop> {
    let n = c.number(length, width)? as usize;
    if n > 0 {
        c.bytes(bytes, n)?;
    }
    Ok(())
}
