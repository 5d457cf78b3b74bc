//! Packet headers of QUIC (RFC 9000, section 17; RFC 8999 for what all versions share).
//!
//! ```text
//! long:   form | version (4) | dcid length | dcid | scid length | scid | [token length | token] | length | number, payload
//! short:  form | dcid | number, payload
//! ```

/// The longest connection id of the versions known here (RFC 9000, section 17.2).
pub(super) const LONGEST_ID: usize = 20;
const VERSION_2: u32 = 0x6b33_43cf;
const VERSION_2_DRAFT: u32 = 0x709a_50c4;

/// What a long header is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    VersionNegotiation,
    /// A version that is not known here: only what RFC 8999 promises can be read.
    Unknown,
}

/// A long header. Places count from the packet's first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Long {
    pub(super) first: u8,
    pub(super) version: u32,
    pub(super) kind: Kind,
    pub(super) dcid: std::ops::Range<usize>,
    pub(super) scid: std::ops::Range<usize>,
    /// Length of the Initial's token.
    pub(super) token: usize,
    /// Where the packet number begins, for packets that have one.
    pub(super) number_at: usize,
    /// Bytes of packet number and payload.
    pub(super) length: usize,
}

impl Long {
    /// The long header at the start of `bytes`, if there is a whole one.
    pub(super) fn read(bytes: &[u8]) -> Option<Long> {
        let first = *bytes.first()?;
        if first & 0x80 == 0 {
            return None;
        }
        let version = bytes.get(1..5)?.iter().fold(0u32, |version, byte| version << 8 | u32::from(*byte));
        let kind = kind(first, version);
        let mut at = 5usize;
        let mut id = || {
            let length = usize::from(*bytes.get(at)?);
            let start = at.checked_add(1)?;
            at = start.checked_add(length)?;
            bytes.get(start..at).map(|_| start..at)
        };
        let (dcid, scid) = (id()?, id()?);
        let mut long = Long { first, version, kind, dcid, scid, token: 0, number_at: at, length: 0 };
        if kind != Kind::Unknown && long.dcid.len().max(long.scid.len()) > LONGEST_ID {
            return None;
        }
        if kind == Kind::Initial {
            let (token, width) = variable(bytes.get(at..)?)?;
            long.token = usize::try_from(token).ok()?;
            at = at.checked_add(width)?.checked_add(long.token)?;
        }
        if matches!(kind, Kind::Initial | Kind::ZeroRtt | Kind::Handshake) {
            let (length, width) = variable(bytes.get(at..)?)?;
            long.length = usize::try_from(length).ok()?;
            at = at.checked_add(width)?;
        }
        long.number_at = at;
        Some(long)
    }
}

/// A variable-length integer (RFC 9000, section 16), and how many bytes it takes.
fn variable(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let width = 1usize << (first >> 6);
    let rest = bytes.get(1..width)?;
    Some((rest.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte)), width))
}

fn kind(first: u8, version: u32) -> Kind {
    const OF_1: [Kind; 4] = [Kind::Initial, Kind::ZeroRtt, Kind::Handshake, Kind::Retry];
    const OF_2: [Kind; 4] = [Kind::Retry, Kind::Initial, Kind::ZeroRtt, Kind::Handshake];
    let kinds = match version {
        0 => return Kind::VersionNegotiation,
        _ if is_2(version) => OF_2,
        _ if is_known(version) => OF_1,
        _ => return Kind::Unknown,
    };
    kinds.get(usize::from(first >> 4 & 3)).copied().unwrap_or(Kind::Unknown)
}

/// Whether a version numbers its packet types as version 2 does (RFC 9369, section 3.2).
pub(super) const fn is_2(version: u32) -> bool {
    matches!(version, VERSION_2 | VERSION_2_DRAFT)
}

/// Whether packets of a version are read here: 1, 2, the drafts from 22 on, and what was made from them.
pub(super) fn is_known(version: u32) -> bool {
    salt(version).is_some()
}

/// The name of a version of Google's QUIC: four letters, of which the first tells QUIC's own handshake from that of TLS.
pub(super) fn google_name(version: u32) -> Option<String> {
    let name = version.to_be_bytes();
    matches!(name, [b'Q' | b'T', b'0', b'0'..=b'9', b'0'..=b'9']).then(|| String::from_utf8_lossy(&name).into_owned())
}

/// Whether a packet begins as Google's QUIC did until Q046: only its form and version are where RFC 8999 has them.
pub(super) fn is_google(start: &[u8]) -> bool {
    matches!(start, [0x80..=0xff, b'Q', b'0', b'0'..=b'4', b'0'..=b'9', ..])
}

/// The salt of a version's Initial keys (RFC 9001, section 5.2; RFC 9369, section 3.3.1).
pub(super) fn salt(version: u32) -> Option<&'static [u8; 20]> {
    match version {
        0x0000_0001 | 0xff00_0021 | 0xff00_0022 => {
            Some(b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a")
        }
        VERSION_2 => Some(b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9"),
        VERSION_2_DRAFT => Some(b"\xa7\x07\xc2\x03\xa5\x9b\x47\x18\x4a\x1d\x62\xca\x57\x04\x06\xea\x7a\xe3\xe5\xd3"),
        0xff00_001d..=0xff00_0020 => {
            Some(b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99")
        }
        // Drafts 23 to 28, and Facebook's of 27.
        0xff00_0017..=0xff00_001c | 0xface_b002 => {
            Some(b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02")
        }
        0xff00_0016 | 0xface_b001 => {
            Some(b"\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x2a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x41\x90")
        }
        _ => None,
    }
}

pub(super) fn form_name(form: u64) -> Option<&'static str> {
    ["Short Header", "Long Header"].get(usize::try_from(form).ok()?).copied()
}

pub(super) fn type_name(kind: u64) -> Option<&'static str> {
    ["Initial", "0-RTT", "Handshake", "Retry"].get(usize::try_from(kind).ok()?).copied()
}

pub(super) fn type_name_2(kind: u64) -> Option<&'static str> {
    ["Retry", "Initial", "0-RTT", "Handshake"].get(usize::try_from(kind).ok()?).copied()
}

pub(super) fn version_name(version: u64) -> Option<&'static str> {
    Some(match version {
        0 => "Version Negotiation",
        1 => "1",
        0x6b33_43cf => "2",
        0x709a_50c4 => "2 (draft)",
        0xff00_0016..=0xff00_0022 => "draft",
        0xface_b000..=0xface_b00f => "mvfst",
        0x5130_3433 => "Google Q043",
        0x5130_3436 => "Google Q046",
        0x5130_3530 => "Google Q050",
        0x5430_3530 => "Google T050",
        0x5430_3531 => "Google T051",
        _ if version & 0x0f0f_0f0f == 0x0a0a_0a0a => "GREASE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn google_s_versions_are_named_by_their_letters() {
        assert_eq!(google_name(0x5130_3530).as_deref(), Some("Q050"));
        assert_eq!(google_name(0x5430_3531).as_deref(), Some("T051"));
        assert_eq!([0, 1, 0x5130_3a35, 0x5230_3530].map(google_name), [const { None }; 4]);
    }

    #[test]
    fn version_2_renumbers_the_types() {
        assert_eq!(kind(0xc0, 1), Kind::Initial);
        assert_eq!(kind(0xd0, VERSION_2), Kind::Initial);
        assert_eq!(kind(0xc0, VERSION_2), Kind::Retry);
        assert_eq!(kind(0xc0, 0x1a2a_3a4a), Kind::Unknown);
    }

    #[test]
    fn a_header_that_is_cut_or_lies_is_none() {
        let whole = [0xc0, 0, 0, 0, 1, 2, 7, 7, 1, 9, 0, 0x04, 1, 2, 3, 4];
        let long = Long::read(&whole);
        assert_eq!(long.as_ref().map(|long| (long.dcid.clone(), long.number_at, long.length)), Some((6..8, 12, 4)));
        for cut in 0..12 {
            assert_eq!(Long::read(whole.get(..cut).unwrap_or(&[])), None, "cut at {cut}");
        }
        assert_eq!(Long::read(&[0xc0, 0, 0, 0, 1, 21]), None);
        let huge_token = [0xc0, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];
        assert_eq!(Long::read(&huge_token), None);
    }
}
