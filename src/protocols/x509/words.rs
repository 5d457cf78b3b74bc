//! A certificate in words: what its identifiers stand for.


use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

/// The most that is told of a name.
const LONGEST: usize = 512;

/// As `CN=shop.example, O=The Tea Shop` (RFC 4514, in the order in which it stands).
pub(super) fn name(name: &X509Name<'_>) -> Vec<u8> {
    let mut words = Vec::new();
    for attribute in name.iter_attributes() {
        let id = attribute.attr_type().to_id_string();
        let value = attribute.attr_value().data;
        if words.len().saturating_add(value.len()) > LONGEST {
            break;
        }
        if !words.is_empty() {
            words.extend_from_slice(b", ");
        }
        words.extend_from_slice(attribute_name(&id).unwrap_or(&id).as_bytes());
        words.push(b'=');
        words.extend_from_slice(value);
    }
    words
}

/// Short names of attributes (RFC 4514, section 3).
fn attribute_name(id: &str) -> Option<&'static str> {
    Some(match id {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        _ => return None,
    })
}

/// As `RSA 2048 bits`.
pub(super) fn key(key: &SubjectPublicKeyInfo<'_>) -> String {
    let algorithm = key.algorithm.algorithm.to_id_string();
    let kind = match algorithm.as_str() {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.10045.2.1" => {
            let parameters = key.algorithm.parameters.as_ref();
            let curve = parameters.and_then(|curve| curve.as_oid().ok()).map(|curve| curve.to_id_string());
            return match curve.as_deref() {
                Some("1.2.840.10045.3.1.7") => "ECDSA P-256".to_owned(),
                Some("1.3.132.0.34") => "ECDSA P-384".to_owned(),
                Some("1.3.132.0.35") => "ECDSA P-521".to_owned(),
                Some(other) => format!("ECDSA, curve {other}"),
                None => "ECDSA".to_owned(),
            };
        }
        "1.3.101.112" => return "Ed25519".to_owned(),
        "1.3.101.113" => return "Ed448".to_owned(),
        "2.16.840.1.101.3.4.3.17" => return "ML-DSA-44".to_owned(),
        "2.16.840.1.101.3.4.3.18" => return "ML-DSA-65".to_owned(),
        "2.16.840.1.101.3.4.3.19" => return "ML-DSA-87".to_owned(),
        other => other,
    };
    let bits = match key.parsed() {
        Ok(PublicKey::RSA(key)) => bits(key.modulus),
        Ok(PublicKey::DSA(_)) => {
            // The size is that of p, the first parameter; the key itself may be a little shorter.
            return kind.to_owned();
        }
        _ => 0,
    };
    if bits == 0 { kind.to_owned() } else { format!("{kind} {bits} bits") }
}

/// Bits of a number without its leading zeros.
fn bits(number: &[u8]) -> usize {
    let Some(first) = number.iter().position(|byte| *byte != 0) else { return 0 };
    let bytes = number.len().saturating_sub(first);
    let zeros = number.get(first).map_or(0, |byte| byte.leading_zeros() as usize);
    bytes.saturating_mul(8).saturating_sub(zeros)
}

/// Signature algorithms (RFC 3279, RFC 4055, RFC 5758, RFC 8410).
pub(super) fn signature(id: &str) -> Option<&'static str> {
    Some(match id {
        "1.2.840.113549.1.1.4" => "RSA with MD5",
        "1.2.840.113549.1.1.5" => "RSA with SHA-1",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "RSA with SHA-256",
        "1.2.840.113549.1.1.12" => "RSA with SHA-384",
        "1.2.840.113549.1.1.13" => "RSA with SHA-512",
        "1.2.840.10040.4.3" => "DSA with SHA-1",
        "1.2.840.10045.4.1" => "ECDSA with SHA-1",
        "1.2.840.10045.4.3.2" => "ECDSA with SHA-256",
        "1.2.840.10045.4.3.3" => "ECDSA with SHA-384",
        "1.2.840.10045.4.3.4" => "ECDSA with SHA-512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => return None,
    })
}

/// As `2026-11-22 08:26:00 (UTC)`.
pub(super) fn time(time: ASN1Time) -> String {
    let time = jiff::Timestamp::from_second(time.timestamp()).unwrap_or_default();
    time.strftime("%Y-%m-%d %H:%M:%S (UTC)").to_string()
}
