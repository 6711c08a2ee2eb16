//! What the log costs; run with `cargo test --release -p ringfence-routelog --test speed -- --ignored --nocapture`.
use ed25519_dalek::SigningKey;
use ringfence_routelog::directory::Directory;
use ringfence_routelog::disk::Disk;
use ringfence_routelog::key::{Kind, Signer};
use ringfence_routelog::{entry, inclusion, merkle};
use std::path::Path;
use std::time::Instant;

const ORIGIN: &str = "route.example/log";
const ENTRIES: u64 = 1_000_000;
const BATCH: u64 = 1_000;
const TIMES: u64 = 1_000;

fn signer() -> Signer {
    Signer::new(ORIGIN, Kind::Log, SigningKey::from_bytes(&[1; 32])).unwrap()
}

fn leaf(random: &mut fastrand::Rng) -> [u8; entry::LENGTH] {
    let mut salt = [0; 32];
    random.fill(&mut salt);
    entry::make(&salt, b"a route record")
}

/// Prints how many milliseconds one of so many takes.
fn measure(what: &str, times: u64, mut one: impl FnMut()) {
    let started = Instant::now();
    for _ in 0..times {
        one();
    }
    let took = started.elapsed().as_secs_f64();
    println!(
        "{what}: {:.4} ms, {took:.1} s for {times}",
        took * 1e3 / times as f64
    );
}

fn proofs(disk: &Disk<Directory>, random: &mut fastrand::Rng) {
    let newest = disk.checkpoint();
    let size = newest.size();
    measure("an inclusion proof from files", TIMES, || {
        disk.inclusion(random.u64(..size), size).unwrap();
    });
    measure("a consistency proof from files", TIMES, || {
        disk.consistency(random.u64(1..size), size).unwrap();
    });
    let index = random.u64(..size);
    let (data, proof) = (disk.entry(index).unwrap(), disk.inclusion(index, size).unwrap());
    measure("checking an inclusion proof", TIMES, || {
        inclusion::verify(index, size, &merkle::leaf_hash(&data), &proof, newest.root()).unwrap();
    });
}

fn run(path: &Path) {
    let mut random = fastrand::Rng::with_seed(1);
    let mut disk = Disk::create(Directory::hold(path).unwrap(), ORIGIN, signer()).unwrap();
    measure(
        "appending 1000 entries, every file synced",
        ENTRIES / BATCH,
        || {
            let batch: Vec<_> = (0..BATCH).map(|_| leaf(&mut random)).collect();
            disk.append(&batch).unwrap();
        },
    );
    measure("appending one entry, every file synced", TIMES, || {
        disk.append(&[leaf(&mut random)]).unwrap();
    });
    proofs(&disk, &mut random);
    drop(disk);
    measure("opening", 10, || {
        Disk::open(Directory::hold(path).unwrap(), ORIGIN, signer()).unwrap();
    });
    let disk = Disk::open(Directory::hold(path).unwrap(), ORIGIN, signer()).unwrap();
    measure("reading and checking all of it", 1, || disk.audit().unwrap());
}

#[test]
#[ignore = "a measurement: it prints, and takes minutes on a slow disk"]
fn a_million_entries_and_their_proofs() {
    let path = std::env::temp_dir().join(format!("ringfence-routelog-speed-{}", std::process::id()));
    run(&path);
    std::fs::remove_dir_all(&path).unwrap();
}
