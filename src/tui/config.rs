//! The user's own settings: `~/.config/husk/config.toml` (docs/configuration.md).

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use serde::Deserialize;

use super::clock::TimeForm;
use super::theme::{Depth, Ground, Name, Theme};

/// A column of the list of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Column {
    /// The packet's number.
    Number,
    /// When it was captured.
    Time,
    /// Its flow.
    Flow,
    /// Who sent it.
    Source,
    /// Who should get it.
    Destination,
    /// Both.
    Ends,
    /// The uppermost protocol.
    Protocol,
    /// Bytes on the wire.
    Length,
    /// Its bytes by class, to scale.
    Split,
    /// What it is about.
    What,
}

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    /// How everything looks; by default as the terminal is.
    theme: Option<Name>,
    /// How the times of packets are told.
    pub(super) time: TimeForm,
    /// Whether the mouse is used. Without it the terminal's own selection works.
    pub(super) mouse: bool,
    /// Whether class letters stand beside the bytes; by default where there is no colour.
    pub(super) letters: Option<bool>,
    /// The columns of the list of packets.
    pub(super) columns: Vec<Column>,
    /// What the terminal said of itself.
    #[serde(skip)]
    terminal: Terminal,
}

/// What is known of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terminal {
    depth: Depth,
    ground: Ground,
}

impl Default for Terminal {
    fn default() -> Terminal {
        Terminal { depth: Depth::Full, ground: Ground::Dark }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            theme: None,
            time: TimeForm::default(),
            mouse: true,
            letters: None,
            columns: vec![
                Column::Number,
                Column::Time,
                Column::Ends,
                Column::Protocol,
                Column::Length,
                Column::Split,
                Column::What,
            ],
            terminal: Terminal::default(),
        }
    }
}

/// What was read before the process shut itself in.
static EARLY: std::sync::OnceLock<Config> = std::sync::OnceLock::new();

impl Config {
    /// The user's settings; without a file the defaults.
    ///
    /// # Errors
    /// The file is there and cannot be understood: where, and why.
    pub(super) fn load() -> anyhow::Result<Config> {
        EARLY.get().map_or_else(Config::read, |early| Ok(early.clone()))
    }

    /// Reads it now, because the process will soon open no file.
    pub(super) fn load_early() -> anyhow::Result<()> {
        let _ = EARLY.set(Config::read()?); // it was read before: nothing else is there
        Ok(())
    }

    fn read() -> anyhow::Result<Config> {
        let Some(path) = path() else { return Ok(Config::default()) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        Config::parse(&text, &path)
    }

    pub(super) fn parse(text: &str, path: &Path) -> anyhow::Result<Config> {
        // The error shows the line, a caret, and the keys that there are.
        let config: Config = toml::from_str(text).map_err(|error| {
            anyhow::anyhow!("{}: {}\n(docs/configuration.md has all settings)", path.display(), error)
        })?;
        anyhow::ensure!(!config.columns.is_empty(), "{}: columns: name one column at least", path.display());
        Ok(config)
    }

    /// Takes in what the environment and the terminal say of colours.
    pub(super) fn with_terminal(mut self, depth: Depth, ground: Ground) -> Config {
        self.terminal = Terminal { depth, ground };
        self
    }

    /// How everything looks.
    pub(super) fn theme(&self) -> Theme {
        let Terminal { depth, ground } = self.terminal;
        let name = self.theme.unwrap_or(match (depth, ground) {
            (Depth::Mono, _) => Name::Mono,
            (_, Ground::Dark) => Name::Dark,
            (_, Ground::Light) => Name::Light,
        });
        Theme::new(name, depth, ground)
    }

    /// The same with another theme.
    pub(super) fn with_theme(mut self, name: Option<Name>) -> Config {
        self.theme = name.or(self.theme);
        self
    }
}

/// Where the settings are.
fn path() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("husk").join("config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("config.toml")).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn settings_are_understood() {
        let config =
            parse("theme = \"high-contrast\"\ntime = \"day\"\nmouse = false\ncolumns = [\"number\", \"what\"]\n")
                .unwrap();
        assert_eq!((config.theme, config.time, config.mouse), (Some(Name::HighContrast), TimeForm::Day, false));
        assert_eq!(config.columns, [Column::Number, Column::What]);
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn a_wrong_key_is_named_with_those_that_there_are() {
        let error = parse("\nthem = \"dark\"\n").unwrap_err();
        assert!(error.contains("`them`") && error.contains("`theme`") && error.contains("line 2"), "{error}");
        let error = parse("theme = \"drak\"").unwrap_err();
        assert!(error.contains("`drak`") && error.contains("`dark`"), "{error}");
        assert!(parse("columns = []").unwrap_err().contains("one column"));
    }
}
