//! Responsible for: the Dependency Descriptor of a stream of one layer, each frame made of the one before.
//! Not responsible for: reading descriptors (core/packet).
//!
//! AV1 RTP payload specification, appendix A.8.

/// Template 0: a key frame. Template 1: a frame that needs the one before it.
const KEY: u8 = 0;
const AFTER: u8 = 1;

/// The descriptor of one packet. `size`: width and height, with the first packet of a key frame only.
pub fn write(first: bool, last: bool, key: bool, frame: u16, size: Option<(u16, u16)>) -> Vec<u8> {
    let template = if key { KEY } else { AFTER };
    let mut bits = Bits::default();
    bits.put(first.into(), 1);
    bits.put(last.into(), 1);
    bits.put(template.into(), 6);
    bits.put(frame.into(), 16);
    let Some((width, height)) = size.filter(|_| key && first) else {
        return bits.bytes;
    };
    bits.put(0b10000, 5); // a structure comes with it, and nothing else
    bits.put(0, 6); // the first template's id
    bits.put(0, 5); // one decode target
    bits.put(0b0011, 4); // two templates, of one layer
    bits.put(0b1010, 4); // a decoder can switch at both (DTI 2)
    bits.put(0b0, 1); // a key frame needs no other
    bits.put(0b10_0000, 6); // the other needs that of one before: its distance less one, and no more
    bits.put(0b1, 1); // one chain
    bits.put(0b0000_0001, 8); // in which a frame follows the one before
    bits.put(0b1, 1); // the size is said
    bits.put(u32::from(width.saturating_sub(1)), 16);
    bits.put(u32::from(height.saturating_sub(1)), 16);
    bits.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn put(&mut self, value: u32, count: usize) {
        for at in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("one was pushed");
            *last |= ((value >> at & 1) as u8) << (7 - self.used % 8);
            self.used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_packet::dependency::{Layers, read, read_details};

    #[test]
    fn the_forwarder_reads_what_is_written() {
        let bytes = write(true, false, true, 513, Some((320, 180)));
        assert!(bytes.len() <= 16, "it fits one-byte headers");
        let descriptor = read(&bytes).expect("it is whole");
        assert!(descriptor.starts_key_frame() && !descriptor.ends_frame);
        assert_eq!(descriptor.frame_number, 513);
        let structure = read_details(&bytes, None).expect("it makes sense").structure;
        let structure = structure.expect("it comes with a key frame");
        assert_eq!(structure.templates, [Layers::default(); 2]);
        assert_eq!(structure.chains, [0]);
        let after = write(true, true, false, 514, Some((320, 180)));
        assert_eq!(after.len(), 3);
        let details = read_details(&after, Some(&structure)).expect("its template is known");
        assert_eq!(details.layers, Layers::default());
    }
}
