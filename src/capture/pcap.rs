//! The pcap format (draft-ietf-opsawg-pcap), with the variants that are met in the wild.
//!
//! ```text
//! file header, 24 bytes                          record header, 16 bytes (24 "modified")
//! │ magic │ 2.4 │ 0 │ 0 │ snap length │ link │   │ seconds │ fraction │ captured │ length │ ...
//! ```
//!
//! | magic | what |
//! |---|---|
//! | `a1b2c3d4` | microseconds |
//! | `a1b23c4d` | nanoseconds |
//! | `a1b2cd34` | "modified" (Kuznetzov): 8 more bytes in each record header |
//! | `1c0001ac`, `1c0001ab` | IXIA hardware and software: 4 more bytes in the file header |
//!
//! Some old systems wrote the first and third magic with yet other record headers (RedHat 6.1: 24
//! bytes, Nokia: 20, SuSE 6.3: 28); they are found by trying ([`Pcap::settle`]). AIX writes version
//! 2.2 with nanoseconds and link types of its own. The link type's upper bits may hold the length of
//! the frame check sequence. Versions before 2.3 give the two lengths in the other order, and some
//! files of version 2.3 do too.

use super::words::Order;
use super::{DamageKind, Head, Interface, MAX_LARGE_PACKET, Nanos, Notes, Part, largest_packet};

/// Bytes of the file header that all variants share.
pub(crate) const FILE_HEADER: usize = 24;

/// Which record header follows, and what a file's magic number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variant {
    Standard,
    Modified,
    IxiaHardware,
    IxiaSoftware,
}

/// What is known of a pcap file after its header: all that reading on needs.
#[derive(Debug, Clone)]
pub(crate) struct Pcap {
    order: Order,
    variant: Variant,
    nanoseconds: bool,
    lengths: Lengths,
    record_header: usize,
    limit: u32,
}

/// In which order a record header gives captured length and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    CapturedLast,
    /// Whichever makes sense.
    Unsure,
}

/// How far a reader came in the bytes that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Bytes that were read and are not needed again.
    pub(crate) consumed: usize,
    /// What comes next.
    pub(crate) then: Then,
}

/// What a reader wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Then {
    /// So many bytes at once, from the first one that was not consumed.
    Needs(usize, Part),
    /// To be rid of so many bytes (a block that holds nothing for us).
    Skip(u64),
    /// To stop: what follows cannot be read. The damage is so many bytes after what was consumed.
    Bad(DamageKind),
}

/// Whether these are a pcap file's first bytes (four are enough).
pub(crate) fn recognises(first: &[u8]) -> bool {
    magic(first).is_some()
}

fn magic(first: &[u8]) -> Option<(Order, Variant, bool)> {
    let known = |order: Order| match order.u32(first, 0)? {
        0xa1b2_c3d4 => Some((order, Variant::Standard, false)),
        0xa1b2_3c4d => Some((order, Variant::Standard, true)),
        0xa1b2_cd34 => Some((order, Variant::Modified, false)),
        0x1c00_01ac => Some((order, Variant::IxiaHardware, false)),
        0x1c00_01ab => Some((order, Variant::IxiaSoftware, false)),
        _ => None,
    };
    known(Order::Little).or_else(|| known(Order::Big))
}

impl Pcap {
    /// Reads the file header: the reader, its one interface, and the header's length.
    /// `None` if it is not one or not all of it is there.
    pub(crate) fn open(first: &[u8]) -> Option<(Pcap, Interface, usize)> {
        const FCS_LENGTH_GIVEN: u32 = 0x0400_0000;
        let (order, variant, nanoseconds) = magic(first)?;
        let header = match variant {
            Variant::IxiaHardware | Variant::IxiaSoftware => FILE_HEADER + 4, // the length of all records
            Variant::Standard | Variant::Modified => FILE_HEADER,
        };
        first.get(..header)?;
        let version = (order.u16(first, 4)?, order.u16(first, 6)?);
        let (snap_length, network) = (order.u32(first, 16)?, order.u32(first, 20)?);
        let aix = if variant == Variant::Standard && version == (2, 2) { aix_link_type(network) } else { None };
        let link_type = aix.unwrap_or(network & 0x03ff_ffff);
        let nanoseconds = nanoseconds || aix.is_some();
        let pcap = Pcap {
            order,
            variant,
            nanoseconds,
            lengths: match version {
                _ if aix.is_some() => Lengths::CapturedFirst,
                (2, 0..=2) | (543, _) => Lengths::CapturedLast, // 543: DG/UX
                (2, 3) => Lengths::Unsure,
                _ => Lengths::CapturedFirst,
            },
            record_header: if variant == Variant::Modified { 24 } else { 16 },
            limit: largest_packet(link_type, snap_length),
        };
        let fcs_length = (network & FCS_LENGTH_GIVEN != 0).then(|| u8::try_from(network >> 28).unwrap_or(0) * 2); // given in 16-bit words
        let ticks = pcap.ticks();
        Some((pcap, Interface { link_type, snap_length, fcs_length, ticks, ..Interface::default() }, header))
    }

    /// Chooses the length of record headers, where a magic stands for several, by what makes sense of
    /// the first packets. `bytes` follow the file header; `whole` says that nothing follows them.
    pub(crate) fn settle(&mut self, bytes: &[u8], whole: bool) {
        let others: &[usize] = match self.variant {
            Variant::Standard => &[24, 20],
            Variant::Modified => &[28],
            Variant::IxiaHardware | Variant::IxiaSoftware => &[],
        };
        if !others.is_empty() && !self.makes_sense(bytes, whole, self.record_header, 0) {
            let other = others.iter().find(|&&header| self.makes_sense(bytes, whole, header, 2));
            self.record_header = other.copied().unwrap_or(self.record_header);
        }
    }

    /// Whether the first packets can be read with record headers of such a length. If there must be
    /// at least some of them, then the last one must not be cut either.
    fn makes_sense(&self, bytes: &[u8], whole: bool, header: usize, least: usize) -> bool {
        const PACKETS: usize = 16;
        let mut at = 0;
        for number in 0..PACKETS {
            let word = |place: usize| self.order.u32(bytes, at + place);
            let (Some(fraction), Some(first), Some(second)) = (word(4), word(8), word(12)) else {
                return number >= least && (least == 0 || !whole || at == bytes.len());
            };
            let (captured, length) = self.in_order(first, second);
            let odd = captured > length || length > MAX_LARGE_PACKET || u64::from(fraction) >= self.ticks();
            if captured > self.limit || odd {
                return false;
            }
            at += header + captured as usize;
            if at > bytes.len() {
                return number >= least && (least == 0 || !whole);
            }
        }
        true
    }

    /// Ticks of a packet's time in a second.
    fn ticks(&self) -> u64 {
        if self.nanoseconds { 1_000_000_000 } else { 1_000_000 }
    }

    /// The format's name, for people.
    pub(crate) fn name(&self) -> String {
        let variant = match self.variant {
            Variant::Standard => "pcap",
            Variant::Modified => "modified pcap",
            Variant::IxiaHardware => "IXIA hardware pcap",
            Variant::IxiaSoftware => "IXIA software pcap",
        };
        let unit = if self.nanoseconds { "nanoseconds" } else { "microseconds" };
        format!("{variant}, {unit}, {}", self.order.name())
    }

    /// Reads as many packets as are whole in `bytes` from `from` on. `offset` is the place of
    /// `bytes`' first byte in the capture.
    pub(crate) fn step(
        &self,
        bytes: &[u8],
        from: usize,
        offset: u64,
        heads: &mut Vec<Head>,
        notes: &mut Notes,
    ) -> Step {
        let before = heads.len();
        let step = match (self.order, self.nanoseconds) {
            (Order::Little, false) => self.records::<false>(bytes, from, offset, heads, 1000),
            (Order::Little, true) => self.records::<false>(bytes, from, offset, heads, 1),
            (Order::Big, false) => self.records::<true>(bytes, from, offset, heads, 1000),
            (Order::Big, true) => self.records::<true>(bytes, from, offset, heads, 1),
        };
        notes.packets += (heads.len() - before) as u64;
        step
    }

    fn records<const BIG: bool>(
        &self,
        bytes: &[u8],
        from: usize,
        offset: u64,
        heads: &mut Vec<Head>,
        unit: i64,
    ) -> Step {
        let number = |word: &[u8; 4]| {
            if BIG { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) }
        };
        let mut at = from;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let (Some((header, _)), Some(packet)) = (rest.split_first_chunk::<16>(), rest.get(self.record_header..))
            else {
                return Step { consumed: at - from, then: Then::Needs(self.record_header, Part::RecordHeader) };
            };
            let [s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, l0, l1, l2, l3] = header;
            let (seconds, fraction) = (number(&[*s0, *s1, *s2, *s3]), number(&[*f0, *f1, *f2, *f3]));
            let (captured, length) = self.in_order(number(&[*c0, *c1, *c2, *c3]), number(&[*l0, *l1, *l2, *l3]));
            if captured > self.limit {
                return Step {
                    consumed: at - from,
                    then: Then::Bad(DamageKind::PacketTooLong { captured, limit: self.limit }),
                };
            }
            if packet.len() < captured as usize {
                return Step {
                    consumed: at - from,
                    then: Then::Needs(self.record_header + captured as usize, Part::Packet),
                };
            }
            let start = at + self.record_header;
            let time: Nanos = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * unit; // below 2^33 * 10^9
            heads.push(Head {
                time,
                position: offset + start as u64,
                start: start as u32,
                captured,
                length,
                interface: 0,
                flags: 0,
                timed: true,
            });
            at = start + captured as usize;
        }
    }

    /// Captured length and length, from the two words of a record header.
    #[inline]
    fn in_order(&self, first: u32, second: u32) -> (u32, u32) {
        match self.lengths {
            Lengths::Unsure if first > second && first <= MAX_LARGE_PACKET => (second, first),
            Lengths::CapturedFirst | Lengths::Unsure => (first, second),
            Lengths::CapturedLast => (second, first),
        }
    }
}

/// AIX gives the numbers of RFC 1573 instead of link types; none of these four is used otherwise in
/// files of version 2.2.
fn aix_link_type(network: u32) -> Option<u32> {
    match network {
        6 => Some(1),
        9 => Some(6),
        15 => Some(10),
        24 => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65535, 1];

    fn file(header: [u32; 6], records: &[[u32; 4]], extra: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = header.into_iter().flat_map(u32::to_le_bytes).collect();
        for record in records {
            bytes.extend(record.iter().flat_map(|word| word.to_le_bytes()));
            bytes.resize(bytes.len() + extra + record[2].min(record[3]) as usize, 0xff);
        }
        bytes
    }

    /// Time, captured, length of each packet.
    fn read(bytes: &[u8]) -> Vec<(Nanos, u32, u32)> {
        let (mut pcap, _, header) = Pcap::open(bytes).expect("a header");
        pcap.settle(&bytes[header..], true);
        let mut heads = Vec::new();
        pcap.step(bytes, header, 0, &mut heads, &mut Notes::default());
        heads.iter().map(|head| (head.time, head.captured, head.length)).collect()
    }

    #[test]
    fn record_headers_of_old_systems_are_found() {
        let records = [[1, 2, 50, 60], [1, 3, 70, 70], [2, 0, 90, 1000]];
        let expected = [(1_000_002_000, 50, 60), (1_000_003_000, 70, 70), (2_000_000_000, 90, 1000)];
        for (magic, extra) in
            [(0xa1b2_c3d4, 0), (0xa1b2_c3d4, 4), (0xa1b2_c3d4, 8), (0xa1b2_cd34, 8), (0xa1b2_cd34, 12)]
        {
            let header = [magic, HEADER[1], 0, 0, 65535, 1];
            assert_eq!(read(&file(header, &records, extra)), expected, "{magic:x} {extra}");
        }
    }

    #[test]
    fn old_versions_have_the_lengths_in_the_other_order() {
        for (version, records) in [(2, [[1, 0, 60, 50]]), (3, [[1, 0, 60, 50]]), (3, [[1, 0, 50, 60]])] {
            let header = [HEADER[0], version << 16 | 2, 0, 0, 65535, 1];
            assert_eq!(read(&file(header, &records, 0)), [(1_000_000_000, 50, 60)]);
        }
    }

    #[test]
    fn aix_has_nanoseconds_and_its_own_link_types() {
        let bytes = file([HEADER[0], 0x0002_0002, 0, 0, 65535, 6], &[[1, 5, 50, 60]], 0);
        assert_eq!(read(&bytes), [(1_000_000_005, 50, 60)]);
        assert_eq!(Pcap::open(&bytes).map(|(_, interface, _)| interface.link_type), Some(1));
    }

    #[test]
    fn upper_bits_of_the_link_type_give_the_check_sequence() {
        let bytes = file([HEADER[0], HEADER[1], 0, 0, 65535, 0x2400_0001], &[], 0);
        let (_, interface, _) = Pcap::open(&bytes).expect("a header");
        assert_eq!((interface.link_type, interface.fcs_length), (1, Some(4)));
    }
}
