//! What is known of one TLS session, from whatever carries it: records over TCP, or CRYPTO frames of QUIC.

use tls_parser::{TlsCipherKx, TlsCipherSuite};

use super::names;
use crate::protocols::Start;

/// What the handshake has settled so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// The version chosen; the server's word, or 0 while it is not known.
    pub(crate) version: u16,
    /// The suite chosen.
    pub(crate) suite: Option<u16>,
    /// The application protocol chosen, if it was said in clear and a stack can name it.
    pub(crate) application: Option<&'static str>,
    /// Whether the client announced data before the handshake's end (RFC 8446, section 4.2.10).
    pub(crate) early_data: bool,
    /// Version of a record or hello: a stand-in until the server has chosen.
    pub(crate) spoken: u16,
    /// Whether it is a session of DTLS.
    pub(crate) datagrams: bool,
    /// Bytes of the connection id that each side wants to find in what it gets (RFC 9146, section 3), by side.
    pub(crate) connection_id: [Option<usize>; 2],
    /// Between which ports the session runs, if it was told.
    pub(crate) start: Option<Start>,
    /// The session id that the client offered.
    pub(crate) offered: Box<[u8]>,
    /// What happened in its handshake.
    pub(crate) course: Course,
}

/// What happened in a handshake, as far as that is in clear.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Course {
    /// The server took up an earlier session (a session id or ticket; in TLS 1.3 a pre-shared key).
    pub(crate) resumed: bool,
    /// The server asked for another hello.
    pub(crate) retried: bool,
    /// The server asked for a client's certificate.
    pub(crate) asks_certificate: bool,
    /// The last alert in clear, in words.
    pub(crate) alert: Option<&'static str>,
}

impl Session {
    /// A session of the flow that begins so.
    pub(crate) fn over(start: &Start) -> Session {
        Session { start: Some(*start), ..Session::default() }
    }

    /// What is remarkable of the session, in words.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let Course { resumed, retried, asks_certificate, alert } = self.course;
        let flags = [
            (resumed, "resumed"),
            (retried, "hello retried"),
            (self.early_data, "0-RTT offered"),
            (asks_certificate, "client certificate asked for"),
        ];
        let words = flags.into_iter().filter(|(happened, _)| *happened).map(|(_, word)| word.to_owned());
        words.chain(alert.map(|alert| format!("alert {alert}"))).collect()
    }

    /// Whether TLS 1.3 was chosen.
    pub(crate) const fn is_13(&self) -> bool {
        names::is_13(names::as_tls(self.version))
    }

    /// The version under which encrypted records are laid out: data that is sent before the server has chosen is
    /// of TLS 1.3, which alone has such.
    pub(crate) const fn sealing_version(&self) -> u16 {
        if self.version == 0 && self.early_data { 0x0304 } else { names::as_tls(self.version) }
    }

    /// The version chosen, or what records say of it.
    pub(super) const fn version_or_spoken(&self) -> u16 {
        names::as_tls(if self.version == 0 { self.spoken } else { self.version })
    }

    /// Key exchange of the suite chosen.
    pub(super) fn key_exchange(&self) -> Option<TlsCipherKx> {
        self.suite.and_then(TlsCipherSuite::from_id).map(|suite| suite.kx)
    }

    /// Whether the suite chosen leaves the server's key exchange unsigned.
    pub(super) fn is_unsigned(&self) -> bool {
        let name = self.suite.and_then(TlsCipherSuite::from_id).map_or("", |suite| suite.name);
        name.contains("_anon_") || name.contains("_PSK_")
    }
}
