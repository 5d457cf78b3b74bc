//! Reads pcapng blocks.

use std::net::IpAddr;

use super::clock::Clock;
use super::options::{COMMENT, Options};
use super::{
    BYTE_ORDER_MARK, DECRYPTION_SECRETS, ENHANCED_PACKET, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS, MAX_BLOCK,
    NAME_RESOLUTION, PACKET, SECTION_HEADER, SIMPLE_PACKET, padded,
};
use crate::capture::notes::MAX_INTERFACES;
use crate::capture::owners::Owned;
use crate::capture::pcap::{Step, Then};
use crate::capture::words::Order;
use crate::capture::{
    About, Address, DamageKind, Head, Interface, MAX_LARGE_PACKET, Name, Notes, Part, Section, largest_packet,
};

/// Whether these are a pcapng file's first bytes (four are enough).
pub(crate) fn recognises(first: &[u8]) -> bool {
    Order::Little.u32(first, 0) == Some(SECTION_HEADER)
}

/// What is known of the current section: all that reading on needs.
#[derive(Debug, Clone)]
pub(crate) struct Pcapng {
    order: Order,
    /// Index of the section's first interface among all.
    first_interface: u32,
    /// The section's interfaces.
    links: Vec<Link>,
}

/// What a packet needs to know of its interface.
#[derive(Debug, Clone, Copy)]
struct Link {
    clock: Clock,
    snap_length: u32,
    limit: u32,
}

/// One block: what lies between the two lengths.
struct Body<'a> {
    bytes: &'a [u8],
    /// Offset of the body in the buffer, and in the capture.
    start: usize,
    position: u64,
}

/// What a packet block says before its data.
struct PacketFields {
    interface: u32,
    ticks: Option<u64>,
    captured: u32,
    length: u32,
    data: usize,
}

impl Pcapng {
    /// A reader that waits for its first section.
    pub(crate) fn new() -> Pcapng {
        Pcapng { order: Order::Little, first_interface: 0, links: Vec::new() }
    }

    /// The format's name, for people.
    pub(crate) fn name(&self) -> String {
        format!("pcapng, {}", self.order.name())
    }

    /// Reads as many blocks as are whole in `bytes` from `from` on. `offset` is the place of
    /// `bytes`' first byte in the capture.
    pub(crate) fn step(
        &mut self,
        bytes: &[u8],
        from: usize,
        offset: u64,
        heads: &mut Vec<Head>,
        notes: &mut Notes,
    ) -> Step {
        let mut at = from;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            match self.block(rest, at, offset + at as u64, heads, notes) {
                Ok(length) => at += length,
                Err(then) => {
                    return Step { consumed: at - from, then };
                }
            }
        }
    }

    /// Reads the block at the start of `rest`: its length, or why not.
    #[inline]
    fn block(
        &mut self,
        rest: &[u8],
        at: usize,
        offset: u64,
        heads: &mut Vec<Head>,
        notes: &mut Notes,
    ) -> Result<usize, Then> {
        let (Some(mut block_type), Some(mut length)) = (self.order.u32(rest, 0), self.order.u32(rest, 4)) else {
            return Err(Then::Needs(8, Part::BlockHeader));
        };
        if block_type == SECTION_HEADER {
            let mark = self.order.u32(rest, 8).ok_or(Then::Needs(12, Part::BlockHeader))?;
            self.order = match (mark, mark.swap_bytes(), self.order) {
                (BYTE_ORDER_MARK, _, order) => order,
                (_, BYTE_ORDER_MARK, Order::Little) => Order::Big,
                (_, BYTE_ORDER_MARK, Order::Big) => Order::Little,
                _ => return Err(Then::Bad(DamageKind::ByteOrder { mark })),
            };
            block_type = SECTION_HEADER;
            length = self.order.u32(rest, 4).unwrap_or(0);
        }
        let (least, most) = bounds(block_type);
        if length < least {
            return Err(Then::Bad(DamageKind::BlockTooShort { block_type, length, least }));
        }
        let whole = padded(length as usize); // some writers forget the padding in the length
        let Some(most) = most else {
            notes.skip(block_type);
            return if whole <= rest.len() { Ok(whole) } else { Err(Then::Skip(whole as u64)) };
        };
        if length > most {
            return Err(Then::Bad(DamageKind::BlockTooLong { block_type, length, limit: most }));
        }
        let (Some(body), Some(trailing)) = (rest.get(8..whole - 4), self.order.u32(rest, whole - 4)) else {
            self.believable(block_type, length, rest).map_err(Then::Bad)?;
            return Err(Then::Needs(whole, Part::Block));
        };
        if trailing != length && trailing as usize != whole {
            // The same flaw is told first however much is here.
            self.believable(block_type, length, rest).map_err(Then::Bad)?;
            return Err(Then::Bad(DamageKind::LengthsDiffer { block_type, leading: length, trailing }));
        }
        let body = Body { bytes: body, start: at + 8, position: offset + 8 };
        self.read(block_type, &body, heads, notes).map_err(Then::Bad)?;
        Ok(whole)
    }

    /// Before much is read for one packet: are its lengths within what its interface allows?
    fn believable(&self, block_type: u32, length: u32, rest: &[u8]) -> Result<(), DamageKind> {
        if !matches!(block_type, ENHANCED_PACKET | PACKET | SIMPLE_PACKET) {
            return Ok(());
        }
        let Some(fields) = self.packet_fields(block_type, rest.get(8..).unwrap_or_default()) else { return Ok(()) };
        let Some(link) = self.links.get(fields.interface as usize) else { return Ok(()) }; // said when it is read
        if fields.captured > link.limit {
            return Err(DamageKind::PacketTooLong { captured: fields.captured, limit: link.limit });
        }
        let most = if block_type == SIMPLE_PACKET { link.limit } else { fields.captured } + MAX_BLOCK;
        if length > most {
            return Err(DamageKind::BlockTooLong { block_type, length, limit: most });
        }
        Ok(())
    }

    #[inline]
    fn read(
        &mut self,
        block_type: u32,
        block: &Body<'_>,
        heads: &mut Vec<Head>,
        notes: &mut Notes,
    ) -> Result<(), DamageKind> {
        match block_type {
            ENHANCED_PACKET | PACKET | SIMPLE_PACKET => {
                let fields = self.packet_fields(block_type, block.bytes);
                let fields = fields.ok_or(DamageKind::BlockTooShort {
                    block_type,
                    length: block.bytes.len() as u32 + 12,
                    least: 16,
                })?;
                self.packet(block_type, &fields, block, heads, notes)
            }
            SECTION_HEADER => {
                self.section(block.bytes, notes);
                Ok(())
            }
            INTERFACE_DESCRIPTION => self.interface(block.bytes, notes),
            INTERFACE_STATISTICS => {
                self.statistics(block.bytes, notes);
                Ok(())
            }
            NAME_RESOLUTION => {
                self.names(block.bytes, notes);
                Ok(())
            }
            _ => {
                self.secrets(block.bytes, notes);
                Ok(())
            }
        }
    }

    /// The fixed fields of the three packet blocks.
    #[inline]
    fn packet_fields(&self, block_type: u32, body: &[u8]) -> Option<PacketFields> {
        let o = self.order;
        if block_type == SIMPLE_PACKET {
            let length = o.u32(body, 0)?;
            let room = body.len().saturating_sub(4) as u32;
            let snap_length = self.links.first().map_or(0, |link| link.snap_length);
            let captured = if snap_length == 0 { length } else { length.min(snap_length) };
            return Some(PacketFields { interface: 0, ticks: None, captured: captured.min(room), length, data: 4 });
        }
        let interface = if block_type == PACKET { u32::from(o.u16(body, 0)?) } else { o.u32(body, 0)? };
        let ticks = (u64::from(o.u32(body, 4)?) << 32) | u64::from(o.u32(body, 8)?);
        Some(PacketFields {
            interface,
            ticks: Some(ticks),
            captured: o.u32(body, 12)?,
            length: o.u32(body, 16)?,
            data: 20,
        })
    }

    #[inline]
    fn packet(
        &self,
        block_type: u32,
        fields: &PacketFields,
        block: &Body<'_>,
        heads: &mut Vec<Head>,
        notes: &mut Notes,
    ) -> Result<(), DamageKind> {
        let &PacketFields { interface, ticks, mut captured, length, data } = fields;
        let Some(link) = self.links.get(interface as usize) else {
            return Err(DamageKind::NoSuchInterface { interface, described: self.links.len() as u32 });
        };
        if captured > link.limit {
            return Err(DamageKind::PacketTooLong { captured, limit: link.limit });
        }
        let room = block.bytes.len().saturating_sub(data) as u32;
        if captured > room {
            notes.flaw(block.position - 8, DamageKind::PacketBeyondBlock { captured, room });
            captured = room; // what is there is shown, and the next block is where this one ends
        }
        notes.packets += 1;
        let mut flags = 0;
        let options = data + padded(captured as usize);
        if block_type != SIMPLE_PACKET && options < block.bytes.len() {
            flags = self.packet_options(block.bytes.get(options..).unwrap_or_default(), notes);
        }
        heads.push(Head {
            time: ticks.map_or(0, |ticks| link.clock.time(ticks)),
            position: block.position + data as u64,
            start: (block.start + data) as u32,
            captured,
            length,
            interface: self.first_interface + interface,
            flags,
            timed: ticks.is_some(),
        });
        Ok(())
    }

    /// A packet's comments go to the notes; its flags word is the answer.
    fn packet_options(&self, bytes: &[u8], notes: &mut Notes) -> u32 {
        const FLAGS: u16 = 2;
        let mut flags = 0;
        for (code, value) in Options::new(bytes, self.order) {
            match code {
                COMMENT => notes.comment(About::Packet(notes.packets), value),
                FLAGS => flags = self.order.u32(value, 0).unwrap_or(0),
                _ => {}
            }
        }
        flags
    }

    fn section(&mut self, body: &[u8], notes: &mut Notes) {
        const HARDWARE: u16 = 2;
        const OS: u16 = 3;
        const APPLICATION: u16 = 4;
        self.first_interface = notes.interfaces.len() as u32;
        self.links.clear();
        let version = (self.order.u16(body, 4).unwrap_or(0), self.order.u16(body, 6).unwrap_or(0));
        let mut section = Section {
            version,
            big_endian: self.order == Order::Big,
            first_interface: self.first_interface,
            ..Section::default()
        };
        let about = About::Section(notes.sections.len() as u32);
        for (code, value) in Options::new(body.get(16..).unwrap_or_default(), self.order) {
            match code {
                COMMENT => notes.comment(about, value),
                HARDWARE => section.hardware = notes.text(value),
                OS => section.os = notes.text(value),
                APPLICATION => section.application = notes.text(value),
                _ => {}
            }
        }
        if notes.afford(size_of::<Section>()) {
            notes.sections.push(section);
        }
    }

    fn interface(&mut self, body: &[u8], notes: &mut Notes) -> Result<(), DamageKind> {
        if notes.interfaces.len() as u32 >= MAX_INTERFACES {
            return Err(DamageKind::TooManyInterfaces { limit: MAX_INTERFACES });
        }
        let o = self.order;
        let link_type = u32::from(o.u16(body, 0).unwrap_or(0));
        let snap_length = o.u32(body, 4).unwrap_or(0);
        let number = notes.interfaces.len() as u32 - self.first_interface;
        let mut interface = Interface { link_type, snap_length, number: Some(number), ..Interface::default() };
        let (mut resolution, mut offset) = (6, 0);
        let about = About::Interface(notes.interfaces.len() as u32);
        for (code, value) in Options::new(body.get(8..).unwrap_or_default(), o) {
            match code {
                COMMENT => {
                    interface.mtu = interface.mtu.or_else(|| mtu(value));
                    notes.comment(about, value);
                }
                2 => interface.name = notes.text(value),
                3 => interface.description = notes.text(value),
                8 => interface.speed = o.u64(value, 0),
                9 => resolution = value.first().copied().unwrap_or(6),
                11 => interface.filter = filter_text(value, notes),
                12 => interface.os = notes.text(value),
                13 => interface.fcs_length = value.first().copied(),
                14 => offset = o.u64(value, 0).map_or(0, u64::cast_signed),
                15 => interface.hardware = notes.text(value),
                _ => {}
            }
        }
        let clock = Clock::new(resolution, offset);
        interface.ticks = clock.ticks();
        self.links.push(Link { clock, snap_length, limit: largest_packet(link_type, snap_length) });
        notes.interfaces.push(interface);
        Ok(())
    }

    /// The last statistics of an interface count: they are totals since the capture began.
    fn statistics(&self, body: &[u8], notes: &mut Notes) {
        let o = self.order;
        let (Some(number), Some(link)) = (o.u32(body, 0), o.u32(body, 0).and_then(|n| self.links.get(n as usize)))
        else {
            return;
        };
        let index = self.first_interface + number;
        let time =
            |value: &[u8]| Some(link.clock.time((u64::from(o.u32(value, 0)?) << 32) | u64::from(o.u32(value, 4)?)));
        for (code, value) in Options::new(body.get(12..).unwrap_or_default(), o) {
            if code == COMMENT {
                notes.comment(About::Interface(index), value);
                continue;
            }
            let Some(interface) = notes.interfaces.get_mut(index as usize) else {
                return;
            };
            match code {
                2 => interface.began = time(value),
                3 => interface.ended = time(value),
                4 => interface.received = o.u64(value, 0),
                5 => interface.dropped = o.u64(value, 0),
                6 => interface.accepted = o.u64(value, 0),
                7 => interface.dropped_by_system = o.u64(value, 0),
                8 => interface.delivered = o.u64(value, 0),
                _ => {}
            }
        }
    }

    /// Name resolution: records of (type, length, address and names ended by zeros), then options.
    fn names(&self, body: &[u8], notes: &mut Notes) {
        let mut rest = body;
        while let (Some(kind), Some(length)) = (self.order.u16(rest, 0), self.order.u16(rest, 2)) {
            let length = usize::from(length);
            let Some(value) = rest.get(4..4 + length) else {
                return;
            };
            rest = rest.get(4 + padded(length)..).unwrap_or_default();
            let (address, names) = match kind {
                0 => break,
                1 => split(value, |a: [u8; 4]| Address::Ip(IpAddr::from(a))),
                2 => split(value, |a: [u8; 16]| Address::Ip(IpAddr::from(a))),
                3 => split(value, Address::Eui48),
                4 => split(value, Address::Eui64),
                _ => continue,
            }
            .unwrap_or((Address::Eui48([0; 6]), &[]));
            for name in names.split(|&b| b == 0).filter(|name| !name.is_empty()) {
                if let Some(name) = notes.text(name) {
                    notes.names.push(Name { address, name });
                }
            }
        }
        for (_, value) in Options::new(rest, self.order).filter(|(code, _)| *code == COMMENT) {
            match std::str::from_utf8(value).ok().and_then(Owned::parse) {
                Some(owned) => notes.owners.learn(owned),
                None => notes.comment(About::Other, value),
            }
        }
    }

    fn secrets(&self, body: &[u8], notes: &mut Notes) {
        let (Some(kind), Some(length)) = (self.order.u32(body, 0), self.order.u32(body, 4)) else {
            return;
        };
        let data = body.get(8..).unwrap_or_default();
        let (data, options) = data.split_at(data.len().min(length as usize));
        notes.secrets_block(kind, data);
        let padding = padded(data.len()) - data.len();
        for (_, value) in
            Options::new(options.get(padding..).unwrap_or_default(), self.order).filter(|(code, _)| *code == COMMENT)
        {
            notes.comment(About::Other, value);
        }
    }
}

/// The MTU in a comment on an interface, for which pcapng has no option.
fn mtu(comment: &[u8]) -> Option<u32> {
    std::str::from_utf8(comment).ok()?.strip_prefix("MTU ")?.parse().ok()
}

/// The least total length of a block and the most that is read of it; blocks without a most are
/// jumped over.
fn bounds(block_type: u32) -> (u32, Option<u32>) {
    const PACKET_BLOCK: u32 = MAX_LARGE_PACKET + MAX_BLOCK; // the packet, then its options
    match block_type {
        ENHANCED_PACKET | PACKET => (32, Some(PACKET_BLOCK)),
        SIMPLE_PACKET => (16, Some(PACKET_BLOCK)),
        SECTION_HEADER => (28, Some(MAX_BLOCK)),
        INTERFACE_DESCRIPTION | DECRYPTION_SECRETS => (20, Some(MAX_BLOCK)),
        INTERFACE_STATISTICS => (24, Some(MAX_BLOCK)),
        NAME_RESOLUTION => (12, Some(MAX_BLOCK)),
        _ => (12, None),
    }
}

/// An address and what follows it.
fn split<const N: usize>(value: &[u8], address: impl Fn([u8; N]) -> Address) -> Option<(Address, &[u8])> {
    value.split_first_chunk::<N>().map(|(first, names)| (address(*first), names))
}

/// if_filter: a first byte of 0 says that it is text; compiled filters are not shown.
fn filter_text(value: &[u8], notes: &mut Notes) -> Option<String> {
    match value.split_first() {
        Some((0, text)) => notes.text(text),
        _ => None,
    }
}
