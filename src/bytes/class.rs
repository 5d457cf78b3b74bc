//! What a byte is to an observer without keys, and the book that counts bytes by it.
//!
//! The ten classes partition every captured byte; *missing* bytes (not captured) are counted beside
//! them. `docs/classes.md` gives each decision with its fixture.

/// What one captured byte is to somebody who holds no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// Framing of the local link: Ethernet, VLAN tags, cooked headers, ARP.
    Link,
    /// Routing: IPv4, IPv6, extension headers, ICMP.
    Network,
    /// Ports, order and control: TCP, UDP, the QUIC header bytes left in clear.
    Transport,
    /// Readable protocol talk above transport: DNS, TLS record headers and clear handshake, HTTP heads.
    Metadata,
    /// Readable payload: HTTP bodies, files.
    Content,
    /// Encrypted with a key that anybody can derive: QUIC Initial payload.
    Veiled,
    /// Ciphertext, unreadable without keys.
    Sealed,
    /// Encryption's own overhead: authentication tag, explicit nonce, initialisation vector.
    Tag,
    /// Carried but without meaning: Ethernet padding, QUIC PADDING.
    Padding,
    /// Not dissected, or context lost; never guessed from entropy.
    Unknown,
}

impl Class {
    /// All classes, in the order of the ledger.
    pub const ALL: [Class; 10] = [
        Class::Link,
        Class::Network,
        Class::Transport,
        Class::Metadata,
        Class::Content,
        Class::Veiled,
        Class::Sealed,
        Class::Tag,
        Class::Padding,
        Class::Unknown,
    ];

    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Link => "link",
            Class::Network => "network",
            Class::Transport => "transport",
            Class::Metadata => "metadata",
            Class::Content => "content",
            Class::Veiled => "veiled",
            Class::Sealed => "sealed",
            Class::Tag => "tag",
            Class::Padding => "padding",
            Class::Unknown => "unknown",
        }
    }

    /// One letter, for hex dumps and snapshots.
    pub const fn letter(self) -> char {
        match self {
            Class::Link => 'L',
            Class::Network => 'N',
            Class::Transport => 'T',
            Class::Metadata => 'M',
            Class::Content => 'C',
            Class::Veiled => 'V',
            Class::Sealed => 'S',
            Class::Tag => 'A',
            Class::Padding => 'P',
            Class::Unknown => 'U',
        }
    }

    /// Which of the three sides of the split the class is on.
    pub const fn split(self) -> Split {
        match self {
            Class::Link | Class::Network | Class::Transport | Class::Metadata | Class::Content | Class::Veiled => {
                Split::Visible
            }
            Class::Sealed | Class::Tag => Split::Encrypted,
            Class::Padding | Class::Unknown => Split::Neither,
        }
    }

    /// How the class is drawn where there is no colour: four glyphs, from wrapper to sealed.
    pub const fn glyph(self) -> char {
        match self {
            Class::Link | Class::Network | Class::Transport => '░',
            Class::Metadata | Class::Content | Class::Veiled => '▒',
            Class::Sealed | Class::Tag => '█',
            Class::Padding | Class::Unknown => '·',
        }
    }
}

/// The split that husk is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// An observer on the path reads it.
    Visible,
    /// An observer on the path sees only that it is there.
    Encrypted,
    /// It means nothing, or husk does not know what it is.
    Neither,
}

/// Bytes counted by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ledger([u64; 10]);

impl Ledger {
    /// No bytes.
    pub const NOTHING: Ledger = Ledger([0; 10]);

    /// The ledger of these counts, in the order of [`Class::ALL`].
    #[inline]
    pub fn of_counts(counts: &[u16; 10]) -> Ledger {
        // Not by `map`, which the compiler does not turn into a few wide instructions.
        let mut ledger = Ledger::NOTHING;
        for (sum, count) in ledger.0.iter_mut().zip(counts) {
            *sum = u64::from(*count);
        }
        ledger
    }

    /// The counts, in the order of [`Class::ALL`], of what is no more than 65,535 bytes.
    #[inline]
    pub fn counts(&self) -> [u16; 10] {
        let mut counts = [0; 10];
        for (count, bytes) in counts.iter_mut().zip(&self.0) {
            *count = *bytes as u16;
        }
        counts
    }

    /// Counts `bytes` more of `class`.
    #[inline]
    pub fn add(&mut self, class: Class, bytes: u64) {
        if let Some(count) = self.0.get_mut(class as usize) {
            *count = count.saturating_add(bytes);
        }
    }

    /// Moves bytes from one class to another; never more than are there.
    #[inline]
    pub fn shift(&mut self, from: Class, to: Class, bytes: u64) {
        let moved = bytes.min(self.of(from));
        if let Some(count) = self.0.get_mut(from as usize) {
            *count -= moved;
        }
        self.add(to, moved);
    }

    /// Bytes of one class.
    #[inline]
    pub fn of(&self, class: Class) -> u64 {
        self.0.get(class as usize).copied().unwrap_or(0)
    }

    /// Bytes of all classes: equals the captured length of what was counted.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Bytes on one side of the split.
    pub fn split(&self, split: Split) -> u64 {
        self.iter().filter(|(class, _)| class.split() == split).map(|(_, bytes)| bytes).sum()
    }

    /// Every class with its count, in the order of [`Class::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Class, u64)> + '_ {
        Class::ALL.into_iter().zip(self.0.iter().copied())
    }
}

impl std::ops::AddAssign for Ledger {
    fn add_assign(&mut self, other: Ledger) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

impl std::ops::Add for Ledger {
    type Output = Ledger;
    fn add(mut self, other: Ledger) -> Ledger {
        self += other;
        self
    }
}

/// A ledger in little memory, for there may be millions: 32 bits a class, and apart what they cannot hold.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: [u32; 10],
    more: Option<Box<Ledger>>,
}

impl Tally {
    /// Looks at it, only to have it near.
    #[inline]
    pub fn touch(&self) -> u64 {
        let [first, .., last] = self.counts;
        (first ^ last).into()
    }

    /// Counts what a ledger holds.
    #[inline]
    pub fn add(&mut self, ledger: &Ledger) {
        let mut sums = ledger.0;
        for (sum, count) in sums.iter_mut().zip(self.counts) {
            *sum += u64::from(count);
        }
        if sums.iter().fold(0, |all, sum| all | sum) > u32::MAX.into() {
            ledger.iter().for_each(|(class, bytes)| self.count(class, bytes));
        } else {
            for (count, sum) in self.counts.iter_mut().zip(sums) {
                *count = sum as u32;
            }
        }
    }

    fn count(&mut self, class: Class, bytes: u64) {
        let Some(count) = self.counts.get_mut(class as usize) else { return };
        let sum = u64::from(*count) + bytes;
        if let Ok(fits) = u32::try_from(sum) {
            *count = fits;
        } else {
            *count = 0;
            self.more.get_or_insert_default().add(class, sum);
        }
    }

    /// Moves bytes from one class to another; never more than are there.
    #[inline]
    pub fn shift(&mut self, from: Class, to: Class, bytes: u64) {
        let Some(count) = self.counts.get_mut(from as usize) else { return };
        if bytes <= u64::from(*count) {
            *count -= bytes as u32;
            return self.count(to, bytes);
        }
        let here = bytes.min(u64::from(*count));
        *count -= here as u32;
        let apart = self.more.as_mut().and_then(|more| more.0.get_mut(from as usize)).map_or(0, |count| {
            let taken = (bytes - here).min(*count);
            *count -= taken;
            taken
        });
        self.count(to, here + apart);
    }

    /// The ledger.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = self.more.as_deref().copied().unwrap_or_default();
        for (sum, count) in ledger.0.iter_mut().zip(self.counts) {
            *sum += u64::from(count);
        }
        ledger
    }
}

#[cfg(test)]
mod tests {
    // Not all: in scope, `Add::add` would be found before `Ledger::add`.
    use super::{Class, Ledger, Split, Tally};

    #[test]
    fn every_class_is_on_one_side_and_the_sides_sum_to_the_total() {
        let mut ledger = Ledger::default();
        for (n, class) in Class::ALL.into_iter().enumerate() {
            ledger.add(class, 1 << n);
        }
        let sides = [Split::Visible, Split::Encrypted, Split::Neither].map(|side| ledger.split(side));
        assert_eq!(sides.iter().sum::<u64>(), ledger.total());
        assert_eq!(ledger.total(), 1023);
    }

    #[test]
    fn a_tally_counts_as_a_ledger_does() {
        const MUCH: u64 = 3 << 30;
        let (mut tally, mut ledger) = (Tally::default(), Ledger::default());
        for bytes in [1, MUCH, 7, MUCH, MUCH] {
            let mut more = Ledger::default();
            more.add(Class::Unknown, bytes);
            more.add(Class::Link, 14);
            tally.add(&more);
            ledger += more;
            assert_eq!(tally.ledger(), ledger);
        }
        for bytes in [5, MUCH, 2 * MUCH, MUCH] {
            tally.shift(Class::Unknown, Class::Sealed, bytes);
            ledger.shift(Class::Unknown, Class::Sealed, bytes);
            assert_eq!(tally.ledger(), ledger);
        }
        assert_eq!(ledger.of(Class::Unknown), 0);
    }

    #[test]
    fn shift_never_takes_more_than_is_there() {
        let mut ledger = Ledger::default();
        ledger.add(Class::Unknown, 5);
        ledger.shift(Class::Unknown, Class::Metadata, 9);
        assert_eq!((ledger.of(Class::Unknown), ledger.of(Class::Metadata)), (0, 5));
    }
}
