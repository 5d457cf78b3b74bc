//! Files that are read one behind another as one capture: what a live capture writes.
//!
//! ```text
//! base 0              base 100 MB         base 200 MB
//! ┌──────────────────┬──────────────────┬──────────
//! │ first file       │ second           │ third, still written
//! └──────────────────┴──────────────────┴──────────
//!   let go: closed once it was read
//! ```
//!
//! Each file begins a section of pcapng, so that one behind another they are pcapng too. A position is counted over
//! all of them. A file that its ring has deleted stays open until it was read forward; then the system has its room
//! back, and its packets cannot be read again.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use super::fetch::read_file_at;

/// Files, one behind another. The last one may still be written.
#[derive(Debug)]
pub(crate) struct Chain {
    links: RwLock<Vec<Link>>,
    /// How far the forward reader has come.
    read: AtomicU64,
}

#[derive(Debug)]
struct Link {
    /// Position of its first byte in the capture.
    base: u64,
    /// Its length, once nothing more is written to it.
    length: Option<u64>,
    /// `None` once it was let go and read.
    file: Option<File>,
    let_go: bool,
}

impl Link {
    fn end(&self) -> u64 {
        self.length.map_or(u64::MAX, |length| self.base.saturating_add(length))
    }
}

impl Chain {
    /// A chain of one file, which is being written.
    pub(crate) fn new(first: File) -> Chain {
        let link = Link { base: 0, length: None, file: Some(first), let_go: false };
        Chain { links: RwLock::new(vec![link]), read: AtomicU64::new(0) }
    }

    /// The last file is complete with `length` bytes; the capture goes on in `next`.
    pub(crate) fn append(&self, length: u64, next: File) {
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        let mut base = 0;
        if let Some(last) = links.last_mut() {
            last.length = Some(length);
            base = last.end();
        }
        links.push(Link { base, length: None, file: Some(next), let_go: false });
    }

    /// The oldest file that is still held was deleted.
    pub(crate) fn let_go_of_oldest(&self) {
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(oldest) = links.iter_mut().find(|link| !link.let_go) {
            oldest.let_go = true;
        }
        close(&mut links, self.read.load(Ordering::Acquire));
    }

    /// The forward reader has come to `position`.
    pub(crate) fn passed(&self, position: u64) {
        let before = self.read.fetch_max(position, Ordering::AcqRel);
        let crossed = |links: &[Link]| links.iter().any(|link| link.end() > before && link.end() <= position);
        if crossed(&self.links.read().unwrap_or_else(PoisonError::into_inner)) {
            close(&mut self.links.write().unwrap_or_else(PoisonError::into_inner), position);
        }
    }

    /// Bytes of the capture so far.
    pub(crate) fn length(&self) -> u64 {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.last().map_or(0, |last| {
            let length = last.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |about| about.len());
            last.base.saturating_add(length)
        })
    }

    /// Some bytes at `position`; 0 at the end so far.
    pub(crate) fn read_at(&self, position: u64, into: &mut [u8]) -> io::Result<usize> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        let at = links.partition_point(|link| link.end() <= position);
        let Some(link) = links.get(at) else { return Ok(0) };
        let file = link.file.as_ref().ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "the ring has deleted the file that this packet was in")
        })?;
        let most = usize::try_from(link.end() - position).unwrap_or(usize::MAX).min(into.len());
        read_file_at(file, position.saturating_sub(link.base), into.get_mut(..most).unwrap_or_default())
    }
}

/// Closes what was let go of and lies before `read`.
fn close(links: &mut [Link], read: u64) {
    for link in links.iter_mut().filter(|link| link.let_go && link.end() <= read) {
        link.file = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file
    }

    fn read(chain: &Chain, position: u64) -> io::Result<Vec<u8>> {
        let mut into = [0; 4];
        chain.read_at(position, &mut into).map(|got| into[..got].to_vec())
    }

    #[test]
    fn files_are_read_one_behind_another() {
        let chain = Chain::new(file(b"abcdef"));
        assert_eq!(read(&chain, 4).expect("there"), b"ef");
        assert_eq!(read(&chain, 6).expect("nothing yet"), b"");
        chain.append(6, file(b"ghi"));
        assert_eq!(read(&chain, 5).expect("to the end of the first"), b"f");
        assert_eq!(read(&chain, 6).expect("the second"), b"ghi");
        assert_eq!((read(&chain, 9).expect("nothing yet"), chain.length()), (vec![], 9));
    }

    #[test]
    fn a_file_let_go_is_held_until_it_was_read() {
        let chain = Chain::new(file(b"abcdef"));
        chain.append(6, file(b"ghi"));
        chain.passed(3);
        chain.let_go_of_oldest();
        assert_eq!(read(&chain, 3).expect("not read yet"), b"def");
        chain.passed(6);
        assert_eq!(read(&chain, 3).expect_err("closed").kind(), io::ErrorKind::NotFound);
        assert_eq!(read(&chain, 7).expect("the second stays"), b"hi");
    }
}
