//! The state of the user interface, and what each action does to it. Nothing here draws.
//!
//! ```text
//! event (events.rs) ─► action (keys.rs) ─► App::update ─► refresh.rs (looks at the trace) ─► view::draw(&App)
//!                                              ├─ moves.rs  (rows, panes, pages)
//!                                              ├─ seek.rs   (to a packet, along a flow, filters, searching)
//!                                              ├─ asking.rs (what is typed)
//!                                              ├─ taking.rs (copies, exports, marks)
//!                                              └─ screen.rs (what is shown, where keys go)
//! ```

mod asking;
mod events;
mod moves;
mod refresh;
mod screen;
mod seek;
mod taking;

use std::path::Path;
use std::sync::Arc;

use ratatui::layout::Rect;

pub(super) use events::Rule;
pub(super) use screen::{Focus, Overlay, Paint, View};

use super::ask::{Prompt, Question};
use super::clock::Clock;
use super::config::Config;
use super::detail::{self, Detail, Folds};
use super::explainer::Explainer;
use super::exporting::Export;
use super::flows::FlowList;
use super::gauge::{Gauge, Pulse};
use super::hunt::{Hunt, Pattern};
use super::jottings::Jottings;
use super::keys::Action;
use super::lines::{PacketLine, Scribe};
use super::listing::Listing;
use super::order::Sorting;
use super::palette::Palette;
use super::pane::{JourneyPane, LeaksPane, LedgerPane, NamesPane, Opened};
use super::theme::Theme;
use super::view::{self, Areas};
use super::worker::{Reading, Shared, Status};
use crate::bytes::{Class, Ledger};
use crate::capture::Source;
use crate::flow::limits::Dropped;

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
    /// When the capture begins and ends, nanoseconds since 1970, as far as it was read.
    pub(super) span: (i64, i64),
    /// What limits dropped.
    pub(super) dropped: Dropped,
    /// What the reading thread tells.
    pub(super) status: Status,
    /// How the capture is doing (live).
    pub(super) pulse: Option<Pulse>,
}

/// What the terminal is to do, beside showing the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// Put this into the clipboard.
    Copy(String),
    /// Go to the shell until it calls back.
    Suspend,
}

/// The user interface.
pub(super) struct App {
    pub(super) title: String,
    pub(super) theme: Theme,
    pub(super) config: Config,
    pub(super) size: Rect,
    pub(super) view: View,
    pub(super) focus: Focus,
    pub(super) overlay: Overlay,
    pub(super) paint: Paint,
    pub(super) letters: bool,
    pub(super) clock: Clock,
    /// The share of the height that the list has, and of the width that the layers have, in percent, if dragged.
    pub(super) split: (Option<u16>, Option<u16>),
    pub(super) listing: Listing,
    /// The visible lines of the list.
    pub(super) lines: Vec<PacketLine>,
    /// Columns of addresses and numbers: they only grow, so that nothing jumps while one scrolls.
    pub(super) columns: view::Columns,
    pub(super) flows: FlowList,
    /// The flow whose pages are shown.
    pub(super) opened: Option<Opened>,
    pub(super) leaks: LeaksPane,
    /// Which classes of the selected packet's bytes the observer does not see.
    pub(super) dark: [bool; 10],
    pub(super) journey: JourneyPane,
    pub(super) names: NamesPane,
    pub(super) ledger: LedgerPane,
    pub(super) detail: Option<Detail>,
    pub(super) folds: Folds,
    pub(super) summary: Summary,
    pub(super) jottings: Jottings,
    /// What was searched for last.
    pub(super) pattern: Option<Pattern>,
    /// Something to say once, in the status line.
    pub(super) message: Option<String>,
    /// What the terminal is to do.
    pub(super) errand: Option<Errand>,
    pub(super) quit: bool,
    scribe: Scribe,
    shared: Arc<Shared>,
    explainer: Explainer,
    /// The capture again, for filters and exports.
    twin: Option<Source>,
    gauge: Option<Box<dyn Gauge>>,
    /// What happened to a live capture and was told: so many events.
    told: usize,
    /// Whether payload is hidden.
    hides_payload: bool,
    /// The packet that was asked for, and its ledger at that time.
    asked: Option<(u32, Ledger)>,
    /// Bytes to go to when their packet is there.
    goal: Option<(u32, std::ops::Range<u32>)>,
    hunt: Option<Hunt>,
    export: Option<Export>,
    /// Filters that were applied, the newest last.
    history: Vec<String>,
    /// What is being dragged.
    drag: Option<events::Rule>,
    /// `g` was typed: digits go to a packet.
    prefix: bool,
    seen: u64,
}

impl App {
    /// A user interface over what `shared` is filled with. `file` is where the capture lies, if it lies in one.
    pub(super) fn new(
        title: &str,
        source: &Source,
        shared: Arc<Shared>,
        config: Config,
        file: Option<&Path>,
    ) -> std::io::Result<App> {
        let fetch = source.fetch();
        let theme = config.theme();
        let (jottings, message) = match Jottings::open(file) {
            Ok(jottings) => (jottings, None),
            Err(error) => {
                (Jottings::default(), Some(format!("the marks beside the capture cannot be read: {error}")))
            }
        };
        Ok(App {
            title: crate::bytes::escape(title).into_owned(),
            theme,
            clock: Clock::new(config.time),
            size: Rect::new(0, 0, 80, 24),
            view: View::default(),
            focus: Focus::default(),
            overlay: Overlay::default(),
            paint: Paint::default(),
            letters: config.letters.unwrap_or(theme.is_mono()),
            config,
            split: (None, None),
            listing: Listing::new(source.growing().is_growing()),
            lines: Vec::new(),
            columns: view::Columns::default(),
            flows: FlowList::default(),
            opened: None,
            leaks: LeaksPane::default(),
            dark: [false; 10],
            journey: JourneyPane::default(),
            names: NamesPane::default(),
            ledger: LedgerPane::default(),
            detail: None,
            folds: Folds::default(),
            summary: Summary::default(),
            jottings,
            pattern: None,
            message,
            errand: None,
            quit: false,
            scribe: Scribe::new(fetch.clone()),
            explainer: Explainer::start(&shared, fetch)?,
            shared,
            twin: source.again().ok(),
            gauge: None,
            told: 0,
            hides_payload: false,
            asked: None,
            goal: None,
            hunt: None,
            export: None,
            history: Vec::new(),
            drag: None,
            prefix: false,
            seen: u64::MAX,
        })
    }

    /// Watches a live capture.
    #[cfg(all(feature = "live", unix))]
    pub(super) fn watch(&mut self, gauge: Box<dyn Gauge>, beginning: super::Beginning) {
        self.gauge = Some(gauge);
        self.hides_payload = beginning.hides_payload;
        self.message = beginning.notice.or(self.message.take());
    }

    /// Halts a live capture, or lets it go on.
    fn halt(&mut self) {
        let Some(gauge) = &self.gauge else {
            self.message = Some("this is no live capture: there is nothing to halt".to_owned());
            return;
        };
        let halt = !gauge.pulse().halted;
        gauge.halt(halt);
        let halted = "halted: what comes now is counted and not captured; p goes on";
        self.message = Some(if halt { halted } else { "the capture goes on" }.to_owned());
    }

    /// Shows payload, or hides it.
    fn turn_payload(&mut self) {
        self.hides_payload = !self.hides_payload;
        self.message = Some(format!("payload is {}", if self.hides_payload { "hidden" } else { "shown" }));
    }

    /// Whether bytes of this class are payload that is hidden. What nobody recognised may be payload, too.
    pub(super) fn hides(&self, class: Class) -> bool {
        self.hides_payload && matches!(class, Class::Content | Class::Unknown)
    }

    /// Whether something may change without a key: then the loop must look again.
    pub(super) fn is_busy(&self) -> bool {
        let reading = matches!(self.summary.status.reading, Reading::Busy | Reading::Waiting);
        let pane = match self.view {
            View::Packets => false,
            View::Flows => self.opened.as_ref().map_or(self.flows.is_busy(), Opened::is_busy),
            View::Leaks => false,
            View::Journey => self.journey.is_busy(),
            View::Names => self.names.is_busy(),
            View::Exposure => self.ledger.is_busy(),
        };
        let jobs = self.hunt.is_some() || self.export.is_some() || self.leaks.is_busy();
        reading || pane || jobs || self.listing.is_busy() || self.detail.as_ref().is_some_and(|detail| !detail.whole)
    }

    /// Whether the trace changed since it was last looked at.
    pub(super) fn is_stale(&self) -> bool {
        let gauge = self.gauge.as_ref();
        self.seen != self.shared.revision() || gauge.is_some_and(|gauge| Some(gauge.pulse()) != self.summary.pulse)
    }

    /// Whether bytes of this class in the selected packet are not shown: the observer does not see them, or payload is
    /// hidden.
    pub(super) fn is_dark(&self, class: Class) -> bool {
        self.dark.get(class as usize).copied().unwrap_or(false)
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
        if let Overlay::Help(top) | Overlay::Explain(top) = &mut self.overlay {
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
            Action::Suspend => self.errand = Some(Errand::Suspend),
            Action::Help => self.overlay = Overlay::Help(0),
            Action::Palette => self.overlay = Overlay::Palette(Palette::of_all()),
            Action::CopyMenu => self.overlay = Overlay::Palette(Palette::of_copies()),
            Action::Explain if self.detail.is_some() && self.view == View::Packets => {
                self.overlay = Overlay::Explain(0);
            }
            Action::Explain => self.message = Some("fields are explained among the packets (1)".to_owned()),
            Action::Ask(question) => self.ask(question),
            Action::Back => self.back(),
            Action::Show(view) => self.view = view,
            Action::OpenFlow(page) => self.open_flow(page),
            Action::NextPane => self.focus = self.focus.turned(1),
            Action::PreviousPane => self.focus = self.focus.turned(3),
            Action::NextPage => self.turn_page(true),
            Action::PreviousPage => self.turn_page(false),
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
            Action::FilterThis => self.filter_this(),
            Action::FindNext => self.find(true),
            Action::FindPrevious => self.find(false),
            Action::Observer => self.leaks.turn(true),
            Action::ObserverBefore => self.leaks.turn(false),
            Action::SortMenu => self.overlay = Overlay::Palette(Palette::of_sorts(self.view)),
            Action::Sort(Sorting::Packets(column)) => {
                self.view = View::Packets;
                self.listing.sort(column);
            }
            Action::Sort(Sorting::Flows(column)) => {
                (self.view, self.opened) = (View::Flows, None);
                self.flows.sort(column);
            }
            Action::Mark => self.mark(),
            Action::NextMark => self.next_mark(),
            Action::TimeForm => self.clock.turn(),
            Action::TimeReference => self.refer_time(),
            Action::Paint => {
                self.paint = if self.paint == Paint::Class { Paint::Layer } else { Paint::Class };
            }
            Action::Halt => self.halt(),
            Action::Payload => self.turn_payload(),
            Action::Letters => self.letters = !self.letters,
            Action::ConversationForm => self.on_flow(Opened::change_form),
            Action::ConversationSide => self.on_flow(Opened::change_side),
            Action::Copy(what) => self.copy(what),
            Action::Theme => {
                self.theme = self.theme.next();
                self.message = Some(format!("theme: {}", self.theme.name()));
            }
        }
    }

    pub(super) fn ask(&mut self, question: Question) {
        let text = match question {
            Question::Filter => self.listing.filter().unwrap_or_default().to_owned(),
            Question::Note => {
                self.listing.packet().and_then(|n| self.jottings.note(n)).unwrap_or_default().to_owned()
            }
            Question::ExportShown | Question::ExportMarked | Question::ExportSelected => self.proposed_file(question),
            Question::Packet | Question::Search => String::new(),
        };
        let mut prompt = Prompt::new(question, text);
        prompt.before = self.listing.filter().map(str::to_owned);
        self.overlay = Overlay::Ask(prompt);
    }

    fn on_flow(&mut self, change: fn(&mut Opened)) {
        if let Some(opened) = &mut self.opened {
            change(opened);
        }
    }
}
