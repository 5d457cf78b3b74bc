//! The state of the user interface, and what each action does to it. Nothing here draws.
//!
//! ```text
//! event ─► action (keys.rs) ─► App::update ─► App::refresh (looks at the trace) ─► view::draw(&App)
//! ```

use std::sync::Arc;
use std::time::Duration;

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::detail::{self, Detail, Folds, scrolled};
use super::explainer::Explainer;
use super::flows::FlowList;
use super::keys::{self, Action};
use super::lines::{PacketLine, Scribe};
use super::listing::Listing;
use super::search::Search;
use super::theme::Theme;
use super::view::{self, Areas};
use super::worker::{Reading, Shared, Status};
use crate::bytes::Ledger;
use crate::capture::Source;
use crate::filter::Filter;
use crate::flow::NO_FLOW;
use crate::flow::limits::Dropped;
use crate::trace::Trace;

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

    // --- what happens

    /// Takes an event. Returns whether anything may have changed.
    pub(super) fn event(&mut self, event: &Event) -> bool {
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Press => self.key(key, event),
            Event::Mouse(mouse) => return self.mouse(*mouse),
            Event::Resize(width, height) => self.size = Rect::new(0, 0, *width, *height),
            Event::Paste(text) => self.paste(text),
            Event::FocusGained | Event::FocusLost | Event::Key(_) => return false,
        }
        true
    }

    fn key(&mut self, key: &KeyEvent, event: &Event) {
        self.message = None;
        let prefix = std::mem::take(&mut self.prefix);
        match &mut self.overlay {
            Overlay::AskPacket(_) | Overlay::AskFilter(..) => return self.typed(key, event),
            Overlay::None if prefix => {
                if let KeyCode::Char(digit @ '0'..='9') = key.code {
                    self.overlay = Overlay::AskPacket(Input::new(digit.to_string()));
                    return;
                }
            }
            Overlay::None | Overlay::Help(_) => {}
        }
        self.prefix = key.code == KeyCode::Char('g');
        if let Some(action) = keys::action(key) {
            self.update(action);
        }
    }

    /// A key while something is asked.
    fn typed(&mut self, key: &KeyEvent, event: &Event) {
        let control_c = keys::action(key) == Some(Action::Quit) && key.code != KeyCode::Char('q');
        match (key.code, &mut self.overlay) {
            (KeyCode::Esc, _) => self.overlay = Overlay::None,
            _ if control_c => self.overlay = Overlay::None,
            (KeyCode::Enter, Overlay::AskPacket(input)) => {
                let text = input.value().trim().to_owned();
                self.overlay = Overlay::None;
                self.go_to_packet(&text);
            }
            (KeyCode::Enter, Overlay::AskFilter(input, _)) => {
                let text = input.value().trim().to_owned();
                self.filter(&text);
            }
            (KeyCode::Char(c), Overlay::AskPacket(_)) if !c.is_ascii_digit() => {}
            (_, Overlay::AskPacket(input)) => drop(input.handle_event(event)),
            (_, Overlay::AskFilter(input, wrong)) => {
                *wrong = None;
                input.handle_event(event);
            }
            _ => {}
        }
    }

    fn paste(&mut self, text: &str) {
        let first = text.lines().next().unwrap_or_default();
        if let Overlay::AskFilter(input, wrong) = &mut self.overlay {
            *wrong = None;
            let joined = format!("{}{}", input.value(), crate::bytes::escape(first));
            *input = Input::new(joined);
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) -> bool {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            MouseEventKind::ScrollDown => self.wheel(at, 3),
            MouseEventKind::ScrollUp => self.wheel(at, -3),
            _ => return false,
        }
        true
    }

    fn wheel(&mut self, at: Position, by: isize) {
        if let Overlay::Help(top) = &mut self.overlay {
            *top = top.saturating_add_signed(by as i16);
            return;
        }
        if let Some(focus) = self.areas().pane_at(at) {
            self.focus = focus;
        }
        self.step(by);
    }

    fn click(&mut self, at: Position) {
        if !matches!(self.overlay, Overlay::None) {
            self.overlay = Overlay::None;
            return;
        }
        let areas = self.areas();
        if let Some(view) = view::tab_at(self, &areas, at) {
            return self.update(Action::Show(view));
        }
        if self.view == View::Flows {
            let row = usize::from(at.y.saturating_sub(areas.flows.y));
            if areas.flows.contains(at) {
                self.flows.select(row + self.flows.top, self.summary.flows);
            }
            return;
        }
        let Some(focus) = areas.pane_at(at) else { return };
        self.focus = focus;
        let folds = &mut self.folds;
        match (focus, &mut self.detail) {
            (Focus::List, _) => {
                let row = usize::from(at.y.saturating_sub(areas.list.y));
                self.listing.select(self.listing.top + row);
            }
            (Focus::Tree, Some(detail)) => {
                let at_row = detail.tree_top + usize::from(at.y.saturating_sub(areas.tree.y));
                let row = detail.rows.get(at_row).map(|row| (row.node, at_row == detail.row()));
                match row {
                    Some((_, true)) => detail.set_fold(None, folds),
                    Some((node, false)) => detail.select(node),
                    None => {}
                }
            }
            (Focus::Hex, Some(detail)) => {
                if let Some(byte) = view::byte_at(detail, &areas, at) {
                    detail.go_to_byte(byte, folds);
                }
            }
            (Focus::Strip, Some(detail)) => {
                detail.source = 0;
                if let Some(byte) = view::strip_byte_at(detail, &areas, at) {
                    detail.go_to_byte(byte, folds);
                }
            }
            _ => {}
        }
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

    fn go_to_packet(&mut self, text: &str) {
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

    fn filter(&mut self, text: &str) {
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

    fn only_flow(&mut self) {
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

    fn along_flow(&mut self, forward: bool) {
        let (Some(number), Some(flow)) = (self.listing.packet(), self.selected_flow()) else { return };
        let trace = self.shared.trace();
        let of_flow = |n: &u32| trace.row(*n).is_some_and(|row| row.flow == flow);
        let next = if forward {
            (number.saturating_add(1)..=trace.rows().len() as u32).find(of_flow)
        } else {
            (1..number).rev().find(of_flow)
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

    // --- what is looked up before drawing

    /// Looks at the trace: fills in what is visible. Waits for the selected packet's explanation no longer than
    /// `patience`.
    pub(super) fn refresh(&mut self, patience: Duration) {
        self.seen = self.shared.revision();
        let was = self.summary.status.reading.clone();
        let shared = Arc::clone(&self.shared);
        {
            let trace = shared.trace();
            self.summarise(&trace, shared.status());
            self.listing.look(&trace);
            if self.view == View::Flows {
                let height = usize::from(self.areas().flows.height);
                self.flows.look(&trace, height, self.seen);
            }
            self.write_lines(&trace);
            self.look_at_packet(&trace);
        }
        if was != Reading::Done && self.summary.status.reading == Reading::Done {
            self.read_to_the_end();
        }
        self.take_answer(patience);
        let areas = self.areas();
        let columns = view::hex_columns(self.size.width, self.letters);
        if let Some(detail) = &mut self.detail {
            detail.scroll(areas.tree.height.into(), areas.hex.height.into(), columns);
        }
    }

    fn summarise(&mut self, trace: &Trace, status: Status) {
        let gauge = self.gauge.as_ref();
        self.summary = Summary {
            packets: trace.rows().len(),
            total: trace.total(),
            missing: trace.missing(),
            flows: trace.flows().all().len(),
            dropped: trace.flows().dropped(),
            status,
            lost: gauge.map(|gauge| gauge.lost()),
            live_error: gauge.and_then(|gauge| gauge.error()),
        };
    }

    fn write_lines(&mut self, trace: &Trace) {
        let height = usize::from(self.areas().list.height);
        self.listing.top = scrolled(self.listing.top, self.listing.selected, height, self.listing.len());
        let visible = self.listing.top..(self.listing.top + height).min(self.listing.len());
        let scribe = &mut self.scribe;
        let numbers = visible.filter_map(|at| self.listing.number(at));
        self.lines = numbers.filter_map(|number| scribe.line(trace, number)).collect();
        self.columns.widen(&self.lines, self.summary.packets);
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
            }
            Some((answered, Err(error))) if answered == number => {
                self.message = Some(error);
                self.first_look(number, true);
            }
            _ if !shown => self.first_look(number, false),
            _ => {}
        }
    }

    /// Shows the headers while the flow is replayed.
    fn first_look(&mut self, number: u32, whole: bool) {
        let trace = self.shared.trace();
        let Some(row) = trace.row(number) else { return };
        let mut bytes = Vec::new();
        // What cannot be read again is shown without bytes; the status line says why.
        let _ = self.scribe.fetch().read(row.position, row.captured, &mut bytes);
        let explained = detail::first_look(&trace, number, row, bytes);
        self.detail = Some(Detail::new(explained, whole, &self.folds, self.detail.as_ref()));
    }

    /// All was read: a search that began before is done again.
    fn read_to_the_end(&mut self) {
        if let Some(text) = self.listing.unfinished_filter()
            && let Ok(filter) = Filter::parse(&text)
            && let Err(error) = self.search(&text, filter)
        {
            self.message = Some(format!("the filter cannot be applied: {error}"));
        }
    }
}
