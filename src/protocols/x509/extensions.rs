//! Extensions of certificates (RFC 5280, section 4.2).

use x509_parser::asn1_rs::{Any, FromDer, Oid};
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension, X509Extension};

use super::fields as f;
use super::{Notes, names, oid};
use crate::bytes::{Field, Value};

/// Notes one extension.
pub(super) fn note(n: &mut Notes<'_, '_, '_>, extension: &X509Extension<'_>) {
    let id = extension.oid.as_bytes();
    n.note(&f::EXTENSION_ID, id, Value::Text(oid(&extension.oid)));
    if extension.critical {
        n.note(&f::CRITICAL, extension.value, Value::Number(1));
    }
    let value = extension.value;
    match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) => general(n, &names.general_names),
        ParsedExtension::IssuerAlternativeName(names) => general(n, &names.general_names),
        ParsedExtension::KeyUsage(_) => key_usage(n, value),
        ParsedExtension::ExtendedKeyUsage(_) => each_oid(n, value, &f::KEY_PURPOSE),
        ParsedExtension::BasicConstraints(constraints) => {
            if constraints.ca {
                n.note(&f::CA, value, Value::Number(1));
            }
            if let Some(length) = constraints.path_len_constraint {
                n.note(&f::PATH_LENGTH, value, Value::Number(length.into()));
            }
        }
        ParsedExtension::SubjectKeyIdentifier(id) => n.span(&f::SUBJECT_KEY, id.0),
        ParsedExtension::AuthorityKeyIdentifier(authority) => {
            if let Some(id) = &authority.key_identifier {
                n.span(&f::AUTHORITY_KEY, id.0);
            }
            general(n, authority.authority_cert_issuer.as_deref().unwrap_or(&[]));
            if let Some(serial) = authority.authority_cert_serial {
                n.span(&f::AUTHORITY_SERIAL, serial);
            }
        }
        ParsedExtension::CertificatePolicies(policies) => {
            for policy in policies {
                n.note(&f::POLICY, policy.policy_id.as_bytes(), Value::Text(oid(&policy.policy_id)));
            }
        }
        ParsedExtension::CRLDistributionPoints(points) => {
            for point in &points.points {
                if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                    general(n, names);
                }
                general(n, point.crl_issuer.as_deref().unwrap_or(&[]));
            }
        }
        ParsedExtension::AuthorityInfoAccess(access) => {
            access.iter().for_each(|access| general(n, std::slice::from_ref(&access.access_location)));
        }
        ParsedExtension::SubjectInfoAccess(access) => {
            access.iter().for_each(|access| general(n, std::slice::from_ref(&access.access_location)));
        }
        ParsedExtension::NameConstraints(constraints) => {
            let both = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
            let subtrees = both.into_iter().flatten().flatten();
            subtrees.for_each(|subtree| general(n, std::slice::from_ref(&subtree.base)));
        }
        // Application policies, in the form of the others (Microsoft).
        _ if extension.oid.to_id_string() == "1.3.6.1.4.1.311.21.10" => policies(n, value),
        _ => {}
    }
}

/// A SEQUENCE of policies, each of which begins with its identifier.
fn policies(n: &mut Notes<'_, '_, '_>, value: &[u8]) {
    let Ok((_, sequence)) = Any::from_der(value) else { return };
    let mut rest = sequence.data;
    while let Ok((behind, policy)) = Any::from_der(rest) {
        if let Ok((_, id)) = Oid::from_der(policy.data) {
            n.note(&f::POLICY, id.as_bytes(), Value::Text(oid(&id)));
        }
        rest = behind;
    }
}

fn general(n: &mut Notes<'_, '_, '_>, general_names: &[GeneralName<'_>]) {
    for name in general_names {
        match name {
            GeneralName::DNSName(name) => n.span(&f::DNS_NAME, name.as_bytes()),
            GeneralName::RFC822Name(name) => n.span(&f::MAIL_NAME, name.as_bytes()),
            GeneralName::URI(name) => n.span(&f::URI, name.as_bytes()),
            GeneralName::DirectoryName(name) => names(n, name),
            // In constraints an address is followed by its mask.
            GeneralName::IPAddress(address) => {
                if let Ok(v4) = <[u8; 4]>::try_from(*address) {
                    n.note(&f::IPV4, address, Value::Ipv4(v4));
                } else if let Ok(v6) = <[u8; 16]>::try_from(*address) {
                    n.note(&f::IPV6, address, Value::Ipv6(v6));
                }
            }
            _ => {}
        }
    }
}

/// A BIT STRING of up to nine bits, the first one uppermost.
fn key_usage(n: &mut Notes<'_, '_, '_>, value: &[u8]) {
    let [_tag, _length, _unused, bits @ ..] = value else { return };
    n.span(&f::KEY_USAGE, bits);
    let flags = [
        &f::DIGITAL_SIGNATURE,
        &f::CONTENT_COMMITMENT,
        &f::KEY_ENCIPHERMENT,
        &f::DATA_ENCIPHERMENT,
        &f::KEY_AGREEMENT,
        &f::KEY_CERT_SIGN,
        &f::CRL_SIGN,
        &f::ENCIPHER_ONLY,
        &f::DECIPHER_ONLY,
    ];
    let byte = |at: usize| bits.get(at).copied().map_or(0, u16::from);
    let word = byte(0) << 8 | byte(1);
    for (place, flag) in (0u32..).zip(flags) {
        n.note(flag, bits, Value::Number(u64::from(word >> 15u32.saturating_sub(place) & 1)));
    }
}

/// A SEQUENCE of object identifiers, in its order.
fn each_oid(n: &mut Notes<'_, '_, '_>, value: &[u8], field: &'static Field) {
    let Ok((_, sequence)) = Any::from_der(value) else { return };
    let mut rest = sequence.data;
    while let Ok((behind, id)) = Oid::from_der(rest) {
        n.note(field, id.as_bytes(), Value::Text(oid(&id)));
        rest = behind;
    }
}
