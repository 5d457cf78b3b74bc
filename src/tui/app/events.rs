//! What an event does: keys become actions, or text while something is asked; the mouse points.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{App, Focus, Overlay, View};
use crate::tui::ask::{Prompt, Question};
use crate::tui::keys::{self, Action};
use crate::tui::order::Sorting;
use crate::tui::view;

/// A rule between panes that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Rule {
    /// Between the list and the packet's panes.
    Below,
    /// Between layers and bytes.
    Beside,
}

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
            Overlay::Ask(_) => return self.typed(key, event),
            Overlay::Palette(_) => return self.chosen(key, event),
            Overlay::None if prefix => {
                if let KeyCode::Char(digit @ '0'..='9') = key.code {
                    self.overlay = Overlay::Ask(Prompt::new(Question::Packet, digit.to_string()));
                    return;
                }
            }
            Overlay::None | Overlay::Help(_) | Overlay::Explain(_) => {}
        }
        self.prefix = key.code == KeyCode::Char('g');
        if let Some(action) = keys::action(key) {
            self.update(action);
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) -> bool {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                self.drag = self.areas().rule_at(at);
                if self.drag.is_none() {
                    self.click(at);
                }
            }
            MouseEventKind::Drag(MouseButton::Left) => self.drag_to(at),
            MouseEventKind::Up(MouseButton::Left) => self.drag = None,
            MouseEventKind::ScrollDown => self.wheel(at, 3),
            MouseEventKind::ScrollUp => self.wheel(at, -3),
            _ => return false,
        }
        true
    }

    fn wheel(&mut self, at: Position, by: isize) {
        match &mut self.overlay {
            Overlay::Help(top) | Overlay::Explain(top) => {
                *top = top.saturating_add_signed(by as i16);
                return;
            }
            Overlay::Palette(palette) => return palette.step(by),
            Overlay::Ask(_) | Overlay::None => {}
        }
        if let Some(focus) = self.areas().pane_at(at) {
            self.focus = focus;
        }
        self.step(by);
    }

    /// Moves the rule that is being dragged.
    fn drag_to(&mut self, at: Position) {
        let percent = |part: u16, whole: u16| (u32::from(part) * 100 / u32::from(whole.max(1))) as u16;
        match self.drag {
            Some(Rule::Below) => self.split.0 = Some(percent(at.y, self.size.height).clamp(15, 80)),
            Some(Rule::Beside) => self.split.1 = Some(percent(at.x, self.size.width).clamp(20, 80)),
            None => {}
        }
    }

    /// What a click on a column's title sorts by.
    fn sorting_at(&self, areas: &view::Areas, at: Position) -> Option<Sorting> {
        match (self.view, &self.opened) {
            (View::Packets, _) => view::packet_column_at(self, areas, at).map(Sorting::Packets),
            (View::Flows, None) => view::flow_column_at(self, areas, at).map(Sorting::Flows),
            _ => None,
        }
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
        if let Some(page) = view::page_at(self, &areas, at) {
            return self.show_page(page);
        }
        if let Some(sorting) = self.sorting_at(&areas, at) {
            return self.update(Action::Sort(sorting));
        }
        if let Some((roll, count)) = self.roll() {
            if areas.rows.contains(at) {
                let row = roll.top + usize::from(at.y - areas.rows.y);
                let again = roll.selected == row;
                roll.select(row, count);
                if again {
                    self.open();
                }
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
                let per_row = view::hex_columns(self.size.width, self.letters);
                if let Some(byte) = view::byte_at(detail, &areas, per_row, at) {
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
