//! TLS 1.0 to 1.3, and SSL 3.0 (RFC 8446, RFC 5246 and before them RFC 4346, 2246 and 6101).
//!
//! ```text
//! bytes of a side ─► records (record.rs) ─┬─ clear ─► messages (handshake.rs) ─► hellos, extensions, ...
//!                                         └─ sealed ─► 5 bytes of header are read, the rest is classed by its layout (seal.rs)
//! ```
//!
//! A record is a message of the dialogue. What of it is ciphertext follows from the state: application data
//! always; until TLS 1.2 everything behind ChangeCipherSpec; in TLS 1.3 nothing else, for what it encrypts it
//! disguises as application data (RFC 8446, section 5.2).

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use handshake::Messages;
use record::{Behind, Evidence, Header};
pub(crate) use seal::{Layout, layout};
use session::Session;

pub(crate) mod handshake;
pub mod names;
pub(crate) mod session;
pub(crate) mod transport_parameters;

mod extensions;
pub mod fields;

mod encrypted_dns;
pub mod fingerprint;
mod hello;
mod key_exchange;
pub(super) mod record;
mod sct;
mod seal;
mod sslv2;
pub(super) mod starttls;

/// Transport Layer Security.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("tls", "Transport Layer Security", Class::Metadata, "RFC 8446, section 5"),
    fields: fields::FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |start| Box::new(Tls::new(start)), probe: Some(probe) },
};

/// Ports on which TLS is spoken from the first byte on.
const PORTS: [Under; 27] = [
    Under::Tcp(443),
    Under::Tcp(465),
    Under::Tcp(636),
    Under::Tcp(802),
    Under::Tcp(853),
    Under::Tcp(989),
    Under::Tcp(990),
    Under::Tcp(992),
    Under::Tcp(993),
    Under::Tcp(994),
    Under::Tcp(995),
    Under::Tcp(1300),
    Under::Tcp(2221),
    Under::Tcp(2443),
    Under::Tcp(3269),
    Under::Tcp(5061),
    Under::Tcp(5223),
    Under::Tcp(5671),
    Under::Tcp(5684),
    Under::Tcp(5868),
    Under::Tcp(6514),
    Under::Tcp(6697),
    Under::Tcp(8443),
    Under::Tcp(8883),
    Under::Tcp(11207),
    Under::Tcp(19999),
    Under::Tcp(27017),
];

/// What is known of the place of a side's next byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Something begins here: the stream, or what follows a gap.
    #[default]
    Fresh,
    /// A record begins here.
    InStep,
    /// Nothing: records have to show themselves.
    Lost,
}

/// One side's state.
#[derive(Clone, Debug, Default)]
struct Half {
    place: Place,
    /// Whether ChangeCipherSpec has passed.
    changed: bool,
    messages: Messages,
}

/// A TLS session over TCP.
#[derive(Clone, Debug, Default)]
struct Tls {
    session: Session,
    client: Half,
    server: Half,
    /// Whether a record was seen.
    begun: bool,
    /// How encrypted records are laid out, and under which version and suite.
    laid_out: Option<(u16, Option<u16>, Layout)>,
}

/// By content on any port. Where a flow (or what is seen of it) begins, one plain header is enough on the ports of TLS,
/// and one of application data on any. A flow on a port of TLS that shows nothing else will be watched for records.
fn probe(start: &Start, _side: Side, first: &[u8]) -> Answer {
    let ported =
        PORTS.iter().any(|port| matches!(port, Under::Tcp(n) if [start.client_port, start.server_port].contains(n)));
    if record::is_hello(first) || sslv2::is_hello(first).is_some() || record::begins_with_data(first) || ported && record::begins(first)
    {
        return Answer::Yes;
    }
    match record::chain(first, Behind::More) {
        Evidence::At(_) => Answer::Yes,
        Evidence::Maybe(..) => Answer::More,
        Evidence::None if ported || sslv2::may_begin(first) => Answer::More,
        Evidence::None => Answer::No,
    }
}

impl Tls {
    fn new(start: &Start) -> Tls {
        Tls { session: Session::over(start), ..Tls::default() }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn layout(&mut self) -> Layout {
        let (version, suite) = (self.session.sealing_version(), self.session.suite);
        match self.laid_out {
            Some((of, by, layout)) if of == version && by == suite => layout,
            _ => {
                let layout = layout(version, suite);
                self.laid_out = Some((version, suite, layout));
                layout
            }
        }
    }

    /// Bytes of MAC behind a handshake message that is not encrypted although ciphers have changed: some suites
    /// only authenticate.
    fn mac(&mut self, side: Side, header: &Header) -> usize {
        let layout = self.layout();
        let readable = layout.class != Class::Sealed && header.kind == record::HANDSHAKE;
        if readable && self.half(side).changed { layout.tag } else { 0 }
    }

    /// Whether the payload of a record is ciphertext.
    fn is_sealed(&mut self, side: Side, header: &Header) -> bool {
        match header.kind {
            record::APPLICATION_DATA => true,
            // An alert in clear has two bytes, and none that is encrypted is so short.
            record::ALERT => header.length != 2,
            record::HANDSHAKE | record::HEARTBEAT => {
                self.half(side).changed && !self.session.is_13() && self.layout().class == Class::Sealed
            }
            _ => false,
        }
    }

    /// Finds the next record of a side whose place is not known. `None`: it begins at the first byte.
    fn get_in_step(&mut self, side: Side, arrived: &[u8], behind: Behind) -> Option<Extent> {
        if self.half(side).place == Place::Fresh {
            if behind == Behind::More && record::may_begin(arrived) {
                return Some(Extent::Needs(record::HEADER));
            }
            if !self.begun && behind == Behind::More && sslv2::may_begin(arrived) {
                return Some(Extent::Needs(sslv2::FIXED));
            }
            let old_hello = if self.begun { None } else { sslv2::is_hello(arrived) };
            if let Some(total) = old_hello {
                return Some(Extent::Whole(total));
            }
        }
        if self.half(side).place != Place::Fresh || !record::begins(arrived) {
            self.half(side).place = Place::Lost;
            match record::find(arrived, behind) {
                Evidence::At(0) => {}
                Evidence::Maybe(0, needed) => return Some(Extent::Needs(needed)),
                Evidence::At(at) | Evidence::Maybe(at, _) => return Some(Extent::Lost(at)),
                Evidence::None => return Some(Extent::Lost(arrived.len())),
            }
        }
        self.half(side).place = Place::InStep;
        None
    }

    fn next_record(&mut self, side: Side, arrived: &[u8], behind: Behind) -> Extent {
        if self.half(side).place != Place::InStep
            && let Some(extent) = self.get_in_step(side, arrived, behind)
        {
            return extent;
        }
        if arrived.len() < record::HEADER {
            return Extent::Needs(record::HEADER);
        }
        let Some(header) = Header::read(arrived) else {
            self.lost(side);
            self.half(side).place = Place::Lost;
            return Extent::Lost(1);
        };
        match header.total() {
            total if self.is_sealed(side, &header) => Extent::Skip { head: record::HEADER, total },
            total => Extent::Whole(total),
        }
    }

    fn record(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if !self.begun && sslv2::is_hello(c.rest()).is_some() {
            self.begun = true;
            return sslv2::read(c, &mut self.session).map(Message::new);
        }
        let notes = if names::is_13(self.session.sealing_version()) { notes_of_13 } else { notes };
        let header = c.header(|bytes| Header::read(bytes).map(|header| (record::HEADER, header)), notes)?;
        self.begun = true;
        if self.session.spoken == 0 {
            self.session.spoken = header.version;
        }
        if self.is_sealed(side, &header) {
            return sealed(c, header.kind, header.length, self.layout()).map(Message::new);
        }
        let cut = header.length > c.remaining();
        let mac = self.mac(side, &header);
        let length = header.length.saturating_sub(mac);
        let what = c.inside(length, |c| self.clear(side, c, &header, cut))?;
        part(c, &fields::TAG, mac, Class::Tag).map(|()| Message::new(what))
    }

    fn clear(&mut self, side: Side, c: &mut Cursor<'_>, header: &Header, cut: bool) -> Result<&'static str, Stop> {
        match header.kind {
            record::CHANGE_CIPHER_SPEC => {
                c.u8(&fields::CHANGE_CIPHER_SPEC)?;
                self.half(side).changed = true;
                Ok("ChangeCipherSpec")
            }
            record::ALERT => c.group(&fields::ALERT, |c| alert(c, &mut self.session)),
            record::HANDSHAKE => {
                let mut messages = std::mem::take(&mut self.half(side).messages);
                let read = messages.read(c, &mut self.session, cut);
                self.half(side).messages = messages;
                read
            }
            record::HEARTBEAT => c.group(&fields::HEARTBEAT, heartbeat),
            _ => Ok("record"),
        }
    }
}

/// Ciphertext of a record of `kind`: passed without a look, each part as its class.
pub(super) fn sealed(c: &mut Cursor<'_>, kind: u8, length: usize, layout: Layout) -> Result<&'static str, Stop> {
    let (what, over) = match kind {
        record::APPLICATION_DATA => ("sealed", &fields::APP_DATA),
        record::ALERT => ("sealed alert", &fields::ENCRYPTED),
        record::HEARTBEAT => ("sealed heartbeat", &fields::ENCRYPTED),
        record::HANDSHAKE => ("sealed handshake", &fields::ENCRYPTED),
        _ => ("sealed", &fields::ENCRYPTED),
    };
    let place = c.open(over);
    // A record that is shorter than its overhead has another layout than the suite says.
    let body = length.checked_sub(layout.nonce.saturating_add(layout.tag));
    let read = match body {
        None => c.skim(&fields::CIPHERTEXT, length, layout.class),
        Some(body) => part(c, &fields::NONCE, layout.nonce, Class::Tag)
            .and_then(|()| part(c, &fields::CIPHERTEXT, body, layout.class))
            .and_then(|()| part(c, &fields::TAG, layout.tag, Class::Tag)),
    };
    c.close(place);
    read.map(|()| what)
}

/// Passes `n` bytes unseen; nothing is noted over none.
fn part(c: &mut Cursor<'_>, field: &'static crate::bytes::Field, n: usize, class: Class) -> Result<(), Stop> {
    if n == 0 { Ok(()) } else { c.skim(field, n, class) }
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.u8(&fields::RECORD_TYPE)?;
    c.u16(&fields::RECORD_VERSION)?;
    c.u16(&fields::RECORD_LENGTH).map(drop)
}

/// In TLS 1.3 the type of application data is a disguise (RFC 8446, section 5.2).
fn notes_of_13(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.peek(1) != [record::APPLICATION_DATA] {
        return notes(c);
    }
    c.u8(&fields::OPAQUE_TYPE)?;
    c.u16(&fields::RECORD_VERSION)?;
    c.u16(&fields::RECORD_LENGTH).map(drop)
}

pub(super) fn alert(c: &mut Cursor<'_>, session: &mut Session) -> Result<&'static str, Stop> {
    c.u8(&fields::ALERT_LEVEL)?;
    let description = c.u8(&fields::ALERT_DESCRIPTION)?;
    if let Some(name) = names::alert(description.into()) {
        c.subject(name);
        session.course.alert = Some(name);
    }
    Ok("alert")
}

/// A heartbeat in clear (RFC 6520). Its length may lie: an answer to one whose length lied is a leak.
pub(super) fn heartbeat(c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
    c.u8(&fields::HEARTBEAT_TYPE)?;
    let claimed = usize::from(c.u16(&fields::HEARTBEAT_LENGTH)?);
    if claimed > c.remaining() {
        c.remark("the payload is said to be longer than the record (Heartbleed)");
    }
    let payload = claimed.min(c.remaining());
    c.bytes(&fields::HEARTBEAT_PAYLOAD, payload)?;
    if !c.is_empty() {
        c.bytes(&fields::HEARTBEAT_PADDING, c.remaining())?;
    }
    Ok("heartbeat")
}

impl Dialogue for Tls {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        self.next_record(side, arrived, Behind::More)
    }

    fn extent_at_end(&mut self, side: Side, arrived: &[u8]) -> Extent {
        self.next_record(side, arrived, Behind::End)
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = self.record(side, c);
        c.close(heading);
        read
    }

    fn lost(&mut self, side: Side) {
        let half = self.half(side);
        half.place = Place::Fresh;
        half.messages.lost();
    }

    fn stack(&self) -> Vec<&'static str> {
        if !self.begun {
            return Vec::new();
        }
        let mut stack = vec![names::spoken(self.session.version)];
        stack.extend(self.session.application);
        stack
    }

    fn remarks(&self) -> Vec<String> {
        self.session.remarks()
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests;
