//! Reads packets again, by position, from any thread.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::MAX_LARGE_PACKET;
use super::chain::Chain;

/// Random access to the bytes of a capture. Cheap to clone; lives on when the source is gone.
#[derive(Clone, Debug)]
pub struct Fetch {
    place: Arc<Place>,
}

/// Where the uncompressed capture can be read again.
#[derive(Debug)]
pub(crate) enum Place {
    /// In a file, from an offset on: the capture itself, or a copy of what could be read only once.
    File(File, u64),
    /// In files one behind another, of which the last may still be written.
    #[cfg_attr(not(feature = "live"), allow(dead_code))] // only a live capture is kept so
    Chain(Arc<Chain>),
    /// In memory.
    Bytes(Arc<[u8]>),
}

impl Fetch {
    pub(crate) fn new(place: Arc<Place>) -> Fetch {
        Fetch { place }
    }

    /// Replaces the content of `into` by the `captured` bytes at `position`. On an error `into` is
    /// empty: the capture has become shorter, or the numbers are not from one of its packets.
    pub fn read(&self, position: u64, captured: u32, into: &mut Vec<u8>) -> io::Result<()> {
        self.read_along(position, captured, 0, into)
    }

    /// Like [`Fetch::read`], with what lies behind the packet, up to `most` bytes in all, as far as it is there.
    pub fn read_along(&self, position: u64, captured: u32, most: usize, into: &mut Vec<u8>) -> io::Result<()> {
        if captured > MAX_LARGE_PACKET {
            into.clear();
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no packet is that long"));
        }
        let least = captured as usize;
        into.resize(least.max(most), 0);
        let mut done = 0;
        while done < least {
            let rest = into.get_mut(done..).unwrap_or_default();
            match self.place.read_at(position.saturating_add(done as u64), rest) {
                Ok(0) => {
                    into.clear();
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the capture became shorter"));
                }
                Ok(got) => done += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    into.clear();
                    return Err(error);
                }
            }
        }
        into.truncate(done);
        Ok(())
    }
}

impl Place {
    /// Some bytes at `position`; 0 at the end.
    pub(crate) fn read_at(&self, position: u64, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Place::File(file, base) => read_file_at(file, base.saturating_add(position), into),
            Place::Chain(chain) => chain.read_at(position, into),
            Place::Bytes(bytes) => {
                let from = usize::try_from(position).unwrap_or(usize::MAX);
                let rest = bytes.get(from..).unwrap_or_default();
                let count = rest.len().min(into.len());
                if let (Some(to), Some(from)) = (into.get_mut(..count), rest.get(..count)) {
                    to.copy_from_slice(from);
                }
                Ok(count)
            }
        }
    }
}

#[cfg(unix)]
pub(super) fn read_file_at(file: &File, position: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, position)
}

#[cfg(windows)]
pub(super) fn read_file_at(file: &File, position: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_and_says_what_is_not() {
        let fetch = Fetch::new(Arc::new(Place::Bytes(Arc::from(&b"abcdef"[..]))));
        let mut into = vec![9; 100];
        fetch.read(2, 3, &mut into).expect("there");
        assert_eq!(into, b"cde");
        fetch.read_along(1, 2, 4, &mut into).expect("there");
        assert_eq!(into, b"bcde");
        fetch.read_along(4, 1, 100, &mut into).expect("there, and what lies behind");
        assert_eq!(into, b"ef");
        assert!(fetch.read(4, 3, &mut into).is_err() && into.is_empty());
        assert!(fetch.read(u64::MAX, 1, &mut into).is_err());
        assert!(fetch.read(0, u32::MAX, &mut into).is_err());
    }
}
