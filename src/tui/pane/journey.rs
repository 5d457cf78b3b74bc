//! What happened on the way to each site: all sites to the capture's scale, or one site's steps to its own.

use crate::exposure::{Step, Visit, journey};
use crate::tui::eyes::Eyes;
use crate::tui::roll::{Roll, Target};
use crate::tui::study::{Of, Study};

/// One row.
pub(in crate::tui) enum JourneyRow<'a> {
    /// A site, among all.
    Site(&'a Visit),
    /// A step of the site that is open.
    Step(&'a Step),
}

/// The view.
#[derive(Default)]
pub(in crate::tui) struct JourneyPane {
    study: Study<Vec<Visit>>,
    /// The site that is open, by its name: its place may change while the capture is read.
    open: Option<String>,
    pub(in crate::tui) roll: Roll,
}

impl JourneyPane {
    /// Looks at what the trace has now.
    pub(in crate::tui) fn look(&mut self, of: Of, eyes: &Eyes) -> std::io::Result<()> {
        self.study.look(of, eyes, |eyes| journey(&eyes.trace()))?;
        Ok(())
    }

    pub(in crate::tui) fn is_busy(&self) -> bool {
        self.study.is_busy()
    }

    /// All sites; none before they are known.
    pub(in crate::tui) fn visits(&self) -> Option<&[Visit]> {
        self.study.get().map(Vec::as_slice)
    }

    /// The site that is shown with its steps. The only one is open by itself.
    pub(in crate::tui) fn visit(&self) -> Option<&Visit> {
        match (self.visits()?, &self.open) {
            ([only], _) => Some(only),
            (visits, Some(name)) => visits.iter().find(|visit| visit.name == *name),
            _ => None,
        }
    }

    pub(in crate::tui) fn len(&self) -> usize {
        match (self.visit(), self.visits()) {
            (Some(visit), _) => visit.steps.len(),
            (None, Some(visits)) => visits.len(),
            (None, None) => 0,
        }
    }

    pub(in crate::tui) fn row(&self, at: usize) -> Option<JourneyRow<'_>> {
        match self.visit() {
            Some(visit) => visit.steps.get(at).map(JourneyRow::Step),
            None => self.visits()?.get(at).map(JourneyRow::Site),
        }
    }

    /// Lines that the steps of the selected site take, if it is one among others: with their scale.
    pub(in crate::tui) fn steps_below(&self) -> u16 {
        match self.row(self.roll.selected) {
            Some(JourneyRow::Site(visit)) => u16::try_from(visit.steps.len() + 1).unwrap_or(u16::MAX),
            Some(JourneyRow::Step(_)) | None => 0,
        }
    }

    /// Opens the selected site; of a step it tells where it leads.
    pub(in crate::tui) fn enter(&mut self) -> Option<Target> {
        match self.row(self.roll.selected)? {
            JourneyRow::Step(step) => Some(Target::Packet(step.packet)),
            JourneyRow::Site(visit) => {
                self.open = Some(visit.name.clone());
                self.roll = Roll::default();
                None
            }
        }
    }

    /// The flow that the selected row is about; of a site the one that carried most.
    pub(in crate::tui) fn flow(&self) -> Option<u32> {
        match self.row(self.roll.selected)? {
            JourneyRow::Step(step) => Some(step.flow),
            JourneyRow::Site(visit) => {
                visit.steps.iter().max_by_key(|step| step.bytes.iter().sum::<u64>()).map(|step| step.flow)
            }
        }
    }

    /// Closes the site that is open. Returns whether one was.
    pub(in crate::tui) fn close(&mut self) -> bool {
        let place = |name: &String| self.visits()?.iter().position(|visit| visit.name == *name);
        let at = self.open.as_ref().and_then(place);
        if self.visits().is_some_and(|visits| visits.len() < 2) || self.open.take().is_none() {
            return false;
        }
        self.roll = Roll { selected: at.unwrap_or(0), top: 0 };
        true
    }

    /// Opens the site after the one that is open, or before it.
    pub(in crate::tui) fn turn(&mut self, forward: bool) {
        let (Some(visits), Some(open)) = (self.visits(), self.visit()) else { return };
        let at = visits.iter().position(|visit| visit.name == open.name).unwrap_or(0);
        let next = if forward { at + 1 } else { at + visits.len() - 1 } % visits.len().max(1);
        self.open = visits.get(next).map(|visit| visit.name.clone());
        self.roll = Roll::default();
    }
}
