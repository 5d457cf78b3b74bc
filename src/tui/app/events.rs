//! What an event does: keys become actions, or text while something is asked; the mouse points.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::{App, Focus, Overlay, View};
use crate::tui::keys::{self, Action};
use crate::tui::view;

impl App {
    /// Takes an event. Returns whether anything may have changed.
    pub(in crate::tui) fn event(&mut self, event: &Event) -> bool {
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
}
