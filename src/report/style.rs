//! Colour means class, and nothing else.

use crate::bytes::Class;

/// Colours, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// With colours or without.
    pub const fn new(colour: bool) -> Style {
        Style { colour }
    }

    /// Text in the colour of a class.
    pub fn class(self, class: Class, text: &str) -> String {
        self.paint(colour(class), text)
    }

    /// Text that stands back.
    pub fn quiet(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// A heading.
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The one place where a class becomes a colour: wrappers are cold, what can be read is warm, what is sealed is green.
const fn colour(class: Class) -> &'static str {
    match class {
        Class::Link => "90",
        Class::Network => "34",
        Class::Transport => "36",
        Class::Metadata => "33",
        Class::Content => "31",
        Class::Veiled => "35",
        Class::Sealed => "32",
        Class::Tag => "92",
        Class::Padding => "2",
        Class::Unknown => "37",
    }
}
