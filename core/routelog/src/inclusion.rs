//! Inclusion proofs (RFC 9162 §2.1.3): that a leaf is in a tree, at its place.
//! Not here: what the leaf says (`entry`), or whether the tree is the log's (`checkpoint`).
use crate::merkle::{Hashes, Span, node_hash};
use crate::{B32, Error, Result};

/// The subtrees whose hashes are the proof, in its order: from the leaf up.
///
/// Errors: `RF2301` when the tree has no such leaf.
pub fn spans(index: u64, size: u64) -> Result<Vec<Span>> {
    if index >= size {
        return Err(Error::new(
            "RF2301",
            format!("there is no entry {index} in a tree of {size}"),
        ));
    }
    let mut spans = vec![];
    let mut tree = Span::tree(size);
    while let Some((left, right)) = tree.halves() {
        let (beside, within) = if index < left.to {
            (right, left)
        } else {
            (left, right)
        };
        spans.push(beside);
        tree = within;
    }
    spans.reverse();
    Ok(spans)
}

/// The proof that the leaf at `index` is in the tree of the first `size` leaves.
///
/// Errors: `RF2301`; those of the source.
pub fn prove(index: u64, size: u64, source: &impl Hashes) -> Result<Vec<B32>> {
    spans(index, size)?
        .into_iter()
        .map(|span| span.hash(source))
        .collect()
}

/// Checks a proof (RFC 9162 §2.1.3.2). Total: any numbers and any list of hashes may be given.
///
/// Errors: `RF2301` when the tree has no such leaf, `RF2302` when the proof does not lead to the root.
pub fn verify(index: u64, size: u64, leaf: &B32, proof: &[B32], root: &B32) -> Result<()> {
    if index >= size {
        return Err(Error::new(
            "RF2301",
            format!("there is no entry {index} in a tree of {size}"),
        ));
    }
    let refused = |what: &str| Error::new("RF2302", format!("entry {index} of {size}: {what}"));
    // Position of the node on the way up, and of the last node of its row.
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for beside in proof {
        if last == 0 {
            return Err(refused("the proof is too long"));
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(beside, &hash);
            // The last node of a row with nothing to its right goes up unhashed until it is a right child.
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(refused("the proof is too short"));
    }
    if hash != *root {
        return Err(refused("the proof leads to another root"));
    }
    Ok(())
}
