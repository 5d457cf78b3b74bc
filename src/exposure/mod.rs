//! What a trace gives away: the names of flows and where they came from, how far each flow got, what
//! answers what, and the books of what is visible and what is not, for the capture, each flow, host and name.

mod books;
mod complaints;
mod exchanges;
mod names;
mod stage;

pub use books::{Book, Id, Scope, books};
pub use complaints::Complaints;
pub use exchanges::{Exchange, Exchanges};
pub use names::{NameSource, Names, Seen};
pub use stage::Stage;
