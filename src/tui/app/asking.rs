//! What is typed: keys while a question or the list of commands is open.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::{App, Overlay};
use crate::filter::Filter;
use crate::tui::ask::{Prompt, Question};
use crate::tui::hunt::Pattern;
use crate::tui::keys::{self, Action};
use crate::tui::palette::Choice;

/// Filters that are remembered.
const HISTORY: usize = 100;

/// Packets up to which any filter is applied while it is typed: it must not lag behind the keys. One that no packet must
/// be read for always is.
const LIVE: usize = 200_000;

impl App {
    /// A key while a question is open.
    pub(super) fn typed(&mut self, key: &KeyEvent, event: &Event) {
        let Overlay::Ask(prompt) = &mut self.overlay else { return };
        let control_c = keys::action(key) == Some(Action::Quit) && key.code != KeyCode::Char('q');
        match key.code {
            KeyCode::Esc => self.dismiss(),
            _ if control_c => self.dismiss(),
            KeyCode::Enter => self.answer(),
            KeyCode::Tab => prompt.take(true),
            KeyCode::BackTab => prompt.take(false),
            KeyCode::Up | KeyCode::Down if prompt.question == Question::Filter => {
                prompt.recall(&self.history, key.code == KeyCode::Up);
            }
            KeyCode::Char(c) if prompt.question == Question::Packet && !c.is_ascii_digit() => {}
            _ => {
                prompt.input.handle_event(event);
                self.rethink();
            }
        }
    }

    /// Something is pasted.
    pub(super) fn paste(&mut self, text: &str) {
        let first = crate::bytes::escape(text.lines().next().unwrap_or_default()).into_owned();
        let input = match &mut self.overlay {
            Overlay::Ask(prompt) if prompt.question != Question::Packet => &mut prompt.input,
            Overlay::Palette(palette) => &mut palette.input,
            _ => return,
        };
        *input = Input::new(format!("{}{first}", input.value()));
        self.rethink();
    }

    /// What is typed has changed: what may follow, and what passes already.
    fn rethink(&mut self) {
        let Overlay::Ask(prompt) = &mut self.overlay else { return };
        prompt.changed(&self.shared.trace());
        if prompt.question == Question::Filter {
            let text = prompt.input.value().trim().to_owned();
            if self.summary.packets <= LIVE || Filter::parse(&text).is_ok_and(|filter| filter.fields().is_empty()) {
                self.try_filter(&text);
            }
        }
    }

    /// The question is closed without an answer: the filter is again what it was.
    fn dismiss(&mut self) {
        let Overlay::Ask(Prompt { question, before, .. }) = std::mem::take(&mut self.overlay) else { return };
        if question == Question::Filter && before.as_deref() != self.listing.filter() {
            match before {
                Some(text) => self.try_filter(&text),
                None => self.listing.show_all(),
            }
        }
    }

    fn answer(&mut self) {
        let Overlay::Ask(prompt) = &self.overlay else { return };
        let (question, text) = (prompt.question, prompt.input.value().trim().to_owned());
        match question {
            Question::Filter => {
                self.filter(&text);
                if matches!(self.overlay, Overlay::None) && !text.is_empty() {
                    self.history.retain(|earlier| *earlier != text);
                    self.history.push(text);
                    let surplus = self.history.len().saturating_sub(HISTORY);
                    self.history.drain(..surplus);
                }
                return;
            }
            Question::Search => match Pattern::parse(&text) {
                Ok(pattern) => self.pattern = Some(pattern),
                Err(what) => {
                    if let Overlay::Ask(prompt) = &mut self.overlay {
                        prompt.wrong = Some((0, what));
                    }
                    return;
                }
            },
            _ => {}
        }
        self.overlay = Overlay::None;
        match question {
            Question::Packet => self.go_to_packet(&text),
            Question::Search => self.find(true),
            Question::Note => self.write_note(text),
            Question::ExportShown | Question::ExportMarked | Question::ExportSelected => self.export(question, &text),
            Question::Filter => {}
        }
    }

    /// A key while the list of commands is open.
    pub(super) fn chosen(&mut self, key: &KeyEvent, event: &Event) {
        let Overlay::Palette(palette) = &mut self.overlay else { return };
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => self.overlay = Overlay::None,
            KeyCode::Char('c') if control => self.overlay = Overlay::None,
            KeyCode::Up => palette.step(-1),
            KeyCode::Down => palette.step(1),
            KeyCode::Char('p') if control => palette.step(-1),
            KeyCode::Char('n') if control => palette.step(1),
            KeyCode::PageUp => palette.step(-10),
            KeyCode::PageDown => palette.step(10),
            KeyCode::Enter => {
                let choice = palette.choice();
                self.overlay = Overlay::None;
                match choice {
                    Some(Choice::Packet(number)) => self.go_to_packet(&number),
                    Some(Choice::Do(action)) => self.update(action),
                    None => {}
                }
            }
            _ => {
                palette.input.handle_event(event);
                palette.roll = crate::tui::roll::Roll::default();
            }
        }
    }
}
