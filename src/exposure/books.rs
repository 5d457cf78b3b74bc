//! The ledger of the capture, and of each flow, host and name in it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Names, Sum, hierarchy, over_time};
use crate::bytes::Ledger;
use crate::flow::NO_FLOW;
use crate::protocols::Side;
use crate::trace::Trace;

/// What a ledger is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The whole capture.
    Capture,
    /// One flow. Flows, and the packets that belong to none, sum to the capture.
    Flow,
    /// One address: all flows that it is an end of. A flow counts for both its ends, so hosts do not sum.
    Host,
    /// One name: all flows that bear it.
    Name,
    /// Two addresses that talk: all flows between them. Pairs, and the packets that belong to no flow, sum to the
    /// capture.
    Pair,
    /// One protocol with all that it carries, behind those that carry it. The outermost ones sum to the capture.
    Protocol,
    /// A span of time; so many equal ones from the first packet to the last sum to what is timed of the capture.
    Time,
}

/// Spans of time that a capture is divided into.
const SPANS: usize = 60;

impl Scope {
    /// All scopes, in the order in which they are shown.
    pub const ALL: [Scope; 7] =
        [Scope::Capture, Scope::Flow, Scope::Host, Scope::Pair, Scope::Name, Scope::Protocol, Scope::Time];

    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Capture => "capture",
            Scope::Flow => "flow",
            Scope::Host => "host",
            Scope::Name => "name",
            Scope::Pair => "pair",
            Scope::Protocol => "protocol",
            Scope::Time => "time",
        }
    }
}

/// Which one of its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// There is only one; or the packets that belong to no flow.
    None,
    /// A flow's number.
    Flow(u32),
    /// An address.
    Host(IpAddr),
    /// A name's number: [`Names::text`].
    Name(u32),
    /// Two addresses, the lower one first.
    Pair([IpAddr; 2]),
    /// A protocol behind those that carry it, outermost first.
    Protocol(Vec<&'static str>),
    /// When a span of time begins, nanoseconds since 1970.
    Time(i64),
}

/// The bytes of one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// What it is about.
    pub scope: Scope,
    /// Which one.
    pub id: Id,
    /// Captured bytes by class.
    pub ledger: Ledger,
    /// Bytes that were on the wire and not captured.
    pub missing: u64,
    /// Bytes that were captured and that whose trace this is cannot see ([`Trace::narrowed`]).
    pub dark: u64,
}

impl Book {
    /// All bytes that were captured.
    pub fn captured(&self) -> u64 {
        self.ledger.total() + self.dark
    }
}

/// The books of one scope: flows by number, hosts by address, names by their first flow.
pub fn books(trace: &Trace, names: &Names, scope: Scope) -> Vec<Book> {
    books_of(trace, names, scope, None)
}

/// The same of some packets only, given by their numbers in order; what has none of them is left out.
pub fn books_of(trace: &Trace, names: &Names, scope: Scope, only: Option<&[u32]>) -> Vec<Book> {
    let capture = match only {
        None if trace.is_narrowed() => Book { scope, ..of_packets(trace, 1..=trace.rows().len() as u32) },
        None => Book { scope, id: Id::None, ledger: trace.total(), missing: trace.missing(), dark: 0 },
        Some(only) => Book { scope, ..of_packets(trace, only.iter().copied()) },
    };
    let flows = || flow_books(trace, only);
    let chosen = only.is_some() || trace.is_narrowed();
    let is_empty = |book: &Book| chosen && book.captured() == 0 && book.missing == 0;
    match scope {
        Scope::Capture => vec![capture],
        Scope::Flow => {
            let mut books = flows();
            books.retain(|book| !is_empty(book));
            let rest = without_flow(trace, only);
            if rest.captured() > 0 || rest.missing > 0 {
                books.push(rest);
            }
            books
        }
        Scope::Host => {
            let mut hosts: BTreeMap<IpAddr, Book> = BTreeMap::new();
            for (flow, book) in trace.flows().all().iter().zip(flows()).filter(|(_, book)| !is_empty(book)) {
                let ends = [flow.endpoint(Side::Client).0, flow.endpoint(Side::Server).0];
                let distinct = if ends[0] == ends[1] { 1 } else { 2 };
                for address in ends.into_iter().take(distinct) {
                    join(hosts.entry(address).or_insert(Book { scope, id: Id::Host(address), ..NOTHING }), &book);
                }
            }
            hosts.into_values().collect()
        }
        Scope::Pair => {
            let mut pairs: BTreeMap<[IpAddr; 2], Book> = BTreeMap::new();
            for (flow, book) in trace.flows().all().iter().zip(flows()).filter(|(_, book)| !is_empty(book)) {
                let mut ends = [flow.endpoint(Side::Client).0, flow.endpoint(Side::Server).0];
                ends.sort_unstable();
                join(pairs.entry(ends).or_insert(Book { scope, id: Id::Pair(ends), ..NOTHING }), &book);
            }
            pairs.into_values().collect()
        }
        Scope::Protocol => {
            let shares = hierarchy(trace, only).into_iter();
            shares.map(|share| book_of(scope, Id::Protocol(share.path), &share.sum)).collect()
        }
        Scope::Time => {
            let (sums, first, span) = over_time(trace, SPANS, only);
            let begins = (0..).map(|n| Id::Time(first.saturating_add(span.saturating_mul(n))));
            begins.zip(&sums).map(|(id, sum)| book_of(scope, id, sum)).collect()
        }
        Scope::Name => {
            let mut named: Vec<Book> = Vec::new();
            let mut places: BTreeMap<u32, usize> = BTreeMap::new();
            for (flow, book) in trace.flows().all().iter().zip(flows()).filter(|(_, book)| !is_empty(book)) {
                let Some((name, _)) = names.of_flow(flow.number) else { continue };
                let at = *places.entry(name).or_insert(named.len());
                if at == named.len() {
                    named.push(Book { scope, id: Id::Name(name), ..NOTHING });
                }
                if let Some(sum) = named.get_mut(at) {
                    join(sum, &book);
                }
            }
            named
        }
    }
}

fn book_of(scope: Scope, id: Id, sum: &Sum) -> Book {
    Book { scope, id, ledger: sum.ledger, missing: sum.missing, dark: sum.dark }
}

const NOTHING: Book = Book { scope: Scope::Flow, id: Id::None, ledger: Ledger::NOTHING, missing: 0, dark: 0 };

fn join(sum: &mut Book, more: &Book) {
    sum.ledger += more.ledger;
    sum.missing += more.missing;
    sum.dark += more.dark;
}

fn flow_books(trace: &Trace, only: Option<&[u32]>) -> Vec<Book> {
    let flows = trace.flows().all().iter();
    let Some(only) = only else {
        let mut books: Vec<Book> =
            flows.map(|flow| Book { id: Id::Flow(flow.number), ledger: flow.ledger(), ..NOTHING }).collect();
        for (row, number) in trace.rows().iter().zip(1..) {
            if let Some(book) = books.get_mut(row.flow as usize) {
                book.missing += u64::from(row.length.saturating_sub(row.captured));
                book.dark += if trace.is_narrowed() { trace.dark(number) } else { 0 };
            }
        }
        return books;
    };
    let mut books: Vec<Book> = flows.map(|flow| Book { id: Id::Flow(flow.number), ..NOTHING }).collect();
    for number in only {
        let flow = trace.row(*number).and_then(|row| books.get_mut(row.flow as usize));
        if let Some(book) = flow {
            join(book, &of_packets(trace, [*number]));
        }
    }
    books
}

/// The bytes of each flow that whose trace this is cannot see, by its number; nothing if he sees all.
pub fn dark_of_flows(trace: &Trace) -> Vec<u64> {
    if !trace.is_narrowed() {
        return Vec::new();
    }
    flow_books(trace, None).into_iter().map(|book| book.dark).collect()
}

fn without_flow(trace: &Trace, only: Option<&[u32]>) -> Book {
    let of_none = |number: &u32| trace.row(*number).is_some_and(|row| row.flow == NO_FLOW);
    match only {
        None => of_packets(trace, (1..=trace.rows().len() as u32).filter(of_none)),
        Some(only) => of_packets(trace, only.iter().copied().filter(of_none)),
    }
}

/// The bytes of some packets.
fn of_packets(trace: &Trace, packets: impl IntoIterator<Item = u32>) -> Book {
    let mut sum = NOTHING;
    for number in packets {
        let Some(row) = trace.row(number) else { continue };
        sum.ledger += trace.ledger(number);
        sum.missing += u64::from(row.length.saturating_sub(row.captured));
        sum.dark += trace.dark(number);
    }
    sum
}
