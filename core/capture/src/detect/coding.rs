//! Responsible for: bodies of HTTP that were packed for the way, with gzip or deflate (RFC 9110 section 8.4.1).
//! Not responsible for: where a body begins and ends (`http`), or what is in it (`secrets`, `sdp`). Brotli is not read.
use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::io::{self, Write};

/// So much of a body is unpacked: signalling is short, and a little can become very much.
const LONGEST: usize = 256 << 10;
/// What a decoder holds on the heap, about.
pub const DECODER: usize = 80 << 10;

/// A body that comes piece by piece.
pub enum Coding {
    Gzip(GzDecoder<Bounded>),
    /// Before its first byte: senders write it with the header of zlib, as they should, or without.
    Deflate,
    Zlib(ZlibDecoder<Bounded>),
    Raw(DeflateDecoder<Bounded>),
    /// It is damaged, longer than is read, or of a kind that is not.
    Closed,
}

impl Coding {
    /// By the value of Content-Encoding; `None` where nothing was packed.
    pub fn named(value: &[u8]) -> Option<Self> {
        let is = |name: &[u8]| value.eq_ignore_ascii_case(name);
        if is(b"identity") || value.is_empty() {
            None
        } else if is(b"gzip") || is(b"x-gzip") {
            Some(Self::Gzip(GzDecoder::new(Bounded::default())))
        } else if is(b"deflate") {
            Some(Self::Deflate)
        } else {
            Some(Self::Closed)
        }
    }

    /// What a further piece stands for.
    pub fn unpack(&mut self, piece: &[u8]) -> Vec<u8> {
        if let (Self::Deflate, Some(first)) = (&self, piece.first()) {
            // RFC 1950 section 2.2: the method, 8, in the lower half. No block of plain deflate that holds text begins so:
            // it would be a stored one with bits set that are skipped.
            *self = match first & 0x0f {
                8 => Self::Zlib(ZlibDecoder::new(Bounded::default())),
                _ => Self::Raw(DeflateDecoder::new(Bounded::default())),
            };
        }
        let (done, made) = match self {
            Self::Gzip(decoder) => (fed(decoder, piece), decoder.get_mut().taken()),
            Self::Zlib(decoder) => (fed(decoder, piece), decoder.get_mut().taken()),
            Self::Raw(decoder) => (fed(decoder, piece), decoder.get_mut().taken()),
            Self::Deflate | Self::Closed => return vec![],
        };
        if done.is_err() {
            *self = Self::Closed;
        }
        made
    }

    pub fn held(&self) -> usize {
        match self {
            Self::Deflate | Self::Closed => 0,
            _ => DECODER,
        }
    }
}

fn fed(decoder: &mut impl Write, piece: &[u8]) -> io::Result<()> {
    decoder.write_all(piece)?;
    decoder.flush()
}

/// What was made since it was last taken, of a whole that is not longer than is read.
#[derive(Default)]
pub struct Bounded {
    made: Vec<u8>,
    whole: usize,
}

impl Bounded {
    fn taken(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.made)
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.whole + bytes.len() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.whole += bytes.len();
        self.made.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
