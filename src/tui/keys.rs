//! The one key table. It feeds dispatch, the help overlay, the status line, and the README.

use std::fmt::Write as _;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::View;
use super::ask::Question;
use super::copying::Copying;
use super::order::Sorting;
use super::pane::FlowPage;

mod table;
pub(super) use table::TABLE;

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
    /// Open what is selected: a packet's layers, a fold, a flow's pages, the bytes behind a line.
    Open,
    /// Focus the next pane.
    NextPane,
    /// Focus the pane before.
    PreviousPane,
    /// The next page of a view: another source of bytes, another page of a flow.
    NextPage,
    /// The page before.
    PreviousPage,
    /// Show a view.
    Show(View),
    /// Show a page of the flow that one is at.
    OpenFlow(FlowPage),
    /// The next packet of the same flow.
    NextOfFlow,
    /// The packet before, of the same flow.
    PreviousOfFlow,
    /// Only the packets of the selected packet's flow; again: all.
    OnlyFlow,
    /// Ask for something that is typed.
    Ask(Question),
    /// The next place where what was searched for is found.
    FindNext,
    /// The place before.
    FindPrevious,
    /// The selected field as a filter.
    FilterThis,
    /// Explain the selected field.
    Explain,
    /// Look with the next observer's eyes.
    Observer,
    /// With those of the observer before.
    ObserverBefore,
    /// Choose what the list is sorted by.
    SortMenu,
    /// Sort by a column; again: the other way; once more: as captured.
    Sort(Sorting),
    /// Mark the packet, or take the mark away.
    Mark,
    /// The next marked packet.
    NextMark,
    /// Times count from this packet; again: as before.
    TimeReference,
    /// Another form of times.
    TimeForm,
    /// Colour bytes by class or by layer.
    Paint,
    /// Halt a live capture, or let it go on.
    Halt,
    /// Show or hide payload.
    Payload,
    /// Show or hide the class letters beside the bytes.
    Letters,
    /// Text or hexadecimal digits in a conversation.
    ConversationForm,
    /// Both sides of a conversation, or one.
    ConversationSide,
    /// Copy to the clipboard.
    Copy(Copying),
    /// Choose what to copy.
    CopyMenu,
    /// Another theme.
    Theme,
    /// Every command by its name.
    Palette,
    /// Leave the terminal to the shell for a while.
    Suspend,
    /// Show or hide the help.
    Help,
}

/// Where a binding stands in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Moving about.
    Move,
    /// Choosing a view.
    View,
    /// Choosing what is shown.
    Show,
    /// Taking something away.
    Take,
    /// Everything else.
    Rest,
}

impl Group {
    /// All groups in the order of the help.
    pub(super) const ALL: [Group; 5] = [Group::View, Group::Move, Group::Show, Group::Take, Group::Rest];

    /// Its heading.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Group::View => "Views",
            Group::Move => "Move",
            Group::Show => "Show",
            Group::Take => "Take away",
            Group::Rest => "And",
        }
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
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
    /// The views in whose status line it is named.
    pub(super) views: Views,
}

/// In which views something is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Views {
    /// In all.
    All,
    /// Where there are packets.
    Packets,
    /// In the list of flows.
    Flows,
    /// In the lists that can be sorted.
    Sorted,
    /// In the pages of one flow.
    Opened,
    /// In those that have pages.
    Paged,
}

impl Views {
    /// Whether it is of use in a view; `opened`: in the pages of one flow.
    pub(super) const fn has(self, view: View, opened: bool) -> bool {
        match self {
            Views::All => true,
            Views::Packets => matches!(view, View::Packets),
            Views::Flows => matches!(view, View::Flows) && !opened,
            Views::Sorted => matches!(view, View::Packets | View::Flows) && !opened,
            Views::Opened => matches!(view, View::Flows) && opened,
            Views::Paged => matches!(view, View::Names | View::Exposure) || matches!(view, View::Flows) && opened,
        }
    }
}

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
        for binding in TABLE.iter().filter(|binding| binding.group == group && !binding.keys.is_empty()) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", name(*key))).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(out, "| {} | {} |", keys.join(" "), binding.help);
        }
    }
    out.push_str("| mouse | click selects, the wheel scrolls, the rule between two panes can be dragged; a byte selects its field |\n");
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
