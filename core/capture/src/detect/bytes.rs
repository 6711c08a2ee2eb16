//! Responsible for: taking numbers and pieces from bytes, never from beyond their end.
//! Not responsible for: what they mean.

/// What is left of some bytes. Whatever does not fit gives `None` and takes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn len(&self) -> usize {
        self.rest.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A big-endian number of so many bytes, 8 at most.
    pub fn number(&mut self, count: usize) -> Option<u64> {
        debug_assert!(count <= 8);
        let bytes = self.take(count)?;
        Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.number(1).map(|value| value as u8)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|value| value as u16)
    }

    pub fn u24(&mut self) -> Option<usize> {
        self.number(3).map(|value| value as usize)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.number(4).map(|value| value as u32)
    }

    /// A piece with its length before it, in so many bytes.
    pub fn prefixed(&mut self, width: usize) -> Option<Reader<'a>> {
        let mut ahead = *self;
        let length = usize::try_from(ahead.number(width)?).ok()?;
        let piece = ahead.take(length)?;
        *self = ahead;
        Some(Reader::new(piece))
    }
}

/// The big-endian number of two bytes at `at`.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let [high, low] = *bytes.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes([high, low]))
}

/// The big-endian number of four bytes at `at`.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
