//! What both sides of a flow said under encryption, as far as records tell: whether the client asked, and whether what
//! came back is surely an answer.
//!
//! ```text
//! client  hello               finished  request
//! server        hello sealed…           ticket ticket  settings  answer
//!                                       └ equal lengths └ short  └ anything more
//! ```
//!
//! A server of TLS 1.3 sends tickets when the handshake is over, whether it was asked or not (RFC 8446, section 4.6.1),
//! one of HTTP/2 its settings (RFC 9113, section 3.4), one of QUIC both and more. None of these is an answer.

use crate::protocols::Side;

/// An alert under encryption: five octets of header, two, a type, a tag.
const ALERT: u32 = 24;

/// Records of tickets that servers send together; they have one length. More than any known server sends.
const MOST_TICKETS: u32 = 4;

/// A ticket is shorter, as a rule: a record that is not is an answer.
const LONGEST_TICKET: u32 = 1024;

/// What a server of HTTP/2 says by itself: six settings, a window, the acknowledgement of the client's settings: 67 bytes,
/// and three records around them.
const SETTINGS: u32 = 160;

/// Datagrams of QUIC that only acknowledge are shorter, as a rule.
const ACKNOWLEDGES: u32 = 100;

/// What a server of HTTP/3 says by itself: tickets, tokens, connection ids, settings. It fits into a datagram or two.
const QUIC_SETUP: u32 = 2400;

/// What both sides said under encryption.
#[derive(Clone, Copy, Default)]
pub(super) struct Secured {
    /// Sealed records of the client's handshake that are still to come.
    handshake: u32,
    /// Whether the server may send tickets behind the handshake.
    tickets: bool,
    /// Whether HTTP/2 was offered, so that the server may send settings.
    pub(super) settles: bool,
    is_quic: bool,
    /// The packet of the client's first record of its own.
    pub(super) asked: u32,
    /// The length of the server's first record behind the handshake, and how many of that length came in a row.
    first: (u32, u32),
    /// Whether all of the server's records had that length.
    alike: bool,
    /// Whether the server said something since.
    said: bool,
    /// Bytes that it said since and that are no tickets.
    more: u32,
}

impl Secured {
    /// In TLS 1.3 the client's end of the handshake looks like data.
    pub(super) fn after_hello() -> Secured {
        Secured { handshake: 1, tickets: true, alike: true, ..Secured::default() }
    }

    /// In TLS 1.2 it does not, and tickets come before it.
    pub(super) fn negotiates_in_turn(&mut self) {
        (self.handshake, self.tickets) = (0, false);
    }

    /// A record of application data.
    pub(super) fn record(&mut self, side: Side, packet: u32, length: u32) {
        if length == ALERT {
            return;
        }
        if side == Side::Server && self.handshake == 0 && self.tickets && !self.is_ticket(length) {
            self.alike = false;
        }
        let ticket = side == Side::Server && self.tickets && self.alike;
        self.say(side, packet);
        if side == Side::Server && self.said && !ticket {
            self.more = self.more.saturating_add(length);
        }
    }

    /// Whether a record of the server may be one of the tickets that it sent first.
    fn is_ticket(&mut self, length: u32) -> bool {
        if !self.alike || length > LONGEST_TICKET {
            return false;
        }
        let (first, times) = self.first;
        if times == 0 {
            self.first = (length, 1);
            return true;
        }
        self.first = (first, times + 1);
        length == first && times < MOST_TICKETS
    }

    /// A datagram of QUIC behind its handshake.
    pub(super) fn quic(&mut self, side: Side, packet: u32, length: u32) {
        (self.handshake, self.is_quic) = (0, true);
        if length <= ACKNOWLEDGES {
            return;
        }
        self.say(side, packet);
        if side == Side::Server && self.said {
            self.more = self.more.saturating_add(length);
        }
    }

    /// Anything else.
    pub(super) fn say(&mut self, side: Side, packet: u32) {
        match side {
            Side::Client if self.handshake > 0 => self.handshake -= 1,
            Side::Client if self.asked == 0 => self.asked = packet,
            Side::Client => {}
            Side::Server => self.said |= self.asked > 0 && packet > self.asked,
        }
    }

    /// Whether what the server said since the client asked is surely an answer.
    pub(super) fn answers(&self) -> bool {
        let by_itself = match () {
            () if self.is_quic => QUIC_SETUP,
            () if self.settles => SETTINGS,
            () if self.tickets => 0,
            () => return self.said,
        };
        self.said && self.more > by_itself
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Side::{Client, Server};

    fn told(start: Secured, records: &[(Side, u32)]) -> (bool, bool) {
        let mut secured = start;
        for ((side, length), packet) in records.iter().zip(1..) {
            secured.record(*side, packet, *length);
        }
        (secured.asked > 0, secured.answers())
    }

    /// The handshake of TLS 1.3 in sealed records, then these.
    fn behind_handshake(records: &[(Side, u32)]) -> (bool, bool) {
        let handshake = [(Server, 28), (Server, 840), (Server, 286), (Server, 74), (Client, 74)];
        told(Secured::after_hello(), &[&handshake[..], records].concat())
    }

    #[test]
    fn tickets_are_no_answer() {
        assert_eq!(behind_handshake(&[]), (false, false));
        assert_eq!(behind_handshake(&[(Server, 239), (Server, 239)]), (false, false));
        assert_eq!(behind_handshake(&[(Client, 26), (Server, 239), (Server, 239)]), (true, false));
        assert_eq!(behind_handshake(&[(Client, 26), (Server, 239), (Server, 239), (Server, 24)]), (true, false));
        assert_eq!(behind_handshake(&[(Client, 26), (Server, 239), (Server, 239), (Server, 26)]), (true, true));
        assert_eq!(behind_handshake(&[(Server, 239), (Server, 239), (Client, 26), (Server, 26)]), (true, true));
        assert_eq!(behind_handshake(&[(Client, 26), (Server, 5000)]), (true, true), "longer than any ticket");
        assert_eq!(behind_handshake(&[(Client, 26), (Server, 400)]), (true, false), "it may be a ticket");
    }

    #[test]
    fn settings_of_http2_are_no_answer() {
        let start = Secured { settles: true, handshake: 0, ..Secured::after_hello() };
        let setup = [(Client, 100), (Server, 239), (Server, 239), (Server, 62), (Server, 31)];
        assert_eq!(told(start, &setup), (true, false));
        assert_eq!(told(start, &[&setup[..], &[(Server, 900)]].concat()), (true, true));
    }

    #[test]
    fn in_tls_12_whatever_the_server_says_then_answers() {
        let mut start = Secured::after_hello();
        start.negotiates_in_turn();
        assert_eq!(told(start, &[(Client, 60)]), (true, false));
        assert_eq!(told(start, &[(Client, 60), (Server, 60)]), (true, true));
    }
}
