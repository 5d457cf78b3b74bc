//! Writes packets to a pcapng file, in a thread: those that are shown or marked, with notes as comments.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::worker::{self, Shared};
use crate::capture::pcapng::{PacketInfo, Writer};
use crate::capture::{Block, Progress, Section, Source};

/// Which packets are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// All of the capture.
    All,
    /// Those with these numbers, in order.
    These(Vec<u32>),
}

/// An export that goes on.
pub(super) struct Export {
    result: Arc<Mutex<Option<Result<u64, String>>>>,
    path: PathBuf,
}

impl Export {
    /// Begins to write packets of `source` to a new file.
    ///
    /// # Errors
    /// The file is there already, or cannot be made.
    pub(super) fn start(
        source: Source,
        which: Which,
        notes: BTreeMap<u32, String>,
        path: &Path,
        shared: &Arc<Shared>,
    ) -> io::Result<Export> {
        // A file that is there may be the capture itself.
        let file = File::create_new(path)?;
        let result = Arc::new(Mutex::new(None));
        let (mine, screen) = (Arc::clone(&result), Arc::clone(shared));
        worker::spawn("writing", Arc::clone(shared), move || {
            let written = write(source, &which, &notes, file).map_err(|error| error.to_string());
            *mine.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
            screen.changed();
        })?;
        Ok(Export { result, path: path.to_owned() })
    }

    /// What came of it, in words, when it is over.
    pub(super) fn result(&self) -> Option<String> {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let path = self.path.display().to_string();
        let path = crate::bytes::escape(&path);
        Some(match result {
            Ok(written) => format!("{} written to {path}", crate::report::table::counted(written, "packet")),
            Err(error) => format!("{path} could not be written: {error}"),
        })
    }
}

fn write(mut source: Source, which: &Which, notes: &BTreeMap<u32, String>, file: File) -> io::Result<u64> {
    let section = Section { application: Some(format!("husk {}", env!("CARGO_PKG_VERSION"))), ..Section::default() };
    let mut writer = Writer::new(file, &section)?;
    let mut block = Block::new();
    let (mut number, mut written, mut described) = (0u32, 0, 0);
    loop {
        let progress = source.next_block(&mut block);
        for interface in source.interfaces().get(described..).unwrap_or_default() {
            writer.interface(interface)?;
            described += 1;
        }
        for (head, bytes) in block.packets() {
            number = number.saturating_add(1);
            if matches!(which, Which::These(numbers) if numbers.binary_search(&number).is_err()) {
                continue;
            }
            let note = notes.get(&number).map(String::as_str).filter(|note| !note.is_empty());
            let info = PacketInfo {
                interface: head.interface,
                time: head.time,
                length: head.length,
                flags: head.flags,
                comments: note.as_slice(),
            };
            writer.packet(&info, bytes)?;
            written += 1;
        }
        if progress != Progress::Packets {
            writer.finish()?.sync_all()?;
            return Ok(written);
        }
    }
}
