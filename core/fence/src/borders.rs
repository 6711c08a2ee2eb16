//! Which countries a machine cannot be in, and which it must be in, when it is inside some discs.
//! Not here: where borders are and who claims what (`cells`, `claims.toml`), and what follows for a node (`decide`).
//!
//! The answers are one-sided. A country's outer cells cover all its land and what it claims, its inner cells are its own
//! and nobody else's, land and the water within 10 km of its shore, and a disc is clear of a cell only if the whole cell
//! is out of reach. Ships, platforms and what lies on the sea floor farther out are in no country here.
pub use crate::cells::load;
use crate::cells::{Cells, Country, TILE, World, world};
use crate::geometry::{Disc, Parallel, Patch, Place};
use std::sync::OnceLock;

/// Discs that are all larger prove nothing: that keeps the search short, and hardly any such proof exists.
const LARGEST_PROOF_KM: f64 = 2500.0;

/// Whether the machine cannot be in the country: all its outer cells are out of the disc's reach.
/// `country` is an ISO 3166-1 alpha-2 code; of others nothing is known, and they are never clear.
pub fn is_clear_of(country: &str, disc: &Disc) -> bool {
    is_excluded(country, std::slice::from_ref(disc), 0)
}

/// Whether the machine cannot be in the country, whichever `liars` of the observers are not believed: each of the
/// country's outer cells is out of reach of more discs than that. False for a code of which nothing is known.
pub fn is_excluded(country: &str, discs: &[Disc], liars: usize) -> bool {
    let Some((world, known)) = known(country) else {
        return false;
    };
    if known.outer.is_empty() || discs.len() <= liars {
        return false;
    }
    let rows = known.outer.rows();
    let block = Block {
        south: rows.start,
        north: rows.end,
        ..Block::everywhere(world)
    };
    let counts = |block: &Block| match block.is_tall() {
        true => block.tiles().any(|row| {
            known
                .tiles
                .has_any(row, block.first() / TILE as u16, block.last() / TILE as u16)
        }),
        false => block
            .rows()
            .any(|row| known.outer.has_any(row, block.first(), block.last())),
    };
    !Search::new(world, discs, liars, counts).finds(block)
}

/// Whether the machine must be in the country, whichever `liars` of the observers are not believed: each cell of the world
/// that is not among the country's inner ones is out of reach of more discs than that.
pub fn is_proven(country: &str, discs: &[Disc], liars: usize) -> bool {
    let Some((world, Country { inner, .. })) = known(country) else {
        return false;
    };
    let smallest = discs.iter().map(Disc::reach_km).fold(f64::INFINITY, f64::min);
    if inner.is_empty() || discs.len() <= liars || smallest > LARGEST_PROOF_KM {
        return false;
    }
    let counts = |block: &Block| {
        !(block.south..block.north).all(|row| inner.has_all(row, block.first(), block.last()))
    };
    !Search::new(world, discs, liars, counts).finds(Block::everywhere(world))
}

/// The least number of discs that any of the country's outer cells is out of reach of: the country is excluded as long as
/// fewer observers lie. 0 without discs, and for a code of which nothing is known.
pub fn fewest_that_exclude(country: &str, discs: &[Disc]) -> usize {
    (0..discs.len())
        .take_while(|liars| is_excluded(country, discs, *liars))
        .count()
}

/// The least number of discs that any cell but the country's inner ones is out of reach of: it is proven that the machine
/// is in the country as long as fewer observers lie.
pub fn fewest_that_prove(country: &str, discs: &[Disc]) -> usize {
    (0..discs.len())
        .take_while(|liars| is_proven(country, discs, *liars))
        .count()
}

/// Whether the place can be in the country, as far as cells tell: it is in an outer cell.
pub fn may_be_in(country: &str, place: &Place) -> bool {
    known(country).is_some_and(|(world, known)| is_among(world, &known.outer, place))
}

/// Whether the place is in the country and in no other, as far as cells tell: it is in an inner cell.
pub fn is_surely_in(country: &str, place: &Place) -> bool {
    known(country).is_some_and(|(world, known)| is_among(world, &known.inner, place))
}

fn known(country: &str) -> Option<(&'static World, &'static Country)> {
    let world = world()?;
    Some((world, world.country(country)?))
}

fn is_among(world: &World, cells: &Cells, place: &Place) -> bool {
    let at = |degrees: f64, count: usize| ((degrees * world.per_degree as f64) as usize).min(count - 1);
    let row = at(place.lat() + 90.0, world.rows);
    let column = at(place.lon() + 180.0, world.columns) as u16;
    cells.has_any(row, column, column)
}

/// Cells in one row, as a map draws them: degrees north and degrees east.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strip {
    pub south: f64,
    pub north: f64,
    pub west: f64,
    pub east: f64,
}

/// The country's outer cells, from south to north. None for a code of which nothing is known.
pub fn outer_strips(country: &str) -> Vec<Strip> {
    known(country).map_or(Vec::new(), |(world, known)| strips(world, &known.outer))
}

/// The country's inner cells, from south to north.
pub fn inner_strips(country: &str) -> Vec<Strip> {
    known(country).map_or(Vec::new(), |(world, known)| strips(world, &known.inner))
}

fn strips(world: &World, cells: &Cells) -> Vec<Strip> {
    let per_degree = world.per_degree as f64;
    let of_row = |row: usize| {
        cells.row(row).iter().map(move |run| Strip {
            south: row as f64 / per_degree - 90.0,
            north: (row + 1) as f64 / per_degree - 90.0,
            west: f64::from(run.first) / per_degree - 180.0,
            east: (f64::from(run.last) + 1.0) / per_degree - 180.0,
        })
    };
    cells.rows().flat_map(of_row).collect()
}

/// The grid's parallels, from the south pole to the north pole.
fn parallels(world: &World) -> &'static [Parallel] {
    static PARALLELS: OnceLock<Vec<Parallel>> = OnceLock::new();
    PARALLELS.get_or_init(|| {
        let at = |row: usize| Parallel::at(row as f64 / world.per_degree as f64 - 90.0);
        (0..=world.rows).map(at).collect()
    })
}

/// Rows and columns from south and west to before north and east.
#[derive(Clone, Copy)]
struct Block {
    south: usize,
    north: usize,
    west: usize,
    east: usize,
}

impl Block {
    fn everywhere(world: &World) -> Block {
        Block {
            south: 0,
            north: world.rows,
            west: 0,
            east: world.columns,
        }
    }

    fn first(&self) -> u16 {
        self.west as u16
    }

    fn last(&self) -> u16 {
        (self.east - 1) as u16
    }

    fn rows(&self) -> std::ops::Range<usize> {
        self.south..self.north
    }

    /// The rows of tiles that it reaches into.
    fn tiles(&self) -> std::ops::Range<usize> {
        self.south / TILE..self.north.div_ceil(TILE)
    }

    fn is_tall(&self) -> bool {
        self.north - self.south > TILE
    }

    fn is_one_cell(&self) -> bool {
        self.north - self.south == 1 && self.east - self.west == 1
    }

    fn patch(&self, parallels: &[Parallel], per_degree: f64) -> Patch {
        Patch {
            south: parallels[self.south],
            north: parallels[self.north],
            west: self.west as f64 / per_degree - 180.0,
            east: self.east as f64 / per_degree - 180.0,
        }
    }

    /// Two halves, cut across the side that is longer on the ground.
    fn halves(&self, patch: &Patch) -> (Block, Block) {
        let (rows, columns) = (self.north - self.south, self.east - self.west);
        let width = columns as f64 * patch.south.length().max(patch.north.length());
        if columns == 1 || (rows > 1 && rows as f64 > width) {
            let middle = self.south + rows / 2;
            (
                Block {
                    north: middle,
                    ..*self
                },
                Block {
                    south: middle,
                    ..*self
                },
            )
        } else {
            let middle = self.west + columns / 2;
            (
                Block {
                    east: middle,
                    ..*self
                },
                Block {
                    west: middle,
                    ..*self
                },
            )
        }
    }
}

/// Looks for a cell that counts and that no more than `liars` discs are clear of.
struct Search<F> {
    /// The smallest first: it is clear of most.
    discs: Vec<Disc>,
    liars: usize,
    /// Whether a block has a cell that counts; of a single cell exactly, of larger blocks in doubt yes.
    counts: F,
    parallels: &'static [Parallel],
    per_degree: f64,
}

impl<F: Fn(&Block) -> bool> Search<F> {
    fn new(world: &World, discs: &[Disc], liars: usize, counts: F) -> Search<F> {
        let mut discs = discs.to_vec();
        discs.sort_by(|one, other| one.reach_km().total_cmp(&other.reach_km()));
        Search {
            discs,
            liars,
            counts,
            parallels: parallels(world),
            per_degree: world.per_degree as f64,
        }
    }

    fn finds(&self, block: Block) -> bool {
        let patch = block.patch(self.parallels, self.per_degree);
        let mut clear = self.discs.iter().filter(|disc| disc.is_clear_of(&patch));
        if clear.nth(self.liars).is_some() {
            return false;
        }
        if !(self.counts)(&block) {
            return false;
        }
        if block.is_one_cell() {
            return true;
        }
        let (one, other) = block.halves(&patch);
        let near = |block: &Block| self.discs[0].greatest_cos(&block.patch(self.parallels, self.per_degree));
        match near(&one) >= near(&other) {
            true => self.finds(one) || self.finds(other),
            false => self.finds(other) || self.finds(one),
        }
    }
}
