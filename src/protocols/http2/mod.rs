//! HTTP/2 (RFC 9113) in the clear: after its preface, or after HTTP/1 was left by an upgrade to `h2c`.
//!
//! ```text
//! bytes of a side ─► (preface) ─► frame header ─► payload: read whole (frames.rs)
//!                                      │           fields: decompressed with the side's table (block.rs, hpack.rs)
//!                                      └─► DATA: bytes pass as they come
//! ```
//!
//! Each frame has a row. A gap takes the boundaries of frames with it, and the table: the next boundary is where three
//! headers follow each other, and fields that lean on lost entries stay unknown.

// The fields are the vocabulary of every file here.
#![allow(clippy::wildcard_imports)]

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, heading, http};
use crate::bytes::{Class, Cursor, Field, Key, Pairing, Stop, Value};

mod block;
pub mod fields;
mod frames;
mod hpack;
mod huffman;
mod names;
mod recognise;

#[cfg(test)]
mod tests;

use block::{Block, Told};
use fields::*;
pub(super) use frames::settings;
use frames::{END_HEADERS, Frame, PADDED, PRIORITY_FLAG, kind};
use hpack::Table;
use recognise::{Chain, PREFACE, begins_with_preface, chain, probe};

/// The Hypertext Transfer Protocol, version 2.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("http2", "Hypertext Transfer Protocol 2", Class::Metadata, "RFC 9113"),
    fields: FIELDS,
    under: &[],
    read: Read::Dialogue { new: |_| Box::new(Conversation::default()), probe: Some(probe) },
};

/// The longest frame that is read whole, beside DATA: no peer sends fields of so many bytes in one frame unless it was
/// allowed to. Longer ones pass.
const LONGEST: usize = 256 << 10;

/// What the next bytes of a side are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    /// The preface, or the first frame.
    #[default]
    Beginning,
    Frame,
    /// Data, and so many bytes of padding behind them.
    Data {
        length: usize,
        padding: usize,
    },
    /// The padding behind so many bytes of data.
    Padding {
        length: usize,
        padding: usize,
    },
    /// Nobody knows: a frame has to be found.
    Unknown,
}

/// One side's state.
#[derive(Clone, Debug, Default)]
struct Half {
    next: Next,
    table: Table,
    /// The field block that the next frame continues.
    block: Option<Block>,
    /// The stream of the DATA that passes.
    stream: u32,
}

/// HTTP/2 within one connection.
#[derive(Clone, Debug, Default)]
struct Conversation {
    client: Half,
    server: Half,
}

impl Conversation {
    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

impl Half {
    fn extent(&mut self, arrived: &[u8], ends: bool) -> Extent {
        match self.next {
            Next::Beginning => match begins_with_preface(arrived) {
                Answer::Yes => Extent::Whole(PREFACE.len()),
                Answer::More => Extent::Needs(PREFACE.len()),
                Answer::No => match Frame::read(arrived) {
                    None => Extent::Needs(Frame::SIZE),
                    Some(frame) if frame.is_plausible() => frame_extent(arrived),
                    Some(_) => {
                        self.next = Next::Unknown;
                        Extent::Lost(1)
                    }
                },
            },
            Next::Frame => frame_extent(arrived),
            Next::Data { length: 0, padding } => Extent::Whole(padding),
            Next::Data { length, padding } => {
                if padding > 0 {
                    self.next = Next::Padding { length, padding };
                }
                Extent::Pass { class: Class::Content, length: length as u64, ends: padding == 0 }
            }
            Next::Padding { padding, .. } => Extent::Whole(padding),
            Next::Unknown => self.find(arrived, ends),
        }
    }

    /// Looks for the next frame behind a gap.
    fn find(&mut self, arrived: &[u8], ends: bool) -> Extent {
        for at in 0..arrived.len() {
            match chain(arrived.get(at..).unwrap_or(&[]), ends) {
                Chain::No => {}
                _ if at > 0 => return Extent::Lost(at),
                Chain::Needs(needed) => return Extent::Needs(needed),
                Chain::Yes => {
                    self.next = Next::Frame;
                    return frame_extent(arrived);
                }
            }
        }
        Extent::Lost(arrived.len())
    }

    /// Bytes are missing.
    fn lose(&mut self) {
        self.next = Next::Unknown;
        self.lose_fields();
    }

    /// Fields are missing, which may have changed the table.
    fn lose_fields(&mut self) {
        self.block = None;
        self.table.lose();
    }
}

fn frame_extent(arrived: &[u8]) -> Extent {
    let Some(frame) = Frame::read(arrived) else { return Extent::Needs(Frame::SIZE) };
    if frame.kind != kind::DATA {
        let (head, total) = (Frame::SIZE, frame.size());
        return if frame.length > LONGEST { Extent::Skip { head, total } } else { Extent::Whole(total) };
    }
    let head = data_head(&frame);
    match arrived.get(Frame::SIZE) {
        None if head > Frame::SIZE => Extent::Needs(head),
        first => match data_lengths(&frame, first.copied().unwrap_or(0)) {
            (0, 0) => Extent::Whole(head),
            _ => Extent::Part(head),
        },
    }
}

/// Bytes of a DATA frame before its data.
fn data_head(frame: &Frame) -> usize {
    Frame::SIZE.saturating_add(usize::from(frame.has(PADDED) && frame.length > 0))
}

/// Bytes of data and of padding that a DATA frame says it has, whose payload begins with the byte `first`.
fn data_lengths(frame: &Frame, first: u8) -> (usize, usize) {
    if !frame.has(PADDED) || frame.length == 0 {
        return (frame.length, 0);
    }
    let left = frame.length.saturating_sub(1);
    let padding = usize::from(first).min(left);
    (left.saturating_sub(padding), padding)
}

impl Half {
    fn read(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        match self.next {
            Next::Beginning if c.rest().starts_with(b"PRI") => {
                self.next = Next::Frame;
                c.group(&PROTOCOL.heading, |c| c.bytes(&MAGIC, PREFACE.len()))?;
                Ok(Message::new("preface"))
            }
            Next::Beginning | Next::Frame => {
                self.next = Next::Frame;
                c.group(&PROTOCOL.heading, |c| self.frame(c))
            }
            Next::Data { length, padding } => self.data(length, padding, c),
            Next::Padding { length, padding } => self.padding(length, padding, c),
            Next::Unknown => Err(c.malformed("no frame was found behind missing bytes")),
        }
    }

    fn frame(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let frame = Frame::read(c.rest()).ok_or_else(|| c.short(Frame::SIZE, Some(&LENGTH)))?;
        frames::header(c)?;
        if frame.stream != 0 {
            c.subject(&format!("stream {}", frame.stream));
        }
        let what = Message::new(frame.name());
        if frame.kind == kind::DATA {
            return self.data_head(&frame, c).map(|whole| if whole { what } else { Message::PART });
        }
        if frame.length > LONGEST {
            if matches!(frame.kind, kind::HEADERS | kind::PUSH_PROMISE | kind::CONTINUATION) {
                self.lose_fields();
            }
            c.pass_rest(Class::Metadata);
            c.remark("a frame that is longer than a limit: it is not read");
            return Ok(what);
        }
        let whole = c.remaining() >= frame.length;
        c.inside(frame.length, |c| match frame.kind {
            kind::HEADERS => self.headers(&frame, whole, c),
            kind::PUSH_PROMISE => self.push_promise(&frame, whole, c),
            kind::CONTINUATION => self.continuation(&frame, c),
            _ => frames::payload(&frame, c),
        })?;
        Ok(what)
    }

    fn headers(&mut self, frame: &Frame, whole: bool, c: &mut Cursor<'_>) -> Result<(), Stop> {
        frames::padding(frame, &HEADERS_PADDING, whole, c)?;
        if frame.has(PRIORITY_FLAG) {
            frames::priority(c)?;
        }
        self.begin(frame);
        self.fields(frame, &HEADERS, c)
    }

    fn push_promise(&mut self, frame: &Frame, whole: bool, c: &mut Cursor<'_>) -> Result<(), Stop> {
        frames::padding(frame, &PROMISE_PADDING, whole, c)?;
        frames::stream(&PROMISE_RESERVED, &PROMISED_STREAM_ID, c)?;
        self.begin(frame);
        self.fields(frame, &PROMISE_HEADER, c)
    }

    /// A field block begins. One that did not end before is given up.
    fn begin(&mut self, frame: &Frame) {
        if self.block.replace(Block::of(frame.stream)).is_some_and(|before| before.waits()) {
            self.table.lose();
        }
    }

    fn continuation(&mut self, frame: &Frame, c: &mut Cursor<'_>) -> Result<(), Stop> {
        // This frame has no padding, whatever its flags say (section 6.10).
        c.say(&PAD_LENGTH, Value::Number(0));
        if self.block.as_ref().is_some_and(|block| block.stream == frame.stream) {
            return self.fields(frame, &CONTINUATION, c);
        }
        self.lose_fields();
        c.bytes(&CONTINUATION, c.remaining())?;
        c.remark("the beginning of these fields is missing");
        Ok(())
    }

    /// Reads the fields that a frame brings.
    fn fields(&mut self, frame: &Frame, heading: &'static Field, c: &mut Cursor<'_>) -> Result<(), Stop> {
        let Some(mut block) = self.block.take() else { return Ok(()) };
        let last = frame.has(END_HEADERS);
        let told: Told = block.read(heading, &mut self.table, last, c)?;
        told.subject(c);
        // A stream carries one exchange (section 8.1).
        let key = Key::Id(frame.stream.into());
        if !told.method.is_empty() && frame.kind == kind::HEADERS {
            c.pairing(Pairing::asks(key));
        } else if http::lines::content_length(&told.status).is_some_and(|status| status >= 200) {
            c.pairing(Pairing::answers(key, &REQUEST_IN, &TIME));
        }
        self.block = (!last).then_some(block);
        Ok(())
    }

    /// Reads what stands before the data; returns whether there are none, nor padding.
    fn data_head(&mut self, frame: &Frame, c: &mut Cursor<'_>) -> Result<bool, Stop> {
        let (length, padding) = data_lengths(frame, c.rest().first().copied().unwrap_or(0));
        let said = frames::pad_length(frame, c)?;
        if said > padding {
            c.remark("more padding than the frame has bytes");
        }
        if (length, padding) == (0, 0) {
            return Ok(true);
        }
        (self.next, self.stream) = (Next::Data { length, padding }, frame.stream);
        Ok(false)
    }

    /// Data without padding, which have passed; or padding without data.
    fn data(&mut self, length: usize, padding: usize, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if length == 0 {
            return self.padding(0, padding, c);
        }
        self.next = Next::Frame;
        let here = c.remaining();
        c.deeper();
        c.skim(&DATA, here, Class::Content)?;
        self.tell_data(c);
        if here < length { Err(c.short(length, Some(&DATA))) } else { Ok(Message::new("DATA")) }
    }

    fn padding(&mut self, length: usize, padding: usize, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        self.next = Next::Frame;
        c.deeper();
        let start = c.offset();
        // Before the padding the data stand, if they were kept.
        if c.passed().is_some_and(|passed| passed.len() == length) && length > 0 {
            c.note(&DATA, Value::Span, start.saturating_sub(length as u32), start);
        }
        c.class(Class::Padding);
        c.bytes(&DATA_PADDING, padding)?;
        self.tell_data(c);
        Ok(Message::new("DATA"))
    }

    fn tell_data(&self, c: &mut Cursor<'_>) {
        c.subject(&format!("stream {}", self.stream));
    }
}

impl Dialogue for Conversation {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        self.half(side).extent(arrived, false)
    }

    fn extent_at_end(&mut self, side: Side, arrived: &[u8]) -> Extent {
        self.half(side).extent(arrived, true)
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        self.half(side).read(c)
    }

    fn lost(&mut self, side: Side) {
        self.half(side).lose();
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["h2"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}
