//! Growing a log, as a value: leaves in, files and a checkpoint to sign out.
//! Not here: writing them (`disk`), or the key (`key`).
use crate::checkpoint::Checkpoint;
use crate::edge::Edge;
use crate::merkle::leaf_hash;
use crate::tile::{Content, Tile, WIDTH};
use crate::{B32, Error, Result, entry};

/// A log as its writer knows it: the right edge, and the entries of the partial bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    origin: String,
    edge: Edge,
    tail: Vec<u8>,
}

/// A tile or bundle to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub tile: Tile,
    pub bytes: Vec<u8>,
}

/// What appending comes to. The files must be durable before the checkpoint is signed, and the checkpoint
/// before anybody is shown it: then no crash makes a log that cannot back what it has signed.
#[derive(Debug, Clone)]
pub struct Batch {
    pub files: Vec<File>,
    pub checkpoint: Checkpoint,
    /// The log once both are durable. Until then the old value is the log.
    pub next: Writer,
}

impl Writer {
    /// A log without entries. `origin` is its name in checkpoints.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            edge: Edge::default(),
            tail: vec![],
        }
    }

    /// The log of a checkpoint, from the bytes of its partial tiles, in the order of [`Tile::partials`], and of
    /// its partial bundle, which is empty when all bundles are full.
    ///
    /// Errors: `RF2313` when they do not fit the checkpoint, `RF2315` when the bundle is none.
    pub fn resume(checkpoint: &Checkpoint, partials: &[Vec<u8>], tail: Vec<u8>) -> Result<Self> {
        let misfit = || Error::new("RF2313", "the right edge does not fit the checkpoint");
        let rows = Tile::partials(checkpoint.size).zip(partials);
        let rows: Vec<Vec<B32>> = rows
            .map(|(tile, bytes)| tile.hashes(bytes))
            .collect::<Result<_>>()?;
        let edge = Edge::of(checkpoint.size, rows)?;
        let leaves = edge.row(0);
        let entries = entry::split(&tail, leaves.len() as u16)?;
        let mut pairs = entries.iter().zip(leaves);
        if edge.root() != checkpoint.root || !pairs.all(|(data, hash)| leaf_hash(data) == *hash) {
            return Err(misfit());
        }
        let origin = checkpoint.origin.clone();
        Ok(Self { origin, edge, tail })
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            origin: self.origin.clone(),
            size: self.edge.size(),
            root: self.edge.root(),
            extensions: vec![],
        }
    }

    /// Adds leaves at the end. Changes nothing here: see [`Batch::next`].
    ///
    /// Errors: `RF2317` when a leaf has more than 65535 bytes, or the log more leaves than 64 bits count.
    pub fn append<D: AsRef<[u8]>>(&self, leaves: &[D]) -> Result<Batch> {
        let mut next = self.clone();
        let mut files = vec![];
        for leaf in leaves {
            entry::push(&mut next.tail, leaf.as_ref())?;
            let hash = leaf_hash(leaf.as_ref());
            next.edge.push(hash, |tile, hashes| {
                files.push(file(tile, hashes));
                if tile.content == Content::Hashes(0) {
                    let content = Content::Entries;
                    let bytes = std::mem::take(&mut next.tail);
                    files.push(File {
                        tile: Tile { content, ..tile },
                        bytes,
                    });
                }
            })?;
        }
        next.partials(self.size(), &mut files);
        Ok(Batch {
            files,
            checkpoint: next.checkpoint(),
            next,
        })
    }

    /// The partial files that differ from those of a tree of `old` leaves.
    fn partials(&self, old: u64, files: &mut Vec<File>) {
        for tile in Tile::partials(self.size()) {
            // A level changes when a tile below it is filled.
            if Tile::in_tree(tile.content, tile.index, old) == Some(tile) {
                continue;
            }
            if let Content::Hashes(level) = tile.content {
                files.push(file(tile, self.edge.row(level)));
                if level == 0 {
                    let content = Content::Entries;
                    files.push(File {
                        tile: Tile { content, ..tile },
                        bytes: self.tail.clone(),
                    });
                }
            }
        }
    }
}

fn file(tile: Tile, hashes: &[B32]) -> File {
    debug_assert!(hashes.len() == usize::from(tile.width) && tile.width <= WIDTH);
    let bytes = hashes.concat();
    File { tile, bytes }
}
