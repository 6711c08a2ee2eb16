//! Reading a whole log and checking that its files are the tree of its checkpoint: anybody can, without its key.
//! Not here: whether the checkpoint is to be believed (`checkpoint`), or fetching (the caller's).
use crate::checkpoint::Checkpoint;
use crate::directory::Reading;
use crate::disk::failed;
use crate::edge::Edge;
use crate::merkle::leaf_hash;
use crate::tile::{Content, Tile, WIDTH};
use crate::{B32, Error, Result, entry};

/// Reads a tile or bundle, or the beginning of the full one that has taken its place.
///
/// Errors: `RF2314` when there is neither, and those of [`Tile::beginning`].
pub(crate) fn read_tile(files: &impl Reading, tile: Tile) -> Result<Vec<u8>> {
    if let Some(bytes) = files.read(&tile.to_string()).map_err(failed)? {
        return Ok(bytes);
    }
    let full = files.read(&tile.full().to_string()).map_err(failed)?;
    let full = full.ok_or_else(|| Error::new("RF2314", format!("{tile} is missing")))?;
    Ok(tile.beginning(&full)?.to_vec())
}

/// Reads every file of a log and checks that they are the tree of this checkpoint. `progress` is told how many entries
/// were read.
///
/// Errors: `RF2313` to `RF2315` and `RF2323`, for the first file that is not as it should be.
pub fn audit(files: &impl Reading, checkpoint: &Checkpoint, mut progress: impl FnMut(u64)) -> Result<()> {
    let size = checkpoint.size;
    let mut edge = Edge::default();
    let mut full = vec![];
    for index in 0..size.div_ceil(WIDTH.into()) {
        let Some(bundle) = Tile::in_tree(Content::Entries, index, size) else {
            break;
        };
        let bytes = read_tile(files, bundle)?;
        for data in entry::split(&bytes, bundle.width)? {
            edge.push(leaf_hash(data), |tile, row| full.push((tile, row.to_vec())))?;
        }
        for (tile, row) in full.drain(..) {
            compare(files, tile, &row)?;
        }
        progress(edge.size());
    }
    for tile in Tile::partials(size) {
        if let Content::Hashes(level) = tile.content {
            compare(files, tile, edge.row(level))?;
        }
    }
    match edge.root() == checkpoint.root {
        true => Ok(()),
        false => Err(Error::new("RF2313", "the entries do not fit the checkpoint")),
    }
}

fn compare(files: &impl Reading, tile: Tile, row: &[B32]) -> Result<()> {
    if tile.hashes(&read_tile(files, tile)?)? != row {
        return Err(Error::new("RF2313", format!("{tile} does not fit its entries")));
    }
    Ok(())
}
