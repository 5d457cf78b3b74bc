//! What may be said of bytes, before any protocol is known.
//!
//! The [`Cursor`] is the only thing that moves over bytes. It passes a byte by claiming it for a
//! [`Class`], so the books ([`Ledger`]) are right by construction. What it meets on the way it may
//! note in a [`Tree`], if one listens.

mod assembly;
mod class;
mod cursor;
mod field;
mod findings;
mod room;
mod text;
mod tree;

pub use assembly::{Assembly, Piece};
pub use class::{Class, Ledger, Split, Tally};
pub use cursor::{Cursor, REMARK, Renaming, STOPPED, Stop, Why};
pub use field::{Field, Kind, joined};
pub use findings::{Announced, Answering, Claim, Claims, Confidence, Fact, Findings, Key, Pairing, Whose};
pub use room::make_room;
pub use text::{escape, escape_bytes};
pub use tree::{Derived, Node, Tree, Value, hexadecimal};
