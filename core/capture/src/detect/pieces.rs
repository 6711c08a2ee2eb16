//! Responsible for: putting bytes together whose pieces come in any order, some of them twice.
//! Not responsible for: what they are.

/// So many pieces with holes between them are kept.
const MOST: usize = 32;

/// Bytes from a known start on, as far as they came.
#[derive(Default)]
pub struct Pieces {
    bytes: Vec<u8>,
    /// Where bytes came, from and to, in order; none touches another.
    come: Vec<(usize, usize)>,
}

impl Pieces {
    /// Keeps a piece, unless it ends beyond `longest`, or there are too many holes.
    pub fn put(&mut self, offset: usize, piece: &[u8], longest: usize) {
        let Some(end) = offset.checked_add(piece.len()).filter(|end| *end <= longest) else {
            return;
        };
        let touching = |&&(from, to): &&(usize, usize)| from <= end && to >= offset;
        if piece.is_empty() || (self.come.len() == MOST && !self.come.iter().any(|range| touching(&range))) {
            return;
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[offset..end].copy_from_slice(piece);
        let (mut from, mut to) = (offset, end);
        self.come.retain(|range| {
            let joins = touching(&range);
            if joins {
                (from, to) = (from.min(range.0), to.max(range.1));
            }
            !joins
        });
        let at = self.come.partition_point(|range| range.0 < from);
        self.come.insert(at, (from, to));
    }

    /// What came without a hole from the start on.
    pub fn whole(&self) -> &[u8] {
        match self.come.first() {
            Some(&(0, to)) => &self.bytes[..to],
            _ => &[],
        }
    }

    pub fn held(&self) -> usize {
        self.bytes.capacity() + self.come.capacity() * size_of::<(usize, usize)>()
    }
}
