//! One integration crate: what husk promises, held against real captures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

mod capture;
mod cli;
mod cuts;
mod docs;
mod filters;
mod fixtures;
mod floods;
mod floors;
mod glossary;
mod holds;
mod hostile;
mod invariants;
mod lessons;
#[cfg(all(feature = "live", target_os = "linux"))]
mod live;
mod mutation;
mod leaks;
mod limits;
mod network;
mod observing;
mod oracle;
mod picture;
mod report;
mod tcp;
mod views;
