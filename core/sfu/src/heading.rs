//! Responsible for: what has to be known of a packet to decide about it.
//! Not responsible for: finding that out (`peer`), or deciding (`route`).

use crate::allocate::TEMPORAL;
use crate::stream::{Form, Layer};

/// What has to be known of a packet to decide about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    pub ssrc: u32,
    pub form: Form,
    pub layer: Layer,
    /// Decoding can begin with it.
    pub can_start: bool,
    /// The RTP timestamp, which all packets of a picture share.
    pub picture: u32,
    /// Nothing of its layer follows in its picture.
    pub ends_layer: bool,
    /// The temporal layer of its picture, and from which ones on decoding can begin there (`begins_at`).
    pub temporal: u8,
    pub begins: u16,
}

/// The bit of a layer with its frames up to a temporal layer.
pub fn begins_at(layer: Layer, temporal: u8) -> u16 {
    1 << (layer as usize * TEMPORAL + usize::from(temporal.min(SMOOTHEST)))
}

/// The highest temporal layer that is told from those below it: with it all frames go on.
pub const SMOOTHEST: u8 = TEMPORAL as u8 - 1;
