//! Where a body ends (RFC 9112, section 6.3), and how it is coded.

use super::lines::{self, Kind};

/// What follows a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Nothing: the next head.
    None,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// Everything until the sender closes.
    UntilClose,
    /// The protocol that was asked for with CONNECT or Upgrade.
    Switch(Switch),
}

/// Which protocol follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    /// WebSocket (RFC 6455).
    WebSocket,
    /// HTTP/2 without TLS (RFC 7540, section 3.2).
    Http2,
    /// Whatever the first bytes tell.
    Anything,
}

/// What a response must know of its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// A response to HEAD has no body, whatever it says.
    Head,
    /// A successful response to CONNECT is followed by the tunnel.
    Connect,
    /// Anything else, or the request was not seen.
    #[default]
    Other,
}

/// A content coding (RFC 9110, section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
    Unknown,
}

/// What of a head decides about its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub(super) status: u16,
    pub(super) asked: Asked,
    /// Content codings, in the order in which they were applied.
    pub(super) codings: smallvec::SmallVec<[Coding; 2]>,
    /// The media type without its parameters.
    pub(super) media: smallvec::SmallVec<[u8; 32]>,
    /// A channel of RPC over HTTP, whose length is a promise that nobody keeps (MS-RPCH, section 2.1.2.1).
    channel: bool,
    length: Length,
    transfer: Transfer,
    upgrade: Option<Switch>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Length {
    #[default]
    Unsaid,
    Said(u64),
    /// Two that differ, or one that is no number.
    Contradictory,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Transfer {
    #[default]
    Plain,
    /// The last coding is chunked.
    Chunked,
    /// It is another one.
    Other,
}

impl About {
    /// Looks through a head that is whole.
    pub(super) fn read(head: &[u8]) -> About {
        let mut about = About::default();
        let mut at = 0;
        let mut first = true;
        while let Some(line) = if first { lines::line(head, at) } else { lines::folded_line(head, at) } {
            let text = head.get(at..line.text).unwrap_or(&[]);
            if std::mem::take(&mut first) {
                about.start_line(text);
            } else if let Some(colon) = text.iter().position(|byte| *byte == b':') {
                let (name, value) = text.split_at_checked(colon).unwrap_or((text, &[]));
                about.field(name, &lines::unfold(value.get(1..).unwrap_or(&[])));
            }
            at = line.next;
        }
        about
    }

    fn start_line(&mut self, line: &[u8]) {
        let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or(&[]);
        if Kind::of(line) == Kind::Response {
            let code = words.next().and_then(lines::content_length);
            self.status = code.and_then(|code| u16::try_from(code).ok()).unwrap_or(0);
        } else {
            self.channel = matches!(first, b"RPC_IN_DATA" | b"RPC_OUT_DATA");
            self.asked = match first {
                b"HEAD" => Asked::Head,
                b"CONNECT" => Asked::Connect,
                _ => Asked::Other,
            };
        }
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if is(b"content-length") {
            self.length = match (self.length, lines::content_length(value)) {
                (Length::Unsaid, Some(length)) => Length::Said(length),
                (Length::Said(before), Some(length)) if before == length => self.length,
                _ => Length::Contradictory,
            };
        } else if is(b"transfer-encoding") {
            let last = value.rsplit(|byte| *byte == b',').next().map_or(&[][..], lines::trim);
            let chunked = last.eq_ignore_ascii_case(b"chunked");
            self.transfer = if chunked { Transfer::Chunked } else { Transfer::Other };
        } else if is(b"content-encoding") {
            self.codings.extend(value.split(|byte| *byte == b',').filter_map(coding).take(MOST_CODINGS));
            self.codings.truncate(MOST_CODINGS);
        } else if is(b"content-type") {
            let media = value.split(|byte| matches!(byte, b';' | b' ')).next().unwrap_or(&[]);
            self.media = media.iter().take(LONGEST_MEDIA).map(u8::to_ascii_lowercase).collect();
        } else if is(b"upgrade") {
            self.upgrade = Some(match () {
                () if value.eq_ignore_ascii_case(b"websocket") => Switch::WebSocket,
                () if value.eq_ignore_ascii_case(b"h2c") => Switch::Http2,
                () => Switch::Anything,
            });
        }
    }

    /// Whether the head stands alone, although a body follows: a channel is not over before the connection is.
    pub(super) fn stands_alone(&self) -> bool {
        self.channel || self.media.as_slice() == b"application/rpc"
    }

    /// Whether the body is one that is read itself, and not only passed.
    pub(super) fn is_ocsp(&self) -> bool {
        self.codings.is_empty() && matches!(self.media.as_slice(), b"application/ocsp-request" | b"application/ocsp-response")
    }

    /// Whether the head says two lengths, one of which an attacker may hide behind (RFC 9112, section 11.2).
    pub(super) fn is_ambiguous(&self) -> bool {
        self.length == Length::Contradictory || self.length != Length::Unsaid && self.transfer != Transfer::Plain
    }

    /// Where the body of a request ends.
    pub(super) fn of_request(&self) -> Framing {
        match (self.transfer, self.length) {
            (Transfer::Chunked, _) => Framing::Chunked,
            // Without chunked as the last coding a request has no length that can be told.
            (Transfer::Other, _) => Framing::None,
            (Transfer::Plain, Length::Said(length)) if length > 0 => Framing::Length(length),
            (Transfer::Plain, _) => Framing::None,
        }
    }

    /// Where the body of a response ends.
    pub(super) fn of_response(&self, asked: Asked) -> Framing {
        match (self.status, asked, self.transfer, self.length) {
            (101, ..) => Framing::Switch(self.upgrade.unwrap_or(Switch::Anything)),
            (100..=199 | 204 | 304, ..) | (_, Asked::Head, ..) => Framing::None,
            (200..=299, Asked::Connect, ..) => Framing::Switch(Switch::Anything),
            (_, _, Transfer::Chunked, _) => Framing::Chunked,
            (_, _, Transfer::Plain, Length::Said(0)) => Framing::None,
            (_, _, Transfer::Plain, Length::Said(length)) => Framing::Length(length),
            _ => Framing::UntilClose,
        }
    }
}

/// More codings than this nobody applies; each costs an attacker little and a reader much.
const MOST_CODINGS: usize = 4;

/// Bytes of a media type that are told.
const LONGEST_MEDIA: usize = 64;

fn coding(name: &[u8]) -> Option<Coding> {
    let name = lines::trim(name);
    Some(match () {
        () if name.is_empty() || name.eq_ignore_ascii_case(b"identity") => return None,
        () if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") => Coding::Gzip,
        () if name.eq_ignore_ascii_case(b"deflate") => Coding::Deflate,
        () if name.eq_ignore_ascii_case(b"br") => Coding::Brotli,
        () if name.eq_ignore_ascii_case(b"zstd") => Coding::Zstd,
        () => Coding::Unknown,
    })
}
