//! The data of records that carry keys, fingerprints and signatures for others than the zone.

use super::classic::rest;
use super::dnssec::date;
use super::fields::*;
use super::Reading;
use crate::bytes::{Cursor, Stop, Value};

/// CERT (RFC 4398, section 2).
pub(super) fn certificate(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u16(&CERT_TYPE)?;
    c.u16(&CERT_KEY_TAG)?;
    c.u8(&CERT_ALGORITHM)?;
    if c.is_empty() { Ok(()) } else { rest(c, &CERT_CERTIFICATE) }
}

/// SSHFP (RFC 4255, section 3.1).
pub(super) fn ssh_fingerprint(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&SSHFP_ALGORITHM)?;
    c.u8(&SSHFP_FINGERPRINT_TYPE)?;
    if c.is_empty() { Ok(()) } else { rest(c, &SSHFP_FINGERPRINT) }
}

/// IPSECKEY (RFC 4025, section 2.1).
pub(super) fn ipsec_key(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&IPSECKEY_GATEWAY_PRECEDENCE)?;
    let gateway = c.u8(&IPSECKEY_GATEWAY_TYPE)?;
    c.u8(&IPSECKEY_GATEWAY_ALGORITHM)?;
    match gateway {
        1 => c.ipv4(&IPSECKEY_GATEWAY_IPV4).map(drop)?,
        2 => c.ipv6(&IPSECKEY_GATEWAY_IPV6).map(drop)?,
        3 => m.name(c, &IPSECKEY_GATEWAY_DNS).map(drop)?,
        _ => {}
    }
    if c.is_empty() { Ok(()) } else { rest(c, &IPSECKEY_PUBLIC_KEY) }
}

/// TLSA (RFC 6698, section 2.1), SMIMEA (RFC 8162).
pub(super) fn tls_association(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&TLSA_CERTIFICATE_USAGE)?;
    c.u8(&TLSA_SELECTOR)?;
    c.u8(&TLSA_MATCHING_TYPE)?;
    rest(c, &TLSA_CERTIFICATE_ASSOCIATION_DATA)
}

/// HIP (RFC 8005, section 5).
pub(super) fn host_identity(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let tag = c.u8(&HIP_HIT_LENGTH)?;
    c.u8(&HIP_HIT_PK_ALGO)?;
    let key = c.u16(&HIP_PK_LENGTH)?;
    c.bytes(&HIP_HIT, tag.into())?;
    c.bytes(&HIP_PK, key.into())?;
    while c.remaining() > 1 {
        m.name(c, &HIP_RENDEZVOUS_SERVER)?;
    }
    Ok(())
}

/// TKEY (RFC 2930, section 2).
pub(super) fn transaction_key(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    m.name(c, &TKEY_ALGO_NAME)?;
    date(c, &TKEY_SIGNATURE_INCEPTION, 4)?;
    date(c, &TKEY_SIGNATURE_EXPIRATION, 4)?;
    c.u16(&TKEY_MODE)?;
    c.u16(&TKEY_ERROR)?;
    let key = c.u16(&TKEY_KEY_SIZE)?;
    if key > 0 {
        c.bytes(&TKEY_KEY_DATA, key.into())?;
    }
    let other = c.u16(&TKEY_OTHER_SIZE)?;
    if other > 0 { c.bytes(&TKEY_OTHER_DATA, other.into()).map(drop) } else { Ok(()) }
}

/// TSIG (RFC 8945, section 4.2).
pub(super) fn transaction_signature(m: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    m.name(c, &TSIG_ALGORITHM_NAME)?;
    date(c, &TSIG_TIME_SIGNED, 6)?;
    c.u16(&TSIG_FUDGE)?;
    let mac = c.u16(&TSIG_MAC_SIZE)?;
    if mac > 0 {
        c.group(&TSIG_MAC, |c| c.bytes(&TSIG_MAC_BYTES, mac.into()))?;
    }
    c.u16(&TSIG_ORIGINAL_ID)?;
    c.u16(&TSIG_ERROR)?;
    let other = c.u16(&TSIG_OTHER_LEN)?;
    if other > 0 { c.bytes(&TSIG_OTHER_DATA, other.into()).map(drop) } else { Ok(()) }
}

/// CAA (RFC 8659, section 4.1).
pub(super) fn certification_authority(_: &Reading, c: &mut Cursor<'_>) -> Result<(), Stop> {
    let flags = c.u8(&CAA_FLAGS)?;
    c.bits(&CAA_FLAGS_ISSUER_CRITICAL, flags, 7, 1);
    let start = c.offset();
    let n = c.u8(&CAA_TAG_LENGTH)?;
    let tag = c.bytes(&CAA_TAG, n.into())?;
    let value = c.bytes(&CAA_VALUE, c.remaining())?;
    let property = if tag.eq_ignore_ascii_case(b"issue") {
        &CAA_ISSUE
    } else if tag.eq_ignore_ascii_case(b"issuewild") {
        &CAA_ISSUEWILD
    } else if tag.eq_ignore_ascii_case(b"iodef") {
        &CAA_IODEF
    } else {
        &CAA_UNKNOWN
    };
    if c.listens() {
        c.note(property, Value::Bytes(value.into()), start, c.offset());
    }
    Ok(())
}
