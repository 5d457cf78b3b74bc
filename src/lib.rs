//! husk reads packets, peels them layer by layer, puts streams back together, and answers one question:
//! which of these bytes could somebody else read, who, and what did they learn?
//!
//! The modules, from the ground up (each uses only those above it in this list; `docs/architecture.md`):

pub mod bytes;
pub mod confine;
pub mod capture;
pub mod glossary;
pub mod protocols;
pub mod packet;
pub mod flow;
pub mod trace;
pub mod explain;
pub mod exposure;
pub mod filter;
pub mod report;
pub mod tui;
pub mod cli;
