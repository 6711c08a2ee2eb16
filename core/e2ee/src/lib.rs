//! Group keys, admission, media keys, and the participant as a state machine.
//! Not here: sockets, clocks, WebCrypto keys, frames in the browser.
pub mod admit;
mod admit_charter;
mod admit_group;
mod admit_removals;
pub mod candidate;
pub mod code;
pub mod context;
pub mod delivery;
pub mod facts;
pub mod keys;
pub mod knock;
pub mod member;
pub mod participant;
pub mod passphrase;
pub mod provider;
pub mod rehearsal;

pub use participant::Participant;
