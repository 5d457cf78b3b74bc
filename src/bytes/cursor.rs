//! The only thing that moves over bytes.
//!
//! Forward only. A byte is passed by claiming it for the cursor's current class; reading a field passes
//! its bytes and, if a tree listens, notes it there. A window that closes claims what is left in it.

use smallvec::SmallVec;

use super::assembly::Piece;
use super::class::Class;
use super::field::{Field, Kind};
use super::findings::{Announced, Confidence, Fact, Findings, Pairing};
use super::tree::{Derived, Node, Tree, Value};

/// Why reading ended before the end: parsing never fails, it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The window ended first.
    Short,
    /// The bytes contradict the protocol; what is wrong, in words.
    Malformed(&'static str),
    /// A limit of husk's own was reached; which, in words.
    Limit(&'static str),
}

/// Where and why reading stopped. What was read before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Why.
    pub why: Why,
    /// The field that could not be read, if it was a field.
    pub field: Option<&'static Field>,
    /// Offset within what was read.
    pub at: u32,
    /// Bytes that were needed there.
    pub needed: u32,
    /// Bytes that were there.
    pub available: u32,
}

impl Stop {
    /// In words, for the tree and for messages.
    pub fn text(&self) -> String {
        let field = self.field.map_or("the header", |field| field.label);
        match self.why {
            Why::Short => {
                format!(
                    "stopped at byte {}: {field} needs {} bytes, {} are there",
                    self.at, self.needed, self.available
                )
            }
            Why::Malformed(what) => format!("stopped at byte {}: {what}", self.at),
            Why::Limit(what) => format!("stopped at byte {}: limit reached: {what}", self.at),
        }
    }
}

/// Longer subjects are not told.
const LONGEST_SUBJECT: usize = 255;

/// The field under which another one is noted: where one grammar has two sets of names.
pub type Renaming = fn(&'static Field) -> &'static Field;

/// Moves over bytes, forward, claiming each for a class.
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    class: Class,
    base: u32,
    source: u8,
    depth: u8,
    last: u32,
    framed: bool,
    beyond: Option<(usize, usize)>,
    origins: &'a [Piece],
    passed: Option<&'a [u8]>,
    renaming: Option<Renaming>,
    findings: &'a mut Findings,
    tree: Option<&'a mut Tree>,
}

impl<'a> Cursor<'a> {
    /// A cursor over `bytes`. Spans and claims are counted from `base` (the offset of the first byte in
    /// its source); `source` is 0 for the packet.
    pub fn new(
        bytes: &'a [u8],
        base: u32,
        source: u8,
        findings: &'a mut Findings,
        tree: Option<&'a mut Tree>,
    ) -> Self {
        let end = bytes.len();
        Cursor {
            bytes,
            at: 0,
            end,
            class: Class::Unknown,
            base,
            source,
            depth: 0,
            last: 0,
            framed: false,
            beyond: None,
            origins: &[],
            passed: None,
            renaming: None,
            findings,
            tree,
        }
    }

    /// Tells which packets carried the bytes (offsets count from the first byte under the cursor).
    #[must_use]
    pub fn with_origins(mut self, origins: &'a [Piece]) -> Self {
        self.origins = origins;
        self
    }

    /// Starts at a nesting depth.
    #[must_use]
    pub fn with_depth(mut self, depth: u8) -> Self {
        self.depth = depth;
        self
    }

    /// Tells that `length` bytes are spoken of, although not all are here: the rest may only be skimmed.
    #[must_use]
    pub fn with_length(mut self, length: usize) -> Self {
        self.end = self.end.max(length);
        self
    }

    /// Gives what passed of the message before (a body without its framing), if it was kept.
    #[must_use]
    pub fn with_passed(mut self, passed: Option<&'a [u8]>) -> Self {
        self.passed = passed;
        self
    }

    // --- where we are

    /// Offset of the next byte from the start of what is read.
    #[inline]
    pub fn position(&self) -> usize {
        self.at
    }

    /// Offset of the next byte in the source, as spans count it.
    #[inline]
    pub fn offset(&self) -> u32 {
        self.base.saturating_add(self.at as u32)
    }

    /// Depth in the tree at which fields are noted.
    #[inline]
    pub fn depth(&self) -> u8 {
        self.depth
    }

    /// Bytes left in the window.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.end - self.at
    }

    /// Whether the window is used up.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// The bytes left in the window, without passing them.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end.min(self.bytes.len())).unwrap_or(&[])
    }

    /// Everything under the cursor, from the first byte, without regard to the window: for protocols
    /// that point backwards (DNS names).
    pub fn whole(&self) -> &'a [u8] {
        self.bytes
    }

    /// The `n` bytes that come next, without passing them; fewer at the end.
    pub fn peek(&self, n: usize) -> &'a [u8] {
        let rest = self.rest();
        rest.get(..n).unwrap_or(rest)
    }

    /// The number (big-endian) in the `n` bytes (at most 8) that lie `skip` bytes ahead, without passing them;
    /// `None` if the window ends before.
    #[inline]
    pub fn ahead(&self, skip: usize, n: usize) -> Option<u64> {
        let bytes = self.rest().get(skip..skip.checked_add(n)?)?;
        Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Whether somebody listens for this field: only to save the work of preparing it.
    pub fn wants(&self, field: &'static Field) -> bool {
        self.tree.as_ref().is_some_and(|tree| tree.wants(self.renamed(field)))
    }

    /// Whether somebody listens: only to save the work of preparing a note.
    #[inline]
    pub fn listens(&self) -> bool {
        self.tree.is_some()
    }

    /// What passed of a message that is read in parts, put together: only to be noted, for it is kept only where a
    /// tree may listen.
    pub fn passed(&self) -> Option<&'a [u8]> {
        self.passed
    }

    /// Which packets carried the bytes from `start` to `end` (offsets as [`Cursor::position`] counts).
    pub fn origins(&self, start: usize, end: usize) -> Vec<Piece> {
        self.origins.iter().filter_map(|piece| piece.within(start as u64, end as u64)).collect()
    }

    // --- moving

    /// Sets the class for which bytes are claimed from here on, and returns the one before.
    #[inline]
    pub fn class(&mut self, class: Class) -> Class {
        std::mem::replace(&mut self.class, class)
    }

    /// Notes fields under the names that `renaming` gives them, from here on, and in bytes derived from these.
    /// Facts keep theirs: they mean the same whatever carried them.
    pub fn rename(&mut self, renaming: Renaming) {
        self.renaming = Some(renaming);
    }

    fn renamed(&self, field: &'static Field) -> &'static Field {
        self.renaming.map_or(field, |renaming| renaming(field))
    }

    /// Passes `n` bytes, claiming them for the current class.
    #[inline]
    pub fn pass(&mut self, n: usize) -> Result<&'a [u8], Stop> {
        self.pass_for(n, None)
    }

    #[inline]
    fn pass_for(&mut self, n: usize, field: Option<&'static Field>) -> Result<&'a [u8], Stop> {
        let Some(passed) =
            self.at.checked_add(n).filter(|to| *to <= self.end).and_then(|to| self.bytes.get(self.at..to))
        else {
            return Err(self.short(n, field));
        };
        let start = self.offset();
        self.findings.claims.claim(start, start.saturating_add(n as u32), self.class);
        self.last = start;
        self.at += n;
        Ok(passed)
    }

    /// Passes `n` bytes (at most 8) and returns the number in them, big-endian, noting nothing: its bits are the fields.
    #[inline]
    pub fn octets(&mut self, n: usize) -> Result<u64, Stop> {
        Ok(self.pass(n)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Passes `n` bytes as `class` without looking at them, noting `field` over them. They need not be here,
    /// as long as the window reaches so far: sealed bytes are never read. Of a window that is shorter, what there is.
    pub fn skim(&mut self, field: &'static Field, n: usize, class: Class) -> Result<(), Stop> {
        let here = n.min(self.remaining());
        let stop = (here < n).then(|| self.short(n, Some(field)));
        let start = self.offset();
        self.findings.claims.claim(start, start.saturating_add(here as u32), class);
        self.last = start;
        self.at += here;
        if here > 0 {
            self.part(field, Value::Span);
        }
        stop.map_or(Ok(()), Err)
    }

    /// Passes what is left of the window as `class`.
    pub fn pass_rest(&mut self, class: Class) -> &'a [u8] {
        let rest = self.rest();
        let start = self.offset();
        self.at = self.end;
        self.findings.claims.claim(start, self.offset(), class);
        self.last = start;
        rest
    }

    /// Makes the window end `n` bytes from here; what lies beyond, within the old window, is Padding, or,
    /// if a frame around says so ([`Cursor::framed`]), that frame's to read.
    /// Returns how many of the `n` bytes are not there.
    pub fn narrow(&mut self, n: usize) -> usize {
        if let Some(missing) = n.checked_sub(self.remaining()) {
            return missing;
        }
        let end = self.at + n;
        if std::mem::take(&mut self.framed) {
            self.beyond = Some((end, self.end)).filter(|(from, to)| from < to);
        } else {
            let (from, to) = (self.base + end as u32, self.base + self.end as u32);
            self.findings.claims.claim(from, to, Class::Padding);
        }
        self.end = end;
        0
    }

    /// Whether what the next [`Cursor::narrow`] cuts off belongs to the frame around, whose trailer it is. Then it
    /// is not claimed; the frame takes it with [`Cursor::beyond`].
    #[inline]
    pub fn framed(&mut self, framed: bool) {
        self.framed = framed;
    }

    /// What was cut off for the frame around: positions of its first byte and of its end. Whoever takes it
    /// must have it read by [`Cursor::trailer`].
    #[inline]
    pub fn beyond(&mut self) -> Option<(usize, usize)> {
        self.beyond.take()
    }

    /// Reads a trailer that [`Cursor::beyond`] told of, at the depth of its frame's fields, and comes back. What
    /// the reader leaves is Padding.
    pub fn trailer(&mut self, (from, to): (usize, usize), depth: u8, read: impl FnOnce(&mut Cursor<'a>)) {
        let here = (self.at, self.end, self.depth);
        (self.at, self.end, self.depth) = (from, to, depth);
        read(self);
        self.pass_rest(Class::Padding);
        (self.at, self.end, self.depth) = here;
    }

    /// As [`Cursor::narrow`], but what lies beyond is `field`, of `class`: a check value behind the payload.
    pub fn narrow_to(&mut self, n: usize, field: &'static Field, class: Class) {
        let end = self.at + n.min(self.remaining());
        let (from, to) = (self.base + end as u32, self.base + self.end as u32);
        self.findings.claims.claim(from, to, class);
        if from < to {
            self.note(field, Value::Span, from, to);
        }
        self.end = end;
    }

    /// As [`Cursor::narrow`], but what lies beyond belongs to somebody who reads it later: it is not claimed.
    pub fn cut(&mut self, n: usize) {
        self.end = self.at + n.min(self.remaining());
    }

    /// Reads `n` bytes within a window of their own. What the reader leaves is Unknown; reading goes on
    /// behind the window however it ended. A window longer than what is here is cut.
    pub fn inside<T>(&mut self, n: usize, read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Stop>) -> Result<T, Stop> {
        let outer = self.end;
        let inner = self.at.saturating_add(n);
        let cut = inner > outer;
        self.end = inner.min(outer);
        let result = read(self);
        if self.at < self.end {
            self.pass_rest(Class::Unknown);
        }
        self.end = outer;
        if cut && result.is_ok() {
            return Err(self.short(n, None));
        }
        result
    }

    /// Reads what lies behind the next `n` bytes, and then makes the window end before it: for trailers that belong
    /// to this layer, while the `n` bytes belong to the next one. What the reader leaves is Unknown.
    pub fn behind<T>(&mut self, n: usize, read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Stop>) -> Result<T, Stop> {
        let (at, last) = (self.at, self.last);
        self.at = at.saturating_add(n).min(self.end);
        let split = self.at;
        let result = read(self);
        if self.at < self.end {
            self.pass_rest(Class::Unknown);
        }
        (self.at, self.end, self.last) = (at, split, last);
        result
    }

    /// A stop here because the window is too short for `n` bytes.
    #[cold]
    pub fn short(&self, needed: usize, field: Option<&'static Field>) -> Stop {
        Stop {
            why: Why::Short,
            field,
            at: self.offset(),
            needed: needed.min(u32::MAX as usize) as u32,
            available: self.remaining() as u32,
        }
    }

    /// A stop here because the bytes contradict the protocol.
    #[cold]
    pub fn malformed(&self, what: &'static str) -> Stop {
        Stop {
            why: Why::Malformed(what),
            field: None,
            at: self.offset(),
            needed: 0,
            available: self.remaining() as u32,
        }
    }

    // --- library headers

    /// Reads a header that a library decodes. `parse` returns the header's length, which is claimed,
    /// and what it decoded. `notes` runs only if a tree listens, over the header's bytes, and also over
    /// a header that is cut, as far as it goes.
    #[inline]
    pub fn header<T>(
        &mut self,
        parse: impl FnOnce(&'a [u8]) -> Option<(usize, T)>,
        notes: fn(&mut Cursor<'_>) -> Result<(), Stop>,
    ) -> Result<T, Stop> {
        let Some((length, decoded)) = parse(self.rest()) else {
            let stop = self.short(self.remaining() + 1, None);
            let rest = self.remaining();
            self.note_over(rest, notes);
            self.pass(rest)?;
            return Err(stop);
        };
        self.note_over(length, notes);
        self.pass(length)?;
        Ok(decoded)
    }

    #[inline]
    fn note_over(&mut self, length: usize, notes: fn(&mut Cursor<'_>) -> Result<(), Stop>) {
        if self.tree.is_some() {
            self.note_over_listening(length, notes);
        }
    }

    fn note_over_listening(&mut self, length: usize, notes: fn(&mut Cursor<'_>) -> Result<(), Stop>) {
        let mut unused = Findings::counting();
        let bytes = self.peek(length);
        let (base, source, depth) = (self.offset(), self.source, self.depth);
        let renaming = self.renaming;
        let mut over = Cursor::new(bytes, base, source, &mut unused, self.tree.as_deref_mut()).with_depth(depth);
        over.renaming = renaming;
        if let Err(stop) = notes(&mut over) {
            self.stopped(&stop);
        }
    }

    // --- fields

    /// Reads one byte as `field`.
    #[inline]
    pub fn u8(&mut self, field: &'static Field) -> Result<u8, Stop> {
        let [byte] = self.fixed(field)?;
        self.part(field, Value::Number(byte.into()));
        Ok(byte)
    }

    /// Reads two bytes, big-endian, as `field`.
    #[inline]
    pub fn u16(&mut self, field: &'static Field) -> Result<u16, Stop> {
        let number = u16::from_be_bytes(self.fixed(field)?);
        self.part(field, Value::Number(number.into()));
        Ok(number)
    }

    /// Reads three bytes, big-endian, as `field`.
    #[inline]
    pub fn u24(&mut self, field: &'static Field) -> Result<u32, Stop> {
        self.number(field, 3).map(|n| n as u32)
    }

    /// Reads four bytes, big-endian, as `field`.
    #[inline]
    pub fn u32(&mut self, field: &'static Field) -> Result<u32, Stop> {
        let number = u32::from_be_bytes(self.fixed(field)?);
        self.part(field, Value::Number(number.into()));
        Ok(number)
    }

    /// Reads eight bytes, big-endian, as `field`.
    #[inline]
    pub fn u64(&mut self, field: &'static Field) -> Result<u64, Stop> {
        self.number(field, 8)
    }

    /// Reads `n` bytes (at most 8), big-endian, as `field`.
    #[inline]
    pub fn number(&mut self, field: &'static Field, n: usize) -> Result<u64, Stop> {
        let bytes = self.pass_for(n, Some(field))?;
        let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        self.part(field, Value::Number(value));
        Ok(value)
    }

    /// Reads `n` bytes (at most 8), little-endian, as `field`.
    #[inline]
    pub fn number_le(&mut self, field: &'static Field, n: usize) -> Result<u64, Stop> {
        let bytes = self.pass_for(n, Some(field))?;
        let value = bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
        self.part(field, Value::Number(value));
        Ok(value)
    }

    /// Reads `n` bytes as `field` (text or bytes, as its kind says).
    #[inline]
    pub fn bytes(&mut self, field: &'static Field, n: usize) -> Result<&'a [u8], Stop> {
        let bytes = self.pass_for(n, Some(field))?;
        self.part(field, Value::Span);
        Ok(bytes)
    }

    /// Reads a 48-bit link address as `field`.
    #[inline]
    pub fn mac(&mut self, field: &'static Field) -> Result<[u8; 6], Stop> {
        let address = self.fixed(field)?;
        self.part(field, Value::Mac(address));
        Ok(address)
    }

    /// Reads an IPv4 address as `field`.
    #[inline]
    pub fn ipv4(&mut self, field: &'static Field) -> Result<[u8; 4], Stop> {
        let address = self.fixed(field)?;
        self.part(field, Value::Ipv4(address));
        Ok(address)
    }

    /// Reads an IPv6 address as `field`.
    #[inline]
    pub fn ipv6(&mut self, field: &'static Field) -> Result<[u8; 16], Stop> {
        let address = self.fixed(field)?;
        self.part(field, Value::Ipv6(address));
        Ok(address)
    }

    /// Passes so many bytes.
    #[inline]
    fn fixed<const N: usize>(&mut self, field: &'static Field) -> Result<[u8; N], Stop> {
        let chunk = self.rest().first_chunk::<N>();
        let Some(chunk) = chunk else { return Err(self.short(N, Some(field))) };
        let start = self.offset();
        self.findings.claims.claim(start, start.saturating_add(N as u32), self.class);
        self.last = start;
        self.at += N;
        Ok(*chunk)
    }

    // --- notes (nothing below moves the cursor or claims a byte)

    /// Notes `field` over the bytes passed last: the parts of a byte, or its meaning.
    #[inline]
    pub fn part(&mut self, field: &'static Field, value: Value) {
        let (start, end) = (self.last, self.offset());
        self.note(field, value, start, end);
    }

    /// Notes bits of the number passed last: `number >> shift & mask` of its lowest bits.
    #[inline]
    pub fn bits(&mut self, field: &'static Field, number: impl Into<u64>, shift: u32, mask: u64) {
        if self.tree.is_some() {
            let value = number.into() >> shift & mask;
            self.part(field, Value::Number(value));
        }
    }

    /// Notes a value that stands in no byte of its own, here.
    #[inline]
    pub fn say(&mut self, field: &'static Field, value: Value) {
        let here = self.offset();
        self.note(field, value, here, here);
    }

    /// Notes `field` over `start..end` (offsets as [`Cursor::offset`] counts).
    #[inline]
    pub fn note(&mut self, field: &'static Field, value: Value, start: u32, end: u32) {
        let (source, depth) = (self.source, self.depth);
        if self.tree.is_some() {
            let field = self.renamed(field);
            if let Some(tree) = self.tree.as_deref_mut() {
                tree.push(Node { field, value, start, end, source, depth });
            }
        }
    }

    /// Notes a heading and reads what belongs under it one level deeper; its span is what was read.
    pub fn group<T>(
        &mut self,
        heading: &'static Field,
        read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let place = self.open(heading);
        let result = read(self);
        self.close(place);
        result
    }

    /// Opens a heading here; [`Cursor::close`] ends it. What is noted between stands one level deeper. A field
    /// of bytes as heading says what is under its span.
    #[inline]
    pub fn open(&mut self, heading: &'static Field) -> Option<usize> {
        let depth = self.depth;
        self.depth = depth.saturating_add(1);
        self.tree.as_ref()?;
        let (start, source) = (self.offset(), self.source);
        let value = if heading.kind == Kind::Group { Value::None } else { Value::Span };
        let heading = self.renamed(heading);
        self.tree.as_deref_mut()?.push(Node { field: heading, value, start, end: start, source, depth })
    }

    /// Ends a heading that [`Cursor::open`] began.
    #[inline]
    pub fn close(&mut self, place: Option<usize>) {
        let end = self.offset();
        if let Some(tree) = self.tree.as_deref_mut() {
            tree.close(place, end);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// What is noted from here on stands one level deeper: its heading was noted with an earlier part of the message.
    #[inline]
    pub fn deeper(&mut self) {
        self.depth = self.depth.saturating_add(1);
    }

    /// Ends a heading's span here, but what follows goes on one level deeper: the next layer is inside this one.
    #[inline]
    pub fn end(&mut self, place: Option<usize>) {
        let end = self.offset();
        if let Some(tree) = self.tree.as_deref_mut() {
            tree.close(place, end);
        }
    }

    /// Notes where and why reading stopped.
    pub fn stopped(&mut self, stop: &Stop) {
        if self.tree.is_some() {
            self.note(&STOPPED, Value::Text(stop.text().into()), stop.at, stop.at);
        }
    }

    /// Notes something odd in words; it changes nothing.
    pub fn remark(&mut self, what: &'static str) {
        if self.tree.is_some() {
            self.part(&REMARK, Value::Text(what.into()));
        }
    }

    // --- facts

    /// Says that the message asks something, or that it answers.
    pub fn pairing(&mut self, pairing: Pairing) {
        self.findings.pairing = Some(pairing);
    }

    /// Says that another conversation is to come.
    pub fn announce(&mut self, announced: Announced) {
        self.findings.announced.push(announced);
    }

    /// Says what the message's content is when it is decoded.
    pub fn decoded(&mut self, bytes: Vec<u8>) {
        self.findings.decoded = Some(bytes);
    }

    /// Says what the message is about; what was said before stays, separated by a space.
    pub fn subject(&mut self, words: &str) {
        let subject = &mut self.findings.subject;
        if subject.len() + words.len() < LONGEST_SUBJECT {
            if !subject.is_empty() {
                subject.push(' ');
            }
            subject.push_str(words);
        }
    }

    /// The same with words and what stands behind them in the packet: of that what is no UTF-8 is replaced.
    pub fn subject_of(&mut self, words: &[&str], bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let subject = &mut self.findings.subject;
        let length = words.iter().map(|word| word.len()).sum::<usize>() + text.len();
        if subject.len() + length < LONGEST_SUBJECT {
            if !subject.is_empty() {
                subject.push(' ');
            }
            for word in words {
                subject.push_str(word);
            }
            subject.push_str(&text);
        }
    }

    /// States a fact whose evidence is the bytes passed last.
    pub fn fact(&mut self, field: &'static Field, value: &[u8]) {
        let (start, end) = (self.last, self.offset());
        self.fact_at(field, value, start, end, Confidence::Certain);
    }

    /// States a fact with its evidence (offsets as [`Cursor::offset`] counts).
    pub fn fact_at(&mut self, field: &'static Field, value: &[u8], start: u32, end: u32, confidence: Confidence) {
        let value = SmallVec::from_slice(value);
        self.findings.facts.push(Fact { field, value, start, end, confidence, origins: Vec::new() });
    }

    /// Lends memory in which the value of a fact can be put together. Whoever gives it back ([`Cursor::give_back`])
    /// saves the next one from asking for new memory.
    pub fn scratch(&mut self) -> Vec<u8> {
        let mut scratch = std::mem::take(&mut self.findings.scratch);
        scratch.clear();
        scratch
    }

    /// Gives back what [`Cursor::scratch`] lent.
    pub fn give_back(&mut self, scratch: Vec<u8>) {
        self.findings.scratch = scratch;
    }

    // --- derived bytes

    /// Reads bytes that were put together or opened, as a source of their own. They class nothing: what
    /// they came from was classed when it was passed. Facts stated in them point at what the `origins` say carried
    /// them, without origins at the bytes passed last.
    pub fn derived<T>(
        &mut self,
        label: &'static str,
        bytes: &[u8],
        origins: &[Piece],
        read: impl FnOnce(&mut Cursor<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let source = match self.tree.as_deref_mut() {
            Some(tree) => tree.derive(Derived { label, bytes: bytes.to_vec(), origins: origins.to_vec() }),
            None => 0,
        };
        let mut unused = Findings::counting();
        let mut inner = Cursor::new(bytes, 0, source, &mut unused, self.tree.as_deref_mut())
            .with_origins(origins)
            .with_depth(self.depth);
        inner.class = self.class;
        inner.renaming = self.renaming;
        let result = read(&mut inner);
        let (start, end) = (self.last, self.offset());
        for mut fact in unused.facts {
            if fact.origins.is_empty() {
                let (from, to) = (u64::from(fact.start), u64::from(fact.end));
                fact.origins = origins.iter().filter_map(|piece| piece.within(from, to)).collect();
            }
            self.findings.facts.push(Fact { start, end, ..fact });
        }
        if !unused.subject.is_empty() {
            self.subject(&unused.subject);
        }
        result
    }

    /// Reads bytes that replace, one to one, the `plain.len()` bytes from offset `start` on (opened with a key that anybody
    /// can derive): spans are those of the derived source, claims go to the wire bytes they stand for.
    pub fn opened<T>(
        &mut self,
        label: &'static str,
        plain: &[u8],
        start: u32,
        class: Class,
        read: impl FnOnce(&mut Cursor<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let first = start.saturating_sub(self.base);
        let moved = |piece: Piece| Piece { offset: piece.offset.saturating_sub(first.into()), ..piece };
        let end = first as usize + plain.len();
        let origins: Vec<Piece> = self.origins(first as usize, end).into_iter().map(moved).collect();
        let source = match self.tree.as_deref_mut() {
            Some(tree) => tree.derive(Derived { label, bytes: plain.to_vec(), origins: origins.clone() }),
            None => 0,
        };
        let mut inside = Findings::keeping();
        let mut inner = Cursor::new(plain, 0, source, &mut inside, self.tree.as_deref_mut())
            .with_origins(&origins)
            .with_depth(self.depth);
        inner.class = class;
        inner.renaming = self.renaming;
        let result = read(&mut inner);
        let left = inner.remaining();
        if left > 0 {
            inner.pass_rest(class);
        }
        for claim in inside.claims.ranges() {
            self.findings.claims.claim(start + claim.start, start + claim.end, claim.class);
        }
        for fact in inside.facts {
            self.findings.facts.push(Fact { start: start + fact.start, end: start + fact.end, ..fact });
        }
        if !inside.subject.is_empty() {
            self.subject(&inside.subject);
        }
        result
    }

    /// Goes on behind bytes that [`Cursor::opened`] claimed.
    pub fn jump(&mut self, n: usize) {
        self.at += n.min(self.remaining());
    }
}

/// Where and why reading stopped (`husk.stopped`).
pub static STOPPED: Field = Field {
    name: "husk.stopped",
    label: "Stopped",
    kind: Kind::Text,
    class: Class::Unknown,
    source: "husk",
    names: None,
};

/// Something odd that changes nothing (`husk.remark`).
pub static REMARK: Field = Field {
    name: "husk.remark",
    label: "Remark",
    kind: Kind::Text,
    class: Class::Unknown,
    source: "husk",
    names: None,
};
