//! What fields, values, classes and layers are, in plain words: for somebody who never saw a packet.
//!
//! The sentences stand in text files beside this one, one a protocol or two, read once when the first is asked for:
//!
//! ```text
//! # a remark
//! ip.ttl
//!   How many more routers may pass the packet on …
//! tls.alert_message.desc = 48
//!   The certificate leads to no authority that the client trusts …
//! ```
//!
//! A line at the margin names a field, or a value of it; the indented lines below are its sentence. `tests/it/words.rs`
//! lists fields of the protocols most seen that have none.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::bytes::{Class, Field};

mod owner;
mod sight;

pub use owner::{OWNERS, Owner, owner};
pub use sight::{Sight, Why, class_sight, sight};

/// The files, by the protocols that they are about.
const FILES: &[(&str, &str)] = &[
    ("protocols", include_str!("protocols.txt")),
    ("link", include_str!("link.txt")),
    ("ip", include_str!("ip.txt")),
    ("icmp", include_str!("icmp.txt")),
    ("tcp", include_str!("tcp.txt")),
    ("dns", include_str!("dns.txt")),
    ("dns_records", include_str!("dns_records.txt")),
    ("dhcp", include_str!("dhcp.txt")),
    ("tls", include_str!("tls.txt")),
    ("tls_extensions", include_str!("tls_extensions.txt")),
    ("dtls", include_str!("dtls.txt")),
    ("x509", include_str!("x509.txt")),
    ("quic", include_str!("quic.txt")),
    ("http", include_str!("http.txt")),
    ("http2", include_str!("http2.txt")),
];

/// One entry of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The field's name, or name and value as `name = value`.
    pub name: &'static str,
    /// What it is.
    pub sentence: String,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| FILES.iter().flat_map(|(_, text)| read(text)).collect());

static BY_NAME: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| ENTRIES.iter().map(|entry| (entry.name, entry.sentence.as_str())).collect());

/// Every entry, in the order of the files.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// What a field is.
pub fn sentence(field: &Field) -> Option<&'static str> {
    // DTLS has each field of TLS once more, with one letter in front.
    let twin = || field.name.strip_prefix('d').filter(|name| name.starts_with("tls."));
    named(field.name).or_else(|| twin().and_then(named))
}

/// What one value of a field means: an alert of TLS, an error of ICMP.
pub fn value(field: &Field, value: u64) -> Option<&'static str> {
    let name = field.name.strip_prefix('d').filter(|name| name.starts_with("tls.")).unwrap_or(field.name);
    named(&format!("{name} = {value}"))
}

/// Every value of a field that has a sentence, in the order of the files.
pub fn values(field: &Field) -> impl Iterator<Item = (u64, &'static str)> {
    let name = field.name.strip_prefix('d').filter(|name| name.starts_with("tls.")).unwrap_or(field.name);
    entries().iter().filter_map(move |entry| {
        let value = entry.name.strip_prefix(name)?.strip_prefix(" = ")?;
        Some((value.parse().ok()?, entry.sentence.as_str()))
    })
}

/// What an ICMP error or an ICMPv6 error says: its code only means something together with its type.
pub fn icmp_error(version: u8, kind: u64, code: u64) -> Option<&'static str> {
    let protocol = if version == 6 { "icmpv6" } else { "icmp" };
    named(&format!("{protocol}.code = {kind}/{code}")).or_else(|| named(&format!("{protocol}.type = {kind}")))
}

/// What a class of bytes is.
pub const fn class(class: Class) -> &'static str {
    match class {
        Class::Link => {
            "The wrapper for one hop: which two machines on this link the frame is between. It is taken off and \
             written anew at every router."
        }
        Class::Network => {
            "The address label for the whole way. Every router must read it to pass the packet on, so it cannot be \
             encrypted without hiding the packet inside another one."
        }
        Class::Transport => {
            "Which program's conversation this is, and where in it these bytes belong. Anybody on the way can read \
             it, and so can count, order and time what is said."
        }
        Class::Metadata => {
            "Talk that arranges what comes: names, versions, offers, headers. It goes in clear, and often says more \
             about people than the content does."
        }
        Class::Content => "What was actually said or fetched, in clear: whoever carries these bytes has read them.",
        Class::Veiled => {
            "Encrypted, but with a key that is worked out from the packet itself: it keeps machines on the way from \
             meddling, and nobody from reading."
        }
        Class::Sealed => {
            "Encrypted with a key that only the two ends hold. Others see that it is there, how long it is and when \
             it passed."
        }
        Class::Tag => {
            "What encryption adds: a seal that breaks if one bit was changed, or a number used once. It holds \
             nothing of the message."
        }
        Class::Padding => {
            "Filling: bytes sent to reach a length. They mean nothing, and may hide how long the rest is."
        }
        Class::Unknown => {
            "husk does not know what this is: a protocol that it does not read, or the thread was lost. It might be \
             readable, it might not; husk does not guess."
        }
    }
}

fn named(name: &str) -> Option<&'static str> {
    BY_NAME.get(name).copied()
}

fn read(text: &'static str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        match (line.strip_prefix(' '), entries.last_mut()) {
            (Some(more), Some(entry)) => {
                if !entry.sentence.is_empty() {
                    entry.sentence.push(' ');
                }
                entry.sentence.push_str(more.trim());
            }
            _ => entries.push(Entry { name: line.trim_end(), sentence: String::new() }),
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_goes_on_over_indented_lines() {
        let read = read("# remark\na.b\n  One\n  two.\n\na.c = 3\n  Three.\n");
        let expected = [("a.b", "One two."), ("a.c = 3", "Three.")];
        assert_eq!(read, expected.map(|(name, sentence)| Entry { name, sentence: sentence.to_owned() }));
    }

    #[test]
    fn no_name_stands_twice() {
        let mut names: Vec<&str> = entries().iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
