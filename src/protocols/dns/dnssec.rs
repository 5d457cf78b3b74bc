//! The data of records that sign zones (RFC 4034, RFC 5155) and of those made with them.

use super::classic::rest;
use super::fields::*;
use super::Reading;
use crate::bytes::{Cursor, Field, Stop, Value};

/// RRSIG (RFC 4034, section 3.1), and SIG, which has the same form.
pub(super) fn signature(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&RRSIG_TYPE_COVERED)?;
    c.u8(&RRSIG_ALGORITHM)?;
    c.u8(&RRSIG_LABELS)?;
    c.u32(&RRSIG_ORIGINAL_TTL)?;
    date(c, &RRSIG_SIGNATURE_EXPIRATION, 4)?;
    date(c, &RRSIG_SIGNATURE_INCEPTION, 4)?;
    c.u16(&RRSIG_KEY_TAG)?;
    m.name(c, &RRSIG_SIGNERS_NAME)?;
    if c.is_empty() { Ok(()) } else { rest(c, &RRSIG_SIGNATURE) }
}

/// Seconds since 1970, in `n` octets.
pub(super) fn date(c: &mut Cursor<'_>, field: &'static Field, n: usize) -> Result<(), Stop> {
    let seconds = c.pass(n)?.iter().fold(0_i64, |value, byte| value << 8 | i64::from(*byte));
    c.part(field, Value::Signed(seconds.saturating_mul(1_000_000_000)));
    Ok(())
}

/// DNSKEY (RFC 4034, section 2.1), CDNSKEY (RFC 7344).
pub(super) fn public_key(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let whole = c.rest();
    let flags = c.u16(&DNSKEY_FLAGS)?;
    c.bits(&DNSKEY_FLAGS_ZONE_KEY, flags, 8, 1);
    c.bits(&DNSKEY_FLAGS_KEY_REVOKED, flags, 7, 1);
    c.bits(&DNSKEY_FLAGS_SECURE_ENTRY_POINT, flags, 0, 1);
    // The reserved bits do not stand together: they keep their places, and lose the lowest.
    c.bits(&DNSKEY_FLAGS_RESERVED, flags, 1, 0xfe7e >> 1);
    c.u8(&DNSKEY_PROTOCOL)?;
    let algorithm = c.u8(&DNSKEY_ALGORITHM)?;
    if let Some(tag) = key_tag(whole, algorithm) {
        c.say(&DNSKEY_KEY_ID, Value::Number(tag.into()));
    }
    rest(c, &DNSKEY_PUBLIC_KEY)
}

/// KEY (RFC 2535, section 3.1).
pub(super) fn key(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let whole = c.rest();
    let flags = c.u16(&KEY_FLAGS)?;
    c.bits(&KEY_FLAGS_AUTHENTICATION, flags, 15, 1);
    c.bits(&KEY_FLAGS_CONFIDENTIALITY, flags, 14, 1);
    if flags & 0xc000 != 0xc000 {
        c.bits(&KEY_FLAGS_REQUIRED, flags, 13, 1);
        c.bits(&KEY_FLAGS_ASSOCIATED_USER, flags, 10, 1);
        c.bits(&KEY_FLAGS_ASSOCIATED_NAMED_ENTITY, flags, 9, 1);
        c.bits(&KEY_FLAGS_IPSEC, flags, 7, 1);
        c.bits(&KEY_FLAGS_MIME, flags, 6, 1);
        c.bits(&KEY_FLAGS_SIGNATORY, flags, 0, 0xf);
    }
    c.u8(&KEY_PROTOCOL)?;
    let algorithm = c.u8(&KEY_ALGORITHM)?;
    if let Some(tag) = key_tag(whole, algorithm) {
        c.say(&KEY_KEY_ID, Value::Number(tag.into()));
    }
    if c.is_empty() { Ok(()) } else { rest(c, &KEY_PUBLIC_KEY) }
}

/// The key tag over a key's data (RFC 4034, appendix B).
fn key_tag(data: &[u8], algorithm: u8) -> Option<u16> {
    const RSA_MD5: u8 = 1;
    if algorithm == RSA_MD5 {
        let [.., high, low, _] = data else { return None };
        return Some(u16::from_be_bytes([*high, *low]));
    }
    let words = data.chunks(2).map(|pair| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(*high) << 8,
        _ => 0,
    });
    let sum = words.fold(0_u32, u32::wrapping_add);
    Some(sum.wrapping_add(sum >> 16) as u16)
}

/// DS (RFC 4034, section 5.1), CDS and DLV.
pub(super) fn delegation_signer(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&DS_KEY_ID)?;
    c.u8(&DS_ALGORITHM)?;
    c.u8(&DS_DIGEST_TYPE)?;
    rest(c, &DS_DIGEST)
}

/// NSEC (RFC 4034, section 4.1).
pub(super) fn next_secure(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    m.name(c, &NSEC_NEXT_DOMAIN_NAME)?;
    type_bitmap(c)
}

/// NXT (RFC 2535, section 5.2): a bitmap without blocks.
pub(super) fn next(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    m.name(c, &NXT_NEXT_DOMAIN_NAME)?;
    bits(c, 0, c.remaining())
}

/// NSEC3 (RFC 5155, section 3.2).
pub(super) fn next_secure_hashed(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let _ = m;
    hash_head(c)?;
    let n = c.u8(&NSEC3_HASH_LENGTH)?;
    let hash = c.pass(n.into())?;
    if n > 0 && c.listens() {
        c.part(&NSEC3_HASH_VALUE, Value::Text(base32hex(hash).into()));
    }
    type_bitmap(c)
}

/// NSEC3PARAM (RFC 5155, section 4.2).
pub(super) fn hash_parameters(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&NSEC3_ALGO)?;
    c.u8(&NSEC3_FLAGS)?;
    hash_salt(c)
}

fn hash_head(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&NSEC3_ALGO)?;
    let flags = c.u8(&NSEC3_FLAGS)?;
    c.bits(&NSEC3_FLAGS_OPT_OUT, flags, 0, 1);
    hash_salt(c)
}

fn hash_salt(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&NSEC3_ITERATIONS)?;
    let n = c.u8(&NSEC3_SALT_LENGTH)?;
    c.bytes(&NSEC3_SALT_VALUE, n.into()).map(drop)
}

/// Base 32 with the extended hex alphabet, without padding (RFC 4648, section 7).
fn base32hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    let mut digit = |value: u32| out.extend(char::from_digit(value & 0x1f, 32));
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held & 0x1f) << 8 | u32::from(*byte);
        bits = bits.saturating_add(8);
        while bits >= 5 {
            bits = bits.saturating_sub(5);
            digit(held >> bits);
        }
    }
    if bits > 0 {
        digit(held << 5_u32.saturating_sub(bits));
    }
    out
}

/// CSYNC (RFC 7477, section 2.1).
pub(super) fn child_to_parent(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u32(&CSYNC_SOA)?;
    let flags = c.u16(&CSYNC_FLAGS)?;
    c.bits(&CSYNC_FLAGS_IMMEDIATE, flags, 0, 1);
    c.bits(&CSYNC_FLAGS_SOAMINIMUM, flags, 1, 1);
    let (start, end) = (c.offset(), c.offset().saturating_add(c.remaining() as u32));
    c.note(&CSYNC_TYPE_BITMAP, Value::Span, start, end);
    type_bitmap(c)
}

/// ZONEMD (RFC 8976, section 2.2).
pub(super) fn zone_digest(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u32(&ZONEMD_SERIAL)?;
    c.u8(&ZONEMD_SCHEME)?;
    c.u8(&ZONEMD_HASH_ALGO)?;
    rest(c, &ZONEMD_DIGEST)
}

/// Which types exist (RFC 4034, section 4.1.2): blocks of 256 types, each with as many octets as it needs.
fn type_bitmap(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        let [block, length] = *c.pass(2)? else { break };
        bits(c, u16::from(block) << 8, length.into())?;
    }
    Ok(())
}

/// The types of `n` octets of bits, the first of which stands for type `base`.
fn bits(c: &mut Cursor<'_>, base: u16, n: usize) -> Result<(), Stop> {
    for octet in 0..n {
        let [bits] = *c.pass(1)? else { break };
        for bit in (0..8_u16).filter(|bit| bits & (0x80 >> bit) != 0) {
            let kind = base.wrapping_add((octet as u16).wrapping_mul(8)).wrapping_add(bit);
            c.part(&RESP_TYPE, Value::Number(kind.into()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_in_base_32() {
        assert_eq!(base32hex(b""), "");
        assert_eq!(base32hex(b"f"), "co");
        assert_eq!(base32hex(b"fooba"), "cpnmuoj1");
        assert_eq!(base32hex(b"foobar"), "cpnmuoj1e8");
    }

    /// RFC 4034, appendix B: words add up, the carry is added once; of RSA/MD5 it is a part of the key.
    #[test]
    fn key_tags_add_up() {
        assert_eq!(key_tag(&[1, 0, 3, 5], 5), Some(0x0405));
        assert_eq!(key_tag(&[1, 0, 3, 5, 0xff], 5), Some(0x0306));
        assert_eq!(key_tag(&[1, 0, 3, 1, 9, 8, 7], 1), Some(0x0908));
    }
}
