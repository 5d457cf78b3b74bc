//! How long each message is, and whether a connection speaks SOCKS.

use super::super::{Answer, Side, Start};
use super::PORT;

/// What one message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Request4,
    Reply4,
    Methods,
    Method,
    Password,
    Status,
    Gssapi,
    Request,
    Reply,
}

/// How long something is, if it is that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Is(usize),
    Needs(usize),
    /// It is something else.
    No,
}

impl Shape {
    /// The length of a message that begins with `bytes`.
    pub(super) fn length(self, bytes: &[u8]) -> Length {
        let at = |place: usize| bytes.get(place).copied();
        // Every message tells with its first bytes what it is, as far as it can.
        let first = match self {
            Shape::Request4 => 4,
            Shape::Reply4 => 0,
            Shape::Password | Shape::Status | Shape::Gssapi => 1,
            Shape::Methods | Shape::Method | Shape::Request | Shape::Reply => 5,
        };
        match at(0) {
            None => return Length::Needs(2),
            Some(version) if version != first => return Length::No,
            Some(_) => {}
        }
        let is = |length: Option<usize>, least: usize| length.map_or(Length::Needs(least), Length::Is);
        let behind = |place: usize, length: u8| place.saturating_add(1).saturating_add(length.into());
        match self {
            Shape::Request4 => request4(bytes),
            Shape::Reply4 => match at(1) {
                Some(90..=93) => Length::Is(8),
                Some(_) => Length::No,
                None => Length::Needs(8),
            },
            Shape::Methods => match at(1) {
                Some(0) => Length::No,
                count => is(count.map(|count| behind(1, count)), 3),
            },
            Shape::Method | Shape::Status => Length::Is(2),
            Shape::Password => {
                let password = at(1).map(|user| behind(1, user));
                is(
                    password.and_then(|place| Some(behind(place, at(place)?))),
                    password.unwrap_or(1).saturating_add(1),
                )
            }
            Shape::Gssapi => match at(1) {
                // The refusal has no more (RFC 1961, section 3.8).
                Some(0xff) => Length::Is(2),
                _ => match bytes.get(2..4) {
                    Some(&[high, low]) => Length::Is(usize::from(u16::from_be_bytes([high, low])).saturating_add(4)),
                    _ => Length::Needs(4),
                },
            },
            Shape::Request | Shape::Reply => match (at(3), at(4)) {
                (Some(1), _) => Length::Is(10),
                (Some(4), _) => Length::Is(22),
                (Some(3), Some(name)) => Length::Is(behind(4, name).saturating_add(2)),
                (Some(3) | None, _) => Length::Needs(5),
                _ => Length::No,
            },
        }
    }
}

/// Whether an address of version 4 stands for a name behind it (SOCKS 4A).
pub(super) fn is_named(address: &[u8]) -> bool {
    matches!(address, [0, 0, 0, last] if *last != 0)
}

/// The longest user name or host name of version 4, which end where a zero stands.
const WORD: usize = 255;

/// The length of a request of version 4: up to the zero behind the user, or behind the name.
fn request4(bytes: &[u8]) -> Length {
    const HEAD: usize = 8;
    match bytes.get(1) {
        None | Some(1 | 2) => {}
        Some(_) => return Length::No,
    }
    let Some(words) = bytes.get(HEAD..) else { return Length::Needs(HEAD.saturating_add(1)) };
    let named = bytes.get(4..HEAD).is_some_and(is_named);
    let mut length = HEAD;
    let mut words = words.splitn(3, |byte| *byte == 0);
    for _ in 0..if named { 2 } else { 1 } {
        let word = words.next().unwrap_or(&[]).len();
        length = length.saturating_add(word).saturating_add(1);
        if word > WORD {
            return Length::No;
        }
    }
    // The zero behind the last word has to be here.
    if length <= bytes.len() { Length::Is(length) } else { Length::Needs(bytes.len().saturating_add(1)) }
}

/// On its own port by the first bytes of version and count; elsewhere only when a name or a whole exchange tells.
pub(super) fn probe(start: &Start, side: Side, first: &[u8]) -> Answer {
    if !start.is_stream() {
        return Answer::No;
    }
    let own = start.client_port == PORT || start.server_port == PORT;
    let (greeting, answer) = match side {
        Side::Client => (Shape::Methods, Shape::Request4),
        Side::Server => (Shape::Method, Shape::Reply4),
    };
    match (greeting.length(first), answer.length(first)) {
        (Length::No, Length::No) => Answer::No,
        (Length::No, Length::Needs(_)) => Answer::More,
        (Length::No, Length::Is(length)) if side == Side::Client => {
            if own || names_host(first.get(8..length).unwrap_or(&[])) { Answer::Yes } else { Answer::No }
        }
        (Length::No, Length::Is(length)) if first.len() < length => Answer::More,
        (Length::No, Length::Is(_)) if own => Answer::Yes,
        (Length::No, Length::Is(_)) => Answer::No,
        (Length::Needs(_), _) => Answer::More,
        (Length::Is(length), _) if first.len() < length => Answer::More,
        (Length::Is(_), _) if own => Answer::Yes,
        (Length::Is(length), _) => second(side, first, first.get(length..).unwrap_or(&[])),
    }
}

/// Whether a user and a name behind it are those of version 4a.
fn names_host(words: &[u8]) -> bool {
    let mut words = words.split(|byte| *byte == 0);
    let (user, host) = (words.next().unwrap_or(&[]), words.next().unwrap_or(&[]));
    let letters = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    user.iter().all(u8::is_ascii_graphic) && host.contains(&b'.') && host.iter().all(letters)
}

/// Away from its port: whether behind methods that are known the request comes, or a password and the request.
fn second(side: Side, first: &[u8], behind: &[u8]) -> Answer {
    let known = |method: &u8| matches!(method, 0..=9);
    let offered = match side {
        Side::Client => first.get(2..first.len().saturating_sub(behind.len())),
        Side::Server => first.get(1..2),
    };
    if !offered.unwrap_or(&[]).iter().all(known) {
        return Answer::No;
    }
    let password = if side == Side::Client { Shape::Password } else { Shape::Status };
    let request = match (behind.first(), password.length(behind)) {
        (Some(1), Length::Is(length)) if behind.len() >= length => behind.get(length..).unwrap_or(&[]),
        (Some(1), _) => return Answer::More,
        _ => behind,
    };
    let codes = if side == Side::Client { 1..=3 } else { 0..=8 };
    match request {
        [] | [5] => Answer::More,
        [5, code] | [5, code, 0] if codes.contains(code) => Answer::More,
        [5, code, 0, 1 | 3 | 4, ..] if codes.contains(code) => Answer::Yes,
        _ => Answer::No,
    }
}
