//! Writes pcapng: for the spool of a live capture, and for saving packets.
//!
//! Little-endian, times in nanoseconds. Every error of the place written to (a full disk) comes
//! back; after one, nothing more is written, so that no block begins within half of another.

use std::io::{self, Write};

use super::options::{COMMENT, END};
use super::{
    BYTE_ORDER_MARK, DECRYPTION_SECRETS, ENHANCED_PACKET, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS,
    NAME_RESOLUTION, SECTION_HEADER, padded,
};
use crate::capture::{Address, Interface, Name, Nanos, Section};

/// Bytes that are gathered before they are written.
const BUFFER: usize = 256 << 10;

/// The longest value of an option: its length has 16 bits.
const MAX_OPTION: usize = 65_532;

/// What is written about a packet besides its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct PacketInfo<'a> {
    /// The number that [`Writer::interface`] gave its interface.
    pub interface: u32,
    /// When it was captured. Times before 1970 become 1970.
    pub time: Nanos,
    /// Bytes that it had on the wire.
    pub length: u32,
    /// Flags of the link layer (epb_flags); 0 is not written.
    pub flags: u32,
    /// Comments on it.
    pub comments: &'a [&'a str],
}

/// Totals of an interface since the capture began (interface statistics block, section 4.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// When the capture began.
    pub began: Option<Nanos>,
    /// When it ended, or the time of these totals.
    pub ended: Option<Nanos>,
    /// Packets that the interface received.
    pub received: Option<u64>,
    /// Packets that the interface dropped.
    pub dropped: Option<u64>,
    /// Packets that the operating system dropped.
    pub dropped_by_system: Option<u64>,
    /// Packets that were delivered to the capturing program.
    pub delivered: Option<u64>,
}

/// A block of secrets of a kind ([`crate::capture::secrets`]), to be put between the blocks of a section.
pub fn secrets_block(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    append(&mut block, DECRYPTION_SECRETS, |b| b.secrets(kind, bytes));
    block
}

/// A block that holds a comment and nothing else, to be put between the blocks of a section.
pub fn comment_block(text: &str) -> Vec<u8> {
    let mut block = Vec::new();
    append(&mut block, NAME_RESOLUTION, |b| b.names(&[], &[text.to_owned()]));
    block
}

/// Appends a block to a buffer.
fn append(buffer: &mut Vec<u8>, block_type: u32, fill: impl FnOnce(&mut Body<'_>)) {
    let start = buffer.len();
    let mut body = Body(buffer);
    body.u32(block_type);
    body.u32(0);
    fill(&mut body);
    let length = (buffer.len() - start + 4) as u32;
    buffer.extend_from_slice(&length.to_le_bytes());
    if let Some(place) = buffer.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// Writes one section of pcapng.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    buffer: Vec<u8>,
    interfaces: u32,
    /// Bytes that were written out.
    written: u64,
    failed: bool,
}

impl<W: Write> Writer<W> {
    /// Begins a section. Nothing is written before the buffer is full or [`Writer::flush`] is called.
    pub fn new(out: W, section: &Section) -> io::Result<Writer<W>> {
        Writer::commented(out, section, &[])
    }

    /// Begins a section that has comments.
    pub fn commented(out: W, section: &Section, comments: &[String]) -> io::Result<Writer<W>> {
        let buffer = Vec::with_capacity(BUFFER + (64 << 10));
        let mut writer = Writer { out, buffer, interfaces: 0, written: 0, failed: false };
        writer.block(SECTION_HEADER, |b| {
            b.u32(BYTE_ORDER_MARK);
            b.u16(1);
            b.u16(0);
            b.u64(u64::MAX); // the section's length is not given
            for comment in comments {
                b.text(COMMENT, Some(comment));
            }
            b.text(2, section.hardware.as_deref());
            b.text(3, section.os.as_deref());
            b.text(4, section.application.as_deref());
            b.end_options();
        })?;
        Ok(writer)
    }

    /// Describes an interface: its number for [`PacketInfo::interface`].
    pub fn interface(&mut self, interface: &Interface) -> io::Result<u32> {
        self.interface_commented(interface, None)
    }

    /// Describes an interface, with a comment.
    pub fn interface_commented(&mut self, interface: &Interface, comment: Option<&str>) -> io::Result<u32> {
        self.block(INTERFACE_DESCRIPTION, |b| {
            b.u16(u16::try_from(interface.link_type).unwrap_or(u16::MAX));
            b.u16(0);
            b.u32(interface.snap_length);
            b.text(COMMENT, comment);
            b.text(2, interface.name.as_deref());
            b.text(3, interface.description.as_deref());
            b.option(9, &[9]); // times are in nanoseconds
            if let Some(filter) = &interface.filter {
                b.option(11, &[&[0], filter.as_bytes()].concat());
            }
            b.text(12, interface.os.as_deref());
            if let Some(length) = interface.fcs_length {
                b.option(13, &[length]);
            }
            b.text(15, interface.hardware.as_deref());
            b.end_options();
        })?;
        self.interfaces += 1;
        Ok(self.interfaces - 1)
    }

    /// Writes a packet.
    pub fn packet(&mut self, info: &PacketInfo<'_>, bytes: &[u8]) -> io::Result<()> {
        let ticks = u64::try_from(info.time).unwrap_or(0);
        self.block(ENHANCED_PACKET, |b| {
            b.u32(info.interface);
            b.u32((ticks >> 32) as u32);
            b.u32(ticks as u32);
            b.u32(bytes.len() as u32);
            b.u32(info.length);
            b.padded(bytes);
            for comment in info.comments {
                b.text(COMMENT, Some(comment));
            }
            if info.flags != 0 {
                b.option(2, &info.flags.to_le_bytes());
            }
            if info.flags != 0 || !info.comments.is_empty() {
                b.end_options();
            }
        })
    }

    /// Writes an interface's totals, and what there is to say of them. They may be written again: the last ones
    /// count.
    pub fn statistics(&mut self, interface: u32, counters: &Counters, comment: Option<&str>) -> io::Result<()> {
        let now = counters.ended.or(counters.began).and_then(|t| u64::try_from(t).ok()).unwrap_or(0);
        self.block(INTERFACE_STATISTICS, |b| {
            b.u32(interface);
            b.u32((now >> 32) as u32);
            b.u32(now as u32);
            b.text(COMMENT, comment);
            for (code, time) in [(2, counters.began), (3, counters.ended)] {
                if let Some(time) = time.and_then(|time| u64::try_from(time).ok()) {
                    let words = [((time >> 32) as u32).to_le_bytes(), (time as u32).to_le_bytes()];
                    b.option(code, words.as_flattened());
                }
            }
            let totals = [(4, counters.received), (5, counters.dropped)];
            for (code, total) in totals.into_iter().chain([(7, counters.dropped_by_system), (8, counters.delivered)])
            {
                if let Some(total) = total {
                    b.option(code, &total.to_le_bytes());
                }
            }
            b.end_options();
        })
    }

    /// Writes secrets of a kind ([`crate::capture::secrets`]). They should stand before the packets
    /// that they belong to.
    pub fn secrets(&mut self, kind: u32, bytes: &[u8]) -> io::Result<()> {
        self.block(DECRYPTION_SECRETS, |b| b.secrets(kind, bytes))
    }

    /// Writes names of addresses, and comments on them.
    pub fn names(&mut self, names: &[Name], comments: &[String]) -> io::Result<()> {
        self.block(NAME_RESOLUTION, |b| b.names(names, comments))
    }

    /// Writes out what was gathered.
    pub fn flush(&mut self) -> io::Result<()> {
        self.usable()?;
        if !self.buffer.is_empty() {
            let done = self.write_out().and_then(|()| self.out.flush());
            self.buffer.clear();
            self.failed = done.is_err();
            done?;
        }
        Ok(())
    }

    /// Writes the buffer, and counts what was taken of it.
    fn write_out(&mut self) -> io::Result<()> {
        let mut rest = self.buffer.as_slice();
        while !rest.is_empty() {
            match self.out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => {
                    self.written += taken as u64;
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes out what was gathered and gives back the place written to. Dropping a writer instead
    /// loses what was not flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.out)
    }

    /// Bytes that were written out: after an error, those that the place written to took.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The place written to.
    pub fn place(&self) -> &W {
        &self.out
    }

    /// Bytes of the section so far, those that are gathered among them.
    pub fn length(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn block(&mut self, block_type: u32, fill: impl FnOnce(&mut Body<'_>)) -> io::Result<()> {
        self.usable()?;
        append(&mut self.buffer, block_type, fill);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn usable(&self) -> io::Result<()> {
        if self.failed { Err(io::Error::other("an earlier write failed")) } else { Ok(()) }
    }
}

/// The body of a block that is being written.
struct Body<'a>(&'a mut Vec<u8>);

impl Body<'_> {
    fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// The body of a block of secrets.
    fn secrets(&mut self, kind: u32, bytes: &[u8]) {
        self.u32(kind);
        self.u32(bytes.len() as u32);
        self.padded(bytes);
    }

    /// The body of a block of names.
    fn names(&mut self, names: &[Name], comments: &[String]) {
        for Name { address, name } in names {
            let (kind, mut record) = match address {
                Address::Ip(std::net::IpAddr::V4(ip)) => (1, ip.octets().to_vec()),
                Address::Ip(std::net::IpAddr::V6(ip)) => (2, ip.octets().to_vec()),
                Address::Eui48(mac) => (3, mac.to_vec()),
                Address::Eui64(mac) => (4, mac.to_vec()),
            };
            record.extend(name.bytes().filter(|&b| b != 0));
            record.push(0);
            self.option(kind, &record);
        }
        self.end_options(); // the end of the records has the same form
        for comment in comments {
            self.text(COMMENT, Some(comment));
        }
        if !comments.is_empty() {
            self.end_options();
        }
    }

    /// Bytes, and zeros up to a whole word.
    fn padded(&mut self, bytes: &[u8]) {
        const ZEROS: [u8; 3] = [0; 3];
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(ZEROS.get(..padded(bytes.len()) - bytes.len()).unwrap_or_default());
    }

    /// An option (or a record of a name block, which looks the same); what is too long is cut.
    fn option(&mut self, code: u16, value: &[u8]) {
        let value = value.get(..value.len().min(MAX_OPTION)).unwrap_or_default();
        self.u16(code);
        self.u16(value.len() as u16);
        self.padded(value);
    }

    /// An option with text, if there is one; cut between characters.
    fn text(&mut self, code: u16, text: Option<&str>) {
        if let Some(text) = text {
            let most = MAX_OPTION.min(text.len());
            let end = (0..=most).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            self.option(code, text.get(..end).unwrap_or_default().as_bytes());
        }
    }

    fn end_options(&mut self) {
        self.u16(END);
        self.u16(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{About, Block, Progress, Source, secrets};

    #[test]
    fn what_is_written_is_read() {
        let section = Section { application: Some("husk".into()), ..Section::default() };
        let mut writer = Writer::new(Vec::new(), &section).expect("in memory");
        let eth = Interface {
            name: Some("eth0".into()),
            link_type: 1,
            filter: Some("tcp".into()),
            fcs_length: Some(4),
            ..Interface::default()
        };
        assert_eq!(writer.interface(&eth).expect("in memory"), 0);
        assert_eq!(writer.interface(&Interface { link_type: 101, ..Interface::default() }).expect("in memory"), 1);
        writer.secrets(secrets::TLS_KEY_LOG, b"CLIENT_RANDOM 01 02\n").expect("in memory");
        let name = Name { address: Address::Ip([192, 0, 2, 1].into()), name: "router.example".into() };
        writer
            .names(std::slice::from_ref(&name), &["process 7 has udp 0.0.0.0:53 -: named".to_owned()])
            .expect("in memory");
        for number in 0..5u8 {
            let info = PacketInfo {
                interface: u32::from(number % 2),
                time: 1_700_000_000_123_456_789 + i64::from(number),
                length: 100,
                flags: u32::from(number),
                comments: if number == 3 { &["look here"] } else { &[] },
            };
            writer.packet(&info, &vec![number; usize::from(number)]).expect("in memory");
        }
        writer
            .statistics(
                0,
                &Counters { received: Some(9), dropped_by_system: Some(2), ended: Some(7), ..Counters::default() },
                Some("the link was down"),
            )
            .expect("in memory");
        let mut source = Source::from_bytes(writer.finish().expect("in memory")).expect("opens");
        let mut block = Block::new();
        assert_eq!(source.next_block(&mut block), Progress::Packets);
        assert_eq!(block.len(), 5);
        for (number, (head, bytes)) in (0u8..).zip(block.packets()) {
            assert_eq!(bytes, vec![number; usize::from(number)]);
            assert_eq!(
                (head.time, head.length, head.flags, head.interface),
                (1_700_000_000_123_456_789 + i64::from(number), 100, u32::from(number), u32::from(number % 2))
            );
        }
        assert_eq!(source.next_block(&mut block), Progress::End);
        assert_eq!(source.damage(), None);
        let first = source.interfaces().first().expect("an interface");
        let expected = Interface {
            number: Some(0),
            ticks: 1_000_000_000,
            received: Some(9),
            dropped_by_system: Some(2),
            ended: Some(7),
            ..eth
        };
        assert_eq!(first, &expected);
        assert_eq!(source.names(), [name]);
        assert_eq!(source.secrets().len(), 1);
        let comment = source.comments().first().expect("a comment");
        assert_eq!((comment.about, comment.text.as_str()), (About::Packet(4), "look here"));
        let last = source.comments().last().expect("another");
        assert_eq!((last.about, last.text.as_str()), (About::Interface(0), "the link was down"));
        assert_eq!(source.sections().first().and_then(|s| s.application.as_deref()), Some("husk"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let mut writer = Writer::new(full, &Section::default()).expect("not yet written");
        writer.interface(&Interface::default()).expect("not yet written");
        let packet = vec![0; 1000];
        let failed = (0..10_000).find_map(|_| writer.packet(&PacketInfo::default(), &packet).err());
        assert_eq!(failed.map(|error| error.kind()), Some(io::ErrorKind::StorageFull));
        assert!(writer.packet(&PacketInfo::default(), &packet).is_err());
        assert!(writer.finish().is_err());
    }
}
