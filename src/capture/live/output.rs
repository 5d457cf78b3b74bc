//! Writes packets to the file that is current, and turns to the next one when a ring says so.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::files::Next;
use super::pump::now;
use super::{Counts, Ring};
use crate::capture::chain::Chain;
use crate::capture::owners::Owned;
use crate::capture::pcapng::{Counters, PacketInfo, Writer};
use crate::capture::{Interface, Nanos, Section};

/// Makes the files that are written to.
pub(super) trait Shelf: Send {
    /// The next file.
    fn next(&mut self) -> io::Result<Next>;
    /// The capture ended as it should.
    fn done(&mut self) -> io::Result<()>;
}

impl Shelf for super::files::Files {
    fn next(&mut self) -> io::Result<Next> {
        super::files::Files::next(self)
    }

    fn done(&mut self) -> io::Result<()> {
        super::files::Files::done(self)
    }
}

/// Where packets go.
pub(super) struct Output {
    shelf: Box<dyn Shelf>,
    /// Where the current file lies.
    path: PathBuf,
    writer: Writer<File>,
    chain: Arc<Chain>,
    ring: Ring,
    comments: Vec<String>,
    interfaces: Vec<(Interface, Option<String>)>,
    began: Nanos,
    /// Of the current file.
    turned: Instant,
    packets: u64,
    /// Where the packets that may not be on the disk yet end in the current file, and whose they are.
    afloat: Vec<(u64, u32)>,
    /// Of the files before.
    files: u32,
    bytes: u64,
}

impl Output {
    /// Begins the first file.
    pub(super) fn begin(
        mut shelf: Box<dyn Shelf>,
        ring: Ring,
        comments: Vec<String>,
        interfaces: Vec<(Interface, Option<String>)>,
    ) -> io::Result<Output> {
        let Next { file, path, .. } = shelf.next()?;
        let chain = Arc::new(Chain::new(file.try_clone()?));
        let writer = head(file, &comments, &interfaces)?;
        let (began, turned) = (now(), Instant::now());
        Ok(Output {
            shelf,
            path,
            writer,
            chain,
            ring,
            comments,
            interfaces,
            began,
            turned,
            packets: 0,
            afloat: Vec::new(),
            files: 0,
            bytes: 0,
        })
    }

    /// What is written, to be read.
    pub(super) fn chain(&self) -> Arc<Chain> {
        Arc::clone(&self.chain)
    }

    /// Where the current file lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Files begun so far.
    pub(super) fn files(&self) -> u32 {
        self.files + 1
    }

    /// Bytes written so far, in all files.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes + self.writer.length()
    }

    /// Enters an interface: its number for [`PacketInfo::interface`].
    pub(super) fn interface(&mut self, interface: Interface, comment: Option<String>) -> io::Result<u32> {
        let number = self.writer.interface_commented(&interface, comment.as_deref())?;
        self.interfaces.push((interface, comment));
        Ok(number)
    }

    /// Whether the next packet belongs into another file.
    pub(super) fn is_full(&self) -> bool {
        let ring = self.ring;
        self.packets > 0
            && (ring.bytes.is_some_and(|most| self.writer.length() >= most)
                || ring.packets.is_some_and(|most| self.packets >= most)
                || ring.duration.is_some_and(|most| self.turned.elapsed() >= most))
    }

    /// Packets and bytes that still belong into the current file.
    pub(super) fn room(&self) -> (u64, u64) {
        let packets = self.ring.packets.map_or(u64::MAX, |most| most.saturating_sub(self.packets));
        let bytes = self.ring.bytes.map_or(u64::MAX, |most| most.saturating_sub(self.writer.length()));
        (packets, bytes)
    }

    /// Writes a packet that was taken from an interface.
    pub(super) fn packet(&mut self, taken_from: u32, info: &PacketInfo<'_>, bytes: &[u8]) -> io::Result<()> {
        self.packets += 1;
        self.writer.packet(info, bytes)?;
        if self.writer.length() == self.writer.written() {
            self.afloat.clear();
        } else {
            self.afloat.push((self.writer.length(), taken_from));
        }
        Ok(())
    }

    /// After a write that failed: cuts the file behind the last whole packet, and tells whose packets are lost, the
    /// one among them whose writing failed.
    pub(super) fn salvage(&mut self) -> Vec<u32> {
        let written = self.writer.written();
        let whole = self.afloat.iter().map(|(end, _)| *end).take_while(|end| *end <= written).last();
        if let Some(whole) = whole {
            // If even that fails, a reader says that the file ends within a block.
            let _ = self.writer.place().set_len(whole);
        }
        self.afloat.drain(..).filter(|(end, _)| *end > written).map(|(_, taken_from)| taken_from).collect()
    }

    /// Ends the current file with the totals so far, and begins the next.
    pub(super) fn turn(&mut self, counts: &[Counts]) -> io::Result<()> {
        self.statistics(counts, None)?;
        self.flush()?;
        let Next { file, path, deleted } = self.shelf.next()?;
        let copy = file.try_clone()?;
        let length = self.writer.length();
        self.writer = head(file, &self.comments, &self.interfaces)?;
        self.chain.append(length, copy);
        if deleted {
            self.chain.let_go_of_oldest();
        }
        self.path = path;
        self.bytes += length;
        self.files += 1;
        (self.packets, self.turned) = (0, Instant::now());
        Ok(())
    }

    /// Writes the totals of every interface that is captured on, and what there is to say of one.
    pub(super) fn statistics(&mut self, counts: &[Counts], comment: Option<(u32, &str)>) -> io::Result<()> {
        for (number, counts) in (0u32..).zip(counts) {
            let counters = Counters {
                began: Some(self.began),
                ended: Some(now()),
                received: Some(counts.received),
                dropped: Some(counts.dropped_by_interface),
                dropped_by_system: Some(counts.dropped_by_kernel + counts.dropped_by_husk),
                delivered: Some(counts.captured),
            };
            self.writer.statistics(
                number,
                &counters,
                comment.filter(|(of, _)| *of == number).map(|(_, words)| words),
            )?;
        }
        Ok(())
    }

    /// Writes whose sockets are whose.
    pub(super) fn owners(&mut self, owners: &[Owned]) -> io::Result<()> {
        if owners.is_empty() {
            return Ok(());
        }
        let comments: Vec<String> = owners.iter().map(ToString::to_string).collect();
        self.writer.names(&[], &comments)
    }

    /// Writes out what was gathered.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.afloat.clear();
        Ok(())
    }

    /// Gives back the shelf, to remove what need not stay.
    pub(super) fn into_shelf(self) -> Box<dyn Shelf> {
        self.shelf
    }
}

/// The start of a file.
fn head(file: File, comments: &[String], interfaces: &[(Interface, Option<String>)]) -> io::Result<Writer<File>> {
    let section = Section {
        hardware: Some(std::env::consts::ARCH.to_owned()),
        os: Some(std::env::consts::OS.to_owned()),
        application: Some(concat!("husk ", env!("CARGO_PKG_VERSION")).to_owned()),
        ..Section::default()
    };
    let mut writer = Writer::commented(file, &section, comments)?;
    for (interface, comment) in interfaces {
        writer.interface_commented(interface, comment.as_deref())?;
    }
    writer.flush()?;
    Ok(writer)
}
