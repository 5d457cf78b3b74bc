//! What fills the screen, which pane the keys go to, and what lies over it.

use crate::tui::ask::Prompt;
use crate::tui::palette::Palette;

/// What fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum View {
    /// Packets, the layers of one, its bytes.
    #[default]
    Packets,
    /// Who talks with whom; or the pages of one flow.
    Flows,
    /// What an observer learns.
    Leaks,
    /// What happened on the way to each site.
    Journey,
    /// Questions, addresses, neighbours.
    Names,
    /// Bytes to scale.
    Exposure,
}

impl View {
    /// All views, in the order of their tabs.
    pub(in crate::tui) const ALL: [View; 6] =
        [View::Packets, View::Flows, View::Leaks, View::Journey, View::Names, View::Exposure];

    /// What stands on its tab.
    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            View::Packets => "Packets",
            View::Flows => "Flows",
            View::Leaks => "Leaks",
            View::Journey => "Journey",
            View::Names => "Names",
            View::Exposure => "Exposure",
        }
    }
}

/// Which pane the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum Focus {
    /// The list of packets.
    #[default]
    List,
    /// The layers.
    Tree,
    /// The bytes.
    Hex,
    /// Every byte, to scale.
    Strip,
}

impl Focus {
    const ROUND: [Focus; 4] = [Focus::List, Focus::Tree, Focus::Hex, Focus::Strip];

    pub(super) fn turned(self, by: usize) -> Focus {
        let at = Focus::ROUND.iter().position(|focus| *focus == self).unwrap_or(0);
        Focus::ROUND.into_iter().cycle().nth(at + by).unwrap_or_default()
    }
}

/// What lies over the view, or takes the keys.
#[derive(Debug, Default)]
pub(in crate::tui) enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The help, scrolled so many lines.
    Help(u16),
    /// The selected field explained, scrolled so many lines.
    Explain(u16),
    /// Something is typed.
    Ask(Prompt),
    /// A command is chosen.
    Palette(Palette),
}

/// What bytes are coloured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum Paint {
    /// Who can read them.
    #[default]
    Class,
    /// Which layer they belong to.
    Layer,
}
