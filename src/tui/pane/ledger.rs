//! The capture's books: who has how many bytes, and what of them can be read.

use super::turned;
use crate::bytes::Ledger;
use crate::exposure::{Id, Names, Scope, Share, books, hierarchy, over_time};
use crate::tui::eyes::Eyes;
use crate::tui::roll::{Roll, Target};
use crate::tui::study::{Of, Study};

/// Spans of time that the capture is divided into: more than any screen is wide, so that a screen shows sums of them.
const SLOTS: usize = 960;

/// By what the bytes are eyes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum LedgerPage {
    /// Protocols, with what they carry.
    #[default]
    Protocols,
    /// Names.
    Names,
    /// Hosts.
    Hosts,
    /// Time.
    Time,
}

impl LedgerPage {
    pub(in crate::tui) const ALL: [LedgerPage; 4] =
        [LedgerPage::Protocols, LedgerPage::Names, LedgerPage::Hosts, LedgerPage::Time];

    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            LedgerPage::Protocols => "by protocol",
            LedgerPage::Names => "by name",
            LedgerPage::Hosts => "by host",
            LedgerPage::Time => "over time",
        }
    }
}

/// One line of the books.
#[derive(Clone, Debug)]
pub(in crate::tui) struct LedgerRow {
    /// How deep it stands.
    pub(in crate::tui) depth: usize,
    /// Whose bytes they are, escaped.
    pub(in crate::tui) label: String,
    /// Packets, where they are counted.
    pub(in crate::tui) packets: Option<u64>,
    pub(in crate::tui) ledger: Ledger,
    target: Option<Target>,
}

struct Shares {
    protocols: Vec<LedgerRow>,
    names: Vec<LedgerRow>,
    hosts: Vec<LedgerRow>,
    slots: Vec<Ledger>,
    span: i64,
    total: Ledger,
    /// Bytes that are there and whoever looks does not see.
    dark: u64,
    missing: u64,
}

/// The view.
#[derive(Default)]
pub(in crate::tui) struct LedgerPane {
    study: Study<Shares>,
    pub(in crate::tui) page: LedgerPage,
    pub(in crate::tui) roll: Roll,
}

impl LedgerPane {
    pub(in crate::tui) fn look(&mut self, of: Of, eyes: &Eyes) -> std::io::Result<()> {
        self.study.look(of, eyes, share_out)?;
        Ok(())
    }

    pub(in crate::tui) fn is_busy(&self) -> bool {
        self.study.is_busy()
    }

    /// The lines of the page.
    pub(in crate::tui) fn rows(&self) -> &[LedgerRow] {
        let Some(shares) = self.study.get() else { return &[] };
        match self.page {
            LedgerPage::Protocols => &shares.protocols,
            LedgerPage::Names => &shares.names,
            LedgerPage::Hosts => &shares.hosts,
            LedgerPage::Time => &[],
        }
    }

    /// All bytes that are seen, how many are dark, and how many were not captured.
    pub(in crate::tui) fn total(&self) -> Option<(Ledger, u64, u64)> {
        self.study.get().map(|shares| (shares.total, shares.dark, shares.missing))
    }

    /// The bytes of equal spans of time, and how long one is, in nanoseconds.
    pub(in crate::tui) fn time(&self) -> Option<(&[Ledger], i64)> {
        self.study.get().map(|shares| (shares.slots.as_slice(), shares.span))
    }

    pub(in crate::tui) fn target(&self) -> Option<Target> {
        self.rows().get(self.roll.selected)?.target.clone()
    }

    pub(in crate::tui) fn turn(&mut self, forward: bool) {
        (self.page, self.roll) = (turned(LedgerPage::ALL, self.page, forward), Roll::default());
    }
}

fn share_out(eyes: &Eyes) -> Shares {
    let trace = eyes.trace();
    let names = Names::new(&trace);
    let by_size = |mut rows: Vec<LedgerRow>| {
        rows.sort_by_key(|row| std::cmp::Reverse(row.ledger.total()));
        rows
    };
    let of = |scope| {
        let rows = books(&trace, &names, scope).into_iter().map(|book| {
            let (label, target) = match book.id {
                Id::Host(address) => {
                    let field = if address.is_ipv6() { "ipv6.addr" } else { "ip.addr" };
                    (address.to_string(), Some(Target::Filter(format!("{field} == {address}"))))
                }
                Id::Name(name) => {
                    let flow = trace
                        .flows()
                        .all()
                        .iter()
                        .find(|flow| names.of_flow(flow.number).is_some_and(|(n, _)| n == name));
                    (names.text(name).into_owned(), flow.map(|flow| Target::Flow(flow.number)))
                }
                Id::None | Id::Flow(_) | Id::Pair(_) | Id::Protocol(_) | Id::Time(_) => (String::new(), None),
            };
            LedgerRow { depth: 0, label, packets: None, ledger: book.ledger, target }
        });
        by_size(rows.collect())
    };
    let (slots, _, span) = over_time(&trace, SLOTS, None);
    Shares {
        protocols: hierarchy(&trace, None).iter().map(protocol_row).collect(),
        names: of(Scope::Name),
        hosts: of(Scope::Host),
        slots: slots.into_iter().map(|sum| sum.ledger).collect(),
        span,
        total: trace.total(),
        dark: (1..=trace.rows().len() as u32).map(|number| trace.dark(number)).sum(),
        missing: trace.missing(),
    }
}

fn protocol_row(share: &Share) -> LedgerRow {
    // A version is no protocol of the filter language.
    let name = if share.protocol().starts_with("tls") { "tls" } else { share.protocol() };
    let target = crate::protocols::field(name).map(|_| Target::Filter(name.to_owned()));
    LedgerRow {
        depth: share.depth(),
        label: share.protocol().to_owned(),
        packets: Some(share.sum.packets),
        ledger: share.sum.ledger,
        target,
    }
}
