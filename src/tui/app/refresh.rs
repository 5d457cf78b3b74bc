//! What is looked up before drawing: only what is visible.

use std::sync::Arc;
use std::time::Duration;

use super::{App, Overlay, Summary, View};
use crate::bytes::Class;
use crate::trace::Trace;
use crate::tui::detail::{self, Detail, scrolled};
use crate::tui::eyes::Eyes;
use crate::tui::study::Of;
use crate::tui::view;
use crate::tui::worker::{Reading, Status};

impl App {
    /// Looks at the trace: fills in what is visible. Waits for the selected packet's explanation no longer than
    /// `patience`.
    pub(in crate::tui) fn refresh(&mut self, patience: Duration) {
        self.seen = self.shared.revision();
        let was = self.summary.status.reading.clone();
        let shared = Arc::clone(&self.shared);
        {
            let trace = shared.trace();
            self.summarise(&trace, shared.status());
            self.listing.look(&trace);
        }
        let whole = self.summary.status.reading == Reading::Done;
        let ordered = self.listing.look_at_order(whole, &Eyes::of_all(&shared), self.scribe.fetch());
        {
            let trace = shared.trace();
            self.write_lines(&trace);
            self.look_at_packet(&trace);
        }
        if let Err(error) = ordered.and_then(|()| self.look_at_view()) {
            self.message = Some(format!("there is no thread to work this out: {error}"));
        }
        if was != Reading::Done && self.summary.status.reading == Reading::Done {
            self.read_to_the_end();
        }
        self.tell_events();
        self.take_answer(patience);
        self.darken();
        self.look_at_hunt();
        self.look_at_export();
        let areas = self.areas();
        let columns = view::hex_columns(self.size.width, self.letters);
        if let Some(detail) = &mut self.detail {
            detail.scroll(areas.tree.height.into(), areas.hex.height.into(), columns);
        }
    }

    /// Looks at what the view shows, if it is not the packets.
    fn look_at_view(&mut self) -> std::io::Result<()> {
        let whole = self.summary.status.reading == Reading::Done;
        let of = Of { packets: self.summary.packets, whole, which: 0, who: 0 };
        let (all, fetch) = (Eyes::of_all(&self.shared), self.scribe.fetch().clone());
        // Whoever looks with other eyes sees everything so.
        self.leaks.shorten(self.size.width < view::WIDE_LEAKS);
        if self.view == View::Leaks || self.leaks.is_other() {
            self.leaks.look(of, &all, &fetch)?;
        }
        if self.leaks.is_other() && !matches!(self.view, View::Packets | View::Leaks) {
            self.leaks.look_at_theirs(of, &all, &fetch)?;
        }
        let eyes = self.leaks.eyes(&self.shared);
        let of = Of { packets: eyes.packets(of.packets), ..of };
        match self.view {
            View::Packets | View::Leaks => {}
            View::Flows => {
                // The pages of a flow have its name from the list.
                self.flows.look(of, &eyes, usize::from(self.areas().rows.height))?;
                if let Some(opened) = &mut self.opened {
                    opened.look(of, &eyes, &fetch)?;
                }
            }
            View::Journey => self.journey.look(of, &eyes)?,
            View::Names => self.names.look(of, &eyes, &fetch)?,
            View::Exposure => self.ledger.look(of, &eyes)?,
        }
        let height = usize::from(self.areas().rows.height);
        if let Some((roll, count)) = self.roll() {
            roll.scroll(height, count);
        }
        Ok(())
    }

    /// Looks at the visible packets with the observer's eyes. What is not known yet is dark.
    fn darken(&mut self) {
        if !self.leaks.is_other() {
            self.dark = Class::ALL.map(|class| self.hides(class));
            return;
        }
        let trace = self.shared.trace();
        let view = self.leaks.notebook().map(|notebook| &notebook.view);
        let passes = |number| view.is_some_and(|view| view.packet(&trace, number));
        for line in &mut self.lines {
            line.passes = passes(line.number);
        }
        let here = self.listing.packet().is_some_and(passes);
        let sees = Class::ALL.map(|class| here && view.is_some_and(|view| view.sees(class)));
        let hides = Class::ALL.map(|class| self.hides(class));
        self.dark = std::array::from_fn(|at| hides.get(at) == Some(&true) || sees.get(at) != Some(&true));
    }

    /// Says what happened to a live capture, when nothing is typed.
    fn tell_events(&mut self) {
        let Some(gauge) = self.gauge.as_ref().filter(|_| matches!(self.overlay, Overlay::None)) else { return };
        let events = gauge.events(self.told);
        self.told += events.len();
        if !events.is_empty() {
            self.message = Some(crate::bytes::escape(&events.join(" · ")).into_owned());
        }
    }

    fn summarise(&mut self, trace: &Trace, status: Status) {
        let gauge = self.gauge.as_ref();
        self.summary = Summary {
            packets: trace.rows().len(),
            total: trace.total(),
            missing: trace.missing(),
            flows: trace.flows().all().len(),
            span: trace.times().unwrap_or((0, 0)),
            dropped: trace.flows().dropped(),
            status,
            pulse: gauge.map(|gauge| gauge.pulse()),
        };
    }

    fn write_lines(&mut self, trace: &Trace) {
        let height = usize::from(self.areas().list.height);
        self.listing.top = scrolled(self.listing.top, self.listing.selected, height, self.listing.len());
        let visible = self.listing.top..(self.listing.top + height).min(self.listing.len());
        let scribe = &mut self.scribe;
        let numbers = visible.filter_map(|at| self.listing.number(at));
        self.lines = numbers.filter_map(|number| scribe.line(trace, number)).collect();
        self.tell_deltas(trace);
        self.columns.widen(&self.lines, self.summary.packets, &self.clock);
    }

    /// Tells each visible packet the time of the one before it in the list.
    fn tell_deltas(&mut self, trace: &Trace) {
        let above = self.listing.top.checked_sub(1).and_then(|at| self.listing.number(at));
        let mut before =
            above.and_then(|number| trace.row(number)).filter(crate::trace::Row::timed).map(|row| row.time);
        for when in self.lines.iter_mut().filter_map(|line| line.when.as_mut()) {
            when.before = before.replace(when.time);
        }
    }

    /// Asks for the selected packet's explanation, when another one was selected or more is known of it.
    fn look_at_packet(&mut self, trace: &Trace) {
        let Some(number) = self.listing.packet() else {
            self.detail = None;
            self.asked = None;
            return;
        };
        let ledger = trace.ledger(number);
        if self.asked == Some((number, ledger)) {
            return;
        }
        let other = self.asked.is_none_or(|(asked, _)| asked != number);
        let known =
            self.detail.as_ref().is_some_and(|d| d.explained.number == number && d.explained.ledger() == ledger);
        self.asked = Some((number, ledger));
        if other || !known {
            self.explainer.ask(number);
        }
    }

    fn take_answer(&mut self, patience: Duration) {
        let Some((number, _)) = self.asked else { return };
        let shown = self.detail.as_ref().is_some_and(|detail| detail.explained.number == number);
        let patience = if shown { Duration::ZERO } else { patience };
        match self.explainer.answer(patience) {
            Some((answered, Ok(explained))) if answered == number => {
                self.detail = Some(Detail::new(explained, true, &self.folds, self.detail.as_ref()));
                self.reach_goal(number);
            }
            Some((answered, Err(error))) if answered == number => {
                self.message = Some(error);
                self.first_look(number, true);
            }
            _ if !shown => self.first_look(number, false),
            _ => {}
        }
    }

    /// The packet is there whose bytes one wanted to see.
    fn reach_goal(&mut self, number: u32) {
        let (Some((_, bytes)), Some(detail)) = (self.goal.take_if(|(packet, _)| *packet == number), &mut self.detail)
        else {
            return;
        };
        detail.source = 0;
        detail.go_to_byte(bytes.start, &mut self.folds);
    }

    /// Shows the headers while the flow is replayed.
    fn first_look(&mut self, number: u32, whole: bool) {
        let trace = self.shared.trace();
        let Some(row) = trace.row(number) else { return };
        let mut bytes = Vec::new();
        // What cannot be read again is shown without bytes; the status line says why.
        let _ = self.scribe.fetch().read(row.position, row.captured, &mut bytes);
        let explained = detail::first_look(&trace, number, &row, bytes);
        self.detail = Some(Detail::new(explained, whole, &self.folds, self.detail.as_ref()));
    }
}
