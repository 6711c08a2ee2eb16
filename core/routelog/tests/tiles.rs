//! What is true of tiles and bundles: their paths, and that nothing counts which does not fit the checkpoint.
mod naive;
use naive::{Leaves, mth, numbered, path, proof};
use proptest::prelude::*;
use ringfence_routelog::checkpoint::Checkpoint;
use ringfence_routelog::fetch::{Fetch, Tiles};
use ringfence_routelog::log::Writer;
use ringfence_routelog::merkle::Node;
use ringfence_routelog::tile::{Content, Tile};
use ringfence_routelog::{Result, consistency, inclusion};
use std::collections::BTreeMap;

/// A log in memory: every file that was ever written.
struct Memory {
    writer: Writer,
    files: BTreeMap<Tile, Vec<u8>>,
}

impl Memory {
    fn new() -> Self {
        Self {
            writer: Writer::new("route.example/log"),
            files: BTreeMap::new(),
        }
    }

    fn of(size: u64, batch: usize) -> Self {
        let mut log = Self::new();
        for leaves in numbered(0, size).chunks(batch) {
            log.append(leaves);
        }
        log
    }

    fn append(&mut self, leaves: &[Vec<u8>]) {
        let batch = self.writer.append(leaves).unwrap();
        for file in batch.files {
            let before = self.files.insert(file.tile, file.bytes);
            assert!(before.is_none(), "{} was written twice", file.tile);
        }
        self.writer = batch.next;
        assert_eq!(self.writer.checkpoint(), batch.checkpoint);
    }

    fn take(&self, fetch: Fetch) -> Result<Tiles> {
        let bytes: Vec<&Vec<u8>> = fetch.tiles().iter().map(|tile| &self.files[tile]).collect();
        fetch.take(&bytes)
    }
}

fn hashes(level: u32, index: u64, width: u16) -> Tile {
    let content = Content::Hashes(level);
    Tile {
        content,
        index,
        width,
    }
}

fn entries(index: u64, width: u16) -> Tile {
    let content = Content::Entries;
    Tile {
        content,
        index,
        width,
    }
}

#[test]
fn paths_are_those_of_the_format() {
    let cases = [
        (hashes(0, 0, 256), "tile/0/000"),
        (hashes(0, 1_234_067, 256), "tile/0/x001/x234/067"),
        (hashes(5, 123_456_078, 2), "tile/5/x123/x456/078.p/2"),
        (hashes(63, 999, 255), "tile/63/999.p/255"),
        (hashes(1, 1000, 1), "tile/1/x001/000.p/1"),
        (entries(273, 112), "tile/entries/273.p/112"),
        (entries(3_057_500, 256), "tile/entries/x003/x057/500"),
        (
            hashes(0, u64::MAX, 256),
            "tile/0/x018/x446/x744/x073/x709/x551/615",
        ),
    ];
    for (tile, path) in cases {
        assert_eq!(tile.to_string(), path);
        assert_eq!(Tile::parse(path).unwrap(), tile);
    }
}

#[test]
fn other_spellings_are_no_paths() {
    for path in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/data/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/001/000",
        "tile/0/x01/000",
        "tile/0/x+01/000",
        "tile/0/x001//000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/",
        "tile/0/x000.p/1/001",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/../000",
        "tile/0/000\n",
    ] {
        assert_eq!(Tile::parse(path).unwrap_err().code, "RF2312", "{path}");
    }
}

#[test]
fn a_tree_of_70000_has_the_tiles_that_the_format_names() {
    let has = |level, index| Tile::in_tree(Content::Hashes(level), index, 70_000).map(|tile| tile.width);
    assert_eq!(
        (has(0, 272), has(0, 273), has(0, 274)),
        (Some(256), Some(112), None)
    );
    assert_eq!((has(1, 0), has(1, 1), has(1, 2)), (Some(256), Some(17), None));
    assert_eq!((has(2, 0), has(2, 1), has(3, 0)), (Some(1), None, None));
    let widths: Vec<u16> = Tile::partials(70_000).map(|tile| tile.width).collect();
    assert_eq!(widths, [112, 17, 1]);
    // And one of 256 has a full tile, and one of width 1 above.
    assert_eq!(Tile::partials(256).collect::<Vec<_>>(), [hashes(1, 0, 1)]);
    assert_eq!(Tile::partials(u64::MAX).count(), 8);
}

#[test]
fn the_files_of_a_log_are_the_rows_of_its_tree() {
    let log = Memory::of(70_000, 70_000);
    let leaves = Leaves::numbered(70_000);
    for (index, row) in leaves.0.chunks(256).enumerate() {
        let tile = hashes(0, index as u64, row.len() as u16);
        assert_eq!(log.files[&tile], row.concat());
    }
    let level_1: Vec<_> = leaves.0.chunks_exact(256).map(mth).collect();
    assert_eq!(log.files[&hashes(1, 0, 256)], level_1[..256].concat());
    assert_eq!(log.files[&hashes(1, 1, 17)], level_1[256..].concat());
    assert_eq!(log.files[&hashes(2, 0, 1)], mth(&leaves.0[..65_536]));
    // 273 full and one partial, twice for the bundles, and three above.
    assert_eq!(log.files.len(), 274 * 2 + 3);
    assert_eq!(log.writer.checkpoint().root, mth(&leaves.0));
}

#[test]
fn proofs_from_tiles_are_the_proofs_of_the_tree() {
    let log = Memory::of(700, 13);
    let leaves = Leaves::numbered(700);
    let checkpoint = log.writer.checkpoint();
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 700u64] {
        let all = &leaves.0[..size as usize];
        for index in (0..size).step_by(7) {
            let tiles = log
                .take(Fetch::inclusion(&checkpoint, index, size).unwrap())
                .unwrap();
            let made = inclusion::prove(index, size, &tiles).unwrap();
            assert_eq!(made, path(index as usize, all), "{index} of {size}");
            let tiles = log
                .take(Fetch::consistency(&checkpoint, index + 1, size).unwrap())
                .unwrap();
            let made = consistency::prove(index + 1, size, &tiles).unwrap();
            assert_eq!(made, proof(index as usize + 1, all));
        }
    }
    for refused in [
        Fetch::inclusion(&checkpoint, 700, 701),
        Fetch::inclusion(&checkpoint, 0, 701),
        Fetch::inclusion(&checkpoint, 5, 5),
        Fetch::consistency(&checkpoint, 1, 701),
        Fetch::consistency(&checkpoint, 2, 1),
        Fetch::nodes(
            &checkpoint,
            [Node {
                level: 64,
                index: u64::MAX,
            }],
        ),
        Fetch::nodes(
            &checkpoint,
            [Node {
                level: u32::MAX,
                index: 0,
            }],
        ),
        Fetch::nodes(&checkpoint, [Node { level: 8, index: 2 }]),
    ] {
        assert_eq!(refused.unwrap_err().code, "RF2301");
    }
}

#[test]
fn the_list_of_a_proof_is_short() {
    let checkpoint = Checkpoint {
        size: 1_000_000,
        ..Memory::new().writer.checkpoint()
    };
    let fetch = Fetch::inclusion(&checkpoint, 123_456, 1_000_000).unwrap();
    let paths: Vec<String> = fetch.tiles().iter().map(Tile::to_string).collect();
    let expected = [
        "tile/2/000.p/15",
        "tile/1/015.p/66",
        "tile/1/001",
        "tile/0/x003/906.p/64",
        "tile/0/482",
    ];
    assert_eq!(paths, expected);
    assert_eq!(
        Fetch::consistency(&checkpoint, 999, 1_000_000)
            .unwrap()
            .tiles()
            .len(),
        5
    );
}

#[test]
fn a_tile_with_any_byte_changed_is_refused() {
    let log = Memory::of(600, 600);
    let checkpoint = log.writer.checkpoint();
    let fetch = Fetch::inclusion(&checkpoint, 3, 600).unwrap();
    let good: Vec<Vec<u8>> = fetch.tiles().iter().map(|tile| log.files[tile].clone()).collect();
    fetch.clone().take(&good).unwrap();
    for which in 0..good.len() {
        for at in 0..good[which].len() {
            let mut lie = good.clone();
            lie[which][at] ^= 1 << (at % 8);
            assert_eq!(fetch.clone().take(&lie).unwrap_err().code, "RF2313");
        }
        let mut short = good.clone();
        short[which].pop();
        let mut long = good.clone();
        long[which].push(0);
        let mut longer = good.clone();
        longer[which].extend([0; 32]);
        let mut fewer = good.clone();
        fewer.remove(which);
        for lie in [short, long, longer, fewer] {
            assert_eq!(fetch.clone().take(&lie).unwrap_err().code, "RF2313");
        }
    }
    for at in 0..32 {
        let mut other = checkpoint.clone();
        other.root[at] ^= 1;
        let fetch = Fetch::inclusion(&other, 3, 600).unwrap();
        assert_eq!(fetch.take(&good).unwrap_err().code, "RF2313");
    }
}

#[test]
fn a_bundle_with_any_byte_changed_is_refused() {
    let log = Memory::of(300, 300);
    let checkpoint = log.writer.checkpoint();
    for (bundle, index) in [(entries(0, 256), 0), (entries(1, 44), 256)] {
        let tiles = log
            .take(Fetch::inclusion(&checkpoint, index, 300).unwrap())
            .unwrap();
        let bytes = &log.files[&bundle];
        let read = tiles.entries(bundle, bytes).unwrap();
        assert_eq!(read, numbered(index, index + u64::from(bundle.width)));
        for at in 0..bytes.len() {
            let mut lie = bytes.clone();
            lie[at] ^= 1 << (at % 8);
            let refused = tiles.entries(bundle, &lie).unwrap_err();
            assert!(["RF2313", "RF2315"].contains(&refused.code));
            assert!(tiles.entries(bundle, &bytes[..at]).is_err());
        }
    }
    let tiles = log.take(Fetch::nodes(&checkpoint, []).unwrap()).unwrap();
    let not_fetched = tiles.entries(entries(0, 256), &log.files[&entries(0, 256)]);
    assert_eq!(not_fetched.unwrap_err().code, "RF2314");
}

#[test]
fn a_partial_file_is_the_beginning_of_the_full_one() {
    let log = Memory::of(256, 9);
    for tile in log
        .files
        .keys()
        .filter(|tile| !tile.is_full() && tile.content != Content::Hashes(1))
    {
        let full = &log.files[&tile.full()];
        assert_eq!(tile.beginning(full).unwrap(), log.files[tile], "{tile}");
        for other in [&full[1..], &full[..full.len() - 1], &[]] {
            assert!(["RF2313", "RF2315"].contains(&tile.beginning(other).unwrap_err().code));
        }
    }
}

#[test]
fn growing_one_by_one_and_at_once_comes_to_the_same_log() {
    let mut single = Memory::new();
    for (size, leaf) in (1..).zip(numbered(0, 600)) {
        single.append(&[leaf]);
        assert_eq!(single.writer.size(), size);
    }
    for batch in [7, 255, 256, 257, 600] {
        let other = Memory::of(600, batch);
        assert_eq!(other.writer, single.writer);
        for (tile, bytes) in &other.files {
            assert_eq!(single.files[tile], *bytes, "{tile}");
        }
    }
}

#[test]
fn a_writer_is_resumed_from_its_right_edge_alone() {
    for size in [0, 1, 255, 256, 257, 512, 65_536, 65_800] {
        let log = Memory::of(size, 1 << 20);
        let checkpoint = log.writer.checkpoint();
        let partials: Vec<Vec<u8>> = Tile::partials(size)
            .map(|tile| log.files[&tile].clone())
            .collect();
        let tail = Tile::in_tree(Content::Entries, size / 256, size);
        let tail = tail.map_or(vec![], |bundle| log.files[&bundle].clone());
        assert_eq!(
            Writer::resume(&checkpoint, &partials, tail.clone()).unwrap(),
            log.writer
        );
        let mut lies = vec![(partials[1.min(partials.len())..].to_vec(), tail.clone())];
        for which in 0..partials.len() {
            let mut changed = partials.clone();
            changed[which][0] ^= 1;
            lies.push((changed, tail.clone()));
        }
        if !tail.is_empty() {
            let mut changed = tail.clone();
            *changed.last_mut().unwrap() ^= 1;
            lies.push((partials.clone(), changed));
        }
        for (partials, tail) in lies.into_iter().filter(|_| size > 0) {
            let refused = Writer::resume(&checkpoint, &partials, tail).unwrap_err();
            assert!(["RF2313", "RF2315"].contains(&refused.code));
        }
    }
}

proptest! {
    #[test]
    fn reading_a_path_is_total(path in prop_oneof!["(tile/)?[0-9ex/.p+-]{0,40}", ".{0,40}"]) {
        if let Ok(tile) = Tile::parse(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn every_tile_has_a_path_that_is_read(level in 0..=63u32, index in any::<u64>(), width in 1..=256u16) {
        for tile in [hashes(level, index, width), entries(index, width)] {
            prop_assert_eq!(Tile::parse(&tile.to_string()).unwrap(), tile);
        }
    }

    #[test]
    fn the_list_of_a_proof_is_total(size in any::<u64>(), a in any::<u64>(), b in any::<u64>(), level in 0..80u32) {
        let checkpoint = Checkpoint { size, ..Writer::new("o").checkpoint() };
        let lists = [Fetch::inclusion(&checkpoint, a, b), Fetch::consistency(&checkpoint, a, b), Fetch::nodes(&checkpoint, [Node { level, index: a }])];
        for fetch in lists.into_iter().flatten() {
            prop_assert!(fetch.tiles().len() < 600);
            let wrong: Vec<Vec<u8>> = fetch.tiles().iter().map(|tile| vec![0; usize::from(tile.width) * 32]).collect();
            let refused = fetch.take(&wrong).map(|_| ()).map_err(|error| error.code);
            prop_assert_eq!(refused, if size == 0 { Ok(()) } else { Err("RF2313") });
        }
    }

    #[test]
    fn any_two_sizes_of_a_log_are_consistent_by_its_tiles(steps in prop::collection::vec(1..700usize, 1..12), pick in any::<prop::sample::Index>()) {
        let mut log = Memory::new();
        let mut seen = vec![log.writer.checkpoint()];
        for step in steps {
            let from = log.writer.size();
            log.append(&numbered(from, from + step as u64));
            seen.push(log.writer.checkpoint());
        }
        let (old, new) = (pick.get(&seen), &seen[seen.len() - 1]);
        let tiles = log.take(Fetch::consistency(new, old.size, new.size).unwrap()).unwrap();
        let proof = consistency::prove(old.size, new.size, &tiles).unwrap();
        consistency::verify(old.size, &old.root, new.size, &new.root, &proof).unwrap();
    }
}
