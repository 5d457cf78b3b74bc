//! Reads a capture forward, a block of packets at a time.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::damage::looks_like;
use super::input::Input;
use super::notes::Notes;
use super::owners::Owners;
use super::pcap::{self, Pcap, Step, Then};
use super::pcapng::{self, Pcapng};
use super::{
    BLOCK_SIZE, Block, Comment, Damage, DamageKind, Fetch, Interface, Name, OpenError, Part, Secret, Section,
};

/// How to read a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes to read at once. Packets are the same whatever it is.
    pub block_size: usize,
    /// The file may still become longer: at its end [`Progress::Waiting`] instead of
    /// [`Progress::End`], until [`Source::growing`] is stopped.
    pub tail: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { block_size: BLOCK_SIZE, tail: false }
    }
}

/// What [`Source::next_block`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There are packets in the block.
    Packets,
    /// Nothing now; more may come (a growing file, a live capture).
    Waiting,
    /// No more packets will come. [`Source::damage`] says whether the capture ended as it should.
    End,
}

/// Tells a source whether its file may still become longer. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Growing(Arc<AtomicBool>);

impl Growing {
    pub(crate) fn new(growing: bool) -> Growing {
        Growing(Arc::new(AtomicBool::new(growing)))
    }

    /// The file is complete: what is there now is the end.
    pub fn stop(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Whether more may come.
    pub fn is_growing(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A capture that is read forward.
#[derive(Debug)]
pub struct Source {
    input: Input,
    name: String,
    block_size: usize,
    growing: Growing,
    /// `None` until enough bytes of a growing file are there to know.
    format: Option<Format>,
    notes: Notes,
    /// Read, but not yet used: the start of the next block's bytes.
    pending: Vec<u8>,
    /// Place of the first pending byte in the uncompressed capture.
    offset: u64,
    skip: Option<Skip>,
    damage: Option<Damage>,
    ended: bool,
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// A block that is being jumped over.
#[derive(Clone, Copy, Debug)]
struct Skip {
    offset: u64,
    length: u64,
    left: u64,
}

/// What is in a block's buffer while it is filled: `bytes[at..filled]` waits to be read as packets.
struct Window {
    at: usize,
    filled: usize,
    /// How far the buffer may be filled.
    target: usize,
    /// Place of the buffer's first byte in the capture.
    offset: u64,
}

impl Source {
    /// Opens a capture file, a FIFO, or `-` for standard input; pcap or pcapng, plain or in gzip,
    /// zstd or lz4.
    pub fn open(path: &Path) -> Result<Source, OpenError> {
        Source::open_with(path, Options::default())
    }

    /// Opens a capture with other options.
    pub fn open_with(path: &Path, options: Options) -> Result<Source, OpenError> {
        let name = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
        Source::new(Input::open(path)?, name, options)
    }

    /// Reads a capture from the start of an open file, which may have no name.
    pub fn from_file(file: File, name: String, options: Options) -> Result<Source, OpenError> {
        Source::new(Input::from_file(file, 0, &name)?, name, options)
    }

    /// Reads what a live capture writes, until [`Growing::stop`].
    #[cfg(all(feature = "live", unix))]
    pub(crate) fn from_chain(chain: Arc<super::chain::Chain>, name: String) -> Result<Source, OpenError> {
        Source::new(Input::from_chain(chain), name, Options { tail: true, ..Options::default() })
    }

    /// Reads a capture from memory.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Result<Source, OpenError> {
        Source::from_bytes_with(bytes, Options::default())
    }

    /// Reads a capture from memory with other options.
    pub fn from_bytes_with(bytes: impl Into<Arc<[u8]>>, options: Options) -> Result<Source, OpenError> {
        Source::new(Input::from_bytes(bytes.into())?, "this capture".to_owned(), options)
    }

    /// The same capture from its start again, for a second pass: a pipe or compressed file is read from the
    /// copy that the first pass made, so this source must have been read to the end before.
    pub fn again(&self) -> Result<Source, OpenError> {
        let options = Options { block_size: self.block_size, tail: false };
        Source::new(self.input.again(), self.name.clone(), options)
    }

    fn new(input: Input, name: String, options: Options) -> Result<Source, OpenError> {
        const MAX_BLOCK_SIZE: usize = 256 << 20; // positions within a block are 32 bits
        let growing = Growing::new(options.tail && input.can_grow());
        let mut source = Source {
            input,
            name,
            block_size: options.block_size.clamp(1, MAX_BLOCK_SIZE),
            growing,
            format: None,
            notes: Notes::default(),
            pending: Vec::new(),
            offset: 0,
            skip: None,
            damage: None,
            ended: false,
        };
        source.recognise()?;
        Ok(source)
    }

    /// Reads the file's header. In a growing file it may not be there yet.
    fn recognise(&mut self) -> Result<(), OpenError> {
        const ENOUGH: usize = 28; // the longest file header
        const PEEK: usize = 64 << 10; // for what the first packets' headers are like
        loop {
            let first = self.pending.as_slice();
            if pcapng::recognises(first) {
                self.format = Some(Format::Pcapng(Pcapng::new()));
                return Ok(());
            }
            if let Some((mut pcap, interface, header)) = Pcap::open(first) {
                let mut next = first.get(header..).unwrap_or_default().to_vec();
                let known = next.len();
                next.resize(known + PEEK, 0);
                let (got, whole) = self.input.peek(next.get_mut(known..).unwrap_or_default());
                next.truncate(known + got);
                pcap.settle(&next, whole && !self.growing.is_growing());
                self.format = Some(Format::Pcap(pcap));
                self.notes.interfaces.push(interface);
                self.pending.drain(..header);
                self.offset = header as u64;
                return Ok(());
            }
            let name = || self.name.clone();
            if first.len() >= 4 && !pcap::recognises(first) {
                return Err(OpenError::NotACapture { name: name(), looks: looks_like(first) });
            }
            let mut more = [0; ENOUGH];
            let room = more.get_mut(..ENOUGH.saturating_sub(first.len())).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) if self.growing.is_growing() => return Ok(()),
                Ok(0) if first.is_empty() => return Err(OpenError::Empty { name: name() }),
                Ok(0) if first.len() < 4 => {
                    return Err(OpenError::NotACapture { name: name(), looks: looks_like(first) });
                }
                Ok(0) => {
                    return Err(OpenError::Cut { name: name(), there: first.len() });
                }
                Ok(got) => self.pending.extend_from_slice(more.get(..got).unwrap_or_default()),
                Err(DamageKind::Unpack { format, reason }) => {
                    return Err(OpenError::Unpack { name: name(), format, reason });
                }
                Err(other) => {
                    return Err(OpenError::Io { name: name(), source: std::io::Error::other(other.to_string()) });
                }
            }
        }
    }

    /// Replaces the content of `block` by the next packets. Never fails: on damage the packets
    /// before it are handed out, then it is the end.
    pub fn next_block(&mut self, block: &mut Block) -> Progress {
        block.heads.clear();
        if self.ended {
            return Progress::End;
        }
        if self.format.is_none() {
            match self.recognise() {
                Err(error) => {
                    return self.end(0, Some(DamageKind::NotACapture(error.to_string())), block);
                }
                Ok(()) if self.format.is_none() => return Progress::Waiting,
                Ok(()) => {}
            }
        }
        let mut window = self.begin(block);
        loop {
            let step = self.step(block, &mut window);
            if let Then::Bad(what) = step.then {
                return self.end(window.offset + window.at as u64, Some(what), block);
            }
            let full = window.filled >= window.target;
            if !block.heads.is_empty() && (full || self.input.pauses()) {
                return self.pause(&window, block);
            }
            if full {
                self.make_room(&mut window, block, &step.then);
            }
            let growing = self.growing.is_growing(); // asked before reading: what was written before the stop is read
            match self.input.read(block.bytes.get_mut(window.filled..window.target).unwrap_or_default()) {
                Ok(0) if growing => match self.input.shrunk() {
                    Some(length) => {
                        return self.end(
                            window.offset + window.at as u64,
                            Some(DamageKind::Shrunk { length }),
                            block,
                        );
                    }
                    None => return self.pause(&window, block),
                },
                Ok(0) => return self.finish(&window, &step.then, block),
                Ok(got) => window.filled += got,
                Err(what) => {
                    return self.end(window.offset + window.filled as u64, Some(what), block);
                }
            }
        }
    }

    /// Puts what is pending to the front of the block's buffer.
    fn begin(&mut self, block: &mut Block) -> Window {
        let filled = self.pending.len();
        let target = self.block_size.max(filled);
        if block.bytes.len() < target {
            block.bytes.resize(target, 0);
        } else if block.bytes.len() > target.saturating_mul(4) {
            block.bytes.truncate(target); // it grew for one very long packet
            block.bytes.shrink_to_fit();
        }
        if let Some(front) = block.bytes.get_mut(..filled) {
            front.copy_from_slice(&self.pending);
        }
        Window { at: 0, filled, target, offset: self.offset }
    }

    /// Reads the packets that are whole, or drops what is to be skipped.
    fn step(&mut self, block: &mut Block, window: &mut Window) -> Step {
        loop {
            if let Some(skip) = &mut self.skip {
                let drop = (window.filled - window.at).min(usize::try_from(skip.left).unwrap_or(usize::MAX));
                window.at += drop;
                skip.left -= drop as u64;
                if skip.left > 0 {
                    return Step { consumed: drop, then: Then::Needs(1, Part::Block) };
                }
                self.skip = None;
            }
            let bytes = block.bytes.get(..window.filled).unwrap_or_default();
            let step = match &mut self.format {
                Some(Format::Pcap(pcap)) => {
                    pcap.step(bytes, window.at, window.offset, &mut block.heads, &mut self.notes)
                }
                Some(Format::Pcapng(pcapng)) => {
                    pcapng.step(bytes, window.at, window.offset, &mut block.heads, &mut self.notes)
                }
                None => {
                    return Step { consumed: 0, then: Then::Needs(1, Part::FileHeader) };
                }
            };
            window.at += step.consumed;
            match step.then {
                Then::Skip(length) => {
                    self.skip = Some(Skip { offset: window.offset + window.at as u64, length, left: length });
                }
                _ => return step,
            }
        }
    }

    /// The buffer is full and holds no whole packet: moves what is there to the front, and lets the
    /// buffer grow towards what is needed, but never far beyond what has really come.
    fn make_room(&self, window: &mut Window, block: &mut Block, then: &Then) {
        block.bytes.copy_within(window.at..window.filled, 0);
        window.filled -= window.at;
        window.offset += window.at as u64;
        window.at = 0;
        if let Then::Needs(needed, _) = then {
            let step = window.filled.saturating_mul(2).max(self.block_size).max(64);
            window.target = (*needed).min(step).max(self.block_size).max(window.filled + 1);
        }
        if block.bytes.len() < window.target {
            block.bytes.resize(window.target, 0);
        }
    }

    /// Keeps what was read but not used for the next block.
    fn pause(&mut self, window: &Window, block: &Block) -> Progress {
        self.pending.clear();
        self.pending.extend_from_slice(block.bytes.get(window.at..window.filled).unwrap_or_default());
        self.offset = window.offset + window.at as u64;
        if block.is_empty() { Progress::Waiting } else { Progress::Packets }
    }

    /// There are no more bytes: were they all used?
    fn finish(&mut self, window: &Window, then: &Then, block: &Block) -> Progress {
        let there = (window.filled - window.at) as u64;
        let offset = window.offset + window.at as u64;
        match (self.skip, then) {
            (Some(skip), _) => {
                let cut = DamageKind::Cut { part: Part::Block, needed: skip.length, there: skip.length - skip.left };
                self.end(skip.offset, Some(cut), block)
            }
            (None, &Then::Needs(needed, part)) if there > 0 => {
                self.end(offset, Some(DamageKind::Cut { part, needed: needed as u64, there }), block)
            }
            _ => self.end(offset, None, block),
        }
    }

    fn end(&mut self, offset: u64, what: Option<DamageKind>, block: &Block) -> Progress {
        self.ended = true;
        self.offset = offset;
        self.pending = Vec::new();
        self.damage = what.map(|what| Damage { offset, what });
        if block.is_empty() { Progress::End } else { Progress::Packets }
    }

    /// Reads packets again, from any thread, also after the source is gone.
    pub fn fetch(&self) -> Fetch {
        Fetch::new(self.input.place())
    }

    /// What packets were captured on, over all sections read so far; [`super::Head::interface`] is
    /// an index into it. It only grows.
    pub fn interfaces(&self) -> &[Interface] {
        self.notes.interfaces()
    }

    /// What was wrong with the capture: why it ended before its time, or else the first thing that
    /// was wrong in it and could be passed over.
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref().or(self.notes.flaw.as_ref())
    }

    /// TLS secrets embedded in the capture, read so far.
    pub fn secrets(&self) -> &[Secret] {
        self.notes.secrets()
    }

    /// Names that the capture gives to addresses, read so far.
    pub fn names(&self) -> &[Name] {
        self.notes.names()
    }

    /// Whose sockets were whose on the machine that captured, read so far.
    pub fn owners(&self) -> &Owners {
        self.notes.owners()
    }

    /// Comments read so far.
    pub fn comments(&self) -> &[Comment] {
        self.notes.comments()
    }

    /// The sections read so far (pcapng).
    pub fn sections(&self) -> &[Section] {
        self.notes.sections()
    }

    /// Everything that the capture says besides packets, read so far.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Everything that the capture says besides packets, when the source is no longer needed.
    pub fn into_notes(self) -> Notes {
        self.notes
    }

    /// The format's name, such as `pcap, microseconds, little-endian, in gzip`.
    pub fn format(&self) -> String {
        let format = match &self.format {
            Some(Format::Pcap(pcap)) => pcap.name(),
            Some(Format::Pcapng(pcapng)) => pcapng.name(),
            None => "not known yet".to_owned(),
        };
        match self.input.packing() {
            Some(packing) => format!("{format}, in {}", packing.name()),
            None => format,
        }
    }

    /// Bytes of the input as it is (compressed, if it is); `None` for pipes. A growing file's may
    /// have become more since.
    pub fn size(&self) -> Option<u64> {
        self.input.size()
    }

    /// How many of them were read: with [`Source::size`], how far it is.
    pub fn taken(&self) -> u64 {
        self.input.taken()
    }

    /// The file's name, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether packets come while they are read: from a pipe, a FIFO, a file that grows, an interface.
    pub fn is_live(&self) -> bool {
        self.input.pauses() || self.growing.is_growing()
    }

    /// A switch that says that the file is complete (only with [`Options::tail`]).
    pub fn growing(&self) -> Growing {
        self.growing.clone()
    }
}
