//! The cells of the world's countries, read from `borders.bin`.
//! Not here: how the file is made and whose land is whose (`tools/borders.py`, `claims.toml`), and what a cell is compared
//! with (`borders`).
//!
//! The file says for each row of the grid where its label changes and to which; a label names the country that the cell
//! lies wholly inside, if any, and all that it touches. Neighbours thus share their border. `tools/borders.py` has the
//! format. It is our own file, known by its digest: reading it may panic, and a test reads all of it. Natively it is a part of
//! the program; a browser fetches it once somebody is in, and until then nothing is known.
use ringfence_signed::{Error, Result, hash};
use std::sync::OnceLock;

/// SHA-256 of the file, in hexadecimal digits.
const DIGEST: &str = include_str!("../borders.sha256");
const MAGIC: &[u8] = b"RFborder";
const VERSION: u8 = 1;
/// Among how many coming transitions of the row above one with the same label is looked for.
const LOOK: usize = 12;

/// How many rows and columns a tile has.
pub const TILE: usize = 32;

/// Columns from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub first: u16,
    pub last: u16,
}

/// Cells of the grid, as runs in each row. Row 0 is the southernmost, column 0 begins at the antimeridian.
#[derive(Debug, Default)]
pub struct Cells {
    /// The first row that has any.
    base: usize,
    /// Where in `runs` each row from `base` on begins; and the end.
    starts: Vec<u32>,
    runs: Vec<Run>,
}

impl Cells {
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The rows from the first that has any to the one after the last.
    pub fn rows(&self) -> std::ops::Range<usize> {
        self.base..self.base + self.starts.len().saturating_sub(1)
    }

    pub fn row(&self, row: usize) -> &[Run] {
        if !self.rows().contains(&row) {
            return &[];
        }
        let at = row - self.base;
        &self.runs[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Whether any of the row's cells from `first` to `last` is among them.
    pub fn has_any(&self, row: usize, first: u16, last: u16) -> bool {
        let runs = self.row(row);
        let next = runs.partition_point(|run| run.last < first);
        runs.get(next).is_some_and(|run| run.first <= last)
    }

    /// Whether all of the row's cells from `first` to `last` are among them.
    pub fn has_all(&self, row: usize, first: u16, last: u16) -> bool {
        let runs = self.row(row);
        let next = runs.partition_point(|run| run.last < first);
        runs.get(next)
            .is_some_and(|run| run.first <= first && last <= run.last)
    }

    /// The squares of `TILE` rows and columns that have any of the cells.
    fn tiles(&self) -> Cells {
        let mut tiles = Cells::default();
        let rows = self.rows();
        for tile in rows.start / TILE..rows.end.div_ceil(TILE) {
            let mut runs: Vec<Run> = (tile * TILE..(tile + 1) * TILE)
                .flat_map(|row| self.row(row))
                .copied()
                .collect();
            runs.sort_by_key(|run| run.first);
            tiles.begin(tile);
            for run in runs {
                tiles.add(run.first / TILE as u16, run.last / TILE as u16);
            }
        }
        tiles.end();
        tiles
    }

    fn begin(&mut self, row: usize) {
        if self.starts.is_empty() {
            self.base = row;
        }
        self.starts.push(self.runs.len() as u32);
    }

    /// Takes another run of the last row that was begun, where the one before began or later; runs that touch are one.
    fn add(&mut self, first: u16, last: u16) {
        let begun = self.starts.last().map_or(0, |start| *start as usize);
        match self.runs[begun..].last_mut() {
            Some(run) if first <= run.last + 1 => run.last = run.last.max(last),
            _ => self.runs.push(Run { first, last }),
        }
    }

    fn end(&mut self) {
        while self.starts.last() == Some(&(self.runs.len() as u32)) {
            self.starts.pop();
        }
        if !self.starts.is_empty() {
            self.starts.push(self.runs.len() as u32);
        }
        self.runs.shrink_to_fit();
        self.starts.shrink_to_fit();
    }
}

/// What is known of one country.
#[derive(Debug, Default)]
pub struct Country {
    /// Every cell that may have some of its land, or of what it claims.
    pub outer: Cells,
    /// The tiles of the outer cells, for a quick no.
    pub tiles: Cells,
    /// Cells that are its land wholly, and that nobody else claims.
    pub inner: Cells,
}

struct Label {
    inside: Option<u8>,
    touched: Vec<u8>,
}

/// Where a row's label changes.
#[derive(Clone, Copy)]
struct Change {
    column: u16,
    label: u16,
}

/// The whole file, unpacked as far as all countries share it.
pub struct World {
    pub rows: usize,
    pub columns: usize,
    pub per_degree: usize,
    codes: Vec<[u8; 2]>,
    labels: Vec<Label>,
    starts: Vec<u32>,
    changes: Vec<Change>,
    countries: Vec<OnceLock<Country>>,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn fixed(&mut self, bytes: usize) -> usize {
        self.take(bytes)
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    }

    fn varint(&mut self) -> usize {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.fixed(1);
            number |= (byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }
}

static WORLD: OnceLock<World> = OnceLock::new();

/// All that is known; nothing before it is there.
pub fn world() -> Option<&'static World> {
    #[cfg(not(target_arch = "wasm32"))]
    WORLD.get_or_init(|| World::read(include_bytes!("../borders.bin")));
    WORLD.get()
}

/// Takes the file of borders, where it is no part of the program.
///
/// Errors: `RF2005` for any other file.
pub fn load(file: &[u8]) -> Result<()> {
    let digest: String = hash(file).iter().map(|byte| format!("{byte:02x}")).collect();
    if digest != DIGEST {
        return Err(Error::new("RF2005", "it is not the file of this version"));
    }
    WORLD.get_or_init(|| World::read(file));
    Ok(())
}

impl World {
    /// What is known of a country by its ISO 3166-1 alpha-2 code; nothing of what is none.
    pub fn country(&self, code: &str) -> Option<&Country> {
        let at = self
            .codes
            .binary_search_by(|known| known[..].cmp(code.as_bytes()))
            .ok()?;
        Some(self.countries[at].get_or_init(|| self.extract(at as u8)))
    }

    fn read(file: &[u8]) -> World {
        let mut file = Reader(file);
        assert_eq!(file.take(MAGIC.len()), MAGIC);
        assert_eq!(file.fixed(1), usize::from(VERSION));
        let per_degree = file.fixed(1);
        let (code_count, label_count) = (file.fixed(2), file.fixed(2));
        file.take(32); // the digest of what it was made from: for people
        let sizes: Vec<usize> = (0..4).map(|_| file.fixed(4)).collect();
        let codes: Vec<[u8; 2]> = (0..code_count)
            .map(|_| [file.fixed(1) as u8, file.fixed(1) as u8])
            .collect();
        let mut parts = sizes.into_iter().map(|size| Reader(file.take(size)));
        let mut part = || parts.next().expect("four parts");
        let (mut table, mut counts, mut kinds, mut places) = (part(), part(), part(), part());

        let labels = (0..label_count).map(|_| read_label(&mut table)).collect();
        let (rows, columns) = (180 * per_degree, 360 * per_degree);
        let mut starts = Vec::with_capacity(rows + 1);
        let mut changes: Vec<Change> = Vec::with_capacity(places.0.len());
        let mut followers: Vec<Vec<u16>> = vec![Vec::new(); label_count];
        let mut above = 0..0;
        for _ in 0..rows {
            let begun = changes.len();
            starts.push(begun as u32);
            let (mut label, mut column, mut pointer) = (0u16, 0u16, above.start);
            for _ in 0..counts.varint() {
                let known = &mut followers[usize::from(label)];
                let rank = kinds.varint();
                let next = match rank < known.len() {
                    true => known.remove(rank),
                    false => kinds.varint() as u16,
                };
                known.insert(0, next);
                label = next;
                while pointer < above.end && changes[pointer].column + 3 < column {
                    pointer += 1;
                }
                let coming = &changes[pointer..above.end.min(pointer + LOOK)];
                let same = coming.iter().find(|change| change.label == label);
                let guess = same.map_or(column, |change| change.column);
                let zigzag = places.varint();
                let off = (zigzag >> 1) as i32 ^ -((zigzag & 1) as i32);
                column = (i32::from(guess) + off) as u16;
                changes.push(Change { column, label });
            }
            above = begun..changes.len();
        }
        starts.push(changes.len() as u32);
        changes.shrink_to_fit();
        World {
            rows,
            columns,
            per_degree,
            countries: codes.iter().map(|_| OnceLock::new()).collect(),
            codes,
            labels,
            starts,
            changes,
        }
    }

    fn extract(&self, code: u8) -> Country {
        let touching: Vec<bool> = self
            .labels
            .iter()
            .map(|label| label.touched.contains(&code))
            .collect();
        let mut country = Country::default();
        for row in 0..self.rows {
            let changes = &self.changes[self.starts[row] as usize..self.starts[row + 1] as usize];
            let first = changes
                .iter()
                .position(|change| touching[usize::from(change.label)]);
            if country.outer.is_empty() && first.is_none() {
                continue;
            }
            country.outer.begin(row);
            country.inner.begin(row);
            for (at, change) in changes.iter().enumerate().skip(first.unwrap_or(changes.len())) {
                if touching[usize::from(change.label)] {
                    let next = changes
                        .get(at + 1)
                        .map_or(self.columns as u16, |next| next.column);
                    country.outer.add(change.column, next - 1);
                    if self.labels[usize::from(change.label)].inside == Some(code) {
                        country.inner.add(change.column, next - 1);
                    }
                }
            }
        }
        country.outer.end();
        country.tiles = country.outer.tiles();
        country.inner.end();
        country
    }
}

fn read_label(table: &mut Reader) -> Label {
    let mut next = 0;
    let touched: Vec<u8> = (0..table.varint())
        .map(|_| {
            let code = next + table.varint();
            next = code + 1;
            code as u8
        })
        .collect();
    let inside = table.varint().checked_sub(1).map(|at| touched[at]);
    Label { inside, touched }
}
