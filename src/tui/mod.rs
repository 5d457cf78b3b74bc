//! The user interface in a terminal: state, actions, pure drawing.
//!
//! ```text
//! key, mouse ─► keys.rs ─► app.rs (state + update) ─► view/ (drawing, from the state alone)
//!                              ▲ refresh: looks at what is visible
//!              worker.rs ──────┤ the trace, filled block by block
//!              explainer.rs ───┤ the selected packet in full
//!              search.rs ──────┤ packets that a filter lets pass
//!              study.rs ───────┘ what the other views work out of the whole trace
//! ```
//!
//! Events are drained, then the screen is drawn once, only when something changed; what happens by itself at most every
//! 33 ms, what a key does at once.
//! With nothing left to read the loop sleeps until a key comes.

mod app;
mod ask;
mod clock;
mod config;
mod copying;
mod detail;
#[cfg(unix)]
mod ending;
mod explainer;
mod exporting;
mod eyes;
mod flows;
mod gauge;
mod hunt;
mod jottings;
mod keys;
mod lines;
mod listing;
mod order;
mod palette;
mod pane;
mod ranks;
mod rehearsal;
mod roll;
mod search;
mod study;
mod theme;
mod view;
mod worker;

use std::io::{Write as _, stdout};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::layout::Rect;

use self::app::{App, Errand};
use self::config::Config;
#[cfg(unix)]
use self::ending::Ending;
use self::theme::{Depth, Ground};
use self::worker::Shared;
use crate::capture::Source;
#[cfg(all(feature = "live", unix))]
use crate::capture::live::Live;

pub use keys::markdown as key_table;
pub use rehearsal::{rehearse, rehearse_settings};

/// The least time between two drawings of what happens by itself.
const FRAME: Duration = Duration::from_millis(33);
/// The least time between a drawing and that of what a key does: nobody waits for it.
const QUICK: Duration = Duration::from_millis(8);
/// How long a drawing waits for the selected packet's explanation, so that it seldom is drawn twice.
const PATIENCE: Duration = Duration::from_millis(15);
/// How long to sleep at most when nothing can happen without a key.
const IDLE: Duration = Duration::from_secs(3600);

/// Shows `source` until the user quits. Marks are kept beside `file`, if the capture lies in one.
pub fn run(source: Source, title: &str, file: Option<&Path>) -> anyhow::Result<()> {
    show(source, title, file, |_| {})
}

/// Reads what the user interface needs of files, before the process shuts itself in.
pub fn prepare() -> anyhow::Result<()> {
    Config::load_early()
}

/// How a live capture is shown at first.
#[cfg(all(feature = "live", unix))]
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// What to say in the status line.
    pub notice: Option<String>,
    /// Whether payload is hidden until somebody asks for it.
    pub hides_payload: bool,
}

/// Shows a live capture until the user quits; then it is stopped.
#[cfg(all(feature = "live", unix))]
pub fn run_live(source: Source, title: &str, live: Live, beginning: Beginning) -> anyhow::Result<()> {
    show(source, title, None, |app| app.watch(Box::new(live), beginning))
}

fn show(source: Source, title: &str, file: Option<&Path>, prepare: impl FnOnce(&mut App)) -> anyhow::Result<()> {
    let config = Config::load()?;
    let mouse = config.mouse;
    let shared = Arc::new(Shared::default());
    let terminal = ratatui::try_init().context("this is no terminal that can be drawn on")?;
    after_panics();
    let ending = Ending::listen();
    let started = App::new(title, &source, Arc::clone(&shared), in_this_terminal(config), file);
    let result = started.map_err(anyhow::Error::from).and_then(|mut app| {
        prepare(&mut app);
        worker::start(source, &shared)?;
        enter(mouse)?;
        turn(terminal, &mut app, mouse, ending.as_ref().ok())
    });
    shared.stop();
    restore();
    if let Ok(ending) = &ending {
        ending.follow();
    }
    result
}

/// Nothing ends the program but itself.
#[cfg(not(unix))]
struct Ending;

#[cfg(not(unix))]
impl Ending {
    fn listen() -> std::io::Result<Ending> {
        Ok(Ending)
    }

    fn has_come(&self) -> bool {
        false
    }

    fn follow(&self) {}
}

/// The settings with what the environment and the terminal say of colours. The terminal is asked only if nobody else
/// says what is behind its text.
fn in_this_terminal(config: Config) -> Config {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let depth = Depth::from_variables(&variable);
    let config = config.with_theme(theme::Name::parse(&variable("HUSK_THEME")));
    let told = Ground::from_variables(&variable);
    let ground = match (told, depth) {
        (Some(ground), _) => ground,
        (None, Depth::Mono) => Ground::Dark,
        (None, _) => theme::ground_of_terminal().unwrap_or(Ground::Dark),
    };
    config.with_terminal(depth, ground)
}

/// Turns on what is used beside the screen.
fn enter(mouse: bool) -> std::io::Result<()> {
    execute!(stdout(), EnableBracketedPaste)?;
    if mouse { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
}

/// Does what the terminal is to do beside showing the screen.
fn run_errand(errand: &Errand, terminal: &mut DefaultTerminal, mouse: bool) -> anyhow::Result<()> {
    match errand {
        Errand::Copy(sequence) => {
            let mut out = stdout();
            out.write_all(sequence.as_bytes())?;
            out.flush()?;
        }
        Errand::Suspend => {
            restore();
            suspend();
            *terminal = ratatui::try_init().context("the terminal cannot be drawn on again")?;
            enter(mouse)?;
            terminal.clear()?;
        }
    }
    Ok(())
}

/// Stops this program until the shell wakes it.
#[cfg(unix)]
fn suspend() {
    use rustix::process::{Signal, getpid, kill_process};
    // The whole job stops, as if the terminal had sent the signal; if it cannot, the program goes on.
    let _ = kill_process(getpid(), Signal::TSTP);
}

#[cfg(not(unix))]
fn suspend() {}

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
fn turn(mut terminal: DefaultTerminal, app: &mut App, mouse: bool, ending: Option<&Ending>) -> anyhow::Result<()> {
    let size = terminal.size()?;
    app.size = Rect::new(0, 0, size.width, size.height);
    let mut drawn = Instant::now().checked_sub(FRAME).unwrap_or_else(Instant::now);
    let (mut dirty, mut floor) = (true, FRAME);
    while !app.quit && !ending.is_some_and(Ending::has_come) {
        if dirty && drawn.elapsed() >= floor {
            app.refresh(PATIENCE);
            terminal.draw(|frame| view::draw(frame, app))?;
            (dirty, floor, drawn) = (false, FRAME, Instant::now());
        }
        let wait = match (dirty, app.is_busy()) {
            (true, _) => floor.saturating_sub(drawn.elapsed()),
            (false, true) => FRAME,
            (false, false) => IDLE,
        };
        if event::poll(wait)? {
            // All that has come is taken in before anything is drawn.
            while event::poll(Duration::ZERO)? {
                if app.event(&event::read()?) {
                    (dirty, floor) = (true, QUICK);
                }
            }
        }
        if let Some(errand) = app.errand.take() {
            run_errand(&errand, &mut terminal, mouse)?;
            let size = terminal.size()?;
            app.size = Rect::new(0, 0, size.width, size.height);
            dirty = true;
        }
        dirty |= app.is_stale();
    }
    Ok(())
}
