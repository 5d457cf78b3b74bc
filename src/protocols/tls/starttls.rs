//! How conversations that nobody reads turn to TLS: STARTTLS and its like, behind a proxy, in databases.

use super::record;
use crate::protocols::Found;

/// Where a hello in clear begins: when a side's turn comes, the other side having agreed, or behind a request for TLS
/// that waits for no answer.
pub(in crate::protocols) fn find(said: &[u8]) -> Found {
    let behind = if said.starts_with(&MYSQL) || MYSQL.starts_with(said) { MYSQL_LENGTH } else { 0 };
    match said.get(behind..) {
        Some(hello) if record::is_hello(hello) => Found::At(behind),
        Some(start) if !record::may_be_hello(start) => Found::Nowhere,
        _ => Found::Maybe,
    }
}

/// Whether a side begins its turn with a hello in clear.
pub(in crate::protocols) fn find_hello(said: &[u8]) -> Found {
    match said {
        hello if record::is_hello(hello) => Found::At(0),
        start if record::may_be_hello(start) => Found::Maybe,
        _ => Found::Nowhere,
    }
}

/// MySQL's SSLRequest: a packet of 32 bytes, the connection's second (MySQL, Protocol::SSLRequest).
const MYSQL: [u8; 4] = [32, 0, 0, 1];
const MYSQL_LENGTH: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: [u8; 11] = [22, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3];

    fn after(prelude: &[u8]) -> Vec<u8> {
        [prelude, &HELLO, &[0; 54]].concat()
    }

    #[test]
    fn a_hello_opens_and_so_does_one_behind_a_request_of_mysql() {
        assert_eq!(find(&after(&[])), Found::At(0));
        let request = [&MYSQL[..], &[7; 32]].concat();
        assert_eq!(find(&after(&request)), Found::At(36));
        assert_eq!(find(&after(&[7; 36])), Found::Nowhere, "inside of something else it is that one's");
    }

    #[test]
    fn fewer_bytes_than_tell_may_become_one() {
        let all = after(&[&MYSQL[..], &[7; 32]].concat());
        assert!((0..46).all(|length| find(all.get(..length).unwrap_or(&[])) == Found::Maybe));
        assert!((46..all.len()).all(|length| find(all.get(..length).unwrap_or(&[])) == Found::At(36)));
        assert_eq!(find(&[22, 3, 1, 0, 60, 1, 9]), Found::Maybe);
        assert_eq!(find(&[22, 3, 1, 0, 60, 1, 9, 0, 0, 3]), Found::Nowhere);
        assert_eq!(find(b"STARTTLS"), Found::Nowhere);
    }
}
