//! A receipt: one participant's signed account of where a meeting was held, with everything that its lines rest on.
//! Not here: gathering it (`ringfence-e2ee`), or the decision (`ringfence-fence`).
//!
//! `document` is what is signed, `verify` checks one for somebody who was not there, `compare` several of one meeting.
#[cfg(feature = "verify")]
pub mod compare;
pub mod document;
#[cfg(feature = "verify")]
mod lines;
#[cfg(feature = "verify")]
pub mod report;
#[cfg(feature = "verify")]
pub mod verify;

pub use document::Receipt;
pub use ringfence_signed::{B16, B32, Error, Result};
