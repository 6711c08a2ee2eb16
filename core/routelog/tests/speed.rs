//! What the log costs; run with `cargo test --release -p ringfence-routelog --test speed -- --ignored --nocapture`.
mod naive;
use ed25519_dalek::SigningKey;
use ringfence_routelog::directory::Directory;
use ringfence_routelog::disk::Disk;
use ringfence_routelog::key::{Kind, Signer};
use ringfence_routelog::{entry, inclusion, merkle};
use std::time::Instant;

const ENTRIES: u64 = 1_000_000;
const BATCH: u64 = 1_000;
const SINGLE: u64 = 1_000;
const PROOFS: u64 = 1_000;

#[test]
#[ignore = "a measurement: it prints, and takes minutes on a slow disk"]
fn a_million_entries_and_their_proofs() {
    let origin = "route.example/log";
    let signer = || Signer::new(origin, Kind::Log, SigningKey::from_bytes(&[1; 32])).unwrap();
    let path = std::env::temp_dir().join(format!("ringfence-routelog-speed-{}", std::process::id()));
    let mut disk = Disk::create(Directory::hold(&path).unwrap(), origin, signer()).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut salt = [0; 32];
    let started = Instant::now();
    for _ in 0..ENTRIES / BATCH {
        let batch: Vec<_> = (0..BATCH)
            .map(|_| {
                random.fill(&mut salt);
                entry::make(&salt, b"a route record")
            })
            .collect();
        disk.append(&batch).unwrap();
    }
    let took = started.elapsed();
    println!(
        "{ENTRIES} entries in batches of {BATCH}, every file synced: {:.1} s",
        took.as_secs_f64()
    );
    let started = Instant::now();
    for _ in 0..SINGLE {
        random.fill(&mut salt);
        disk.append(&[entry::make(&salt, b"a route record")]).unwrap();
    }
    println!(
        "one entry: {:.1} ms",
        started.elapsed().as_secs_f64() * 1e3 / SINGLE as f64
    );
    let newest = disk.checkpoint().clone();
    let size = newest.size();
    let started = Instant::now();
    for _ in 0..PROOFS {
        let index = random.u64(..size);
        std::hint::black_box(disk.inclusion(index, size).unwrap());
    }
    println!(
        "an inclusion proof from files: {:.3} ms",
        started.elapsed().as_secs_f64() * 1e3 / PROOFS as f64
    );
    let index = random.u64(..size);
    let (leaf, proof) = (disk.entry(index).unwrap(), disk.inclusion(index, size).unwrap());
    let started = Instant::now();
    for _ in 0..PROOFS {
        inclusion::verify(index, size, &merkle::leaf_hash(&leaf), &proof, newest.root()).unwrap();
    }
    println!(
        "checking it: {:.1} µs",
        started.elapsed().as_secs_f64() * 1e6 / PROOFS as f64
    );
    let started = Instant::now();
    for _ in 0..PROOFS {
        std::hint::black_box(disk.consistency(random.u64(1..size), size).unwrap());
    }
    println!(
        "a consistency proof: {:.3} ms",
        started.elapsed().as_secs_f64() * 1e3 / PROOFS as f64
    );
    drop(disk);
    let started = Instant::now();
    let disk = Disk::open(Directory::hold(&path).unwrap(), origin, signer()).unwrap();
    println!("opening: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    let started = Instant::now();
    disk.audit().unwrap();
    println!(
        "reading and checking all of it: {:.1} s",
        started.elapsed().as_secs_f64()
    );
    drop(disk);
    std::fs::remove_dir_all(&path).unwrap();
}
