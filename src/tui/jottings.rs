//! Marks and notes: kept in a file beside the capture, so that they are there when it is opened again.
//!
//! ```text
//! page.pcapng
//! page.pcapng.husk.toml     [[packet]]
//!                           number = 23
//!                           note = "the hello"
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Marks that are read from a file: more were not made by hand.
const MOST: usize = 1 << 20;

/// The marks of a capture.
#[derive(Debug, Default)]
pub(super) struct Jottings {
    /// The marked packets, with their notes; an empty one says nothing.
    marks: BTreeMap<u32, String>,
    file: Option<PathBuf>,
}

#[derive(Default, Serialize, Deserialize)]
struct File {
    #[serde(default)]
    packet: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    number: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
}

impl Jottings {
    /// The marks of the capture in file `capture`; without a file they last as long as the program.
    ///
    /// # Errors
    /// The file beside it is there and cannot be understood.
    pub(super) fn open(capture: Option<&Path>) -> io::Result<Jottings> {
        let Some(capture) = capture else { return Ok(Jottings::default()) };
        let mut name = capture.as_os_str().to_owned();
        name.push(".husk.toml");
        let file = PathBuf::from(name);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let read: File = toml::from_str(&text)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.message().to_owned()))?;
        let marks = read.packet.into_iter().take(MOST).map(|entry| (entry.number, entry.note)).collect();
        Ok(Jottings { marks, file: Some(file) })
    }

    /// Whether a packet is marked.
    pub(super) fn is_marked(&self, packet: u32) -> bool {
        self.marks.contains_key(&packet)
    }

    /// A packet's note, if it has one. It is as hostile as any text of a file.
    pub(super) fn note(&self, packet: u32) -> Option<&str> {
        self.marks.get(&packet).map(String::as_str).filter(|note| !note.is_empty())
    }

    /// The marked packets, in order.
    pub(super) fn packets(&self) -> impl Iterator<Item = u32> + '_ {
        self.marks.keys().copied()
    }

    /// The marked packet behind this one; behind the last the first.
    pub(super) fn next(&self, packet: u32) -> Option<u32> {
        let behind = self.marks.range(packet.saturating_add(1)..).next();
        behind.or_else(|| self.marks.iter().next()).map(|(packet, _)| *packet)
    }

    /// Marks a packet, or takes its mark and note away.
    ///
    /// # Errors
    /// The marks cannot be written; they are kept nevertheless.
    pub(super) fn turn(&mut self, packet: u32) -> io::Result<()> {
        if self.marks.remove(&packet).is_none() {
            self.marks.insert(packet, String::new());
        }
        self.save()
    }

    /// Writes a note to a packet, and marks it.
    ///
    /// # Errors
    /// As for [`Jottings::turn`].
    pub(super) fn write(&mut self, packet: u32, note: String) -> io::Result<()> {
        self.marks.insert(packet, note);
        self.save()
    }

    fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if self.marks.is_empty() {
            return match std::fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let packet = self.marks.iter().map(|(number, note)| Entry { number: *number, note: note.clone() }).collect();
        let text = toml::to_string(&File { packet }).map_err(io::Error::other)?;
        // A file that is half written would lose the marks that were there.
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut new, text.as_bytes())?;
        new.persist(file).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_there_when_the_capture_is_opened_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let capture = folder.path().join("a.pcap");
        let mut jottings = Jottings::open(Some(&capture)).expect("no file yet");
        jottings.turn(7).expect("written");
        jottings.write(3, "a \"note\"\x1b[31m".to_owned()).expect("written");
        let again = Jottings::open(Some(&capture)).expect("the file");
        assert_eq!(again.packets().collect::<Vec<_>>(), [3, 7]);
        assert_eq!((again.note(3), again.note(7)), (Some("a \"note\"\x1b[31m"), None));
        assert_eq!((again.next(3), again.next(7)), (Some(7), Some(3)));
        jottings.turn(3).expect("written");
        jottings.turn(7).expect("written");
        assert!(!folder.path().join("a.pcap.husk.toml").exists(), "no marks, no file");
    }

    #[test]
    fn a_file_that_is_none_of_ours_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let capture = folder.path().join("a.pcap");
        std::fs::write(folder.path().join("a.pcap.husk.toml"), "this is = no").expect("written");
        assert!(Jottings::open(Some(&capture)).is_err());
    }
}
