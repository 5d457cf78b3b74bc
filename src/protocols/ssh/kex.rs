//! Messages of the key exchange in clear: what is offered, the shares, the host key and its signature.

use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::algorithms::{self as a, LISTS, Method, Offer};
use super::fields as f;
use crate::bytes::{Confidence, Cursor, Field, Stop, Value};
use crate::protocols::{Side, base64};

/// The name-lists in their order, each with its length.
const FIELDS: [(&Field, &Field); LISTS] = [
    (&f::KEX_LENGTH, &f::KEX),
    (&f::HOST_KEYS_LENGTH, &f::HOST_KEYS),
    (&f::CIPHERS_C2S_LENGTH, &f::CIPHERS_C2S),
    (&f::CIPHERS_S2C_LENGTH, &f::CIPHERS_S2C),
    (&f::MACS_C2S_LENGTH, &f::MACS_C2S),
    (&f::MACS_S2C_LENGTH, &f::MACS_S2C),
    (&f::COMPRESSIONS_C2S_LENGTH, &f::COMPRESSIONS_C2S),
    (&f::COMPRESSIONS_S2C_LENGTH, &f::COMPRESSIONS_S2C),
    (&f::LANGUAGES_C2S_LENGTH, &f::LANGUAGES_C2S),
    (&f::LANGUAGES_S2C_LENGTH, &f::LANGUAGES_S2C),
];

/// SSH_MSG_KEXINIT (RFC 4253, section 7.1).
pub(super) fn init(c: &mut Cursor<'_>, side: Side) -> Result<Offer, Stop> {
    const COOKIE: usize = 16;
    const RESERVED: usize = 4;
    let start = c.offset();
    c.bytes(&f::COOKIE, COOKIE)?;
    let mut offer = Offer::default();
    for ((length, names), list) in FIELDS.into_iter().zip(&mut offer.lists) {
        let n = c.u32(length)? as usize;
        *list = c.bytes(names, n)?.into();
    }
    let end = c.offset();
    c.u8(&f::FIRST_KEX_FOLLOWS)?;
    c.bytes(&f::KEX_RESERVED, RESERVED)?;
    fingerprint(c, side, &offer, start, end);
    Ok(offer)
}

/// HASSH: a digest of the lists that tell implementations apart.
fn fingerprint(c: &mut Cursor<'_>, side: Side, offer: &Offer, start: u32, end: u32) {
    let (lists, text_field, digest_field) = match side {
        Side::Client => {
            ([a::KEX, a::CIPHER_C2S, a::MAC_C2S, a::COMPRESSION_C2S], &f::HASSH_ALGORITHMS, &f::HASSH)
        }
        Side::Server => {
            ([a::KEX, a::CIPHER_S2C, a::MAC_S2C, a::COMPRESSION_S2C], &f::HASSH_SERVER_ALGORITHMS, &f::HASSH_SERVER)
        }
    };
    let text = lists.map(|place| offer.list(place)).join(&b';');
    let digest = format!("{:032x}", u128::from_be_bytes(Md5::digest(&text).into()));
    c.fact_at(digest_field, digest.as_bytes(), start, end, Confidence::Certain);
    if c.listens() {
        c.say(text_field, Value::Bytes(text.into()));
        c.say(digest_field, Value::Text(digest.into()));
    }
}

/// States what two offers come to.
pub(super) fn agreed(c: &mut Cursor<'_>, client: &Offer, server: &Offer) {
    let facts = [
        (a::KEX, &f::KEX_CHOSEN),
        (a::HOST_KEY, &f::HOST_KEY_CHOSEN),
        (a::CIPHER_C2S, &f::CIPHER_C2S),
        (a::CIPHER_S2C, &f::CIPHER_S2C),
        (a::MAC_C2S, &f::MAC_C2S),
        (a::MAC_S2C, &f::MAC_S2C),
    ];
    for (place, field) in facts {
        // An AEAD brings its own authentication: what is agreed on as MAC is not used (RFC 5647, section 5.1).
        let aead = match place {
            a::MAC_C2S => is_aead(a::chosen(client, server, a::CIPHER_C2S)),
            a::MAC_S2C => is_aead(a::chosen(client, server, a::CIPHER_S2C)),
            _ => false,
        };
        if let Some(name) = a::chosen(client, server, place).filter(|_| !aead) {
            c.fact(field, name);
        }
    }
}

fn is_aead(cipher: Option<&[u8]>) -> bool {
    cipher.is_some_and(|name| {
        name.starts_with(b"chacha20-poly1305") || name.ends_with(b"-gcm@openssh.com") || name.starts_with(b"AEAD_")
    })
}

/// Messages 30 to 49: each method has its own. Returns the name.
pub(super) fn message(c: &mut Cursor<'_>, code: u8, method: Method) -> Result<&'static str, Stop> {
    match (method, code) {
        (Method::Group, 30) => mpint(c, &f::DH_E).map(|()| "KEXDH_INIT"),
        (Method::Group, 31) => {
            host_key(c)?;
            mpint(c, &f::DH_F)?;
            signature(c).map(|()| "KEXDH_REPLY")
        }
        (Method::GroupExchange, 30) => c.u32(&f::GEX_BITS).map(|_| "KEX_DH_GEX_REQUEST_OLD"),
        (Method::GroupExchange, 34) => {
            c.u32(&f::GEX_MIN)?;
            c.u32(&f::GEX_BITS)?;
            c.u32(&f::GEX_MAX).map(|_| "KEX_DH_GEX_REQUEST")
        }
        (Method::GroupExchange, 31) => {
            mpint(c, &f::GEX_P)?;
            mpint(c, &f::GEX_G).map(|()| "KEX_DH_GEX_GROUP")
        }
        (Method::GroupExchange, 32) => mpint(c, &f::DH_E).map(|()| "KEX_DH_GEX_INIT"),
        (Method::GroupExchange, 33) => {
            host_key(c)?;
            mpint(c, &f::DH_F)?;
            signature(c).map(|()| "KEX_DH_GEX_REPLY")
        }
        (Method::Curve, 30) => string(c, &f::Q_C_LENGTH, &f::Q_C).map(|_| "KEX_ECDH_INIT"),
        (Method::Curve, 31) => {
            host_key(c)?;
            string(c, &f::Q_S_LENGTH, &f::Q_S)?;
            signature(c).map(|()| "KEX_ECDH_REPLY")
        }
        (Method::Hybrid, 30) => string(c, &f::HYBRID_LENGTH, &f::HYBRID).map(|_| "KEX_HYBRID_INIT"),
        (Method::Hybrid, 31) => {
            host_key(c)?;
            string(c, &f::HYBRID_LENGTH, &f::HYBRID)?;
            signature(c).map(|()| "KEX_HYBRID_REPLY")
        }
        _ => super::rest(c).map(|()| "key exchange"),
    }
}

/// A string (RFC 4251, section 5): its length, then its bytes.
pub(super) fn string<'a>(c: &mut Cursor<'a>, length: &'static Field, bytes: &'static Field) -> Result<&'a [u8], Stop> {
    let n = c.u32(length)? as usize;
    c.bytes(bytes, n)
}

fn mpint(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    string(c, &f::MPINT_LENGTH, field).map(drop)
}

/// The server's public key; its fingerprint tells the server wherever it is met.
fn host_key(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.group(&f::HOST_KEY, |c| {
        let length = c.u32(&f::HOST_KEY_LENGTH)? as usize;
        let (blob, start) = (c.peek(length), c.offset());
        let fingerprint = format!("SHA256:{}", base64::encode(&Sha256::digest(blob)).trim_end_matches('='));
        c.inside(length, |c| {
            let kind = string(c, &f::HOST_KEY_TYPE_LENGTH, &f::HOST_KEY_TYPE)?;
            match kind {
                b"ssh-rsa" => {
                    mpint(c, &f::RSA_E)?;
                    mpint(c, &f::RSA_N)
                }
                b"ssh-dss" => [&f::DSA_P, &f::DSA_Q, &f::DSA_G, &f::DSA_Y].into_iter().try_for_each(|field| mpint(c, field)),
                b"ssh-ed25519" | b"ssh-ed448" => string(c, &f::EDDSA_LENGTH, &f::EDDSA).map(drop),
                kind if kind.starts_with(b"ecdsa-sha2-") && !kind.ends_with(b"@openssh.com") => {
                    string(c, &f::ECDSA_ID_LENGTH, &f::ECDSA_ID)?;
                    string(c, &f::ECDSA_Q_LENGTH, &f::ECDSA_Q).map(drop)
                }
                _ => c.bytes(&f::HOST_KEY_DATA, c.remaining()).map(drop),
            }
        })?;
        let end = c.offset();
        c.fact_at(&f::FINGERPRINT, fingerprint.as_bytes(), start, end, Confidence::Certain);
        c.note(&f::FINGERPRINT, Value::Text(fingerprint.into()), start, end);
        Ok(())
    })
}

fn signature(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.group(&f::SIGNATURE, |c| {
        let length = c.u32(&f::SIGNATURE_LENGTH)? as usize;
        c.inside(length, |c| {
            let kind = string(c, &f::SIGNATURE_TYPE_LENGTH, &f::SIGNATURE_TYPE)?;
            match kind {
                b"ssh-rsa" => mpint(c, &f::SIGNATURE_RSA),
                _ => c.bytes(&f::SIGNATURE_DATA, c.remaining()).map(drop),
            }
        })
    })
}
