//! Group keys, admission, media keys, and the participant as a state machine.
//! Not here: sockets, clocks, WebCrypto keys, frames in the browser.
pub mod admit;
mod admit_group;
pub mod code;
pub mod context;
pub mod delivery;
pub mod facts;
pub mod keys;
pub mod knock;
pub mod member;
pub mod participant;
pub mod provider;

pub use participant::Participant;
