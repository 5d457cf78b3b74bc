//! Bytes by class as a bar, drawn to scale.

use askama::Template;

use crate::bytes::{Ledger, Split};
use crate::report::table::{counted, percent};

/// A bar. It is a template of its own, and so escaped already.
#[derive(Template)]
#[template(path = "report/bar.html")]
pub(super) struct Bar {
    look: &'static str,
    says: String,
    parts: Vec<Stretch>,
}

impl askama::filters::HtmlSafe for Bar {}

struct Stretch {
    class: String,
    /// In thousandths of the bar.
    from: String,
    width: String,
    says: String,
}

impl Bar {
    /// A ledger by class.
    pub(super) fn new(ledger: &Ledger, look: &'static str) -> Bar {
        let parts = ledger
            .iter()
            .filter(|(_, bytes)| *bytes > 0)
            .map(|(class, bytes)| (class.letter().to_string(), class.name(), bytes));
        Bar { look, says: says(ledger), parts: stretches(parts, ledger.total()) }
    }

    /// A ledger by the side of the split.
    pub(super) fn of_sides(ledger: &Ledger) -> Bar {
        let sides = [Split::Visible, Split::Encrypted, Split::Neither].map(|side| {
            let name = name(side);
            (name.to_owned(), name, ledger.split(side))
        });
        let parts = sides.into_iter().filter(|(.., bytes)| *bytes > 0);
        Bar { look: "bar sides", says: says(ledger), parts: stretches(parts, ledger.total()) }
    }
}

/// What a side of the split is called.
pub(super) const fn name(side: Split) -> &'static str {
    match side {
        Split::Visible => "visible",
        Split::Encrypted => "encrypted",
        Split::Neither => "neither",
    }
}

fn says(ledger: &Ledger) -> String {
    let side = |side| format!("{} {}", percent(ledger.split(side), ledger.total()), name(side));
    [Split::Visible, Split::Encrypted, Split::Neither].map(side).join(", ")
}

fn stretches(parts: impl Iterator<Item = (String, &'static str, u64)>, total: u64) -> Vec<Stretch> {
    let mut before = 0;
    let scaled = |bytes: u64| {
        // Hundredths of a thousandth, so that whole numbers do.
        let hundredths = u128::from(bytes) * 100_000 / u128::from(total.max(1));
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    };
    parts
        .map(|(class, name, bytes)| {
            let from = scaled(before);
            before += bytes;
            let says = format!("{name}: {}, {}", counted(bytes, "byte"), percent(bytes, total));
            Stretch { class, from, width: scaled(bytes), says }
        })
        .collect()
}
