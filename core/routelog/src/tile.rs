//! Tiles (C2SP tlog-tiles): the tree's hashes in files of 256, eight rows of the tree apart; and the bundles
//! of entries beside them. Coordinates, paths, and which tile has which hash.
//! Not here: whether a tile is the log's (`fetch`), or reading files (`disk`).
use crate::merkle::{Node, fold};
use crate::{B32, Error, Result, entry};
use std::fmt;

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u16 = 256;
/// Rows of the tree from one tile's hashes to the next level's: 2^8 is 256.
pub const HEIGHT: u32 = 8;
/// Levels of tiles that a tree of 64-bit size can have.
pub const LEVELS: u32 = u64::BITS / HEIGHT;
/// Highest level that a path may name.
const MAX_LEVEL: u32 = 63;

/// What a file has: hashes of one level, or entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// At level 0 those of leaves; above, those of full tiles one level below.
    Hashes(u32),
    Entries,
}

/// A tile or a bundle; the last of its level may be partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    pub content: Content,
    /// Position in its level.
    pub index: u64,
    /// Hashes or entries in it, 1 to 256.
    pub width: u16,
}

impl Content {
    /// Hashes or entries of this kind that a tree of `size` leaves has: each of a full tile below.
    fn count(self, size: u64) -> u64 {
        match self {
            Content::Entries => size,
            Content::Hashes(level) => size.checked_shr(level.saturating_mul(HEIGHT)).unwrap_or(0),
        }
    }
}

impl Tile {
    /// The tile at a position as a tree of `size` leaves has it: full, partial, or `None` when it is not there.
    pub fn in_tree(content: Content, index: u64, size: u64) -> Option<Self> {
        let count = content.count(size);
        let full = count / u64::from(WIDTH);
        let rest = (count % u64::from(WIDTH)) as u16;
        let width = match index {
            _ if index < full => WIDTH,
            _ if index == full && rest > 0 => rest,
            _ => return None,
        };
        Some(Self {
            content,
            index,
            width,
        })
    }

    /// The partial tiles of a tree, which are its right edge: at most one for each level.
    pub fn partials(size: u64) -> impl Iterator<Item = Self> {
        (0..LEVELS).filter_map(move |level| {
            let content = Content::Hashes(level);
            let last = content.count(size) / u64::from(WIDTH);
            Self::in_tree(content, last, size)
        })
    }

    /// The tile that has the hash of a node, in a tree of `size` leaves; `None` when the tree has no such node.
    pub fn of(node: Node, size: u64) -> Option<Self> {
        let ends = (u128::from(node.index) + 1) << node.level.min(u64::BITS);
        let (level, index) = position(node);
        Self::in_tree(Content::Hashes(level), index, size).filter(|_| ends <= u128::from(size))
    }

    /// The tile one level up that has this full tile's hash, and where in it. `None` for a bundle.
    pub fn parent(self, size: u64) -> Option<(Self, usize)> {
        let Content::Hashes(level) = self.content else {
            return None;
        };
        let parent = Self::in_tree(Content::Hashes(level + 1), self.index / u64::from(WIDTH), size)?;
        Some((parent, (self.index % u64::from(WIDTH)) as usize))
    }

    pub fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// The full tile at this position: a log may keep only that one, once there is one.
    pub fn full(self) -> Self {
        Self { width: WIDTH, ..self }
    }

    /// This partial tile's bytes from those of the full one at its position, whose beginning it is.
    ///
    /// Errors: `RF2313` and `RF2315` when the bytes are no full tile or bundle.
    pub fn beginning(self, full: &[u8]) -> Result<&[u8]> {
        let length = match self.content {
            Content::Hashes(_) => {
                self.full().hashes(full)?;
                usize::from(self.width) * size_of::<B32>()
            }
            Content::Entries => {
                let entries = entry::split(full, WIDTH)?;
                let lengths = entries.iter().map(|data| entry::PREFIX + data.len());
                lengths.take(self.width.into()).sum()
            }
        };
        Ok(full.get(..length).unwrap_or(full))
    }

    /// Reads a path as [`Tile`] is written: `tile/<L>/<N>` or `tile/entries/<N>`, with `.p/<W>` when partial.
    ///
    /// Errors: `RF2312` for any other spelling, a level above 63, or a number that does not fit 64 bits.
    pub fn parse(path: &str) -> Result<Self> {
        let tile = Self::read(path).filter(|tile| tile.to_string() == path);
        tile.ok_or_else(|| Error::new("RF2312", "not the path of a tile or a bundle"))
    }

    /// Reads what may still have another spelling.
    fn read(path: &str) -> Option<Self> {
        let (content, place) = path.strip_prefix("tile/")?.split_once('/')?;
        let content = match content {
            "entries" => Content::Entries,
            level => Content::Hashes(level.parse().ok().filter(|level| *level <= MAX_LEVEL)?),
        };
        let (place, width) = match place.split_once(".p/") {
            Some((place, width)) => (
                place,
                width.parse().ok().filter(|width| (1..WIDTH).contains(width))?,
            ),
            None => (place, WIDTH),
        };
        let mut index: u64 = 0;
        for part in place.split('/') {
            let digits: u16 = part.strip_prefix('x').unwrap_or(part).parse().ok()?;
            index = index.checked_mul(1000)?.checked_add(digits.into())?;
        }
        Some(Self {
            content,
            index,
            width,
        })
    }

    /// The hashes of a tile's file. Errors: `RF2313` when it has not exactly the tile's length.
    pub fn hashes(self, bytes: &[u8]) -> Result<Vec<B32>> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if hashes.len() != usize::from(self.width) || !rest.is_empty() {
            return Err(Error::new("RF2313", format!("{self} has another length")));
        }
        Ok(hashes.to_vec())
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            Content::Hashes(level) => write!(f, "tile/{level}/")?,
            Content::Entries => write!(f, "tile/entries/")?,
        }
        // Three digits an element, so that no folder has more than a thousand files.
        let mut place = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            place = format!("x{:03}/{place}", rest % 1000);
            rest /= 1000;
        }
        match self.is_full() {
            true => write!(f, "{place}"),
            false => write!(f, "{place}.p/{}", self.width),
        }
    }
}

/// Level and index of the tile that has a node's hash, or the hashes it is made of.
fn position(node: Node) -> (u32, u64) {
    let (level, within) = (node.level / HEIGHT, node.level % HEIGHT);
    (level, node.index >> (HEIGHT - within))
}

/// The hash of a node from the hashes of the tile that [`Tile::of`] names; `None` when they are too few.
pub(crate) fn node_in(hashes: &[B32], node: Node) -> Option<B32> {
    let within = node.level % HEIGHT;
    let number = 1usize << within;
    let from = (node.index << within) as usize % usize::from(WIDTH);
    hashes.get(from..from + number).map(fold)
}
