//! Going to a packet, along a flow, to what a filter lets pass, and to what was searched for.

use super::{App, Focus, Overlay, View};
use crate::filter::Filter;
use crate::flow::NO_FLOW;
use crate::tui::ask::Question;
use crate::tui::copying;
use crate::tui::hunt::{Ground, Hunt, Pattern};
use crate::tui::search::Search;
use crate::tui::worker::Reading;

impl App {
    pub(super) fn go_to_packet(&mut self, text: &str) {
        let packets = self.summary.packets;
        let Some(number) = text.parse::<u32>().ok().filter(|number| (1..=packets).contains(&(*number as usize)))
        else {
            if !text.is_empty() {
                self.message = Some(format!("there is no packet {text}: packets count from 1 to {packets}"));
            }
            return;
        };
        self.view = View::Packets;
        if !self.listing.select_packet(number) {
            self.listing.show_all();
            self.listing.select_packet(number);
            self.message = Some(format!("packet {number} was not among those shown: all are shown again"));
        }
    }

    pub(super) fn filter(&mut self, text: &str) {
        if text.is_empty() {
            self.overlay = Overlay::None;
            self.listing.show_all();
            return;
        }
        let filter = match Filter::parse(text) {
            Ok(filter) => filter,
            Err(error) => {
                match &mut self.overlay {
                    Overlay::Ask(prompt) => prompt.wrong = Some((error.start, error.what)),
                    _ => self.message = Some(error.what),
                }
                return;
            }
        };
        self.overlay = Overlay::None;
        self.view = View::Packets;
        self.message = self.search(text, filter).err().map(|error| format!("the filter cannot be applied: {error}"));
    }

    /// Applies a filter while it is typed, if it can be understood already.
    pub(super) fn try_filter(&mut self, text: &str) {
        if text.is_empty() {
            return self.listing.show_all();
        }
        if let Ok(filter) = Filter::parse(text)
            && self.listing.filter() != Some(text)
        {
            self.view = View::Packets;
            // What is wrong is told when the filter is entered.
            let _ = self.search(text, filter);
        }
    }

    /// The selected field becomes the filter, for more to be typed.
    pub(super) fn filter_this(&mut self) {
        let Some((detail, node)) = self.detail.as_ref().and_then(|detail| Some((detail, detail.selected()?))) else {
            return;
        };
        let text = copying::filter(detail, node);
        self.ask(Question::Filter);
        if let Overlay::Ask(prompt) = &mut self.overlay {
            prompt.input = text.into();
        }
    }

    /// Goes to the next place where what was searched for is found, or the one before: in the focused pane.
    pub(super) fn find(&mut self, forward: bool) {
        let Some(pattern) = self.pattern.clone() else {
            return self.ask(Question::Search);
        };
        if self.focus == Focus::Tree && self.view == View::Packets {
            let found = self.detail.as_mut().is_some_and(|detail| detail.find(&pattern, forward, &mut self.folds));
            if !found {
                self.message =
                    Some(format!("{} is not in the layers of this packet", crate::bytes::escape(&pattern.text)));
            }
            return;
        }
        self.view = View::Packets;
        let bytes = matches!(self.focus, Focus::Hex | Focus::Strip);
        if bytes && forward && self.find_within(&pattern) {
            return;
        }
        let ground = if bytes { Ground::Bytes } else { Ground::Lines };
        let packets = self.listing.around(forward);
        let fetch = self.scribe.fetch().clone();
        match Hunt::start(pattern, ground, packets, fetch, &self.shared) {
            Ok(hunt) => (self.hunt, self.message) = (Some(hunt), Some("searching".to_owned())),
            Err(error) => self.message = Some(format!("cannot search: {error}")),
        }
    }

    /// Finds it again behind the cursor in the bytes that are shown.
    fn find_within(&mut self, pattern: &Pattern) -> bool {
        let Some(detail) = &mut self.detail else { return false };
        let from = detail.byte as usize + 1;
        let found = detail.bytes().get(from..).and_then(|rest| pattern.find(rest));
        if let Some(found) = &found {
            detail.go_to_byte((from + found.start) as u32, &mut self.folds);
        }
        found.is_some()
    }

    /// Takes in what a search has found.
    pub(super) fn look_at_hunt(&mut self) {
        let Some(found) = self.hunt.as_ref().and_then(Hunt::result) else { return };
        (self.hunt, self.message) = (None, None);
        let text = self.pattern.as_ref().map(|pattern| crate::bytes::escape(&pattern.text).into_owned());
        match found {
            Some((packet, place)) => {
                if !place.is_empty() {
                    (self.goal, self.asked) = (Some((packet, place)), None);
                }
                self.listing.select_packet(packet);
            }
            None => self.message = Some(format!("{} is not there", text.unwrap_or_default())),
        }
    }

    fn search(&mut self, text: &str, filter: Filter) -> anyhow::Result<()> {
        let twin = self.twin.as_ref().ok_or_else(|| anyhow::anyhow!("this capture can be read only once"))?;
        let whole = self.summary.status.reading == Reading::Done;
        let search = Search::start(twin.again()?, filter, whole, &self.shared)?;
        self.listing.show_found(text.to_owned(), search, whole);
        Ok(())
    }

    pub(super) fn only_flow(&mut self) {
        if self.listing.flow().is_some() && self.view == View::Packets {
            return self.listing.show_all();
        }
        match self.flow_here() {
            Some(flow) => {
                self.listing.show_flow(flow);
                self.view = View::Packets;
            }
            None => self.message = Some(self.no_flow_here().to_owned()),
        }
    }

    pub(super) fn along_flow(&mut self, forward: bool) {
        let Some(number) = self.listing.packet() else { return };
        let trace = self.shared.trace();
        let Some(flow) = trace.row(number).map(|row| row.flow).filter(|flow| *flow != NO_FLOW) else { return };
        let Some((first, last)) = trace.flows().all().get(flow as usize).map(|flow| (flow.first, flow.last)) else {
            return;
        };
        let of_flow = |n: &u32| trace.row(*n).is_some_and(|row| row.flow == flow);
        let next = if forward {
            (number.saturating_add(1)..=last).find(of_flow)
        } else {
            (first..number).rev().find(of_flow)
        };
        drop(trace);
        match next {
            Some(next) if self.listing.select_packet(next) => {}
            Some(next) => {
                self.listing.show_all();
                self.listing.select_packet(next);
            }
            None => {
                let end = if forward { "last" } else { "first" };
                self.message = Some(format!("this is the {end} packet of flow {flow}"));
            }
        }
    }

    /// All was read: a search that began before is done again.
    pub(super) fn read_to_the_end(&mut self) {
        if let Some(text) = self.listing.unfinished_filter()
            && let Ok(filter) = Filter::parse(&text)
            && let Err(error) = self.search(&text, filter)
        {
            self.message = Some(format!("the filter cannot be applied: {error}"));
        }
    }
}
