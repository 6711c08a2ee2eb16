//! Responsible for: reading, renumbering and writing what a forwarder may see of a packet.
//! Not responsible for: deciding anything, or any byte of a frame: payloads are ciphertext.

pub mod dependency;
pub mod feedback;
pub mod rtcp;
pub mod rtp;
pub mod stun;
pub mod vp8;
