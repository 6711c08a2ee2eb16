//! The tree as RFC 9162 §2.1 defines it, word for word and slowly: what the crate is compared with.
#![allow(dead_code)]
use ringfence_routelog::merkle::{Hashes, Node, empty_root, leaf_hash, node_hash};
use ringfence_routelog::{B32, Result};

/// Leaf hashes, all in memory.
pub struct Leaves(pub Vec<B32>);

impl Leaves {
    pub fn of<D: AsRef<[u8]>>(data: &[D]) -> Self {
        Self(data.iter().map(|data| leaf_hash(data.as_ref())).collect())
    }

    pub fn numbered(size: u64) -> Self {
        Self::of(&numbered(0, size))
    }
}

impl Hashes for Leaves {
    fn hash(&self, node: Node) -> Result<B32> {
        let from = (node.index << node.level) as usize;
        Ok(mth(&self.0[from..from + (1 << node.level)]))
    }
}

/// The data of the leaves `from..to`: each its own number.
pub fn numbered(from: u64, to: u64) -> Vec<Vec<u8>> {
    (from..to).map(|n| format!("leaf {n}").into_bytes()).collect()
}

fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// MTH, §2.1.1.
pub fn mth(d: &[B32]) -> B32 {
    match d {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = split(d.len());
            node_hash(&mth(&d[..k]), &mth(&d[k..]))
        }
    }
}

/// PATH, §2.1.3.1.
pub fn path(m: usize, d: &[B32]) -> Vec<B32> {
    if d.len() == 1 {
        return vec![];
    }
    let k = split(d.len());
    let (mut found, beside) = match m < k {
        true => (path(m, &d[..k]), mth(&d[k..])),
        false => (path(m - k, &d[k..]), mth(&d[..k])),
    };
    found.push(beside);
    found
}

/// PROOF, §2.1.4.1.
pub fn proof(m: usize, d: &[B32]) -> Vec<B32> {
    subproof(m, d, true)
}

fn subproof(m: usize, d: &[B32], whole: bool) -> Vec<B32> {
    if m == d.len() {
        return if whole { vec![] } else { vec![mth(d)] };
    }
    let k = split(d.len());
    let (mut found, beside) = match m <= k {
        true => (subproof(m, &d[..k], whole), mth(&d[k..])),
        false => (subproof(m - k, &d[k..], false), mth(&d[..k])),
    };
    found.push(beside);
    found
}
