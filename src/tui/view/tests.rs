//! Keys in, screen out. A second block shows the class of each cell by its letter, for snapshots drop
//! colours; `#` is what is selected.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use ratatui::style::Color;

use crate::bytes::Class;
use crate::capture::Source;
use crate::tui::app::{App, Focus, Overlay, View};
use crate::tui::config::Config;
use crate::tui::pane::FlowPage;
use crate::tui::theme::{Depth, Ground, Name, Theme};
use crate::tui::view::draw;
use crate::tui::worker::{self, Reading, Shared};

mod keys;
#[cfg(all(feature = "live", unix))]
mod live;
mod views;

const FULL: Theme = Theme::new(Name::Dark, Depth::Full, Ground::Dark);
const MONO: Theme = Theme::new(Name::Mono, Depth::Mono, Ground::Dark);

/// A user before a screen.
struct User {
    app: App,
    shared: Arc<Shared>,
}

impl User {
    /// Opens a fixture and waits until it is read.
    fn opens(fixture: &str, size: (u16, u16), theme: Theme) -> User {
        User::with(Config::default(), fixture, size, theme)
    }

    fn with(config: Config, fixture: &str, (width, height): (u16, u16), theme: Theme) -> User {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
        let source = Source::open(&path).expect("the fixture");
        let shared = Arc::new(Shared::default());
        let mut app = App::new(fixture, &source, Arc::clone(&shared), config, None).expect("threads");
        (app.theme, app.letters) = (theme, theme.is_mono());
        app.size = Rect::new(0, 0, width, height);
        worker::start(source, &shared).expect("a thread");
        while shared.status().reading == Reading::Busy {
            std::thread::yield_now();
        }
        let mut user = User { app, shared };
        user.looks();
        user
    }

    fn looks(&mut self) {
        const LONG: Duration = Duration::from_secs(20);
        self.app.refresh(LONG);
        while self.app.is_busy() {
            std::thread::yield_now();
            self.app.refresh(LONG);
        }
        self.app.refresh(LONG);
    }

    /// Types: words in `<>` are keys, all else is typed as it stands.
    fn types(&mut self, keys: &str) -> &mut User {
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
            let code = if let Some((name, after)) = named {
                rest = after;
                match name {
                    "tab" => KeyCode::Tab,
                    "enter" => KeyCode::Enter,
                    "esc" => KeyCode::Esc,
                    "end" => KeyCode::End,
                    "right" => KeyCode::Right,
                    "up" => KeyCode::Up,
                    other => panic!("no key {other}"),
                }
            } else {
                rest = &rest[c.len_utf8()..];
                KeyCode::Char(c)
            };
            self.app.event(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            self.looks();
        }
        self
    }

    fn clicks(&mut self, column: u16, row: u16) -> &mut User {
        let kind = MouseEventKind::Down(MouseButton::Left);
        self.app.event(&Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        self.looks();
        self
    }

    fn drags(&mut self, from: (u16, u16), to: (u16, u16)) -> &mut User {
        let left = MouseButton::Left;
        let course =
            [(MouseEventKind::Down(left), from), (MouseEventKind::Drag(left), to), (MouseEventKind::Up(left), to)];
        for (kind, (column, row)) in course {
            self.app.event(&Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
            self.looks();
        }
        self
    }

    fn screen(&self) -> Terminal<TestBackend> {
        let backend = TestBackend::new(self.app.size.width, self.app.size.height);
        let mut terminal = Terminal::new(backend).expect("a terminal of memory");
        terminal.draw(|frame| draw(frame, &self.app)).expect("drawn");
        terminal
    }

    /// What is seen.
    fn sees(&self) -> String {
        lines(&self.screen(), |cell| cell.symbol().to_owned())
    }

    /// What is seen, and the class of each cell below it.
    fn sees_in_colour(&self) -> String {
        let classes = lines(&self.screen(), |cell| letter(cell).to_string());
        format!("{}\n\n{classes}", self.sees())
    }

    /// The row of the screen that shows some words.
    fn row_of(&self, words: &str) -> usize {
        self.sees().lines().position(|line| line.contains(words)).expect("the words")
    }

    fn page(&self) -> Option<FlowPage> {
        self.app.opened.as_ref().map(|opened| opened.page)
    }

    fn packet(&self) -> Option<u32> {
        self.app.listing.packet()
    }

    fn field(&self) -> &'static str {
        let detail = self.app.detail.as_ref().expect("a packet");
        detail.selected().map_or("", |node| node.field.name)
    }

    fn byte(&self) -> u32 {
        self.app.detail.as_ref().map_or(0, |detail| detail.byte)
    }
}

fn lines(terminal: &Terminal<TestBackend>, cell: impl Fn(&Cell) -> String) -> String {
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(buffer.area.width.into());
    let rows: Vec<String> = rows.map(|row| row.iter().map(&cell).collect::<String>().trim_end().to_owned()).collect();
    rows.join("\n").trim_end().to_owned()
}

fn letter(cell: &Cell) -> char {
    let class = Class::ALL.into_iter().find(|class| FULL.class(*class).fg == Some(cell.fg));
    match class {
        Some(class) => class.letter(),
        None if cell.bg != Color::Reset => '#',
        None => ' ',
    }
}

#[test]
fn packets_at_80x24() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    user.types("jjj");
    insta::assert_snapshot!(user.sees_in_colour());
}

#[test]
fn packets_at_120x40() {
    let mut user = User::opens("https-tls13.pcapng", (120, 40), FULL);
    user.types("jjj");
    insta::assert_snapshot!(user.sees_in_colour());
}

#[test]
fn packets_without_colour_have_letters() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), MONO);
    user.types("jjj");
    insta::assert_snapshot!(user.sees());
}

#[test]
fn a_tiny_terminal_shows_one_pane_at_a_time() {
    let mut user = User::opens("https-tls13.pcapng", (40, 10), FULL);
    let list = user.sees();
    let layers = user.types("<tab>").sees();
    let bytes = user.types("<tab>").sees();
    insta::assert_snapshot!([list, layers, bytes].join("\n----\n"));
}

#[test]
fn the_help_at_120x40() {
    let mut user = User::opens("https-tls13.pcapng", (120, 40), FULL);
    user.types("?");
    insta::assert_snapshot!(user.sees());
    user.types("j<esc>");
    assert!(matches!(user.app.overlay, Overlay::None));
}

#[test]
fn no_size_of_screen_is_too_small() {
    for (width, height) in [(1, 1), (5, 2), (20, 3), (30, 6), (66, 8), (10, 60), (300, 3)] {
        let mut user = User::opens("https-tls13.pcapng", (width, height), FULL);
        for keys in [
            "", "<tab>", "<tab>", "<tab>", "?", "<esc>", "e", "<esc>", ":", "<esc>", "2", "<enter>", "]", "]", "]",
            "4", "5", "]", "]", "6", "]", "]", "]", "1", "/ip =", "<enter>",
        ] {
            user.types(keys);
            user.screen();
        }
    }
}

#[test]
fn a_field_shows_its_bytes_and_a_byte_its_field() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    // To the bytes, to the first; it is the destination's address.
    user.types("<tab><tab>g");
    assert_eq!((user.field(), user.byte()), ("eth.dst", 0));
    user.types("j");
    assert_eq!((user.field(), user.byte()), ("eth.src", 8));
    // Back in the layers the field below is selected, and its bytes.
    user.types("<tab><tab><tab>j");
    assert_eq!((user.field(), user.byte()), ("eth.type", 12));
}

#[test]
fn a_click_on_a_byte_selects_its_field() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    let hex = user.app.areas().hex;
    user.clicks(hex.x + 7 + 3, hex.y);
    assert_eq!((user.app.focus, user.field(), user.byte()), (Focus::Hex, "eth.dst", 1));
}

#[test]
fn folding_hides_fields_and_is_kept_for_the_next_packet() {
    let mut user = User::opens("https-tls13.pcapng", (80, 40), FULL);
    user.types(":3<enter><tab>g");
    assert!(!user.sees().contains("Destination  0"));
    user.types("l");
    assert!(user.sees().contains("Destination  0"));
    user.types("<esc>j");
    assert!(user.sees().contains("Destination  0"));
    user.types("<tab>gh");
    assert!(!user.sees().contains("Destination  0"));
}

#[test]
fn go_to_a_packet_by_its_number() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    assert_eq!(user.types(":5<enter>").packet(), Some(5));
    assert_eq!(user.types("g3<enter>").packet(), Some(3));
    assert_eq!(user.types("gg").packet(), Some(1));
    user.types(":9999<enter>");
    assert!(user.sees().contains("there is no packet 9999"));
}

#[test]
fn only_one_flow_and_back() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types(":32<enter>");
    let all = user.app.listing.len();
    user.types("F");
    assert!(user.app.listing.len() < all);
    assert_eq!(user.packet(), Some(32));
    user.types(".");
    assert_eq!(user.packet(), Some(33));
    user.types("<esc>");
    assert_eq!((user.app.listing.len(), user.packet()), (all, Some(33)));
}

#[test]
fn a_filter_shows_what_passes_and_says_what_is_wrong() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    user.types("/tls.handshake.type == 1<enter>");
    assert_eq!(user.app.listing.len(), 1);
    user.types("/<end> and ip.srk<enter>");
    assert!(user.sees().contains("ip.srk"), "{}", user.sees());
    assert!(matches!(&user.app.overlay, Overlay::Ask(prompt) if prompt.wrong.is_some()));
    user.types("<esc><esc>");
    assert!(user.app.listing.len() > 1);
}

#[test]
fn the_strip_moves_from_class_to_class() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    user.types(":4<enter><tab><tab><tab>");
    assert_eq!(user.app.focus, Focus::Strip);
    user.types("hhhhhhhhhh");
    assert_eq!(user.byte(), 0);
    user.types("<right>");
    assert_eq!(user.byte(), 14);
}

#[test]
fn a_paused_screen_has_nothing_to_do() {
    let user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    assert!(!user.app.is_busy());
    assert!(!user.app.is_stale());
    user.shared.stop();
}
