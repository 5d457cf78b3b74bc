//! Record headers (RFC 8446, section 5.1), and by what evidence bytes are taken for records.

use tls_parser::{TlsRecordHeader, parse_tls_record_header};

/// Bytes of a record header.
pub(super) const HEADER: usize = 5;
/// The longest fragment: 2^14 and what TLS 1.2 allows encryption to add (RFC 5246, section 6.2.3). The library
/// stops at 16,640, so it only reads headers here.
pub(crate) const LONGEST: usize = 16_384 + 2_048;
/// Record headers in a row that show a stream of records, wherever they begin: 40 bits each would have to be
/// right by chance.
const CHAIN: usize = 3;

pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(crate) const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
pub(crate) const APPLICATION_DATA: u8 = 23;
pub(crate) const HEARTBEAT: u8 = 24;

/// A record header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u8,
    pub(super) version: u16,
    pub(super) length: usize,
}

impl Header {
    /// The header at the start of `bytes`, if it can be one. The library reads any five bytes as a header.
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        let (_, TlsRecordHeader { record_type, version, len }) = parse_tls_record_header(bytes).ok()?;
        let header = Header { kind: record_type.0, version: version.0, length: len.into() };
        (matches!(header.kind, CHANGE_CIPHER_SPEC..=HEARTBEAT)
            && header.version >> 8 == 3
            && header.length <= LONGEST)
            .then_some(header)
    }

    /// The whole record.
    pub(super) const fn total(&self) -> usize {
        HEADER.saturating_add(self.length)
    }

    /// Whether nothing about it is unusual: what it takes to be believed without a record before it.
    fn is_plain(&self) -> bool {
        let fits = match self.kind {
            CHANGE_CIPHER_SPEC => self.length == 1,
            ALERT => matches!(self.length, 2 | 16..=96),
            _ => self.length > 0,
        };
        fits && self.version <= 0x0304
    }
}

/// What bytes show of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Records begin at this offset.
    At(usize),
    /// They may begin at this offset, and not before; so many bytes, counted from it, would tell.
    Maybe(usize, usize),
    /// None that could be seen.
    None,
}

/// What may follow the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// More bytes: where these end means nothing.
    More,
    /// Nothing: the stream ends, or a gap follows.
    End,
}

/// Looks for records in bytes that begin anywhere: a hello, or what [`chain`] takes for records.
pub(super) fn find(bytes: &[u8], behind: Behind) -> Evidence {
    let mut from = 0usize;
    while let Some(at) = next_candidate(bytes, from) {
        let rest = bytes.get(at..).unwrap_or(&[]);
        match chain(rest, behind) {
            Evidence::At(_) => return Evidence::At(at),
            _ if is_hello(rest) => return Evidence::At(at),
            Evidence::Maybe(_, needed) if rest.len() < HELLO => return Evidence::Maybe(at, needed.min(HELLO)),
            Evidence::Maybe(_, needed) => return Evidence::Maybe(at, needed),
            Evidence::None => from = at.saturating_add(1),
        }
    }
    Evidence::None
}

/// The next place at or behind `from` where the first two bytes of a header stand, as far as there are two.
fn next_candidate(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let pair = |pair: &[u8]| matches!(pair, [CHANGE_CIPHER_SPEC..=HEARTBEAT, 3]);
    let last = || rest.last().is_some_and(|kind| matches!(*kind, CHANGE_CIPHER_SPEC..=HEARTBEAT));
    let found = rest.windows(2).position(pair).or_else(|| last().then(|| rest.len().saturating_sub(1)));
    found.map(|at| from.saturating_add(at))
}

/// Whether records begin here: [`CHAIN`] headers in a row. Where nothing follows, also one record that ends exactly
/// there, and two headers in a row.
pub(super) fn chain(bytes: &[u8], behind: Behind) -> Evidence {
    let mut next = 0usize;
    for seen in 0..CHAIN {
        let rest = bytes.get(next..).unwrap_or(&[]);
        let ends = behind == Behind::End && (seen >= 2 || seen == 1 && next == bytes.len());
        match Header::read(rest) {
            Some(header) if header.is_plain() => next = next.saturating_add(header.total()),
            None if may_begin(rest) && ends => return Evidence::At(0),
            None if may_begin(rest) && behind == Behind::More => {
                return Evidence::Maybe(0, next.saturating_add(HEADER));
            }
            _ => return Evidence::None,
        }
    }
    Evidence::At(0)
}

/// Whether one plain header begins here: enough where something is known to begin, as a side's stream does, and
/// what follows a gap, for writers begin records with segments.
pub(super) fn begins(bytes: &[u8]) -> bool {
    Header::read(bytes).is_some_and(|header| header.is_plain())
}

/// Whether one plain header of application data begins here. Few other bytes would be right: its version has been
/// frozen for long (RFC 8446, section 5.1).
pub(super) fn begins_with_data(bytes: &[u8]) -> bool {
    let is_data = |header: &Header| header.kind == APPLICATION_DATA && (0x0301..=0x0303).contains(&header.version);
    Header::read(bytes).is_some_and(|header| header.is_plain() && is_data(&header))
}

/// Whether fewer bytes than a header could be the start of one.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    bytes.len() < HEADER
        && bytes.first().is_none_or(|kind| matches!(*kind, CHANGE_CIPHER_SPEC..=HEARTBEAT))
        && bytes.get(1).is_none_or(|major| *major == 3)
}

/// Bytes by which a hello is told: the header of its record, its own, and the first byte of its version.
const HELLO: usize = HEADER + 5;

/// Whether these bytes begin with a hello in clear, of either side: type 22, version 3.x, a hello whose
/// length fits the record's.
pub(super) fn is_hello(bytes: &[u8]) -> bool {
    let plain = |header: &Header| header.kind == HANDSHAKE && header.is_plain() && header.length >= HELLO - HEADER;
    let Some(header) = Header::read(bytes).filter(plain) else { return false };
    let message = match bytes.get(HEADER..) {
        Some([kind @ (1 | 2), 0, high, low, 3 | 0x7f, ..]) => (*kind, usize::from(u16::from_be_bytes([*high, *low]))),
        _ => return false,
    };
    // A ServerHello is often followed by more in its record; a hello may also need further records.
    message.1 >= 38 && (message.0 == 2 || message.1.saturating_add(4) >= header.length)
}

/// Whether fewer bytes than tell could be the start of a hello.
pub(super) fn may_be_hello(bytes: &[u8]) -> bool {
    bytes.len() < HELLO && bytes.iter().zip([HANDSHAKE, 3]).all(|(byte, hello)| *byte == hello)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, length: u16) -> Vec<u8> {
        let mut bytes = vec![kind, 3, 3];
        bytes.extend(length.to_be_bytes());
        bytes.resize(HEADER + usize::from(length), 0xaa);
        bytes
    }

    #[test]
    fn a_request_is_no_record_although_the_library_reads_a_header() {
        assert!(parse_tls_record_header(b"GET / HTTP/1.1").is_ok());
        assert_eq!(Header::read(b"GET / HTTP/1.1"), None);
    }

    #[test]
    fn a_record_longer_than_the_library_takes_is_a_record() {
        let header = Header::read(&[23, 3, 3, 0x48, 0x00]).map(|header| header.length);
        assert_eq!(header, Some(18_432));
        assert!(tls_parser::parse_tls_raw_record(&record(23, 18_432)).is_err(), "the library gives up at 16,640");
        assert_eq!(Header::read(&[23, 3, 3, 0x48, 0x01]), None);
    }

    #[test]
    fn three_headers_in_a_row_are_evidence_and_two_are_not() {
        let three = [record(23, 3), record(23, 4), record(23, 900)].concat();
        assert_eq!(chain(three.get(..40).unwrap_or(&[]), Behind::More), Evidence::At(0));
        assert_eq!(chain(three.get(..10).unwrap_or(&[]), Behind::More), Evidence::Maybe(0, 13));
        let broken = [record(23, 3), vec![1; 40]].concat();
        assert_eq!(chain(&broken, Behind::More), Evidence::None);
    }

    #[test]
    fn where_bytes_end_is_evidence_only_if_nothing_follows() {
        let one = record(23, 60);
        assert_eq!(chain(&one, Behind::More), Evidence::Maybe(0, 70));
        assert_eq!(chain(&one, Behind::End), Evidence::At(0), "ends where the stream ends");
        assert_eq!(chain(one.get(..40).unwrap_or(&[]), Behind::End), Evidence::None);
        let two = [record(23, 60), record(23, 900)].concat();
        assert_eq!(chain(two.get(..200).unwrap_or(&[]), Behind::End), Evidence::At(0));
        assert_eq!(chain(two.get(..67).unwrap_or(&[]), Behind::End), Evidence::None, "two bytes are no header");
    }

    #[test]
    fn records_are_found_behind_bytes_that_are_none() {
        let bytes = [vec![0x17, 3, 9, 9, 0, 0, 0], record(23, 30), record(21, 26)].concat();
        assert_eq!(find(&bytes, Behind::More), Evidence::Maybe(7, 71));
        assert_eq!(find(&bytes, Behind::End), Evidence::At(7));
        assert_eq!(find(&[0; 100], Behind::End), Evidence::None);
    }

    #[test]
    fn a_hello_is_found_by_itself() {
        let hello = [vec![0x16; 3], vec![22, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3], vec![0; 54]].concat();
        assert_eq!(find(&hello, Behind::More), Evidence::At(3));
        assert_eq!(find(hello.get(..12).unwrap_or(&[]), Behind::More), Evidence::Maybe(3, 10));
    }

    #[test]
    fn what_is_found_holds_for_whatever_follows() {
        let bytes = [vec![23, 3, 22], record(23, 9), vec![22, 3, 3, 0, 9, 20, 3], record(20, 1)];
        let bytes = [bytes.concat(), record(22, 8), record(23, 3)].concat();
        let mut least = 0;
        for length in 0..bytes.len() {
            match find(bytes.get(..length).unwrap_or(&[]), Behind::More) {
                Evidence::At(at) | Evidence::Maybe(at, _) => {
                    assert!(at >= least, "{at} of {length} bytes, after {least}");
                    least = at;
                }
                Evidence::None => least = length,
            }
        }
        assert_eq!(find(&bytes, Behind::More), Evidence::At(24));
    }
}
