//! The state of the user interface, and what each action does to it. Nothing here draws.
//!
//! ```text
//! event (events.rs) ─► action (keys.rs) ─► App::update ─► refresh.rs (looks at the trace) ─► view::draw(&App)
//!                                              └─ seek.rs (to a packet, along a flow, filters)
//! ```

mod events;
mod refresh;
mod seek;

use std::sync::Arc;

use ratatui::layout::Rect;
use tui_input::Input;

use super::detail::{self, Detail, Folds};
use super::explainer::Explainer;
use super::flows::FlowList;
use super::keys::Action;
use super::lines::{PacketLine, Scribe};
use super::listing::Listing;
use super::theme::Theme;
use super::view::{self, Areas};
use super::worker::{Reading, Shared, Status};
use crate::bytes::Ledger;
use crate::capture::Source;
use crate::flow::limits::Dropped;

/// What fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    /// Packets, the layers of one, its bytes.
    #[default]
    Packets,
    /// Who talks with whom.
    Flows,
}

/// Which pane the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Focus {
    /// The list of packets.
    #[default]
    List,
    /// The layers.
    Tree,
    /// The bytes.
    Hex,
    /// Every byte, to scale.
    Strip,
}

impl Focus {
    const ROUND: [Focus; 4] = [Focus::List, Focus::Tree, Focus::Hex, Focus::Strip];

    fn turned(self, by: usize) -> Focus {
        let at = Focus::ROUND.iter().position(|focus| *focus == self).unwrap_or(0);
        Focus::ROUND.into_iter().cycle().nth(at + by).unwrap_or_default()
    }
}

/// What lies over the view, or takes the keys.
#[derive(Debug, Default)]
pub(super) enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The help, scrolled so many lines.
    Help(u16),
    /// A packet's number is typed.
    AskPacket(Input),
    /// A filter is typed; what was wrong with it: the column, and why.
    AskFilter(Input, Option<(usize, String)>),
}

/// What bytes are coloured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Paint {
    /// Who can read them.
    #[default]
    Class,
    /// Which layer they belong to.
    Layer,
}

/// What drawing needs of the trace, beside rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// Packets read so far.
    pub(super) packets: usize,
    /// Their bytes by class.
    pub(super) total: Ledger,
    /// Bytes that were not captured.
    pub(super) missing: u64,
    /// Flows.
    pub(super) flows: usize,
    /// What limits dropped.
    pub(super) dropped: Dropped,
    /// What the reading thread tells.
    pub(super) status: Status,
    /// Packets that the kernel and the interface dropped (live).
    pub(super) lost: Option<(u64, u64)>,
    /// Why a live capture ended before it was told to.
    pub(super) live_error: Option<String>,
}

/// What a live capture tells while it goes on.
pub(super) trait Gauge {
    /// Packets dropped by the kernel, and by the interface.
    fn lost(&self) -> (u64, u64);
    /// Why it ended before it was told to.
    fn error(&self) -> Option<String>;
}

/// The user interface.
pub(super) struct App {
    pub(super) title: String,
    pub(super) theme: Theme,
    pub(super) size: Rect,
    pub(super) view: View,
    pub(super) focus: Focus,
    pub(super) overlay: Overlay,
    pub(super) paint: Paint,
    pub(super) letters: bool,
    pub(super) listing: Listing,
    /// The visible lines of the list.
    pub(super) lines: Vec<PacketLine>,
    /// Columns of addresses and numbers: they only grow, so that nothing jumps while one scrolls.
    pub(super) columns: view::Columns,
    pub(super) flows: FlowList,
    pub(super) detail: Option<Detail>,
    pub(super) folds: Folds,
    pub(super) summary: Summary,
    /// Something to say once, in the status line.
    pub(super) message: Option<String>,
    pub(super) quit: bool,
    scribe: Scribe,
    shared: Arc<Shared>,
    explainer: Explainer,
    /// The capture again, for searches.
    twin: Option<Source>,
    gauge: Option<Box<dyn Gauge>>,
    /// The packet that was asked for, and its ledger at that time.
    asked: Option<(u32, Ledger)>,
    /// `g` was typed: digits go to a packet.
    prefix: bool,
    seen: u64,
}

impl App {
    /// A user interface over what `shared` is filled with.
    pub(super) fn new(title: &str, source: &Source, shared: Arc<Shared>, theme: Theme) -> std::io::Result<App> {
        let fetch = source.fetch();
        Ok(App {
            title: crate::bytes::escape(title).into_owned(),
            theme,
            size: Rect::new(0, 0, 80, 24),
            view: View::default(),
            focus: Focus::default(),
            overlay: Overlay::default(),
            paint: Paint::default(),
            letters: theme.is_mono(),
            listing: Listing::new(source.growing().is_growing()),
            lines: Vec::new(),
            columns: view::Columns::default(),
            flows: FlowList::default(),
            detail: None,
            folds: Folds::default(),
            summary: Summary::default(),
            message: None,
            quit: false,
            scribe: Scribe::new(fetch.clone()),
            explainer: Explainer::start(&shared, fetch)?,
            shared,
            twin: source.again().ok(),
            gauge: None,
            asked: None,
            prefix: false,
            seen: u64::MAX,
        })
    }

    /// Watches a live capture.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn watch(&mut self, gauge: Box<dyn Gauge>) {
        self.gauge = Some(gauge);
    }

    /// Whether something may change without a key: then the loop must look again.
    pub(super) fn is_busy(&self) -> bool {
        let reading = matches!(self.summary.status.reading, Reading::Busy | Reading::Waiting);
        reading || self.listing.is_busy() || self.detail.as_ref().is_some_and(|detail| !detail.whole)
    }

    /// Whether the trace changed since it was last looked at.
    pub(super) fn is_stale(&self) -> bool {
        self.seen != self.shared.revision()
    }

    /// Where everything stands.
    pub(super) fn areas(&self) -> Areas {
        Areas::new(self)
    }

    /// The bytes to mark: those of the selected field. A whole layer is marked only when one works with the packet, so
    /// that browsing stays calm.
    pub(super) fn marked(&self) -> std::ops::Range<usize> {
        let Some(detail) = &self.detail else { return 0..0 };
        let layer = detail.selected().is_some_and(|node| detail::layer_of(node).is_some());
        if layer && self.focus == Focus::List { 0..0 } else { detail.marked() }
    }

    /// Does what the user wants.
    pub(super) fn update(&mut self, action: Action) {
        if let Overlay::Help(top) = &mut self.overlay {
            match action {
                Action::Down => *top = top.saturating_add(1),
                Action::Up => *top = top.saturating_sub(1),
                Action::PageDown => *top = top.saturating_add(10),
                Action::PageUp => *top = top.saturating_sub(10),
                _ => self.overlay = Overlay::None,
            }
            return;
        }
        match action {
            Action::Quit => self.quit = true,
            Action::Help => self.overlay = Overlay::Help(0),
            Action::AskPacket => self.overlay = Overlay::AskPacket(Input::default()),
            Action::AskFilter => {
                let now = self.listing.filter().unwrap_or_default().to_owned();
                self.overlay = Overlay::AskFilter(Input::new(now), None);
            }
            Action::Back => self.back(),
            Action::Show(view) => self.view = view,
            Action::NextPane => self.focus = self.focus.turned(1),
            Action::PreviousPane => self.focus = self.focus.turned(3),
            Action::Up => self.step(-1),
            Action::Down => self.step(1),
            Action::PageUp => self.step(-self.page()),
            Action::PageDown => self.step(self.page()),
            Action::First => self.step(isize::MIN),
            Action::Last => self.step(isize::MAX),
            Action::Left => self.sideways(false),
            Action::Right => self.sideways(true),
            Action::Open => self.open(),
            Action::NextOfFlow => self.along_flow(true),
            Action::PreviousOfFlow => self.along_flow(false),
            Action::OnlyFlow => self.only_flow(),
            Action::Paint => {
                self.paint = if self.paint == Paint::Class { Paint::Layer } else { Paint::Class };
            }
            Action::Letters => self.letters = !self.letters,
            Action::NextSource | Action::PreviousSource => {
                if let Some(detail) = &mut self.detail {
                    detail.turn_source(action == Action::NextSource);
                }
            }
            Action::Theme => self.theme = self.theme.inverted(),
        }
    }

    fn back(&mut self) {
        if self.view != View::Packets {
            self.view = View::Packets;
        } else if self.focus != Focus::List {
            self.focus = Focus::List;
        } else {
            self.listing.show_all();
        }
    }

    /// Rows of the focused pane, less one so that something stays.
    fn page(&self) -> isize {
        let areas = self.areas();
        let height = match (self.view, self.focus) {
            (View::Flows, _) => areas.flows.height,
            (View::Packets, Focus::List | Focus::Strip) => areas.list.height,
            (View::Packets, Focus::Tree) => areas.tree.height,
            (View::Packets, Focus::Hex) => areas.hex.height,
        };
        isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1)
    }

    fn step(&mut self, by: isize) {
        if self.view == View::Flows {
            self.flows.select(self.flows.selected.saturating_add_signed(by), self.summary.flows);
            return;
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

    fn sideways(&mut self, right: bool) {
        if self.view == View::Flows {
            return;
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

    fn open(&mut self) {
        if self.view == View::Flows {
            let flow = self.flows.selected as u32;
            if self.flows.selected < self.summary.flows {
                self.listing.show_flow(flow);
                (self.view, self.focus) = (View::Packets, Focus::List);
            }
            return;
        }
        match (self.focus, &mut self.detail) {
            (Focus::List, _) => self.focus = Focus::Tree,
            (Focus::Tree, Some(detail)) => detail.set_fold(None, &mut self.folds),
            (Focus::Hex | Focus::Strip, _) => self.focus = Focus::Tree,
            (_, None) => {}
        }
    }
}
