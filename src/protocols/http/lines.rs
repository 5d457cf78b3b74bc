//! Lines, and what their beginning tells: everything here looks at bytes and remembers nothing.

use super::super::Answer;

/// Methods that are known by their name alone: RFC 9110 and its registry (WebDAV and its extensions), UPnP, and
/// those of Microsoft's that are met in captures.
const METHODS: &[&[u8]] = &[
    b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH", b"PROPFIND", b"PROPPATCH",
    b"MKCOL", b"COPY", b"MOVE", b"LOCK", b"UNLOCK", b"SEARCH", b"REPORT", b"NOTIFY", b"SUBSCRIBE", b"UNSUBSCRIBE",
    b"POLL", b"BCOPY", b"BMOVE", b"BDELETE", b"BPROPFIND", b"BPROPPATCH", b"LABEL", b"MERGE", b"UPDATE", b"CHECKIN",
    b"CHECKOUT", b"UNCHECKOUT", b"MKACTIVITY", b"MKWORKSPACE", b"VERSION-CONTROL", b"BASELINE-CONTROL", b"ACL",
    b"MKCALENDAR", b"BIND", b"UNBIND", b"REBIND", b"LINK", b"UNLINK", b"ORDERPATCH", b"MKREDIRECTREF",
    b"UPDATEREDIRECTREF", b"QUERY", b"CCM_POST", b"RPC_CONNECT", b"RPC_IN_DATA", b"RPC_OUT_DATA", b"SSTP_DUPLEX_POST",
    b"M-SEARCH", b"M-POST",
];

/// Methods of the general event notification architecture: notifications, not requests.
const NOTIFICATIONS: [&[u8]; 3] = [b"NOTIFY", b"SUBSCRIBE", b"UNSUBSCRIBE"];

/// No method is longer.
const LONGEST_METHOD: usize = 32;

/// What the first line of a head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Request,
    Notification,
    Response,
}

impl Kind {
    /// By the first bytes of a head.
    pub(in super::super) fn of(line: &[u8]) -> Kind {
        if line.starts_with(b"HTTP/") || line.starts_with(b"ICY ") {
            return Kind::Response;
        }
        let method = line.split(|byte| *byte == b' ').next().unwrap_or(&[]);
        if NOTIFICATIONS.contains(&method) { Kind::Notification } else { Kind::Request }
    }
}

/// A line: where its text ends, and where the next one begins. Lines end with CRLF, or LF alone (RFC 9112, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Line {
    pub(in super::super) text: usize,
    pub(in super::super) next: usize,
}

/// The line that begins at `at`; `None` if its end is not here.
pub(in super::super) fn line(bytes: &[u8], at: usize) -> Option<Line> {
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(|byte| *byte == b'\n')?;
    let text = match rest.get(..length) {
        Some([before @ .., b'\r']) => before.len(),
        _ => length,
    };
    Some(Line { text: at.saturating_add(text), next: at.saturating_add(length).saturating_add(1) })
}

/// As [`line()`], with the lines behind it that begin with a space: they continue it (obs-fold, RFC 9112, section 5.2).
pub(super) fn folded_line(bytes: &[u8], at: usize) -> Option<Line> {
    let mut folded = line(bytes, at)?;
    while let Some([b' ' | b'\t', ..]) = bytes.get(folded.next..) {
        match line(bytes, folded.next) {
            Some(more) => folded = more,
            None => break,
        }
    }
    Some(folded)
}

/// A value on one line: what folds it is a space.
pub(super) fn unfold(value: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if !value.contains(&b'\n') {
        return trim(value).into();
    }
    let lines = value.split(|byte| *byte == b'\n').map(|line| trim(line.strip_suffix(b"\r").unwrap_or(line)));
    let joined = lines.collect::<Vec<_>>().join(&b' ');
    trim(&joined).to_vec().into()
}

/// The length of a head (or of trailers) up to and with the empty line that ends it; `None` if that is not here.
pub(super) fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = line(bytes, at)?;
        if line.text == at {
            return Some(line.next);
        }
        at = line.next;
    }
}

/// Whether bytes are the beginning of an HTTP/1 head. What it says of a beginning it says of everything that begins so.
pub(in super::super) fn judge(bytes: &[u8]) -> Answer {
    for response in [&b"HTTP/"[..], b"ICY "] {
        if let Some(behind) = bytes.strip_prefix(response) {
            return match behind {
                [] => Answer::More,
                [b'0'..=b'9', ..] => Answer::Yes,
                _ => Answer::No,
            };
        }
        if response.starts_with(bytes) {
            return Answer::More;
        }
    }
    let Some(space) = bytes.iter().take(LONGEST_METHOD).position(|byte| !is_token(*byte)) else {
        return if bytes.len() < LONGEST_METHOD { Answer::More } else { Answer::No };
    };
    let (method, behind) = bytes.split_at_checked(space).unwrap_or((bytes, &[]));
    let Some(target) = behind.strip_prefix(b" ").filter(|_| !method.is_empty() && method != b"PRI") else {
        return Answer::No;
    };
    match (METHODS.contains(&method), target) {
        (_, []) => Answer::More,
        (true, [b'/', ..]) => Answer::Yes,
        _ => match line(bytes, 0) {
            Some(line) if has_version(bytes.get(..line.text).unwrap_or(&[])) => Answer::Yes,
            Some(_) => Answer::No,
            None => Answer::More,
        },
    }
}

/// Whether a request line says that it is HTTP.
fn has_version(line: &[u8]) -> bool {
    let last = line.rsplit(|byte| *byte == b' ').find(|word| !word.is_empty()).unwrap_or(&[]);
    matches!(last, [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', ..]) && last.len() < line.len()
}

/// What a head may be looked for by, in the middle of a stream.
pub(super) enum Found {
    /// It begins here.
    At(usize),
    /// Nothing begins before here; more bytes tell of what does.
    Maybe(usize),
}

/// Looks for the next head of a side whose thread was lost: a status line, or a request line whose method is known, that is
/// whole and says HTTP. Where it is found does not depend on how much has arrived.
pub(super) fn find(bytes: &[u8], client: bool) -> Found {
    for at in 0..bytes.len() {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let answer = if client { is_request(rest) } else { is_response(rest) };
        match answer {
            Answer::Yes => return Found::At(at),
            Answer::More => return Found::Maybe(at),
            Answer::No => {}
        }
    }
    Found::Maybe(bytes.len())
}

fn is_response(bytes: &[u8]) -> Answer {
    const PATTERN: &[u8] = b"HTTP/1.# ###";
    for (n, expected) in PATTERN.iter().enumerate() {
        match bytes.get(n) {
            None => return Answer::More,
            Some(byte) if byte == expected || *expected == b'#' && byte.is_ascii_digit() => {}
            Some(_) => return Answer::No,
        }
    }
    Answer::Yes
}

fn is_request(bytes: &[u8]) -> Answer {
    /// No request line is longer that is looked for.
    const LONGEST: usize = 8 << 10;
    let begins = |method: &&&[u8]| {
        let known = method.len().min(bytes.len());
        bytes.get(..known) == method.get(..known) && matches!(bytes.get(known), None | Some(b' '))
    };
    let Some(method) = METHODS.iter().find(begins) else { return Answer::No };
    if bytes.len() <= method.len() {
        return Answer::More;
    }
    let line = bytes.get(..LONGEST).unwrap_or(bytes);
    match line.iter().position(|byte| *byte < b' ' || *byte == 0x7f) {
        None if bytes.len() < LONGEST => Answer::More,
        None => Answer::No,
        Some(end) if is_request_line(line.get(..end).unwrap_or(&[])) => match line.get(end..) {
            Some([b'\n', ..] | [b'\r', b'\n', ..]) => Answer::Yes,
            Some([b'\r']) => Answer::More,
            _ => Answer::No,
        },
        Some(_) => Answer::No,
    }
}

/// Whether a line is method, target and version, and nothing else.
fn is_request_line(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ').skip(1);
    let (target, version) = (words.next(), words.next());
    target.is_some_and(|target| !target.is_empty())
        && version.is_some_and(|version| version.starts_with(b"HTTP/1."))
        && words.next().is_none()
}

/// Whether a byte may stand in a token (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Bytes without spaces and tabs around them.
pub(super) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// A chunk size: hexadecimal digits before an extension (RFC 9112, section 7.1). `None` if it is none, or overflows.
pub(super) fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = trim(line.split(|byte| *byte == b';').next().unwrap_or(&[]));
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |size, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        size.checked_mul(16)?.checked_add(digit.into())
    })
}

/// A Content-Length: digits and nothing else (RFC 9110, section 8.6). `None` for a sign, for anything else, and for what
/// overflows.
pub(in super::super) fn content_length(value: &[u8]) -> Option<u64> {
    let digits = trim(value);
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |length, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        length.checked_mul(10)?.checked_add(digit.into())
    })
}
