//! Proofs out of tiles that somebody else serves: which tiles are needed, and a check of each of them against
//! the checkpoint before any of its hashes is used.
//! Not here: fetching (the caller's), or whether the checkpoint is to be believed (`checkpoint`, `seen`).
//!
//! The partial tiles of a tree are its right edge, and their hashes are its root. A full tile's hash is in its
//! parent, and the uppermost tiles are partial: so all that is needed besides a tile are its ancestors.
use crate::checkpoint::Checkpoint;
use crate::edge::Edge;
use crate::merkle::{Hashes, Node, Span, fold, leaf_hash};
use crate::tile::{Content, Tile, node_in};
use crate::{B32, Error, Result, consistency, entry, inclusion};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be fetched.
#[derive(Debug, Clone)]
pub struct Fetch {
    size: u64,
    root: B32,
    tiles: Vec<Tile>,
}

impl Fetch {
    /// For the hashes of these complete subtrees.
    ///
    /// Errors: `RF2301` when the checkpoint's tree has not all of them.
    pub fn nodes(checkpoint: &Checkpoint, nodes: impl IntoIterator<Item = Node>) -> Result<Self> {
        let size = checkpoint.size;
        let mut tiles: BTreeSet<Tile> = Tile::partials(size).collect();
        for node in nodes {
            let mut next = Tile::of(node, size);
            if next.is_none() {
                return Err(Error::new("RF2301", format!("a tree of {size} is smaller")));
            }
            while let Some(tile) = next {
                // What is in the list already has its ancestors there.
                next = match tiles.insert(tile) {
                    true => tile.parent(size).map(|(parent, _)| parent),
                    false => None,
                };
            }
        }
        let root = checkpoint.root;
        Ok(Self {
            size,
            root,
            // Parents first, so that each tile is checked against one that was.
            tiles: tiles.into_iter().rev().collect(),
        })
    }

    /// For the proof that a leaf is in the tree of the first `size` leaves, and for the leaf's own hash.
    ///
    /// Errors: `RF2301` when that tree has no such leaf, or is larger than the checkpoint's.
    pub fn inclusion(checkpoint: &Checkpoint, index: u64, size: u64) -> Result<Self> {
        let leaf = Node { level: 0, index };
        let nodes = inclusion::spans(index, size)?.into_iter().flat_map(Span::nodes);
        Self::nodes(checkpoint, nodes.chain([leaf]))
    }

    /// For the proof that the tree of the first `new` leaves continues the one of the first `old`.
    ///
    /// Errors: `RF2301` when they are in the other order, or larger than the checkpoint's.
    pub fn consistency(checkpoint: &Checkpoint, old: u64, new: u64) -> Result<Self> {
        let nodes = consistency::spans(old, new)?.into_iter().flat_map(Span::nodes);
        // A proof may be empty; that its tree is there is said all the same.
        Self::nodes(checkpoint, nodes.chain(Span::tree(new).nodes()))
    }

    /// What to fetch. Of a partial tile the log may have only the full one left ([`Tile::beginning`]).
    pub fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Takes the bytes of each tile, in the order of [`Self::tiles`].
    ///
    /// Errors: `RF2313` when there are not as many, or one does not fit the checkpoint: none is used then.
    pub fn take<B: AsRef<[u8]>>(self, files: &[B]) -> Result<Tiles> {
        if files.len() != self.tiles.len() {
            return Err(Error::new("RF2313", "not as many tiles as were asked for"));
        }
        let mut rows = BTreeMap::new();
        for (tile, bytes) in self.tiles.iter().zip(files) {
            rows.insert(*tile, tile.hashes(bytes.as_ref())?);
        }
        let partials = Tile::partials(self.size).map(|tile| rows.get(&tile).cloned().unwrap_or_default());
        if Edge::of(self.size, partials)?.root() != self.root {
            return Err(Error::new("RF2313", "the right edge does not fit the checkpoint"));
        }
        for tile in self.tiles.iter().filter(|tile| tile.is_full()) {
            let expected = tile
                .parent(self.size)
                .and_then(|(parent, at)| rows.get(&parent)?.get(at));
            if expected != Some(&fold(&rows[tile])) {
                return Err(Error::new(
                    "RF2313",
                    format!("{tile} does not fit the checkpoint"),
                ));
            }
        }
        let size = self.size;
        Ok(Tiles { size, rows })
    }
}

/// Tiles that fit a checkpoint: a source for proofs.
#[derive(Debug, Clone)]
pub struct Tiles {
    size: u64,
    rows: BTreeMap<Tile, Vec<B32>>,
}

impl Tiles {
    /// The entries of a bundle, each checked against its leaf's hash.
    ///
    /// Errors: `RF2314` when the tile of these leaves was not asked for, `RF2315` when the bytes are no bundle,
    /// `RF2313` when an entry is not the log's.
    pub fn entries<'a>(&self, bundle: Tile, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>> {
        let tile = Tile {
            content: Content::Hashes(0),
            ..bundle
        };
        let missing = || Error::new("RF2314", format!("{tile} was not fetched"));
        let hashes = self.rows.get(&tile).ok_or_else(missing)?;
        let entries = entry::split(bytes, bundle.width)?;
        let fit = entries
            .iter()
            .zip(hashes)
            .all(|(data, hash)| leaf_hash(data) == *hash);
        if fit {
            Ok(entries)
        } else {
            Err(Error::new(
                "RF2313",
                format!("{bundle} does not fit the checkpoint"),
            ))
        }
    }
}

impl Hashes for Tiles {
    /// Errors: `RF2314` when the node's tile was not asked for.
    fn hash(&self, node: Node) -> Result<B32> {
        Tile::of(node, self.size)
            .and_then(|tile| node_in(self.rows.get(&tile)?, node))
            .ok_or_else(|| {
                Error::new(
                    "RF2314",
                    format!("the hash of {node:?} is in no tile that was fetched"),
                )
            })
    }
}
