//! What a trace gives away: the names of flows and where they came from, how far each flow got, what
//! answers what, and the books of what is visible and what is not, for the capture, each flow, host and name.

mod books;
mod complaints;
mod dictionary;
mod exchanges;
pub mod leak;
mod names;
pub mod observer;
mod stage;

pub use books::{Book, Id, Scope, books};
pub use complaints::Complaints;
pub use exchanges::{Exchange, Exchanges};
pub use leak::{Evidence, Leak, LeakKind, Leaks};
pub use names::{NameSource, Names, Seen};
pub use observer::{Observer, Observers, View};
pub use stage::Stage;
