//! OCSP over HTTP (RFC 6960): whoever asks whether a certificate still holds tells everybody on the way which one, and
//! so which site. What servers staple to TLS is read in [`super::x509`].
//!
//! ```text
//! request:  SEQUENCE { SEQUENCE { [0] version, [1] name, SEQUENCE OF { certificate, ... }, [2] extensions }, ... }
//! response: SEQUENCE { status, [0] { SEQUENCE { type, OCTET STRING { SEQUENCE { SEQUENCE { responder, time,
//!               SEQUENCE OF { certificate, [0] good, [1] revoked or [2] unknown, times }, ... }, ... } } } } }
//! certificate: SEQUENCE { hash algorithm, hash of issuer's name, hash of issuer's key, serial number }
//! ```

use x509_parser::asn1_rs::FromDer;
use x509_parser::time::ASN1Time;

use super::{Protocol, Read, base64, ber, heading, x509};
use crate::bytes::{Class, Cursor, Field, Findings, Stop, Value, hexadecimal};
use crate::fields;

/// The Online Certificate Status Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ocsp", "Online Certificate Status Protocol", Class::Content, "RFC 6960"),
    fields: FIELDS,
    under: &[],
    read: Read::Noted,
};

fields! { class Content, "RFC 6960, section 4.1.1";
    NAME_HASH: Bytes "ocsp.issuerNameHash" "issuerNameHash";
    KEY_HASH: Bytes "ocsp.issuerKeyHash" "issuerKeyHash";
    SERIAL: Bytes "ocsp.serialNumber" "serialNumber";
    STATUS: Number "ocsp.responseStatus" "responseStatus", "RFC 6960, section 4.2.1", names response_status;
    TYPE: Oid "ocsp.responseType.id" "ResponseType Id", "RFC 6960, section 4.2.1";
    KEY: Bytes "ocsp.byKey" "byKey", "RFC 6960, section 4.2.1";
    PRODUCED: Date "ocsp.producedAt" "producedAt", "RFC 6960, section 4.2.2.1";
    CERTIFICATE_STATUS: Number "ocsp.certStatus" "certStatus", "RFC 6960, section 4.2.1", names certificate_status;
    REVOKED: Date "ocsp.revocationTime" "revocationTime", "RFC 6960, section 4.2.1";
    THIS_UPDATE: Date "ocsp.thisUpdate" "thisUpdate", "RFC 6960, section 4.2.2.1";
    NEXT_UPDATE: Date "ocsp.nextUpdate" "nextUpdate", "RFC 6960, section 4.2.2.1";
}

const ENUMERATED: u8 = 0x0a;
/// Tags of a place in a structure: `[n]`, with others inside.
const FIRST: u8 = 0xa0;
const SECOND: u8 = 0xa1;
const THIRD: u8 = 0xa2;

fn response_status(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "successful",
        1 => "malformed request",
        2 => "internal error",
        3 => "try later",
        5 => "signature required",
        6 => "unauthorized",
        _ => return None,
    })
}

fn certificate_status(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "good",
        1 => "revoked",
        2 => "unknown",
        _ => return None,
    })
}

/// Reads a request: what is left of the window.
pub(super) fn request(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.group(&PROTOCOL.heading, |c| {
        ber::within(c, ber::SEQUENCE, |c| {
            ber::within(c, ber::SEQUENCE, |c| {
                skip(c, &[FIRST, SECOND])?;
                ber::within(c, ber::SEQUENCE, |c| {
                    // Each turn passes an element or stops.
                    while !c.is_empty() {
                        ber::within(c, ber::SEQUENCE, |c| {
                            certificate(c)?;
                            pass_rest(c)
                        })?;
                    }
                    Ok(())
                })?;
                pass_rest(c)
            })?;
            pass_rest(c)
        })
    })
}

/// Reads a response: what is left of the window.
pub(super) fn response(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.group(&PROTOCOL.heading, |c| {
        ber::within(c, ber::SEQUENCE, |c| {
            let status = ber::within(c, ENUMERATED, |c| c.number(&STATUS, c.remaining()))?;
            if status != 0 {
                c.subject(response_status(status).unwrap_or("refused"));
            }
            if c.is_empty() {
                return Ok(());
            }
            ber::within(c, FIRST, |c| {
                ber::within(c, ber::SEQUENCE, |c| {
                    ber::identifier(c, &TYPE)?;
                    ber::within(c, ber::OCTET_STRING, |c| ber::within(c, ber::SEQUENCE, basic))
                })
            })
        })
    })
}

/// What is signed, and who signed it.
fn basic(c: &mut Cursor<'_>) -> Result<(), Stop> {
    ber::within(c, ber::SEQUENCE, |c| {
        skip(c, &[FIRST])?;
        ber::enter(c, |c, tag| match tag {
            SECOND => x509::name(c),
            THIRD => ber::octets(c, &KEY).map(drop),
            _ => pass_rest(c),
        })?;
        time(c, &PRODUCED)?;
        ber::within(c, ber::SEQUENCE, |c| {
            while !c.is_empty() {
                ber::within(c, ber::SEQUENCE, single)?;
            }
            Ok(())
        })?;
        pass_rest(c)
    })?;
    algorithm(c)?;
    ber::enter(c, |c, _| pass_rest(c))?;
    if c.is_empty() {
        return Ok(());
    }
    ber::within(c, FIRST, |c| {
        ber::within(c, ber::SEQUENCE, |c| {
            while let Some(head) = ber::head(c.rest()) {
                let whole = head.size.saturating_add(head.length);
                c.inside(whole, |c| x509::read(c, false, pass_rest))?;
            }
            pass_rest(c)
        })
    })
}

/// What is said of one certificate.
fn single(c: &mut Cursor<'_>) -> Result<(), Stop> {
    certificate(c)?;
    let kind = ber::enter(c, |c, tag| {
        // Good and unknown are empty; revoked says since when.
        let kind = tag & 0x1f;
        c.part(&CERTIFICATE_STATUS, Value::Number(kind.into()));
        if kind == 1 {
            time(c, &REVOKED)?;
        }
        pass_rest(c)?;
        Ok(kind)
    })?;
    c.subject(certificate_status(kind.into()).unwrap_or("a status that is none"));
    time(c, &THIS_UPDATE)?;
    if ber::head(c.rest()).is_some_and(|head| head.tag == FIRST) {
        ber::within(c, FIRST, |c| time(c, &NEXT_UPDATE))?;
    }
    pass_rest(c)
}

/// Which certificate is meant.
fn certificate(c: &mut Cursor<'_>) -> Result<(), Stop> {
    ber::within(c, ber::SEQUENCE, |c| {
        algorithm(c)?;
        ber::octets(c, &NAME_HASH)?;
        ber::octets(c, &KEY_HASH)?;
        let whole = ber::value(c.rest(), ber::INTEGER).is_some();
        ber::within(c, ber::INTEGER, |c| {
            let serial = hexadecimal(c.bytes(&SERIAL, c.remaining())?, "");
            if whole {
                c.fact(&SERIAL, serial.as_bytes());
                c.subject(&serial);
            }
            Ok(())
        })
    })
}

fn algorithm(c: &mut Cursor<'_>) -> Result<(), Stop> {
    ber::within(c, ber::SEQUENCE, |c| {
        ber::identifier(c, &x509::fields::ALGORITHM)?;
        pass_rest(c)
    })
}

fn time(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let time = ASN1Time::from_der(c.rest()).ok().map(|(_, time)| time.timestamp().saturating_mul(1_000_000_000));
    ber::enter(c, |c, _| {
        pass_rest(c)?;
        if let Some(time) = time {
            c.part(field, Value::Signed(time));
        }
        Ok(())
    })
}

/// Passes the elements with these tags, if they are there.
fn skip(c: &mut Cursor<'_>, tags: &[u8]) -> Result<(), Stop> {
    for tag in tags {
        if ber::head(c.rest()).is_some_and(|head| head.tag == *tag) {
            ber::enter(c, |c, _| pass_rest(c))?;
        }
    }
    Ok(())
}

fn pass_rest(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.pass(c.remaining()).map(drop)
}

/// The serial numbers in the path of a GET: the request in base64, which is escaped as paths are (RFC 6960, section A.1).
pub(super) fn in_path(target: &[u8]) -> Vec<Box<[u8]>> {
    /// A request begins with a SEQUENCE, whose tag makes this letter, and has two hashes of at least 20 octets.
    const LEAST: usize = 64;
    let begin = target.windows(2).rposition(|two| two == b"/M").map_or(target.len(), |slash| slash.saturating_add(1));
    let text = target.get(begin..).filter(|text| text.len() >= LEAST).unwrap_or(&[]);
    let Some(request) = base64::decode(&unescaped(text)) else { return Vec::new() };
    let mut findings = Findings::counting();
    let read = self::request(&mut Cursor::new(&request, 0, 0, &mut findings, None));
    // What is no request to its end is none.
    if read.is_err() { Vec::new() } else { findings.facts.into_iter().map(|fact| fact.value.into_vec().into_boxed_slice()).collect() }
}

/// `%2B` as `+` (RFC 3986, section 2.1).
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, behind @ ..] = rest {
        let escaped = match (byte, behind) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let text = std::str::from_utf8(&digits).ok();
                text.and_then(|text| u8::from_str_radix(text, 16).ok()).map(|byte| (byte, after))
            }
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*byte, behind));
        plain.push(byte);
        rest = after;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Tree;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        [&[tag, u8::try_from(value.len()).unwrap()], &value[..]].concat()
    }

    fn certificate_id() -> Vec<u8> {
        let algorithm = der(0x30, &[&[6, 5, 0x2b, 14, 3, 2, 26], &[5, 0]]);
        der(0x30, &[&algorithm, &der(4, &[&[7; 20]]), &der(4, &[&[8; 20]]), &[2, 3, 1, 2, 3]])
    }

    fn whole_request() -> Vec<u8> {
        der(0x30, &[&der(0x30, &[&der(0x30, &[&der(0x30, &[&certificate_id()])])])])
    }

    fn read(bytes: &[u8], read: fn(&mut Cursor<'_>) -> Result<(), Stop>) -> (bool, Findings, Tree) {
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
        let done = read(&mut c).is_ok() && c.is_empty();
        (done, findings, tree)
    }

    #[test]
    fn a_request_says_which_certificate() {
        let request_bytes = whole_request();
        for cut in 0..=request_bytes.len() {
            let (done, findings, _) = read(&request_bytes[..cut], request);
            assert_eq!(done, cut == request_bytes.len(), "cut at {cut}");
            let told = findings.facts.first().map(|fact| &*fact.value);
            assert_eq!(told, (cut == request_bytes.len()).then_some(&b"010203"[..]));
        }
    }

    #[test]
    fn an_answer_says_whether_it_holds() {
        let time = der(0x18, &[b"20261122083146Z"]);
        let one = der(0x30, &[&certificate_id(), &der(0xa1, &[&time]), &time, &der(0xa0, &[&time])]);
        let signed = der(0x30, &[&der(0xa2, &[&der(4, &[&[9; 20]])]), &time, &[0x30, 0x81, one.len() as u8], &one]);
        // Longer than 127 octets: the long form.
        let long = |tag: u8, value: &[u8]| [&[tag, 0x81, u8::try_from(value.len()).unwrap()], value].concat();
        let signed = long(0x30, &signed[2..]);
        let basic = long(0x30, &[&signed[..], &der(0x30, &[&[6, 1, 0x2a]]), &[3, 1, 0]].concat());
        let bytes = long(0x30, &[&[6, 1, 0x2b], &long(4, &basic)[..]].concat());
        let response_bytes = long(0x30, &[&[10, 1, 0], &long(0xa0, &bytes)[..]].concat());
        let (done, findings, tree) = read(&response_bytes, response);
        assert!(done);
        assert_eq!(findings.subject, "010203 revoked");
        let cell = |field: &'static Field| tree.nodes().iter().find(|node| node.field == field).map(|node| tree.cell(node, &response_bytes));
        assert_eq!(cell(&REVOKED).as_deref(), Some("Nov 22, 2026 08:31:46.000000000 UTC"));
        assert_eq!(cell(&CERTIFICATE_STATUS).as_deref(), Some("1"));
        let (done, findings, _) = read(&der(0x30, &[&[10, 1, 6]]), response);
        assert_eq!((done, findings.subject.as_str()), (true, "unauthorized"));
    }

    #[test]
    fn a_request_may_stand_in_a_path() {
        use ::base64::Engine as _;
        let text = ::base64::engine::general_purpose::STANDARD.encode(whole_request()).replace('+', "%2B").replace('=', "%3d");
        let told = in_path(format!("/ocsp/{text}").as_bytes());
        assert_eq!(told, [Box::from(&b"010203"[..])]);
        assert!(in_path(b"/Mail").is_empty());
        assert!(in_path(&[&b"/M"[..], &[b'a'; 100]].concat()).is_empty());
    }
}
