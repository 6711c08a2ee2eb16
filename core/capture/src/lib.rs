//! Responsible for: what a packet capture shows: its flows with their peers, packets and bytes, and what is said in each.
//! Not responsible for: what that means (`ringfence.audit`), or sending anything, ever.
//!
//! A capture is hostile input: every reader here is total, and memory is bounded by the number of flows.

mod chunk;
mod counts;
mod decoded;
pub mod detect;
mod engine;
pub mod file;
mod flow;
mod found;
mod fragments;
mod ip;
mod key;
mod link;
mod live;
mod looking;
mod observation;
pub mod packet;
mod parallel;
mod scan;
mod source;
mod summary;
mod table;
pub mod tcp;
mod timeline;
mod turns;

pub use counts::Counts;
pub use found::{Evidence, Found, Shown};
pub use live::Live;
pub use observation::*;
pub use scan::{Ended, scan, scan_in_chunks, scan_in_memory};
pub use summary::{Scan, Summary, Totals};
pub use timeline::Steps;
