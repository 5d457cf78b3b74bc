//! X.509 certificates (RFC 5280), as TLS up to 1.2 and DTLS send them in clear.
//!
//! x509-parser decodes; what it returns points into the certificate's bytes, and that is where fields are noted.
//! A certificate that it refuses as a whole is read part by part.

use x509_parser::asn1_rs::{Any, FromDer, Oid, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::{Protocol, Read, heading};
use crate::bytes::{Class, Confidence, Cursor, Field, Stop, Value, hexadecimal};

mod extensions;
pub mod fields;
mod ocsp;
mod parts;
mod words;

use fields as f;
pub(super) use ocsp::response as ocsp_response;

/// X.509 certificates.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("x509af", "X.509 certificate", Class::Metadata, "RFC 5280"),
    fields: f::FIELDS,
    under: &[],
    read: Read::Noted,
};

/// 1.3.6.1.4.1.11129.2.4.2: signed certificate timestamps (RFC 6962, section 3.3).
const TIMESTAMPS: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02];

/// Names of a certificate that are told; some are made for hundreds of sites.
const MOST_NAMES: usize = 64;

/// Reads a certificate: what is left of the window. Of the one that is `told` facts are stated; `timestamps` reads
/// the list of signed certificate timestamps.
pub(super) fn read(
    c: &mut Cursor<'_>,
    told: bool,
    timestamps: fn(&mut Cursor<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let (whole, base) = (c.rest(), c.offset());
    let Ok((_, certificate)) = X509Certificate::from_der(whole) else {
        c.remark("not a certificate that can be read as a whole");
        parts::read(c, told, whole, base);
        return c.pass(c.remaining()).map(drop);
    };
    if told {
        let name = name_facts(c, certificate.subject(), certificate.extensions(), (whole, base));
        facts(c, &certificate, (whole, base));
        if let Some(name) = name {
            c.subject(&String::from_utf8_lossy(name));
        }
    }
    if c.listens() {
        head(&mut Notes { c, whole, base }, &certificate);
    }
    for extension in certificate.extensions() {
        if c.listens() {
            extensions::note(&mut Notes { c, whole, base }, extension);
        }
        if extension.oid.as_bytes() == TIMESTAMPS
            && let Ok((_, list)) = Any::from_der(extension.value)
            && let Some(at) = place(whole, list.data).filter(|at| base.saturating_add(at.start as u32) >= c.offset())
        {
            let passed = c.offset().saturating_sub(base) as usize;
            c.pass(at.start.saturating_sub(passed))?;
            if let Err(stop) = c.inside(at.len(), timestamps) {
                c.stopped(&stop);
            }
        }
    }
    if c.listens() {
        tail(&mut Notes { c, whole, base }, &certificate);
    }
    c.pass(c.remaining()).map(drop)
}

/// Reads a distinguished name: what is left of the window.
pub(super) fn name(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.listens() {
        let (whole, base) = (c.rest(), c.offset());
        if let Ok((_, name)) = X509Name::from_der(whole) {
            names(&mut Notes { c, whole, base }, &name);
        }
    }
    c.pass(c.remaining()).map(drop)
}

/// Where `part` stands in `whole`.
fn place(whole: &[u8], part: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start.checked_add(part.len()).filter(|end| *end <= whole.len())?;
    Some(start..end)
}

/// Notes over parts of a certificate.
struct Notes<'n, 'c, 'w> {
    c: &'n mut Cursor<'c>,
    whole: &'w [u8],
    base: u32,
}

impl Notes<'_, '_, '_> {
    /// Notes a value over the bytes of `part`.
    fn note(&mut self, field: &'static Field, part: &[u8], value: Value) {
        if let Some(at) = place(self.whole, part) {
            let offset = |n: usize| self.base.saturating_add(n as u32);
            self.c.note(field, value, offset(at.start), offset(at.end));
        }
    }

    /// Notes the bytes of `part` as they stand.
    fn span(&mut self, field: &'static Field, part: &[u8]) {
        self.note(field, part, Value::Span);
    }
}

fn oid(id: &Oid<'_>) -> Box<str> {
    id.to_id_string().into()
}

/// What stands before the extensions.
fn head(n: &mut Notes<'_, '_, '_>, certificate: &X509Certificate<'_>) {
    if certificate.version().0 > 0 {
        n.note(&f::VERSION, certificate.as_raw(), Value::Number(certificate.version().0.into()));
    }
    n.span(&f::SERIAL, certificate.raw_serial());
    let algorithm = &certificate.signature.algorithm;
    n.note(&f::ALGORITHM, algorithm.as_bytes(), Value::Text(oid(algorithm)));
    names(n, certificate.issuer());
    validity(n, certificate);
    names(n, certificate.subject());
    let key = certificate.public_key();
    n.note(&f::ALGORITHM, key.algorithm.algorithm.as_bytes(), Value::Text(oid(&key.algorithm.algorithm)));
    n.span(&f::PUBLIC_KEY, &key.subject_public_key.data);
    n.note(&f::KEY, key.raw, Value::Text(words::key(key).into()));
}

/// What stands behind them.
fn tail(n: &mut Notes<'_, '_, '_>, certificate: &X509Certificate<'_>) {
    let algorithm = &certificate.signature_algorithm.algorithm;
    let id = oid(algorithm);
    if let Some(name) = words::signature(&id) {
        n.note(&f::SIGNED_WITH, algorithm.as_bytes(), Value::Text(name.into()));
    }
    n.note(&f::ALGORITHM, algorithm.as_bytes(), Value::Text(id));
    n.span(&f::SIGNATURE, &certificate.signature_value.data);
}

/// Both times; they stand right behind the issuer (RFC 5280, section 4.1).
fn validity(n: &mut Notes<'_, '_, '_>, certificate: &X509Certificate<'_>) {
    let issuer = place(n.whole, certificate.issuer().as_raw());
    let behind = issuer.and_then(|at| n.whole.get(at.end..)).unwrap_or(&[]);
    let Ok((_, both)) = Any::from_der(behind) else { return };
    let Ok((rest, before)) = Any::from_der(both.data) else { return };
    let Ok((_, after)) = Any::from_der(rest) else { return };
    let times = certificate.validity();
    for (bytes, time) in [(before.data, times.not_before), (after.data, times.not_after)] {
        if time.is_generalizedtime() {
            n.note(&f::GENERALIZED_TIME, bytes, Value::Signed(time.timestamp().saturating_mul(1_000_000_000)));
        } else {
            n.note(&f::UTC_TIME, bytes, Value::Text(words::time(time).into()));
        }
    }
}

/// A distinguished name: each attribute, and its value by its type.
fn names(n: &mut Notes<'_, '_, '_>, name: &X509Name<'_>) {
    for attribute in name.iter_attributes() {
        let id = attribute.attr_type();
        n.note(&f::ATTRIBUTE, id.as_bytes(), Value::Text(oid(id)));
        let (field, value) = attribute_value(attribute);
        n.note(field, attribute.attr_value().data, value);
    }
}

fn attribute_value(attribute: &AttributeTypeAndValue<'_>) -> (&'static Field, Value) {
    let id = attribute.attr_type().to_id_string();
    let field = match id.as_str() {
        // Also the country of a jurisdiction of incorporation.
        "2.5.4.6" | "1.3.6.1.4.1.311.60.2.1.3" => &f::COUNTRY,
        "2.5.4.5" | "2.5.4.46" => &f::ONLY_PRINTABLE,
        "1.2.840.113549.1.9.1" | "0.9.2342.19200300.100.1.25" => &f::IA5,
        _ => match attribute.attr_value().tag() {
            Tag::Utf8String => &f::UTF8,
            Tag::PrintableString => &f::PRINTABLE,
            Tag::TeletexString => &f::TELETEX,
            Tag::BmpString => {
                let units: Vec<u16> = attribute.attr_value().data.chunks_exact(2).map(two).collect();
                return (&f::BMP, Value::Text(String::from_utf16_lossy(&units).into()));
            }
            _ => &f::OTHER_VALUE,
        },
    };
    (field, Value::Span)
}

fn two(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte))
}

/// States a fact over the bytes of `part`.
fn state(c: &mut Cursor<'_>, (whole, base): (&[u8], u32), field: &'static Field, value: &[u8], part: &[u8]) {
    if let Some(at) = place(whole, part) {
        let offset = |n: usize| base.saturating_add(n as u32);
        c.fact_at(field, value, offset(at.start), offset(at.end), Confidence::Certain);
    }
}

/// What an observer learns: which names the certificate is for. Returns the first.
fn name_facts<'w>(
    c: &mut Cursor<'_>,
    subject: &X509Name<'w>,
    extensions: &[X509Extension<'w>],
    at: (&[u8], u32),
) -> Option<&'w [u8]> {
    let mut told = None;
    for name in subject.iter_common_name().take(MOST_NAMES) {
        let value = name.attr_value().data;
        state(c, at, &f::COMMON_NAME, value, value);
        told = told.or(Some(value));
    }
    for extension in extensions {
        let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else { continue };
        for name in names.general_names.iter().take(MOST_NAMES) {
            match *name {
                GeneralName::DNSName(name) => {
                    state(c, at, &f::DNS_NAME, name.as_bytes(), name.as_bytes());
                    told = told.or(Some(name.as_bytes()));
                }
                GeneralName::RFC822Name(name) => state(c, at, &f::MAIL_NAME, name.as_bytes(), name.as_bytes()),
                GeneralName::IPAddress(address) => {
                    if let Some(text) = address_text(address) {
                        state(c, at, &f::ADDRESS, text.as_bytes(), address);
                    }
                }
                _ => {}
            }
        }
    }
    told
}

/// And: for whom it is, from whom, and for how long.
fn facts(c: &mut Cursor<'_>, certificate: &X509Certificate<'_>, at: (&[u8], u32)) {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    state(c, at, &f::ISSUED_TO, &words::name(subject), subject.as_raw());
    state(c, at, &f::ISSUED_BY, &words::name(issuer), issuer.as_raw());
    let validity = certificate.validity();
    state(c, at, &f::NOT_BEFORE, words::time(validity.not_before).as_bytes(), certificate.as_raw());
    state(c, at, &f::NOT_AFTER, words::time(validity.not_after).as_bytes(), certificate.as_raw());
    let serial = hexadecimal(certificate.raw_serial(), "");
    state(c, at, &f::SERIAL, serial.as_bytes(), certificate.raw_serial());
    let key = certificate.public_key();
    state(c, at, &f::KEY, words::key(key).as_bytes(), key.raw);
}

fn address_text(address: &[u8]) -> Option<String> {
    match *address {
        [a, b, c, d] => Some(std::net::Ipv4Addr::new(a, b, c, d).to_string()),
        _ => <[u8; 16]>::try_from(address).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string()),
    }
}

#[cfg(test)]
mod tests;
