//! The tree itself (RFC 6962 §2.1, RFC 9162 §2.1.1): the hash of a leaf, of a node, and of a whole tree, and
//! where a tree of any size is cut.
//! Not here: proofs (`inclusion`, `consistency`), or where hashes are kept (`tile`).
use crate::{B32, Result};
use sha2::{Digest as _, Sha256};

/// The hash of a leaf: SHA-256(0x00 ‖ data). The first byte keeps a node from being shown as a leaf.
pub fn leaf_hash(data: &[u8]) -> B32 {
    Sha256::new()
        .chain_update([0])
        .chain_update(data)
        .finalize()
        .into()
}

/// The hash of a node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &B32, right: &B32) -> B32 {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The hash of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> B32 {
    Sha256::digest([]).into()
}

/// A complete subtree: the 2^`level` leaves from `index` · 2^`level` on. Its hash never changes once all of
/// its leaves are there, so it is the unit in which hashes are kept and asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Height above the leaves, 0 to 63.
    pub level: u32,
    pub index: u64,
}

/// Where the hashes of complete subtrees come from.
pub trait Hashes {
    /// Errors: the source's own, for a node that it does not have.
    fn hash(&self, node: Node) -> Result<B32>;
}

/// The leaves `from..to` as RFC 9162 §2.1.1 cuts a tree: `from` is a multiple of a power of two that is not
/// smaller than the number of leaves, so that the span is a subtree, though not always a complete one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl Span {
    /// A whole tree.
    pub fn tree(size: u64) -> Self {
        Self { from: 0, to: size }
    }

    /// Number of leaves.
    pub fn len(self) -> u64 {
        self.to - self.from
    }

    pub fn is_empty(self) -> bool {
        self.from == self.to
    }

    /// Cut where the RFC cuts: the left part has the largest power of two below the number of leaves.
    /// `None` for fewer than two leaves, which are not cut.
    pub fn halves(self) -> Option<(Span, Span)> {
        let last = self.len().checked_sub(1).filter(|last| *last > 0)?;
        let middle = self.from + (1 << last.ilog2());
        Some((Span { to: middle, ..self }, Span { from: middle, ..self }))
    }

    /// The complete subtrees that it consists of, from the left: one for each bit of its length.
    pub fn nodes(self) -> impl DoubleEndedIterator<Item = Node> {
        let length = self.len();
        (0..u64::BITS)
            .rev()
            .filter(move |level| length >> level & 1 == 1)
            .map(move |level| {
                // What lies left of this node is the length's higher bits.
                let before = length >> level & !1;
                Node {
                    level,
                    index: (self.from >> level) + before,
                }
            })
    }

    /// Its hash (MTH of RFC 9162 §2.1.1). Errors: those of the source.
    pub fn hash(self, source: &impl Hashes) -> Result<B32> {
        let mut right: Option<B32> = None;
        for node in self.nodes().rev() {
            let hash = source.hash(node)?;
            right = Some(right.map_or(hash, |right| node_hash(&hash, &right)));
        }
        Ok(right.unwrap_or_else(empty_root))
    }
}

/// The root of a tree of `size` leaves. Errors: those of the source.
pub fn root(size: u64, source: &impl Hashes) -> Result<B32> {
    Span::tree(size).hash(source)
}

/// The hash of a complete subtree from the hashes of one of its rows, whose number is a power of two.
pub(crate) fn fold(row: &[B32]) -> B32 {
    debug_assert!(row.len().is_power_of_two());
    let mut row = row.to_vec();
    while row.len() > 1 {
        row = row
            .chunks_exact(2)
            .map(|pair| node_hash(&pair[0], &pair[1]))
            .collect();
    }
    row[0]
}
