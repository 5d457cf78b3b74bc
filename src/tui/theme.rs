//! The one place where a class becomes a colour in the user interface.
//!
//! Colour means class and nothing else; one accent says what is selected. Wrappers are cold, what can
//! be read is warm, what is sealed is green. Without colour, glyphs and letters tell the same.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::bytes::Class;

mod ground;
mod palette;

pub(super) use ground::{Depth, Ground, ground_of_terminal};
use palette::Palette;

/// A theme's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Name {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
    /// Pure colours on the terminal's own ground.
    HighContrast,
    /// Colours that differ for everybody (Okabe and Ito).
    ColourBlind,
    /// No colour at all.
    Mono,
}

impl Name {
    /// All themes, in the order of the key that changes them.
    pub(super) const ALL: [Name; 5] = [Name::Dark, Name::Light, Name::HighContrast, Name::ColourBlind, Name::Mono];

    const fn text(self) -> &'static str {
        match self {
            Name::Dark => "dark",
            Name::Light => "light",
            Name::HighContrast => "high-contrast",
            Name::ColourBlind => "colour-blind",
            Name::Mono => "mono",
        }
    }

    /// The theme with this name.
    pub(super) fn parse(text: &str) -> Option<Name> {
        Name::ALL.into_iter().find(|name| name.text() == text)
    }
}

/// How everything looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    name: Name,
    depth: Depth,
    /// What is behind the text, for themes that do not say it themselves.
    ground: Ground,
}

impl Theme {
    /// A theme in a terminal.
    pub(super) const fn new(name: Name, depth: Depth, ground: Ground) -> Theme {
        Theme { name, depth, ground }
    }

    /// The next one.
    pub(super) fn next(self) -> Theme {
        Theme { name: super::pane::turned(Name::ALL, self.name, true), ..self }
    }

    /// What it is called.
    pub(super) const fn name(self) -> &'static str {
        self.name.text()
    }

    /// Whether there is no colour, so that letters must tell classes.
    pub(super) fn is_mono(self) -> bool {
        self.depth == Depth::Mono || self.name == Name::Mono
    }

    fn palette(self) -> &'static Palette {
        let ground = match self.name {
            Name::Dark => Ground::Dark,
            Name::Light => Ground::Light,
            _ => self.ground,
        };
        match (self.name, ground) {
            (Name::HighContrast, Ground::Dark) => &palette::HIGH_DARK,
            (Name::HighContrast, Ground::Light) => &palette::HIGH_LIGHT,
            (Name::ColourBlind, Ground::Dark) => &palette::BLIND_DARK,
            (Name::ColourBlind, Ground::Light) => &palette::BLIND_LIGHT,
            (_, Ground::Dark) => &palette::DARK,
            (_, Ground::Light) => &palette::LIGHT,
        }
    }

    /// A colour as this terminal can show it.
    fn colour(self, colour: palette::Tone) -> Color {
        match self.depth {
            Depth::Mono => Color::Reset,
            Depth::Sixteen => colour.sixteen,
            Depth::Some => Color::Indexed(palette::indexed(colour.rgb)),
            Depth::Full => Color::from_u32(colour.rgb),
        }
    }

    fn ink(self, colour: palette::Tone) -> Style {
        if self.is_mono() { Style::new() } else { Style::new().fg(self.colour(colour)) }
    }

    /// A class.
    pub(super) fn class(self, class: Class) -> Style {
        let colours = &self.palette().classes;
        colours.get(class as usize).map_or_else(Style::new, |colour| self.ink(*colour))
    }

    /// The n-th layer from outside, when bytes are coloured by layer.
    pub(super) fn layer(self, n: usize) -> Style {
        const LIKE: [Class; 6] =
            [Class::Link, Class::Network, Class::Transport, Class::Metadata, Class::Veiled, Class::Sealed];
        self.class(LIKE.into_iter().cycle().nth(n % LIKE.len()).unwrap_or(Class::Unknown))
    }

    /// Plain text.
    #[allow(clippy::unused_self, reason = "themes may come to differ here")]
    pub(super) fn text(self) -> Style {
        // Over a rule it must not take the rule's colour.
        Style::new().fg(Color::Reset)
    }

    /// Text that stands back: labels, headings of columns.
    pub(super) fn quiet(self) -> Style {
        self.ink(self.palette().quiet)
    }

    /// Rules between panes.
    pub(super) fn rule(self) -> Style {
        self.ink(self.palette().rule)
    }

    /// A heading.
    #[allow(clippy::unused_self, reason = "themes may come to differ here")]
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Whether the accent and grounds of rows have colours of their own.
    fn has_grounds(self) -> bool {
        !self.is_mono() && matches!(self.depth, Depth::Full | Depth::Some)
    }

    /// The one accent: the focused pane's title, the view that is shown.
    pub(super) fn accent(self) -> Style {
        if self.has_grounds() {
            self.ink(self.palette().accent).add_modifier(Modifier::BOLD)
        } else {
            Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
        }
    }

    /// What is selected, in the pane that has the focus or in another one. Text keeps its colour where it can.
    pub(super) fn selected(self, focused: bool) -> Style {
        let palette = self.palette();
        if self.has_grounds() {
            Style::new().bg(self.colour(if focused { palette.selected } else { palette.chosen }))
        } else if focused {
            Style::new().add_modifier(Modifier::REVERSED)
        } else {
            Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
        }
    }

    /// Bytes of the selected field.
    pub(super) fn marked(self) -> Style {
        if self.has_grounds() { self.selected(true) } else { Style::new().add_modifier(Modifier::REVERSED) }
    }

    /// The byte under the cursor.
    pub(super) fn cursor(self) -> Style {
        let palette = self.palette();
        if self.has_grounds() {
            Style::new().bg(self.colour(palette.accent)).fg(self.colour(palette.on_accent))
        } else {
            Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD | Modifier::UNDERLINED)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_nothing_has_one() {
        for mono in
            [Theme::new(Name::Mono, Depth::Full, Ground::Dark), Theme::new(Name::Dark, Depth::Mono, Ground::Dark)]
        {
            for class in Class::ALL {
                assert_eq!(mono.class(class), Style::new());
            }
            for style in [mono.quiet(), mono.rule(), mono.accent(), mono.selected(true), mono.cursor()] {
                assert_eq!((style.fg, style.bg), (None, None));
            }
        }
    }

    #[test]
    fn themes_go_round() {
        let mut theme = Theme::new(Name::Dark, Depth::Full, Ground::Dark);
        let names: Vec<_> = Name::ALL
            .iter()
            .map(|_| {
                theme = theme.next();
                theme.name()
            })
            .collect();
        assert_eq!(names, ["light", "high-contrast", "colour-blind", "mono", "dark"]);
    }

    #[test]
    fn classes_of_one_theme_differ() {
        for name in [Name::Dark, Name::Light, Name::HighContrast, Name::ColourBlind] {
            for ground in [Ground::Dark, Ground::Light] {
                let theme = Theme::new(name, Depth::Full, ground);
                let colours: Vec<_> = Class::ALL.iter().map(|class| theme.class(*class).fg).collect();
                for (at, colour) in colours.iter().enumerate() {
                    assert!(!colours[..at].contains(colour), "{name:?} {ground:?}: {:?}", Class::ALL[at]);
                }
            }
        }
    }

    #[test]
    fn a_class_has_one_colour_on_the_screen_and_on_a_page() {
        let style = include_str!("../../templates/report/style.css");
        let themes =
            [Theme::new(Name::Light, Depth::Full, Ground::Light), Theme::new(Name::Dark, Depth::Full, Ground::Dark)];
        for (theme, block) in themes.into_iter().zip(style.split(":root {").skip(1)) {
            for class in Class::ALL {
                let Some(Color::Rgb(r, g, b)) = theme.class(class).fg else {
                    panic!("{class:?} has a colour");
                };
                let line = format!("--{}: #{r:02x}{g:02x}{b:02x};", class.letter());
                assert!(block.contains(&line), "{line}");
            }
        }
    }
}
