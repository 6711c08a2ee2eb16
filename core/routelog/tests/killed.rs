//! A process that appends is killed thirty times; and two do not write to one log.
mod naive;
use ed25519_dalek::SigningKey;
use ringfence_routelog::checkpoint::{Issuer, Signed};
use ringfence_routelog::directory::Directory;
use ringfence_routelog::disk::Disk;
use ringfence_routelog::key::{Kind, Signer};
use ringfence_routelog::{consistency, entry, inclusion, merkle};
use ringfence_signed::{from_text, to_text};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ORIGIN: &str = "route.example/log";
const FOLDER: &str = "RINGFENCE_ROUTELOG_TEST_FOLDER";
const SEED: &str = "RINGFENCE_ROUTELOG_TEST_SEED";

fn signer() -> Signer {
    Signer::new(ORIGIN, Kind::Log, SigningKey::from_bytes(&[1; 32])).unwrap()
}

fn open(folder: &Path) -> Disk<Directory> {
    Disk::open(Directory::hold(folder).unwrap(), ORIGIN, signer()).unwrap()
}

/// A folder of its own, removed at the end also of a test that failed.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ringfence-routelog-{name}-{}", std::process::id()));
        Disk::create(Directory::hold(&path).unwrap(), ORIGIN, signer()).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Not a test: the process that is killed. It appends batches of 1 to 400 entries and prints what it has signed.
#[test]
#[ignore = "run by the test below, as a process of its own"]
fn appends_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let seed = std::env::var(SEED).unwrap().parse().unwrap();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut disk = open(folder.as_ref());
    loop {
        let mut salt = [0; 32];
        let leaves: Vec<_> = (0..random.u64(1..400))
            .map(|_| {
                random.fill(&mut salt);
                entry::make(&salt, b"a route record")
            })
            .collect();
        let signed = disk.append(&leaves).unwrap().encode();
        let line = format!("\nsigned {}\n", to_text(signed.as_bytes()));
        let mut out = std::io::stdout().lock();
        out.write_all(line.as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

/// Lets it sign so many checkpoints, spins, and kills it. Returns what it has printed.
fn killed(folder: &Path, seed: u64, lines: usize, spins: u64, issuer: &Issuer) -> Vec<Signed> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "appends_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut shown = vec![];
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        // A line that was cut off says nothing.
        if let Some(note) = line
            .strip_prefix("signed ")
            .and_then(|rest| rest.strip_suffix('\n'))
        {
            shown.push(Signed::open(&from_text(note).unwrap(), issuer).unwrap());
            if shown.len() == lines {
                let mut hash = [0; 32];
                for _ in 0..spins {
                    hash = merkle::leaf_hash(&hash);
                }
                std::hint::black_box(hash);
                child.kill().unwrap();
            }
        }
        line.clear();
    }
    assert!(!child.wait().unwrap().success());
    assert!(shown.len() >= lines, "it ended by itself");
    shown
}

#[test]
fn a_log_whose_writer_was_killed_thirty_times_is_one_log() {
    let folder = Folder::new("killed");
    let issuer = Issuer::new(ORIGIN, signer().verifier().clone()).unwrap();
    let mut random = fastrand::Rng::with_seed(30);
    let mut shown: Vec<Signed> = vec![];
    for seed in 0..30 {
        let (lines, spins) = (random.usize(1..12), random.u64(0..100_000));
        shown.extend(killed(&folder.0, seed, lines, spins, &issuer));
        let disk = open(&folder.0);
        let newest = disk.checkpoint();
        Signed::open(newest.encode().as_bytes(), &issuer).unwrap();
        disk.audit().unwrap();
        for old in &shown {
            assert!(old.size() <= newest.size());
            let proof = disk.consistency(old.size(), newest.size()).unwrap();
            consistency::verify(old.size(), old.root(), newest.size(), newest.root(), &proof).unwrap();
        }
        let index = random.u64(..newest.size());
        let proof = disk.inclusion(index, newest.size()).unwrap();
        let leaf = merkle::leaf_hash(&disk.entry(index).unwrap());
        inclusion::verify(index, newest.size(), &leaf, &proof, newest.root()).unwrap();
        shown.push(newest.clone());
    }
    let sizes: Vec<u64> = shown.iter().map(Signed::size).collect();
    assert!(sizes.is_sorted());
    println!("{} checkpoints, {} entries", shown.len(), sizes[sizes.len() - 1]);
}

#[test]
fn a_second_writer_is_refused_until_the_first_has_gone() {
    let folder = Folder::new("held");
    let first = open(&folder.0);
    assert_eq!(Directory::hold(&folder.0).unwrap_err().code, "RF2321");
    drop(first);
    Directory::hold(&folder.0).unwrap();
}

#[test]
fn what_lies_beyond_the_checkpoint_is_written_over() {
    let folder = Folder::new("beyond");
    for left in [
        "tile/0/000",
        "tile/entries/000",
        "tile/0/000.p/10",
        "tile/0/001.p/44",
    ] {
        let path = folder.0.join(left);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"torn").unwrap();
    }
    std::fs::write(folder.0.join("checkpoint.next"), b"route.example/log\n300\n").unwrap();
    let mut disk = open(&folder.0);
    assert_eq!(disk.checkpoint().size(), 0);
    disk.append(&naive::numbered(0, 10)).unwrap();
    disk.append(&naive::numbered(10, 300)).unwrap();
    disk.audit().unwrap();
    drop(disk);
    let disk = open(&folder.0);
    assert_eq!(disk.checkpoint().size(), 300);
    disk.audit().unwrap();
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_by_its_code() {
    let folder = Folder::new("file");
    let file = folder.0.join("checkpoint");
    assert_eq!(Directory::hold(file).unwrap_err().code, "RF2323");
}
