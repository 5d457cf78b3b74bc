//! Rows, panes and pages: what moves the selection, and where Enter leads.

use super::{App, Focus, View};
use crate::flow::NO_FLOW;
use crate::tui::pane::{FlowPage, LedgerPage, NamesPage, Opened};
use crate::tui::roll::{Roll, Target};
use crate::tui::view;
use crate::tui::worker::Reading;

impl App {
    /// The list of the view, and how many rows it has; none among the packets, which have panes.
    pub(in crate::tui) fn roll(&mut self) -> Option<(&mut Roll, usize)> {
        match self.view {
            View::Packets => None,
            View::Flows => Some(match &mut self.opened {
                Some(opened) => {
                    let count = opened.len();
                    (&mut opened.roll, count)
                }
                None => (&mut self.flows.roll, self.summary.flows),
            }),
            View::Leaks => {
                let count = self.leaks.len();
                Some((&mut self.leaks.roll, count))
            }
            View::Journey => {
                let count = self.journey.len();
                Some((&mut self.journey.roll, count))
            }
            View::Names => {
                let count = self.names.len();
                Some((&mut self.names.roll, count))
            }
            View::Exposure => {
                let count = self.ledger.rows().len();
                Some((&mut self.ledger.roll, count))
            }
        }
    }

    pub(super) fn back(&mut self) {
        match self.view {
            View::Flows if self.opened.take().is_some() => {}
            View::Journey if self.journey.close() => {}
            View::Packets if self.focus != Focus::List => self.focus = Focus::List,
            View::Packets => self.listing.show_all(),
            _ => self.view = View::Packets,
        }
    }

    /// Rows of the focused pane, less one so that something stays.
    pub(super) fn page(&self) -> isize {
        let areas = self.areas();
        let height = match (self.view, self.focus) {
            (View::Packets, Focus::List | Focus::Strip) => areas.list.height,
            (View::Packets, Focus::Tree) => areas.tree.height,
            (View::Packets, Focus::Hex) => areas.hex.height,
            _ => areas.rows.height,
        };
        isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1)
    }

    pub(super) fn step(&mut self, by: isize) {
        if let Some((roll, count)) = self.roll() {
            return roll.step(by, count);
        }
        match (self.focus, &mut self.detail) {
            (Focus::List, _) => {
                self.listing.step(by);
                // Browsing holds still; the end of a growing list is held on to.
                if by == isize::MAX && matches!(self.summary.status.reading, Reading::Busy | Reading::Waiting) {
                    self.listing.follow();
                }
            }
            (Focus::Tree, Some(detail)) => detail.step(by),
            (Focus::Hex, Some(detail)) => {
                let columns = isize::try_from(view::hex_columns(self.size.width, self.letters)).unwrap_or(8);
                let byte = (detail.byte as usize).saturating_add_signed(by.saturating_mul(columns));
                detail.go_to_byte(u32::try_from(byte).unwrap_or(u32::MAX), &mut self.folds);
            }
            (Focus::Strip, Some(_)) if by < 0 => self.sideways(false),
            (Focus::Strip, Some(_)) => self.sideways(true),
            (_, None) => {}
        }
    }

    pub(super) fn sideways(&mut self, right: bool) {
        if self.view != View::Packets {
            return self.turn_page(right);
        }
        let (folds, Some(detail)) = (&mut self.folds, &mut self.detail) else { return };
        match self.focus {
            Focus::List => {}
            Focus::Tree => detail.set_fold(Some(right), folds),
            Focus::Hex => {
                let byte = detail.byte.saturating_add_signed(if right { 1 } else { -1 });
                detail.go_to_byte(byte, folds);
            }
            Focus::Strip => {
                detail.source = 0;
                let runs = detail.explained.classes.as_slice();
                let byte = view::neighbouring_run(runs, detail.byte as usize, right);
                detail.go_to_byte(byte as u32, folds);
            }
        }
    }

    /// The next page of the view, or the one before.
    pub(super) fn turn_page(&mut self, forward: bool) {
        match self.view {
            View::Packets => {
                if let Some(detail) = &mut self.detail {
                    detail.turn_source(forward);
                }
            }
            View::Flows => {
                if let Some(opened) = &mut self.opened {
                    opened.turn(forward);
                }
            }
            View::Leaks => self.leaks.turn(forward),
            View::Journey => self.journey.turn(forward),
            View::Names => self.names.turn(forward),
            View::Exposure => self.ledger.turn(forward),
        }
    }

    /// Shows the page of the view with this place among them.
    pub(super) fn show_page(&mut self, page: usize) {
        match self.view {
            View::Flows => {
                if let (Some(opened), Some(page)) = (&mut self.opened, FlowPage::ALL.get(page)) {
                    opened.show(*page);
                }
            }
            View::Names => {
                if let Some(page) = NamesPage::ALL.get(page) {
                    (self.names.page, self.names.roll) = (*page, Roll::default());
                }
            }
            View::Exposure => {
                if let Some(page) = LedgerPage::ALL.get(page) {
                    (self.ledger.page, self.ledger.roll) = (*page, Roll::default());
                }
            }
            View::Packets | View::Leaks | View::Journey => {}
        }
    }

    /// The pages of the view, and the place of the one that is shown.
    pub(in crate::tui) fn pages(&self) -> (Vec<&'static str>, usize) {
        fn told<P: Copy + PartialEq, const N: usize>(
            all: [P; N],
            now: P,
            title: fn(P) -> &'static str,
        ) -> (Vec<&'static str>, usize) {
            let at = all.iter().position(|page| *page == now).unwrap_or(0);
            (all.into_iter().map(title).collect(), at)
        }
        match (self.view, &self.opened) {
            (View::Flows, Some(opened)) => told(FlowPage::ALL, opened.page, FlowPage::title),
            (View::Names, _) => told(NamesPage::ALL, self.names.page, NamesPage::title),
            (View::Exposure, _) => told(LedgerPage::ALL, self.ledger.page, LedgerPage::title),
            _ => (Vec::new(), 0),
        }
    }

    pub(super) fn open(&mut self) {
        let target = match self.view {
            View::Packets => return self.open_in_packet(),
            View::Flows => match &self.opened {
                Some(opened) => opened.target(),
                None => self.flows.selected_flow(self.summary.flows).map(Target::Flow),
            },
            View::Leaks => self.leaks.target(),
            View::Journey => self.journey.enter(),
            View::Names => self.names.target(),
            View::Exposure => self.ledger.target(),
        };
        if let Some(target) = target {
            self.go(target);
        }
    }

    fn open_in_packet(&mut self) {
        match (self.focus, &mut self.detail) {
            (Focus::List, _) => self.focus = Focus::Tree,
            (Focus::Tree, Some(detail)) => detail.set_fold(None, &mut self.folds),
            (Focus::Hex | Focus::Strip, Some(detail)) => {
                // What was put together leads to the packet that brought the byte.
                match detail.origin() {
                    Some((packet, at)) if packet != detail.explained.number => {
                        self.go(Target::Bytes(packet, at..at + 1));
                    }
                    Some((_, at)) => {
                        detail.source = 0;
                        detail.go_to_byte(at, &mut self.folds);
                    }
                    None => self.focus = Focus::Tree,
                }
            }
            (_, None) => {}
        }
    }

    /// Goes where a row leads.
    pub(super) fn go(&mut self, target: Target) {
        match target {
            Target::Packet(number) => self.go_to_packet(&number.to_string()),
            Target::Bytes(number, bytes) => {
                self.go_to_packet(&number.to_string());
                self.focus = Focus::Hex;
                self.goal = Some((number, bytes));
                // Also if the packet is there already.
                self.asked = None;
            }
            Target::Flow(flow) => {
                self.flows.select(flow);
                self.opened = Some(Opened::new(flow, FlowPage::default(), None));
                self.view = View::Flows;
            }
            Target::Filter(text) => self.filter(&text),
        }
    }

    /// The flow that one is at: the one that is open or selected, that of the selected packet, or the one that the
    /// selected row tells of.
    pub(super) fn flow_here(&self) -> Option<u32> {
        let of_packet = |number| {
            let trace = self.shared.trace();
            trace.row(number).map(|row| row.flow).filter(|flow| *flow != NO_FLOW)
        };
        let target = match (self.view, &self.opened) {
            (View::Packets, _) => self.listing.packet().map(Target::Packet),
            (View::Flows, Some(opened)) => Some(Target::Flow(opened.flow)),
            (View::Flows, None) => self.flows.selected_flow(self.summary.flows).map(Target::Flow),
            (View::Leaks, _) => self.leaks.target(),
            (View::Journey, _) => self.journey.flow().map(Target::Flow),
            (View::Names, _) => self.names.flow().map(Target::Flow).or_else(|| self.names.target()),
            (View::Exposure, _) => self.ledger.target(),
        };
        match target? {
            Target::Flow(flow) => Some(flow),
            Target::Packet(number) | Target::Bytes(number, _) => of_packet(number),
            Target::Filter(_) => None,
        }
    }

    /// Opens a page of the flow that one is at.
    pub(super) fn open_flow(&mut self, page: FlowPage) {
        if let (View::Flows, Some(opened)) = (self.view, &mut self.opened) {
            if opened.page != page {
                opened.show(page);
            }
            return;
        }
        let packet = self.listing.packet().filter(|_| self.view == View::Packets);
        match self.flow_here() {
            Some(flow) => {
                self.flows.select(flow);
                self.opened = Some(Opened::new(flow, page, packet));
                self.view = View::Flows;
            }
            None => self.message = Some(self.no_flow_here().to_owned()),
        }
    }

    /// What is said where there is no one flow.
    pub(super) fn no_flow_here(&self) -> &'static str {
        if self.view == View::Packets { "this packet belongs to no flow" } else { "this is not about one flow" }
    }
}
