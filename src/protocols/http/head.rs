//! Reads a head: the start line and the header fields. Over UDP (SSDP) it is the same.

use super::super::{http2, ocsp};
use super::fields::{self, *};
use super::lines::{self, Kind, Line};
use crate::bytes::{Confidence, Cursor, Field, Stop, Value};

/// Bytes of a value that are told as a subject.
const LONGEST_TOLD: usize = 120;

/// What is known of a head when it was read.
pub(super) struct Head<'a> {
    pub(super) kind: Kind,
    /// Where the target stands (request) or the phrase (response), for the subject.
    pub(super) told: &'a [u8],
    method: &'a [u8],
    target: &'a [u8],
    host: &'a [u8],
}

/// Counts requests with their responses, as Wireshark does: a response has the number of the latest request, or one
/// of its own if that has its response.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Exchanges {
    count: u64,
    answered: bool,
}

impl Exchanges {
    fn number(&mut self, kind: Kind) -> u64 {
        let anew = match kind {
            Kind::Notification => return 0,
            Kind::Request => true,
            Kind::Response => self.answered || self.count == 0,
        };
        self.count = self.count.saturating_add(anew.into());
        self.answered = kind == Kind::Response;
        self.count
    }
}

/// Reads a head to its empty line, or as far as it is here.
pub(super) fn read<'a>(c: &mut Cursor<'a>, exchanges: &mut Exchanges) -> Result<Head<'a>, Stop> {
    let kind = Kind::of(c.rest());
    let number = exchanges.number(kind);
    let mut head = Head { kind, told: &[], method: &[], target: &[], host: &[] };
    let first = next_line(c);
    let start = c.position();
    let place = c.open(&CHAT);
    if kind == Kind::Response {
        status_line(c, first.text, &mut head)?;
    } else {
        request_line(c, first.text, &mut head)?;
    }
    pass_to(c, start, first.next)?;
    c.close(place);
    loop {
        let line = next_line(c);
        if line.next == 0 {
            break;
        }
        if line.text == 0 {
            c.pass(line.next)?;
            break;
        }
        header_line(c, line, &mut head)?;
    }
    c.say(
        match kind {
            Kind::Request => &REQUEST,
            Kind::Notification => &NOTIFICATION,
            Kind::Response => &RESPONSE,
        },
        Value::Number(1),
    );
    match kind {
        Kind::Request => c.say(&REQUEST_NUMBER, Value::Number(number)),
        Kind::Response => c.say(&RESPONSE_NUMBER, Value::Number(number)),
        Kind::Notification => {}
    }
    if kind != Kind::Response && c.listens() {
        full_uri(c, &head);
    }
    Ok(head)
}

/// The line that begins here, counted from here. Without an end it is all that is here.
fn next_line(c: &Cursor<'_>) -> Line {
    let rest = c.rest();
    lines::line(rest, 0).unwrap_or(Line { text: rest.len(), next: rest.len() })
}

/// Passes what is left up to `length` bytes behind `start`.
fn pass_to(c: &mut Cursor<'_>, start: usize, length: usize) -> Result<(), Stop> {
    let left = start.saturating_add(length).saturating_sub(c.position());
    c.pass(left).map(drop)
}

/// The length of the word that comes next, of `left` bytes, and of the spaces behind it.
fn word(c: &Cursor<'_>, left: usize) -> (usize, usize) {
    let bytes = c.peek(left);
    let length = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len());
    let spaces = bytes.iter().skip(length).take_while(|byte| **byte == b' ').count();
    (length, spaces)
}

/// Reads the next word of a start line as `field`; returns it, and what is left of the line.
fn read_word<'a>(c: &mut Cursor<'a>, field: &'static Field, left: usize) -> Result<(&'a [u8], usize), Stop> {
    let (length, spaces) = word(c, left);
    let text = c.bytes(field, length)?;
    let (start, end) = (c.offset().saturating_sub(length as u32), c.offset());
    c.pass(spaces)?;
    if field == &REQUEST_URI && text != b"*" {
        // The evidence is the target alone.
        c.fact_at(&REQUEST_URI, text, start, end, Confidence::Certain);
        for serial in ocsp::in_path(text) {
            c.fact_at(&ocsp::SERIAL, &serial, start, end, Confidence::Certain);
        }
    }
    Ok((text, left.saturating_sub(length).saturating_sub(spaces)))
}

/// Method, target, version (RFC 9112, section 3).
fn request_line<'a>(c: &mut Cursor<'a>, length: usize, head: &mut Head<'a>) -> Result<(), Stop> {
    let (method, left) = read_word(c, &REQUEST_METHOD, length)?;
    let (target, left) = read_word(c, &REQUEST_URI, left)?;
    if c.listens() {
        uri_parts(c, target);
    }
    c.bytes(&REQUEST_VERSION, left)?;
    c.subject(&told(method));
    c.subject(&told(target));
    (head.method, head.target) = (method, target);
    Ok(())
}

/// Version, status code, phrase (RFC 9112, section 4).
fn status_line<'a>(c: &mut Cursor<'a>, length: usize, head: &mut Head<'a>) -> Result<(), Stop> {
    let (_, left) = read_word(c, &RESPONSE_VERSION, length)?;
    let (code, spaces) = word(c, left);
    let digits = c.pass(code)?;
    let number = digits.iter().take_while(|byte| byte.is_ascii_digit()).fold(0u64, |number, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')))
    });
    if code > 0 {
        c.part(&RESPONSE_CODE, Value::Number(number));
        if c.listens() {
            let name = status_name(number).map_or_else(|| format!("Unknown ({number})"), str::to_owned);
            c.part(&RESPONSE_CODE_DESC, Value::Text(name.into()));
        }
    }
    c.pass(spaces)?;
    let left = left.saturating_sub(code).saturating_sub(spaces);
    if left > 0 {
        head.told = c.bytes(&RESPONSE_PHRASE, left)?;
    }
    c.subject(&told(digits));
    c.subject(&told(head.told));
    Ok(())
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..LONGEST_TOLD).unwrap_or(bytes)).into_owned()
}

/// Path, query and its parameters, of a target that has a query.
fn uri_parts(c: &mut Cursor<'_>, target: &[u8]) {
    let Some(question) = target.iter().position(|byte| *byte == b'?') else { return };
    let (path, query) = target.split_at_checked(question).unwrap_or((target, &[]));
    let query = query.get(1..).unwrap_or(&[]);
    c.say(&REQUEST_URI_PATH, Value::Bytes(path.into()));
    c.say(&REQUEST_URI_QUERY, Value::Bytes(query.into()));
    for parameter in query.split(|byte| *byte == b'&') {
        c.say(&REQUEST_URI_QUERY_PARAMETER, Value::Bytes(parameter.into()));
    }
}

/// The whole URI (RFC 9112, section 3.3), where it can be told.
fn full_uri(c: &mut Cursor<'_>, head: &Head<'_>) {
    let absolute = head.target.windows(3).any(|window| window == b"://");
    let uri = if absolute || head.method == b"CONNECT" {
        head.target.to_vec()
    } else if head.host.is_empty() {
        return;
    } else {
        [b"http://", head.host, head.target].concat()
    };
    c.say(&REQUEST_FULL_URI, Value::Bytes(uri.into()));
}

/// One header field, with the lines that continue it.
fn header_line<'a>(c: &mut Cursor<'a>, line: Line, head: &mut Head<'a>) -> Result<(), Stop> {
    let rest = c.rest();
    let end = lines::folded_line(rest, 0).unwrap_or(line);
    let (start, from) = (c.position(), c.offset());
    let text = rest.get(..end.text).unwrap_or(rest);
    if let Some(colon) = text.iter().position(|byte| *byte == b':') {
        let (name, value) = text.split_at_checked(colon).unwrap_or((text, &[]));
        let value = value.get(1..).unwrap_or(&[]);
        let trimmed = lines::trim(value);
        let lead = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        c.pass(colon.saturating_add(1).saturating_add(lead).min(end.text))?;
        let length = trimmed.len();
        if let Some(field) = fields::of_header(name) {
            c.pass(length)?;
            // The bytes say the value as it is, unless it was folded.
            let folded = end.next != line.next;
            c.part(field, if folded { Value::Bytes(lines::unfold(trimmed).into()) } else { Value::Span });
            special(c, field, trimmed, head);
        } else if head.kind == Kind::Notification {
            pass_to(c, start, end.next)?;
            c.note(&UNKNOWN_HEADER, Value::Span, from, c.offset());
        }
    }
    pass_to(c, start, end.next)?;
    match head.kind {
        Kind::Request => c.note(&REQUEST_LINE, Value::Span, from, c.offset()),
        Kind::Response => c.note(&RESPONSE_LINE, Value::Span, from, c.offset()),
        Kind::Notification => {}
    }
    Ok(())
}

/// What more a header field says; the value was passed last.
fn special<'a>(c: &mut Cursor<'a>, field: &'static Field, value: &'a [u8], head: &mut Head<'a>) {
    if field == &HOST {
        head.host = value;
    }
    // A group's address is not a host's name.
    let names = field != &HOST || head.target != b"*";
    if names && [&HOST, &USER_AGENT, &COOKIE, &SET_COOKIE, &REFERER, &SERVER, &X_FORWARDED_FOR].contains(&field) {
        c.fact(field, value);
    } else if field == &AUTHORIZATION || field == &PROXY_AUTHORIZATION {
        // What kind it is; the secret stays where it is: in the evidence.
        c.fact(field, value.split(|byte| *byte == b' ').next().unwrap_or(&[]));
    }
    if !c.listens() {
        return;
    }
    if field == &COOKIE {
        for pair in value.split(|byte| *byte == b';').map(lines::trim) {
            c.part(&COOKIE_PAIR, Value::Bytes(pair.into()));
        }
    } else if field == &CONTENT_LENGTH_HEADER {
        if let Some(length) = lines::content_length(value) {
            c.part(&CONTENT_LENGTH, Value::Number(length));
        }
    } else if field == &HTTP2_SETTINGS {
        // Base64 in the alphabet for URLs (RFC 7540, section 3.2.1).
        let plain = |byte: &u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        let settings = base64(&value.iter().map(plain).collect::<Vec<u8>>()).unwrap_or_default();
        if let Err(stop) = c.derived("settings", &settings, &[], http2::settings) {
            c.stopped(&stop);
        }
    } else if (field == &AUTHORIZATION || field == &PROXY_AUTHORIZATION)
        && let Some(coded) = value.strip_prefix(b"Basic ")
        && let Some(credentials) = base64(lines::trim(coded))
    {
        c.part(&AUTH_BASIC, Value::Bytes(credentials.into()));
    }
}

/// Base64 (RFC 4648, section 4), up to the padding.
fn base64(coded: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(coded.len());
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in coded.iter().take_while(|byte| **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 & 0x00ff_ffff | u32::from(value);
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

/// The phrase that RFC 9110, section 15 (and the registry of status codes) gives for a code.
fn status_name(code: u64) -> Option<&'static str> {
    Some(match code {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Time-out",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Entity",
        423 => "Locked",
        424 => "Failed Dependency",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Time-out",
        505 => "HTTP Version not supported",
        507 => "Insufficient Storage",
        511 => "Network Authentication Required",
        _ => return None,
    })
}
