//! Signed certificate timestamps (RFC 6962, section 3.2 and 3.3): in an extension of TLS, or within a certificate.

use super::extensions::scheme;
use super::fields as f;
use super::key_exchange::opaque;
use crate::bytes::{Cursor, Stop};

/// 1.3.6.1.4.1.11129.2.4.2, as it stands in a certificate.
const EXTENSION: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02];

/// Reads a list of timestamps.
pub(super) fn list(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&f::SCTS_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            let length = c.u16(&f::SCT_LENGTH)?.into();
            c.inside(length, timestamp)?;
        }
        Ok(())
    })
}

fn timestamp(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const KEY_ID: usize = 32;
    c.u8(&f::SCT_VERSION)?;
    c.bytes(&f::SCT_LOG, KEY_ID)?;
    c.u64(&f::SCT_TIME)?;
    opaque(c, &f::SCT_EXTENSIONS_LENGTH, 2, &f::SCT_EXTENSIONS)?;
    scheme(c)?;
    opaque(c, &f::SCT_SIGNATURE_LENGTH, 2, &f::SCT_SIGNATURE)
}

/// Reads a certificate's bytes: whole, and within them the timestamps.
pub(super) fn certificate(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let heading = c.open(&f::CERTIFICATE);
    if let Some(list_at) = find(c.rest()) {
        c.pass(list_at.start)?;
        if let Err(stop) = c.inside(list_at.len(), list) {
            c.stopped(&stop);
        }
    }
    c.pass(c.remaining())?;
    c.close(heading);
    Ok(())
}

/// Where the list of timestamps stands in a certificate (RFC 5280, section 4.1).
fn find(certificate: &[u8]) -> Option<std::ops::Range<usize>> {
    const SEQUENCE: u8 = 0x30;
    const OCTETS: u8 = 0x04;
    const VERSION: u8 = 0xa0;
    const EXTENSIONS: u8 = 0xa3;
    let inner = |tag, at: std::ops::Range<usize>| element(certificate, at).filter(|e| e.tag == tag).map(|e| e.value);
    let mut to_be_signed = inner(SEQUENCE, inner(SEQUENCE, 0..certificate.len())?)?;
    let extensions = loop {
        let field = element(certificate, to_be_signed.clone())?;
        match field.tag {
            EXTENSIONS => break inner(SEQUENCE, field.value)?,
            // Serial number, issuer and so on; each moves the walk on, so it ends.
            VERSION | 0x02 | SEQUENCE | 0x81 | 0x82 => to_be_signed.start = field.value.end,
            _ => return None,
        }
    };
    let mut rest = extensions;
    while !rest.is_empty() {
        let extension = element(certificate, rest.clone())?;
        rest.start = extension.value.end;
        let id = element(certificate, extension.value.clone())?;
        if certificate.get(id.value.clone())? == EXTENSION {
            let mut value = element(certificate, id.value.end..extension.value.end)?;
            if value.tag != OCTETS {
                // It is marked critical.
                value = element(certificate, value.value.end..extension.value.end)?;
            }
            return inner(OCTETS, value.value);
        }
    }
    None
}

/// An element of DER: its tag, and where its value stands.
struct Element {
    tag: u8,
    value: std::ops::Range<usize>,
}

/// The element at the start of `within`; it ends there too.
fn element(bytes: &[u8], within: std::ops::Range<usize>) -> Option<Element> {
    let rest = bytes.get(within.clone())?;
    let (tag, first) = (*rest.first()?, *rest.get(1)?);
    let (length, header) = match first {
        0..=0x7f => (usize::from(first), 2),
        // At most four bytes of length: more cannot be in a handshake message.
        0x81..=0x84 => {
            let header = usize::from(first & 0x7f).checked_add(2)?;
            (rest.get(2..header)?.iter().fold(0usize, |n, byte| n << 8 | usize::from(*byte)), header)
        }
        _ => return None,
    };
    let start = within.start.checked_add(header)?;
    let end = start.checked_add(length).filter(|end| *end <= within.end)?;
    Some(Element { tag, value: start..end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        [&[tag, u8::try_from(value.len()).expect("short")], value.as_slice()].concat()
    }

    #[test]
    fn timestamps_are_found_among_the_extensions() {
        let list = [0, 3, 0, 1, 9];
        let wanted = der(0x30, &[&der(6, &[EXTENSION]), &der(4, &[&der(4, &[&list])])]);
        let other = der(0x30, &[&der(6, &[&[0x55, 0x1d, 0x0f]]), &[1, 1, 0xff], &der(4, &[&[3, 2, 5, 0xa0]])]);
        let extensions = der(0xa3, &[&der(0x30, &[&other, &wanted])]);
        let body = der(0x30, &[&der(0xa0, &[&[2, 1, 2]]), &[2, 1, 7], &der(0x30, &[]), &extensions]);
        let certificate = der(0x30, &[&body]);
        let at = find(&certificate).expect("found");
        assert_eq!(certificate.get(at), Some(&list[..]));
        for cut in 0..certificate.len() {
            assert_eq!(find(certificate.get(..cut).unwrap_or(&[])), None, "cut at {cut}");
        }
    }
}
