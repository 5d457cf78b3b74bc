//! The one place where a class becomes a colour in the user interface.
//!
//! Colour means class and nothing else; one accent says what is selected. Wrappers are cold, what can
//! be read is warm, what is sealed is green. Without colour, glyphs and letters tell the same.

use ratatui::style::{Color, Modifier, Style};

use crate::bytes::Class;

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// None: `NO_COLOR`, a terminal without colours.
    Mono,
    /// The sixteen that the user's terminal defines.
    Sixteen,
    /// Any.
    Full,
}

/// What is behind the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
}

/// How everything looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    depth: Depth,
    ground: Ground,
}

impl Theme {
    /// A theme.
    #[cfg(test)]
    pub(super) const fn new(depth: Depth, ground: Ground) -> Theme {
        Theme { depth, ground }
    }

    /// What the environment tells: `NO_COLOR`, `TERM`, `COLORTERM`, `COLORFGBG`; `HUSK_THEME=dark|light|mono` overrides.
    pub(super) fn from_environment() -> Theme {
        let variable = |name| std::env::var(name).unwrap_or_default();
        Theme::from_variables(&variable)
    }

    fn from_variables(variable: &dyn Fn(&'static str) -> String) -> Theme {
        let (term, wanted) = (variable("TERM"), variable("HUSK_THEME"));
        let mono = !variable("NO_COLOR").is_empty()
            || wanted == "mono"
            || matches!(term.as_str(), "dumb" | "vt100" | "vt102" | "vt220")
            || term.ends_with("-m")
            || term.ends_with("-mono");
        let depth = match variable("COLORTERM").as_str() {
            _ if mono => Depth::Mono,
            "truecolor" | "24bit" => Depth::Full,
            _ => Depth::Sixteen,
        };
        let ground = match (wanted.as_str(), variable("COLORFGBG").rsplit(';').next()) {
            ("light", _) | ("", Some("7" | "15")) => Ground::Light,
            _ => Ground::Dark,
        };
        Theme { depth, ground }
    }

    /// The same on the other ground.
    pub(super) const fn inverted(self) -> Theme {
        let ground = match self.ground {
            Ground::Dark => Ground::Light,
            Ground::Light => Ground::Dark,
        };
        Theme { ground, ..self }
    }

    /// Whether there is no colour, so that letters must tell classes.
    pub(super) fn is_mono(self) -> bool {
        self.depth == Depth::Mono
    }

    fn pick(self, dark: u32, light: u32, dark_sixteen: Color, light_sixteen: Color) -> Style {
        let rgb = |n: u32| Color::from_u32(n);
        match (self.depth, self.ground) {
            (Depth::Mono, _) => Style::new(),
            (Depth::Sixteen, Ground::Dark) => Style::new().fg(dark_sixteen),
            (Depth::Sixteen, Ground::Light) => Style::new().fg(light_sixteen),
            (Depth::Full, Ground::Dark) => Style::new().fg(rgb(dark)),
            (Depth::Full, Ground::Light) => Style::new().fg(rgb(light)),
        }
    }

    /// A class.
    pub(super) fn class(self, class: Class) -> Style {
        match class {
            Class::Link => self.pick(0x70_7d_94, 0x5c_68_7d, Color::DarkGray, Color::DarkGray),
            Class::Network => self.pick(0x6f_9b_e8, 0x2a_5d_b8, Color::Blue, Color::Blue),
            Class::Transport => self.pick(0x5f_c4_d0, 0x0f_7f_8f, Color::Cyan, Color::Cyan),
            Class::Metadata => self.pick(0xec_c0_5c, 0x9a_64_00, Color::Yellow, Color::Red),
            Class::Content => self.pick(0xf0_7a_5e, 0xc0_38_1c, Color::LightRed, Color::LightRed),
            Class::Veiled => self.pick(0xe0_82_c4, 0xa8_32_88, Color::Magenta, Color::Magenta),
            Class::Sealed => self.pick(0x74_b8_6a, 0x2f_7d_2b, Color::Green, Color::Green),
            Class::Tag => self.pick(0xa6_d8_8c, 0x5a_9a_3a, Color::LightGreen, Color::LightGreen),
            Class::Padding => self.pick(0x5a_60_68, 0xa0_a6_ae, Color::DarkGray, Color::Gray),
            Class::Unknown => self.pick(0x9a_a0_a8, 0x74_7a_82, Color::Gray, Color::DarkGray),
        }
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
        Style::new()
    }

    /// Text that stands back: labels, rules, headings of columns.
    pub(super) fn quiet(self) -> Style {
        match self.depth {
            Depth::Mono => Style::new(),
            _ => self.pick(0x7a_82_8e, 0x6a_72_7e, Color::DarkGray, Color::DarkGray),
        }
    }

    /// Rules between panes.
    pub(super) fn rule(self) -> Style {
        self.pick(0x46_4c_56, 0xc0_c6_ce, Color::DarkGray, Color::Gray)
    }

    /// A heading.
    #[allow(clippy::unused_self, reason = "themes may come to differ here")]
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The one accent: the focused pane's title, the view that is shown.
    pub(super) fn accent(self) -> Style {
        match self.depth {
            Depth::Full => self.pick(0xc3_b4_ff, 0x5b_3f_c8, Color::Reset, Color::Reset).add_modifier(Modifier::BOLD),
            _ => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    /// What is selected, in the pane that has the focus or in another one. Text keeps its colour where it can.
    pub(super) fn selected(self, focused: bool) -> Style {
        match (self.depth, self.ground) {
            (Depth::Full, Ground::Dark) => {
                Style::new().bg(Color::from_u32(if focused { 0x3d_36_63 } else { 0x2b_2b_38 }))
            }
            (Depth::Full, Ground::Light) => {
                Style::new().bg(Color::from_u32(if focused { 0xd9_d0_fb } else { 0xe8_e8_ee }))
            }
            _ if focused => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        }
    }

    /// Bytes of the selected field.
    pub(super) fn marked(self) -> Style {
        match self.depth {
            Depth::Full => self.selected(true),
            _ => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// The byte under the cursor.
    pub(super) fn cursor(self) -> Style {
        match (self.depth, self.ground) {
            (Depth::Full, Ground::Dark) => Style::new().bg(Color::from_u32(0xc3_b4_ff)).fg(Color::Black),
            (Depth::Full, Ground::Light) => Style::new().bg(Color::from_u32(0x5b_3f_c8)).fg(Color::White),
            _ => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD | Modifier::UNDERLINED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(set: &[(&str, &str)]) -> Theme {
        Theme::from_variables(&|name| {
            set.iter().find(|(key, _)| *key == name).map_or_else(String::new, |(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn no_color_is_obeyed_whatever_the_terminal_can() {
        assert!(theme(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]).is_mono());
        assert!(!theme(&[("NO_COLOR", ""), ("TERM", "xterm-256color")]).is_mono());
        assert!(theme(&[("TERM", "vt220")]).is_mono());
    }

    #[test]
    fn without_colour_nothing_has_one() {
        let mono = Theme::new(Depth::Mono, Ground::Dark);
        for class in Class::ALL {
            assert_eq!(mono.class(class), Style::new());
        }
    }

    #[test]
    fn a_light_terminal_is_recognised() {
        assert_eq!(theme(&[("COLORFGBG", "0;15")]).ground, Ground::Light);
        assert_eq!(theme(&[("COLORFGBG", "0;15"), ("HUSK_THEME", "dark")]).ground, Ground::Dark);
    }
}
