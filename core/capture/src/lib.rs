//! Responsible for: what a packet capture shows: its flows with their peers, packets and bytes, and what is said in each.
//! Not responsible for: what that means (`ringfence.audit`), or sending anything, ever.
//!
//! A capture is hostile input: every reader here is total, and memory is bounded by the number of flows.

pub mod detect;
pub mod found;
pub mod observation;

pub use found::{Evidence, Found};
pub use observation::{Observation, Text};
