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
    /// They may begin at this offset; so many bytes, counted from it, would tell.
    Maybe(usize, usize),
    /// None that could be seen.
    None,
}

/// Looks for records in bytes that begin anywhere.
pub(super) fn find(bytes: &[u8]) -> Evidence {
    for at in 0..bytes.len() {
        match chain(bytes.get(at..).unwrap_or(&[])) {
            Evidence::At(_) => return Evidence::At(at),
            Evidence::Maybe(_, needed) => return Evidence::Maybe(at, needed),
            Evidence::None => {}
        }
    }
    Evidence::None
}

/// Whether records begin here: [`CHAIN`] headers in a row, or fewer that end exactly where the bytes end.
pub(super) fn chain(bytes: &[u8]) -> Evidence {
    let mut next = 0usize;
    for _ in 0..CHAIN {
        let Some(rest) = bytes.get(next..) else { return Evidence::Maybe(0, next.saturating_add(HEADER)) };
        if rest.is_empty() && next > 0 {
            return Evidence::At(0);
        }
        match Header::read(rest) {
            Some(header) if header.is_plain() => next = next.saturating_add(header.total()),
            None if may_begin(rest) => return Evidence::Maybe(0, next.saturating_add(HEADER)),
            _ => return Evidence::None,
        }
    }
    Evidence::At(0)
}

/// Whether one plain header begins here: enough where the flow is known to speak TLS and a segment begins, for
/// writers begin records there.
pub(super) fn begins(bytes: &[u8]) -> bool {
    Header::read(bytes).is_some_and(|header| header.is_plain())
}

/// Whether fewer bytes than a header could be the start of one.
fn may_begin(bytes: &[u8]) -> bool {
    bytes.len() < HEADER
        && bytes.first().is_none_or(|kind| matches!(*kind, CHANGE_CIPHER_SPEC..=HEARTBEAT))
        && bytes.get(1).is_none_or(|major| *major == 3)
}

/// Whether these bytes begin with a hello in clear, of either side: type 22, version 3.x, a hello whose
/// length fits the record's.
pub(super) fn is_hello(bytes: &[u8]) -> bool {
    let Some(header) = Header::read(bytes).filter(|header| header.kind == HANDSHAKE && header.is_plain()) else {
        return false;
    };
    let message = match bytes.get(HEADER..) {
        Some([kind @ (1 | 2), 0, high, low, 3 | 0x7f, ..]) => (*kind, usize::from(u16::from_be_bytes([*high, *low]))),
        _ => return false,
    };
    // A ServerHello is often followed by more in its record; a hello may also need further records.
    message.1 >= 38 && (message.0 == 2 || message.1.saturating_add(4) >= header.length)
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
        assert_eq!(chain(three.get(..40).unwrap_or(&[])), Evidence::At(0));
        assert_eq!(chain(three.get(..10).unwrap_or(&[])), Evidence::Maybe(0, 13));
        assert_eq!(chain(&record(23, 60)), Evidence::At(0), "ends where the bytes end");
        let broken = [record(23, 3), vec![1; 40]].concat();
        assert_eq!(chain(&broken), Evidence::None);
    }

    #[test]
    fn records_are_found_behind_bytes_that_are_none() {
        let bytes = [vec![0x17, 3, 9, 9, 0, 0, 0], record(23, 30), record(21, 26)].concat();
        assert_eq!(find(&bytes), Evidence::At(7));
        assert_eq!(find(&[0; 100]), Evidence::None);
    }
}
