//! Header compression (RFC 7541): what a header block's bytes say, and the table that they lean on.
//!
//! ```text
//! 1iiiiiii                      a field of the tables
//! 01iiiiii (name) value         a literal, which becomes the newest entry of the dynamic table
//! 0000iiii (name) value         a literal; 0001iiii: never to be put into a table
//! 001nnnnn                      the dynamic table may hold so many bytes from here on
//! ```
//!
//! Bytes that are missing take table entries with them. Entries are counted from the newest, so that those made
//! behind the gap are known all the same; the others are [`Known::Lost`].

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use super::huffman;
use super::names::STATIC;

/// Bytes that the dynamic table of one direction may hold here. Both ends agree on 4,096 unless one allows more;
/// browsers allow 65,536. If a peer allows more yet, the oldest entries are not known here.
const TABLE: usize = 64 << 10;

/// What an entry counts beside its bytes (section 4.1).
const OVERHEAD: usize = 32;

/// Bytes that an integer may have: a prefix and five more say 32 bits.
const INTEGER: usize = 6;

/// Why bytes could not be read as an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// They end too early.
    Short,
    /// They say what no encoder says.
    Malformed(&'static str),
}

/// How a field is represented (section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Indexed,
    Incremental,
    Without,
    Never,
}

/// A string as it stands in the bytes (section 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    huffman: bool,
    /// Where it stands, counted from the instruction's first byte.
    pub(super) place: Range<usize>,
}

/// One instruction of a header block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    Field {
        form: Form,
        /// The place in the tables, or 0 if the name is a literal.
        index: u64,
        name: Option<Literal>,
        value: Option<Literal>,
    },
    /// The dynamic table may hold so many bytes (section 6.3).
    Size(u64),
}

impl Instruction {
    /// The instruction that `bytes` begin with, and its length.
    pub(super) fn read(bytes: &[u8]) -> Result<(Instruction, usize), Trouble> {
        let first = *bytes.first().ok_or(Trouble::Short)?;
        let (form, prefix) = match first {
            0x80.. => (Form::Indexed, 7),
            0x40.. => (Form::Incremental, 6),
            0x20.. => {
                let (size, at) = integer(bytes, 0, 5)?;
                return Ok((Instruction::Size(size), at));
            }
            0x10.. => (Form::Never, 4),
            _ => (Form::Without, 4),
        };
        let (index, at) = integer(bytes, 0, prefix)?;
        if form == Form::Indexed {
            if index == 0 {
                return Err(Trouble::Malformed("index 0 names no field"));
            }
            return Ok((Instruction::Field { form, index, name: None, value: None }, at));
        }
        let (name, at) = if index == 0 {
            let name = literal(bytes, at)?;
            let at = name.place.end;
            (Some(name), at)
        } else {
            (None, at)
        };
        let value = literal(bytes, at)?;
        let length = value.place.end;
        Ok((Instruction::Field { form, index, name, value: Some(value) }, length))
    }
}

/// An integer with a prefix of so many bits (section 5.1), and where it ends.
fn integer(bytes: &[u8], at: usize, prefix: u32) -> Result<(u64, usize), Trouble> {
    let mask = 0xffu8 >> 8u32.saturating_sub(prefix);
    let first = bytes.get(at).ok_or(Trouble::Short)? & mask;
    let mut value = u64::from(first);
    let mut end = at.saturating_add(1);
    if first < mask {
        return Ok((value, end));
    }
    for (place, byte) in (0u32..).zip(bytes.iter().skip(end).take(INTEGER.saturating_sub(1))) {
        end = end.saturating_add(1);
        value = value.saturating_add(u64::from(byte & 0x7f) << place.saturating_mul(7));
        if byte & 0x80 == 0 {
            return Ok((value, end));
        }
    }
    if end.saturating_sub(at) >= INTEGER {
        Err(Trouble::Malformed("an integer of too many bytes"))
    } else {
        Err(Trouble::Short)
    }
}

fn literal(bytes: &[u8], at: usize) -> Result<Literal, Trouble> {
    let huffman = bytes.get(at).ok_or(Trouble::Short)? & 0x80 != 0;
    let (length, start) = integer(bytes, at, 7)?;
    let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length)).ok_or(Trouble::Short)?;
    if end > bytes.len() {
        return Err(Trouble::Short);
    }
    Ok(Literal { huffman, place: start..end })
}

impl Literal {
    fn text<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, Trouble> {
        let coded = bytes.get(self.place.clone()).unwrap_or(&[]);
        if !self.huffman {
            return Ok(coded.into());
        }
        huffman::decode(coded).map(Cow::Owned).ok_or(Trouble::Malformed("a string that is no Huffman code"))
    }
}

/// A name or a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known<'b> {
    Text(Cow<'b, [u8]>),
    /// It stood in an entry whose bytes are missing.
    Lost,
}

impl<'b> Known<'b> {
    /// The text; nothing if it is lost.
    pub(super) fn text(&self) -> &[u8] {
        match self {
            Known::Text(text) => text,
            Known::Lost => &[],
        }
    }

    fn of(text: Option<&'b [u8]>) -> Known<'b> {
        text.map_or(Known::Lost, |text| Known::Text(text.into()))
    }

    fn owned(&self) -> Option<Box<[u8]>> {
        match self {
            Known::Text(text) => Some(text.as_ref().into()),
            Known::Lost => None,
        }
    }
}

/// An entry of the dynamic table. What is not known was lost.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    name: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
}

impl Entry {
    pub(super) fn of(name: &Known<'_>, value: &Known<'_>) -> Entry {
        Entry { name: name.owned(), value: value.owned() }
    }

    fn size(&self) -> usize {
        let length = |text: &Option<Box<[u8]>>| text.as_ref().map_or(0, |text| text.len());
        length(&self.name).saturating_add(length(&self.value)).saturating_add(OVERHEAD)
    }
}

/// The dynamic table of one direction (section 2.3.2).
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The newest first.
    entries: VecDeque<Entry>,
    size: usize,
    limit: usize,
    /// Entries older than these may exist: bytes were missing.
    lost: bool,
}

impl Default for Table {
    fn default() -> Table {
        // SETTINGS_HEADER_TABLE_SIZE, before anybody says otherwise (RFC 9113, section 6.5.2).
        Table { entries: VecDeque::new(), size: 0, limit: 4096, lost: false }
    }
}

impl Table {
    /// Bytes are missing that may have changed the table.
    pub(super) fn lose(&mut self) {
        self.entries.clear();
        // The limit may have been raised; entries that should have gone do no harm.
        (self.size, self.limit, self.lost) = (0, TABLE, true);
    }

    /// Name and value of a field (section 3.2), whose instruction begins with `bytes`.
    pub(super) fn resolve<'b>(
        &'b self,
        bytes: &'b [u8],
        index: u64,
        name: Option<&Literal>,
        value: Option<&Literal>,
    ) -> Result<(Known<'b>, Known<'b>), Trouble> {
        let listed = if index == 0 { None } else { Some(self.entry(index)?) };
        let (listed_name, listed_value) = listed.unwrap_or((Known::Lost, Known::Lost));
        let name = name.map_or(Ok(listed_name), |name| name.text(bytes).map(Known::Text))?;
        let value = value.map_or(Ok(listed_value), |value| value.text(bytes).map(Known::Text))?;
        Ok((name, value))
    }

    /// The entry at a place of both tables: the static one first (section 2.3.3).
    fn entry(&self, index: u64) -> Result<(Known<'_>, Known<'_>), Trouble> {
        let known = |text: &'static str| Known::Text(text.as_bytes().into());
        let place = usize::try_from(index).unwrap_or(usize::MAX).saturating_sub(1);
        if let Some((name, value)) = STATIC.get(place) {
            return Ok((known(name), known(value)));
        }
        match self.entries.get(place.saturating_sub(STATIC.len())) {
            Some(Entry { name, value }) => Ok((Known::of(name.as_deref()), Known::of(value.as_deref()))),
            None if self.lost => Ok((Known::Lost, Known::Lost)),
            None => Err(Trouble::Malformed("an index of a table entry that does not exist")),
        }
    }

    /// Puts a field into the table (section 4.4).
    pub(super) fn insert(&mut self, entry: Entry) {
        let size = entry.size();
        self.shrink(self.limit.saturating_sub(size));
        if size <= self.limit {
            self.size = self.size.saturating_add(size);
            self.entries.push_front(entry);
        }
    }

    /// The sender says how many bytes the table may hold (section 4.3).
    pub(super) fn resize(&mut self, size: u64) {
        let wished = usize::try_from(size).unwrap_or(usize::MAX);
        self.limit = wished.min(TABLE);
        self.lost |= wished > TABLE;
        self.shrink(self.limit);
    }

    /// Lets the oldest go until `limit` holds the rest.
    fn shrink(&mut self, limit: usize) {
        while self.size > limit
            && let Some(oldest) = self.entries.pop_back()
        {
            self.size = self.size.saturating_sub(oldest.size());
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // a test may panic
mod tests {
    use super::*;

    /// What a block says, a field a line; what stopped it stands last.
    fn read(table: &mut Table, mut block: &[u8]) -> Vec<String> {
        let mut said = Vec::new();
        while !block.is_empty() {
            let (instruction, length) = match Instruction::read(block) {
                Ok(read) => read,
                Err(trouble) => {
                    said.push(format!("{trouble:?}"));
                    break;
                }
            };
            match instruction {
                Instruction::Size(size) => table.resize(size),
                Instruction::Field { form, index, name, value } => {
                    let (name, value) = match table.resolve(block, index, name.as_ref(), value.as_ref()) {
                        Ok(known) => known,
                        Err(trouble) => {
                            said.push(format!("{trouble:?}"));
                            break;
                        }
                    };
                    let text = |known: &Known<'_>| match known {
                        Known::Text(text) => String::from_utf8_lossy(text).into_owned(),
                        Known::Lost => "?".to_owned(),
                    };
                    said.push(format!("{}: {}", text(&name), text(&value)));
                    let entry = Entry::of(&name, &value);
                    if form == Form::Incremental {
                        table.insert(entry);
                    }
                }
            }
            block = &block[length..];
        }
        said
    }

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
    }

    #[test]
    fn requests_of_the_rfc() {
        // RFC 7541, appendices C.3 (plain) and C.4 (Huffman): three requests on one connection.
        let plain = [
            "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            "8286 84be 5808 6e6f 2d63 6163 6865",
            "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
        ];
        let coded = [
            "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
            "8286 84be 5886 a8eb 1064 9cbf",
            "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
        ];
        for blocks in [plain, coded] {
            let mut table = Table::default();
            let said: Vec<_> = blocks.iter().map(|block| read(&mut table, &hex(block)).join(", ")).collect();
            assert_eq!(
                said,
                [
                    ":method: GET, :scheme: http, :path: /, :authority: www.example.com",
                    ":method: GET, :scheme: http, :path: /, :authority: www.example.com, cache-control: no-cache",
                    ":method: GET, :scheme: https, :path: /index.html, :authority: www.example.com, custom-key: custom-value",
                ]
            );
            assert_eq!(table.size, 164);
        }
    }

    #[test]
    fn the_oldest_entries_make_room() {
        // RFC 7541, appendix C.5: responses with a table of 256 bytes.
        let mut table = Table::default();
        table.resize(256);
        let blocks = [
            "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 54\
             6e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            "4803 3330 37c1 c0bf",
        ];
        let said: Vec<_> = blocks.iter().map(|block| read(&mut table, &hex(block)).join(", ")).collect();
        assert_eq!(
            said[1],
            ":status: 307, cache-control: private, date: Mon, 21 Oct 2013 20:13:21 GMT, location: https://www.example.com"
        );
        assert_eq!((table.size, table.entries.len()), (222, 4));
        // An entry larger than the table empties it (section 4.4).
        let long = [&[0x40, 1, b'n', 0x7f, 0x7f][..], &[b'v'; 254]].concat();
        assert_eq!(read(&mut table, &long).len(), 1);
        assert_eq!((table.size, table.entries.len()), (0, 0));
    }

    #[test]
    fn what_no_encoder_says_stops() {
        let mut table = Table::default();
        let mut stops = |bytes: &[u8]| read(&mut table, bytes).pop().unwrap();
        assert!(stops(&[0x80]).contains("index 0"));
        assert!(stops(&[0xbe]).contains("does not exist"));
        assert!(stops(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]).contains("integer"));
        assert!(
            stops(&[0x3f, 0xe1, 0xff, 0xff, 0xff, 0xff, 0x0f]).contains("integer"),
            "a size that killed a library"
        );
        assert!(stops(&[0x00, 0x81, 0x00, 0x00]).contains("Huffman"));
        assert_eq!(stops(&[0x00, 0x05, b'n']), "Short");
        assert_eq!(stops(&[0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x07]), "Short");
    }

    #[test]
    fn behind_a_gap_new_entries_are_known_and_old_ones_are_not() {
        let mut table = Table::default();
        read(&mut table, &hex("4001 6101 62"));
        table.lose();
        assert_eq!(
            read(&mut table, &hex("be 82 4001 6301 64 be bf")),
            ["?: ?", ":method: GET", "c: d", "c: d", "?: ?"]
        );
        // A literal whose name was lost is an entry all the same, so that those before it keep their numbers.
        assert_eq!(read(&mut table, &hex("7f 00 01 78 be bf")), ["?: x", "?: x", "c: d"]);
    }

    #[test]
    fn a_table_has_a_limit_whatever_its_peers_allow() {
        let mut table = Table::default();
        assert_eq!(read(&mut table, &[0x3f, 0xff, 0xff, 0xff, 0x0f]), [""; 0]);
        let field = [&[0x40, 1, b'n', 0x7f, 0x81, 0x1f][..], &[b'v'; 4096]].concat();
        for _ in 0..100 {
            assert_eq!(read(&mut table, &field).len(), 1);
        }
        assert!(table.size <= TABLE && table.entries.len() == TABLE / (4096 + 1 + OVERHEAD));
        // What the peers still know is not known here.
        assert_eq!(read(&mut table, &[0x80 | 127, 10]), ["?: ?"]);
    }
}
