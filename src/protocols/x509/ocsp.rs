//! OCSP responses (RFC 6960, section 4.2.1), as servers staple them: who answers, and with which certificates.
//!
//! ```text
//! SEQUENCE { status, [0] { SEQUENCE { type, OCTET STRING {
//!     SEQUENCE { SEQUENCE { [0] version, [1] name or [2] key of the responder, ... },
//!                algorithm, signature, [0] { certificates } } } } } }
//! ```

use x509_parser::asn1_rs::{Any, FromDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::X509Name;

use super::{Notes, extensions, head, names, tail};
use crate::bytes::{Cursor, Stop};

/// Certificates that a response may bring: the responder's own, and a chain.
const MOST_CERTIFICATES: usize = 8;

/// Reads a response: what is left of the window.
pub(in crate::protocols) fn response(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.listens() {
        let (whole, base) = (c.rest(), c.offset());
        // What does not have this shape stays whole, under the field of whoever carries it.
        let _ = note(&mut Notes { c, whole, base });
    }
    c.pass(c.remaining()).map(drop)
}

fn note(n: &mut Notes<'_, '_, '_>) -> Option<()> {
    let basic = basic_response(n.whole)?;
    let (rest, to_be_signed) = Any::from_der(basic).ok()?;
    if let Some((_, name)) = responder(to_be_signed.data).and_then(|name| X509Name::from_der(name).ok()) {
        names(n, &name);
    }
    let (rest, _algorithm) = Any::from_der(rest).ok()?;
    let (rest, _signature) = Any::from_der(rest).ok()?;
    let (_, tagged) = Any::from_der(rest).ok()?;
    let (_, list) = Any::from_der(tagged.data).ok()?;
    let mut rest = list.data;
    for _ in 0..MOST_CERTIFICATES {
        let Ok((behind, certificate)) = X509Certificate::from_der(rest) else { break };
        head(n, &certificate);
        certificate.extensions().iter().for_each(|extension| extensions::note(n, extension));
        tail(n, &certificate);
        rest = behind;
    }
    Some(())
}

/// What the innermost octets hold, without the header of their SEQUENCE.
fn basic_response(whole: &[u8]) -> Option<&[u8]> {
    let (_, outer) = Any::from_der(whole).ok()?;
    let (rest, _status) = Any::from_der(outer.data).ok()?;
    let (_, tagged) = Any::from_der(rest).ok()?;
    let (_, bytes) = Any::from_der(tagged.data).ok()?;
    let (rest, _kind) = Any::from_der(bytes.data).ok()?;
    let (_, octets) = Any::from_der(rest).ok()?;
    let (_, basic) = Any::from_der(octets.data).ok()?;
    Some(basic.data)
}

/// The responder's name, if that is how it is told.
fn responder(to_be_signed: &[u8]) -> Option<&[u8]> {
    const BY_NAME: u32 = 1;
    const VERSION: u32 = 0;
    let (rest, mut first) = Any::from_der(to_be_signed).ok()?;
    if first.tag().0 == VERSION {
        first = Any::from_der(rest).ok()?.1;
    }
    (first.tag().0 == BY_NAME).then_some(first.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        [&[tag, u8::try_from(value.len()).unwrap()], &value[..]].concat()
    }

    #[test]
    fn the_responder_is_named() {
        let name = der(0x30, &[&der(0x31, &[&der(0x30, &[&[6, 3, 0x55, 4, 3], &der(0x0c, &[b"OCSP"])])])]);
        let signed = der(0x30, &[&der(0xa1, &[&name]), &[4, 0]]);
        let basic = der(0x30, &[&signed, &[0x30, 0], &[3, 1, 0]]);
        let bytes = der(0x30, &[&[6, 1, 0x2b], &der(4, &[&basic])]);
        let response = der(0x30, &[&[10, 1, 0], &der(0xa0, &[&bytes])]);
        for cut in 0..=response.len() {
            let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
            let mut c = Cursor::new(&response[..cut], 0, 0, &mut findings, Some(&mut tree));
            super::response(&mut c).unwrap();
            assert!(c.is_empty());
            let told = tree.nodes().iter().filter(|node| node.field.name == "x509sat.uTF8String").count();
            assert_eq!(told, usize::from(cut == response.len()), "cut at {cut}");
        }
    }
}
