//! husk: which bytes of a capture could somebody else read, who, and what did they learn?

pub mod capture;
