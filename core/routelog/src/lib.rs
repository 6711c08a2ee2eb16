//! The log of route records: a Merkle tree (RFC 6962 §2.1, RFC 9162 §2.1) in the formats of C2SP
//! (tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature), which other people's tools read too.
//! Not here: what a route record says (`ringfence-charter`), who fetches and serves files, or any clock.
//!
//! Everything but `audit`, `disk` and `directory` takes bytes and gives bytes. Of the log nothing is believed: a tile,
//! an entry or a proof counts once it fits a checkpoint whose signature holds, and a checkpoint once it fits
//! the one that was seen before (`seen`).
pub mod checkpoint;
pub mod consistency;
pub mod cosigned;
pub mod edge;
pub mod entry;
pub mod fetch;
pub mod inclusion;
pub mod key;
pub mod log;
pub mod merkle;
pub mod note;
pub mod seen;
pub mod tile;

// A page has no disk; what is not compiled is not downloaded.
#[cfg(not(target_family = "wasm"))]
pub mod audit;
#[cfg(not(target_family = "wasm"))]
pub mod directory;
#[cfg(not(target_family = "wasm"))]
pub mod disk;

pub use ringfence_signed::{B32, Error, Result};
