//! Extensions of hellos (RFC 8446, section 4.2), read one by one.
//!
//! The library's table for a ServerHello takes extension 21 for 22, and stops at the first malformed one; here a
//! number means the same in every message, and a malformed extension costs only itself.

use super::key_exchange::opaque;
use super::session::Session;
use super::{fields as f, names, sct, transport_parameters};
use crate::bytes::{Class, Cursor, Field, Stop};
use crate::protocols::{Side, dtls, x509};

/// The message that an extension stands in: some are laid out differently by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    ClientHello,
    ServerHello,
    HelloRetryRequest,
}

/// A field and how many bytes it takes.
type Sized = (&'static Field, usize);

/// Reads the extensions of a message, to its end; a message without any is fine.
pub(super) fn read(c: &mut Cursor<'_>, within: Within, session: &mut Session) -> Result<(), Stop> {
    if c.is_empty() {
        return Ok(());
    }
    let length = c.u16(&f::EXTENSIONS_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            let heading = c.open(&f::EXTENSION);
            let kind = c.u16(&f::EXTENSION_TYPE)?;
            let length = c.u16(&f::EXTENSION_LENGTH)?.into();
            if let Err(stop) = c.inside(length, |c| body(c, kind, within, session)) {
                c.stopped(&stop);
            }
            c.close(heading);
        }
        Ok(())
    })
}

fn body(c: &mut Cursor<'_>, kind: u16, within: Within, session: &mut Session) -> Result<(), Stop> {
    let from_client = within == Within::ClientHello;
    match kind {
        0 if !c.is_empty() => server_names(c),
        1 => c.u8(&f::MAX_FRAGMENT_LENGTH).map(drop),
        5 if from_client => status_request(c),
        10 => vector(c, (&f::GROUPS_LENGTH, 2), (&f::GROUP, 2)),
        11 => vector(c, (&f::POINT_FORMATS_LENGTH, 1), (&f::POINT_FORMAT, 1)),
        12 => opaque(c, &f::SRP_LENGTH, 1, &f::SRP_NAME),
        13 | 50 => schemes(c),
        34 if from_client => schemes(c),
        14 if session.datagrams => srtp(c),
        15 => c.u8(&f::HEARTBEAT_MODE).map(drop),
        16 => application_protocols(c, from_client, session),
        17 if from_client => status_requests(c),
        9 | 19 | 20 if from_client => vector(c, (&f::CERTIFICATE_KINDS_LENGTH, 1), (&f::CERTIFICATE_KIND, 1)),
        9 | 19 | 20 => c.u8(&f::CERTIFICATE_KIND).map(drop),
        18 if !c.is_empty() => sct::list(c),
        21 => padding(c),
        27 => vector(c, (&f::COMPRESS_LENGTH, 1), (&f::COMPRESS, 2)),
        28 => c.u16(&f::RECORD_SIZE_LIMIT).map(drop),
        42 if from_client => {
            session.early_data = true;
            other(c, kind)
        }
        40 | 51 => key_shares(c, within),
        41 if from_client => pre_shared_keys(c),
        41 => {
            session.course.resumed = true;
            c.u16(&f::PSK_SELECTED).map(drop)
        }
        43 if from_client => vector(c, (&f::VERSIONS_LENGTH, 1), (&f::SUPPORTED_VERSION, 2)),
        43 => {
            session.version = c.u16(&f::SUPPORTED_VERSION)?;
            Ok(())
        }
        44 => opaque(c, &f::COOKIE_LENGTH, 2, &f::COOKIE),
        45 => vector(c, (&f::PSK_MODES_LENGTH, 1), (&f::PSK_MODE, 1)),
        47 => names(c),
        53 | 54 => connection_id(c, from_client, session),
        57 | 65445 => transport_parameters::read(c),
        13172 => next_protocols(c),
        17513 if from_client => settings(c),
        65281 => opaque(c, &f::RENEGOTIATION_LENGTH, 1, &f::RENEGOTIATION),
        65486 if from_client => encrypted_server_name(c),
        17613 | 65037 => {
            // One level below the whole body, for whoever knows the extension only by its number.
            let data = c.open(&f::EXTENSION_DATA);
            let read = if kind == 65037 { encrypted_hello(c, within) } else { settings(c) };
            c.pass_rest(Class::Metadata);
            c.close(data);
            read
        }
        _ => other(c, kind),
    }
}

/// connection_id (RFC 9146, section 3): what its sender wants to find in the records that it gets.
fn connection_id(c: &mut Cursor<'_>, from_client: bool, session: &mut Session) -> Result<(), Stop> {
    let wanted = c.ahead(0, 1).map(|length| length as usize);
    let side = if from_client { Side::Client } else { Side::Server };
    if let Some(known) = session.connection_id.get_mut(side.index()) {
        *known = wanted;
    }
    opaque(c, &f::CONNECTION_ID_LENGTH, 1, &f::CONNECTION_ID)
}

/// use_srtp (RFC 5764, section 4.1.1).
fn srtp(c: &mut Cursor<'_>) -> Result<(), Stop> {
    vector(c, (&dtls::SRTP_PROFILES_LENGTH, 2), (&dtls::SRTP_PROFILE, 2))?;
    opaque(c, &dtls::SRTP_MKI_LENGTH, 1, &dtls::SRTP_MKI)
}

/// An extension whose body is shown whole.
fn other(c: &mut Cursor<'_>, kind: u16) -> Result<(), Stop> {
    // These say all by being there, or are named otherwise by Wireshark.
    let field = match kind {
        0 | 5 | 17 | 18 | 22 | 23 | 42 | 49 if c.is_empty() => return Ok(()),
        0 | 5 | 14 | 17 | 22..=24 | 34 | 42 | 48 | 49 => &f::EXTENSION_BODY,
        _ => &f::EXTENSION_DATA,
    };
    c.bytes(field, c.remaining()).map(drop)
}

/// A vector of numbers: its length, then items of one size (RFC 8446, section 3.4).
pub(super) fn vector(c: &mut Cursor<'_>, (length, width): Sized, (item, size): Sized) -> Result<(), Stop> {
    let n = c.number(length, width)? as usize;
    if !c.listens() && n.is_multiple_of(size) && n <= c.remaining() {
        return c.pass(n).map(drop);
    }
    c.inside(n, |c| {
        while !c.is_empty() {
            c.number(item, size)?;
        }
        Ok(())
    })
}

/// A vector of names, each with a length of one byte before it; `each` hears them.
fn strings<'a>(
    c: &mut Cursor<'a>,
    length: &'static Field,
    name: &'static Field,
    mut each: impl FnMut(&mut Cursor<'a>, &'a [u8]),
) -> Result<(), Stop> {
    while !c.is_empty() {
        let n = c.u8(length)?.into();
        let bytes = c.bytes(name, n)?;
        each(c, bytes);
    }
    Ok(())
}

/// server_name (RFC 6066, section 3).
fn server_names(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&f::SERVER_NAMES_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            c.u8(&f::SERVER_NAME_TYPE)?;
            let length = c.u16(&f::SERVER_NAME_LENGTH)?.into();
            let name = c.bytes(&f::SERVER_NAME, length)?;
            c.fact(&f::SERVER_NAME, name);
            c.subject_of(&[], name);
        }
        Ok(())
    })
}

/// signature_algorithms and its relatives (RFC 8446, section 4.2.3).
pub(super) fn schemes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const SCHEME: usize = 2;
    let length = usize::from(c.u16(&f::SCHEMES_LENGTH)?);
    if !c.listens() && length.is_multiple_of(SCHEME) && length <= c.remaining() {
        return c.pass(length).map(drop);
    }
    c.inside(length, |c| {
        while !c.is_empty() {
            scheme(c)?;
        }
        Ok(())
    })
}

/// One signature scheme; TLS 1.2 took it for a hash and a signature algorithm.
pub(super) fn scheme(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let scheme = c.u16(&f::SCHEME)?;
    c.bits(&f::SCHEME_HASH, scheme, 8, 0xff);
    c.bits(&f::SCHEME_SIGNATURE, scheme, 0, 0xff);
    Ok(())
}

/// certificate_authorities (RFC 8446, section 4.2.4), and the end of a CertificateRequest.
pub(super) fn names(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&f::NAMES_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            let length = c.u16(&f::NAME_LENGTH)?.into();
            let heading = c.open(&f::NAME);
            let read = c.inside(length, x509::name);
            c.close(heading);
            read?;
        }
        Ok(())
    })
}

/// application_layer_protocol_negotiation (RFC 7301, section 3.1).
fn application_protocols(c: &mut Cursor<'_>, from_client: bool, session: &mut Session) -> Result<(), Stop> {
    let length = c.u16(&f::ALPN_LENGTH)?.into();
    c.inside(length, |c| {
        strings(c, &f::ALPN_NAME_LENGTH, &f::ALPN_NAME, |c, name| {
            c.fact(if from_client { &f::ALPN_NAME } else { &f::ALPN_CHOSEN }, name);
            if !from_client {
                session.application = names::application(name);
            }
        })
    })
}

/// next_protocol_negotiation (draft-agl-tls-nextprotoneg-04): the server's list has no length of its own.
fn next_protocols(c: &mut Cursor<'_>) -> Result<(), Stop> {
    strings(c, &f::NPN_NAME_LENGTH, &f::NPN_NAME, |_, _| {})
}

/// application_settings (draft-vvv-tls-alps-01): the protocols for which settings are supported.
fn settings(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&f::ALPS_LENGTH)?.into();
    c.inside(length, |c| strings(c, &f::ALPS_NAME_LENGTH, &f::ALPS_NAME, |_, _| {}))
}

/// status_request (RFC 6066, section 8).
fn status_request(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const OCSP: u8 = 1;
    if c.u8(&f::STATUS_TYPE)? == OCSP {
        opaque(c, &f::RESPONDERS_LENGTH, 2, &f::RESPONDERS)?;
        opaque(c, &f::REQUEST_EXTENSIONS_LENGTH, 2, &f::REQUEST_EXTENSIONS)?;
    }
    Ok(())
}

/// status_request_v2 (RFC 6961, section 2.2).
fn status_requests(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&f::STATUS_LIST_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            c.u8(&f::STATUS_TYPE)?;
            let length = c.u16(&f::STATUS_LENGTH)?.into();
            c.inside(length, |c| {
                opaque(c, &f::RESPONDERS_LENGTH, 2, &f::RESPONDERS)?;
                opaque(c, &f::REQUEST_EXTENSIONS_LENGTH, 2, &f::REQUEST_EXTENSIONS)
            })?;
        }
        Ok(())
    })
}

/// padding (RFC 7685): carried, and means nothing.
fn padding(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let class = c.class(Class::Padding);
    let read = c.bytes(&f::PADDING, c.remaining()).map(drop);
    c.class(class);
    read
}

/// key_share (RFC 8446, section 4.2.8).
fn key_shares(c: &mut Cursor<'_>, within: Within) -> Result<(), Stop> {
    match within {
        Within::HelloRetryRequest => c.u16(&f::SELECTED_GROUP).map(drop),
        Within::ServerHello => {
            let group = key_share(c)?;
            let name = names::group(group.into()).unwrap_or("an unknown group");
            c.fact(&f::GROUP_CHOSEN, name.as_bytes());
            Ok(())
        }
        Within::ClientHello => {
            let length = c.u16(&f::SHARES_LENGTH)?.into();
            c.inside(length, |c| {
                while !c.is_empty() {
                    key_share(c)?;
                }
                Ok(())
            })
        }
    }
}

fn key_share(c: &mut Cursor<'_>) -> Result<u16, Stop> {
    let group = c.u16(&f::SHARE_GROUP)?;
    opaque(c, &f::SHARE_LENGTH, 2, &f::SHARE)?;
    Ok(group)
}

/// pre_shared_key of a client (RFC 8446, section 4.2.11).
fn pre_shared_keys(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&f::PSK_IDENTITIES_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            opaque(c, &f::PSK_IDENTITY_LENGTH, 2, &f::PSK_IDENTITY)?;
            c.u32(&f::PSK_AGE)?;
        }
        Ok(())
    })?;
    let length = c.u16(&f::PSK_BINDERS_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            opaque(c, &f::PSK_BINDER_LENGTH, 1, &f::PSK_BINDER)?;
        }
        Ok(())
    })
}

/// encrypted_client_hello (RFC 9849, section 5).
fn encrypted_hello(c: &mut Cursor<'_>, within: Within) -> Result<(), Stop> {
    const OUTER: u8 = 0;
    if within != Within::ClientHello {
        return c.bytes(&f::ECH_CONFIRMATION, c.remaining()).map(drop);
    }
    if c.u8(&f::ECH_TYPE)? != OUTER {
        return Ok(());
    }
    c.u16(&f::ECH_KDF)?;
    c.u16(&f::ECH_AEAD)?;
    c.u8(&f::ECH_CONFIG_ID)?;
    opaque(c, &f::ECH_ENC_LENGTH, 2, &f::ECH_ENC)?;
    let length = c.u16(&f::ECH_PAYLOAD_LENGTH)?.into();
    sealed(c, &f::ECH_PAYLOAD, length)
}

/// encrypted_server_name (draft-ietf-tls-esni-02, section 5).
fn encrypted_server_name(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&f::ESNI_SUITE)?;
    key_share(c)?;
    opaque(c, &f::ESNI_DIGEST_LENGTH, 2, &f::ESNI_DIGEST)?;
    let length = c.u16(&f::ESNI_LENGTH)?.into();
    sealed(c, &f::ESNI, length)
}

/// Ciphertext within a hello in clear.
fn sealed(c: &mut Cursor<'_>, field: &'static Field, length: usize) -> Result<(), Stop> {
    let class = c.class(Class::Sealed);
    let read = c.bytes(field, length).map(drop);
    c.class(class);
    read
}
