//! The user interface without a terminal: a script of events in, screens out. For tests and fuzzing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::app::App;
use super::config::Config;
use super::view;
use super::worker::{self, Reading, Shared};
use crate::capture::Source;

/// How long a screen waits for the selected packet's explanation.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest screen: beyond it there is nothing new, and drawing takes long.
const LARGEST: (u16, u16) = (300, 100);

/// Shows `source` on a screen of memory, does what `script` says, and lets `shown` see each screen, a line a row.
///
/// A printable byte of the script is typed, 0x01 to 0x1a are typed with Control but for Tab and Enter, 0x1b is Escape,
/// those behind it and DEL are other keys, 0x80 to 0xbf click or turn the wheel, and 0xc0 to 0xff change the size of
/// the screen; where and to what, the two bytes behind say.
///
/// # Errors
/// What drawing says, and why a thread of the user interface stopped.
pub fn rehearse(
    source: Source,
    title: &str,
    (width, height): (u16, u16),
    script: &[u8],
    shown: &mut dyn FnMut(&str),
) -> anyhow::Result<()> {
    let shared = Arc::new(Shared::default());
    let mut app = App::new(title, &source, Arc::clone(&shared), Config::default(), None)?;
    app.size = Rect::new(0, 0, width, height);
    worker::start(source, &shared)?;
    while shared.status().reading == Reading::Busy {
        std::thread::yield_now();
    }
    let mut script = script.iter().copied();
    let result = loop {
        if let Err(error) = show(&mut app, &shared, shown) {
            break Err(error);
        }
        let Some(event) = next(&mut script, app.size) else { break Ok(()) };
        app.event(&event);
        if app.quit {
            break Ok(());
        }
    };
    shared.stop();
    result
}

/// Understands the text of a configuration file (`docs/configuration.md`).
///
/// # Errors
/// What is wrong in it, with its line.
pub fn rehearse_settings(text: &str) -> anyhow::Result<()> {
    Config::parse(text, Path::new("config.toml")).map(drop)
}

/// Looks until nothing is on its way, and draws.
fn show(app: &mut App, shared: &Shared, shown: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    app.refresh(PATIENCE);
    while app.is_busy() {
        std::thread::yield_now();
        app.refresh(PATIENCE);
    }
    app.refresh(PATIENCE);
    if let Reading::Failed(why) = shared.status().reading {
        anyhow::bail!(why);
    }
    let mut terminal = Terminal::new(TestBackend::new(app.size.width, app.size.height))?;
    terminal.draw(|frame| view::draw(frame, app))?;
    let cells = terminal.backend().buffer();
    let rows = cells.content().chunks(usize::from(app.size.width).max(1));
    let text: Vec<String> = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect();
    shown(&text.join("\n"));
    Ok(())
}

/// The event that the next bytes of a script stand for.
fn next(script: &mut impl Iterator<Item = u8>, size: Rect) -> Option<Event> {
    let key = |code, modifiers| Some(Event::Key(KeyEvent::new(code, modifiers)));
    let byte = script.next()?;
    let (x, y) = match byte {
        0x80.. => (u16::from(script.next()?), u16::from(script.next()?)),
        _ => (0, 0),
    };
    match byte {
        b' '..=b'~' => key(KeyCode::Char(char::from(byte)), KeyModifiers::NONE),
        b'\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        b'\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        0x01..=0x1a => key(KeyCode::Char(char::from(byte | 0x60)), KeyModifiers::CONTROL),
        0x00 => key(KeyCode::BackTab, KeyModifiers::SHIFT),
        0x1b => key(KeyCode::Esc, KeyModifiers::NONE),
        0x1c => key(KeyCode::PageDown, KeyModifiers::NONE),
        0x1d => key(KeyCode::PageUp, KeyModifiers::NONE),
        0x1e => key(KeyCode::Home, KeyModifiers::NONE),
        0x1f => key(KeyCode::End, KeyModifiers::NONE),
        0x7f => key(KeyCode::Backspace, KeyModifiers::NONE),
        0x80..=0xbf => {
            let kind = match byte & 3 {
                0 => MouseEventKind::ScrollDown,
                1 => MouseEventKind::ScrollUp,
                2 => MouseEventKind::Drag(MouseButton::Left),
                _ => MouseEventKind::Down(MouseButton::Left),
            };
            let (column, row) = (x % size.width.max(1), y % size.height.max(1));
            Some(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
        }
        0xc0.. => Some(Event::Resize(1 + x % LARGEST.0, 1 + y % LARGEST.1)),
    }
}
