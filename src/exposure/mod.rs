//! What a trace gives away: the names of flows and where they came from, how far each flow got, what
//! answers what, and the books of what is visible and what is not, for the capture, each flow, host and name.
//!
//! ```text
//! lookups     questions for names, and where they led      journey   what happened on the way to each site
//! neighbours  who is on the link, and who forwards         shares    bytes by protocol, over time
//! rounds      what was asked on the link, and by whom it was answered
//! leak        what is learned, once each                   observer  who could have looked
//! ```

mod books;
mod bursts;
mod complaints;
mod dictionary;
mod exchanges;
mod journey;
pub mod leak;
mod lookups;
mod names;
mod neighbours;
pub mod observer;
mod rounds;
mod secured;
mod session;
mod shares;
pub mod sizes;
mod stage;
#[cfg(test)]
mod tests;

pub use books::{Book, Id, Scope, books, books_of, dark_of_flows};
pub use complaints::Complaints;
pub use exchanges::{Exchange, Exchanges};
pub use journey::{Kind as StepKind, Step, Visit, journey};
pub use leak::{Evidence, Leak, LeakKind, Leaks};
pub use lookups::{Destination, Lookup, destinations, lookups};
pub use names::{NameSource, Nameless, Names, Naming, Seen};
pub use neighbours::{Behind, How, Neighbour, Neighbours, neighbours};
pub use observer::{Observer, Observers, View};
pub use rounds::{Round, Turn, rounds};
pub use session::{Mark, Said, Session, Topic, session};
pub use shares::{Matter, Share, Sum, hierarchy, over_time};
pub use stage::{Outcome, Stage};
