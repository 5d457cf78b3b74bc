//! Every command by its name: what is typed narrows the choice.

use tui_input::Input;

use super::app::View;
use super::keys::{Action, Binding, TABLE};
use super::order::Sorting;
use super::roll::Roll;

/// The list of commands.
#[derive(Debug)]
pub(super) struct Palette {
    pub(super) input: Input,
    pub(super) roll: Roll,
    kind: Kind,
}

/// Which commands are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    All,
    Copies,
    /// Those that sort the packets, or the flows.
    SortsOfPackets,
    SortsOfFlows,
}

impl Kind {
    fn has(self, action: Action) -> bool {
        match self {
            Kind::All => true,
            Kind::Copies => matches!(action, Action::Copy(_)),
            Kind::SortsOfPackets => matches!(action, Action::Sort(Sorting::Packets(_))),
            Kind::SortsOfFlows => matches!(action, Action::Sort(Sorting::Flows(_))),
        }
    }
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Go to the packet with this number.
    Packet(String),
    /// Do this.
    Do(Action),
}

impl Palette {
    /// All commands.
    pub(super) fn of_all() -> Palette {
        Palette { input: Input::default(), roll: Roll::default(), kind: Kind::All }
    }

    /// Those that copy.
    pub(super) fn of_copies() -> Palette {
        Palette { kind: Kind::Copies, ..Palette::of_all() }
    }

    /// Those that sort the list of a view.
    pub(super) fn of_sorts(view: View) -> Palette {
        let kind = if view == View::Flows { Kind::SortsOfFlows } else { Kind::SortsOfPackets };
        Palette { kind, ..Palette::of_all() }
    }

    /// What it is called.
    pub(super) fn title(&self) -> &'static str {
        match self.kind {
            Kind::All => "commands",
            Kind::Copies => "copy",
            Kind::SortsOfPackets | Kind::SortsOfFlows => "sort: again turns it, once more takes it back",
        }
    }

    /// The commands that have all words that were typed.
    pub(super) fn found(&self) -> Vec<&'static Binding> {
        let typed = self.input.value().to_lowercase();
        let has =
            |binding: &&Binding| typed.split_whitespace().all(|word| binding.help.to_lowercase().contains(word));
        let of_kind = |binding: &&Binding| self.kind.has(binding.action);
        TABLE.iter().filter(|binding| binding.action != Action::Palette).filter(of_kind).filter(has).collect()
    }

    /// How many commands there are to choose from before anything is typed.
    pub(super) fn count(&self) -> usize {
        TABLE.iter().filter(|binding| self.kind.has(binding.action)).count()
    }

    /// Selects another command.
    pub(super) fn step(&mut self, by: isize) {
        let count = self.found().len();
        self.roll.step(by, count);
    }

    /// The command that is selected; a number goes to that packet.
    pub(super) fn choice(&self) -> Option<Choice> {
        let typed = self.input.value().trim();
        if !typed.is_empty() && typed.chars().all(|c| c.is_ascii_digit()) {
            return Some(Choice::Packet(typed.to_owned()));
        }
        self.found().get(self.roll.selected).map(|binding| Choice::Do(binding.action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::copying::Copying;

    #[test]
    fn words_narrow_the_choice_and_a_number_is_a_packet() {
        let choice = |typed: &str| Palette { input: typed.into(), ..Palette::of_all() }.choice();
        assert_eq!(choice("byte rust"), Some(Choice::Do(Action::Copy(Copying::Rust))));
        assert_eq!(choice("JOURNEY"), Some(Choice::Do(Action::Show(View::Journey))));
        assert_eq!(choice("23"), Some(Choice::Packet("23".into())));
        assert_eq!(choice("there is no such command"), None);
        assert!(Palette::of_copies().found().iter().all(|binding| matches!(binding.action, Action::Copy(_))));
    }
}
