//! Where a capture's bytes are read from: a file, memory, or something that can be read only once.

use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::chain::Chain;
use super::fetch::Place;
use super::unpack::{MOST_TIMES, Packing, UNPACKED_ANYWAY, recognise};
use super::{DamageKind, OpenError};

/// The uncompressed bytes of a capture, forward, and the place where they can be read again.
pub(crate) struct Input {
    place: Arc<Place>,
    /// Where the next byte is in `place`.
    position: u64,
    /// What can be read only once; it is copied to `place` while it is read.
    once: Option<Once>,
    /// Bytes of the file as it lies on the disk.
    size: Option<u64>,
}

struct Once {
    reader: Box<dyn Read + Send>,
    packing: Option<Packing>,
    /// Compressed bytes read so far.
    taken: Arc<AtomicU64>,
    /// Whether what is read comes from somebody who may pause: then nothing waits for a full block.
    pauses: bool,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("place", &self.place).field("position", &self.position).finish_non_exhaustive()
    }
}

impl Input {
    /// Opens a file, a FIFO, or `-`, standard input.
    pub(crate) fn open(path: &Path) -> Result<Input, OpenError> {
        let name = path.display().to_string();
        let failed = |source| OpenError::Io { name: name.clone(), source };
        let file = if path.as_os_str() == "-" {
            standard_input().map_err(failed)?
        } else {
            File::open(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => OpenError::NotFound(path.to_owned()),
                _ => failed(error),
            })?
        };
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(OpenError::Directory(path.to_owned()));
        }
        if path.as_os_str() == "-" && io::stdin().is_terminal() {
            let looks = "it is a terminal; pipe a capture into it, or name a file".to_owned();
            return Err(OpenError::NotACapture { name: "standard input".to_owned(), looks });
        }
        let read_from = if path.as_os_str() == "-" && metadata.is_file() {
            io::Seek::stream_position(&mut &file).map_err(failed)?
        } else {
            0
        };
        Input::from_file(file, read_from, &name)
    }

    /// An open file, from an offset on; or a FIFO.
    pub(crate) fn from_file(file: File, base: u64, name: &str) -> Result<Input, OpenError> {
        let metadata = file.metadata().map_err(|source| OpenError::Io { name: name.to_owned(), source })?;
        if !metadata.is_file() {
            return Input::stream(Box::new(file), None, true, name);
        }
        let size = metadata.len().saturating_sub(base);
        Input::seekable(Place::File(file, base), size, name)
    }

    /// A capture in memory.
    pub(crate) fn from_bytes(bytes: Arc<[u8]>) -> Result<Input, OpenError> {
        let size = bytes.len() as u64;
        Input::seekable(Place::Bytes(bytes), size, "this capture")
    }

    /// Files one behind another, of which the last may still be written.
    #[cfg_attr(not(feature = "live"), allow(dead_code))] // only a live capture is kept so
    pub(crate) fn from_chain(chain: Arc<Chain>) -> Input {
        Input { place: Arc::new(Place::Chain(chain)), position: 0, once: None, size: None }
    }

    /// The same bytes from the start again: what could be read only once is read from its copy.
    pub(crate) fn again(&self) -> Input {
        Input { place: self.place(), position: 0, once: None, size: self.size }
    }

    fn seekable(place: Place, size: u64, name: &str) -> Result<Input, OpenError> {
        let place = Arc::new(place);
        let mut first = [0; 4];
        let mut reader = Sequential { place: Arc::clone(&place), position: 0 };
        let got =
            read_full(&mut reader, &mut first).map_err(|source| OpenError::Io { name: name.to_owned(), source })?;
        if recognise(first.get(..got).unwrap_or_default()).is_some() {
            return Input::stream(Box::new(Sequential { place, position: 0 }), Some(size), false, name);
        }
        Ok(Input { place, position: 0, once: None, size: Some(size) })
    }

    /// Something that can be read only once, compressed or not.
    fn stream(
        mut reader: Box<dyn Read + Send>,
        size: Option<u64>,
        pauses: bool,
        name: &str,
    ) -> Result<Input, OpenError> {
        let failed = |source| OpenError::Io { name: name.to_owned(), source };
        let mut first = [0; 4];
        let got = read_full(&mut reader, &mut first).map_err(failed)?;
        let first = first.get(..got).unwrap_or_default().to_vec();
        let packing = recognise(&first);
        let taken = Arc::new(AtomicU64::new(0));
        let mut reader: Box<dyn Read + Send> =
            Box::new(Counted { reader: Cursor::new(first).chain(reader), count: Arc::clone(&taken) });
        if let Some(packing) = packing {
            reader = packing.unpack(reader).map_err(failed)?;
        }
        let spool = tempfile::tempfile().map_err(failed)?;
        let once = Once { reader, packing, taken, pauses };
        Ok(Input { place: Arc::new(Place::File(spool, 0)), position: 0, once: Some(once), size })
    }

    /// Reads some bytes; 0 at the end, or at the end so far.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> Result<usize, DamageKind> {
        let got = loop {
            let got = match &mut self.once {
                None => self.place.read_at(self.position, into),
                Some(once) => once.reader.read(into),
            };
            match got {
                Ok(got) => break got.min(into.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failure(&error)),
            }
        };
        if let (Some(_), Place::File(spool, _)) = (&self.once, &*self.place) {
            let mut spool: &File = spool;
            spool
                .write_all(into.get(..got).unwrap_or_default())
                .map_err(|error| DamageKind::Spool(error.to_string()))?;
        }
        self.position += got as u64;
        if let Place::Chain(chain) = &*self.place {
            chain.passed(self.position);
        }
        match self.packing() {
            Some(packing) if self.position > UNPACKED_ANYWAY.max(self.taken().saturating_mul(MOST_TIMES)) => {
                Err(DamageKind::Bomb { format: packing.name(), times: MOST_TIMES })
            }
            _ => Ok(got),
        }
    }

    /// Looks at what comes next without taking it, where that costs no waiting, and says whether it
    /// is all there is. What a pipe brings is not waited for.
    pub(crate) fn peek(&self, into: &mut [u8]) -> (usize, bool) {
        if self.once.is_some() {
            return (0, false);
        }
        let mut reader = Sequential { place: Arc::clone(&self.place), position: self.position };
        let got = read_full(&mut reader, into).unwrap_or(0);
        (got, got < into.len())
    }

    fn failure(&self, error: &io::Error) -> DamageKind {
        match self.packing() {
            Some(packing) => DamageKind::Unpack { format: packing.name(), reason: error.to_string() },
            None => DamageKind::Read(error.to_string()),
        }
    }

    /// How it is compressed.
    pub(crate) fn packing(&self) -> Option<Packing> {
        self.once.as_ref().and_then(|once| once.packing)
    }

    /// Whether somebody who may pause writes what is read.
    pub(crate) fn pauses(&self) -> bool {
        self.once.as_ref().is_some_and(|once| once.pauses)
    }

    /// Whether a file could still become longer.
    pub(crate) fn can_grow(&self) -> bool {
        self.once.is_none() && matches!(*self.place, Place::File(..) | Place::Chain(_))
    }

    /// The file's length now, if it is shorter than what was already read of it.
    pub(crate) fn shrunk(&self) -> Option<u64> {
        match (&*self.place, &self.once) {
            (Place::File(file, base), None) => {
                let length = file.metadata().ok()?.len().saturating_sub(*base);
                (length < self.position).then_some(length)
            }
            _ => None,
        }
    }

    /// Where everything that was read can be read again.
    pub(crate) fn place(&self) -> Arc<Place> {
        Arc::clone(&self.place)
    }

    /// Bytes of the input as it is (compressed, if it is), if that is known.
    pub(crate) fn size(&self) -> Option<u64> {
        match &*self.place {
            Place::Chain(chain) => Some(chain.length()),
            Place::File(..) | Place::Bytes(_) => self.size,
        }
    }

    /// How many of them were read.
    pub(crate) fn taken(&self) -> u64 {
        self.once.as_ref().map_or(self.position, |once| once.taken.load(Ordering::Relaxed))
    }
}

/// A place, read forward.
struct Sequential {
    place: Arc<Place>,
    position: u64,
}

impl Read for Sequential {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.place.read_at(self.position, into)?;
        self.position += got as u64;
        Ok(got)
    }
}

/// Counts what is read.
struct Counted<R> {
    reader: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(into)?;
        self.count.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

/// Reads until `into` is full or the end comes: how many bytes.
fn read_full(reader: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(got) => done += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Standard input as a file of our own, so that its bytes do not pass through another buffer.
#[cfg(unix)]
fn standard_input() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
fn standard_input() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}
