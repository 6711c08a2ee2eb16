//! Responsible for: the media of one participant outside a browser: its connection, and its frames sealed and opened.
//! Not responsible for: whether media may flow, and by which keys (core/e2ee): it is told.

pub mod call;
pub mod descriptor;
pub mod frames;
pub mod peer;
pub mod replay;
pub mod ring;
pub mod sending;
pub mod source;
pub mod thread;
pub mod trips;
pub mod vp8;
