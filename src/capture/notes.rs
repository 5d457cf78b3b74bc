//! What a capture says besides packets: its interfaces, sections, comments, names and secrets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::owners::Owners;
use super::{Damage, DamageKind, Nanos, Secret, SecretsBlock, secrets};

/// Bytes of remembered text and secrets in all. A capture is written by anybody, and a comment for
/// each of a million packets is allowed; what goes beyond is counted in [`Notes::dropped`].
pub const MAX_REMEMBERED: usize = 16 << 20;

/// Interfaces in all sections together. Writers merge captures of many hosts, but not that many.
pub const MAX_INTERFACES: u32 = 65_536;

/// Something that packets were captured on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0` (pcapng if_name).
    pub name: Option<String>,
    /// Its description (pcapng if_description).
    pub description: Option<String>,
    /// The most bytes that it puts into a frame behind the link's header, if a comment of husk's tells (`MTU 1500`).
    pub mtu: Option<u32>,
    /// The kind of link-layer header, in the numbers of <https://www.tcpdump.org/linktypes.html>.
    pub link_type: u32,
    /// The most bytes that were kept of a packet; 0 means no limit.
    pub snap_length: u32,
    /// Its number within its section (pcapng); a pcap file has one interface and no number for it.
    pub number: Option<u32>,
    /// Bytes of frame check sequence at the end of each packet, if the capture says.
    pub fcs_length: Option<u8>,
    /// The filter while capturing (pcapng if_filter).
    pub filter: Option<String>,
    /// The operating system it was in (pcapng if_os).
    pub os: Option<String>,
    /// The hardware it is (pcapng if_hardware).
    pub hardware: Option<String>,
    /// Bits a second (pcapng if_speed).
    pub speed: Option<u64>,
    /// Ticks of a packet's time in a second.
    pub ticks: u64,
    /// Packets that the interface received (pcapng isb_ifrecv).
    pub received: Option<u64>,
    /// Packets that the interface dropped (pcapng isb_ifdrop).
    pub dropped: Option<u64>,
    /// Packets that the filter accepted (pcapng isb_filteraccept).
    pub accepted: Option<u64>,
    /// Packets that the operating system dropped (pcapng isb_osdrop).
    pub dropped_by_system: Option<u64>,
    /// Packets that were delivered to the capturing program (pcapng isb_usrdeliv).
    pub delivered: Option<u64>,
    /// When the capture on it began (pcapng isb_starttime).
    pub began: Option<Nanos>,
    /// When the capture on it ended (pcapng isb_endtime).
    pub ended: Option<Nanos>,
}

/// One section of a capture (pcapng); a pcap file has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The hardware that captured (shb_hardware).
    pub hardware: Option<String>,
    /// The operating system that captured (shb_os).
    pub os: Option<String>,
    /// The program that wrote it (shb_userappl).
    pub application: Option<String>,
    /// Version of the format, major and minor.
    pub version: (u16, u16),
    /// Whether its headers are big-endian.
    pub big_endian: bool,
    /// Index of its first interface in [`Notes::interfaces`].
    pub first_interface: u32,
}

/// What a comment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A section, by its index.
    Section(u32),
    /// An interface, by its index.
    Interface(u32),
    /// A packet, by its number from 1.
    Packet(u64),
    /// Something else: a block of names, secrets or statistics.
    Other,
}

/// Text that somebody wrote into the capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What it is about.
    pub about: About,
    /// What it says. As hostile to terminals as any captured text.
    pub text: String,
}

/// An address that the capture gives a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// IPv4 or IPv6.
    Ip(IpAddr),
    /// A MAC address.
    Eui48([u8; 6]),
    /// A long MAC address.
    Eui64([u8; 8]),
}

/// A name for an address, from a name resolution block. Nobody checked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The address.
    pub address: Address,
    /// One of its names.
    pub name: String,
}

/// Everything that a capture says besides packets, under limits.
#[derive(Debug, Default)]
pub struct Notes {
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) sections: Vec<Section>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) names: Vec<Name>,
    pub(crate) owners: Owners,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) secrets_blocks: Vec<SecretsBlock>,
    /// Blocks that hold nothing for us, by type.
    pub(crate) skipped: BTreeMap<u32, u64>,
    /// Packets read so far.
    pub(crate) packets: u64,
    /// Comments, names and secrets beyond [`MAX_REMEMBERED`].
    pub(crate) dropped: u64,
    /// The first thing that is wrong but does not end the capture.
    pub(crate) flaw: Option<Damage>,
    remembered: usize,
}

impl Notes {
    /// Takes `size` bytes of what may be remembered, or counts what is dropped.
    pub(crate) fn afford(&mut self, size: usize) -> bool {
        const OVERHEAD: usize = 64; // the entry itself, so that empty texts cost something
        let total = self.remembered.saturating_add(size).saturating_add(OVERHEAD);
        let fits = total <= MAX_REMEMBERED;
        if fits {
            self.remembered = total;
        } else {
            self.dropped += 1;
        }
        fits
    }

    /// Remembers text, if there is room for it. Bytes that are no UTF-8 are replaced.
    pub(crate) fn text(&mut self, bytes: &[u8]) -> Option<String> {
        let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len()); // some writers end it with a zero
        let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
        self.afford(text.len()).then(|| text.into_owned())
    }

    /// Remembers a comment, if there is room for it.
    pub(crate) fn comment(&mut self, about: About, bytes: &[u8]) {
        if let Some(text) = self.text(bytes) {
            self.comments.push(Comment { about, text });
        }
    }

    /// Remembers a secrets block, and its rows if it is a TLS key log.
    pub(crate) fn secrets_block(&mut self, kind: u32, bytes: &[u8]) {
        if !self.afford(bytes.len().saturating_mul(2)) {
            return;
        }
        if kind == secrets::TLS_KEY_LOG {
            self.secrets.extend(secrets::rows(bytes));
        }
        self.secrets_blocks.push(SecretsBlock { kind, bytes: bytes.to_vec() });
    }

    /// Something is wrong that does not end the capture. The first one is remembered.
    pub(crate) fn flaw(&mut self, offset: u64, what: DamageKind) {
        self.flaw.get_or_insert(Damage { offset, what });
    }

    /// Counts a block that holds nothing for us. Types beyond a few are counted as one.
    pub(crate) fn skip(&mut self, block_type: u32) {
        const MAX_TYPES: usize = 1024;
        let known = self.skipped.contains_key(&block_type) || self.skipped.len() < MAX_TYPES;
        let count = self.skipped.entry(if known { block_type } else { u32::MAX }).or_default();
        *count = count.saturating_add(1);
    }

    /// What packets were captured on, over all sections read so far.
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// The sections read so far (pcapng).
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Comments read so far, in the order of the capture.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Names that the capture gives to addresses.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// Whose sockets were whose on the machine that captured.
    pub fn owners(&self) -> &Owners {
        &self.owners
    }

    /// TLS secrets embedded in the capture.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// Secrets blocks as they are, also those of other protocols.
    pub fn secrets_blocks(&self) -> &[SecretsBlock] {
        &self.secrets_blocks
    }

    /// Blocks that were skipped because they hold no packets (custom, journal, unknown), by type.
    pub fn skipped(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.skipped.iter().map(|(&block_type, &count)| (block_type, count))
    }

    /// Packets read so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// How many comments, names and secrets were dropped because of [`MAX_REMEMBERED`].
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_text_is_limited_and_counted() {
        let mut notes = Notes::default();
        let long = vec![b'x'; 1 << 20];
        for number in 1..=40 {
            notes.comment(About::Packet(number), &long);
        }
        assert_eq!(notes.comments().len(), 15);
        assert_eq!(notes.dropped(), 25);
    }

    #[test]
    fn types_of_skipped_blocks_are_limited() {
        let mut notes = Notes::default();
        for block_type in 0..5000 {
            notes.skip(block_type);
        }
        assert_eq!(notes.skipped().map(|(_, count)| count).sum::<u64>(), 5000);
        assert_eq!(notes.skipped().count(), 1025);
    }
}
