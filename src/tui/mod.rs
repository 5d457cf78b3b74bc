//! The user interface in a terminal: state, actions, pure drawing.
//!
//! ```text
//! key, mouse ─► keys.rs ─► app.rs (state + update) ─► view/ (drawing, from the state alone)
//!                              ▲ refresh: looks at what is visible
//!              worker.rs ──────┤ the trace, filled block by block
//!              explainer.rs ───┤ the selected packet in full
//!              search.rs ──────┘ packets that a filter lets pass
//! ```
//!
//! Events are drained, then the screen is drawn once, only when something changed and at most every 33 ms.
//! With nothing left to read the loop sleeps until a key comes.

mod app;
mod detail;
mod explainer;
mod flows;
mod keys;
mod lines;
mod listing;
mod search;
mod theme;
mod view;
mod worker;

use std::io::stdout;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::layout::Rect;

use self::app::App;
use self::theme::Theme;
use self::worker::Shared;
use crate::capture::Source;
#[cfg(all(feature = "live", unix))]
use crate::capture::live::Live;

pub use keys::markdown as key_table;

/// The least time between two drawings.
const FRAME: Duration = Duration::from_millis(33);
/// How long a drawing waits for the selected packet's explanation, so that it seldom is drawn twice.
const PATIENCE: Duration = Duration::from_millis(15);
/// How long to sleep at most when nothing can happen without a key.
const IDLE: Duration = Duration::from_secs(3600);

/// Shows `source` until the user quits.
pub fn run(source: Source, title: &str) -> anyhow::Result<()> {
    show(source, title, |_| {})
}

/// Shows a live capture until the user quits; then it is stopped.
#[cfg(all(feature = "live", unix))]
pub fn run_live(source: Source, title: &str, live: Live) -> anyhow::Result<()> {
    show(source, title, |app| app.watch(Box::new(live)))
}

#[cfg(all(feature = "live", unix))]
impl app::Gauge for Live {
    fn lost(&self) -> (u64, u64) {
        let counts = self.counts();
        (counts.dropped_by_kernel, counts.dropped_by_interface)
    }

    fn error(&self) -> Option<String> {
        Live::error(self)
    }
}

fn show(source: Source, title: &str, prepare: impl FnOnce(&mut App)) -> anyhow::Result<()> {
    let shared = Arc::new(Shared::default());
    let mut app = App::new(title, &source, Arc::clone(&shared), Theme::from_environment())?;
    prepare(&mut app);
    worker::start(source, &shared)?;
    let terminal = ratatui::try_init().context("this is no terminal that can be drawn on")?;
    after_panics();
    let result = execute!(stdout(), EnableMouseCapture, EnableBracketedPaste)
        .map_err(anyhow::Error::from)
        .and_then(|()| turn(terminal, &mut app));
    shared.stop();
    restore();
    result
}

/// Gives the terminal back as it was.
fn restore() {
    // There is nobody left to tell if this fails.
    let _ = execute!(stdout(), DisableBracketedPaste, DisableMouseCapture);
    ratatui::restore();
}

/// A panic gives the terminal back before it speaks; one of a worker is told in the status line instead.
fn after_panics() {
    let earlier = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !worker::is_worker() {
            restore();
            earlier(panic);
        }
    }));
}

/// The loop.
fn turn(mut terminal: DefaultTerminal, app: &mut App) -> anyhow::Result<()> {
    let size = terminal.size()?;
    app.size = Rect::new(0, 0, size.width, size.height);
    let mut drawn = Instant::now().checked_sub(FRAME).unwrap_or_else(Instant::now);
    let mut dirty = true;
    while !app.quit {
        if dirty && drawn.elapsed() >= FRAME {
            app.refresh(PATIENCE);
            terminal.draw(|frame| view::draw(frame, app))?;
            (dirty, drawn) = (false, Instant::now());
        }
        let wait = match (dirty, app.is_busy()) {
            (true, _) => FRAME.saturating_sub(drawn.elapsed()),
            (false, true) => FRAME,
            (false, false) => IDLE,
        };
        if event::poll(wait)? {
            // All that has come is taken in before anything is drawn.
            while event::poll(Duration::ZERO)? {
                dirty |= app.event(&event::read()?);
            }
        }
        dirty |= app.is_stale();
    }
    Ok(())
}
