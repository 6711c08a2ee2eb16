//! The right edge of a tree: the hashes of its partial tiles, which are all that growing it and naming its
//! root take.
//! Not here: files (`log`), or what is left of the edge.
use crate::merkle::{empty_root, fold, node_hash};
use crate::tile::{Content, HEIGHT, Tile, WIDTH};
use crate::{B32, Error, Result};

/// At most 255 hashes for each level of tiles, so at most 64 kB for a tree of any size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The partial tile of each level, from the leaves up; empty where the level has none.
    rows: Vec<Vec<B32>>,
}

impl Edge {
    /// The edge of a tree of `size` leaves from its partial tiles, in the order of [`Tile::partials`].
    ///
    /// Errors: `RF2313` when they are not those of this size.
    pub fn of(size: u64, partials: impl IntoIterator<Item = Vec<B32>>) -> Result<Self> {
        let bad = || Error::new("RF2313", format!("not the partial tiles of a tree of {size}"));
        let mut edge = Self { size, rows: vec![] };
        let mut partials = partials.into_iter();
        for tile in Tile::partials(size) {
            let row = partials.next().filter(|row| row.len() == usize::from(tile.width));
            let Content::Hashes(level) = tile.content else {
                return Err(bad());
            };
            edge.rows.resize(level as usize, vec![]);
            edge.rows.push(row.ok_or_else(bad)?);
        }
        match partials.next() {
            None => Ok(edge),
            Some(_) => Err(bad()),
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the partial tile of a level; empty when there is none.
    pub fn row(&self, level: u32) -> &[B32] {
        self.rows.get(level as usize).map_or(&[], Vec::as_slice)
    }

    /// The root of the whole tree.
    pub fn root(&self) -> B32 {
        let mut right: Option<B32> = None;
        for row in &self.rows {
            // A row's complete subtrees are the bits of its length, the smallest at the right.
            let mut rest = row.as_slice();
            while !rest.is_empty() {
                let (before, last) = rest.split_at(rest.len() & (rest.len() - 1));
                let hash = fold(last);
                right = Some(right.map_or(hash, |right| node_hash(&hash, &right)));
                rest = before;
            }
        }
        right.unwrap_or_else(empty_root)
    }

    /// Adds a leaf. `full` is told each tile that it fills, with its hashes.
    ///
    /// Errors: `RF2317` when the tree has as many leaves as 64 bits count.
    pub fn push(&mut self, leaf: B32, mut full: impl FnMut(Tile, &[B32])) -> Result<()> {
        let size = self.size.checked_add(1);
        self.size = size.ok_or_else(|| Error::new("RF2317", "the log is full"))?;
        let mut hash = leaf;
        for level in 0.. {
            if self.rows.len() == level {
                self.rows.push(Vec::with_capacity(WIDTH.into()));
            }
            let row = &mut self.rows[level];
            row.push(hash);
            if row.len() < usize::from(WIDTH) {
                break;
            }
            let tile = Tile {
                content: Content::Hashes(level as u32),
                index: (self.size >> (HEIGHT as usize * (level + 1))) - 1,
                width: WIDTH,
            };
            full(tile, row);
            hash = fold(row);
            row.clear();
        }
        Ok(())
    }
}
