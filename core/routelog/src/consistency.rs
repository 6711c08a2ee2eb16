//! Consistency proofs (RFC 9162 §2.1.4): that a tree is an earlier one with leaves added at its end.
//! Not here: which trees are compared (`seen`).
use crate::merkle::{Hashes, Span, empty_root, node_hash};
use crate::{B32, Error, Result};

/// The subtrees whose hashes are the proof, in its order. Empty when the trees are the same, and for the
/// empty tree, of which every tree is a continuation.
///
/// Errors: `RF2301` when the older tree is the larger one.
pub fn spans(old: u64, new: u64) -> Result<Vec<Span>> {
    if old > new {
        return Err(Error::new(
            "RF2301",
            format!("a tree of {old} is no part of a tree of {new}"),
        ));
    }
    if old == 0 || old == new {
        return Ok(vec![]);
    }
    let mut spans = vec![];
    let mut tree = Span::tree(new);
    // Cut until what is left ends where the old tree ends.
    while tree.to != old {
        let Some((left, right)) = tree.halves() else { break };
        let (beside, within) = if old <= left.to {
            (right, left)
        } else {
            (left, right)
        };
        spans.push(beside);
        tree = within;
    }
    // Who checks has the old root already: when that is what is left, it is not said again.
    if tree.from != 0 {
        spans.push(tree);
    }
    spans.reverse();
    Ok(spans)
}

/// The proof that the tree of `new` leaves continues the one of its first `old`.
///
/// Errors: `RF2301`; those of the source.
pub fn prove(old: u64, new: u64, source: &impl Hashes) -> Result<Vec<B32>> {
    spans(old, new)?
        .into_iter()
        .map(|span| span.hash(source))
        .collect()
}

/// Checks a proof (RFC 9162 §2.1.4.2). Total: any numbers and any list of hashes may be given.
///
/// Errors: `RF2301` when the older tree is the larger one, `RF2303` when the proof does not lead from the
/// one root to the other.
pub fn verify(old: u64, old_root: &B32, new: u64, new_root: &B32, proof: &[B32]) -> Result<()> {
    if old > new {
        return Err(Error::new(
            "RF2301",
            format!("a tree of {old} is no part of a tree of {new}"),
        ));
    }
    let refused = |what: &str| Error::new("RF2303", format!("from {old} to {new}: {what}"));
    if old == 0 || old == new {
        let expected = if old == 0 { empty_root() } else { *new_root };
        let new_fits = new != 0 || *new_root == empty_root();
        return match (proof, *old_root == expected && new_fits) {
            ([], true) => Ok(()),
            ([], false) => Err(refused("the roots differ")),
            _ => Err(refused("the proof is too long")),
        };
    }
    // A complete old tree is a node of the new one, and its hash is where the proof begins.
    let begins_at_old = old.is_power_of_two();
    let (first, rest) = match proof.split_first() {
        Some((first, rest)) if !begins_at_old => (first, rest),
        Some(_) => (old_root, proof),
        None => return Err(refused("the proof is too short")),
    };
    // Positions of the old and of the new tree's last node in the row where the proof begins.
    let (mut at, mut last) = (old - 1, new - 1);
    let skip = at.trailing_ones();
    (at, last) = (at >> skip, last >> skip);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for beside in rest {
        if last == 0 {
            return Err(refused("the proof is too long"));
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(beside, &old_hash);
            new_hash = node_hash(beside, &new_hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new_hash = node_hash(&new_hash, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    match (last, old_hash == *old_root, new_hash == *new_root) {
        (0, true, true) => Ok(()),
        (0, false, _) => Err(refused("the proof does not contain the older root")),
        (0, _, false) => Err(refused("the proof leads to another root")),
        _ => Err(refused("the proof is too short")),
    }
}
