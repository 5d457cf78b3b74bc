//! What the terminal can show, and what is behind its text.

use std::time::Duration;

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Depth {
    /// None: `NO_COLOR`, a terminal without colours.
    Mono,
    /// The sixteen that the user's terminal defines.
    Sixteen,
    /// 256.
    Some,
    /// Any.
    Full,
}

/// What is behind the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Ground {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
}

impl Depth {
    /// What the environment tells: `NO_COLOR`, `TERM`, `COLORTERM`.
    pub(in crate::tui) fn from_variables(variable: &dyn Fn(&'static str) -> String) -> Depth {
        let term = variable("TERM");
        let mono = !variable("NO_COLOR").is_empty()
            || matches!(term.as_str(), "dumb" | "vt100" | "vt102" | "vt220")
            || term.ends_with("-m")
            || term.ends_with("-mono");
        match variable("COLORTERM").as_str() {
            _ if mono => Depth::Mono,
            "truecolor" | "24bit" => Depth::Full,
            _ if term.ends_with("-direct") => Depth::Full,
            _ if term.contains("256color") => Depth::Some,
            _ => Depth::Sixteen,
        }
    }
}

impl Ground {
    /// What the environment tells: `COLORFGBG`; nothing if it is not set.
    pub(in crate::tui) fn from_variables(variable: &dyn Fn(&'static str) -> String) -> Option<Ground> {
        let told = variable("COLORFGBG");
        let behind: u8 = told.rsplit(';').next()?.parse().ok()?;
        Some(if matches!(behind, 7 | 9..=15) { Ground::Light } else { Ground::Dark })
    }

    /// What an answer to the question for the background (OSC 11) says: `\x1b]11;rgb:ffff/ffff/ffff\x1b\\`.
    fn from_answer(answer: &[u8]) -> Option<Ground> {
        let text = std::str::from_utf8(answer).ok()?;
        let (_, colour) = text.split_once("rgb:")?;
        let mut parts = colour.split('/').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_hexdigit).take(2).collect();
            u32::from_str_radix(&digits, 16).ok()
        });
        let (r, g, b) = (parts.next()??, parts.next()??, parts.next()??);
        // As bright as eyes see it (ITU-R BT.601).
        Some(if r * 299 + g * 587 + b * 114 > 127_500 { Ground::Light } else { Ground::Dark })
    }
}

/// How long an answer of the terminal is waited for: a slow line takes less, and most terminals answer at once.
const PATIENCE: Duration = Duration::from_millis(80);

/// What is behind the text: the terminal is asked (OSC 11), and asked with it what every terminal answers (DA1), so
/// that one that does not know the question does not keep anybody waiting. Raw mode must be on.
#[cfg(unix)]
pub(in crate::tui) fn ground_of_terminal() -> Option<Ground> {
    use std::io::{Read as _, Write as _};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let mut terminal = std::fs::File::options().read(true).write(true).open("/dev/tty").ok()?;
    terminal.write_all(b"\x1b]11;?\x1b\\\x1b[c").ok()?;
    let until = std::time::Instant::now() + PATIENCE;
    let mut answer = Vec::new();
    loop {
        let left = until.saturating_duration_since(std::time::Instant::now());
        let timeout = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        let ready = poll(&mut [PollFd::new(&terminal, PollFlags::IN)], Some(&timeout)).ok()?;
        if ready == 0 {
            break;
        }
        let mut some = [0; 64];
        let got = terminal.read(&mut some).ok()?;
        answer.extend_from_slice(some.get(..got)?);
        // The second answer is the last one: `\x1b[?62;22c`.
        if got == 0 || answer.ends_with(b"c") {
            break;
        }
    }
    Ground::from_answer(&answer)
}

#[cfg(not(unix))]
pub(in crate::tui) fn ground_of_terminal() -> Option<Ground> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: &'static [(&str, &str)]) -> impl Fn(&'static str) -> String {
        move |name| {
            set.iter().find(|(key, _)| *key == name).map_or_else(String::new, |(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn no_color_is_obeyed_whatever_the_terminal_can() {
        let depth = |set: &'static [(&str, &str)]| Depth::from_variables(&with(set));
        assert_eq!(depth(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::Mono);
        assert_eq!(depth(&[("NO_COLOR", ""), ("TERM", "xterm-256color")]), Depth::Some);
        assert_eq!(depth(&[("TERM", "vt220")]), Depth::Mono);
        assert_eq!(depth(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Depth::Full);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
    }

    #[test]
    fn a_light_terminal_is_recognised() {
        let ground = |set: &'static [(&str, &str)]| Ground::from_variables(&with(set));
        assert_eq!(ground(&[("COLORFGBG", "0;15")]), Some(Ground::Light));
        assert_eq!(ground(&[("COLORFGBG", "15;default;0")]), Some(Ground::Dark));
        assert_eq!(ground(&[]), None);
    }

    #[test]
    fn the_terminal_tells_what_is_behind_its_text() {
        assert_eq!(Ground::from_answer(b"\x1b]11;rgb:ffff/ffff/dddd\x1b\\\x1b[?62;22c"), Some(Ground::Light));
        assert_eq!(Ground::from_answer(b"\x1b]11;rgb:1e/1e/2e\x07\x1b[?1;2c"), Some(Ground::Dark));
        assert_eq!(Ground::from_answer(b"\x1b[?1;2c"), None);
    }
}
