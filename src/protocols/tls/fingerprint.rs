//! Fingerprints of hellos: JA3 and JA3S (Salesforce, BSD-3-Clause), JA4 (FoxIO, BSD-3-Clause; docs/fingerprints.md).
//!
//! A fingerprint is a list of what a program offers, made short by a digest. It is computed when somebody asks, from
//! the body of a hello, and taken apart: for each part the bytes that made it.
//!
//! ```text
//! JA3   version,suites,extensions,groups,point formats          MD5; in the order sent
//! JA3S  version,suite,extensions                                MD5
//! JA4   t13d1516h2_8daaf6152771_e5627efa2ab1                    a_b_c: in clear, suites, extensions; sorted
//! ```

use std::fmt::Write as _;
use std::ops::Range;

use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::hello;
use super::names::is_grease;
use crate::bytes::hexadecimal;

/// What carries a hello: the first letter of a JA4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Records over TCP.
    Tcp,
    /// QUIC.
    Quic,
    /// DTLS.
    Datagrams,
}

/// A part of a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub what: &'static str,
    /// As it stands in the fingerprint (before the digest).
    pub text: String,
    /// The bytes that made it, as offsets within the hello's body.
    pub bytes: Vec<Range<u32>>,
}

/// A fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The fingerprint itself.
    pub value: String,
    /// What it is the digest of.
    pub full: String,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// The fingerprints of a client's hello.
#[derive(Clone, Debug)]
pub struct OfClient {
    /// JA3.
    pub ja3: Fingerprint,
    /// JA4; `full` is what its authors call `JA4_r`.
    pub ja4: Fingerprint,
}

/// A number of two octets, and where it stands.
type Numbered = (u16, Range<u32>);

/// What of a hello fingerprints look at.
#[derive(Default)]
struct Hello<'a> {
    version: Numbered,
    suites: Vec<Numbered>,
    extensions: Vec<Numbered>,
    groups: Vec<Numbered>,
    formats: Vec<(u8, Range<u32>)>,
    versions: Vec<Numbered>,
    schemes: Vec<Numbered>,
    /// The first application protocol.
    protocol: Option<(&'a [u8], Range<u32>)>,
}

/// The fingerprints of a client's hello, from its body: what stands behind type and length. `None` if it is not whole.
pub fn of_client(body: &[u8], carrier: Carrier) -> Option<OfClient> {
    let mut hello = Hello::default();
    let mut walk = Walk { rest: body, at: 0 };
    hello.version = walk.number()?;
    walk.skip(RANDOM)?;
    walk.short_vector()?;
    if carrier == Carrier::Datagrams {
        walk.short_vector()?;
    }
    hello.suites = walk.vector()?.numbers();
    walk.short_vector()?;
    hello.extensions(&mut walk)?;
    Some(OfClient { ja3: hello.ja3(), ja4: hello.ja4(carrier) })
}

/// JA3S of a server's hello, from its body. `None` if it is not whole, or sends the client back.
pub fn of_server(body: &[u8]) -> Option<Fingerprint> {
    let mut walk = Walk { rest: body, at: 0 };
    let mut hello = Hello { version: walk.number()?, ..Hello::default() };
    walk.skip(RANDOM)?;
    // Drafts of TLS 1.3 had no session id and no compression.
    let is_draft = matches!(hello.version.0, 0x7f00..=0x7f15);
    if !is_draft {
        walk.short_vector()?;
    }
    hello.suites.push(walk.number()?);
    if !is_draft {
        walk.skip(1)?;
    }
    hello.extensions(&mut walk)?;
    let parts = vec![
        Part { what: "version", text: hello.version.0.to_string(), bytes: vec![hello.version.1.clone()] },
        decimal("cipher suite", &hello.suites),
        decimal("extensions", &hello.extensions),
    ];
    Some(digested(parts))
}

/// Whether a server's hello sends the client back for another one (RFC 8446, section 4.1.4).
pub fn is_retry(body: &[u8]) -> bool {
    body.get(2..).is_some_and(|random| random.starts_with(&hello::RETRY))
}

const RANDOM: usize = 32;

/// JA3 and JA3S: parts joined by commas, and their MD5.
fn digested(parts: Vec<Part>) -> Fingerprint {
    let full = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(",");
    Fingerprint { value: hexadecimal(&Md5::digest(&full), ""), full, parts }
}

/// Numbers in decimal as they were sent, GREASE left out.
fn decimal(what: &'static str, numbers: &[Numbered]) -> Part {
    let kept = || numbers.iter().filter(|(number, _)| !is_grease(*number));
    let text: Vec<String> = kept().map(|(number, _)| number.to_string()).collect();
    Part { what, text: text.join("-"), bytes: joined(kept().map(|(_, place)| place.clone())) }
}

/// Numbers in hexadecimal, GREASE left out, sorted if that is wanted.
fn hexadecimals<'n>(numbers: impl Iterator<Item = &'n Numbered>, sorted: bool) -> (String, Vec<Range<u32>>) {
    let (mut texts, mut places) = (Vec::new(), Vec::new());
    for (number, place) in numbers.filter(|(number, _)| !is_grease(*number)) {
        texts.push(format!("{number:04x}"));
        places.push(place.clone());
    }
    if sorted {
        texts.sort_unstable();
    }
    (texts.join(","), joined(places.into_iter()))
}

/// Ranges that touch become one.
fn joined(ranges: impl Iterator<Item = Range<u32>>) -> Vec<Range<u32>> {
    let mut out: Vec<Range<u32>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => out.push(range),
        }
    }
    out
}

impl<'a> Hello<'a> {
    /// Reads the extensions; a hello without any is whole.
    fn extensions(&mut self, walk: &mut Walk<'a>) -> Option<()> {
        const GROUPS: u16 = 10;
        const FORMATS: u16 = 11;
        const SCHEMES: u16 = 13;
        const PROTOCOLS: u16 = 16;
        const VERSIONS: u16 = 43;
        if walk.rest.is_empty() {
            return Some(());
        }
        let mut all = walk.vector()?;
        while !all.rest.is_empty() {
            let kind = all.number()?;
            let mut body = all.vector()?;
            // What is wrong within an extension costs only itself.
            match kind.0 {
                GROUPS => self.groups = body.vector().map(Walk::numbers).unwrap_or_default(),
                FORMATS => self.formats = body.short_vector().map(Walk::octets).unwrap_or_default(),
                SCHEMES => self.schemes = body.vector().map(Walk::numbers).unwrap_or_default(),
                VERSIONS => self.versions = body.short_vector().map(Walk::numbers).unwrap_or_default(),
                PROTOCOLS => {
                    let first = body.vector().and_then(|mut list| list.short_vector());
                    self.protocol = first.map(|name| (name.rest, name.place()));
                }
                _ => {}
            }
            self.extensions.push(kind);
        }
        Some(())
    }

    fn ja3(&self) -> Fingerprint {
        let formats: Vec<String> = self.formats.iter().map(|(format, _)| format.to_string()).collect();
        let formats = Part {
            what: "point formats",
            text: formats.join("-"),
            bytes: joined(self.formats.iter().map(|(_, place)| place.clone())),
        };
        let version =
            Part { what: "version", text: self.version.0.to_string(), bytes: vec![self.version.1.clone()] };
        digested(vec![
            version,
            decimal("cipher suites", &self.suites),
            decimal("extensions", &self.extensions),
            decimal("groups", &self.groups),
            formats,
        ])
    }

    fn ja4(&self, carrier: Carrier) -> Fingerprint {
        const SERVER_NAME: u16 = 0;
        const PROTOCOLS: u16 = 16;
        let mut parts = self.plain(carrier);
        let begin: String = parts.iter().map(|part| part.text.as_str()).collect();
        let (suites, suites_at) = hexadecimals(self.suites.iter(), true);
        let others = self.extensions.iter().filter(|(kind, _)| ![SERVER_NAME, PROTOCOLS].contains(kind));
        let (extensions, extensions_at) = hexadecimals(others, true);
        let (schemes, schemes_at) = hexadecimals(self.schemes.iter(), false);
        let behind = if schemes.is_empty() { String::new() } else { format!("_{schemes}") };
        // Without extensions there is nothing to digest; with only those that are left out, there is the empty list.
        let third = if extensions.is_empty() && behind.is_empty() { NOTHING.to_owned() } else { short(&format!("{extensions}{behind}")) };
        let value = format!("{begin}_{}_{third}", short(&suites));
        let full = format!("{begin}_{suites}_{extensions}{behind}");
        parts.push(Part { what: "cipher suites, sorted", text: suites, bytes: suites_at });
        parts.push(Part { what: "extensions but SNI and ALPN, sorted", text: extensions, bytes: extensions_at });
        parts.push(Part { what: "signature algorithms", text: schemes, bytes: schemes_at });
        Fingerprint { value, full, parts }
    }

    /// The first of JA4's three parts.
    fn plain(&self, carrier: Carrier) -> Vec<Part> {
        const SERVER_NAME: u16 = 0;
        let part = |what, text: String, bytes: Vec<Range<u32>>| Part { what, text, bytes };
        let letter = match carrier {
            Carrier::Tcp => "t",
            Carrier::Quic => "q",
            Carrier::Datagrams => "d",
        };
        let (version, version_at) = self.newest(carrier);
        let named = self.extensions.iter().find(|(kind, _)| *kind == SERVER_NAME);
        let count = |numbers: &[Numbered]| {
            let kept: Vec<&Numbered> = numbers.iter().filter(|(number, _)| !is_grease(*number)).collect();
            (format!("{:02}", kept.len().min(99)), joined(kept.iter().map(|(_, place)| place.clone())))
        };
        let (suites, suites_at) = count(&self.suites);
        let (extensions, extensions_at) = count(&self.extensions);
        let (name, name_at) = self.protocol.clone().unwrap_or_default();
        let name_at = if name.is_empty() { Vec::new() } else { vec![name_at] };
        vec![
            part("carrier", letter.to_owned(), Vec::new()),
            part("version", version.to_owned(), vec![version_at]),
            part(
                "a name is asked for (d) or not (i)",
                if named.is_some() { "d" } else { "i" }.to_owned(),
                named.map(|(_, place)| place.clone()).into_iter().collect(),
            ),
            part("number of cipher suites", suites, suites_at),
            part("number of extensions", extensions, extensions_at),
            part("first application protocol", ends(name), name_at),
        ]
    }

    /// The newest version that is offered: by the extension, else by the hello.
    fn newest(&self, carrier: Carrier) -> (&'static str, Range<u32>) {
        let offered = self.versions.iter().filter(|(version, _)| !is_grease(*version));
        // DTLS counts down.
        let newest = if carrier == Carrier::Datagrams {
            offered.min_by_key(|(version, _)| *version)
        } else {
            offered.max_by_key(|(version, _)| *version)
        };
        let (version, place) = newest.unwrap_or(&self.version);
        let name = match version {
            0x0304 => "13",
            0x0303 => "12",
            0x0302 => "11",
            0x0301 => "10",
            0x0300 => "s3",
            0x0002 => "s2",
            0xfeff => "d1",
            0xfefd => "d2",
            0xfefc => "d3",
            _ => "00",
        };
        (name, place.clone())
    }
}

/// Of a digest that is made of nothing.
const NOTHING: &str = "000000000000";

/// The first twelve digits of a SHA-256.
fn short(text: &str) -> String {
    const OCTETS: usize = 6;
    if text.is_empty() {
        return NOTHING.to_owned();
    }
    hexadecimal(Sha256::digest(text).get(..OCTETS).unwrap_or_default(), "")
}

/// The first and the last character of a protocol's name; of one that is no text, the first and last digit.
fn ends(name: &[u8]) -> String {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return "00".to_owned() };
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        write!(text, "{}{}", char::from(*first), char::from(*last))
    } else {
        write!(text, "{:x}{:x}", first >> 4, last & 0x0f)
    };
    text
}

/// Moves over a hello's body; it notes and claims nothing, for the hello was read before.
#[derive(Clone, Copy)]
struct Walk<'a> {
    rest: &'a [u8],
    at: u32,
}

impl<'a> Walk<'a> {
    fn skip(&mut self, n: usize) -> Option<Walk<'a>> {
        let (passed, rest) = self.rest.split_at_checked(n)?;
        let walk = Walk { rest: passed, at: self.at };
        self.rest = rest;
        self.at = self.at.saturating_add(n as u32);
        Some(walk)
    }

    fn number(&mut self) -> Option<Numbered> {
        let two = self.skip(2)?;
        let number = u16::from_be_bytes(two.rest.try_into().ok()?);
        Some((number, two.place()))
    }

    /// What stands behind its length in two octets.
    fn vector(&mut self) -> Option<Walk<'a>> {
        let (length, _) = self.number()?;
        self.skip(length.into())
    }

    /// What stands behind its length in one octet.
    fn short_vector(&mut self) -> Option<Walk<'a>> {
        let length = self.skip(1)?.rest.first().copied()?;
        self.skip(length.into())
    }

    fn place(&self) -> Range<u32> {
        self.at..self.at.saturating_add(self.rest.len() as u32)
    }

    fn numbers(mut self) -> Vec<Numbered> {
        std::iter::from_fn(|| self.number()).collect()
    }

    fn octets(mut self) -> Vec<(u8, Range<u32>)> {
        let next = || {
            let one = self.skip(1)?;
            Some((one.rest.first().copied()?, one.place()))
        };
        std::iter::from_fn(next).collect()
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // what is tested is built here
mod tests {
    use super::*;

    fn vector(width: usize, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32).to_be_bytes();
        [&length[4 - width..], body].concat()
    }

    fn numbers(all: &[u16]) -> Vec<u8> {
        all.iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    fn hello(version: u16, suites: &[u16], extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut body = numbers(&[version]);
        body.extend([7; RANDOM]);
        body.extend(vector(1, &[]));
        body.extend(vector(2, &numbers(suites)));
        body.extend(vector(1, &[0]));
        if !extensions.is_empty() {
            let all = extensions.iter().flat_map(|(kind, data)| [numbers(&[*kind]), vector(2, data)].concat());
            body.extend(vector(2, &all.collect::<Vec<u8>>()));
        }
        body
    }

    #[test]
    fn ja3_is_as_published() {
        let suites = [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];
        let groups = vector(2, &numbers(&[23, 24, 25]));
        let body = hello(769, &suites, &[(0, Vec::new()), (10, groups), (11, vector(1, &[0]))]);
        let ja3 = of_client(&body, Carrier::Tcp).unwrap().ja3;
        assert_eq!(ja3.full, "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
        assert_eq!(ja3.value, "ada70206e40642a3e4461f35503241d5");
        let ja3 = of_client(&hello(769, &[4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], &[]), Carrier::Tcp).unwrap().ja3;
        assert_eq!((&*ja3.full, &*ja3.value), ("769,4-5-10-9-100-98-3-6-19-18-99,,,", "de350869b8c85de67a350c8d186f11e6"));
    }

    /// The hello behind `t13d1516h2_8daaf6152771_e5627efa2ab1`, by its published parts; GREASE in every list.
    #[test]
    fn ja4_is_as_published_and_leaves_grease_out() {
        let suites = [
            0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
            0x009d, 0x002f, 0x0035,
        ];
        let schemes = [0x2a2a, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        let of = |kind: u16| match kind {
            13 => vector(2, &numbers(&schemes)),
            16 => vector(2, &[vector(1, b"h2"), vector(1, b"http/1.1")].concat()),
            43 => vector(1, &numbers(&[0x3a3a, 0x0304, 0x0303])),
            _ => Vec::new(),
        };
        let kinds = [0x4a4a, 27, 0, 51, 16, 17513, 23, 45, 13, 5, 35, 18, 43, 65281, 11, 10, 21, 0x5a5a];
        let extensions: Vec<(u16, Vec<u8>)> = kinds.into_iter().map(|kind| (kind, of(kind))).collect();
        let body = hello(0x0303, &suites, &extensions);
        let ja4 = of_client(&body, Carrier::Tcp).unwrap().ja4;
        assert_eq!(ja4.value, "t13d1516h2_8daaf6152771_e5627efa2ab1");
        assert!(ja4.full.ends_with("_0403,0804,0401,0503,0805,0501,0806,0601"), "{}", ja4.full);
        for part in &ja4.parts {
            let bytes: Vec<u8> =
                part.bytes.iter().flat_map(|at| body[at.start as usize..at.end as usize].to_vec()).collect();
            match part.what {
                "version" => assert_eq!(bytes, [3, 4]),
                "first application protocol" => assert_eq!(bytes, b"h2"),
                "cipher suites, sorted" => assert_eq!(bytes, numbers(&suites[1..])),
                "signature algorithms" => assert_eq!(bytes, numbers(&schemes[1..])),
                _ => {}
            }
        }
    }

    #[test]
    fn protocols_that_are_no_text_give_digits() {
        assert_eq!(ends(&[0x30, 0x31, 0xab, 0xcd]), "3d");
        assert_eq!((ends(b"h"), ends(b""), ends(b"http/1.1")), ("hh".into(), "00".into(), "h1".into()));
    }

    #[test]
    fn a_hello_that_is_cut_has_no_fingerprint_and_hurts_nobody() {
        let body = hello(0x0303, &[0x1301], &[(10, vector(2, &numbers(&[29])))]);
        for cut in 0..body.len() {
            let read = of_client(&body[..cut], Carrier::Tcp);
            // Before the extensions it looks like an old one without any.
            assert_eq!(read.is_some(), cut == body.len() - 10, "cut at {cut}");
        }
        assert!(of_client(&body, Carrier::Tcp).is_some());
    }
}
