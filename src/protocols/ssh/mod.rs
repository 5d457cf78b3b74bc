//! SSH (RFC 4253), and what SSH-1 leaves in clear (draft-ylonen-ssh-protocol-00).
//!
//! ```text
//! version line ─► packets in clear: KEXINIT, key exchange, NEWKEYS ─► ciphertext
//!                 length | padding length | payload | padding         by its layout (algorithms.rs)
//! ```
//!
//! Behind NEWKEYS the negotiated algorithms decide what can be seen: with AES-GCM and with encrypt-then-MAC the
//! length of each packet, with all others nothing, not even where a packet ends.

use super::{Answer, Dialogue, Extent, Found, Message, Protocol, Read, Side, Start, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};
use algorithms::{Layout, Offer};

mod algorithms;
pub mod fields;
mod kex;
mod names;

use fields as f;

/// Secure Shell.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ssh", "SSH Protocol", Class::Metadata, "RFC 4253"),
    fields: f::FIELDS,
    under: &[Under::Tcp(22)],
    read: Read::Dialogue { new: |_| Box::new(Ssh::default()), probe: Some(probe) },
};

/// The longest line: 255 characters (RFC 4253, section 4.2); servers that talk before may be less strict.
const LONGEST_LINE: usize = 1024;
/// The longest packet in clear: OpenSSH's limit; the RFC asks for 35,000 (section 6.1).
const LONGEST_PACKET: usize = 256 << 10;
const LENGTH: usize = 4;

/// Where a side is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Its version line has not come.
    #[default]
    Version,
    /// Packets of SSH-2 in clear.
    Clear,
    /// Ciphertext, or what follows a negotiation without encryption.
    Sealed(Layout),
    /// SSH-1: the key exchange, one packet of each side.
    First,
    /// SSH-1: lengths in clear, the rest encrypted.
    FirstSealed,
    /// Bytes were lost before keys were taken into use: what follows may be either.
    Lost,
}

/// One side's state.
#[derive(Clone, Debug, Default)]
struct Half {
    stage: Stage,
    /// Whether it speaks SSH-1 only.
    first: bool,
    offer: Option<Box<Offer>>,
}

/// SSH over one connection.
#[derive(Clone, Debug, Default)]
struct Ssh {
    client: Half,
    server: Half,
}

/// By content on any port: the first line.
fn probe(_: &Start, _: Side, first: &[u8]) -> Answer {
    const BEGINNING: &[u8] = b"SSH-";
    if first.starts_with(BEGINNING) {
        Answer::Yes
    } else if BEGINNING.starts_with(first) {
        Answer::More
    } else {
        Answer::No
    }
}

/// Whether a side begins its turn with the line of its version.
pub(super) fn find_version(said: &[u8]) -> Found {
    const BEGINNINGS: [&[u8]; 2] = [b"SSH-2.0-", b"SSH-1.99-"];
    if BEGINNINGS.iter().any(|beginning| said.starts_with(beginning)) {
        Found::At(0)
    } else if BEGINNINGS.iter().any(|beginning| beginning.starts_with(said)) {
        Found::Maybe
    } else {
        Found::Nowhere
    }
}

impl Ssh {
    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn offers(&self) -> Option<(&Offer, &Offer)> {
        Some((self.client.offer.as_deref()?, self.server.offer.as_deref()?))
    }

    /// How what `side` sends behind NEWKEYS is laid out.
    fn layout(&self, side: Side) -> Layout {
        let (cipher, mac) = match side {
            Side::Client => (algorithms::CIPHER_C2S, algorithms::MAC_C2S),
            Side::Server => (algorithms::CIPHER_S2C, algorithms::MAC_S2C),
        };
        let chosen = |place| self.offers().and_then(|(client, server)| algorithms::chosen(client, server, place));
        algorithms::layout(chosen(cipher), chosen(mac))
    }

    /// A line before the packets: the version, or what a server says before it.
    fn line(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        let line = c.rest();
        let text = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
        if !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SSH-")) {
            c.bytes(&f::OTHER_LINE, text.len())?;
            c.pass(c.remaining())?;
            return Ok("line");
        }
        c.bytes(&f::PROTOCOL_LINE, text.len())?;
        c.fact(&f::PROTOCOL_LINE, text);
        c.subject(&String::from_utf8_lossy(text));
        let half = self.half(side);
        // 1.99 stands for both (RFC 4253, section 5.1).
        half.first = text.get(4..6) == Some(b"1.") && text.get(6..8) != Some(b"99");
        half.stage = Stage::Clear;
        if self.client.first || self.server.first {
            for half in [&mut self.client, &mut self.server] {
                if half.stage == Stage::Clear {
                    half.stage = Stage::First;
                }
            }
        }
        c.pass(c.remaining())?;
        Ok("version")
    }

    /// A packet of SSH-2 that can be read (RFC 4253, section 6).
    fn packet(&mut self, side: Side, c: &mut Cursor<'_>, tag: usize) -> Result<&'static str, Stop> {
        let length = c.u32(&f::PACKET_LENGTH)? as usize;
        let what = c.inside(length, |c| {
            let padding = usize::from(c.u8(&f::PADDING_LENGTH)?);
            let Some(payload) = c.remaining().checked_sub(padding) else {
                return Err(c.malformed("the padding is longer than the packet"));
            };
            let what = c.inside(payload, |c| self.message(side, c));
            let class = c.class(Class::Padding);
            let read = c.bytes(&f::PADDING, padding).map(drop);
            c.class(class);
            read.and(what)
        });
        if tag > 0 {
            c.skim(&f::TAG, tag, Class::Tag)?;
        }
        what
    }

    fn message(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
        let code = c.u8(&f::MESSAGE_CODE)?;
        match code {
            1 => {
                c.u32(&f::REASON)?;
                let why = kex::string(c, &f::DESCRIPTION_LENGTH, &f::DESCRIPTION)?;
                c.subject(&String::from_utf8_lossy(why));
                rest(c).map(|()| "disconnect")
            }
            20 => {
                let offer = kex::init(c, side)?;
                self.half(side).offer = Some(Box::new(offer));
                if let Some((client, server)) = self.offers() {
                    kex::agreed(c, client, server);
                }
                Ok("KEXINIT")
            }
            21 => {
                let layout = self.layout(side);
                self.half(side).stage = Stage::Sealed(layout);
                Ok("NEWKEYS")
            }
            30..=49 => {
                let offers = self.offers();
                let name = offers.and_then(|(client, server)| algorithms::chosen(client, server, algorithms::KEX));
                let method = algorithms::method(name);
                kex::message(c, code, method)
            }
            _ => rest(c).map(|()| names::message(code.into()).unwrap_or("message")),
        }
    }

    /// A packet whose length alone is in clear: passed without a look.
    fn sealed(c: &mut Cursor<'_>, tag: usize) -> Result<&'static str, Stop> {
        let length = c.u32(&f::SEALED_LENGTH)? as usize;
        c.skim(&f::CIPHERTEXT, length, Class::Sealed)?;
        c.skim(&f::TAG, tag, Class::Tag)?;
        Ok("sealed")
    }

    /// A packet of SSH-1: padding to a multiple of eight first, and a CRC-32 last.
    fn first(&mut self, side: Side, c: &mut Cursor<'_>, sealed: bool) -> Result<&'static str, Stop> {
        const CHECKSUM: usize = 4;
        let length = c.u32(&f::PACKET_LENGTH)? as usize;
        let padding = first_padding(length);
        c.part(&f::PADDING_LENGTH, Value::Number(padding as u64));
        if sealed {
            c.skim(&f::CIPHERTEXT, length.saturating_add(padding), Class::Sealed)?;
            return Ok("sealed");
        }
        self.half(side).stage = Stage::FirstSealed;
        let class = c.class(Class::Padding);
        c.bytes(&f::FIRST_PADDING, padding)?;
        c.class(class);
        c.u8(&f::MESSAGE_CODE)?;
        let payload = c.remaining().saturating_sub(CHECKSUM);
        c.bytes(&f::PAYLOAD, payload)?;
        c.bytes(&f::CHECKSUM, c.remaining())?;
        Ok("key exchange")
    }
}

/// Bytes of padding before a packet of SSH-1: at least one, at most eight.
fn first_padding(length: usize) -> usize {
    8usize.saturating_sub(length & 7)
}

/// What is left of a payload, whole.
fn rest(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.bytes(&f::PAYLOAD, c.remaining()).map(drop) }
}

/// The number at the start of what has arrived, if it is a packet's length.
fn length(arrived: &[u8]) -> Option<usize> {
    let bytes: [u8; LENGTH] = arrived.get(..LENGTH)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes) as usize)
}

impl Dialogue for Ssh {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        let all = |class| Extent::Pass { class, length: u64::MAX, ends: false };
        let stage = self.half(side).stage;
        if stage == Stage::Lost {
            return all(Class::Unknown);
        }
        if stage == Stage::Version {
            let within = arrived.get(..LONGEST_LINE).unwrap_or(arrived);
            return match within.iter().position(|byte| *byte == b'\n') {
                Some(at) => Extent::Whole(at.saturating_add(1)),
                None if within.len() < LONGEST_LINE => Extent::Needs(within.len().saturating_add(1)),
                None => all(Class::Unknown),
            };
        }
        if stage == Stage::Sealed(Layout::Hidden) {
            return all(Class::Sealed);
        }
        let Some(length) = length(arrived) else { return Extent::Needs(LENGTH) };
        let whole = |tag: usize| LENGTH.saturating_add(length).saturating_add(tag);
        match stage {
            // Wrong by its own measure: what it is can no longer be told, but that it is encrypted can.
            Stage::Sealed(Layout::Clear { .. }) | Stage::FirstSealed if length > LONGEST_PACKET => all(Class::Sealed),
            _ if length > LONGEST_PACKET => all(Class::Unknown),
            Stage::Sealed(Layout::Clear { tag }) => Extent::Skip { head: LENGTH, total: whole(tag) },
            Stage::Sealed(Layout::Plain { tag }) => Extent::Whole(whole(tag)),
            Stage::FirstSealed => Extent::Skip { head: LENGTH, total: whole(first_padding(length)) },
            Stage::First => Extent::Whole(whole(first_padding(length))),
            _ => Extent::Whole(whole(0)),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let stage = self.half(side).stage;
        let read = match stage {
            Stage::Version => self.line(side, c),
            Stage::Clear => self.packet(side, c, 0),
            Stage::Sealed(Layout::Plain { tag }) => self.packet(side, c, tag),
            Stage::Sealed(Layout::Clear { tag }) => Self::sealed(c, tag),
            Stage::First | Stage::FirstSealed => self.first(side, c, stage == Stage::FirstSealed),
            Stage::Sealed(Layout::Hidden) | Stage::Lost => Ok("sealed"),
        };
        c.close(heading);
        read.map(Message::new)
    }

    fn lost(&mut self, side: Side) {
        let half = self.half(side);
        half.stage = match half.stage {
            // Where the next packet begins is lost; that all of it is encrypted is not.
            Stage::Sealed(Layout::Clear { .. } | Layout::Hidden) | Stage::FirstSealed => Stage::Sealed(Layout::Hidden),
            _ => Stage::Lost,
        };
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["ssh"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests;
