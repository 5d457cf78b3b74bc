//! The one key table. It feeds dispatch, the help overlay, the status line, and the README.

use std::fmt::Write as _;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::View;

/// What the user wants. Movement means what the focused pane makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Leave the program.
    Quit,
    /// One step back: close what is open, show all packets again, go to the list.
    Back,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// To the left: a byte, or fold.
    Left,
    /// To the right: a byte, or unfold.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the start.
    First,
    /// To the end; in a live capture, stay there.
    Last,
    /// Open what is selected: fold or unfold, or show the flow's packets.
    Open,
    /// Focus the next pane.
    NextPane,
    /// Focus the pane before.
    PreviousPane,
    /// Show a view.
    Show(View),
    /// The next packet of the same flow.
    NextOfFlow,
    /// The packet before, of the same flow.
    PreviousOfFlow,
    /// Only the packets of the selected packet's flow; again: all.
    OnlyFlow,
    /// Ask for a packet's number.
    AskPacket,
    /// Ask for a display filter.
    AskFilter,
    /// Colour bytes by class or by layer.
    Paint,
    /// Show or hide the class letters beside the bytes.
    Letters,
    /// The next source of bytes: the frame, what was reassembled.
    NextSource,
    /// The source of bytes before.
    PreviousSource,
    /// Dark or light.
    Theme,
    /// Show or hide the help.
    Help,
}

/// Where a binding stands in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Moving about.
    Move,
    /// Choosing what is shown.
    Show,
    /// Everything else.
    Rest,
}

impl Group {
    /// All groups in the order of the help.
    pub(super) const ALL: [Group; 3] = [Group::Move, Group::Show, Group::Rest];

    /// Its heading.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Group::Move => "Move",
            Group::Show => "Show",
            Group::Rest => "And",
        }
    }
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Binding {
    /// The keys that do it, the one to be shown first.
    pub(super) keys: &'static [(KeyCode, KeyModifiers)],
    /// What they do.
    pub(super) action: Action,
    /// Where it stands in the help.
    pub(super) group: Group,
    /// What it does, for the help.
    pub(super) help: &'static str,
    /// What it does in a word, if the status line should name it.
    pub(super) hint: Option<&'static str>,
}

const fn key(c: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(c), KeyModifiers::NONE)
}
const fn control(c: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(c), KeyModifiers::CONTROL)
}
const fn code(code: KeyCode) -> (KeyCode, KeyModifiers) {
    (code, KeyModifiers::NONE)
}
const fn bind(
    keys: &'static [(KeyCode, KeyModifiers)],
    action: Action,
    group: Group,
    hint: Option<&'static str>,
    help: &'static str,
) -> Binding {
    Binding { keys, action, group, help, hint }
}

use Action as A;
use Group as G;

/// Every key. The status line names those with a hint, in this order, as far as there is room: whoever is lost must
/// find the help and the way out.
pub(super) static TABLE: &[Binding] = &[
    bind(&[key('?'), code(KeyCode::F(1))], A::Help, G::Rest, Some("keys"), "this help"),
    bind(&[key('q'), control('c')], A::Quit, G::Rest, Some("quit"), "quit"),
    bind(&[key('j'), code(KeyCode::Down)], A::Down, G::Move, None, "down"),
    bind(&[key('k'), code(KeyCode::Up)], A::Up, G::Move, None, "up"),
    bind(&[key('h'), code(KeyCode::Left)], A::Left, G::Move, None, "fold the layer; in the bytes: one to the left"),
    bind(&[key('l'), code(KeyCode::Right)], A::Right, G::Move, None, "unfold it; in the bytes: one to the right"),
    bind(&[code(KeyCode::PageDown), control('f'), control('d')], A::PageDown, G::Move, None, "a page down"),
    bind(&[code(KeyCode::PageUp), control('b'), control('u')], A::PageUp, G::Move, None, "a page up"),
    bind(&[key('g'), code(KeyCode::Home)], A::First, G::Move, None, "to the start; g and digits: to that packet"),
    bind(&[key('G'), code(KeyCode::End)], A::Last, G::Move, None, "to the end; a live capture then follows"),
    bind(&[code(KeyCode::Tab)], A::NextPane, G::Move, Some("pane"), "next pane: packets, layers, bytes, strip"),
    bind(&[code(KeyCode::BackTab)], A::PreviousPane, G::Move, None, "previous pane"),
    bind(
        &[code(KeyCode::Enter), key(' ')],
        A::Open,
        G::Show,
        None,
        "open: a packet's layers, a fold, a flow's packets",
    ),
    bind(&[key('/')], A::AskFilter, G::Show, Some("filter"), "show only packets that a display filter lets pass"),
    bind(&[key('f')], A::OnlyFlow, G::Show, Some("flow"), "show only this packet's flow"),
    bind(&[key('n')], A::NextOfFlow, G::Move, Some("next in flow"), "next packet of the same flow"),
    bind(&[key('N')], A::PreviousOfFlow, G::Move, None, "previous packet of the same flow"),
    bind(&[key(':')], A::AskPacket, G::Move, Some("go to"), "go to a packet by its number"),
    bind(&[key('c')], A::Paint, G::Show, Some("colours"), "colour the bytes by class or by layer"),
    bind(&[key('C')], A::Letters, G::Show, None, "class letters beside the bytes"),
    bind(&[key(']')], A::NextSource, G::Show, None, "next bytes: the frame, what was put together"),
    bind(&[key('[')], A::PreviousSource, G::Show, None, "previous bytes"),
    bind(&[key('1')], A::Show(View::Packets), G::Show, None, "packets"),
    bind(&[key('2')], A::Show(View::Flows), G::Show, None, "flows"),
    bind(&[code(KeyCode::Esc)], A::Back, G::Rest, None, "back: close, all packets again, to the list"),
    bind(&[key('T')], A::Theme, G::Rest, None, "dark or light"),
];

/// What a key does.
pub(super) fn action(event: &KeyEvent) -> Option<Action> {
    // Shift is in the character already.
    let modifiers = event.modifiers.difference(KeyModifiers::SHIFT);
    TABLE.iter().find(|binding| binding.keys.contains(&(event.code, modifiers))).map(|binding| binding.action)
}

/// A key as it is written on the keyboard.
fn name((code, modifiers): (KeyCode, KeyModifiers)) -> String {
    let plain = match code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Down => "↓".to_owned(),
        KeyCode::Up => "↑".to_owned(),
        KeyCode::Left => "←".to_owned(),
        KeyCode::Right => "→".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::BackTab => "Shift-Tab".to_owned(),
        KeyCode::F(n) => format!("F{n}"),
        other => format!("{other:?}"),
    };
    if modifiers.contains(KeyModifiers::CONTROL) { format!("Ctrl-{plain}") } else { plain }
}

impl Binding {
    /// Its first key.
    pub(super) fn first_key(&self) -> String {
        self.keys.first().map_or_else(String::new, |key| name(*key))
    }

    /// All its keys.
    pub(super) fn all_keys(&self) -> String {
        self.keys.iter().map(|key| name(*key)).collect::<Vec<_>>().join(" ")
    }
}

/// The table as the README has it.
pub fn markdown() -> String {
    let mut out = String::from("| keys | what they do |\n|---|---|\n");
    for group in Group::ALL {
        for binding in TABLE.iter().filter(|binding| binding.group == group) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", name(*key))).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(out, "| {} | {} |", keys.join(" "), binding.help);
        }
    }
    out.push_str("| mouse | click selects, the wheel scrolls; a byte selects its field |\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let all: Vec<_> = TABLE.iter().flat_map(|binding| binding.keys).collect();
        for (at, key) in all.iter().enumerate() {
            assert!(!all.iter().skip(at + 1).any(|other| other == key), "{key:?} is bound twice");
        }
    }

    #[test]
    fn shift_is_in_the_character() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(action(&event), Some(Action::Last));
    }

    #[test]
    fn the_table_for_the_readme() {
        insta::assert_snapshot!(markdown());
    }
}
