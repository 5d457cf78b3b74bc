//! Tests of the whole, from outside.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod capture;
mod cli;
mod tcp;
