//! A field block (RFC 9113, section 4.3): fields, as their frames bring them.
//!
//! A field is read with the frame that brings its last byte: what a frame ends in the midst of waits for the next one.

use super::super::http;
use super::fields::{self, *};
use super::hpack::{Entry, Form, Instruction, Known, Literal, Table, Trouble};
use crate::bytes::{Confidence, Cursor, Field, Stop, Value};

/// Bytes of fields, decoded, that one block may tell of. A byte can stand for a table entry of kilobytes; servers refuse
/// lists longer than 8 KiB to 64 KiB, the most patient ones 1 MiB. What is beyond changes the table and is not told.
const DECODED: usize = 256 << 10;

/// Bytes of one field that may wait for the next frame. Longer ones are let go, and the table with them.
const WAITING: usize = 64 << 10;

/// Bytes of a value that are told as a subject.
const LONGEST_TOLD: usize = 120;

/// The beginning of a value.
type Words = smallvec::SmallVec<[u8; 128]>;

/// A block that goes on in the next frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) stream: u32,
    /// The beginning of a field.
    waiting: Vec<u8>,
    /// Bytes of fields told so far.
    decoded: usize,
}

/// What the fields of a frame say of the message that they begin.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) method: Words,
    pub(super) path: Words,
    pub(super) status: Words,
    pub(super) media: Words,
    /// Scheme, authority and path, if somebody listens.
    uri: [Option<Box<[u8]>>; 3],
    length: u64,
    count: u64,
}

impl Block {
    pub(super) fn of(stream: u32) -> Block {
        Block { stream, ..Block::default() }
    }

    /// Whether a field has begun that is not whole.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Bytes that wait.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.waiting.len()
    }

    /// Reads the fragment that is the rest of the window, as `heading`; `last` if the block ends with it.
    pub(super) fn read(
        &mut self,
        heading: &'static Field,
        table: &mut Table,
        last: bool,
        c: &mut Cursor<'_>,
    ) -> Result<Told, Stop> {
        let mut told = Told::default();
        let result = if self.waiting.is_empty() {
            let place = c.open(heading);
            let result = self.fields(table, last, c, &mut told);
            c.close(place);
            result
        } else {
            let mut joined = std::mem::take(&mut self.waiting);
            joined.extend_from_slice(c.bytes(heading, c.remaining())?);
            c.derived("field block", &joined, &[], |c| self.fields(table, last, c, &mut told))
        };
        if let Err(stop) = result {
            // What the rest would have put into the table is not known.
            table.lose();
            return Err(stop);
        }
        if told.count > 0 {
            c.say(&HEADER_LENGTH, Value::Number(told.length));
            c.say(&HEADER_COUNT, Value::Number(told.count));
        }
        if let [Some(scheme), Some(authority), Some(path)] = &told.uri {
            c.say(&FULL_URI, Value::Bytes([scheme, &b"://"[..], authority, path].concat().into()));
        }
        Ok(told)
    }

    fn fields(&mut self, table: &mut Table, last: bool, c: &mut Cursor<'_>, told: &mut Told) -> Result<(), Stop> {
        while !c.is_empty() {
            let bytes = c.rest();
            let (instruction, length) = match Instruction::read(bytes) {
                Ok(read) => read,
                Err(Trouble::Short) if !last && !bytes.is_empty() => {
                    if bytes.len() > WAITING {
                        table.lose();
                        c.remark("a field that is longer than a limit: it is not read");
                    } else {
                        self.waiting = bytes.to_vec();
                    }
                    return c.pass(bytes.len()).map(drop);
                }
                Err(Trouble::Short) => return Err(c.short(bytes.len().saturating_add(1), Some(&HEADER))),
                Err(Trouble::Malformed(what)) => return Err(c.malformed(what)),
            };
            told.count = told.count.saturating_add(1);
            match instruction {
                Instruction::Size(size) => {
                    table.resize(size);
                    let place = c.open(&TABLE_SIZE_UPDATE);
                    c.pass(length)?;
                    c.part(&TABLE_SIZE, Value::Number(size));
                    c.close(place);
                }
                Instruction::Field { form, index, name, value } => {
                    let parts = (name.as_ref(), value.as_ref());
                    let (name, text) = match table.resolve(bytes, index, parts.0, parts.1) {
                        Ok(known) => known,
                        Err(Trouble::Malformed(what)) => return Err(c.malformed(what)),
                        Err(Trouble::Short) => return Err(c.short(length, Some(&HEADER))),
                    };
                    let header = Header { form, index, name, value: text, place: parts.1 };
                    let place = c.open(&HEADER);
                    c.pass(length)?;
                    self.field(&header, length, c, told);
                    c.close(place);
                    if form == Form::Incremental {
                        let entry = Entry::of(&header.name, &header.value);
                        table.insert(entry);
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells of a field, whose `length` bytes were passed last.
    fn field(&mut self, header: &Header<'_>, length: usize, c: &mut Cursor<'_>, told: &mut Told) {
        let (name, value) = (header.name.text(), header.value.text());
        let size = name.len().saturating_add(value.len());
        told.length = told.length.saturating_add(size as u64).saturating_add(8);
        self.decoded = self.decoded.saturating_add(size);
        if self.decoded > DECODED {
            return c.remark("more fields than a limit: the rest is not told");
        }
        if header.name == Known::Lost || header.value == Known::Lost {
            c.remark("it stood in a table entry whose bytes are missing");
        }
        if c.listens() {
            header.note(c);
        }
        header.state(length, c);
        told.take(name, value, c.listens());
    }
}

impl Told {
    fn take(&mut self, name: &[u8], value: &[u8], listens: bool) {
        let words = || Words::from_slice(value.get(..LONGEST_TOLD).unwrap_or(value));
        let part = match name {
            b":scheme" => Some(0),
            b":authority" => Some(1),
            b":path" => Some(2),
            _ => None,
        };
        if let Some(slot) = part.filter(|_| listens).and_then(|part: usize| self.uri.get_mut(part)) {
            *slot = Some(value.into());
        }
        match name {
            b":method" => self.method = words(),
            b":path" => self.path = words(),
            b":status" => self.status = words(),
            b"content-type" => {
                let media = value.split(|byte| matches!(byte, b';' | b' ')).next().unwrap_or(&[]);
                self.media = Words::from_slice(media.get(..LONGEST_TOLD).unwrap_or(media));
            }
            _ => {}
        }
    }

    /// Says what the message is about.
    pub(super) fn subject(&self, c: &mut Cursor<'_>) {
        // A media type is worth a word in a request if it says what is spoken: gRPC, DNS over HTTPS.
        let speaks = self.media.starts_with(b"application/grpc") || self.media.as_slice() == b"application/dns-message";
        let media = !self.status.is_empty() || speaks;
        let media = if media { self.media.as_slice() } else { &[] };
        for words in [&self.method, &self.path, &self.status].map(Words::as_slice).into_iter().chain([media]) {
            if !words.is_empty() {
                c.subject(&String::from_utf8_lossy(words));
            }
        }
    }
}

/// A field as it was resolved.
struct Header<'b> {
    form: Form,
    index: u64,
    name: Known<'b>,
    value: Known<'b>,
    /// Where the value stands, if it stands in the field itself.
    place: Option<&'b Literal>,
}

impl Header<'_> {
    fn note(&self, c: &mut Cursor<'_>) {
        let bytes = |text: &[u8]| Value::Bytes(text.into());
        if let Known::Text(name) = &self.name {
            c.part(&HEADER_NAME_LENGTH, Value::Number(name.len() as u64));
            c.part(&HEADER_NAME, bytes(name));
        }
        if let Known::Text(value) = &self.value {
            c.part(&HEADER_VALUE_LENGTH, Value::Number(value.len() as u64));
            c.part(&HEADER_VALUE, bytes(value));
            match fields::of_header(self.name.text()) {
                Some(field) if field.kind == crate::bytes::Kind::Number => {
                    if let Some(number) = http::lines::content_length(value) {
                        c.part(field, Value::Number(number));
                    }
                }
                Some(field) => c.part(field, bytes(value)),
                None => {}
            }
        }
        let representation = match (self.form, self.index) {
            (Form::Indexed, _) => "Indexed Header Field",
            (Form::Incremental, 0) => "Literal Header Field with Incremental Indexing - New Name",
            (Form::Incremental, _) => "Literal Header Field with Incremental Indexing - Indexed Name",
            (Form::Without, 0) => "Literal Header Field without Indexing - New Name",
            (Form::Without, _) => "Literal Header Field without Indexing - Indexed Name",
            (Form::Never, 0) => "Literal Header Field never Indexed - New Name",
            (Form::Never, _) => "Literal Header Field never Indexed - Indexed Name",
        };
        c.part(&HEADER_REPRESENTATION, Value::Text(representation.into()));
        if self.index > 0 {
            c.part(&HEADER_INDEX, Value::Number(self.index));
        }
    }

    /// States what an observer learns. The evidence is the value, or the index that stands for it.
    fn state(&self, length: usize, c: &mut Cursor<'_>) {
        let value = self.value.text();
        let (field, learned): (&'static Field, &[u8]) = match self.name.text() {
            _ if self.value == Known::Lost => return,
            b":path" if value != b"*" => (&HEADERS_PATH, value),
            b":authority" => (&HEADERS_AUTHORITY, value),
            b"host" => (&http::fields::HOST, value),
            b"user-agent" => (&HEADERS_USER_AGENT, value),
            b"cookie" => (&HEADERS_COOKIE, value),
            b"set-cookie" => (&HEADERS_SET_COOKIE, value),
            b"referer" => (&HEADERS_REFERER, value),
            b"server" => (&HEADERS_SERVER, value),
            b"x-forwarded-for" => (&http::fields::X_FORWARDED_FOR, value),
            // What kind it is; the secret stays where it is: in the evidence.
            b"authorization" => (&HEADERS_AUTHORIZATION, kind(value)),
            b"proxy-authorization" => (&HEADERS_PROXY_AUTHORIZATION, kind(value)),
            _ => return,
        };
        let end = c.offset();
        let start = end.saturating_sub(length as u32);
        let (from, to) = match self.place {
            Some(literal) => {
                (start.saturating_add(literal.place.start as u32), start.saturating_add(literal.place.end as u32))
            }
            None => (start, end),
        };
        c.fact_at(field, learned, from, to, Confidence::Certain);
    }
}

fn kind(credentials: &[u8]) -> &[u8] {
    credentials.split(|byte| *byte == b' ').next().unwrap_or(&[])
}
