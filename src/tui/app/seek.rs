//! Going to a packet, along a flow, and to what a filter finds.

use super::{App, Overlay, View};
use crate::filter::Filter;
use crate::flow::NO_FLOW;
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
                if let Overlay::AskFilter(_, wrong) = &mut self.overlay {
                    *wrong = Some((error.start, error.what));
                }
                return;
            }
        };
        self.overlay = Overlay::None;
        self.view = View::Packets;
        self.message = self.search(text, filter).err().map(|error| format!("the filter cannot be applied: {error}"));
    }

    fn search(&mut self, text: &str, filter: Filter) -> anyhow::Result<()> {
        let twin = self.twin.as_ref().ok_or_else(|| anyhow::anyhow!("this capture can be read only once"))?;
        let whole = self.summary.status.reading == Reading::Done;
        let search = Search::start(twin.again()?, filter, &self.shared)?;
        self.listing.show_found(text.to_owned(), search, whole);
        Ok(())
    }

    pub(super) fn only_flow(&mut self) {
        if self.listing.flow().is_some() {
            return self.listing.show_all();
        }
        let flow = self.selected_flow();
        match flow {
            Some(flow) => self.listing.show_flow(flow),
            None => self.message = Some("this packet belongs to no flow".to_owned()),
        }
    }

    fn selected_flow(&self) -> Option<u32> {
        let trace = self.shared.trace();
        trace.row(self.listing.packet()?).map(|row| row.flow).filter(|flow| *flow != NO_FLOW)
    }

    pub(super) fn along_flow(&mut self, forward: bool) {
        let (Some(number), Some(flow)) = (self.listing.packet(), self.selected_flow()) else { return };
        let trace = self.shared.trace();
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
