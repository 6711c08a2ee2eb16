//! Responsible for: writing the header of an RTP packet with its extensions (RFC 3550 section 5.1, RFC 8285).
//! Not responsible for: what stands in it.

const VERSION: u8 = 2 << 6;
const PADDED: u8 = 1 << 5;
const EXTENDED: u8 = 1 << 4;
/// RFC 8285 section 4.2: identifiers and lengths in one byte; section 4.3: in two.
const ONE_BYTE: [u8; 2] = [0xbe, 0xde];
const TWO_BYTES: [u8; 2] = [0x10, 0x00];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Padding stands behind the payload; its last byte says how much.
    pub padded: bool,
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Header {
    /// Appends it with extensions, each an identifier from 1 on and at most 255 bytes; says how long it is. What is
    /// longer is left out.
    pub fn append(&self, out: &mut Vec<u8>, extensions: &[(u8, &[u8])]) -> usize {
        let start = out.len();
        let extended = !extensions.is_empty();
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        out.push(VERSION | flag(self.padded, PADDED) | flag(extended, EXTENDED));
        out.push(flag(self.marker, 1 << 7) | (self.payload_type & 0x7f));
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        if extended {
            append_extensions(out, extensions);
        }
        out.len() - start
    }
}

fn append_extensions(out: &mut Vec<u8>, extensions: &[(u8, &[u8])]) {
    let fits = |(id, value): &(u8, &[u8])| *id < 15 && (1..=16).contains(&value.len());
    let short = extensions.iter().all(fits);
    out.extend_from_slice(if short { &ONE_BYTE } else { &TWO_BYTES });
    let length_at = out.len();
    out.extend_from_slice(&[0; 2]);
    for (id, value) in extensions {
        let Ok(length) = u8::try_from(value.len()) else {
            continue;
        };
        match short {
            true => out.push(id << 4 | (length - 1)),
            false => out.extend_from_slice(&[*id, length]),
        }
        out.extend_from_slice(value);
    }
    let length = out.len() - length_at - 2;
    out.resize(length_at + 2 + length.next_multiple_of(4), 0);
    // At most 15 extensions of 257 bytes.
    let words = (length.div_ceil(4) as u16).to_be_bytes();
    out[length_at..length_at + 2].copy_from_slice(&words);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        padded: false,
        marker: true,
        payload_type: 96,
        sequence: 0x0102,
        timestamp: 0x0304_0506,
        ssrc: 0x0708_090a,
    };

    fn written(header: Header, extensions: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = vec![7];
        let length = header.append(&mut out, extensions);
        assert_eq!(out.len(), 1 + length);
        out.split_off(1)
    }

    #[test]
    fn a_header_is_twelve_bytes_with_its_flags() {
        assert_eq!(written(HEADER, &[]), [0x80, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let other = Header {
            padded: true,
            marker: false,
            ..HEADER
        };
        assert_eq!(written(other, &[])[..2], [0xa0, 0x60]);
    }

    #[test]
    fn extensions_are_in_one_byte_form_while_they_fit_and_padded_to_words() {
        let one = written(HEADER, &[(1, &[9]), (14, &[8; 16])]);
        assert_eq!(one[0], 0x90);
        assert_eq!(one[12..18], [0xbe, 0xde, 0, 5, 0x10, 9]);
        assert_eq!((one[18], one.len()), (0xef, 12 + 4 + 20));
        for extension in [(15, &[1; 2][..]), (2, &[1; 17]), (2, &[])] {
            let two = written(HEADER, &[extension]);
            assert_eq!(two[12..14], [0x10, 0], "{extension:?}");
            assert_eq!(two[16..18], [extension.0, extension.1.len() as u8]);
            assert_eq!(two.len() % 4, 0);
        }
    }
}
