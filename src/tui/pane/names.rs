//! Names: what was asked, where it led, and who is on the link.

use super::turned;
use crate::capture::Fetch;
use crate::exposure::{Destination, Lookup, Names, Neighbour, Neighbours, destinations, lookups, neighbours};
use crate::tui::eyes::Eyes;
use crate::tui::roll::{Roll, Target};
use crate::tui::study::{Of, Study};

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum NamesPage {
    /// Questions and their answers.
    #[default]
    Questions,
    /// Names, their addresses, and the flows that went there.
    Addresses,
    /// Who is on the link.
    Link,
}

impl NamesPage {
    pub(in crate::tui) const ALL: [NamesPage; 3] = [NamesPage::Questions, NamesPage::Addresses, NamesPage::Link];

    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            NamesPage::Questions => "questions",
            NamesPage::Addresses => "addresses",
            NamesPage::Link => "on the link",
        }
    }
}

/// What was found.
pub(in crate::tui) struct Found {
    pub(in crate::tui) lookups: Vec<Lookup>,
    pub(in crate::tui) destinations: Vec<Destination>,
    pub(in crate::tui) neighbours: Neighbours,
    /// Why the neighbours could not be told.
    pub(in crate::tui) wrong: Option<String>,
    /// When the capture began.
    pub(in crate::tui) start: i64,
}

/// One row.
pub(in crate::tui) enum NamesRow<'a> {
    /// A question.
    Question(&'a Lookup),
    /// An address behind a name.
    Address(&'a Destination),
    /// Somebody on the link.
    Neighbour(&'a Neighbour),
}

/// The view.
#[derive(Default)]
pub(in crate::tui) struct NamesPane {
    study: Study<Found>,
    pub(in crate::tui) page: NamesPage,
    pub(in crate::tui) roll: Roll,
}

impl NamesPane {
    pub(in crate::tui) fn look(&mut self, of: Of, eyes: &Eyes, fetch: &Fetch) -> std::io::Result<()> {
        let fetch = fetch.clone();
        self.study.look(of, eyes, move |eyes| find(eyes, &fetch))?;
        Ok(())
    }

    pub(in crate::tui) fn is_busy(&self) -> bool {
        self.study.is_busy()
    }

    pub(in crate::tui) fn found(&self) -> Option<&Found> {
        self.study.get()
    }

    pub(in crate::tui) fn len(&self) -> usize {
        self.found().map_or(0, |found| match self.page {
            NamesPage::Questions => found.lookups.len(),
            NamesPage::Addresses => found.destinations.len(),
            NamesPage::Link => found.neighbours.all.len(),
        })
    }

    pub(in crate::tui) fn row(&self, at: usize) -> Option<NamesRow<'_>> {
        let found = self.found()?;
        match self.page {
            NamesPage::Questions => found.lookups.get(at).map(NamesRow::Question),
            NamesPage::Addresses => found.destinations.get(at).map(NamesRow::Address),
            NamesPage::Link => found.neighbours.all.get(at).map(NamesRow::Neighbour),
        }
    }

    /// The flow that the selected row is about: of an address the first that went there.
    pub(in crate::tui) fn flow(&self) -> Option<u32> {
        match self.row(self.roll.selected)? {
            NamesRow::Address(destination) => destination.flows.first().copied(),
            NamesRow::Question(_) | NamesRow::Neighbour(_) => None,
        }
    }

    pub(in crate::tui) fn target(&self) -> Option<Target> {
        Some(match self.row(self.roll.selected)? {
            NamesRow::Question(lookup) => Target::Packet(lookup.question),
            NamesRow::Address(destination) => match (destination.flows.as_slice(), destination.given) {
                ([flow], _) => Target::Flow(*flow),
                ([_, ..], _) => Target::Filter(address_filter(destination)?),
                ([], Some(packet)) => Target::Packet(packet),
                ([], None) => Target::Filter(format!("dns.qry.name == \"{}\"", destination.name)),
            },
            NamesRow::Neighbour(neighbour) => {
                let link = crate::bytes::hexadecimal(&neighbour.link, ":");
                Target::Filter(format!("eth.addr == {link}"))
            }
        })
    }

    pub(in crate::tui) fn turn(&mut self, forward: bool) {
        (self.page, self.roll) = (turned(NamesPage::ALL, self.page, forward), Roll::default());
    }
}

fn address_filter(destination: &Destination) -> Option<String> {
    let address = destination.address?;
    let field = if address.is_ipv6() { "ipv6.addr" } else { "ip.addr" };
    Some(format!("{field} == {address}"))
}

fn find(eyes: &Eyes, fetch: &Fetch) -> Found {
    let trace = eyes.trace();
    let lookups = lookups(&trace);
    let destinations = destinations(&trace, &Names::new(&trace), &lookups);
    let (neighbours, wrong) = match neighbours(&trace, fetch) {
        Ok(neighbours) => (neighbours, None),
        Err(error) => (Neighbours::default(), Some(error.to_string())),
    };
    Found { lookups, destinations, neighbours, wrong, start: trace.row(1).map_or(0, |row| row.time) }
}
