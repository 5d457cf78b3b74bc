//! Who could have looked: observers as data, and the capture as one of them sees it.
//!
//! The table is `observers.toml`; a file of the same format adds to it (docs/observers.md). What reaches an observer is
//! decided in one place, [`View`]: packets that never pass it vanish, and bytes that it cannot see are dark.

use serde::Deserialize;

use super::leak::{LEAKS, LeakKind};
use crate::bytes::{Class, Field};
use crate::protocols::{self, Protocol};

mod view;

pub(super) use view::is_private;
pub use view::{Local, Net, View};

/// Which packets pass an observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Packets {
    /// All that were captured.
    All,
    /// Those for everybody on the link: broadcasts and multicasts.
    Group,
    /// Those that leave the local network.
    Routed,
    /// None.
    None,
}

/// How well an observer sees something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// It sees it.
    Sees,
    /// It may see it, or a part of it.
    Partly,
}

/// Somebody with a vantage point.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observer {
    /// Its name in commands and JSON lines.
    pub name: String,
    /// For people.
    pub label: String,
    /// Which packets pass it.
    pub packets: Packets,
    /// Of these, only those of flows in which one of these protocols is spoken; of all if empty.
    #[serde(default)]
    speaks: Vec<Spoken>,
    /// Of these, only those of flows that tell one of these kinds of leaks; of all if empty.
    #[serde(default)]
    told: Vec<Pattern>,
    /// The classes whose bytes it can read. That sealed bytes are there, it sees where it sees anything above the link.
    reads: Vec<Readable>,
    /// Leaks that it sees although their bytes are dark to it, in part.
    #[serde(default)]
    also: Vec<Pattern>,
    /// Leaks that it sees in part only.
    #[serde(default)]
    partly: Vec<Pattern>,
    /// Leaks that do not reach it.
    #[serde(default)]
    never: Vec<Pattern>,
    /// What it knows and this capture does not show.
    #[serde(default)]
    pub knows: Vec<String>,
    /// What else should be said of it.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether it is beyond the translation of addresses (NAT): what a private address is, it does not see.
    #[serde(default)]
    pub beyond: bool,
    /// Whether it is there only in another world: leaks do not name it.
    #[serde(default)]
    pub supposed: bool,
}

/// A class that can be read.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Readable(Class);

impl TryFrom<String> for Readable {
    type Error = String;
    fn try_from(name: String) -> Result<Readable, String> {
        const READABLE: [Class; 6] =
            [Class::Link, Class::Network, Class::Transport, Class::Metadata, Class::Content, Class::Veiled];
        let found = READABLE.into_iter().find(|class| class.name() == name);
        found.map(Readable).ok_or_else(|| {
            let names: Vec<&str> = READABLE.iter().map(|class| class.name()).collect();
            format!("{} is no class that can be read; these are: {}", crate::bytes::escape(&name), names.join(", "))
        })
    }
}

/// The name of a protocol, as stacks of flows have it without a version.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Spoken(String);

impl TryFrom<String> for Spoken {
    type Error = String;
    fn try_from(name: String) -> Result<Spoken, String> {
        // HTTP/2 and 3 have names in stacks that are no protocol's.
        let known = ["h2", "h3"].contains(&name.as_str()) || protocols::LIST.iter().any(|of| of.name() == name);
        if known {
            Ok(Spoken(name))
        } else {
            Err(format!("{} is no protocol that husk knows", crate::bytes::escape(&name)))
        }
    }
}

impl Spoken {
    /// Whether a layer of a stack is this protocol, in whatever version.
    fn is(&self, layer: &str) -> bool {
        layer
            .strip_prefix(&*self.0)
            .is_some_and(|version| version.is_empty() || version.starts_with(|digit: char| digit.is_ascii_digit()))
    }
}

/// Kinds of leaks: the name of one, or the first part of several names and `*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Pattern(String);

impl TryFrom<String> for Pattern {
    type Error = String;
    fn try_from(text: String) -> Result<Pattern, String> {
        let pattern = Pattern(text);
        if LEAKS.iter().any(|kind| pattern.matches(kind)) {
            Ok(pattern)
        } else {
            let text = crate::bytes::escape(&pattern.0).into_owned();
            Err(format!("{text} matches no kind of leak; docs/leaks.md lists them, `dns.*` stands for several"))
        }
    }
}

impl Pattern {
    fn matches(&self, kind: &LeakKind) -> bool {
        match self.0.strip_suffix('*') {
            Some(begin) => kind.name.starts_with(begin),
            None => kind.name == self.0,
        }
    }
}

impl Observer {
    /// Whether it can read bytes of this class, where packets pass it.
    pub fn reads(&self, class: Class) -> bool {
        self.reads.iter().any(|readable| readable.0 == class)
    }

    /// Whether it sees that bytes of this class are there: ciphertext is there for whoever sees what is around it.
    pub fn sees(&self, class: Class) -> bool {
        match class {
            Class::Sealed | Class::Tag | Class::Padding | Class::Unknown => self.reads(Class::Network),
            class => self.reads(class),
        }
    }

    /// How well it sees a field, where packets with it pass.
    pub fn sees_field(&self, field: &'static Field) -> Option<Sight> {
        let kinds: Vec<&LeakKind> = LEAKS.iter().filter(|kind| kind.fields.contains(&field.name)).collect();
        let says = |of: &&&Protocol| of.heading == *field || of.fields.contains(&field);
        let protocol = protocols::LIST.iter().find(says).map_or("", |of| of.name());
        let is_talk = !matches!(field.class, Class::Link | Class::Network | Class::Transport);
        let elsewhere = is_talk
            && (!self.speaks.is_empty() && !self.speaks.iter().any(|of| of.is(protocol))
                || !self.told.is_empty() && !self.told.iter().any(|of| kinds.iter().any(|kind| of.matches(kind))));
        match kinds.first() {
            _ if self.packets == Packets::None || elsewhere => None,
            Some(kind) => self.sight(kind),
            None => self.sees(field.class).then_some(Sight::Sees),
        }
    }

    /// How well it sees leaks of a kind, where packets pass it.
    pub fn sight(&self, kind: &LeakKind) -> Option<Sight> {
        let one_of = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(kind));
        match () {
            () if one_of(&self.never) => None,
            () if self.reads(kind.class) && !one_of(&self.partly) => Some(Sight::Sees),
            () if self.reads(kind.class) || one_of(&self.also) => Some(Sight::Partly),
            () => None,
        }
    }
}

/// All observers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observers {
    #[serde(rename = "observer")]
    all: Vec<Observer>,
}

impl Observers {
    /// Those that are part of the program.
    ///
    /// # Errors
    /// None: a test reads the table.
    pub fn known() -> Result<Observers, String> {
        Observers::parse(include_str!("observers.toml"))
    }

    /// Understands a file of observers.
    ///
    /// # Errors
    /// Where the text is wrong, and how it could be right.
    pub fn parse(text: &str) -> Result<Observers, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())
    }

    /// With others beside them; those of the same name are replaced.
    #[must_use]
    pub fn with(mut self, others: Observers) -> Observers {
        for other in others.all {
            match self.all.iter_mut().find(|known| known.name == other.name) {
                Some(known) => *known = other,
                None => self.all.push(other),
            }
        }
        self
    }

    /// All of them, from near to far.
    pub fn all(&self) -> &[Observer] {
        &self.all
    }

    /// Who sees a field, and how well: you and those who are only supposed left out.
    pub fn of_field(&self, field: &'static Field) -> Vec<(&Observer, Sight)> {
        const YOU: &str = "you";
        let others = self.all.iter().filter(|observer| observer.name != YOU && !observer.supposed);
        others.filter_map(|observer| Some((observer, observer.sees_field(field)?))).collect()
    }

    /// The one of this name.
    pub fn find(&self, name: &str) -> Option<&Observer> {
        self.all.iter().find(|observer| observer.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_observer_and_you_see_everything() {
        let observers = Observers::known().unwrap();
        let names: Vec<&str> = observers.all().iter().map(|observer| observer.name.as_str()).collect();
        let expected =
            "you wifi_open wifi_key wifi lan router isp transit resolver resolver_encrypted cdn origin vpn ca";
        assert_eq!(names.join(" "), expected);
        let you = observers.find("you").unwrap();
        assert!(LEAKS.iter().all(|kind| you.sight(kind) == Some(Sight::Sees)));
        assert!(Class::ALL.into_iter().all(|class| you.sees(class)));
    }

    #[test]
    fn who_sees_what_is_as_the_table_says() {
        let observers = Observers::known().unwrap();
        let sight = |observer: &str, kind: &str| {
            let kind = super::super::leak::kind(kind).unwrap();
            observers.find(observer).unwrap().sight(kind)
        };
        assert_eq!(sight("isp", "link.mac"), None);
        assert_eq!(sight("isp", "tls.sni"), Some(Sight::Sees));
        assert_eq!(sight("transit", "tls.sni"), Some(Sight::Partly));
        assert_eq!(sight("wifi", "link.mac"), Some(Sight::Sees));
        assert_eq!(sight("wifi", "traffic.size"), Some(Sight::Partly));
        assert_eq!(sight("wifi", "tls.sni"), None);
        assert_eq!(sight("origin", "tls.sni"), None);
    }

    #[test]
    fn a_field_reaches_those_whom_its_packets_pass() {
        let observers = Observers::known().unwrap();
        let reaches = |name: &str| {
            let field = protocols::field(name).unwrap();
            observers.of_field(field).iter().map(|(observer, _)| observer.name.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(reaches("eth.src"), "wifi_open wifi_key wifi lan router");
        assert_eq!(reaches("tls.handshake.extensions_server_name"), "wifi_open wifi_key lan router isp transit cdn");
        assert_eq!(reaches("dns.qry.name"), "wifi_open wifi_key lan router isp transit resolver");
    }

    #[test]
    fn what_is_wrong_in_a_file_is_said_with_its_line() {
        let wrong = |line: &str| {
            let text =
                format!("[[observer]]\nname = \"x\"\nlabel = \"X\"\npackets = \"all\"\nreads = [\"link\"]\n{line}\n");
            Observers::parse(&text).unwrap_err()
        };
        for (line, hint) in [
            ("never = [\"tls.snl\"]", "matches no kind of leak"),
            ("speaks = [\"tsl\"]", "is no protocol"),
            ("raeds = []", "unknown field"),
        ] {
            let error = wrong(line);
            assert!(error.contains("line 6") && error.contains(hint), "{error}");
        }
        let error =
            Observers::parse("[[observer]]\nname = \"x\"\nlabel = \"X\"\npackets = \"al\"\nreads = [\"lnik\"]\n");
        assert!(error.unwrap_err().contains("line 4"));
    }
}
