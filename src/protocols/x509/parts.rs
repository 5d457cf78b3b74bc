//! Certificates that are refused as a whole: those of their parts that can be read (RFC 5280, section 4.1). A date that
//! is none, or a number with a sign, spoils no name.

use x509_parser::asn1_rs::{Any, Class, FromDer};
use x509_parser::extensions::X509Extension;
use x509_parser::x509::X509Name;

use super::{Notes, extensions, fields as f, name_facts, names, state, words};
use crate::bytes::Cursor;

/// Parts of a certificate that are looked at; the longest has ten.
const MOST_PARTS: usize = 16;
/// Extensions that are looked at.
const MOST_EXTENSIONS: usize = 64;

/// The parts of what is signed that are known by what they are.
#[derive(Default)]
struct Parts<'w> {
    serial: Option<&'w [u8]>,
    issuer: Option<X509Name<'w>>,
    subject: Option<X509Name<'w>>,
    extensions: Vec<X509Extension<'w>>,
}

/// Notes the parts of the certificate `whole`, which stands at `base`, that can be read; if it is `told` names are stated.
pub(super) fn read(c: &mut Cursor<'_>, told: bool, whole: &[u8], base: u32) {
    let Some(parts) = Parts::of(whole) else { return };
    if told {
        let name = parts.subject.as_ref().and_then(|subject| name_facts(c, subject, &parts.extensions, (whole, base)));
        for (field, name) in [(&f::ISSUED_TO, &parts.subject), (&f::ISSUED_BY, &parts.issuer)] {
            if let Some(name) = name {
                state(c, (whole, base), field, &words::name(name), name.as_raw());
            }
        }
        if let Some(name) = name {
            c.subject(&String::from_utf8_lossy(name));
        }
    }
    if c.listens() {
        let mut notes = Notes { c, whole, base };
        if let Some(serial) = parts.serial {
            notes.span(&f::SERIAL, serial);
        }
        [&parts.issuer, &parts.subject].into_iter().flatten().for_each(|name| names(&mut notes, name));
        parts.extensions.iter().for_each(|extension| extensions::note(&mut notes, extension));
    }
}

impl<'w> Parts<'w> {
    fn of(whole: &'w [u8]) -> Option<Parts<'w>> {
        /// The explicit tag of the extensions.
        const EXTENSIONS: u32 = 3;
        /// The explicit tag of the version.
        const VERSION: u32 = 0;
        let (_, certificate) = Any::from_der(whole).ok()?;
        let (_, signed) = Any::from_der(certificate.data).ok()?;
        let mut elements = elements(signed.data, MOST_PARTS).peekable();
        let tagged = |any: &Any<'_>, number| any.class() == Class::ContextSpecific && any.tag().0 == number;
        elements.next_if(|(_, any)| tagged(any, VERSION));
        let mut parts = Parts { serial: elements.next().map(|(_, any)| any.data), ..Parts::default() };
        let name = |(bytes, _): (&'w [u8], Any<'w>)| X509Name::from_der(bytes).ok().map(|(_, name)| name);
        // Between them stand the algorithm and the validity.
        parts.issuer = elements.nth(1).and_then(name);
        parts.subject = elements.nth(1).and_then(name);
        let last = elements.find(|(_, any)| tagged(any, EXTENSIONS));
        if let Some((_, list)) = last.and_then(|(_, any)| Any::from_der(any.data).ok()) {
            let read = |(bytes, _): (&'w [u8], _)| X509Extension::from_der(bytes).ok().map(|(_, extension)| extension);
            parts.extensions = self::elements(list.data, MOST_EXTENSIONS).filter_map(read).collect();
        }
        Some(parts)
    }
}

/// The elements that stand side by side, each with its bytes, as far as they can be told apart.
fn elements(mut bytes: &[u8], most: usize) -> impl Iterator<Item = (&[u8], Any<'_>)> {
    std::iter::from_fn(move || {
        let (rest, any) = Any::from_der(bytes).ok()?;
        let element = bytes.get(..bytes.len().saturating_sub(rest.len()))?;
        bytes = rest;
        Some((element, any))
    })
    .take(most)
}
