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
//! | `1c0001ac`, `1c0001ab` | IXIA hardware and software: nanoseconds, 4 more bytes in the file header |
//!
//! The link type's upper bits may hold the length of the frame check sequence. Versions before 2.3
//! give the two lengths in the other order.

use super::words::Order;
use super::{DamageKind, Head, Interface, Nanos, Notes, Part, largest_packet};

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
        0x1c00_01ac => Some((order, Variant::IxiaHardware, true)),
        0x1c00_01ab => Some((order, Variant::IxiaSoftware, true)),
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
        let (major, minor) = (order.u16(first, 4)?, order.u16(first, 6)?);
        let (snap_length, network) = (order.u32(first, 16)?, order.u32(first, 20)?);
        let link_type = network & 0x03ff_ffff;
        let pcap = Pcap {
            order,
            variant,
            nanoseconds,
            lengths: match (major, minor) {
                (2, 0..=2) | (543, _) => Lengths::CapturedLast, // 543: DG/UX
                _ => Lengths::CapturedFirst,
            },
            record_header: if variant == Variant::Modified { 24 } else { 16 },
            limit: largest_packet(link_type, snap_length),
        };
        let fcs_length = (network & FCS_LENGTH_GIVEN != 0).then(|| u8::try_from(network >> 28).unwrap_or(0) * 2); // given in 16-bit words
        let ticks = if nanoseconds { 1_000_000_000 } else { 1_000_000 };
        Some((pcap, Interface { link_type, snap_length, fcs_length, ticks, ..Interface::default() }, header))
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
            Lengths::CapturedFirst => (first, second),
            Lengths::CapturedLast => (second, first),
        }
    }
}
