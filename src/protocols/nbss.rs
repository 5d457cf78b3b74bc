//! The framing of SMB over TCP (RFC 1002, section 4.3; MS-SMB2, section 2.1), and which messages of SMB run in it.
//! What they carry is not read: who mounts what is Unknown, unless it is encrypted.

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Under, heading, smb, smb2};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// The NetBIOS Session Service.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("nbss", "NetBIOS Session Service", Class::Metadata, "RFC 1002, section 4.3"),
    fields: FIELDS,
    under: &[Under::Tcp(139), Under::Tcp(445)],
    read: Read::Dialogue { new: |_| Box::new(Session { inner: None }), probe: Some(probe) },
};

fields! { class Metadata, "RFC 1002, section 4.3.1";
    TYPE: Hex(2) "nbss.type" "Message Type", names packet_type;
    LENGTH: Number "nbss.length" "Length";
    NAMES: Bytes "husk.nbss.names" "Called and calling name", "RFC 1002, section 4.3.2";
    CONTENT: Bytes "husk.nbss.content" "Message";
}

const HEADER: usize = 4;
const SESSION_MESSAGE: u8 = 0;
/// What a message in a frame begins with.
const MAGICS: [&[u8]; 4] = [smb::MAGIC, smb2::MAGIC, smb2::ENCRYPTED, smb2::COMPRESSED];

fn packet_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0x00 => "session message",
        0x81 => "session request",
        0x82 => "positive session response",
        0x83 => "negative session response",
        0x84 => "retarget session response",
        0x85 => "session keep-alive",
        _ => return None,
    })
}

/// By what begins in the frame, on any port; on its own by a frame that may begin a session.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    if !start.is_stream() {
        return Answer::No;
    }
    let ported = |port| [start.client_port, start.server_port].contains(&port);
    match first {
        [0x81..=0x85, 0 | 1, ..] if ported(139) => Answer::Yes,
        [0x81..=0x85] if ported(139) => Answer::More,
        [SESSION_MESSAGE] => Answer::More,
        [SESSION_MESSAGE, rest @ ..] => {
            let inner = rest.get(HEADER.saturating_sub(1)..).unwrap_or(&[]);
            match inner {
                [] => Answer::More,
                _ if MAGICS.iter().any(|magic| inner.starts_with(magic)) => Answer::Yes,
                _ if MAGICS.iter().any(|magic| magic.starts_with(inner)) => Answer::More,
                _ => Answer::No,
            }
        }
        _ => Answer::No,
    }
}

/// SMB within one connection.
#[derive(Clone, Debug)]
struct Session {
    /// What was last seen within the frames.
    inner: Option<&'static str>,
}

impl Dialogue for Session {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        /// Frames up to this length are seen whole, so that requests that are sent together are all named.
        const WHOLE: usize = 64 << 10;
        /// Bytes of a longer one that are kept: the framing and the longest header.
        const HEAD: usize = HEADER + smb2::HEADER;
        match arrived {
            [SESSION_MESSAGE, 0, 0, 0, ..] => Extent::Whole(HEADER),
            [SESSION_MESSAGE, a, b, d, begin @ ..] => {
                // A stream that is joined in its midst goes on at the next message.
                if !MAGICS.iter().any(|magic| magic.starts_with(begin) || begin.starts_with(magic)) {
                    return Extent::Lost(1);
                }
                if begin.len() < smb::MAGIC.len() {
                    return Extent::Needs(HEADER.saturating_add(smb::MAGIC.len()));
                }
                // Over port 445 the length has 24 bits, on 139 seven of them are reserved, and zero.
                let length = u32::from_be_bytes([0, *a, *b, *d]) as usize;
                match length.saturating_add(HEADER) {
                    total if total <= WHOLE => Extent::Whole(total),
                    total => Extent::Skip { head: HEAD, total },
                }
            }
            [0x81..=0x85, 0 | 1, high, low, ..] => {
                Extent::Whole(usize::from(u16::from_be_bytes([*high, *low])).saturating_add(HEADER))
            }
            _ if arrived.len() < HEADER => Extent::Needs(HEADER),
            _ => Extent::Lost(1),
        }
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let kind = c.group(&PROTOCOL.heading, |c| {
            let kind = c.u8(&TYPE)?;
            c.u24(&LENGTH)?;
            if kind != SESSION_MESSAGE && !c.is_empty() {
                c.bytes(&NAMES, c.remaining())?;
            }
            Ok(kind)
        })?;
        let mut what = packet_type(kind.into()).unwrap_or("unknown type");
        if kind == SESSION_MESSAGE {
            match c.peek(smb::MAGIC.len()) {
                magic if magic == smb::MAGIC => {
                    self.inner = Some(smb::PROTOCOL.name());
                    what = smb::read(c)?;
                }
                smb2::MAGIC | smb2::ENCRYPTED | smb2::COMPRESSED => {
                    self.inner = Some(smb2::PROTOCOL.name());
                    what = smb2::read(c)?;
                }
                _ if c.is_empty() => {}
                _ => c.skim(&CONTENT, c.remaining(), Class::Unknown)?,
            }
        }
        Ok(Message::new(what))
    }

    fn stack(&self) -> Vec<&'static str> {
        std::iter::once(PROTOCOL.name()).chain(self.inner).collect()
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::super::Transport;
    use super::*;

    fn framed(message: &[u8]) -> Vec<u8> {
        [&(message.len() as u32).to_be_bytes()[..], message].concat()
    }

    fn header(command: u8, next: u32) -> Vec<u8> {
        let mut header = [smb2::MAGIC, &64_u16.to_le_bytes(), &[0; 6], &[command, 0], &[0; 6]].concat();
        header.extend(next.to_le_bytes());
        header.resize(smb2::HEADER, 0);
        header
    }

    #[test]
    fn requests_that_are_sent_together_are_all_named() {
        let mut first = header(5, 72);
        first.resize(72, 0);
        let bytes = framed(&[first, header(6, 0)].concat());
        let mut session = Session { inner: None };
        assert_eq!(session.extent(Side::Client, &bytes), Extent::Whole(bytes.len()));
        let (message, findings, _) = read_alone(&mut session, Side::Client, &bytes);
        assert_eq!((message.what, findings.subject.as_str()), ("create request", "close request"));
        assert_eq!(session.stack(), ["nbss", "smb2"]);
    }

    #[test]
    fn a_chain_that_leads_nowhere_ends() {
        for next in [1, 8, 63, 0x7fff_ffff, u32::MAX] {
            let (message, ..) = read_alone(&mut Session { inner: None }, Side::Client, &framed(&header(0, next)));
            assert_eq!(message.what, "negotiate request");
        }
    }

    #[test]
    fn encrypted_messages_are_sealed() {
        let mut message = smb2::ENCRYPTED.to_vec();
        message.resize(152, 0);
        let (message, findings, _) = read_alone(&mut Session { inner: None }, Side::Client, &framed(&message));
        assert_eq!(message.what, "sealed");
        assert_eq!(findings.claims.ledger.of(Class::Sealed), 100);
        assert_eq!(findings.claims.ledger.of(Class::Tag), 32);
    }

    #[test]
    fn found_by_what_begins_in_the_frame() {
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 4450 };
        let bytes = framed(&header(0, 0));
        for cut in 1..8 {
            assert_eq!(probe(&start, Side::Client, &bytes[..cut]), Answer::More);
        }
        assert_eq!(probe(&start, Side::Client, &bytes), Answer::Yes);
        assert_eq!(probe(&start, Side::Client, &[0, 0, 0, 4, 1, 2]), Answer::No);
    }
}
