//! What the page says in words: what is not known, and what its words mean.

use super::Telling;
use crate::bytes::{Class, Ledger, escape};
use crate::report::table::{self, counted};

/// Words that somebody who never saw a packet may want explained.
pub(super) const GLOSSARY: &[(&str, &str)] = &[
    (
        "packet",
        "A parcel of at most some 1,500 bytes. Whatever is sent is cut into packets, and each finds its way alone.",
    ),
    ("header", "The label on a parcel: who sent it, who should get it, what is in it."),
    ("flow", "Two programs that talk with each other: all packets between these two ends."),
    ("address, port", "The address says which device is meant, the port which program on it."),
    (
        "DNS",
        "The telephone book: a name such as shop.example goes in, an address comes out. It is mostly asked in clear.",
    ),
    ("TLS", "The encryption of the web (the s of https). What is said within it only the two ends can read."),
    ("SNI", "Server name indication: at the start of TLS the client says, in clear, which site it wants."),
    ("ECH", "Encrypted client hello: TLS whose first message no longer tells the site."),
    ("ALPN", "The list of languages that a client offers to speak within TLS."),
    (
        "QUIC",
        "A newer way of carrying encrypted talk. Its first packets are encrypted with a key that anybody can work out.",
    ),
    ("HTTP", "How pages are asked for and sent. Without TLS everybody on the path reads it."),
    ("ciphertext", "What encryption makes of a text: bytes that look like noise without the key."),
    (
        "certain, inferred, a guess",
        "Certain: it stands in the bytes. Inferred: it follows from them under an assumption. A guess: it is likely.",
    ),
    (
        "evidence",
        "The packet and the bytes from which something was learned. Bytes count from 0 within their packet.",
    ),
    (
        "observer",
        "Somebody who could have looked, and where: on the Wi-Fi, at the router, at the provider, at the server.",
    ),
];

/// Below the heading of flows.
pub(super) fn flows_caption(telling: &Telling<'_>) -> String {
    format!("They are counted from 0, as husk flows counts them{}.", telling.as_seen())
}

/// What the capture cannot tell, and what was left out.
pub(super) fn unknown(telling: &Telling<'_>, ledger: &Ledger) -> Vec<String> {
    let trace = telling.trace;
    let mut lines = Vec::new();
    if let Some(damage) = telling.source.damage() {
        lines.push(format!("The capture is damaged: {}.", escape(&damage.to_string())));
    }
    let unread = ledger.of(Class::Unknown);
    if unread > 0 {
        lines.push(format!(
            "{} are of no kind that husk knows, or their beginning is missing. They are not guessed.",
            counted(unread, "byte")
        ));
    }
    if trace.missing() > 0 {
        lines.push(format!(
            "{} were on the wire and are not in the capture: it was told to keep only the start of each packet.",
            counted(trace.missing(), "byte")
        ));
    }
    lines.extend(table::dropped(&trace.flows().dropped()).into_iter().map(|what| format!("Limits left out {what}.")));
    if let Some(view) = telling.seen_by {
        let known = view.observer.knows.iter();
        lines.extend(
            known.map(|what| format!("Known to this observer, but not from this capture: {}.", escape(what))),
        );
    }
    lines.extend(
        [
            "What is sealed: nobody without the keys can say what it says, only how long it is and when it went.",
            "Whether the other side did what it was asked: that something was sent, and even that it arrived, does not \
             say that it was read.",
            "What went another way, or was remembered and never sent: a name that the device knows already is not \
             asked for again.",
            "Who sits at the device: an address is a machine, often several behind one, and no person.",
            "Whether somebody did look. This page tells what could be read, not that it was.",
        ]
        .map(str::to_owned),
    );
    lines
}
