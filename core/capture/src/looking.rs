//! Responsible for: who reads the streams of a flow: its detectors, or nobody any more.
//! Not responsible for: putting streams in order (`tcp`), or what they say (`detect`).
use crate::detect::{Detectors, Seen, Way};
use crate::found::Found;
use crate::tcp::Reader;

/// The sender's port first.
pub fn ports_from((a, b): (u16, u16), way: Way) -> (u16, u16) {
    match way {
        Way::Forth => (a, b),
        Way::Back => (b, a),
    }
}

/// The detectors of a flow, reading its streams.
pub struct Looking<'a, 'b> {
    pub detectors: &'a mut Detectors,
    pub found: &'a mut Found<'b>,
    /// Of whoever sent the first packet, and of the other.
    pub ports: (u16, u16),
}

impl Reader for Looking<'_, '_> {
    fn bytes(&mut self, way: Way, number: u64, at: i64, bytes: &[u8]) -> usize {
        let ports = ports_from(self.ports, way);
        let seen = Seen {
            number,
            at,
            way,
            ports,
            bytes,
            whole: bytes.len(),
        };
        self.detectors.stream(seen, self.found)
    }

    fn gap(&mut self, way: Way) {
        self.detectors.gap(way, self.found);
    }

    fn is_over(&self) -> bool {
        self.detectors.is_over()
    }
}

/// Whoever would read them needs no more.
pub struct Nobody;

impl Reader for Nobody {
    fn bytes(&mut self, _: Way, _: u64, _: i64, bytes: &[u8]) -> usize {
        bytes.len()
    }

    fn gap(&mut self, _: Way) {}

    fn is_over(&self) -> bool {
        true
    }
}
