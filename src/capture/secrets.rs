//! Key-log lines and secrets blocks: read and kept, never used to decrypt and never printed.
//!
//! Format: [draft-ietf-tls-keylogfile]. A line is a label, the ClientHello's random and a secret,
//! in hexadecimal; labels are not restricted, so that QUIC's and future ones are kept too.
//!
//! [draft-ietf-tls-keylogfile]: https://datatracker.ietf.org/doc/draft-ietf-tls-keylogfile/

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Kind of a secrets block with TLS key-log lines (pcapng, section 4.7).
pub const TLS_KEY_LOG: u32 = 0x544c_534b;
/// Kind of a secrets block with SSH key-log lines.
pub const SSH_KEY_LOG: u32 = 0x5353_484b;
/// Kind of a secrets block with WireGuard key-log lines.
pub const WIREGUARD_KEY_LOG: u32 = 0x5747_4b4c;

/// The most bytes of a key-log file that are read: a browser's log of months is smaller.
pub const MAX_KEY_LOG: u64 = 64 << 20;

/// The most bytes that a random or a secret may have; real ones have at most 64.
const MAX_SECRET: usize = 256;

/// One line of a key log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is: `CLIENT_RANDOM`, `CLIENT_HANDSHAKE_TRAFFIC_SECRET`, ...
    pub label: String,
    /// Which connection it belongs to: the ClientHello's random (32 bytes), or for `RSA` the first
    /// 8 bytes of the encrypted premaster secret.
    pub client_random: Vec<u8>,
    /// The secret.
    pub secret: Vec<u8>,
}

impl fmt::Debug for Secret {
    /// Leaves the secret out: debug output ends up in bug reports.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("label", &self.label)
            .field("bytes", &self.secret.len())
            .finish_non_exhaustive()
    }
}

/// A secrets block of a pcapng capture, as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretsBlock {
    /// Which kind of secrets: [`TLS_KEY_LOG`], [`SSH_KEY_LOG`], [`WIREGUARD_KEY_LOG`], or another.
    pub kind: u32,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for SecretsBlock {
    /// Leaves the secrets out: debug output ends up in bug reports.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretsBlock")
            .field("kind", &format_args!("0x{:08x}", self.kind))
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// A key log: its rows, and how many lines were neither a row nor a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLog {
    /// The rows, in the order of the log.
    pub secrets: Vec<Secret>,
    /// Lines that say something else.
    pub odd_lines: usize,
}

impl KeyLog {
    /// Reads the lines of a key log. Never fails: what is no row is counted.
    pub fn parse(bytes: &[u8]) -> KeyLog {
        let mut log = KeyLog::default();
        for line in lines(bytes) {
            match row(line) {
                Some(secret) => log.secrets.push(secret),
                None => log.odd_lines += 1,
            }
        }
        log
    }

    /// Reads a key-log file (what `SSLKEYLOGFILE` names). One of more than [`MAX_KEY_LOG`] bytes is an error of kind
    /// `InvalidData`.
    pub fn read(path: &Path) -> io::Result<KeyLog> {
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_KEY_LOG + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_KEY_LOG {
            let what = format!("a key log of more than {MAX_KEY_LOG} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(KeyLog::parse(&bytes))
    }
}

/// The rows among a key log's lines.
pub(crate) fn rows(bytes: &[u8]) -> impl Iterator<Item = Secret> + '_ {
    lines(bytes).filter_map(row)
}

/// Lines that are neither empty nor a comment.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> + '_ {
    bytes
        .split(|&b| matches!(b, b'\n' | b'\r' | 0))
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
}

/// `label SP hex SP hex`; also the old `RSA Session-ID:hex Master-Key:hex` is left out, as it has no random.
fn row(line: &[u8]) -> Option<Secret> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let label = std::str::from_utf8(words.next()?).ok()?;
    let named = label.len() <= 64 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let secret = Secret { label: label.to_owned(), client_random: hex(words.next()?)?, secret: hex(words.next()?)? };
    (named && words.next().is_none()).then_some(secret)
}

/// Bytes from hexadecimal digits.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let whole = digits.len().is_multiple_of(2) && !digits.is_empty() && digits.len() <= 2 * MAX_SECRET;
    let value = |digit: u8| char::from(digit).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        &[high, low] => u8::try_from((value(high)? << 4) | value(low)?).ok(),
        _ => None,
    };
    if whole { digits.chunks(2).map(pair).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_comments_and_odd_lines() {
        let log = KeyLog::parse(b"# a comment\r\nCLIENT_RANDOM 00ff AbCd\n\nSERVER_TRAFFIC_SECRET_0\t01  02\nnonsense\nCLIENT_RANDOM 0 1\nX 00 00 00\n");
        assert_eq!(log.odd_lines, 3);
        let first = log.secrets.first().expect("a row");
        assert_eq!(
            (first.label.as_str(), first.client_random.as_slice(), first.secret.as_slice()),
            ("CLIENT_RANDOM", &[0, 255][..], &[0xab, 0xcd][..])
        );
        assert_eq!(log.secrets.len(), 2);
    }

    #[test]
    fn a_key_log_longer_than_any_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys");
        let log = |bytes: u64| {
            let file = File::create(&path).and_then(|file| file.set_len(bytes));
            file.and_then(|()| KeyLog::read(&path)).map_err(|error| error.kind())
        };
        assert_eq!(log(MAX_KEY_LOG), Ok(KeyLog::default()));
        assert_eq!(log(MAX_KEY_LOG + 1), Err(io::ErrorKind::InvalidData));
    }

    #[test]
    fn debug_output_keeps_the_secret() {
        let secret = Secret { label: "CLIENT_RANDOM".into(), client_random: vec![1], secret: vec![0xde, 0xad] };
        let shown = format!("{secret:?} {:?}", SecretsBlock { kind: TLS_KEY_LOG, bytes: vec![0xde, 0xad] });
        assert!(!shown.contains("222") && !shown.contains("de"), "{shown}");
    }
}
