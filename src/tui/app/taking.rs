//! What is taken away: copies, exports, marks and notes.

use std::collections::BTreeMap;
use std::path::Path;

use super::{App, Errand};
use crate::tui::ask::Question;
use crate::tui::copying::{self, Copying};
use crate::tui::detail::Detail;
use crate::tui::exporting::{Export, Which};

impl App {
    /// The line of the selected packet, if it is visible.
    fn line(&self) -> Option<&crate::tui::lines::PacketLine> {
        let packet = self.listing.packet()?;
        self.lines.iter().find(|line| line.number == packet)
    }

    pub(super) fn copy(&mut self, what: Copying) {
        let has_hidden =
            |detail: &Detail| detail.explained.ledger().iter().any(|(c, bytes)| bytes > 0 && self.hides(c));
        if what != Copying::Line && self.detail.as_ref().is_some_and(has_hidden) {
            self.message = Some("payload is hidden, and not copied: P shows it".to_owned());
            return;
        }
        let text = self.detail.as_ref().and_then(|detail| copying::text(what, detail, self.line()));
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.message = Some("there is nothing to copy here".to_owned());
            return;
        };
        let bytes = crate::report::table::counted(text.len() as u64, "byte");
        match copying::clipboard(&text) {
            Some(sequence) => {
                self.errand = Some(Errand::Copy(sequence));
                self.message = Some(format!("{bytes} copied, if the terminal lets programs copy (OSC 52)"));
            }
            None => {
                self.message = Some(format!("{bytes} are more than a terminal takes; w writes packets to a file"));
            }
        }
    }

    /// A name for a file that is not there yet.
    pub(super) fn proposed_file(&self, question: Question) -> String {
        let stem = Path::new(&self.title).file_stem().and_then(|stem| stem.to_str()).unwrap_or("packets");
        let what = match question {
            Question::ExportMarked => "marked".to_owned(),
            Question::ExportSelected => self.listing.packet().map_or_else(String::new, |packet| packet.to_string()),
            _ => "shown".to_owned(),
        };
        let safe: String = stem.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
        let free = |n: u32| {
            let name = if n == 1 { format!("{safe}-{what}.pcapng") } else { format!("{safe}-{what}-{n}.pcapng") };
            (!Path::new(&name).exists()).then_some(name)
        };
        (1..1000).find_map(free).unwrap_or_default()
    }

    pub(super) fn export(&mut self, question: Question, path: &str) {
        if path.is_empty() {
            return;
        }
        let which = match question {
            Question::ExportMarked => Which::These(self.jottings.packets().collect()),
            Question::ExportSelected => Which::These(self.listing.packet().into_iter().collect()),
            _ => self.listing.shown().map_or(Which::All, |packets| Which::These(packets.to_vec())),
        };
        if which == Which::These(Vec::new()) {
            self.message = Some("there are no such packets: m marks one".to_owned());
            return;
        }
        let notes: BTreeMap<u32, String> = self
            .jottings
            .packets()
            .filter_map(|packet| Some((packet, self.jottings.note(packet)?.to_owned())))
            .collect();
        let Some(twin) = &self.twin else {
            self.message = Some("this capture can be read only once".to_owned());
            return;
        };
        let begun = twin.again().map_err(|error| error.to_string()).and_then(|source| {
            Export::start(source, which, notes, Path::new(path), &self.shared).map_err(|e| e.to_string())
        });
        match begun {
            Ok(export) => (self.export, self.message) = (Some(export), Some("writing".to_owned())),
            Err(error) => self.message = Some(format!("{} cannot be written: {error}", crate::bytes::escape(path))),
        }
    }

    /// Takes in what jobs of this folder have done.
    pub(super) fn look_at_export(&mut self) {
        if let Some(told) = self.export.as_ref().and_then(Export::result) {
            (self.export, self.message) = (None, Some(told));
        }
    }

    pub(super) fn mark(&mut self) {
        let Some(packet) = self.listing.packet() else { return };
        let saved = self.jottings.turn(packet);
        self.tell_saving(saved, if self.jottings.is_marked(packet) { "marked" } else { "no longer marked" });
    }

    pub(super) fn write_note(&mut self, note: String) {
        let Some(packet) = self.listing.packet() else { return };
        let saved = self.jottings.write(packet, note);
        self.tell_saving(saved, "noted");
    }

    fn tell_saving(&mut self, saved: std::io::Result<()>, done: &str) {
        self.message = Some(match saved {
            Ok(()) => done.to_owned(),
            Err(error) => format!("{done}, but not saved beside the capture: {error}"),
        });
    }

    pub(super) fn next_mark(&mut self) {
        let next = self.jottings.next(self.listing.packet().unwrap_or(0));
        match next {
            Some(packet) => self.go_to_packet(&packet.to_string()),
            None => self.message = Some("no packet is marked: m marks one".to_owned()),
        }
    }

    /// Times count from the selected packet; if they do already, from the start again.
    pub(super) fn refer_time(&mut self) {
        let Some(packet) = self.listing.packet() else { return };
        let time = self.shared.trace().row(packet).filter(crate::trace::Row::timed).map(|row| row.time);
        let Some(time) = time else {
            self.message = Some("the capture does not tell this packet's time".to_owned());
            return;
        };
        let refers = self.clock.refer(packet, time);
        self.message = Some(if refers {
            format!("times count from packet {packet}")
        } else {
            "times count from the start".to_owned()
        });
    }
}
